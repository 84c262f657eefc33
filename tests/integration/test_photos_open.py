"""Real photos of sellers open, and their files survive a round through our own formats."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from fashion_gen import images

SUFFIXES = {".jpg", ".png", ".webp"}


def test_every_garment_photo_opens(shared: Path) -> None:
    paths = sorted(path for path in (shared / "photos").iterdir() if path.suffix in SUFFIXES)
    assert len(paths) >= 30
    for path in paths:
        photo = images.open_photo(path)
        assert photo.name == path.stem
        assert photo.rgb.ndim == 3
        assert ("small_photo" in {problem.code for problem in photo.problems}) == (
            min(photo.width, photo.height) < 1024
        )
        assert photo.alpha is None or (photo.rgb[photo.alpha == 0] == 255).all()


def test_a_cut_out_keeps_its_pixels_as_png(shared: Path) -> None:
    photo = images.open_photo(shared / "photos" / "d18_t-shirt_sal.png")
    assert photo.alpha is not None
    rgba = np.dstack([photo.rgb, np.rint(photo.alpha * 255).astype(np.uint8)])
    assert np.array_equal(images.decode(images.encode(rgba, "png")), rgba)
