"""Two painters that share the weights of one real pipeline class."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from fashion_gen.generate.diffusers_backend import DiffusersGenerator, open_diffusers
from fashion_gen.generate.paired import PairedGenerator
from fashion_gen.generate.twins import halved_threads, twin
from tests.contract.test_generator import shot
from tests.integration import tiny_stacks

# numpy 2 and the schedulers of diffusers 0.42; harmless, and not ours to mend.
pytestmark = pytest.mark.filterwarnings(
    "ignore:__array__ implementation doesn't accept a copy keyword:DeprecationWarning"
)


@pytest.mark.parametrize("make", [tiny_stacks.sd_pipeline, tiny_stacks.sdxl_pipeline])
def test_a_twin_shares_the_memory_of_the_weights_and_nothing_else(make: type) -> None:
    pipe = make()
    other = twin(pipe)
    for name in ("unet", "vae", "controlnet", "text_encoder"):
        mine, theirs = getattr(pipe, name), getattr(other, name)
        assert mine is not theirs
        assert [one.data_ptr() for one in mine.parameters()] == [one.data_ptr() for one in theirs.parameters()]
    assert pipe.scheduler is not other.scheduler
    assert pipe.tokenizer is not other.tokenizer


def test_threads_are_halved_in_the_block_and_back_after_it() -> None:
    before = torch.get_num_threads()
    try:
        torch.set_num_threads(4)
        with halved_threads() as start:
            start()
            assert torch.get_num_threads() == 2
        assert torch.get_num_threads() == 4
    finally:
        torch.set_num_threads(before)


@pytest.mark.parametrize(
    ("threads", "batch", "kind"), [(2, 2, PairedGenerator), (1, 2, DiffusersGenerator), (2, 1, DiffusersGenerator)]
)
def test_a_pair_needs_cores_and_batches_to_share(tmp_path: Path, threads: int, batch: int, kind: type) -> None:
    before = torch.get_num_threads()
    recipe = tiny_stacks.lay_mini(tmp_path).model_copy(update={"batch": batch})
    try:
        torch.set_num_threads(threads)
        assert type(open_diffusers(recipe, device="cpu", models_dir=tmp_path)) is kind
    finally:
        torch.set_num_threads(before)


def test_a_pair_paints_what_one_paints() -> None:
    shots = [shot(seed) for seed in range(5)]
    single = DiffusersGenerator(tiny_stacks.tiny_recipe("mini"), tiny_stacks.sd_pipeline(), weights_sha256="0" * 64)
    pair = tiny_stacks.paired_generator()
    for ours, plain in zip(pair.generate(shots), single.generate(shots), strict=True):
        assert np.abs(ours.astype(int) - plain).mean() < 1


def test_painting_again_and_again_gives_the_same_bytes() -> None:
    shots = [shot(seed) for seed in range(4)]
    pair = tiny_stacks.paired_generator()
    first = np.stack(pair.generate(shots))
    for _ in range(5):
        assert np.array_equal(first, np.stack(pair.generate(shots)))


def test_global_state_of_torch_is_left_alone_by_a_pair() -> None:
    pair = tiny_stacks.paired_generator()
    random, threads, grad = torch.get_rng_state(), torch.get_num_threads(), torch.is_grad_enabled()
    pair.generate([shot(1), shot(2)])
    assert torch.equal(random, torch.get_rng_state())
    assert (threads, grad) == (torch.get_num_threads(), torch.is_grad_enabled())
