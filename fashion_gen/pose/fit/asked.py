"""Which sleeves and legs an asked pose turns, and how far: no more than it takes, and never beyond what the cloth bears."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np

from fashion_gen.body import PosedBody
from fashion_gen.pose.fit.cloth import Bent, bent_shape
from fashion_gen.pose.fit.hinge import Line
from fashion_gen.pose.fit.pieces import Piece, pieces
from fashion_gen.pose.limbs import Bend, Limb, arm, fit_arm, fit_leg, leg, passes, seen_bend
from fashion_gen.pose.place import Placement
from fashion_gen.pose.upright import Upright, signed_depth
from fashion_gen.records import Garment, Points

#: Smallest and largest stretch of the cloth in a soft joint. Beyond the joint it is turned, not stretched; on the trunk (chest,
#: belly, back) nothing moves. A sleeve that hangs is gathered under the arm, so that bound is wider.
STRETCH = (0.4, 1.5)
#: Degrees between a limb as its cloth lies and as it is asked that are let be: of the whole limb, and of its elbow.
FEW, FEW_BENT = 8.0, 14.0
_FURTHEST = 70  # degrees that are tried
_LOOSE = 0.5  # of the air between a limb and the rim of its sleeve: so far from the middle the limb may pass
_STEP = 3  # degrees by which a turn is cut down to what the cloth bears
_WORTH = 0.75  # of the angle between limb and pose that may be left where the cloth bears no more
_STRAIGHT = 30.0  # degrees of an elbow that a straight sleeve may hide
_FLARE = 15.0  # degrees that a short sleeve stands off the arm that hangs in it
_SIDES = {"left": "right", "right": "left"}  # the viewer's to the wearer's


@dataclass(frozen=True, slots=True, eq=False)
class Fit:
    """The garment as the pose bends it."""

    shape: Upright
    bents: Mapping[str, Bent] = field(default_factory=dict)  #: piece name -> how it is bent
    limbs: Mapping[str, Bend] = field(default_factory=dict)  #: the wearer's "left_arm", ... in turned pieces
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class _Turned:
    """A piece that was turned, and the limb in it."""

    bent: Bent
    limb: Bend
    whole: bool  #: whether it went as far as the pose asks

    def said(self, name: str) -> str:
        least, most = self.bent.stretch()
        degrees = sum(abs(hinge.degrees) for hinge in self.bent.bending.hinges)
        way = f"into {name}" if self.whole else f"towards {name}, as far as its cloth bears"
        cloth = f"stretch {most - 1:.0%}, gather {1 - least:.0%}"
        return f"the {self.bent.piece.name} is turned by {degrees:.0f} degrees {way} ({cloth})"


@dataclass(frozen=True, eq=False)
class _Task:
    """One limb, the piece that clothes it, and how it lies and ought to lie in the picture's plane."""

    shape: Upright
    placement: Placement
    limb: Limb
    piece: Piece
    wanted: Bend  #: by the pose
    asked: Bend  #: what the trunk of the garment leaves of it

    @cached_property
    def lying(self) -> Bend:
        """The limb in the piece as it lies."""
        return self._fitted(self.shape)

    def fitted(self, bent: Bent) -> Bend:
        """The limb in the bent piece."""
        return self._fitted(bent_shape(self.shape, {self.piece.name: bent}))

    def _fitted(self, shape: Upright) -> Bend:
        return _in_cloth(self.limb, self.wanted, shape, self.placement, self.piece.name)

    @property
    def middle(self) -> Points:
        """(1, 2) upright pixels of the middle of the sleeve's or leg's end."""
        return np.asarray((self.piece.end.outer + self.piece.end.inner)[None] / 2)

    def elbow(self) -> float | None:
        """Pixels from the piece's root to an elbow that has to bend otherwise than it lies; None without one."""
        if not self.long or abs(self.lying.bent - self.asked.bent) <= FEW_BENT:
            return None
        return self._middle_joint

    @property
    def long(self) -> bool:
        """Whether the piece reaches well beyond the limb's middle joint."""
        return self._middle_joint < 0.85 * self.piece.length

    @property
    def _middle_joint(self) -> float:
        root = self.placement.to_garment(self.limb.root[None])[0]
        start = (self.piece.root.outer + self.piece.root.inner) / 2
        return float((root - start) @ self.piece.axis) + self.limb.upper / self.placement.k

    def off(self, bend: Bend) -> float:
        """Degrees between the asked limb and another, seen from its root to where it leaves the piece."""
        return abs(self._course(bend) - self._course(self.asked))

    def _course(self, bend: Bend) -> float:
        long = float(np.hypot(*(self.placement.to_body(self.middle)[0] - self.limb.root)))
        upper, lower = min(long, self.limb.upper), max(0.0, long - self.limb.upper)
        raised, onward = np.deg2rad(bend.raised), np.deg2rad(bend.raised - bend.bent)
        x, y = upper * np.sin(raised) + lower * np.sin(onward), upper * np.cos(raised) + lower * np.cos(onward)
        return float(np.degrees(np.arctan2(x, y)))

    def allowed(self) -> float:
        """Centimetres from the middle of the piece's end at which the limb may pass."""
        k = self.placement.k
        half = k * float(np.hypot(*(self.piece.end.outer - self.piece.end.inner))) / 2
        down = float(np.hypot(*(self.placement.to_body(self.middle)[0] - self.limb.root)))
        radius = np.interp(down, np.cumsum([0, self.limb.upper, self.limb.lower]), self.limb.radii[:3])
        return max(1.0, _LOOSE * (half - float(radius)))


def bend_to(garment: Garment, shape: Upright, placement: Placement, body: PosedBody, name: str) -> Fit:
    """Turn those sleeves or legs that lie otherwise than the limbs of `body`, posed as asked in the pose `name`."""
    bents: dict[str, Bent] = {}
    limbs: dict[str, Bend] = {}
    notes: list[str] = []
    found = pieces(garment, shape)
    for label, piece in found.items():
        result: _Turned | str | None
        if isinstance(piece, str):
            result = piece if _differs(shape, placement, body, label) else None
        else:
            result = _turned(_task(shape, placement, body, piece, _cloths(found)))
        if isinstance(result, str):
            notes.append(f"the {label} lies as photographed, not as in {name}: {result}")
        elif result is not None:
            bents[label] = result.bent
            limbs[f"{_worn(label)}_{'leg' if label.endswith('leg') else 'arm'}"] = result.limb
            notes.append(result.said(name))
    return Fit(bent_shape(shape, bents) if bents else shape, bents, limbs, tuple(notes))


def _worn(label: str) -> str:
    """The wearer's side of a piece that is named as the viewer sees it."""
    return _SIDES[label.split()[0]]


def _limb(body: PosedBody, label: str) -> tuple[Limb, Bend]:
    """The limb in a piece, and how the pose wants it in the picture's plane."""
    worn = _worn(label)
    if label.endswith("leg"):
        return leg(body, worn), seen_bend(body, worn, ("hip", "knee", "ankle"))
    return arm(body, worn), seen_bend(body, worn, ("shoulder", "elbow", "wrist"))


def _in_cloth(limb: Limb, wanted: Bend, shape: Upright, placement: Placement, label: str) -> Bend:
    """The limb in its piece as `shape` has it."""
    end = placement.to_body(shape.points[f"{label.replace(' ', '_')}_end"][None])[0]
    return (fit_leg if label.endswith("leg") else fit_arm)(limb, shape, placement, end, wanted)


def _differs(shape: Upright, placement: Placement, body: PosedBody, label: str) -> bool:
    limb, wanted = _limb(body, label)
    return abs(_in_cloth(limb, wanted, shape, placement, label).raised - wanted.raised) > FEW


def _cloths(found: Mapping[str, Piece | str]) -> Iterator[Piece]:
    return (piece for piece in found.values() if isinstance(piece, Piece))


def _task(shape: Upright, placement: Placement, body: PosedBody, piece: Piece, every: Iterator[Piece]) -> _Task:
    limb, wanted = _limb(body, piece.name)
    if piece.name.endswith("leg"):
        return _Task(shape, placement, limb, piece, wanted, wanted)
    mask = shape.mask & ~np.any([other.cloth for other in every], axis=0)
    trunk = replace(shape, mask=mask, depth=signed_depth(mask))
    opening = placement.to_body((piece.end.outer + piece.end.inner)[None] / 2)[0]
    clothed = float(np.hypot(*(opening - limb.root)))
    # A hand behind a wide hem would be lost: the arm is asked for no nearer than the trunk leaves it room.
    asked = fit_arm(limb, trunk, placement, None, wanted, clothed=clothed)
    return _Task(shape, placement, limb, piece, wanted, asked)


def _turned(task: _Task) -> _Turned | str | None:
    """The bent piece and the limb in it, None where it lies well as it is, or why it cannot be bent."""
    elbow = task.elbow()
    if elbow is None and task.off(task.lying) <= FEW:
        return None
    if elbow is not None and not task.piece.has_elbow(elbow):
        if abs(task.asked.bent - task.lying.bent) > _STRAIGHT:
            return "there is too little cloth around its elbow to bend it"
        elbow = None
    bent = 0.0 if elbow is None else task.asked.bent - task.lying.bent
    joints = task.piece.joints(elbow)
    wanted = _turn_to(task, bent, joints) if task.long else _turn_along(task)
    if wanted == 0 and not bent:
        return None
    turns = [wanted] if bent else [*range(wanted, 0, -_STEP if wanted > 0 else _STEP)]
    for turn in turns:
        result = Bent(task.piece, task.piece.bending(turn, bent, joints))
        if result.within(STRETCH):
            limb = task.asked if turn == wanted and task.long else task.fitted(result)
            if not _worth(task, limb):
                return "turned as far as its cloth bears it would hardly lie closer"
            return _Turned(result, limb, whole=turn == wanted)
    least, most = Bent(task.piece, task.piece.bending(wanted, bent, joints)).stretch()
    return _too_much(wanted, bent, least, most)


def _turn_to(task: _Task, bent: float, joints: list[tuple[Line, Line]]) -> int:
    """Degrees that bring the limb into the opening of a long piece, as few as will do, or that bring it nearest."""
    turns = sorted(range(-_FURTHEST, _FURTHEST + 1), key=abs)
    ends = np.concatenate([task.piece.bending(turn, bent, joints).forward(task.middle) for turn in turns])
    away = passes(task.limb, task.asked, task.placement.to_body(ends))
    return turns[int((away <= max(task.allowed(), float(away.min()))).argmax())]


def _turn_along(task: _Task) -> int:
    """Degrees that lay a short sleeve along the upper arm, off which it stands a little."""
    off = task.asked.raised - task.piece.raised
    return round(float(np.copysign(max(abs(off) - _FLARE, 0.0), off)))


def _worth(task: _Task, limb: Bend) -> bool:
    return task.off(limb) <= max(FEW, _WORTH * task.off(task.lying)) and task.off(limb) < task.off(task.lying)


def _too_much(raised: float, bent: float, least: float, most: float) -> str:
    gathered = 1 - least if most <= STRETCH[1] else 0.0
    verb, worst, limit = ("gather", gathered, 1 - STRETCH[0]) if gathered else ("stretch", most - 1, STRETCH[1] - 1)
    turn = abs(raised) + abs(bent)
    return f"turning it by {turn:.0f} degrees would {verb} its cloth by {worst:.0%}, more than {limit:.0%}"
