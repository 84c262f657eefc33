"""The garment's own pixels back into the generated picture: place, paste, paint mask, master. Pure array functions."""

from fashion_gen.compose.blend import master
from fashion_gen.compose.closeup import HEAD, CloseUp, head_weight, lay, window
from fashion_gen.compose.place import PlacedGarment, master_size, paint_mask, paste, place

__all__ = [
    "HEAD",
    "CloseUp",
    "PlacedGarment",
    "head_weight",
    "lay",
    "master",
    "master_size",
    "paint_mask",
    "paste",
    "place",
    "window",
]
