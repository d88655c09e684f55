"""Editors for pictures in an order, latents, the model's sliders, pads and words."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import pytest
from pydantic import Field
from PySide6.QtCore import QByteArray, QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDropEvent
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from studio.api import (
    ImagesHint,
    LatentHint,
    LatentsHint,
    ModelHint,
    ModelInfo,
    PadHint,
    Params,
    SliderSpec,
    WeightsHint,
    WordsHint,
)
from studio.core.fields import fields_of
from studio.core.values import problems
from studio.io.executor import IoExecutor
from studio.ui.dropping import RESULT_MIME
from studio.ui.forms.form import ParamsForm
from studio.ui.forms.giving import FromCanvas, FromFile, FromResult, Thing
from studio.ui.forms.model import ModelEditor
from studio.ui.forms.things import ThingsEditor
from studio.ui.forms.weights import WeightsEditor
from studio.ui.forms.words import WordsEditor
from studio.ui.model_shelf import ModelShelf
from studio.ui.slider_shelf import SliderShelf
from tests.support.qt_async import until
from tests.ui.conftest import QtRunner

_LEFT = Qt.MouseButton.LeftButton
_NONE = Qt.KeyboardModifier.NoModifier


class ThingsParams(Params):
    pictures: Annotated[tuple[str, ...], ImagesHint(2, 3)] = Field((), description="In order.")
    one: Annotated[str | None, LatentHint("toy.w")] = None
    some: Annotated[tuple[str, ...], LatentsHint(0, 4)] = ()
    model: Annotated[str, ModelHint("language")] = ""
    directions: Annotated[dict[str, float], WeightsHint("directions", "", -2, 2, 0.1)] = Field(
        default_factory=dict
    )
    shares: Annotated[dict[str, float], WeightsHint("pictures", "", 0, 1)] = Field(
        default_factory=dict
    )
    across: Annotated[float, PadHint("place", "x")] = Field(0.5, ge=0, le=1)
    up: Annotated[float, PadHint("place", "y")] = Field(0, ge=-1, le=1)
    layers: Annotated[str, WordsHint(("coarse", "middle", "fine"), "all")] = "all"


SLIDERS = [
    SliderSpec("smile", "Smile", group="Named"),
    SliderSpec("pc 1", "First", -1, 1, group="Found"),
]


def _ask(model: ModelInfo, source: str) -> list[SliderSpec]:
    return [] if model.id == "large" else SLIDERS


@pytest.fixture
def sliders(io: IoExecutor, qt_runner: QtRunner) -> SliderShelf:
    return SliderShelf(_ask, io, lambda work: qt_runner.loop.create_task(work))


@pytest.fixture
def form(qtbot: QtBot, shelf: ModelShelf, sliders: SliderShelf) -> ParamsForm:
    made = ParamsForm(fields_of(ThingsParams), shelf, lambda source: "", sliders)
    qtbot.addWidget(made)
    made.resize(320, 1400)
    made.show()
    return made


def _things(form: ParamsForm, name: str) -> ThingsEditor:
    editor = form.rows[name].editor
    assert isinstance(editor, ThingsEditor)
    return editor


def _weights(form: ParamsForm, name: str) -> WeightsEditor:
    editor = form.rows[name].editor
    assert isinstance(editor, WeightsEditor)
    return editor


def _picture(shade: int, title: str = "", **ids: Any) -> Thing:
    return Thing(np.full((6, 9, 4), shade, np.uint8), title, **ids)


def _drop(data: QMimeData) -> QDropEvent:
    return QDropEvent(QPointF(5, 5), Qt.DropAction.CopyAction, data, _LEFT, _NONE)


def test_untouched_form_gives_values_that_only_lack_the_pictures(form: ParamsForm) -> None:
    assert form.inputs() == {}
    assert list(problems(ThingsParams, form.values())) == ["pictures"]


def test_pictures_keep_their_order_and_can_be_moved_and_removed(form: ParamsForm) -> None:
    editor = _things(form, "pictures")
    for shade in (1, 2, 3):
        form.give("pictures", _picture(shade))
    QTest.keyClick(editor.strip, Qt.Key.Key_Home)
    editor.strip.setCurrentIndex(editor.strip.model().index(0, 0))
    QTest.keyClick(editor.strip, Qt.Key.Key_Right, Qt.KeyboardModifier.AltModifier)
    assert [int(thing.pixels[0, 0, 0]) for thing in editor.things] == [2, 1, 3]
    QTest.keyClick(editor.strip, Qt.Key.Key_Delete)
    assert [int(thing.pixels[0, 0, 0]) for thing in editor.things] == [2, 3]
    editor.strip.move_thing(1, 0)
    given = form.inputs()["pictures"]
    assert isinstance(given, tuple)
    assert [int(np.asarray(one)[0, 0, 0]) for one in given] == [3, 2]
    assert problems(ThingsParams, form.values()) == {}


def test_more_pictures_than_fit_are_refused_with_the_reason(form: ParamsForm) -> None:
    for shade in range(4):
        form.give("pictures", _picture(shade))
    editor = _things(form, "pictures")
    assert len(editor.things) == 3
    assert "At most 3" in editor.problem.text()
    assert not editor.problem.isHidden()


def test_drops_ask_for_files_and_results(form: ParamsForm, qtbot: QtBot, tmp_path: Path) -> None:
    asked: list[tuple[str, object]] = []
    form.input_asked.connect(lambda name, ask: asked.append((name, ask)))
    files = QMimeData()
    files.setUrls([QUrl.fromLocalFile(str(tmp_path / "a.png"))])
    results = QMimeData()
    results.setData(RESULT_MIME, QByteArray(b"id1 id2"))
    _things(form, "pictures").dropEvent(_drop(files))
    _things(form, "some").dropEvent(_drop(results))
    _things(form, "one").dropEvent(_drop(files))  # a file is no latent
    _things(form, "pictures").add_layer.click()
    assert asked == [
        ("pictures", FromFile(tmp_path / "a.png")),
        ("some", FromResult("id1")),
        ("some", FromResult("id2")),
        ("pictures", FromCanvas()),
    ]


def test_latent_slot_takes_only_its_own_layout_and_one(form: ParamsForm) -> None:
    editor = _things(form, "one")
    form.give("one", _picture(1))
    assert "slider badge" in editor.problem.text()
    form.give("one", _picture(1, latent_id="b1", layout="other"))
    assert "another kind" in editor.problem.text()
    assert editor.value() is None
    form.give("one", _picture(1, latent_id="b1", layout="toy.w"))
    form.give("one", _picture(2, latent_id="b2", layout="toy.w"))
    assert editor.problem.isHidden()
    assert form.inputs()["one"] == ("b2",)


def test_picture_of_the_history_goes_by_its_blob(form: ParamsForm) -> None:
    form.give("pictures", _picture(1, picture_id="known"))
    assert form.inputs()["pictures"] == ("known",)


def test_latent_slot_asks_for_the_picker(form: ParamsForm, qtbot: QtBot) -> None:
    with qtbot.waitSignal(form.picker_asked) as asked:
        QTest.mouseClick(_things(form, "some").well, _LEFT)
    assert asked.args == ["some"]


def _choose_model(form: ParamsForm, name: str) -> None:
    chooser = form.rows["model"].editor
    assert isinstance(chooser, ModelEditor)
    chooser.set_value(name)


def test_sliders_are_those_of_the_chosen_model(
    form: ParamsForm, shelf: ModelShelf, qt_runner: QtRunner
) -> None:
    editor = _weights(form, "directions")

    async def main() -> None:
        await shelf.refresh()
        _choose_model(form, "small")
        await until(lambda: list(editor.rows) == ["smile", "pc 1"])
        editor.rows["smile"].slider.setValue(12)
        assert editor.value() == {"smile": 0.6}
        _choose_model(form, "large")
        await until(lambda: not editor.rows)
        assert "no sliders" in editor.note.text()
        # What a record says of another model isn't lost by looking at this one.
        assert editor.value() == {"smile": 0.6}

    qt_runner.run(main)


def test_sliders_stay_in_the_fields_range_and_go_back(form: ParamsForm, qtbot: QtBot) -> None:
    editor = _weights(form, "directions")
    editor.show_sliders(SLIDERS)
    smile, first = editor.rows["smile"], editor.rows["pc 1"]
    assert (smile.box.minimum(), smile.box.maximum()) == (-2, 2)
    assert (first.box.minimum(), first.box.maximum()) == (-1, 1)
    smile.box.setValue(1.5)
    first.box.setValue(-0.5)
    assert form.values()["directions"] == {"smile": 1.5, "pc 1": -0.5}
    QTest.mouseDClick(smile.slider, _LEFT, _NONE, QPoint(3, 5))
    assert form.values()["directions"] == {"pc 1": -0.5}
    assert not smile.reset.isVisible()
    with qtbot.waitSignal(editor.settled):
        editor.reset_all.click()
    assert form.values()["directions"] == {}


def test_slider_under_the_mouse_moves_live_and_settles_when_let_go(form: ParamsForm) -> None:
    editor = _weights(form, "directions")
    editor.show_sliders([SliderSpec("smile", "Smile")])
    slider = editor.rows["smile"].slider
    told: list[str] = []
    form.moved.connect(lambda: told.append("moved"))
    form.settled.connect(lambda: told.append("settled"))
    QTest.mousePress(slider, _LEFT, _NONE, QPoint(slider.width() - 8, 5))
    assert told == ["moved"]
    assert editor.rows["smile"].weight > 1.5
    QTest.mouseRelease(slider, _LEFT, _NONE, QPoint(slider.width() - 8, 5))
    assert told == ["moved", "settled"]


def test_each_picture_of_another_field_gets_a_slider(form: ParamsForm) -> None:
    editor = _weights(form, "shares")
    assert editor.rows == {}
    form.give("pictures", _picture(1, "a leaf"))
    form.give("pictures", _picture(2))
    assert list(editor.rows) == ["1", "2"]
    editor.rows["2"].box.setValue(0.5)
    assert form.values()["shares"] == {"2": 0.5}


def test_pad_and_boxes_show_the_same_point(form: ParamsForm) -> None:
    pads = form.pads["place"]
    told: list[str] = []
    form.moved.connect(lambda: told.append("moved"))
    form.settled.connect(lambda: told.append("settled"))
    middle = pads.pad.handle_position().toPoint()
    QTest.mousePress(pads.pad, _LEFT, _NONE, middle)
    QTest.mouseMove(pads.pad, middle + QPoint(30, -40))
    assert told == ["moved"]
    values = form.values()
    assert isinstance(values["across"], float)
    assert isinstance(values["up"], float)
    assert values["across"] > 0.6
    assert values["up"] > 0.3
    QTest.mouseRelease(pads.pad, _LEFT, _NONE, middle + QPoint(30, -40))
    assert told == ["moved", "settled"]
    form.set_values({"across": 0.0, "up": -1.0})
    assert pads.pad.point == (0.0, -1.0)


def test_pad_moves_by_keys_and_settles_after_a_pause(form: ParamsForm, qtbot: QtBot) -> None:
    pad = form.pads["place"].pad
    with qtbot.waitSignal(form.settled):
        QTest.keyClick(pad, Qt.Key.Key_Right)
        QTest.keyClick(pad, Qt.Key.Key_Up, Qt.KeyboardModifier.ShiftModifier)
    assert form.values()["across"] == pytest.approx(0.52)
    assert form.values()["up"] == pytest.approx(0.2)
    assert "0.52 across" in pad.accessibleName()
    QTest.keyClick(pad, Qt.Key.Key_Home)
    assert pad.point == (0.5, 0.0)


@pytest.mark.parametrize(
    ("text", "on"),
    [
        ("all", ["coarse", "middle", "fine"]),
        ("", ["coarse", "middle", "fine"]),
        ("middle, fine", ["middle", "fine"]),
        ("0-3, fine", ["fine"]),
    ],
)
def test_words_show_what_the_text_says(form: ParamsForm, text: str, on: list[str]) -> None:
    form.set_values({"layers": text})
    editor = form.rows["layers"].editor
    assert isinstance(editor, WordsEditor)
    assert [word for word, switch in editor.switches.items() if switch.isChecked()] == on
    assert editor.box.isHidden() == (text != "0-3, fine")
    assert form.values()["layers"] == text


def test_words_write_the_text_and_never_nothing(form: ParamsForm) -> None:
    editor = form.rows["layers"].editor
    assert isinstance(editor, WordsEditor)
    click: Callable[[str], None] = lambda word: editor.switches[word].click()  # noqa: E731
    click("coarse")
    assert form.values()["layers"] == "middle, fine"
    click("middle")
    click("fine")
    assert form.values()["layers"] == "fine"
    assert editor.switches["fine"].isChecked()
    click("coarse")
    click("middle")
    assert form.values()["layers"] == "all"
