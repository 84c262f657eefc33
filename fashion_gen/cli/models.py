"""`fashion-gen models`: presets with their licences and sizes, and fetching what is not here yet."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer
from rich.text import Text

from fashion_gen.cli import options, terminal

if TYPE_CHECKING:
    from fashion_gen.generate import Installed

JUDGES = "judges"
EXAMPLES = """Examples:

fashion-gen models

fashion-gen models pull sdxl-fast

fashion-gen models pull judges

fashion-gen models pull sam2-small"""

app = typer.Typer(help="Presets, their licences and sizes, and what is installed.", invoke_without_command=True)


@app.callback()
def models(ctx: typer.Context, json: options.Json = False) -> None:
    """Presets, their licences and sizes, and what is installed."""
    if ctx.invoked_subcommand is not None:
        return
    from fashion_gen import settings
    from fashion_gen.generate import installed

    rows = installed(settings.load().generate.models)
    if json:
        for row in rows:
            terminal.print_json(_described(row))
        return
    terminal.print_table(
        ("preset", "installed", "licences", "commercial use", "what"),
        [
            (row.preset, _size(row), ", ".join(row.licences), row.commercial.value, row.summary)
            for row in sorted(rows, key=lambda row: not row.installed)
        ],
    )
    terminal.say(
        "Fetch one with: fashion-gen models pull NAME. The detectors that judge looks: fashion-gen models pull judges. "
        "A larger cut-out (SAM 2, Apache-2.0): fashion-gen models pull sam2-small, or sam2-base-plus."
    )


@app.command()
def pull(
    name: Annotated[
        str,
        typer.Argument(
            metavar="NAME",
            help="A preset, [b]judges[/b] (the detectors that inspect looks), or a cut-out: [b]sam2-small[/b], "
            "[b]sam2-base-plus[/b].",
        ),
    ],
) -> None:
    """Download the weights of a preset, the detectors that judge looks, or a larger cut-out."""
    from fashion_gen import settings

    chosen = settings.load()
    if name == JUDGES:
        from fashion_gen.cli.judges import fetch_judges

        for path in fetch_judges(chosen.judge.weights):
            terminal.say(f"Installed {path}.")
        terminal.say('For pose agreement add an RTMPose model, see README, "Judges".')
        return
    from fashion_gen import generate
    from fashion_gen.garment import sam2_models

    if name in sam2_models.MODELS:
        from fashion_gen.cli.segmenters import fetch_segmenter

        folder = fetch_segmenter(sam2_models.MODELS[name], chosen.garment.weights)
        terminal.say(f"Installed {folder}.")
        return
    generate.recipe_of(name)  # an unknown name must not look like a download that failed
    row = generate.pull(
        name, allow_noncommercial=chosen.generate.allow_noncommercial, models_dir=chosen.generate.models
    )
    terminal.say(f"{row.preset} is installed, {_megabytes(row.bytes_on_disk or 0)}.")


def _size(row: Installed) -> Text:
    return terminal.good(_megabytes(row.bytes_on_disk)) if row.bytes_on_disk is not None else Text("no")


def _megabytes(size: int) -> str:
    return f"{size / 1e9:.1f} GB" if size >= 1e9 else f"{size / 1e6:.0f} MB"


def _described(row: Installed) -> dict[str, object]:
    return {
        "preset": row.preset,
        "installed": row.installed,
        "bytes": row.bytes_on_disk,
        "licences": list(row.licences),
        "commercial": row.commercial.value,
        "summary": row.summary,
        "sources": list(row.sources),
    }
