"""Links to the folio's own layers, and where they stand."""

from __future__ import annotations

import pytest

from studio.core.illustration import (
    free_name,
    in_its_own_paragraph,
    layer_of,
    picture_alone,
    picture_link,
)
from studio.core.layers import PaintLayer
from studio.core.tiles import TileMap


def test_names_stay_apart() -> None:
    assert free_name("Fox", ()) == "Fox"
    assert free_name(" a \n fox", {"a fox", "a fox 2"}) == "a fox 3"
    assert free_name("  ", ()) == "Picture"


@pytest.mark.parametrize("name", ["Fox", "a fox (old) 50%", "狐狸 <1>", 'it\'s "so" [x]\\'])
def test_link_leads_to_the_layer_whatever_its_name(name: str) -> None:
    layers = tuple(PaintLayer(str(n), n_, TileMap()) for n, n_ in enumerate(["other", name]))
    link = picture_link("an [old] fox", name)
    assert link.startswith(r"![an \[old\] fox](layer:")
    source = picture_alone(f"  {link} ")
    assert source is not None
    assert layer_of(source, layers) is layers[1]
    assert layer_of("layer:none", layers) is None
    assert layer_of("fox.png", layers) is None


@pytest.mark.parametrize(
    ("line", "source"),
    [
        ("![a](b.png)", "b.png"),
        ('![](b.png "title")', "b.png"),
        ("![a](b.png) and", None),
        ("see ![a](b.png)", None),
        ("[a](b.png)", None),
        ("words", None),
    ],
)
def test_picture_alone_in_its_line(line: str, source: str | None) -> None:
    assert picture_alone(line) == source


@pytest.mark.parametrize(
    ("marked", "after"),
    [
        ("|", "L\n"),
        ("one|", "one\n\nL\n"),
        ("one\n|", "one\n\nL\n"),
        ("on|e", "on\n\nL\n\ne"),
        ("|one", "L\n\none"),
        ("one|\n\ntwo", "one\n\nL\n\ntwo"),
        ("one\n\n|two", "one\n\nL\n\ntwo"),
        ("one|\ntwo", "one\n\nL\n\ntwo"),
    ],
)
def test_picture_has_its_own_paragraph(marked: str, after: str) -> None:
    text, at = marked.replace("|", ""), marked.index("|")
    assert text[:at] + in_its_own_paragraph(text, at, "L") + text[at:] == after
