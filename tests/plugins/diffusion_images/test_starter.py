"""The model that comes along: all verbs, and every scheduler that the panel offers, with eight channels."""

from __future__ import annotations

import typing
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from studio.api import ImageOutput
from studio.api.testing import InlineContext, run
from studio.library.starters import starter_models
from studio_plugins.diffusion_images import folio_generators
from studio_plugins.diffusion_images.params import Scheduler
from studio_plugins.diffusion_images.recognise import recognise
from tests.support.tiny_language import info_of

VERBS = {spec.id: spec for spec in folio_generators()}
STARTERS = [path for path in starter_models() if (path / "model_index.json").is_file()]


@pytest.fixture(scope="module")
def loaded() -> dict[tuple[str, str, str], object]:
    return {}


@pytest.mark.parametrize("starter", STARTERS, ids=lambda path: str(path.name))
@pytest.mark.parametrize("scheduler", typing.get_args(Scheduler))
def test_starter_serves_every_verb_with_every_scheduler(
    scheduler: str, starter: Path, tmp_path: Path, loaded: dict[tuple[str, str, str], object]
) -> None:
    models = {starter.name: info_of(starter, recognise)}
    ctx = InlineContext(tmp_path, seed=1, models=models, loaded=loaded, wants_preview=False)

    def made(verb: str, inputs: dict[str, Any], **values: Any) -> np.ndarray:
        ctx.outputs.clear()
        chosen = {"prompt": "a smiling woman", "model": starter.name, "seed": 1, "steps": 2}
        (image,) = run(
            VERBS[verb], {**chosen, "scheduler": scheduler, **values}, inputs=inputs, ctx=ctx
        )
        assert isinstance(image, ImageOutput)
        return image.pixels

    picture = made("images.create", {})
    assert picture.shape == (128, 128, 4)
    assert picture[..., :3].std() > 10
    mask = np.zeros((128, 128), np.uint8)
    mask[90:] = 255
    painted = made("images.inpaint", {"image": picture, "mask": mask})
    np.testing.assert_array_equal(painted[:90], picture[:90])
    assert not np.array_equal(painted[90:], picture[90:])
    wider = made("images.outpaint", {"image": picture}, right=16)
    np.testing.assert_array_equal(wider[:, :128], picture)
    varied = made("images.vary", {"image": picture}, strength=0.5)
    assert not np.array_equal(varied, picture)
