"""The diffusers back-end on a GPU, in the number types of the presets. Skipped where there is none."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from fashion_gen.generate import Prompt, Shot
from fashion_gen.generate.diffusers_backend import DiffusersGenerator
from tests.integration import tiny_stacks

pytestmark = [
    pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device"),
    pytest.mark.filterwarnings("ignore:__array__ implementation doesn't accept a copy keyword:DeprecationWarning"),
]

LAYOUTS = {"mini": tiny_stacks.lay_mini, "sd15": tiny_stacks.lay_sd15, "sdxl": tiny_stacks.lay_sdxl}


def shots(count: int) -> list[Shot]:
    random = np.random.default_rng(0)
    slope = np.broadcast_to(np.linspace(20, 220, 96)[:, None, None], (96, 64, 3)).astype(np.uint8)
    depth = random.random((96, 64), dtype=np.float32)
    mask = np.ones((96, 64), bool)
    return [
        Shot(slope, slope[::-1].copy(), slope // 2, depth, mask, Prompt("a woman", ""), seed) for seed in range(count)
    ]


@pytest.mark.parametrize("preset", list(LAYOUTS))
def test_looks_do_not_depend_on_their_batch_nor_much_on_the_device(preset: str, tmp_path: Path) -> None:
    recipe = LAYOUTS[preset](tmp_path)
    on_gpu = DiffusersGenerator.open(recipe, device="cuda", models_dir=tmp_path)
    together = np.stack(on_gpu.generate(shots(3))).astype(int)
    alone = np.stack([on_gpu.generate([one])[0] for one in shots(3)])
    assert np.abs(together - alone).mean() < 1
    on_cpu = DiffusersGenerator.open(recipe, device="cpu", models_dir=tmp_path)
    assert np.abs(together - np.stack(on_cpu.generate(shots(3)))).mean() < 4  # half precision against single


def test_closing_gives_the_memory_back(tmp_path: Path) -> None:
    before = torch.cuda.memory_allocated()
    generator = DiffusersGenerator.open(tiny_stacks.lay_mini(tmp_path), device="cuda", models_dir=tmp_path)
    assert torch.cuda.memory_allocated() > before
    generator.close()
    assert torch.cuda.memory_allocated() <= before
