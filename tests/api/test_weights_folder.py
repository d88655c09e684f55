"""A folder of weights: which files count, what its config and card say, and what contradicts."""

from __future__ import annotations

import json
import pickle
from pathlib import Path

import pytest

from studio.api import ModelError
from studio.api.weights import (
    ModelCard,
    check_config,
    folder_weights,
    read_card,
    read_config,
)
from tests.support.weights_files import write_safetensors


@pytest.mark.parametrize(
    ("names", "variant", "taken"),
    [
        (["model.safetensors", "model.fp16.safetensors"], None, ["model.safetensors"]),
        (["model.bf16.safetensors", "model.fp16.safetensors"], "fp16", ["model.fp16.safetensors"]),
        (["model.bf16.safetensors"], "bf16", ["model.bf16.safetensors"]),
        (
            [
                "diffusion_pytorch_model-00001-of-00002.safetensors",
                "diffusion_pytorch_model-00002-of-00002.safetensors",
                "other.safetensors",
            ],
            None,
            [
                "diffusion_pytorch_model-00001-of-00002.safetensors",
                "diffusion_pytorch_model-00002-of-00002.safetensors",
            ],
        ),
    ],
)
def test_files_of_one_variant_count(
    names: list[str], variant: str | None, taken: list[str], tmp_path: Path
) -> None:
    for name in names:
        write_safetensors(tmp_path / name)
    weights = folder_weights(tmp_path, "This VAE")
    assert weights.variant == variant
    assert [file.name for file in weights.files] == taken
    assert weights.tensors()


def _list(folder: Path, name: str, *files: str) -> None:
    weights = {f"tensor {number}": file for number, file in enumerate(files)}
    (folder / name).write_text(json.dumps({"weight_map": weights}))


@pytest.mark.parametrize(
    "name",
    [
        "model.safetensors.index.json",
        "diffusion_pytorch_model.safetensors.index.fp16.json",
        "diffusion_pytorch_model.fp16.safetensors.index.json",
    ],
)
def test_listed_files_must_all_be_there(name: str, tmp_path: Path) -> None:
    variant = "fp16" if "fp16" in name else None
    stem = name.partition(".")[0] + (f".{variant}" if variant else "")
    names = [f"{stem}-0000{number}-of-00005.safetensors" for number in range(1, 6)]
    _list(tmp_path, name, *names, names[0])
    with pytest.raises(ModelError, match=r"missing: .*-00001-of-00005.* and 2 more") as refused:
        folder_weights(tmp_path, "This model", where=tmp_path.parent)
    assert refused.value.where == str(tmp_path.parent)
    for file in names:
        write_safetensors(tmp_path / file)
    weights = folder_weights(tmp_path, "This model")
    assert [file.name for file in weights.files] == names
    assert weights.variant == variant
    assert weights.parameters == sum(fact.elements for fact in weights.tensors().values()) * 5


def test_a_whole_file_counts_before_a_list_and_a_list_names_files_beside_it(tmp_path: Path) -> None:
    _list(tmp_path, "model.safetensors.index.json", "../model.safetensors")
    with pytest.raises(ModelError, match="list of its weights"):
        folder_weights(tmp_path, "This model")
    write_safetensors(tmp_path / "model.safetensors")
    files = folder_weights(tmp_path, "This model").files
    assert [file.name for file in files] == ["model.safetensors"]


def test_pickles_and_nothing_are_refused_by_name(tmp_path: Path) -> None:
    part = tmp_path / "unet"
    part.mkdir()
    with pytest.raises(ModelError, match=r"The part 'unet' has no weights") as refused:
        folder_weights(part, "The part 'unet'", where=tmp_path)
    assert refused.value.where == str(tmp_path)
    (part / "model.bin").write_bytes(pickle.dumps([1]))
    with pytest.raises(ModelError, match=r"only as pickles"):
        folder_weights(part, "The part 'unet'", where=tmp_path)


def test_config_is_a_table_or_nothing_or_refused(tmp_path: Path) -> None:
    file = tmp_path / "config.json"
    assert read_config(file) is None
    file.write_text("[1]")
    assert read_config(file) is None
    file.write_text('{"a": 1}')
    assert read_config(file) == {"a": 1}
    for broken in ("{", "[" * 100_000, "\udcff"):
        file.write_text(broken, encoding="utf-8", errors="surrogateescape")
        with pytest.raises(ModelError, match=r"config.json can't be read"):
            read_config(file)


def test_card_says_licence_and_limits(tmp_path: Path) -> None:
    assert read_card(tmp_path) == ModelCard()
    (tmp_path / "README.md").write_text("---\nlicense: mit\n---\n# A\nLimits: faces only.\nMore.\n")
    assert read_card(tmp_path) == ModelCard("mit", ("Limits: faces only.",))
    (tmp_path / "README.md").write_bytes(b"\xff\xfe\xff")
    assert read_card(tmp_path) == ModelCard()


def test_config_that_contradicts_its_weights_is_named(tmp_path: Path) -> None:
    found: dict[str, tuple[object, object]] = {"in_channels": (3, 3), "latent_channels": (4, 8)}
    check_config(tmp_path, {"latent_channels": 8}, found)
    with pytest.raises(ModelError, match=r"latent_channels is 4, its weights say 8"):
        check_config(tmp_path, {}, found)
