"""The form: every kind of field gives its value, shows its problem, and keeps what it was given."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Literal

import numpy as np
import pytest
from pydantic import Field
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from studio.api import (
    Advanced,
    ImageHint,
    LeastMeans,
    MaskHint,
    ModelHint,
    NegativePromptHint,
    Params,
    PromptHint,
    Seed,
    SliderHint,
    TextInputHint,
    seed_field,
)
from studio.core.fields import fields_of
from studio.core.values import problems
from studio.ui.forms.choices import ChoiceEditor, SwitchEditor
from studio.ui.forms.form import ParamsForm
from studio.ui.forms.giving import FromFile
from studio.ui.forms.model import ModelEditor
from studio.ui.forms.numbers import NumberEditor, SeedEditor
from studio.ui.forms.picture import PictureEditor
from studio.ui.forms.text import DocumentTextEditor, PromptEditor
from studio.ui.model_shelf import ModelShelf
from tests.ui.conftest import QtRunner


class AllParams(Params):
    prompt: Annotated[str, PromptHint("A fox")] = Field("", description="What it shows.")
    avoid: Annotated[str, NegativePromptHint()] = ""
    name: str = Field("x", max_length=5)
    source: Annotated[str, TextInputHint("selection")] = ""
    steps: Annotated[int, SliderHint()] = Field(20, ge=1, le=150)
    strength: Annotated[float, SliderHint(step=0.05)] = Field(0.5, gt=0, le=1)
    count: int = Field(2, ge=1, le=10)
    weight: float = 1.5
    side: Annotated[int, LeastMeans("the model's own")] = Field(0, ge=0, le=4096)
    edge: Annotated[int, LeastMeans("the model's own")] = Field(0, ge=0, le=4096, multiple_of=8)
    limit: int | None = None
    tiled: bool = True
    mode: Literal["fast", "fine_grained"] = "fast"
    seed: Seed = seed_field()
    model: Annotated[str, ModelHint("language")] = ""
    second: Annotated[str, ModelHint("language")] | None = None
    picture: Annotated[str | None, ImageHint()] = None
    mask: Annotated[str | None, MaskHint()] = None
    detail: Annotated[int, Advanced()] = 3


@pytest.fixture
def make_form(qtbot: QtBot, shelf: ModelShelf) -> Callable[[], ParamsForm]:
    def make() -> ParamsForm:
        form = ParamsForm(fields_of(AllParams), shelf, lambda source: f"the {source} text")
        qtbot.addWidget(form)
        return form

    return make


def test_form_untouched_gives_valid_params(make_form: Callable[[], ParamsForm]) -> None:
    values = make_form().values()
    assert problems(AllParams, values) == {}
    params = AllParams.model_validate(values)
    assert params.steps == 20
    assert params.strength == 0.5
    assert params.limit is None
    assert params.seed == -1


def test_form_comes_row_by_row_so_that_the_window_can_answer(
    qtbot: QtBot, shelf: ModelShelf, make_form: Callable[[], ParamsForm]
) -> None:
    fields = fields_of(AllParams)
    form = ParamsForm(fields, shelf, lambda source: "", at_once=False)
    qtbot.addWidget(form)
    rows = [len(form.rows) for _ in form.building()]
    assert rows == list(range(len(fields)))
    assert form.values().keys() == make_form().values().keys()


def test_form_takes_text_from_the_document(make_form: Callable[[], ParamsForm]) -> None:
    form = make_form()
    assert form.values()["source"] == "the selection text"
    editor = form.rows["source"].editor
    assert isinstance(editor, DocumentTextEditor)
    assert "3 words selected" in editor.box.accessibleName()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("prompt", "A fox in the snow\nat dusk"),
        ("avoid", "blur"),
        ("name", "fox"),
        ("steps", 33),
        ("strength", 0.35),
        ("count", 7),
        ("weight", -2.25),
        ("limit", 12),
        ("tiled", False),
        ("mode", "fine_grained"),
        ("seed", 2**40 + 1),
        ("detail", 9),
    ],
)
def test_form_gives_back_what_was_set(
    make_form: Callable[[], ParamsForm], name: str, value: str | int | float | bool
) -> None:
    form = make_form()
    with_change = []
    form.value_changed.connect(lambda: with_change.append(True))
    form.set_values({name: value})
    assert form.values()[name] == value
    assert AllParams.model_validate(form.values()).model_dump()[name] == value
    assert with_change


def test_form_slider_and_box_follow_each_other(make_form: Callable[[], ParamsForm]) -> None:
    editor = make_form().rows["strength"].editor
    assert isinstance(editor, NumberEditor)
    assert editor.slider is not None
    editor.slider.setValue(editor.slider.minimum() + 4)
    assert editor.value() == pytest.approx(0.2)
    editor.set_value(0.333)
    assert editor.value() == pytest.approx(0.333)


def test_form_says_what_the_least_number_means(make_form: Callable[[], ParamsForm]) -> None:
    editor = make_form().rows["side"].editor
    assert isinstance(editor, NumberEditor)
    assert editor.box.text() == "the model's own"
    assert editor.value() == 0
    editor.box.selectAll()
    QTest.keyClicks(editor.box, "512")
    assert editor.value() == 512
    assert editor.box.text() == "512"
    editor.set_value(0)
    assert editor.box.text() == "the model's own"


def test_number_steps_from_the_models_own_to_what_that_is_and_on_by_multiples(
    make_form: Callable[[], ParamsForm],
) -> None:
    editor = make_form().rows["edge"].editor
    assert isinstance(editor, NumberEditor)

    def after(key: Qt.Key) -> str:
        QTest.keyClick(editor.box, key)
        return editor.box.text()

    assert after(Qt.Key.Key_Up) == "8"
    editor.set_value(0)
    editor.set_own(500)
    assert after(Qt.Key.Key_Up) == "496"
    assert after(Qt.Key.Key_Up) == "504"
    assert after(Qt.Key.Key_Down) == "496"
    editor.set_value(501)
    assert after(Qt.Key.Key_Up) == "504"
    editor.set_value(501)
    assert after(Qt.Key.Key_Down) == "496"
    editor.set_value(3)
    assert after(Qt.Key.Key_Down) == "the model's own"
    editor.set_value(4095)
    assert after(Qt.Key.Key_Up) == "4096"
    assert after(Qt.Key.Key_PageDown) == "4016"


def test_form_typed_letters_in_a_number_are_a_problem(
    make_form: Callable[[], ParamsForm], qtbot: QtBot
) -> None:
    form = make_form()
    box = form.rows["limit"].editor.focusProxy()
    assert box is not None
    QTest.keyClicks(box, "many")
    assert "limit" in problems(AllParams, form.values())


def test_form_shows_problems_at_their_fields_until_changed(
    make_form: Callable[[], ParamsForm],
) -> None:
    form = make_form()
    form.show_problems({"detail": "Too much.", "name": "Too long."})
    detail = form.rows["detail"]
    assert detail.problem.text() == "Too much."
    assert not detail.problem.isHidden()
    assert form.rows["prompt"].problem.isHidden()
    form.set_values({"detail": 4})
    assert detail.problem.isHidden()
    assert not form.rows["name"].problem.isHidden()


def test_form_bad_advanced_field_opens_more(make_form: Callable[[], ParamsForm]) -> None:
    form = make_form()
    assert not form.fold.isChecked()
    form.show_problems({"detail": "Too much."})
    assert form.fold.isChecked()


def test_seed_lock_keeps_the_drawn_seed(make_form: Callable[[], ParamsForm], qtbot: QtBot) -> None:
    form = make_form()
    editor = form.rows["seed"].editor
    assert isinstance(editor, SeedEditor)
    form.show_drawn_seed(1234)
    assert editor.value() == -1
    QTest.mouseClick(editor.lock, Qt.MouseButton.LeftButton)
    assert editor.value() == 1234
    form.show_drawn_seed(99)
    assert editor.value() == 1234


def test_seed_dice_draws_and_keeps(make_form: Callable[[], ParamsForm], qtbot: QtBot) -> None:
    editor = make_form().rows["seed"].editor
    assert isinstance(editor, SeedEditor)
    QTest.mouseClick(editor.dice, Qt.MouseButton.LeftButton)
    assert editor.lock.isChecked()
    assert isinstance(editor.value(), int)
    assert editor.value() != -1


def test_pictures_go_out_as_inputs(make_form: Callable[[], ParamsForm]) -> None:
    form = make_form()
    assert form.inputs() == {}
    pixels = np.zeros((4, 6, 4), np.uint8)
    pixels[..., 1] = 255
    form.set_picture("picture", pixels, "leaf.png")
    form.set_picture("mask", pixels)
    inputs = form.inputs()
    picture, mask = inputs["picture"], inputs["mask"]
    assert isinstance(picture, np.ndarray)
    assert picture.shape == (4, 6, 4)
    assert isinstance(mask, np.ndarray)
    assert mask.shape == (4, 6)
    assert int(mask[0, 0]) == round(255 * 0.7152)
    editor = form.rows["picture"].editor
    assert isinstance(editor, PictureEditor)
    editor.clear.click()
    assert "picture" not in form.inputs()


def test_dropped_file_asks_for_loading(
    make_form: Callable[[], ParamsForm], qtbot: QtBot, tmp_path: Path
) -> None:
    form = make_form()
    editor = form.rows["picture"].editor
    assert isinstance(editor, PictureEditor)
    with qtbot.waitSignal(form.input_asked) as asked:
        editor.asked.emit(FromFile(tmp_path / "a.png"))
    assert asked.args == ["picture", FromFile(tmp_path / "a.png")]


def test_model_chooser_lists_the_family_with_notes(
    make_form: Callable[[], ParamsForm], shelf: ModelShelf, qt_runner: QtRunner
) -> None:
    form = make_form()
    editor = form.rows["model"].editor
    assert isinstance(editor, ModelEditor)
    assert editor.value() == ""
    qt_runner.run(shelf.refresh)
    assert editor.box.count() == 2
    editor.set_value("small")
    assert form.values()["model"] == "small"
    chosen = editor.chosen()
    assert chosen is not None
    assert chosen.facts.notes == ("small notes.",)


def test_model_that_may_be_none_is_none_until_one_is_chosen(
    make_form: Callable[[], ParamsForm], shelf: ModelShelf, qt_runner: QtRunner
) -> None:
    form = make_form()
    qt_runner.run(shelf.refresh)
    editor = form.rows["second"].editor
    assert isinstance(editor, ModelEditor)
    assert (editor.box.currentText(), editor.box.count(), editor.box.isEnabled()) == (
        "None",
        3,
        True,
    )
    assert not form.values()["second"]
    editor.set_value("small")
    assert form.values()["second"] == "small"
    editor.set_value(None)
    assert not form.values()["second"]


def test_model_chooser_keeps_a_choice_made_before_the_list_came(
    make_form: Callable[[], ParamsForm], shelf: ModelShelf, qt_runner: QtRunner
) -> None:
    form = make_form()
    form.set_values({"model": "small"})
    qt_runner.run(shelf.refresh)
    assert form.values()["model"] == "small"


def test_every_control_has_a_name_for_screen_readers(make_form: Callable[[], ParamsForm]) -> None:
    for row in make_form().rows.values():
        proxy = row.editor.focusProxy()
        named = proxy or row.editor.findChild(type(row.editor)) or row.editor
        if isinstance(row.editor, DocumentTextEditor):
            named = row.editor.box
        assert named.accessibleName(), row.editor.field.name


def test_prompt_grows_with_its_text(make_form: Callable[[], ParamsForm], qtbot: QtBot) -> None:
    form = make_form()
    form.resize(300, 900)
    form.show()
    qtbot.waitExposed(form)
    editor = form.rows["prompt"].editor
    assert isinstance(editor, PromptEditor)
    before = editor.box.height()
    editor.set_value("\n".join("line" for _ in range(9)))
    assert editor.box.height() > before
    editor.set_value("\n".join("line" for _ in range(400)))
    assert editor.box.height() < 400


def test_kinds_have_their_editors(make_form: Callable[[], ParamsForm]) -> None:
    rows = make_form().rows
    assert isinstance(rows["mode"].editor, ChoiceEditor)
    assert isinstance(rows["tiled"].editor, SwitchEditor)
    assert rows["mode"].editor.box.itemText(1) == "Fine grained"
