"""What a morph's frame costs with the starter VAE: alone, and beside the same VAE called bare.

Turn by turn in one process, with the engine's thread setting (one thread on two cores). The bare side
does what anybody would: a straight mixture of two latents, decoded, made into 8-bit RGB.
"""

from __future__ import annotations

import asyncio
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from studio.api import Pixels
from studio.app import Studio, build_studio
from studio.io.resources import resource
from studio.jobs import device as devices
from studio.jobs.spec import JobState
from tests.benchmarks.figure import Figure, at_least, at_most, paired
from tests.support.engines import paths_in

STARTER = "portrait-vae"
FRAMES = 24


def figures() -> Iterator[Figure]:
    """Nothing where there is no starter VAE."""
    folder = resource("models") / STARTER
    if not folder.is_dir():
        print(f"(no {STARTER} among the starters: nothing to measure)")
        return
    threads = devices.limit_threads(devices.physical_cores())
    devices.prepare_torch(threads)
    with tempfile.TemporaryDirectory() as home, asyncio.Runner() as runner:
        studio = build_studio(engine="in_process", paths=paths_in(Path(home)))
        runner.run(studio.queue.start())
        try:
            yield from _measured(studio, runner, folder, threads)
        finally:
            runner.run(studio.close())


def _measured(
    studio: Studio, runner: asyncio.Runner, folder: Path, threads: int
) -> Iterator[Figure]:
    import torch
    from diffusers import AutoencoderKL

    vae: Any = AutoencoderKL.from_pretrained(
        folder, torch_dtype=torch.float32, local_files_only=True
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

    def job(generator: str, **values: Any) -> float:
        spec = studio.make_spec(
            generator, {"model": STARTER, **values}, inputs={"pictures": pictures}
        )

        async def run() -> float:
            handle = studio.queue.submit(spec)
            async for _ in handle:
                pass
            if handle.state is not JobState.DONE:
                raise RuntimeError(str(handle.error))
            return handle.seconds

        return runner.run(run())

    ratio, bare_s, ours_s = paired(bare, lambda: job("morph.between", steps=FRAMES), 7)
    note = f"{1000 * ours_s / FRAMES:.1f} ms beside {1000 * bare_s / FRAMES:.1f} ms, {threads} thread(s)"
    yield at_least("morph frames/s beside the bare VAE", ratio, 0.97, "×", note)
    yield at_most(
        "one frame of a morph", 1000 * ours_s / FRAMES, 40, "ms", f"{side} px, {threads} thread(s)"
    )
    places = [job("morph.map", x=x) for x in np.linspace(0.1, 0.9, 9)]
    yield at_most(
        "a place on a map, wandering, whole job", 1000 * float(np.median(places)), 100, "ms"
    )


def _picture(side: int, seed: int) -> Pixels:
    random = np.random.default_rng(seed)
    cells = random.integers(0, 256, (8, 8, 4), dtype=np.uint8)
    cells[..., 3] = 255
    return np.ascontiguousarray(cells.repeat(side // 8, axis=0).repeat(side // 8, axis=1))


def _tensor(pixels: Pixels) -> Any:
    import torch

    return torch.from_numpy(pixels[..., :3].copy()).permute(2, 0, 1)[None].float() / 127.5 - 1
