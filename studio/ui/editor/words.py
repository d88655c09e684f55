"""How long a text is: words as writers count them, characters, the time to read it. Pure."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

_SPACE, _UNSPACED = 1, 2


def _kinds_of_characters() -> npt.NDArray[np.uint8]:
    """By code point up to U+FFFF. Unspaced: Han, kana and hangul, which are counted one by one."""
    kinds = np.zeros(0x10000, np.uint8)
    for first, last in ((0x3040, 0x30FF), (0x3400, 0x4DBF), (0x4E00, 0x9FFF), (0xAC00, 0xD7AF)):
        kinds[first : last + 1] = _UNSPACED
    kinds[0xF900:0xFB00] = _UNSPACED
    kinds[[code for code in range(0x3001) if chr(code).isspace()]] = _SPACE
    return kinds


_KINDS = _kinds_of_characters()
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
    codes = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), np.uint32)
    kinds = _KINDS[np.minimum(codes, 0xFFFF)]
    kinds[(codes >= 0x20000) & (codes < 0x40000)] = _UNSPACED
    letters = kinds == 0
    begun = int(np.count_nonzero(letters[1:] & ~letters[:-1])) + int(letters[0])
    return begun, int(np.count_nonzero(kinds == _UNSPACED))
