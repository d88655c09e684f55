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
from studio_plugins.diffusion_images.denoised import DenoisedEstimate
from studio_plugins.diffusion_images.loading import Painter, set_memory_format
from studio_plugins.diffusion_images.params import Scheduler
from studio_plugins.diffusion_images.preview import fit_latent_map
from studio_plugins.diffusion_images.prompts import REMEMBERED, prompts_for
from studio_plugins.diffusion_images.recognise import recognise
from studio_plugins.diffusion_images.schedulers import KEPT, Schedulers
from tests.support.tiny_diffusion import tiny_pipeline
from tests.support.tiny_language import info_of

CREATE = next(spec for spec in folio_generators() if spec.id == "images.create")
VALUES = {"prompt": "a red fox", "model": "tiny", "seed": 5, "steps": 4}


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    return {"tiny": info_of(tiny_pipeline(tmp_path_factory.mktemp("tiny")), recognise)}


def _images(outputs: list[Any]) -> list[ImageOutput]:
    return [output for output in outputs if isinstance(output, ImageOutput)]


@pytest.mark.parametrize("device", ["cpu", "cuda:0", "mps"])
def test_memory_format_is_changed_only_where_that_was_measured(device: str) -> None:
    import torch

    network = torch.nn.Conv2d(4, 8, 3)
    set_memory_format(device, network)
    last = network.weight.is_contiguous(memory_format=torch.channels_last)
    assert last == (device == "cpu")


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


def test_create_gives_a_distilled_network_its_guidance_as_the_pipeline_does(tmp_path: Path) -> None:
    import diffusers
    import torch

    few = diffusers.LCMScheduler(prediction_type="epsilon")
    folder = tiny_pipeline(tmp_path, scheduler=few, guidance_width=16)
    info = info_of(folder, recognise)
    assert info.facts.recommended == {"steps": 4, "guidance_scale": 8.0}
    pipe = diffusers.StableDiffusionPipeline.from_pretrained(folder, local_files_only=True)
    made = []
    for scale in (8.0, 2.0):
        expected = pipe(
            "a red fox",
            num_inference_steps=4,
            guidance_scale=scale,
            generator=torch.Generator("cpu").manual_seed(5),
            output_type="np",
        ).images[0]
        values = {**VALUES, "guidance_scale": scale}
        (image,) = _images(run(CREATE, values, models={"tiny": info}))
        np.testing.assert_array_equal(
            image.pixels[..., :3], (expected * 255 + 0.5).astype(np.uint8)
        )
        made.append(image.pixels)
    assert not np.array_equal(made[0], made[1])


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


@pytest.mark.parametrize("scheduler", ["model", "euler", "dpm++ 2m", "unipc"])
def test_stop_and_keep_decodes_the_clean_estimate(
    scheduler: str, models: dict[str, Any], tmp_path: Path
) -> None:
    ctx = InlineContext(tmp_path, seed=5, models=models, wants_preview=False)
    values = {**VALUES, "scheduler": scheduler}
    run(CREATE, values, ctx=ctx)
    painter: Any = next(iter(ctx.loaded.values()))
    decoded: list[Any] = []
    hook = painter.pipe.vae.post_quant_conv.register_forward_pre_hook(
        lambda _, latents: decoded.append(latents[0].clone())
    )
    ctx.outputs.clear()
    ctx.stop_at = ctx.checks + 4
    images = _images(run(CREATE, {**values, "steps": 50, "count": 4}, ctx=ctx))
    hook.remove()
    assert len(images) == len(decoded) == 1
    assert 0 < images[0].extras["steps_done"] < 50  # type: ignore[operator]
    # This untrained network finds no noise, so the clean estimate is the latents over the small
    # share of signal they have at the start: far larger than the latents themselves, which are near 1.
    scale = painter.pipe.vae.config.scaling_factor
    assert float(decoded[0].std() * scale) > 5


def test_clean_estimates_agree_between_schedulers_that_start_alike() -> None:
    import diffusers
    import torch

    clean = torch.randn(1, 4, 8, 8, generator=torch.Generator().manual_seed(1))
    noise = torch.randn(1, 4, 8, 8, generator=torch.Generator().manual_seed(2))
    for kind in (
        diffusers.DDIMScheduler,
        diffusers.PNDMScheduler,
        diffusers.EulerDiscreteScheduler,
        diffusers.DPMSolverMultistepScheduler,
        diffusers.UniPCMultistepScheduler,
        diffusers.HeunDiscreteScheduler,
    ):
        scheduler: Any = kind.from_config({"num_train_timesteps": 1000, "clip_sample": False})
        scheduler.set_timesteps(10)
        estimate = DenoisedEstimate(scheduler)
        assert estimate.latents() is None
        timestep = scheduler.timesteps[0]
        noisy = scheduler.add_noise(clean, noise, timestep.reshape(1))
        scheduler.step(noise, timestep, noisy, return_dict=False)
        told = estimate.latents()
        assert told is not None, kind
        np.testing.assert_allclose(told.numpy(), clean.numpy(), atol=2e-3, err_msg=kind.__name__)


def test_cancel_between_components_while_loading(models: dict[str, Any], tmp_path: Path) -> None:
    for at in (1, 2, 4, 6):
        with pytest.raises(Cancelled):
            run(CREATE, VALUES, ctx=InlineContext(tmp_path, models=models, cancel_at=at))


def test_long_prompt_is_read_to_its_end(tmp_path: Path) -> None:
    for xl in (False, True):
        info = info_of(tiny_pipeline(tmp_path / str(xl), xl=xl), recognise)
        ctx = InlineContext(tmp_path, seed=5, models={"tiny": info})

        def picture(ctx: InlineContext = ctx, **values: Any) -> ImageOutput:
            ctx.outputs.clear()
            return _images(run(CREATE, {**VALUES, "steps": 2, **values}, ctx=ctx))[0]

        start = "fox " * 60
        first, second = picture(prompt=f"{start} in snow"), picture(prompt=f"{start} in fire")
        assert not np.array_equal(first.pixels, second.pixels)
        assert "prompt_tokens_cut" not in first.extras
        assert not np.array_equal(
            first.pixels, picture(prompt=f"{start} in snow", negative_prompt="grey").pixels
        )


def test_pieces_of_a_prompt_are_encoded_as_the_pipeline_encodes_one(tmp_path: Path) -> None:
    import diffusers
    import torch

    for xl in (False, True):
        pipe: Any = diffusers.DiffusionPipeline.from_pretrained(
            tiny_pipeline(tmp_path / str(xl), xl=xl), local_files_only=True
        )
        # Single letters are single tokens here, so 75 of them fill the first piece.
        made = prompts_for(pipe, "a " * 75 + "red fox", "")
        with torch.no_grad():
            alone = pipe.encode_prompt(
                "a " * 75, device="cpu", num_images_per_prompt=1, do_classifier_free_guidance=True
            )
        torch.testing.assert_close(made.embeds[:, :77], alone[0], atol=1e-5, rtol=1e-4)
        assert made.negative_embeds is not None
        torch.testing.assert_close(made.negative_embeds[:, :77], alone[1], atol=1e-5, rtol=1e-4)
        assert made.embeds.shape[1] == 2 * 77
        if xl:
            torch.testing.assert_close(made.pooled, alone[2], atol=1e-5, rtol=1e-4)


def test_prompts_are_read_once_and_only_the_last_few_are_remembered(
    models: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ctx = InlineContext(tmp_path, seed=5, models=models)
    first = _images(run(CREATE, VALUES, ctx=ctx))[0]
    painter = next(iter(ctx.loaded.values()))
    assert isinstance(painter, Painter)
    read: list[str] = []
    encode = painter.pipe.encode_prompt

    def counting(prompt: str, **options: Any) -> Any:
        read.append(prompt)
        return encode(prompt, **options)

    monkeypatch.setattr(painter.pipe, "encode_prompt", counting)
    again = _images(run(CREATE, VALUES, ctx=ctx))[0]
    np.testing.assert_array_equal(again.pixels, first.pixels)
    assert read == []
    for number in range(REMEMBERED):
        run(CREATE, {**VALUES, "prompt": f"fox {number}", "steps": 1}, ctx=ctx)
    run(CREATE, VALUES, ctx=ctx)
    assert read == [*(f"fox {number}" for number in range(REMEMBERED)), VALUES["prompt"]]


def test_negative_prompt_is_not_read_where_there_is_no_guidance(models: dict[str, Any]) -> None:
    def picture(**values: Any) -> np.ndarray:
        return _images(run(CREATE, {**VALUES, "guidance_scale": 1, **values}, models=models))[
            0
        ].pixels

    np.testing.assert_array_equal(picture(), picture(negative_prompt="grey " * 100))


def test_endless_prompt_says_what_was_cut(models: dict[str, Any]) -> None:
    (image,) = _images(run(CREATE, {**VALUES, "prompt": "fox " * 25_000}, models=models))
    assert image.extras["prompt_tokens_cut"] == 3 * 25_000 - 8 * 75


def test_model_that_does_not_say_its_size_is_refused_with_the_reason(tmp_path: Path) -> None:
    folder = tiny_pipeline(tmp_path)
    file = folder / "unet" / "config.json"
    file.write_text(json.dumps({**json.loads(file.read_text()), "sample_size": None}))
    models = {"tiny": info_of(folder, recognise)}
    with pytest.raises(ModelError, match="sample_size"):
        run(CREATE, VALUES, models=models)


def test_only_the_schedulers_used_last_stay_built() -> None:
    import diffusers

    schedulers = Schedulers({**diffusers.LCMScheduler().config, "_class_name": "LCMScheduler"})
    for steps in range(50, 50 + 2 * KEPT):
        made = schedulers.fresh("model", "auto", steps)
        assert made.config.original_inference_steps == steps
        assert made is not schedulers.fresh("model", "auto", steps)
    assert schedulers.built == KEPT


def test_other_channels_and_half_precision_variants_are_read(tmp_path: Path) -> None:
    folder = tiny_pipeline(tmp_path, channels=8)
    for file in list(folder.rglob("*.safetensors")):
        file.rename(file.with_suffix(".fp16.safetensors"))
    ctx = InlineContext(tmp_path, models={"tiny": info_of(folder, recognise)})
    (image,) = _images(run(CREATE, VALUES, ctx=ctx))
    assert image.pixels.shape == (64, 64, 4)
    assert ctx.previews


def test_preview_map_is_finite_where_the_decoder_must_be_widened(tmp_path: Path) -> None:
    import diffusers
    import torch

    vae: Any = diffusers.AutoencoderKL.from_pretrained(
        tiny_pipeline(tmp_path) / "vae", torch_dtype=torch.float16, local_files_only=True
    )
    assert vae.config.force_upcast
    assert np.isfinite(fit_latent_map(vae)).all()
    assert vae.dtype == torch.float16


@pytest.mark.parametrize(
    ("part", "key", "value", "said"),
    [
        ("text_encoder", "num_hidden_layers", 4, "'text_encoder' lacks 32"),
        ("vae", "layers_per_block", 2, "'vae' lacks"),
        ("unet", "mid_block_type", None, "'unet' has no place"),
    ],
)
def test_config_with_more_or_less_than_its_weights_is_never_filled_with_noise(
    part: str, key: str, value: object, said: str, tmp_path: Path
) -> None:
    folder = tiny_pipeline(tmp_path)
    info = info_of(folder, recognise)
    config = json.loads((folder / part / "config.json").read_text())
    (folder / part / "config.json").write_text(json.dumps({**config, key: value}))
    with pytest.raises(ModelError, match=said):
        run(CREATE, VALUES, models={"tiny": info})


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


def test_memory_level_of_one_job_is_not_that_of_the_next(
    models: dict[str, Any], tmp_path: Path
) -> None:
    """A model lowered by a retry goes back to its full path, and so to the same pixels."""
    ctx = InlineContext(tmp_path, seed=5, models=models)
    [before] = _images(run(CREATE, VALUES, ctx=ctx))
    [painter] = [thing for thing in ctx.loaded.values() if isinstance(thing, Painter)]
    whole = _path_of(painter)
    for level in (1, 2):
        ctx.outputs.clear()
        ctx.memory_level = level
        run(CREATE, VALUES, ctx=ctx)
        assert _path_of(painter) != whole
        ctx.outputs.clear()
        ctx.memory_level = 0
        ctx._rng = None
        [after] = _images(run(CREATE, VALUES, ctx=ctx))
        assert _path_of(painter) == whole
        np.testing.assert_array_equal(after.pixels, before.pixels)


def _path_of(painter: Painter) -> tuple[bool, bool, set[str]]:
    """Whether it decodes in tiles and in slices, and how it attends."""
    vae, unet = painter.pipe.vae, painter.pipe.unet
    kinds = {type(processor).__name__ for processor in unet.attn_processors.values()}
    return vae.use_tiling, vae.use_slicing, kinds
