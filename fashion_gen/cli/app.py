"""The commands put together, and what happens to errors."""

from __future__ import annotations

from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from fashion_gen.cli import cast, check, destination, models, operate, preflight, render, terminal, up, verify
from fashion_gen.errors import FashionGenError

HELP = "A garment photo goes in; photos of diverse virtual models wearing that garment come out."
EPILOG = "Exit codes: 0 all well, 1 some looks failed their checks, 2 the input is at fault, 3 the set-up is at fault."


class Shell(TyperGroup):
    """Turns expected errors into one sentence and their exit code; the unexpected stay loud."""

    def invoke(self, ctx: Any) -> Any:
        try:
            return super().invoke(ctx)
        except FashionGenError as exc:
            terminal.complain(exc)
            raise typer.Exit(exc.exit_code) from exc


app = typer.Typer(
    name="fashion-gen",
    cls=Shell,
    help=HELP,
    epilog=EPILOG,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _version(asked: bool) -> None:
    if asked:
        from fashion_gen.wiring import version

        terminal.say(f"fashion-gen {version()}")
        raise typer.Exit


@app.callback()
def _root(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version and stop.")
    ] = False,
) -> None:
    pass


app.command(epilog=render.EXAMPLES)(render.render)
app.command(epilog=preflight.EXAMPLES)(preflight.preflight)
app.command(epilog=cast.EXAMPLES)(cast.cast)
app.command(epilog=verify.EXAMPLES)(verify.verify)
app.add_typer(models.app, name="models", epilog=models.EXAMPLES)
app.command(epilog=up.EXAMPLES)(up.up)
app.command(epilog=operate.EXAMPLES)(operate.migrate)
app.command(epilog=operate.EXAMPLES)(operate.seller)
app.add_typer(destination.app, name="destination", epilog=destination.EXAMPLES)
app.command()(check.check)


def main() -> None:
    """The console script `fashion-gen`."""
    app()
