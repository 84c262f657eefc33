"""From the master to one file per channel: its shape, its size, its format, its byte limit."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import cv2
import numpy as np
from numpy.typing import NDArray

from fashion_gen import images
from fashion_gen.errors import InvalidBrief
from fashion_gen.library import Channel
from fashion_gen.records import Picture

Box = tuple[int, int, int, int]
Colour = tuple[int, int, int]

QUALITY_FLOOR = 60  # Below this, JPEG blocks show on plain cloth.
_MARGIN = 0.02  # of the picture, left around what must stay
_SHORT = 51  # 200ths of an edge: what is shorter than half of this is taken for a person or a thing, not for backdrop
_FADE = 0.05  # of an edge


class Encode(Protocol):
    """Writes a file: `images.encode`, or `functools.partial(label.encode, mark=...)` for a labelled one."""

    def __call__(self, pixels: NDArray[np.uint8], format: str, /, *, quality: int) -> bytes: ...


@dataclass(frozen=True, slots=True)
class Window:
    """A rectangle of the master, in its pixels; it may reach beyond the edges, which is then padded."""

    x: int
    y: int
    width: int
    height: int


def adapt(
    master: Picture,
    channel: Channel,
    garment_box: Box,
    *,
    person_box: Box | None = None,
    encode: Encode = images.encode,
) -> tuple[bytes, str]:
    """Return the channel's file and its suffix (".jpg", ".png" or ".webp").

    The master is cut to the channel's shape where nothing of the garment and the person is lost by it, and padded
    elsewhere: with the channel's background colour if it has one, or with the master's own backdrop carried on. Boxes
    are (x0, y0, x1, y1) in master pixels. Without `person_box` all from the top edge to the garment's end stays.

    Raises InvalidBrief where even the lowest quality is over the channel's byte limit.
    """
    keep = _kept(garment_box, person_box, master)
    window = _window(master.shape[1], master.shape[0], keep, channel.width / channel.height)
    picture = images.resize(_cut(master, window, channel.background), channel.width, channel.height)
    return _encode_within(picture, channel, encode), images.SUFFIXES[channel.format]


def _kept(garment: Box, person: Box | None, master: Picture) -> Box:
    """The rectangle that must stay whole, inside the master, with a small margin."""
    height, width = master.shape[:2]
    # The head is above the garment, and where it ends we do not know.
    other = person or (garment[0], 0, garment[2], garment[3])
    dx, dy = round(width * _MARGIN), round(height * _MARGIN)
    return (
        max(0, min(garment[0], other[0]) - dx),
        max(0, min(garment[1], other[1]) - dy),
        min(width, max(garment[2], other[2]) + dx),
        min(height, max(garment[3], other[3]) + dy),
    )


def _window(width: int, height: int, keep: Box, aspect: float) -> Window:
    """The largest window of the asked aspect within the master that holds `keep`, or the smallest one around it."""
    x0, y0, x1, y1 = keep
    if aspect >= width / height:
        tall = min(height, round(width / aspect))
        if tall >= y1 - y0:
            return Window(0, _slide(y0, y1, tall, height), width, tall)
        wide = max(width, round((y1 - y0) * aspect))
        return Window((width - wide) // 2, y0, wide, y1 - y0)
    wide = min(width, round(height * aspect))
    if wide >= x1 - x0:
        return Window(_slide(x0, x1, wide, width), 0, wide, height)
    tall = max(height, round((x1 - x0) / aspect))
    # All padding goes above the head: people stand on, or are cut by, the lower edge.
    return Window(x0, height - tall, x1 - x0, tall)


def _slide(low: int, high: int, length: int, limit: int) -> int:
    """Where a stretch of `length` within [0, limit] starts that has [low, high] as near to its middle as possible."""
    return int(np.clip((low + high - length) // 2, 0, limit - length))


def _cut(master: Picture, window: Window, background: Colour | None) -> Picture:
    """Cut the window out of the master, with padding where it reaches beyond."""
    left, top, right = max(0, -window.x), max(0, -window.y), max(0, window.x + window.width - master.shape[1])
    inside = master[window.y + top : window.y + window.height, window.x + left : window.x + window.width]
    wider = _pad_left(inside, left, background)
    wider = _pad_left(wider[:, ::-1], right, background)[:, ::-1]
    return _pad_left(wider.swapaxes(0, 1), top, background).swapaxes(0, 1)


def _pad_left(picture: Picture, length: int, background: Colour | None) -> Picture:
    """Add `length` columns on the left of (H, W, 3)."""
    if length == 0:
        return picture
    if background is None:
        padding = _drawn_out(picture[:, 0], length)[:, ::-1]
    else:
        padding = np.full((len(picture), length, 3), background, np.uint8)
    return np.concatenate([padding, picture], axis=1)


def _drawn_out(edge: Picture, length: int) -> Picture:
    """Draw an edge of the backdrop, (H, 3), out to (H, length, 3).

    What is short along the edge (grain, a hand that the picture cuts) fades away from it; walls and floors stay. Mirroring
    would keep more of a busy backdrop, but a sleeve nearer to the edge than we know would come back as a third arm.
    """
    sharp = edge.astype(np.float32)[:, None]
    few = images.resize(edge[:, None], 1, 200)  # enough to find the backdrop, and quick
    backdrop = images.resize(cv2.medianBlur(few, _SHORT), 1, len(edge)).astype(np.float32)
    calm = cv2.GaussianBlur(backdrop, (1, 0), 1, sigmaY=len(edge) / 100, borderType=cv2.BORDER_REPLICATE)
    weight = np.minimum(np.arange(1, length + 1) / (len(edge) * _FADE), 1)[None, :, None]
    drawn: Picture = np.rint(sharp + (calm - sharp) * weight).astype(np.uint8)
    return drawn


def _encode_within(pixels: Picture, channel: Channel, encode: Encode) -> bytes:
    """Encode with the channel's quality, or the best lower one that keeps its byte limit."""
    data = encode(pixels, channel.format, quality=channel.quality)
    if len(data) <= channel.max_bytes:
        return data
    best, low, high = None, min(QUALITY_FLOOR, channel.quality), channel.quality - 1
    while low <= high and channel.format != "png":
        quality = (low + high) // 2
        data = encode(pixels, channel.format, quality=quality)
        if len(data) <= channel.max_bytes:
            best, low = data, quality + 1
        else:
            high = quality - 1
    if best is None:
        raise InvalidBrief(
            f"The picture does not fit into the {channel.max_bytes / 1e6:.1f} MB of the channel {channel.name}: "
            "choose a plainer scene or another channel."
        )
    return best
