"""The README says what is true."""

from __future__ import annotations

import re
from pathlib import Path

import typer.main

from fashion_gen import generate
from fashion_gen.cli import app

README = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")


def test_it_is_short():
    assert len(README.splitlines()) <= 150


def test_every_preset_stands_there_with_its_terms():
    rows = {cells[0].strip("` "): cells for cells in map(cells_of, README.splitlines()) if cells}
    for row in generate.installed():
        assert row.preset in rows
        assert rows[row.preset][-1] == row.commercial.value


def test_every_command_stands_there():
    for name in typer.main.get_command(app).commands:  # type: ignore[attr-defined]
        assert f"fashion-gen {name}" in README


def test_every_room_and_file_of_the_map_exists():
    table = README.split("## Map")[1].split("## ")[0]
    root = Path(__file__).parents[2]
    for name in re.findall(r"`([a-z_/]+(?:\.py)?)`", table):
        assert (root / "fashion_gen" / name).exists() or (root / name).exists(), name


def cells_of(line: str) -> list[str]:
    return [cell.strip() for cell in line.strip("|").split("|")] if line.startswith("| `") else []
