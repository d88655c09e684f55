"""Plugins that come as installed distributions, and what a single-file import leaves behind."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from studio.host.plugins import PluginHost
from studio.host.single_files import import_privately
from tests.host.test_plugins import GOOD, host_of, status_of


def _install(site: Path, module: str, source: str, entry_name: str | None = None) -> None:
    """A distribution as pip would leave it: a module, and metadata with its entry point."""
    (site / f"{module}.py").write_text(source)
    metadata = site / f"{module}-2.5.dist-info"
    metadata.mkdir()
    (metadata / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {module}\nVersion: 2.5\n")
    (metadata / "entry_points.txt").write_text(
        f"[folio.plugins]\n{entry_name or module} = {module}\n"
    )


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "site"
    folder.mkdir()
    monkeypatch.syspath_prepend(str(folder))
    return folder


def test_entry_point_of_another_distribution_loads_with_its_version(
    site: Path, tmp_path: Path
) -> None:
    _install(site, "far_plugin", GOOD.replace("{name}", "far"))
    host = host_of(tmp_path / "none")
    status = status_of(host, "far_plugin")
    assert (status.source, status.state, status.version) == ("entry point", "ready", "2.5")
    assert "far.say" in host.generators
    assert "far.say" not in host_of(tmp_path / "none", safe_mode=True).generators


def test_entry_point_that_fails_to_import_is_listed_with_its_traceback(
    site: Path, tmp_path: Path
) -> None:
    _install(site, "bad_import_plugin", "import no_such_library_at_all\n" + GOOD)
    _install(site, "bad_exit_plugin", "raise SystemExit('bye')")
    host = host_of(tmp_path / "none")
    broken = status_of(host, "bad_import_plugin")
    assert broken.state == "failed"
    assert "no_such_library_at_all" in broken.reason
    assert "bad_import_plugin.py" in broken.details
    assert status_of(host, "bad_exit_plugin").state == "failed"
    assert "writer.continue" in host.generators


def test_entry_point_named_like_a_bundled_plugin_comes_second(site: Path, tmp_path: Path) -> None:
    _install(site, "thief_plugin", GOOD.replace("{name}", "thief"), entry_name="llm_writer")
    host = host_of(tmp_path / "none")
    assert status_of(host, "llm_writer").source == "bundled"
    assert "rename" in status_of(host, "llm_writer (entry point)").reason
    assert "thief.say" not in host.generators


def test_plugin_that_fails_leaves_no_module_behind(tmp_path: Path) -> None:
    package = tmp_path / "half"
    package.mkdir()
    (package / "inner.py").write_text("")
    (package / "__init__.py").write_text("from . import inner\nraise RuntimeError('no')")
    before = set(sys.modules)
    assert status_of(host_of(tmp_path), "half").state == "failed"
    assert not {name for name in set(sys.modules) - before if "half" in name}


def test_import_privately_reads_a_changed_folder_anew(tmp_path: Path) -> None:
    package = tmp_path / "with.dot"
    package.mkdir()
    (package / "__init__.py").write_text("from .inner import VALUE")
    (package / "inner.py").write_text("VALUE = 1")
    assert import_privately(package / "__init__.py").VALUE == 1
    (package / "inner.py").write_text("VALUE = 'two'")
    assert import_privately(package / "__init__.py").VALUE == "two"


def test_same_file_name_in_two_folders_are_two_modules(tmp_path: Path) -> None:
    for folder in ("a", "b"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "mine.py").write_text(f"PLACE = {folder!r}")
    first, second = (import_privately(tmp_path / folder / "mine.py") for folder in "ab")
    assert (first.PLACE, second.PLACE) == ("a", "b")
    assert first.__name__ != second.__name__


def test_plugin_folder_that_is_no_folder_leaves_the_bundled_ones(tmp_path: Path) -> None:
    (tmp_path / "plugins").write_text("not a folder")
    host = PluginHost(folder=tmp_path / "plugins")
    host.load()
    assert "writer.continue" in host.generators
