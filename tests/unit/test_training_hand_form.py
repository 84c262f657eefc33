"""The fit of hand forms: what is known is regressed out, and the rig bends fingers toward the palm and no further."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from training import pack
from training.hand_form import CUFF, GESTURES, fit, posed_hands, skin, stored


@pytest.fixture(scope="module")
def hands(packed_body: Path) -> np.ndarray:
    """(G, P, 3) the base body's hand in every gesture."""
    data = pack.load(packed_body)
    return posed_hands(data, data.vertices, skin(data)[0])


def test_what_is_known_of_a_person_becomes_an_axis_of_every_gesture() -> None:
    rng = np.random.default_rng(1)
    known, axes, mean = rng.uniform(-1, 1, (60, 3)), rng.normal(size=(3, 2, 20, 3)), rng.normal(size=(2, 20, 3))
    form = fit(known, mean + np.tensordot(known, axes, axes=1))
    assert np.allclose(form["mean"], mean)
    assert np.allclose(form["axes"], axes)


def test_what_is_stored_is_right_within_half_a_byte_step() -> None:
    rng = np.random.default_rng(2)
    form = {"mean": rng.normal(size=(2, 20, 3)), "axes": rng.normal(size=(3, 2, 20, 3))}
    kept = stored(form)
    assert kept["mean"].dtype == np.float16
    assert kept["axes"].dtype == np.int8
    assert (np.abs(kept["axes"] * kept["axes_scale"] - form["axes"]) <= kept["axes_scale"] * 0.51).all()


def test_a_hand_hangs_from_the_wrist_with_its_thumb_aside(hands: np.ndarray) -> None:
    for hand in hands:
        assert 0.7 < -hand[:, 1].min() < 1.05
        assert hand[:, 1].max() < CUFF + 0.05
        palm = hand[(hand[:, 1] < -0.2) & (hand[:, 1] > -0.45)]
        assert palm[:, 2].max() > 1.1 * -palm[:, 2].min()


def test_fingers_bend_toward_the_palm_most_when_the_arm_hangs(hands: np.ndarray) -> None:
    reach = dict(zip(GESTURES, (hand[hand[:, 1] < -0.6, 0].min() for hand in hands), strict=True))
    assert reach["relaxed"] == min(reach.values())
    assert reach["relaxed"] < reach["rest"] - 0.05


def test_every_gesture_leaves_the_forearm_where_it_was(hands: np.ndarray) -> None:
    arm = hands[0][:, 1] > 0.08
    assert np.abs(hands[:, arm] - hands[0, arm]).max() < 0.02
