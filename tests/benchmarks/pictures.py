"""What a picture costs with the starter: 20 steps and a draft of 4, beside the same networks called bare.

Turn by turn in one process. The bare side encodes the words, denoises with guidance and the model's own
scheduler, decodes, and makes it 8-bit RGB: a loop of the networks without diffusers' pipeline and
without previews.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from itertools import count
from typing import Any

import numpy as np

from studio.api.models import ModelInfo
from tests.benchmarks.engine import BenchEngine, bench_engine, has_starter
from tests.benchmarks.figure import Figure, at_least, at_most, paired

STARTER = "portrait-diffusion"
DRAFT = "portrait-draft"
"""Made for four steps without guidance. Where there is none yet, the other paints the draft."""
PROMPT = "portrait, long red hair, smiling, round glasses, a green hoodie, blue background"
GUIDANCE_SCALE = 5.0
STEPS, STEPS_LIMIT_S = 20, 2.0
DRAFT_STEPS, DRAFT_LIMIT_S = 4, 0.5


def twenty_steps() -> Iterator[Figure]:
    """Nothing where there is no starter."""
    if has_starter(STARTER):
        with bench_engine() as engine:
            info = engine.studio.models.get(STARTER)
            bare = _BareNetworks(info, GUIDANCE_SCALE)
            yield from _measured(engine, bare, "a picture", STEPS, STEPS_LIMIT_S)


def draft() -> Iterator[Figure]:
    """Nothing where there is no starter."""
    if has_starter(STARTER):
        with bench_engine() as engine:
            there = {info.id: info for info in engine.studio.models.all("diffusion")}
            made_for_it = DRAFT in there
            info = there[DRAFT if made_for_it else STARTER]
            bare = _BareNetworks(info, 1.0 if made_for_it else GUIDANCE_SCALE)
            yield from _measured(engine, bare, "a draft", DRAFT_STEPS, DRAFT_LIMIT_S)


def _measured(
    engine: BenchEngine, bare: _BareNetworks, name: str, steps: int, limit_s: float
) -> Iterator[Figure]:
    turns = count()

    def ours() -> float:
        # Words it has not read yet: those of the last pictures it remembers.
        return engine.seconds(
            "images.create", model=bare.info.id, prompt=f"{PROMPT}, {next(turns)}", steps=steps,
            guidance_scale=bare.guidance_scale, seed=1,
        )  # fmt: skip

    pairs = paired(lambda: bare.paint(steps), ours)
    size = f"{bare.info.id}, {bare.side_px} px, {engine.threads} thread(s)"
    yield at_most(f"{name}, {steps} steps", pairs.second_s, limit_s, "s", size)
    note = f"{pairs.second_s:.3f} s beside {pairs.first_s:.3f} s, {pairs}"
    title = f"{name} of {steps} steps beside the bare networks"
    yield at_least(title, pairs.ratio, 0.97, "×", note)


class _BareNetworks:
    def __init__(self, info: ModelInfo, guidance_scale: float) -> None:
        import torch
        from diffusers import StableDiffusionPipeline

        pipe: Any = StableDiffusionPipeline.from_pretrained(
            info.path, torch_dtype=torch.float32, local_files_only=True
        )
        self.info, self.guidance_scale = info, guidance_scale
        self._guided = guidance_scale > 1
        self._tokenizer, self._text_encoder = pipe.tokenizer, pipe.text_encoder.eval()
        self._unet, self._vae = pipe.unet.eval(), pipe.vae.eval()
        self._scheduler = pipe.scheduler
        self._side = int(self._unet.config.sample_size)
        self.side_px = self._side * int(pipe.vae_scale_factor)

    def paint(self, steps: int) -> float:
        """Seconds of one picture."""
        import torch

        started = time.perf_counter()
        with torch.inference_mode():
            words = self._encode(["", PROMPT] if self._guided else [PROMPT])
            generator = torch.Generator("cpu").manual_seed(1)
            channels = int(self._unet.config.in_channels)
            latents = torch.randn(1, channels, self._side, self._side, generator=generator)
            self._scheduler.set_timesteps(steps)
            latents = latents * self._scheduler.init_noise_sigma
            for timestep in self._scheduler.timesteps:
                taken = torch.cat([latents] * 2) if self._guided else latents
                taken = self._scheduler.scale_model_input(taken, timestep)
                made = self._unet(taken, timestep, encoder_hidden_states=words, return_dict=False)[
                    0
                ]
                if self._guided:
                    without, told = made.chunk(2)
                    made = without + self.guidance_scale * (told - without)
                latents = self._scheduler.step(made, timestep, latents, return_dict=False)[0]
            picture = self._vae.decode(latents / self._vae.config.scaling_factor).sample[0]
            pixels = ((picture / 2 + 0.5).clamp(0, 1) * 255).round().to(torch.uint8)
            np.ascontiguousarray(pixels.permute(1, 2, 0).numpy())
        return time.perf_counter() - started

    def _encode(self, texts: list[str]) -> Any:
        told = self._tokenizer(
            texts, padding="max_length", truncation=True, return_tensors="pt",
            max_length=self._tokenizer.model_max_length,
        )  # fmt: skip
        return self._text_encoder(told.input_ids)[0]
