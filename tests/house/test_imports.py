"""What importing costs: the studio and its plugins load without the heavy libraries."""

from __future__ import annotations

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
