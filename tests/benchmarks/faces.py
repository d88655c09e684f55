"""What a face costs with the starter: made anew and edited, beside the same networks called bare.

Turn by turn in one process. The bare side maps a z, synthesises and decodes it, and makes it 8-bit RGB.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from itertools import cycle
from typing import Any

import numpy as np

from studio.api import Latent
from studio.api.testing import InlineLoading
from tests.benchmarks.engine import BenchEngine, bench_engine, has_starter
from tests.benchmarks.figure import Figure, at_least, at_most, paired

STARTER = "portrait-gan"
FACES = 24


def made() -> Iterator[Figure]:
    """Nothing where there is no starter GAN."""
    if has_starter(STARTER):
        with bench_engine() as engine:
            yield from _made(engine, _Bare(engine))


def edited() -> Iterator[Figure]:
    """What a slider of the faces panel asks for at each of its changes, without the window."""
    if has_starter(STARTER):
        with bench_engine() as engine:
            yield from _edited(engine, _Bare(engine))


class _Bare:
    """The starter's networks, called by hand."""

    def __init__(self, engine: BenchEngine) -> None:
        from studio_plugins.faces_gan.loading import load_faces

        self.info = engine.studio.models.get(STARTER)
        self.model: Any = load_faces(InlineLoading(self.info, engine.folder / "bare")).value
        self.size = f"{self.model.size_px} px, {engine.threads} thread(s)"

    def faces(self, count: int) -> float:
        """Seconds of so many new faces, from z to pixels."""
        import torch

        generator, config = self.model.generator, self.model.config
        z = torch.randn(count, config.z_dim, generator=torch.Generator().manual_seed(1))
        c = torch.eye(config.c_dim)[torch.arange(count) % config.c_dim] if config.c_dim else None
        started = time.perf_counter()
        with torch.inference_mode():
            for row in range(count):
                w = generator.mapping(z[row : row + 1], None if c is None else c[row : row + 1])
                self._paint(generator.styles(w, 0.7))
        return time.perf_counter() - started

    def face(self, w: Any) -> float:
        """Seconds of one face of a given w, (num_ws, w_dim)."""
        import torch

        started = time.perf_counter()
        with torch.inference_mode():
            self._paint(torch.tensor(w)[None])
        return time.perf_counter() - started

    def _paint(self, styles: Any) -> None:
        import torch

        picture = self.model.generator.synthesis(styles, "const")
        if self.model.vae is not None:
            latents = picture * self.model.deviation + self.model.mean
            picture = self.model.vae.decode(latents).sample
        scaled = (picture[0] / 2 + 0.5).clamp(0, 1) * 255
        scaled.round().to(torch.uint8).permute(1, 2, 0).contiguous().numpy()


def _made(engine: BenchEngine, bare: _Bare) -> Iterator[Figure]:
    pairs = paired(
        lambda: bare.faces(FACES),
        lambda: engine.seconds("faces.sample", model=STARTER, count=FACES),
    )
    ours_ms, bare_ms = 1000 * pairs.second_s / FACES, 1000 * pairs.first_s / FACES
    yield at_most("one face of the starter", ours_ms, 60, "ms", bare.size)
    note = f"{ours_ms:.1f} ms beside {bare_ms:.1f} ms, {pairs}"
    yield at_least("faces/s beside the bare networks", pairs.ratio, 0.97, "×", note)


def _edited(engine: BenchEngine, bare: _Bare) -> Iterator[Figure]:
    w = np.repeat(bare.model.mean_w[None], bare.model.config.num_ws, 0)
    face = Latent({"w": w}, "stylegan2.w", bare.info.content_hash)
    weights = cycle(np.linspace(-2, 2, 15))

    def edit() -> float:
        directions = {"PCA 1": float(next(weights))}
        return engine.seconds("faces.edit", {"face": face}, model=STARTER, directions=directions)

    pairs = paired(lambda: bare.face(w), edit, 15, 90)
    ours_ms, bare_ms = 1000 * pairs.second_s, 1000 * pairs.first_s
    yield at_most("a face edited live, whole job", ours_ms, 100, "ms", bare.size)
    note = f"{ours_ms:.1f} ms beside {bare_ms:.1f} ms, {pairs}"
    yield at_least("faces edited live beside the bare networks", pairs.ratio, 0.97, "×", note)
