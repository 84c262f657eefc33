"""Prompts: the words that reach the text encoders."""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import product

import pytest

from fashion_gen import library
from fashion_gen.errors import NotFound, SetupError
from fashion_gen.generate.prompts import assemble, read_template
from fashion_gen.generate.vocabulary import FEATURES, HAIR_COLOURS, HAIR_STYLES, SCENES, mini_vocabulary
from fashion_gen.records import (
    AgeBand,
    Category,
    Framing,
    Measurements,
    Persona,
    Piece,
    Presentation,
    Scene,
    SizeType,
    Styling,
)

BODY = Measurements(170, 38, 34, 92, 76, 98, 28, 16, 56, 36)
ADA = Persona(
    name="ada",
    tone=7,
    size=SizeType.PLUS,
    age=AgeBand.PRIME,
    presentation=Presentation.FEMININE,
    hair="long",
    hair_colour="black",
    measurements=BODY,
    features=("glasses",),
)
GREY = Scene("studio-grey", "plain", (200, 200, 200), (180, 180, 180), "plain light grey studio backdrop")
DENIM = Styling(
    "denim",
    (
        Piece("top", "t-shirt", (250, 250, 250), "white t-shirt"),
        Piece("bottom", "straight-trousers", (30, 40, 80), "navy trousers"),
        Piece("shoes", "sneakers", (250, 250, 250), "white sneakers"),
    ),
)


def positive(
    template: str,
    persona: Persona = ADA,
    *,
    scene: Scene = GREY,
    category: Category = Category.TOP,
    framing: Framing = Framing.FULL,
) -> str:
    return assemble(persona, scene, category, DENIM, template, framing).positive


def test_mini_says_each_fact_in_one_word() -> None:
    assert positive("mini", framing=Framing.COWBOY) == (
        "feminine 30-44 tone-7 plus long black-hair top studio-grey cowboy glasses"
    )


@pytest.mark.parametrize("template", ["mini", "sd15", "sdxl"])
def test_close_up_speaks_of_the_person_and_not_of_the_shoes(template: str) -> None:
    said = assemble(ADA, GREY, Category.TOP, DENIM, template, Framing.FULL, closeup=True).positive
    assert "close-up" in said
    assert "full" not in said.replace("full figure", "")
    assert "sneakers" not in said


def test_mini_speaks_only_its_vocabulary() -> None:
    known = set(mini_vocabulary())
    for hair, colour, age, framing in product(HAIR_STYLES, HAIR_COLOURS, AgeBand, Framing):
        persona = replace(ADA, hair=hair, hair_colour=colour, age=age, features=(*FEATURES, "hijab", "tattoo"))
        words = positive("mini", persona, framing=framing).split()
        assert set(words) <= known
        assert len(words) <= 22  # with the two special tokens, what the text encoder reads
        assert len(set(words)) == len(words)


def test_vocabulary_keeps_the_token_numbers_of_the_trained_model() -> None:
    words = mini_vocabulary()
    assert len(set(words)) == len(words) == 85
    assert words[:8] == ("feminine", "masculine", "androgynous", "18-29", "30-44", "45-59", "60+", "tone-1")
    assert [words.index(word) for word in ("petite", "bald", "black-hair", "top", "studio-white", "full")] == [
        17,
        23,
        37,
        45,
        52,
        60,
    ]
    assert words[-1] == "spare-8"


@pytest.mark.parametrize(
    ("backdrop", "word"),
    [("street", "street"), ("room", "room"), ("plain", "studio-grey"), ("gradient", "studio-grey")],
)
def test_a_scene_that_mini_never_saw_becomes_the_nearest_it_did(backdrop: str, word: str) -> None:
    assert word in positive("mini", scene=replace(GREY, name="my-loft", backdrop=backdrop)).split()


@pytest.mark.parametrize("scene", SCENES)
def test_a_scene_that_mini_knows_is_said_by_name(scene: str) -> None:
    assert scene in positive("mini", scene=replace(GREY, name=scene, backdrop="plain")).split()


@pytest.mark.parametrize("template", ["sd15", "sdxl"])
def test_sentences_say_who_wears_what_where(template: str) -> None:
    text = positive(template)
    for words in (
        "37 year old",
        "woman",
        "brown skin",
        "plus-size",
        "long straight black hair",
        "glasses",
        GREY.prompt,
    ):
        assert words in text
    assert "{" not in text
    assert ", ," not in text


@pytest.mark.parametrize("template", ["sd15", "sdxl"])
def test_sentences_fit_into_what_clip_reads(template: str) -> None:
    features = ("glasses", "vitiligo")
    for tone, size, age, presentation, hair in product(range(1, 11), SizeType, AgeBand, Presentation, HAIR_STYLES):
        persona = replace(
            ADA, tone=tone, size=size, age=age, presentation=presentation, hair=hair, hair_colour="dark-brown"
        )
        text = positive(template, replace(persona, features=features))
        # CLIP takes digits and punctuation singly; common words are one token each, so this is close from below.
        assert len(re.findall(r"[a-z]+|[^\sa-z]", text.lower())) <= 72, text


def test_what_the_garment_hides_is_not_asked_for() -> None:
    assert "white t-shirt" not in positive("sd15")
    assert "white t-shirt" in positive("sd15", category=Category.OUTERWEAR)  # an open coat shows it
    dressed = positive("sd15", category=Category.DRESS)
    assert "navy trousers" not in dressed
    assert "white sneakers" in dressed


def test_shoes_outside_the_frame_are_not_asked_for() -> None:
    assert "sneakers" not in positive("sd15", framing=Framing.UPPER)


def test_a_hijab_is_said_once() -> None:
    covered = replace(ADA, hair="hijab", features=("hijab",))
    assert positive("sd15", covered).count("hijab") == 1
    assert positive("mini", covered).split().count("hijab") == 1


def test_no_word_of_race_or_childhood_in_any_positive_prompt() -> None:
    banned = re.compile(
        r"\b(african|asian|caucasian|european|latin|latino|hispanic|indian|arab|black skin|white skin)\b"
    )
    young = re.compile(r"\b(girl|boy|child|teen|young)\b")
    for template in ("mini", "sd15", "sdxl"):
        for tone, presentation, age in product(range(1, 11), Presentation, AgeBand):
            text = positive(template, replace(ADA, tone=tone, presentation=presentation, age=age))
            assert not banned.search(text)
            assert not young.search(text)


def test_every_shipped_persona_and_scene_can_be_said() -> None:
    for persona, scene in product(library.personas().values(), library.scenes().values()):
        for template in ("mini", "sd15", "sdxl"):
            assert positive(template, persona, scene=scene)


def test_unknown_template_names_the_known_ones() -> None:
    with pytest.raises(NotFound, match="Known: mini, sd15, sdxl"):
        positive("flux")


@pytest.mark.parametrize(
    ("raw", "fault"),
    [
        ({"negative": "blurry"}, "positive: Field required"),
        ({"positive": "a {race} person"}, "unknown placeholder"),
        ({"positive": "{hair}", "words": {"hair": {"long": "long {colour} hair"}}}, "colour"),
        ({"positive": "x", "words": {"hare": {}}}, "hare"),
    ],
)
def test_a_malformed_template_is_refused_by_file_and_field(raw: dict[str, object], fault: str) -> None:
    with pytest.raises(SetupError, match=fault) as caught:
        read_template("mine", raw)
    assert "templates/prompts/mine.toml" in str(caught.value)
