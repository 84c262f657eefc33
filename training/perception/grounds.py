"""What garments lie on and hang before: plain walls and sheets, planks, tiles, carpets, rugs, and pieces of real photos."""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np

from fashion_gen.records import Mask, Picture

Rng = np.random.Generator
Floats = np.ndarray


def ground(rng: Rng, size: int, photos: Callable[[Rng, int], Picture] | None) -> Picture:
    """(size, size, 3) of something to photograph garments on; every second one from a photo, if there are any."""
    if photos is not None and rng.random() < 0.5:
        return photos(rng, size)
    return DRAWN[int(rng.integers(len(DRAWN)))](rng, size)


def clouds(rng: Rng, size: int, cells: int) -> Floats:
    """(size, size) smooth noise of about -1..1 with the given number of cells across."""
    coarse = rng.normal(0, 1, (cells + 3, cells + 3)).astype(np.float32)
    return np.asarray(cv2.resize(coarse, (size, size), interpolation=cv2.INTER_CUBIC))


def tint(rng: Rng) -> Floats:
    """An RGB colour of rooms: mostly pale and greyish, sometimes dark or strong."""
    value = float(rng.choice([rng.uniform(150, 250), rng.uniform(60, 150), rng.uniform(15, 60)], p=[0.6, 0.27, 0.13]))
    strength = float(rng.choice([0.06, 0.2, 0.6], p=[0.6, 0.25, 0.15]))
    return np.clip(value * (1 + strength * rng.uniform(-1, 1, 3)), 3, 255).astype(np.float32)


def plain(rng: Rng, size: int) -> Picture:
    """A wall or a smooth sheet in uneven light."""
    light = 1 + 0.12 * clouds(rng, size, 1) + rng.uniform(0, 0.03) * clouds(rng, size, 12)
    return finish(tint(rng) * light[..., None])


def studio(rng: Rng, size: int) -> Picture:
    """The nearly white sweep of a product shot."""
    return finish(
        np.full((size, size, 3), rng.uniform(238, 255), np.float32)
        + rng.uniform(0, 3) * clouds(rng, size, 2)[..., None]
    )


def sheet(rng: Rng, size: int) -> Picture:
    """Bed linen: broad folds, brightest on one flank."""
    folds = sum(clouds(rng, size, n) * w for n, w in ((3, 1.0), (6, 0.7), (12, 0.4)))
    slope = np.gradient(cv2.GaussianBlur(np.asarray(folds, np.float32), (0, 0), size / 80), axis=1) * size / 16
    return finish(tint(rng) * (1 + rng.uniform(0.05, 0.22) * slope)[..., None])


def planks(rng: Rng, size: int) -> Picture:
    """A wooden floor."""
    wide = int(rng.integers(size // 12, size // 4))
    grain = cv2.resize(rng.normal(0, 1, (size, max(2, size // 40))).astype(np.float32).T, (size, size)).T
    rows = np.arange(size) // wide
    shade = rng.normal(1, 0.08, rows.max() + 1)[rows][None, :] * (1 + rng.uniform(0.02, 0.08) * grain.T)
    shade[:, np.arange(size) % wide < 2] *= 0.6
    wood = np.float32([1.0, rng.uniform(0.72, 0.9), rng.uniform(0.5, 0.8)]) * rng.uniform(70, 225)
    return turned(rng, finish(wood * shade[..., None]))


def tiles(rng: Rng, size: int) -> Picture:
    """Stone tiles with joints."""
    wide = int(rng.integers(size // 6, size // 2))
    shade = 1 + 0.04 * clouds(rng, size, 8)
    at = np.arange(size)
    shade[at % wide < 3] *= rng.uniform(0.5, 0.9)
    shade[:, at % wide < 3] *= rng.uniform(0.5, 0.9)
    return turned(rng, finish(tint(rng) * shade[..., None]))


def carpet(rng: Rng, size: int) -> Picture:
    """Short or long pile."""
    fine = rng.normal(0, 1, (size, size)).astype(np.float32)
    pile = cv2.GaussianBlur(fine, (0, 0), float(rng.uniform(0.7, 3.5)))
    pile /= pile.std()
    return finish(tint(rng) * (1 + rng.uniform(0.05, 0.25) * pile + 0.05 * clouds(rng, size, 4))[..., None])


def rug(rng: Rng, size: int) -> Picture:
    """Ornaments: a small tile of blobs, mirrored and repeated."""
    cell = int(rng.integers(size // 10, size // 3))
    one = (clouds(rng, cell, 3) > 0.2).astype(int) + (clouds(rng, cell, 4) > 0.6)
    both = np.hstack([one, one[:, ::-1]])
    quad = np.vstack([both, both[::-1]])
    times = size // (2 * cell) + 2
    pattern = np.tile(quad, (times, times))[:size, :size]
    colours = np.stack([tint(rng) for _ in range(3)])
    return finish(colours[np.clip(pattern, 0, 2)] * (1 + 0.06 * rng.normal(0, 1, (size, size, 1))))


def corner(rng: Rng, size: int) -> Picture:
    """A wall that meets a floor, with a door frame now and then."""
    wall, floor = plain(rng, size), DRAWN[int(rng.integers(len(DRAWN) - 1))](rng, size)
    picture = wall.copy()
    at = int(size * rng.uniform(0.6, 0.95))
    picture[at:] = floor[at:]
    if rng.random() < 0.5:
        x, wide = int(rng.integers(size)), int(rng.integers(size // 30, size // 6))
        picture[:at, x : x + wide] = np.clip(picture[:at, x : x + wide] * rng.uniform(0.5, 1.2), 0, 255)
    return picture


DRAWN = (plain, plain, studio, sheet, sheet, planks, tiles, carpet, rug, corner)


def turned(rng: Rng, picture: Picture) -> Picture:
    """Lying at any angle."""
    size = len(picture)
    turn = cv2.getRotationMatrix2D((size / 2, size / 2), float(rng.uniform(0, 360)), 1.45)
    return np.asarray(cv2.warpAffine(picture, turn, (size, size), borderMode=cv2.BORDER_REFLECT_101), np.uint8)


def finish(values: Floats) -> Picture:
    return np.clip(values, 0, 255).astype(np.uint8)


def around(rgb: Picture, matte: Mask, rng: Rng, size: int) -> Picture | None:
    """(size, size, 3) of what a real garment lay on: the widest strip beside its box, mirrored on; None without one."""
    ys, xs = np.nonzero(matte)
    h, w = matte.shape
    if not len(xs):
        return None
    strips = ((0, ys.min(), 0, w), (ys.max() + 1, h, 0, w), (0, h, 0, xs.min()), (0, h, xs.max() + 1, w))
    y0, y1, x0, x1 = max(strips, key=lambda s: min(s[1] - s[0], s[3] - s[2]))
    if min(y1 - y0, x1 - x0) < 0.08 * min(h, w):
        return None
    strip = rgb[y0:y1, x0:x1]
    scale = rng.uniform(1.0, 2.5) * size / max(h, w)
    strip = cv2.resize(strip, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR)
    pad = [(0, max(0, size - n)) for n in strip.shape[:2]]
    whole = np.pad(strip, (*pad, (0, 0)), mode="symmetric")[:size, :size]
    return np.ascontiguousarray(whole[::-1] if rng.random() < 0.5 else whole)
