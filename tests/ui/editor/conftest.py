"""An editor on a document of its own, shown and ready for keys."""

from __future__ import annotations

import pytest
from pytestqt.qtbot import QtBot

from studio.core.store import DocumentStore
from studio.ui.editor.editor import TextEditor


@pytest.fixture
def store() -> DocumentStore:
    return DocumentStore()


@pytest.fixture
def editor(store: DocumentStore, qtbot: QtBot) -> TextEditor:
    editor = TextEditor(store)
    qtbot.addWidget(editor)
    editor.resize(800, 600)
    editor.show()
    editor.area.setFocus()
    return editor
