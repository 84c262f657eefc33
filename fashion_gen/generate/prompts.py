"""Prompts are assembled from persona, scene, category and styling; nobody types them.

A template (`templates/prompts/<name>.toml`) holds the sentence with {placeholders} and, by placeholder, the words that
a value is said with. Skin is described by its depth, people by age, size and hair: no words of race or origin.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from string import Formatter
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError, model_validator

from fashion_gen import library
from fashion_gen.errors import NotFound, SetupError
from fashion_gen.generate.vocabulary import CLOSEUP, mini_vocabulary
from fashion_gen.records import Category, Framing, Persona, Scene, Styling

__all__ = ["Prompt", "assemble", "mini_vocabulary"]


@dataclass(frozen=True, slots=True)
class Prompt:
    """What the text encoder reads."""

    positive: str
    negative: str


PLACEHOLDERS = frozenset(
    ("presentation", "age", "tone", "size", "hair", "hair_colour", "features")
    + ("category", "styling", "scene", "scene_prompt", "framing")
)


class Template(BaseModel):
    """One file of templates/prompts."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    positive: str
    negative: str = ""
    closed: bool = False  #: only words of `mini_vocabulary()`, separated by spaces
    words: Mapping[str, Mapping[str, str]] = {}  #: placeholder -> value -> how it is said

    @model_validator(mode="after")
    def _known_placeholders(self) -> Template:
        texts = [self.positive, *(said for words in self.words.values() for said in words.values())]
        used = {name for text in texts for _, name, _, _ in Formatter().parse(text) if name is not None}
        unknown = (used | set(self.words)) - PLACEHOLDERS
        if unknown:
            raise ValueError(f"unknown placeholder {sorted(unknown)}; known: {sorted(PLACEHOLDERS)}")
        return self


def assemble(
    persona: Persona,
    scene: Scene,
    category: Category,
    styling: Styling,
    template: str,
    framing: Framing,
    *,
    closeup: bool = False,
) -> Prompt:
    """Return the prompt of one look in the words of `templates/prompts/<template>.toml`, or that of its head alone.

    Raises:
        NotFound: there is no such template.
        SetupError: the template is malformed.
    """
    chosen = _load(template)
    known = frozenset(mini_vocabulary())
    facts = _facts(persona, scene, category, [] if closeup else _seen(styling, category, framing), framing)
    if closeup:
        facts["framing"] = [CLOSEUP]
    if chosen.closed:
        facts["scene"] = [_nearest(scene, known)]
    said = {name: _say(values, chosen.words.get(name, {})) for name, values in facts.items()}
    # Twice, because a phrase may hold a placeholder itself: "long {hair_colour} hair".
    text = chosen.positive.format_map(said).format_map(said)
    return Prompt(_closed(text, known) if chosen.closed else _tidy(text), chosen.negative)


def read_template(name: str, raw: Mapping[str, Any]) -> Template:
    """Check the table of a template file. Raises SetupError naming file and field."""
    try:
        return Template.model_validate(raw)
    except ValidationError as exc:
        faults = (f"{'.'.join(map(str, error['loc'])) or 'file'}: {error['msg']}" for error in exc.errors())
        raise SetupError(f"templates/prompts/{name}.toml: {'; '.join(faults)}.") from exc


@cache
def _load(name: str) -> Template:
    known = library.recipes()
    if name not in known:
        raise NotFound("prompt template", name, known)
    return read_template(name, known[name])


def _say(values: list[str], words: Mapping[str, str]) -> str:
    return ", ".join(filter(None, (words.get(value, value) for value in values)))


def _facts(
    persona: Persona, scene: Scene, category: Category, pieces: list[str], framing: Framing
) -> dict[str, list[str]]:
    """Return placeholder -> values, before they are put into words."""
    return {
        "presentation": [str(persona.presentation)],
        "age": [str(persona.age)],
        "tone": [str(persona.tone)],
        "size": [str(persona.size)],
        "hair": [persona.hair],
        "hair_colour": [persona.hair_colour],
        "features": [feature for feature in persona.features if feature != persona.hair],
        "category": [str(category)],
        "styling": pieces,
        "scene": [scene.name],
        "scene_prompt": [scene.prompt],
        "framing": [str(framing)],
    }


def _seen(styling: Styling, category: Category, framing: Framing) -> list[str]:
    """Return the names of the companion pieces that the picture shows beside the garment."""
    hidden = set()
    if category.covers_top and category is not Category.OUTERWEAR:  # an open coat shows what is under it
        hidden.add("top")
    if category.covers_legs:
        hidden.add("bottom")
    if framing in (Framing.UPPER, Framing.COWBOY):
        hidden.add("shoes")
    return [piece.name for piece in styling.pieces if piece.slot not in hidden]


_LIKE = {"street": "street", "room": "room"}


def _nearest(scene: Scene, known: frozenset[str]) -> str:
    """Return the scene word that `mini` was trained with and that comes nearest."""
    return scene.name if scene.name in known else _LIKE.get(scene.backdrop, "studio-grey")


def _closed(text: str, known: frozenset[str]) -> str:
    """Return the words of `text` that `mini` knows, each once: a word it never saw would only be noise to it."""
    words = text.replace(",", " ").split()
    return " ".join(dict.fromkeys(word for word in words if word in known))


def _tidy(text: str) -> str:
    """Return `text` without the empty clauses that absent facts leave behind."""
    clauses = (" ".join(clause.split()) for clause in text.split(","))
    return ", ".join(clause for clause in clauses if clause)
