"""One job of any verb: the model set for it, its words, and one painting after the other. GPU thread."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Protocol

import numpy as np
import numpy.typing as npt

from studio.api import Context

from .denoising import Scene, Steps, denoise
from .latents import decoded, encoded
from .loading import Painter, load_painter
from .parts import Part
from .preview import preview_pixels

if TYPE_CHECKING:
    import torch

Show = Callable[[npt.NDArray[np.uint8]], npt.NDArray[np.uint8]]
"""From what is being painted to the picture that is shown meanwhile."""


class Wishes(Steps, Protocol):
    """What every verb's parameters have."""

    @property
    def prompt(self) -> str: ...
    @property
    def negative_prompt(self) -> str: ...
    @property
    def model(self) -> str: ...
    @property
    def count(self) -> int: ...


class Sitting:
    """Args:
    params: The verb's.
    resolution: Side of the square it paints at once, in pixels; 0 is the model's own.
    """

    def __init__(self, params: Wishes, ctx: Context, resolution: int = 0) -> None:
        self._params = params
        self._ctx = ctx
        self.painter: Painter = ctx.model(params.model, load_painter)
        _fit_to_memory(self.painter, ctx.memory_level)
        guided = self.painter.guided(params.guidance_scale)
        negative = params.negative_prompt if guided else None
        self._prompts = self.painter.prompts_for(params.prompt, negative)
        self.own_px = resolution or self.painter.own_size_px
        self.factor = self.painter.factor

    def turns(self) -> Iterator[int]:
        """0, 1, … as many as were asked for, or until the person has enough."""
        for index in range(self._params.count):
            if self._ctx.stopping:
                return
            yield index

    def scene(self, part: Part, strength: float) -> Scene:
        """What is there already, for `paint`."""
        import torch

        self._ctx.progress(0, None, "Looking at the picture")
        latents = encoded(self.painter, part.colour)
        mask = masked = None
        if part.positions is not None:
            mask = torch.from_numpy(part.positions)[None, None].to(latents)
            if self.painter.inpaints:
                hidden = np.kron(part.positions, np.ones((self.factor, self.factor)))[..., None] > 0
                # 128 is the grey nearest to 0 in the network's terms, which 127.5 is.
                grey = np.where(hidden, np.uint8(128), part.colour)
                masked = encoded(self.painter, grey)
        self._ctx.check()
        return Scene(latents, mask, masked, strength)

    def paint(
        self,
        index: int,
        shape: tuple[int, int],
        scene: Scene | None = None,
        show: Show = lambda pixels: pixels,
    ) -> tuple[npt.NDArray[np.uint8], dict[str, str | int | float | bool | None]]:
        """One picture, (height, width, 3), and what the record says of it.

        Args:
            shape: Height and width in pixels, multiples of `factor`.
        """
        ctx, count = self._ctx, self._params.count
        message = f"Picture {index + 1} of {count}" if count > 1 else ""
        ctx.progress(index * self._params.steps, count * self._params.steps, message)

        def watch(done: int, steps: int, latents: Callable[[], torch.Tensor]) -> bool:
            ctx.progress(index * steps + done, count * steps, message)
            if ctx.stopping and done < steps:
                return True
            if ctx.wants_preview:
                ctx.preview(show(preview_pixels(latents()[0], self.painter.latent_map)))
            return False

        latents, done = denoise(
            self.painter,
            self._prompts,
            self._params,
            (shape[0] // self.factor, shape[1] // self.factor),
            ctx.seed + index,
            watch,
            scene,
        )
        extras: dict[str, str | int | float | bool | None] = {"steps_done": done}
        if self._prompts.tokens_cut:
            extras["prompt_tokens_cut"] = self._prompts.tokens_cut
        return decoded(self.painter, latents), extras


def _fit_to_memory(painter: Painter, level: int) -> None:
    """After out-of-memory: decode in tiles and slice attention. At level 0 the full path again."""
    if level == painter.memory_level:
        return
    painter.memory_level = level
    vae, pipe = painter.pipe.vae, painter.pipe
    if level >= 1:
        vae.enable_slicing()
        vae.enable_tiling()
    else:
        vae.disable_slicing()
        vae.disable_tiling()
    if level >= 2:
        pipe.enable_attention_slicing("max")
    else:
        pipe.disable_attention_slicing()
