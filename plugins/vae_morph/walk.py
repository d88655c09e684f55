"""morph.walk: a film through pictures, frame by frame. GPU thread."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from studio.api import Context, Inputs, Output

from .easing import legs
from .mixing import Array
from .params import WalkParams
from .stills import materials_of


class Walk:
    """morph.walk"""

    def generate(self, params: WalkParams, inputs: Inputs, ctx: Context) -> Iterator[Output]:
        materials = materials_of(params, inputs, ctx)
        frames = walk_weights(params, len(materials))
        frame = materials.frame
        with ctx.video(
            "walk", frame.width, frame.height, params.frames_per_second, params.format
        ) as film:
            resting_on, pixels = None, None
            for number, weights in enumerate(frames):
                if ctx.stopping and film.frames:
                    break
                ctx.progress(number, len(frames), f"Frame {number + 1} of {len(frames)}")
                if pixels is None or weights is not resting_on:  # a rest repeats its weights
                    pixels = materials.mixed(weights, params.path, ctx).pixels
                    resting_on = weights
                film.add(pixels)
                if ctx.wants_preview:
                    ctx.preview(pixels)
        yield film.output(extras={"frames": film.frames})


def walk_weights(params: WalkParams, count: int) -> list[Array]:
    """The weights (N,) of each frame, rests included."""
    frames = []
    for start, stop, fraction in legs(count, params.frames_per_leg, params.closed, params.easing):
        weights = np.zeros(count, np.float32)
        weights[start] += 1 - fraction
        weights[stop] += fraction
        resting = fraction == 0
        frames += [weights] * (1 + params.hold if resting else 1)
    return frames
