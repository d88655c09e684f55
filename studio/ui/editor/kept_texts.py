"""The texts that models wrote and what they thought of each token: this machine's, or a file's. GUI thread.

The history has them. A folio from elsewhere brings its own along, and those stay when the history's go.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Coroutine, Mapping
from typing import Any

from PySide6.QtCore import QObject, Signal

from studio.api.errors import StorageError
from studio.core.document import Document
from studio.io.executor import IoExecutor
from studio.io.folio_texts import KeptText
from studio.library.history import History

Start = Callable[[Coroutine[Any, Any, Any]], object]
_REMEMBERED = 200
"""So many results with their tokens, which are large; the words of all that were read."""


class KeptTexts(QObject):
    """`known` and `words` answer at once; what isn't known yet is read, and `arrived` says when it is there.

    Who shows more results than are remembered keeps what `known` gave it.

    Args:
        came_along: What the document's file brought with it, as it is now.
    """

    arrived = Signal(str)

    def __init__(
        self,
        history: History,
        io: IoExecutor,
        start: Start,
        came_along: Callable[[], Mapping[str, KeptText]],
    ) -> None:
        super().__init__()
        self._history = history
        self._io = io
        self._start = start
        self._came_along = came_along
        self._read: OrderedDict[str, KeptText | None] = OrderedDict()
        self._words: dict[str, str | None] = {}
        self._asked: set[str] = set()

    def known(self, record_id: str) -> KeptText | None:
        """None: it is being read, or it is nowhere (then `is_lost`)."""
        found = self._read.get(record_id)
        if found is not None:
            self._read.move_to_end(record_id)
            return found
        if record_id not in self._read and record_id not in self._asked:
            self._asked.add(record_id)
            self._start(self._look_up(record_id))
        return self._came_along().get(record_id)

    def words(self, record_id: str) -> str | None:
        """As `known`, only the text."""
        if (text := self._words.get(record_id)) is not None:
            return text
        asked = record_id in self._words
        kept = self._came_along().get(record_id) if asked else self.known(record_id)
        return kept.text if kept is not None else None

    def is_lost(self, record_id: str) -> bool:
        """Whether it was looked for and is nowhere."""
        lost = record_id in self._read and self._read[record_id] is None
        return lost and record_id not in self._came_along()

    def forget(self) -> None:
        """What was read is read again when it is asked for."""
        self._read.clear()
        self._words.clear()

    async def _look_up(self, record_id: str) -> None:
        try:
            found = await self._io.run(text_of, record_id, self._history)
        finally:
            self._asked.discard(record_id)
        self._remember(record_id, found)
        self.arrived.emit(record_id)

    def _remember(self, record_id: str, text: KeptText | None) -> None:
        self._words[record_id] = text.text if text is not None else None
        self._read[record_id] = text
        self._read.move_to_end(record_id)
        while len(self._read) > _REMEMBERED:
            self._read.popitem(last=False)


def text_of(record_id: str, history: History) -> KeptText | None:
    """A result of the history, if it is there and a text. I/O thread."""
    try:
        item = history.get(record_id)
        if item.kind != "text":
            return None
        return KeptText(history.text(item), history.token_facts(item))
    except StorageError:
        return None  # made on another machine, or removed


def texts_of(
    document: Document, history: History, known: Mapping[str, KeptText]
) -> dict[str, KeptText]:
    """Those a document's words are from: this machine's, or those that came with its file. I/O thread."""
    found = {record_id: text_of(record_id, history) for record_id in document.text_record_ids}
    return {**known, **{name: text for name, text in found.items() if text is not None}}
