"""The inspection: planted faults are found and measured, clean looks pass, and what nobody judged stays open."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from types import SimpleNamespace

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from fashion_gen.body.parts import Part
from fashion_gen.quality import Asked, Judge, Limits, inspect
from fashion_gen.quality.growth import expansion
from fashion_gen.quality.judge import count_people, head_in_picture, pose_pck
from fashion_gen.records import Mask, Picture, Points

quick = settings(max_examples=8, deadline=None)
WALL, SKIN, BLUE = (206, 206, 210), (150, 105, 80), (30, 70, 190)
SIZE = (600, 900)  # width, height
BOX = (170, 250, 430, 560)  # the garment's


def standing() -> Points:
    """A person who faces us, arms down, seen from head to knee."""
    xy = {0: (0.5, 0.15), 1: (0.5, 0.25), 2: (0.38, 0.26), 3: (0.34, 0.42), 4: (0.33, 0.57), 5: (0.62, 0.26)}
    xy |= {6: (0.66, 0.42), 7: (0.67, 0.57), 8: (0.43, 0.6), 9: (0.43, 0.9), 11: (0.57, 0.6), 12: (0.57, 0.9)}
    points = np.zeros((18, 3))
    for joint, (x, y) in xy.items():
        points[joint] = x, y, 1
    return points


def asked(tone: int = 6) -> Asked:
    """A plain figure on a wall, without the garment."""
    width, height = SIZE
    parts = np.zeros((height, width), np.uint8)
    cv2.rectangle(parts, (200, 240), (400, 620), int(Part.TORSO), -1)
    cv2.rectangle(parts, (205, 540), (395, 899), int(Part.BOTTOM_CLOTH), -1)
    cv2.ellipse(parts, (300, 150), (60, 80), 0, 0, 360, int(Part.FACE), -1)
    cv2.rectangle(parts, (270, 220), (330, 250), int(Part.NECK), -1)
    colours = np.full((22, 3), SKIN, np.uint8)
    colours[Part.BACKGROUND], colours[Part.BOTTOM_CLOTH] = WALL, (60, 60, 66)
    return Asked(colours[parts], parts, standing(), tone)


def reference(colour: tuple[int, int, int] = BLUE, soft: float = 0.8) -> NDArray[np.uint8]:
    x0, y0, x1, y1 = BOX
    matte = np.zeros(SIZE[::-1], np.float32)
    matte[y0:y1, x0:x1] = 1
    rgba = np.zeros((*matte.shape, 4), np.uint8)
    rgba[..., :3] = colour
    rgba[..., 3] = np.rint(255 * cv2.GaussianBlur(matte, (0, 0), soft))
    return rgba


def over(background: Picture, garment: NDArray[np.uint8]) -> Picture:
    alpha = np.minimum(garment[..., 3:] / 250, 1)
    return np.rint(background * (1 - alpha) + garment[..., :3] * alpha).astype(np.uint8)


def grown(background: Picture, pixels: int, colour: tuple[int, int, int] = BLUE) -> Picture:
    """The background after a generator drew the garment too large."""
    x0, y0, x1, y1 = BOX
    picture = background.copy()
    picture[y0 - pixels : y1 + pixels, x0 - pixels : x1 + pixels] = colour
    return picture


def noise(picture: Picture, sigma: float = 3.0) -> Picture:
    rng = np.random.default_rng(0)
    return np.clip(picture + rng.normal(0, sigma, picture.shape), 0, 255).astype(np.uint8)


def codes(reasons: Sequence[str]) -> set[str]:
    return {reason.split(":")[0] for reason in reasons}


def test_a_clean_look_passes_and_what_nobody_judged_is_open() -> None:
    result = inspect(over(noise(asked().mannequin), reference()), reference(), asked())
    assert result.passed
    assert result.reasons == ()
    assert result.pixel_lock
    assert result.garment_max_delta == 0
    assert result.garment_delta_e_p95 == 0.0
    assert result.expansion is not None
    assert result.expansion < 0.005
    assert result.seam_delta_e_p95 is not None
    assert result.seam_delta_e_p95 < 5
    assert (result.pose_pck, result.people, result.tone_measured) == (None, None, None)
    assert (result.tone_asked, result.attempts) == (6, 1)


def test_one_changed_value_of_one_pixel_breaks_the_lock() -> None:
    master = over(asked().mannequin, reference())
    master[400, 300, 2] -= 1
    result = inspect(master, reference(), asked(), attempts=3)
    assert (result.pixel_lock, result.garment_max_delta, result.passed) == (False, 1, False)
    assert codes(result.reasons) == {"pixel_lock"}
    assert result.attempts == 3


def test_a_soft_edge_is_no_part_of_the_lock() -> None:
    garment = reference(soft=3.0)
    assert inspect(over(asked().mannequin, garment), garment, asked()).pixel_lock


def test_nothing_to_compare_is_no_lock() -> None:
    master = over(asked().mannequin, reference())
    empty = np.zeros_like(reference())
    for garment in (empty, reference()[:-2]):
        result = inspect(master, garment, asked())
        assert not result.pixel_lock
        assert result.garment_max_delta is None
        assert result.garment_delta_e_p95 is None
        assert "pixel_lock" in codes(result.reasons)
    bare = inspect(master, empty, asked())
    assert (bare.expansion, bare.seam_delta_e_p95) == (None, None)


def test_a_redrawn_garment_is_measured_in_the_eyes_units() -> None:
    garment = reference()
    master = over(asked().mannequin, reference((70, 70, 190)))
    result = inspect(master, garment, asked())
    assert result.garment_delta_e_p95 is not None
    assert 3 < result.garment_delta_e_p95 < 15
    assert {"pixel_lock", "garment_delta_e"} <= codes(result.reasons)


@quick
@given(pixels=st.integers(5, 40), dark=st.booleans())
def test_known_expansion_is_measured(pixels: int, dark: bool) -> None:
    colour = (24, 22, 26) if dark else BLUE
    master = over(noise(grown(asked().mannequin, pixels, colour)), reference(colour))
    measured = inspect(master, reference(colour), asked()).expansion
    x0, y0, x1, y1 = BOX
    true = (x1 - x0 + 2 * pixels) * (y1 - y0 + 2 * pixels) / ((x1 - x0) * (y1 - y0)) - 1
    assert measured is not None
    # Black that grows over dark grey trousers is partly what the trousers could be.
    assert (0.7 if dark else 0.85) * true < measured < 1.1 * true


def test_expansion_beyond_the_limit_fails_the_look() -> None:
    result = inspect(over(grown(asked().mannequin, 12), reference()), reference(), asked())
    assert "expansion" in codes(result.reasons)
    assert inspect(
        over(grown(asked().mannequin, 12), reference()), reference(), asked(), limits=Limits(expansion=0.5)
    ).passed


@pytest.mark.parametrize("name", ["wall", "skin", "trousers"])
def test_neighbours_of_the_garments_colour_are_not_growth(name: str) -> None:
    what = asked()
    colour = {"wall": WALL, "skin": SKIN, "trousers": (60, 60, 66)}[name]
    master = over(noise(what.mannequin), reference(colour))
    assert inspect(master, reference(colour), what).expansion < 0.01  # type: ignore[operator]


def test_a_wall_repainted_in_the_garments_colour_is_not_growth() -> None:
    what = asked()
    picture = what.mannequin.copy()
    picture[what.parts == 0] = BLUE
    assert inspect(over(picture, reference()), reference(), what).expansion < 0.01  # type: ignore[operator]


def test_a_second_thing_in_the_garments_colour_is_not_growth() -> None:
    picture = asked().mannequin.copy()
    picture[300:500, 470:490] = BLUE  # on the wall, 40 pixels away
    assert inspect(over(picture, reference()), reference(), asked()).expansion < 0.01  # type: ignore[operator]


def test_a_garment_too_thin_to_have_a_colour_of_its_own_does_not_grow() -> None:
    matte = np.zeros((200, 200), np.float32)
    matte[100, 50:150] = 1
    picture = np.full((200, 200, 3), 90, np.uint8)
    assert expansion(picture, matte, picture, np.zeros((200, 200), np.uint8)) == 0.0


def ringed(colour: tuple[int, int, int]) -> Picture:
    """A look with a ring of `colour`, three pixels wide, around its garment."""
    return over(grown(asked().mannequin, 4, colour), reference())


@pytest.mark.parametrize("colour", [(255, 255, 255), (120, 138, 200), (0, 0, 0)])
def test_a_halo_around_the_garment_is_a_seam_fault(colour: tuple[int, int, int]) -> None:
    result = inspect(ringed(colour), reference(), asked())
    assert result.seam_delta_e_p95 is not None
    assert result.seam_delta_e_p95 > 12
    assert "seam" in codes(inspect(ringed(colour), reference(), asked(), limits=Limits(seam=10)).reasons)


def test_a_garment_that_fills_the_picture_has_no_seam() -> None:
    garment = np.full((*SIZE[::-1], 4), 255, np.uint8)
    garment[0, 0, 3] = 0
    assert inspect(over(asked().mannequin, garment), garment, asked()).seam_delta_e_p95 is None


def test_an_edge_of_the_body_beside_the_garment_is_no_seam_fault() -> None:
    what = asked()
    parts, mannequin = what.parts.copy(), what.mannequin.copy()
    parts[250:560, 431:434], mannequin[250:560, 431:434] = Part.L_UPPER_ARM, SKIN  # an arm looks out beside it
    result = inspect(over(mannequin, reference()), reference(), replace(what, parts=parts, mannequin=mannequin))
    assert result.seam_delta_e_p95 is not None
    assert result.seam_delta_e_p95 < 5


@dataclass
class Eyes:
    """A pose judge and a face detector that see what they are told."""

    poses: Sequence[Points] = ()
    boxes: Sequence[tuple[float, float, float, float]] = ()
    counts_people: bool = True

    def estimate(self, rgb: Picture) -> list[SimpleNamespace]:
        scale = (rgb.shape[1], rgb.shape[0], 1)
        return [SimpleNamespace(keypoints=pose * scale) for pose in self.poses]

    def detect(self, rgb: Picture) -> list[SimpleNamespace]:
        scale = np.array(rgb.shape[1::-1] * 2)
        return [SimpleNamespace(box=tuple(np.array(box) * scale)) for box in self.boxes]


FACE = (0.4, 0.1, 0.2, 0.2)
PRINTED = (0.45, 0.4, 0.1, 0.1)


def judged(eyes: Eyes, *, tone: int | None = None) -> Judge:
    def measure(_rgb: Picture, _skin: Mask) -> int | None:
        return tone

    return Judge(pose=eyes, faces=eyes, tone=measure)


def look() -> Picture:
    return over(asked().mannequin, reference())


def test_one_person_who_stands_as_asked_passes() -> None:
    result = inspect(look(), reference(), asked(), judge=judged(Eyes([standing()], [FACE, PRINTED]), tone=7))
    assert result.passed
    assert (result.people, result.pose_pck, result.tone_measured) == (1, 1.0, 7)


def test_a_wrong_pose_a_crowd_and_another_tone_are_named() -> None:
    turned = standing()
    turned[2:14, 0] = 1 - turned[2:14, 0]  # left and right swapped
    eyes = Eyes([turned, turned], [FACE])
    result = inspect(look(), reference(), asked(), judge=judged(eyes, tone=3))
    assert not result.passed
    assert codes(result.reasons) == {"pose", "people", "tone"}
    assert result.people == 2


def test_nobody_found_is_a_fault_and_not_an_open_question() -> None:
    result = inspect(look(), reference(), asked(), judge=judged(Eyes()))
    assert (result.people, result.pose_pck) == (0, 0.0)
    assert codes(result.reasons) == {"people", "pose"}


def test_a_net_that_looks_for_one_person_cannot_count() -> None:
    eyes = Eyes([standing()], counts_people=False)
    assert inspect(look(), reference(), asked(), judge=Judge(pose=eyes)).people is None
    assert inspect(look(), reference(), asked(), judge=judged(eyes)).people == 1


def test_faces_say_nothing_when_the_head_is_out_of_the_picture() -> None:
    headless = standing()
    headless[0, 2] = 0
    matte = np.zeros((10, 10), np.float32)
    assert not head_in_picture(headless)
    assert count_people(None, [], matte, one_only=False, head_shown=False) is None
    assert count_people([1], [], matte, one_only=False, head_shown=False) == 1


def test_joints_outside_the_picture_or_not_asked_are_not_counted() -> None:
    target = standing()
    target[12, 1] = 1.2
    found = standing() * (100, 200, 1)
    found[12] = 0
    assert pose_pck([found], target, 100, 200) == 1.0
    found[4, 2] = 0  # right place, but the judge is not sure that it saw it
    assert pose_pck([found], target, 100, 200) == pytest.approx(8 / 9)
    assert pose_pck([found], np.zeros((18, 3)), 100, 200) is None


def test_tone_is_measured_on_the_bare_face() -> None:
    seen: list[Mask] = []

    def measure(_rgb: Picture, skin: Mask) -> int | None:
        seen.append(skin)
        return 6

    what = asked()
    inspect(look(), reference(), what, judge=Judge(tone=measure))
    assert (what.parts[seen[0]] == Part.FACE).all()
    faceless = replace(what, parts=np.where(what.parts == Part.FACE, 0, what.parts).astype(np.uint8))
    inspect(look(), reference(), faceless, judge=Judge(tone=measure))
    assert set(np.unique(what.parts[seen[1]])) <= {Part.TORSO, Part.NECK}
    assert not (reference()[..., 3][seen[1]] > 5).any()


def test_without_skin_in_sight_no_tone_is_measured() -> None:
    what = asked()
    covered = replace(what, parts=np.full_like(what.parts, Part.TOP_CLOTH))
    assert inspect(look(), reference(), covered, judge=judged(Eyes([standing()], [FACE]), tone=1)).tone_measured is None


def enlarged(plane: NDArray[np.uint8], factor: float) -> NDArray[np.uint8]:
    return np.asarray(cv2.resize(plane, None, fx=factor, fy=factor, interpolation=cv2.INTER_LINEAR))


@pytest.mark.parametrize("factor", [0.5, 2.0])
def test_the_numbers_hardly_depend_on_the_size_of_the_master(factor: float) -> None:
    plain = inspect(over(grown(asked().mannequin, 14), reference()), reference(), asked())
    master = over(enlarged(grown(asked().mannequin, 14), factor), enlarged(reference(), factor))
    other = inspect(master, enlarged(reference(), factor), asked())
    assert other.expansion == pytest.approx(plain.expansion, rel=0.15)
    assert other.pixel_lock


def test_the_same_file_gives_the_same_numbers() -> None:
    master = over(noise(grown(asked().mannequin, 6)), reference())
    assert inspect(master, reference(), asked()) == inspect(master, reference(), asked())
