"""Which words of a line are looked up, and by which spellings."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.core.markdown_lines import Fence
from studio.core.spelling import language_of, letters_of, other_spellings, words_of


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("The *old* lighthouse—it’s here.", ["The", "old", "lighthouse", "it’s", "here"]),
        ("# Mara's _light_", ["Mara's", "light"]),
        ("run `studio doctr` now", ["run", "now"]),
        ("see [the chrt](charts/nrth.md)", ["see", "the", "chrt"]),
        ("at https://exmple.org/a or me@exmple.org", ["at", "or"]),
        ("NASA and iPhone, snake_case, v2 and a.txt", ["and", "and"]),
        ("灯塔 lamp Маяк", ["lamp"]),
        ("", []),
    ],
)
def test_words_of_prose_alone_are_looked_up(line: str, words: list[str]) -> None:
    found = list(words_of(line, None, "en"))
    assert [word.text for word in found] == words
    assert all(line[word.start : word.end] == word.text for word in found)


@given(st.text(alphabet="abÄß’'_*`1 海яж/.\\\n", max_size=60), st.sampled_from(["en", "ru"]))
def test_every_word_is_among_the_runs_of_letters(line: str, language: str) -> None:
    runs = letters_of(line, language)
    assert all(word.text in runs for word in words_of(line, None, language))


def test_nothing_in_fenced_code_and_other_scripts_in_their_language() -> None:
    assert list(words_of("wrng", Fence("`", 3), "en")) == []
    assert [word.text for word in words_of("lamp Маяк", None, "ru")] == ["Маяк"]


@pytest.mark.parametrize(
    ("british", "american"),
    [
        ("colour", "color"),
        ("realised", "realized"),
        ("theatre", "theater"),
        ("travelled", "traveled"),
        ("analyse", "analyze"),
        ("dialogue", "dialog"),
        ("grey", "gray"),
        ("defence", "defense"),
        ("neighbourhood", "neighborhood"),
    ],
)
def test_british_words_are_found_by_their_american_spelling(british: str, american: str) -> None:
    assert american in other_spellings(british, "en")
    assert list(other_spellings(british, "de")) == []


def test_language_is_the_system_s_or_the_chosen_one_if_it_is_installed() -> None:
    assert language_of("auto", ("de", "en"), "de_AT") == "de"
    assert language_of("auto", ("de", "en"), "C") == ""
    assert language_of("en", ("de", "en"), "de_AT") == "en"
    assert language_of("off", ("de", "en"), "de_AT") == ""
