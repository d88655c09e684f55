"""What a model thought of the words that stand in the text now: its own, and those it was asked to read.

GUI thread. What models wrote has its facts in the history or the folio; what was read is known as long as the
document is open. Where a token stands is found when somebody looks, and kept while its passage stays.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QObject, Signal

from studio.api.tokens import TokenFact
from studio.core.edits import ReplaceText, parts
from studio.core.spans import Spans, spans_after
from studio.core.store import Change, DocumentStore
from studio.core.token_places import TokenPlace, token_at, token_places
from studio.ui.editor.kept_texts import KeptTexts

READING = "reading-"
"""How the ids of what was only read begin."""

_Key = tuple[tuple[int, str], ...]


@dataclass(frozen=True)
class _Placed:
    """A result's tokens, kept as long as the document: more are shown at once than are remembered."""

    facts: tuple[TokenFact, ...]
    key: _Key = ()
    places: tuple[TokenPlace, ...] = ()


class WordFacts(QObject):
    changed = Signal()
    """Facts came in, or some are known no longer; not: the text was changed."""

    def __init__(self, store: DocumentStore, texts: KeptTexts) -> None:
        super().__init__()
        self._store = store
        self._texts = texts
        self._read: Spans = ()
        self._facts: dict[str, tuple[TokenFact, ...]] = {}
        self._placed: dict[str, _Placed] = {}
        texts.arrived.connect(lambda _: self.changed.emit())
        store.changed.connect(self._on_store_changed)

    def at(self, position: int) -> TokenPlace | None:
        """The token a character is of, if something is known of it by now; else it is looked for."""
        for spans in (self._store.document.spans, self._read):
            for span in spans:
                if span.start <= position < span.end:
                    found = token_at(self._places(spans, span.record_id), position)
                    if found is not None:
                        return found
        return None

    def places(self) -> tuple[TokenPlace, ...]:
        """All that is known by now, in the text's order; what was read goes before what was written."""
        read = self._all(self._read)
        taken = [(span.start, span.end) for span in self._read]
        written = [
            place
            for place in self._all(self._store.document.spans)
            if not any(start <= place.start < end for start, end in taken)
        ]
        return tuple(sorted((*read, *written), key=lambda place: place.start))

    def passage_end(self, place: TokenPlace) -> int:
        """Where what goes on from a token ends: its passage's end, of a person's words the paragraph's."""
        for span in self._store.document.spans:
            if span.start <= place.start < span.end:
                return span.end
        end = self._store.document.text.find("\n", place.end)
        return end if end >= 0 else len(self._store.document.text)

    def add_reading(self, start: int, end: int, facts: Sequence[TokenFact]) -> None:
        """A model read the characters from `start` to `end`; what it thought before of them is forgotten."""
        name = f"{READING}{len(self._facts)}"
        self._facts[name] = tuple(facts)
        self._read = spans_after(self._read, start, end - start, end - start, name)
        self.changed.emit()

    def forget_readings(self) -> None:
        self._read, self._facts = (), {}
        for name in [name for name in self._placed if name.startswith(READING)]:
            del self._placed[name]
        self.changed.emit()

    def _all(self, spans: Spans) -> list[TokenPlace]:
        names = dict.fromkeys(span.record_id for span in spans)
        return [place for name in names for place in self._places(spans, name)]

    def _places(self, spans: Spans, record_id: str) -> tuple[TokenPlace, ...]:
        kept = self._placed.get(record_id) or _Placed(self._known(record_id))
        if not kept.facts:
            return ()
        text = self._store.document.text
        own = tuple(span for span in spans if span.record_id == record_id)
        key = tuple((span.start, text[span.start : span.end]) for span in own)
        if kept.key != key:
            places = token_places(text, own, record_id, kept.facts)
            kept = self._placed[record_id] = _Placed(kept.facts, key, places)
        return kept.places

    def _known(self, record_id: str) -> tuple[TokenFact, ...]:
        if record_id.startswith(READING):
            return self._facts.get(record_id, ())
        kept = self._texts.known(record_id)
        return kept.facts if kept is not None else ()

    def _on_store_changed(self, change: Change) -> None:
        if change.loaded:
            self._placed.clear()
            self.forget_readings()
            return
        if not self._read:
            return
        for edit in parts(change.edit):
            if isinstance(edit, ReplaceText):
                where = edit.position, len(edit.removed), len(edit.inserted)
                self._read = spans_after(self._read, *where)
