"""What a viewer can't see counts for nobody."""

from __future__ import annotations

from collections.abc import Callable
from types import ModuleType
from typing import Any

import pytest

Recipe = Callable[[str], ModuleType]


def _portrait(extra: str, skin: str = "light", hair: int = 1, earrings: int = 2) -> dict[str, Any]:
    return {"extra": extra, "skin": skin, "nuisance": {"hair": hair, "earrings": earrings}}


@pytest.mark.parametrize(
    ("portrait", "hidden"),
    [
        (_portrait("earrings", hair=15), True),
        (_portrait("earrings", hair=15, earrings=1), False),
        (_portrait("earrings"), False),
        (_portrait("freckles", skin="dark"), True),
        (_portrait("freckles", skin="tan"), False),
        (_portrait("flowers", skin="dark", hair=15), False),
    ],
)
def test_extra_is_none_where_it_is_hidden(
    recipe: Recipe, portrait: dict[str, Any], hidden: bool
) -> None:
    visible = recipe("visible")
    assert visible.extra_is_hidden(portrait) is hidden
    assert visible.seen(portrait)["extra"] == ("none" if hidden else portrait["extra"])
