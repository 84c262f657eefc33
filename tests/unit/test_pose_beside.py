"""What a garment covers when worn but not as it lies: companions beside it, hips under its hem, hands in its cuffs."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import cv2
import numpy as np
from pose_garments import PIXELS, PLUS, SLIM, long_sleeve, persona, skirt, t_shirt

from fashion_gen import library
from fashion_gen.body import Mannequin, Part, PosedBody, build_figure, draw_mannequin, pose_body
from fashion_gen.pose import beside, choose
from fashion_gen.records import Category, Garment, Mask, Persona, Piece, Points, Scene, Staging, Styling

WIDTH, HEIGHT = 320, 480
WALL = Scene("test", "plain", (210, 210, 210), (190, 190, 190), "a wall")
SHIRT = Styling("shirt", (Piece("top", "t-shirt", (240, 240, 240), "white T-shirt"),))
TROUSERS = Styling("trousers", (Piece("trousers", "straight-trousers", (40, 40, 60), "dark trousers"),))


def dressed(worn: Garment, who: Persona, styling: Styling) -> tuple[Staging, PosedBody, Mannequin]:
    staging = choose(worn, who, pose=None, framing=None, width=WIDTH, height=HEIGHT)
    body = pose_body(build_figure(who.measurements, who.presentation), staging.pose)
    return staging, body, draw_mannequin(body, staging.view, persona=who, scene=WALL, styling=styling)


def cloth(worn: Garment, staging: Staging) -> Mask:
    return cv2.warpAffine(worn.matte, staging.garment_to_canvas, (WIDTH, HEIGHT)) > 0.05


def row_of(worn: Garment, staging: Staging, name: str) -> float:
    height, width = worn.matte.shape
    mark = worn.landmarks[name]
    return float((staging.garment_to_canvas @ (mark.x * width, mark.y * height, 1))[1])


def slender(worn: Garment, half: float) -> Garment:
    """The garment `half` cm wide to either side of its axis from the armpits down."""
    matte, marks = worn.matte.copy(), dict(worn.landmarks)
    width = matte.shape[1]
    x = (np.arange(width) + 0.5 - width / 2) / PIXELS
    low = round(marks["left_armpit"].y * matte.shape[0])
    matte[low:, np.abs(x) > half] = 0
    for side, sign in (("left", -1), ("right", 1)):
        for name in ("armpit", "waist", "hem"):
            marks[f"{side}_{name}"] = replace(marks[f"{side}_{name}"], x=0.5 + sign * half * PIXELS / width)
    return replace(worn, matte=matte, landmarks=marks)


def test_a_top_under_a_jacket_does_not_look_out_beside_it() -> None:
    worn = replace(long_sleeve(sleeve=25), category=Category.OUTERWEAR)
    under = next(s for s in library.stylings().values() if any(p.shape == "t-shirt" for p in s.pieces))
    staging, body, drawn = dressed(worn, persona(PLUS), under)
    left = (drawn.parts == Part.TOP_CLOTH) & ~beside(staging, worn, drawn.parts) & ~cloth(worn, staging)
    top, hem = (round(row_of(worn, staging, f"left_{name}")) for name in ("armpit", "hem"))
    left[:top], left[hem:] = False, False
    ys, xs = np.nonzero(left)
    arms = [
        staging.view.project(np.stack([body.joints[f"{s}_{n}"] for n in ("shoulder", "elbow", "hand")])) for s in "lr"
    ]
    reach = (body.figure.girths["upper_arm"][0] + 4.5) * staging.view.scale
    courses = np.concatenate([a + np.linspace(0, 1, 40)[:, None] * (b - a) for arm in arms for a, b in pairwise(arm)])
    away = [np.hypot(*(courses - (x, y)).T).min() for x, y in zip(xs, ys, strict=True)]
    assert all(distance < reach for distance in away)


def test_hips_too_broad_for_a_hem_widen_gently_below_it() -> None:
    broad = replace(PLUS, hip=150.0)
    worn = slender(t_shirt(sleeve=30), 12.0)
    staging, body, drawn = dressed(worn, persona(broad), TROUSERS)
    shown = np.isin(drawn.parts, [Part.HIPS, Part.BOTTOM_CLOTH]) & ~beside(staging, worn, drawn.parts)
    hem = round(row_of(worn, staging, "left_hem"))
    middle = round(float(staging.view.project(body.joints["hips"][None])[0, 0]))
    lying = np.flatnonzero(cloth(worn, staging)[hem - 8])
    half = max(middle - lying[0], lying[-1] - middle)
    assert np.isin(drawn.parts[hem + 5], [Part.HIPS, Part.BOTTOM_CLOTH]).sum() > 2 * half, "the body is broader"
    for below in range(2, 30):
        xs = np.flatnonzero(shown[hem + below])
        assert max(middle - xs[0], xs[-1] - middle) <= half + 0.5 * below + 4


def test_a_cuff_that_reaches_over_the_hand_has_it_inside_up_to_its_end() -> None:
    good = long_sleeve(sleeve=25)
    height, width = good.matte.shape
    longer = dict(good.landmarks)
    for side in ("left", "right"):
        end, shoulder = longer[f"{side}_sleeve_end"], longer[f"{side}_shoulder"]
        along = np.array([(end.x - shoulder.x) * width, (end.y - shoulder.y) * height])
        along *= 15 / np.hypot(*along)
        longer[f"{side}_sleeve_end"] = replace(end, x=end.x + along[0] / width, y=end.y + along[1] / height)
    staging, _, drawn = dressed(good, persona(SLIM), TROUSERS)
    hands = np.isin(drawn.parts, [Part.L_HAND, Part.R_HAND])
    before = beside(staging, good, drawn.parts)[hands]
    after = beside(staging, replace(good, landmarks=longer), drawn.parts)[hands]
    assert before.sum() < after.sum() < 0.8 * hands.sum()


def test_the_tail_of_a_top_goes_under_the_band_of_a_skirt_that_flares() -> None:
    worn = skirt(hem=40.0, length=90.0)
    staging, _, drawn = dressed(worn, persona(replace(PLUS, hip=150.0)), SHIRT)
    tail = (drawn.parts == Part.TOP_CLOTH) & ~cloth(worn, staging)
    tail[: round(row_of(worn, staging, "left_waist")) + 3] = False
    assert tail.sum() > 100, "the top is longer and broader than the band"
    assert not (tail & ~beside(staging, worn, drawn.parts)).any()


def test_where_a_hand_lay_before_the_cloth_the_wearer_shows_through() -> None:
    whole = t_shirt(sleeve=30)
    height, width = whole.matte.shape
    waist = whole.landmarks["right_waist"]
    x, y = round(waist.x * width), round(waist.y * height)
    half, deep = round(4 * PIXELS), round(16 * PIXELS)
    matte = whole.matte.copy()
    matte[y - half : y + half, x - deep :] = 0
    worn = replace(whole, matte=matte)
    staging, _, drawn = dressed(worn, persona(PLUS), TROUSERS)
    hand = (
        cloth(whole, staging) & ~cloth(worn, staging) & np.isin(drawn.parts, [Part.TORSO, Part.HIPS, Part.BOTTOM_CLOTH])
    )
    assert hand.sum() > 60
    assert (hand & beside(staging, worn, drawn.parts)).sum() < 0.15 * hand.sum()


def broad_arms() -> tuple[PosedBody, Staging, Mask, list[tuple[str, Points, Points]]]:
    """Elbows in the cuffs of a T-shirt that are broader than these: where the arms show, and the cuffs.

    A cuff is the wearer's side, and the middle and the outer corner of its opening, (2,) canvas pixels each.
    """
    degrees = 40
    worn = t_shirt(sleeve=degrees)
    staging, body, drawn = dressed(worn, persona(replace(PLUS, upper_arm=56.0)), TROUSERS)
    arms = np.isin(drawn.parts, [Part[f"{side}_{half}_ARM"] for side in "LR" for half in ("UPPER", "LOWER")])
    height, width = worn.matte.shape
    t, cuffs = np.deg2rad(degrees), []
    for side, seen, sign in (("l", "right", 1), ("r", "left", -1)):
        mark = worn.landmarks[f"{seen}_sleeve_end"]
        end = np.array([mark.x * width, mark.y * height])
        corner = end + 9 * PIXELS * np.array([sign * np.cos(t), -np.sin(t)])
        middle, outer = (staging.garment_to_canvas @ (*point, 1) for point in (end, corner))
        cuffs.append((side, middle, outer))
    return body, staging, arms & ~beside(staging, worn, drawn.parts) & ~cloth(worn, staging), cuffs


def measured(start: Points, end: Points) -> tuple[Points, Points]:
    """(H, W) pixels along a line, and out of it to the side that lies higher."""
    y, x = np.mgrid[:HEIGHT, :WIDTH] + 0.5
    unit = (end - start) / np.hypot(*(end - start))
    up = np.array([unit[1], -unit[0]]) * np.sign(unit[0])
    return (x - start[0]) * unit[0] + (y - start[1]) * unit[1], (x - start[0]) * up[0] + (y - start[1]) * up[1]


def test_nothing_of_an_arm_stands_out_beside_a_short_sleeve_over_its_cuff() -> None:
    _, _, shown, cuffs = broad_arms()
    for _, end, corner in cuffs:
        along, over = measured(end, corner)
        assert not (shown & (along > 0) & (over > 2)).any()


def test_an_arm_too_broad_for_its_cuff_widens_gently_below_it() -> None:
    body, staging, shown, cuffs = broad_arms()
    for side, _, corner in cuffs:
        shoulder, elbow = (
            staging.view.project(body.joints[f"{side}_{name}"][None])[0] for name in ("shoulder", "elbow")
        )
        along, out = measured(shoulder, elbow)
        column, row = corner.astype(int)
        beyond, broader = along - along[row, column], out - out[row, column]
        below = shown & (beyond > 0) & (along < np.hypot(*(elbow - shoulder)))
        assert below.sum() > 100
        assert (broader - 0.5 * beyond)[below].max() < 2


def test_the_soft_edge_of_an_arm_under_a_sleeve_goes_with_it() -> None:
    worn = t_shirt(sleeve=40)
    staging, _, drawn = dressed(worn, persona(PLUS), TROUSERS)
    left = drawn.without(beside(staging, worn, drawn.parts).astype(np.float32)).rgb
    height, width = worn.matte.shape
    mark = worn.landmarks["right_sleeve_end"]
    end = staging.garment_to_canvas @ (mark.x * width, mark.y * height, 1)
    # Well over the end of the sleeve and outside of its middle there is nothing but cloth and backdrop.
    bare = ~cloth(worn, staging)
    bare[round(end[1]) - 20 :], bare[:, : round(end[0])] = False, False
    assert np.abs(left.astype(int) - np.rint(drawn.backdrop))[bare].max() <= 3
