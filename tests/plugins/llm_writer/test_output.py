"""How text reaches the studio: joined so far as eyes can tell, whole in the end, cancel points alike."""

from __future__ import annotations

from pathlib import Path

import pytest

from studio.api import Cancelled, TextDelta
from studio.api.testing import InlineContext
from studio_plugins.llm_writer import output
from studio_plugins.llm_writer.model import Request
from studio_plugins.llm_writer.output import Streamed
from studio_plugins.llm_writer.params import ContinueParams


class _Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def monotonic(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> _Clock:
    clock = _Clock()
    monkeypatch.setattr(output, "time", clock)
    return clock


def _streamed(ctx: InlineContext, *stops: str, after_space: bool = False) -> Streamed:
    return Streamed(ctx, Request("", None, ContinueParams(), stops, after_space), 100)


def _deltas(ctx: InlineContext) -> list[tuple[str, int]]:
    return [(d.text, d.tokens) for d in ctx.outputs if isinstance(d, TextDelta)]


def test_first_piece_is_said_at_once_and_quick_ones_are_joined(
    clock: _Clock, tmp_path: Path
) -> None:
    ctx = InlineContext(tmp_path)
    streamed = _streamed(ctx)
    for piece in ("one", " two", " three"):
        streamed.push(piece)
        clock.now += output.SAY_EVERY_S / 2
    assert _deltas(ctx) == [("one", 1), (" two three", 2)]
    streamed.push(" four")
    assert streamed.finish() == "one two three four"
    assert _deltas(ctx)[-1] == (" four", 1)
    assert ctx.steps[-1][:2] == (4, 100)


def test_slow_pieces_are_said_one_by_one(clock: _Clock, tmp_path: Path) -> None:
    ctx = InlineContext(tmp_path)
    streamed = _streamed(ctx)
    for piece in "abc":
        streamed.push(piece)
        clock.now += 1
    assert _deltas(ctx) == [("a", 1), ("b", 1), ("c", 1)]


@pytest.mark.parametrize("pause_s", [0.0, 1.0])
def test_cancel_points_do_not_depend_on_the_pace(
    pause_s: float, clock: _Clock, tmp_path: Path
) -> None:
    ctx = InlineContext(tmp_path)
    streamed = _streamed(ctx)
    for piece in "abcde":
        streamed.push(piece)
        clock.now += pause_s
    streamed.finish()
    assert ctx.checks == 2 * 6


def test_cancel_is_obeyed_though_nothing_is_said(clock: _Clock, tmp_path: Path) -> None:
    ctx = InlineContext(tmp_path)
    streamed = _streamed(ctx)
    streamed.push("a")
    ctx.cancel_at = ctx.checks + 1
    with pytest.raises(Cancelled):
        streamed.push("b")


def test_stop_string_over_joined_pieces_ends_and_is_not_shown(
    clock: _Clock, tmp_path: Path
) -> None:
    ctx = InlineContext(tmp_path)
    streamed = _streamed(ctx, "END")
    assert [streamed.push(piece) for piece in ("a", "b E", "N", "D c")] == [False] * 3 + [True]
    assert streamed.finish() == "ab "
    assert streamed.finish_reason == "stop string"
    assert "".join(text for text, _ in _deltas(ctx)) == "ab "


def test_space_that_stands_before_the_caret_is_not_written_again(
    clock: _Clock, tmp_path: Path
) -> None:
    streamed = _streamed(InlineContext(tmp_path), after_space=True)
    for piece in ("", " fox", " ran"):
        streamed.push(piece)
    assert streamed.finish() == "fox ran"


def test_broken_character_is_held_until_more_follows(clock: _Clock, tmp_path: Path) -> None:
    ctx = InlineContext(tmp_path)
    streamed = _streamed(ctx)
    streamed.push("a\ufffd")
    clock.now += 1
    assert _deltas(ctx) == [("a", 1)]
    streamed.push("b")
    streamed.push("\ufffd")
    assert streamed.finish() == "a\ufffdb"
