"""PEFT adapters on a transformers model: the text of a merged model, switched, refused in words."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from studio.api import ModelError, ModelInfo, ParamsError, TextOutput
from studio.api.testing import InlineContext, run
from studio_plugins.llm_writer import folio_generators
from studio_plugins.llm_writer.llama_engine import LlamaModel
from studio_plugins.llm_writer.lora import FAMILY, scale_of
from studio_plugins.llm_writer.recognise import recognise
from tests.support.tiny_language import info_of, tiny_model

CONTINUE = folio_generators()[0]
LAYERS = {"model.layers.0.self_attn.q_proj": 32, "model.layers.1.mlp.down_proj": 64}
RANK, ALPHA = 4, 12


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny_model(tmp_path_factory.mktemp("base") / "llama", spread=0.3)


@pytest.fixture(scope="module")
def adapter(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A LoRA as PEFT saves it, with weights large enough to be seen."""
    import safetensors.torch
    import torch

    folder = tmp_path_factory.mktemp("adapter") / "calm"
    folder.mkdir()
    generator = torch.Generator().manual_seed(5)
    weights = {}
    for layer, width in LAYERS.items():
        name = f"base_model.model.{layer}"
        weights[f"{name}.lora_A.weight"] = torch.randn(RANK, width, generator=generator) * 0.3
        weights[f"{name}.lora_B.weight"] = torch.randn(32, RANK, generator=generator) * 0.3
    safetensors.torch.save_file(weights, folder / "adapter_model.safetensors")
    config = {
        "peft_type": "LORA",
        "r": RANK,
        "lora_alpha": ALPHA,
        "base_model_name_or_path": "tiny",
    }
    (folder / "adapter_config.json").write_text(json.dumps(config))
    return folder


@pytest.fixture(scope="module")
def merged(base: Path, adapter: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    import safetensors.torch

    folder = tmp_path_factory.mktemp("merged") / "llama"
    shutil.copytree(base, folder)
    weights = safetensors.torch.load_file(folder / "model.safetensors")
    low = safetensors.torch.load_file(adapter / "adapter_model.safetensors")
    for layer in LAYERS:
        down, up = (low[f"base_model.model.{layer}.lora_{part}.weight"] for part in "AB")
        weights[f"{layer}.weight"] += ALPHA / RANK * (up @ down)
    safetensors.torch.save_file(weights, folder / "model.safetensors", {"format": "pt"})
    return folder


def _info(path: Path, name: str) -> ModelInfo:
    return info_of(path, recognise).model_copy(update={"id": name})


def _write(ctx: InlineContext, **values: Any) -> str:
    given = {"text": "The keeper", "model": "tiny", "temperature": 0, "max_new_tokens": 20}
    output = run(CONTINUE, {**given, **values}, ctx=ctx)[-1]
    assert isinstance(output, TextOutput)
    return output.text


def test_adapter_writes_what_a_merged_model_writes_and_comes_off_again(
    base: Path, adapter: Path, merged: Path, tmp_path: Path
) -> None:
    models = {
        "tiny": _info(base, "tiny"), "calm": _info(adapter, "calm"), "merged": _info(merged, "merged"),
    }  # fmt: skip
    assert models["calm"].facts.family == FAMILY
    ctx = InlineContext(tmp_path, models=models)
    plain = _write(ctx)
    adapted = _write(ctx, adapter="calm")
    assert adapted == _write(ctx, model="merged")
    assert adapted != plain
    assert _write(ctx, adapter="calm", adapter_strength=0) == plain
    assert _write(ctx, adapter="calm", adapter_strength=2) not in (plain, adapted)
    assert _write(ctx, adapter=None) == plain


def test_adapter_of_another_model_is_refused_and_leaves_nothing(
    adapter: Path, tmp_path: Path
) -> None:
    other = tiny_model(tmp_path / "gpt2", "gpt2", spread=0.3)
    models = {"tiny": _info(other, "tiny"), "calm": _info(adapter, "calm")}
    ctx = InlineContext(tmp_path, models=models)
    plain = _write(ctx)
    with pytest.raises(ModelError, match="for another model"):
        _write(ctx, adapter="calm")
    assert _write(ctx) == plain


def test_llama_refuses_an_adapter_with_a_way_out() -> None:
    with pytest.raises(ParamsError, match="PEFT") as caught:
        LlamaModel.put_adapter_on(LlamaModel.__new__(LlamaModel), Path("a"), 1)
    assert caught.value.where == "adapter"


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"peft_type": "IA3"}, "has IA3"),
        ({"use_dora": True}, "has use_dora"),
        ({"bias": "all"}, "has bias"),
    ],
)
def test_other_kinds_are_refused_by_name(
    change: dict[str, Any], words: str, adapter: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "a"
    shutil.copytree(adapter, folder)
    config = json.loads((folder / "adapter_config.json").read_text())
    (folder / "adapter_config.json").write_text(json.dumps({**config, **change}))
    with pytest.raises(ModelError, match=words):
        recognise(folder)


def test_scale_follows_the_adapters_own_rules() -> None:
    assert scale_of({"lora_alpha": 16}, "a.q_proj", 8) == 2
    assert scale_of({"lora_alpha": 16, "use_rslora": True}, "a.q_proj", 16) == 4
    config = {"lora_alpha": 16, "alpha_pattern": {"q_proj": 8}}
    assert scale_of(config, "a.q_proj", 8) == 1
    assert scale_of(config, "a.k_proj", 8) == 2
