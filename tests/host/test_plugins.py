"""Plugins of every broken kind: each is listed with its reason, and everything else goes on."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from studio.api import ModelError, ParamsError
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
    "repeats_itself": (GOOD.replace("return [", "return 2 * ["), "exists already"),
    "unreadable": (
        "class E(Exception):\n  def __str__(self): raise ValueError('no text')\nraise E()",
        "failed to load: ",
    ),
    "mapping": (GOOD.replace("return [", "return {} #["), "dict, not a list"),
    "repeats": (GOOD.replace("{name}.say", "good.say"), "exists already"),
}


def host_of(folder: Path, **options: object) -> PluginHost:
    host = PluginHost(folder=folder, **options)  # type: ignore[arg-type]
    host.load()
    return host


def status_of(host: PluginHost, name: str) -> PluginStatus:
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
    host = host_of(folder)
    status = status_of(host, f"z_{name}")
    assert status.state == "failed"
    assert reason in status.reason
    assert status_of(host, "good").state == "ready"
    assert {"good.say", "writer.continue", "images.create"} <= set(host.generators)


def test_generators_may_be_yielded(folder: Path) -> None:
    (folder / "lazy.py").write_text(
        GOOD.replace("{name}", "lazy").replace("return [", "yield from [")
    )
    assert "lazy.say" in host_of(folder).generators


def test_failed_plugin_keeps_the_traceback_for_its_author(folder: Path) -> None:
    (folder / "torn.py").write_text("def deep():\n    raise KeyError('here')\ndeep()")
    assert "in deep" in status_of(host_of(folder), "torn").details


def test_files_and_folders_of_one_name_are_all_listed(folder: Path) -> None:
    (folder / "good").mkdir()
    (folder / "good" / "__init__.py").write_text(GOOD.replace("{name}", "second"))
    states = {status.name: status.state for status in host_of(folder).plugins}
    assert states["good"] == "ready"
    assert states["good (file)"] == "failed"


def test_folder_plugin_with_relative_imports_loads(folder: Path) -> None:
    package = folder / "packed"
    package.mkdir()
    (package / "inner.py").write_text(GOOD.replace("{name}", "packed"))
    (package / "__init__.py").write_text(
        "from .inner import *\nfrom .inner import FOLIO_API, folio_generators"
    )
    assert "packed.say" in host_of(folder).generators


def test_disabled_and_safe_mode_leave_plugins_out(folder: Path) -> None:
    host = host_of(folder, disabled=("good", "llm_writer"))
    assert status_of(host, "good").state == "disabled"
    assert "writer.continue" not in host.generators
    assert {status.source for status in host_of(folder, safe_mode=True).plugins} == {"bundled"}


def test_plugin_named_like_a_bundled_one_does_not_replace_it(folder: Path) -> None:
    (folder / "llm_writer.py").write_text(GOOD.replace("{name}", "other"))
    host = host_of(folder)
    assert status_of(host, "llm_writer").source == "bundled"
    assert status_of(host, "llm_writer (file)").state == "failed"


def test_loading_adds_nothing_to_the_import_path(folder: Path) -> None:
    before = list(sys.path)
    host_of(folder)
    assert sys.path == before
    assert "good" not in sys.modules


def test_generator_of_an_unknown_id_names_a_near_one(folder: Path) -> None:
    with pytest.raises(ParamsError, match=r"Did you mean 'good\.say'"):
        host_of(folder).generator("good.sey")


def test_recogniser_that_raises_means_not_mine_and_model_errors_pass(folder: Path) -> None:
    recogniser = "@hookimpl\ndef folio_recognise_model(path):\n    "
    (folder / "a.py").write_text(GOOD.replace("{name}", "a") + recogniser + "raise KeyError('bug')")
    (folder / "a2.py").write_text(GOOD.replace("{name}", "a2") + recogniser + "return 42")
    (folder / "a3.py").write_text(GOOD.replace("{name}", "a3") + recogniser + "raise SystemExit(1)")
    assert host_of(folder).recognise_model(folder / "good.py") is None
    (folder / "b.py").write_text(
        GOOD.replace("{name}", "b")
        + "from studio.api import ModelError\n"
        + recogniser
        + "raise ModelError('torn')"
    )
    with pytest.raises(ModelError, match="torn"):
        host_of(folder).recognise_model(folder / "good.py")


def test_loading_all_bundled_plugins_imports_no_heavy_library(folder: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from studio.host.plugins import PluginHost;"
        f"h = PluginHost(folder=Path({str(folder)!r})); h.load();"
        "[r.fields for r in h.generators.values()];"
        "print(*{'torch', 'diffusers', 'transformers', 'PySide6'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == ""
