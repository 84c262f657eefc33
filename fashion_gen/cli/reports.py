"""What a run tells: a bar on a terminal or plain lines in a pipe, then results for people or for programs."""

from __future__ import annotations

import sys
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

from rich.progress import BarColumn, Progress, SpinnerColumn, TaskID, TextColumn, TimeElapsedColumn
from rich.text import Text

from fashion_gen import album
from fashion_gen.cli import terminal
from fashion_gen.errors import FashionGenError
from fashion_gen.records import Garment, Look
from fashion_gen.sheets import contact_sheet

#: Called with (verb, done, of), as `Studio.dress` calls it.
Tell = Callable[[str, int, int], None]

DOING = {
    "load": "loading the model",
    "garment": "cutting out the garment",
    "pose": "casting and posing",
    "generate": "generating",
    "compose": "composing and inspecting",
    "write": "writing files",
}
QUARTERS = 4


class Report(ABC):
    """Tells how a run goes."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def working(self, name: str) -> AbstractContextManager[Tell]:
        """Show the progress of one photo on standard error."""
        return _bar(name) if sys.stderr.isatty() else _lines(name)

    @abstractmethod
    def rendered(self, source: Path, place: str, worn: Garment, looks: Sequence[Look], result: dict[str, Any]) -> None:
        """One photo is done; its files lie under `root / place`."""

    @abstractmethod
    def failed(self, source: Path, error: FashionGenError) -> None:
        """One photo is at fault."""

    def stopped(self, done: int, of: int) -> None:
        """Ctrl-C."""
        kept = f"kept {done} of {of} under {self.root}" if done else "nothing was written"
        terminal.tell(f"Stopped: {kept}.")

    @abstractmethod
    def finished(self) -> None:
        """The run is over, whatever happened."""


def report_for(root: Path, *, json: bool) -> Report:
    """A report for people, or for programs."""
    return JsonReport(root) if json else PlainReport(root)


class PlainReport(Report):
    """For people: the looks of each photo, and last where the contact sheets lie."""

    def __init__(self, root: Path) -> None:
        super().__init__(root)
        self._sheets: list[Path] = []

    def rendered(self, source: Path, place: str, worn: Garment, looks: Sequence[Look], result: dict[str, Any]) -> None:
        kind = contact_sheet.PHOTOGRAPHED[worn.kind]
        terminal.say(
            Text(place, style="bold").append(f": {worn.category}, {kind}, cut out by {worn.segmenter}", "default")
        )
        for problem in (*worn.photo.problems, *worn.problems):
            terminal.say(Text(f"  {problem.message} {problem.cure}", style="yellow"))
        longest = max(len(look.persona.name) for look in looks)
        for entry, look in zip(result["looks"], looks, strict=True):
            line = Text(f"  {entry['file']}  {look.persona.name.ljust(longest)}  {contact_sheet.who(look)}: ")
            terminal.say(line.append_text(_verdict(look)))
        self._sheets.append(self.root / place / album.SHEET)

    def failed(self, source: Path, error: FashionGenError) -> None:
        terminal.complain(error, about=source.name)

    def finished(self) -> None:
        for sheet in self._sheets:
            terminal.say(f"Contact sheet: {sheet}")


class JsonReport(Report):
    """For programs: one JSON object a line and photo, nothing else on standard output."""

    def rendered(self, source: Path, place: str, worn: Garment, looks: Sequence[Look], result: dict[str, Any]) -> None:
        terminal.print_json({"source": str(source), "folder": str(self.root / place), **result})

    def failed(self, source: Path, error: FashionGenError) -> None:
        terminal.print_json({"source": str(source), "error": {"type": type(error).__name__, "message": str(error)}})
        terminal.complain(error, about=source.name)

    def finished(self) -> None:
        pass


def _verdict(look: Look) -> Text:
    seen = look.inspection
    if not seen.passed:
        return terminal.bad("failed, " + "; ".join(reason.partition(": ")[2] or reason for reason in seen.reasons))
    judged = {"pose": seen.pose_pck, "people": seen.people, "tone": seen.tone_measured}
    missing = [name for name, value in judged.items() if value is None]
    return terminal.good("passed").append(f" ({', '.join(missing)} not judged)" if missing else "", "default")


@contextmanager
def _lines(name: str) -> Iterator[Tell]:
    """A line when a stage begins, and at each quarter of the generation."""
    last = ("", 0)

    def tell(verb: str, done: int, of: int) -> None:
        nonlocal last
        quarter = QUARTERS * done // max(of, 1) if verb == "generate" else 0
        if (verb, quarter) != last:
            steps = f", {done} of {of} steps" if verb == "generate" else ""
            terminal.tell(f"{name}: {DOING[verb]}{steps}")
        last = (verb, quarter)

    yield tell


@contextmanager
def _bar(name: str) -> Iterator[Tell]:
    """A bar that is gone when the photo is done."""
    columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    # Standard output may be a file while standard error is a terminal: the bar must leave it alone.
    with Progress(
        *columns, console=terminal.errors(), transient=True, redirect_stdout=False, redirect_stderr=False
    ) as progress:
        task: TaskID = progress.add_task(name, total=None)

        def tell(verb: str, done: int, of: int) -> None:
            # A stage that says nothing until it is over gets the bar that only moves.
            total = of if verb in ("generate", "compose") else None
            progress.update(task, description=f"{name}: {DOING[verb]}", completed=done, total=total)

        yield tell
