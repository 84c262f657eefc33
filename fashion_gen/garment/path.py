"""The best smooth line through a map of values, by dynamic programming."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray


def best_path(value: NDArray[Any], bend: float) -> NDArray[np.int64]:
    """(rows,) column of the path from first to last row with the greatest sum, moving at most two columns a row.

    Every column moved costs `bend`.
    """
    rows, columns = value.shape
    total, back = value[0].astype(np.float64), np.zeros((rows, columns), int)
    for i in range(1, rows):
        moved = np.full((5, columns), -1e18)
        for k, step in enumerate((-2, -1, 0, 1, 2)):
            source = np.arange(columns) + step
            fine = (source >= 0) & (source < columns)
            moved[k, fine] = total[source[fine]] - bend * abs(step)
        back[i] = moved.argmax(axis=0) - 2
        total = moved.max(axis=0) + value[i]
    path = np.zeros(rows, np.int64)
    path[-1] = total.argmax()
    for i in range(rows - 1, 0, -1):
        path[i - 1] = path[i] + back[i, path[i]]
    return path
