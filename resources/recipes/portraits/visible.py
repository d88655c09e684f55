"""What a portrait's viewer can see of its attributes: some things are drawn, yet hidden.

Measured by drawing each combination with and without the thing, at 128 px: hidden is what changes fewer than
3 pixels by more than 25 of 255. Labels and captions of the data still name them.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

HAIR_OVER_EARRINGS: dict[int, frozenset[int]] = {
    1: frozenset({21}),
    2: frozenset({14, 15, 19, 21, 23, 40, 41, 45}),
    3: frozenset({15, 21, 40, 41, 45}),
}
"""Per earring, the hair variants that cover it."""


def extra_is_hidden(one: Mapping[str, Any]) -> bool:
    """Earrings under hair; freckles on dark skin, 18 of 255 from it at most."""
    nuisance = one["nuisance"]
    if one["extra"] == "earrings":
        return nuisance["hair"] in HAIR_OVER_EARRINGS[nuisance["earrings"]]
    return bool(one["extra"] == "freckles" and one["skin"] == "dark")


def seen(one: Mapping[str, Any]) -> dict[str, Any]:
    """The attributes as a viewer would give them: a hidden extra is none."""
    return {**one, "extra": "none"} if extra_is_hidden(one) else dict(one)
