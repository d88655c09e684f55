"""Every generator of faces on real tiny models: behaves, repeats, cancels, says what is wrong."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pydantic import ValidationError

from studio.api import (
    Cancelled,
    FileOutput,
    GeneratorSpec,
    ImageOutput,
    Latent,
    LatentOutput,
    ModelError,
    ModelInfo,
    Output,
    ParamsError,
    StudioError,
)
from studio.api.testing import InlineContext, check_generator, run
from studio_plugins.faces_gan import folio_generators, folio_recognise_model
from tests.support.tiny_gan import gan_file, gan_folder, nvidia_pickle
from tests.support.tiny_language import info_of

SPECS: dict[str, GeneratorSpec[Any]] = {spec.id: spec for spec in folio_generators()}
Models = dict[str, ModelInfo]


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> Models:
    root = tmp_path_factory.mktemp("models")
    paths = {
        "starter": gan_folder(root / "starter", attributes=True, rows=[(0, 1), (1, 0), (1, 2)]),
        "plain": gan_file(root / "plain.safetensors"),
        "classes": nvidia_pickle(root / "classes.pkl", c_dim=4),
    }
    return {name: known(name, path) for name, path in paths.items()}


def known(name: str, path: Path) -> ModelInfo:
    """With a content hash of its own, as the store gives each."""
    info = info_of(path, folio_recognise_model)
    return info.model_copy(update={"id": name, "content_hash": name.ljust(64, "0")})


def faces(models: Models, seeds: str, model: str = "starter", **values: Any) -> list[LatentOutput]:
    made = run(SPECS["faces.sample"], {"model": model, "seeds": seeds, **values}, models=models)
    return latents(made)


def latents(outputs: Sequence[Output]) -> list[LatentOutput]:
    return [output for output in outputs if isinstance(output, LatentOutput)]


def latent(output: LatentOutput, info: ModelInfo | None = None) -> Latent:
    return Latent(output.arrays, output.layout, info.content_hash if info else "")


def digest(outputs: Sequence[Output]) -> str:
    total = hashlib.sha256()
    for output in outputs:
        if isinstance(output, LatentOutput | ImageOutput):
            total.update(output.pixels.tobytes())
        if isinstance(output, LatentOutput):
            for name, array in output.arrays.items():
                total.update(name.encode() + array.tobytes())
        if isinstance(output, FileOutput):
            total.update(output.path.read_bytes())
    return total.hexdigest()


CASES: dict[str, dict[str, Any]] = {
    "faces.sample": {"count": 3, "attributes": {"hair short": 1.0}, "noise": "random"},
    "faces.vary": {"count": 2},
    "faces.mix": {"seeds": "1, 2"},
    "faces.edit": {"directions": {"PCA 1": 1.5, "SeFa 2": -1, "mouth smile": 1}},
    "faces.between": {"seeds": "1, 2", "steps": 2, "space": "z"},
    "faces.walk": {"count": 2, "frames": 3, "format": "png"},
    "faces.project": {"steps": 4},
    "faces.name_direction": {"name": "Broad smile", "directions": {"mouth smile": 1}},
}


def inputs_of(generator: str, models: Models) -> dict[str, Any]:
    if generator == "faces.vary":
        return {"face": latent(faces(models, "5")[0])}
    if generator == "faces.project":
        return {"picture": picture(20, 30)}
    return {}


def picture(height: int, width: int) -> Any:
    return np.random.default_rng(0).integers(0, 256, (height, width, 4), np.uint8)


@pytest.mark.parametrize("generator", sorted(SPECS))
def test_generator_behaves(models: Models, generator: str) -> None:
    values = {"model": "starter", "seed": 5, **CASES[generator]}
    given = inputs_of(generator, models)
    assert check_generator(SPECS[generator], values, inputs=given, models=models) == []


@pytest.mark.parametrize("generator", sorted(SPECS))
def test_same_record_gives_the_same_bytes(models: Models, generator: str, tmp_path: Path) -> None:
    digests = set()
    for number in range(2):
        folder = tmp_path / str(number)
        folder.mkdir()
        ctx = InlineContext(folder, seed=5, models=models)
        values = {"model": "starter", "seed": 5, **CASES[generator]}
        made = run(SPECS[generator], values, inputs=inputs_of(generator, models), ctx=ctx)
        assert made
        digests.add(digest(made))
    assert len(digests) == 1


def test_sample_gives_each_seed_its_own_face_however_many_there_are(models: Models) -> None:
    several = faces(models, "3, 7-8")
    assert [output.seed for output in several] == [3, 7, 8]
    assert digest(several[1:2]) == digest(faces(models, "7"))
    assert len({digest([output]) for output in several}) == 3
    counted = run(SPECS["faces.sample"], {"model": "starter", "seed": 7, "count": 2}, models=models)
    assert digest(counted) == digest(several[1:])


def test_faces_of_the_starter_are_the_decoders_size(models: Models) -> None:
    (face,) = faces(models, "1")
    assert face.pixels.shape == (32, 32, 4)
    assert face.layout == "stylegan2.w"
    assert {name: array.shape for name, array in face.arrays.items()} == {
        "w": (6, 16),
        "z": (12,),
        "c": (5,),
    }


def test_truncation_zero_makes_all_faces_the_average(models: Models) -> None:
    a, b = faces(models, "1, 2", truncation_psi=0)
    np.testing.assert_array_equal(a.pixels, b.pixels)
    c, d = faces(models, "1, 2", truncation_psi=0, truncation_layers=2)
    np.testing.assert_array_equal(c.arrays["w"][:2], d.arrays["w"][:2])
    assert not np.array_equal(c.arrays["w"][2:], d.arrays["w"][2:])


def test_published_seeds_make_the_published_z(models: Models) -> None:
    (face,) = faces(models, "85", "plain")
    expected = np.random.RandomState(85).randn(1, 12)[0]
    np.testing.assert_allclose(face.arrays["z"], expected, rtol=1e-6)


def test_attributes_decide_their_slot_and_leave_the_rest_to_the_data(models: Models) -> None:
    chosen = faces(models, "1-20", attributes={"mouth open": 1.0})
    conditions = np.stack([face.arrays["c"] for face in chosen])
    np.testing.assert_array_equal(conditions[:, 2:], [[0, 0, 1]] * 20)
    drawn = {tuple(face.arrays["c"]) for face in faces(models, "1-40")}
    assert drawn == {(1, 0, 0, 1, 0), (0, 1, 1, 0, 0), (0, 1, 0, 0, 1)}  # the stored rows alone
    with pytest.raises(ParamsError, match="no attribute 'beard'"):
        faces(models, "1", attributes={"beard": 1.0})


def test_classes_are_chosen_by_number(models: Models) -> None:
    chosen = faces(models, "1", "classes", class_index=2)[0]
    np.testing.assert_array_equal(chosen.arrays["c"], [0, 0, 1, 0])
    assert len({face.arrays["c"].argmax() for face in faces(models, "1-30", "classes")}) == 4
    with pytest.raises(ParamsError, match="4 classes"):
        faces(models, "1", "classes", class_index=4)
    with pytest.raises(ParamsError, match="no classes"):
        faces(models, "1", "plain", class_index=0)


def test_every_form_of_one_generator_makes_the_same_faces(tmp_path: Path) -> None:
    forms = {
        "file": gan_file(tmp_path / "a.safetensors", "G_ema."),
        "pickle": nvidia_pickle(tmp_path / "a.pkl"),
    }
    models = {name: info_of(path, folio_recognise_model) for name, path in forms.items()}
    assert digest(faces(models, "1-3", "file")) == digest(faces(models, "1-3", "pickle"))


def test_vary_keeps_the_face_at_zero_and_leaves_it_at_one(models: Models) -> None:
    (face,) = faces(models, "5")
    given = {"face": latent(face)}

    def varied(spread: float) -> LatentOutput:
        values = {"model": "starter", "seed": 9, "spread": spread, "count": 1}
        return latents(run(SPECS["faces.vary"], values, inputs=given, models=models))[0]

    np.testing.assert_allclose(varied(0).arrays["w"], face.arrays["w"], rtol=1e-5, atol=1e-6)
    near, far = (
        float(np.abs(varied(spread).arrays["w"] - face.arrays["w"]).mean()) for spread in (0.2, 1)
    )
    assert 0 < near < far


def test_mix_takes_layers_from_the_second_face(models: Models) -> None:
    a, b = faces(models, "1, 2")
    given = {"faces": [latent(a), latent(b)]}
    values = {"model": "starter", "seed": 0, "layers": "fine"}
    (mixed,) = latents(run(SPECS["faces.mix"], values, inputs=given, models=models))
    np.testing.assert_array_equal(mixed.arrays["w"][:4], a.arrays["w"][:4])
    np.testing.assert_array_equal(mixed.arrays["w"][4:], b.arrays["w"][4:])
    by_seeds = run(SPECS["faces.mix"], {**values, "seeds": "1, 2"}, models=models)
    assert digest(by_seeds) == digest([mixed])


def test_edit_moves_chosen_layers_only_and_can_be_edited_again(models: Models) -> None:
    (face,) = faces(models, "5")
    edit = SPECS["faces.edit"]
    values = {"model": "starter", "seed": 1, "layers": "0-1", "directions": {"mouth smile": 2.0}}
    (once,) = latents(run(edit, values, inputs={"face": latent(face)}, models=models))
    assert not np.array_equal(once.arrays["w"][:2], face.arrays["w"][:2])
    np.testing.assert_array_equal(once.arrays["w"][2:], face.arrays["w"][2:])
    back = {**values, "directions": {"mouth smile": -2.0}}
    (again,) = latents(run(edit, back, inputs={"face": latent(once)}, models=models))
    np.testing.assert_allclose(again.arrays["w"], face.arrays["w"], atol=1e-5)


def test_edit_refuses_a_direction_the_model_does_not_have(models: Models) -> None:
    values = {"model": "starter", "seed": 1, "directions": {"moustache": 1.0}}
    with pytest.raises(ParamsError, match="no direction 'moustache'"):
        run(SPECS["faces.edit"], values, models=models)


@pytest.mark.parametrize("space", ["w", "z"])
def test_between_begins_and_ends_with_the_faces_themselves(models: Models, space: str) -> None:
    a, b = faces(models, "1, 2")
    given = {"faces": [latent(a), latent(b)]}
    values = {"model": "starter", "seed": 0, "steps": 3, "space": space}
    way = latents(run(SPECS["faces.between"], values, inputs=given, models=models))
    assert len(way) == 5
    np.testing.assert_array_equal(way[0].pixels, a.pixels)
    np.testing.assert_array_equal(way[-1].pixels, b.pixels)
    steps = [float(np.abs(way[i + 1].arrays["w"] - way[i].arrays["w"]).mean()) for i in range(4)]
    assert max(steps) < 3 * min(steps)


def test_between_through_z_refuses_edited_faces(models: Models) -> None:
    a, b = faces(models, "1, 2")
    edited = Latent({"w": a.arrays["w"]}, a.layout)
    given = {"faces": [edited, latent(b)]}
    values = {"model": "starter", "seed": 0, "steps": 1, "space": "z"}
    with pytest.raises(StudioError, match="has no z"):
        run(SPECS["faces.between"], values, inputs=given, models=models)


@pytest.mark.parametrize("name", ["mp4", "gif", "webp", "png"])
def test_walk_writes_a_film_of_the_right_length(models: Models, name: str, tmp_path: Path) -> None:
    ctx = InlineContext(tmp_path, seed=3, models=models)
    values = {"model": "starter", "seed": 3, "count": 3, "frames": 2, "format": name}
    (film,) = run(SPECS["faces.walk"], values, ctx=ctx)
    assert isinstance(film, FileOutput)
    assert film.extras["frames"] == 6  # closed: three legs of two
    assert film.path.stat().st_size > 100


@pytest.mark.parametrize("name", ["mp4", "gif", "webp", "png"])
@pytest.mark.parametrize("at", [3, 9, 14])
def test_cancelled_walk_leaves_no_file(models: Models, name: str, at: int, tmp_path: Path) -> None:
    ctx = InlineContext(tmp_path, seed=3, models=models, cancel_at=at)
    values = {"model": "starter", "seed": 3, "count": 3, "frames": 4, "format": name}
    with pytest.raises(Cancelled):
        run(SPECS["faces.walk"], values, ctx=ctx)
    assert [file for file in tmp_path.rglob("*") if file.is_file()] == []


def test_face_of_another_model_is_refused(models: Models) -> None:
    (face,) = faces(models, "1", "plain")
    values = {"model": "starter", "seed": 0}
    given = {"face": latent(face, models["plain"])}
    with pytest.raises(ParamsError, match="another model"):
        run(SPECS["faces.vary"], values, inputs=given, models=models)
    given = {"face": Latent({"w": np.zeros((9, 9), np.float32)}, "stylegan2.w")}
    with pytest.raises(ParamsError, match="6 × 16"):
        run(SPECS["faces.vary"], values, inputs=given, models=models)


@pytest.mark.parametrize(
    ("generator", "values", "words"),
    [
        ("faces.sample", {"seeds": "one"}, "numbers and ranges"),
        ("faces.sample", {"seeds": "1-999999"}, "at most 256"),
        ("faces.edit", {"layers": "upper"}, "coarse"),
        ("faces.mix", {"seeds": "4"}, "at least two"),
        ("faces.walk", {"seeds": "4"}, "at least two"),
        ("faces.name_direction", {"name": "a=b", "directions": {"PCA 1": 1}}, "without"),
        ("faces.name_direction", {"name": "a"}, "no direction yet"),
        ("faces.edit", {"directions": {"PCA 1": 99}}, "99"),
    ],
)
def test_params_say_what_is_wrong(generator: str, values: dict[str, Any], words: str) -> None:
    with pytest.raises(ValidationError, match=words):
        SPECS[generator].params.model_validate(values)


def test_layers_the_model_does_not_have_are_refused(models: Models) -> None:
    with pytest.raises(ParamsError, match="no such layers"):
        run(SPECS["faces.mix"], {"model": "plain", "layers": "12-17", "seed": 1}, models=models)


def test_stopping_keeps_the_faces_made_so_far(models: Models, tmp_path: Path) -> None:
    ctx = InlineContext(tmp_path, seed=1, models=models, stop_at=8)
    made = latents(run(SPECS["faces.sample"], {"model": "plain", "count": 40}, ctx=ctx))
    assert 0 < len(made) < 40


def test_not_finite_weights_are_refused_by_name(tmp_path: Path) -> None:
    from safetensors.numpy import load_file, save_file

    path = gan_file(tmp_path / "a.safetensors")
    tensors = load_file(path)
    tensors["synthesis.b8.conv0.weight"][0, 0, 0, 0] = np.nan
    save_file(tensors, path)
    broken = {"broken": info_of(path, folio_recognise_model)}
    with pytest.raises(ModelError, match=r"synthesis\.b8\.conv0\.weight has values"):
        faces(broken, "1", "broken")


def test_decoder_that_lacks_weights_is_refused(tmp_path: Path) -> None:
    from safetensors.numpy import load_file, save_file

    folder = gan_folder(tmp_path / "gan")
    file = folder / "decoder" / "diffusion_pytorch_model.safetensors"
    tensors = load_file(file)
    del tensors["decoder.conv_out.weight"]
    save_file(tensors, file, {"format": "pt"})
    broken = {"broken": info_of(folder, folio_recognise_model)}
    with pytest.raises(ModelError, match="decoder"):
        faces(broken, "1", "broken")


def test_cancel_while_loading_is_obeyed(models: Models, tmp_path: Path) -> None:
    ctx = InlineContext(tmp_path, models=models, cancel_at=2)
    with pytest.raises(Cancelled):
        run(SPECS["faces.sample"], {"model": "starter"}, ctx=ctx)
    assert ctx.loaded == {}
