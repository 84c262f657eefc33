"""The mannequin shows what was asked: tone, size, hair, clothes, in the right places."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
import pytest

from fashion_gen.body import SKIN, Part, PosedBody, build_figure, default_view, draw_mannequin, pose_body
from fashion_gen.body.drawing.seams import soften
from fashion_gen.body.drawing.seen import Seen, look_at
from fashion_gen.body.dress.clothes import clothe, shapes
from fashion_gen.body.head.hair import HAIR_COLOURS, STYLES
from fashion_gen.body.lofts import merge
from fashion_gen.body.mannequin import Mannequin
from fashion_gen.body.solids import build_solids
from fashion_gen.errors import NotFound
from fashion_gen.records import (
    AgeBand,
    Framing,
    Measurements,
    Persona,
    Piece,
    Pose,
    Presentation,
    Scene,
    SizeType,
    Styling,
)

WOMAN = Measurements(168, 36, 32, 90, 72, 98, 28, 15.5, 57, 36)
BROAD = replace(WOMAN, chest=118, waist=106, hip=124, upper_arm=38, thigh=70)
GREY = Scene("studio-grey", "gradient", (214, 214, 214), (196, 196, 196), "a grey studio")
BARE = Styling("none", ())
STANDING = Pose("standing", Framing.FULL, {"left_arm": {"raise": 14}, "right_arm": {"raise": 14}})


def persona(**changes: object) -> Persona:
    base = Persona("Test", 5, SizeType.REGULAR, AgeBand.YOUNG, Presentation.FEMININE, "bob", "brown", WOMAN)
    return replace(base, **changes)  # type: ignore[arg-type]


def posed(pose: Pose = STANDING, measurements: Measurements = WOMAN) -> PosedBody:
    return pose_body(build_figure(measurements, Presentation.FEMININE), pose)


def draw(
    who: Persona, *, pose: Pose = STANDING, styling: Styling = BARE, scene: Scene = GREY, width: int = 160
) -> Mannequin:
    body = posed(pose, who.measurements)
    view = default_view(body, pose.framing, width, width * 3 // 2)
    return draw_mannequin(body, view, persona=who, scene=scene, styling=styling)


def share(mannequin: Mannequin, *parts: Part) -> float:
    return float(np.isin(mannequin.parts, [int(part) for part in parts]).mean())


def skin(mannequin: Mannequin) -> np.ndarray:
    return np.median(mannequin.rgb[np.isin(mannequin.parts, [int(part) for part in SKIN])], axis=0)


def test_skin_darkens_from_tone_to_tone() -> None:
    brightness = [float(skin(draw(persona(tone=tone))).mean()) for tone in (1, 4, 5, 6, 7, 8, 9, 10)]
    assert brightness == sorted(brightness, reverse=True)


def test_a_broader_person_has_a_broader_trunk_for_the_same_height() -> None:
    def trunk_over_height(drawn: Mannequin) -> float:
        rows = np.nonzero((drawn.parts > 0).any(axis=1))[0]
        return float(np.median((drawn.parts == Part.TORSO).sum(axis=1)[rows[len(rows) // 4 : len(rows) // 2]])) / len(
            rows
        )

    assert trunk_over_height(draw(persona(measurements=BROAD))) > 1.2 * trunk_over_height(draw(persona()))


@pytest.mark.parametrize("style", [name for name in STYLES if name != "bald"])
def test_every_style_but_bald_shows_hair(style: str) -> None:
    assert share(draw(persona(hair=style)), Part.HAIR) > 0.002


def test_a_bald_head_has_no_hair() -> None:
    assert share(draw(persona(hair="bald")), Part.HAIR) == 0


def test_at_least_ten_hair_volumes_differ() -> None:
    outlines = {draw(persona(hair=style)).parts.tobytes() for style in STYLES}
    assert len(outlines) >= 10


def test_hair_has_its_colour() -> None:
    for name in ("black", "blond", "white"):
        drawn = draw(persona(hair="long", hair_colour=name))
        colour = np.median(drawn.rgb[drawn.parts == Part.HAIR], axis=0) / 255
        assert np.abs(colour - HAIR_COLOURS[name]).max() < 0.2


@pytest.mark.parametrize("shape", [name for name in shapes() if name != "barefoot"])
def test_every_companion_shape_is_drawn_in_its_colour(shape: str) -> None:
    piece = Piece("any", shape, (60, 120, 90), f"green {shape}")
    drawn = draw(persona(hair="bald"), styling=Styling("one", (piece,)), width=320)
    cloth = np.isin(drawn.parts, [Part.TOP_CLOTH, Part.BOTTOM_CLOTH, Part.SHOES])
    assert cloth.mean() > 0.003
    median = np.median(drawn.rgb[cloth].astype(float), axis=0)
    assert np.abs(median - (60, 120, 90)).max() < 45


def test_barefoot_draws_nothing() -> None:
    body = posed()
    assert clothe(body, build_solids(body, (1, 1, 1)), Piece("shoes", "barefoot", (0, 0, 0), "none")) == []


def test_an_unknown_shape_is_refused_with_the_known_ones() -> None:
    body = posed()
    with pytest.raises(NotFound, match="straight-trousers"):
        clothe(body, build_solids(body, (1, 1, 1)), Piece("bottom", "kilt", (0, 0, 0), "kilt"))


def test_glasses_change_the_face_only() -> None:
    plain, glasses = draw(persona(), width=320), draw(persona(features=("glasses",)), width=320)
    # The exposure of the skin, measured on the face, may move by a hair.
    changed = (np.abs(plain.rgb.astype(int) - glasses.rgb) > 4).any(axis=2)
    assert changed.any()
    assert set(np.unique(plain.parts[changed])) <= {Part.FACE, Part.HAIR, Part.BACKGROUND}


@pytest.mark.parametrize("seat", ["stool", "wheelchair"])
def test_a_seated_person_sits_on_something(seat: str) -> None:
    legs = {"swing": 88.0, "knee": 85.0}
    sitting = Pose("seated", Framing.FULL, {"left_leg": legs, "right_leg": legs}, seat=seat)
    assert share(draw(persona(), pose=sitting), Part.PROP) > 0.01


def test_depth_is_nearer_on_the_chest_than_behind_it() -> None:
    drawn = draw(persona())
    assert drawn.depth.dtype == np.float32
    assert drawn.depth[drawn.parts == 0].mean() < 0.05
    assert 0.25 < np.median(drawn.depth[drawn.parts == Part.TORSO]) <= 1.0


def test_left_hand_is_on_the_viewers_right() -> None:
    drawn = draw(persona())
    left, right = (np.nonzero(drawn.parts == part)[1].mean() for part in (Part.L_HAND, Part.R_HAND))
    assert left > right


@pytest.mark.parametrize("backdrop", ["plain", "gradient", "street", "room"])
def test_every_backdrop_fills_the_canvas(backdrop: str) -> None:
    scene = Scene("any", backdrop, (200, 190, 180), (160, 150, 140), "somewhere")
    drawn = draw(persona(), scene=scene)
    assert drawn.rgb[drawn.parts == 0].min() > 20


def test_a_standing_person_throws_a_shadow_on_the_floor() -> None:
    drawn = draw(persona())
    body = posed()
    view = default_view(body, Framing.FULL, 160, 240)
    floor = round(view.y0 - body.ground * view.scale)
    row = drawn.rgb[min(floor, 238)].mean(axis=1)
    centre = row[60:100][drawn.parts[min(floor, 238), 60:100] == 0]
    assert centre.mean() < row[:12].mean() - 5


@pytest.mark.parametrize("width", [64, 320, 900])
def test_it_is_drawn_at_any_size(width: int) -> None:
    drawn = draw(persona(), width=width)
    assert drawn.rgb.shape == (width * 3 // 2, width, 3)
    assert drawn.parts.shape == drawn.depth.shape == (width * 3 // 2, width)


def test_the_same_person_is_drawn_the_same_twice() -> None:
    assert np.array_equal(draw(persona()).rgb, draw(persona()).rgb)


def test_arms_grow_out_of_the_trunk_without_a_crease() -> None:
    body = posed(pose=Pose("arms down", Framing.FULL, {}))
    seen = look_at(
        merge(build_solids(body, (0.8, 0.6, 0.5)).meshes()),
        default_view(body, Framing.FULL, 320, 480),
    )
    before = _steepest_turn(seen)
    soften(seen)
    assert _steepest_turn(seen) < 0.6 * before


def _steepest_turn(seen: Seen) -> float:
    """How far normals turn from pixel to pixel beside the joins of the body's sweeps, the worst percent."""
    skin = np.isin(seen.part, [int(part) for part in SKIN if part not in (Part.FACE, Part.L_HAND, Part.R_HAND)])
    inside = cv2.erode(skin.astype(np.uint8), np.ones((5, 5))) > 0
    join = inside[:, 1:] & (seen.piece[:, 1:] != seen.piece[:, :-1]) & (np.abs(np.diff(seen.z, axis=1)) < 0.5)
    turn = np.linalg.norm(np.diff(seen.normal, axis=1), axis=2)[join]
    return float(np.percentile(turn, 90))


def test_cloth_has_folds_and_skin_has_none() -> None:
    def turns(where: tuple[Part, ...]) -> float:
        rough = np.abs(cv2.Laplacian(cv2.cvtColor(drawn.rgb, cv2.COLOR_RGB2GRAY).astype(np.float32), cv2.CV_32F))
        mask = np.isin(drawn.parts, [int(part) for part in where]).astype(np.uint8)
        return float(rough[cv2.erode(mask, np.ones((15, 15), np.uint8)) > 0].mean())

    grey = Piece("trousers", "straight-trousers", (150, 150, 150), "grey trousers")
    body = posed()
    view = default_view(body, Framing.FULL, 640, 960)
    drawn = draw_mannequin(body, view, persona=persona(), scene=GREY, styling=Styling("one", (grey,)), fine=True)
    # The chest has collar bones; an arm is smooth.
    assert turns((Part.BOTTOM_CLOTH,)) > 1.25 * turns((Part.L_UPPER_ARM, Part.R_UPPER_ARM))


def test_cloth_falls_in_other_folds_with_another_seed() -> None:
    body, grey = posed(), Piece("skirt", "a-line-skirt", (150, 150, 150), "grey skirt")
    view = default_view(body, Framing.FULL, 320, 480)
    one, same, other = (
        draw_mannequin(body, view, persona=persona(), scene=GREY, styling=Styling("one", (grey,)), seed=seed)
        for seed in (1, 1, 2)
    )
    assert np.array_equal(one.rgb, same.rgb)
    changed = (one.rgb != other.rgb).any(axis=2)
    assert changed[one.parts == Part.BOTTOM_CLOTH].mean() > 0.3
    assert not changed[one.parts == Part.FACE].any()


def test_a_chin_throws_its_shadow_on_the_neck() -> None:
    drawn = draw(persona(hair="bald"), width=320)
    rows = np.nonzero((drawn.parts == Part.NECK).any(axis=1))[0]
    neck = [float(drawn.rgb[row][drawn.parts[row] == Part.NECK].mean()) for row in rows]
    assert min(neck[: len(neck) // 2]) < 0.93 * max(neck[len(neck) // 2 :])


def test_a_fine_drawing_shows_the_same_figure() -> None:
    body = posed()
    view = default_view(body, Framing.FULL, 320, 480)
    coarse, fine = (
        draw_mannequin(body, view.resized(width), persona=persona(), scene=GREY, styling=BARE, fine=width > 320)
        for width in (320, 960)
    )
    small = cv2.resize(fine.rgb, (320, 480), interpolation=cv2.INTER_AREA).astype(int)
    assert np.abs(small - coarse.rgb).mean() < 2.0


def test_what_is_hidden_shows_the_backdrop_softly() -> None:
    drawn = draw(persona())
    hidden = np.zeros(drawn.parts.shape, np.float32)
    hidden[:, 80:] = 1
    hidden[:, 79] = 0.5
    shown = drawn.without(hidden)
    assert np.array_equal(shown.rgb[:, 80:], drawn.backdrop[:, 80:])
    assert np.array_equal(shown.rgb[:, :79], drawn.rgb[:, :79])
    middle = (drawn.rgb[:, 79].astype(float) + drawn.backdrop[:, 79]) / 2
    assert np.abs(shown.rgb[:, 79] - middle).max() <= 1
    assert (shown.parts[:, 80:] == 0).all()


@pytest.mark.parametrize("part", [part for part in Part if part not in (Part.BACKGROUND, Part.PROP)])
def test_every_part_of_a_body_is_found_in_its_part_map(part: Part) -> None:
    pieces = tuple(
        Piece(shape, shape, (90, 90, 90), shape)
        for shape in {Part.TOP_CLOTH: ["tank"], Part.BOTTOM_CLOTH: ["shorts"], Part.SHOES: ["flats"]}.get(part, [])
    )
    assert share(draw(persona(), styling=Styling("some", pieces), width=320), part) > 0.0003


def test_the_forearm_starts_at_the_elbow_and_the_shin_at_the_knee() -> None:
    body = posed()
    view = default_view(body, Framing.FULL, 320, 480)
    parts = draw_mannequin(body, view, persona=persona(), scene=GREY, styling=BARE).parts
    for lower, joint in ((Part.L_LOWER_ARM, "l_elbow"), (Part.R_SHIN, "r_knee")):
        top = float(np.nonzero((parts == lower).any(axis=1))[0][0])
        assert abs(top - view.project(body.joints[joint][None])[0, 1]) < 4


def test_no_upper_arm_shows_at_the_wrist() -> None:
    body = posed()
    view = default_view(body, Framing.FULL, 320, 480)
    parts = draw_mannequin(body, view, persona=persona(), scene=GREY, styling=BARE).parts
    elbow = max(view.project(body.joints[f"{side}_elbow"][None])[0, 1] for side in "lr")
    assert not np.isin(parts[int(elbow) + 5 :], [Part.L_UPPER_ARM, Part.R_UPPER_ARM]).any()
