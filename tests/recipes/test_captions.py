"""The portraits' captions: true to the attributes, varied, and all of known words."""

from __future__ import annotations

import importlib.util
import random
import re
from pathlib import Path
from types import ModuleType

import pytest

ATTRIBUTES = {
    "skin": "dark", "hair_colour": "red", "hair": "curly", "mouth": "sad", "glasses": "sunglasses",
    "beard": "beard", "extra": "freckles", "clothes": "hoodie", "clothes_colour": "teal",
    "background": "night",
}  # fmt: skip


@pytest.fixture(scope="module")
def captions() -> ModuleType:
    path = Path(__file__).parents[2] / "resources" / "recipes" / "portraits" / "captions.py"
    spec = importlib.util.spec_from_file_location("portrait_captions", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_caption_without_dropout_says_everything(captions: ModuleType) -> None:
    text = captions.caption(ATTRIBUTES, random.Random(1), dropout=0)
    for word in ("dark", "sunglasses", "teal", "hoodie", "freckle", "beard"):
        assert word in text


def test_captions_vary_and_repeat_with_their_seed(captions: ModuleType) -> None:
    texts = {captions.caption(ATTRIBUTES, random.Random(seed)) for seed in range(50)}
    assert len(texts) > 40
    again = captions.caption(ATTRIBUTES, random.Random(3))
    assert again == captions.caption(ATTRIBUTES, random.Random(3))


def test_every_word_of_a_caption_is_in_the_vocabulary(captions: ModuleType) -> None:
    known = set(captions.vocabulary())
    for seed in range(200):
        text = captions.caption(ATTRIBUTES, random.Random(seed), dropout=0)
        assert set(re.findall(r"[a-z]+", text)) <= known
