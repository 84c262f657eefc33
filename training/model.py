"""The networks of `mini`, in diffusers' own classes, and the noise they are trained against.

Everything that decides size and speed is in `Shape`. The numbers of `MINI` were chosen for two laptop cores: 27 M
parameters in all (55 MB in fp16) and 16.4 GMAC a step for UNet plus ControlNet at 320x480.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import torch
from diffusers import AutoencoderKL, ControlNetModel, DPMSolverMultistepScheduler, UNet2DConditionModel
from tokenizers import Tokenizer, pre_tokenizers
from tokenizers.models import WordLevel
from tokenizers.processors import TemplateProcessing
from torch import Tensor, nn
from transformers import CLIPTextConfig, CLIPTextModel, PreTrainedTokenizerFast

PAD, START, END, UNKNOWN = 0, 1, 2, 3
SPECIAL = ("<pad>", "<bos>", "<eos>", "<unk>")
TRAIN_STEPS = 1000

SCHEDULER: dict[str, Any] = {
    "num_train_timesteps": TRAIN_STEPS,
    "beta_start": 0.00085,
    "beta_end": 0.012,
    "beta_schedule": "scaled_linear",
    "prediction_type": "v_prediction",
    "algorithm_type": "dpmsolver++",
    "solver_order": 2,
    "lower_order_final": True,
    "timestep_spacing": "linspace",
}


@dataclass(frozen=True, slots=True)
class Shape:
    """Every number that decides the size of the networks."""

    width: int = 320
    height: int = 480
    unet: tuple[int, ...] = (64, 96, 192, 224)
    attention: tuple[bool, ...] = (False, False, True, True)  #: per level of `unet`
    head: int = 32  #: channels per attention head
    groups: int = 16
    control: tuple[int, ...] = (16, 32, 64)  #: two strides, so that the condition meets the latents
    vae: tuple[int, ...] = (32, 64, 96)  #: three blocks: a quarter of the width and height
    vae_groups: int = 4  #: few, so that a flat colour keeps its strength through the norms
    latent_channels: int = 4
    text: int = 128
    text_layers: int = 2
    tokens: int = 24

    @property
    def shrink(self) -> int:
        """Pixels per latent along one side."""
        return int(2 ** (len(self.vae) - 1))

    @property
    def latent_size(self) -> tuple[int, int]:
        """(height, width) of the latents."""
        return self.height // self.shrink, self.width // self.shrink


MINI = Shape()


def build_vae(shape: Shape) -> AutoencoderKL:
    """Return an autoencoder (B, 3, H, W) in [-1, 1] <-> (B, 4, H/4, W/4), without attention: any size goes."""
    blocks = len(shape.vae)
    return AutoencoderKL(
        block_out_channels=shape.vae,
        latent_channels=shape.latent_channels,
        layers_per_block=1,
        norm_num_groups=shape.vae_groups,
        down_block_types=("DownEncoderBlock2D",) * blocks,
        up_block_types=("UpDecoderBlock2D",) * blocks,
        mid_block_add_attention=False,
        sample_size=shape.height,
        scaling_factor=1.0,  # `standardise` makes it true
    )


def build_unet(shape: Shape) -> UNet2DConditionModel:
    """Return the denoiser: noisy latents, mask and masked picture in (9 channels), v out."""
    return UNet2DConditionModel(
        sample_size=shape.latent_size,
        in_channels=2 * shape.latent_channels + 1,
        out_channels=shape.latent_channels,
        up_block_types=tuple("CrossAttnUpBlock2D" if a else "UpBlock2D" for a in reversed(shape.attention)),
        **_levels(shape),
    )


def build_controlnet(shape: Shape) -> ControlNetModel:
    """Return the ControlNet, whose condition is the dressed mannequin (B, 3, H, W) in [0, 1].

    UNet and ControlNet grow up together, so there is no base that zero convolutions would have to protect: they start
    like any other layer, only smaller, and the condition counts from the first step on.
    """
    net = ControlNetModel(
        in_channels=shape.latent_channels, conditioning_embedding_out_channels=shape.control, **_levels(shape)
    )
    embed = net.controlnet_cond_embedding.conv_out
    nn.init.kaiming_normal_(embed.weight, nonlinearity="linear")
    for conv in (*net.controlnet_down_blocks, net.controlnet_mid_block):
        nn.init.normal_(conv.weight, std=0.3 * conv.in_channels**-0.5)
    return net


def _levels(shape: Shape) -> dict[str, Any]:
    return {
        "block_out_channels": shape.unet,
        "down_block_types": tuple("CrossAttnDownBlock2D" if a else "DownBlock2D" for a in shape.attention),
        "layers_per_block": 1,
        "cross_attention_dim": shape.text,
        # diffusers' name says otherwise, but for these two classes it is the number of heads.
        "attention_head_dim": tuple(max(1, channels // shape.head) for channels in shape.unet),
        "norm_num_groups": shape.groups,
        "use_linear_projection": True,
    }


def build_text_encoder(shape: Shape, words: int) -> CLIPTextModel:
    """Return a text encoder for `words` words besides the special tokens."""
    return CLIPTextModel(
        CLIPTextConfig(
            vocab_size=words + len(SPECIAL),
            hidden_size=shape.text,
            intermediate_size=2 * shape.text,
            num_hidden_layers=shape.text_layers,
            num_attention_heads=4,
            max_position_embeddings=shape.tokens,
            hidden_act="gelu",
            pad_token_id=PAD,
            bos_token_id=START,
            eos_token_id=END,
        )
    )


def build_tokenizer(vocabulary: Iterable[str], tokens: int) -> PreTrainedTokenizerFast:
    """Return a tokenizer with one token a word: `<bos> word word <eos> <pad>...`, `tokens` long when padded."""
    table = {word: index for index, word in enumerate((*SPECIAL, *vocabulary))}
    tokenizer = Tokenizer(WordLevel(table, unk_token=SPECIAL[UNKNOWN]))
    tokenizer.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    tokenizer.post_processor = TemplateProcessing(
        single=f"{SPECIAL[START]} $A {SPECIAL[END]}",
        special_tokens=[(SPECIAL[START], START), (SPECIAL[END], END)],
    )
    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        pad_token=SPECIAL[PAD],
        bos_token=SPECIAL[START],
        eos_token=SPECIAL[END],
        unk_token=SPECIAL[UNKNOWN],
        model_max_length=tokens,
    )


class Denoiser(nn.Module):
    """UNet, ControlNet and text encoder as the pipeline joins them."""

    def __init__(self, shape: Shape, words: int) -> None:
        super().__init__()
        self.unet = build_unet(shape)
        self.controlnet = build_controlnet(shape)
        self.text_encoder: CLIPTextModel = build_text_encoder(shape, words)

    def forward(self, noisy: Tensor, t: Tensor, words: Tensor, canvas: Tensor, mask: Tensor, masked: Tensor) -> Tensor:
        """Return v (B, 4, h, w).

        Args:
            noisy: (B, 4, h, w) latents at time `t` (B,).
            words: (B, tokens, text) from the text encoder.
            canvas: (B, 3, H, W) in [0, 1], the condition.
            mask: (B, 1, h, w), 1 where the picture is to be painted.
            masked: (B, 4, h, w) latents of the picture with mid-grey where it is to be painted.
        """
        down, mid = self.controlnet(noisy, t, encoder_hidden_states=words, controlnet_cond=canvas, return_dict=False)
        velocity: Tensor = self.unet(
            torch.cat([noisy, mask, masked], dim=1),
            t,
            encoder_hidden_states=words,
            down_block_additional_residuals=down,
            mid_block_additional_residual=mid,
            return_dict=False,
        )[0]
        return velocity


def noise_table(device: torch.device | str) -> tuple[Tensor, Tensor]:
    """Return (signal, noise), each (1000,) float32: x_t = signal[t] * x_0 + noise[t] * eps, as the scheduler has it."""
    cumulative = DPMSolverMultistepScheduler(**SCHEDULER).alphas_cumprod.to(device)
    return cumulative.sqrt(), (1 - cumulative).sqrt()


@torch.no_grad()
def standardise(vae: AutoencoderKL, mean: Tensor, std: Tensor) -> None:
    """Give the latents mean 0 and deviation 1 channel by channel, without changing a decoded picture.

    `mean` and `std` (4,) are those of the latents now. The pipelines know one `scaling_factor` for all channels; the 1x1
    convolutions on both sides of the latents can take a shift and a scale each, so that factor is 1 afterwards.
    """
    channels = mean.numel()
    out, back = vae.quant_conv, vae.post_quant_conv
    out.weight[:channels] /= std[:, None, None, None]
    out.bias[:channels] = (out.bias[:channels] - mean) / std
    out.bias[channels:] -= 2 * std.log()  # the second half holds log variances
    back.bias += back.weight[:, :, 0, 0] @ mean
    back.weight *= std[None, :, None, None]
    vae.register_to_config(scaling_factor=1.0)


def count(*modules: nn.Module) -> int:
    """Return the number of parameters."""
    return sum(parameter.numel() for module in modules for parameter in module.parameters())
