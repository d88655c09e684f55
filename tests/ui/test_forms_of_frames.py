"""A film's frames in a form: shown in seconds, kept as frames."""

from __future__ import annotations

from typing import Annotated

import pytest
from pydantic import Field
from pytestqt.qtbot import QtBot

from studio.api import FramesHint, Params
from studio.core.fields import UnknownFieldType, fields_of
from studio.ui.forms.form import ParamsForm
from studio.ui.forms.frames import FramesEditor
from studio.ui.forms.numbers import NumberEditor
from studio.ui.model_shelf import ModelShelf


class Film(Params):
    frames: Annotated[int, FramesHint("speed")] = Field(30, ge=1, le=600, title="One leg")
    speed: int = Field(25, ge=1, le=60)


@pytest.fixture
def form(qtbot: QtBot, shelf: ModelShelf) -> ParamsForm:
    made = ParamsForm(fields_of(Film), shelf, lambda source: "")
    qtbot.addWidget(made)
    return made


def _frames(form: ParamsForm) -> FramesEditor:
    editor = form.rows["frames"].editor
    assert isinstance(editor, FramesEditor)
    return editor


def _speed(form: ParamsForm) -> NumberEditor:
    editor = form.rows["speed"].editor
    assert isinstance(editor, NumberEditor)
    return editor


def test_frames_are_shown_as_seconds(form: ParamsForm) -> None:
    editor = _frames(form)
    assert editor.box.value() == pytest.approx(1.2)
    assert editor.box.suffix() == " s"
    assert editor.note.text() == "30 frames"
    editor.box.setValue(2.0)
    assert form.values() == {"frames": 50, "speed": 25}
    editor.slider.setValue(75)
    assert editor.box.value() == pytest.approx(3.0)
    editor.box.setValue(99)
    assert form.values()["frames"] == 600


def test_another_rate_keeps_the_seconds(form: ParamsForm) -> None:
    _speed(form).box.setValue(50)
    assert form.values() == {"frames": 60, "speed": 50}
    assert _frames(form).box.value() == pytest.approx(1.2)


def test_record_comes_back_whole_whatever_its_order(form: ParamsForm) -> None:
    for values in ({"frames": 13, "speed": 7}, {"speed": 12, "frames": 599}):
        form.set_values(values)
        assert form.values() == values


def test_frames_without_a_rate_are_refused() -> None:
    class Broken(Params):
        frames: Annotated[int, FramesHint()] = Field(30, ge=1, le=600)

    with pytest.raises(UnknownFieldType, match="frames_per_second"):
        fields_of(Broken)
