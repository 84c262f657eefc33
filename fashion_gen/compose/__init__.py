"""The garment's own pixels back into the generated picture: place, paste, paint mask, master. Pure array functions."""

from fashion_gen.compose.blend import master, painted_plate
from fashion_gen.compose.closeup import CloseUp, lay, window, window_weight
from fashion_gen.compose.place import PlacedGarment, master_size, paint_mask, paste, place
from fashion_gen.compose.relight import relit

__all__ = [
    "CloseUp",
    "PlacedGarment",
    "lay",
    "master",
    "master_size",
    "paint_mask",
    "painted_plate",
    "paste",
    "place",
    "relit",
    "window",
    "window_weight",
]
