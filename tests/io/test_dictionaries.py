"""Dictionaries as they come, with the person's own words."""

from __future__ import annotations

from pathlib import Path

import pytest

from studio.api.errors import StorageError
from studio.io.dictionaries import Dictionary, languages


@pytest.fixture(scope="module")
def english(tmp_path_factory: pytest.TempPathFactory) -> Dictionary:
    return Dictionary("en", tmp_path_factory.mktemp("words") / "own.txt")


def test_languages_are_installed() -> None:
    assert {"de", "en", "fr"} <= set(languages())


@pytest.mark.parametrize(
    "word", ["lighthouse", "The", "don’t", "keeper's", "colour", "realised", "moon's"]
)
def test_words_are_known_in_either_spelling(english: Dictionary, word: str) -> None:
    assert english.knows(word)


def test_wrong_words_are_not_and_have_suggestions_in_their_form(english: Dictionary) -> None:
    assert not english.knows("recieve")
    assert english.suggestions("Recieve")[0] == "Receive"
    assert english.suggestions("teh")[0] == "the"
    assert english.suggestions("wouldn’tt")[:1] == ["wouldn’t"]
    assert english.suggestions("xqzzvk") == []


def test_own_words_are_kept_and_shared_ignored_ones_are_not(tmp_path: Path) -> None:
    file = tmp_path / "own.txt"
    first, second = Dictionary("eu", file), Dictionary("eu", file)
    first.learn("Folio’s")
    second.learn("Qxz")
    assert file.read_text(encoding="utf-8") == "folio's\nqxz\n"
    first.ignore("zzz")
    assert first.knows("Zzz")
    third = Dictionary("eu", file)
    assert third.knows("folio's")
    assert third.knows("QXZ")
    assert not third.knows("zzz")


def test_damaged_file_of_own_words_is_said_and_left_alone(tmp_path: Path) -> None:
    file = tmp_path / "own.txt"
    file.write_bytes(b"\xff\xfe\xff")
    with pytest.raises(StorageError, match="own words"):
        Dictionary("eu", file)
    assert file.read_bytes() == b"\xff\xfe\xff"
