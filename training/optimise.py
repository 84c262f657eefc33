"""Steps, averages, the learning rate by the clock, compiling, and the log: what both trainings share."""

from __future__ import annotations

import copy
import json
import math
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Generic, Protocol, TypeVar

import torch
from torch import Tensor, nn

Net = TypeVar("Net", bound=nn.Module)
Result = TypeVar("Result")

WARM_UP_STEPS = 250
COOL_DOWN = 0.35  #: last share of the time, in which the rate goes to zero
PATIENCE = 10  #: bad steps in a row before the weights go back to their average


class Clock(Protocol):
    """How far a training is."""

    @property
    def progress(self) -> float:
        """Share of the whole training that is done, 1 or more at the end."""

    @property
    def over(self) -> bool:
        """Whether this call should stop."""

    def tick(self) -> None:
        """A step was taken."""

    def state(self) -> float:
        """What `restore` needs to go on."""

    def restore(self, spent: float) -> None:
        """Go on where the `state` of an earlier call left off."""


class WallClock:
    """Planned seconds of a training that may take several calls."""

    def __init__(self, total: float, this_call: float, *, spent: float = 0.0) -> None:
        self._total, self._this_call, self._spent = total, this_call, spent
        self._start = time.monotonic()

    @property
    def elapsed(self) -> float:
        """Seconds of all calls."""
        return self._spent + time.monotonic() - self._start

    @property
    def progress(self) -> float:
        return self.elapsed / self._total

    @property
    def over(self) -> bool:
        return time.monotonic() - self._start >= self._this_call or self.elapsed >= self._total

    def tick(self) -> None:
        """Time passes by itself."""

    def state(self) -> float:
        return self.elapsed

    def restore(self, spent: float) -> None:
        self._spent = spent


class StepClock:
    """A training of so many steps: the same on a slow machine and on a fast one."""

    def __init__(self, total: int, this_call: int) -> None:
        self._total, self._left, self._taken = total, this_call, 0

    @property
    def progress(self) -> float:
        return self._taken / self._total

    @property
    def over(self) -> bool:
        return self._left <= 0 or self._taken >= self._total

    def tick(self) -> None:
        self._taken += 1
        self._left -= 1

    def state(self) -> float:
        return float(self._taken)

    def restore(self, spent: float) -> None:
        self._taken = int(spent)


def trapezoid(step: int, progress: float, warm_up: int = WARM_UP_STEPS) -> float:
    """Return the learning rate's factor: up by steps, level, and down to zero over the last `COOL_DOWN` of the time."""
    up = min(1.0, (step + 1) / warm_up)
    down = min(1.0, max(0.0, (1 - progress) / COOL_DOWN))
    return up * down


class Stepper(Generic[Net]):
    """Takes optimiser steps on `model` and keeps the running average of its weights in `average`.

    A step whose loss or gradient is not finite is left out; after `PATIENCE` in a row the weights go back to their average
    and the optimiser's memory is emptied.
    """

    def __init__(self, model: Net, *, rate: float, clip: float = 1.0, decay: float = 0.999) -> None:
        self.model = model
        self.average: Net = copy.deepcopy(model).eval().requires_grad_(False)
        self.taken = self.bad = 0
        self._in_a_row = 0
        self._rate, self._clip, self._decay = rate, clip, decay
        self._optimiser = self._fresh()

    def step(self, loss: Tensor, factor: float) -> float | None:
        """Go one step down the gradient of `loss`; return the gradient's norm, or None when the step was left out."""
        self._optimiser.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call]
        norm = float(nn.utils.clip_grad_norm_(self.model.parameters(), self._clip, foreach=True))
        if not math.isfinite(norm + float(loss.detach())):
            self._leave_out()
            return None
        for group in self._optimiser.param_groups:
            group["lr"] = self._rate * factor
        self._optimiser.step()
        self.taken += 1
        self._in_a_row = 0
        self._follow()
        return norm

    def forget(self) -> None:
        """Drop gradients, to make room after the device ran out of memory."""
        self._optimiser.zero_grad(set_to_none=True)

    def state(self) -> dict[str, Any]:
        return {
            "model": self.model.state_dict(),
            "average": self.average.state_dict(),
            "optimiser": self._optimiser.state_dict(),
            "taken": self.taken,
            "bad": self.bad,
        }

    def restore(self, state: dict[str, Any]) -> None:
        self.model.load_state_dict(state["model"])
        self.average.load_state_dict(state["average"])
        self._optimiser.load_state_dict(state["optimiser"])
        self.taken, self.bad = state["taken"], state["bad"]

    def _fresh(self) -> torch.optim.AdamW:
        return torch.optim.AdamW(
            self.model.parameters(), lr=self._rate, betas=(0.9, 0.99), weight_decay=0.01, fused=True
        )

    @torch.no_grad()
    def _follow(self) -> None:
        decay = min(self._decay, (1 + self.taken) / (10 + self.taken))
        torch._foreach_lerp_(list(self.average.parameters()), list(self.model.parameters()), 1 - decay)

    def _leave_out(self) -> None:
        self.forget()
        self.bad += 1
        self._in_a_row += 1
        if self._in_a_row >= PATIENCE:
            self.model.load_state_dict(self.average.state_dict())
            self._optimiser = self._fresh()
            self._in_a_row = 0


class Compiled:
    """A function that is compiled at its first call, until `give_up`."""

    def __init__(self, function: Callable[..., Any], *, on: bool) -> None:
        self._plain = function
        self._now: Callable[..., Any] = torch.compile(function, dynamic=False) if on else function

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return self._now(*args, **kwargs)

    def give_up(self) -> bool:
        """Run plainly from now on; return False when it was plain already."""
        compiled, self._now = self._now is not self._plain, self._plain
        return compiled


def guarded(step: Callable[[], Result], compiled: Sequence[Compiled], stepper: Stepper[Any], log: Log) -> Result | None:
    """Return `step()`. When compiled code fails, forward or backward, leave this step out and go on without compiling.

    A compiler of another version trips over other things, and a machine that is lent once gives no second chance; slow
    is better than dead. Running out of memory is not the compiler's fault.
    """
    try:
        return step()
    except torch.OutOfMemoryError:
        raise
    except Exception as exc:
        stepper.forget()
        gave_up = [function.give_up() for function in compiled]
        if not any(gave_up):
            raise
        log.write(action="compile_failed", error=f"{type(exc).__name__}: {exc}"[:2000])
        return None


class Log:
    """JSON lines, to a file and to the screen."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._path, self._start = path, time.monotonic()

    def write(self, **values: Any) -> None:
        rounded = {key: float(f"{value:.5g}") if isinstance(value, float) else value for key, value in values.items()}
        line = json.dumps({"at": round(time.monotonic() - self._start, 1), **rounded})
        print(line, flush=True)
        with self._path.open("a") as file:
            file.write(line + "\n")

    def bad_shard(self, text: str) -> None:
        """Report a shard that cannot be used."""
        self.write(action="bad_shard", text=text)


def save(path: Path, state: Any) -> None:
    """Write a checkpoint so that a killed process leaves the old one or the new one, never half of one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_suffix(".part")
    torch.save(state, draft)
    draft.replace(path)


def fast(device: torch.device) -> None:
    """Choose the quick arithmetic of the device."""
    torch.set_float32_matmul_precision("high")
    if device.type == "cuda":
        torch.backends.cudnn.benchmark = True


def channels_last(net: Net, device: torch.device) -> Net:
    """Return `net` on `device`, its weights in the order in which convolutions are fast."""
    placed: Net = net.to(device).to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    return placed
