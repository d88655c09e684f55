"""The command line as a person uses it: exit codes, words, files, Ctrl-C."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.support import toy_plugin

ROOT = Path(__file__).parents[2]


@pytest.fixture
def home(folio_home: Path) -> Path:
    """A home with the toy generators as the person's own plugin."""
    plugins = folio_home / "data" / "plugins"
    plugins.mkdir(parents=True)
    (plugins / "toy.py").write_text(Path(toy_plugin.__file__).read_text())
    return folio_home


def studio(*arguments: str, **options: Any) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "studio", *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False, cwd=ROOT, **options)


def test_version_and_lists_import_nothing_heavy(home: Path) -> None:
    for arguments in (["--version"], ["generators"], ["plugins", "list"], ["models", "list"]):
        code = (
            f"import sys; from studio.cli import run; code = run({arguments!r});"
            "assert not {'torch', 'transformers', 'PySide6'} & set(sys.modules); sys.exit(code)"
        )
        done = subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
        assert done.stdout


def test_generate_streams_text_and_keeps_it_in_the_history(home: Path) -> None:
    done = studio("generate", "toy.echo", "--set", "text=ab", "--set", "repeat=3", "--seed", "1")
    assert (done.returncode, done.stdout) == (0, "ababab\n")
    listed = json.loads(studio("history", "list", "--json").stdout)
    assert listed["record"]["params"] == {"text": "ab", "repeat": 3, "seed": 1}


def test_generate_to_a_file_writes_whole_and_never_over(home: Path, tmp_path: Path) -> None:
    out = tmp_path / "a.png"
    order = ["generate", "toy.paint", "--seed", "3", "-o", str(out)]
    assert studio(*order).returncode == 0
    first = out.read_bytes()
    again = studio(*order)
    assert again.returncode == 1
    assert "--force" in again.stderr
    assert out.read_bytes() == first
    assert studio(*order, "--force").returncode == 0
    assert sorted(p.name for p in tmp_path.iterdir() if p.is_file()) == ["a.png"]


def test_generate_count_numbers_the_files(home: Path, tmp_path: Path) -> None:
    assert (
        studio("generate", "toy.paint", "--count", "3", "-o", str(tmp_path / "a.png")).returncode
        == 0
    )
    assert {p.name for p in tmp_path.glob("*.png")} == {"a.png", "a-2.png", "a-3.png"}


def test_generate_json_tells_the_record(home: Path) -> None:
    line = json.loads(studio("generate", "toy.echo", "--set", "text=x", "--json").stdout)
    assert line["text"] == "x"
    assert line["record"]["generator_id"] == "toy.echo"
    assert line["record"]["seed"] >= 0


def test_generate_reads_text_from_standard_input(home: Path) -> None:
    done = studio("generate", "toy.echo", "--input", "text=-", input="héllo")
    assert done.stdout == "héllo\n"


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["toy.ecco"], 2, "Did you mean 'toy.echo'?"),
        (["toy.echo", "--set", "txet=a"], 2, "Did you mean 'text'?"),
        (["toy.echo", "--set", "repeat=0"], 2, "at least 1|1 to 1"),
        (["toy.echo", "--set", "repeat=many"], 2, "not a number"),
        (["toy.echo", "--set", "repeat"], 2, "NAME=VALUE"),
        (["toy.echo", "--model", "x"], 2, "takes no model"),
        (["toy.echo", "-o", "/no/such/folder/a.md"], 1, "folder doesn't exist"),
        (["toy.fault", "--set", "fault=raise"], 1, "a bug of the plugin's"),
        (["toy.fault", "--set", "fault=studio error"], 1, "Put in a new one."),
        (["writer.continue", "--model", "nope"], 1, "no such model"),
    ],
)
def test_generate_wrong_orders_say_what_and_leave_with_a_code(
    arguments: list[str], code: int, said: str, home: Path
) -> None:
    import re

    done = studio("generate", *arguments)
    assert done.returncode == code, done.stderr
    assert re.search(said, done.stderr)
    assert "Traceback" not in done.stderr


def test_ctrl_c_cancels_cleanly_and_leaves_no_file(home: Path, tmp_path: Path) -> None:
    out = tmp_path / "long.md"
    command = [sys.executable, "-m", "studio", "generate", "toy.echo", "--set", "repeat=1000000"]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=ROOT
    ) as process:
        assert process.stdout is not None
        process.stdout.read(5)
        process.send_signal(signal.SIGINT)
        process.stdout.read()
        assert process.wait(20) == 130
    with subprocess.Popen([*command, "-o", str(out)], stderr=subprocess.PIPE, cwd=ROOT) as process:
        while not (home / "data" / "jobs.sqlite").exists():
            os.sched_yield()
        process.send_signal(signal.SIGINT)
        assert process.wait(20) in (130, -signal.SIGINT)
    assert not list(tmp_path.glob("*long*"))


def test_plugins_disable_and_enable(home: Path) -> None:
    assert studio("plugins", "disable", "toy").returncode == 0
    assert "toy.echo" not in studio("generators").stdout
    assert studio("plugins", "enable", "toy").returncode == 0
    assert "toy.echo" in studio("generators").stdout
    assert "toy.echo" not in studio("generators", "--safe-mode").stdout
    assert studio("plugins", "disable", "nope").returncode == 1


def test_models_add_show_remove(home: Path, tmp_path: Path) -> None:
    assert studio("models", "add", str(tmp_path)).returncode == 1
    pickle = tmp_path / "model.safetensors"
    pickle.write_bytes(b"\x80\x04.")
    done = studio("models", "add", str(pickle))
    assert done.returncode == 1
    assert "pickle" in done.stderr
    assert "SmolLM2" in studio("models", "show", "smol").stdout


def test_history_again_makes_the_same(home: Path) -> None:
    studio("generate", "toy.paint", "--seed", "9", "-o", str(home / "a.png"))
    item = json.loads(studio("history", "list", "--json").stdout)["id"]
    done = studio("history", "again", item)
    assert done.returncode == 0, done.stderr
    assert "the same pixels" in done.stdout


def test_without_a_display_the_window_says_how_to_go_on(home: Path) -> None:
    hidden = ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")
    environment = {k: v for k, v in os.environ.items() if k not in hidden}
    done = studio(env=environment)
    assert done.returncode == 1
    assert "studio generate" in done.stderr


def test_unwritable_home_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("FOLIO_HOME", str(tmp_path / "file"))
    done = studio("generate", "writer.continue")
    assert done.returncode == 1
    assert "FOLIO_HOME" in done.stderr
    assert "Traceback" not in done.stderr


def test_doctor_gives_each_part_a_verdict(home: Path) -> None:
    lines = [json.loads(line) for line in studio("doctor", "--json").stdout.splitlines()]
    assert {"Python", "Qt", "torch", "memory", "disk", "plugin", "models"} <= {
        line["part"] for line in lines
    }
    assert all(line["verdict"] in ("good", "note", "bad") for line in lines)
