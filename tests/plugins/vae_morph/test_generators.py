"""The morph generators on real tiny VAEs: behave, repeat, obey, and say what is wrong."""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pydantic import ValidationError

from studio.api import (
    Cancelled,
    FileOutput,
    ImageOutput,
    Inputs,
    Latent,
    LatentOutput,
    ModelInfo,
    StudioError,
)
from studio.api.testing import InlineContext, check_generator, run
from studio_plugins.vae_morph import folio_generators
from studio_plugins.vae_morph.loading import load_coder
from studio_plugins.vae_morph.params import LAYOUT
from studio_plugins.vae_morph.recognise import recognise
from studio_plugins.vae_morph.stills import blend_weights
from tests.support.tiny_language import info_of
from tests.support.tiny_vae import tiny_kl, tiny_taesd

SPECS = {spec.id: spec for spec in folio_generators()}
SEVERAL = ("morph.between", "morph.walk", "morph.map", "morph.blend")


def _picture(seed: int, height: int = 40, width: int = 48) -> np.ndarray:
    random = np.random.default_rng(seed)
    small = random.integers(0, 256, (4, 4, 4), dtype=np.uint8).repeat(12, 0).repeat(12, 1)
    small[..., 3] = 255
    return np.ascontiguousarray(small[:height, :width])


PICTURES = [_picture(seed) for seed in range(3)]


def _values(spec_id: str, pictures_given: int = 3, **more: Any) -> dict[str, Any]:
    if spec_id in SEVERAL:
        given: dict[str, Any] = {"pictures": tuple("abcdefghij"[:pictures_given])}
    else:
        given = {"picture": "a"}
    if spec_id == "morph.walk":
        given |= {"frames_per_leg": 3, "format": "png"}
    if spec_id == "morph.vary":
        given |= {"seed": 3, "count": 2}
    return {"model": "tiny", **given, **more}


def _inputs(spec_id: str, pictures: list[np.ndarray] | None = None) -> dict[str, Any]:
    pictures = PICTURES if pictures is None else pictures
    return {"pictures": pictures} if spec_id in SEVERAL else {"picture": pictures[0]}


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> dict[str, ModelInfo]:
    return {"tiny": info_of(tiny_kl(tmp_path_factory.mktemp("tiny")), recognise)}


@pytest.fixture
def ctx(tmp_path: Path, models: dict[str, ModelInfo]) -> InlineContext:
    return InlineContext(tmp_path, seed=3, models=models)


def _run(spec_id: str, ctx: InlineContext, inputs: Any = None, **more: Any) -> list[Any]:
    ctx.outputs.clear()
    given = _inputs(spec_id) if inputs is None else inputs
    number = len(given.get("pictures", ()))
    return list(run(SPECS[spec_id], _values(spec_id, number, **more), inputs=given, ctx=ctx))


@pytest.mark.parametrize("spec_id", SPECS)
def test_every_generator_behaves(spec_id: str, models: dict[str, ModelInfo]) -> None:
    faults = check_generator(
        SPECS[spec_id], _values(spec_id), inputs=_inputs(spec_id), models=models
    )
    assert faults == []


@pytest.mark.parametrize("spec_id", SPECS)
def test_tiny_autoencoders_serve_too(spec_id: str, tmp_path: Path) -> None:
    models = {"tiny": info_of(tiny_taesd(tmp_path / "vae"), recognise)}
    ctx = InlineContext(tmp_path, seed=3, models=models)
    assert _run(spec_id, ctx, size=32)


@pytest.mark.parametrize("spec_id", SPECS)
@pytest.mark.parametrize("fit", ["crop", "pad", "stretch", "keep"])
def test_every_fit_of_every_generator_with_a_single_pixel(
    spec_id: str, fit: str, ctx: InlineContext
) -> None:
    pictures = [np.full((1, 1, 4), 200, np.uint8), _picture(1)]
    assert _run(spec_id, ctx, _inputs(spec_id, pictures), fit=fit)


def test_between_gives_the_steps_and_its_ends_are_the_pictures(ctx: InlineContext) -> None:
    outputs = _run("morph.between", ctx, steps=2, ends=True)
    assert len(outputs) == 7
    assert all(isinstance(output, LatentOutput) for output in outputs)
    for index in (0, 1, 2):
        (alone,) = _run("morph.encode", ctx, {"picture": PICTURES[index]})
        np.testing.assert_array_equal(outputs[3 * index].pixels, alone.pixels)
    assert [output.extras["from"] for output in outputs] == [1, 1, 1, 2, 2, 2, 3]
    assert len(_run("morph.between", ctx, steps=2)) == 4


def test_sheets_hold_the_single_pictures(ctx: InlineContext) -> None:
    singles = _run("morph.between", ctx, steps=3, ends=True)
    (sheet,) = _run("morph.between", ctx, steps=3, ends=True, sheet=True)
    assert isinstance(sheet, ImageOutput)
    np.testing.assert_array_equal(
        sheet.pixels, np.concatenate([output.pixels for output in singles], axis=1)
    )
    (whole_map,) = _run("morph.map", ctx, grid=3)
    (top,) = _run("morph.map", ctx, x=0.5, y=1.0)
    side = top.pixels.shape[0]
    np.testing.assert_array_equal(whole_map.pixels[:side, side : 2 * side], top.pixels)


@pytest.mark.parametrize("count", [2, 3, 4])
def test_corners_of_a_map_are_the_pictures(count: int, ctx: InlineContext) -> None:
    pictures = [_picture(seed) for seed in range(count)]
    all_places: dict[int, list[tuple[float, float]]] = {
        2: [(0, 0.5), (1, 0.5)],
        3: [(0.5, 1), (0, 0), (1, 0)],
        4: [(0, 1), (1, 1), (0, 0), (1, 0)],
    }
    places = all_places[count]
    for picture, (x, y) in zip(pictures, places, strict=True):
        (found,) = _run("morph.map", ctx, {"pictures": pictures}, x=x, y=y)
        (alone,) = _run("morph.encode", ctx, {"picture": picture})
        np.testing.assert_array_equal(found.pixels, alone.pixels)


def test_principal_map_takes_many_and_corners_do_not(ctx: InlineContext) -> None:
    inputs = {"pictures": [_picture(seed) for seed in range(6)]}
    (left,) = _run("morph.map", ctx, inputs, x=0.1)
    (right,) = _run("morph.map", ctx, inputs, x=0.9)
    assert not np.array_equal(left.pixels, right.pixels)
    with pytest.raises(StudioError, match="up to four"):
        _run("morph.map", ctx, inputs, span="corners")


def test_blend_follows_its_weights(ctx: InlineContext) -> None:
    (second,) = _run("morph.blend", ctx, weights={"2": 1.0})
    (alone,) = _run("morph.encode", ctx, {"picture": PICTURES[1]})
    np.testing.assert_array_equal(second.pixels, alone.pixels)
    (even,) = _run("morph.blend", ctx)
    (same,) = _run("morph.blend", ctx, weights={"1": 0.5, "2": 0.5, "3": 0.5})
    np.testing.assert_array_equal(even.pixels, same.pixels)
    assert _run("morph.blend", ctx, weights={"1": 1.5, "2": -0.5})


def test_weights_that_make_no_sense_are_said() -> None:
    with pytest.raises(StudioError, match="no picture '4'"):
        blend_weights({"4": 1.0}, 3)
    with pytest.raises(StudioError, match="add up to nothing"):
        blend_weights({"1": 1.0, "2": -1.0}, 3)
    np.testing.assert_allclose(blend_weights({}, 4), 0.25)


def test_vary_each_can_be_made_alone_and_strength_0_changes_nothing(ctx: InlineContext) -> None:
    three = _run("morph.vary", ctx, count=3)
    assert [output.seed for output in three] == [3, 4, 5]
    ctx.seed = 5
    (alone,) = _run("morph.vary", ctx, count=1, seed=5)
    np.testing.assert_array_equal(alone.pixels, three[2].pixels)
    (still,) = _run("morph.vary", ctx, count=1, strength=0)
    (plain,) = _run("morph.encode", ctx)
    np.testing.assert_array_equal(still.pixels, plain.pixels)


@pytest.mark.parametrize("size", [None, (13, 30)])
def test_a_result_is_morphed_again_as_it_is(
    size: tuple[int, int] | None, ctx: InlineContext
) -> None:
    pictures = PICTURES if size is None else [_picture(s, *size) for s in range(3)]
    for picture in pictures:
        picture[:5, :5, 3] = 77
    kept = {} if size is None else {"fit": "keep"}
    (half,) = _run("morph.blend", ctx, {"pictures": pictures}, **kept)
    latent = Latent(half.arrays, half.layout, "0" * 64)
    assert latent.layout == LAYOUT
    (again,) = _run("morph.encode", ctx, {"latent": latent}, picture=None, latent="l")
    np.testing.assert_array_equal(again.pixels, half.pixels)
    mixed = _run("morph.blend", ctx, {"pictures": pictures, "latents": [latent]}, latents=("l",))
    assert mixed[0].pixels.shape == half.pixels.shape
    (last,) = _run(
        "morph.blend",
        ctx,
        {"pictures": pictures, "latents": [latent]},
        latents=("l",),
        weights={"4": 1},
    )
    np.testing.assert_array_equal(last.pixels, half.pixels)


def test_latents_that_do_not_fit_are_said(ctx: InlineContext) -> None:
    arrays = {"latent": np.zeros((4, 5, 6), np.float32), "size": np.array([40, 48], np.float32)}

    def blend(*latents: Latent) -> list[Any]:
        names = tuple("xyz"[: len(latents)])
        inputs = {"pictures": PICTURES, "latents": latents}
        return _run("morph.blend", ctx, inputs, latents=names)

    assert blend(Latent(arrays, LAYOUT))
    smaller = {"latent": np.zeros((4, 4, 4), np.float32), "size": np.array([32, 32], np.float32)}
    wrong = {
        "different sizes": (Latent(arrays, LAYOUT), Latent(smaller, LAYOUT)),
        "another VAE": (Latent(arrays, LAYOUT, "f" * 64),),
        "layout": (Latent(arrays, "stylegan2.w"),),
        "shape": (Latent({**arrays, "latent": np.zeros((8, 5, 6), np.float32)}, LAYOUT),),
        "alpha": (Latent({**arrays, "alpha": np.zeros((2, 2), np.float32)}, LAYOUT),),
        "colours": (Latent({**arrays, "colour": np.zeros((3, 2, 2), np.float32)}, LAYOUT),),
    }
    for said, latents in wrong.items():
        with pytest.raises(StudioError, match=said):
            blend(*latents)


def test_alpha_goes_over_and_hidden_colour_stays_hidden(ctx: InlineContext) -> None:
    clear, solid = _picture(1), _picture(2)
    clear[:, :24, 3] = 0
    black = clear.copy()
    black[:, :24, :3] = 0
    options: dict[str, Any] = {"fit": "keep", "steps": 1}
    (half,) = _run("morph.between", ctx, {"pictures": [clear, solid]}, **options)
    (other,) = _run("morph.between", ctx, {"pictures": [black, solid]}, **options)
    np.testing.assert_array_equal(half.pixels, other.pixels)
    assert (half.pixels[:, :24, 3] == 128).all()
    assert (half.pixels[:, 24:, 3] == 255).all()
    (opaque,) = _run("morph.between", ctx, {"pictures": [_picture(1), solid]}, **options)
    assert (opaque.pixels[..., 3] == 255).all()


def test_colours_stay_between_the_pictures_own(ctx: InlineContext) -> None:
    def means(**values: Any) -> list[np.ndarray]:
        found = _run("morph.between", ctx, steps=3, ends=True, path="slerp", **values)[:5]
        blocks = [o.pixels[..., :3].astype(float).reshape(4, 8, 4, 8, 3) for o in found]
        return [block.mean(axis=(1, 3)) for block in blocks]

    first, *between, last = means()
    plain = means(true_colours=False)
    np.testing.assert_array_equal(plain[0], first)
    for step, found in enumerate(between, 1):
        wanted = first + (last - first) * step / 4
        off = float(np.abs(found - wanted).mean())
        assert off < 0.5 * float(np.abs(plain[step] - wanted).mean())


def test_live_wandering_reads_each_picture_once(ctx: InlineContext) -> None:
    _run("morph.map", ctx, x=0.1)
    coder = ctx.model("tiny", load_coder)
    encoded: list[int] = []
    decoded: list[int] = []
    coder.vae.encoder.register_forward_pre_hook(lambda *_: encoded.append(1))
    coder.vae.decoder.register_forward_pre_hook(lambda *_: decoded.append(1))
    first = _run("morph.map", ctx, x=0.2)[0].pixels
    _run("morph.blend", ctx)
    assert encoded == []
    assert len(decoded) == 2
    changed = [*PICTURES[:2], _picture(9)]
    _run("morph.map", ctx, {"pictures": changed}, x=0.2)
    assert len(encoded) == 1
    coder.forget()
    np.testing.assert_array_equal(_run("morph.map", ctx, x=0.2)[0].pixels, first)


@pytest.mark.parametrize("format", ["mp4", "gif", "webp", "png"])
def test_walk_writes_a_film_and_two_runs_write_the_same_bytes(
    format: str, ctx: InlineContext, tmp_path: Path
) -> None:
    written = []
    for number in (1, 2):
        ctx.work_dir = tmp_path / str(number)
        ctx.work_dir.mkdir()
        (film,) = _run("morph.walk", ctx, format=format, hold=1)
        assert isinstance(film, FileOutput)
        assert film.extras["frames"] == 3 * (3 + 1)
        written.append(film.path.read_bytes())
    assert written[0] == written[1]


def test_walk_s_frames_are_the_pictures_in_between(ctx: InlineContext) -> None:
    (film,) = _run("morph.walk", ctx, easing="linear")
    with zipfile.ZipFile(film.path) as archive:
        assert len(archive.namelist()) == 9
    assert ctx.previews
    assert [step for step in ctx.steps if step[2].startswith("Frame")][-1][:2] == (8, 9)


def test_cancelled_walk_leaves_no_file(ctx: InlineContext, tmp_path: Path) -> None:
    _run("morph.walk", ctx)
    ctx.checks = 0
    _run("morph.walk", ctx)  # with the model loaded and the pictures read, as each run below
    total = ctx.checks
    for number, at in enumerate(range(1, total, max(1, total // 12))):
        ctx.work_dir = tmp_path / f"run-{number}"
        ctx.work_dir.mkdir()
        ctx.checks, ctx.cancel_at = 0, at
        with pytest.raises(Cancelled):
            _run("morph.walk", ctx)
        if not ctx.outputs:  # once the film was handed over, the studio clears the folder
            left = [path for path in ctx.work_dir.rglob("*") if path.is_file()]
            assert left == []


def test_stop_and_keep_keeps_what_is_there(ctx: InlineContext) -> None:
    _run("morph.walk", ctx, frames_per_leg=20)
    whole = ctx.checks
    ctx.stop_at = ctx.checks + whole // 2
    (film,) = _run("morph.walk", ctx, frames_per_leg=20)
    assert 0 < film.extras["frames"] < 60
    ctx.stop_at = ctx.checks + 12
    assert 0 < len(_run("morph.between", ctx, steps=20)) < 40


def test_too_few_pictures_mark_their_field() -> None:
    for spec_id in SEVERAL:
        with pytest.raises(ValidationError) as error:
            SPECS[spec_id].params.model_validate({"pictures": ("a",)})
        assert error.value.errors()[0]["loc"] == ("pictures",)
        SPECS[spec_id].params.model_validate({"pictures": ("a",), "latents": ("b",)})
    for spec_id in ("morph.vary", "morph.encode"):
        with pytest.raises(ValidationError) as error:
            SPECS[spec_id].params.model_validate({})
        assert error.value.errors()[0]["loc"] == ("picture",)


def test_inputs_come_as_the_studio_gives_them(ctx: InlineContext) -> None:
    given = Inputs.of({"pictures": PICTURES})
    params = SPECS["morph.blend"].params.model_validate(_values("morph.blend"))
    outputs = list(SPECS["morph.blend"].factory().generate(params, given, ctx))
    assert len(outputs) == 1
