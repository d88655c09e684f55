"""images.create, vary, inpaint and outpaint. GPU thread."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from studio.api import Context, ImageOutput, Inputs, Output, Pixels, StudioError

from .params import CreateParams, InpaintParams, OutpaintParams, VaryParams
from .parts import Part, extended, inpainted, mask_for, varied
from .sitting import Sitting


class Create:
    """images.create"""

    def generate(self, params: CreateParams, inputs: Inputs, ctx: Context) -> Iterator[Output]:
        sitting = Sitting(params, ctx)
        shape = (params.height or sitting.own_px, params.width or sitting.own_px)
        for index in sitting.turns():
            painted, extras = sitting.paint(index, shape)
            yield ImageOutput(painted, seed=ctx.seed + index, extras=extras)


class Vary:
    """images.vary"""

    def generate(self, params: VaryParams, inputs: Inputs, ctx: Context) -> Iterator[Output]:
        sitting = Sitting(params, ctx, params.resolution)
        part = varied(_given(inputs), sitting.own_px, sitting.factor)
        yield from _repainted(part, params.strength, "picture", sitting, ctx)


class Inpaint:
    """images.inpaint"""

    def generate(self, params: InpaintParams, inputs: Inputs, ctx: Context) -> Iterator[Output]:
        picture = _given(inputs)
        mask = mask_for(picture, inputs.mask("mask"))  # said before a model is loaded
        sitting = Sitting(params, ctx, params.resolution)
        part = inpainted(
            picture,
            mask,
            params.feather,
            params.padding,
            sitting.own_px,
            sitting.factor,
        )
        yield from _repainted(part, params.strength, params.result, sitting, ctx)


class Outpaint:
    """images.outpaint"""

    def generate(self, params: OutpaintParams, inputs: Inputs, ctx: Context) -> Iterator[Output]:
        sitting = Sitting(params, ctx, params.resolution)
        part = extended(
            _given(inputs),
            (params.left, params.top, params.right, params.bottom),
            params.feather,
            params.padding,
            sitting.own_px,
            sitting.factor,
        )
        yield from _repainted(part, 1.0, params.result, sitting, ctx)


def _given(inputs: Inputs) -> Pixels:
    picture = inputs.image("image")
    if picture is None:
        raise StudioError("There is no picture to start from.", where="image", remedy="Give one.")
    return picture


def _repainted(
    part: Part,
    strength: float,
    result: Literal["picture", "patch"],
    sitting: Sitting,
    ctx: Context,
) -> Iterator[Output]:
    scene = sitting.scene(part, strength)
    for index in sitting.turns():
        painted, extras = sitting.paint(index, part.shape, scene, part.shown)
        finish = part.whole_picture if result == "picture" else part.patch
        pixels, placement = finish(painted)
        yield ImageOutput(pixels, seed=ctx.seed + index, extras=extras, placement=placement)
