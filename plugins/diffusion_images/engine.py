"""images.create: one picture after the other, each with its own seed. GPU thread."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from studio.api import Context, ImageOutput, Inputs, Output

from .denoised import DenoisedEstimate
from .loading import Painter, load_painter
from .params import CreateParams
from .preview import preview_pixels
from .prompts import Prompts, prompts_for
from .schedulers import make_scheduler


class Create:
    """images.create"""

    def generate(self, params: CreateParams, inputs: Inputs, ctx: Context) -> Iterator[Output]:
        painter = ctx.model(params.model, load_painter)
        _fit_to_memory(painter, ctx.memory_level)
        prompts = prompts_for(painter.pipe, params.prompt, params.negative_prompt)
        for index in range(params.count):
            if ctx.stopping:
                break
            yield _paint(painter, params, ctx, index, prompts)


def _paint(
    painter: Painter, params: CreateParams, ctx: Context, index: int, prompts: Prompts
) -> ImageOutput:
    import torch

    seed = ctx.seed + index
    pipe = painter.pipe
    pipe.scheduler = make_scheduler(params.scheduler, painter.scheduler_config, params.prediction)
    estimate = DenoisedEstimate(pipe.scheduler)
    steps_before = index * params.steps
    message = f"Picture {index + 1} of {params.count}" if params.count > 1 else ""
    done = 0

    def on_step(pipe: Any, step: int, timestep: Any, values: dict[str, Any]) -> dict[str, Any]:
        nonlocal done
        done = step + 1
        # Raising here cancels between steps, and nothing is decoded.
        ctx.progress(
            min(steps_before + done, params.steps * params.count),
            params.steps * params.count,
            message,
        )
        if ctx.stopping and done < pipe.num_timesteps:
            pipe._interrupt = True  # the steps left are skipped, and what we return is decoded
            clean = estimate.latents()
            return values if clean is None else {**values, "latents": clean}
        if ctx.wants_preview:
            clean = estimate.latents()
            shown = values["latents"] if clean is None else clean
            ctx.preview(preview_pixels(shown[0], painter.latent_map))
        return values

    ctx.progress(steps_before, params.steps * params.count, message)
    pictures = pipe(
        **prompts.arguments,
        num_inference_steps=params.steps,
        guidance_scale=params.guidance_scale,
        width=params.width or painter.own_size_px,
        height=params.height or painter.own_size_px,
        generator=torch.Generator("cpu").manual_seed(seed),
        callback_on_step_end=on_step,
        callback_on_step_end_tensor_inputs=["latents"],
        output_type="np",
    ).images
    pixels = (np.nan_to_num(np.clip(pictures[0], 0, 1)) * 255 + 0.5).astype(np.uint8)
    extras: dict[str, str | int | float | bool | None] = {"steps_done": done}
    if prompts.tokens_cut:
        extras["prompt_tokens_cut"] = prompts.tokens_cut
    return ImageOutput(pixels, seed=seed, extras=extras)


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
