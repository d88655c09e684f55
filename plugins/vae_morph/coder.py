"""The loaded VAE: pictures to latents and back, in tiles where they are large. GPU thread."""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from studio.api import StudioError

from .mixing import Array, Whitening
from .tiles import tiles, window

Colour = npt.NDArray[np.uint8]
_TILE_PX = (1024, 512, 256)
"""By memory level; a picture that is no larger than its square goes through whole."""
_REMEMBERED_BYTES = 64 << 20


def _go_on() -> None:
    """No cancel point."""


@dataclass(frozen=True)
class Encoded:
    """A picture as the VAE knows it.

    Args:
        latent: (C, h, w).
        alpha: (H, W) uint8; None where it is opaque.
        correction: (3, h, w), added to what is decoded; None for nothing.
        tint: (3, h, w), the colours it has when it is drawn; None where nobody asked.
    """

    latent: Array
    alpha: npt.NDArray[np.uint8] | None = None
    correction: Array | None = None
    tint: Array | None = None

    @property
    def size_bytes(self) -> int:
        arrays = (self.latent, self.alpha, self.correction, self.tint)
        return sum(int(array.nbytes) for array in arrays if array is not None)


class Coder:
    """One VAE, and the latents of the pictures it encoded last.

    Args:
        vae: AutoencoderKL or AutoencoderTiny, on its device.
        factor: Pixels per position of the latent, each way.
        own_side_px: What it was made for.
        whitening: The mean and deviation of its latents.
    """

    def __init__(self, vae: Any, factor: int, own_side_px: int, whitening: Whitening) -> None:
        self.vae = vae
        self.factor = factor
        self.own_side_px = own_side_px
        self.whitening = whitening
        self._remembered: OrderedDict[Hashable, Encoded] = OrderedDict()

    @property
    def channels(self) -> int:
        return int(self.vae.config.latent_channels)

    def forget(self) -> None:
        self._remembered.clear()

    def remembered(self, key: Hashable, encode: Callable[[], Encoded]) -> Encoded:
        """What `encode` gives, from memory if it was asked for with this key lately.

        The key holds all the result depends on, so a run gives the same bytes with or without it.
        """
        if key in self._remembered:
            self._remembered.move_to_end(key)
            return self._remembered[key]
        encoded = encode()
        self._remembered[key] = encoded
        while (
            len(self._remembered) > 1
            and sum(e.size_bytes for e in self._remembered.values()) > _REMEMBERED_BYTES
        ):
            self._remembered.popitem(last=False)
        return encoded

    def encode(
        self, colour: Colour, *, check: Callable[[], None] = _go_on, memory_level: int = 0
    ) -> Array:
        """(C, h, w) float32 of an (H, W, 3) uint8 picture whose sides are multiples of the factor.

        The mean where the encoder answers with a distribution: the same picture, the same latent.
        """
        import torch

        height, width = (side // self.factor for side in colour.shape[:2])
        tile, overlap = self._tile(height, width, memory_level)
        f = self.factor
        latent = np.zeros((self.channels, height, width), np.float32)
        cover = np.zeros((height, width), np.float32)
        with torch.inference_mode():
            for rows, columns in tiles(height, width, tile, overlap):
                check()
                piece = colour[rows.start * f : rows.stop * f, columns.start * f : columns.stop * f]
                values = torch.from_numpy(np.ascontiguousarray(piece)).permute(2, 0, 1)[None]
                answer = self.vae.encode(self._placed(values.float() / 127.5 - 1))
                code = answer.latents if hasattr(answer, "latents") else answer.latent_dist.mode()
                if cover.size == rows.length * columns.length:
                    return _finite(code[0].float().cpu().numpy())
                weight = window(rows, columns, height, width, overlap)
                at = np.s_[rows.start : rows.stop, columns.start : columns.stop]
                latent[(slice(None), *at)] += code[0].float().cpu().numpy() * weight
                cover[at] += weight
        return _finite((latent / cover).astype(np.float32))

    def decode(
        self, latent: Array, *, check: Callable[[], None] = _go_on, memory_level: int = 0
    ) -> Colour:
        """(H, W, 3) uint8 of a (C, h, w) latent."""
        import torch

        height, width = latent.shape[1:]
        tile, overlap = self._tile(height, width, memory_level)
        f = self.factor
        with torch.inference_mode():
            values = torch.from_numpy(np.ascontiguousarray(latent))[None]
            if height <= tile and width <= tile:
                check()
                return self._pixels(self.vae.decode(self._placed(values)).sample[0])
            sheet = torch.zeros(3, height * f, width * f)
            cover = torch.zeros(height * f, width * f)
            for rows, columns in tiles(height, width, tile, overlap):
                check()
                piece = values[..., rows.start : rows.stop, columns.start : columns.stop]
                decoded = self.vae.decode(self._placed(piece)).sample[0].float().cpu()
                small = window(rows, columns, height, width, overlap)
                weight = torch.from_numpy(small.repeat(f, axis=0).repeat(f, axis=1))
                at = (
                    slice(rows.start * f, rows.stop * f),
                    slice(columns.start * f, columns.stop * f),
                )
                sheet[(slice(None), *at)] += decoded * weight
                cover[at] += weight
            return self._pixels(sheet / cover)

    def _tile(self, height: int, width: int, memory_level: int) -> tuple[int, int]:
        """Side and overlap of a tile, in positions of the latent."""
        tile = max(8, _TILE_PX[min(memory_level, 2)] // self.factor)
        # A picture of the same area goes through whole, whatever its shape.
        if height * width <= tile * tile:
            return max(height, width), 0
        return tile, tile // 4

    def _placed(self, values: Any) -> Any:
        parameter = next(self.vae.parameters())
        return values.to(parameter.device, parameter.dtype)

    def _pixels(self, sample: Any) -> Colour:
        import torch

        if not bool(torch.isfinite(sample).all()):
            raise _overflown()
        scaled = sample.float().clamp(-1, 1).add(1).mul(127.5).round()
        return np.asarray(scaled.to(torch.uint8).permute(1, 2, 0).contiguous().cpu().numpy())


def _finite(latent: Array) -> Array:
    if not bool(np.isfinite(latent).all()):
        raise _overflown()
    return np.asarray(latent, np.float32)


def _overflown() -> StudioError:
    return StudioError(
        "The VAE's answer holds values that are no numbers.",
        remedy="Choose float32 as precision in the settings, or another model.",
    )


def fingerprint(array: npt.NDArray[np.generic]) -> str:
    """An array's content, its type and shape included."""
    digest = hashlib.blake2b(repr((array.dtype.str, array.shape)).encode(), digest_size=16)
    digest.update(np.ascontiguousarray(array).data)
    return digest.hexdigest()
