"""The planner: n people whose tones, sizes, ages, presentations and features fill exact quotas.

Quotas first (`quota`), then rows are filled one by one from what is left of them, taking of some random rows the one
that shows most pairs of values not shown before (greedy pairwise covering, as in combinatorial testing). Rows that a
rule binds go first, while there is still a choice. One seed, one plan.
"""

from __future__ import annotations

from bisect import bisect
from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate, combinations
from typing import Any

import numpy as np

from fashion_gen.casting.looks import hair, hair_colour, names
from fashion_gen.casting.quota import DIMENSIONS, RULES, SHARES, fits, quotas
from fashion_gen.errors import InvalidBrief
from fashion_gen.monk import TONES
from fashion_gen.records import AgeBand, Measurements, Persona, Presentation, SizeType

#: How a body is drawn: `body.measurements.measure_for`, handed in since casting does not know the body.
Measure = Callable[[Presentation, SizeType, AgeBand, np.random.Generator], Measurements]
Row = dict[str, Any]
Pair = tuple[str, Any, str, Any]

_TRIES = 60


@dataclass(frozen=True, slots=True)
class Constraints:
    """The values that a plan may use; all by default."""

    tones: tuple[int, ...] = tuple(TONES)
    sizes: tuple[SizeType, ...] = tuple(SizeType)
    ages: tuple[AgeBand, ...] = tuple(AgeBand)
    presentations: tuple[Presentation, ...] = tuple(Presentation)
    features: tuple[str, ...] = tuple(SHARES["feature"])

    def values(self) -> dict[str, tuple[Any, ...]]:
        """The allowed values of each dimension, without those that a rule makes impossible beside the others.

        Raises:
            InvalidBrief: nothing is left, or a value is not one that we plan with.
        """
        asked: dict[str, tuple[Any, ...]] = {
            "tone": tuple(sorted(set(self.tones))),
            "size": self.sizes,
            "age": self.ages,
            "presentation": self.presentations,
            "feature": self.features,
        }
        for dimension, values in asked.items():
            strange = [str(v) for v in values if v not in SHARES[dimension]]
            if strange:
                known = ", ".join(str(v) for v in SHARES[dimension])
                raise InvalidBrief(f'There is no {dimension} "{strange[0]}" to cast: use {known}.')
        return _possible(asked)


def plan(
    n: int, *, seed: int, measure: Measure, constraints: Constraints | None = None, taken: Collection[str] = ()
) -> tuple[Persona, ...]:
    """Invent n people by exact quotas, the same ones for the same seed. Their names are unique and none of `taken`.

    Raises:
        InvalidBrief: n is below 1, or the constraints leave nobody.
    """
    if n < 1:
        raise InvalidBrief(f"A cast of {n} shows nobody: ask for at least 1 look.")
    rng = np.random.default_rng(seed)
    allowed = (constraints or Constraints()).values()
    rows = _rows(quotas(n, allowed, rng), n, rng)
    fresh = names(rng, taken)
    used: Counter[str] = Counter()
    return tuple(_persona(row, next(fresh), used, measure, rng) for row in rows)


def _possible(asked: Mapping[str, Sequence[Any]]) -> dict[str, tuple[Any, ...]]:
    """Drop what the rules make impossible beside the rest; where only a bound value is left, keep to what it needs."""
    left = {dimension: tuple(values) for dimension, values in asked.items()}
    for rule in RULES:
        if not rule.allowed & set(left[rule.needs]):
            left[rule.dimension] = tuple(v for v in left[rule.dimension] if v != rule.value)
        if left[rule.dimension] == (rule.value,):
            left[rule.needs] = tuple(v for v in left[rule.needs] if v in rule.allowed)
    for dimension, values in left.items():
        if not values:
            wanted = ", ".join(str(v) for v in asked[dimension]) or "nothing"
            raise InvalidBrief(f"Nobody can be cast with {dimension} {wanted} beside the rest: relax the other limits.")
    return left


def _rows(counts: Mapping[str, Mapping[Any, int]], n: int, rng: np.random.Generator) -> list[Row]:
    """n rows of dimension -> value that use the counts up and break no rule."""
    left = {dimension: Counter(values) for dimension, values in counts.items()}
    seen: set[Pair] = set()
    rows: list[Row] = []
    for _ in range(n):
        row = _best(_bound(left), left, seen, rng)
        for dimension, value in row.items():
            left[dimension][value] -= 1
        seen.update(pairs(row))
        rows.append(row)
    return [rows[i] for i in rng.permutation(n)]


def _bound(left: Mapping[str, Counter[Any]]) -> Row:
    """What the next row must have: a value that a rule binds, as long as one is left, while there is still a choice."""
    for rule in RULES:
        if left[rule.dimension][rule.value] > 0:
            return {rule.dimension: rule.value}
    return {}


def _best(given: Row, left: Mapping[str, Counter[Any]], seen: set[Pair], rng: np.random.Generator) -> Row:
    """Of some random rows that complete `given` from what is left, the one with most unseen pairs."""
    drawn = [_draw(given, left, rng) for _ in range(_TRIES)]
    return max(drawn, key=lambda row: sum(pair not in seen for pair in pairs(row)))


def _draw(given: Row, left: Mapping[str, Counter[Any]], rng: np.random.Generator) -> Row:
    row = dict(given)
    for dimension in ("size", "feature", "presentation", "age", "tone"):
        if dimension not in row:
            fitting = {v: count for v, count in left[dimension].items() if count > 0}
            if given:  # otherwise nothing that a rule binds is left
                fitting = {v: count for v, count in fitting.items() if fits(row | {dimension: v})}
            # random.choices in the terms of a numpy generator, whose own choice() is ten times slower here.
            ends = list(accumulate(fitting.values()))
            row[dimension] = list(fitting)[bisect(ends, rng.random() * ends[-1])]
    return row


def pairs(row: Row) -> list[Pair]:
    """Every pair of (dimension, value) that a row shows together."""
    return [(a, row[a], b, row[b]) for a, b in combinations(DIMENSIONS, 2)]


def _persona(row: Row, name: str, used: Counter[str], measure: Measure, rng: np.random.Generator) -> Persona:
    tone, size, age, presentation, feature = (row[dimension] for dimension in DIMENSIONS)
    worn = "hijab" if feature == "hijab" else hair(presentation, tone, used, rng)
    used[worn] += 1
    return Persona(
        name=name,
        tone=tone,
        size=size,
        age=age,
        presentation=presentation,
        hair=worn,
        hair_colour=hair_colour(tone, age, rng),
        measurements=measure(presentation, size, age, rng),
        features=() if feature == "none" else (feature,),
        seed=int(rng.integers(2**31)),
    )
