"""images.create on real tiny pipelines: behaves, repeats, cancels between steps, says what is wrong."""

from __future__ import annotations

import json
import typing
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from studio.api import Cancelled, ImageOutput, ModelError
from studio.api.testing import InlineContext, check_generator, run
from studio_plugins.diffusion_images import folio_generators
from studio_plugins.diffusion_images.params import Scheduler
from studio_plugins.diffusion_images.recognise import recognise
from tests.support.tiny_diffusion import tiny_pipeline
from tests.support.tiny_language import info_of

(CREATE,) = folio_generators()
VALUES = {"prompt": "a red fox", "model": "tiny", "seed": 5, "steps": 4}


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    return {"tiny": info_of(tiny_pipeline(tmp_path_factory.mktemp("tiny")), recognise)}


def _images(outputs: list[Any]) -> list[ImageOutput]:
    return [output for output in outputs if isinstance(output, ImageOutput)]


def test_create_behaves(models: dict[str, Any]) -> None:
    assert check_generator(CREATE, VALUES, models=models) == []


def test_create_is_what_the_pipeline_makes(models: dict[str, Any]) -> None:
    import torch
    from diffusers import StableDiffusionPipeline

    pipe = StableDiffusionPipeline.from_pretrained(models["tiny"].path, local_files_only=True)
    generator = torch.Generator("cpu").manual_seed(5)
    expected = pipe(
        "a red fox",
        num_inference_steps=4,
        guidance_scale=5.0,
        generator=generator,
        output_type="np",
    ).images[0]
    (image,) = _images(run(CREATE, VALUES, models=models))
    assert image.pixels.shape == (64, 64, 4)
    np.testing.assert_array_equal(image.pixels[..., :3], (expected * 255 + 0.5).astype(np.uint8))


def test_create_xl_and_v_prediction(tmp_path: Path) -> None:
    for name, options in (("xl", {"xl": True}), ("v", {"prediction": "v_prediction"})):
        info = info_of(tiny_pipeline(tmp_path / name, **options), recognise)
        assert _images(run(CREATE, VALUES, models={"tiny": info}))


def test_count_each_picture_can_be_made_alone(models: dict[str, Any]) -> None:
    three = _images(run(CREATE, {**VALUES, "count": 3}, models=models))
    assert [image.seed for image in three] == [5, 6, 7]
    (alone,) = _images(run(CREATE, {**VALUES, "seed": 7}, models=models))
    np.testing.assert_array_equal(alone.pixels, three[2].pixels)


def test_size_prompt_guidance_and_negative_prompt_matter(models: dict[str, Any]) -> None:
    def pixels(**values: Any) -> np.ndarray:
        return _images(run(CREATE, {**VALUES, **values}, models=models))[0].pixels

    plain = pixels()
    assert pixels(width=96, height=32).shape == (32, 96, 4)
    for changed in ({"prompt": "blue"}, {"guidance_scale": 9}, {"negative_prompt": "grey"}):
        assert not np.array_equal(pixels(**changed), plain)


@pytest.mark.parametrize("scheduler", typing.get_args(Scheduler))
def test_every_scheduler_runs_and_leaves_no_trace_in_the_next(
    scheduler: str, models: dict[str, Any]
) -> None:
    (image,) = _images(run(CREATE, {**VALUES, "scheduler": scheduler}, models=models))
    assert image.pixels.std() > 0


def test_previews_come_from_latents_without_a_decode(
    models: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ctx = InlineContext(tmp_path, seed=5, models=models)
    run(CREATE, VALUES, ctx=ctx)
    assert [preview.shape for preview in ctx.previews] == [(32, 32, 3)] * 4
    painter = next(iter(ctx.loaded.values()))
    decodes: list[int] = []
    decode = painter.pipe.vae.decode  # type: ignore[attr-defined]

    def counting(*args: Any, **kwargs: Any) -> Any:
        decodes.append(1)
        return decode(*args, **kwargs)

    monkeypatch.setattr(painter.pipe.vae, "decode", counting)  # type: ignore[attr-defined]
    run(CREATE, VALUES, ctx=ctx)
    assert len(decodes) == 1
    ctx.cancel_at = ctx.checks + 4
    with pytest.raises(Cancelled):
        run(CREATE, VALUES, ctx=ctx)
    assert len(decodes) == 1


def test_after_a_cancel_the_next_run_is_as_ever(models: dict[str, Any], tmp_path: Path) -> None:
    ctx = InlineContext(tmp_path, seed=5, models=models)
    first = _images(run(CREATE, VALUES, ctx=ctx))[0].pixels
    ctx.cancel_at = ctx.checks + 3
    with pytest.raises(Cancelled):
        run(CREATE, VALUES, ctx=ctx)
    ctx.cancel_at = None
    ctx.outputs.clear()
    np.testing.assert_array_equal(_images(run(CREATE, VALUES, ctx=ctx))[0].pixels, first)


def test_stop_and_keep_decodes_what_is_there(models: dict[str, Any], tmp_path: Path) -> None:
    ctx = InlineContext(tmp_path, seed=5, models=models)
    run(CREATE, VALUES, ctx=ctx)
    ctx.outputs.clear()
    ctx.stop_at = ctx.checks + 4
    (image,) = _images(run(CREATE, {**VALUES, "steps": 50, "count": 4}, ctx=ctx))
    assert 0 < image.extras["steps_done"] < 50  # type: ignore[operator]


def test_cancel_between_components_while_loading(models: dict[str, Any], tmp_path: Path) -> None:
    for at in (1, 2, 4, 6):
        with pytest.raises(Cancelled):
            run(CREATE, VALUES, ctx=InlineContext(tmp_path, models=models, cancel_at=at))


def test_long_prompt_says_what_was_cut(models: dict[str, Any]) -> None:
    (image,) = _images(run(CREATE, {**VALUES, "prompt": "fox " * 25_000}, models=models))
    assert image.extras["prompt_tokens_cut"] > 1000  # type: ignore[operator]


def test_config_that_does_not_fit_its_weights_is_said(tmp_path: Path) -> None:
    folder = tiny_pipeline(tmp_path)
    info = info_of(folder, recognise)
    config = json.loads((folder / "unet" / "config.json").read_text())
    config["block_out_channels"] = [32, 64]
    (folder / "unet" / "config.json").write_text(json.dumps(config))
    with pytest.raises(ModelError, match="can't be loaded"):
        run(CREATE, VALUES, models={"tiny": info})


def test_truncated_weights_are_said(tmp_path: Path) -> None:
    folder = tiny_pipeline(tmp_path)
    info = info_of(folder, recognise)
    weights = folder / "vae" / "diffusion_pytorch_model.safetensors"
    weights.write_bytes(weights.read_bytes()[:-1000])
    with pytest.raises(ModelError, match="can't be loaded"):
        run(CREATE, VALUES, models={"tiny": info})
    with pytest.raises(ModelError, match="cut short"):
        recognise(folder)


def test_smaller_memory_levels_still_paint(models: dict[str, Any], tmp_path: Path) -> None:
    ctx = InlineContext(tmp_path, seed=5, models=models, memory_level=2)
    assert _images(run(CREATE, VALUES, ctx=ctx))
