"""Whatever a command raises becomes a line or two and an exit code."""

from __future__ import annotations

import pytest

from studio.api import ModelError, ParamsError
from studio.cli import run
from studio.commands.guard import guarded


def _raises(error: BaseException) -> int:
    raise error


@pytest.mark.parametrize(
    ("error", "code", "said"),
    [
        (ModelError("It is torn.", where="a.gguf", remedy="Mend it."), 1, "(a.gguf) Mend it."),
        (ParamsError("Too many."), 2, "Too many."),
        (KeyboardInterrupt(), 130, "Cancelled."),
        (ZeroDivisionError("oh"), 1, "ZeroDivisionError: oh"),
    ],
)
def test_guarded_errors_become_words_and_a_code(
    error: BaseException, code: int, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert guarded(lambda: _raises(error)) == code
    told = capsys.readouterr().err
    assert said in told
    assert "Traceback" not in told


def test_guarded_debug_shows_the_traceback(capsys: pytest.CaptureFixture[str]) -> None:
    assert guarded(lambda: _raises(ZeroDivisionError("oh")), debug=True) == 1
    assert "in _raises" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["docter"], "studio doctor"),
        (["story.md"], "no file story.md"),
        (["generate"], "Missing argument"),
        (["generate", "a.b", "--nope"], "--nope"),
        (["models"], "list"),
        (["models", "lst"], "lst"),
    ],
)
def test_wrong_usage_is_said_with_code_2(
    arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(arguments) == 2
    assert said in capsys.readouterr().err


def test_help_tells_of_the_exit_codes(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["--help"]) == 0
    assert "130 cancelled" in capsys.readouterr().out
