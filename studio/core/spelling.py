"""Which words of a line of Markdown are to be spelt right, and other spellings of them. Pure."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from studio.core.markdown_lines import Fence, Kind, stretches

_CHUNK = re.compile(r"\S+")
_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*")
_NO_PROSE = re.compile(r"://|[@/\\]|\w\.\w|\d|\w_\w")
_SCRIPTS = {"ru": "CYRILLIC", "ar": "ARABIC", "fa": "ARABIC"}
_RUNS = {
    script: re.compile(rf"[{letters}]+(?:['’][{letters}]+)*")
    for script, letters in (
        ("LATIN", r"A-Za-z\u00aa\u00ba-\u00d6\u00d8-\u00f6\u00f8-\u024f\u1e00-\u1eff"),
        ("CYRILLIC", r"\u0400-\u052f"),
        ("ARABIC", r"\u0600-\u06ff\u0750-\u077f"),
    )
}
_BRITISH = (
    (re.compile(r"our(?=$|s$|ed$|ing$|ite|able|less|ful|hood|er|y$|ly$)"), "or"),
    (re.compile(r"is(?=e$|es$|ed$|ing$|er|ation|able)"), "iz"),
    (re.compile(r"ys(?=e$|es$|ed$|ing$|er)"), "yz"),
    (re.compile(r"tre(?=$|s$|d$)"), "ter"),
    (re.compile(r"ll(?=ed$|ing$|er$|ers$|or$)"), "l"),
    (re.compile(r"ogue(?=$|s$)"), "og"),
    (re.compile(r"ence(?=$|s$)"), "ense"),
    (re.compile(r"^grey"), "gray"),
)


@dataclass(frozen=True)
class Word:
    """`start` and `end` (outside) are characters of the line."""

    start: int
    end: int
    text: str


def words_of(line: str, fence: Fence | None, language: str) -> Iterator[Word]:
    """The words in the language's script, without code, addresses, numbers and abbreviations.

    Args:
        fence: The code that is open before the line.
    """
    hidden = [s for s in stretches(line, fence) if s.kind in (Kind.CODE, Kind.TARGET)]
    script = _SCRIPTS.get(language, "LATIN")
    for chunk in _CHUNK.finditer(line):
        inner = [s for s in hidden if s.start < chunk.end() and chunk.start() < s.end]
        if not inner and _NO_PROSE.search(chunk.group()):
            continue
        for found in _WORD.finditer(line, *chunk.span()):
            word = found.group()
            if any(s.start < found.end() and found.start() < s.end for s in inner):
                continue
            if word[1:] != word[1:].lower() or not _in_script(word, script):
                continue
            yield Word(found.start(), found.end(), word)


def letters_of(line: str, language: str) -> list[str]:
    """All runs of the script's letters, quickly: if all are right, nothing in the line is wrong."""
    return _RUNS[_SCRIPTS.get(language, "LATIN")].findall(line)


def language_of(setting: str, installed: Sequence[str], system: str) -> str:
    """The language to spell in; "" for none.

    Args:
        setting: A code, "auto" or "off".
        system: The system's locale, such as "de_AT".
    """
    code = system.replace("-", "_").partition("_")[0].lower() if setting == "auto" else setting
    return code if code in installed else ""


def other_spellings(word: str, language: str) -> Iterator[str]:
    """What stands in the dictionary for a word in lower case: British words by their American spelling."""
    if language == "en":
        for pattern, american in _BRITISH:
            if pattern.search(word):
                yield pattern.sub(american, word)


def _in_script(word: str, script: str) -> bool:
    return all(
        unicodedata.name(letter, "").startswith(script) for letter in word if letter.isalpha()
    )
