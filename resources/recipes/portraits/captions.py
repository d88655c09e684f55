"""Captions in free English and Chinese: any order, synonyms, things left out. Knows what it said."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import wordings as say

Language = Literal["en", "zh"]
Words = tuple[tuple[str, ...], tuple[str, ...]]


@dataclass(frozen=True)
class Caption:
    """`said` are the attributes that the text names: what a picture made from it can be held to."""

    text: str
    said: frozenset[str]


@dataclass(frozen=True)
class _Part:
    text: str
    said: tuple[str, ...]
    after: bool = False
    """Goes behind the rest in a sentence, such as the background."""


def caption(
    attributes: Mapping[str, str],
    rng: random.Random,
    *,
    dropout: float = 0.2,
    language: Language = "en",
) -> Caption:
    """One way of saying it; each thing is left out with probability `dropout`."""
    parts = [part for part in _parts(attributes, rng, language) if rng.random() >= dropout]
    rng.shuffle(parts)
    parts.sort(key=lambda part: part.after and rng.random() < 0.6)
    said = frozenset(name for part in parts for name in part.said)
    person = _person(attributes, rng, language)
    texts = [part.text for part in parts]
    if language == "zh":
        return Caption(_chinese(person, texts, rng), said)
    return Caption(_sentence(person, texts, rng), said)


def _sentence(person: str, texts: list[str], rng: random.Random) -> str:
    """ "a woman with a red bob and glasses, smiling, on a blue background", or a plain list."""
    if rng.random() < 0.35 or not texts:
        return ", ".join([person, *texts] if rng.random() < 0.5 or not texts else texts)
    owned = [text for text in texts if _is_owned(text)]
    rest = [text for text in texts if not _is_owned(text)]
    text = person
    if owned:
        joined = owned[0] if len(owned) == 1 else f"{', '.join(owned[:-1])} and {owned[-1]}"
        text += f" with {joined}"
    return ", ".join([text, *rest])


def _chinese(person: str, texts: list[str], rng: random.Random) -> str:
    """ "一个蓝色短发、戴眼镜的女人，黄色背景", or a plain list."""
    if person.startswith("一") and len(texts) > 1 and rng.random() < 0.4:
        first, rest = texts[: len(texts) // 2], texts[len(texts) // 2 :]
        return "，".join([f"{person[:2]}{'、'.join(first)}的{person[2:]}", *rest])
    return "，".join([person, *texts] if rng.random() < 0.8 or not texts else texts)


def _is_owned(text: str) -> bool:
    """Can stand behind "with": things one has, not what one does or where one is."""
    return not text.startswith(("on a", "in front", "with", "wearing", "without", "no ")) and text not in (
        "smiling", "happy", "laughing", "grinning", "surprised", "astonished", "sad", "unhappy", "frowning",
        "bearded", "freckled", "clean shaven",
    )  # fmt: skip


def _person(a: Mapping[str, str], rng: random.Random, language: Language) -> str:
    words = say.PERSON[language]
    if a["beard"] == "beard" and rng.random() < 0.4:
        return rng.choice(words["bearded"])
    if (
        a["beard"] == "none"
        and a["hair"] in ("long", "bob", "bun", "ponytail")
        and rng.random() < 0.4
    ):
        return rng.choice(words["beardless"])
    return rng.choice(words["any"])


def _parts(a: Mapping[str, str], rng: random.Random, language: Language) -> list[_Part]:
    def choose(words: Words, colour: str = "") -> str:
        at = 0 if language == "en" else 1
        named = rng.choice(say.COLOURS[colour][at]) if colour else ""
        if (
            colour == "red"
            and words in say.HAIR.values()
            and language == "en"
            and rng.random() < 0.4
        ):
            named = "ginger"
        if (
            colour == "grey"
            and words in say.HAIR.values()
            and language == "en"
            and rng.random() < 0.3
        ):
            named = "silver"
        text = rng.choice(words[at]).format(named)
        return text.replace("a orange", "an orange")

    parts = [
        _Part(choose(say.SKIN[a["skin"]]), ("skin",)),
        _Part(choose(say.HAIR[a["hair"]], a["hair_colour"]), ("hair", "hair_colour")),
        _Part(choose(say.MOUTH[a["mouth"]]), ("mouth",)),
        _Part(
            choose(say.CLOTHES[a["clothes"]], a["clothes_colour"]), ("clothes", "clothes_colour")
        ),
        _Part(choose(say.BACKGROUND, a["background"]), ("background",), after=True),
    ]
    if a["glasses"] != "none" or rng.random() < 0.3:
        parts.append(_Part(choose(say.GLASSES[a["glasses"]]), ("glasses",)))
    if a["beard"] != "none" or rng.random() < 0.3:
        parts.append(_Part(choose(say.BEARD[a["beard"]]), ("beard",)))
    if a["extra"] != "none":
        parts.append(_Part(choose(say.EXTRA[a["extra"]]), ("extra",)))
    return parts


def all_texts(language: Language) -> list[str]:
    """Every wording and colour, for the tokenizer's vocabulary."""
    at = 0 if language == "en" else 1
    tables = (
        say.SKIN,
        say.HAIR,
        say.MOUTH,
        say.GLASSES,
        say.BEARD,
        say.EXTRA,
        say.CLOTHES,
        say.COLOURS,
    )
    texts = [text for table in tables for words in table.values() for text in words[at]]
    texts += [
        *say.BACKGROUND[at],
        *(text for texts in say.PERSON[language].values() for text in texts),
    ]
    return (
        [*texts, "ginger", "silver", "and", "with", "an", "a", "man", "boy", "the"]
        if at == 0
        else texts
    )
