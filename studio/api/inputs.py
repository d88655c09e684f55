"""What a generator gets to work on: pictures, masks and latents by the name of their field. Any thread."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from studio.api.outputs import Latent, Pixels, as_pixels

Mask = npt.NDArray[np.uint8]
"""(H, W) uint8, 255 = chosen, row 0 = top."""

Given: TypeAlias = Pixels | Mask | Latent
GivenByName: TypeAlias = Mapping[str, Given | Sequence[Given]]
"""One thing or several for each field; what `Inputs.of` takes."""

_LUMINANCE = np.array([0.2126, 0.7152, 0.0722], np.float32)


@dataclass(frozen=True, eq=False)
class Inputs:
    """Nothing in it can be changed; arrays are read-only. Make one with `Inputs.of`."""

    _given: Mapping[str, tuple[Given, ...]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        kept = {name: tuple(map(_kept, things)) for name, things in self._given.items()}
        object.__setattr__(self, "_given", kept)

    def __reduce__(self) -> tuple[type[Inputs], tuple[dict[str, tuple[Given, ...]]]]:
        # Arrays come out of pickle writable: they are made read-only by being given anew.
        return Inputs, (dict(self._given),)

    @classmethod
    def of(cls, given: GivenByName) -> Inputs:
        """From things by field name, such as `Inputs.of({"picture": pixels, "faces": [w1, w2]})`."""
        return cls({name: listed(things) for name, things in given.items()})

    def image(self, name: str) -> Pixels | None:
        """(H, W, 4) uint8 RGBA, or None where none was given."""
        return next(iter(self.images(name)), None)

    def images(self, name: str) -> tuple[Pixels, ...]:
        """All pictures of a field, in the person's order."""
        return tuple(thing for thing in self._given.get(name, ()) if isinstance(thing, np.ndarray))

    def mask(self, name: str) -> Mask | None:
        """(H, W) uint8; of a picture its brightness, and nothing where it is transparent."""
        pixels = self.image(name)
        if pixels is None or pixels.ndim == 2:
            return pixels
        chosen = (pixels[..., :3] @ _LUMINANCE) * (pixels[..., 3] / np.float32(255))
        mask: Mask = chosen.round().astype(np.uint8)
        mask.setflags(write=False)
        return mask

    def latent(self, name: str) -> Latent | None:
        """None where none was given."""
        return next(iter(self.latents(name)), None)

    def latents(self, name: str) -> tuple[Latent, ...]:
        """All latents of a field, in the person's order."""
        return tuple(thing for thing in self._given.get(name, ()) if isinstance(thing, Latent))

    def __contains__(self, name: str) -> bool:
        return bool(self._given.get(name))

    def __len__(self) -> int:
        return len(self._given)


def _kept(thing: Given) -> Given:
    """As a job gets it: read-only, pictures with alpha. Not copied where that isn't needed."""
    if isinstance(thing, Latent):
        if any(array.flags.writeable for array in thing.arrays.values()):
            return Latent(thing.arrays, thing.layout, thing.model_hash)
        return thing
    if thing.ndim == 3 and thing.shape[2] == 3:
        return as_pixels(thing)
    if thing.flags.writeable:
        thing = thing.view()
        thing.setflags(write=False)
    return thing


def listed(things: Given | Sequence[Given]) -> tuple[Given, ...]:
    """One thing as a sequence of one."""
    if isinstance(things, np.ndarray | Latent):
        return (things,)
    return tuple(things)
