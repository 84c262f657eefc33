"""From a brief to its people: a balanced plan, named personas, or a casting file of the user's own."""

from __future__ import annotations

from itertools import cycle, islice
from pathlib import Path

from pydantic import Field

from fashion_gen import library
from fashion_gen.casting.planner import Constraints, Measure, plan
from fashion_gen.errors import InvalidBrief
from fashion_gen.records import AgeBand, Brief, Category, Persona, Presentation, SizeType

#: Who wears what unless the brief says otherwise: skirts and dresses are not put on masculine personas unasked.
_WORN_BY = {
    Category.DRESS: (Presentation.FEMININE, Presentation.ANDROGYNOUS),
    Category.SKIRT: (Presentation.FEMININE, Presentation.ANDROGYNOUS),
}


def cast(brief: Brief, *, measure: Measure, category: Category | None = None) -> tuple[Persona, ...]:
    """One persona for each of the brief's looks.

    `brief.casting` is "balanced", names of personas separated by commas (taken in turn until every look has one), or
    the path of a casting file ending in ".toml". A file lists `personas` by name or as tables, or limits the plan:

        tones = [5, 6, 7]            sizes = ["plus", "big"]      ages = ["45-59", "60+"]
        presentations = ["feminine"] features = ["none", "glasses"]

    `measure` draws an invented person's body (`body.measurements.measure_for`).

    Raises:
        NotFound: a persona that does not exist.
        InvalidBrief: the file is wrong, or the brief and the file leave nobody.
    """
    if brief.casting == "balanced":
        return _balanced(brief, CastingFile(), measure, category)
    if brief.casting.endswith(".toml"):
        asked = library.read_own(Path(brief.casting), CastingFile)
        people = asked.people()
        return _in_turn(people, brief.looks) if people else _balanced(brief, asked, measure, category)
    names = [name.strip() for name in brief.casting.split(",") if name.strip()]
    return _in_turn([library.lookup("persona", name, library.personas()) for name in names], brief.looks)


def constraints(brief: Brief, category: Category | None = None) -> Constraints:
    """What a brief fixes: its tone, size, age and presentation, and who wears such a garment."""
    return _constraints(brief, CastingFile(), category)


class _OwnPersona(library.PersonaFile):
    name: str = Field(min_length=1)


class CastingFile(library.Schema):
    """What a casting file may say: people, or limits for the balanced plan."""

    personas: tuple[str | _OwnPersona, ...] = ()
    tones: tuple[int, ...] | None = None
    sizes: tuple[SizeType, ...] | None = None
    ages: tuple[AgeBand, ...] | None = None
    presentations: tuple[Presentation, ...] | None = None
    features: tuple[str, ...] | None = None

    def record(self, name: str) -> CastingFile:
        return self

    def people(self) -> list[Persona]:
        """The listed people, by name from the library or as the file describes them."""
        known = library.personas()
        return [library.lookup("persona", p, known) if isinstance(p, str) else p.record(p.name) for p in self.personas]


def _in_turn(people: list[Persona], looks: int) -> tuple[Persona, ...]:
    if not people:
        raise InvalidBrief('The casting names nobody: write "balanced" or names of personas separated by commas.')
    return tuple(islice(cycle(people), looks))


def _balanced(brief: Brief, asked: CastingFile, measure: Measure, category: Category | None) -> tuple[Persona, ...]:
    return plan(
        brief.looks,
        seed=brief.seed,
        measure=measure,
        constraints=_constraints(brief, asked, category),
        taken=library.personas(),
    )


def _constraints(brief: Brief, asked: CastingFile, category: Category | None) -> Constraints:
    """The brief's single values win over the file's lists, these over the defaults."""
    everybody = Constraints()
    worn_by = _WORN_BY.get(category, everybody.presentations) if category else everybody.presentations
    return Constraints(
        tones=(brief.tone,) if brief.tone is not None else asked.tones or everybody.tones,
        sizes=(brief.size,) if brief.size else asked.sizes or everybody.sizes,
        ages=(brief.age,) if brief.age else asked.ages or everybody.ages,
        presentations=(brief.presentation,) if brief.presentation else asked.presentations or worn_by,
        features=asked.features or everybody.features,
    )
