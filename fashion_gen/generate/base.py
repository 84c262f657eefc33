"""What goes into a generator, and the one verb it has."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from fashion_gen.generate.prompts import Prompt
from fashion_gen.generate.recipe import Recipe
from fashion_gen.records import Mask, Matte, Picture

#: Called as (done, total), counted in steps of looks: four looks of ten steps make a total of 40.
OnStep = Callable[[int, int], None]
Cancelled = Callable[[], bool]

MULTIPLE = 8  #: every generator takes pictures whose sides are multiples of this


@dataclass(frozen=True, slots=True, eq=False)
class Shot:
    """Everything that a generator needs for one look. All pictures have the same size, sides in multiples of 8."""

    canvas: (
        Picture  #: (H, W, 3) the dressed mannequin with the garment pasted on: the picture that generation starts from
    )
    mannequin: Picture  #: (H, W, 3) the dressed mannequin without the garment
    skeleton: Picture  #: (H, W, 3) the 18 keypoints drawn in the OpenPose colours on black
    depth: Matte  #: (H, W) float32 in [0, 1], 1 near, 0 background
    mask: Mask  #: (H, W) True where the generator paints
    prompt: Prompt
    seed: int
    strength: float | None = None  #: how far the canvas is noised, (0, 1]; None is what the recipe says

    @property
    def size(self) -> tuple[int, int]:
        """(width, height)"""
        return int(self.canvas.shape[1]), int(self.canvas.shape[0])


class Generator(ABC):
    """Paints people around garments. One that exists is loaded and ready."""

    @property
    @abstractmethod
    def recipe(self) -> Recipe:
        """How it paints."""

    @property
    def preset(self) -> str:
        return self.recipe.preset

    @property
    @abstractmethod
    def weights_sha256(self) -> str:
        """One digest over all weight files, for the record of a look."""

    @abstractmethod
    def generate(
        self, shots: Sequence[Shot], *, on_step: OnStep | None = None, cancelled: Cancelled | None = None
    ) -> list[Picture]:
        """Return one (H, W, 3) picture a shot, in order.

        A look depends on its shot alone: not on its neighbours, nor on how many are painted at once. Pixels outside the
        mask come back similar, not equal; `compose` puts the garment's own pixels there.

        Raises:
            ValueError: the pictures of the shots differ in size, or a side is no multiple of 8.
            Cancelled: `cancelled()` was true after a step.
            OutOfMemory: even one look at a time does not fit.
            GenerationError: the model returned numbers that are no picture.
        """

    def close(self) -> None:  # noqa: B027 - most have nothing to let go of
        """Let go of the weights and the memory they take. A closed generator paints no more."""


def check_sizes(shots: Sequence[Shot]) -> None:
    """Refuse shots that cannot be painted in one go. Raises ValueError."""
    if len({shot.strength for shot in shots}) > 1:
        raise ValueError("The shots of one call must share one strength.")
    sizes = {shot.size for shot in shots}
    if len(sizes) > 1:
        raise ValueError(f"The shots of one call must share one size, these have {sorted(sizes)}.")
    for shot in shots:
        width, height = shot.size
        if width % MULTIPLE or height % MULTIPLE:
            raise ValueError(f"Sides must be multiples of {MULTIPLE}, this shot is {width}x{height}.")
        flat = (height, width)
        shapes = {
            "mannequin": shot.mannequin.shape == (*flat, 3),
            "skeleton": shot.skeleton.shape == (*flat, 3),
            "depth": shot.depth.shape == flat,
            "mask": shot.mask.shape == flat,
        }
        wrong = [name for name, fits in shapes.items() if not fits]
        if wrong:
            raise ValueError(f"The shot's {', '.join(wrong)} must be as large as its canvas, {width}x{height}.")
