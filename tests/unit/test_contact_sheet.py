"""The contact sheet: everything on it, nothing off it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from album_looks import FAILED, PASSED, make_garment, make_look, make_photo

from fashion_gen.monk import tone_rgb
from fashion_gen.records import Kind, Problem
from fashion_gen.sheets import blocks, contact_sheet, overlay


def has_colour(sheet: np.ndarray, colour: tuple[int, int, int]) -> bool:
    return bool((np.abs(sheet.astype(int) - colour).max(axis=2) <= 2).any())


@pytest.mark.parametrize(
    ("looks", "columns"), [(1, 1), (2, 2), (4, 4), (5, 3), (6, 3), (8, 4), (12, 4), (13, 5), (40, 6)]
)
def test_looks_stand_in_even_rows(looks: int, columns: int):
    assert contact_sheet.columns(looks) == columns


@pytest.mark.parametrize("count", [1, 2, 4, 5, 8])
def test_sheet_grows_with_its_looks_and_repeats_its_bytes(count: int):
    looks = [make_look()] * count

    sheet = contact_sheet.draw(make_garment(), looks)

    across = contact_sheet.columns(count)
    assert sheet.dtype == np.uint8
    assert sheet.shape[1] > across * contact_sheet.CELL
    assert sheet.shape[0] > -(-count // across) * 600
    assert np.array_equal(sheet, contact_sheet.draw(make_garment(), looks))


def test_every_look_is_whole_whatever_its_shape():
    red, wide, tall = (200, 10, 10), (600, 200), (100, 400)
    looks = [replace(make_look(size=size), image=make_look(size=size).image.copy()) for size in (wide, tall)]
    for look in looks:
        look.image.paste(red, (0, 0, *look.image.size))

    sheet = contact_sheet.draw(make_garment(make_photo(width=900, height=300)), looks)

    rows, columns = np.nonzero(np.abs(sheet.astype(int) - red).max(axis=2) <= 2)
    assert columns.max() < sheet.shape[1] - blocks.MARGIN
    assert rows.max() < sheet.shape[0] - blocks.MARGIN
    assert len(rows) > 0.8 * (440 * 147 + 198 * 792)


def test_verdict_is_green_or_red():
    assert has_colour(contact_sheet.draw(make_garment(), [make_look()]), blocks.GOOD)
    failing = contact_sheet.draw(make_garment(), [make_look(inspection=FAILED)])
    assert has_colour(failing, blocks.BAD)
    assert not has_colour(failing, blocks.GOOD)


def test_tone_swatch_and_landmarks_are_drawn():
    look = make_look()

    sheet = contact_sheet.draw(make_garment(), [look])

    assert has_colour(sheet, tone_rgb(look.persona.tone))
    assert has_colour(sheet, overlay.DOT)


def test_problems_make_room_for_themselves():
    problem = Problem("small", "It is small. " * 20, "Use a larger one.")
    worn = make_garment()

    plain = contact_sheet.draw(worn, [make_look()])
    told = contact_sheet.draw(replace(worn, problems=(problem,)), [make_look()])

    assert told.shape[0] > plain.shape[0]
    assert has_colour(told, blocks.WARN)


def test_long_and_foreign_names_do_not_break_the_layout():
    name = "Überlange_Produktbezeichnung-衬衫-" * 6
    persona = replace(
        make_look().persona, name="Wolfeschlegelsteinhausenbergerdorff " * 3, features=("glasses", "wheelchair")
    )

    sheet = contact_sheet.draw(make_garment(make_photo(name)), [make_look(persona)])

    short = contact_sheet.draw(make_garment(), [make_look()])
    assert sheet.shape[1] == short.shape[1]
    right_margin = sheet[:, -blocks.MARGIN + 2 :]
    assert np.all(right_margin == blocks.PAPER)


def test_what_nobody_measured_is_not_judged():
    seen = replace(PASSED, pose_pck=None, people=None, tone_measured=None, expansion=None)

    told = dict(contact_sheet.numbers(seen))

    assert told["Garment"] == "identical"
    assert told["Pose"] == told["People"] == told["Tone"] == told["Growth"] == "not judged"


def test_numbers_are_told_in_a_readers_units():
    told = dict(contact_sheet.numbers(replace(PASSED, garment_max_delta=3, tone_measured=6)))

    assert told == {
        "Garment": "3 levels off",
        "Pose": "95% of joints",
        "Growth": "1.2%",
        "People": "1",
        "Seam": "ΔE 4.5",
        "Tone": "6, asked 5",
    }


def test_first_note_and_attempts_are_told_in_small_print():
    look = make_look(inspection=FAILED, notes=("arms follow the sleeves, not the pose", "second note"))

    assert contact_sheet.remarks(look) == ["3 attempts", "Arms follow the sleeves, not the pose"]
    assert contact_sheet.remarks(make_look()) == []


def test_every_kind_has_words():
    assert set(contact_sheet.PHOTOGRAPHED) == set(Kind)


def test_cutout_shows_the_garment_over_a_checkerboard():
    worn = make_garment()

    shown = overlay.cutout(worn)

    assert shown[200, 150].tolist() == [180, 40, 40]
    assert {tuple(pixel) for pixel in shown[0]} == {(level,) * 3 for level in overlay.CHECKER}
