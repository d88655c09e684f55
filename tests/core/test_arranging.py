"""Layers in another order, in groups, doubled: every layer stays exactly once, and undo gives it back."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from studio.core.arranging import doubled, free_name, grouped, moved_to, shifted, ungrouped, without
from studio.core.document import Document
from studio.core.layers import GroupLayer, Layer, PaintLayer, walk


def _names(layers: tuple[Layer, ...]) -> str:
    """ "a(bc)d": from bottom to top, groups in parentheses after their name."""
    return "".join(
        f"{a.id}({_names(a.layers)})" if isinstance(a, GroupLayer) else a.id for a in layers
    )


def _document() -> Document:
    a, b, c, d = (PaintLayer(name, f"Layer {name}") for name in "abcd")
    return Document(layers=(a, GroupLayer("g", "g", (b, c)), d))


def test_layer_moves_into_a_group_and_out_again() -> None:
    document = _document()
    into = moved_to(document, "a", "g", 1)
    assert into is not None
    after = into.apply(document)
    assert _names(after.layers) == "g(bac)d"
    out = moved_to(after, "a", "", 2)
    assert out is not None
    assert _names(out.apply(after).layers) == "g(bc)da"
    assert into.inverse().apply(after) == document


def test_group_does_not_go_into_itself() -> None:
    assert moved_to(_document(), "g", "g", 0) is None


def test_layer_steps_past_its_neighbour_and_out_of_its_group() -> None:
    document = _document()
    steps = []
    for _ in range(4):
        edit = shifted(document, "b", 1)
        if edit is None:
            break
        document = edit.apply(document)
        steps.append(_names(document.layers))
    assert steps == ["ag(cb)d", "ag(c)bd", "ag(c)db"]
    down = shifted(_document(), "b", -1)
    assert down is not None
    assert _names(down.apply(_document()).layers) == "abg(c)d"


def test_grouping_and_ungrouping_keep_the_order() -> None:
    document = _document()
    edit = grouped(document, "ad", "h")
    assert edit is not None
    after = edit.apply(document)
    assert _names(after.layers) == "g(bc)h(ad)"
    opened = ungrouped(after, "h")
    assert opened is not None
    assert _names(opened.apply(after).layers) == "g(bc)ad"


def test_doubled_group_has_new_ids_throughout_and_shares_its_pixels() -> None:
    document = _document()
    group = document.layer("g")
    assert isinstance(group, GroupLayer)
    after = doubled(document, group).apply(document)
    ids = [layer.id for layer in walk(after.layers)]
    assert len(ids) == len(set(ids)) == 8
    copy = after.layers[2]
    assert isinstance(copy, GroupLayer)
    assert copy.name == "g copy"
    assert copy.layers[0].name == "Layer b"


def test_free_name_counts_on() -> None:
    document = Document(layers=(PaintLayer("1", "Layer 1"), PaintLayer("2", "Layer 7")))
    assert free_name(document, "Layer") == "Layer 8"
    assert free_name(Document(), "Layer") == "Layer 1"


@given(st.sets(st.sampled_from("abcdg"), min_size=1), st.sampled_from(["", "g"]), st.integers(0, 3))
def test_every_layer_stays_once_wherever_it_is_moved(
    chosen: set[str], parent: str, index: int
) -> None:
    document = _document()
    edit = moved_to(document, chosen, parent, min(index, len(document.siblings(parent) or ())))
    after = edit.apply(document) if edit is not None else document
    assert sorted(layer.id for layer in walk(after.layers)) == list("abcdg")
    if edit is not None:
        assert edit.inverse().apply(after) == document


@given(st.sets(st.sampled_from("abcdg"), min_size=1))
def test_removed_layers_are_gone_and_come_back(chosen: set[str]) -> None:
    document = _document()
    edit = without(document, chosen)
    assert edit is not None
    after = edit.apply(document)
    assert not {layer.id for layer in walk(after.layers)} & chosen
    assert edit.inverse().apply(after) == document
