"""Writes a pipeline as the single-file checkpoints people bring, in the published names of its tensors.

The names are those of CompVis' latent-diffusion and of OpenCLIP; only facts of the formats.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any, Literal

Family = Literal["sd1", "sd2", "sdxl"]

_UNET = "model.diffusion_model."
_VAE = "first_stage_model."
_UNET_WHOLE = {
    "time_embedding.linear_1": "time_embed.0", "time_embedding.linear_2": "time_embed.2",
    "add_embedding.linear_1": "label_emb.0.0", "add_embedding.linear_2": "label_emb.0.2",
    "conv_in": "input_blocks.0.0", "conv_norm_out": "out.0", "conv_out": "out.2",
}  # fmt: skip
_UNET_RESNET = {
    "norm1": "in_layers.0", "conv1": "in_layers.2", "time_emb_proj": "emb_layers.1",
    "norm2": "out_layers.0", "conv2": "out_layers.3", "conv_shortcut": "skip_connection",
}  # fmt: skip
_VAE_ATTENTION = {
    "group_norm": "norm", "to_q": "q", "to_k": "k", "to_v": "v", "to_out.0": "proj_out",
}  # fmt: skip
_OPENCLIP_LAYER = {
    "layer_norm1": "ln_1", "layer_norm2": "ln_2", "mlp.fc1": "mlp.c_fc", "mlp.fc2": "mlp.c_proj",
    "self_attn.out_proj": "attn.out_proj",
}  # fmt: skip
_OPENCLIP_WHOLE = {
    "embeddings.token_embedding.weight": "token_embedding.weight",
    "embeddings.position_embedding.weight": "positional_embedding",
    "final_layer_norm.weight": "ln_final.weight", "final_layer_norm.bias": "ln_final.bias",
}  # fmt: skip


def checkpoint_tensors(parts: Mapping[str, Any], family: Family) -> dict[str, Any]:
    """Every tensor of unet, vae and the text encoder(s), under its published name."""
    tensors: dict[str, Any] = {}
    unet, vae = parts["unet"], parts["vae"]
    unet_state = unet.state_dict()
    for name, value in unet_state.items():
        tensors[_UNET + _unet_name(name, unet.config.layers_per_block, unet_state)] = value
    for name, value in vae.state_dict().items():
        published = _vae_name(name, len(vae.config.block_out_channels))
        # The published attention is a 1 × 1 convolution.
        conv = ".attn_1." in published and published.endswith("weight") and value.ndim == 2
        tensors[_VAE + published] = value[:, :, None, None] if conv else value
    for name, prefix in {
        "sd1": {"text_encoder": "cond_stage_model.transformer."},
        "sd2": {"text_encoder": "cond_stage_model.model."},
        "sdxl": {
            "text_encoder": "conditioner.embedders.0.transformer.",
            "text_encoder_2": "conditioner.embedders.1.model.",
        },
    }[family].items():
        state = {k.removeprefix("text_model."): v for k, v in parts[name].state_dict().items()}
        if prefix.endswith("transformer."):
            tensors |= {f"{prefix}text_model.{key}": value for key, value in state.items()}
        else:
            tensors |= {prefix + key: value for key, value in _openclip(state).items()}
    return tensors


def write_checkpoint(
    path: Path,
    parts: Mapping[str, Any],
    family: Family,
    *,
    metadata: dict[str, str] | None = None,
    more: Mapping[str, Any] | None = None,
) -> Path:
    from safetensors.torch import save_file

    tensors = {
        name: value.contiguous() for name, value in checkpoint_tensors(parts, family).items()
    }
    save_file(tensors | dict(more or {}), path, metadata=metadata)
    return path


def _unet_name(name: str, layers: int, state: Collection[str]) -> str:
    for ours, theirs in _UNET_WHOLE.items():
        if name.startswith(f"{ours}."):
            return theirs + name.removeprefix(ours)
    way, *rest = name.split(".")
    if way == "mid_block":
        kind, index, tail = rest[0], int(rest[1]), ".".join(rest[2:])
        place = "middle_block.1" if kind == "attentions" else f"middle_block.{2 * index}"
        return f"{place}.{tail if kind == 'attentions' else _renamed(tail, _UNET_RESNET)}"
    block, kind, index, tail = int(rest[0]), rest[1], int(rest[2]), ".".join(rest[3:])
    down = way == "down_blocks"
    side = "input_blocks" if down else "output_blocks"
    if kind == "downsamplers":
        return f"{side}.{(block + 1) * (layers + 1)}.0.{tail.replace('conv', 'op', 1)}"
    if kind == "upsamplers":
        attends = any(key.startswith(f"up_blocks.{block}.attentions.") for key in state)
        return f"{side}.{block * (layers + 1) + layers}.{2 if attends else 1}.{tail}"
    number = block * (layers + 1) + index + (1 if down else 0)
    if kind == "attentions":
        return f"{side}.{number}.1.{tail}"
    return f"{side}.{number}.0.{_renamed(tail, _UNET_RESNET)}"


def _vae_name(name: str, blocks: int) -> str:
    name = name.replace("conv_norm_out", "norm_out").replace("conv_shortcut", "nin_shortcut")
    name = re.sub(r"down_blocks\.(\d+)\.resnets\.(\d+)", r"down.\1.block.\2", name)
    name = re.sub(r"down_blocks\.(\d+)\.downsamplers\.0", r"down.\1.downsample", name)
    name = re.sub(
        r"up_blocks\.(\d+)\.(resnets\.(\d+)|upsamplers\.0)",
        lambda m: (
            f"up.{blocks - 1 - int(m[1])}." + (f"block.{m[3]}" if m[3] is not None else "upsample")
        ),
        name,
    )
    name = re.sub(r"mid_block\.resnets\.(\d+)", lambda m: f"mid.block_{int(m[1]) + 1}", name)
    before, attention, tail = name.partition("mid_block.attentions.0.")
    return f"{before}mid.attn_1.{_renamed(tail, _VAE_ATTENTION)}" if attention else name


def _openclip(state: Mapping[str, Any]) -> dict[str, Any]:
    import torch

    tensors = {theirs: state[ours] for ours, theirs in _OPENCLIP_WHOLE.items()}
    if "text_projection.weight" in state:
        tensors["text_projection"] = state["text_projection.weight"].T
    for name, value in state.items():
        match = re.fullmatch(r"encoder\.layers\.(\d+)\.(.+)", name)
        if match is None:
            continue
        block, tail = f"transformer.resblocks.{match[1]}", match[2]
        if tail.startswith("self_attn.q_proj."):
            three = [state[name.replace("q_proj", f"{letter}_proj")] for letter in "qkv"]
            tensors[f"{block}.attn.in_proj_{tail.rpartition('.')[2]}"] = torch.cat(three)
        elif not re.match(r"self_attn\.[kv]_proj", tail):
            tensors[f"{block}.{_renamed(tail, _OPENCLIP_LAYER)}"] = value
    return tensors


def _renamed(name: str, words: Mapping[str, str]) -> str:
    for ours, theirs in words.items():
        if name.startswith(f"{ours}."):
            return theirs + name.removeprefix(ours)
    return name
