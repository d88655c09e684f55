"""Counting words in scripts with and without spaces."""

from __future__ import annotations

import pytest

from studio.ui.editor.words import count_words


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", 0),
        ("  two\n\nwords ", 2),
        ("the café’s door", 3),
        ("狐狸在窗外", 5),
        ("Hello世界", 3),
        ("第3章 Folio", 4),
        ("すし と 김치", 5),
        ("𠀀a", 2),
    ],
)
def test_count_words_by_spaces_or_characters(text: str, words: int) -> None:
    assert count_words(text) == words
