"""The diffusers back-end with tiny random weights: the real pipeline classes, loaded from disk, offline."""

from __future__ import annotations

import gc
import json
import weakref
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from fashion_gen.errors import BackendUnavailable, GenerationError, NotFound, OutOfMemory, WeightsUntrusted
from fashion_gen.generate import Prompt, Shot, open_generator
from fashion_gen.generate.diffusers_backend import DiffusersGenerator
from fashion_gen.generate.families import StableDiffusionXLUnion
from fashion_gen.generate.loading import choose_device, load_pipeline
from fashion_gen.generate.recipe import HERE, recipe_of
from tests.integration import tiny_stacks

# numpy 2 and the schedulers of diffusers 0.42; harmless, and not ours to mend.
pytestmark = pytest.mark.filterwarnings(
    "ignore:__array__ implementation doesn't accept a copy keyword:DeprecationWarning"
)

WIDTH, HEIGHT = 32, 48


def shot(seed: int = 1, *, width: int = WIDTH, height: int = HEIGHT) -> Shot:
    random = np.random.default_rng(seed)
    slope = np.linspace(0, 1, height)[:, None, None] * random.uniform(80, 250, 3)
    picture = np.broadcast_to(slope, (height, width, 3)).astype(np.uint8)
    mask = np.zeros((height, width), bool)
    mask[height // 2 :] = True
    depth = np.full((height, width), 0.5, np.float32)
    return Shot(picture, picture[::-1].copy(), picture // 2, depth, mask, Prompt("feminine tone-7 top", "blurry"), seed)


class Pipe:
    """Stands in front of a pipeline: counts, and fails where it is told to."""

    def __init__(self, inner: Any, *, fits: int = 99, error: Exception | None = None, spoil: bool = False) -> None:
        self.inner, self.fits, self.error, self.spoil = inner, fits, error, spoil
        self.batches: list[int] = []
        self.encoded: list[str] = []

    def __getattr__(self, name: str) -> Any:
        return getattr(self.inner, name)

    def encode_prompt(self, prompt: str, *args: Any, **options: Any) -> Any:
        self.encoded.append(prompt)
        return self.inner.encode_prompt(prompt, *args, **options)

    def __call__(self, **arguments: Any) -> Any:
        batch = len(arguments["image"])
        self.batches.append(batch)
        if batch > self.fits:
            raise self.error or torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 20.00 GiB")
        result = self.inner(**arguments)
        if self.spoil:
            result.images[0, 0, 0, 0] = float("nan")
        return result


def fronted(preset: str = "mini", *, batch: int = 4, **options: Any) -> tuple[DiffusersGenerator, Pipe]:
    inner = tiny_stacks.sdxl_pipeline() if preset == "sdxl" else tiny_stacks.sd_pipeline()
    inner.set_progress_bar_config(disable=True)
    pipe = Pipe(inner, **options)
    return DiffusersGenerator(tiny_stacks.tiny_recipe(preset, batch=batch), pipe, weights_sha256="0" * 64), pipe


def mean_difference(a: Sequence[np.ndarray[Any, Any]], b: Sequence[np.ndarray[Any, Any]]) -> float:
    return float(np.abs(np.stack(a).astype(int) - np.stack(b)).mean())


def test_it_paints_what_a_plain_call_of_the_pipeline_paints() -> None:
    plain = tiny_stacks.sd_pipeline()
    plain.set_progress_bar_config(disable=True)
    shots = [shot(1), shot(2)]

    def tensor(pictures: list[Any]) -> torch.Tensor:
        return torch.from_numpy(np.stack(pictures)).movedim(-1, 1).float()

    expected = plain(
        prompt=[one.prompt.positive for one in shots],
        image=tensor([one.canvas for one in shots]) / 255,
        mask_image=tensor([one.mask[..., None] for one in shots]),
        control_image=tensor([one.mannequin for one in shots]) / 255,
        width=WIDTH,
        height=HEIGHT,
        num_inference_steps=4,
        strength=tiny_stacks.tiny_recipe("mini").strength,
        guidance_scale=1.0,
        controlnet_conditioning_scale=1.0,
        generator=[torch.Generator().manual_seed(one.seed) for one in shots],
        output_type="np",
    ).images
    recipe = tiny_stacks.tiny_recipe("mini", batch=2)
    generator = DiffusersGenerator(recipe, tiny_stacks.sd_pipeline(), weights_sha256="0" * 64)
    assert mean_difference(generator.generate(shots), np.round(expected * 255)) < 0.01


@pytest.mark.parametrize(
    ("preset", "pictures"), [("mini", ["mannequin"]), ("sd15", ["skeleton", "depth"]), ("sdxl", ["skeleton", "depth"])]
)
def test_each_control_picture_steers(preset: str, pictures: list[str], tmp_path: Path) -> None:
    generator = tiny_stacks.tiny_generator(preset, tmp_path)
    one = shot(width=48, height=64)

    def paint(asked: Shot) -> torch.Tensor:
        # Before rounding to bytes: what random nets make of a control picture may be less than one level.
        for condition in generator._conditions:
            condition.forget()
        with torch.inference_mode():
            return generator._paint([asked], lambda _pipe, _step, _time, values: values)

    before = paint(one)
    for name in ("mannequin", "skeleton", "depth"):
        turned = np.ascontiguousarray(getattr(one, name)[::-1])
        if name == "depth":
            turned = np.linspace(0, 1, 64 * 48, dtype=np.float32).reshape(64, 48)
        steered = float((before - paint(replace(one, **{name: turned}))).abs().max()) > 1e-7
        assert steered == (name in pictures), name


@pytest.mark.parametrize("preset", ["mini", "sd15", "sdxl"])
def test_the_canvas_shines_through(preset: str, tmp_path: Path) -> None:
    generator = tiny_stacks.tiny_generator(preset, tmp_path)
    one = shot()
    dark = replace(one, canvas=one.canvas // 3)
    assert mean_difference(generator.generate([one]), generator.generate([dark])) > 0


def test_the_negative_prompt_counts_only_with_guidance(tmp_path: Path) -> None:
    one = shot()
    other = replace(one, prompt=Prompt(one.prompt.positive, "plastic mannequin"))
    unguided, _ = fronted()
    guided = tiny_stacks.tiny_generator("sd15", tmp_path)
    assert mean_difference(unguided.generate([one]), unguided.generate([other])) == 0
    assert mean_difference(guided.generate([one]), guided.generate([other])) > 0


def test_each_text_is_encoded_once() -> None:
    generator, pipe = fronted("sdxl")
    generator.generate([shot(1), shot(2)])
    generator.generate([shot(3)])
    assert sorted(pipe.encoded) == ["blurry", "feminine tone-7 top"]


def test_an_empty_negative_prompt_is_nothing_to_sdxl() -> None:
    pipe = tiny_stacks.sdxl_pipeline()
    arguments = StableDiffusionXLUnion(pipe).prompt_arguments([Prompt("a woman", "")], guided=True)
    assert arguments["prompt_embeds"].any()
    assert not arguments["negative_prompt_embeds"].any()
    assert not arguments["negative_pooled_prompt_embeds"].any()


def test_the_control_picture_is_embedded_once_a_batch() -> None:
    generator, pipe = fronted()
    calls: list[int] = []
    pipe.controlnet.controlnet_cond_embedding.inner.register_forward_hook(lambda *_: calls.append(1))
    generator.generate([shot(1), shot(2)])
    generator.generate([shot(1)])
    assert len(calls) == 2


def test_progress_counts_the_steps_that_the_strength_leaves() -> None:
    generator, _ = fronted(batch=2)
    seen: list[tuple[int, int]] = []
    generator.generate([shot(1), shot(2), shot(3)], on_step=lambda done, total: seen.append((done, total)))
    assert seen == [(2, 6), (4, 6), (5, 6), (6, 6)]  # 4 steps at strength 0.7 are 2


def test_out_of_memory_becomes_a_smaller_batch() -> None:
    roomy, _ = fronted()
    tight, pipe = fronted(fits=1)
    shots = [shot(seed) for seed in range(4)]
    assert mean_difference(tight.generate(shots), roomy.generate(shots)) < 1
    assert pipe.batches == [4, 2, 1, 1, 1, 1]
    tight.generate(shots[:2])
    assert pipe.batches[6:] == [1, 1]  # what did not fit is not tried again


def test_out_of_memory_on_a_cpu_is_known_by_its_words() -> None:
    error = RuntimeError("[enforce fail] DefaultCPUAllocator: not enough memory: you tried to allocate 9 bytes")
    generator, pipe = fronted(fits=2, error=error)
    assert len(generator.generate([shot(seed) for seed in range(4)])) == 4
    assert pipe.batches == [4, 2, 2]


def test_one_look_that_does_not_fit_names_the_cure() -> None:
    generator, _ = fronted(fits=0)
    with pytest.raises(OutOfMemory, match="smaller preset or device cpu"):
        generator.generate([shot(1), shot(2)])


def test_other_errors_of_the_pipeline_stay_loud() -> None:
    generator, pipe = fronted(fits=0, error=RuntimeError("shapes do not match"))
    with pytest.raises(RuntimeError, match="shapes do not match"):
        generator.generate([shot(1)])
    assert pipe.batches == [1]


def test_numbers_that_are_no_picture_are_not_returned() -> None:
    generator, _ = fronted(spoil=True)
    with pytest.raises(GenerationError, match="another seed"):
        generator.generate([shot(1)])


def test_global_state_of_torch_is_left_alone() -> None:
    generator, _ = fronted()
    random, threads, grad = torch.get_rng_state(), torch.get_num_threads(), torch.is_grad_enabled()
    generator.generate([shot(1)])
    assert torch.equal(random, torch.get_rng_state())
    assert (threads, grad) == (torch.get_num_threads(), torch.is_grad_enabled())


def test_mini_loads_under_the_tokenizer_name_that_every_transformers_knows(tmp_path: Path) -> None:
    recipe = tiny_stacks.lay_mini(tmp_path)
    index = Path(recipe.base.folder) / "model_index.json"
    parts = json.loads(index.read_text()) | {"tokenizer": ["transformers", "PreTrainedTokenizerFast"]}
    index.write_text(json.dumps(parts))
    generator = DiffusersGenerator.open(recipe, device="cpu", models_dir=tmp_path)
    assert generator.generate([shot(1)])[0].shape == (HEIGHT, WIDTH, 3)


def test_loading_says_nothing(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    recipe = tiny_stacks.lay_sd15(tmp_path)
    capfd.readouterr()
    DiffusersGenerator.open(recipe, device="cpu", models_dir=tmp_path)
    assert capfd.readouterr() == ("", "")


def test_the_scheduler_is_the_one_of_the_recipe(tmp_path: Path) -> None:
    recipe = tiny_stacks.lay_mini(tmp_path)
    euler = recipe.model_copy(update={"scheduler": recipe_of("sdxl-fast").scheduler})
    pipe = load_pipeline(euler, {recipe.base.key: Path(recipe.base.folder)}, "cpu")
    assert type(pipe.scheduler).__name__ == "EulerDiscreteScheduler"
    assert pipe.scheduler.config.timestep_spacing == "trailing"
    assert pipe.scheduler.config.prediction_type == "v_prediction"  # kept from the weights


def test_the_lora_of_the_fast_preset_is_fused(tmp_path: Path) -> None:
    pytest.importorskip("peft")
    fast = DiffusersGenerator.open(tiny_stacks.lay_sdxl(tmp_path / "a", "sdxl-fast"), device="cpu", models_dir=tmp_path)
    (tmp_path / "b").mkdir()
    recipe = tiny_stacks.lay_sdxl(tmp_path / "b")
    same = recipe.model_copy(update={"guidance": 0.0, "scheduler": fast.recipe.scheduler, "strength": 0.95})
    bare = DiffusersGenerator.open(same, device="cpu", models_dir=tmp_path)
    assert mean_difference(fast.generate([shot(1)]), bare.generate([shot(1)])) > 0
    assert fast.weights_sha256 != bare.weights_sha256


def test_damaged_weights_name_the_cure(tmp_path: Path) -> None:
    recipe = tiny_stacks.lay_mini(tmp_path)
    file = next((Path(recipe.base.folder) / "unet").glob("*.safetensors"))
    file.write_bytes(file.read_bytes()[:1000])
    with pytest.raises(BackendUnavailable, match="models pull mini"):
        DiffusersGenerator.open(recipe, device="cpu", models_dir=tmp_path)


def test_changed_weights_are_not_loaded(tmp_path: Path) -> None:
    recipe = tiny_stacks.lay_mini(tmp_path)
    folder = Path(recipe.base.folder)
    (folder / "SHA256SUMS").write_text("0" * 64 + "  vae/diffusion_pytorch_model.safetensors\n")
    with pytest.raises(WeightsUntrusted, match="vae"):
        DiffusersGenerator.open(recipe, device="cpu", models_dir=tmp_path)


def test_a_closed_generator_lets_go_of_its_weights_and_says_so() -> None:
    generator, pipe = fronted()
    weights = weakref.ref(pipe.inner.unet)
    generator.close()
    pipe.inner = None
    gc.collect()
    assert weights() is None
    with pytest.raises(RuntimeError, match="was closed"):
        generator.generate([shot(1)])
    generator.close()


@pytest.mark.parametrize("preset", ["mini", "sd15", "sdxl"])
def test_masks_are_as_fine_as_the_recipe_says(preset: str) -> None:
    pipe = {
        "mini": tiny_stacks.sd_pipeline,
        "sd15": lambda: tiny_stacks.sd_pipeline(vae_blocks=4),
        "sdxl": tiny_stacks.sdxl_pipeline,
    }[preset]()
    assert pipe.vae_scale_factor == recipe_of(preset).latent_cell


def test_devices_are_chosen_by_what_is_there() -> None:
    assert choose_device("cpu") == "cpu"
    assert choose_device() in ("cuda", "mps", "cpu")
    with pytest.raises(NotFound, match="Known: cpu, cuda, mps"):
        choose_device("gpu")


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a CUDA device")
def test_an_absent_device_names_the_cure() -> None:
    with pytest.raises(BackendUnavailable, match="use device cpu"):
        choose_device("cuda:1")


def test_absent_weights_name_the_cure(tmp_path: Path) -> None:
    with pytest.raises(BackendUnavailable, match="fashion-gen models pull sdxl-fast"):
        open_generator("sdxl-fast", device="cpu", models_dir=tmp_path)


@pytest.mark.skipif(not (HERE / "mini" / "model_index.json").is_file(), reason="mini is not trained yet")
def test_the_built_in_model_opens_and_paints() -> None:
    generator = open_generator("mini", device="cpu")
    (picture,) = generator.generate([shot(1)])
    assert picture.shape == (HEIGHT, WIDTH, 3)
