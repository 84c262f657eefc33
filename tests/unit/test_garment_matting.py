"""Soft edges and their colours."""

from __future__ import annotations

import cv2
import numpy as np
from garment_shapes import T_SHIRT, matte_of, picture_of

from fashion_gen.garment.matting import decontaminate, refine, snap


def soft_photo(size: int = 400) -> tuple[np.ndarray, np.ndarray]:
    """A blue shirt on red with an edge of known softness, and that edge."""
    truth = cv2.GaussianBlur(matte_of(T_SHIRT, size), (0, 0), size / 400)[..., None]
    rgb = np.array([30, 60, 200]) * truth + np.array([210, 40, 30]) * (1 - truth)
    return np.rint(rgb).astype(np.uint8), truth[..., 0].astype(np.float32)


def test_a_coarse_matte_moves_to_the_true_soft_edge() -> None:
    rgb, truth = soft_photo()
    coarse = cv2.dilate(matte_of(T_SHIRT, 400), np.ones((3, 3)))
    matte = refine(rgb, coarse)
    assert np.abs(matte - truth).mean() < 0.35 * np.abs(coarse - truth).mean()


def test_far_from_the_edge_a_matte_is_exactly_zero_or_one() -> None:
    rgb, _ = soft_photo()
    matte = refine(rgb, matte_of(T_SHIRT, 400))
    far = cv2.GaussianBlur(matte_of(T_SHIRT, 400), (41, 41), 12)
    assert set(np.unique(matte[(far < 0.01) | (far > 0.99)])) == {0.0, 1.0}
    assert matte.dtype == np.float32


def test_a_large_photo_gets_an_edge_as_sharp_as_its_own() -> None:
    rgb, truth = soft_photo(1600)
    coarse = cv2.resize(cv2.resize(matte_of(T_SHIRT, 1600), (240, 240), interpolation=cv2.INTER_AREA), (1600, 1600))
    assert np.abs(refine(rgb, coarse) - truth).mean() < 0.004


def test_empty_and_full_mattes_stay_as_they_are() -> None:
    rgb, _ = soft_photo()
    assert refine(rgb, np.zeros((400, 400), np.float32)).max() == 0
    assert refine(rgb, np.ones((400, 400), np.float32)).min() == 1


def test_a_garment_that_runs_out_of_the_picture_is_solid_at_the_border() -> None:
    rgb = np.full((200, 200, 3), (210, 40, 30), np.uint8)
    rgb[:, :120] = (30, 60, 200)
    coarse = (np.arange(200) < 120).astype(np.float32)[None].repeat(200, axis=0)
    assert refine(rgb, coarse)[:, 0].min() == 1


def test_edge_colours_lose_the_background() -> None:
    rgb, truth = soft_photo()
    clean = decontaminate(rgb, truth)
    edge = (truth > 0.4) & (truth < 0.6)
    assert (
        np.abs(clean[edge].astype(int) - (30, 60, 200)).mean()
        < np.abs(rgb[edge].astype(int) - (30, 60, 200)).mean() / 3
    )


def test_colours_are_the_photos_own_wherever_the_matte_is_whole() -> None:
    rgb = picture_of(T_SHIRT)
    matte = snap(cv2.GaussianBlur(matte_of(T_SHIRT, 400), (0, 0), 2))
    clean = decontaminate(rgb, matte)
    assert np.array_equal(clean[matte == 1], rgb[matte == 1])
    assert np.array_equal(clean[matte == 0], rgb[matte == 0])


def test_a_hard_matte_needs_no_cleaning() -> None:
    rgb = picture_of(T_SHIRT)
    assert decontaminate(rgb, np.ones((400, 400), np.float32)) is rgb
