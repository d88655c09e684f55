"""Quotation marks as one types them, by language."""

from __future__ import annotations

import pytest

from studio.core.smart_quotes import QuoteStyle, typographic


def typed(keys: str, style: QuoteStyle) -> str:
    """What becomes of keys pressed one after the other."""
    text = ""
    for key in keys:
        text += typographic(text, key, style) if key in "\"'" else key
    return text


@pytest.mark.parametrize(
    ("keys", "style", "text"),
    [
        ('"It\'s," she said, "mine."', "english", "“It’s,” she said, “mine.”"),
        ("\"He said 'no' twice\"", "english", "“He said ‘no’ twice”"),
        ("the dogs' bone ('old')", "english", "the dogs’ bone (‘old’)"),
        ('*"so"*—"there"', "english", "*“so”*—“there”"),
        ('她说"你好"。"再见"', "english", "她说“你好”。“再见”"),
        ('"Das ist\'s", sagte er', "german", "„Das ist’s“, sagte er"),
        ("\"der 'Alte' kam\"", "german", "„der ‚Alte‘ kam“"),
        ('"oui"', "french", "«\u202foui\u202f»"),
        ("l'eau", "french", "l’eau"),
        ('"it\'s"', "off", '"it\'s"'),
    ],
)
def test_quotation_marks_open_and_close_as_the_language_has_them(
    keys: str, style: QuoteStyle, text: str
) -> None:
    assert typed(keys, style) == text
