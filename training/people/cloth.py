"""What a piece of clothing is, as data."""

from __future__ import annotations

from dataclasses import dataclass, field

RGB = tuple[int, int, int]


@dataclass(frozen=True)
class Fabric:
    """Pattern and colours. `scale` is the size of the pattern in cm."""

    pattern: str = (
        "solid"  #: solid, stripes-h, stripes-v, check, dots, floral, blobs, letters, logo, denim, knit, heather, block
    )
    colour: RGB = (200, 200, 200)
    second: RGB = (40, 40, 60)
    scale: float = 4.0
    shine: float = 0.0  #: 0 cotton, 1 satin
    seed: int = 0


@dataclass(frozen=True)
class Cloth:
    """One piece. Lengths are shares: sleeves of the arm, hems of the way from waist to ankle; eases are centimetres of air."""

    category: str  #: a value of records.Category
    fabric: Fabric = field(default_factory=Fabric)
    sleeve: float = 0.36  #: 0 sleeveless, 0.36 short, 1 to the wrist
    neck: str = "crew"  #: crew, v, scoop, boat, turtle, collar
    hem: float = 0.22  #: 0 waist, 0.22 hip, 0.42 thigh, 0.6 knee, 1 ankle; for trousers the share of the leg
    ease: float = 2.0
    hang: float = 0.5  #: 0 follows the body, 1 falls straight from its widest place
    flare: float = 0.0  #: cm of radius gained per 10 cm of fall
    sleeve_ease: float = 2.0
    sleeve_flare: float = 0.0  #: cm more at the end of the sleeve
    leg_ease: float = 2.0
    leg_hem: float = 8.0  #: radius of a trouser leg at its end, cm
    rise: float = 0.0  #: cm that a waistband sits above the waist
    opening: str = "none"  #: none, zip, open, buttons
    folds: float = 1.0


COMPANIONS: dict[str, Cloth] = {
    "straight-trousers": Cloth("trousers", hem=0.97, leg_ease=1.6, leg_hem=9.5),
    "wide-trousers": Cloth("trousers", hem=0.99, leg_ease=3.0, leg_hem=15.0, folds=1.3),
    "slim-trousers": Cloth("trousers", hem=0.94, leg_ease=0.8, leg_hem=6.0, folds=0.7),
    "shorts": Cloth("shorts", hem=0.40, leg_ease=2.6, leg_hem=13.0),
    "a-line-skirt": Cloth("skirt", hem=0.62, ease=1.0, flare=1.5, hang=0.8),
    "pencil-skirt": Cloth("skirt", hem=0.60, ease=1.0, flare=-0.25, hang=0.3, folds=0.6),
    "t-shirt": Cloth("top", sleeve=0.36, hem=0.2, ease=1.6),
    "long-sleeve": Cloth("top", sleeve=0.98, hem=0.2, ease=1.6, sleeve_ease=1.2),
    "tank": Cloth("top", sleeve=0.0, neck="scoop", hem=0.2, ease=1.4),
    "shirt": Cloth("top", sleeve=0.98, neck="collar", hem=0.22, ease=2.4, sleeve_ease=2.0, opening="buttons"),
}
