"""From noise to latents, step by step: one loop for all verbs, all families and both kinds of UNet.

GPU thread. The library's own pipelines do the same in a class for each verb and family, some for four
channels only; here what differs between verbs is one `Scene`. Tests hold the loop to those pipelines.

Source: for latents that must stay, RePaint (arXiv:2201.09865), section 4.1, without its resampling;
for UNets that take the mask, the inpainting models of arXiv:2112.10752, section 4.5.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from .denoised import DenoisedEstimate
from .latents import grey
from .loading import Painter
from .prompts import Prompts

if TYPE_CHECKING:
    import torch


class Steps(Protocol):
    """What is read of the parameters here."""

    @property
    def steps(self) -> int: ...
    @property
    def guidance_scale(self) -> float: ...
    @property
    def scheduler(self) -> str: ...
    @property
    def prediction(self) -> str: ...


@dataclass(frozen=True)
class Scene:
    """What is there already.

    Args:
        latents: (1, channels, h, w), the picture's.
        mask: (1, 1, h, w), 1 where to paint; None for everywhere.
        masked: For a UNet that takes it, the latents of the picture with grey where the mask is; else None.
        strength: 1 begins with noise alone, less with the picture under so much less of it.
    """

    latents: torch.Tensor
    mask: torch.Tensor | None
    masked: torch.Tensor | None
    strength: float


Watch = Callable[[int, int, "Callable[[], torch.Tensor]"], bool]
"""After each step: how many are done, of how many, and the latents as they would be without their
noise. True: leave off here, and decode those."""


def denoise(
    painter: Painter,
    prompts: Prompts,
    how: Steps,
    shape: tuple[int, int],
    seed: int,
    watch: Watch,
    scene: Scene | None = None,
) -> tuple[torch.Tensor, int]:
    """The finished latents, and how many steps were done.

    Args:
        shape: (h, w) of the latents.
        watch: May raise `Cancelled`: then nothing is decoded.
    """
    import torch
    from diffusers.utils.torch_utils import randn_tensor

    scheduler = painter.schedulers.fresh(how.scheduler, how.prediction, how.steps)
    estimate = DenoisedEstimate(scheduler)
    scheduler.set_timesteps(how.steps, device=painter.device)
    strength = 1.0 if scene is None else scene.strength
    first = how.steps - max(1, min(int(how.steps * strength), how.steps))
    order = scheduler.order
    timesteps = scheduler.timesteps[first * order :]
    if hasattr(scheduler, "set_begin_index"):
        scheduler.set_begin_index(first * order)
    generator = torch.Generator("cpu").manual_seed(seed)
    noise = randn_tensor(
        (1, painter.channels, *shape),
        generator=generator,
        device=painter.device,
        dtype=painter.dtype,
    )
    if scene is None or strength >= 1:
        latents = noise * scheduler.init_noise_sigma
    else:
        latents = scheduler.add_noise(scene.latents, noise, timesteps[:1])
    predict = _predictor(painter, prompts, how.guidance_scale, shape, scene)
    options = (
        {"generator": generator}
        if "generator" in inspect.signature(scheduler.step).parameters
        else {}
    )

    def without_noise() -> torch.Tensor:
        clean = estimate.latents()
        return latents if clean is None else clean

    for done, timestep in enumerate(timesteps, 1):
        with torch.no_grad():
            predicted = predict(scheduler.scale_model_input(latents, timestep), timestep)
            latents = scheduler.step(predicted, timestep, latents, **options, return_dict=False)[0]
            latents = latents.to(noise.dtype)
            if scene is not None and scene.mask is not None and scene.masked is None:
                kept = scene.latents
                if done < len(timesteps):
                    kept = scheduler.add_noise(kept, noise, timesteps[done : done + 1])
                latents = (1 - scene.mask) * kept + scene.mask * latents
        if watch(done, len(timesteps), without_noise):
            return without_noise(), done
    return latents, len(timesteps)


def _predictor(
    painter: Painter,
    prompts: Prompts,
    guidance_scale: float,
    shape: tuple[int, int],
    scene: Scene | None,
) -> Callable[[torch.Tensor, Any], torch.Tensor]:
    """What the UNet makes of latents at a timestep, guided."""
    import torch

    pipe, unet = painter.pipe, painter.pipe.unet
    options: dict[str, Any] = {}
    distilled_width = unet.config.time_cond_proj_dim
    guided = painter.guided(guidance_scale)
    if distilled_width is not None:
        # Distilled with its guidance as an input (arXiv:2310.04378): no second run without words.
        scale = torch.tensor([guidance_scale - 1])
        embedded = pipe.get_guidance_scale_embedding(scale, embedding_dim=distilled_width)
        options["timestep_cond"] = embedded.to(painter.device, painter.dtype)
    words = prompts.embeds
    if guided:
        assert prompts.negative_embeds is not None
        words = torch.cat([prompts.negative_embeds, words])
    if prompts.pooled is not None:
        options["added_cond_kwargs"] = _sizes_and_summary(painter, prompts, guided, shape)
    more = _mask_channels(painter, shape, scene) if painter.inpaints else None

    def predict(scaled: torch.Tensor, timestep: Any) -> torch.Tensor:
        given = torch.cat([scaled] * 2) if guided else scaled
        if more is not None:
            given = torch.cat([given, more.expand(len(given), -1, -1, -1)], dim=1)
        predicted: torch.Tensor = unet(
            given, timestep, encoder_hidden_states=words, return_dict=False, **options
        )[0]
        if not guided:
            return predicted
        without, with_words = predicted.chunk(2)
        return without + guidance_scale * (with_words - without)

    return predict


def _sizes_and_summary(
    painter: Painter, prompts: Prompts, guided: bool, shape: tuple[int, int]
) -> dict[str, Any]:
    """What SDXL is told beside the words (arXiv:2307.01952, section 2.2): the picture's size, uncropped."""
    import torch

    height, width = (side * painter.factor for side in shape)
    given = (prompts.negative_pooled, prompts.pooled) if guided else (prompts.pooled,)
    pooled = torch.cat([summary for summary in given if summary is not None])
    sizes = torch.tensor([[height, width, 0, 0, height, width]], dtype=pooled.dtype)
    return {
        "text_embeds": pooled,
        "time_ids": sizes.to(pooled.device).repeat(len(pooled), 1),
    }


def _mask_channels(painter: Painter, shape: tuple[int, int], scene: Scene | None) -> torch.Tensor:
    """(1, 1 + channels, h, w): where to paint, and what lies around. Without a scene: everywhere, grey."""
    import torch

    if scene is not None and scene.mask is not None and scene.masked is not None:
        mask, masked = scene.mask, scene.masked
    else:
        mask = torch.ones((1, 1, *shape))
        masked = grey(painter, *(side * painter.factor for side in shape))
    given = (part.to(painter.device, painter.dtype) for part in (mask, masked))
    return torch.cat(list(given), dim=1)
