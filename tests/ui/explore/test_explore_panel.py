"""An explore panel as a whole: its room, its keys, what it says without a model or an engine."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QDialog, QWidget

from studio.jobs.events import EngineStatus
from studio.ui.workbench import Workbench
from tests.support.furnished import Run
from tests.support.qt_async import until
from tests.ui.explore.conftest import choose, explorer, make, ready

_KEY = Qt.Key


def test_nothing_that_opens_makes_the_window_grow_beyond_a_small_screen(run: Run) -> None:
    async def scene(bench: Workbench) -> None:
        found = await make(bench, 6)
        panel = found.panel
        await choose(found, 0, 1)
        await until(lambda: panel.slider_box.isVisible())
        assert bench.window.minimumSizeHint().height() <= 700
        panel.options.click()
        assert panel.sample_form.isVisible()
        assert not panel.slider_box.isVisible()
        await until(lambda: bench.window.minimumSizeHint().height() <= 700)
        panel.start("walk")
        assert panel.cards["walk"].isVisible()
        assert not panel.sample_form.isVisible()
        await until(lambda: bench.window.minimumSizeHint().height() <= 700)
        panel.options.click()
        assert not panel.cards["walk"].isVisible()

    run(scene)


def test_without_a_model_it_says_what_to_do(run_without_model: Run) -> None:
    async def scene(bench: Workbench) -> None:
        panel = explorer(bench).panel
        assert panel.pages.currentWidget() is panel.no_model
        assert not panel.make.isEnabled()
        assert not panel.project.isEnabled()
        asked: list[str] = []
        panel.add_model_requested.connect(asked.append)
        panel.no_model.add.click()
        assert asked == ["toy"]
        dialog = next(d for d in bench.window.findChildren(QDialog) if d.isVisible())
        assert dialog.windowTitle() == "Models"
        dialog.reject()

    run_without_model(scene)


def test_it_works_while_the_engine_is_still_starting(run: Run) -> None:
    async def scene(bench: Workbench) -> None:
        assert bench.studio.queue.status.state == "off"
        bench.studio.queue.engine_changed.emit(EngineStatus("starting"))
        found = explorer(bench)
        found.panel.count.setValue(2)
        found.panel.make.click()
        await until(lambda: len(found.exploration.tiles) == 2)
        assert not found.panel.progress.isHidden()
        await until(lambda: len(ready(found)) == 2)

    run(scene)


def test_control_enter_makes_new_ones_while_the_panel_is_in_front(run: Run) -> None:
    async def scene(bench: Workbench) -> None:
        found = explorer(bench)
        found.panel.count.setValue(2)
        bench.window.actions_by_name["generate"].trigger()
        await until(lambda: len(ready(found)) == 2)

    run(scene)


def test_arrow_keys_walk_and_every_control_has_a_name(run: Run) -> None:
    async def scene(bench: Workbench) -> None:
        found = await make(bench, 3)
        await choose(found, 0)
        QTest.keyClick(found.panel.grid, _KEY.Key_Right)
        assert found.exploration.current is found.exploration.tiles[1]
        nameless = []
        for widget in found.panel.findChildren(QWidget):
            takes_focus = widget.focusPolicy() & Qt.FocusPolicy.TabFocus
            spoken = widget.accessibleName() or getattr(widget, "text", lambda: "")()
            if takes_focus and widget.isVisible() and not spoken and widget.focusProxy() is None:
                nameless.append(widget)
        assert nameless == []

    run(scene)
