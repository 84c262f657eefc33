"""The garment on a canvas and in the master: what a seller and an outside checker would notice."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fashion_gen import compose
from fashion_gen.compose.plate import clean_plate, enlarge
from fashion_gen.errors import InvalidBrief
from fashion_gen.records import Category, Garment, Kind, Mask, Matte, Photo, Picture, Points

quick = settings(max_examples=25, deadline=None)
WALL, SKIN, TROUSERS = (210, 210, 214), (150, 105, 80), (40, 44, 70)
RED, GREEN = (200, 30, 40), (0, 255, 0)


def garment_of(rgb: Picture, matte: Matte, inside: Mask | None = None) -> Garment:
    hidden = np.zeros(matte.shape, bool) if inside is None else inside
    photo = Photo("test", rgb, None, "0" * 64)
    return Garment(photo, matte, rgb, hidden, Kind.GHOST, Category.TOP, {}, "test")


def noisy_garment(seed: int = 0, size: int = 120) -> Garment:
    """A round garment of noise with a soft edge."""
    rgb = np.random.default_rng(seed).integers(0, 256, (size, size, 3), np.uint8)
    disc = cv2.circle(np.zeros((size, size), np.uint8), (size // 2, size // 2), size // 3, 1, -1)
    return garment_of(rgb, np.clip(cv2.GaussianBlur(disc.astype(np.float32), (0, 0), 1.0), 0, 1))


def red_garment_on_green(size: int = 160) -> Garment:
    """A hard-edged red square in a photo whose background is a screaming green."""
    rgb = np.full((size, size, 3), GREEN, np.uint8)
    matte = np.zeros((size, size), np.float32)
    matte[40:120, 50:110] = 1
    rgb[matte > 0] = RED
    return garment_of(rgb, matte)


def affine(scale: float = 1.0, dx: float = 0.0, dy: float = 0.0, degrees: float = 0.0) -> Points:
    cos, sin = scale * np.cos(np.radians(degrees)), scale * np.sin(np.radians(degrees))
    return np.array([[cos, -sin, dx], [sin, cos, dy]])


@quick
@given(dx=st.integers(-20, 60), dy=st.integers(-20, 60), fraction=st.floats(-0.4, 0.4))
def test_at_unit_scale_the_photo_is_copied_byte_for_byte(dx: int, dy: int, fraction: float) -> None:
    garment = noisy_garment()
    placed = compose.place(garment, affine(1.0, dx + fraction, dy - fraction), 180, (180, 180))
    assert placed.scale == 1.0
    ys, xs = np.nonzero(placed.matte > 0)
    assert np.array_equal(placed.rgb[ys, xs], garment.colour[ys - dy, xs - dx])
    assert np.array_equal(placed.matte[ys, xs], garment.matte[ys - dy, xs - dx])


@quick
@given(scale=st.floats(0.02, 3.0), ratio=st.floats(0.4, 2.5), dx=st.floats(-9, 9))
def test_a_master_within_the_limits_never_resamples(scale: float, ratio: float, dx: float) -> None:
    width, height = 320, round(320 * ratio)
    to_canvas = affine(scale, dx, 3.0)
    size = compose.master_size(to_canvas, width, height)
    assert 1536 - 3 <= max(size) <= 3000 + 3
    assert abs(size[1] / size[0] - height / width) < 2 / min(size)
    if 1540 < max(width, height) / scale < 2990:
        assert size[0] == round(width / scale)


def test_the_chosen_master_size_makes_placing_a_copy() -> None:
    garment = noisy_garment(size=600)
    to_canvas = affine(320 / 1733, 40, 60)
    size = compose.master_size(to_canvas, 320, 480)
    assert size == (1733, 2600)
    assert compose.place(garment, to_canvas, 320, size).scale == 1.0


@quick
@given(
    scale=st.floats(0.15, 3.0), degrees=st.floats(-40, 40), dx=st.floats(0, 30), dy=st.floats(0, 30), wide=st.booleans()
)
def test_no_background_bleeds_in_at_any_scale_or_angle(
    scale: float, degrees: float, dx: float, dy: float, wide: bool
) -> None:
    size = (400, 300) if wide else (300, 400)
    placed = compose.place(red_garment_on_green(), affine(scale, dx + 60, dy + 20, degrees), size[0], size)
    seen = placed.rgb[placed.matte > 0.02].astype(int)
    assert np.abs(seen - RED).max() <= 2
    assert not placed.rgb[placed.matte == 0].any()


@quick
@given(scale=st.floats(0.2, 2.5), dx=st.floats(-10, 200), dy=st.floats(-10, 200))
def test_the_core_holds_the_outside_checkers_core(scale: float, dx: float, dy: float) -> None:
    placed = compose.place(noisy_garment(), affine(scale, dx, dy), 320, (320, 320))
    opaque = (np.rint(placed.matte * 255) >= 250).astype(np.uint8)
    theirs = cv2.erode(opaque, np.ones((9, 9), np.uint8)) > 0
    assert not (theirs & ~placed.core).any()
    assert not (placed.core & (opaque == 0)).any()


def test_shrinking_averages_what_it_cannot_show() -> None:
    rgb = np.zeros((400, 400, 3), np.uint8)
    rgb[:, ::2] = 255
    placed = compose.place(garment_of(rgb, np.ones((400, 400), np.float32)), affine(0.23), 92, (92, 92))
    middle = placed.rgb[10:-10, 10:-10].astype(int)
    assert np.abs(middle - 127.5).max() < 12


def test_a_garment_is_placed_where_the_affine_says() -> None:
    placed = compose.place(red_garment_on_green(), affine(2.0, 10, 20), 400, (400, 400))
    assert placed.box == pytest.approx((110, 100, 230, 260), abs=1)
    half = compose.place(red_garment_on_green(), affine(2.0, 10, 20), 400, (200, 200))
    assert half.box == pytest.approx((55, 50, 115, 130), abs=1)
    assert half.scale == 1.0


def test_a_garment_that_leaves_the_picture_is_cut_and_one_outside_is_refused() -> None:
    cut = compose.place(noisy_garment(), affine(1.0, -60, 0), 100, (100, 100))
    assert cut.box[0] == 0
    assert cut.core[:, 0].any()
    for to_canvas in (affine(1.0, 500, 0), affine(1.5, 500, 0)):
        with pytest.raises(InvalidBrief, match="choose another"):
            compose.place(noisy_garment(), to_canvas, 100, (100, 100))


def test_the_rest_of_the_photo_does_not_travel_with_the_result() -> None:
    for scale in (1.0, 1.7):
        placed = compose.place(red_garment_on_green(), affine(scale), 300, (300, 300))
        assert not placed.rgb[placed.matte == 0].any()


def with_hollow_neck() -> Garment:
    garment = red_garment_on_green()
    inside = np.zeros((160, 160), bool)
    inside[40:55, 70:90] = True
    garment.colour[inside] = (90, 10, 20)
    return garment_of(garment.colour, garment.matte, inside)


@pytest.mark.parametrize("scale", [1.0, 1.6])
def test_garment_inside_is_not_garment(scale: float) -> None:
    placed = compose.place(with_hollow_neck(), affine(scale), 300, (300, 300))
    assert placed.inside.any()
    assert placed.matte[placed.inside].max() < 0.6
    assert not (placed.core & placed.inside).any()


def test_between_a_garment_and_its_inside_nothing_shows_through() -> None:
    garment = red_garment_on_green()
    inside = np.zeros((160, 160), bool)
    inside[40:70, 70:90] = True
    placed = compose.place(garment_of(garment.colour, garment.matte, inside), affine(), 160, (160, 160))
    pasted = compose.paste(np.full((160, 160, 3), 255, np.uint8), placed, person=np.zeros((160, 160), bool))
    assert np.abs(pasted[60:80, 60:100].astype(int) - RED).max() <= 30


def test_a_thread_of_garment_across_the_neck_belongs_to_its_inside() -> None:
    garment = red_garment_on_green()
    inside = np.zeros((160, 160), bool)
    inside[41:60, 66:94] = True  # one row below the rim
    placed = compose.place(garment_of(garment.colour, garment.matte, inside), affine(), 160, (160, 160))
    assert placed.matte[40, 72:88].max() == 0
    assert placed.matte[40, 55] == 1
    assert placed.matte[70, 80] == 1


def test_garment_inside_shows_beside_the_person_only() -> None:
    placed = compose.place(with_hollow_neck(), affine(1.0), 160, (160, 160))
    grey = np.full((160, 160, 3), 128, np.uint8)
    person = np.zeros((160, 160), bool)
    person[:, 80:] = True
    pasted = compose.paste(grey, placed, person=person)
    assert tuple(pasted[45, 73]) == (90, 10, 20)
    assert tuple(pasted[45, 86]) == (128, 128, 128)
    assert tuple(compose.paste(grey, placed)[45, 73]) == (128, 128, 128)


@quick
@given(alpha=st.floats(0, 1))
def test_pasting_mixes_by_the_matte(alpha: float) -> None:
    rgb = np.full((60, 60, 3), 200, np.uint8)
    matte = np.full((60, 60), alpha, np.float32)
    matte[20:40, 20:40] = 1
    placed = compose.place(garment_of(rgb, matte), affine(), 60, (60, 60))
    pasted = compose.paste(np.full((60, 60, 3), 100, np.uint8), placed)
    assert (pasted[20:40, 20:40] == 200).all()
    assert abs(int(pasted[5, 5, 0]) - (100 + 100 * min(1, alpha * 255 / 250))) <= 1


@pytest.mark.parametrize("cell", [4, 8])
def test_the_generator_may_paint_all_but_the_garment_less_a_latent_cell(cell: int) -> None:
    placed = compose.place(with_hollow_neck(), affine(), 160, (160, 160))
    mask = compose.paint_mask(placed, cell=cell)
    assert mask[placed.matte < 0.5].all()
    assert mask[placed.inside].all()
    assert mask[80, 50 + cell - 1]
    assert not mask[80, 50 + cell + 1]


# The master: true pixels inside, no trace of the generator's own garment outside.


def scene(width: int = 160, height: int = 240) -> tuple[Picture, Mask]:
    """A wall with a body in skin colour down the middle that wears trousers."""
    picture = np.full((height, width, 3), WALL, np.uint8)
    person = np.zeros((height, width), bool)
    person[20:, 55:105] = True
    picture[person] = SKIN
    picture[150:, 55:105] = TROUSERS
    return picture, person


def drawn_too_large(background: Picture, placed: compose.PlacedGarment, pixels: int) -> Picture:
    """What a generator makes of it: the garment a few pixels larger and smeared by the autoencoder."""
    kernel = np.ones((2 * pixels + 1, 2 * pixels + 1), np.uint8)
    cover = cv2.dilate(placed.matte, kernel)[..., None]
    drawn = background * (1 - cover) + cv2.dilate(placed.rgb, kernel) * cover
    return np.rint(cv2.GaussianBlur(drawn.astype(np.float32), (0, 0), 0.8)).astype(np.uint8)


def whole(picture: Picture, placed: compose.PlacedGarment, person: Mask) -> Picture:
    """The master of a painted picture."""
    return compose.master(compose.painted_plate(picture, placed, person=person), placed, person=person)


@quick
@given(seed=st.integers(0, 99), scale=st.floats(0.4, 2.0), dx=st.floats(0, 40))
def test_inside_the_core_the_master_is_the_garment_exactly(seed: int, scale: float, dx: float) -> None:
    picture, person = scene()
    to_canvas = affine(scale, dx, 40)
    placed = compose.place(noisy_garment(seed), to_canvas, 160, (480, 720))
    master = whole(picture, placed, person)
    assert master.shape == (720, 480, 3)
    assert placed.core.any()
    assert np.array_equal(master[placed.core], placed.rgb[placed.core])
    opaque = np.rint(placed.matte * 255) >= 250
    assert np.array_equal(master[opaque], placed.rgb[opaque])


def test_the_fringe_of_a_garment_drawn_too_large_is_removed() -> None:
    picture, person = scene()
    to_canvas = affine(0.6, 32, 50)
    canvas = compose.place(red_garment_on_green(), to_canvas, 160, (160, 240))
    placed = compose.place(red_garment_on_green(), to_canvas, 160, (640, 960))
    generated = drawn_too_large(picture, canvas, 1)
    ring = cv2.dilate((placed.matte > 0).astype(np.uint8), np.ones((9, 9))) - (placed.matte > 0) > 0
    naive = compose.paste(enlarge(generated, 640, 960), placed)
    master = whole(generated, placed, np.zeros_like(person))

    def redness(image: Picture) -> float:
        return float((image[ring][:, 0].astype(int) - image[ring][:, 1]).clip(0).mean())

    clean = redness(whole(picture, placed, np.zeros_like(person)))
    assert redness(naive) > clean + 30
    assert redness(master) < clean + 6


def test_an_arm_that_looks_out_beside_the_sleeve_keeps_its_colour() -> None:
    picture = np.full((240, 160, 3), (40, 42, 45), np.uint8)
    picture[60:100, 92:96] = (240, 225, 215)  # a sliver of pale skin on a dark wall, beside a blue garment
    rgb = np.full((160, 160, 3), (30, 60, 220), np.uint8)
    matte = np.zeros((160, 160), np.float32)
    matte[40:140, 30:100] = 1
    placed = compose.place(garment_of(rgb, matte), affine(0.6, 31, 20), 160, (160, 240))
    cleaned = clean_plate(picture, placed, np.zeros((240, 160), bool))
    assert np.abs(cleaned[70:90, 93:95].astype(int) - (240, 225, 215)).max() < 12


def test_trousers_below_a_dark_hem_stay_trousers_to_their_edge() -> None:
    picture, person = scene()
    rgb = np.full((160, 160, 3), (16, 16, 20), np.uint8)
    matte = np.zeros((160, 160), np.float32)
    matte[40:120, 30:130] = 1
    placed = compose.place(garment_of(rgb, matte), affine(1.0, 0, 40), 160, (160, 240))
    cleaned = clean_plate(picture, placed, person)
    assert np.abs(cleaned[162:170, 58:102].astype(int) - TROUSERS).max() < 25


def test_a_picture_that_is_all_garment_has_no_plate_to_clean() -> None:
    placed = compose.place(noisy_garment(), affine(3.0, -130, -130), 100, (100, 100))
    picture = np.full((100, 100, 3), 90, np.uint8)
    assert np.array_equal(clean_plate(picture, placed, np.zeros((100, 100), bool)), picture)


def test_the_garment_throws_its_shadow_down_and_on_the_person_only() -> None:
    picture, person = scene()
    placed = compose.place(red_garment_on_green(), affine(0.9, 8, 40), 160, (640, 960))
    lit = whole(picture, placed, np.zeros_like(person)).astype(int)
    shaded = whole(picture, placed, person).astype(int)
    darker = (lit - shaded).max(2)
    x0, y0, x1, y1 = placed.box
    middle = slice((x0 + x1) // 2 - 20, (x0 + x1) // 2 + 20)
    below, above = darker[y1 + 3 : y1 + 6, middle].mean(), darker[y0 - 6 : y0 - 3, middle].mean()
    assert below > 2 * above > 0
    assert darker[(placed.matte > 0.99)].max() == 0
    assert darker[:, :150].max() <= 1
    assert darker[y1 + 60 :, middle].max() <= 1


@quick
@given(seed=st.integers(0, 50), factor=st.floats(1.0, 5.0))
def test_enlarging_gives_detail_back_without_halos(seed: int, factor: float) -> None:
    small = np.random.default_rng(seed).integers(60, 200, (24, 16, 3), np.uint8)
    small[:, 8:] = 200
    small[:, :8] = 60
    large = enlarge(small, round(16 * factor), round(24 * factor))
    assert large.shape[:2] == (round(24 * factor), round(16 * factor))
    assert large.min() >= 60 - 14
    assert large.max() <= 200 + 14


def test_enlarging_steepens_an_edge() -> None:
    ramp = cv2.GaussianBlur(np.repeat(np.where(np.arange(40) < 20, 40, 200).astype(np.uint8)[None], 40, 0), (0, 0), 1.5)
    small = np.repeat(ramp[..., None], 3, 2)
    plain = cv2.resize(small, (160, 160), interpolation=cv2.INTER_CUBIC)
    ours = enlarge(small, 160, 160)
    assert np.diff(ours[80, :, 0].astype(int)).max() > np.diff(plain[80, :, 0].astype(int)).max()
    assert ours.min() >= 38
    assert ours.max() <= 202


def test_a_master_smaller_than_the_canvas_is_averaged_and_an_equal_one_untouched() -> None:
    picture, _ = scene()
    assert enlarge(picture, 80, 120).shape == (120, 80, 3)
    assert np.array_equal(enlarge(picture, 160, 240), picture)


def test_a_real_photo_keeps_its_pixels(shared: Path) -> None:
    photo = cv2.cvtColor(cv2.imread(str(shared / "photos/d15_raglan-t-shirt_poly.jpg")), cv2.COLOR_BGR2RGB)
    mask = cv2.imread(str(shared / "photos/masks/d15_raglan-t-shirt_poly.png"), cv2.IMREAD_GRAYSCALE)
    garment = garment_of(photo, cv2.GaussianBlur((mask > 127).astype(np.float32), (0, 0), 0.8))
    to_canvas = affine(0.2, 20, 60)
    size = compose.master_size(to_canvas, 160, 240, smallest_long=1000)
    picture, person = scene()
    placed = compose.place(garment, to_canvas, 160, size)
    master = whole(picture, placed, person)
    assert size == (800, 1200)
    ys, xs = np.nonzero(placed.core)
    assert np.array_equal(master[ys, xs], photo[ys - 300, xs - 100])


def test_the_same_input_gives_the_same_master() -> None:
    picture, person = scene()
    placed = compose.place(noisy_garment(), affine(1.3, 10, 30), 160, (480, 720))
    assert np.array_equal(whole(picture, placed, person), whole(picture, placed, person))
