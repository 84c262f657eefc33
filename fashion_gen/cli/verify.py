"""`fashion-gen verify`: what a file says about itself, and whether it is intact."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.text import Text

from fashion_gen.cli import options, terminal
from fashion_gen.errors import InputError, UnreadablePhoto

if TYPE_CHECKING:
    from fashion_gen.label import LabelReport

EXAMPLES = """Examples:

fashion-gen verify out/hoodie/look-01.png

fashion-gen verify out/*/look-??.png --json | jq 'select(.intact | not) | .file'"""

NOT_INTACT = 1


def verify(
    images: Annotated[list[Path], typer.Argument(metavar="IMAGE", help="Pictures made by fashion-gen, or any others.")],
    json: options.Json = False,
) -> None:
    """Read the labels of pictures back: were they generated, and are their pixels as they were written?

    Exit code 1 where a file is not intact, 2 where it is no picture.
    """
    worst = 0
    for path in images:
        try:
            report = _report(path)
        except InputError as exc:
            worst = InputError.exit_code
            _tell_unreadable(path, exc, json=json)
        else:
            worst = max(worst, 0 if report.intact else NOT_INTACT)
            _tell(path, report, json=json)
    raise typer.Exit(worst)


def _report(path: Path) -> LabelReport:
    from fashion_gen import label

    try:
        data = path.read_bytes()
    except OSError as exc:
        raise UnreadablePhoto(f"{path} cannot be read ({exc.strerror}): check the path.") from exc
    return label.verify(data)


def _tell(path: Path, report: LabelReport, *, json: bool) -> None:
    if json:
        terminal.print_json(
            {
                "file": str(path),
                "intact": report.intact,
                "labelled": report.labelled,
                "pixels_intact": report.pixels_intact,
                "source_type": report.source_type,
                "aigc": None if report.aigc is None else dict(report.aigc),
                "producer": report.producer,
                "problems": [asdict(problem) for problem in report.problems],
            }
        )
        return
    state = terminal.good("intact") if report.intact else terminal.bad("not intact")
    made_by = f", made by {report.producer}" if report.producer else ""
    what = (report.source_type or "no source type").rsplit("/", 1)[-1]
    terminal.say(Text(f"{path}: ").append_text(state).append(f", {what}{made_by}", "default"))
    for problem in report.problems:
        terminal.say(f"  {problem.message} {problem.cure}")


def _tell_unreadable(path: Path, error: InputError, *, json: bool) -> None:
    if json:
        terminal.print_json({"file": str(path), "error": {"type": type(error).__name__, "message": str(error)}})
    terminal.complain(error, about=path.name)
