"""What the weights may be used for. A licence is data; the default refuses what a shop may not use."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from fashion_gen.errors import LicenceRefused

if TYPE_CHECKING:
    from fashion_gen.generate.recipe import Recipe


class Commercial(StrEnum):
    """Whether a business may use it."""

    YES = "yes"
    RESTRICTED = "with use restrictions"
    NO = "no"


@dataclass(frozen=True, slots=True)
class Licence:
    """A licence as its text has it; not legal advice."""

    name: str
    commercial: Commercial
    url: str


LICENCES: Mapping[str, Licence] = {
    "apache-2.0": Licence("Apache-2.0", Commercial.YES, "https://www.apache.org/licenses/LICENSE-2.0"),
    "mit": Licence("MIT", Commercial.YES, "https://opensource.org/license/mit"),
    "creativeml-openrail-m": Licence(
        "CreativeML OpenRAIL-M",
        Commercial.RESTRICTED,
        "https://huggingface.co/spaces/CompVis/stable-diffusion-license",
    ),
    "openrail": Licence("OpenRAIL", Commercial.RESTRICTED, "https://huggingface.co/blog/open_rail"),
    "openrail++": Licence(
        "CreativeML OpenRAIL++-M",
        Commercial.RESTRICTED,
        "https://huggingface.co/stabilityai/stable-diffusion-xl-base-1.0/blob/main/LICENSE.md",
    ),
    "cc-by-nc-4.0": Licence("CC BY-NC 4.0", Commercial.NO, "https://creativecommons.org/licenses/by-nc/4.0/"),
    "cc-by-nc-sa-4.0": Licence("CC BY-NC-SA 4.0", Commercial.NO, "https://creativecommons.org/licenses/by-nc-sa/4.0/"),
    "flux-1-dev-nc": Licence(
        "FLUX.1 [dev] Non-Commercial",
        Commercial.NO,
        "https://huggingface.co/black-forest-labs/FLUX.1-dev/blob/main/LICENSE.md",
    ),
}


def commercial_use(recipe: Recipe) -> Commercial:
    """Return what the strictest licence among the weights of a preset allows."""
    order = list(Commercial)
    return max((weights.terms.commercial for weights in recipe.weights), key=order.index)


def check_licences(recipe: Recipe, *, allow_noncommercial: bool = False) -> None:
    """Raise LicenceRefused for weights that a business may not use, unless the caller says that this is no business."""
    refused = [weights for weights in recipe.weights if weights.terms.commercial is Commercial.NO]
    if refused and not allow_noncommercial:
        first = refused[0]
        raise LicenceRefused(
            f'The preset "{recipe.preset}" uses {first.title} under {first.terms.name}, which forbids commercial use '
            f"({first.terms.url}): choose another preset, or pass allow_noncommercial=True where nothing is sold."
        )
