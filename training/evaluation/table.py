"""The table: what the rows of all looks come to, for everybody and for each tone and size."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import numpy as np
from scipy.stats import spearmanr

Row = Mapping[str, Any]


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
        "PCK@0.2, MoveNet, photos / synthetic": " / ".join(
            _mean(row["verdict"]["pck"] for row in rows if row["synthetic"] == kind) for kind in (False, True)
        ),
        "PCK@0.2, BlazePose": _mean(row["verdict"]["pck_second"] for row in rows),
        "exactly one person": _share(None if (n := row["verdict"]["people"]) is None else n == 1 for row in rows),
        "face found": _share(row["verdict"]["face"] for row in rows),
        **{
            f"size in the {where}, {cover}": _size(rows, where, cover)
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


def _size_pairs(rows: Iterable[Row], where: str, cover: str) -> list[tuple[str, float, float]]:
    return [
        (f"{line['name']} {line['cover']}", line["asked"], line["shown"])
        for row in rows
        for line in row["lines"][where]
        if cover in (line["cover"], "all")
    ]


def _eases(pairs: Sequence[tuple[str, float, float]]) -> dict[str, float]:
    """The median of shown over asked for each kind of line."""
    return {
        kind: float(np.median([shown / asked for k, asked, shown in pairs if k == kind]))
        for kind in {k for k, _, _ in pairs}
    }


def _size(rows: Iterable[Row], where: str, cover: str) -> str:
    pairs = _size_pairs(rows, where, cover)
    if len(pairs) < 5:
        return f"not judged ({len(pairs)} lines)"
    eases = _eases(pairs)
    errors = [abs(shown / asked / eases[kind] - 1) for kind, asked, shown in pairs]
    eased = [(asked * eases[kind], shown) for kind, asked, shown in pairs]
    rank = float(spearmanr(*np.array(eased).T).statistic)
    count = f"{len(pairs)} lines"
    if cover != "all":
        count += "; ease " + ", ".join(f"{kind.split()[0]} {ease - 1:+.0%}" for kind, ease in sorted(eases.items()))
    return f"rank correlation {rank:.2f}, median error {np.median(errors):.1%} ({count})"


def _size_error(rows: Sequence[Row], group: Sequence[Row]) -> str:
    eases = _eases(_size_pairs(rows, "canvas", "all"))
    errors = [abs(shown / asked / eases[kind] - 1) for kind, asked, shown in _size_pairs(group, "canvas", "all")]
    return f"{np.median(errors):.1%}" if errors else "-"


def _mean(values: Iterable[float | None]) -> str:
    known = [v for v in values if v is not None]
    return f"{np.mean(known):.3f}" if known else "-"


def _share(values: Iterable[bool | None]) -> str:
    known = [v for v in values if v is not None]
    return f"{np.mean(known):.1%} of {len(known)}" if known else "-"
