"""A sheet of held-out people, painted by the pipeline that users run."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from diffusers import AutoencoderKL, DPMSolverMultistepScheduler, StableDiffusionControlNetInpaintPipeline
from numpy.typing import NDArray
from PIL import Image
from transformers import PreTrainedTokenizerFast

from fashion_gen.generate import recipe_of
from training.dataset import Shard
from training.model import SCHEDULER, Denoiser


def pipeline(
    denoiser: Denoiser, vae: AutoencoderKL, tokenizer: PreTrainedTokenizerFast
) -> StableDiffusionControlNetInpaintPipeline:
    """Return the pipeline of the three networks, the autoencoder and the tokenizer, without a safety checker."""
    made = StableDiffusionControlNetInpaintPipeline(
        vae=vae,
        text_encoder=denoiser.text_encoder,
        tokenizer=tokenizer,
        unet=denoiser.unet,
        controlnet=denoiser.controlnet,
        scheduler=DPMSolverMultistepScheduler(**SCHEDULER),
        safety_checker=None,
        feature_extractor=None,
        requires_safety_checker=False,
    )
    made.set_progress_bar_config(disable=True)
    return made


def paint(
    pipe: StableDiffusionControlNetInpaintPipeline, shard: Shard, *, seed: int = 0, batch: int = 4
) -> NDArray[np.uint8]:
    """Return (N, H, W, 3): the shard's people as the pipeline paints them around their garments."""
    core = torch.from_numpy(shard.garment).float()[:, None] > 127
    mask = -F.max_pool2d(-core.float(), 5, stride=1, padding=2) < 0.5
    share = shard.garment[..., None] / 255.0
    dressed = np.rint(shard.canvas * (1 - share) + shard.image * share).astype(np.uint8)
    device, recipe = pipe.device, recipe_of("mini")
    made = []
    for start in range(0, len(shard), batch):
        rows = range(start, min(start + batch, len(shard)))
        pictures = pipe(
            prompt=[shard.prompts[i] for i in rows],
            image=[Image.fromarray(dressed[i]) for i in rows],
            mask_image=[Image.fromarray(mask[i, 0].numpy().astype(np.uint8) * 255) for i in rows],
            control_image=[Image.fromarray(shard.canvas[i]) for i in rows],
            strength=recipe.strength,
            num_inference_steps=recipe.steps,
            guidance_scale=1.0,
            controlnet_conditioning_scale=1.0,
            generator=[torch.Generator(device).manual_seed(seed + i) for i in rows],
            height=dressed.shape[1],
            width=dressed.shape[2],
            output_type="np",
        ).images
        made += list(pictures)
    return np.stack([np.rint(picture * 255).astype(np.uint8) for picture in made])


def write(path: Path, rows: Sequence[NDArray[np.uint8]]) -> None:
    """Write rows of pictures, each (N, H, W, 3), one below the other."""
    sheet = np.concatenate([np.concatenate(list(row), axis=1) for row in rows], axis=0)
    draft = path.with_suffix(".part.jpg")
    Image.fromarray(sheet).save(draft, quality=95)
    draft.replace(path)
