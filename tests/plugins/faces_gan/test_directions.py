"""Directions: found in the model, cached, named by the person, saved, shared and listed as sliders."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from studio.api import (
    Cancelled,
    GeneratorSpec,
    ImageOutput,
    Latent,
    LatentOutput,
    ModelError,
    ModelInfo,
    StorageError,
)
from studio.api.testing import InlineContext, InlineLoading, run
from studio_plugins.faces_gan import folio_generators, folio_recognise_model, folio_sliders
from studio_plugins.faces_gan.config import GanConfig
from studio_plugins.faces_gan.direction_files import (
    add_direction,
    read_directions,
    write_tensors,
)
from studio_plugins.faces_gan.directions import directions_of, pca, sefa
from studio_plugins.faces_gan.loading import load_faces
from tests.support.tiny_gan import TINY, gan_file, gan_folder
from tests.support.tiny_language import info_of

SPECS: dict[str, GeneratorSpec[Any]] = {spec.id: spec for spec in folio_generators()}
CONFIG = GanConfig(**TINY)
UP = np.ones(16, np.float32)


@pytest.fixture
def plain(tmp_path: Path) -> ModelInfo:
    return known(gan_file(tmp_path / "models" / "plain.safetensors"))


def known(path: Path, **changes: Any) -> ModelInfo:
    info: ModelInfo = info_of(path, folio_recognise_model)
    return info.model_copy(update={"content_hash": path.name.ljust(64, "0"), **changes})


@pytest.fixture(autouse=True)
def _models(tmp_path: Path) -> None:
    (tmp_path / "models").mkdir()


def own_folder(info: ModelInfo) -> Path:
    """The plugin's own folder in a test, beside the folder of models."""
    return info.path.parents[1] / "own"


def nothing() -> None:
    pass


def names(info: ModelInfo, source: str = "directions") -> list[str]:
    listed = folio_sliders(info, source, own_folder(info))
    assert listed is not None
    return [slider.name for slider in listed]


def test_pca_finds_the_directions_that_vary_most_in_deviations() -> None:
    random = np.random.default_rng(0)
    axes = np.linalg.qr(random.normal(size=(16, 16)))[0]
    w = (random.normal(size=(4000, 16)) * np.linspace(8, 0.5, 16)) @ axes.T + 3
    found = pca(w.astype(np.float32))
    assert list(found) == [f"PCA {n}" for n in range(1, 11)]
    first = found["PCA 1"]
    assert abs(float(first @ axes[:, 0])) == pytest.approx(8, rel=0.05)
    assert first[np.abs(first).argmax()] > 0
    assert abs(float(found["PCA 2"] @ first)) < 1e-3


def test_sefa_finds_the_direction_that_the_layers_react_to_most() -> None:
    axis = np.zeros(16)
    axis[5] = 1
    random = np.random.default_rng(1)
    weights = random.normal(size=(200, 1)) * axis + 0.05 * random.normal(size=(200, 16))
    w = random.normal(size=(1000, 16)) * 2
    found = sefa(weights.astype(np.float32), w.astype(np.float32))
    assert found["SeFa 1"].argmax() == 5
    assert found["SeFa 1"][5] == pytest.approx(2, rel=0.1)


def test_found_directions_are_cached_and_a_damaged_cache_is_made_again(
    plain: ModelInfo, tmp_path: Path
) -> None:
    model = load_faces(InlineLoading(plain, tmp_path / "cache")).value
    checks = []
    first = directions_of(model, plain, own_folder(plain), {"PCA 1": 1}, lambda: checks.append(1))
    (cached,) = (tmp_path / "cache").iterdir()
    made = len(checks)
    model = load_faces(InlineLoading(plain, tmp_path / "cache")).value
    again = directions_of(model, plain, own_folder(plain), {"PCA 1": 1}, lambda: checks.append(1))
    assert len(checks) == made
    cached.write_bytes(b"no safetensors")
    model = load_faces(InlineLoading(plain, tmp_path / "cache")).value
    repaired = directions_of(model, plain, own_folder(plain), {"PCA 1": 1}, nothing)
    for other in (again, repaired):
        assert set(first) == set(other)
        for name in first:
            np.testing.assert_array_equal(first[name], other[name])


def test_cancel_while_directions_are_computed_leaves_no_cache(
    plain: ModelInfo, tmp_path: Path
) -> None:
    model = load_faces(InlineLoading(plain, tmp_path / "cache")).value
    calls = []

    def cancel() -> None:
        calls.append(1)
        if len(calls) == 7:
            raise Cancelled

    with pytest.raises(Cancelled):
        directions_of(model, plain, own_folder(plain), {"PCA 1": 1}, cancel)
    assert not (tmp_path / "cache").exists()


def test_attribute_directions_lead_to_the_faces_that_have_it(tmp_path: Path) -> None:
    info = known(gan_folder(tmp_path / "models" / "gan", decoder=None, attributes=True))
    model = load_faces(InlineLoading(info, tmp_path / "cache")).value
    found = directions_of(model, info, own_folder(info), {"mouth smile": 1}, nothing)
    assert {"hair long", "hair short", "mouth smile", "mouth sad", "mouth open"} <= set(found)
    # What the data has three quarters of is nearer to the average than what it has a quarter of.
    assert np.linalg.norm(found["hair long"]) < np.linalg.norm(found["hair short"])
    assert float(found["hair long"] @ found["hair short"]) < 0


def test_every_slider_of_a_model_can_be_used(tmp_path: Path) -> None:
    info = known(gan_folder(tmp_path / "models" / "gan", decoder=None, attributes=True))
    add_direction(info, CONFIG, own_folder(info), "mine", UP)
    model = load_faces(InlineLoading(info, tmp_path / "cache")).value
    assert set(names(info)) == set(
        directions_of(model, info, own_folder(info), {"PCA 1": 1}, nothing)
    )
    assert names(info)[0] == "mine"
    assert len(set(names(info))) == len(names(info))
    assert names(info, "attributes") == [
        "hair long", "hair short", "mouth smile", "mouth sad", "mouth open",
    ]  # fmt: skip
    assert folio_sliders(info, "loras", own_folder(info)) is None
    other = info.model_copy(update={"facts": info.facts.model_copy(update={"family": "vae"})})
    assert folio_sliders(other, "directions", own_folder(other)) is None


def test_named_direction_lies_beside_the_model_and_can_be_replaced(plain: ModelInfo) -> None:
    place = add_direction(plain, CONFIG, own_folder(plain), "  wide   smile ", UP)
    assert place == plain.path.with_name("plain.directions.safetensors")
    assert names(plain)[0] == "wide smile"
    add_direction(plain, CONFIG, own_folder(plain), "older", UP * 2)
    add_direction(plain, CONFIG, own_folder(plain), "wide smile", UP * 3)
    read = read_directions(plain, CONFIG, own_folder(plain))
    assert set(read) == {"wide smile", "older"}
    np.testing.assert_array_equal(read["wide smile"], UP * 3)
    assert {f.name for f in plain.path.parent.iterdir()} == {plain.path.name, place.name}


def test_folder_is_not_changed_by_a_named_direction(tmp_path: Path) -> None:
    folder = gan_folder(tmp_path / "models" / "gan", decoder=None)
    before = sorted(file.name for file in folder.iterdir())
    place = add_direction(known(folder), CONFIG, tmp_path / "own", "mine", UP)
    assert sorted(file.name for file in folder.iterdir()) == before
    assert place.parent == folder.parent


def test_directions_of_a_starter_and_of_a_read_only_folder_go_to_the_persons_folder(
    plain: ModelInfo, monkeypatch: pytest.MonkeyPatch
) -> None:
    starter = plain.model_copy(update={"starter": True})
    place = add_direction(starter, CONFIG, own_folder(starter), "mine", UP)
    assert place.parent == own_folder(plain)
    assert names(starter)[0] == "mine"
    beside = plain.path.with_name("plain.directions.safetensors")
    real = Path.replace

    def refuse(self: Path, target: Path) -> Path:
        if Path(target).parent == plain.path.parent:
            raise PermissionError(13, "Permission denied")
        return real(self, target)

    monkeypatch.setattr(Path, "replace", refuse)
    assert add_direction(plain, CONFIG, own_folder(plain), "other", UP).parent == own_folder(plain)
    assert {"mine", "other"} <= set(names(plain))
    assert not beside.exists()
    monkeypatch.setattr(Path, "replace", lambda self, target: refuse(self, plain.path))
    with pytest.raises(StorageError, match="Permission denied"):
        add_direction(plain, CONFIG, own_folder(plain), "third", UP)
    assert not list(own_folder(plain).glob(".*"))


def test_shared_file_is_found_for_its_own_model_only(plain: ModelInfo, tmp_path: Path) -> None:
    file = add_direction(plain, CONFIG, own_folder(plain), "shared", UP)
    own_folder(plain).mkdir(parents=True)
    shutil.move(file, own_folder(plain) / "from-a-friend.safetensors")
    assert "shared" in names(plain)
    stranger = known(gan_file(tmp_path / "models" / "other.safetensors"))
    assert "shared" not in names(stranger)
    (own_folder(plain) / "broken.safetensors").write_bytes(b"nothing")
    assert "shared" in names(plain)


def test_directions_that_do_not_fit_are_named(plain: ModelInfo) -> None:
    file = plain.path.with_name("plain.directions.safetensors")
    write_tensors(file, {"odd": np.ones(9, np.float32)}, {})
    with pytest.raises(ModelError, match="'odd' is of the shape"):
        names(plain)
    write_tensors(file, {"infinite": UP * np.float32(np.inf)}, {})
    with pytest.raises(ModelError, match="'infinite' has values"):
        read_directions(plain, CONFIG, own_folder(plain))
    file.write_bytes(file.read_bytes()[:-8])
    with pytest.raises(ModelError, match="cut short"):
        names(plain)


def test_what_two_faces_differ_by_becomes_a_slider(plain: ModelInfo, tmp_path: Path) -> None:
    models = {"plain": plain}
    made = run(SPECS["faces.sample"], {"model": "plain", "seeds": "1, 2"}, models=models)
    a, b = (Latent(face.arrays, face.layout) for face in made if isinstance(face, LatentOutput))
    values = {"model": "plain", "name": "from 1 to 2", "seed": 0}
    (shown,) = run(
        SPECS["faces.name_direction"], values, inputs={"start": a, "end": b}, models=models
    )
    assert isinstance(shown, ImageOutput)
    assert shown.pixels.shape == (16, 80, 4)
    assert shown.extras["file"] == "plain.directions.safetensors"
    edited = {"model": "plain", "directions": {"from 1 to 2": 1.0}, "seed": 0}
    (face,) = run(SPECS["faces.edit"], edited, inputs={"face": a}, models=models)
    assert isinstance(face, LatentOutput)
    np.testing.assert_allclose(face.arrays["w"], b.arrays["w"], atol=1e-5)


@pytest.mark.parametrize("at", range(1, 10))
def test_cancelled_naming_changes_nothing(plain: ModelInfo, tmp_path: Path, at: int) -> None:
    add_direction(plain, CONFIG, own_folder(plain), "base", UP)
    file = plain.path.with_name("plain.directions.safetensors")
    before = file.read_bytes()
    ctx = InlineContext(tmp_path, models={"plain": plain}, cancel_at=at)
    values = {"model": "plain", "name": "new", "directions": {"base": 1.0}}
    with pytest.raises(Cancelled):
        run(SPECS["faces.name_direction"], values, ctx=ctx)
    assert file.read_bytes() == before
