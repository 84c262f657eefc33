"""Which of three things a pixel looks like, cloth, hanger or backdrop: by how common its colour is in each."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter

from fashion_gen.garment.saliency import Lab

Logs = NDArray[np.float32]

BINS = np.array((12, 24, 24))
FAINT = 0.004  #: share of a colour that is hardly there


@dataclass(frozen=True, slots=True, eq=False)
class Likeness:
    """(h, w) log share of each pixel's colour in the cloth, in the hanger and in the backdrop."""

    cloth: Logs
    hanger: Logs
    backdrop: Logs

    @property
    def odds(self) -> Logs:
        """(h, w) log odds of cloth, in [-3, 3]."""
        return np.asarray(np.clip(self.cloth - np.maximum(self.hanger, self.backdrop), -3, 3))


def share(samples: Lab, lab: Lab) -> Logs:
    """(h, w) log share that the colour of each pixel of an (h, w, 3) picture has among (n, 3) samples."""
    table = np.zeros(tuple(BINS))
    np.add.at(table, _bins(samples), 1.0 / max(1, len(samples)))
    return np.asarray(np.log(gaussian_filter(table, 0.7) + FAINT)[_bins(lab)], np.float32)


def _bins(lab: Lab) -> tuple[NDArray[np.intp], ...]:
    place = (lab - (0, -60, -60)) / (100, 120, 120) * BINS
    return tuple(np.moveaxis(np.clip(place, 0, BINS - 1).astype(np.intp), -1, 0))
