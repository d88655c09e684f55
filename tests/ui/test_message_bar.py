"""The message bar: one at a time, the others wait, a key replaces, a button acts once."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QEvent, QPointF
from PySide6.QtGui import QEnterEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from studio.ui.message_bar import Message, MessageBar


@pytest.fixture
def bar(qtbot: QtBot) -> MessageBar:
    made = MessageBar()
    qtbot.addWidget(made)
    return made


def _text(bar: MessageBar) -> str:
    return bar.accessibleName() if not bar.isHidden() else ""


def test_messages_come_one_after_another(bar: MessageBar) -> None:
    first, second = Message("first"), Message("second")
    bar.show_message(first)
    bar.show_message(second)
    assert _text(bar) == first.text
    bar.close_button.click()
    assert _text(bar) == second.text
    bar.close_button.click()
    assert bar.isHidden()


def test_error_does_not_wait_behind_good_news(bar: MessageBar) -> None:
    bar.show_message(Message("Saved."))
    bar.show_message(Message("The disk is full.", "error"))
    bar.show_message(Message("It still is.", "error"))
    shown = []
    while bar.current is not None:
        shown.append(bar.current.text)
        bar.dismiss()
    assert shown == ["The disk is full.", "Saved.", "It still is."]


def test_message_of_the_same_key_replaces_the_older(bar: MessageBar) -> None:
    bar.show_message(Message("Reading…", key="model"))
    bar.show_message(Message("Ready.", key="model"))
    assert bar.current == Message("Ready.", key="model")
    bar.dismiss()
    assert bar.current is None


def test_withdrawn_message_goes_wherever_it_waits(bar: MessageBar) -> None:
    bar.show_message(Message("shown", key="a"))
    bar.show_message(Message("waits", key="b"))
    bar.withdraw("b")
    bar.withdraw("a")
    assert bar.current is None


def test_button_acts_and_closes(bar: MessageBar) -> None:
    done: list[str] = []
    bar.show_message(Message("x", "error", (("Run", lambda: done.append("run")),)))
    assert bar.property("tone") == "error"
    bar.buttons[0].click()
    assert done == ["run"]
    assert bar.isHidden()


def test_long_text_keeps_the_bar_low_until_all_of_it_is_asked_for(bar: MessageBar) -> None:
    long = "The engine could not be started:\n\n" + "\n".join(f"  line {n}" for n in range(30))
    bar.resize(600, 60)
    bar.show_message(Message(long))
    assert not bar.whole.isHidden()
    low = bar.heightForWidth(600) if bar.hasHeightForWidth() else bar.sizeHint().height()
    bar.whole.click()
    assert bar.whole.isHidden()
    high = bar.heightForWidth(600) if bar.hasHeightForWidth() else bar.sizeHint().height()
    assert low < 100 < 300 < high
    bar.dismiss()
    bar.show_message(Message("A short one."))
    assert bar.whole.isHidden()


def test_what_is_only_to_be_known_leaves_and_the_next_one_comes(bar: MessageBar) -> None:
    bar.show_message(Message("Saved."))
    bar.show_message(Message("Exported to a very long place. " * 9))
    short = bar.leaving.interval()
    assert bar.leaving.isActive()
    bar.leaving.timeout.emit()
    assert _text(bar).startswith("Exported")
    assert bar.leaving.isActive()
    assert short < bar.leaving.interval()
    bar.leaving.timeout.emit()
    assert bar.isHidden()
    assert not bar.leaving.isActive()


@pytest.mark.parametrize(
    "message",
    [
        Message("went wrong", "error"),
        Message("take care", "warning"),
        Message("Again?", "info", (("Again", lambda: None),)),
        Message("Reading…", stays=True),
    ],
)
def test_what_went_wrong_asks_or_goes_on_stays(message: Message, bar: MessageBar) -> None:
    bar.show_message(Message("Saved.", key="a"))
    bar.withdraw("a")
    bar.show_message(message)
    assert not bar.leaving.isActive()
    assert bar.current is message


def test_pointer_upon_a_message_holds_it(bar: MessageBar) -> None:
    bar.show_message(Message("Saved."))
    nowhere = QPointF(1, 1)
    QApplication.sendEvent(bar, QEnterEvent(nowhere, nowhere, nowhere))
    assert not bar.leaving.isActive()
    QApplication.sendEvent(bar, QEvent(QEvent.Type.Leave))
    assert bar.leaving.isActive()
