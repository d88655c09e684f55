"""A picture's face is found by gradients, also within inference mode; cancels, stops, says how near it is."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from studio.api import Cancelled, GeneratorSpec, Latent, LatentOutput, ModelInfo
from studio.api.testing import InlineContext, InlineLoading, run
from studio_plugins.faces_gan import folio_generators, folio_recognise_model
from studio_plugins.faces_gan.loading import FaceModel, load_discriminator, load_faces
from studio_plugins.faces_gan.pictures import fitted
from studio_plugins.faces_gan.projecting import Distance, Progress, project
from tests.support.tiny_gan import gan_file, gan_folder, nvidia_pickle
from tests.support.tiny_language import info_of

SPECS: dict[str, GeneratorSpec[Any]] = {spec.id: spec for spec in folio_generators()}
PROJECT = SPECS["faces.project"]


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> dict[str, ModelInfo]:
    root = tmp_path_factory.mktemp("models")
    paths = {
        "starter": gan_folder(root / "starter", attributes=True),
        "plain": gan_file(root / "plain.safetensors"),
        "critical": nvidia_pickle(root / "critical.pkl"),
        "grey": gan_file(root / "grey.safetensors", img_channels=1),
    }
    return {name: info_of(path, folio_recognise_model) for name, path in paths.items()}


def target(models: dict[str, ModelInfo], name: str) -> LatentOutput:
    values = {"model": name, "seeds": "77", "truncation_psi": 0.8}
    (face,) = run(SPECS["faces.sample"], values, models=models)
    assert isinstance(face, LatentOutput)
    return face


def difference(a: Any, b: Any) -> float:
    return float(np.abs(a.astype(float) - b.astype(float)).mean())


@pytest.mark.parametrize("name", ["plain", "critical", "grey"])
def test_face_the_model_made_itself_is_found_again(models: dict[str, ModelInfo], name: str) -> None:
    wanted = target(models, name)
    values = {"model": name, "steps": 120, "seed": 1}
    (found,) = run(PROJECT, values, inputs={"picture": wanted.pixels}, models=models)
    assert isinstance(found, LatentOutput)
    average = run(SPECS["faces.sample"], {"model": name, "truncation_psi": 0}, models=models)[0]
    assert isinstance(average, LatentOutput)
    before = difference(average.pixels, wanted.pixels)
    assert difference(found.pixels, wanted.pixels) < 0.2 * before
    # And it can be edited then.
    given = {"face": Latent(found.arrays, found.layout)}
    edited = run(SPECS["faces.edit"], {"model": name, "seed": 0}, inputs=given, models=models)[0]
    assert isinstance(edited, LatentOutput)
    np.testing.assert_array_equal(edited.pixels, found.pixels)


def test_distance_falls_through_an_autoencoder_too(
    models: dict[str, ModelInfo], tmp_path: Path
) -> None:
    """By the distance alone: an untrained encoder is no inverse of its decoder."""
    model = loaded(models, "starter", tmp_path)
    distance = Distance(model, None, fitted(target(models, "starter").pixels, model.size_px))
    told: list[float] = []

    def note(now: Progress) -> bool:
        told.append(now.distance)
        return True

    best = project(model, distance, 1, 60, 60, note)
    assert best.distance < 0.7 * told[0]


def test_gradients_are_found_within_the_engines_inference_mode(
    models: dict[str, ModelInfo],
) -> None:
    import torch

    picture = target(models, "starter").pixels
    values = {"model": "starter", "steps": 5, "seed": 1}
    (outside,) = run(PROJECT, values, inputs={"picture": picture}, models=models)
    with torch.inference_mode():
        (within,) = run(PROJECT, values, inputs={"picture": picture}, models=models)
    assert isinstance(outside, LatentOutput)
    assert isinstance(within, LatentOutput)
    np.testing.assert_array_equal(outside.arrays["w"], within.arrays["w"])


@pytest.mark.parametrize("at", [1, 3, 6, 9])
def test_cancel_in_any_phase_is_obeyed(
    models: dict[str, ModelInfo], at: int, tmp_path: Path
) -> None:
    ctx = InlineContext(tmp_path, models=models, cancel_at=at)
    picture = np.zeros((4, 4, 4), np.uint8)
    with pytest.raises(Cancelled):
        run(PROJECT, {"model": "plain", "steps": 30}, inputs={"picture": picture}, ctx=ctx)
    assert not [file for file in tmp_path.rglob("*") if file.is_file()]


def test_stopping_keeps_the_best_so_far(models: dict[str, ModelInfo], tmp_path: Path) -> None:
    ctx = InlineContext(tmp_path, models=models, stop_at=14)
    picture = target(models, "plain").pixels
    (found,) = run(PROJECT, {"model": "plain", "steps": 500}, inputs={"picture": picture}, ctx=ctx)
    assert isinstance(found, LatentOutput)
    assert max(step for step, _, _ in ctx.steps) < 20
    assert len(ctx.previews) > 3


def loaded(models: dict[str, ModelInfo], name: str, folder: Path) -> FaceModel:
    model: FaceModel = load_faces(InlineLoading(models[name], folder)).value
    return model


def test_best_never_gets_worse_and_no_gain_ends_early(
    models: dict[str, ModelInfo], tmp_path: Path
) -> None:
    model = loaded(models, "plain", tmp_path)
    distance = Distance(model, None, fitted(target(models, "plain").pixels, 16))
    told: list[Progress] = []

    def note(now: Progress) -> bool:
        told.append(now)
        return True

    best = project(model, distance, 3, 400, 15, note)
    nearness = [now.distance for now in told]
    assert nearness == sorted(nearness, reverse=True)
    assert best.distance == nearness[-1]
    assert len(told) < 400


@pytest.mark.parametrize("name", ["starter", "plain", "critical"])
def test_distance_is_least_for_the_same_picture(
    models: dict[str, ModelInfo], name: str, tmp_path: Path
) -> None:
    import torch

    model = loaded(models, name, tmp_path)
    critic = load_discriminator(InlineLoading(models[name], tmp_path)).value
    assert (critic is not None) == (name == "critical")
    faces = [
        model.generator.synthesis(torch.tensor(model.map(z, c))[:, None].expand(1, 6, 16))
        for z, c in (
            (
                np.random.RandomState(seed).randn(1, 12).astype(np.float32),
                np.eye(5, dtype=np.float32)[:1] if model.config.c_dim else None,
            )
            for seed in range(3)
        )
    ]
    pixels = model.decode(faces[0])[0].permute(1, 2, 0).numpy().clip(-1, 1)
    distance = Distance(model, critic, pixels)
    same, *others = (float(distance(face)) for face in faces)
    assert same < (0.8 if name == "starter" else 0.1) * min(others)


@pytest.mark.parametrize(("height", "width"), [(1, 1), (3, 700), (64, 64)])
def test_pictures_of_any_size_are_taken(
    models: dict[str, ModelInfo], height: int, width: int
) -> None:
    picture = np.full((height, width, 4), 200, np.uint8)
    made = run(PROJECT, {"model": "plain", "steps": 2}, inputs={"picture": picture}, models=models)
    assert isinstance(made[0], LatentOutput)
