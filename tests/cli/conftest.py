"""The command line in tests: a home with toy plugins, in this process (quick) or a real one."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from studio.cli import run
from tests.support import toy_plugin

ROOT = Path(__file__).parents[2]

PICTURES = '''
from typing import Annotated
import numpy as np
from studio.api import GeneratorSpec, ImageHint, ImageOutput, MaskHint, Params, PromptHint, hookimpl
FOLIO_API = 1
class P(Params):
    picture: Annotated[str, ImageHint()]
    mask: Annotated[str | None, MaskHint()] = None
    words: Annotated[str, PromptHint()] = ""
class Invert:
    """The picture's negative where the mask is set."""
    def generate(self, params, inputs, ctx):
        ctx.progress(1, 1)
        pixels = inputs.image("picture").copy()
        mask = inputs.mask("mask")
        mask = np.full(pixels.shape[:2], 255, np.uint8) if mask is None else mask
        pixels[mask > 127, :3] = 255 - pixels[mask > 127, :3]
        yield ImageOutput(pixels)
@hookimpl
def folio_generators():
    return [GeneratorSpec("pic.invert", "Invert", "Inverts.", P, Invert, ("image",), "1")]
'''


@dataclass(frozen=True)
class Said:
    code: int
    out: str
    err: str


@pytest.fixture
def home(folio_home: Path) -> Path:
    """A home with the toy generators as the person's own plugins."""
    plugins = folio_home / "data" / "plugins"
    plugins.mkdir(parents=True)
    (plugins / "toy.py").write_text(Path(toy_plugin.__file__).read_text())
    (plugins / "pictures.py").write_text(PICTURES)
    return folio_home


@pytest.fixture
def cli(home: Path, capsys: pytest.CaptureFixture[str]) -> Callable[..., Said]:
    """Run a command line in this process; never a traceback."""

    def call(*arguments: str | Path) -> Said:
        code = run([str(argument) for argument in arguments])
        said = capsys.readouterr()
        assert "Traceback" not in said.err
        return Said(code, said.out, said.err)

    return call


def command(*arguments: str | Path) -> list[str]:
    return [sys.executable, "-m", "studio", *(str(argument) for argument in arguments)]


def studio(*arguments: str | Path, **options: Any) -> subprocess.CompletedProcess[str]:
    """Run a command line in a process of its own."""
    options.setdefault("env", dict(os.environ))
    return subprocess.run(
        command(*arguments), capture_output=True, text=True, check=False, cwd=ROOT, **options
    )
