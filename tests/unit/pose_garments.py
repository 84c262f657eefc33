"""Garments drawn from polygons in centimetres, with the landmarks that `garment.anatomy` would find on them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import cv2
import numpy as np

from fashion_gen.records import (
    AgeBand,
    Category,
    Garment,
    Kind,
    Landmark,
    Measurements,
    Persona,
    Photo,
    Points,
    Presentation,
    SizeType,
)

PIXELS = 6.0  # per cm
MARGIN = 12.0  # cm

SLIM = Measurements(168, 36, 32, 84, 66, 92, 26, 15, 53, 34)
PLUS = Measurements(165, 39, 37, 122, 108, 128, 39, 17.5, 72, 43)
TALL = Measurements(190, 43, 40, 104, 92, 104, 33, 18, 60, 40)


def persona(measurements: Measurements = SLIM, *, name: str = "test", features: tuple[str, ...] = ()) -> Persona:
    return Persona(
        name, 5, SizeType.REGULAR, AgeBand.PRIME, Presentation.ANDROGYNOUS, "buzz", "black", measurements, features
    )


def mirrored(right_half: list[tuple[float, float]]) -> Points:
    """A closed outline from its right half, listed from the top centre to the bottom centre; x from the axis."""
    right = np.array(right_half, np.float64)
    return np.concatenate([right, (right * (-1, 1))[::-1]])


def garment(
    outline: Points,
    landmarks: Mapping[str, tuple[float, float]],
    category: Category,
    *,
    kind: Kind = Kind.FLAT,
    tilt: float = 0.0,
) -> Garment:
    """`outline` and `landmarks` in cm, y down; `right_*` landmarks are mirrored to `left_*`."""
    points = dict(landmarks)
    for name, (x, y) in landmarks.items():
        if name.startswith("right_"):
            points["left_" + name.removeprefix("right_")] = (-x, y)
    t = np.deg2rad(tilt)
    turn = np.array([[np.cos(t), np.sin(t)], [-np.sin(t), np.cos(t)]])
    low, high = (outline @ turn).min(axis=0) - MARGIN, (outline @ turn).max(axis=0) + MARGIN
    width, height = (np.ceil((high - low) * PIXELS)).astype(int)
    corners = np.round(((outline @ turn) - low) * PIXELS).astype(np.int32)
    matte = np.zeros((height, width), np.float32)
    cv2.fillPoly(matte, [corners], 1.0)
    rgb = np.full((height, width, 3), 235, np.uint8)
    rgb[matte > 0] = (70, 110, 160)
    found = {
        name: Landmark(*(((np.array(p) @ turn) - low) * PIXELS / (width, height)).tolist(), 1.0)
        for name, p in points.items()
    }
    inside = np.zeros((height, width), bool)
    return Garment(Photo("drawn", rgb, None, "0" * 64), matte, rgb, inside, kind, category, found, "drawn")


def t_shirt(*, sleeve: float = 40.0, tilt: float = 0.0, kind: Kind = Kind.FLAT) -> Garment:
    """A flat men's M: 50 cm across the chest, 70 long; the sleeve's axis is raised by `sleeve` degrees."""
    t = np.deg2rad(sleeve)
    along, across = np.array([np.sin(t), np.cos(t)]), np.array([np.cos(t), -np.sin(t)])
    shoulder, armpit = np.array([22.5, 4.0]), np.array([25.0, 25.0])
    root = (shoulder + armpit) / 2 - 4 * along
    end = root + 22 * along
    top, bottom = end + 9 * across, end - 9 * across
    half = [(0, 4), (9, 0), tuple(shoulder), tuple(top), tuple(bottom), tuple(armpit), (25, 70), (0, 70)]
    marks = {
        "neck": (0.0, 6.0),
        "right_neck": (9.0, 0.0),
        "right_shoulder": tuple(shoulder),
        "right_sleeve_end": tuple(end),
        "right_armpit": tuple(armpit),
        "right_waist": (25.0, 45.0),
        "right_hem": (25.0, 70.0),
    }
    return garment(mirrored(half), marks, Category.TOP, tilt=tilt, kind=kind)


def long_sleeve(*, sleeve: float = 14.0) -> Garment:
    t = np.deg2rad(sleeve)
    along, across = np.array([np.sin(t), np.cos(t)]), np.array([np.cos(t), -np.sin(t)])
    shoulder, armpit = np.array([22.0, 4.0]), np.array([24.0, 24.0])
    end = shoulder + 62 * along - 5 * across
    top, bottom = end + 5 * across, end - 5 * across
    half = [(0, 4), (9, 0), tuple(shoulder), tuple(top), tuple(bottom), tuple(armpit), (23, 66), (0, 66)]
    marks = {
        "neck": (0.0, 5.0),
        "right_neck": (9.0, 0.0),
        "right_shoulder": tuple(shoulder),
        "right_sleeve_end": tuple(end),
        "right_armpit": tuple(armpit),
        "right_hem": (23.0, 66.0),
    }
    return garment(mirrored(half), marks, Category.TOP)


#: (x, y) in cm from the tip down to the neck's corner: closed and standing, and a collar up to the nose.
CLOSED_HOOD = ((0, -34), (7, -24), (13, -8), (10, 0))
HIGH_COLLAR = ((0, -11), (10, -11), (10, 0))


def hoodie(above: Sequence[tuple[float, float]] = CLOSED_HOOD) -> Garment:
    """A ghost-mannequin shot; `above` is the right half of what stands on the neckline."""
    shoulder, armpit, end = (22.0, 4.0), (24.0, 24.0), (36.0, 62.0)
    half = [*above, shoulder, (41, 61), (31, 64), armpit, (23, 66), (0, 66)]
    marks = {
        "neck": (0.0, 0.0),
        "right_neck": (10.0, 0.0),
        "right_shoulder": shoulder,
        "right_sleeve_end": end,
        "right_armpit": armpit,
        "right_hem": (23.0, 66.0),
    }
    return garment(mirrored(half), marks, Category.TOP, kind=Kind.GHOST)


def trousers(*, spread: float = 6.0, length: float = 78.0) -> Garment:
    """Flat: 40 cm across the band, 52 across the hips, `length` of inner leg leaning out by `spread` degrees."""
    out = length * np.tan(np.deg2rad(spread))
    end = 14 + out
    half = [(0, 0), (20, 0), (26, 22), (end + 10, 27 + length), (end - 10, 27 + length), (0, 27)]
    marks = {
        "right_waist": (20.0, 0.0),
        "crotch": (0.0, 27.0),
        "right_leg_end": (end, 27.0 + length),
    }
    category = Category.TROUSERS if length > 40 else Category.SHORTS
    return garment(mirrored(half), marks, category)


def skirt(*, hem: float = 22.0, length: float = 60.0) -> Garment:
    half = [(0, 0), (18, 0), (24, 20), (hem, length), (0, length)]
    return garment(mirrored(half), {"right_waist": (18.0, 0.0), "right_hem": (hem, length)}, Category.SKIRT)


def strap_dress() -> Garment:
    half = [(8, 0), (12, 0), (13, 14), (21, 22), (18, 44), (38, 105), (0, 105), (0, 14), (8, 13)]
    marks = {
        "neck": (0.0, 14.0),
        "right_neck": (8.0, 0.0),
        "right_shoulder": (12.0, 0.0),
        "right_armpit": (21.0, 22.0),
        "right_waist": (18.0, 44.0),
        "right_hem": (38.0, 105.0),
    }
    return garment(mirrored(half), marks, Category.DRESS)
