"""The plugin in the guide is a real one: it loads, behaves and is whole."""

from __future__ import annotations

import importlib
import re
import sys
import types
from collections.abc import Iterator
from pathlib import Path

import pytest

from studio.api.testing import check_generator, run

ROOT = Path(__file__).parents[2]


@pytest.fixture
def guide_plugin(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[types.ModuleType]:
    blocks = re.findall(r"```python\n(.*?)```", (ROOT / "plugins" / "README.md").read_text(), re.S)
    (tmp_path / "paper.py").write_text(blocks[0])
    monkeypatch.syspath_prepend(tmp_path)
    yield importlib.import_module("paper")
    del sys.modules["paper"]


def test_guide_plugin_passes_the_conformance_kit(guide_plugin: types.ModuleType) -> None:
    (spec,) = guide_plugin.folio_generators()
    assert check_generator(spec, {"size": 32, "seed": 7}) == []


def test_guide_plugin_warmth_changes_the_colour(guide_plugin: types.ModuleType) -> None:
    (spec,) = guide_plugin.folio_generators()

    def red_minus_blue(warmth: float) -> float:
        (image,) = run(spec, {"size": 16, "seed": 1, "warmth": warmth})
        pixels = image.pixels.astype(float)  # type: ignore[union-attr]
        return float((pixels[..., 0] - pixels[..., 2]).mean())

    assert red_minus_blue(1.0) > red_minus_blue(0.0)
