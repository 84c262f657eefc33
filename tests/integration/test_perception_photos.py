"""The shipped net on thirty real photos that no training saw (`../shared/photos`), with truths noted by eye (`tests/*.csv`)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from fashion_gen.garment import open_segmenter, understand
from fashion_gen.garment.perception import open_net
from fashion_gen.images import open_photo
from fashion_gen.pose import open_estimator
from fashion_gen.records import Kind, Photo
from training.perception import evaluate
from training.perception.evaluate import SHOES, Answer, Bench, categories, noted

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def bench(shared: Path) -> Bench:
    return Bench(open_segmenter("perception"), open_estimator("movenet", shared / "weights"))


@pytest.fixture(scope="module")
def answers(bench: Bench, shared: Path) -> dict[str, Answer]:
    paths = sorted((shared / "photos").glob("d[0-9][0-9]_*"))
    return {path.stem[:3]: bench.look(open_photo(path)) for path in paths}


def figures(rows: Iterator[evaluate.Row]) -> dict[str, list[float]]:
    """The numbers of each row by the beginning of its name."""
    return {row.measure: [float(number) for number in re.findall(r"\d+\.\d+|\d+", row.value)] for row in rows}


def test_shoes_are_refused_and_no_garment_is(answers: dict[str, Answer]) -> None:
    assert {name: answer.refusal for name, answer in answers.items() if answer.refusal} == dict.fromkeys(SHOES, "shoes")


def test_cut_outs_agree_with_the_masks(bench: Bench, answers: dict[str, Answer], shared: Path) -> None:
    found = figures(evaluate._cut_outs(bench, answers, shared / "photos" / "masks"))
    median, worst_tenth, *_ = found["matte IoU, median / worst tenth"]
    assert median >= 0.97
    assert worst_tenth >= 0.92
    assert found["boundary F at 3 px of 400, median / mean / worst"][0] >= 0.9


def test_garments_on_people_come_without_the_people(answers: dict[str, Answer]) -> None:
    (row,) = evaluate._worn(answers)
    shares = {name: float(share) for name, share in re.findall(r"(d\d\d) (\d\.\d+)", row.value)}
    assert len(shares) == 8
    assert sorted(shares.values())[3] >= 0.8, shares  # the median of eight, or a little less
    assert shares["d26"] >= 0.9, shares  # her bare arm is not taken for the shirt


def test_kinds_are_told(shared: Path, answers: dict[str, Answer]) -> None:
    right = 0
    for row in noted("kinds.csv"):
        answer = answers[row["photo"]]
        photo = answer.photo
        kind = answer.garment.kind if answer.garment else understand.kind_of(open_net().see(photo.rgb), photo).kind
        right += kind is Kind(row["kind"])
    assert right >= 26


def test_categories_are_told(answers: dict[str, Answer]) -> None:
    expected = categories()
    right = [name for name, truth in expected.items() if (g := answers[name].garment) and g.category.value == truth]
    assert len(right) >= 21, sorted(set(expected) - set(right))


def test_landmarks_lie_where_they_were_noted(answers: dict[str, Answer]) -> None:
    found = figures(evaluate._points(answers))
    mean, median, *_ = found["landmarks, ten photos: mean / median error"]
    assert mean <= 6.0
    assert median <= 2.5


def test_an_empty_table_and_a_bag_are_refused(bench: Bench) -> None:
    import numpy as np

    from training.perception import odd
    from training.perception.photos import Pictures

    pictures = Pictures([evaluate._drawn_garment(number) for number in range(6)])
    for draw, code in ((odd.empty, "no_garment"), (odd.bag, "bag")):
        for seed in range(3):
            sample = draw(np.random.default_rng(seed), 400, pictures)
            assert bench.look(Photo("odd", sample.picture, None, "")).refusal == code
