"""What importing costs: the studio and its plugins load without the heavy libraries."""

from __future__ import annotations

import ast
import contextlib
import importlib.metadata
import os
import subprocess
import sys
import tomllib
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[2]
HEAVY = (
    "torch",
    "diffusers",
    "transformers",
    "accelerate",
    "tokenizers",
    "safetensors",
    "xllamacpp",
    "av",
)


def _imported_by(code: str) -> set[str]:
    """The heavy libraries a fresh process has imported after `code`."""
    script = f"{code}\nimport sys\nprint(*(set({HEAVY!r}) & set(sys.modules)))"
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    return set(done.stdout.split())


def test_imported_by_torch_is_seen() -> None:
    assert "torch" in _imported_by("import torch")


def test_import_studio_stays_light() -> None:
    assert _imported_by("import studio, studio.api, studio.api.testing, studio.cli") == set()


def test_import_plugins_stays_light() -> None:
    names = ("llm_writer", "diffusion_images", "faces_gan", "vae_morph")
    plugins = ", ".join(f"studio_plugins.{name}" for name in names)
    assert _imported_by(f"import {plugins}") == set()


def test_build_studio_with_all_plugins_and_panels_stays_light() -> None:
    code = "from studio.ui.run import run_until_furnished; run_until_furnished()"
    assert _imported_by(code) == set()


PAINTING = """
import numpy as np
from studio.core.geometry import Rect
from studio.core.layers import PaintLayer
from studio.paint import compositor, filling, flooding, lettering, selection, stroke, transforming
from studio.paint.brush import Brush, StrokePoint

layer = PaintLayer("a", "a")
layer = stroke.stroked(layer, Brush(), stroke.ColourInk(), [StrokePoint(9, 9), StrokePoint(60, 60)])
layer = filling.filled(layer, selection.ellipse(5, 5, 50, 50), (255, 0, 0, 255))
layer = transforming.transformed(layer, transforming.turning(30))
assert compositor.compose((layer,), Rect(0, 0, 60, 60)).any()
import sys
assert "PySide6.QtWidgets" not in sys.modules
"""


def test_painting_needs_no_widgets_and_no_display() -> None:
    bare = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    done = subprocess.run(
        [sys.executable, "-c", PAINTING], capture_output=True, text=True, check=False, env=bare
    )
    assert done.returncode == 0, done.stderr


def test_every_library_that_is_imported_is_one_the_project_asks_for() -> None:
    """A library that only stands in the constraints is there on the builder's machine and nowhere else."""
    asked = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["dependencies"]
    found: set[str] = set()
    waiting = [Requirement(line).name for line in asked]
    while waiting:
        name = canonicalize_name(waiting.pop())
        if name in found:
            continue
        found.add(name)
        with contextlib.suppress(importlib.metadata.PackageNotFoundError):
            needed = [Requirement(line) for line in importlib.metadata.requires(name) or ()]
            waiting += [one.name for one in needed if "extra" not in str(one.marker)]
    homes = importlib.metadata.packages_distributions()
    known = set(sys.stdlib_module_names) | {"studio", "studio_plugins", "studio_resources"}
    missing = {
        f"{module} in {path.relative_to(ROOT)}"
        for folder in ("studio", "plugins")
        for path in (ROOT / folder).rglob("*.py")
        for module in _imported(path) - known
        if not found & {canonicalize_name(home) for home in homes.get(module, ())}
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
