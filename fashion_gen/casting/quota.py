"""Exact quotas: how often each value of a dimension appears in a cast of n, and which values exclude each other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from fashion_gen.records import AgeBand, Presentation, SizeType

#: The dimensions that a plan covers, in the order in which results list them.
DIMENSIONS = ("tone", "size", "age", "presentation", "feature")

#: The share of each value in a large cast. Not a population's shares: every group is shown often enough to be seen.
SHARES: Mapping[str, Mapping[Any, float]] = {
    "tone": dict.fromkeys(range(1, 11), 0.1),
    "size": {
        SizeType.REGULAR: 0.30,
        SizeType.PLUS: 0.20,
        SizeType.PETITE: 0.16,
        SizeType.TALL: 0.16,
        SizeType.BIG: 0.12,
        SizeType.MATERNITY: 0.06,
    },
    "age": {AgeBand.YOUNG: 0.3, AgeBand.PRIME: 0.3, AgeBand.MIDDLE: 0.2, AgeBand.SENIOR: 0.2},
    "presentation": {Presentation.FEMININE: 0.4, Presentation.MASCULINE: 0.4, Presentation.ANDROGYNOUS: 0.2},
    "feature": {"none": 0.80, "glasses": 0.10, "hijab": 0.05, "wheelchair": 0.05},
}


@dataclass(frozen=True, slots=True)
class Rule:
    """A person with `value` in `dimension` has one of `allowed` in `needs`."""

    dimension: str
    value: Any
    needs: str
    allowed: frozenset[Any]


RULES = (
    Rule("size", SizeType.MATERNITY, "presentation", frozenset({Presentation.FEMININE})),
    Rule("size", SizeType.MATERNITY, "age", frozenset({AgeBand.YOUNG, AgeBand.PRIME})),
    Rule("feature", "hijab", "presentation", frozenset({Presentation.FEMININE})),
)


def fits(row: Mapping[str, Any]) -> bool:
    """Whether a (partial) row of dimension -> value breaks no rule."""
    return all(row.get(r.dimension) != r.value or r.needs not in row or row[r.needs] in r.allowed for r in RULES)


def largest_remainder(shares: Mapping[Any, float], n: int, rng: np.random.Generator) -> dict[Any, int]:
    """Split n by shares: every value gets its exact share rounded down or up, the sum is n; `rng` breaks ties.

    Hamilton's method, as for seats in a parliament.
    """
    total = sum(shares.values())
    exact = {value: n * share / total for value, share in shares.items()}
    quota = {value: int(count + 1e-9) for value, count in exact.items()}
    # Rounded, so that equal shares tie instead of being told apart by the last bit.
    rest = {value: round(exact[value] - quota[value], 9) for value in shares}
    shuffled = [list(shares)[i] for i in rng.permutation(len(shares))]
    for value in sorted(shuffled, key=lambda value: -rest[value])[: n - sum(quota.values())]:
        quota[value] += 1
    return quota


def spread(values: Sequence[Any], n: int, rng: np.random.Generator) -> dict[Any, int]:
    """Split n over an ordered scale: each value floor or ceil of its share, the extra ones evenly spaced along it.

    Four of ten tones are never neighbours: 1, 3, 6, 8 or 2, 5, 7, 10, by the seed.
    """
    each, extra = divmod(n, len(values))
    quota = dict.fromkeys(values, each)
    if extra:
        step = len(values) / extra
        offset = rng.uniform(0, step)
        for i in range(extra):
            quota[values[int(offset + i * step)]] += 1
    return quota


def quotas(n: int, allowed: Mapping[str, Sequence[Any]], rng: np.random.Generator) -> dict[str, dict[Any, int]]:
    """How often each allowed value appears among n people, so that all RULES can be kept at once.

    Tones and sizes are always exact. Where a rule needs more people of a kind than its quota has (a maternity catalogue
    needs feminine people), that quota yields, and the others share what is left.
    """
    counts: dict[str, dict[Any, int]] = {"tone": spread(allowed["tone"], n, rng)}
    for dimension in ("size", "feature", "presentation", "age"):
        shares = {value: SHARES[dimension][value] for value in allowed[dimension]}
        counts[dimension] = _with_room(dimension, shares, n, counts, rng)
    return counts


def _with_room(
    dimension: str,
    shares: Mapping[Any, float],
    n: int,
    counts: Mapping[str, Mapping[Any, int]],
    rng: np.random.Generator,
) -> dict[Any, int]:
    """The quota of a dimension, with at least as many of the values that rules need as the counts so far ask for.

    RULES need at most one set of values per dimension; a second one would have to be solved together with the first.
    """
    quota = largest_remainder(shares, n, rng)
    needed = {r.allowed: 0 for r in RULES if r.needs == dimension}
    for rule in RULES:
        if rule.needs == dimension:
            needed[rule.allowed] += counts[rule.dimension].get(rule.value, 0)
    for kinds, need in needed.items():
        need = min(need, n)
        inside = {value: share for value, share in shares.items() if value in kinds}
        outside = {value: share for value, share in shares.items() if value not in kinds}
        if inside and sum(quota[value] for value in inside) < need:
            quota = largest_remainder(inside, need, rng)
            quota |= largest_remainder(outside, n - need, rng) if outside else {}
    return quota
