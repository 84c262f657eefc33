"""The evaluation covers everybody and counts what it says it counts."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from fashion_gen.records import Category, SizeType
from training.evaluation.plan import plan
from training.evaluation.space import distance, kid
from training.evaluation.table import table


def row(index: int, **changes: object) -> dict[str, object]:
    verdict = {"pck": 1.0, "pck_bare": 1.0, "pck_second": 0.5, "people": 1, "face": True, "tone": 5}
    lines = [{"name": "waist", "cover": "garment", "asked": 1.0 + index / 10, "shown": 1.3 + 0.13 * index}]
    base = {
        "index": index,
        "garment": "shirt",
        "synthetic": False,
        "tone": 5,
        "size": "plus",
        "framing": "full",
        "seconds": 1.0,
        "lock": True,
        "expansion": 0.01,
        "seam": 3.0,
        "tone_skin": 6,
        "verdict": verdict,
        "lines": {"canvas": lines, "picture": []},
    }
    return base | changes


def test_sixty_looks_hold_every_tone_with_every_size_once() -> None:
    pairs = Counter((asked.tone, asked.size) for asked in plan(60, 7))
    assert len(pairs) == 60
    assert set(pairs.values()) == {1}


def test_garments_come_in_rounds() -> None:
    worn = Counter(asked.garment for asked in plan(40, 20))
    assert set(worn.values()) == {2}


def test_a_longer_plan_begins_like_a_shorter_one() -> None:
    assert plan(200, 40)[:40] == plan(40, 40)


@pytest.mark.parametrize("category", list(Category))
def test_every_brief_is_one_that_can_be_cast(category: Category) -> None:
    briefs = [asked.brief(category) for asked in plan(60, 10)]
    assert all(str(b.presentation) == "feminine" for b in briefs if b.size is SizeType.MATERNITY)
    assert len({b.pose for b in briefs}) > 10


def test_the_table_takes_a_garments_ease_out_of_the_error() -> None:
    made = table([row(i) for i in range(8)], {"more": "yes"})
    assert "rank correlation 1.00, median error 0.0% (8 lines; ease waist +30%" in made
    assert "| more | yes |" in made


def test_the_table_tells_tones_apart() -> None:
    made = table([row(0), row(1, tone=9)], {})
    assert "| 5 | 1 | 100% / 100% |" in made
    assert "| 9 | 1 | 0% / 0% |" in made


def test_kid_is_near_nothing_for_one_source_and_large_for_two() -> None:
    rng = np.random.default_rng(0)
    same, other = rng.normal(size=(2, 80, 16)), rng.normal(size=(80, 16)) + 1.5
    assert abs(kid(same[0], same[1])) < 0.2 * kid(same[0], other)


def test_a_picture_is_no_distance_from_itself() -> None:
    features = np.arange(1.0, 9.0)
    assert distance(features, features) == pytest.approx(0)


def test_an_unfinished_line_is_dropped(tmp_path: Path) -> None:
    evaluate = pytest.importorskip("training.evaluate")
    file = tmp_path / "looks.jsonl"
    file.write_text(json.dumps({"index": 0}) + '\n{"index": 1, "ver')
    assert [r["index"] for r in evaluate.rows_of(file)] == [0]


def test_bodies_are_counted_by_their_areas() -> None:
    from training.evaluation.judges import bodies

    mask = np.zeros((100, 100), bool)
    assert bodies(mask) == 0
    mask[10:90, 10:40] = True
    assert bodies(mask) == 1
    mask[2:6, 80:90] = True  # a crumb
    assert bodies(mask) == 1
    mask[10:90, 60:80] = True
    assert bodies(mask) == 2
