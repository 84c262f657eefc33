"""`fashion-gen cast`: a casting plan and what it covers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fashion_gen.cli import options, terminal
from fashion_gen.records import Brief, Persona

if TYPE_CHECKING:
    from fashion_gen.casting import Coverage

EXAMPLES = """Examples:

fashion-gen cast -n 40

fashion-gen cast -n 12 --size plus --category dress

fashion-gen cast -n 10 --casting people.toml --json | jq -r '.personas[].name'"""


def cast(
    looks: options.Looks = 4,
    casting: options.Casting = "balanced",
    tone: options.Tone = None,
    size: options.Size = None,
    age: options.Age = None,
    presentation: options.Presented = None,
    category: options.Worn = None,
    seed: options.Seed = 0,
    json: options.Json = False,
) -> None:
    """Print who would be cast, and how often each tone, size, age and presentation appears."""
    from fashion_gen.body.measurements import measure_for
    from fashion_gen.casting import cast as cast_
    from fashion_gen.casting import coverage
    from fashion_gen.result import describe_persona, rounded

    brief = Brief(
        looks=looks,
        casting=casting,
        tone=tone,
        size=size,
        age=age,
        presentation=presentation,
        seed=seed,
        category=category,
    )
    people = cast_(brief, measure=measure_for, category=category)
    shown = coverage(people)
    if json:
        counts = {dimension: dict(values) for dimension, values in shown.counts.items()}
        told = {"people": shown.people, "counts": counts, "pairs": shown.pairs}
        terminal.print_json({"personas": [describe_persona(p) for p in people], "coverage": rounded(told)})
        return
    terminal.print_table(
        ("name", "tone", "size", "age", "presentation", "hair", "features", "height", "chest"),
        [_row(persona) for persona in people],
    )
    _print_coverage(shown)


def _row(persona: Persona) -> tuple[str, ...]:
    return (
        persona.name,
        str(persona.tone),
        persona.size.value,
        persona.age.value,
        persona.presentation.value,
        f"{persona.hair}, {persona.hair_colour}" if persona.hair not in ("bald", "hijab") else persona.hair,
        ", ".join(persona.features),
        f"{persona.measurements.height:g} cm",
        f"{persona.measurements.chest:g} cm",
    )


def _print_coverage(shown: Coverage) -> None:
    rows = [
        (
            dimension,
            ", ".join(f"{value} {count}" for value, count in values.items() if count),
            _missing(shown, dimension),
        )
        for dimension, values in shown.counts.items()
    ]
    terminal.print_table(("covers", "people", "nobody"), rows)
    terminal.say(f"{shown.people} people show {shown.pairs:.0%} of the possible pairs of values.")


def _missing(shown: Coverage, dimension: str) -> str:
    return ", ".join(shown.missing[dimension])
