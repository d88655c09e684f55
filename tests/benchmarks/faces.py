"""What a face costs with the starter: made anew and edited, beside the same networks called bare.

Turn by turn in one process, with the engine's thread setting (one thread on two cores). The bare side maps
a z, synthesises and decodes it, and makes it 8-bit RGB.
"""

from __future__ import annotations

import asyncio
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from studio.api import Latent
from studio.api.testing import InlineLoading
from studio.app import Studio, build_studio
from studio.io.resources import resource
from studio.jobs import device as devices
from studio.jobs.spec import JobState
from tests.benchmarks.figure import Figure, at_least, at_most, paired
from tests.support.engines import paths_in

STARTER = "portrait-gan"
FACES = 24


def figures() -> Iterator[Figure]:
    """Nothing where there is no starter GAN."""
    if not (resource("models") / STARTER).is_dir():
        print(f"(no {STARTER} among the starters: nothing to measure)")
        return
    threads = devices.limit_threads(devices.physical_cores())
    devices.prepare_torch(threads)
    with tempfile.TemporaryDirectory() as home, asyncio.Runner() as runner:
        studio = build_studio(engine="in_process", paths=paths_in(Path(home)))
        runner.run(studio.queue.start())
        try:
            yield from _measured(studio, runner, Path(home), threads)
        finally:
            runner.run(studio.close())


def _measured(studio: Studio, runner: asyncio.Runner, home: Path, threads: int) -> Iterator[Figure]:
    import torch

    from studio_plugins.faces_gan.loading import load_faces

    info = studio.models.get(STARTER)
    model: Any = load_faces(InlineLoading(info, home / "bare")).value
    size, c_dim = model.size_px, model.config.c_dim
    z = torch.randn(FACES, model.config.z_dim, generator=torch.Generator().manual_seed(1))
    c = torch.eye(c_dim)[torch.arange(FACES) % c_dim] if c_dim else None

    def bare() -> float:
        started = time.perf_counter()
        with torch.inference_mode():
            for row in range(FACES):
                told = None if c is None else c[row : row + 1]
                w = model.generator.mapping(z[row : row + 1], told)
                made = model.generator.synthesis(model.generator.styles(w, 0.7), "const")
                if model.vae is not None:
                    made = model.vae.decode(made * model.deviation + model.mean).sample
                scaled = (made[0] / 2 + 0.5).clamp(0, 1) * 255
                scaled.round().to(torch.uint8).permute(1, 2, 0).contiguous().numpy()
        return time.perf_counter() - started

    def job(generator: str, given: Latent | None = None, **values: Any) -> float:
        spec = studio.make_spec(
            generator, {"model": STARTER, **values}, inputs={} if given is None else {"face": given}
        )

        async def run() -> float:
            handle = studio.queue.submit(spec)
            async for _ in handle:
                pass
            if handle.state is not JobState.DONE:
                raise RuntimeError(str(handle.error))
            return handle.seconds

        return runner.run(run())

    ratio, bare_s, ours_s = paired(bare, lambda: job("faces.sample", count=FACES), 7)
    note = (
        f"{1000 * ours_s / FACES:.1f} ms beside {1000 * bare_s / FACES:.1f} ms, {threads} thread(s)"
    )
    yield at_least("faces/s beside the bare networks", ratio, 0.97, "×", note)
    yield at_most("one face of the starter", 1000 * ours_s / FACES, 60, "ms", f"{size} px")
    face = Latent(
        {"w": np.repeat(model.mean_w[None], model.config.num_ws, 0)},
        "stylegan2.w",
        info.content_hash,
    )
    job("faces.edit", face, directions={"PCA 1": 1.0})  # finds the directions
    edits = [
        job("faces.edit", face, directions={"PCA 1": float(weight)})
        for weight in np.linspace(-2, 2, 15)
    ]
    yield at_most("a face edited live, whole job", 1000 * float(np.median(edits)), 100, "ms")
