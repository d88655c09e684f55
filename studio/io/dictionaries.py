"""Dictionaries for spelling: those that come with pyspellchecker (MIT), and the person's own words.

Reading one takes a while: on an I/O thread. After that it is looked up on the GUI thread alone.
"""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import TYPE_CHECKING

from studio.api.errors import StorageError
from studio.core.spelling import other_spellings
from studio.io.atomic import write_text

if TYPE_CHECKING:
    from spellchecker import SpellChecker


def languages() -> tuple[str, ...]:
    """The codes of those that are installed, such as "en"."""
    found = importlib.util.find_spec("spellchecker")
    if found is None or found.origin is None:
        return ()
    files = Path(found.origin).parent.joinpath("resources").glob("*.json.gz")
    return tuple(sorted(file.name.partition(".")[0] for file in files))


class Dictionary:
    """Args:
    own_words: A file with a word in each line; it need not be there.

    Raises:
        StorageError: the file of own words can't be read.
    """

    def __init__(self, language: str, own_words: Path) -> None:
        from spellchecker import SpellChecker

        self.language = language
        self._words: SpellChecker = SpellChecker(language=language, distance=1)
        self._known: dict[str, int] = self._words.word_frequency.dictionary
        self._file = own_words
        self._own = set(_read(own_words))
        self._ignored: set[str] = set()

    def knows(self, word: str) -> bool:
        plain = _plain(word)
        if self._has(plain):
            return True
        parts = plain.split("'")
        return len(parts) > 1 and all(len(part) <= 2 or self._has(part) for part in parts)

    def suggestions(self, word: str, most: int = 6) -> list[str]:
        """Words that differ by one letter, or by two neighbours exchanged; the commonest first."""
        found = self._words.candidates(_plain(word)) or set()
        ranked = sorted(found, key=lambda other: (-self._known.get(other, 0), other))
        return [_in_form_of(word, other) for other in ranked[:most] if other != _plain(word)]

    def ignore(self, word: str) -> None:
        """Until the program ends."""
        self._ignored.add(_plain(word))

    def learn(self, word: str) -> None:
        """Keep a word for good.

        Raises:
            StorageError: it can't be written; the word is known until the program ends.
        """
        self.ignore(word)
        # Another window may have learnt some since.
        self._own = {*_read(self._file), _plain(word)}
        write_text(self._file, "".join(f"{own}\n" for own in sorted(self._own)), force=True)

    def _has(self, plain: str) -> bool:
        return (
            plain in self._known
            or plain in self._own
            or plain in self._ignored
            or any(other in self._known for other in other_spellings(plain, self.language))
        )


def _plain(word: str) -> str:
    return word.replace("’", "'").lower()


def _in_form_of(word: str, other: str) -> str:
    """With the capital and the apostrophe of the word it takes the place of."""
    other = other.replace("'", "’") if "’" in word else other
    return other[:1].upper() + other[1:] if word[:1].isupper() else other


def _read(file: Path) -> list[str]:
    try:
        return file.read_text(encoding="utf-8").split() if file.exists() else []
    except (OSError, UnicodeDecodeError) as error:
        raise StorageError(f"Your own words can't be read: {error}.", where=str(file)) from None
