"""The templates that ship, and how a wrong file is told."""

from __future__ import annotations

from pathlib import Path

import pytest

from fashion_gen import library
from fashion_gen.body.kinematics import LIMITS
from fashion_gen.casting import HAIR_COLOURS, HAIR_STYLES
from fashion_gen.errors import InvalidBrief, NotFound, SetupError
from fashion_gen.records import Framing

BOTTOMS = {"straight-trousers", "wide-trousers", "slim-trousers", "shorts", "a-line-skirt", "pencil-skirt"}
TOPS = {"t-shirt", "long-sleeve", "tank", "shirt"}
SHOES = {"sneakers", "flats", "boots", "heels", "barefoot"}


def test_every_scene_loads_and_the_studio_is_there() -> None:
    scenes = library.scenes()
    assert {
        "studio-white",
        "studio-grey",
        "wall-sand",
        "wall-sage",
        "wall-blush",
        "wall-navy",
        "street",
        "room",
    } <= set(scenes)
    assert all(scene.name == name and scene.prompt for name, scene in scenes.items())


def test_every_styling_completes_any_garment_with_known_shapes() -> None:
    stylings = library.stylings()
    assert len(stylings) >= 10
    for styling in stylings.values():
        shapes = {piece.slot: piece.shape for piece in styling.pieces}
        assert shapes["top"] in TOPS, styling.name
        assert shapes["bottom"] in BOTTOMS, styling.name
        assert shapes["shoes"] in SHOES, styling.name


def test_every_persona_names_hair_that_exists() -> None:
    for persona in library.personas().values():
        assert persona.hair in HAIR_STYLES
        assert persona.hair_colour in HAIR_COLOURS
        assert (persona.hair == "hijab") == ("hijab" in persona.features)


def test_every_pose_stays_within_the_joint_limits() -> None:
    for pose in library.poses().values():
        for group, angles in pose.angles.items():
            for name, value in angles.items():
                low, high = LIMITS[group][name]
                assert low <= value <= high, f"{pose.name}: {group}.{name}"


def test_channels_and_recipes_load() -> None:
    assert all(channel.max_bytes > 0 and channel.name == name for name, channel in library.channels().items())
    assert all("positive" in recipe for recipe in library.recipes().values())


def test_catalogues_cannot_be_changed() -> None:
    with pytest.raises(TypeError):
        library.scenes()["mine"] = library.scenes()["studio-grey"]  # type: ignore[index]


def test_unknown_name_is_told_with_the_known_ones() -> None:
    with pytest.raises(NotFound, match=r'No scene named "moon"\. Known: .*studio-grey'):
        library.lookup("scene", "moon", library.scenes())
    assert library.lookup("scene", "street", library.scenes()).backdrop == "street"


def test_a_pose_file_of_the_users_own_fills_what_it_leaves_out(tmp_path: Path) -> None:
    file = tmp_path / "wave.toml"
    file.write_text('framing = "upper"\ntags = ["hello"]\n[angles.left_arm]\nraise = 120\nelbow = 60\n')
    pose = library.pose_from(file)
    assert (pose.name, pose.framing, pose.tags, pose.seat) == ("wave", Framing.UPPER, ("hello",), "none")
    assert pose.angles["left_arm"] == {"raise": 120.0, "swing": 0.0, "twist": 0.0, "elbow": 60.0}
    assert set(pose.angles) == set(LIMITS)
    assert all(set(pose.angles[group]) == set(LIMITS[group]) for group in LIMITS)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("[angles.left_arm]\nraize = 3\n", r'wave\.toml: "angles\.left_arm\.raize" is wrong'),
        ('seat = "sofa"\n', r'wave\.toml: "seat" is wrong'),
        ("angles = \n", r"wave\.toml is not readable TOML"),
    ],
)
def test_a_wrong_file_of_the_users_own_is_told_by_file_and_field(tmp_path: Path, text: str, told: str) -> None:
    file = tmp_path / "wave.toml"
    file.write_text(text)
    with pytest.raises(InvalidBrief, match=told):
        library.pose_from(file)


def test_a_pose_is_found_by_name_or_by_path(tmp_path: Path) -> None:
    file = tmp_path / "mine.toml"
    file.write_text("")
    assert library.find_pose(str(file)).name == "mine"
    assert library.find_pose("standing-straight") is library.poses()["standing-straight"]
    with pytest.raises(NotFound, match='No pose named "cartwheel"'):
        library.find_pose("cartwheel")


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(InvalidBrief, match=r"There is no file .*nothing\.toml"):
        library.pose_from(tmp_path / "nothing.toml")


def test_a_broken_template_is_a_fault_of_the_installation(tmp_path: Path) -> None:
    (tmp_path / "odd.toml").write_text("tone = 11\n")
    with pytest.raises(SetupError, match=r'odd\.toml: "tone" is wrong'):
        library.read_folder(tmp_path, library.PersonaFile)


def test_a_styling_that_leaves_somebody_half_dressed_is_wrong(tmp_path: Path) -> None:
    shipped = library.root() / "styling" / "navy-denim.toml"
    (tmp_path / "half.toml").write_text(shipped.read_text().split("\n\n")[0])
    with pytest.raises(SetupError, match="one top, one bottom and shoes"):
        library.read_folder(tmp_path, library.StylingFile)


def test_an_absent_folder_is_an_empty_catalogue(tmp_path: Path) -> None:
    assert not library.read_folder(tmp_path / "none", library.PersonaFile)


def test_a_colour_is_six_hex_digits() -> None:
    assert library.rgb("1a2b3c") == (26, 43, 60)
