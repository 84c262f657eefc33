"""What counts as the width of a figure."""

from __future__ import annotations

import pytest
from pose_garments import trousers

from fashion_gen import planning
from fashion_gen.records import Brief
from fashion_gen.testing import EchoGenerator
from training.evaluation.sizes import lines


@pytest.mark.parametrize("seed", [2, 3, 7, 8])
def test_a_sleeve_before_the_waist_is_not_the_waist(seed: int) -> None:
    brief = Brief(looks=1, pose="arms-folded", styling="stone-chinos", seed=seed, max_attempts=1)
    (plan,) = planning.plan(trousers(), brief, EchoGenerator().recipe)
    found = lines(plan.staging, plan.mannequin.parts, plan.placed.matte)
    assert [line.name for line in found if line.name == "hip"]
    assert all(line.shown < 1.5 * line.asked for line in found)
