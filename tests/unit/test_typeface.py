"""Text that fits."""

from __future__ import annotations

import pytest

from fashion_gen import typeface
from fashion_gen.typeface import ELLIPSIS, face, face_for, shortened, width, wrapped

FONT = face(20, "Regular")


def test_latin_greek_and_cyrillic_are_written_in_our_own_face():
    assert face_for("Größe Ω Платье ΔE ≤ 2", 20) is FONT


def test_script_that_no_font_here_has_falls_back_to_our_own_face():
    assert face_for("\U000132f4", 20) is FONT  # an Egyptian hieroglyph


def test_short_text_stays_and_long_text_gets_an_ellipsis():
    assert shortened("shirt", FONT, 200) == "shirt"
    cut = shortened("a very long name of a shirt", FONT, 100)
    assert cut.endswith(ELLIPSIS)
    assert width(cut, FONT) <= 100


def test_text_breaks_at_spaces_and_then_at_the_joints_of_file_names():
    assert wrapped("one two three four", FONT, width("one two ", FONT), lines=3) == ["one two", "three", "four"]
    assert wrapped("summer_dress_final", FONT, width("summer_dress", FONT), lines=3) == ["summer_", "dress_final"]


def test_word_without_a_joint_breaks_where_it_must():
    rows = wrapped("x" * 60, FONT, 100, lines=3)
    assert len(rows) == 3
    assert all(width(row, FONT) <= 100 for row in rows)


@pytest.mark.parametrize("text", ["", "   "])
def test_nothing_takes_no_line(text: str):
    assert wrapped(text, FONT, 100, lines=2) == []


def test_too_narrow_a_column_still_ends():
    assert len(wrapped("wide words here", FONT, 1, lines=4)) == 4


def test_system_font_that_is_not_installed_is_passed_over():
    assert typeface._system("no-such-font.ttf", 20) is None
