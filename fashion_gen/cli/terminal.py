"""Where words go: results to standard output, progress and complaints to standard error."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Sequence
from typing import Any, TypeVar

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeRemainingColumn
from rich.table import Table
from rich.text import Text

Item = TypeVar("Item")


def output() -> Console:
    """Standard output, made at each call so that a redirection holds."""
    return Console(highlight=False, markup=False, soft_wrap=True)


def errors() -> Console:
    """Standard error."""
    return Console(stderr=True, highlight=False, markup=False, soft_wrap=True)


def say(text: str | Text = "") -> None:
    """One line of result."""
    output().print(text)


def tell(text: str | Text) -> None:
    """One line about the work, beside the results."""
    errors().print(text)


def complain(error: Exception | str, about: str = "") -> None:
    """One sentence that says what to do; `about` is named unless the sentence names it itself."""
    words = Text("Error: ", style="bold red")
    words.append(f"{about}: " if about and about not in str(error) else "", style="bold")
    errors().print(words.append(str(error), style="not bold default"))


def print_json(value: object) -> None:
    """One JSON value on one line, for programs."""
    sys.stdout.write(json.dumps(value, ensure_ascii=False) + "\n")
    sys.stdout.flush()


def counted(items: Sequence[Item], doing: str) -> Iterator[Item]:
    """The items one after the other; on a terminal with a bar that is gone at the end."""
    if not sys.stderr.isatty():
        yield from items
        return
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
    )
    # Results go above the bar where both are on the terminal, and past it where standard output is a file.
    with Progress(
        *columns, console=errors(), transient=True, redirect_stdout=sys.stdout.isatty(), redirect_stderr=False
    ) as progress:
        yield from progress.track(items, description=doing)


def print_table(columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    """A table of texts; a cell may be a rich Text."""
    if not sys.stdout.isatty():
        _print_columns([columns, *rows])
        return
    table = Table(*columns, box=SIMPLE_HEAD, pad_edge=False)
    for row in rows:
        table.add_row(*(cell if isinstance(cell, Text) else Text(str(cell)) for cell in row))
    output().print(table, soft_wrap=False)


def _print_columns(rows: Sequence[Sequence[Any]]) -> None:
    """Plain lines for a pipe: nothing is wrapped, so that grep finds it."""
    cells = [[str(cell) for cell in row] for row in rows]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    for row in cells:
        say("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())
    say()


def good(text: str) -> Text:
    return Text(text, style="green")


def bad(text: str) -> Text:
    return Text(text, style="red")
