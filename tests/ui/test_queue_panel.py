"""The queue panel on a real queue: follows jobs, cancels them, shows their errors."""

from __future__ import annotations

from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from studio.jobs.queue import JobQueue
from studio.jobs.spec import JobState
from studio.ui.panels.queue import QueuePanel
from tests.support.engines import make_host, running_queue, toy_spec
from tests.support.qt_async import until
from tests.ui.conftest import QtRunner


def _panel(qtbot: QtBot, queue: JobQueue) -> QueuePanel:
    panel = QueuePanel(queue)
    qtbot.addWidget(panel)
    return panel


def test_panel_cancel_button_cancels_the_job(
    qt_runner: QtRunner, qtbot: QtBot, tmp_path: Path
) -> None:
    async def main() -> None:
        async with running_queue(make_host("in_process", tmp_path)) as queue:
            panel = _panel(qtbot, queue)
            assert panel.pages.currentIndex() == 0
            handle = queue.submit(toy_spec("fault", fault="wait", title="A long one"))
            assert panel.pages.currentIndex() == 1
            card = panel.cards[handle.job_id]
            await until(lambda: handle.state is JobState.RUNNING)
            assert not card.keep.isHidden()
            card.cancel.click()
            assert card.message.text() == "Cancelling…"
            assert not card.cancel.isEnabled()
            assert await handle.wait() is JobState.CANCELLED
            assert card.message.text() == "Cancelled"
            assert not card.again.isHidden()
            panel.let_go()

    qt_runner.run(main)


def test_panel_stop_and_keep_ends_early_with_a_result(
    qt_runner: QtRunner, qtbot: QtBot, tmp_path: Path
) -> None:
    async def main() -> None:
        async with running_queue(make_host("in_process", tmp_path)) as queue:
            panel = _panel(qtbot, queue)
            handle = queue.submit(toy_spec("echo", repeat=1_000_000))
            await until(lambda: handle.text)
            panel.cards[handle.job_id].keep.click()
            assert await handle.wait() is JobState.DONE
            assert len(handle.results) == 1
            assert panel.cards[handle.job_id].message.text().startswith("Done in")
            panel.let_go()

    qt_runner.run(main)


def test_panel_shows_a_failed_jobs_error_with_details(
    qt_runner: QtRunner, qtbot: QtBot, tmp_path: Path
) -> None:
    async def main() -> None:
        async with running_queue(make_host("in_process", tmp_path)) as queue:
            panel = _panel(qtbot, queue)
            handle = queue.submit(toy_spec("fault", fault="studio error"))
            assert await handle.wait() is JobState.FAILED
            card = panel.cards[handle.job_id]
            assert "The paper is torn." in card.message.text()
            asked: list[object] = []
            panel.details_requested.connect(asked.append)
            card.details.click()
            assert asked == [handle.error]
            panel.let_go()

    qt_runner.run(main)


def test_panel_run_again_hands_over_the_spec(
    qt_runner: QtRunner, qtbot: QtBot, tmp_path: Path
) -> None:
    async def main() -> None:
        async with running_queue(make_host("in_process", tmp_path)) as queue:
            panel = _panel(qtbot, queue)
            handle = queue.submit(toy_spec("echo"))
            await handle.wait()
            asked: list[object] = []
            panel.again_requested.connect(asked.append)
            panel.cards[handle.job_id].again.click()
            assert asked == [handle.spec]
            panel.let_go()

    qt_runner.run(main)


@pytest.mark.parametrize("count", [30])
def test_panel_keeps_waiting_jobs_before_finished_ones(
    qt_runner: QtRunner, qtbot: QtBot, tmp_path: Path, count: int
) -> None:
    async def main() -> None:
        async with running_queue(make_host("in_process", tmp_path)) as queue:
            panel = _panel(qtbot, queue)
            handles = [queue.submit(toy_spec("echo", title=str(n))) for n in range(count)]
            for handle in handles:
                await handle.wait()
            assert len(panel.cards) == 20
            assert handles[-1].job_id in panel.cards
            assert handles[0].job_id not in panel.cards
            panel.let_go()

    qt_runner.run(main)
