"""The results a folio's text is from go along with it, within bounds."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from studio.api.tokens import Alternative, TokenFact
from studio.core.document import Document
from studio.core.spans import WrittenSpan
from studio.io.folio_reader import read_folio
from studio.io.folio_texts import KeptText, texts_from_json, texts_json
from studio.io.folio_writer import write_folio


def kept(words: int, name: str = "w") -> KeptText:
    others = tuple(Alternative(f" other{n}", -float(n)) for n in range(8))
    facts = tuple(TokenFact(f" {name}{n}", -0.5, others) for n in range(words))
    return KeptText("".join(fact.text for fact in facts), facts)


def test_tokens_and_alternatives_come_back_with_the_folio(tmp_path: Path) -> None:
    result = kept(3)
    document = Document().with_text("by me" + result.text, (WrittenSpan(5, 14, "r1"),))
    texts = {"r1": result, "other": kept(2)}
    write_folio(tmp_path / "a.folio", document, texts=texts)
    assert read_folio(tmp_path / "a.folio").texts == {"r1": result}


def test_text_without_tokens_is_kept_as_it_is() -> None:
    texts = {"a": KeptText("写 and “more”\n"), "b": KeptText("", (TokenFact("", None),))}
    assert texts_from_json(texts_json(texts)) == texts


@pytest.mark.parametrize(
    ("budget", "alternatives", "tokens"), [(50_000, 8, 60), (6_000, 3, 60), (2_000, 0, 60)]
)
def test_too_much_loses_alternatives_first(budget: int, alternatives: int, tokens: int) -> None:
    back = texts_from_json(texts_json({"a": kept(20), "b": kept(40)}, budget))
    facts = [fact for text in back.values() for fact in text.facts]
    assert len(facts) == tokens
    assert {len(fact.alternatives) for fact in facts} == {alternatives}


def test_far_too_much_loses_the_longest_ones_tokens_and_no_text() -> None:
    texts = {"a": kept(20), "b": kept(400)}
    back = texts_from_json(texts_json(texts, 1_000))
    assert len(back["a"].facts) == 20
    assert back["b"] == KeptText(texts["b"].text)


def test_bounds_hold_as_bytes() -> None:
    assert len(texts_json({"a": kept(4000)}, 300_000)) < 300_100


def test_nonsense_from_a_file_is_left_out() -> None:
    rows = {
        "a": {"text": 3},
        "b": [],
        "c": {"tokens": [["x"]]},
        "d": {"text": "good"},
        "e": {"tokens": 5},
    }
    assert texts_from_json(json.dumps(rows).encode()) == {"d": KeptText("good")}
    with pytest.raises(ValueError, match="by their ids"):
        texts_from_json(b"[]")
