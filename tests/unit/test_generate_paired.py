"""Two painters as one generator, with doubles: no torch, no weights."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace

import numpy as np
import pytest

from fashion_gen.errors import Cancelled, GenerationError, OutOfMemory
from fashion_gen.generate import Prompt, Shot
from fashion_gen.generate.paired import PairedGenerator
from fashion_gen.records import Picture
from fashion_gen.testing import EchoGenerator

STEPS = EchoGenerator().recipe.steps
PATIENCE = 60.0  #: seconds until a rendezvous of two threads counts as failed


def shots(count: int) -> list[Shot]:
    picture = np.full((16, 8, 3), 128, np.uint8)
    mask, depth = np.ones((16, 8), bool), np.zeros((16, 8), np.float32)
    return [Shot(picture, picture, picture, depth, mask, Prompt("a woman", ""), seed) for seed in range(count)]


class Painter(EchoGenerator):
    """Notes which seeds it painted and in which thread; runs `trouble` before it paints."""

    def __init__(self, trouble: Callable[[Painter], None] = lambda painter: None) -> None:
        super().__init__()
        self.calls: list[list[int]] = []
        self.threads: list[int] = []
        self.cancels = 0
        self.closed = False
        self._trouble = trouble

    def generate(self, shots: Sequence[Shot], **options: object) -> list[Picture]:  # type: ignore[override]
        self.calls.append([shot.seed for shot in shots])
        self.threads.append(threading.get_ident())
        self._trouble(self)
        try:
            return super().generate(shots, **options)  # type: ignore[arg-type]
        except Cancelled:
            self.cancels += 1
            raise

    def close(self) -> None:
        self.closed = True


class Threads:
    """Stands for torch's number of threads: counts who starts with half of them, and whether they were given back."""

    def __init__(self) -> None:
        self.starts: list[int] = []
        self.given_back = 0

    @contextmanager
    def __call__(self) -> Iterator[Callable[[], None]]:
        try:
            yield lambda: self.starts.append(threading.get_ident())
        finally:
            self.given_back += 1


def pair(
    first: Painter | None = None, second: Painter | None = None, threads: Threads | None = None
) -> PairedGenerator:
    return PairedGenerator(first or Painter(), second or Painter(), threads=threads or Threads())


def fail(error: Exception) -> Callable[[Painter], None]:
    def trouble(painter: Painter) -> None:
        raise error

    return trouble


def test_both_paint_at_the_same_time() -> None:
    meeting = threading.Barrier(2, timeout=PATIENCE)
    both = [Painter(lambda painter: void(meeting.wait())) for _ in range(2)]
    assert len(pair(*both).generate(shots(2))) == 2
    assert both[0].threads != both[1].threads


def void(_: object) -> None:
    """Take the value of a call whose effect is wanted."""


@pytest.mark.parametrize(
    ("count", "first", "second"),
    [
        (1, [[0]], []),
        (2, [[0]], [[1]]),
        (4, [[0, 1]], [[2, 3]]),
        (5, [[0, 1], [4]], [[2, 3]]),
    ],
)
def test_a_shot_s_place_says_who_paints_it(count: int, first: list[list[int]], second: list[list[int]]) -> None:
    left, right = Painter(), Painter()
    pictures = pair(left, right).generate(shots(count))
    assert (left.calls, right.calls) == (first, second)
    assert all(np.array_equal(a, b) for a, b in zip(pictures, EchoGenerator().generate(shots(count)), strict=True))


def test_threads_are_halved_for_two_and_whole_for_one() -> None:
    left, right, threads = Painter(), Painter(), Threads()
    pair(left, right, threads).generate(shots(3))
    assert sorted(threads.starts) == sorted([left.threads[0], right.threads[0]])
    assert threads.given_back == 1
    assert left.threads[1] == threading.get_ident()  # the odd one: in the caller's thread, with what that has


@pytest.mark.parametrize("count", [1, 2, 3, 4, 7])
def test_progress_is_one_count_told_in_the_caller_s_thread(count: int) -> None:
    seen: list[tuple[int, int]] = []
    tellers: set[int] = set()

    def on_step(done: int, total: int) -> None:
        seen.append((done, total))
        tellers.add(threading.get_ident())

    pair().generate(shots(count), on_step=on_step)
    done = [step for step, _ in seen]
    assert done == sorted(set(done))
    assert {total for _, total in seen} == {count * STEPS}
    assert done[-1] == count * STEPS
    assert tellers == {threading.get_ident()}


class Endless(Painter):
    """Takes steps until it is told to stop."""

    def generate(self, shots: Sequence[Shot], *, on_step: object = None, cancelled: object = None) -> list[Picture]:
        assert callable(on_step)
        assert callable(cancelled)
        for _ in range(int(PATIENCE * 1000)):
            on_step(1, 10)
            if cancelled():
                self.cancels += 1
                raise Cancelled("Stopped.")
            threading.Event().wait(0.001)
        raise AssertionError("nobody stopped it")


def test_cancelling_stops_both() -> None:
    both = Endless(), Endless()
    with pytest.raises(Cancelled, match="nothing was kept"):
        pair(*both).generate(shots(2), cancelled=lambda: True)
    assert [painter.cancels for painter in both] == [1, 1]


def test_an_error_of_the_callback_stops_both_and_comes_out() -> None:
    both = Endless(), Endless()

    def on_step(done: int, total: int) -> None:
        raise LookupError("the job was taken away")

    with pytest.raises(LookupError, match="taken away"):
        pair(*both).generate(shots(2), on_step=on_step)
    assert [painter.cancels for painter in both] == [1, 1]


@pytest.mark.parametrize("failing", [0, 1])
def test_the_error_of_one_stops_the_other_and_comes_out(failing: int) -> None:
    both: list[Painter] = [Endless(), Endless()]
    both[failing] = Painter(fail(GenerationError("no picture")))
    threads = Threads()
    with pytest.raises(GenerationError, match="no picture"):
        pair(*both, threads).generate(shots(2))
    assert both[1 - failing].cancels == 1
    assert threads.given_back == 1


def test_two_that_do_not_fit_become_one_for_good() -> None:
    left, right = Painter(), Painter(fail(OutOfMemory("full")))
    parted = pair(left, right)
    seen: list[int] = []
    assert len(parted.generate(shots(4), on_step=lambda done, total: seen.append(done))) == 4
    assert left.calls[-1] == [0, 1, 2, 3]
    assert seen == sorted(set(seen))
    assert seen[-1] == 4 * STEPS
    parted.generate(shots(2))
    assert len(right.calls) == 1  # it is not tried again


def test_one_that_does_not_fit_alone_says_so() -> None:
    full = [Painter(fail(OutOfMemory("take a smaller preset"))) for _ in range(2)]
    with pytest.raises(OutOfMemory, match="smaller preset"):
        pair(*full).generate(shots(2))


def test_shots_of_the_two_halves_must_share_a_size() -> None:
    one, other = shots(2)
    tall = np.zeros((24, 8, 3), np.uint8)
    other = replace(other, canvas=tall, mannequin=tall, skeleton=tall, mask=tall[..., 0] == 0, depth=tall[..., 0] / 1)
    with pytest.raises(ValueError, match="share one size"):
        pair().generate([one, other])


def test_closing_closes_both() -> None:
    left, right = Painter(), Painter()
    pair(left, right).close()
    assert left.closed
    assert right.closed
