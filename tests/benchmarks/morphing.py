"""What a morph's frame costs with the starter VAE: alone, and beside the same VAE called bare.

Turn by turn in one process. The bare side does what anybody would: a straight mixture of two latents,
decoded, made into 8-bit RGB.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from itertools import cycle
from typing import Any

import numpy as np

from studio.api import Pixels
from studio.io.resources import resource
from tests.benchmarks.engine import BenchEngine, bench_engine, has_starter
from tests.benchmarks.figure import Figure, at_least, at_most, paired, settled_median

STARTER = "portrait-vae"
FRAMES = 24


def frames() -> Iterator[Figure]:
    """Nothing where there is no starter VAE."""
    if has_starter(STARTER):
        with bench_engine() as engine:
            yield from _frames(engine)


def wandering() -> Iterator[Figure]:
    if has_starter(STARTER):
        with bench_engine() as engine:
            yield from _wandering(engine)


def _frames(engine: BenchEngine) -> Iterator[Figure]:
    import torch
    from diffusers import AutoencoderKL

    vae: Any = AutoencoderKL.from_pretrained(
        resource("models") / STARTER, torch_dtype=torch.float32, local_files_only=True
    )
    side = int(vae.config.sample_size)
    pictures = [_picture(side, seed) for seed in (1, 2)]
    with torch.inference_mode():
        first, second = (vae.encode(_tensor(pixels)).latent_dist.mean for pixels in pictures)

    def bare() -> float:
        started = time.perf_counter()
        with torch.inference_mode():
            for step in range(1, FRAMES + 1):
                sample = vae.decode(torch.lerp(first, second, step / (FRAMES + 1))).sample[0]
                scaled = (sample / 2 + 0.5).clamp(0, 1) * 255
                scaled.round().to(torch.uint8).permute(1, 2, 0).contiguous().numpy()
        return time.perf_counter() - started

    def morph() -> float:
        return engine.seconds("morph.between", {"pictures": pictures}, model=STARTER, steps=FRAMES)

    pairs = paired(bare, morph)
    ours_ms, bare_ms = 1000 * pairs.second_s / FRAMES, 1000 * pairs.first_s / FRAMES
    size = f"{side} px, {engine.threads} thread(s)"
    yield at_most("one frame of a morph", ours_ms, 40, "ms", size)
    note = f"{ours_ms:.1f} ms beside {bare_ms:.1f} ms, {pairs}"
    yield at_least("morph frames/s beside the bare VAE", pairs.ratio, 0.97, "×", note)


def _wandering(engine: BenchEngine) -> Iterator[Figure]:
    config = (resource("models") / STARTER / "config.json").read_text(encoding="utf-8")
    side = int(json.loads(config)["sample_size"])
    given = {"pictures": [_picture(side, seed) for seed in (1, 2)]}
    places = cycle(np.linspace(0.1, 0.9, 9))

    def wander() -> float:
        return engine.seconds("morph.map", given, model=STARTER, x=float(next(places)))

    place_ms = 1000 * settled_median(wander)
    size = f"{side} px, {engine.threads} thread(s)"
    yield at_most("a place on a map, wandering, whole job", place_ms, 100, "ms", size)


def _picture(side: int, seed: int) -> Pixels:
    random = np.random.default_rng(seed)
    cells = random.integers(0, 256, (8, 8, 4), dtype=np.uint8)
    cells[..., 3] = 255
    return np.ascontiguousarray(cells.repeat(side // 8, axis=0).repeat(side // 8, axis=1))


def _tensor(pixels: Pixels) -> Any:
    import torch

    return torch.from_numpy(pixels[..., :3].copy()).permute(2, 0, 1)[None].float() / 127.5 - 1
