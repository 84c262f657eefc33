"""Which person wears the garment, and which part of that person's silhouette is the garment."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from fashion_gen.records import Matte, Points

SEEN = 0.35  #: joint scores under this are guesses


def wearer(people: Sequence[Points], matte: Matte) -> Points | None:
    """The person of whom most joints lie on the matte, with at least five seen; None when nobody qualifies."""
    best, most = None, 4
    for joints in people:
        seen = joints[joints[:, 2] >= SEEN]
        x = np.clip(np.rint(seen[:, 0]).astype(int), 0, matte.shape[1] - 1)
        y = np.clip(np.rint(seen[:, 1]).astype(int), 0, matte.shape[0] - 1)
        on = int((matte[y, x] > 0.5).sum())
        if on > most:
            best, most = joints, on
    return best
