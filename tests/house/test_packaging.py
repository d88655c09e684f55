"""The wheel holds all that runs, and it runs from any folder."""

from __future__ import annotations

import ast
import importlib.metadata
import os
import shutil
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def unpacked_wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The built wheel, unpacked as an installer would."""
    folder = tmp_path_factory.mktemp("wheel")
    source = folder / "source"
    ignore = shutil.ignore_patterns("__pycache__", "node_modules")
    for name in ("studio", "plugins", "resources"):
        shutil.copytree(ROOT / name, source / name, ignore=ignore)
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, source)
    command = [sys.executable, "-m", "pip", "wheel", "-q", "--no-deps", "--no-build-isolation"]
    command += ["-w", str(folder), str(source)]
    done = subprocess.run(command, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr.decode()
    (wheel,) = folder.glob("folio_studio-*.whl")
    site = folder / "site"
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(site)
    return site


def test_constraints_pin_every_package_that_is_installed_with_the_program() -> None:
    """Nothing that set-up brings is left to the day it is run on."""
    lines = (ROOT / "resources" / "constraints.txt").read_text().splitlines()
    pinned = {
        canonicalize_name(line.partition("==")[0]): line.partition("==")[2]
        for line in lines
        if line and not line.startswith("#")
    }
    assert all(pinned.values())
    needed = _needed("folio-studio", {"", "test"}, {})
    assert sorted(needed.keys() - pinned.keys() - {"folio-studio"}) == []


def test_every_library_that_is_imported_is_one_the_project_asks_for() -> None:
    """A library that only the constraints name is there on the builder's machine and nowhere else."""
    asked = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["dependencies"]
    found: dict[str, set[str]] = {}
    for requirement in map(Requirement, asked):
        if requirement.marker is None or requirement.marker.evaluate():
            _needed(requirement.name, {"", *requirement.extras}, found)
    homes = importlib.metadata.packages_distributions()
    known = {*sys.stdlib_module_names, "studio", "studio_plugins", "studio_resources"}
    missing = {
        f"{module} in {path.relative_to(ROOT)}"
        for folder in ("studio", "plugins")
        for path in (ROOT / folder).rglob("*.py")
        for module in _imported(path) - known
        if not {canonicalize_name(home) for home in homes.get(module, ())} & found.keys()
    }
    assert not missing


def _imported(path: Path) -> set[str]:
    """The top names of all that a file imports, wherever in it."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names.add(node.module.partition(".")[0])
    return names


def _needed(name: str, extras: set[str], found: dict[str, set[str]]) -> dict[str, set[str]]:
    """The packages, with their wanted extras, that installing one brings here."""
    name = canonicalize_name(name)
    if extras <= found.get(name, set()):
        return found
    found.setdefault(name, set()).update(extras)
    for line in importlib.metadata.requires(name) or ():
        needed = Requirement(line)
        marker = needed.marker
        # The builds of torch for graphics cards pin their own libraries.
        if needed.name.startswith(("nvidia-", "cuda-", "triton")):
            continue
        if marker is None or any(marker.evaluate({"extra": extra}) for extra in extras):
            _needed(needed.name, {"", *needed.extras}, found)
    return found


def test_wheel_holds_every_package(unpacked_wheel: Path) -> None:
    def packages(root: Path, name: str) -> set[str]:
        return {
            ".".join((name, *folder.parent.relative_to(root).parts))
            for folder in root.rglob("__init__.py")
        }

    for folder, name in (("studio", "studio"), ("plugins", "studio_plugins")):
        assert packages(ROOT / folder, name) == packages(unpacked_wheel / name, name)


def test_wheel_holds_the_resources(unpacked_wheel: Path) -> None:
    def files(root: Path) -> set[Path]:
        return {
            path.relative_to(root)
            for path in root.rglob("*")
            if path.is_file()
            and path.suffix not in (".py", ".pyc")
            and not {"recipes", "__pycache__"} & set(path.relative_to(root).parts)
        }

    missing = files(ROOT / "resources") - files(unpacked_wheel / "studio_resources")
    assert not missing


def test_wheel_runs_from_any_folder(unpacked_wheel: Path, tmp_path: Path) -> None:
    environment = {**os.environ, "PYTHONPATH": str(unpacked_wheel)}
    code = "import studio, studio_plugins, studio_resources; print(studio.__file__)"
    for arguments in (["-c", code], ["-m", "studio", "generators"]):
        done = subprocess.run(
            [sys.executable, *arguments],
            env=environment, cwd=tmp_path, capture_output=True, text=True, check=True,
        )  # fmt: skip
        assert done.stdout.strip()
        if arguments[0] == "-c":
            assert str(unpacked_wheel) in done.stdout
        else:
            assert "writer.continue" in done.stdout
            assert "images.create" in done.stdout
