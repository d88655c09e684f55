"""Words that aren't in the dictionary are underlined; the context menu suggests others. GUI thread.

Only what is seen is looked at, at a pause, and not the word that is being typed.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator
from functools import partial

from PySide6.QtCore import QObject, QTimer
from PySide6.QtGui import QAction, QColor
from PySide6.QtWidgets import QMenu

from studio.api.errors import StorageError
from studio.core.edits import ReplaceText, parts
from studio.core.markdown_lines import Fence, fence_after
from studio.core.spelling import Word, letters_of, words_of
from studio.core.store import Change, DocumentStore
from studio.io.dictionaries import Dictionary
from studio.ui.editor.marking import Mark
from studio.ui.editor.text_area import TextArea
from studio.ui.theme.icons import tokens_in_use

_PAUSE_MS = 300


class Spelling(QObject):
    """Args:
    read: Reads a language's dictionary, on an I/O thread.
    report: Told what went wrong.
    """

    def __init__(
        self,
        area: TextArea,
        store: DocumentStore,
        read: Callable[[str], Awaitable[Dictionary]],
        report: Callable[[BaseException], None],
    ) -> None:
        super().__init__(area)
        self._area = area
        self._store = store
        self._read = read
        self._report = report
        self._language = ""
        self._dictionary: Dictionary | None = None
        self._wrong: list[tuple[int, int]] = []
        self._later = QTimer(self)
        self._later.setSingleShot(True)
        self._later.setInterval(_PAUSE_MS)
        self._later.timeout.connect(self.look)
        area.verticalScrollBar().valueChanged.connect(self._later.start)
        area.verticalScrollBar().rangeChanged.connect(self._later.start)
        area.cursorPositionChanged.connect(self._later.start)
        area.menu_opening.connect(self._on_area_menu_opening)
        store.changed.connect(self._on_store_changed)

    async def choose(self, language: str) -> None:
        """Spell in a language from when its dictionary is read; "": nothing is wrong.

        Raises:
            StorageError: the person's own words can't be read.
        """
        if language == self._language:
            return
        self._language, self._dictionary = language, None
        dictionary = await self._read(language) if language else None
        if language == self._language:  # no other was chosen meanwhile
            self._dictionary = dictionary
            self.look()

    def look(self) -> None:
        """Find what is wrong in what is seen."""
        self._later.stop()
        start, end, fence = self._area.seen_paragraphs()
        caret = self._area.caret() if self._area.hasFocus() else -1
        self._wrong = [
            (word.start, word.end)
            for word in self._unknown(start, end, fence)
            if not word.start <= caret <= word.end
        ]
        self._mark()

    def tint_again(self) -> None:
        self._mark()

    def go_on(self) -> None:
        """Select the next wrong word, around the end, and say what it could be."""
        text, at = self._store.document.text, self._area.selected_range()[1]
        begin = text.rfind("\n", 0, at) + 1
        fence: Fence | None = None
        for line in text[:begin].split("\n")[:-1]:
            fence = fence_after(line, fence)
        behind = (word for word in self._unknown(begin, len(text), fence) if word.start >= at)
        found = next(behind, None) or next(self._unknown(0, len(text), None), None)
        if found is not None:
            self._area.select(found.start, found.end)
            self._area.open_menu(self._area.cursorRect().bottomLeft(), found.start)

    def _unknown(self, start: int, end: int, fence: Fence | None) -> Iterator[Word]:
        """The wrong words of whole paragraphs, in characters of the document's text."""
        if self._dictionary is None:
            return
        at, knows, language = start, self._dictionary.knows, self._dictionary.language
        for line in self._store.document.text[start:end].split("\n"):
            # Most lines are right or of another script: they need not be taken apart.
            if not all(knows(run) for run in letters_of(line, language)):
                for word in words_of(line, fence, language):
                    if not knows(word.text):
                        yield Word(at + word.start, at + word.end, word.text)
            fence, at = fence_after(line, fence), at + len(line) + 1

    def _mark(self) -> None:
        line = QColor(tokens_in_use().danger)
        marks = [Mark(start, end, line=line, wavy=True) for start, end in self._wrong]
        self._area.show_marks("spelling", marks)

    def _on_store_changed(self, change: Change) -> None:
        """What was found moves with the text, until it is looked at again."""
        self._later.start()
        for edit in parts(change.edit):
            if isinstance(edit, ReplaceText) and self._wrong:
                end, moved = (
                    edit.position + len(edit.removed),
                    len(edit.inserted) - len(edit.removed),
                )
                self._wrong = [
                    (a, b) if b <= edit.position else (a + moved, b + moved)
                    for a, b in self._wrong
                    if b <= edit.position or a >= end
                ]
                self._mark()

    def _on_area_menu_opening(self, menu: QMenu, position: int) -> None:
        text = self._store.document.text
        begin = text.rfind("\n", 0, position) + 1
        end = text.find("\n", position)
        fence = self._area.fence_at(position)
        words = self._unknown(begin, end if end >= 0 else len(text), fence)
        word = next((word for word in words if word.start <= position <= word.end), None)
        if word is None or self._dictionary is None:
            return
        actions = [
            _action(menu, other, partial(self._correct, word, other))
            for other in self._dictionary.suggestions(word.text)
        ]
        if not actions:
            actions = [_action(menu, "No suggestions", None)]
        actions += [
            _separator(menu),
            _action(menu, f"Add “{word.text}” to the dictionary", partial(self._learn, word.text)),
            _action(menu, "Ignore it for now", partial(self._ignore, word.text)),
            _separator(menu),
        ]
        first = menu.actions()[0] if menu.actions() else None
        for action in actions:
            menu.insertAction(first, action) if first is not None else menu.addAction(action)

    def _correct(self, word: Word, other: str) -> None:
        if self._store.document.text[word.start : word.end] == word.text:
            self._store.apply(ReplaceText(word.start, word.text, other, label="correcting"))

    def _learn(self, word: str) -> None:
        if self._dictionary is not None:
            try:
                self._dictionary.learn(word)
            except StorageError as error:
                self._report(error)
            self.look()

    def _ignore(self, word: str) -> None:
        if self._dictionary is not None:
            self._dictionary.ignore(word)
            self.look()


def _action(menu: QMenu, text: str, slot: Callable[[], None] | None) -> QAction:
    action = QAction(text.replace("&", "&&"), menu)
    action.setEnabled(slot is not None)
    if slot is not None:
        action.triggered.connect(lambda: slot())
    return action


def _separator(menu: QMenu) -> QAction:
    action = QAction(menu)
    action.setSeparator(True)
    return action
