"""The table: what the rows of all looks come to, for everybody and for each tone and size."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.stats import spearmanr

Row = Mapping[str, Any]

#: Looks that a garment must have before its ease is known.
_FEWEST = 3


@dataclass(frozen=True, slots=True)
class _Sized:
    """A line of one look, shown width freed of ease."""

    index: int
    name: str
    ease: float
    asked: float
    shown: float


def table(rows: Sequence[Row], extras: Mapping[str, str]) -> str:
    """The whole table as Markdown. `extras`: measures that belong to no single look."""
    parts = ["| measure | value |", "|---|---|", *(f"| {name} | {value} |" for name, value in _measures(rows).items())]
    parts += [f"| {name} | {value} |" for name, value in extras.items()]
    for by in ("tone", "size"):
        parts += ["", *_grouped(rows, by)]
    return "\n".join(parts) + "\n"


def _measures(rows: Sequence[Row]) -> dict[str, str]:
    grown = [row["expansion"] for row in rows if row["expansion"] is not None]
    seams = [row["seam"] for row in rows if row["seam"] is not None]
    framings = Counter(str(row["framing"]) for row in rows)
    return {
        "looks": f"{len(rows)} ({', '.join(f'{n} {name}' for name, n in sorted(framings.items()))})",
        "pixel lock": _share(row["lock"] for row in rows),
        "tone of the face within one step / exact": _tone(rows, _face_tone),
        "tone of the skin within one step / exact": _tone(rows, lambda row: row["tone_skin"]),
        "PCK@0.2, MoveNet": _mean(row["verdict"]["pck"] for row in rows),
        "PCK@0.2, MoveNet, joints that the garment leaves bare": _mean(row["verdict"]["pck_bare"] for row in rows),
        "PCK@0.2, MoveNet, photos / synthetic": " / ".join(
            _mean(row["verdict"]["pck"] for row in rows if row["synthetic"] == kind) for kind in (False, True)
        ),
        "PCK@0.2, BlazePose": _mean(row["verdict"]["pck_second"] for row in rows),
        "exactly one person": _share(None if (n := row["verdict"]["people"]) is None else n == 1 for row in rows),
        "face found": _share(row["verdict"]["face"] for row in rows),
        **{
            f"size in the {where}, ease and all": _size(rows, where, "all", freed=False)
            for where in ("canvas", "picture")
        },
        **{
            f"size in the {where}, freed of ease, {cover}": _size(rows, where, cover)
            for where in ("canvas", "picture")
            for cover in ("garment", "companion", "skin", "all")
        },
        "age": "not judged: no judge of age is installed",
        "expansion, median / p95": f"{np.median(grown):.3f} / {np.percentile(grown, 95):.3f}" if grown else "-",
        "seam, median / p95": f"{np.median(seams):.1f} / {np.percentile(seams, 95):.1f}" if seams else "-",
        "seconds a look, one at a time": f"{np.median([row['seconds'] for row in rows]):.1f}",
    }


def _grouped(rows: Sequence[Row], by: str) -> list[str]:
    lines = [
        f"| {by} | looks | tone ±1 / exact | PCK | one person | face | size error |",
        "|---|---|---|---|---|---|---|",
    ]
    for value in dict.fromkeys(sorted((row[by] for row in rows), key=_order)):
        group = [row for row in rows if row[by] == value]
        cells = (
            str(value),
            str(len(group)),
            _tone(group, _face_tone),
            _mean(row["verdict"]["pck"] for row in group),
            _share(None if (n := row["verdict"]["people"]) is None else n == 1 for row in group),
            _share(row["verdict"]["face"] for row in group),
            _size_error(rows, group),
        )
        lines.append("| " + " | ".join(cells) + " |")
    return lines


def _order(value: Any) -> Any:
    sizes = ["petite", "regular", "tall", "maternity", "big", "plus"]
    return sizes.index(value) if value in sizes else value


def _face_tone(row: Row) -> int | None:
    return row["verdict"]["tone"]  # type: ignore[no-any-return]


def _tone(rows: Iterable[Row], measured: Callable[[Row], int | None]) -> str:
    steps = [abs(tone - row["tone"]) for row in rows if (tone := measured(row)) is not None]
    return f"{np.mean([s <= 1 for s in steps]):.0%} / {np.mean([s == 0 for s in steps]):.0%}" if steps else "-"


def _sized(rows: Iterable[Row], where: str, cover: str, *, freed: bool = True) -> list[_Sized]:
    """Lines, `freed` of the ease of what covers them: a garment's own cut, or what companion clothes of a line add."""
    groups: dict[tuple[str, str, str], list[tuple[Row, float, float]]] = defaultdict(list)
    for row in rows:
        for line in row["lines"][where]:
            if cover in (line["cover"], "all"):
                cut = row["garment"] if line["cover"] == "garment" else ""
                groups[line["name"], line["cover"], cut].append((row, line["asked"], line["shown"]))
    found = []
    for (name, _, _), lines in groups.items():
        if len(lines) >= _FEWEST:
            ease = float(np.median([shown / asked for _, asked, shown in lines])) if freed else 1.0
            found += [_Sized(row["index"], name, ease, asked, shown / ease) for row, asked, shown in lines]
    return found


def _size(rows: Iterable[Row], where: str, cover: str, *, freed: bool = True) -> str:
    found = _sized(rows, where, cover, freed=freed)
    if len(found) < 2 * _FEWEST:
        return f"not judged ({len(found)} lines)"
    rank = float(spearmanr([line.asked for line in found], [line.shown for line in found]).statistic)
    error = np.median([abs(line.shown / line.asked - 1) for line in found])
    named = sorted({line.name for line in found})
    eases = {name: np.median([line.ease for line in found if line.name == name]) for name in named}
    worn = ", ".join(f"{name} {ease - 1:+.0%}" for name, ease in eases.items())
    return f"rank correlation {rank:.2f}, median error {error:.1%} ({len(found)} lines; ease {worn})"


def _size_error(rows: Sequence[Row], group: Sequence[Row]) -> str:
    members = {row["index"] for row in group}
    errors = [abs(line.shown / line.asked - 1) for line in _sized(rows, "canvas", "all") if line.index in members]
    return f"{np.median(errors):.1%}" if errors else "-"


def _mean(values: Iterable[float | None]) -> str:
    known = [v for v in values if v is not None]
    return f"{np.mean(known):.3f}" if known else "-"


def _share(values: Iterable[bool | None]) -> str:
    known = [v for v in values if v is not None]
    return f"{np.mean(known):.1%} of {len(known)}" if known else "-"
