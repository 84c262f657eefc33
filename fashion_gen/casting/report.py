"""What a cast shows: how often each value appears and how many pairs of values appear together."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations, product

from fashion_gen.casting.planner import Pair, Row, pairs
from fashion_gen.casting.quota import DIMENSIONS, SHARES, fits
from fashion_gen.records import Persona


@dataclass(frozen=True, slots=True)
class Coverage:
    """The report on a cast."""

    people: int
    counts: Mapping[str, Mapping[str, int]]  #: dimension -> value -> people; values that nobody has are there with 0
    pairs: float  #: [0, 1] share of the possible pairs of values that somebody shows

    @property
    def missing(self) -> Mapping[str, tuple[str, ...]]:
        """The values of each dimension that nobody has."""
        return {d: tuple(v for v, count in values.items() if not count) for d, values in self.counts.items()}


def coverage(personas: Sequence[Persona]) -> Coverage:
    """Count what a cast shows. Someone with two features counts for both, as two rows."""
    rows = [row for persona in personas for row in _rows(persona)]
    counts = {d: dict.fromkeys(map(str, SHARES[d]), 0) for d in DIMENSIONS}
    for dimension in DIMENSIONS:
        for value, count in Counter(str(row[dimension]) for row in rows).items():
            counts[dimension][value] = count
    possible = _possible_pairs()
    seen = {pair for row in rows for pair in pairs(row)} & possible
    return Coverage(len(personas), counts, len(seen) / len(possible))


def _rows(persona: Persona) -> list[Row]:
    return [
        dict(zip(DIMENSIONS, (persona.tone, persona.size, persona.age, persona.presentation, feature), strict=True))
        for feature in persona.features or ("none",)
    ]


def _possible_pairs() -> set[Pair]:
    return {
        (a, x, b, y)
        for a, b in combinations(DIMENSIONS, 2)
        for x, y in product(SHARES[a], SHARES[b])
        if fits({a: x, b: y})
    }
