"""The fit of head forms: what is known is regressed out, the rest becomes modes; hair grows where it should."""

from __future__ import annotations

import numpy as np

from training.head_form import MODES, fit, scalp


def test_what_is_known_of_a_person_becomes_an_axis() -> None:
    rng = np.random.default_rng(1)
    known, axes, mean = rng.uniform(-1, 1, (60, 3)), rng.normal(size=(3, 20, 3)), rng.normal(size=(20, 3))
    form = fit(known, mean + np.tensordot(known, axes, axes=1))
    assert np.allclose(form["mean"], mean)
    assert np.allclose(form["axes"], axes)
    assert form["spread"].max() < 1e-9


def test_modes_are_one_deviation_of_the_rest_largest_first() -> None:
    rng = np.random.default_rng(2)
    known, way = rng.uniform(-1, 1, (400, 3)), np.ones((20, 3))
    heads = rng.normal(size=(400, 1, 1)) * 0.5 * way + 0.01 * rng.normal(size=(400, 20, 3))
    form = fit(known, heads)
    assert form["modes"].shape == (MODES, 20, 3)
    assert np.allclose(np.abs(form["modes"][0]), 0.5, atol=0.06)
    assert (np.diff(form["spread"]) <= 0).all()


def test_hair_grows_on_crown_and_nape_and_not_on_brow_cheek_or_ear() -> None:
    crown, behind, brow, cheek, ear = (
        [0.0, 0.95, 0.2],
        [0.0, -0.2, -0.95],
        [0.3, 0.2, 0.95],
        [0.8, -0.3, 0.4],
        [1.1, -0.1, -0.05],
    )
    assert scalp(np.array([crown, behind, brow, cheek, ear])).tolist() == [1, 1, 0, 0, 0]
