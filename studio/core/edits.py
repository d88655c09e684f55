"""Edits of a document: frozen, each gives the document after it and the edit that takes it back. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import ClassVar, Protocol

from studio.core.background import Background
from studio.core.branches import (
    Around,
    Forks,
    forks_after,
    forks_named,
    forks_offered,
    forks_showing,
    forks_withdrawn,
    path_to,
    spans_of_branch,
)
from studio.core.document import Document
from studio.core.layers import GroupLayer, Layer, Layers, distinct_tiles, mapped, walk
from studio.core.spans import (
    Spans,
    spans_after,
    spans_around,
    spans_exchanged,
    spans_restored,
)
from studio.core.tiles import Tile

_EDIT_BYTES = 512


class EditError(ValueError):
    """An edit doesn't fit the document it is applied to; nothing was changed."""


class Edit(Protocol):
    @property
    def label(self) -> str:
        """What the undo menu says after "Undo"."""
        ...

    @property
    def size_bytes(self) -> int:
        """What it keeps alive besides tiles: text, and itself."""
        ...

    @property
    def tiles_lost(self) -> Mapping[int, Tile]:
        """The tiles, by `id`, that it takes out of the document, and so keeps to take itself back."""
        ...

    def apply(self, document: Document) -> Document:
        """Raises EditError."""
        ...

    def inverse(self) -> Edit: ...


@dataclass(frozen=True)
class ReplaceText:
    """At `position` (in characters) `removed` gives way to `inserted`."""

    position: int
    removed: str
    inserted: str
    record_id: str = ""
    """The history's item the inserted text came from, if it was generated."""
    label: str = "typing"
    lost_spans: Spans = ()
    """The spans around what it replaces, as they were: see `knowing_spans`."""
    restored_spans: Spans | None = None
    """Those around what it inserts, where they are known: if it takes an edit back, or is many at once."""
    placed_spans: Spans | None = None
    """If it is a copy of words whose writers are known: theirs, from the beginning of `inserted`."""
    branch_id: int = 0
    """If it shows a branch of the fork there: which; then `inserted` is that branch's text."""
    lost_forks: Forks = ()
    """All forks as they were: see `knowing_spans`. They are shared, not copied."""
    restored_forks: Forks | None = None
    """All forks after it, where they are known: if it takes an edit back, or is many at once."""

    @property
    def size_bytes(self) -> int:
        spans = len(self.lost_spans) + len(self.restored_spans or ())
        return 4 * (len(self.removed) + len(self.inserted)) + 64 + 128 * spans

    @property
    def tiles_lost(self) -> Mapping[int, Tile]:
        return {}

    def apply(self, document: Document) -> Document:
        end = self.position + len(self.removed)
        if self.position < 0 or document.text[self.position : end] != self.removed:
            raise EditError("the text to replace doesn't stand there")
        text = document.text[: self.position] + self.inserted + document.text[end:]
        where = self.position, len(self.removed), len(self.inserted)
        if self.restored_spans is not None:
            spans = spans_restored(document.spans, *where, self.restored_spans)
        elif self.branch_id:
            spans = spans_exchanged(document.spans, *where, self._branch_spans(document))
        elif self.placed_spans is not None:
            spans = spans_exchanged(document.spans, *where, self.placed_spans)
        else:
            spans = spans_after(document.spans, *where, self.record_id)
        return document.with_text(text, spans, self._forks(document))

    def _branch_spans(self, document: Document) -> Spans:
        for fork in document.forks:
            branch = fork.branch(self.branch_id)
            if branch is None or fork.shown == branch.id:
                continue
            if (fork.position, fork.length) != (self.position, len(self.removed)):
                raise EditError("the fork is not there any more")
            if branch.text is not None and branch.text != self.inserted:
                raise EditError("the branch has other words")
            return spans_of_branch(branch, self.inserted)
        raise EditError("there is no such branch to show")

    def _forks(self, document: Document) -> Forks:
        if self.restored_forks is not None:
            return self.restored_forks
        if not document.forks and not self.record_id:
            return ()
        before = Around(document.text, document.spans, document.forks)
        if self.branch_id:
            return forks_showing(before, self.branch_id, len(self.inserted))
        where = self.position, len(self.removed), len(self.inserted)
        return forks_after(before, *where, self.record_id)

    def inverse(self) -> ReplaceText:
        return ReplaceText(
            self.position,
            self.inserted,
            self.removed,
            label=self.label,
            restored_spans=self.lost_spans,
            restored_forks=self.lost_forks,
        )


@dataclass(frozen=True)
class PlaceLayer:
    """Put a layer in at `index`, counted from the bottom of the group `parent_id` ("": the canvas)."""

    layer: Layer
    index: int
    label: str = "placing a picture"
    parent_id: str = ""
    size_bytes: ClassVar[int] = _EDIT_BYTES

    @property
    def tiles_lost(self) -> Mapping[int, Tile]:
        return {}

    def apply(self, document: Document) -> Document:
        siblings = document.siblings(self.parent_id)
        taken = {layer.id for layer in walk(document.layers)}
        if siblings is None or not 0 <= self.index <= len(siblings):
            raise EditError("there is no such place for a layer")
        if any(layer.id in taken for layer in walk((self.layer,))):
            raise EditError("the layer is there already")
        return _with_siblings(
            document,
            self.parent_id,
            (*siblings[: self.index], self.layer, *siblings[self.index :]),
        )

    def inverse(self) -> RemoveLayer:
        return RemoveLayer(self.layer, self.index, self.label, self.parent_id)


@dataclass(frozen=True)
class RemoveLayer:
    layer: Layer
    index: int
    label: str = "removing a picture"
    parent_id: str = ""
    size_bytes: ClassVar[int] = _EDIT_BYTES

    @cached_property
    def tiles_lost(self) -> Mapping[int, Tile]:
        return distinct_tiles((self.layer,))

    def apply(self, document: Document) -> Document:
        siblings = document.siblings(self.parent_id)
        if siblings is None or self.index >= len(siblings) or siblings[self.index] != self.layer:
            raise EditError("there is no such layer")
        rest = (*siblings[: self.index], *siblings[self.index + 1 :])
        return _with_siblings(document, self.parent_id, rest)

    def inverse(self) -> PlaceLayer:
        return PlaceLayer(self.layer, self.index, self.label, self.parent_id)


@dataclass(frozen=True)
class ChangeLayer:
    """Give a layer other values or pixels, wherever it is in the tree."""

    before: Layer
    after: Layer
    label: str = "moving a picture"
    size_bytes: ClassVar[int] = _EDIT_BYTES

    @cached_property
    def tiles_lost(self) -> Mapping[int, Tile]:
        return _only_first(distinct_tiles((self.before,)), distinct_tiles((self.after,)))

    def apply(self, document: Document) -> Document:
        there = document.layer(self.before.id)
        if self.before.id != self.after.id or there != self.before:
            raise EditError("there is no such layer")

        def exchanged(siblings: Layers) -> Layers:
            if all(layer.id != self.before.id for layer in siblings):
                return siblings
            return tuple(self.after if layer.id == self.before.id else layer for layer in siblings)

        return document.with_layers(mapped(document.layers, exchanged))

    def inverse(self) -> ChangeLayer:
        return ChangeLayer(self.after, self.before, self.label)


@dataclass(frozen=True)
class ChangeCanvas:
    """The canvas, as it was in one document and as it is in another: reordered or merged layers, another
    size or selection. Text and background are left alone."""

    before: Document
    after: Document
    label: str
    size_bytes: ClassVar[int] = _EDIT_BYTES

    @cached_property
    def tiles_lost(self) -> Mapping[int, Tile]:
        return _only_first(self.before.distinct_tiles(), self.after.distinct_tiles())

    def apply(self, document: Document) -> Document:
        before = self.before.with_background(document.background)
        if document.with_text("") != before.with_text(""):
            raise EditError("the canvas is another by now")
        after = self.after.with_background(document.background)
        return after.with_text(document.text, document.spans, document.forks)

    def inverse(self) -> ChangeCanvas:
        return ChangeCanvas(self.after, self.before, self.label)


@dataclass(frozen=True)
class ChangeBackground:
    """What a model is told beside the text becomes something else."""

    before: Background
    after: Background
    label: str = "changing the memory"

    @property
    def size_bytes(self) -> int:
        return self.before.size_bytes + self.after.size_bytes

    @property
    def tiles_lost(self) -> Mapping[int, Tile]:
        return {}

    def apply(self, document: Document) -> Document:
        if document.background != self.before:
            raise EditError("the background is another by now")
        return document.with_background(self.after)

    def inverse(self) -> ChangeBackground:
        return ChangeBackground(self.after, self.before, self.label)


@dataclass(frozen=True)
class Several:
    """Edits that are one step."""

    edits: tuple[Edit, ...]
    label: str

    @property
    def size_bytes(self) -> int:
        return sum(edit.size_bytes for edit in self.edits)

    @cached_property
    def tiles_lost(self) -> Mapping[int, Tile]:
        return {key: tile for edit in self.edits for key, tile in edit.tiles_lost.items()}

    def apply(self, document: Document) -> Document:
        before = document
        for edit in self.edits:
            document = edit.apply(document)
        if (rewriting := _rewriting(self.edits)) is not None:
            around = Around(before.text, before.spans, before.forks)
            document = document.with_forks(forks_after(around, *rewriting))
        return document

    def inverse(self) -> Several:
        return Several(tuple(edit.inverse() for edit in reversed(self.edits)), self.label)


@dataclass(frozen=True)
class OfferBranch:
    """A result waits to be accepted: a way the text could go, whatever is answered.

    Args:
        length: How many characters at `position` it would take the place of.
    """

    position: int
    record_id: str
    length: int = 0
    label: str = "suggesting"
    size_bytes: ClassVar[int] = _EDIT_BYTES

    @property
    def tiles_lost(self) -> Mapping[int, Tile]:
        return {}

    def apply(self, document: Document) -> Document:
        if not 0 <= self.position <= self.position + self.length <= len(document.text):
            raise EditError("there is no such place in the text")
        offered = forks_offered(document.forks, self.position, self.record_id, self.length)
        return document.with_forks(offered)

    def inverse(self) -> WithdrawBranch:
        return WithdrawBranch(self)


@dataclass(frozen=True)
class WithdrawBranch:
    """Takes `OfferBranch` back."""

    offer: OfferBranch
    size_bytes: ClassVar[int] = _EDIT_BYTES

    @property
    def label(self) -> str:
        return self.offer.label

    @property
    def tiles_lost(self) -> Mapping[int, Tile]:
        return {}

    def apply(self, document: Document) -> Document:
        return document.with_forks(forks_withdrawn(document.forks, self.offer.record_id))

    def inverse(self) -> OfferBranch:
        return self.offer


@dataclass(frozen=True)
class NameBranch:
    branch_id: int
    before: str
    after: str
    label: str = "naming a branch"
    size_bytes: ClassVar[int] = _EDIT_BYTES

    @property
    def tiles_lost(self) -> Mapping[int, Tile]:
        return {}

    def apply(self, document: Document) -> Document:
        if not path_to(document.forks, self.branch_id):
            raise EditError("there is no such branch")
        return document.with_forks(forks_named(document.forks, self.branch_id, self.after))

    def inverse(self) -> NameBranch:
        return NameBranch(self.branch_id, self.after, self.before, self.label)


def _rewriting(edits: tuple[Edit, ...]) -> tuple[int, int, int, str] | None:
    """If edits are the changes of one rewritten passage: where it begins, how long it was and is, whose
    words. It is one way on, not as many as there are changes."""
    found = [edit for edit in edits if isinstance(edit, ReplaceText)]
    ids = {edit.record_id for edit in found}
    if len(found) != len(edits) or len(found) < 2 or len(ids) != 1 or ids == {""}:
        return None
    start, old_end, moved = found[0].position, found[0].position, 0
    for edit in found:  # each fits the text after those before it, and they are in its order
        if edit.restored_forks is not None or edit.position - moved < old_end:
            return None
        old_end = edit.position - moved + len(edit.removed)
        moved += len(edit.inserted) - len(edit.removed)
    return start, old_end - start, old_end - start + moved, found[0].record_id


def parts(edit: Edit) -> tuple[Edit, ...]:
    """The plain edits in an edit, in order."""
    if isinstance(edit, Several):
        return tuple(part for inner in edit.edits for part in parts(inner))
    return (edit,)


def knowing_spans(edit: Edit, document: Document) -> Edit:
    """The edit with the spans and forks it is about to change in this document, so that its inverse restores
    them."""
    if isinstance(edit, ReplaceText):
        lost = spans_around(document.spans, edit.position, len(edit.removed))
        if lost == edit.lost_spans and document.forks is edit.lost_forks:
            return edit
        return replace(edit, lost_spans=lost, lost_forks=document.forks)
    if isinstance(edit, Several) and any(isinstance(part, ReplaceText) for part in parts(edit)):
        known: list[Edit] = []
        for part in edit.edits:
            known.append(knowing_spans(part, document))
            document = part.apply(document)
        return replace(edit, edits=tuple(known))
    return edit


def _with_siblings(document: Document, parent_id: str, siblings: Layers) -> Document:
    if not parent_id:
        return document.with_layers(siblings)

    def filled(layers: Layers) -> Layers:
        if all(layer.id != parent_id for layer in layers):
            return layers
        return tuple(
            replace(layer, layers=siblings)
            if isinstance(layer, GroupLayer) and layer.id == parent_id
            else layer
            for layer in layers
        )

    return document.with_layers(mapped(document.layers, filled))


def _only_first(first: Mapping[int, Tile], second: Mapping[int, Tile]) -> dict[int, Tile]:
    return {key: tile for key, tile in first.items() if key not in second}
