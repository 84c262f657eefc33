"""The frozen values that travel between stages. No I/O, no torch.

Arrays are read-only by convention: pictures are (H, W, 3) uint8 RGB, mattes (H, W) float32 in [0, 1], masks (H, W)
bool. Positions are (x, y) with the origin at the top left. "Left" and "right" of a garment are the viewer's; those of a body
are the wearer's, as in OpenPose and COCO.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fashion_gen.errors import InvalidBrief
from fashion_gen.warp import Warp

Picture = NDArray[np.uint8]
Matte = NDArray[np.float32]
Mask = NDArray[np.bool_]
Points = NDArray[np.float64]

WIDEST_STROKE = 0.2  #: long sides of the photo


class Kind(StrEnum):
    """How the garment was photographed."""

    FLAT = "flat"
    HANGER = "hanger"
    GHOST = "ghost"
    MANNEQUIN = "mannequin"
    PERSON = "person"

    @property
    def worn(self) -> bool:
        """Whether the garment has the shape that a body gave it."""
        return self in (Kind.GHOST, Kind.MANNEQUIN, Kind.PERSON)


class Category(StrEnum):
    """What the garment is. Shoes, bags and the rest are refused before they get here."""

    TOP = "top"
    OUTERWEAR = "outerwear"
    DRESS = "dress"
    JUMPSUIT = "jumpsuit"
    TROUSERS = "trousers"
    SHORTS = "shorts"
    SKIRT = "skirt"

    @property
    def covers_top(self) -> bool:
        return self in (Category.TOP, Category.OUTERWEAR, Category.DRESS, Category.JUMPSUIT)

    @property
    def covers_legs(self) -> bool:
        return self in (Category.TROUSERS, Category.SHORTS, Category.SKIRT, Category.DRESS, Category.JUMPSUIT)


class Framing(StrEnum):
    """How much of the person the canvas shows."""

    FULL = "full"
    COWBOY = "cowboy"  # head to mid-thigh or knee
    UPPER = "upper"  # head to hips
    LOWER = "lower"  # waist to feet


class Presentation(StrEnum):
    FEMININE = "feminine"
    MASCULINE = "masculine"
    ANDROGYNOUS = "androgynous"


class AgeBand(StrEnum):
    """Adults only."""

    YOUNG = "18-29"
    PRIME = "30-44"
    MIDDLE = "45-59"
    SENIOR = "60+"


class SizeType(StrEnum):
    """Google Merchant Center `size_type` (support.google.com/merchants/answer/6324497)."""

    PETITE = "petite"
    REGULAR = "regular"
    TALL = "tall"
    PLUS = "plus"
    BIG = "big"
    MATERNITY = "maternity"


@dataclass(frozen=True, slots=True)
class Problem:
    """Something wrong with a photo, and the cure. `refuse` problems stop the job, others are told."""

    code: str
    message: str
    cure: str
    refuse: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Photo:
    """The seller's picture, upright and in sRGB."""

    name: str  #: file stem, safe as a folder name
    rgb: Picture
    alpha: Matte | None  #: present when the file was a cut-out
    sha256: str  #: of the file's bytes as uploaded
    problems: tuple[Problem, ...] = ()

    @property
    def width(self) -> int:
        return int(self.rgb.shape[1])

    @property
    def height(self) -> int:
        return int(self.rgb.shape[0])


@dataclass(frozen=True, slots=True)
class Stroke:
    """A point, or a line through points, (x, y) in [0, 1] of the photo; `width` in long sides of the photo.

    Raises InvalidBrief: there is no point, one lies outside the picture, or the width is no width.
    """

    points: tuple[tuple[float, float], ...]
    include: bool
    width: float = 0.01

    def __post_init__(self) -> None:
        if not self.points:
            raise InvalidBrief("A stroke has no points: give at least one, with x and y between 0 and 1.")
        for x, y in self.points:
            if not (0 <= x <= 1 and 0 <= y <= 1):
                raise InvalidBrief(
                    f"The stroke's point {x:g},{y:g} lies outside the picture: give x and y between 0 and 1, "
                    "as parts of its width and height."
                )
        if not 0 < self.width <= WIDEST_STROKE:
            raise InvalidBrief(
                f"A stroke cannot be {self.width:g} long sides wide: give a width over 0 and up to {WIDEST_STROKE:g}."
            )


@dataclass(frozen=True, slots=True)
class Landmark:
    """A named point of a garment, (x, y) in [0, 1] of the photo; left and right are the viewer's."""

    x: float
    y: float
    confidence: float  #: [0, 1]


@dataclass(frozen=True, slots=True, eq=False)
class Garment:
    """What was extracted from the photo."""

    photo: Photo
    matte: Matte  #: (H, W) at source resolution, 1 on the garment
    colour: Picture  #: (H, W, 3) the photo, with background colour removed from soft edges; equals the photo where matte is 1
    inside: Mask  #: (H, W) garment-inside (hollow neck of a ghost shot): given to the person
    kind: Kind
    category: Category
    landmarks: Mapping[str, Landmark]
    segmenter: str
    kind_confidence: float = 1.0
    category_confidence: float = 1.0
    problems: tuple[Problem, ...] = ()
    parts: Mapping[str, Mask] = field(default_factory=dict)  #: (h, w) small maps of what was seen, by name: "skin", ...

    @property
    def box(self) -> tuple[int, int, int, int]:
        """(x0, y0, x1, y1) in photo pixels around matte > 0.5, exclusive at the far side."""
        ys, xs = np.nonzero(self.matte > 0.5)
        return int(xs.min()), int(ys.min()), int(xs.max()) + 1, int(ys.max()) + 1


@dataclass(frozen=True, slots=True)
class Measurements:
    """An adult body in centimetres, girths around, as tailors take them (ISO 8559-1)."""

    height: float
    shoulder: float  #: biacromial breadth, bone to bone
    neck: float
    chest: float
    waist: float
    hip: float
    upper_arm: float
    wrist: float
    thigh: float
    calf: float
    belly: float = 0.0  #: extra depth in front at navel height (maternity)


@dataclass(frozen=True, slots=True)
class Persona:
    """Who wears it: a named, reusable identity."""

    name: str
    tone: int  #: Monk Skin Tone, 1 (lightest) to 10
    size: SizeType
    age: AgeBand
    presentation: Presentation
    hair: str  #: a hair style of `body.head.hair`
    hair_colour: str  #: a colour of `body.head.hair`
    measurements: Measurements
    features: tuple[str, ...] = ()  #: e.g. "glasses", "hijab", "wheelchair"
    seed: int = 0


@dataclass(frozen=True, slots=True)
class Pose:
    """Joint angles of a body in degrees plus the framing.

    `angles` maps a joint group ("torso", "head", "left_arm", "right_arm", "left_leg", "right_leg") to named angles;
    see `body.kinematics` for their names, zero and limits.
    """

    name: str
    framing: Framing
    angles: Mapping[str, Mapping[str, float]]
    tags: tuple[str, ...] = ()
    seat: str = "none"  #: "none", "stool" or "wheelchair"


@dataclass(frozen=True, slots=True)
class Piece:
    """A companion garment of a styling: trousers, skirt, top or shoes in a colour."""

    slot: str  #: "top", "bottom", "shoes"
    shape: str  #: a shape that `body.clothes` can draw, e.g. "straight-trousers"
    colour: tuple[int, int, int]
    name: str  #: for the list of what was invented, e.g. "navy trousers"


@dataclass(frozen=True, slots=True)
class Styling:
    """The companion clothes that a garment is shown with."""

    name: str
    pieces: tuple[Piece, ...]


@dataclass(frozen=True, slots=True)
class Scene:
    """Background and light."""

    name: str
    backdrop: str  #: "plain", "gradient", "street", "room"
    wall: tuple[int, int, int]
    floor: tuple[int, int, int]
    prompt: str
    light: float = 1.0


@dataclass(frozen=True, slots=True)
class View:
    """A weak-perspective camera: x_px = x0 + X * scale, y_px = y0 - Y * scale, for body centimetres (X right, Y up)."""

    width: int
    height: int
    scale: float  #: pixels per centimetre
    x0: float
    y0: float

    def project(self, points: Points) -> Points:
        """(N, 3) body centimetres to (N, 2) canvas pixels."""
        return np.stack([self.x0 + points[:, 0] * self.scale, self.y0 - points[:, 1] * self.scale], axis=1)

    def resized(self, width: int) -> View:
        """The same view on a canvas of another width and the same aspect."""
        k = width / self.width
        return View(width, round(self.height * k), self.scale * k, self.x0 * k, self.y0 * k)


@dataclass(frozen=True, slots=True, eq=False)
class Staging:
    """A persona in a pose on a canvas, with the garment put where it is worn.

    `garment_to_canvas` is the (2, 3) affine from photo pixels to canvas pixels of `view`. Where the asked pose bends the
    garment, `warp` says what it looks like; it takes the affine in, which then holds for the trunk alone.
    """

    persona: Persona
    pose: Pose
    view: View
    keypoints: Points  #: (18, 3) OpenPose order, x and y in [0, 1] of the canvas, visibility 0 or 1
    garment_to_canvas: Points
    notes: tuple[str, ...] = ()
    warp: Warp | None = None


@dataclass(frozen=True, slots=True)
class Brief:
    """What is asked for."""

    looks: int = 4
    casting: str = "balanced"  #: "balanced", or persona names separated by commas
    tone: int | None = None
    size: SizeType | None = None
    age: AgeBand | None = None
    presentation: Presentation | None = None
    pose: str = "auto"
    framing: Framing | None = None
    scene: str = "studio-grey"
    styling: str = "auto"
    channels: tuple[str, ...] = ()
    seed: int = 0
    category: Category | None = None
    kind: Kind | None = None
    max_attempts: int = 3
    grade: bool = True  #: whether a garment may be made a little wider or narrower, as the wearer's size is cut


@dataclass(frozen=True, slots=True)
class Inspection:
    """The certificate of one look: numbers, not adjectives. None means "not judged" and never counts as passed or failed."""

    passed: bool
    reasons: tuple[str, ...]
    attempts: int
    pixel_lock: bool
    garment_max_delta: int | None
    garment_delta_e_p95: float | None
    expansion: float | None
    seam_delta_e_p95: float | None
    pose_pck: float | None
    people: int | None
    tone_asked: int
    tone_measured: int | None


@dataclass(frozen=True, slots=True)
class Label:
    """Which marks the written file carries."""

    xmp: bool
    c2pa: str = "none"  #: "none", "valid", "invalid"
    watermark: bool = False
    visible: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Look:
    """One result."""

    image: Any  #: PIL.Image.Image, the master, RGB
    master: bytes  #: the labelled PNG, as inspected
    persona: Persona
    pose: Pose
    keypoints: Points
    scene: str
    styling: str
    seed: int
    preset: str
    weights_sha256: str
    garment_box: tuple[int, int, int, int]
    garment_mask: NDArray[np.uint8]  #: (H, W) 8-bit matte in master coordinates
    reference: NDArray[np.uint8]  #: (H, W, 4) the garment as placed
    inspection: Inspection
    invented: tuple[str, ...]
    notes: tuple[str, ...]  #: what the stages decided that a seller should know
    label: Label
    seconds: Mapping[str, float] = field(default_factory=dict)
