"""How long a text is: words as writers count them, characters, the time to read it. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass

# Han, kana and hangul syllables: written without spaces, or counted by character.
_CHARACTER_WORDS = re.compile(
    r"[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff\U00020000-\U0003ffff]+"
)
_WORDS_A_MINUTE = 238
"""Silent reading of English; source: Brysbaert 2019, doi:10.1016/j.jml.2019.104047."""
_CHARACTERS_A_MINUTE = 255
"""Of Chinese; source: Trauzettel-Klosinski and Dietz 2012, doi:10.1167/iovs.11-8284, table 2."""


@dataclass(frozen=True)
class TextLength:
    """`characters` are all but line ends; `minutes` is how long an adult takes to read it."""

    words: int
    characters: int
    minutes: float


def text_length(text: str) -> TextLength:
    spaced, unspaced = _counted(text)
    minutes = spaced / _WORDS_A_MINUTE + unspaced / _CHARACTERS_A_MINUTE
    return TextLength(spaced + unspaced, len(text) - text.count("\n"), minutes)


def count_words(text: str) -> int:
    """What stands between spaces; of Chinese, Japanese and Korean, each character."""
    return sum(_counted(text))


def minutes_in_words(minutes: float) -> str:
    if minutes < 1:
        return "under 1 min"
    hours, rest = divmod(round(minutes), 60)
    return f"{hours} h {rest} min" if hours else f"{rest} min"


def _counted(text: str) -> tuple[int, int]:
    """What stands between spaces, and characters that are words of their own."""
    if text.isascii():
        return len(text.split()), 0
    others, runs = _CHARACTER_WORDS.subn(" ", text)
    return len(others.split()), len(text) - len(others) + runs
