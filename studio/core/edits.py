"""Edits of a document: frozen, each gives the document after it and the edit that takes it back. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from studio.core.document import Document, Layer


class EditError(ValueError):
    """An edit doesn't fit the document it is applied to; nothing was changed."""


class Edit(Protocol):
    @property
    def label(self) -> str:
        """What the undo menu says after "Undo"."""
        ...

    @property
    def size_bytes(self) -> int: ...

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

    @property
    def size_bytes(self) -> int:
        return 4 * (len(self.removed) + len(self.inserted)) + 64

    def apply(self, document: Document) -> Document:
        end = self.position + len(self.removed)
        if self.position < 0 or document.text[self.position : end] != self.removed:
            raise EditError("the text to replace doesn't stand there")
        return document.with_text(
            document.text[: self.position] + self.inserted + document.text[end:]
        )

    def inverse(self) -> ReplaceText:
        return ReplaceText(self.position, self.inserted, self.removed, label=self.label)


@dataclass(frozen=True)
class PlaceLayer:
    """Put a layer in at `index`, counted from the bottom."""

    layer: Layer
    index: int
    label: str = "placing a picture"
    size_bytes: int = 512

    def apply(self, document: Document) -> Document:
        layers = document.layers
        if not 0 <= self.index <= len(layers) or document.layer(self.layer.id) is not None:
            raise EditError("the layer doesn't fit there")
        return document.with_layers((*layers[: self.index], self.layer, *layers[self.index :]))

    def inverse(self) -> RemoveLayer:
        return RemoveLayer(self.layer, self.index, self.label)


@dataclass(frozen=True)
class RemoveLayer:
    layer: Layer
    index: int
    label: str = "removing a picture"
    size_bytes: int = 512

    def apply(self, document: Document) -> Document:
        layers = document.layers
        if self.index >= len(layers) or layers[self.index] != self.layer:
            raise EditError("there is no such layer")
        return document.with_layers((*layers[: self.index], *layers[self.index + 1 :]))

    def inverse(self) -> PlaceLayer:
        return PlaceLayer(self.layer, self.index, self.label)


@dataclass(frozen=True)
class ChangeLayer:
    """Give a layer other values: moved, hidden, renamed."""

    before: Layer
    after: Layer
    label: str = "moving a picture"
    size_bytes: int = 512

    def apply(self, document: Document) -> Document:
        if self.before.id != self.after.id or self.before not in document.layers:
            raise EditError("there is no such layer")
        return document.with_layers(
            tuple(self.after if layer == self.before else layer for layer in document.layers)
        )

    def inverse(self) -> ChangeLayer:
        return ChangeLayer(self.after, self.before, self.label)


@dataclass(frozen=True)
class Several:
    """Edits that are one step."""

    edits: tuple[Edit, ...]
    label: str

    @property
    def size_bytes(self) -> int:
        return sum(edit.size_bytes for edit in self.edits)

    def apply(self, document: Document) -> Document:
        for edit in self.edits:
            document = edit.apply(document)
        return document

    def inverse(self) -> Several:
        return Several(tuple(edit.inverse() for edit in reversed(self.edits)), self.label)


def parts(edit: Edit) -> tuple[Edit, ...]:
    """The plain edits in an edit, in order."""
    if isinstance(edit, Several):
        return tuple(part for inner in edit.edits for part in parts(inner))
    return (edit,)
