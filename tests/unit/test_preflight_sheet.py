"""The sheet of a preflight: what is drawn, what is told, and how it is paged."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from album_looks import make_garment, make_photo
from garment_shapes import T_SHIRT, picture_of
from PIL import Image
from typer.testing import CliRunner, Result

from fashion_gen import images
from fashion_gen.cli import app
from fashion_gen.cli.pages import Pages
from fashion_gen.errors import InvalidBrief, StorageUnavailable
from fashion_gen.records import Landmark, Problem, Stroke
from fashion_gen.sheets import blocks, overlay, preflight_sheet
from fashion_gen.sheets.preflight_sheet import PANEL, Seen, draw, marked, panel

REFUSED = Problem("shoes", "The photo seems to show shoes.", "Photograph a garment.", refuse=True)
WARNED = Problem("blurred", "The photo is not sharp.", "Hold the camera still.")


def run(*args: Any) -> Result:
    return CliRunner().invoke(app, [str(arg) for arg in args])


@pytest.fixture(autouse=True)
def classical(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("FASHION_GEN_GARMENT__SEGMENTER", "classical")
    monkeypatch.setenv("FASHION_GEN_JUDGE__WEIGHTS", str(tmp_path / "weights"))


def save_shirt(path: Path) -> Path:
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(images.encode(picture_of(T_SHIRT), "png"))
    return path


def seen(file: str = "shirt.png", *problems: Problem) -> Seen:
    return Seen(file, problems, make_photo(), make_garment())


def share_of(picture: np.ndarray, colour: tuple[int, int, int]) -> float:
    return float((np.abs(picture.astype(int) - colour).max(axis=2) <= 24).mean())


def at(picture: np.ndarray, x: float, y: float) -> list[int]:
    return [int(value) for value in picture[round(y * picture.shape[0]), round(x * picture.shape[1])]]


@pytest.mark.parametrize("size", [(300, 400), (400, 300), (2000, 500), (500, 2000), (4000, 3000)])
def test_photo_is_drawn_large_whatever_its_shape(size: tuple[int, int]):
    width, height = size
    picture = marked(make_garment(make_photo(width=width, height=height)), {})
    assert 480 <= max(picture.shape[:2]) <= 640
    assert abs(picture.shape[1] / picture.shape[0] - width / height) < 0.02 * width / height


@pytest.mark.parametrize("cloth", [(10, 10, 10), (250, 100, 250), (180, 40, 40)])
def test_edge_is_a_line_with_a_light_side_on_the_outline(cloth: tuple[int, int, int]):
    worn = make_garment()
    rgb = np.where(worn.matte[..., None] > 0.5, np.uint8(cloth), np.uint8((250, 250, 250)))
    picture = overlay.with_edge(rgb, worn.matte)

    assert at(picture, 0.5, 0.2488) == list(overlay.EDGE)  # the garment begins at a quarter
    assert at(picture, 0.5, 0.5) == list(cloth)
    assert np.all(picture[102, 100:200] > 200)  # between line and cloth
    assert np.array_equal(picture[:90], rgb[:90])


def test_edge_closes_where_the_garment_runs_out_of_the_picture():
    picture = overlay.with_edge(np.full((60, 60, 3), 90, np.uint8), np.ones((60, 60), np.float32))
    assert share_of(picture[:2], overlay.EDGE) > 0.3
    assert np.all(picture[20:40, 20:40] == 90)


def test_inside_of_the_garment_is_hatched_and_parts_are_tinted():
    worn = make_garment()
    inside, skin = np.zeros(worn.matte.shape, bool), np.zeros(worn.matte.shape, bool)
    inside[120:180, 100:200], skin[300:] = True, True

    plain = marked(worn, {})
    picture = marked(replace(worn, inside=inside), {"skin": skin, "tail": ~skin & ~inside})

    assert share_of(picture[195:285, 170:310], preflight_sheet.INSIDE) > 0.1
    assert share_of(picture[195:285, 170:310], overlay.DARK) > 0.05
    skin_colour = np.array(preflight_sheet.PARTS["skin"])
    assert np.linalg.norm(picture[600, 100] - skin_colour) < np.linalg.norm(plain[600, 100] - skin_colour) - 20
    assert not np.array_equal(picture[50, 50], plain[50, 50])  # an area that nobody knows is tinted as well


def test_strokes_are_drawn_where_they_were_given():
    grey = np.full((200, 400, 3), 128, np.uint8)
    strokes = [Stroke(((0.25, 0.5), (0.5, 0.5)), include=True), Stroke(((0.75, 0.25),), include=False)]
    picture = overlay.with_strokes(grey, strokes)
    assert at(picture, 0.4, 0.5) == list(overlay.INCLUDE)
    assert at(picture, 0.75, 0.25) == list(overlay.EXCLUDE)
    assert np.all(picture[150:] == 128)


def test_unsure_landmarks_are_hollow():
    grey = np.full((100, 100, 3), 128, np.uint8)
    sure = overlay.with_dots(grey, {"neck": Landmark(0.5, 0.5, 0.9)})
    unsure = overlay.with_dots(grey, {"neck": Landmark(0.5, 0.5, 0.49)})
    assert tuple(sure[50, 50]) == overlay.DOT
    assert tuple(unsure[50, 50]) == overlay.RING
    assert tuple(unsure[50, 55]) == overlay.DOT


def test_names_of_landmarks_hide_neither_each_other_nor_dots():
    close = {f"left_{name}": Landmark(0.5 + 0.03 * i, 0.5, 0.9) for i, name in enumerate(("neck", "shoulder", "hem"))}
    corner = {"right_sleeve_end": Landmark(1.0, 0.0, 0.9)}
    grey = np.full((300, 400, 3), 128, np.uint8)

    both = overlay.with_names(grey, {**close, **corner})
    plates = [overlay.with_names(grey, {name: point}) != grey for name, point in {**close, **corner}.items()]

    # As many pixels as four separate names: none lies on another one, none is cut off by the border.
    dark, alone = (both.max(axis=2) < 100).sum(), [(plate.any(axis=2)).sum() for plate in plates]
    assert dark > 0.6 * sum(alone)
    for point in close.values():
        assert tuple(both[150, round(point.x * 400)]) == overlay.DOT


def test_transparent_photo_is_shown_on_white():
    photo = replace(make_photo(), alpha=(make_photo().rgb[..., 1] < 128).astype(np.float32))
    black = photo.rgb.copy()
    black[photo.alpha == 0] = 0
    assert at(overlay.shown(replace(photo, rgb=black)), 0.05, 0.05) == [255, 255, 255]
    assert at(overlay.shown(photo), 0.5, 0.5) == [180, 40, 40]


def test_panel_shows_the_cut_out_beside_the_photo():
    picture = np.asarray(panel(seen()))
    half = preflight_sheet.HALF + blocks.GAP
    assert picture.shape[1] == PANEL
    assert at(picture[:, half:], 0.42, 0.3) == [180, 40, 40]
    assert {at(picture[:600, half:], x / 100, 0.05)[0] for x in range(2, 90)} >= set(overlay.CHECKER)


def test_panel_tells_problems_in_the_colour_of_their_weight():
    plain, warned = np.asarray(panel(seen())), np.asarray(panel(seen("shirt.png", WARNED)))
    refused = np.asarray(panel(Seen("shoe.png", (WARNED, REFUSED), make_photo())))
    assert warned.shape[0] > plain.shape[0]
    assert share_of(warned[640:], blocks.WARN) > share_of(plain[640:], blocks.WARN)
    assert share_of(refused[640:], blocks.BAD) > 0
    assert share_of(plain[640:], blocks.BAD) == share_of(warned[640:], blocks.BAD) == 0


def test_refused_photo_is_shown_plain():
    picture = np.asarray(panel(Seen("shoe.png", (REFUSED,), make_photo())))
    assert share_of(picture[:640, : preflight_sheet.HALF], overlay.EDGE) == 0
    assert at(picture, 0.25, 0.3) == [180, 40, 40]


@pytest.mark.parametrize("name", ["x" * 200 + ".jpg", "夏のドレス 春.jpg", "a_b-c.d.jpg"])
def test_no_name_runs_out_of_its_panel(name: str):
    photo = make_photo()
    long = Problem("x", "word " * 200, "cure " * 100)
    assert panel(Seen(name, (long, long), photo, make_garment(photo))).width == PANEL


@pytest.mark.parametrize(("photos", "across"), [(1, 1), (2, 2), (4, 2), (5, 3), (12, 3)])
def test_page_holds_its_panels_in_even_rows(photos: int, across: int):
    sheet = draw([panel(seen())] * photos, first=1, of=photos)
    assert sheet.shape[1] == 2 * blocks.MARGIN + across * PANEL + (across - 1) * blocks.GAP
    assert np.array_equal(sheet, draw([panel(seen())] * photos, first=1, of=photos))


def test_legend_names_the_parts_that_are_on_the_page():
    cell = panel(seen())
    assert draw([cell], first=1, of=1, parts=preflight_sheet.PARTS).shape > draw([cell], first=1, of=1).shape


@pytest.mark.parametrize(
    ("photos", "pages"),
    [(1, ["s.jpg"]), (12, ["s.jpg"]), (13, ["s-01.jpg", "s-02.jpg"]), (25, ["s-01.jpg", "s-02.jpg", "s-03.jpg"])],
)
def test_twelve_photos_make_a_page(photos: int, pages: list[str], tmp_path: Path):
    sheet = Pages(tmp_path / "s.jpg")
    sheet.expect(photos)
    broken = Seen("broken.jpg", (replace(REFUSED, code="unreadable"),))
    named = [sheet.add(broken).name for _ in range(photos)]

    assert [page.name for page in sheet.written] == pages == sorted(path.name for path in tmp_path.iterdir())
    assert named[0] == pages[0]
    assert named[-1] == pages[-1]


def test_sheet_of_another_kind_of_file_is_refused(tmp_path: Path):
    with pytest.raises(InvalidBrief, match=r"let its name end with \.jpg, \.png or \.webp"):
        Pages(tmp_path / "sheet.pdf")


def test_sheet_that_cannot_be_written_is_told_at_once(tmp_path: Path):
    (tmp_path / "file").write_text("")
    with pytest.raises(StorageUnavailable, match="is a file"):
        Pages(tmp_path / "file" / "sheet.jpg")


def test_preflight_writes_a_sheet_of_a_folder_and_goes_on_after_a_broken_file(tmp_path: Path):
    folder = tmp_path / "photos"
    save_shirt(folder / "b.png")
    save_shirt(folder / "a.png")
    (folder / "c.jpg").write_bytes(b"\xff\xd8\xff broken")
    (folder / "list.csv").write_text("a,b")
    (folder / ".hidden.jpg").write_text("")

    result = run("preflight", folder, "--sheet", tmp_path / "sheet.jpg")

    assert result.exit_code == 2
    told = [line for line in result.stdout.splitlines() if not line.startswith(" ")]
    assert told == [
        f"{folder / 'a.png'}: usable",
        f"{folder / 'b.png'}: usable",
        f"{folder / 'c.jpg'}: not usable",
        f"Sheet: {tmp_path / 'sheet.jpg'}",
    ]
    assert result.stderr == f"{folder}: skipped list.csv, which is no photo.\n"
    with Image.open(tmp_path / "sheet.jpg") as sheet:
        assert sheet.width == 2 * blocks.MARGIN + 2 * PANEL + blocks.GAP


def test_sheet_in_the_folder_of_the_photos_is_not_taken_for_one(tmp_path: Path):
    save_shirt(tmp_path / "a.png")
    first = run("preflight", tmp_path, "--sheet", tmp_path / "sheet.jpg")
    again = run("preflight", tmp_path, "--sheet", tmp_path / "sheet.jpg")
    assert first.stdout == again.stdout
    assert first.exit_code == again.exit_code == 0


def test_sheet_never_replaces_a_photo(tmp_path: Path):
    photo = save_shirt(tmp_path / "a.png")
    before = photo.read_bytes()

    result = run("preflight", photo, "--sheet", photo)

    assert result.exit_code == 2
    assert "would replace the photo" in result.stderr
    assert photo.read_bytes() == before


def test_folder_without_photos_is_told_with_the_cure(tmp_path: Path):
    result = run("preflight", tmp_path)
    assert result.exit_code == 2
    assert f"There are no photos in the folder {tmp_path}" in result.stderr


def test_preflight_tells_programs_what_was_understood_and_where_it_is_drawn(tmp_path: Path):
    photo = save_shirt(tmp_path / "a.png")

    result = run("preflight", photo, tmp_path / "missing.png", "--sheet", tmp_path / "sheet.png", "--json")

    first, second = map(json.loads, result.stdout.splitlines())
    assert first["garment"]["segmenter"] == "classical"
    assert first["sheet"] == second["sheet"] == str(tmp_path / "sheet.png")
    assert second["garment"] is None
    assert images.decode((tmp_path / "sheet.png").read_bytes()).ndim == 3


def test_terminal_shows_how_many_photos_are_done():
    script = "from fashion_gen.cli import terminal\nfor _ in terminal.counted('abc', 'looking'): terminal.say('seen')"
    runner = Path(__file__).with_name("in_a_terminal.py")
    done = subprocess.run([sys.executable, str(runner), script], capture_output=True, text=True, timeout=120)
    assert done.stdout == "seen\nseen\nseen\n"
    assert "looking" in done.stderr
    assert "/3" in done.stderr
