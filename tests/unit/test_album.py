"""What is written for a photo, and what never is."""

from __future__ import annotations

import io
import json
from collections.abc import Callable

import numpy as np
import pytest
from album_looks import FAILED, make_garment, make_look, make_photo
from PIL import Image

from fashion_gen import album, images, label
from fashion_gen.errors import NotFound, StorageUnavailable
from fashion_gen.records import Brief, Look, Problem
from fashion_gen.testing import MemoryStorage

SECONDS = {"load": 1.5, "garment": 0.5, "total": 9.0}


def write(storage: MemoryStorage, looks: list[Look] | None = None, brief: Brief | None = None, **more: str) -> dict:
    return album.write(
        storage,
        make_garment(),
        looks or [make_look(), make_look(inspection=FAILED)],
        brief or Brief(),
        seconds=SECONDS,
        **more,
    )


def test_every_file_of_the_contract_is_written():
    storage = MemoryStorage()

    write(storage)

    assert storage.keys() == tuple(
        f"shirt/{name}"
        for name in (
            "contact-sheet.jpg",
            "garment.png",
            "look-01.garment.png",
            "look-01.mask.png",
            "look-01.png",
            "look-02.garment.png",
            "look-02.mask.png",
            "look-02.png",
            "result.json",
        )
    )


def test_result_has_the_contracts_keys_in_its_order_and_types():
    storage = MemoryStorage()

    written = write(storage)
    result = json.loads(storage.get("shirt/result.json"))

    assert result == json.loads(json.dumps(written))
    assert list(result) == ["photo", "garment", "looks", "seconds"]
    assert list(result["photo"]) == ["sha256", "width", "height"]
    assert list(result["garment"])[:5] == ["kind", "category", "segmenter", "landmarks", "problems"]
    assert result["garment"]["landmarks"]["left_shoulder"] == [0.3, 0.26]
    assert list(result["seconds"]) == ["load", "total"]
    first, second = result["looks"]
    assert list(first)[:13] == [
        "file",
        "persona",
        "pose",
        "scene",
        "seed",
        "preset",
        "weights_sha256",
        "garment_box",
        "garment_mask",
        "reference",
        "inspection",
        "invented",
        "label",
    ]
    assert list(first["persona"])[:6] == ["name", "tone", "size", "age", "presentation", "hair"]
    assert list(first["pose"]) == ["name", "keypoints", "framing"]
    assert first["pose"]["keypoints"][0] == [0.5, 0.25, 1.0]
    assert len(first["pose"]["keypoints"]) == 18
    assert first["garment_box"] == [40, 80, 80, 120]
    assert list(first["inspection"]) == [
        "passed",
        "reasons",
        "attempts",
        "pixel_lock",
        "garment_max_delta",
        "garment_delta_e_p95",
        "expansion",
        "seam_delta_e_p95",
        "pose_pck",
        "people",
        "tone_asked",
        "tone_measured",
    ]
    assert second["inspection"]["reasons"] == ["people: 2 people are seen instead of one"]
    assert first["label"] == {"xmp": True, "c2pa": "none", "watermark": False, "visible": False}
    assert list(first["seconds"]) == ["garment", "pose", "generate", "compose", "inspect", "label"]
    assert first["seconds"]["garment"] == 0.25  # shared between the two looks


def test_files_hold_what_the_look_holds():
    storage = MemoryStorage()
    look = make_look()

    write(storage, [look])

    assert storage.get("shirt/look-01.png") == look.master
    assert np.array_equal(images.decode(storage.get("shirt/look-01.mask.png")), look.garment_mask)
    assert np.array_equal(images.decode(storage.get("shirt/look-01.garment.png")), look.reference)
    cut = images.decode(storage.get("shirt/garment.png"))
    assert cut.shape == (400, 300, 4)
    assert cut[200, 150].tolist() == [180, 40, 40, 255]
    assert cut[0, 0, 3] == 0


def test_contact_sheet_carries_the_label_too():
    storage = MemoryStorage()

    write(storage, version="1.2.3")

    assert label.verify(storage.get("shirt/contact-sheet.jpg")).intact


def test_channel_files_lie_in_folders_of_their_channel_and_are_labelled():
    storage = MemoryStorage()

    result = write(storage, [make_look(size=(1000, 1500))], Brief(channels=("shopify", "instagram-45")))

    names = result["looks"][0]["channels"]
    assert set(names) == {"shopify", "instagram-45"}
    for name in names.values():
        data = storage.get(f"shirt/{name}")
        assert label.verify(data).intact
        assert Image.open(io.BytesIO(data)).size[0] >= 1000


def test_misspelt_channel_writes_nothing():
    storage = MemoryStorage()

    with pytest.raises(NotFound, match="shopify"):
        write(storage, brief=Brief(channels=("shoppify",)))

    assert storage.keys() == ()


def test_problems_of_photo_and_garment_are_told():
    photo = make_photo(problems=(Problem("small_photo", "It is small.", "Use a larger one."),))
    worn = make_garment(photo, problems=(Problem("cut_off", "It is cut off.", "Step back."),))

    result = album.write(MemoryStorage(), worn, [make_look()], Brief(), seconds=SECONDS)

    assert [problem["code"] for problem in result["garment"]["problems"]] == ["small_photo", "cut_off"]


def test_rerun_with_fewer_looks_leaves_no_old_look_behind():
    storage = MemoryStorage()
    write(storage, [make_look(size=(1000, 1500))] * 3, Brief(channels=("shopify",)))
    storage.put("shirt/notes.txt", b"mine")
    storage.put("shirt/my look-09.png", b"mine too")

    write(storage, [make_look()])

    left = [key.removeprefix("shirt/") for key in storage.keys("shirt/") if "look-0" in key]
    assert left == ["look-01.garment.png", "look-01.mask.png", "look-01.png", "my look-09.png"]
    assert storage.get("shirt/notes.txt") == b"mine"


class FullStorage(MemoryStorage):
    """Takes some files, then is full."""

    def __init__(self, room: int, error: Callable[[], BaseException]) -> None:
        super().__init__()
        self.room = room
        self.error = error

    def put(self, key: str, data: bytes) -> None:
        if self.room == 0:
            raise self.error()
        self.room -= 1
        super().put(key, data)


@pytest.mark.parametrize("room", [0, 1, 4, 7, 8])
def test_full_disk_takes_everything_of_this_run_back(room: int):
    storage = FullStorage(room, lambda: StorageUnavailable("The disk is full: free some space."))

    with pytest.raises(StorageUnavailable, match="free some space"):
        write(storage)

    assert storage.keys() == ()


def test_interrupt_while_writing_takes_everything_back():
    storage = FullStorage(3, KeyboardInterrupt)

    with pytest.raises(KeyboardInterrupt):
        write(storage)

    assert storage.keys() == ()


def test_failed_rerun_leaves_no_result_that_says_the_folder_is_whole():
    storage = FullStorage(100, lambda: StorageUnavailable("The disk is full: free some space."))
    write(storage)
    storage.room = 2

    with pytest.raises(StorageUnavailable):
        write(storage)

    assert not storage.exists("shirt/result.json")


def test_reason_survives_a_storage_that_cannot_even_delete():
    class Dead(FullStorage):
        def delete(self, key: str) -> None:
            if self.room == 0:
                raise StorageUnavailable("cannot delete")
            super().delete(key)

    with pytest.raises(StorageUnavailable, match="free some space"):
        write(Dead(2, lambda: StorageUnavailable("The disk is full: free some space.")))


def test_photo_gets_a_folder_of_its_name():
    assert album.place_for(MemoryStorage(), "shirt", "1" * 64, ()) == "shirt"


def test_second_photo_of_the_same_name_gets_a_number():
    assert album.place_for(MemoryStorage(), "shirt", "1" * 64, ["shirt"]) == "shirt-2"
    assert album.place_for(MemoryStorage(), "Shirt", "1" * 64, ["shirt", "SHIRT-2"]) == "Shirt-3"


def test_another_photos_result_of_an_earlier_run_is_not_overwritten():
    storage = MemoryStorage()
    write(storage)

    assert album.place_for(storage, "shirt", "f" * 64, ()) == "shirt-2"


def test_rerun_of_the_same_photo_replaces_its_own_result():
    storage = MemoryStorage()
    write(storage)

    assert album.place_for(storage, "shirt", make_photo().sha256, ()) == "shirt"


def test_folder_with_somebody_elses_result_is_left_alone():
    storage = MemoryStorage()
    storage.put("shirt/result.json", b"[1, 2]")

    assert album.place_for(storage, "shirt", "1" * 64, ()) == "shirt-2"
