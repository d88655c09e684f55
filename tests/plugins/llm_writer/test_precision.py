"""Which numbers a transformers model computes in: measured once, kept with the model, open to override."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from studio.api.testing import InlineContext, InlineLoading, run
from studio_plugins.llm_writer import folio_generators, precision
from studio_plugins.llm_writer.precision import Measured, best_of
from studio_plugins.llm_writer.recognise import recognise
from studio_plugins.llm_writer.transformers_loading import load_folder, load_int8
from tests.support.tiny_language import info_of, tiny_model

CONTINUE = folio_generators()[0]
FULL = Measured("full", 0.01, 0.1, 20.0)


@pytest.mark.parametrize(
    ("other", "chosen"),
    [
        (Measured("int8", 0.005, 0.05, 20.3), "int8"),
        (Measured("int8", 0.005, 0.05, 20.5), "full"),
        (Measured("int8", 0.01, 0.095, 20.0), "full"),
        (Measured("int8", 0.05, 0.09, 19.0), "full"),
    ],
)
def test_faster_way_is_taken_only_if_it_is_exact_enough(other: Measured, chosen: str) -> None:
    assert best_of([FULL, other]) == chosen
    assert best_of([FULL]) == "full"


@pytest.fixture(scope="module")
def info(tmp_path_factory: pytest.TempPathFactory) -> Any:
    folder = tiny_model(tmp_path_factory.mktemp("m") / "llama", context=1024)
    return info_of(folder, recognise)


def test_first_use_measures_and_the_next_reads_what_was_found(
    info: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(precision, "SMALL_PARAMETERS", 0)
    monkeypatch.setattr(precision, "best_of", lambda measured: measured[-1].name)
    loading = InlineLoading(info, tmp_path)
    first = load_folder(loading).value
    facts = json.loads((tmp_path / "precision.json").read_text())
    names = [way["name"] for way in facts["measured"]]
    assert names[:2] == ["full", "int8"]
    assert first.precision == facts["chosen"] == names[-1]
    full, int8 = facts["measured"][:2]
    assert int8["perplexity"] == pytest.approx(full["perplexity"], rel=0.02)
    assert int8["perplexity"] != full["perplexity"]
    monkeypatch.setattr(precision, "measure", lambda *given: pytest.fail("measured twice"))
    assert load_folder(loading).value.precision == first.precision


def test_what_was_found_elsewhere_is_not_believed(
    info: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(precision, "SMALL_PARAMETERS", 0)
    facts = {"machine": "another", "chosen": "int8", "measured": []}
    (tmp_path / "precision.json").write_text(json.dumps(facts))
    load_folder(InlineLoading(info, tmp_path))
    assert json.loads((tmp_path / "precision.json").read_text())["machine"] != "another"


def test_small_model_runs_in_full_and_can_be_told_otherwise(info: Any, tmp_path: Path) -> None:
    ctx = InlineContext(tmp_path, models={"tiny": info})
    values = {"text": "The keeper", "model": "tiny", "max_new_tokens": 6}
    assert run(CONTINUE, values, ctx=ctx)[-1].extras["precision"] == "full"  # type: ignore[union-attr]
    told = run(CONTINUE, {**values, "precision": "int8"}, ctx=ctx)[-1]
    assert told.extras["precision"] == "int8"  # type: ignore[union-attr]
    model: Any = ctx.loaded[(load_int8.__qualname__, "tiny", "")]
    assert "quantized" in type(model._model.model.layers[0].mlp.up_proj).__module__
