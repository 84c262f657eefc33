"""The garment's own pixels back into the generated picture: place, paste, paint mask, master. Pure array functions."""

from fashion_gen.compose.blend import master
from fashion_gen.compose.closeup import CloseUp, lay, relit, window, window_weight
from fashion_gen.compose.place import PlacedGarment, master_size, paint_mask, paste, place

__all__ = [
    "CloseUp",
    "PlacedGarment",
    "lay",
    "master",
    "master_size",
    "paint_mask",
    "paste",
    "place",
    "relit",
    "window",
    "window_weight",
]
