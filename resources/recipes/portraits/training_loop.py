"""One loop for the trainers: a time budget, checkpoints every few minutes, resuming, TensorBoard."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, Protocol

import torch
from training import WORK, Clock, save_checkpoint, set_learning_rate

EVERY = 50
"""Steps between two lines of figures."""


class Trainable(Protocol):
    """What the loop drives."""

    optimizers: list[torch.optim.Optimizer]

    def step(self, number: int, fraction: float) -> dict[str, float]:
        """One step; its figures by name, each whenever there is one. Fraction: of the time, 0 to 1."""

    def state(self) -> dict[str, Any]:
        """What a checkpoint holds beside the step and the seconds."""

    def load(self, state: dict[str, Any]) -> None:
        """Go on from a checkpoint; it has `step` too."""

    def save_model(self) -> None:
        """Write the folder that is shipped."""


class Log(Protocol):
    """Where the figures' curves go."""

    def add_scalar(self, name: str, value: float, step: int) -> object: ...


def tensorboard(name: str) -> Log:
    from torch.utils.tensorboard import SummaryWriter

    writer: Log = SummaryWriter(str(WORK / "runs" / name))
    return writer


class Means:
    """Figures since the last line, averaged by name."""

    def __init__(self) -> None:
        self._given: dict[str, list[float]] = {}

    def add(self, figures: dict[str, float]) -> None:
        for name, value in figures.items():
            self._given.setdefault(name, []).append(value)

    def take(self) -> dict[str, float]:
        """The means, and begin anew."""
        taken = {name: sum(given) / len(given) for name, given in self._given.items()}
        self._given = {}
        return taken


def train(
    trainer: Trainable,
    checkpoint: Path,
    minutes: float,
    rate: Callable[[float, int], float],
    save_every_s: float = 240,
    log_to: Callable[[str], Log] = tensorboard,
) -> None:
    """Drive a trainer until its minutes are spent, over all restarts.

    Args:
        rate: The learning rate from the fraction of the time and the step.
    """
    step, spent = 0, 0.0
    if checkpoint.exists():
        state = torch.load(checkpoint, weights_only=True)
        trainer.load(state)
        step, spent = state["step"], state["spent_s"]
        torch.manual_seed(step)
    clock, means, saved_at = Clock(minutes, spent), Means(), spent
    log = log_to(checkpoint.stem)
    while clock.fraction < 1:
        for optimizer in trainer.optimizers:
            set_learning_rate(optimizer, rate(clock.fraction, step))
        means.add(trainer.step(step, clock.fraction))
        step += 1
        if step % EVERY == 0:
            taken = means.take()
            said = " ".join(f"{name} {value:.4f}" for name, value in taken.items())
            print(f"{step} {clock.spent_s:.0f}s {said}", flush=True)
            for name, value in taken.items():
                log.add_scalar(name, value, step)
        if clock.spent_s - saved_at > save_every_s or clock.fraction >= 1:
            saved_at = clock.spent_s
            save_checkpoint(checkpoint, **trainer.state(), step=step, spent_s=clock.spent_s)
            trainer.save_model()
