"""`fashion-gen render`: photos in, looks out."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from fashion_gen.cli import options
from fashion_gen.errors import BackendUnavailable, InvalidBrief, StorageUnavailable
from fashion_gen.records import Brief, Mask

if TYPE_CHECKING:
    from fashion_gen.settings import Settings
    from fashion_gen.studio import Studio

    #: Opens the studio; tests hand in their own through the context.
    OpenStudio = Callable[..., Studio]

EXAMPLES = """Examples:

fashion-gen render hoodie.jpg

fashion-gen render shirts/*.jpg -n 8 --scene street --channel shopify --channel taobao-34 -o looks

fashion-gen render dress.png --tone 8 --size plus --age 45-59 --pose hand-on-hip

fashion-gen render hoodie.jpg --stroke "include 0.21,0.40 0.15,0.62"

fashion-gen render jeans.jpg --casting kiran,lerato --json | jq -r '.looks[].inspection.passed'"""

CHANNEL_HELP = "Also write a file for this channel, e.g. shopify; may be given several times."


def render(
    ctx: typer.Context,
    photos: options.Photos = None,
    looks: options.Looks = 4,
    casting: options.Casting = "balanced",
    tone: options.Tone = None,
    size: options.Size = None,
    age: options.Age = None,
    presentation: options.Presented = None,
    pose: options.Pose = "auto",
    framing: options.Framed = None,
    scene: options.Scene = "studio-grey",
    styling: options.Styling = "auto",
    category: options.Worn = None,
    kind: options.Photographed = None,
    mask: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="White where the garment is, as large as the photo: replaces the cut-out.",
            rich_help_panel=options.HOW,
        ),
    ] = None,
    stroke: options.Strokes = None,
    seed: options.Seed = 0,
    max_attempts: Annotated[
        int,
        typer.Option(
            metavar="N",
            min=1,
            max=10,
            help="How often a look that fails its checks is made.",
            rich_help_panel=options.HOW,
        ),
    ] = 3,
    grade: options.Grade = True,
    preset: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="Generator, see fashion-gen models.", rich_help_panel=options.OUTPUT),
    ] = None,
    device: Annotated[
        str | None,
        typer.Option(metavar="cuda|mps|cpu", help="The best there is if left out.", rich_help_panel=options.OUTPUT),
    ] = None,
    channel: Annotated[
        list[str] | None, typer.Option(metavar="NAME", help=CHANNEL_HELP, rich_help_panel=options.OUTPUT)
    ] = None,
    out: Annotated[
        Path | None, typer.Option("-o", "--out", help="Folder of the results.", rich_help_panel=options.OUTPUT)
    ] = None,
    example: Annotated[
        bool, typer.Option("--example", help="Render the example garment that comes with the package.")
    ] = False,
    json: options.Json = False,
) -> None:
    """Show garments on people: writes looks, cut-out, contact sheet and result.json for each photo."""
    from fashion_gen import settings
    from fashion_gen.cli.reports import report_for
    from fashion_gen.cli.session import Session
    from fashion_gen.cli.strokes import read_strokes
    from fashion_gen.storage import LocalStorage

    sources = [*(photos or []), *([example_photo()] if example else [])]
    if not sources:
        raise typer.BadParameter("Give at least one photo, or --example for the garment that comes with the package.")
    if mask and len(sources) > 1:
        raise InvalidBrief("A mask belongs to one photo: give one photo, or leave --mask out.")
    brief = Brief(
        looks=looks,
        casting=casting,
        tone=tone,
        size=size,
        age=age,
        presentation=presentation,
        pose=pose,
        framing=framing,
        scene=scene,
        styling=styling,
        channels=tuple(channel or ()),
        seed=seed,
        category=category,
        kind=kind,
        max_attempts=max_attempts,
        grade=grade,
    )
    chosen = settings.load()
    check_brief(brief, preset or chosen.generate.preset)
    root = out or chosen.storage.root
    check_writable(root)
    session = Session(
        brief,
        LocalStorage(root),
        open_studio=_opener(ctx, chosen, preset, device),
        report=report_for(root, json=json),
        mask=read_mask(mask) if mask else None,
        strokes=read_strokes(stroke or (), sources),
    )
    raise typer.Exit(session.run(sources))


def example_photo() -> Path:
    """The example garment, drawn by us, that ships with the package."""
    path = Path(__file__).parents[1] / "example" / "garment.jpg"
    if not path.is_file():
        raise BackendUnavailable(f"The example garment is not at {path}: reinstall fashion-gen.")
    return path


def check_brief(brief: Brief, preset: str) -> None:
    """Look every name up before anything is loaded. Raises NotFound, InvalidBrief."""
    from fashion_gen import casting, library
    from fashion_gen.body.measurements import measure_for
    from fashion_gen.generate import recipe_of

    recipe_of(preset)
    library.lookup("scene", brief.scene, library.scenes())
    if brief.pose != "auto":
        library.find_pose(brief.pose)
    if brief.styling != "auto":
        library.lookup("styling", brief.styling, library.stylings())
    for name in brief.channels:
        library.lookup("channel", name, library.channels())
    casting.cast(brief, measure=measure_for, category=brief.category)


def check_writable(root: Path) -> None:
    """Nobody should wait for looks that cannot be written. Raises StorageUnavailable."""
    from fashion_gen.cli.check import output_folder

    finding = output_folder(root)
    if not finding.ok:
        raise StorageUnavailable(finding.told)


def read_mask(path: Path) -> Mask:
    """(H, W) bool from a picture: its transparency where it has some, else what is lighter than mid-grey."""
    from fashion_gen import images

    picture = images.open_photo(path)
    found: Mask = picture.alpha > 0.5 if picture.alpha is not None else picture.rgb.mean(axis=2) > 127
    if not found.any() or found.all():
        raise InvalidBrief(f"The mask {path.name} is of one colour: paint the garment white and the rest black.")
    return found


def _opener(ctx: typer.Context, chosen: Settings, preset: str | None, device: str | None) -> Callable[[], Studio]:
    def open_() -> Studio:
        if ctx.obj is not None:
            given: Studio = ctx.obj(settings=chosen, preset=preset, device=device)
            return given
        from fashion_gen import wiring

        return wiring.Studio(settings=chosen, preset=preset, device=device)

    return open_
