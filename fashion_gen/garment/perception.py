"""Our own small net that sees garments (`perception.onnx`, made in `training/perception`), run by onnxruntime on the CPU.

One look at the photo and its mirror image, at 256 x 256, answers everything at once: which pixels are the garment, which are
skin, hair and so on, how it was photographed, what it is, where its landmarks are, and whether there are several. About 60 ms.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any
from weakref import ref

import cv2
import numpy as np
from numpy.typing import NDArray

from fashion_gen.errors import BackendUnavailable
from fashion_gen.garment.landmarks import NAMES
from fashion_gen.records import Kind, Landmark, Matte, Picture

KINDS = ("flat", "hanger", "ghost", "mannequin", "person")
CATEGORIES = ("top", "outerwear", "dress", "jumpsuit", "trousers", "shorts", "skirt", "shoes", "hat", "bag")
PARTS = ("background", "skin", "hair", "face", "hands", "upper", "lower", "one-piece", "shoes", "other")
BODY = ("skin", "face", "hands")  #: not hair: a hood before a dark opening looks like it
WEIGHTS = Path(__file__).with_name("perception.onnx")
SIZE = 256  #: pixels of the square picture that the net gets
_MIDDLE, _RANGE = 127.0, 128.0  # the backbone's own scaling of bytes
_NEARLY = 0.05  # of the picture
_HEAT, _PRESENT = 2, 3  # outputs that know left from right
_SWAPPED = [NAMES.index(name.replace("left", "?").replace("right", "left").replace("?", "right")) for name in NAMES]

Array = NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class Seen:
    """What the net says about a photo. Maps are those of the photo without the letterbox, smaller than the photo."""

    matte: Matte  #: (h, w) probability of garment; long side 128
    parts: Array  #: (len(PARTS), h, w) probabilities; long side 64
    kinds: Mapping[Kind, float]
    categories: Mapping[str, float]  #: by the names of CATEGORIES
    landmarks: Mapping[str, Landmark]  #: every name of NAMES, with its confidence
    several: float  #: probability of more than one garment

    @property
    def kind(self) -> Kind:
        return max(self.kinds, key=lambda kind: self.kinds[kind])

    @property
    def body(self) -> float:
        """Share of the picture that shows skin, a face or hands more likely than anything else."""
        likeliest = self.parts.argmax(axis=0)
        return float(np.isin(likeliest, [PARTS.index(name) for name in BODY]).mean())

    def part(self, *names: str) -> Matte:
        """(h, w) probability of any of these parts."""
        return np.asarray(self.parts[[PARTS.index(name) for name in names]].sum(axis=0))


@dataclass(eq=False)
class PerceptionNet:
    """The loaded net. An instance that exists is ready.

    Raises:
        BackendUnavailable: onnxruntime or the weights are missing, or the weights are damaged.
    """

    weights: Path = WEIGHTS
    _session: Any = field(init=False, repr=False)
    _last: tuple[ref[Picture], Seen] | None = field(init=False, default=None, repr=False)

    def __post_init__(self) -> None:
        self._session = _open(self.weights)

    def see(self, rgb: Picture) -> Seen:
        """Look at an (H, W, 3) picture. The last picture is remembered: several stages ask about the same one."""
        last = self._last
        if last is not None and last[0]() is rgb:
            return last[1]
        seen = self._look(rgb)
        self._last = (ref(rgb), seen)
        return seen

    def _look(self, rgb: Picture) -> Seen:
        square, box = letterbox(rgb)
        plain, mirrored = self._answers(square), self._answers(square[:, ::-1])
        mirrored = [answer[..., ::-1] if answer.ndim == 3 else answer for answer in mirrored]
        for place in (_HEAT, _PRESENT):
            mirrored[place] = mirrored[place][_SWAPPED]
        matte, parts, _, _, kind, category, several = (
            (one + other) / 2 for one, other in zip(plain, mirrored, strict=True)
        )
        return Seen(
            matte=_inside(matte[0], box),
            parts=np.stack([_inside(part, box) for part in parts]),
            kinds={Kind(name): float(odds) for name, odds in zip(KINDS, kind, strict=True)},
            categories={name: float(odds) for name, odds in zip(CATEGORIES, category, strict=True)},
            landmarks={
                name: _agreed(*(_peak(told[_HEAT][i], float(told[_PRESENT][i]), box) for told in (plain, mirrored)))
                for i, name in enumerate(NAMES)
            },
            several=float(several[0]),
        )

    def _answers(self, square: Picture) -> list[Array]:
        """What the net says about a square picture, in the order of its outputs."""
        values = (square.astype(np.float32) - _MIDDLE) / _RANGE
        answers = self._session.run(None, {"picture": np.ascontiguousarray(values.transpose(2, 0, 1)[None])})
        return [answer[0] for answer in answers]


@cache
def open_net() -> PerceptionNet:
    """The net of the package, loaded once a process; see `PerceptionNet` for what can go wrong."""
    return PerceptionNet()


Box = tuple[float, float, float, float]


def letterbox(rgb: Picture) -> tuple[Picture, Box]:
    """The picture in the middle of a black square of SIZE, and its (x0, y0, x1, y1) in [0, 1] of the square."""
    h, w = rgb.shape[:2]
    scale = SIZE / max(h, w)
    wide, high = max(1, round(w * scale)), max(1, round(h * scale))
    area = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    square = np.zeros((SIZE, SIZE, 3), np.uint8)
    x, y = (SIZE - wide) // 2, (SIZE - high) // 2
    square[y : y + high, x : x + wide] = cv2.resize(rgb, (wide, high), interpolation=area)
    return square, (x / SIZE, y / SIZE, (x + wide) / SIZE, (y + high) / SIZE)


def _inside(values: Array, box: Box) -> Array:
    """The part of a square map that shows the picture."""
    n = len(values)
    x0, y0, x1, y1 = (round(side * n) for side in box)
    return np.ascontiguousarray(values[y0 : max(y1, y0 + 1), x0 : max(x1, x0 + 1)])


def _peak(heat: Array, present: float, box: Box) -> Landmark:
    """The mean place around the highest of an (n, n) map of odds, in [0, 1] of the picture within the square."""
    n = len(heat)
    row, column = np.unravel_index(int(heat.argmax()), heat.shape)
    rows = slice(max(0, row - 3), row + 4)
    columns = slice(max(0, column - 3), column + 4)
    near = heat[rows, columns]
    mass = float(near.sum())
    y = float((near.sum(1) * (np.arange(n)[rows] + 0.5)).sum()) / max(mass, 1e-9) / n
    x = float((near.sum(0) * (np.arange(n)[columns] + 0.5)).sum()) / max(mass, 1e-9) / n
    x0, y0, x1, y1 = box
    inside = np.clip(((x - x0) / (x1 - x0), (y - y0) / (y1 - y0)), 0, 1)
    return Landmark(float(inside[0]), float(inside[1]), round(present * min(1.0, mass), 3))


def _agreed(plain: Landmark, mirrored: Landmark) -> Landmark:
    """One point from two looks: between them where they nearly agree, else the surer one."""
    if abs(plain.x - mirrored.x) + abs(plain.y - mirrored.y) > _NEARLY:
        return max(plain, mirrored, key=lambda mark: mark.confidence)
    sure = max(plain.confidence, mirrored.confidence)
    return Landmark((plain.x + mirrored.x) / 2, (plain.y + mirrored.y) / 2, sure)


def _open(weights: Path) -> Any:
    try:
        import onnxruntime
    except ModuleNotFoundError as exc:
        raise BackendUnavailable("onnxruntime is missing: pip install fashion-gen again.") from exc
    if not weights.exists():
        raise BackendUnavailable(f"The perception net is missing ({weights.name}): pip install fashion-gen again.")
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    try:
        return onnxruntime.InferenceSession(str(weights), options, providers=["CPUExecutionProvider"])
    except Exception as exc:  # onnxruntime has an error class of its own for each way in which a file can be damaged
        raise BackendUnavailable(
            f"The perception net ({weights.name}) is damaged: pip install fashion-gen again."
        ) from exc
