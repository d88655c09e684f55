"""Fixtures for the window's tests: a theme, a shelf of models, queues on a real engine."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication

from studio.api.models import ModelFacts
from studio.io.executor import IoExecutor
from studio.library.history import History
from studio.library.models import ModelStore
from studio.ui.model_shelf import ModelShelf
from studio.ui.theme.theme import Theme
from tests.support.qt_async import QtRunner, garbage_on_this_thread, no_windows_left, qt_runner

__all__ = ["QtRunner", "garbage_on_this_thread", "no_windows_left", "qt_runner"]


@pytest.fixture(scope="session", autouse=True)
def _modules_are_no_garbage() -> None:
    """What is imported by now is not looked at again by the collection after each test."""
    gc.collect()
    gc.freeze()


@pytest.fixture(autouse=True)
def _clean(garbage_on_this_thread: None, no_windows_left: None) -> None:
    """Asked of every test here."""


@pytest.fixture
def theme(qapp: QApplication) -> Iterator[Theme]:
    made = Theme(qapp, "light")
    yield made
    made.choose("light")
    made.setParent(None)
    made.deleteLater()


@pytest.fixture
def io(qt_runner: QtRunner) -> Iterator[IoExecutor]:
    """Joined before the loop goes: the last one to let go of a loop destroys its timers, and if
    that is an I/O thread the next test's event loop crashes on them."""
    executor = IoExecutor()
    yield executor
    executor.stop()


@pytest.fixture
def history(tmp_path: Path) -> Iterator[History]:
    made = History(tmp_path / "history")
    yield made
    made.close()


@pytest.fixture
def shelf(tmp_path: Path, io: IoExecutor) -> ModelShelf:
    """Empty until refreshed; then it knows two language models."""
    for name in ("small", "large"):
        (tmp_path / f"{name}.gguf").write_bytes(name.encode())
    store = ModelStore(
        tmp_path / "models",
        recognise=lambda path: ModelFacts(
            family="language",
            format="gguf",
            title=path.stem.title(),
            notes=(f"{path.stem} notes.",),
        ),
    )
    for name in ("small", "large"):
        store.add(tmp_path / f"{name}.gguf")
    return ModelShelf(store, io)
