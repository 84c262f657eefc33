"""The cut-out that needs no weights: a model of the background from the border, GrabCut, and care with holes and shadows.

At 240 pixels three guesses at what stands out (`saliency.py`) each seed a GrabCut; the mask whose outline agrees best
with the picture wins (`proposals.py`), is cleaned (`cleaning.py`) and followed once more at 400 pixels; `matting.py`
settles its edge at the photo's own size. It is good where garment and ground differ in colour or are parted by an
outline, and modest on people in front of busy places: there it returns the person, not the garment, and `worn.py` needs
to know where the body is.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from fashion_gen.garment import cleaning, proposals, saliency
from fashion_gen.garment.cutout import cutout_matte, is_cutout
from fashion_gen.garment.scale import at_most
from fashion_gen.garment.segmenter import Segmenter
from fashion_gen.records import Matte, Photo, Picture

FIND_SIZE = 240  #: long side at which the garment is found
EDGE_SIZE = 400  #: long side at which its outline is followed once more
TRUST = 2.0  #: power of the agreement with what was expected, beside how well an outline runs along edges
DOUBT = 3  #: power that lets an expected map speak up only where it is sure of itself
SURE = 8  #: power that leaves of an expected map what is hardly in doubt
CERTAIN = 0.95  #: of an expected map, from which the picture's border may cut the garment
LEAST_SCORE = 0.12  #: under this no outline is believed and the photo counts as empty


@dataclass(frozen=True, slots=True)
class ClassicalSegmenter(Segmenter):
    """OpenCV and scikit-image only."""

    name: str = "classical"

    def segment(self, photo: Photo) -> Matte:
        """See `Segmenter.segment`. About 0.6 s on one core, whatever the size of the photo."""
        if photo.alpha is not None and is_cutout(photo):
            return cutout_matte(photo.alpha)
        best = find(at_most(photo.rgb, FIND_SIZE))
        if not best.mask.any():
            return np.zeros(photo.rgb.shape[:2], np.float32)
        mask = proposals.follow(at_most(photo.rgb, EDGE_SIZE), best.mask)
        smooth = cv2.GaussianBlur(mask.astype(np.float32), (0, 0), 0.7)
        matte = cv2.resize(smooth, (photo.width, photo.height), interpolation=cv2.INTER_LINEAR)
        return np.asarray(np.clip(matte, 0, 1), np.float32)


def find(rgb: Picture, *, expected: Matte | None = None) -> proposals.Proposal:
    """The best mask of a small (h, w, 3) picture, cleaned; empty when nothing stands out.

    `expected` is an (h, w) map of where the garment should be: one more guess, and a judge of all of them.
    """
    lab = saliency.to_lab(np.asarray(cv2.bilateralFilter(rgb, 5, 20, 3)))
    ground = saliency.against_backdrop(lab)
    maps = guesses(lab, ground)
    gradient = proposals.gradient_of(lab)
    consensus = (ground.trust * ground.saliency + maps["regions"]) / (ground.trust + 1.0)
    masks = {name: cleaning.clean(proposals.grabcut(rgb, guess), lab, ground) for name, guess in maps.items()}
    if expected is not None:
        masks["expected, followed"] = cleaning.clean(proposals.grabcut(rgb, expected), lab, ground)
        masks["sure, followed"] = cleaning.clean(proposals.grabcut(rgb, expected**SURE), lab, ground)
        masks["expected"] = expected > 0.5
    cut = None if expected is None else expected > CERTAIN
    found = []
    for name, mask in masks.items():
        agreement = proposals.soft_overlap(mask, consensus if expected is None else expected**DOUBT)
        weight = agreement if expected is None else agreement**TRUST
        found.append(proposals.Proposal(name, mask, proposals.score(lab, gradient, mask, cut) * weight))
    best = max(found, key=lambda proposal: proposal.score)
    if expected is None and best.score < LEAST_SCORE:
        return proposals.Proposal("none", np.zeros(rgb.shape[:2], bool), best.score)
    return best


def guesses(lab: saliency.Lab, ground: saliency.Backdrop) -> dict[str, Matte]:
    """Named saliency maps to start from; the backdrop's own only where it explains most of the border."""
    regions = saliency.regions_apart(lab)
    outline = saliency.enclosed(lab)
    maps = {"regions": regions, "mixed": ((ground.saliency + regions + outline) / 3).astype(np.float32)}
    if ground.explained > 0.55:
        maps["backdrop"] = ground.saliency
    return maps
