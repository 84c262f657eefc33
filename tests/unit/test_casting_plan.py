"""The quota planner: exact, repeatable, and nobody left out."""

from __future__ import annotations

from collections import Counter
from math import ceil, floor

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fashion_gen.body.measurements import measure_for, validate
from fashion_gen.casting import HAIR_COLOURS, HAIR_STYLES, Constraints, coverage, plan
from fashion_gen.casting.looks import NAMES, names
from fashion_gen.casting.quota import RULES, SHARES, largest_remainder, spread
from fashion_gen.errors import InvalidBrief
from fashion_gen.records import AgeBand, Persona, Presentation, SizeType


def _plan(n: int, seed: int = 0, **limits: tuple[object, ...]) -> tuple[Persona, ...]:
    return plan(n, seed=seed, measure=measure_for, constraints=Constraints(**limits))  # type: ignore[arg-type]


def _kept(persona: Persona) -> bool:
    row = {
        "size": persona.size,
        "age": persona.age,
        "presentation": persona.presentation,
        "feature": (persona.features or ("none",))[0],
    }
    return all(row[r.dimension] != r.value or row[r.needs] in r.allowed for r in RULES)


@settings(max_examples=25, deadline=None)
@given(st.integers(1, 60), st.integers(0, 2**32 - 1))
def test_quotas_are_exact_for_any_number_and_seed(n: int, seed: int) -> None:
    people = _plan(n, seed)
    assert len(people) == n
    assert len({p.name for p in people}) == n
    tones = Counter(p.tone for p in people)
    assert all(floor(n / 10) <= tones[tone] <= ceil(n / 10) for tone in range(1, 11))
    sizes = Counter(p.size for p in people)
    assert all(floor(n * share + 1e-9) <= sizes[s] <= ceil(n * share - 1e-9) for s, share in SHARES["size"].items())
    assert all(_kept(p) for p in people)


@settings(max_examples=25, deadline=None)
@given(
    st.integers(1, 30),
    st.integers(0, 1000),
    st.sets(st.sampled_from(SizeType), min_size=1),
    st.sets(st.sampled_from(AgeBand), min_size=1),
    st.sets(st.sampled_from(Presentation), min_size=1),
    st.sets(st.sampled_from(list(SHARES["feature"])), min_size=1),
)
def test_any_limits_give_a_cast_within_them_or_a_clear_refusal(
    n: int,
    seed: int,
    sizes: set[SizeType],
    ages: set[AgeBand],
    presentations: set[Presentation],
    features: set[str],
) -> None:
    limits = {
        "sizes": tuple(sorted(sizes)),
        "ages": tuple(sorted(ages)),
        "presentations": tuple(sorted(presentations)),
        "features": tuple(sorted(features)),
    }
    bound = sizes == {SizeType.MATERNITY} or features == {"hijab"}
    if (bound and Presentation.FEMININE not in presentations) or (
        sizes == {SizeType.MATERNITY} and not ages & {AgeBand.YOUNG, AgeBand.PRIME}
    ):
        with pytest.raises(InvalidBrief, match="relax the other limits"):
            _plan(n, seed, **limits)
        return
    people = _plan(n, seed, **limits)
    assert len(people) == n
    for p in people:
        assert p.size in sizes
        assert p.age in ages
        assert p.presentation in presentations
        assert set(p.features or ("none",)) <= features
        assert _kept(p)


def test_forty_looks_show_every_tone_four_times() -> None:
    assert Counter(p.tone for p in _plan(40, 3)) == dict.fromkeys(range(1, 11), 4)


def test_the_same_seed_gives_the_same_people() -> None:
    assert _plan(12, 5) == _plan(12, 5)
    assert _plan(12, 5) != _plan(12, 6)


@pytest.mark.parametrize("seed", range(30))
def test_four_looks_are_four_clearly_different_people(seed: int) -> None:
    people = _plan(4, seed)
    tones = sorted(p.tone for p in people)
    assert min(np.diff(tones)) >= 2
    assert tones[0] <= 3
    assert tones[-1] >= 8
    assert len({p.size for p in people}) == 4
    assert len({p.age for p in people}) == 4
    assert len({p.presentation for p in people}) >= 2
    assert len({p.hair for p in people}) == 4


def test_pairs_are_covered_better_than_by_chance() -> None:
    covered = {n: coverage(_plan(n, 1)).pairs for n in (20, 40, 120)}
    assert covered[20] > 0.48
    assert covered[40] > 0.68
    assert covered[120] > 0.9


def test_bodies_of_a_plan_are_plausible_and_hair_is_drawable() -> None:
    for p in _plan(60, 2):
        validate(p.measurements)
        assert p.hair in HAIR_STYLES
        assert p.hair_colour in HAIR_COLOURS
        assert (p.hair == "hijab") == ("hijab" in p.features)


def test_nobody_has_a_feature_that_rules_forbid_beside_the_limits() -> None:
    people = _plan(30, 1, presentations=(Presentation.MASCULINE,))
    assert not any(p.size is SizeType.MATERNITY or "hijab" in p.features for p in people)


def test_maternity_makes_room_for_the_people_it_needs() -> None:
    people = _plan(10, 4, sizes=(SizeType.MATERNITY,))
    assert {p.presentation for p in people} == {Presentation.FEMININE}
    assert {p.age for p in people} == {AgeBand.YOUNG, AgeBand.PRIME}


def test_a_rule_takes_only_as_many_people_as_it_needs() -> None:
    people = _plan(20, 4, features=("hijab", "wheelchair"))
    wearing = [p for p in people if "hijab" in p.features]
    assert len(wearing) == 10
    assert {p.presentation for p in wearing} == {Presentation.FEMININE}
    assert {p.presentation for p in people} == set(Presentation)


def test_impossible_limits_are_refused() -> None:
    with pytest.raises(InvalidBrief, match="Nobody can be cast with size maternity"):
        _plan(4, sizes=(SizeType.MATERNITY,), presentations=(Presentation.MASCULINE,))
    with pytest.raises(InvalidBrief, match='no tone "11"'):
        _plan(4, tones=(11,))
    with pytest.raises(InvalidBrief, match='no feature "wings" to cast: use none, glasses'):
        _plan(4, features=("wings",))
    with pytest.raises(InvalidBrief, match="at least 1 look"):
        _plan(0)


def test_names_never_end_and_skip_those_that_are_taken() -> None:
    stream = names(np.random.default_rng(0), taken={NAMES[0]})
    first = [next(stream) for _ in range(len(NAMES) + 20)]
    assert len(set(first)) == len(first)
    assert NAMES[0] not in first
    assert first[-1].endswith("-2")


@settings(max_examples=50, deadline=None)
@given(
    st.dictionaries(st.sampled_from("abcdefgh"), st.floats(0.01, 10), min_size=1, max_size=8),
    st.integers(0, 500),
    st.integers(0, 99),
)
def test_largest_remainder_is_within_one_of_the_exact_share(shares: dict[str, float], n: int, seed: int) -> None:
    quota = largest_remainder(shares, n, np.random.default_rng(seed))
    total = sum(shares.values())
    assert sum(quota.values()) == n
    assert all(abs(quota[v] - n * share / total) < 1 + 1e-6 for v, share in shares.items())


@settings(max_examples=50, deadline=None)
@given(st.integers(1, 40), st.integers(0, 200), st.integers(0, 99))
def test_spread_is_even_along_a_scale(length: int, n: int, seed: int) -> None:
    quota = spread(range(length), n, np.random.default_rng(seed))
    assert sum(quota.values()) == n
    assert max(quota.values()) - min(quota.values()) <= 1


def test_coverage_counts_and_names_what_is_missing() -> None:
    people = _plan(3, 1)
    report = coverage(people)
    assert report.people == 3
    assert sum(report.counts["size"].values()) == 3
    assert len(report.missing["tone"]) == 7
    assert 0 < report.pairs < 0.2
    assert coverage(()).pairs == 0.0
