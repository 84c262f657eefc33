"""A garment photo goes in; photos of diverse virtual models wearing that garment come out.

from fashion_gen import Brief, Studio

with Studio() as studio:
    for look in studio.render("hoodie.jpg", Brief(looks=4)):
        look.image.show()
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fashion_gen.errors import FashionGenError
from fashion_gen.records import Brief, Look

if TYPE_CHECKING:
    from fashion_gen.wiring import Studio

__all__ = ["Brief", "FashionGenError", "Look", "Studio"]


def __getattr__(name: str) -> Any:
    # The studio pulls in OpenCV, numba and the back-ends: importing the package must stay instant.
    if name == "Studio":
        from fashion_gen.wiring import Studio

        return Studio
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
