"""A rewritten passage under review, on a real queue: answered by keys and mouse, applied as one step."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from studio.core.document import Document
from studio.core.spans import WrittenSpan
from studio.core.store import DocumentStore
from studio.io.executor import IoExecutor
from studio.jobs.queue import JobQueue
from studio.jobs.spec import JobState
from studio.ui.editor.editor import TextEditor
from studio.ui.editor.review_card import ReviewCard
from studio.ui.editor.reviewing import Reviewing
from tests.support.engines import make_host, running_queue, toy_spec
from tests.support.qt_async import QtRunner, until

OLD = "He goed to the old house."
NEW = "He went to the new home."
TEXT = f"So. {OLD} End."


@dataclass
class Desk:
    queue: JobQueue
    store: DocumentStore
    editor: TextEditor
    reviewing: Reviewing

    @property
    def text(self) -> str:
        return self.store.document.text

    def busy(self) -> bool:
        return self.reviewing.busy

    @property
    def card(self) -> ReviewCard:
        return self.reviewing.card

    async def review(self, answer: str = NEW, passage: str = OLD) -> None:
        """Have the passage rewritten, and wait until the answer is all there."""
        handle = self.queue.submit(toy_spec("echo", text=answer))
        await self.reviewing.follow(handle, passage, 4, "Shorten")

    def press(self, *keys: Qt.Key, shift: bool = False) -> None:
        modifier = Qt.KeyboardModifier
        for key in keys:
            QTest.keyClick(self.card.view, key, modifier.ShiftModifier if shift else modifier(0))

    def type_at(self, position: int, text: str) -> None:
        cursor = self.editor.area.textCursor()
        cursor.setPosition(position)
        self.editor.area.setTextCursor(cursor)
        QTest.keyClicks(self.editor.area, text)


class Desks:
    def __init__(self, folder: Path, store: DocumentStore, editor: TextEditor, io: IoExecutor):
        self._folder, self._store, self._editor, self._io = folder, store, editor, io

    @asynccontextmanager
    async def open(self) -> AsyncIterator[Desk]:
        card = ReviewCard()
        self._editor.show_below(card)
        self._editor.replace_all(TEXT)
        numbers = iter(range(1, 100))

        async def stored(spec: object, event: object) -> str:
            return f"r{next(numbers)}"

        host = make_host("in_process", self._folder)
        async with running_queue(host, store_result=stored) as queue:
            reviewing = Reviewing(self._store, self._editor.area, card, self._io)
            yield Desk(queue, self._store, self._editor, reviewing)
            await reviewing.stop()


@pytest.fixture
def desks(tmp_path: Path, store: DocumentStore, editor: TextEditor, io: IoExecutor) -> Desks:
    return Desks(tmp_path, store, editor, io)


def test_part_of_the_difference_is_accepted_by_keys_as_one_step_with_its_record(
    qt_runner: QtRunner, desks: Desks
) -> None:
    async def main() -> None:
        async with desks.open() as desk:
            await desk.review()
            assert desk.card.isVisible()
            assert desk.text == TEXT
            desk.press(Qt.Key.Key_Return)
            assert desk.text == TEXT
            desk.press(Qt.Key.Key_Delete)
            assert desk.text == "So. He went to the old house. End." == shown(desk)
            assert desk.store.document.spans == (WrittenSpan(7, 11, "r1"),)
            assert not desk.card.isVisible()
            desk.store.undo()
            assert desk.text == TEXT == shown(desk)
            assert not desk.store.document.spans

    qt_runner.run(main)


def test_all_is_accepted_by_one_key_and_undone_by_one(qt_runner: QtRunner, desks: Desks) -> None:
    async def main() -> None:
        async with desks.open() as desk:
            await desk.review()
            desk.press(Qt.Key.Key_Return, shift=True)
            assert desk.text == f"So. {NEW} End." == shown(desk)
            assert [span.record_id for span in desk.store.document.spans] == ["r1", "r1"]
            desk.store.undo()
            assert desk.text == TEXT
            desk.store.redo()
            assert desk.text == f"So. {NEW} End."

    qt_runner.run(main)


def test_escape_rejects_the_rest_and_keeps_what_was_accepted(
    qt_runner: QtRunner, desks: Desks
) -> None:
    async def main() -> None:
        async with desks.open() as desk:
            await desk.review()
            desk.press(Qt.Key.Key_Down, Qt.Key.Key_Return, Qt.Key.Key_Escape)
            assert desk.text == "So. He goed to the new home. End."
            await desk.review(passage="He goed to the new home.")
            steps = len(desk.store.undo_labels)
            desk.press(Qt.Key.Key_Escape)
            assert desk.text == "So. He goed to the new home. End."
            assert len(desk.store.undo_labels) == steps

    qt_runner.run(main)


def test_mouse_chooses_a_change_and_buttons_answer_it(qt_runner: QtRunner, desks: Desks) -> None:
    async def main() -> None:
        async with desks.open() as desk:
            await desk.review()
            view = desk.card.view
            assert view.toPlainText() == "He goedwent to the old house" + "new home."
            cursor = view.textCursor()
            cursor.setPosition(view.range_of(1)[0] + 2)
            QTest.mouseClick(
                view.viewport(), Qt.MouseButton.LeftButton, pos=view.cursorRect(cursor).center()
            )
            assert "“old house” becomes “new home”" in view.accessibleDescription()
            desk.card.accept.click()
            desk.card.reject.click()
            assert desk.text == "So. He goed to the new home. End."

    qt_runner.run(main)


def test_typing_elsewhere_while_it_is_written_and_reviewed_moves_the_passage(
    qt_runner: QtRunner, desks: Desks
) -> None:
    async def main() -> None:
        async with desks.open() as desk:
            handle = desk.queue.submit(toy_spec("echo", text="He went. ", repeat=100_000))
            following = desk.reviewing.follow(handle, OLD, 4, "Expand")
            await until(lambda: "He went." in desk.card.view.toPlainText())
            desk.type_at(0, "Now: ")
            assert desk.text == f"Now: {TEXT}"
            handle.finish_early()
            await following
            desk.type_at(len(desk.text), "!!")
            desk.press(Qt.Key.Key_Return, shift=True)
            assert desk.text.startswith("Now: So. He went. He went.")
            assert desk.text.endswith("He went. End.!!")

    qt_runner.run(main)


def test_typing_within_the_passage_keeps_the_answers_that_still_fit(
    qt_runner: QtRunner, desks: Desks
) -> None:
    async def main() -> None:
        async with desks.open() as desk:
            await desk.review()
            desk.press(Qt.Key.Key_Return)
            desk.type_at(desk.text.index("to the"), "back ")
            assert desk.text == "So. He goed back to the old house. End."
            await until(lambda: "back" in desk.card.view.toPlainText())
            desk.type_at(desk.text.index("old"), "very ")
            desk.press(Qt.Key.Key_Return, shift=True)
            assert desk.text == f"So. {NEW} End."

    qt_runner.run(main)


def test_passage_that_is_removed_ends_its_review(qt_runner: QtRunner, desks: Desks) -> None:
    async def main() -> None:
        async with desks.open() as desk:
            said: list[str] = []
            desk.reviewing.lost.connect(said.append)
            await desk.review()
            desk.editor.replace_all("Nothing.")
            assert not desk.busy()
            assert len(said) == 1
            await desk.review()
            assert len(said) == 2
            assert desk.text == "Nothing."
            desk.store.load(Document(TEXT))
            await desk.review()
            assert desk.busy()
            desk.store.load(Document(TEXT))
            assert not desk.busy()

    qt_runner.run(main)


def test_escape_while_it_is_written_cancels_and_leaves_everything(
    qt_runner: QtRunner, desks: Desks
) -> None:
    async def main() -> None:
        async with desks.open() as desk:
            handle = desk.queue.submit(toy_spec("echo", repeat=1_000_000))
            following = desk.reviewing.follow(handle, OLD, 4, "Expand")
            await until(lambda: desk.card.view.toPlainText())
            desk.press(Qt.Key.Key_Escape)
            await following
            assert await handle.wait() is JobState.CANCELLED
            assert desk.text == TEXT
            assert not desk.card.isVisible()

    qt_runner.run(main)


def test_second_passage_waits_until_the_first_is_answered(
    qt_runner: QtRunner, desks: Desks
) -> None:
    async def main() -> None:
        async with desks.open() as desk:
            await desk.review()
            await desk.review("It ends.", "End.")
            desk.press(Qt.Key.Key_Return, shift=True)
            assert desk.card.isVisible()
            desk.press(Qt.Key.Key_Return, shift=True)
            assert desk.text == f"So. {NEW} It ends."

    qt_runner.run(main)


def test_failed_rewrite_leaves_no_card(qt_runner: QtRunner, desks: Desks) -> None:
    async def main() -> None:
        async with desks.open() as desk:
            handle = desk.queue.submit(toy_spec("fault", fault="raise"))
            await desk.reviewing.follow(handle, OLD, 4, "Fix")
            assert not desk.busy()
            assert not desk.card.isVisible()

    qt_runner.run(main)


def shown(desk: Desk) -> str:
    return desk.editor.area.toPlainText()
