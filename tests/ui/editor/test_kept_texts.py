"""What models wrote, as the window remembers it for a long text: real history, real I/O threads."""

from __future__ import annotations

import pytest

from studio.api.outputs import TextOutput
from studio.api.tokens import TokenFact
from studio.core.edits import ReplaceText
from studio.core.records import Record
from studio.core.store import DocumentStore
from studio.io.executor import IoExecutor
from studio.library.history import History
from studio.ui.editor.kept_texts import KeptTexts
from studio.ui.editor.word_facts import WordFacts
from tests.support.qt_async import until
from tests.ui.conftest import QtRunner

RESULTS = 220
"""More than whose tokens are remembered at once."""


@pytest.fixture
def ids(history: History) -> list[str]:
    record = Record(generator_id="t.t", generator_version="1", params={}, seed=1)
    fact = (TokenFact(" on", -1.0),)
    return [history.add(TextOutput(" on", token_facts=fact), record).id for _ in range(RESULTS)]


def test_who_shows_the_words_of_many_results_has_each_read_once(
    history: History, io: IoExecutor, ids: list[str], qt_runner: QtRunner
) -> None:
    async def main() -> None:
        texts = KeptTexts(history, io, qt_runner.loop.create_task, dict)
        arrived: list[str] = []
        texts.arrived.connect(arrived.append)
        texts.arrived.connect(lambda _: [texts.words(name) for name in ids])
        assert texts.words(ids[0]) is None
        await until(lambda: len(arrived) >= RESULTS)
        assert [texts.words(name) for name in ids] == [" on"] * RESULTS
        assert sorted(arrived) == sorted(ids)

    qt_runner.run(main)


def test_who_shows_the_tokens_of_a_text_of_many_results_has_each_read_once(
    history: History, io: IoExecutor, ids: list[str], store: DocumentStore, qt_runner: QtRunner
) -> None:
    async def main() -> None:
        for name in ids:
            store.apply(ReplaceText(len(store.document.text), "", " on", name))
        texts = KeptTexts(history, io, qt_runner.loop.create_task, dict)
        facts = WordFacts(store, texts)
        arrived: list[str] = []
        texts.arrived.connect(arrived.append)
        facts.changed.connect(facts.places)
        assert facts.places() == ()
        await until(lambda: len(arrived) >= RESULTS)
        store.apply(ReplaceText(0, "", "So"))
        assert [place.start for place in facts.places()] == [2 + 3 * n for n in range(RESULTS)]
        assert sorted(arrived) == sorted(ids)

    qt_runner.run(main)
