"""A tiny SAM 2 of the real classes with random weights, saved as the hub's folders are: the video model, which holds the image's.

Its answers are noise: what it proves is loading, prompts and sizes.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from fashion_gen.garment.sam2_models import MODELS

SIZE = 128  #: pixels of its square; the published ones have 1024


def save_tiny_sam2(weights: Path, name: str = "sam2-small") -> Path:
    """Put the tiny model where the named one belongs in a folder of weights; return its own folder."""
    torch = pytest.importorskip("torch", reason="SAM 2 needs torch, an optional extra")
    transformers = pytest.importorskip("transformers", reason="SAM 2 needs transformers, an optional extra")
    vision = {
        "model_type": "sam2_vision_model",
        "backbone_config": {
            "model_type": "sam2_hiera_det_model",
            "hidden_size": 8,
            "image_size": [SIZE, SIZE],
            "blocks_per_stage": [1, 1, 2, 1],
            "embed_dim_per_stage": [8, 16, 32, 64],
            "num_attention_heads_per_stage": [1, 1, 2, 2],
            "window_size_per_stage": [8, 4, 8, 4],
            "global_attention_blocks": [3],
            "window_positional_embedding_background_size": [2, 2],
        },
        "backbone_channel_list": [64, 32, 16, 8],
        "backbone_feature_sizes": [[32, 32], [16, 16], [8, 8]],
        "fpn_hidden_size": 32,
    }
    config = transformers.Sam2VideoConfig(
        vision_config=vision,
        prompt_encoder_config={"hidden_size": 32, "image_size": SIZE, "patch_size": 16, "mask_input_channels": 16},
        mask_decoder_config={"hidden_size": 32, "mlp_dim": 32, "num_attention_heads": 2, "iou_head_hidden_dim": 16},
        image_size=SIZE,
        memory_attention_hidden_size=32,
        memory_attention_num_layers=1,
        memory_attention_feed_forward_hidden_size=32,
        memory_attention_rope_feat_sizes=[8, 8],
        memory_encoder_hidden_size=32,
        memory_encoder_output_channels=8,
        mask_downsampler_embed_dim=32,
        memory_fuser_embed_dim=32,
        memory_fuser_intermediate_dim=32,
    )
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        model = transformers.Sam2VideoModel(config)
        with torch.no_grad():  # as they are drawn, its layers are so small that every answer is the same
            for parameter in (one for one in model.parameters() if one.dim() > 1):
                parameter.mul_(8.0)
    folder = weights / MODELS[name].folder
    model.save_pretrained(folder)
    return folder
