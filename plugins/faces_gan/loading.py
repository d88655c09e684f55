"""Loads a generator from any of its forms, whole and finite or not at all. GPU thread."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from studio.api import Loaded, Loading, ModelError, Pixels

from .conditions import Conditions
from .config import OPTIONAL, GanConfig
from .faces import Floats
from .recognise import ROWS, Decoder, GanFile, inspect

if TYPE_CHECKING:
    import torch
    from torch import Tensor

    from .net import Discriminator, Generator, Noise

_ONCE_MORE = "A file may be damaged, or of another version; get the model once more."


@dataclass(frozen=True, eq=False)
class FaceModel:
    """A loaded generator with what stands before and behind it. All arrays are numpy's, on the CPU."""

    generator: Generator
    conditions: Conditions
    vae: Any
    """The AutoencoderKL whose decoder is the last stage; None for a generator of pictures."""
    mean: Tensor
    deviation: Tensor
    """Of the latents, (1, C, 1, 1)."""
    cache_dir: Path
    device: str
    found: dict[str, Floats] = field(default_factory=dict)
    """The model's own directions, once they were needed."""

    @property
    def config(self) -> GanConfig:
        return self.generator.config

    @cached_property
    def mean_w(self) -> Floats:
        """(w_dim,), read-only."""
        mean = _array(self.generator.mapping.w_avg)
        mean.setflags(write=False)
        return mean

    def map(self, z: Floats, c: Floats | None) -> Floats:
        """(N, z_dim) and (N, c_dim) to w, (N, w_dim)."""
        import torch

        with torch.inference_mode():
            condition = None if c is None else torch.tensor(c, device=self.device)
            return _array(self.generator.mapping(torch.tensor(z, device=self.device), condition))

    def picture(self, w: Floats, noise: Noise, seed: int) -> Pixels:
        """The picture of one face, w (num_ws, w_dim); random noise is drawn from the seed."""
        import torch

        with torch.inference_mode():
            grain = torch.Generator("cpu").manual_seed(seed)
            ws = torch.tensor(w, device=self.device)[None]
            return pixels_of(self.decode(self.generator.synthesis(ws, noise, grain)))

    def decode(self, made: Tensor) -> Tensor:
        """What the generator makes, (N, C, R, R), to pictures (N, 1, 3 or 4, H, W) of about -1..1."""
        if self.vae is None:
            return made
        import torch

        latents = made * self.deviation + self.mean
        if self.device == "cpu":  # as its weights lie
            latents = latents.contiguous(memory_format=torch.channels_last)
        picture: Tensor = self.vae.decode(latents, return_dict=False)[0]
        return picture

    @property
    def size_px(self) -> int:
        """The side of its pictures."""
        if self.vae is None:
            return self.config.resolution
        return int(self.config.resolution * 2 ** (len(self.vae.config.block_out_channels) - 1))


def pixels_of(picture: Tensor) -> Pixels:
    """The first of (N, 1, 3 or 4, H, W), -1..1, as (H, W, 3 or 4) uint8."""
    import torch

    scaled = (torch.nan_to_num(picture[0].float()) * 127.5 + 128).clamp(0, 255)
    pixels: Pixels = scaled.to(torch.uint8).permute(1, 2, 0).contiguous().cpu().numpy()
    return np.repeat(pixels, 3, axis=2) if pixels.shape[2] == 1 else pixels


def load_faces(loading: Loading) -> Loaded[FaceModel]:
    """The generator, with its decoder if it has one; a cancel is obeyed between the parts.

    Raises:
        ModelError: damaged, not finite, or of parts that don't fit each other.
    """
    import torch

    # Not within inference mode: finding a face for a picture needs gradients.
    with torch.inference_mode(False), torch.no_grad():
        found = _inspected(loading)
        loading.progress(0.1, "Loading the generator")
        from .net import Generator

        generator = _filled(lambda: Generator(found.config), _tensors(found, loading), loading)
        loading.progress(0.5, "Loading the decoder" if found.decoder else "")
        vae, mean, deviation = None, torch.zeros(1), torch.ones(1)
        if found.decoder is not None:
            vae = _vae(found.decoder, loading)
            mean = torch.tensor(found.decoder.mean, device=loading.device).view(1, -1, 1, 1)
            deviation = torch.tensor(found.decoder.deviation, device=loading.device).view(
                1, -1, 1, 1
            )
        loading.progress(0.9)
        model = FaceModel(
            generator, _conditions(found), vae, mean, deviation, loading.cache_dir, loading.device
        )
        size = sum(_bytes(module) for module in (generator, vae) if module is not None)
        return Loaded(model, size)


def load_discriminator(loading: Loading) -> Loaded[Discriminator | None]:
    """The discriminator that NVIDIA's pickles bring along; None where there is none, or of another kind."""
    import torch

    found = _inspected(loading)
    part = found.nvidia.discriminator if found.nvidia else None
    if part is None:
        return Loaded(None, 0)
    from .net import Discriminator

    with torch.inference_mode(False), torch.no_grad(), torch.device("meta"):
        critic = Discriminator(found.config)
    expected = {
        n: tuple(v.shape) for n, v in critic.state_dict().items() if not OPTIONAL.fullmatch(n)
    }
    if expected != {n: shape for n, shape in part.shapes.items() if not OPTIONAL.fullmatch(n)}:
        return Loaded(None, 0)
    with torch.inference_mode(False), torch.no_grad():
        read = part.read()
        tensors = {name: torch.from_numpy(read[name]) for name in expected}
        critic = _filled(lambda: Discriminator(found.config), tensors, loading)
    return Loaded(critic, _bytes(critic))


def _inspected(loading: Loading) -> GanFile:
    found = inspect(loading.model.path)
    if found is None:
        raise ModelError("This is no StyleGAN2 generator.", where=str(loading.model.path))
    return found


def _tensors(found: GanFile, loading: Loading) -> Mapping[str, torch.Tensor]:
    import torch
    from safetensors import SafetensorError, safe_open

    if found.nvidia is not None:
        read = found.nvidia.generator.read()
        return {name: torch.from_numpy(array) for name, array in read.items()}
    parts = (f"{found.prefix}mapping.", f"{found.prefix}synthesis.")
    try:
        with safe_open(found.weights, "pt") as file:
            return {
                name[len(found.prefix) :]: file.get_tensor(name).float()
                for name in file.keys()  # noqa: SIM118 - it is no table
                if name.startswith(parts)
            }
    except (OSError, SafetensorError) as error:
        raise ModelError(
            f"The weights can't be read: {error}.", where=str(found.weights), remedy=_ONCE_MORE
        ) from None


def _filled(make: Callable[[], Any], tensors: Mapping[str, torch.Tensor], loading: Loading) -> Any:
    """The module with all tensors put in, after it is sure that they are finite numbers."""
    import torch

    from .net_layers import blur_filter

    where = str(loading.model.path)
    with torch.device("meta"):
        module = make()
    state = dict(tensors)
    for name, empty in module.state_dict().items():
        if name not in state and OPTIONAL.fullmatch(name):
            filters = name.endswith("resample_filter")
            state[name] = blur_filter() if filters else torch.zeros(empty.shape)
    for name, tensor in state.items():
        if not bool(torch.isfinite(tensor).all()):
            raise ModelError(
                f"The model is damaged: {name} has values that are no finite numbers.",
                where=where,
                remedy=_ONCE_MORE,
            )
    try:
        module.load_state_dict(state, assign=True)
    except RuntimeError as error:
        lines = str(error).strip().splitlines()
        raise ModelError(
            f"The weights don't fit: {lines[-1].strip()[:200]}", where=where, remedy=_ONCE_MORE
        ) from None
    loading.check()
    return module.to(loading.device, torch.float32).eval().requires_grad_(False)


def _conditions(found: GanFile) -> Conditions:
    rows = None
    if found.has_rows:
        from safetensors import safe_open

        with safe_open(found.weights, "np") as file:
            rows = file.get_tensor(ROWS).astype(np.int64)
        most = [len(slot.values) for slot in found.slots]
        if rows.size and ((rows < 0).any() or (rows >= most).any()):
            raise ModelError(
                f"The model can't be used: its {ROWS} name values that its attributes don't have.",
                where=str(found.weights),
                remedy=_ONCE_MORE,
            )
    return Conditions(found.config.c_dim, found.slots, rows)


def _vae(decoder: Decoder, loading: Loading) -> Any:
    import torch
    from diffusers import AutoencoderKL

    half = decoder.folder / "diffusion_pytorch_model.fp16.safetensors"
    plain = decoder.folder / "diffusion_pytorch_model.safetensors"
    try:
        vae, report = AutoencoderKL.from_pretrained(
            decoder.folder,
            local_files_only=True,
            use_safetensors=True,
            variant="fp16" if half.exists() and not plain.exists() else None,
            torch_dtype=torch.float32,
            low_cpu_mem_usage=False,
            output_loading_info=True,
        )
    except Exception as error:
        if isinstance(error, MemoryError) or "memory" in str(error).lower():
            raise
        lines = str(error).strip().splitlines() or [type(error).__name__]
        raise ModelError(
            f"The decoder can't be loaded: {lines[0][:300]}",
            where=str(decoder.folder),
            remedy=_ONCE_MORE,
        ) from None
    missing = sorted(report["missing_keys"]) + sorted(report.get("mismatched_keys", []))
    if missing:
        raise ModelError(
            f"The decoder lacks {len(missing)} of its weights, such as {missing[0]}.",
            where=str(decoder.folder),
            remedy=_ONCE_MORE,
        )
    for name, tensor in vae.state_dict().items():
        if not bool(torch.isfinite(tensor).all()):
            raise ModelError(
                f"The decoder is damaged: {name} has values that are no finite numbers.",
                where=str(decoder.folder),
                remedy=_ONCE_MORE,
            )
    vae = vae.to(loading.device)
    if loading.device == "cpu":
        # Convolutions over few channels take a third less time so; other devices were not measured.
        vae = vae.to(memory_format=torch.channels_last)
    return vae.eval().requires_grad_(False)


def _bytes(module: Any) -> int:
    return sum(p.numel() * p.element_size() for p in module.state_dict().values())


def _array(tensor: Tensor) -> Floats:
    array: Floats = tensor.detach().float().cpu().numpy().astype(np.float32)
    return array
