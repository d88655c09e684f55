"""faces.walk: a film through faces, painted and encoded frame by frame. GPU thread."""

from __future__ import annotations

from collections.abc import Iterator

from studio.api import Context, Inputs, Output

from .atelier import Atelier
from .faces import stops
from .params import WalkParams


class Walk:
    """faces.walk"""

    def generate(self, params: WalkParams, inputs: Inputs, ctx: Context) -> Iterator[Output]:
        atelier = Atelier.open(ctx, params.model, params.noise, params.truncation_psi)
        keys = atelier.keys(inputs.latents("faces"), params.seeds, params.count)
        way = stops(len(keys), params.frames, params.closed, params.easing)
        size = atelier.model.size_px
        with ctx.video("walk", size, size, params.frames_per_second, params.format) as film:
            for index, stop in enumerate(way):
                if ctx.stopping and film.frames:
                    break
                ctx.progress(index, len(way), f"Frame {index + 1} of {len(way)}")
                start, end = keys[stop.start], keys[stop.end]
                face = start
                if stop.fraction:
                    face = atelier.between(start, end, stop.fraction, params.space == "z")
                # The same grain for all frames: new grain for each would flicker.
                pixels = atelier.paint(face, ctx.seed)
                film.add(pixels)
                atelier.show(pixels)
        yield film.output(seed=ctx.seed, extras={"frames": film.frames, "faces": len(keys)})
