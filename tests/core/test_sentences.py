"""The sentence a place is in."""

from __future__ import annotations

import pytest

from studio.core.sentences import sentence_around


@pytest.mark.parametrize(
    ("marked", "sentence"),
    [
        ("O|ne. Two", "One."),
        ("One.| Two", "One."),
        ("One. |Two", "Two"),
        ("One. Two!|", "Two!"),
        ("He said “no.” |Then", "Then"),
        ("Pi is 3.1|4 here. Two", "Pi is 3.14 here."),
        ("海很静。灯|亮了！好", "灯亮了！"),
        ("“走。”|他说。", "他说。"),
        ("|", ""),
        ("One. |", "One."),
    ],
)
def test_sentence_around_a_place(marked: str, sentence: str) -> None:
    text = marked.replace("|", "")
    start, end = sentence_around(text, marked.index("|"))
    assert text[start:end] == sentence
