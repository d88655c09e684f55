"""What importing costs: the studio and its plugins load without the heavy libraries."""

from __future__ import annotations

import os
import subprocess
import sys

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
from studio.core.document import Document
from studio.paint import compositor, filling, flooding, lettering, selection, stroke, transforming
from studio.paint.brush import Brush, StrokePoint

layer = PaintLayer("a", "a")
layer = stroke.stroked(layer, Brush(), stroke.ColourInk(), [StrokePoint(9, 9), StrokePoint(60, 60)])
layer = filling.filled(layer, selection.ellipse(5, 5, 50, 50), (255, 0, 0, 255))
layer = transforming.transformed(layer, transforming.turning(30))
assert compositor.Compositor(Document(layers=(layer,))).read(Rect(0, 0, 60, 60)).any()
import sys
assert "PySide6.QtWidgets" not in sys.modules
"""


def test_painting_needs_no_widgets_and_no_display() -> None:
    bare = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    done = subprocess.run(
        [sys.executable, "-c", PAINTING], capture_output=True, text=True, check=False, env=bare
    )
    assert done.returncode == 0, done.stderr
