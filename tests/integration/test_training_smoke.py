"""The training of `mini`, at a size where seconds are enough: coloured shapes instead of people."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from diffusers import AutoencoderKL, StableDiffusionControlNetInpaintPipeline
from safetensors.torch import load_file

from training import export, sheet, train_mini, train_on, train_vae
from training.dataset import ShardReader, Store, fill, read_shard
from training.diffusion import Objective, drop_words, masked, random_core
from training.labels import Label
from training.model import Shape, build_vae, noise_table, standardise
from training.optimise import Compiled, Log, StepClock, Stepper, WallClock, guarded, trapezoid
from training.vae_crops import crops
from training.words import tokeniser

pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation doesn't accept a copy keyword")  # diffusers

CPU = torch.device("cpu")
TINY = Shape(
    width=64,
    height=96,
    unet=(32, 32, 64),
    attention=(False, False, True),
    groups=8,
    control=(8, 16, 16),
    vae=(16, 16, 32),
    vae_groups=8,
    text=32,
    text_layers=1,
)
VAE = train_vae.Settings(
    batch=4, side=32, rate=2e-3, capacity=64, compile=False, wait_for=16, patience=20.0, log_every=2
)
MINI = train_mini.Settings(
    batch=4, rate=1e-3, capacity=64, compile=False, bf16=False, wait_for=16, patience=20.0, log_every=2, held_out=2
)


def shapes(count: int, seed: int) -> dict[str, np.ndarray]:
    """People of three ellipses: the canvas is flat, the picture is shaded and has a face."""
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[0 : TINY.height, 0 : TINY.width].astype(np.float32)
    made: dict[str, list[np.ndarray]] = {
        name: [] for name in ("image", "canvas", "garment", "labels", "face", "prompt")
    }
    for _ in range(count):
        middle = 32 + rng.uniform(-8, 8)
        head = ((x - middle) / 8) ** 2 + ((y - 20) / 11) ** 2 < 1
        body = ((x - middle) / rng.uniform(12, 20)) ** 2 + ((y - 60) / 28) ** 2 < 1
        tone = int(rng.integers(1, 11))
        skin = np.array([250, 220, 200]) * (1.08 - 0.085 * tone)
        canvas = np.full((TINY.height, TINY.width, 3), rng.integers(150, 240), np.float32)
        canvas[head] = skin
        cloth = rng.uniform(20, 240, 3)
        image = canvas * (0.75 + 0.25 * (x / TINY.width))[..., None]
        image[head & (np.abs(y - 18) < 1.5)] = 20
        image[body] = (cloth * (0.7 + 0.3 * np.sin(x / 3))[..., None])[body]
        labels = np.where(body, Label.GARMENT, np.where(head, Label.SKIN, Label.BACKGROUND))
        made["image"].append(image.clip(0, 255).astype(np.uint8))
        made["canvas"].append(canvas.clip(0, 255).astype(np.uint8))
        made["garment"].append(body.astype(np.uint8) * 255)
        made["labels"].append(labels.astype(np.uint8))
        made["face"].append(np.array([middle - 8, 9, middle + 8, 31], np.float32))
        made["prompt"].append(np.array(f"feminine 18-29 tone-{tone} studio-grey"))
    return {name: np.stack(values) for name, values in made.items()}


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("shards")
    for index in range(3):
        np.savez(folder / f"shard-00-{index:04d}.npz", **shapes(16, index))
    return folder


@pytest.fixture(scope="module")
def run(data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a trained autoencoder and a trained `mini`, both of a few steps."""
    out = tmp_path_factory.mktemp("run")
    train_vae.train(data, out, VAE, TINY, CPU, StepClock(24, 24))
    train_mini.train(data, out, MINI, TINY, CPU, StepClock(8, 8))
    return out


@pytest.fixture(scope="module", autouse=True)
def one_thread() -> Iterator[None]:
    """Nets this small are faster without company."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


def lines(path: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in path.read_text().splitlines()]


@pytest.fixture
def store(data: Path) -> Store:
    store = Store(TINY, 64, CPU)
    store.add(read_shard(data / "shard-00-0000.npz", TINY, tokeniser(TINY)))
    return store


def rng(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def test_the_loss_of_both_trainings_falls_and_the_run_is_exported_as_a_pipeline(run: Path, tmp_path: Path) -> None:
    for name in ("vae", "mini"):
        losses = [float(str(line["loss"])) for line in lines(run / f"{name}.jsonl") if "loss" in line]
        half = len(losses) // 2
        assert np.mean(losses[half:]) < 0.95 * np.mean(losses[:half])
    weights = export.export(run, tmp_path / "mini", TINY)
    assert weights < 6e6
    pipe = StableDiffusionControlNetInpaintPipeline.from_pretrained(tmp_path / "mini", dtype=torch.float32)
    pipe.set_progress_bar_config(disable=True)
    people = read_shard(next((run / "held-out").glob("*.npz")), TINY, tokeniser(TINY)).first(2)
    made = sheet.paint(pipe, people)
    assert made.shape == (2, 96, 64, 3)
    assert made.std() > 1
    trained = torch.load(run / "mini.pt", weights_only=True)["stepper"]["average"]
    for name, weight in pipe.text_encoder.state_dict().items():
        assert torch.allclose(weight, trained[f"text_encoder.{name}"], atol=1e-3)  # fp16 lies between
    index = json.loads((tmp_path / "mini" / "model_index.json").read_text())
    assert index["tokenizer"] == ["transformers", "PreTrainedTokenizerFast"]
    assert pipe.tokenizer("feminine 18-29 nonsense").input_ids == [1, 4, 7, 3, 2]


def test_the_export_in_parts_is_the_export(run: Path, tmp_path: Path) -> None:
    export.export(run, tmp_path / "mini", TINY)
    parts = export.split(tmp_path / "mini", tmp_path, size=500_000)
    assert len(parts) > 1
    assert all(part.stat().st_size <= 500_000 for part in parts)
    joined = tmp_path / "joined.tar"
    joined.write_bytes(b"".join(part.read_bytes() for part in parts))
    import tarfile

    with tarfile.open(joined) as tar:
        inside = tar.extractfile("mini/unet/diffusion_pytorch_model.safetensors")
        assert inside is not None
        assert inside.read() == (tmp_path / "mini/unet/diffusion_pytorch_model.safetensors").read_bytes()


def test_a_training_in_two_calls_is_the_training_in_one(run: Path, data: Path, tmp_path: Path) -> None:
    results = []
    for name, calls in (("whole", (4,)), ("halves", (2, 2))):
        out = tmp_path / name
        (out / "vae").parent.mkdir()
        (out / "vae").symlink_to(run / "vae")
        for steps in calls:
            trainer = train_mini.train(data, out, settings_waiting_for_all(), TINY, CPU, StepClock(4, steps))
        results.append(trainer.stepper.average.state_dict())
    assert all(torch.equal(one, two) for one, two in zip(results[0].values(), results[1].values(), strict=True))


def settings_waiting_for_all() -> train_mini.Settings:
    """The order in which shards arrive while steps are taken is the only thing that chance decides."""
    from dataclasses import replace

    return replace(MINI, wait_for=32)


def test_the_noised_canvas_is_the_truth_under_shifted_noise() -> None:
    objective = Objective(CPU, canvas_share=1.0, starts=(0.899, 0.8999))
    truth, canvas = torch.randn(4, 4, 6, 4, generator=rng(1)), torch.randn(4, 4, 6, 4, generator=rng(2))
    t = torch.full((4,), 899)
    noisy, velocity = objective.noised(truth, canvas, t, rng(3))
    plain = Objective(CPU, canvas_share=0.0)
    same_noise, _ = plain.noised(canvas, canvas, t, rng(3))
    assert torch.allclose(noisy, same_noise, atol=1e-5)  # what the pipeline starts from
    signal, noise = noise_table(CPU)
    assert torch.allclose(signal[899] * noisy - noise[899] * velocity, truth, atol=1e-5)  # what v must lead to


def test_the_mask_is_the_pipelines_mask(store: Store) -> None:
    drawn = store.draw(8, rng())
    cut = masked(drawn, TINY.shrink, rng(1))
    core = cut.picture.abs().sum(1, keepdim=True) > 0
    inside = drawn.garment > 127
    assert not (core & ~inside).any()
    nearest = torch.nn.functional.interpolate(core.float(), size=TINY.latent_size)
    assert (cut.mask == 1 - nearest).float().mean() > 0.99  # a grey garment pixel may be 0 by itself
    assert float(cut.mask.mean()) < 1


def test_erosion_differs_from_sample_to_sample(store: Store) -> None:
    same = store.at(torch.zeros(16, dtype=torch.long), torch.zeros(16, dtype=torch.bool))
    sizes = random_core(same.garment, rng()).sum((1, 2, 3))
    assert len(sizes.unique()) > 8
    assert int(sizes.min()) > 0.3 * int(sizes.max())


def test_flipped_samples_are_flipped_as_a_whole(store: Store) -> None:
    both = store.at(torch.tensor([3, 3]), torch.tensor([False, True]))
    assert torch.equal(both.image[0].flip(-1), both.image[1])
    assert torch.equal(both.canvas[0].flip(-1), both.canvas[1])
    assert torch.equal(both.garment[0].flip(-1), both.garment[1])
    assert torch.equal(both.weight[0].flip(-1), both.weight[1])
    assert float(both.face[0, 0]) == pytest.approx(TINY.width - float(both.face[1, 2]))


def test_dropped_words_leave_no_gaps() -> None:
    ids = torch.tensor([[1, 10, 11, 12, 13, 2, 0, 0]]).repeat(64, 1)
    left = drop_words(ids, rng(), word=0.5, prompt=0.1)
    for row in left.tolist():
        words = row[: row.index(2) + 1]
        assert words[0] == 1
        assert words[1:-1] == sorted(words[1:-1])
        assert 0 not in words
        assert not any(row[len(words) :])


def test_faces_count_more_than_backdrop(data: Path, store: Store) -> None:
    weight = store.at(torch.tensor([0]), torch.tensor([False])).weight[0, 0].float()
    box = read_shard(data / "shard-00-0000.npz", TINY, tokeniser(TINY)).face[0] / 4
    middle = weight[int(box[1] + box[3]) // 2, int(box[0] + box[2]) // 2]
    assert middle > 3
    assert weight[-1, 0] < 1


def test_training_goes_on_from_a_finished_pipeline_with_people_and_heads_in_turn(
    run: Path, data: Path, tmp_path: Path
) -> None:
    heads = tmp_path / "heads"
    heads.mkdir()
    for path in sorted(data.glob("shard-*.npz")):
        arrays = dict(np.load(path))
        cropped = {name: value[:, : TINY.width] if value.ndim > 2 else value for name, value in arrays.items()}
        np.savez(heads / path.name, **cropped)
    export.export(run, tmp_path / "mini", TINY)
    settings = replace(MINI, batch=2, log_every=1, sheet_every=1e9)
    close = train_on.Heads(side=TINY.width, batch=3, capacity=64)
    for _ in range(2):  # in two calls
        trainer = train_on.train_on(
            tmp_path / "mini", data, heads, tmp_path / "run", settings, TINY, close, StepClock(6, 3)
        )
    assert trainer.stepper.taken == 6
    kinds = [line["kind"] for line in lines(tmp_path / "run" / "mini.jsonl") if "kind" in line]
    assert set(kinds) == {"people", "heads"}
    before = export.denoiser_of(tmp_path / "mini", TINY).state_dict()
    changed = {name for name, weight in trainer.stepper.model.state_dict().items() if not before[name].equal(weight)}
    assert {name.split(".")[0] for name in changed} == {"unet", "controlnet", "text_encoder"}
    assert export.export(tmp_path / "run", tmp_path / "again", TINY) > 0
    vaes = [
        load_file(folder / "vae/diffusion_pytorch_model.safetensors")
        for folder in (tmp_path / "mini", tmp_path / "again")
    ]
    assert all(weight.equal(vaes[1][name]) for name, weight in vaes[0].items())


def test_the_autoencoder_that_ships_keeps_every_colour() -> None:
    shipped = AutoencoderKL.from_pretrained(train_on.SHIPPED / "vae", torch_dtype=torch.float32)
    assert train_vae.swatch_error(shipped) < 20  # of 255; an autoencoder that lost an axis is off by more than 100


def test_a_training_may_start_from_a_finished_pipeline(run: Path, data: Path, tmp_path: Path) -> None:
    export.export(run, tmp_path / "mini", TINY)
    shutil.copytree(tmp_path / "mini" / "vae", tmp_path / "run" / "vae")
    finished = export.denoiser_of(tmp_path / "mini", TINY)
    begun = train_mini.train(data, tmp_path / "run", MINI, TINY, CPU, StepClock(1, 0), start=finished)
    for name, weight in export.denoiser_of(tmp_path / "mini", TINY).state_dict().items():
        assert begun.stepper.model.state_dict()[name].equal(weight)
    vae = AutoencoderKL.from_pretrained(tmp_path / "mini" / "vae", torch_dtype=torch.float32)
    codec = train_vae.Trainer(tmp_path / "codec", VAE, TINY, CPU, StepClock(1, 0), start=vae)
    assert codec.stepper.model.vae is vae


def test_standard_latents_decode_to_the_same_picture() -> None:
    torch.manual_seed(0)
    vae = build_vae(TINY).eval()
    pixels = torch.rand(2, 3, 96, 64, generator=rng()) * 2 - 1
    with torch.no_grad():
        latents = vae.encode(pixels).latent_dist.mean
        before = vae.decode(latents).sample
        standardise(vae, latents.mean((0, 2, 3)), latents.std((0, 2, 3)))
        after = vae.encode(pixels).latent_dist.mean
        assert torch.allclose(vae.decode(after).sample, before, atol=1e-4)
    assert after.mean((0, 2, 3)).abs().max() < 1e-4
    assert torch.allclose(after.std((0, 2, 3)), torch.ones(4), atol=1e-3)


def test_shards_that_appear_later_are_read_and_broken_ones_reported(tmp_path: Path) -> None:
    errors: list[str] = []
    (tmp_path / "shard-00-0000.npz").write_bytes(b"not a zip")
    wrong = shapes(2, 0) | {"canvas": np.zeros((2, 4, 4, 3), np.uint8)}
    np.savez(tmp_path / "shard-00-0001.npz", **wrong)
    reader = ShardReader(tmp_path, TINY, tokeniser(TINY), on_error=errors.append, poll=0.02)
    store = Store(TINY, 4, CPU)
    np.savez(tmp_path / "draft.npz", **shapes(6, 1))
    (tmp_path / "draft.npz").rename(tmp_path / "shard-00-0002.npz")
    fill(store, reader, wanted=6, patience=10)
    reader.close()
    assert store.added == 6
    assert len(store) == 4  # newest over oldest
    assert len(errors) == 2


def test_waiting_for_a_renderer_that_never_starts_ends_in_an_error(tmp_path: Path) -> None:
    reader = ShardReader(tmp_path, TINY, tokeniser(TINY), poll=0.02)
    with pytest.raises(TimeoutError, match="renderer"):
        fill(Store(TINY, 4, CPU), reader, wanted=4, patience=0.1)
    reader.close()
    with pytest.raises(TimeoutError, match="renderer"):
        train_mini.hold_out(tmp_path, tmp_path / "held-out", 0.1)


def test_a_step_that_is_not_finite_is_left_out_and_many_go_back_to_the_average() -> None:
    torch.manual_seed(0)
    stepper = Stepper(torch.nn.Linear(2, 1), rate=0.1)
    before = stepper.model.weight.clone()
    for _ in range(3):
        assert stepper.step(stepper.model(torch.full((1, 2), float("nan"))).sum(), 1.0) is None
    assert torch.equal(stepper.model.weight, before)
    with torch.no_grad():
        stepper.model.weight.fill_(float("nan"))
    for _ in range(10):
        stepper.step(stepper.model(torch.ones(1, 2)).sum(), 1.0)
    assert stepper.model.weight.isfinite().all()
    assert stepper.bad == 10


def test_a_compiler_that_fails_leaves_the_plain_function(tmp_path: Path) -> None:
    stepper, log = Stepper(torch.nn.Linear(2, 1), rate=0.1), Log(tmp_path / "log.jsonl")

    def breaks(_: int) -> int:
        raise RuntimeError("no such kernel")

    run = Compiled(lambda value: value + 1, on=False)
    run._now = breaks
    assert guarded(lambda: run(1), [run], stepper, log) is None
    assert guarded(lambda: run(1), [run], stepper, log) == 2
    assert lines(tmp_path / "log.jsonl")[0]["action"] == "compile_failed"
    with pytest.raises(ZeroDivisionError):  # plain code that fails is a bug
        guarded(lambda: 1 // 0, [run], stepper, log)


def test_the_rate_rises_holds_and_goes_to_zero() -> None:
    assert trapezoid(0, 0.0) < 0.02
    assert trapezoid(10_000, 0.5) == 1
    assert trapezoid(10_000, 0.9) == pytest.approx(0.1 / 0.35)
    assert trapezoid(10_000, 1.2) == 0
    clock = WallClock(total=100, this_call=0, spent=40)
    assert clock.over
    assert clock.progress == pytest.approx(0.4, abs=0.01)


def test_crops_are_pictures_of_the_asked_size(store: Store) -> None:
    made = crops(store.draw(8, rng()), 32, rng())
    assert made.shape == (8, 3, 32, 32)
    assert float(made.abs().max()) <= 1
    assert float(made.std()) > 0.1
