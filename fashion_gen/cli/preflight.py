"""`fashion-gen preflight`: what is wrong with a photo, before anything is generated."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer
from rich.text import Text

from fashion_gen.cli import options, terminal
from fashion_gen.errors import InputError
from fashion_gen.records import Problem

EXAMPLES = """Examples:

fashion-gen preflight hoodie.jpg

fashion-gen preflight *.jpg --json | jq 'select(.usable | not) | .photo'"""


def preflight(
    photos: Annotated[list[Path], typer.Argument(metavar="PHOTO", help="Photos of one garment each.")],
    json: options.Json = False,
) -> None:
    """Say what is wrong with photos and how to mend it. Nothing is generated, nothing is written.

    Exit code 2 where a photo cannot be used.
    """
    from fashion_gen import settings, wiring

    segmenter = wiring.open_segmenter(settings.load())

    def look_at(path: Path) -> tuple[Problem, ...]:
        from fashion_gen import garment, images

        try:
            return garment.preflight(images.open_photo(path), segmenter)
        except InputError as exc:
            return (Problem("unreadable", str(exc), "", refuse=True),)

    usable = True
    for path in photos:
        problems = look_at(path)
        usable &= not any(problem.refuse for problem in problems)
        _tell(path, problems, json=json)
    raise typer.Exit(0 if usable else InputError.exit_code)


def _tell(path: Path, problems: tuple[Problem, ...], *, json: bool) -> None:
    refused = any(problem.refuse for problem in problems)
    if json:
        found = [asdict(problem) for problem in problems]
        terminal.print_json({"photo": str(path), "usable": not refused, "problems": found})
        return
    state = terminal.bad("not usable") if refused else terminal.good("usable" if problems else "good")
    terminal.say(Text(f"{path}: ").append_text(state))
    for problem in problems:
        terminal.say(f"  {problem.message} {problem.cure}".rstrip())
