"""The command line as a process: what it imports, signals, pipes, a display, the other engine."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.conftest import ROOT, command, studio
from tests.support import toy_plugin

STUCK = "print('stuck', flush=True)\n    while True:\n        pass"


@pytest.mark.parametrize(
    ("arguments", "not_needed"),
    [
        (["--version"], {"numpy", "pydantic", "rich", "PySide6"}),
        (["--help"], {"numpy", "pydantic", "rich", "PySide6"}),
        (["generators"], {"torch", "transformers", "PySide6"}),
        (["plugins", "list"], {"torch", "transformers", "PySide6"}),
        (["models", "list"], {"torch", "transformers", "PySide6"}),
    ],
)
def test_commands_import_only_what_they_need(
    arguments: list[str], not_needed: set[str], home: Path
) -> None:
    code = (
        f"import sys; from studio.cli import run; code = run({arguments!r});"
        f"found = {not_needed!r} & set(sys.modules); assert not found, found; sys.exit(code)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout


def test_text_comes_from_standard_input(home: Path) -> None:
    done = studio("generate", "toy.echo", "--input", "text=-", input="héllo")
    assert (done.returncode, done.stdout) == (0, "héllo\n")


def test_ctrl_c_while_text_streams_cancels_with_130(home: Path) -> None:
    order = command("generate", "toy.echo", "--set", "repeat=1000000")
    with subprocess.Popen(order, stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=ROOT) as job:
        assert job.stdout is not None
        assert job.stderr is not None
        job.stdout.read(5)
        job.send_signal(signal.SIGINT)
        job.stdout.read()
        assert job.wait(20) == 130
        assert b"Cancelled." in job.stderr.read()


def test_ctrl_c_at_any_moment_leaves_no_file(home: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    out.mkdir()
    order = command("generate", "toy.echo", "--set", "repeat=1000000", "-o", out / "long.md")
    # A run of the tests in the background ignores Ctrl-C, and its children would with it.
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        started = subprocess.Popen(order, stderr=subprocess.PIPE, cwd=ROOT)
    finally:
        signal.signal(signal.SIGINT, before)
    with started as job:
        while not (home / "data" / "jobs.sqlite").exists():
            os.sched_yield()
        job.send_signal(signal.SIGINT)
        assert job.stderr is not None
        assert b"Traceback" not in job.stderr.read()
        assert job.wait(20) == 130
    assert not list(out.iterdir())


def test_second_ctrl_c_insists_where_the_first_is_not_obeyed(home: Path) -> None:
    stuck = Path(toy_plugin.__file__).read_text().replace("while True:\n        pass", STUCK)
    (home / "data" / "plugins" / "toy.py").write_text(stuck)
    order = command("generate", "toy.fault", "--set", "fault=never yield")
    with subprocess.Popen(
        order, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=ROOT
    ) as job:
        assert job.stdout is not None
        assert job.stderr is not None
        assert job.stdout.readline() == "stuck\n"
        job.send_signal(signal.SIGINT)
        assert "Cancelling" in job.stderr.readline() + job.stderr.readline()
        job.send_signal(signal.SIGINT)
        assert job.wait(20) == 130


def test_reader_that_goes_away_ends_it_quietly(home: Path) -> None:
    order = command("generate", "toy.echo", "--set", "repeat=1000000")
    with subprocess.Popen(order, stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=ROOT) as job:
        assert job.stdout is not None
        assert job.stderr is not None
        job.stdout.read(5)
        job.stdout.close()
        assert job.stderr.read() == b""
        assert job.wait(20) == 1


def test_child_engine_does_the_same_and_its_death_is_said(home: Path) -> None:
    done = studio("generate", "toy.echo", "--engine", "child", "--json")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["text"] == "hello"
    died = studio("generate", "toy.fault", "--set", "fault=segfault", "--engine", "child")
    assert died.returncode == 1
    assert "Traceback" not in died.stderr
    assert "engine" in died.stderr.lower()


def test_without_a_display_the_window_says_how_to_go_on(home: Path) -> None:
    hidden = ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")
    environment = {name: value for name, value in os.environ.items() if name not in hidden}
    done = studio(env=environment)
    assert done.returncode == 1
    assert "studio generate" in done.stderr


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="displays have no names elsewhere")
def test_display_that_does_not_answer_is_said_and_how_to_go_on(home: Path) -> None:
    hidden = ("WAYLAND_DISPLAY", "QT_QPA_PLATFORM")
    environment = {name: value for name, value in os.environ.items() if name not in hidden}
    done = studio(env={**environment, "DISPLAY": ":4321"})
    assert done.returncode == 1
    assert "could not connect to display :4321" in done.stderr
    assert "studio generate" in done.stderr
