"""Find and replace: what the bar asks for is found in the document's text, marked and exchanged. GUI thread.

No search may hold the window up: each has a bound on its time, and those of a long text wait for a pause.
"""

from __future__ import annotations

from PySide6.QtCore import QObject, QTimer
from PySide6.QtGui import QColor

from studio.api.errors import StudioError
from studio.core.edits import ReplaceText
from studio.core.finding import ExpressionError, Found, exchange_at, exchanges, find
from studio.core.replacing import moved_to, replaced
from studio.core.store import DocumentStore
from studio.ui.editor.find_bar import FindBar
from studio.ui.editor.marking import Mark
from studio.ui.editor.text_area import TextArea
from studio.ui.theme.icons import tokens_in_use

_SEARCH_S = 0.2
_REPLACE_S = 1.0
_AT_ONCE = 50_000
"""So many characters are searched at each key."""
_PAUSE_MS = 250
_MOST_MARKS = 20_000


class Finding(QObject):
    def __init__(self, bar: FindBar, area: TextArea, store: DocumentStore) -> None:
        super().__init__(area)
        self.bar = bar
        self._area = area
        self._store = store
        self._found = Found()
        self._from = 0
        self._later = QTimer(self)
        self._later.setSingleShot(True)
        self._later.setInterval(_PAUSE_MS)
        self._later.timeout.connect(self._look)
        bar.query_changed.connect(self._on_query_changed)
        bar.next_requested.connect(self.go_on)
        bar.previous_requested.connect(self.go_back)
        bar.replace_requested.connect(self.replace)
        bar.replace_all_requested.connect(self.replace_all)
        bar.closed.connect(self.close)
        area.selectionChanged.connect(self._count)
        store.changed.connect(lambda change: self._on_store_changed())

    def open(self, *, replacing: bool = False) -> None:
        """Show the bar; what is selected within a paragraph is what to look for."""
        start, end = self._area.selected_range()
        selected = self._store.document.text[start:end]
        self._from = start
        self.bar.open("" if "\n" in selected else selected, replacing=replacing)
        self._look()

    def close(self) -> None:
        self.bar.hide()
        self._found = Found()
        self._later.stop()
        self._area.show_marks("found", ())
        self._area.setFocus()

    def go_on(self) -> None:
        """To the next hit, around the end."""
        if self._ready():
            self._select(self._found.after(*self._area.selected_range()))

    def go_back(self) -> None:
        if self._ready():
            self._select(self._found.before(*self._area.selected_range()))

    def replace(self) -> None:
        """Exchange the hit that is selected, and go to the next; if none is, go to the next."""
        if not self._ready():
            return
        index = self._found.index_of(*self._area.selected_range())
        if index is None:
            self.go_on()
            return
        hit, text = self._found.hits[index], self._store.document.text
        try:
            exchange = exchange_at(
                text, self.bar.query, hit, self.bar.replacement.text(), timeout_s=_SEARCH_S
            )
        except ExpressionError as error:
            self.bar.tell(str(error), bad=True)
            return
        if exchange is not None:
            old = text[hit.start : hit.end]
            self._store.apply(ReplaceText(hit.start, old, exchange.text, label="replacing"))
            after = hit.start + len(exchange.text)
            self._area.select(after, after)
        self.go_on()

    def replace_all(self) -> None:
        """One step of undo."""
        document, query = self._store.document, self.bar.query
        try:
            found = exchanges(
                document.text, query, self.bar.replacement.text(), timeout_s=_REPLACE_S
            )
        except StudioError as error:
            self.bar.tell(str(error), bad=True)
            return
        edit = replaced(document, found, "replacing all")
        if edit is not None:
            places = [moved_to(place, found) for place in self._area.selected_range()]
            self._store.apply(edit)
            self._area.select(*places)
        self._look()
        self.bar.tell(f"{len(found):,} replaced" if found else "None found")

    def tint_again(self) -> None:
        self._mark()

    def _ready(self) -> bool:
        """Whether there are hits to go to; they are looked for if need be."""
        if self.bar.isHidden():
            self.open()
        elif self._later.isActive():
            self._look()
        return bool(self._found.hits)

    def _on_query_changed(self) -> None:
        self._look()
        if self._found.hits:
            self._select(self._found.after(self._from, self._from))

    def _on_store_changed(self) -> None:
        if self.bar.isHidden():
            return
        if len(self._store.document.text) <= _AT_ONCE:
            self._look()
        else:
            self._area.show_marks("found", ())
            self._later.start()

    def _look(self) -> None:
        self._later.stop()
        self._found = Found()
        try:
            self._found = find(self._store.document.text, self.bar.query, timeout_s=_SEARCH_S)
        except ExpressionError as error:
            self.bar.tell(str(error), bad=True)
        else:
            self._count()
        self._mark()

    def _mark(self) -> None:
        ground = QColor(tokens_in_use().accent)
        ground.setAlpha(60)
        hits = self._found.hits[:_MOST_MARKS]
        self._area.show_marks("found", [Mark(hit.start, hit.end, ground) for hit in hits])

    def _count(self) -> None:
        """Say how many there are, and at which one is."""
        if self.bar.isHidden() or self._later.isActive():
            return
        of, index = len(self._found.hits), self._found.index_of(*self._area.selected_range())
        if not self._found.complete:
            self.bar.tell(f"Given up, it takes too long: {of:,} found until then", bad=True)
        elif not of:
            self.bar.tell("None found" if self.bar.query.pattern else "")
        else:
            self.bar.tell(f"{of:,} found" if index is None else f"{index + 1:,} of {of:,}")

    def _select(self, index: int) -> None:
        hit = self._found.hits[index]
        self._area.select(hit.start, hit.end)
