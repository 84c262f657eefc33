"""Adult bodies in centimetres: what the size types mean, and a plausible body of a size.

A garment's size is chosen by the chest (the primary dimension of EN 13402-2), so a size here is a span of chest girths
and a span of heights; everything else follows from the two as it does in real people, not by independent draws.

Sources, and how sure we are of them:

* ANSUR II 2012 (Gordon et al., NATICK/TR-15/007; public data of 1,986 women and 4,082 men): chest, hip, thigh, calf,
  wrist and biacromial breadth as linear functions of height and weight with the spread that these leave. Looked up:
  least-squares fits to the public files. Soldiers are fitter than the public, but the hip that these lines give is
  within 2 cm of the EN 13402-3 dress sizes from chest 84 to 128.
* EN 13402-3: chest steps (4 cm, then 6 cm from 104 on) and men's letter bands S 86-94 ... XXL 118-129 looked up; the
  constant drop from chest to natural waist (16 cm women, 12 cm men) and the numbers on the labels recalled. ANSUR's own
  waist is taken at the navel, not where a garment's waist sits, and is therefore not used.
* Neck and upper arm against weight: recalled ANSUR II means and spreads (neck 33.0 and 39.8 cm; flexed biceps 30.6 and
  35.8 cm, less 1.5 cm for a hanging arm); the slopes keep plus sizes near NHANES 2007-2010 arm girths, also recalled.
* Change with age, and the correlation of what height and weight leave unexplained: our own choice, in the direction
  that NHANES reports (the waist grows by some 2 cm a decade).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final, Literal

import numpy as np

from fashion_gen.errors import InvalidBrief
from fashion_gen.records import AgeBand, Measurements, Points, Presentation, SizeType

Span = tuple[float, float]
System = Literal["EU", "UK", "US"]

#: What we draw at all. Outside of it a body is refused, not clipped.
LIMITS: Final[Mapping[str, Span]] = MappingProxyType(
    {
        "height": (145.0, 200.0),
        "shoulder": (30.0, 50.0),
        "neck": (27.0, 56.0),
        "chest": (70.0, 165.0),
        "waist": (54.0, 165.0),
        "hip": (76.0, 170.0),
        "upper_arm": (20.0, 60.0),
        "wrist": (12.5, 24.0),
        "thigh": (40.0, 98.0),
        "calf": (27.0, 62.0),
        "belly": (0.0, 25.0),
    }
)

#: (smaller, larger, lowest and highest ratio): catches a body whose numbers are possible one by one but not together.
RELATIONS: Final[tuple[tuple[str, str, Span], ...]] = (
    ("shoulder", "height", (0.19, 0.28)),
    ("waist", "chest", (0.62, 1.12)),
    ("waist", "hip", (0.55, 1.20)),
    ("chest", "hip", (0.72, 1.25)),
    ("thigh", "hip", (0.48, 0.70)),
    ("calf", "thigh", (0.50, 0.80)),
    ("wrist", "upper_arm", (0.33, 0.72)),
    ("upper_arm", "thigh", (0.38, 0.68)),
    ("neck", "chest", (0.28, 0.48)),
)


@dataclass(frozen=True, slots=True)
class SizeRange:
    """A size as a span of heights and of chest girths in centimetres, and what else sets it apart."""

    height: Span
    chest: Span
    drop: float  #: chest minus waist, on average
    frame: float = 0.0  #: added to the shoulder breadth that height and weight give
    belly: Span = (0.0, 0.0)


@dataclass(frozen=True, slots=True)
class _Line:
    """A girth as a linear function of height (cm) and weight (kg), with the spread that these leave."""

    base: float
    per_cm: float
    per_kg: float
    spread: float

    def at(self, height: float, weight: float) -> float:
        return self.base + self.per_cm * height + self.per_kg * weight

    def weight(self, height: float, girth: float) -> float:
        """The weight at which a body of this height has this girth."""
        return (girth - self.base - self.per_cm * height) / self.per_kg

    def between(self, other: _Line) -> _Line:
        return _Line(
            (self.base + other.base) / 2,
            (self.per_cm + other.per_cm) / 2,
            (self.per_kg + other.per_kg) / 2,
            (self.spread + other.spread) / 2,
        )


_FEMININE: Final[Mapping[str, _Line]] = {
    "chest": _Line(99.034, -0.3292, 0.7269, 4.33),
    "hip": _Line(84.689, -0.1784, 0.6861, 2.89),
    "thigh": _Line(58.401, -0.1942, 0.5142, 2.24),
    "calf": _Line(30.585, -0.0514, 0.2230, 1.75),
    "wrist": _Line(8.086, 0.0279, 0.0419, 0.54),
    "shoulder": _Line(13.199, 0.1283, 0.0361, 1.48),
    "neck": _Line(24.2, 0.0, 0.13, 1.2),
    "upper_arm": _Line(12.2, 0.0, 0.25, 1.4),
}
_MASCULINE: Final[Mapping[str, _Line]] = {
    "chest": _Line(103.643, -0.2909, 0.6235, 3.19),
    "hip": _Line(80.841, -0.1401, 0.5346, 2.64),
    "thigh": _Line(59.474, -0.1836, 0.4125, 2.28),
    "calf": _Line(35.096, -0.0684, 0.1888, 1.61),
    "wrist": _Line(9.750, 0.0252, 0.0398, 0.60),
    "shoulder": _Line(20.459, 0.0917, 0.0586, 1.48),
    "neck": _Line(28.7, 0.0, 0.13, 1.5),
    "upper_arm": _Line(16.3, 0.0, 0.21, 1.6),
}
_LINES: Final[Mapping[Presentation, Mapping[str, _Line]]] = {
    Presentation.FEMININE: _FEMININE,
    Presentation.MASCULINE: _MASCULINE,
    Presentation.ANDROGYNOUS: {name: line.between(_MASCULINE[name]) for name, line in _FEMININE.items()},
}

_DROP: Final = {Presentation.FEMININE: 16.0, Presentation.MASCULINE: 12.0, Presentation.ANDROGYNOUS: 14.0}
_AGED_WAIST: Final = {AgeBand.YOUNG: 0.0, AgeBand.PRIME: 1.5, AgeBand.MIDDLE: 4.0, AgeBand.SENIOR: 5.0}
_AGED_HEIGHT: Final = {AgeBand.YOUNG: 0.0, AgeBand.PRIME: 0.0, AgeBand.MIDDLE: -0.5, AgeBand.SENIOR: -2.0}

#: Girths that vary together beyond what height and weight explain.
_VARYING: Final = ("waist", "hip", "thigh", "calf", "upper_arm", "neck", "wrist", "shoulder")
_TOGETHER: Final[Mapping[tuple[str, str], float]] = {
    ("waist", "hip"): 0.3,
    ("waist", "neck"): 0.25,
    ("hip", "thigh"): 0.6,
    ("thigh", "calf"): 0.45,
    ("thigh", "upper_arm"): 0.35,
    ("calf", "wrist"): 0.3,
    ("upper_arm", "neck"): 0.3,
    ("neck", "wrist"): 0.3,
    ("wrist", "shoulder"): 0.25,
}
_WAIST_SPREAD: Final = 2.8
_TALL_AND_WIDE: Final = 0.25  # correlation of chest and height in ANSUR II, rounded
_FARTHEST: Final = 1.6  # spreads; a persona is plausible rather than extreme


def _mixing() -> Points:
    correlation = np.eye(len(_VARYING))
    for (a, b), r in _TOGETHER.items():
        i, j = _VARYING.index(a), _VARYING.index(b)
        correlation[i, j] = correlation[j, i] = r
    return np.asarray(np.linalg.cholesky(correlation), np.float64)


_MIXING: Final = _mixing()


def _middle(a: Span, b: Span) -> Span:
    return (a[0] + b[0]) / 2, (a[1] + b[1]) / 2


def _each(
    feminine: tuple[Span, Span],
    masculine: tuple[Span, Span],
    *,
    fuller: float = 0.0,
    frame: float = 0.0,
    belly: Span = (0, 0),
) -> Mapping[Presentation, SizeRange]:
    """(height, chest) of the two ends; androgynous lies between. `fuller` takes centimetres off the drop."""
    ends = {
        Presentation.FEMININE: feminine,
        Presentation.MASCULINE: masculine,
        Presentation.ANDROGYNOUS: (_middle(feminine[0], masculine[0]), _middle(feminine[1], masculine[1])),
    }
    return MappingProxyType(
        {who: SizeRange(height, chest, _DROP[who] - fuller, frame, belly) for who, (height, chest) in ends.items()}
    )


SIZE_RANGES: Final[Mapping[SizeType, Mapping[Presentation, SizeRange]]] = MappingProxyType(
    {
        SizeType.PETITE: _each(((146, 160), (78, 92)), ((155, 167), (84, 98))),
        SizeType.REGULAR: _each(((160, 172), (80, 96)), ((170, 183), (90, 104))),
        SizeType.TALL: _each(((174, 187), (82, 98)), ((186, 199), (92, 108))),
        SizeType.PLUS: _each(((156, 174), (106, 128)), ((166, 184), (112, 132)), fuller=2),
        SizeType.BIG: _each(((166, 180), (104, 124)), ((176, 194), (114, 136)), fuller=4, frame=2),
        SizeType.MATERNITY: _each(((157, 174), (88, 106)), ((164, 180), (92, 108)), belly=(9, 17)),
    }
)
"""What a size type means for each presentation: `SIZE_RANGES[SizeType.PLUS][Presentation.FEMININE].chest`."""


def measure_for(
    presentation: Presentation, size: SizeType | SizeRange, age: AgeBand, rng: np.random.Generator
) -> Measurements:
    """Draw an adult body of a size, rounded to half centimetres; the same generator state gives the same body.

    `size` is a size type or the range of a numeric size (`numeric_size`). Height and chest are drawn within the size's
    spans, weight follows from them, and the other girths from height and weight with correlated residuals.
    """
    span = SIZE_RANGES[size][presentation] if isinstance(size, SizeType) else size
    lines = _LINES[presentation]
    tall, wide, full = np.clip(rng.standard_normal(3), -_FARTHEST, _FARTHEST)
    apart = dict(
        zip(_VARYING, np.clip(_MIXING @ rng.standard_normal(len(_VARYING)), -_FARTHEST, _FARTHEST), strict=True)
    )

    height = _within(span.height, tall, _AGED_HEIGHT[age])
    wide = _TALL_AND_WIDE * tall + np.sqrt(1 - _TALL_AND_WIDE**2) * wide
    chest = _within(span.chest, wide, 0.0)
    weight = lines["chest"].weight(height, chest)
    body = {name: lines[name].at(height, weight) + lines[name].spread * apart[name] for name in _VARYING[1:]}
    body["waist"] = chest - span.drop + _AGED_WAIST[age] + _WAIST_SPREAD * apart["waist"]
    body["shoulder"] += span.frame
    belly = _within(span.belly, full, 0.0)
    return Measurements(**{k: _half(v) for k, v in (body | {"height": height, "chest": chest, "belly": belly}).items()})


def numeric_size(number: int, presentation: Presentation, system: System = "EU") -> SizeRange:
    """The range behind a number on a label: EU 38 feminine is a chest of 86 to 90 cm.

    Feminine numbers are dress sizes (EU 38 = UK 10 = US 6), masculine ones jacket sizes (EU 50 = UK and US 40). Labels
    differ between brands and countries; these are the EN 13402-3 girths under the numbers of German and British tables.
    Androgynous numbers are read as masculine ones.

    Raises:
        InvalidBrief: there is no such number.
    """
    chest = _chest_of(_european(number, presentation, system), presentation)
    if chest is None:
        raise InvalidBrief(
            f"There is no {system} size {number} for {presentation}: use a number of that system's table."
        )
    step = 2.0 if chest < 104 else 3.0
    regular = SIZE_RANGES[SizeType.REGULAR][presentation]
    return SizeRange(regular.height, (chest - step, chest + step), regular.drop)


def validate(measurements: Measurements) -> None:
    """Raise InvalidBrief, with the cure, where a body is not one that an adult could have."""
    for name, (low, high) in LIMITS.items():
        value = getattr(measurements, name)
        if not low <= value <= high:
            raise InvalidBrief(f"A body with {_plain(name)} {value:g} cm cannot be drawn: give {low:g} to {high:g} cm.")
    for small, large, (low, high) in RELATIONS:
        part, whole = getattr(measurements, small), getattr(measurements, large)
        if not low <= part / whole <= high:
            raise InvalidBrief(
                f"A {_plain(small)} of {part:g} cm does not go with a {_plain(large)} of {whole:g} cm: "
                f"give {low * whole:.0f} to {high * whole:.0f} cm."
            )


def _plain(name: str) -> str:
    return name.replace("_", " ")


def _within(span: Span, z: float, shift: float) -> float:
    """The span's middle, moved by z quarters of its width and by the shift, never out of the span."""
    low, high = span
    return float(np.clip((low + high) / 2 + z * (high - low) / 4 + shift, low, high))


def _half(value: float) -> float:
    return round(float(value) * 2) / 2


def _european(number: int, presentation: Presentation, system: System) -> int:
    if system == "EU":
        return number
    if presentation is Presentation.FEMININE:
        return number + (28 if system == "UK" else 32)
    return number + 10


def _chest_of(european: int, presentation: Presentation) -> float | None:
    """EN 13402-3 chest in cm under a German number, every second number; None where the table has none."""
    if european % 2:
        return None
    if presentation is Presentation.FEMININE:
        small = range(32, 48, 2)
        large = range(48, 60, 2)
        if european in small:
            return 76.0 + 2 * (european - 32)
        return 110.0 + 3 * (european - 48) if european in large else None
    return 2.0 * european if european in range(42, 72, 2) else None
