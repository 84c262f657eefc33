"""From a brief to people and their companion clothes."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from fashion_gen import library
from fashion_gen.body.measurements import measure_for, validate
from fashion_gen.casting import cast, constraints, coverage, style
from fashion_gen.errors import InvalidBrief, NotFound
from fashion_gen.records import AgeBand, Brief, Category, Persona, Presentation, SizeType


def _cast(brief: Brief, category: Category | None = None) -> tuple[Persona, ...]:
    return cast(brief, measure=measure_for, category=category)


def _persona(presentation: Presentation = Presentation.FEMININE) -> Persona:
    return next(p for p in library.personas().values() if p.presentation is presentation)


def test_the_named_personas_are_many_balanced_and_plausible() -> None:
    people = tuple(library.personas().values())
    assert len(people) >= 24
    report = coverage(people)
    assert min(report.counts["tone"].values()) >= 2
    assert not any(report.missing.values())
    assert report.counts["feature"]["none"] > len(people) / 2
    assert len({p.hair for p in people}) >= 10
    for persona in people:
        validate(persona.measurements)


def test_invented_people_do_not_take_the_name_of_a_named_one() -> None:
    assert not {p.name for p in _cast(Brief(looks=120))} & set(library.personas())


def test_named_personas_are_cast_in_turn() -> None:
    first, second = sorted(library.personas())[:2]
    people = _cast(Brief(looks=3, casting=f"{first}, {second}"))
    assert [p.name for p in people] == [first, second, first]


def test_an_unknown_persona_is_told_with_the_known_ones() -> None:
    with pytest.raises(NotFound, match='No persona named "nobody"'):
        _cast(Brief(casting="nobody"))


def test_a_casting_without_names_is_refused() -> None:
    with pytest.raises(InvalidBrief, match="names nobody"):
        _cast(Brief(casting=" , "))


def test_what_the_brief_fixes_is_fixed() -> None:
    brief = Brief(looks=6, tone=9, size=SizeType.PLUS, age=AgeBand.SENIOR, presentation=Presentation.MASCULINE, seed=3)
    people = _cast(brief)
    assert {(p.tone, p.size, p.age, p.presentation) for p in people} == {
        (9, SizeType.PLUS, AgeBand.SENIOR, Presentation.MASCULINE)
    }
    assert len({p.measurements for p in people}) == 6


def test_skirts_are_not_put_on_masculine_personas_unasked() -> None:
    assert Presentation.MASCULINE not in constraints(Brief(), Category.SKIRT).presentations
    assert Presentation.MASCULINE in constraints(Brief(), Category.TOP).presentations
    asked = Brief(presentation=Presentation.MASCULINE)
    assert {p.presentation for p in _cast(asked, Category.DRESS)} == {Presentation.MASCULINE}


def test_a_casting_file_limits_the_plan(tmp_path: Path) -> None:
    file = tmp_path / "mature.toml"
    file.write_text('tones = [4, 5, 6]\nages = ["45-59", "60+"]\nsizes = ["plus", "big"]\nfeatures = ["none"]\n')
    people = _cast(Brief(looks=6, casting=str(file)))
    assert Counter(p.tone for p in people) == {4: 2, 5: 2, 6: 2}
    assert {p.size for p in people} == {SizeType.PLUS, SizeType.BIG}
    assert {p.age for p in people} == {AgeBand.MIDDLE, AgeBand.SENIOR}
    assert not any(p.features for p in people)


def test_a_casting_file_lists_people_by_name_and_of_the_users_own(tmp_path: Path) -> None:
    known = sorted(library.personas())[0]
    own = (
        (library.root() / "personas" / f"{known}.toml").read_text().replace("[measurements]", "[personas.measurements]")
    )
    file = tmp_path / "ours.toml"
    file.write_text(f'[[personas]]\nname = "house-model"\n{own}')
    people = _cast(Brief(looks=2, casting=str(file)))
    assert [p.name for p in people] == ["house-model", "house-model"]
    assert people[0].measurements == library.personas()[known].measurements
    file.write_text(f'personas = ["{known}"]\n')
    assert _cast(Brief(looks=1, casting=str(file)))[0].name == known


def test_a_wrong_casting_file_is_told_by_field(tmp_path: Path) -> None:
    file = tmp_path / "wrong.toml"
    file.write_text('sizes = ["enormous"]\n')
    with pytest.raises(InvalidBrief, match=r'wrong\.toml: "sizes\.0" is wrong'):
        _cast(Brief(casting=str(file)))
    with pytest.raises(InvalidBrief, match="There is no file"):
        _cast(Brief(casting=str(tmp_path / "none.toml")))


@pytest.mark.parametrize(
    ("category", "slots"),
    [
        (Category.TOP, {"bottom", "shoes"}),
        (Category.OUTERWEAR, {"top", "bottom", "shoes"}),
        (Category.DRESS, {"shoes"}),
        (Category.JUMPSUIT, {"shoes"}),
        (Category.TROUSERS, {"top", "shoes"}),
        (Category.SHORTS, {"top", "shoes"}),
        (Category.SKIRT, {"top", "shoes"}),
    ],
)
@pytest.mark.parametrize("name", ["auto", "navy-denim"])
def test_companions_fill_what_the_garment_leaves_open(category: Category, slots: set[str], name: str) -> None:
    styling = style(category, _persona(), name, (120.0, 40.0, 40.0), np.random.default_rng(0))
    assert {piece.slot for piece in styling.pieces} == slots


def test_companions_stand_off_the_garment() -> None:
    rng = np.random.default_rng(0)
    for shade in (10.0, 245.0):
        for _ in range(20):
            styling = style(Category.TOP, _persona(), "auto", (shade, shade, shade), rng)
            bottom = next(p for p in styling.pieces if p.slot == "bottom")
            assert abs(np.mean(bottom.colour) - shade) > 60


def test_strong_colours_do_not_clash() -> None:
    rng = np.random.default_rng(0)
    chosen = {style(Category.TOP, _persona(), "auto", (30.0, 160.0, 60.0), rng).name for _ in range(40)}
    assert "rust-autumn" not in chosen


def test_auto_styling_varies_but_repeats_by_seed() -> None:
    def names(seed: int) -> list[str]:
        rng = np.random.default_rng(seed)
        return [style(Category.TOP, _persona(), "auto", (90.0, 90.0, 120.0), rng).name for _ in range(12)]

    assert names(1) == names(1)
    assert len(set(names(1))) > 1


def test_masculine_personas_get_no_skirts_or_heels_unasked() -> None:
    rng = np.random.default_rng(0)
    shapes = {
        piece.shape
        for shade in range(0, 255, 5)
        for piece in style(
            Category.OUTERWEAR, _persona(Presentation.MASCULINE), "auto", (float(shade),) * 3, rng
        ).pieces
    }
    assert not shapes & {"a-line-skirt", "pencil-skirt", "heels"}


def test_an_unknown_styling_is_told() -> None:
    with pytest.raises(NotFound, match='No styling named "tweed"'):
        style(Category.TOP, _persona(), "tweed", (0.0, 0.0, 0.0), np.random.default_rng(0))
