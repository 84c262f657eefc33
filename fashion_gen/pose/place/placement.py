"""A garment's size and place on a body."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from fashion_gen.records import Points


@dataclass(frozen=True, slots=True)
class Placement:
    """Pixels of the upright garment to body centimetres: X = x0 + k x, Y = y0 - k y."""

    k: float
    x0: float
    y0: float

    def to_body(self, points: Points) -> Points:
        """(N, 2) upright pixels to (N, 2) X, Y."""
        return np.column_stack([self.x0 + self.k * points[:, 0], self.y0 - self.k * points[:, 1]])

    def to_garment(self, points: Points) -> Points:
        """(N, 2) X, Y to (N, 2) upright pixels."""
        return np.column_stack([points[:, 0] - self.x0, self.y0 - points[:, 1]]) / self.k
