"""Words to forbid or to favour, as a person writes them; and the tokens they are. Pure."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from studio.api import ParamsError

FORBIDDEN = -math.inf


@dataclass(frozen=True)
class WordBiases:
    """What to add to scores: of single tokens; and of a last token where the ones before it stand."""

    tokens: dict[int, float]
    sequences: dict[tuple[int, ...], float]


def parse_words(text: str) -> tuple[str, ...]:
    """Words with | between; a space within one counts."""
    return tuple(word.strip() for word in text.split("|") if word.strip())


def parse_biases(text: str) -> dict[str, float]:
    """ "dragon=2|castle=-1.5".

    Raises:
        ValueError: says which part has no number.
    """
    found = {}
    for part in parse_words(text):
        word, equals, number = part.rpartition("=")
        try:
            value = float(number)
        except ValueError:
            value = math.nan
        if not equals or not word.strip() or not -100 <= value <= 100:
            raise ValueError(f"{part!r} must be a word, =, and a number from -100 to 100.")
        found[word.strip()] = value
    return found


def word_biases(
    banned: Sequence[str], biased: dict[str, float], ids: Callable[[str], list[int]]
) -> WordBiases:
    """A word counts with and without a space in front. Where either is one token, those are meant;
    else the word is the sequence of its tokens.

    Args:
        ids: The tokens of a text alone.
    """
    tokens: dict[int, float] = {}
    sequences: dict[tuple[int, ...], float] = {}
    for word, value in (*biased.items(), *((word, FORBIDDEN) for word in banned)):
        forms = [tuple(ids(form)) for form in (word, f" {word}")]
        single = [form[0] for form in forms if len(form) == 1]
        for token in single:
            tokens[token] = tokens.get(token, 0.0) + value
        if not single:
            for form in forms:
                sequences[form] = sequences.get(form, 0.0) + value
    return WordBiases(tokens, sequences)


def tokens_with(parts: Sequence[str], vocabulary: Mapping[str, int]) -> frozenset[int]:
    """The tokens whose text contains one of these characters, however the vocabulary writes them."""
    wanted = {*parts, *(f"<0x{ord(part):02X}>" for part in parts)}
    if "Ġ" in vocabulary:  # bytes are written as characters that can be seen: 0x0A as U+010A
        wanted |= {chr(256 + ord(part)) for part in parts if ord(part) <= 32}
    return frozenset(i for text, i in vocabulary.items() if any(part in text for part in wanted))


def refuse_sequences(biases: WordBiases, where: str) -> None:
    """For an engine that knows only single tokens.

    Raises:
        ParamsError: a word is several tokens.
    """
    if biases.sequences:
        raise ParamsError(
            "llama.cpp can forbid or favour only words that are one token of this model; "
            "one of these is several.",
            where=where,
            remedy="Leave it out, or use a Hugging Face model.",
        )
