"""What a phone does to a picture: framing, turning, mirror, light, white balance, blur, noise, JPEG."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np

from fashion_gen.garment.landmarks import NAMES
from fashion_gen.records import Picture
from training.perception.sample import Sample

Rng = np.random.Generator
SWAPPED = [
    NAMES.index(name.replace("left", "right") if "left" in name else name.replace("right", "left")) for name in NAMES
]


def shoot(rng: Rng, sample: Sample, size: int, *, turn: float = 8.0, crop: float = 0.15) -> Sample:
    """The sample as a photo of size x size: turned by some degrees, framed closer or wider, mirrored half of the time."""
    return develop(rng, framed(rng, sample, size, turn, crop))


def framed(rng: Rng, sample: Sample, size: int, turn: float, crop: float) -> Sample:
    """Letterboxed in black as the net gets its pictures; what falls out of the frame is lost, and so are its landmarks."""
    h, w = sample.matte.shape
    scale = size / max(h, w) * float(np.exp(rng.uniform(-crop, crop)))
    angle = np.radians(float(np.clip(rng.normal(0, turn / 2), -turn, turn)))
    c, s = np.cos(angle) * scale, np.sin(angle) * scale
    flip = rng.random() < 0.5
    matrix = np.array([[-c if flip else c, -s, 0], [-s if flip else s, c, 0]])
    matrix[:, 2] = size / 2 + rng.normal(0, 0.02, 2) * size - matrix[:, :2] @ (w / 2, h / 2)
    to = (size, size)
    area = cv2.INTER_AREA if scale < 0.8 else cv2.INTER_LINEAR
    picture = cv2.warpAffine(_reduced(sample.picture, scale), _for_reduced(matrix, scale), to, flags=area)
    matte = cv2.warpAffine(_reduced(sample.matte, scale), _for_reduced(matrix, scale), to, flags=area)
    parts = cv2.warpAffine(sample.parts, matrix, to, flags=cv2.INTER_NEAREST)
    marks = sample.landmarks.copy()
    marks[:, :2] = marks[:, :2] @ matrix[:, :2].T + matrix[:, 2]
    if flip:
        marks = marks[SWAPPED]
    out = (marks[:, 0] < 0) | (marks[:, 0] > size - 1) | (marks[:, 1] < 0) | (marks[:, 1] > size - 1)
    marks[out & (marks[:, 2] == 1), 2] = 0
    return replace(
        sample, picture=np.asarray(picture), matte=np.asarray(matte), parts=np.asarray(parts), landmarks=marks
    )


def _reduced(picture: Picture, scale: float) -> Picture:
    """Halved while a bilinear step would skip pixels."""
    while scale < 0.5:
        picture = np.asarray(cv2.resize(picture, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA), np.uint8)
        scale *= 2
    return picture


def _for_reduced(matrix: np.ndarray, scale: float) -> np.ndarray:
    matrix = matrix.copy()
    while scale < 0.5:
        matrix[:, :2] *= 2
        scale *= 2
    return matrix


def develop(rng: Rng, sample: Sample) -> Sample:
    """Light, colour, sharpness and grain of a phone's picture."""
    u = rng.uniform
    picture = sample.picture.astype(np.float32)
    gain = u(0.7, 1.25) * (1 + rng.normal(0, 0.05, 3))
    picture = 255 * np.clip(picture * gain / 255, 0, 1) ** u(0.8, 1.25)
    if u() < 0.2:
        grey = picture.mean(2, keepdims=True)
        picture = grey + (picture - grey) * u(0.3, 1.5)
    if u() < 0.3:
        y, x = np.mgrid[0 : 1 : complex(len(picture)), 0 : 1 : complex(picture.shape[1])]
        picture *= (1 + u(-0.25, 0.25) * (x - 0.5) + u(-0.25, 0.25) * (y - 0.5))[..., None]
    if u() < 0.3:
        picture = cv2.GaussianBlur(picture, (0, 0), float(u(0.4, 1.3)))
    if u() < 0.5:
        picture = picture + rng.normal(0, u(1, 7), picture.shape[:2] + (1,))
    shot = np.clip(picture, 0, 255).astype(np.uint8)
    if u() < 0.35:
        _, data = cv2.imencode(".jpg", shot, [cv2.IMWRITE_JPEG_QUALITY, int(u(35, 90))])
        shot = np.asarray(cv2.imdecode(data, cv2.IMREAD_COLOR))
    return replace(sample, picture=shot)
