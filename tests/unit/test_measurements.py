"""Adult bodies of every size."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fashion_gen.body.measurements import LIMITS, SIZE_RANGES, measure_for, numeric_size, validate
from fashion_gen.errors import InvalidBrief
from fashion_gen.records import AgeBand, Measurements, Presentation, SizeType


def _body(
    size: SizeType = SizeType.REGULAR, presentation: Presentation = Presentation.FEMININE, seed: int = 0
) -> Measurements:
    return measure_for(presentation, size, AgeBand.PRIME, np.random.default_rng(seed))


def _many(size: SizeType, presentation: Presentation, n: int = 150) -> list[Measurements]:
    return [_body(size, presentation, seed) for seed in range(n)]


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(Presentation), st.sampled_from(SizeType), st.sampled_from(AgeBand), st.integers(0, 2**32 - 1))
def test_every_drawn_body_is_one_that_an_adult_could_have(
    presentation: Presentation, size: SizeType, age: AgeBand, seed: int
) -> None:
    body = measure_for(presentation, size, age, np.random.default_rng(seed))
    validate(body)
    span = SIZE_RANGES[size][presentation]
    assert span.height[0] - 0.5 <= body.height <= span.height[1] + 0.5
    assert span.chest[0] - 0.5 <= body.chest <= span.chest[1] + 0.5
    assert (body.belly > 0) == (size is SizeType.MATERNITY)


def test_the_same_seed_draws_the_same_body() -> None:
    assert _body(seed=7) == _body(seed=7)
    assert _body(seed=7) != _body(seed=8)


def test_sizes_differ_where_they_should() -> None:
    mean = {
        size: {f: np.mean([getattr(b, f) for b in _many(size, Presentation.FEMININE)]) for f in LIMITS}
        for size in SizeType
    }
    assert mean[SizeType.PETITE]["height"] < mean[SizeType.REGULAR]["height"] - 8 < mean[SizeType.TALL]["height"] - 16
    assert mean[SizeType.PLUS]["hip"] > mean[SizeType.REGULAR]["hip"] + 20
    assert mean[SizeType.BIG]["shoulder"] > mean[SizeType.REGULAR]["shoulder"] + 3
    assert mean[SizeType.MATERNITY]["belly"] > 9


def test_girths_are_drawn_together_not_one_by_one() -> None:
    bodies = _many(SizeType.REGULAR, Presentation.MASCULINE, 600)
    table = {f: np.array([getattr(b, f) for b in bodies]) for f in ("hip", "thigh", "calf", "chest", "upper_arm")}
    assert np.corrcoef(table["hip"], table["thigh"])[0, 1] > 0.6
    assert np.corrcoef(table["thigh"], table["calf"])[0, 1] > 0.5
    assert np.corrcoef(table["chest"], table["upper_arm"])[0, 1] > 0.4


def test_presentations_have_their_proportions_and_androgynous_lies_between() -> None:
    def ratio(presentation: Presentation, part: str, whole: str) -> float:
        return float(np.mean([getattr(b, part) / getattr(b, whole) for b in _many(SizeType.REGULAR, presentation)]))

    for part, whole in (("shoulder", "hip"), ("waist", "hip"), ("neck", "height")):
        low, middle, high = (
            ratio(p, part, whole) for p in (Presentation.FEMININE, Presentation.ANDROGYNOUS, Presentation.MASCULINE)
        )
        assert low < middle < high


def test_the_waist_grows_with_age() -> None:
    def waist(age: AgeBand) -> float:
        return float(
            np.mean(
                [
                    measure_for(Presentation.MASCULINE, SizeType.REGULAR, age, np.random.default_rng(s)).waist
                    for s in range(200)
                ]
            )
        )

    assert waist(AgeBand.YOUNG) < waist(AgeBand.PRIME) < waist(AgeBand.MIDDLE) < waist(AgeBand.SENIOR)


@pytest.mark.parametrize(
    ("number", "presentation", "system", "chest"),
    [
        (38, Presentation.FEMININE, "EU", 88),
        (10, Presentation.FEMININE, "UK", 88),
        (6, Presentation.FEMININE, "US", 88),
        (52, Presentation.FEMININE, "EU", 122),
        (50, Presentation.MASCULINE, "EU", 100),
        (40, Presentation.MASCULINE, "UK", 100),
        (40, Presentation.MASCULINE, "US", 100),
        (48, Presentation.ANDROGYNOUS, "EU", 96),
    ],
)
def test_a_number_on_a_label_is_a_span_of_chests(
    number: int, presentation: Presentation, system: str, chest: float
) -> None:
    span = numeric_size(number, presentation, system)  # type: ignore[arg-type]
    assert span.chest[0] < chest < span.chest[1]
    assert sum(span.chest) / 2 == chest
    body = measure_for(presentation, span, AgeBand.YOUNG, np.random.default_rng(0))
    assert span.chest[0] <= body.chest <= span.chest[1]


@pytest.mark.parametrize(
    ("number", "presentation"),
    [(39, Presentation.FEMININE), (90, Presentation.FEMININE), (12, Presentation.MASCULINE)],
)
def test_a_number_that_no_label_has_is_refused(number: int, presentation: Presentation) -> None:
    with pytest.raises(InvalidBrief, match=f"no EU size {number}"):
        numeric_size(number, presentation)


def test_a_body_outside_the_limits_is_refused_with_the_limits() -> None:
    with pytest.raises(InvalidBrief, match="height 140 cm cannot be drawn: give 145 to 200 cm"):
        validate(replace(_body(), height=140.0))


def test_girths_that_do_not_go_together_are_refused() -> None:
    with pytest.raises(InvalidBrief, match="A waist of 120 cm does not go with a chest"):
        validate(replace(_body(), waist=120.0))
