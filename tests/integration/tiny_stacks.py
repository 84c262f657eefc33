"""Tiny random pipelines of the real classes, built offline and saved as diffusers folders.

The weights are noise and so are the pictures: what these prove is wiring, sizes, batching and seeds.
"""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import torch
from diffusers import (
    AutoencoderKL,
    ControlNetModel,
    ControlNetUnionModel,
    DPMSolverMultistepScheduler,
    EulerDiscreteScheduler,
    StableDiffusionControlNetInpaintPipeline,
    StableDiffusionXLControlNetUnionInpaintPipeline,
    UNet2DConditionModel,
)
from tokenizers import Tokenizer
from tokenizers.models import WordLevel
from tokenizers.pre_tokenizers import WhitespaceSplit
from tokenizers.processors import TemplateProcessing
from transformers import (
    CLIPTextConfig,
    CLIPTextModel,
    CLIPTextModelWithProjection,
    CLIPTokenizer,
    PreTrainedTokenizerFast,
)

from fashion_gen.generate.diffusers_backend import DiffusersGenerator
from fashion_gen.generate.paired import PairedGenerator
from fashion_gen.generate.recipe import Recipe, recipe_of
from fashion_gen.generate.twins import halved_threads, twin
from fashion_gen.generate.vocabulary import mini_vocabulary

_BETAS: dict[str, Any] = {"beta_start": 0.00085, "beta_end": 0.012, "beta_schedule": "scaled_linear"}


def word_tokenizer(length: int = 24) -> PreTrainedTokenizerFast:
    """The tokenizer of `mini`: one word, one token."""
    words = ["<pad>", "<bos>", "<eos>", "<unk>", *mini_vocabulary()]
    inner = Tokenizer(WordLevel({word: i for i, word in enumerate(words)}, unk_token="<unk>"))
    inner.pre_tokenizer = WhitespaceSplit()
    inner.post_processor = TemplateProcessing(single="<bos> $A <eos>", special_tokens=[("<bos>", 1), ("<eos>", 2)])
    return PreTrainedTokenizerFast(
        tokenizer_object=inner,
        model_max_length=length,
        pad_token="<pad>",
        bos_token="<bos>",
        eos_token="<eos>",
        unk_token="<unk>",
    )


def letter_tokenizer() -> CLIPTokenizer:
    """A CLIP tokenizer that spells: 77 tokens, no merges, no download."""
    letters = [chr(c) for c in range(33, 127)]
    words = [*letters, *(f"{letter}</w>" for letter in letters), "<|startoftext|>", "<|endoftext|>"]
    return CLIPTokenizer(vocab={word: i for i, word in enumerate(words)}, merges=[], model_max_length=77)


def _text_encoder(words: int, length: int, *, projected: bool = False) -> torch.nn.Module:
    config = CLIPTextConfig(
        vocab_size=words,
        max_position_embeddings=length,
        hidden_size=32,
        intermediate_size=64,
        num_attention_heads=2,
        num_hidden_layers=2,
        projection_dim=32,
        bos_token_id=words - 2,
        eos_token_id=words - 1,
        pad_token_id=words - 1,
    )
    return (CLIPTextModelWithProjection if projected else CLIPTextModel)(config)


def _vae(blocks: int) -> AutoencoderKL:
    return AutoencoderKL(
        block_out_channels=(16, 32, 32, 32)[:blocks],
        down_block_types=("DownEncoderBlock2D",) * blocks,
        up_block_types=("UpDecoderBlock2D",) * blocks,
        latent_channels=4,
        norm_num_groups=8,
        layers_per_block=1,
        force_upcast=False,
    )


def _stir(module: torch.nn.Module) -> None:
    """Give zero-initialised layers weights: zeros would hide a control image that never arrives."""
    with torch.no_grad():
        for parameter in module.parameters():
            if not parameter.any():
                parameter.normal_(std=0.1)


_SHAPE: dict[str, Any] = {
    "block_out_channels": (32, 64),
    "layers_per_block": 1,
    "down_block_types": ("DownBlock2D", "CrossAttnDownBlock2D"),
    "norm_num_groups": 8,
}
_UP: dict[str, Any] = {"up_block_types": ("CrossAttnUpBlock2D", "UpBlock2D"), "out_channels": 4}
_XL: dict[str, Any] = {
    "attention_head_dim": (2, 4),
    "use_linear_projection": True,
    "addition_embed_type": "text_time",
    "addition_time_embed_dim": 8,
    "transformer_layers_per_block": (1, 1),
    "projection_class_embeddings_input_dim": 80,
    "cross_attention_dim": 64,
}


def sd_pipeline(*, vae_blocks: int = 3, channels: int = 9, nets: int = 1) -> StableDiffusionControlNetInpaintPipeline:
    """The shape of `mini` (VAE /4, word tokenizer) or, with four VAE blocks and two nets, that of `sd15`."""
    torch.manual_seed(0)
    tokenizer = word_tokenizer() if vae_blocks == 3 else letter_tokenizer()
    strides = (8, 16, 32) if vae_blocks == 3 else (8, 8, 16, 32)
    controlnets = [
        ControlNetModel(in_channels=4, conditioning_embedding_out_channels=strides, cross_attention_dim=32, **_SHAPE)
        for _ in range(nets)
    ]
    for net in controlnets:
        _stir(net)
    return StableDiffusionControlNetInpaintPipeline(
        vae=_vae(vae_blocks),
        text_encoder=_text_encoder(len(tokenizer), tokenizer.model_max_length),
        tokenizer=tokenizer,
        unet=UNet2DConditionModel(in_channels=channels, cross_attention_dim=32, **_SHAPE, **_UP),
        controlnet=controlnets if nets > 1 else controlnets[0],
        scheduler=DPMSolverMultistepScheduler(prediction_type="v_prediction", **_BETAS),
        safety_checker=None,
        feature_extractor=None,
        requires_safety_checker=False,
    )


def sdxl_pipeline() -> StableDiffusionXLControlNetUnionInpaintPipeline:
    """The shape of `sdxl`: two text encoders, a union ControlNet, a U-Net of four channels."""
    torch.manual_seed(0)
    tokenizer = letter_tokenizer()
    union = ControlNetUnionModel(
        in_channels=4,
        conditioning_embedding_out_channels=(8, 8, 16, 32),
        num_control_type=8,
        num_trans_channel=32,
        num_trans_head=2,
        num_trans_layer=1,
        num_proj_channel=32,
        **_SHAPE,
        **_XL,
    )
    _stir(union)
    return StableDiffusionXLControlNetUnionInpaintPipeline(
        vae=_vae(4),
        text_encoder=_text_encoder(len(tokenizer), 77),
        text_encoder_2=_text_encoder(len(tokenizer), 77, projected=True),
        tokenizer=tokenizer,
        tokenizer_2=tokenizer,
        unet=UNet2DConditionModel(in_channels=4, **_SHAPE, **_UP, **_XL),
        controlnet=union,
        scheduler=EulerDiscreteScheduler(steps_offset=1, timestep_spacing="leading", **_BETAS),
        add_watermarker=False,
    )


def save(pipeline: Any, folder: Path) -> Path:
    """Write `pipeline` as a diffusers folder and return it."""
    pipeline.save_pretrained(folder, safe_serialization=True)
    return folder


def tiny_recipe(preset: str, **changes: Any) -> Recipe:
    """The recipe of a preset with few steps and small batches; the rest is as shipped."""
    values = recipe_of(preset).model_dump()
    quick = {"steps": 4, "batch": 2, "width": 64, "height": 96}
    return Recipe.model_validate(values | quick | changes)


def placed(recipe: Recipe, *folders: Path) -> Recipe:
    """`recipe` with its weights, in order, taken from local folders."""
    values = recipe.model_dump()
    for weights, folder in zip(values["weights"], folders, strict=True):
        weights |= {"folder": str(folder), "repo": "", "files": ()}
    return Recipe.model_validate(values)


def lay_mini(folder: Path) -> Recipe:
    return placed(tiny_recipe("mini"), save(sd_pipeline(), folder / "mini"))


def lay_sd15(folder: Path) -> Recipe:
    """Lay out folders as the hub has them: a plain inpainting pipeline with a safety checker, two nets, float16 files."""
    pipe = sd_pipeline(vae_blocks=4, nets=2)
    nets = list(pipe.controlnet.nets)
    pipe.save_pretrained(folder / "base", variant="fp16")
    index = folder / "base" / "model_index.json"
    parts = json.loads(index.read_text())
    parts |= {
        "_class_name": "StableDiffusionInpaintPipeline",
        "safety_checker": ["stable_diffusion", "StableDiffusionSafetyChecker"],
        "feature_extractor": ["transformers", "CLIPImageProcessor"],
        "requires_safety_checker": True,
    }
    del parts["controlnet"]
    index.write_text(json.dumps(parts))
    shutil.rmtree(folder / "base" / "controlnet")
    for number, net in enumerate(nets):
        net.save_pretrained(folder / f"net{number}", variant="fp16")
    return placed(tiny_recipe("sd15"), folder / "base", folder / "net0", folder / "net1")


def lay_sdxl(folder: Path, preset: str = "sdxl") -> Recipe:
    """Lay out folders as the hub has them: base without its VAE, union net, VAE, and for `sdxl-fast` a LoRA."""
    pipe = sdxl_pipeline()
    pipe.save_pretrained(folder / "base", variant="fp16")
    index = folder / "base" / "model_index.json"
    parts = json.loads(index.read_text()) | {"_class_name": "StableDiffusionXLPipeline"}
    del parts["controlnet"]
    index.write_text(json.dumps(parts))
    for part in ("vae", "controlnet"):
        shutil.rmtree(folder / "base" / part)
        getattr(pipe, part).save_pretrained(folder / part)
    folders = [folder / "base", folder / "controlnet", folder / "vae"]
    recipe = tiny_recipe(preset)
    if recipe.of_role("lora"):
        folders.append(_save_lora(pipe, folder / "lora", recipe.of_role("lora")[0].name))
    return placed(recipe, *folders)


def _save_lora(pipe: Any, folder: Path, name: str) -> Path:
    from peft import LoraConfig
    from peft.utils import get_peft_model_state_dict

    pipe.unet.add_adapter(LoraConfig(r=2, target_modules=["to_q", "to_v"], init_lora_weights="gaussian"))
    layers = {key: torch.full_like(value, 0.3) for key, value in get_peft_model_state_dict(pipe.unet).items()}
    type(pipe).save_lora_weights(folder, unet_lora_layers=layers, weight_name=name)
    return folder


_LAYOUTS = {"mini": lay_mini, "sd15": lay_sd15, "sdxl": lay_sdxl}


def tiny_generator(preset: str, folder: Path) -> DiffusersGenerator:
    """A generator of random weights that went through the disk and the real loader."""
    return DiffusersGenerator.open(_LAYOUTS[preset](folder), device="cpu", models_dir=folder)


def paired_generator() -> PairedGenerator:
    """Two painters of `mini`'s shape on the same random weights, whatever the number of cores."""
    pipe = sd_pipeline()
    pipe.set_progress_bar_config(disable=True)
    halves = [
        DiffusersGenerator(tiny_recipe("mini"), each, weights_sha256="0" * 64, batch=1) for each in (pipe, twin(pipe))
    ]
    return PairedGenerator(*halves, threads=halved_threads)
