"""What every pose estimator keeps to."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from fashion_gen.pose import DetectedPose, PoseEstimator, installed, open_estimator
from fashion_gen.records import Picture
from fashion_gen.testing import FixedPoseEstimator

SHARED = Path(__file__).resolve().parents[2].parent / "shared"
PHOTO = SHARED / "photos" / "d25_striped-long-sleeve-tee_mdc.jpg"
BACKENDS = ["fixed", "movenet", "blazepose"]


def fixed() -> PoseEstimator:
    keypoints = np.column_stack([np.linspace(100, 300, 18), np.linspace(100, 900, 18), np.full(18, 0.9)])
    return FixedPoseEstimator(DetectedPose(keypoints, 0.6), DetectedPose(keypoints + (200, 0, 0), 0.9))


@pytest.fixture(scope="module")
def photo() -> Picture:
    """Someone who stands upright, facing us."""
    if PHOTO.is_file():
        return np.asarray(Image.open(PHOTO).convert("RGB"))
    return np.random.default_rng(0).integers(0, 255, (1100, 600, 3)).astype(np.uint8)


@pytest.fixture(scope="module", params=BACKENDS)
def estimator(request: pytest.FixtureRequest) -> PoseEstimator:
    if request.param == "fixed":
        return fixed()
    if request.param not in installed(SHARED / "weights"):
        pytest.skip(f"no weights for {request.param} in {SHARED / 'weights'}")
    return open_estimator(request.param, SHARED / "weights")


def test_it_has_a_name(estimator: PoseEstimator):
    assert estimator.name
    assert isinstance(estimator.counts_people, bool)


def test_people_are_18_keypoints_in_pixels_with_scores(estimator: PoseEstimator, photo: Picture):
    people = estimator.estimate(photo)
    assert people
    for person in people:
        assert person.keypoints.shape == (18, 3)
        assert person.keypoints.dtype == np.float64
        assert ((person.keypoints[:, 2] >= 0) & (person.keypoints[:, 2] <= 1)).all()
        assert 0 <= person.score <= 1
        assert np.ptp(person.keypoints[:, 1]) > photo.shape[0] / 4  # pixels, not shares


def test_the_surest_comes_first(estimator: PoseEstimator, photo: Picture):
    scores = [person.score for person in estimator.estimate(photo)]
    assert scores == sorted(scores, reverse=True)


def test_an_empty_wall_holds_nobody(estimator: PoseEstimator):
    assert estimator.estimate(np.full((480, 320, 3), 200, np.uint8)) == ()


def test_the_same_picture_gives_the_same_answer_and_is_left_alone(estimator: PoseEstimator, photo: Picture):
    before = photo.copy()
    look: Callable[[], list[np.ndarray]] = lambda: [p.keypoints for p in estimator.estimate(photo)]  # noqa: E731
    for first, second in zip(look(), look(), strict=True):
        assert np.array_equal(first, second)
    assert np.array_equal(photo, before)


def test_normalised_keypoints_can_be_drawn(estimator: PoseEstimator, photo: Picture):
    height, width = photo.shape[:2]
    points = estimator.estimate(photo)[0].normalised(width, height)
    assert set(np.unique(points[:, 2])) <= {0.0, 1.0}
    seen = points[points[:, 2] > 0, :2]
    assert ((seen > -0.1) & (seen < 1.1)).all()
