"""What is drawn onto photos: the cut-out's edge, areas, landmarks. Every function returns a new (H, W, 3) picture.

Each mark has a light and a dark side, so that it shows on garments of any colour.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import hypot

import cv2
import numpy as np
from PIL import Image, ImageDraw
from skimage.measure import find_contours

from fashion_gen.records import Garment, Landmark, Mask, Matte, Photo, Picture, Stroke
from fashion_gen.sheets.blocks import Colour
from fashion_gen.typeface import face

Point = tuple[float, float]  #: x, y in pixels
Box = tuple[float, float, float, float]  #: x0, y0, x1, y1 in pixels

DOT, RING, DARK, EDGE = (0, 122, 204), (255, 255, 255), (20, 20, 24), (226, 0, 122)
INCLUDE, EXCLUDE = (0, 150, 60), (214, 30, 20)
CHECKER = (242, 224)
NAME_SIZE = 15  #: pixels
WASH = 0.4  #: share of the colour in a tinted area
FAR = 14  #: pixels; a name that is farther from its dot has a line to it
SHORTEST = 8  #: points; shorter lines are specks
BITS = 4  #: of a pixel's fraction, as OpenCV takes points
FINE = 1 << BITS
SURE = 0.5  #: landmarks below this confidence are drawn hollow


def cutout(worn: Garment) -> Picture:
    """The garment on the checkerboard that stands for transparency, (H, W, 3)."""
    height, width = worn.matte.shape
    step = max(8, max(height, width) // 36)
    odd = (np.add.outer(np.arange(height) // step, np.arange(width) // step) % 2).astype(bool)
    ground = np.where(odd, *CHECKER).astype(np.float32)[..., None]
    matte = worn.matte[..., None]
    return np.clip(worn.colour * matte + ground * (1 - matte) + 0.5, 0, 255).astype(np.uint8)


def shown(photo: Photo) -> Picture:
    """The photo as people see it: what is transparent is white, (H, W, 3)."""
    if photo.alpha is None:
        return photo.rgb
    alpha = photo.alpha[..., None]
    return np.asarray(np.rint(photo.rgb * alpha + 255 * (1 - alpha)), np.uint8)


def with_dots(picture: Picture, landmarks: Mapping[str, Landmark]) -> Picture:
    """Landmarks as dots; those that are not `SURE` are hollow."""
    marked = picture.copy()
    height, width = picture.shape[:2]
    for point in landmarks.values():
        at = (round(point.x * width * FINE), round(point.y * height * FINE))
        discs = ((5.5, RING), (4.0, DOT)) if point.confidence >= SURE else ((6.5, RING), (5.0, DOT), (3.0, RING))
        for radius, colour in discs:
            cv2.circle(marked, at, round(radius * FINE), colour, -1, cv2.LINE_AA, BITS)
    return marked


def with_edge(picture: Picture, matte: Matte) -> Picture:
    """The line where the (H, W) matte is one half; the matte has the picture's size."""
    # A border of nothing closes the line where the garment runs out of the picture.
    lines = find_contours(np.pad(matte, 1), 0.5)
    paths = [np.rint((line[:, ::-1] - 1) * FINE).astype(np.int32) for line in lines if len(line) > SHORTEST]
    marked = picture.copy()
    for colour, thickness in ((RING, 5), (EDGE, 2)):
        cv2.polylines(marked, paths, False, colour, thickness, cv2.LINE_AA, BITS)
    return marked


def with_strokes(picture: Picture, strokes: Sequence[Stroke]) -> Picture:
    """Strokes as they were drawn, thin: green ones include, red ones exclude."""
    marked = picture.copy()
    size = picture.shape[1], picture.shape[0]
    for stroke in strokes:
        path = np.rint(np.array(stroke.points) * size * FINE).astype(np.int32)
        for colour, thickness in ((RING, 7), (INCLUDE if stroke.include else EXCLUDE, 4)):
            # OpenCV draws no line of one point: a point is a line to itself.
            cv2.polylines(marked, [np.concatenate([path, path[-1:]])], False, colour, thickness, cv2.LINE_AA, BITS)
    return marked


def with_tint(picture: Picture, mask: Mask, colour: Colour) -> Picture:
    """The area washed with a colour."""
    marked = picture.copy()
    marked[mask] = np.rint(picture[mask] * (1 - WASH) + np.array(colour) * WASH).astype(np.uint8)
    return marked


def with_hatching(picture: Picture, mask: Mask, colour: Colour) -> Picture:
    """The area under slanting lines of a colour, each with a dark side."""
    height, width = picture.shape[:2]
    slant = np.add.outer(np.arange(height), np.arange(width)) % 12
    marked = with_tint(picture, mask, colour)
    marked[mask & (slant < 2)] = colour
    marked[mask & (slant == 2)] = DARK
    return marked


def with_names(picture: Picture, landmarks: Mapping[str, Landmark]) -> Picture:
    """Landmarks as dots, their names on small plates beside them, where they hide each other and the dots least."""
    height, width = picture.shape[:2]
    image = Image.fromarray(picture)
    pen, font = ImageDraw.Draw(image, "RGBA"), face(NAME_SIZE)
    dots = [(point.x * width, point.y * height) for point in landmarks.values()]
    taken: list[Box] = []
    for name, dot in zip(landmarks, dots, strict=True):
        words = name.replace("_", " ")
        places = _places(dot, (font.getlength(words) + 8, NAME_SIZE + 3), outwards=-1 if "left" in name else 1)
        box = min(places, key=lambda place: _cost(place, dot, dots, taken, (width, height)))
        taken.append(box)
        middle = (box[1] + box[3]) / 2
        if _away(box, dot) > FAR:
            pen.line((dot, (min(max(dot[0], box[0]), box[2]), middle)), fill=RING)
        pen.rounded_rectangle(box, 3, fill=(*DARK, 190))
        pen.text((box[0] + 4, middle), words, RING, font=font, anchor="lm")
    return with_dots(np.asarray(image), landmarks)


def _places(dot: Point, size: tuple[float, float], *, outwards: int) -> list[Box]:
    """Boxes beside a dot, the best first: outwards, to the left (-1) or the right (1), is away from the garment."""
    (x, y), (w, h) = dot, size
    side = {-1: x - 11 - w, 1: x + 11}
    corners = [(side[way], y - h / 2 + up) for up in (0, -h, h, -2 * h, 2 * h) for way in (outwards, -outwards)]
    corners += [(x - w / 2, y - 11 - h), (x - w / 2, y + 11)]
    return [(x0, y0, x0 + w, y0 + h) for x0, y0 in corners]


def _cost(box: Box, dot: Point, dots: Sequence[Point], taken: Sequence[Box], size: tuple[int, int]) -> float:
    """What a place hides in pixels; outside the picture counts more, and being nearer to another dot than to its own."""
    outside = (box[2] - box[0]) * (box[3] - box[1]) - _common(box, (0, 0, *size))
    hidden = sum(_common(box, other) for other in taken)
    hidden += sum(_common(box, (x - 7, y - 7, x + 7, y + 7)) for x, y in dots)
    mistaken = any(_away(box, other) < _away(box, dot) for other in dots)
    return 4 * outside + 2 * hidden + 60 * mistaken


def _away(box: Box, dot: Point) -> float:
    """Pixels from a box to a dot."""
    x, y = dot
    return hypot(max(box[0] - x, x - box[2], 0), max(box[1] - y, y - box[3], 0))


def _common(a: Box, b: Box) -> float:
    """Pixels that two boxes share."""
    return max(0.0, min(a[2], b[2]) - max(a[0], b[0])) * max(0.0, min(a[3], b[3]) - max(a[1], b[1]))
