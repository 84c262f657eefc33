"""`fashion-gen render`, with a studio that dresses at once."""

from __future__ import annotations

import json
import re
import signal
import subprocess
import sys
import textwrap
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from album_looks import FAILED, QuickStudio, save_photo
from typer.testing import CliRunner, Result

from fashion_gen import images, library
from fashion_gen.cli import app
from fashion_gen.cli.render import example_photo
from fashion_gen.errors import BackendUnavailable, FashionGenError, GenerationError, StorageUnavailable
from fashion_gen.records import AgeBand, Category, Framing, Kind, Presentation, SizeType


def render(*args: Any, studio: Any = None) -> Result:
    made = studio or QuickStudio()

    def open_studio(**_: Any) -> QuickStudio:
        if isinstance(made, FashionGenError):
            raise made
        return made

    return CliRunner().invoke(app, ["render", *map(str, args)], obj=open_studio)


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    return save_photo(tmp_path / "shirt.png")


@pytest.fixture
def out(tmp_path: Path) -> Path:
    return tmp_path / "out"


def test_photo_becomes_a_folder_and_the_last_line_says_where_the_sheet_lies(photo: Path, out: Path):
    result = render(photo, "-n", 2, "-o", out)

    assert result.exit_code == 0, result.stderr
    assert {path.name for path in (out / "shirt").iterdir()} >= {
        "look-01.png",
        "look-02.png",
        "result.json",
        "garment.png",
    }
    last = result.stdout.splitlines()[-1]
    assert last == f"Contact sheet: {out}/shirt/contact-sheet.jpg"
    assert Path(last.removeprefix("Contact sheet: ")).is_file()


def test_people_read_who_was_cast_and_the_verdict(photo: Path, out: Path):
    result = render(photo, "-n", 1, "--casting", "kiran", "-o", out)

    kiran = library.personas()["kiran"]
    assert f"kiran  tone {kiran.tone} · {kiran.size}" in result.stdout
    assert "passed" in result.stdout
    assert "top, lying flat, cut out by double" in result.stdout
    assert "The photo has 300 x 400 pixels" in result.stdout


def test_pipe_gets_plain_lines_about_the_work_on_standard_error(photo: Path, out: Path):
    lines = render(photo, "-n", 1, "-o", out).stderr.splitlines()

    assert lines[:3] == ["shirt: loading the model", "shirt: cutting out the garment", "shirt: casting and posing"]
    assert [line for line in lines if "generating" in line] == [
        f"shirt: generating, {done} of 40 steps" for done in (1, 10, 20, 30, 40)
    ]
    assert lines[-1] == "shirt: writing files"


def test_json_is_the_result_and_nothing_else(photo: Path, out: Path):
    result = render(photo, "-n", 2, "--json", "-o", out)

    told = json.loads(result.stdout)
    written = json.loads((out / "shirt" / "result.json").read_text())
    assert told == {"source": str(photo), "folder": str(out / "shirt"), **written}


def test_json_of_several_photos_is_one_object_a_line_with_errors_in_place(tmp_path: Path, out: Path):
    good, bad = save_photo(tmp_path / "a.png"), tmp_path / "b.jpg"
    bad.write_text("no picture")

    result = render(bad, good, "-n", 1, "--json", "-o", out)

    first, second = map(json.loads, result.stdout.splitlines())
    assert first["error"]["type"] == "UnreadablePhoto"
    assert second["looks"][0]["file"] == "look-01.png"
    assert result.exit_code == 2


def test_bad_photo_does_not_stop_the_others(tmp_path: Path, out: Path):
    bad = tmp_path / "note.jpg"
    bad.write_text("no picture")
    shoes, good = save_photo(tmp_path / "shoes.png"), save_photo(tmp_path / "shirt.png")

    result = render(bad, tmp_path / "missing.jpg", shoes, good, "-n", 1, "-o", out)

    assert result.exit_code == 2
    complaints = [line for line in result.stderr.splitlines() if line.startswith("Error: ")]
    for name, line in zip(("note.jpg", "missing.jpg", "shoes.png"), complaints, strict=True):
        assert line.count(name) == 1
    assert all(line.endswith(".") for line in complaints)
    assert "Traceback" not in result.stderr
    assert [path.name for path in out.iterdir()] == ["shirt"]


def test_look_that_failed_its_checks_is_exit_code_1_with_the_reason(photo: Path, out: Path):
    result = render(photo, "-n", 1, "-o", out, studio=QuickStudio(inspection=FAILED))

    assert result.exit_code == 1
    assert "failed, 2 people are seen instead of one" in result.stdout


def test_photos_of_the_same_name_do_not_overwrite_each_other(tmp_path: Path, out: Path):
    first, second = save_photo(tmp_path / "a" / "shirt.png", "1"), save_photo(tmp_path / "b" / "shirt.png", "22")

    for _ in range(2):
        result = render(first, second, "-n", 1, "-o", out)
        assert result.exit_code == 0
        assert sorted(path.name for path in out.iterdir()) == ["shirt", "shirt-2"]


def test_rerun_replaces_its_own_looks(photo: Path, out: Path):
    render(photo, "-n", 3, "-o", out)
    render(photo, "-n", 1, "-o", out)

    assert [path.name for path in out.iterdir()] == ["shirt"]
    assert sorted(path.name for path in (out / "shirt").glob("look-*.png")) == [
        "look-01.garment.png",
        "look-01.mask.png",
        "look-01.png",
    ]


def test_options_reach_the_brief(photo: Path, out: Path):
    studio = QuickStudio()
    asked = "--tone 8 --size plus --age 60+ --presentation feminine --pose auto --framing upper --scene street "
    asked += (
        "--styling navy-denim --category top --kind ghost --seed 5 --max-attempts 2 --no-grade "
        "--channel etsy --channel zalando"
    )

    result = render(photo, "-n", 1, "-o", out, *asked.split(), studio=studio)

    assert result.exit_code == 0, result.stderr
    (brief,) = studio.briefs
    assert (brief.tone, brief.size, brief.age) == (8, SizeType.PLUS, AgeBand.SENIOR)
    assert (brief.presentation, brief.framing) == (Presentation.FEMININE, Framing.UPPER)
    assert (brief.scene, brief.styling, brief.category, brief.kind) == (
        "street",
        "navy-denim",
        Category.TOP,
        Kind.GHOST,
    )
    assert (brief.seed, brief.max_attempts, brief.channels) == (5, 2, ("etsy", "zalando"))
    assert not brief.grade
    assert (out / "shirt" / "etsy").is_dir()


def test_casting_file_names_the_people(photo: Path, out: Path, tmp_path: Path):
    casting = tmp_path / "people.toml"
    casting.write_text('personas = ["lerato", "kiran"]')

    result = render(photo, "-n", 3, "--casting", casting, "--json", "-o", out)

    assert [look["persona"]["name"] for look in json.loads(result.stdout)["looks"]] == ["lerato", "kiran", "lerato"]


@pytest.mark.parametrize(
    ("args", "words"),
    [
        (["--scene", "stret"], 'No scene named "stret". Known: '),
        (["--pose", "standing"], 'No pose named "standing"'),
        (["--pose", "missing.toml"], "There is no file missing.toml"),
        (["--styling", "denim"], 'No styling named "denim"'),
        (["--channel", "ebuy"], 'No channel named "ebuy"'),
        (["--preset", "sdxxl"], 'No preset named "sdxxl". Known: mini, '),
        (["--casting", "nobody"], 'No persona named "nobody"'),
        (["--casting", "missing.toml"], "There is no file missing.toml"),
        (["--size", "maternity", "--presentation", "masculine"], "Nobody can be cast"),
    ],
)
def test_misspelt_name_is_one_sentence_before_anything_is_loaded(photo: Path, out: Path, args: list[str], words: str):
    result = render(photo, *args, "-o", out, studio=BackendUnavailable("must not be opened"))

    assert result.exit_code == 2
    assert words in result.stderr
    assert len(result.stderr.splitlines()) == 1
    assert not out.exists()


@pytest.mark.parametrize(
    "args", [["--tone", "11"], ["--tone", "0"], ["--size", "huge"], ["--age", "12-17"], ["-n", "0"], ["--kind", "sofa"]]
)
def test_value_out_of_range_is_exit_code_2(photo: Path, args: list[str]):
    result = render(photo, *args)

    assert result.exit_code == 2
    assert "Traceback" not in result.stderr


def test_no_photo_is_told_how_to_go_on():
    result = render()

    assert result.exit_code == 2
    assert "--example" in result.stderr


def test_photos_that_cannot_be_opened_load_no_model(tmp_path: Path):
    result = render(tmp_path / "missing.jpg", studio=BackendUnavailable("must not be opened"))

    assert result.exit_code == 2
    assert "There is no file" in result.stderr


def test_broken_set_up_is_exit_code_3_and_stops_at_once(photo: Path, out: Path):
    result = render(photo, photo, "-o", out, studio=BackendUnavailable("The weights are missing: pull them."))

    assert result.exit_code == 3
    assert result.stderr.splitlines()[-1] == "Error: The weights are missing: pull them."
    assert result.stderr.count("Error") == 1


def test_failed_generation_does_not_stop_the_others(tmp_path: Path, out: Path):
    class Sulking(QuickStudio):
        def dress(self, worn: Any, *args: Any, **more: Any) -> Any:
            if worn.photo.name == "a":
                raise GenerationError("The model returned no picture: try another seed.")
            return super().dress(worn, *args, **more)

    result = render(
        save_photo(tmp_path / "a.png"), save_photo(tmp_path / "b.png"), "-n", 1, "-o", out, studio=Sulking()
    )

    assert result.exit_code == 1
    assert "a.png: The model returned no picture" in result.stderr
    assert [path.name for path in out.iterdir()] == ["b"]


def test_full_disk_is_exit_code_3_and_leaves_nothing(photo: Path, out: Path):
    class NoRoom(QuickStudio):
        def dress(self, *args: Any, **more: Any) -> Any:
            raise StorageUnavailable("The disk is full: free some space.")

    result = render(photo, "-o", out, studio=NoRoom())

    assert result.exit_code == 3
    assert "free some space" in result.stderr
    assert not out.exists()


def test_output_folder_that_is_a_file_is_told_before_anything_is_loaded(photo: Path, tmp_path: Path):
    file = tmp_path / "file"
    file.write_text("")

    result = render(photo, "-o", file / "out", studio=BackendUnavailable("must not be opened"))

    assert result.exit_code == 3
    assert f"{file} is a file: choose another folder" in result.stderr


def test_mask_replaces_the_cut_out(photo: Path, out: Path, tmp_path: Path):
    painted = np.zeros((400, 300, 3), np.uint8)
    painted[100:200, 100:200] = 255
    mask = tmp_path / "mask.png"
    mask.write_bytes(images.encode(painted, "png"))
    studio = QuickStudio()

    assert render(photo, "--mask", mask, "-n", 1, "-o", out, studio=studio).exit_code == 0

    (given,) = studio.masks
    assert given is not None
    assert np.array_equal(given, painted[..., 0] > 0)


def test_transparent_picture_is_a_mask_too(photo: Path, out: Path, tmp_path: Path):
    cut = np.full((400, 300, 4), 30, np.uint8)
    cut[..., 3] = 0
    cut[50:90, 50:90, 3] = 255
    mask = tmp_path / "cut.png"
    mask.write_bytes(images.encode(cut, "png"))
    studio = QuickStudio()

    assert render(photo, "--mask", mask, "-n", 1, "-o", out, studio=studio).exit_code == 0

    assert studio.masks[0] is not None
    assert studio.masks[0].sum() == 1600


def test_mask_of_one_colour_and_mask_for_several_photos_are_refused(photo: Path, out: Path, tmp_path: Path):
    white = tmp_path / "white.png"
    white.write_bytes(images.encode(np.full((400, 300, 3), 255, np.uint8), "png"))

    assert "of one colour" in render(photo, "--mask", white, "-o", out).stderr
    assert "one photo" in render(photo, photo, "--mask", white, "-o", out).stderr


def test_example_ships_with_the_package_or_says_what_to_do(out: Path):
    result = render("--example", "-n", 1, "-o", out)

    if result.exit_code:
        pytest.skip("the example garment has not been rendered yet")
    assert example_photo().stem in result.stdout.splitlines()[-1]


CHILD = """
import sys
sys.path.insert(0, {tests!r})
import signal
import time
from album_looks import QuickStudio
from fashion_gen.cli import app

def slow():
    print("READY", flush=True)
    time.sleep(60)

opened = []
def studio(**_):
    opened.append(QuickStudio(before_dress={before}))
    return opened[-1]
app({args!r}, obj=studio)
"""


def child(before: str, *args: Any) -> subprocess.Popen[str]:
    tests = str(Path(__file__).parent)
    code = textwrap.dedent(CHILD).format(tests=tests, before=before, args=["render", *map(str, args)])
    return subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def test_terminal_gets_a_bar_that_leaves_standard_output_alone(photo: Path, out: Path):
    driver = Path(__file__).with_name("in_a_terminal.py")
    script = textwrap.dedent(CHILD).format(
        tests=str(driver.parent), before="None", args=["render", str(photo), "-n", "1", "--json", "-o", str(out)]
    )

    done = subprocess.run([sys.executable, str(driver), script], capture_output=True, text=True, check=True, timeout=60)

    assert json.loads(done.stdout)["looks"][0]["file"] == "look-01.png"
    assert "writing files" in done.stderr
    assert "\x1b[" in done.stderr


def test_ctrl_c_stops_at_once_and_says_what_was_kept(tmp_path: Path, out: Path):
    first, second = save_photo(tmp_path / "a.png"), save_photo(tmp_path / "b.png")

    with child("lambda n=iter((0, 1)): next(n) and slow()", first, second, "-n", 1, "-o", out) as process:
        assert process.stdout is not None
        for line in process.stdout:
            if "READY" in line:
                break
        process.send_signal(signal.SIGINT)
        output, errors = process.communicate(timeout=20)

    assert process.returncode == 130
    assert f"Stopped: kept 1 of 2 under {out}." in errors
    assert "Traceback" not in errors
    assert output.splitlines()[-1] == f"Contact sheet: {out}/a/contact-sheet.jpg"
    assert [path.name for path in out.iterdir()] == ["a"]
    assert not [path for path in out.rglob("*") if path.name.startswith(".")]


def test_disk_that_fills_up_while_writing_is_one_sentence(photo: Path, out: Path):
    fill = "lambda: __import__('resource').setrlimit(__import__('resource').RLIMIT_FSIZE, (20000, 20000))"

    with child(fill, photo, "-n", 1, "-o", out) as process:
        _, errors = process.communicate(timeout=60)

    assert process.returncode == 3
    complaints = [line for line in errors.splitlines() if line.startswith("Error")]
    assert len(complaints) == 1
    assert re.search(r"free some disk space", complaints[0])
    assert not [path for path in out.rglob("*") if path.is_file()]
