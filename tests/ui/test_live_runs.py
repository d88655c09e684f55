"""Runs that follow a hand: the newest wish wins, none is starved, and stored ones are never lost."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path

from studio.api.outputs import TextOutput
from studio.jobs.events import ErrorText, ResultReady
from studio.jobs.handle import JobHandle
from studio.jobs.queue import JobQueue
from studio.ui.live_runs import LiveRuns, Wish
from tests.support.engines import make_host, running_queue, toy_spec
from tests.support.qt_async import until
from tests.ui.conftest import QtRunner


def _wish(text: str, *, stored: bool = False, about: str = "a", verb: str = "echo") -> Wish:
    return Wish(verb, {"text": text} if verb == "echo" else {"fault": text}, {}, about, stored)


class Hand:
    """Live runs on a real queue, with all they told."""

    def __init__(self, queue: JobQueue, qt_runner: QtRunner) -> None:
        self.shown: list[str] = []
        self.failed: list[str] = []
        self.submitted: list[str] = []
        self._queue = queue
        self.runs = LiveRuns(
            lambda work: qt_runner.loop.create_task(work), self._submit, self._show, self._fail
        )

    async def _submit(self, wish: Wish) -> JobHandle | None:
        self.submitted.append(str(wish.values.get("text", wish.values.get("fault"))))
        if wish.values.get("text") == "refused":
            return None
        spec = toy_spec(wish.generator_id, ephemeral=not wish.stored, **wish.values)
        return self._queue.submit(spec)

    def _show(self, wish: Wish, event: ResultReady) -> None:
        assert isinstance(event.output, TextOutput)
        self.shown.append(event.output.text)

    def _fail(self, wish: Wish, error: ErrorText) -> None:
        self.failed.append(error.what)


def _drive(qt_runner: QtRunner, tmp_path: Path, scene: Callable[[Hand], Awaitable[None]]) -> None:
    async def main() -> None:
        async with running_queue(make_host("in_process", tmp_path)) as queue:
            await scene(Hand(queue, qt_runner))

    qt_runner.run(main)


def test_only_the_first_and_the_newest_of_a_burst_run(qt_runner: QtRunner, tmp_path: Path) -> None:
    async def scene(hand: Hand) -> None:
        hand.runs.want(_wish("0"))
        await until(lambda: hand.submitted)
        for number in range(1, 20):
            hand.runs.want(_wish(str(number)))
        await until(lambda: not hand.runs.busy)
        assert hand.shown == ["0", "19"]

    _drive(qt_runner, tmp_path, scene)


def test_a_stored_wish_of_another_is_not_replaced(qt_runner: QtRunner, tmp_path: Path) -> None:
    async def scene(hand: Hand) -> None:
        hand.runs.want(_wish("moving"))
        await until(lambda: hand.submitted)
        hand.runs.want(_wish("let go", stored=True))
        hand.runs.want(_wish("the next one", about="b"))
        await until(lambda: len(hand.shown) == 3)
        assert set(hand.shown) == {"moving", "let go", "the next one"}

    _drive(qt_runner, tmp_path, scene)


def test_a_failing_series_is_told_once_and_goes_on(qt_runner: QtRunner, tmp_path: Path) -> None:
    async def scene(hand: Hand) -> None:
        for _ in range(3):
            hand.runs.want(_wish("studio error", verb="fault"))
            await until(lambda: not hand.runs.busy)
        assert hand.failed == ["The paper is torn."]
        hand.runs.want(_wish("refused"))
        await until(lambda: not hand.runs.busy)
        hand.runs.want(_wish("good"))
        await until(lambda: hand.shown == ["good"])

    _drive(qt_runner, tmp_path, scene)


def test_dropped_wishes_do_not_run(qt_runner: QtRunner, tmp_path: Path) -> None:
    async def scene(hand: Hand) -> None:
        hand.runs.want(_wish("wait", verb="fault"))
        await until(lambda: hand.runs.handle is not None)
        hand.runs.want(_wish("later"))
        hand.runs.drop()
        await until(lambda: not hand.runs.busy)
        assert hand.shown == []
        assert hand.submitted == ["wait"]

    _drive(qt_runner, tmp_path, scene)
