"""`fashion-gen preflight`: what is wrong with photos, before anything is generated; on a sheet, what was seen in them."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.text import Text

from fashion_gen.cli import options, terminal
from fashion_gen.errors import GarmentRefused, InputError, InvalidBrief

if TYPE_CHECKING:
    from collections.abc import Sequence

    from fashion_gen.cli.pages import Pages
    from fashion_gen.records import Stroke
    from fashion_gen.sheets.preflight_sheet import Seen
    from fashion_gen.studio import Extract

EXAMPLES = """Examples:

fashion-gen preflight hoodie.jpg

fashion-gen preflight photos/ --sheet sheet.jpg

fashion-gen preflight hoodie.jpg --sheet sheet.jpg --stroke "include 0.21,0.40 0.15,0.62" --stroke "exclude 0.5,0.05"

fashion-gen preflight *.jpg --json | jq 'select(.usable | not) | .photo'"""


def preflight(
    photos: Annotated[
        list[Path], typer.Argument(metavar="PHOTO|FOLDER", help="Photos of one garment each, or folders of them.")
    ],
    sheet: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="Draw what is seen: edge of the cut-out, landmarks, kind, category and problems of each photo. "
            "Over twelve photos become FILE-01.jpg, FILE-02.jpg, ...",
        ),
    ] = None,
    stroke: options.Strokes = None,
    json: options.Json = False,
) -> None:
    """Say what is wrong with photos and how to mend it. Nothing is generated; only a sheet is written.

    Exit code 2 where a photo cannot be used.
    """
    from fashion_gen import settings, wiring
    from fashion_gen.cli.sources import photos_in
    from fashion_gen.cli.strokes import read_strokes

    pages = _open_pages(sheet, photos)
    sources = photos_in(photos, leave=pages.is_page if pages else lambda _path: False)
    strokes = read_strokes(stroke or (), sources)
    extract = wiring.open_extract(settings.load())
    if pages:
        pages.expect(len(sources))
    usable = True
    for path in terminal.counted(sources, "looking at photos"):
        seen = _look_at(path, extract, strokes)
        usable &= seen.usable
        _tell(path, seen, pages.add(seen) if pages else None, json=json)
    for page in pages.written if pages and not json else ():
        terminal.say(f"Sheet: {page}")
    raise typer.Exit(0 if usable else InputError.exit_code)


def _open_pages(sheet: Path | None, photos: Sequence[Path]) -> Pages | None:
    """Raises InvalidBrief: the sheet would replace a photo."""
    if sheet is None:
        return None
    from fashion_gen.cli.pages import Pages

    pages = Pages(sheet)
    replaced = next((path for path in photos if path.is_file() and pages.is_page(path)), None)
    if replaced:
        raise InvalidBrief(f"The sheet would replace the photo {replaced}: give --sheet another name.")
    return pages


def _look_at(path: Path, extract: Extract, strokes: Sequence[Stroke]) -> Seen:
    """What is seen in a file; that it cannot be used is told as a problem."""
    from fashion_gen import garment, images
    from fashion_gen.records import Brief
    from fashion_gen.sheets.preflight_sheet import Seen

    try:
        photo = images.open_photo(path)
    except InputError as exc:
        return Seen(path.name, (garment.refusal(exc),))
    try:
        worn = extract(photo, Brief(), strokes=strokes)
    except GarmentRefused as exc:
        return Seen(path.name, (*photo.problems, garment.refusal(exc)), photo)
    return Seen(path.name, (*photo.problems, *worn.problems), photo, worn, worn.parts, strokes=strokes)


def _tell(path: Path, seen: Seen, page: Path | None, *, json: bool) -> None:
    if json:
        from fashion_gen.result import describe_garment

        found = [asdict(problem) for problem in seen.problems]
        understood = None if seen.worn is None else describe_garment(seen.worn)
        drawn = {} if page is None else {"sheet": str(page)}
        terminal.print_json(
            {"photo": str(path), "usable": seen.usable, "problems": found, "garment": understood, **drawn}
        )
        return
    state = terminal.good("usable" if seen.problems else "good") if seen.usable else terminal.bad("not usable")
    terminal.say(Text(f"{path}: ").append_text(state))
    for problem in seen.problems:
        terminal.say(f"  {problem.message} {problem.cure}".rstrip())
