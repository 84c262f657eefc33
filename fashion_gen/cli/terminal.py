"""Where words go: results to standard output, progress and complaints to standard error."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from typing import Any

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table
from rich.text import Text

#: A table in a pipe is not squeezed into 80 columns: nobody would read it there.
PIPE_WIDTH = 240


def output() -> Console:
    """Standard output, made at each call so that a redirection holds."""
    return Console(highlight=False, markup=False, soft_wrap=True, width=None if sys.stdout.isatty() else PIPE_WIDTH)


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
    """One sentence that says what to do."""
    words = Text("Error: ", style="bold red")
    words.append(f"{about}: " if about else "", style="bold")
    errors().print(words.append(str(error), style="not bold default"))


def print_json(value: object) -> None:
    """One JSON value on one line, for programs."""
    sys.stdout.write(json.dumps(value, ensure_ascii=False) + "\n")
    sys.stdout.flush()


def print_table(columns: Sequence[str], rows: Sequence[Sequence[Any]], *, title: str = "") -> None:
    """A table of texts; a cell may be a rich Text."""
    table = Table(
        *columns, box=SIMPLE_HEAD, title=title or None, title_justify="left", title_style="bold", pad_edge=False
    )
    for row in rows:
        table.add_row(*(cell if isinstance(cell, Text) else Text(str(cell)) for cell in row))
    output().print(table, soft_wrap=False)


def good(text: str) -> Text:
    return Text(text, style="green")


def bad(text: str) -> Text:
    return Text(text, style="red")
