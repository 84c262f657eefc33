"""The studio with doubles around it: order, seeds, retries, cancellation, and what was not judged."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from typing import Any

import cv2
import numpy as np
import pytest

from fashion_gen import casting, images, quality
from fashion_gen.body.measurements import measure_for
from fashion_gen.errors import Cancelled, GarmentRefused, NotFound
from fashion_gen.generate.base import Shot
from fashion_gen.generate.recipe import CloseUpRecipe, Recipe, recipe_of
from fashion_gen.records import Brief, Category, Framing, Kind, Matte, Photo, Picture, SizeType
from fashion_gen.studio import Parts, Studio
from fashion_gen.testing import EchoGenerator, FixedSegmenter


def shirt() -> Photo:
    """A teal T-shirt, already cut out."""
    outline = np.array(
        [(220, 80), (280, 110), (320, 110), (380, 80), (520, 160), (470, 270), (420, 240), (420, 600)]
        + [(180, 600), (180, 240), (130, 270), (80, 160)]
    )
    rgb = np.full((700, 600, 3), 255, np.uint8)
    alpha = np.zeros((700, 600), np.uint8)
    cv2.fillPoly(alpha, [outline], 255, cv2.LINE_AA)
    rgb[alpha > 0] = (20, 120, 130)
    rgb[300:340, 260:340] = (240, 220, 60)
    matte: Matte = alpha.astype(np.float32) / 255
    return Photo("shirt", rgb, matte, hashlib.sha256(rgb.tobytes()).hexdigest())


class Recording(EchoGenerator):
    """Remembers what it was asked to paint."""

    def __init__(self, recipe: Recipe | None = None) -> None:
        super().__init__(recipe)
        self.calls: list[list[int]] = []
        self.heads: list[list[Shot]] = []
        self.closed = False

    def generate(self, shots: Sequence[Shot], **more: Any) -> list[Picture]:
        if shots[0].strength is None:
            self.calls.append([shot.seed for shot in shots])
        else:
            self.heads.append(list(shots))
        return super().generate(shots, **more)

    def close(self) -> None:
        self.closed = True


def make_studio(
    *, tone: Callable[[Picture, Any], int | None] | None = None, people: Any = None, generator: Recording | None = None
) -> Studio:
    parts = Parts(generator or Recording(), FixedSegmenter(), quality.Judge(tone=tone), people=people, version="1.2.3")
    return Studio(parts)


def seeds(studio: Studio) -> list[list[int]]:
    generator = studio.parts.generator
    assert isinstance(generator, Recording)
    return generator.calls


@pytest.fixture(scope="module")
def two() -> list[Any]:
    """Two looks of two personas, rendered once for several tests."""
    return make_studio().render(shirt(), Brief(looks=2, casting="lerato,kiran"))


def test_looks_come_in_the_order_of_the_casting(two: list[Any]):
    assert [look.persona.name for look in two] == ["lerato", "kiran"]


def test_look_keeps_the_garments_pixels_and_its_label(two: list[Any]):
    for look in two:
        assert look.inspection.pixel_lock
        assert look.inspection.garment_max_delta == 0
        assert look.label.xmp
        assert np.array_equal(images.decode(look.master), np.asarray(look.image))


def test_look_says_what_was_invented_and_how_long_it_took(two: list[Any]):
    for look in two:
        assert look.invented[-2:] == ("person", "background")
        assert len(look.invented) > 2
        assert set(look.seconds) == {"pose", "generate", "compose", "inspect", "label"}
        assert look.preset == "mini"


def test_what_no_judge_saw_is_not_judged_and_neither_passed_nor_failed(two: list[Any]):
    for look in two:
        assert (look.inspection.pose_pck, look.inspection.people, look.inspection.tone_measured) == (None, None, None)
        assert look.inspection.passed
        assert look.inspection.attempts == 1


PAINTED = recipe_of("mini").model_copy(update={"figure": "painted", "closeup": CloseUpRecipe(side=160, strength=0.3)})


def test_heads_are_painted_once_more_with_the_seed_of_their_look():
    generator = Recording(PAINTED)
    looks = make_studio(generator=generator).render(shirt(), Brief(looks=2, casting="lerato,kiran"))
    (heads,) = generator.heads
    assert [head.seed for head in heads] == [look.seed for look in looks]
    assert {head.size for head in heads} == {(generator.recipe.closeup.side,) * 2}


def test_a_drawn_figure_has_its_head_drawn():
    generator = Recording()
    make_studio(generator=generator).render(shirt(), Brief(looks=1, casting="kiran"))
    assert generator.heads == []


class Blurring(Recording):
    """Paints as a small net does: without edges."""

    def generate(self, shots: Sequence[Shot], **more: Any) -> list[Picture]:
        return [np.asarray(cv2.GaussianBlur(picture, (0, 0), 3.0)) for picture in super().generate(shots, **more)]


def test_a_drawn_figure_keeps_the_edges_that_a_painting_blurs():
    def sharpness(recipe: Recipe) -> float:
        (look,) = make_studio(generator=Blurring(recipe)).render(shirt(), Brief(looks=1, casting="kiran"))
        picture = cv2.cvtColor(np.asarray(look.image), cv2.COLOR_RGB2GRAY)
        return float(np.percentile(np.abs(cv2.Laplacian(picture, cv2.CV_64F))[look.garment_mask == 0], 99))

    assert sharpness(recipe_of("mini")) > 2 * sharpness(PAINTED.model_copy(update={"closeup": None}))


def test_a_look_without_a_face_is_painted_once():
    generator = Recording(PAINTED)
    trousers = Brief(looks=1, casting="kiran", category=Category.TROUSERS, framing=Framing.LOWER)
    make_studio(generator=generator).render(shirt(), trousers)
    assert len(generator.calls) == 1
    assert generator.heads == []


def test_same_brief_gives_the_same_bytes(two: list[Any]):
    again = make_studio().render(shirt(), Brief(looks=2, casting="lerato,kiran"))

    assert [look.master for look in again] == [look.master for look in two]


def test_looks_at_once_are_the_looks_one_by_one(two: list[Any]):
    alone = [make_studio().render(shirt(), Brief(looks=1, casting=name))[0] for name in ("lerato", "kiran")]

    assert [look.seed for look in alone] == [look.seed for look in two]
    assert [look.master for look in alone] == [look.master for look in two]


def test_another_seed_gives_other_pictures(two: list[Any]):
    (other,) = make_studio().render(shirt(), Brief(looks=1, casting="lerato", seed=1))

    assert other.seed != two[0].seed
    assert other.master != two[0].master


def test_persona_who_appears_twice_is_painted_from_two_seeds():
    studio = make_studio()

    studio.render(shirt(), Brief(looks=2, casting="lerato"))

    (first,) = seeds(studio)
    assert len(set(first)) == 2


def test_balanced_casting_shows_the_people_of_the_plan():
    brief = Brief(looks=2, seed=3)

    looks = make_studio().render(shirt(), brief)

    assert tuple(look.persona for look in looks) == casting.cast(brief, measure=measure_for, category=None)


def wrong_until(attempt: int) -> Callable[[Picture, Any], int]:
    """Measures a tone that nobody asked for until it is asked for the nth time."""
    asked = iter(range(1, 100))
    return lambda _picture, _skin: lerato_tone() if next(asked) >= attempt else (1 if lerato_tone() > 5 else 10)


def lerato_tone() -> int:
    (lerato,) = casting.cast(Brief(looks=1, casting="lerato"), measure=measure_for)
    return lerato.tone


def test_failed_look_is_made_again_from_the_next_seed():
    studio = make_studio(tone=wrong_until(3))

    (look,) = studio.render(shirt(), Brief(looks=1, casting="lerato", max_attempts=5))

    (first,), *rest = seeds(studio)
    assert rest == [[first + 1], [first + 2]]
    assert look.inspection.passed
    assert look.inspection.attempts == 3
    assert look.seed == first + 2


def test_retries_end_and_the_reason_is_kept():
    studio = make_studio(tone=wrong_until(99))

    (look,) = studio.render(shirt(), Brief(looks=1, casting="lerato", max_attempts=2))

    assert len(seeds(studio)) == 2
    assert not look.inspection.passed
    assert look.inspection.attempts == 2
    assert [reason.split(":")[0] for reason in look.inspection.reasons] == ["tone"]
    assert look.seed == seeds(studio)[0][0]  # no better, so the first is kept


def test_only_looks_that_failed_are_made_again():
    wanted = lerato_tone()

    def tone(_picture: Picture, _skin: Any) -> int:
        return wanted

    studio = make_studio(tone=tone)
    looks = studio.render(shirt(), Brief(looks=2, casting="lerato,nima", max_attempts=2))

    first, second = seeds(studio)
    assert abs(looks[1].persona.tone - wanted) > 1
    assert second == [first[1] + 1]
    assert [look.inspection.passed for look in looks] == [True, False]


def test_cancelling_stops_within_a_step():
    studio = make_studio()
    steps: list[int] = []

    def progress(verb: str, done: int, _of: int) -> None:
        if verb == "generate":
            steps.append(done)

    with pytest.raises(Cancelled):
        studio.render(shirt(), Brief(looks=1, casting="lerato"), progress=progress, cancelled=lambda: len(steps) >= 3)

    assert steps == [1, 2, 3]


def test_generator_that_ignores_the_wish_to_stop_is_stopped_after_it():
    class Deaf(Recording):
        def generate(self, shots: Sequence[Shot], **_: Any) -> list[Picture]:
            return super().generate(shots)

    with pytest.raises(Cancelled):
        make_studio(generator=Deaf()).render(shirt(), Brief(looks=1, casting="lerato"), cancelled=lambda: True)


def test_progress_tells_the_stages_in_order():
    told: list[tuple[str, int, int]] = []

    make_studio().render(shirt(), Brief(looks=1, casting="lerato"), progress=lambda *step: told.append(step))

    assert told[0] == ("pose", 1, 1)
    assert told[-1] == ("compose", 1, 1)
    assert [step for step in told if step[0] == "generate"][-1] == ("generate", 10, 10)


@pytest.mark.parametrize(
    ("brief", "words"),
    [(Brief(scene="moon"), 'scene named "moon"'), (Brief(pose="handstand"), 'pose named "handstand"')],
)
def test_unknown_name_is_told_before_anything_is_painted(brief: Brief, words: str):
    studio = make_studio()

    with pytest.raises(NotFound, match=words):
        studio.render(shirt(), brief)

    assert seeds(studio) == []


def test_named_pose_is_taken():
    (look,) = make_studio().render(shirt(), Brief(looks=1, casting="lerato", pose="relaxed-cowboy"))

    assert look.pose.framing == "cowboy"
    assert "relaxed-cowboy" in look.pose.name


def test_photo_may_be_bytes_or_a_path(tmp_path: Any):
    photo = shirt()
    rgba = np.dstack([photo.rgb, np.rint(photo.alpha * 255).astype(np.uint8)]) if photo.alpha is not None else photo.rgb
    data = images.encode(rgba, "png")
    path = tmp_path / "shirt.png"
    path.write_bytes(data)
    studio, brief = make_studio(), Brief(looks=1, casting="lerato")

    masters = {studio.render(source, brief)[0].master for source in (data, str(path))}

    assert len(masters) == 1


def test_people_seen_in_the_photo_are_handed_to_the_garment_room():
    class Person:
        keypoints = np.tile([300.0, 300.0, 0.9], (18, 1))

    class Eyes:
        def estimate(self, _rgb: Picture) -> tuple[Person, ...]:
            return (Person(),)

    worn = make_studio(people=Eyes()).extract(shirt(), Brief(kind=Kind.PERSON))

    assert worn.kind is Kind.PERSON


def test_mask_of_the_caller_wins():
    mask = np.zeros((700, 600), bool)
    mask[200:500, 200:400] = True

    worn = make_studio().extract(shirt(), Brief(category=Category.TOP), mask=mask)

    assert worn.box == pytest.approx((200, 200, 400, 500), abs=4)


def test_mask_that_shows_nothing_is_refused():
    with pytest.raises(GarmentRefused):
        make_studio().extract(shirt(), Brief(), mask=np.zeros((700, 600), bool))


def test_leaving_the_studio_lets_go_of_the_generator():
    generator = Recording()

    with make_studio(generator=generator):
        assert not generator.closed

    assert generator.closed


def test_garment_is_cut_to_the_size_unless_its_proportions_are_to_be_kept():
    def cut(**asked: Any) -> list[str]:
        (look,) = make_studio().render(shirt(), Brief(looks=1, size=SizeType.PLUS, max_attempts=1, **asked))
        return [note for note in look.notes if note.startswith("cut for size plus")]

    assert len(cut()) == 1
    assert not cut(grade=False)
