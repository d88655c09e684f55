"""What a conditional generator is told beside z: a class, or attributes such as hair and glasses. No torch.

Attributes come in slots of which each has one value at a time; the condition is the row of all slots' one-hot
parts. Left to chance, they are drawn as the training data had them. Any thread.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from studio.api import ParamsError

from .config import Misfit

Row = npt.NDArray[np.float32]


@dataclass(frozen=True)
class Slot:
    """One attribute: its name, values, and each value's share in the training data."""

    name: str
    values: tuple[str, ...]
    shares: tuple[float, ...]

    def slider(self, value: str) -> str:
        """What a value's slider is called: unique within the model, without "," and "="."""
        words = f"{self.name} {value}".replace(",", " ").replace("=", " ")
        return " ".join(words.split())

    @cached_property
    def sliders(self) -> tuple[str, ...]:
        """Of all values, in their order."""
        return tuple(self.slider(value) for value in self.values)


@dataclass(frozen=True)
class Conditions:
    """How a model's condition of `c_dim` numbers is made; without slots it is one of `c_dim` classes.

    `rows`, if there are any, are combinations of values that the training data had, (M, slots): they are
    drawn whole, so that what belongs together stays together.
    """

    c_dim: int
    slots: tuple[Slot, ...] = ()
    rows: npt.NDArray[np.int64] | None = None

    def draw(
        self, random: np.random.RandomState, chosen: Mapping[str, float], class_index: int = -1
    ) -> Row | None:
        """A condition, (c_dim,) float32; None if the model takes none.

        Args:
            random: What is not chosen comes from here.
            chosen: Weights by slider. Those of one slot that sum to one or more decide it; less leaves
                the rest to what was drawn.
            class_index: -1 draws one.

        Raises:
            ParamsError: no such class or attribute.
        """
        if not self.c_dim:
            self._refuse(chosen, class_index)
            return None
        if not self.slots:
            self._refuse(chosen, -1)
            return self._class(random, class_index)
        known = [name for slot in self.slots for name in slot.sliders] if chosen else []
        if strange := sorted(set(chosen) - set(known)):
            raise ParamsError(
                f"This model knows no attribute {strange[0]!r}.",
                where="attributes",
                remedy=f"Some it knows: {', '.join(sorted(known)[:6])}.",
            )
        if class_index >= 0:
            raise ParamsError(
                "This model takes attributes, not classes.",
                where="class_index",
                remedy="Leave it at -1.",
            )
        parts = [
            self._slot(slot, drawn, chosen)
            for slot, drawn in zip(self.slots, self._drawn(random), strict=True)
        ]
        return np.concatenate(parts)

    def only(self, slot: Slot, value: str, base: Row) -> Row:
        """Conditions (N, c_dim) with one slot set to a value."""
        start = 0
        for other in self.slots:
            if other == slot:
                changed = base.copy()
                changed[:, start : start + len(slot.values)] = 0
                changed[:, start + slot.values.index(value)] = 1
                return changed
            start += len(other.values)
        raise ValueError(f"no slot {slot.name!r}")

    def _drawn(self, random: np.random.RandomState) -> list[int]:
        if self.rows is not None and len(self.rows):
            return [int(index) for index in self.rows[random.randint(len(self.rows))]]
        return [int(random.choice(len(slot.values), p=slot.shares)) for slot in self.slots]

    def _slot(self, slot: Slot, drawn: int, chosen: Mapping[str, float]) -> Row:
        weights = np.zeros(len(slot.values), np.float32)
        for place, name in enumerate(slot.sliders if chosen else ()):
            weights[place] = max(0.0, chosen.get(name, 0.0))
        total = float(weights.sum())
        if total > 1:
            return weights / np.float32(total)
        weights[drawn] += np.float32(1 - total)
        return weights

    def _class(self, random: np.random.RandomState, class_index: int) -> Row:
        if class_index >= self.c_dim:
            raise ParamsError(
                f"This model has {self.c_dim} classes.",
                where="class_index",
                remedy=f"Choose one from 0 to {self.c_dim - 1}, or -1 for any.",
            )
        row = np.zeros(self.c_dim, np.float32)
        row[class_index if class_index >= 0 else random.randint(self.c_dim)] = 1
        return row

    def _refuse(self, chosen: Mapping[str, float], class_index: int) -> None:
        if class_index >= 0:
            raise ParamsError(
                "This model has no classes.", where="class_index", remedy="Leave it at -1."
            )
        if chosen:
            raise ParamsError(
                "This model has no attributes to choose.",
                where="attributes",
                remedy="Leave them out.",
            )


def slots_from_json(listed: object, c_dim: int) -> tuple[Slot, ...]:
    """The slots of a config.json: [{"name": "hair", "values": ["long", …], "shares": [0.2, …]}, …].

    Raises:
        Misfit: of another form, or their values are not `c_dim` in all.
    """
    if listed is None:
        return ()
    if not isinstance(listed, list):
        raise Misfit("its attributes are no list")
    slots = []
    for entry in listed:
        if not isinstance(entry, dict) or not isinstance(entry.get("name"), str):
            raise Misfit("one of its attributes has no name")
        name, values = entry["name"], entry.get("values")
        if (
            not isinstance(values, list)
            or not values
            or not all(isinstance(v, str) for v in values)
        ):
            raise Misfit(f"its attribute {name!r} has no values")
        shares = entry.get("shares", [1] * len(values))
        if (
            not isinstance(shares, list)
            or len(shares) != len(values)
            or not all(isinstance(s, int | float) and 0 <= s < 1e12 for s in shares)
            or sum(shares) <= 0
        ):
            raise Misfit(f"the shares of its attribute {name!r} don't fit its values")
        total = sum(shares)
        slots.append(Slot(name, tuple(values), tuple(share / total for share in shares)))
    sliders = [slot.slider(value) for slot in slots for value in slot.values]
    if len(set(sliders)) != len(sliders):
        raise Misfit("two of its attributes' values have the same name")
    if len(sliders) != c_dim:
        raise Misfit(f"its attributes have {len(sliders)} values in all, and its c_dim is {c_dim}")
    return tuple(slots)
