"""Pictures from pictures on the command line: inputs, where a result belongs, a model's own defaults."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from studio.io.images import encode_png, read_image, read_png_record
from tests.cli.conftest import Said
from tests.support.tiny_diffusion import tiny_pipeline

Cli = Callable[..., Said]


@pytest.fixture
def pictures(cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Cli:
    """A home whose only model is one of few steps, and a.png and mask.png beside."""
    import diffusers

    monkeypatch.setattr("studio.app.starter_models", list)
    monkeypatch.setattr("studio.commands.installed.starter_models", list, raising=False)
    model = tiny_pipeline(
        tmp_path / "few", scheduler=diffusers.LCMScheduler(prediction_type="epsilon")
    )
    assert cli("models", "add", model).code == 0
    picture = np.random.default_rng(1).integers(0, 256, (40, 48, 4), dtype=np.uint8)
    picture[..., 3] = 255
    (tmp_path / "a.png").write_bytes(encode_png(picture))
    mask = np.zeros((40, 48, 4), np.uint8)
    mask[..., 3] = 255
    mask[10:30, 10:30] = 255
    (tmp_path / "mask.png").write_bytes(encode_png(mask))
    monkeypatch.chdir(tmp_path)
    return cli


def _generate(pictures: Cli, *arguments: str) -> dict[str, Any]:
    done = pictures("generate", *arguments, "--json", "--quiet")
    assert done.code == 0, done.err
    line: dict[str, Any] = json.loads(done.out)
    record: dict[str, Any] = line["record"]
    return record


def test_every_verb_takes_its_pictures_and_says_where_its_result_belongs(
    pictures: Cli, tmp_path: Path
) -> None:
    given = ("--input", "image=a.png")
    record = _generate(pictures, "images.vary", *given, "--seed", "3", "-o", "vary.png")
    assert record["placement"] == {"input": "image", "x": 0, "y": 0, "width": 48, "height": 40}
    order = ("images.inpaint", *given, "--input", "mask=mask.png", "--seed", "3", "-o", "in.png")
    record = _generate(pictures, *order)
    before, after = read_image(tmp_path / "a.png"), read_image(tmp_path / "in.png")
    np.testing.assert_array_equal(after[:10], before[:10])
    assert not np.array_equal(after, before)
    order = ("images.outpaint", *given, "--set", "left=8", "--set", "bottom=16", "-o", "out.png")
    record = _generate(pictures, *order)
    assert record["placement"] == {"input": "image", "x": -8, "y": 0, "width": 56, "height": 56}
    np.testing.assert_array_equal(read_image(tmp_path / "out.png")[:40, 8:], before)
    kept = read_png_record((tmp_path / "out.png").read_bytes())
    assert kept is not None
    assert kept.placement is not None
    assert (kept.placement.x, kept.placement.height) == (-8, 56)


def test_a_models_own_defaults_are_taken_and_recorded_where_nothing_is_set(pictures: Cli) -> None:
    record = _generate(pictures, "images.create")
    assert (record["params"]["steps"], record["params"]["guidance_scale"]) == (4, 1.0)
    assert record["extras"]["steps_done"] == 4
    record = _generate(pictures, "images.create", "--set", "steps=2")
    assert (record["params"]["steps"], record["params"]["guidance_scale"]) == (2, 1.0)
    shown = pictures("models", "show", "model").out
    assert "steps 4" in shown
    assert "guidance_scale 1" in shown


def test_what_is_missing_is_said_with_its_field(pictures: Cli) -> None:
    given = ("--input", "image=a.png")
    for arguments, said in (
        (("images.vary",), "image"),
        (("images.outpaint", *given), "left, top, right or bottom"),
        (("images.inpaint", *given), "nowhere transparent"),
    ):
        done = pictures("generate", *arguments)
        assert done.code in (1, 2)
        assert said in done.err
