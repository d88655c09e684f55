"""The portraits' captions: true to the attributes, varied, in two languages, and knowing what they name."""

from __future__ import annotations

import random
from collections.abc import Callable
from types import ModuleType

import pytest

ATTRIBUTES = {
    "skin": "dark", "hair_colour": "red", "hair": "curly", "mouth": "sad", "glasses": "sunglasses",
    "beard": "beard", "extra": "freckles", "clothes": "hoodie", "clothes_colour": "teal",
    "background": "night",
}  # fmt: skip
SAYING = {
    "skin": ("skin",), "hair": ("curl",), "hair_colour": ("red", "ginger"),
    "mouth": ("sad", "unhappy", "frowning"),
    "glasses": ("glasses",), "beard": ("beard",), "extra": ("freckle",), "clothes": ("hoodie",),
    "clothes_colour": ("teal", "turquoise"), "background": ("background", "wall"),
}  # fmt: skip


@pytest.fixture
def captions(recipe: Callable[[str], ModuleType]) -> ModuleType:
    return recipe("captions")


@pytest.mark.parametrize("language", ["en", "zh"])
def test_caption_without_dropout_names_everything(captions: ModuleType, language: str) -> None:
    made = captions.caption(ATTRIBUTES, random.Random(1), dropout=0, language=language)
    assert made.said == set(ATTRIBUTES)


def test_caption_names_what_its_text_says(captions: ModuleType) -> None:
    plain = {**ATTRIBUTES, "beard": "none"}
    for seed in range(100):
        for attributes in (ATTRIBUTES, plain):
            made = captions.caption(attributes, random.Random(seed), dropout=0.4)
            for name in made.said:
                words = ("beard", "clean shaven") if name == "beard" else SAYING[name]
                assert any(word in made.text for word in words), (name, made.text)
            for name in set(SAYING) - made.said - {"beard", "skin"}:
                assert not any(word in made.text for word in SAYING[name]), (name, made.text)


def test_captions_vary_and_repeat_with_their_seed(captions: ModuleType) -> None:
    texts = {captions.caption(ATTRIBUTES, random.Random(seed)).text for seed in range(50)}
    assert len(texts) > 40
    again = captions.caption(ATTRIBUTES, random.Random(3))
    assert again == captions.caption(ATTRIBUTES, random.Random(3))


def test_chinese_captions_have_no_english(captions: ModuleType) -> None:
    for seed in range(50):
        text = captions.caption(ATTRIBUTES, random.Random(seed), language="zh").text
        assert text
        assert not any(letter.isascii() and letter.isalpha() for letter in text)
