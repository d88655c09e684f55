"""The generate panel: asks for jobs with good values, for none with bad ones."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any

import pytest
from pydantic import Field, model_validator
from pytestqt.qtbot import QtBot

from studio.api import (
    Context,
    GeneratorSpec,
    Inputs,
    Output,
    Params,
    PromptHint,
    SliderHint,
    TextOutput,
)
from studio.core.catalogue import RegisteredGenerator
from studio.ui.model_shelf import ModelShelf
from studio.ui.panels.generate import GeneratePanel


class CardParams(Params):
    prompt: Annotated[str, PromptHint()] = Field("", min_length=3)
    steps: Annotated[int, SliderHint()] = Field(4, ge=1, le=9)


class RangeParams(CardParams):
    most: int = Field(9, ge=1, le=9)

    @model_validator(mode="after")
    def _in_order(self) -> RangeParams:
        if self.steps > self.most:
            raise ValueError("steps must not be above most")
        return self


class Card:
    def generate(self, params: CardParams, inputs: Inputs, ctx: Context) -> Iterator[Output]:
        yield TextOutput(params.prompt)


def _entry(name: str) -> RegisteredGenerator:
    spec: GeneratorSpec[Any] = GeneratorSpec(
        id=f"cards.{name}", title=f"Make {name}", description=f"Makes a {name}.",
        params=CardParams, factory=Card, yields=("text",), version="1",
    )  # fmt: skip
    return RegisteredGenerator(spec, "cards")


@pytest.fixture
def panel(qtbot: QtBot, shelf: ModelShelf) -> GeneratePanel:
    made = GeneratePanel(shelf, lambda source: "")
    qtbot.addWidget(made)
    made.show_generators([_entry("card"), _entry("letter")])
    return made


def test_panel_with_good_values_asks_for_a_job(panel: GeneratePanel, qtbot: QtBot) -> None:
    assert panel.form is not None
    panel.form.set_values({"prompt": "a fox", "steps": 5})
    with qtbot.waitSignal(panel.job_requested) as asked:
        panel.button.click()
    assert asked.args == ["cards.card", {"prompt": "a fox", "steps": 5}, {}]


def test_panel_with_a_bad_value_marks_it_and_asks_for_nothing(
    panel: GeneratePanel, qtbot: QtBot
) -> None:
    assert panel.form is not None
    panel.form.set_values({"prompt": "a"})
    with qtbot.assertNotEmitted(panel.job_requested):
        panel.button.click()
    row = panel.form.rows["prompt"]
    assert not row.problem.isHidden()
    assert "3" in row.problem.text()
    assert panel.form.rows["steps"].problem.isHidden()


def test_panel_says_above_the_fields_what_is_wrong_between_two_of_them(
    panel: GeneratePanel, qtbot: QtBot
) -> None:
    spec: GeneratorSpec[Any] = GeneratorSpec(
        id="cards.range", title="Make", description="Makes.", params=RangeParams, factory=Card,
        yields=("text",), version="1",
    )  # fmt: skip
    panel.show_generators([RegisteredGenerator(spec, "cards")])
    form = panel.form
    assert form is not None
    form.set_values({"prompt": "a fox", "steps": 5, "most": 2})
    with qtbot.assertNotEmitted(panel.job_requested):
        panel.button.click()
    assert not form.problem.isHidden()
    assert form.problem.text() == "steps must not be above most."
    assert all(row.problem.isHidden() for row in form.rows.values())
    form.set_values({"most": 7})
    assert form.problem.isHidden()
    with qtbot.waitSignal(panel.job_requested):
        panel.button.click()
    assert form.problem.isHidden()


def test_panel_keeps_the_values_of_each_generator(panel: GeneratePanel) -> None:
    assert panel.form is not None
    panel.form.set_values({"prompt": "first"})
    assert panel.choose("cards.letter")
    assert panel.form is not None
    assert panel.form.values()["prompt"] == ""
    panel.form.set_values({"prompt": "second"})
    panel.choose("cards.card")
    assert panel.form.values()["prompt"] == "first"


def test_panel_fill_shows_a_records_values(panel: GeneratePanel) -> None:
    assert panel.fill("cards.letter", {"prompt": "again", "steps": 7, "gone": 1})
    assert panel.generator_id == "cards.letter"
    assert panel.form is not None
    assert panel.form.values() == {"prompt": "again", "steps": 7}


def test_panel_fill_of_an_unknown_generator_says_no(panel: GeneratePanel) -> None:
    assert not panel.fill("gone.generator", {})
    assert panel.generator_id == "cards.card"


def test_panel_makes_a_form_once_though_it_is_asked_for_between_two_steps(
    panel: GeneratePanel,
) -> None:
    steps = panel.preparing("cards.letter")
    next(steps)
    panel.choose("cards.letter")
    chosen = panel.form
    pages = panel._pages.count()
    for _ in steps:
        pass
    assert panel.form is chosen
    assert panel._pages.count() == pages


def test_panel_without_generators_says_what_to_do(panel: GeneratePanel) -> None:
    panel.show_generators([])
    assert panel.form is None
    assert not panel.button.isEnabled()
