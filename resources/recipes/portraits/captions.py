"""Captions in free English from a portrait's attributes: any order, synonyms, things left out."""

from __future__ import annotations

import random
from collections.abc import Mapping

_PERSON = ("a person", "someone", "a portrait of a person", "a character", "portrait")
_HAIR = {
    "short": ("short {} hair", "{} short hair"), "curly": ("curly {} hair", "{} curls"),
    "long": ("long {} hair", "{} long hair"), "bob": ("a {} bob", "a {} bob haircut"),
    "bun": ("a {} bun", "{} hair in a bun"), "ponytail": ("a {} ponytail", "{} hair in a ponytail"),
    "spiky": ("spiky {} hair", "{} spiky hair"), "bald": ("a bald head with a {} tuft", "bald, {} tuft"),
}  # fmt: skip
_MOUTH = {
    "happy": ("smiling", "happy", "with a smile"), "laughing": ("laughing", "grinning"),
    "surprised": ("surprised", "astonished"), "sad": ("sad", "unhappy", "frowning"),
}  # fmt: skip
_GLASSES = {
    "none": ("without glasses",),
    "glasses": ("glasses", "wearing glasses"),
    "sunglasses": ("sunglasses",),
}
_BEARD = {"none": ("no beard", "clean shaven"), "beard": ("a beard", "bearded")}
_EXTRA = {
    "none": (), "earrings": ("earrings", "with earrings"), "flowers": ("flowers in the hair", "with flowers"),
    "freckles": ("freckles", "freckled"),
}  # fmt: skip
_CLOTHES = {
    "plain": ("a {} shirt", "{} top"), "stripes": ("a striped {} shirt", "{} stripes"),
    "hoodie": ("a {} hoodie", "{} hoodie"), "collar": ("a {} shirt with a collar", "{} collared shirt"),
}  # fmt: skip
_BACKGROUND = ("{} background", "on a {} background", "in front of {}")
_SYNONYMS = {
    "blonde": ("blonde", "blond", "golden"), "grey": ("grey", "gray", "silver"), "red": ("red", "ginger"),
    "night": ("night", "dark blue"), "light": ("light", "pale"), "purple": ("purple", "violet"),
}  # fmt: skip


def _colour(name: str, rng: random.Random, of_hair: bool = False) -> str:
    words = _SYNONYMS.get(name, (name,))
    if name == "red" and not of_hair:
        words = ("red",)
    return rng.choice(words)


def caption(attributes: Mapping[str, str], rng: random.Random, dropout: float = 0.2) -> str:
    """One way of saying it; each thing is left out with probability `dropout`."""
    a = attributes
    parts = [
        f"{_colour(a['skin'], rng)} skin",
        rng.choice(_HAIR[a["hair"]]).format(_colour(a["hair_colour"], rng, True)),
        rng.choice(_MOUTH[a["mouth"]]),
        rng.choice(_CLOTHES[a["clothes"]]).format(_colour(a["clothes_colour"], rng)),
        rng.choice(_BACKGROUND).format(_colour(a["background"], rng)),
    ]
    if a["glasses"] != "none" or rng.random() < 0.3:
        parts.append(rng.choice(_GLASSES[a["glasses"]]))
    if a["beard"] != "none" or rng.random() < 0.3:
        parts.append(rng.choice(_BEARD[a["beard"]]))
    if _EXTRA[a["extra"]]:
        parts.append(rng.choice(_EXTRA[a["extra"]]))
    kept = [part for part in parts if rng.random() >= dropout]
    rng.shuffle(kept)
    person = [rng.choice(_PERSON)] if rng.random() < 0.7 else []
    return ", ".join(person + kept)


def vocabulary() -> list[str]:
    """Every word a caption can hold, and the colours."""
    colours = [
        "black",
        "brown",
        "blonde",
        "red",
        "grey",
        "blue",
        "pink",
        "green",
        "orange",
        "yellow",
        "teal",
        "purple",
        "white",
        "night",
    ]
    words: set[str] = set()
    tables = (_HAIR, _MOUTH, _GLASSES, _BEARD, _EXTRA, _CLOTHES)
    texts = [text for table in tables for texts in table.values() for text in texts]
    texts += [
        *_PERSON,
        *_BACKGROUND,
        "light tan brown dark skin",
        "and",
        "woman man girl boy",
        *colours,
    ]
    texts += [synonym for synonyms in _SYNONYMS.values() for synonym in synonyms]
    for text in texts:
        words.update(text.replace("{}", " ").replace(",", " ").split())
    return sorted(words)
