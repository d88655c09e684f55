"""What is done on instruction: what is said to the model, with and without a chat template."""

from __future__ import annotations

from typing import Any, get_args

import pytest
from pydantic import ValidationError

from studio.api import ParamsError, TextOutput
from studio.api.testing import check_generator, run
from studio_plugins.llm_writer import folio_generators, instructions
from studio_plugins.llm_writer.instruct_params import AskParams, BrainstormParams, SummariseParams
from studio_plugins.llm_writer.params import RewriteParams
from studio_plugins.llm_writer.recognise import recognise
from tests.support.tiny_language import info_of, tiny_model

SPECS = {spec.id: spec for spec in folio_generators()}
TEXT = "The keeper opened the door."
VALUES: dict[str, dict[str, Any]] = {
    "writer.ask": {"text": TEXT, "question": "Who?"},
    "writer.summarise": {"text": TEXT, "form": "points"},
    "writer.outline": {"text": TEXT},
    "writer.title": {"text": TEXT, "count": 3},
    "writer.brainstorm": {"text": TEXT, "kind": "places", "wish": "by the sea"},
    "writer.rewrite": {"text": TEXT, "task": "translate", "language": "French"},
}
COMMON = {"model": "tiny", "max_new_tokens": 6, "seed": 1}


@pytest.fixture(scope="module", params=[True, False], ids=["chat", "plain"])
def models(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Any:
    folder = tiny_model(tmp_path_factory.mktemp("m") / "a", chat=request.param, context=512)
    return {"tiny": info_of(folder, recognise)}


@pytest.mark.parametrize("name", VALUES)
def test_answer_comes_with_and_without_a_chat_template(name: str, models: Any) -> None:
    output = run(SPECS[name], {**VALUES[name], **COMMON}, models=models)[-1]
    assert isinstance(output, TextOutput)
    assert 0 < int(output.extras["tokens"] or 0) <= 6
    assert int(output.extras["prompt_tokens"] or 0) > 20


def test_ask_behaves(models: Any) -> None:
    assert (
        check_generator(SPECS["writer.ask"], {**VALUES["writer.ask"], **COMMON}, models=models)
        == []
    )


@pytest.mark.parametrize("name", ["writer.summarise", "writer.outline", "writer.title"])
def test_without_a_text_there_is_nothing_to_work_on(name: str) -> None:
    with pytest.raises(ParamsError, match="no text") as caught:
        run(SPECS[name], {"text": "  ", **COMMON})
    assert caught.value.where == "text"


@pytest.mark.parametrize("task", [task for task in instructions.REWRITES if task != "own"])
def test_every_task_says_what_to_do(task: str) -> None:
    wish = instructions.rewrite_instruction(task, "make it rhyme", "Chinese")
    assert "rhyme" not in wish
    assert ("Chinese" in wish) == (task == "translate")
    assert instructions.rewrite_instruction("own", "make it rhyme", "Chinese") == "make it rhyme"


@pytest.mark.parametrize(
    ("params", "field", "known"),
    [
        (RewriteParams, "task", {"own", *instructions.REWRITES}),
        (SummariseParams, "form", set(instructions.SUMMARIES)),
        (BrainstormParams, "kind", set(instructions.IDEAS)),
    ],
)
def test_choices_are_those_that_have_words(params: Any, field: str, known: set[str]) -> None:
    assert set(get_args(params.model_fields[field].annotation)) == known


def test_earlier_turns_are_said_in_their_order() -> None:
    said = instructions.ask("And why?", TEXT, [("Who?", "The keeper.")])
    assert [message["role"] for message in said.messages] == ["system", "user", "assistant", "user"]
    assert TEXT in said.messages[0]["content"]
    assert said.prompt.endswith(
        "Question: Who?\nAnswer: The keeper.\n\nQuestion: And why?\nAnswer:"
    )


@pytest.mark.parametrize("text", ["[1]", '[["a"]]', '[["a", 1]]', "nothing"])
def test_earlier_turns_of_another_form_are_refused(text: str) -> None:
    with pytest.raises(ValidationError, match="JSON of pairs"):
        AskParams(question="a", earlier=text)
