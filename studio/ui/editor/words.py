"""How many words a text has, as writers count them. Pure."""

from __future__ import annotations

import re

# Han, kana and hangul syllables: written without spaces, or counted by character.
_CHARACTER_WORDS = re.compile(
    r"[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff\U00020000-\U0003ffff]+"
)


def count_words(text: str) -> int:
    """What stands between spaces; of Chinese, Japanese and Korean, each character."""
    if text.isascii():
        return len(text.split())
    others, runs = _CHARACTER_WORDS.subn(" ", text)
    return len(others.split()) + len(text) - len(others) + runs
