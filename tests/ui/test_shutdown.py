"""Whose thread collects garbage: the window's alone, as long as there is a window."""

from __future__ import annotations

import gc
import threading
import weakref

from pytestqt.qtbot import QtBot

from studio.jobs.device import freeze_garbage, give_memory_back
from studio.ui.shutdown import GuiCollector


class _Cycle:
    """Garbage that only the collector finds."""

    def __init__(self) -> None:
        self.itself = self


def _lost() -> weakref.ref[_Cycle]:
    return weakref.ref(_Cycle())


def test_engine_thread_leaves_garbage_to_the_windows_collector(qtbot: QtBot) -> None:
    collector = GuiCollector()
    lost = _lost()

    def on_engine_thread() -> None:
        give_memory_back("cpu")
        freeze_garbage()

    thread = threading.Thread(target=on_engine_thread)
    thread.start()
    thread.join()
    assert lost() is not None
    gc.collect()
    assert lost() is None
    collector.stop()
    collector.deleteLater()


def test_collector_collects_when_enough_came_together(qtbot: QtBot) -> None:
    collector = GuiCollector()
    collector.settle()
    lost = _lost()
    kept = [[] for _ in range(2 * gc.get_threshold()[0])]  # type: ignore[var-annotated]
    qtbot.waitUntil(lambda: lost() is None, timeout=5000)
    assert kept
    collector.stop()
    assert gc.isenabled()
    gc.unfreeze()
    collector.deleteLater()


def test_collector_waits_until_all_is_loaded(qtbot: QtBot) -> None:
    """A collection among the imports would hold the window up."""
    collector = GuiCollector()
    lost = _lost()
    kept = [[] for _ in range(2 * gc.get_threshold()[0])]  # type: ignore[var-annotated]
    with qtbot.waitSignal(collector._timer.timeout, timeout=5000):
        pass
    assert lost() is not None
    assert kept
    collector.stop()
    collector.deleteLater()


def test_without_a_window_memory_given_back_collects() -> None:
    gc.enable()
    lost = _lost()
    give_memory_back("cpu")
    assert lost() is None
    gc.disable()
