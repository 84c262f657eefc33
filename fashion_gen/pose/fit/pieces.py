"""The parts of a garment that can be turned by themselves: sleeves and trouser legs, cut from the trunk along their seams."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import cv2
import numpy as np

from fashion_gen.pose.fit.hinge import Bending, Hinge, Line
from fashion_gen.pose.upright import Upright
from fashion_gen.records import Garment, Mask, Points

_SURE = 0.25  # confidence below which a landmark is no place to cut
_YOKE = 0.4  # of the shoulder seam, from its outer end, that bends along with a sleeve: the cloth above the armpits
_SOFT = {
    "sleeve": 0.9,
    "leg": 0.5,
}  # widths of a piece's root over which it bends, where it is that long; hips are no bow
_LEAST_SOFT = 0.5  # widths of the root that must be left to bend over above an elbow
_ELBOW = 1.1  # widths of a sleeve over which it bends at the elbow
_SHORTEST = 0.25  # of its root's width that a piece must be long to be turned
_UPRIGHT = 110.0  # degrees from hanging down beyond which a piece is folded back, or is none
_STIFF = 0.06  # of a short piece, at its end, that does not bend
_DIAGONAL = 0.7  # sideways to onward, the direction in which the corners of an opening are looked for
_STEEPEST = 50.0  # degrees between a root and the axis of its piece, at least
_GAP = 12  # pixels below an armpit or crotch where the gap is too narrow to be seen
_SIDE_SEAM = 0.5  # of a leg's width above the crotch where the outer end of its joint lies
_DEEPEST_RISE = 0.45  # of the length of trousers; a lower "crotch" is the gap of legs that lie against each other


@dataclass(frozen=True, slots=True, eq=False)
class Piece:
    """A sleeve or a leg on the upright garment. `sign` is +1 at the viewer's right."""

    name: str  #: "left sleeve", as the viewer sees it
    sign: float
    cloth: Mask  #: (h, w)
    root: Line
    end: Line  #: the opening, from the corner on the outer side to that on the inner

    def joints(self, elbow: float | None = None) -> list[tuple[Line, Line]]:
        """Where it bends, from the root on: each joint from its first line to its last.

        Args:
            elbow: pixels from the root's middle along the axis, None for one joint only.
        """
        root = (self.root, self._soft_end(elbow))
        if elbow is None:
            return [root]
        half = _ELBOW * self._width(elbow) / 2
        return [root, (self._across(elbow - half), self._across(elbow + half))]

    def bending(self, raised: float, bent: float = 0.0, joints: list[tuple[Line, Line]] | None = None) -> Bending:
        """The piece turned outward at its root by `raised` degrees, and inward at the elbow, if there is one, by `bent`."""
        turns = (-self.sign * raised, self.sign * bent)
        return Bending.of([Hinge(*lines, turn) for lines, turn in zip(joints or self.joints(), turns, strict=False)])

    @property
    def marks(self) -> tuple[str, ...]:
        """The landmarks that go with the piece."""
        seen, word = self.name.split()
        return (f"{seen}_sleeve_end",) if word == "sleeve" else (f"{seen}_leg_end", f"{seen}_hem")

    @property
    def axis(self) -> Points:
        """(2,) unit vector from the root's middle to the end's."""
        return _unit(_middle(self.end) - _middle(self.root))

    @property
    def raised(self) -> float:
        """Degrees from hanging straight down, outward."""
        return float(np.degrees(np.arctan2(self.sign * self.axis[0], self.axis[1])))

    @property
    def length(self) -> float:
        return float(np.hypot(*(_middle(self.end) - _middle(self.root))))

    def has_elbow(self, elbow: float) -> bool:
        """Whether a joint so far from the root's middle has room in the cloth, clear of root and end."""
        half = _ELBOW * self._width(elbow) / 2
        soft = max(self._along(self.root.inner), 0.0) + _LEAST_SOFT * _length(self.root)
        return soft + half < elbow and elbow + half < self._free()

    def _along(self, point: Points) -> float:
        """Pixels from the root's middle in the direction of the axis."""
        return float((point - _middle(self.root)) @ self.axis)

    def _free(self) -> float:
        """How far down the piece a line square to its axis may lie."""
        return min(self._along(self.end.outer), self._along(self.end.inner)) - _STIFF * self.length

    def _soft_end(self, elbow: float | None) -> Line:
        """The line beyond which the piece is turned as a whole."""
        soft = max(self._along(self.root.inner), 0.0) + _SOFT[self.name.split()[1]] * _length(self.root)
        if elbow is not None:
            soft = min(soft, elbow - _ELBOW * self._width(elbow) / 2)
        if soft < self._free():
            return self._across(soft)
        outer, inner = (
            (1 - _STIFF) * far + _STIFF * near
            for near, far in ((self.root.outer, self.end.outer), (self.root.inner, self.end.inner))
        )
        return Line.across(outer, inner, _middle(self.end) + self.length * self.axis)

    def _across(self, along: float) -> Line:
        """The line square to the axis, from edge to edge of the cloth."""
        low, high = self._edges(along)
        square = np.array([-self.axis[1], self.axis[0]])
        ends = [_middle(self.root) + along * self.axis + t * square for t in (low, high)]
        outer, inner = sorted(ends, key=lambda end: float(np.hypot(*(end - self.root.inner))), reverse=True)
        return Line.across(outer, inner, _middle(self.root) + (along + 1) * self.axis)

    def _edges(self, along: float) -> tuple[float, float]:
        ys, xs = np.nonzero(self.cloth)
        from_root = np.column_stack([xs, ys]) + 0.5 - _middle(self.root)
        near = np.abs(from_root @ self.axis - along) < 1.0
        across = from_root[near] @ (-self.axis[1], self.axis[0])
        return (float(across.min()) - 0.5, float(across.max()) + 0.5) if across.size else (-1.0, 1.0)

    def _width(self, along: float) -> float:
        low, high = self._edges(along)
        return high - low


def pieces(garment: Garment, shape: Upright) -> Mapping[str, Piece | str]:
    """Every sleeve or leg by its name ("left sleeve"), or the reason why it cannot be told from the rest."""
    find = _sleeve if garment.category.covers_top else _leg
    ends = {"sleeve": "sleeve_end"} if garment.category.covers_top else {"leg": "leg_end"}
    return {
        f"{seen} {word}": find(garment, shape, seen)
        for word, end in ends.items()
        for seen in ("left", "right")
        if f"{seen}_{end}" in shape.points
    }


def _sleeve(garment: Garment, shape: Upright, seen: str) -> Piece | str:
    marks = _sure(garment, shape, f"{seen}_shoulder", f"{seen}_armpit", f"{seen}_sleeve_end")
    if marks is None:
        return "its seams could not be found"
    shoulder, armpit, end = marks
    neck = shape.points.get(f"{seen}_neck")
    outer = shoulder if neck is None else shoulder + _YOKE * (neck - shoulder)
    return _piece(f"{seen} sleeve", shape, Line.across(outer, armpit, end), end)


def _leg(garment: Garment, shape: Upright, seen: str) -> Piece | str:
    marks = _sure(garment, shape, "crotch", f"{seen}_leg_end")
    if marks is None:
        return "its seams could not be found"
    crotch, end = marks
    if crotch[1] - shape.top > _DEEPEST_RISE * (shape.bottom - shape.top) and shape.bottom - crotch[1] > 60:
        return "the legs lie against each other"
    left, right = shape.row(crotch[1])
    width = (crotch[0] - left) if seen == "left" else (right - crotch[0])
    row = crotch[1] - _SIDE_SEAM * width
    outer = np.array([shape.row(row)[0 if seen == "left" else 1], row])
    return _piece(f"{seen} leg", shape, Line.across(outer, crotch, end), end)


def _sure(garment: Garment, shape: Upright, *names: str) -> list[Points] | None:
    if any(name not in shape.points or garment.landmarks[name].confidence < _SURE for name in names):
        return None
    return [shape.points[name] for name in names]


def _piece(name: str, shape: Upright, root: Line, end: Points) -> Piece | str:
    cloth = _cut(shape, root, end)
    if cloth is None:
        return "it lies against the rest of the garment"
    piece = Piece(name, -1.0 if name.startswith("left") else 1.0, cloth, root, _opening(cloth, root, end))
    piece = replace(piece, root=_steep(piece))
    if piece.length < _SHORTEST * _length(root):
        return "it is too short to be turned"
    if not -_UPRIGHT / 3 < piece.raised < _UPRIGHT:
        return "it is folded back"
    return piece


def _steep(piece: Piece) -> Line:
    """The root, or, where the piece hangs along it, a line through its inner end that crosses the piece more squarely.

    Sections that run nearly along the cloth would have to part and close up a great deal.
    """
    inner, up = piece.root.inner, piece.root.outer - piece.root.inner
    turn = float(np.arctan2(_cross(piece.axis, up), piece.axis @ up))
    most = np.deg2rad(180 - _STEEPEST)
    if abs(turn) <= most:
        return piece.root
    c, s = np.cos(most), np.sin(most) * np.sign(turn)
    ray = np.array([c * piece.axis[0] - s * piece.axis[1], s * piece.axis[0] + c * piece.axis[1]])
    ys, xs = np.nonzero(piece.cloth)
    cloth = np.column_stack([xs, ys]) + 0.5 - inner
    along = (cloth @ ray)[np.abs(_cross(ray, cloth)) < 1.5]
    if not along.size or along.max() < 0.3 * _length(piece.root):
        return piece.root
    return Line.across(inner + float(along.max()) * ray, inner, piece.end.outer)


def _cross(a: Points, b: Points) -> Points:
    return np.asarray(a[..., 0] * b[..., 1] - a[..., 1] * b[..., 0])


def _opening(cloth: Mask, root: Line, end: Points) -> Line:
    """The far end of a piece: its corners lie furthest out, to the one side of the axis and to the other."""
    contours, _ = cv2.findContours(cloth.astype(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    outline = np.concatenate(contours)[:, 0].astype(np.float64) + 0.5
    middle = _middle(root)
    axis = _unit(end - middle)
    corners = []
    for _ in range(5):  # the landmark may lie anywhere along the opening
        square = np.array([-axis[1], axis[0]])
        corners = [outline[((outline - middle) @ (axis + side * square)).argmax()] for side in (_DIAGONAL, -_DIAGONAL)]
        axis = _unit((corners[0] + corners[1]) / 2 - middle)
    outer, inner = sorted(corners, key=lambda corner: float(np.hypot(*(corner - root.inner))), reverse=True)
    return Line.across(outer, inner, middle + 1e4 * axis)


def _length(line: Line) -> float:
    return float(np.hypot(*(line.inner - line.outer)))


def _middle(line: Line) -> Points:
    return np.asarray((line.outer + line.inner) / 2)


def _cut(shape: Upright, root: Line, end: Points) -> Mask | None:
    """The cloth on the far side of the root; None where it does not come apart there."""
    along = _unit(root.inner - root.outer)
    start, stop = root.outer - 2 * _GAP * along, root.inner + 2 * along
    cut = shape.mask.astype(np.uint8)
    for a, b in ((start, stop), (root.inner, root.inner + (0, _GAP))):
        cv2.line(cut, tuple(int(v) for v in a), tuple(int(v) for v in b), 0, 2)
    _, labels = cv2.connectedComponents(cut, connectivity=4)
    far = _label(labels, end, cut > 0)
    near = _label(labels, _middle(root) - 0.5 * _length(root) * root.beyond, cut > 0)
    return None if far == near else np.asarray(labels == far)


def _label(labels: Points, point: Points, cloth: Mask) -> int:
    """The label of the cloth nearest to a point."""
    ys, xs = np.nonzero(cloth)
    nearest = np.hypot(xs - point[0], ys - point[1]).argmin()
    return int(labels[ys[nearest], xs[nearest]])


def _unit(vector: Points) -> Points:
    return np.asarray(vector / max(float(np.hypot(*vector)), 1e-9))
