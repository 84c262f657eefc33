"""What every generator promises, whatever is inside."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from fashion_gen.errors import Cancelled
from fashion_gen.generate import Generator, Prompt, Shot
from fashion_gen.testing import EchoGenerator

# numpy 2 and the schedulers of diffusers 0.42; harmless, and not ours to mend.
pytestmark = pytest.mark.filterwarnings(
    "ignore:__array__ implementation doesn't accept a copy keyword:DeprecationWarning"
)

WIDTH, HEIGHT = 32, 48


def shot(seed: int = 1, *, width: int = WIDTH, height: int = HEIGHT) -> Shot:
    """A shot with smooth pictures of its own, painted in the lower half."""
    random = np.random.default_rng(seed)
    slope = np.linspace(0, 1, height)[:, None, None] * random.uniform(80, 250, 3)
    picture = np.broadcast_to(slope, (height, width, 3)).astype(np.uint8)
    mask = np.zeros((height, width), bool)
    mask[height // 2 :] = True
    depth = np.full((height, width), 0.5, np.float32)
    return Shot(picture, picture[::-1].copy(), picture // 2, depth, mask, Prompt("feminine tone-7 top", "blurry"), seed)


def tiny(folder: Path, pipeline: str) -> Generator:
    pytest.importorskip("torch")
    stacks = pytest.importorskip("tests.integration.tiny_stacks")
    generator: Generator = stacks.tiny_generator(pipeline, folder)
    return generator


def paired() -> Generator:
    pytest.importorskip("torch")
    stacks = pytest.importorskip("tests.integration.tiny_stacks")
    generator: Generator = stacks.paired_generator()
    return generator


MAKERS: dict[str, Callable[[Path], Generator]] = {
    "echo": lambda folder: EchoGenerator(),
    "mini": lambda folder: tiny(folder, "mini"),
    "sd15": lambda folder: tiny(folder, "sd15"),
    "sdxl": lambda folder: tiny(folder, "sdxl"),
    "paired": lambda folder: paired(),
}


@pytest.fixture(scope="module", params=list(MAKERS))
def generator(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Generator:
    return MAKERS[request.param](tmp_path_factory.mktemp(request.param))


def test_each_shot_gives_one_picture_of_its_size_in_order(generator: Generator) -> None:
    pictures = generator.generate([shot(1), shot(2)])
    assert [(picture.shape, picture.dtype) for picture in pictures] == [((HEIGHT, WIDTH, 3), np.dtype(np.uint8))] * 2
    (second,) = generator.generate([shot(2)])
    assert np.abs(pictures[1].astype(int) - second).mean() < 1  # order, and no dependence on the neighbour


def test_no_shots_give_no_pictures(generator: Generator) -> None:
    assert generator.generate([]) == []


def test_same_shots_give_the_same_bytes_again(generator: Generator) -> None:
    shots = [shot(3), shot(4)]
    first, second = generator.generate(shots), generator.generate(shots)
    assert all(np.array_equal(a, b) for a, b in zip(first, second, strict=True))


def test_another_seed_gives_another_picture(generator: Generator) -> None:
    one = shot(5)
    other = Shot(one.canvas, one.mannequin, one.skeleton, one.depth, one.mask, one.prompt, seed=6)
    first, second = generator.generate([one]) + generator.generate([other])
    assert not np.array_equal(first, second)


def test_a_look_does_not_depend_on_its_batch(generator: Generator) -> None:
    shots = [shot(seed) for seed in range(generator.recipe.batch + 1)]  # more than one batch
    together = generator.generate(shots)
    alone = [generator.generate([one])[0] for one in shots]
    for a, b in zip(together, alone, strict=True):
        assert np.abs(a.astype(int) - b).mean() < 1


def test_progress_rises_to_its_total(generator: Generator) -> None:
    seen: list[tuple[int, int]] = []
    generator.generate([shot(1), shot(2), shot(3)], on_step=lambda done, total: seen.append((done, total)))
    done = [step for step, _ in seen]
    assert done == sorted(set(done))
    assert len({total for _, total in seen}) == 1
    assert seen[-1][0] == seen[-1][1]


def test_cancelling_stops_in_the_middle(generator: Generator) -> None:
    seen: list[int] = []
    with pytest.raises(Cancelled):
        generator.generate([shot(1)], on_step=lambda done, total: seen.append(done), cancelled=lambda: len(seen) == 1)
    assert len(seen) == 1
    assert len(generator.generate([shot(1)])) == 1  # and it works on afterwards


def test_cancelling_stops_several_looks_in_the_middle(generator: Generator) -> None:
    seen: list[int] = []
    with pytest.raises(Cancelled):
        generator.generate(
            [shot(1), shot(2)], on_step=lambda done, total: seen.append(done), cancelled=lambda: len(seen) == 1
        )
    assert len(seen) == 1
    assert len(generator.generate([shot(1), shot(2)])) == 2


def test_sides_that_no_model_takes_are_refused(generator: Generator) -> None:
    with pytest.raises(ValueError, match="multiples of 8"):
        generator.generate([shot(width=36)])


def test_shots_of_different_sizes_are_refused(generator: Generator) -> None:
    with pytest.raises(ValueError, match="share one size"):
        generator.generate([shot(), shot(height=56)])


def test_a_mask_of_another_size_is_refused(generator: Generator) -> None:
    one = shot()
    wrong = Shot(one.canvas, one.mannequin, one.skeleton, one.depth, one.mask[:-8], one.prompt, one.seed)
    with pytest.raises(ValueError, match="mask"):
        generator.generate([wrong])


def test_global_random_state_is_left_alone(generator: Generator) -> None:
    before = str(np.random.get_state())
    generator.generate([shot()])
    assert str(np.random.get_state()) == before


def test_it_says_which_preset_and_weights_it_is(generator: Generator) -> None:
    assert generator.preset == generator.recipe.preset
    assert len(generator.weights_sha256) == 64


def test_less_strength_takes_no_more_steps(generator: Generator) -> None:
    totals = []
    for strength in (0.3, 1.0):
        told: list[int] = []
        (picture,) = generator.generate(
            [replace(shot(8), strength=strength)], on_step=lambda _done, of, told=told: told.append(of)
        )
        assert picture.shape == (HEIGHT, WIDTH, 3)
        totals.append(told[-1])
    assert totals[0] <= totals[1]


def test_shots_of_two_strengths_are_refused(generator: Generator) -> None:
    with pytest.raises(ValueError, match="one strength"):
        generator.generate([shot(1), replace(shot(2), strength=0.5)])
