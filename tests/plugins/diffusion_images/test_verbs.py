"""images.vary, inpaint and outpaint on real tiny pipelines of every family, beside the library's own."""

from __future__ import annotations

import typing
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from studio.api import Cancelled, ImageOutput, Mask, Pixels, Placement, StudioError
from studio.api.testing import InlineContext, check_generator, run
from studio_plugins.diffusion_images import folio_generators
from studio_plugins.diffusion_images.params import Scheduler
from studio_plugins.diffusion_images.recognise import recognise
from tests.support.tiny_diffusion import tiny_pipeline
from tests.support.tiny_language import info_of

VERBS = {spec.id.removeprefix("images."): spec for spec in folio_generators()}
VALUES: dict[str, Any] = {"prompt": "a red fox", "model": "sd", "seed": 5, "steps": 3}
OWN: dict[str, dict[str, Any]] = {
    "create": {},
    "vary": {"strength": 0.7},
    "inpaint": {"feather": 4},
    "outpaint": {"right": 20, "top": 4, "padding": 32},
}
FAMILIES: dict[str, dict[str, Any]] = {
    "sd": {},
    "xl": {"xl": True},
    "sd-inpainting": {"inpaints": True},
    "xl-inpainting": {"xl": True, "inpaints": True},
    "eight-channels": {"channels": 8, "prediction": "v_prediction"},
}


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    return {
        name: info_of(tiny_pipeline(tmp_path_factory.mktemp(name), **options), recognise)
        for name, options in FAMILIES.items()
    }


@pytest.fixture(scope="module")
def loaded() -> dict[tuple[str, str, str], object]:
    """What is in memory: each model once for all tests, as the engine keeps it."""
    return {}


def _picture(height: int = 64, width: int = 64) -> Pixels:
    cells = np.random.default_rng(3).integers(0, 256, (8, 8, 4), dtype=np.uint8)
    cells[..., 3] = 255
    return np.ascontiguousarray(cells.repeat(8, axis=0).repeat(8, axis=1)[:height, :width])


def _mask(height: int = 64, width: int = 64) -> Mask:
    mask = np.zeros((height, width), np.uint8)
    mask[height // 4 : height // 2, width // 4 : 3 * width // 4] = 255
    return mask


def _inputs(verb: str, picture: Pixels | None = None) -> dict[str, Any]:
    picture = _picture() if picture is None else picture
    if verb == "create":
        return {}
    return {"image": picture} | ({"mask": _mask(*picture.shape[:2])} if verb == "inpaint" else {})


def _run(verb: str, ctx: InlineContext, inputs: Any = None, **values: Any) -> list[ImageOutput]:
    ctx.outputs.clear()
    made = run(
        VERBS[verb],
        {**VALUES, **OWN[verb], **values},
        inputs=_inputs(verb) if inputs is None else inputs,
        ctx=ctx,
    )
    return [output for output in made if isinstance(output, ImageOutput)]


@pytest.fixture
def ctx(
    tmp_path: Path, models: dict[str, Any], loaded: dict[tuple[str, str, str], object]
) -> InlineContext:
    return InlineContext(tmp_path, seed=5, models=models, loaded=loaded)


@pytest.mark.parametrize("verb", ["vary", "inpaint", "outpaint"])
def test_verb_behaves(verb: str, models: dict[str, Any]) -> None:
    values = {**VALUES, **OWN[verb], "steps": 2}
    assert check_generator(VERBS[verb], values, inputs=_inputs(verb), models=models) == []


@pytest.mark.parametrize("family", FAMILIES)
def test_one_loaded_model_of_any_family_serves_all_verbs(family: str, ctx: InlineContext) -> None:
    for verb in VERBS:
        (image,) = _run(verb, ctx, model=family)
        assert image.pixels[..., :3].std() > 0
    assert [key[1] for key in ctx.loaded].count(family) == 1
    kept = _mask() == 0
    (image,) = _run("inpaint", ctx, model=family)
    np.testing.assert_array_equal(image.pixels[kept], _picture()[kept])
    (image,) = _run("outpaint", ctx, model=family)
    assert image.placement == Placement("image", 0, -4, 84, 68)
    np.testing.assert_array_equal(image.pixels[4:, :64], _picture())


@pytest.mark.parametrize("scheduler", typing.get_args(Scheduler))
@pytest.mark.parametrize("steps", [1, 4])
def test_every_scheduler_serves_every_verb(scheduler: str, steps: int, ctx: InlineContext) -> None:
    for verb in VERBS:
        (image,) = _run(verb, ctx, scheduler=scheduler, steps=steps)
        assert image.pixels[..., :3].std() > 0
        assert image.extras["steps_done"]


@pytest.mark.parametrize("scheduler", ["lcm", "tcd"])
def test_schedulers_of_few_steps_take_as_many_as_are_asked_for(
    scheduler: str, ctx: InlineContext
) -> None:
    (image,) = _run("create", ctx, scheduler=scheduler, steps=60)
    assert image.extras["steps_done"] == 60


def _latents(painter: Any, picture: Pixels) -> Any:
    import torch

    pixels = torch.from_numpy(picture[..., :3].astype(np.float32) / 127.5 - 1)
    with torch.no_grad():
        coded = painter.pipe.vae.encode(pixels.permute(2, 0, 1)[None]).latent_dist.mode()
    return coded * painter.pipe.vae.config.scaling_factor


def _as_bytes(pictures: Any) -> Any:
    return (pictures[0] * 255 + 0.5).astype(np.uint8)


@pytest.mark.parametrize("family", ["sd", "xl"])
@pytest.mark.parametrize("scheduler", ["model", "euler", "dpm++ 2m", "unipc", "heun"])
def test_vary_is_what_the_librarys_pipeline_makes(
    family: str, scheduler: str, ctx: InlineContext
) -> None:
    import diffusers
    import torch

    (image,) = _run("vary", ctx, model=family, strength=0.6, steps=5, scheduler=scheduler)
    painter: Any = ctx.loaded[next(key for key in ctx.loaded if key[1] == family)]
    kind: Any = (
        diffusers.StableDiffusionXLImg2ImgPipeline
        if family == "xl"
        else diffusers.StableDiffusionImg2ImgPipeline
    )
    own: Any = kind.from_pipe(painter.pipe)
    own.set_progress_bar_config(disable=True)
    own.scheduler = _scheduler_named(scheduler, painter)
    expected = own(
        "a red fox",
        image=_latents(painter, _picture()),
        strength=0.6,
        num_inference_steps=5,
        guidance_scale=5.0,
        generator=torch.Generator("cpu").manual_seed(5),
        output_type="np",
    ).images
    assert np.abs(image.pixels[..., :3].astype(int) - _as_bytes(expected)).max() <= 1


def _scheduler_named(name: str, painter: Any) -> Any:
    return painter.schedulers.fresh(name, "auto", 5)


@pytest.mark.parametrize("family", ["sd", "sd-inpainting", "xl-inpainting"])
@pytest.mark.parametrize("strength", [1.0, 0.6])
def test_inpaint_is_what_the_librarys_pipeline_makes(
    family: str, strength: float, ctx: InlineContext
) -> None:
    import diffusers
    import torch

    # Whole positions of the latents, for the library takes one pixel of each.
    mask = np.zeros((64, 64), np.uint8)
    mask[16:40, 8:48] = 255
    picture = _picture()
    inputs = {"image": picture, "mask": mask}
    (image,) = _run("inpaint", ctx, inputs, model=family, strength=strength, steps=5, feather=0)
    painter: Any = ctx.loaded[next(key for key in ctx.loaded if key[1] == family)]
    kind: Any = (
        diffusers.StableDiffusionXLInpaintPipeline
        if family.startswith("xl")
        else diffusers.StableDiffusionInpaintPipeline
    )
    own: Any = kind.from_pipe(painter.pipe)
    own.set_progress_bar_config(disable=True)
    own.scheduler = _scheduler_named("model", painter)
    hidden = picture.copy()
    hidden[mask > 0] = 128
    expected = own(
        "a red fox",
        image=_latents(painter, picture),
        masked_image_latents=_latents(painter, hidden),
        mask_image=torch.from_numpy(mask.astype(np.float32) / 255)[None, None],
        height=64,
        width=64,
        strength=strength,
        num_inference_steps=5,
        guidance_scale=5.0,
        generator=torch.Generator("cpu").manual_seed(5),
        output_type="np",
    ).images
    painted = mask > 0
    made, wanted = image.pixels[painted][:, :3].astype(int), _as_bytes(expected)[painted]
    assert np.abs(made - wanted).max() <= 1


@pytest.mark.parametrize("verb", ["vary", "inpaint", "outpaint"])
@pytest.mark.parametrize(("height", "width"), [(1, 1), (1, 64), (37, 53)])
def test_any_size_comes_back_as_it_was(
    verb: str, height: int, width: int, ctx: InlineContext
) -> None:
    picture = _picture(height, width)
    inputs: dict[str, Any] = {"image": picture}
    if verb == "inpaint":
        inputs["mask"] = np.full((height, width), 255, np.uint8)
    (image,) = _run(verb, ctx, inputs, steps=2)
    more = (4, 20) if verb == "outpaint" else (0, 0)
    assert image.pixels.shape == (height + more[0], width + more[1], 4)


def test_alpha_stays_and_what_it_hides_does_not_matter(ctx: InlineContext) -> None:
    picture = _picture().copy()
    picture[:, :30, 3] = 0
    other = picture.copy()
    other[:, :30, :3] = 255 - other[:, :30, :3]
    (first,) = _run("vary", ctx, {"image": picture})
    (second,) = _run("vary", ctx, {"image": other})
    np.testing.assert_array_equal(first.pixels, second.pixels)
    np.testing.assert_array_equal(first.pixels[..., 3], picture[..., 3])
    (filled_up,) = _run("inpaint", ctx, {"image": picture})
    assert (filled_up.pixels[..., 3] == 255).all()
    np.testing.assert_array_equal(filled_up.pixels[:, 30:], picture[:, 30:])


def test_a_mask_of_another_size_is_said(ctx: InlineContext) -> None:
    inputs = {"image": _picture(), "mask": _mask(32, 64)}
    with pytest.raises(StudioError, match="64 × 32 pixels, and the picture 64 × 64") as said:
        _run("inpaint", ctx, inputs)
    assert "proportions" in said.value.remedy


def test_a_mask_of_other_proportions_is_said_before_a_model_is_loaded(ctx: InlineContext) -> None:
    def loaded(*_: object) -> object:
        raise AssertionError("the mask was not looked at first")

    ctx.model = loaded  # type: ignore[assignment, method-assign]
    with pytest.raises(StudioError, match="which pixels are meant"):
        _run("inpaint", ctx, {"image": _picture(), "mask": _mask(32, 64)})


def test_a_mask_twice_as_large_as_its_picture_is_brought_to_its_size(ctx: InlineContext) -> None:
    mask = np.zeros((64, 64), np.uint8)
    mask[16:48, 16:48] = 255
    twice = mask.repeat(2, 0).repeat(2, 1)
    (by_large,) = _run("inpaint", ctx, {"image": _picture(), "mask": twice})
    (by_same,) = _run("inpaint", ctx, {"image": _picture(), "mask": mask})
    np.testing.assert_array_equal(by_large.pixels[:15], _picture()[:15])
    np.testing.assert_array_equal(by_large.pixels[24:40, 24:40], by_same.pixels[24:40, 24:40])


def test_a_picture_as_mask_is_its_brightness(ctx: InlineContext) -> None:
    white = np.zeros((64, 64, 4), np.uint8)
    white[..., 3] = 255
    white[_mask() > 0] = 255
    (by_picture,) = _run("inpaint", ctx, {"image": _picture(), "mask": white})
    (by_mask,) = _run("inpaint", ctx)
    np.testing.assert_array_equal(by_picture.pixels, by_mask.pixels)


def test_strength_says_how_much_is_painted_anew(ctx: InlineContext) -> None:
    steps = {
        strength: _run("vary", ctx, strength=strength, steps=10)[0].extras["steps_done"]
        for strength in (0.05, 0.5, 1)
    }
    assert steps == {0.05: 1, 0.5: 5, 1: 10}
    (with_picture,) = _run("vary", ctx, strength=1.0)
    (without,) = _run("create", ctx)
    np.testing.assert_array_equal(with_picture.pixels, without.pixels)


@pytest.mark.parametrize("verb", ["vary", "inpaint", "outpaint"])
def test_count_each_picture_can_be_made_alone(verb: str, ctx: InlineContext) -> None:
    three = _run(verb, ctx, count=3)
    assert [image.seed for image in three] == [5, 6, 7]
    ctx.seed = 7
    (alone,) = _run(verb, ctx, seed=7)
    np.testing.assert_array_equal(alone.pixels, three[2].pixels)


def test_a_patch_says_which_part_of_the_picture_it_covers(ctx: InlineContext) -> None:
    (image,) = _run("inpaint", ctx, result="patch")
    assert image.placement == Placement("image", 16, 16, 32, 16)
    assert image.pixels.shape == (16, 32, 4)
    (image,) = _run("outpaint", ctx, right=20, top=0, result="patch")
    assert image.placement == Placement("image", 64, 0, 20, 64)


@pytest.mark.parametrize("verb", ["vary", "inpaint", "outpaint"])
def test_cancel_between_steps_decodes_nothing(
    verb: str, ctx: InlineContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    _run(verb, ctx)
    painter: Any = ctx.loaded[next(key for key in ctx.loaded if key[1] == "sd")]
    decodes: list[int] = []
    decode = painter.pipe.vae.decode

    def counting(*args: Any, **options: Any) -> Any:
        decodes.append(1)
        return decode(*args, **options)

    monkeypatch.setattr(painter.pipe.vae, "decode", counting)
    ctx.wants_preview = False
    before = ctx.checks
    _run(verb, ctx, strength=1.0) if verb != "outpaint" else _run(verb, ctx)
    points = ctx.checks - before
    assert len(decodes) == 1
    for point in range(1, points):  # the last is after the picture was given
        ctx.cancel_at = ctx.checks + point
        with pytest.raises(Cancelled):
            _run(verb, ctx, strength=1.0) if verb != "outpaint" else _run(verb, ctx)
    assert len(decodes) == 1


def test_stop_and_keep_gives_what_there_is_where_it_belongs(ctx: InlineContext) -> None:
    ctx.wants_preview = False
    ctx.stop_at = ctx.checks + 5
    (image,) = _run("inpaint", ctx, steps=30, count=4)
    assert 0 < int(image.extras["steps_done"] or 0) < 30
    kept = _mask() == 0
    np.testing.assert_array_equal(image.pixels[kept], _picture()[kept])


def test_previews_show_the_whole_picture_with_the_painting_in_it(ctx: InlineContext) -> None:
    _run("inpaint", ctx)
    assert ctx.previews
    kept = _mask() == 0
    for preview in ctx.previews:
        np.testing.assert_array_equal(preview[kept], _picture()[..., :3][kept])


@pytest.mark.parametrize("level", [1, 2])
def test_with_less_memory_every_verb_still_paints(level: int, ctx: InlineContext) -> None:
    for verb in VERBS:
        ctx.memory_level = 0
        (before,) = _run(verb, ctx)
        ctx.memory_level = level
        (image,) = _run(verb, ctx)
        assert image.pixels.shape == before.pixels.shape
        ctx.memory_level = 0
        (after,) = _run(verb, ctx)
        np.testing.assert_array_equal(after.pixels, before.pixels)
