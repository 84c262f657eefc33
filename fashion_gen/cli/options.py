"""The options that several commands share."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from fashion_gen.records import AgeBand, Category, Framing, Kind, Presentation, SizeType

MOST_LOOKS = 500
WHO, HOW, OUTPUT = "Who wears it", "How it is shown", "Output and machine"

Photos = Annotated[
    list[Path] | None,
    typer.Argument(metavar="PHOTO", help="Photos of one garment each: JPEG, PNG, WebP, AVIF, HEIC or TIFF."),
]
Looks = Annotated[
    int, typer.Option("-n", "--looks", metavar="N", min=1, max=MOST_LOOKS, help="How many people.", rich_help_panel=WHO)
]
Casting = Annotated[
    str,
    typer.Option(
        metavar="balanced|NAMES|FILE",
        help="[b]balanced[/b] covers tones, sizes, ages and presentations; or personas by name, separated by commas; "
        "or a casting file (.toml).",
        rich_help_panel=WHO,
    ),
]
Tone = Annotated[
    int | None,
    typer.Option(metavar="1-10", min=1, max=10, help="Monk Skin Tone, 1 (lightest) to 10.", rich_help_panel=WHO),
]
Size = Annotated[SizeType | None, typer.Option(help="Size of everybody.", rich_help_panel=WHO)]
Age = Annotated[AgeBand | None, typer.Option(help="Age band of everybody.", rich_help_panel=WHO)]
Presented = Annotated[
    Presentation | None, typer.Option("--presentation", help="Presentation of everybody.", rich_help_panel=WHO)
]
Seed = Annotated[
    int, typer.Option(metavar="N", min=0, help="Another seed, other people and pictures.", rich_help_panel=HOW)
]
Grade = Annotated[
    bool,
    typer.Option(
        "--grade/--no-grade",
        help="Cut garments to the wearer's size: up to 5 % narrower or 15 % wider, 25 % where they would not go "
        "round otherwise. [b]--no-grade[/b] keeps the photo's proportions.",
        rich_help_panel=HOW,
    ),
]
Scene = Annotated[
    str, typer.Option(metavar="NAME", help="Background and light, e.g. studio-white, street.", rich_help_panel=HOW)
]
Pose = Annotated[
    str,
    typer.Option(
        metavar="auto|NAME|FILE",
        help="[b]auto[/b] finds the pose in which the garment lies; or a pose by name, or a pose file (.toml): "
        "a flat garment is turned into it.",
        rich_help_panel=HOW,
    ),
]
Framed = Annotated[
    Framing | None,
    typer.Option("--framing", help="How much of the person is shown; by the garment if left out.", rich_help_panel=HOW),
]
Styling = Annotated[
    str, typer.Option(metavar="auto|NAME", help="Companion clothes, e.g. navy-denim.", rich_help_panel=HOW)
]
Worn = Annotated[
    Category | None,
    typer.Option("--category", help="What the garment is, where it is mistaken.", rich_help_panel=HOW),
]
Photographed = Annotated[
    Kind | None,
    typer.Option("--kind", help="How it was photographed, where that is mistaken.", rich_help_panel=HOW),
]
Strokes = Annotated[
    list[str] | None,
    typer.Option(
        "--stroke",
        metavar='"include|exclude X,Y ..."',
        help="Mend the cut-out: a point or a line on what it forgot (include) or should not hold (exclude), x and y from 0 to 1 "
        "of the photo. May be given several times; [b]width=0.02[/b] makes a stroke thicker.",
        rich_help_panel=HOW,
    ),
]
Json = Annotated[bool, typer.Option("--json", help="Print JSON for programs.", rich_help_panel=OUTPUT)]
