"""A real skirt on a clip hanger (`../shared/photos`, d08): black clips and bar, and black in its print."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from fashion_gen.garment import extract, open_segmenter
from fashion_gen.images import open_photo
from fashion_gen.records import Kind


@pytest.mark.slow
@pytest.mark.parametrize("kind", [None, Kind.FLAT])
def test_a_real_skirt_loses_its_hanger_and_keeps_its_cloth(shared: Path, kind: Kind | None) -> None:
    photo = open_photo(shared / "photos" / "d08_pencil-skirt_cc0.jpg")
    garment = extract(photo, open_segmenter("perception"), kind=kind)
    assert "clips" in {problem.code for problem in garment.problems}
    assert (garment.matte[:48] == 0).all()  # clips, plate and bar, 47 rows of 533
    assert (garment.matte[72:480, 110:330] == 1).all()
    truth = (
        np.asarray(cv2.imread(str(shared / "photos" / "masks" / "d08_pencil-skirt_cc0.png"), cv2.IMREAD_GRAYSCALE))
        > 127
    )
    found = garment.matte > 0.5
    assert (found & truth).sum() / (found | truth).sum() > 0.97
