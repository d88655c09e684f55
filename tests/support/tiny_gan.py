"""Real StyleGAN2 generators, tiny and untrained, in the forms people bring."""

from __future__ import annotations

import contextlib
import json
import pickle
import sys
import types
from collections import OrderedDict
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

TINY: Mapping[str, Any] = {
    "z_dim": 12, "w_dim": 16, "resolution": 16, "img_channels": 3, "channel_base": 128, "channel_max": 16,
    "mapping_layers": 3,
}  # fmt: skip
SLOTS = [
    {"name": "hair", "values": ["long", "short"], "shares": [3, 1]},
    {"name": "mouth", "values": ["smile", "sad", "open"]},
]


def tiny_generator(seed: int = 0, **changes: Any) -> Any:
    """A generator whose noise and mean w show, as after training."""
    import torch

    from studio_plugins.faces_gan.net import GanConfig, Generator

    torch.manual_seed(seed)
    net = Generator(GanConfig(**{**TINY, **changes})).eval().requires_grad_(False)
    for name, parameter in net.named_parameters():
        if name.endswith("noise_strength"):
            parameter.fill_(0.3)
    c = (
        torch.eye(net.config.c_dim)[torch.arange(256) % net.config.c_dim]
        if net.config.c_dim
        else None
    )
    net.mapping.w_avg.copy_(net.mapping(torch.randn(256, net.config.z_dim), c).mean(0))
    return net


def gan_folder(
    folder: Path,
    *,
    decoder: str | None = "decoder",
    attributes: bool = False,
    rows: Sequence[Sequence[int]] = (),
    **changes: Any,
) -> Path:
    """A starter model's folder: half-precision weights, and with a decoder latents of 8 channels."""
    import torch
    from safetensors.torch import save_file

    if decoder is not None:
        changes = {"img_channels": 8, **changes}
        tiny_vae((folder / decoder).resolve())
    if attributes:
        changes = {"c_dim": 5, **changes}
    net = tiny_generator(**changes)
    folder.mkdir(parents=True, exist_ok=True)
    config = {"_class_name": "StyleGAN2", **TINY, **changes}
    if decoder is not None:
        config |= {"decoder": decoder, "latents": {"mean": [0.1] * 8, "deviation": [0.9] * 8}}
    if attributes:
        config["attributes"] = SLOTS
    (folder / "config.json").write_text(json.dumps(config))
    tensors = {name: value.half().contiguous() for name, value in net.state_dict().items()}
    if rows:
        tensors["attribute_rows"] = torch.tensor(rows, dtype=torch.uint8)
    save_file(tensors, folder / "model.safetensors")
    return folder


def tiny_vae(folder: Path, channels: int = 8) -> Path:
    import torch
    from diffusers import AutoencoderKL

    torch.manual_seed(3)
    AutoencoderKL(
        block_out_channels=(8, 8), layers_per_block=1, latent_channels=channels, norm_num_groups=4,
        sample_size=32, down_block_types=("DownEncoderBlock2D",) * 2,
        up_block_types=("UpDecoderBlock2D",) * 2,
    ).save_pretrained(folder)  # fmt: skip
    return folder


def gan_file(path: Path, prefix: str = "", **changes: Any) -> Path:
    """One safetensors file with a generator's weights, each name beginning with `prefix`."""
    from safetensors.torch import save_file

    state = tiny_generator(**changes).state_dict()
    save_file({f"{prefix}{name}": value.contiguous() for name, value in state.items()}, path)
    return path


def nvidia_pickle(
    path: Path, *, protocol: int = 4, extra: Any = None, discriminator: bool = True, **changes: Any
) -> Path:
    """A pickle in the layout of NVIDIA's files: networks as persistent objects with their program text."""
    from studio_plugins.faces_gan.net import Discriminator

    net = tiny_generator(**changes)
    snapshot: dict[str, Any] = {"training_set_kwargs": None, "augment_pipe": extra}
    with _published_modules() as easy_dict:
        snapshot["training_set_kwargs"] = easy_dict(
            class_name="training.dataset.ImageFolderDataset"
        )
        snapshot["G_ema"] = _persistent(net, easy_dict)
        if discriminator:
            snapshot["D"] = _persistent(Discriminator(net.config), easy_dict)
        with path.open("wb") as file:
            pickle.dump(snapshot, file, protocol=protocol)
    return path


def _reconstruct_persistent_obj(meta: Any) -> Any:
    raise AssertionError("a reader must never call this")


@contextlib.contextmanager
def _published_modules() -> Iterator[type[dict[str, Any]]]:
    """Modules of the published names for as long as something is pickled, so that the bytes say them."""
    easy_dict = type("EasyDict", (dict,), {"__module__": "dnnlib.util"})
    persistence, util = types.ModuleType("torch_utils.persistence"), types.ModuleType("dnnlib.util")
    names = {
        "torch_utils": types.ModuleType("torch_utils"),
        "torch_utils.persistence": persistence,
        "dnnlib": types.ModuleType("dnnlib"),
        "dnnlib.util": util,
    }
    before = _reconstruct_persistent_obj.__module__
    _reconstruct_persistent_obj.__module__ = "torch_utils.persistence"
    persistence.__dict__["_reconstruct_persistent_obj"] = _reconstruct_persistent_obj
    util.__dict__["EasyDict"] = easy_dict
    sys.modules.update(names)
    try:
        yield easy_dict
    finally:
        for name in names:
            del sys.modules[name]
        _reconstruct_persistent_obj.__module__ = before


class _Persistent:
    def __init__(self, meta: dict[str, Any]) -> None:
        self.meta = meta

    def __reduce__(self) -> tuple[Any, ...]:
        return _reconstruct_persistent_obj, (self.meta,), None


def _persistent(module: Any, easy_dict: type[dict[str, Any]]) -> _Persistent:
    """The module's tree as NVIDIA's files have it: each part with its attributes and program text."""
    state: dict[str, Any] = {
        "training": False,
        "_parameters": OrderedDict(module._parameters),
        "_buffers": OrderedDict(module._buffers),
        "_non_persistent_buffers_set": set(),
        "_forward_hooks": OrderedDict(),
        "_modules": OrderedDict(
            (name, _persistent(part, easy_dict)) for name, part in module._modules.items()
        ),
        "_init_args": (),
        "_init_kwargs": easy_dict(z_dim=12),
    }
    state |= {
        name: getattr(module, name)
        for name in ("weight_gain", "bias_gain")
        if hasattr(module, name)
    }
    if hasattr(module, "clamp"):
        state["conv_clamp"] = module.clamp
    return _Persistent(
        {
            "type": "class",
            "version": 6,
            "module_src": "import os\nos.abort()\n" * 50,
            "class_name": type(module).__name__,
            "state": state,
        }
    )
