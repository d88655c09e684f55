"""How long a text is, in scripts with and without spaces."""

from __future__ import annotations

import pytest

from studio.ui.editor.words import TextLength, count_words, minutes_in_words, text_length


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
        ("😀 世\u3000界 a\u00a0b", 5),
        ("a世b", 3),
    ],
)
def test_count_words_by_spaces_or_characters(text: str, words: int) -> None:
    assert count_words(text) == words


def test_length_counts_characters_without_line_ends_and_reads_each_script_at_its_pace() -> None:
    assert text_length("") == TextLength(0, 0, 0)
    assert text_length("two\n\nwords ") == TextLength(2, 9, 2 / 238)
    assert text_length("word " * 476) == TextLength(476, 2380, 2)
    assert text_length("海" * 510) == TextLength(510, 510, 2)
    assert text_length("a海") == TextLength(2, 2, 1 / 238 + 1 / 255)


@pytest.mark.parametrize(
    ("minutes", "told"),
    [(0, "under 1 min"), (0.99, "under 1 min"), (1, "1 min"), (59.4, "59 min"), (61, "1 h 1 min")],
)
def test_minutes_are_told_roundly(minutes: float, told: str) -> None:
    assert minutes_in_words(minutes) == told
