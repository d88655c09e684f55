"""The lists, the history and the doctor."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from studio.commands import doctor
from tests.cli.conftest import Said

Cli = Callable[..., Said]


def test_generators_lists_all_and_shows_one_with_its_ranges(cli: Cli) -> None:
    listed = cli("generators").out
    assert all(name in listed for name in ("writer.continue", "images.create", "toy.echo"))
    shown = cli("generators", "toy.paint").out
    assert "1 to 4096" in shown
    assert "default 32" in shown
    assert "Width and height in pixels." in shown
    assert cli("generators", "toy.pant").code == 2


def test_generators_says_which_plugins_are_out(cli: Cli, home: Path) -> None:
    (home / "data" / "plugins" / "torn.py").write_text("def (")
    done = cli("generators")
    assert "torn" in done.err
    assert "toy.echo" in done.out
    assert "SyntaxError" in cli("plugins", "list").out


def test_plugins_disable_and_enable(cli: Cli) -> None:
    assert cli("plugins", "disable", "toy").code == 0
    assert "toy.echo" not in cli("generators").out
    assert "disabled" in cli("plugins", "list").out
    assert cli("plugins", "enable", "toy").code == 0
    assert "toy.echo" in cli("generators").out
    assert "toy.echo" not in cli("--safe-mode", "generators").out
    assert cli("plugins", "disable", "nope").code == 1


def test_models_show_verify_and_refuse(cli: Cli, tmp_path: Path) -> None:
    assert "smollm2" in cli("models", "list").out
    assert "SmolLM2" in cli("models", "show", "smol").out
    assert "unchanged" in cli("models", "verify", "smol").out
    assert cli("models", "remove", "smol").code == 1
    assert cli("models", "add", tmp_path).code == 1
    pickle = tmp_path / "model.safetensors"
    pickle.write_bytes(b"\x80\x04.")
    refused = cli("models", "add", pickle)
    assert refused.code == 1
    assert "pickle" in refused.err


def test_history_again_makes_the_same(cli: Cli, home: Path) -> None:
    cli("generate", "toy.paint", "--seed", "9", "--count", "2", "--quiet")
    second = json.loads(cli("history", "list", "--limit", "1", "--json").out)
    assert second["record"]["index"] == 1
    done = cli("history", "again", second["id"][:8])
    assert done.code == 0, done.err
    assert "the same pixels" in done.out


def test_history_again_says_what_changed(cli: Cli, home: Path) -> None:
    cli("generate", "toy.echo", "--seed", "9")
    item = json.loads(cli("history", "list", "--json").out)["id"]
    plugin = home / "data" / "plugins" / "toy.py"
    plugin.write_text(
        plugin.read_text()
        .replace('version="1"', 'version="2"')
        .replace("said += params.text", "said += params.text + '!'")
    )
    done = cli("history", "again", item)
    assert "was version 1, now it is 2" in done.err
    assert "not the same" in done.out
    assert cli("history", "again", "nothing").code == 1


TIGHT = """
from pathlib import Path
from studio.api import GeneratorSpec, Params, TextOutput, hookimpl
FOLIO_API = 1
class P(Params):
    pass
class Tight:
    def generate(self, params, inputs, ctx):
        if ctx.memory_level == 0 and Path(__file__).with_name("full").exists():
            raise MemoryError("tried to allocate 96 GiB")
        yield TextOutput(f"level {ctx.memory_level}")
@hookimpl
def folio_generators():
    return [GeneratorSpec("tight.write", "Tight", "Tight.", P, Tight, ("text",), "1")]
"""


def test_history_again_begins_at_the_memory_level_of_the_result(cli: Cli, home: Path) -> None:
    plugins = home / "data" / "plugins"
    (plugins / "tight.py").write_text(TIGHT)
    (plugins / "full").touch()
    cli("generate", "tight.write")
    item = json.loads(cli("history", "list", "--json").out)
    assert item["record"]["memory_level"] == 1
    (plugins / "full").unlink()
    assert "the same bytes" in cli("history", "again", item["id"]).out


def test_history_export_writes_once(cli: Cli, tmp_path: Path) -> None:
    cli("generate", "toy.echo")
    item = json.loads(cli("history", "list", "--json").out)["id"]
    assert cli("history", "export", item, tmp_path / "a.md").code == 0
    assert (tmp_path / "a.md").read_text() == "hello"
    assert cli("history", "export", item, tmp_path / "a.md").code == 1
    assert "a.md" in cli("history", "export", item, tmp_path / "a.md", "--force").out


def test_doctor_gives_each_part_a_verdict(cli: Cli) -> None:
    lines = [json.loads(line) for line in cli("doctor", "--json").out.splitlines()]
    parts = {line["part"] for line in lines}
    assert {"Python", "Qt", "torch", "films", "memory", "disk", "plugin", "models"} <= parts
    assert all(line["verdict"] in ("good", "note", "bad") for line in lines)


def test_doctor_tells_whether_films_can_be_written(
    cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    (found,) = doctor._films()
    assert (found.part, found.verdict) == ("films", "good")
    assert "H.264" in found.text
    monkeypatch.setattr("studio.io.video_encoders.H264", "no such codec")
    (found,) = doctor._films()
    assert found.verdict == "note"
    assert "MP4" in found.text
    assert found.remedy


def test_doctor_survives_a_part_that_breaks_and_leaves_with_1(
    cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken() -> list[doctor.Finding]:
        raise RuntimeError("the driver is upset")

    for part in ("_qt", "_memory", "_films"):
        monkeypatch.setattr(doctor, part, list)
    monkeypatch.setattr(doctor, "_torch", lambda paths: broken())
    done = cli("doctor")
    assert done.code == 1
    assert "✗ torch" in done.out
    assert "the driver is upset" in done.out
    assert "✓ plugin" in done.out


def test_unwritable_home_is_said(cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("FOLIO_HOME", str(tmp_path / "file"))
    done = cli("generate", "writer.continue")
    assert done.code == 1
    assert "FOLIO_HOME" in done.err


KEEPING = """
from pathlib import Path
from studio.api import GeneratorSpec, Params, TextOutput, hookimpl
FOLIO_API = 1
class P(Params):
    pass
class Count:
    def generate(self, params, inputs, ctx):
        file = ctx.data_dir / "runs.txt"
        runs = (file.read_text() if file.exists() else "") + "I"
        ctx.check()
        file.write_text(runs)
        yield TextOutput(runs)
@hookimpl
def folio_generators():
    return [GeneratorSpec("keeping.count", "Count", "Counts.", P, Count, ("text",), "1")]
"""


def test_plugin_keeps_its_data_from_one_job_to_the_next(cli: Cli, home: Path) -> None:
    (home / "data" / "plugins" / "keeping.py").write_text(KEEPING)
    assert cli("generate", "keeping.count", "--quiet").code == 0
    assert cli("generate", "keeping.count", "--quiet").code == 0
    kept = home / "data" / "plugin-data" / "keeping"
    assert [file.name for file in kept.iterdir()] == ["runs.txt"]
    assert (kept / "runs.txt").read_text() == "II"
