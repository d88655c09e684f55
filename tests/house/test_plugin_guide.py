"""The plugin in the guide is a real one: it loads, behaves and is whole."""

from __future__ import annotations

import importlib
import re
import sys
import types
from collections.abc import Iterator
from pathlib import Path

import pytest

from studio.api.testing import blank_image, check_generator, run

ROOT = Path(__file__).parents[2]


@pytest.fixture
def guide_plugin(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[types.ModuleType]:
    yield from _imported("paper", 0, tmp_path, monkeypatch)


@pytest.fixture
def fade_plugin(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[types.ModuleType]:
    yield from _imported("fade", 1, tmp_path, monkeypatch)


def _imported(
    name: str, block: int, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[types.ModuleType]:
    blocks = re.findall(r"```python\n(.*?)```", (ROOT / "plugins" / "README.md").read_text(), re.S)
    (folder / f"{name}.py").write_text(blocks[block])
    monkeypatch.syspath_prepend(folder)
    yield importlib.import_module(name)
    del sys.modules[name]


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


@pytest.mark.parametrize("format", ["mp4", "gif"])
def test_guide_film_passes_the_conformance_kit(format: str, fade_plugin: types.ModuleType) -> None:
    (spec,) = fade_plugin.folio_generators()
    pictures = [blank_image(32, 24), blank_image(24, 32)]
    values = {"frames": 3, "format": format}
    assert check_generator(spec, values, inputs={"pictures": pictures}) == []
    (film,) = run(spec, values, inputs={"pictures": pictures})
    assert film.preview is not None  # type: ignore[union-attr]
    assert film.preview.shape == (24, 24, 4)  # type: ignore[union-attr]
    assert film.extras["frames"] == 3  # type: ignore[union-attr]
