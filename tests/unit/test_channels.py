"""Channel files: shape, size, bytes, and nothing of the garment lost."""

from __future__ import annotations

import io
from dataclasses import replace
from functools import partial

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from fashion_gen import images, label, library
from fashion_gen.channels import QUALITY_FLOOR, adapt
from fashion_gen.errors import InvalidBrief
from fashion_gen.library import Channel

SQUARE = Channel("square", 300, 300, "jpeg", 95, 1_000_000, None, "", ())
RED, GREEN, GREY = (230, 20, 20), (20, 200, 20), (200, 200, 204)


def master(width: int = 400, height: int = 600, box: tuple[int, int, int, int] = (150, 180, 250, 330)) -> np.ndarray:
    """A grey backdrop with a green head at the top and a red garment in `box`."""
    picture = np.full((height, width, 3), GREY, np.uint8)
    picture[10 : box[1], width // 2 - 10 : width // 2 + 10] = GREEN
    picture[box[1] : box[3], box[0] : box[2]] = RED
    return picture


def area(picture: np.ndarray, colour: tuple[int, int, int]) -> tuple[int, int, int, int]:
    ys, xs = np.nonzero(np.abs(picture.astype(int) - colour).max(axis=2) < 30)
    return int(xs.min()), int(ys.min()), int(xs.max()) + 1, int(ys.max()) + 1


def adapted(picture: np.ndarray, channel: Channel, box: tuple[int, int, int, int], **options: object) -> np.ndarray:
    return images.decode(adapt(picture, channel, box, **options)[0])  # type: ignore[arg-type]


@pytest.mark.parametrize("name", sorted(library.channels()))
def test_every_template_is_obeyed(name: str) -> None:
    channel = library.channels()[name]
    mark = label.Mark("look-1")
    data, suffix = adapt(master(), channel, (150, 180, 250, 330), encode=partial(label.encode, mark=mark))
    with Image.open(io.BytesIO(data)) as image:
        assert image.size == (channel.width, channel.height)
        assert image.format == channel.format.upper()
    assert suffix == images.SUFFIXES[channel.format]
    assert len(data) <= channel.max_bytes
    assert label.verify(data).intact


def test_the_channels_that_are_promised_are_there() -> None:
    promised = {"shopify", "amazon-alt", "taobao-34", "zalando", "etsy", "ebay", "instagram-45", "google-merchant"}
    assert promised <= set(library.channels())


def test_a_short_garment_is_cut_out_with_the_head() -> None:
    out = adapted(master(), SQUARE, (150, 180, 250, 330))
    x0, y0, x1, y1 = area(out, RED)
    assert (x1 - x0, y1 - y0) == pytest.approx((75, 112), abs=2), "full width is kept: 400 px become 300"
    assert area(out, GREEN)[1] > 0, "the head is not cut"


def test_a_long_garment_is_padded_at_the_sides_with_the_backdrop() -> None:
    box = (120, 60, 280, 590)
    out = adapted(master(box=box), SQUARE, box)
    x0, y0, x1, y1 = area(out, RED)
    assert (y1 - y0) / 300 > 0.85
    assert (x1 - x0) / (y1 - y0) == pytest.approx(160 / 530, abs=0.02), "nothing is stretched"
    for corner in (out[5, 5], out[-5, 5], out[5, -5], out[-5, -5]):
        assert corner.tolist() == pytest.approx(GREY, abs=8)


def test_a_person_box_keeps_the_person_whole() -> None:
    box, person = (150, 180, 250, 330), (100, 10, 300, 590)
    picture = master()
    picture[560:590, 190:210] = GREEN
    out = adapted(picture, SQUARE, box, person_box=person)
    assert area(out, GREEN)[3] > 285


def test_a_wide_master_is_cut_around_the_garment() -> None:
    box = (700, 100, 900, 350)
    out = adapted(master(1000, 400, box), SQUARE, box)
    x0, _, x1, _ = area(out, RED)
    assert x0 > 0
    assert x1 < 300
    assert (x1 - x0) == pytest.approx(150, abs=3), "full height is kept: 400 px become 300"


def test_padding_for_height_goes_above() -> None:
    box = (20, 100, 480, 390)
    tall = replace(SQUARE, width=200, height=300)
    out = adapted(master(500, 400, box), tall, box)
    assert area(out, RED)[3] > 285
    assert out[3, 100].tolist() == pytest.approx(GREEN, abs=90) or out[3, 5].tolist() == pytest.approx(GREY, abs=8)


def test_a_background_colour_is_used_for_padding_only() -> None:
    box = (120, 60, 280, 590)
    white = replace(SQUARE, format="png", background=(255, 255, 255))
    data, suffix = adapt(master(box=box), white, box)
    out = images.decode(data)
    assert suffix == ".png"
    assert (out[:, :20] == 255).all()
    assert (out[:, -20:] == 255).all()
    assert out[5, 110].tolist() == list(GREY)


def test_carried_on_edges_are_smooth() -> None:
    rng = np.random.default_rng(0)
    y = np.linspace(120, 240, 600)[:, None, None]
    picture = np.clip(y + rng.normal(0, 6, (600, 400, 3)), 0, 255).astype(np.uint8)
    out = adapted(picture, replace(SQUARE, width=600, height=600), (100, 20, 300, 590)).astype(float)
    side = out[:, :30].mean(axis=(1, 2))
    assert np.abs(np.diff(side)).max() < 3
    assert side[-20] - side[20] > 90, "the backdrop's shading goes on into the padding"


def test_quality_is_lowered_to_keep_the_byte_limit() -> None:
    noisy = np.random.default_rng(0).integers(0, 256, (600, 400, 3), dtype=np.uint8)
    box = (150, 180, 250, 330)
    full = len(adapt(noisy, SQUARE, box)[0])
    asked: list[int] = []

    def encode(pixels: np.ndarray, format: str, /, *, quality: int) -> bytes:
        asked.append(quality)
        return images.encode(pixels, format, quality=quality)

    data, _ = adapt(noisy, replace(SQUARE, max_bytes=full * 2 // 3), box, encode=encode)
    assert full * 0.3 < len(data) <= full * 2 // 3
    assert len(asked) <= 8
    assert min(asked) >= QUALITY_FLOOR


@pytest.mark.parametrize("format", ["jpeg", "png", "webp"])
def test_a_limit_that_cannot_be_kept_is_an_error(format: str) -> None:
    channel = replace(SQUARE, format=format, max_bytes=500)
    noisy = np.random.default_rng(0).integers(0, 256, (600, 400, 3), dtype=np.uint8)
    with pytest.raises(InvalidBrief, match="square"):
        adapt(noisy, channel, (150, 180, 250, 330))


@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_the_garment_is_never_cut_or_stretched(data: st.DataObject) -> None:
    width, height = data.draw(st.integers(120, 500)), data.draw(st.integers(120, 500))
    x0, y0 = data.draw(st.integers(0, width - 60)), data.draw(st.integers(0, height - 60))
    box = (x0, y0, data.draw(st.integers(x0 + 50, width)), data.draw(st.integers(y0 + 50, height)))
    channel = replace(
        SQUARE,
        width=data.draw(st.integers(200, 600)),
        height=data.draw(st.integers(200, 600)),
        format="png",
        background=(0, 0, 255),
    )
    picture = np.full((height, width, 3), GREY, np.uint8)
    picture[box[1] : box[3], box[0] : box[2]] = RED
    a0, b0, a1, b1 = area(adapted(picture, channel, box), RED)
    assert (a1 - a0) / (b1 - b0) == pytest.approx((box[2] - box[0]) / (box[3] - box[1]), rel=0.12)
