"""Texts that are made to fit."""

from __future__ import annotations

import pytest

from studio.ui.labels import shortened


@pytest.mark.parametrize(
    ("text", "most", "lines", "short"),
    [
        ("A short one.", 20, 3, "A short one."),
        ("one two three", 9, 3, "one two …"),
        ("one\n\n  two\nthree\nfour", 99, 2, "one\ntwo …"),
        ("x" * 12, 10, 3, f"{'x' * 10} …"),
        ("", 10, 3, ""),
    ],
)
def test_shortened_ends_at_a_word_or_a_line(text: str, most: int, lines: int, short: str) -> None:
    assert shortened(text, most, lines) == short
