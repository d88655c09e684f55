"""Scripts, as far as they matter to where words end. Pure; any thread."""

from __future__ import annotations

UNSPACED = r"\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
"""Kana and Han, for a class of a regular expression: no spaces part the words, each may be one."""
HANGUL = r"\uac00-\ud7af"
_WIDE = ((0x2E80, 0x9FFF), (0xF900, 0xFAFF), (0xFF00, 0xFFEF), (0x20000, 0x3FFFF))


def is_wide(character: str) -> bool:
    """Of Chinese or Japanese writing, its punctuation too."""
    return any(first <= ord(character) <= last for first, last in _WIDE)


def language_of(text: str) -> str:
    """What can be told from the script alone: "zh", "ja", "ko", else "und", the code for unknown."""
    kana = sum("\u3040" <= character <= "\u30ff" for character in text)
    hangul = sum("\uac00" <= character <= "\ud7af" for character in text)
    han = sum("\u4e00" <= character <= "\u9fff" for character in text)
    letters = sum(character.isalpha() for character in text)
    if (kana + hangul + han) * 4 < letters or not letters:
        return "und"
    if hangul > han + kana:
        return "ko"
    return "ja" if kana * 8 > han else "zh"
