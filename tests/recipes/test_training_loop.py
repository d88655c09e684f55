"""The trainers' loop: it resumes where its checkpoint was, and says means."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import torch

Recipe = Callable[[str], ModuleType]


class Curves:
    """Keeps what the loop logs."""

    def __init__(self) -> None:
        self.points: list[tuple[str, float, int]] = []

    def add_scalar(self, name: str, value: float, step: int) -> None:
        self.points.append((name, value, step))


class Counting:
    """A trainable of one number, which grows by its learning rate."""

    def __init__(self, steps: int) -> None:
        self.value = torch.zeros(1, requires_grad=True)
        self.optimizers = [torch.optim.SGD([self.value], lr=1.0)]
        self.numbers: list[int] = []
        self.saved: list[float] = []
        self._steps = steps

    def step(self, number: int, fraction: float) -> dict[str, float]:
        if len(self.numbers) == self._steps:
            raise KeyboardInterrupt
        self.numbers.append(number)
        self.value.grad = -torch.ones(1)
        self.optimizers[0].step()
        return {"value": float(self.value.detach())}

    def state(self) -> dict[str, Any]:
        return {"value": self.value.detach().clone()}

    def load(self, state: dict[str, Any]) -> None:
        self.value.data.copy_(state["value"])

    def save_model(self) -> None:
        self.saved.append(float(self.value.detach()))


def test_an_interrupted_training_goes_on_from_its_checkpoint(
    recipe: Recipe, tmp_path: Path
) -> None:
    loop = recipe("training_loop")
    first, second = Counting(steps=3), Counting(steps=2)
    for trainer in (first, second):
        with pytest.raises(KeyboardInterrupt):
            loop.train(trainer, tmp_path / "x.pt", 60, lambda f, s: 0.5, 0, lambda name: Curves())
    assert first.numbers == [0, 1, 2]
    assert second.numbers == [3, 4]
    assert first.saved == [0.5, 1.0, 1.5]
    assert second.saved == [2.0, 2.5]


def test_a_training_ends_with_its_minutes_says_means_and_saves(
    recipe: Recipe, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    loop = recipe("training_loop")
    trainer, curves = Counting(steps=10**9), Curves()

    class Steps:
        """A clock whose minutes are steps."""

        def __init__(self, minutes: float, spent_s: float) -> None:
            self._minutes, self.spent_s = minutes, spent_s

        @property
        def fraction(self) -> float:
            return min(1.0, len(trainer.numbers) / self._minutes)

    monkeypatch.setattr(loop, "Clock", Steps)
    loop.train(trainer, tmp_path / "x.pt", 100, lambda f, s: 1.0, 240, lambda name: curves)
    assert trainer.numbers == list(range(100))
    assert trainer.saved == [100.0]
    assert torch.load(tmp_path / "x.pt", weights_only=True)["step"] == 100
    assert curves.points == [("value", 25.5, 50), ("value", 75.5, 100)]


def test_means_are_of_each_name_s_own_values(recipe: Recipe) -> None:
    means = recipe("training_loop").Means()
    means.add({"loss": 1.0})
    means.add({"loss": 3.0, "now and then": 5.0})
    assert means.take() == {"loss": 2.0, "now and then": 5.0}
    assert means.take() == {}
