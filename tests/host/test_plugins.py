"""Plugins of every broken kind: each is listed with its reason, and everything else goes on."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from studio.api import ModelError
from studio.host.plugins import PluginHost, PluginStatus

GOOD = """
from studio.api import GeneratorSpec, Params, TextOutput, hookimpl
FOLIO_API = 1
class P(Params):
    text: str = ""
class G:
    def generate(self, params, inputs, ctx):
        ctx.progress(1, 1)
        yield TextOutput(params.text)
@hookimpl
def folio_generators():
    return [GeneratorSpec("{name}.say", "Say", "Says.", P, G, ("text",), "1")]
"""

BROKEN = {
    "raises": ("raise RuntimeError('boom')", "RuntimeError: boom"),
    "exits": ("raise SystemExit(1)", "SystemExit"),
    "syntax": ("def (", "SyntaxError"),
    "no_major": (GOOD.replace("FOLIO_API = 1", ""), "FOLIO_API = 1"),
    "future": (GOOD.replace("FOLIO_API = 1", "FOLIO_API = 2"), "written for API 2"),
    "misspelt": (GOOD.replace("folio_generators", "folio_generator"), "folio_generator"),
    "unmarked": (GOOD.replace("@hookimpl", ""), "@hookimpl"),
    "arguments": (GOOD.replace("folio_generators():", "folio_generators(colour):"), "colour"),
    "nonsense": (GOOD.replace("return [", "return 42 #["), "int, not a list"),
    "not_specs": (GOOD.replace("return [", "return ['x'] #["), "str, not a GeneratorSpec"),
    "bad_id": (GOOD.replace("{name}.say", "Say It"), "plugin.verb"),
    "bad_field": (GOOD.replace('text: str = ""', 'text: bytes = b""'), "P.text"),
    "repeats": (GOOD.replace("{name}.say", "good.say"), "exists already"),
}


def _host(folder: Path, **options: object) -> PluginHost:
    host = PluginHost(folder=folder, **options)  # type: ignore[arg-type]
    host.load()
    return host


def _status(host: PluginHost, name: str) -> PluginStatus:
    return next(status for status in host.plugins if status.name == name)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "good.py").write_text(GOOD.replace("{name}", "good"))
    return tmp_path


@pytest.mark.parametrize("name", BROKEN)
def test_broken_plugin_is_listed_with_its_reason_and_the_rest_goes_on(
    name: str, folder: Path
) -> None:
    source, reason = BROKEN[name]
    (folder / f"z_{name}.py").write_text(source.replace("{name}", f"z_{name}"))
    host = _host(folder)
    status = _status(host, f"z_{name}")
    assert status.state == "failed"
    assert reason in status.reason
    assert _status(host, "good").state == "ready"
    assert {"good.say", "writer.continue", "images.create"} <= set(host.generators)


def test_folder_plugin_with_relative_imports_loads(folder: Path) -> None:
    package = folder / "packed"
    package.mkdir()
    (package / "inner.py").write_text(GOOD.replace("{name}", "packed"))
    (package / "__init__.py").write_text(
        "from .inner import *\nfrom .inner import FOLIO_API, folio_generators"
    )
    assert "packed.say" in _host(folder).generators


def test_disabled_and_safe_mode_leave_plugins_out(folder: Path) -> None:
    host = _host(folder, disabled=("good", "llm_writer"))
    assert _status(host, "good").state == "disabled"
    assert "writer.continue" not in host.generators
    assert {status.source for status in _host(folder, safe_mode=True).plugins} == {"bundled"}


def test_plugin_named_like_a_bundled_one_does_not_replace_it(folder: Path) -> None:
    (folder / "llm_writer.py").write_text(GOOD.replace("{name}", "other"))
    host = _host(folder)
    assert _status(host, "llm_writer").source == "bundled"
    assert _status(host, "llm_writer (file)").state == "failed"


def test_loading_adds_nothing_to_the_import_path(folder: Path) -> None:
    before = list(sys.path)
    _host(folder)
    assert sys.path == before
    assert "good" not in sys.modules


def test_recogniser_that_raises_means_not_mine_and_model_errors_pass(folder: Path) -> None:
    recogniser = "@hookimpl\ndef folio_recognise_model(path):\n    "
    (folder / "a.py").write_text(GOOD.replace("{name}", "a") + recogniser + "raise KeyError('bug')")
    assert _host(folder).recognise_model(folder / "good.py") is None
    (folder / "b.py").write_text(
        GOOD.replace("{name}", "b")
        + "from studio.api import ModelError\n"
        + recogniser
        + "raise ModelError('torn')"
    )
    with pytest.raises(ModelError, match="torn"):
        _host(folder).recognise_model(folder / "good.py")


def test_loading_all_bundled_plugins_imports_no_heavy_library(folder: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from studio.host.plugins import PluginHost;"
        f"h = PluginHost(folder=Path({str(folder)!r})); h.load();"
        "[r.fields for r in h.generators.values()];"
        "print(*{'torch', 'diffusers', 'transformers', 'PySide6'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == ""
