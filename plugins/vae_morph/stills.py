"""morph.between, morph.blend, morph.map, morph.vary and morph.encode: single pictures. GPU thread."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from studio.api import Context, ImageOutput, Inputs, Output, StudioError

from .loading import load_coder
from .maps import Array, PrincipalMap, corner_weights, grid_places
from .materials import Materials, Still, gather
from .noise import latent_noise
from .params import (
    BetweenParams,
    BlendParams,
    EncodeParams,
    MapParams,
    VaryParams,
    WalkParams,
)

_SHEET_SIDE_PX = 8192


def materials_of(
    params: BetweenParams | BlendParams | MapParams | WalkParams, inputs: Inputs, ctx: Context
) -> Materials:
    """The pictures and latents of a run that takes several."""
    return gather(
        ctx.model(params.model, load_coder),
        inputs.images("pictures"),
        inputs.latents("latents"),
        params.fit,
        params.size,
        ctx.model_info(params.model).content_hash,
        ctx,
        true_colours=params.true_colours,
    )


def _material_of(params: VaryParams | EncodeParams, inputs: Inputs, ctx: Context) -> Materials:
    """The one picture or latent; given both, the latent counts."""
    latents = inputs.latents("latent")
    return gather(
        ctx.model(params.model, load_coder),
        () if latents else inputs.images("picture"),
        latents,
        params.fit,
        params.size,
        ctx.model_info(params.model).content_hash,
        ctx,
    )


class Between:
    """morph.between"""

    def generate(self, params: BetweenParams, inputs: Inputs, ctx: Context) -> Iterator[Output]:
        materials = materials_of(params, inputs, ctx)
        places = _places_between(len(materials), params.steps, params.ends)
        stills = []
        for index, (leg, fraction) in enumerate(places):
            if ctx.stopping:
                break
            ctx.progress(index, len(places), f"Picture {index + 1} of {len(places)}")
            weights = np.zeros(len(materials), np.float32)
            weights[leg] = 1 - fraction
            if fraction:
                weights[leg + 1] = fraction
            still = materials.mixed(weights, params.path, ctx)
            _show(still, ctx)
            if params.sheet:
                stills.append(still)
            else:
                yield still.output(extras={"from": leg + 1, "fraction": round(fraction, 4)})
        if stills:
            yield ImageOutput(_sheet(stills, len(stills), ctx))


def _places_between(count: int, steps: int, ends: bool) -> list[tuple[int, float]]:
    """The leg and how far along it, in order."""
    places = []
    for leg in range(count - 1):
        if ends:
            places.append((leg, 0.0))
        places += [(leg, step / (steps + 1)) for step in range(1, steps + 1)]
    return [*places, (count - 1, 0.0)] if ends else places


class Blend:
    """morph.blend"""

    def generate(self, params: BlendParams, inputs: Inputs, ctx: Context) -> Iterator[Output]:
        materials = materials_of(params, inputs, ctx)
        weights = blend_weights(params.weights, len(materials))
        ctx.progress(0, 1)
        still = materials.mixed(weights, params.path, ctx)
        _show(still, ctx)
        yield still.output()


def blend_weights(named: dict[str, float], count: int) -> Array:
    """(N,), summing to one, from weights called "1", "2" and so on; nothing named is all alike.

    Raises:
        StudioError: a name is no picture's, or all together come to nothing.
    """
    numbers = {str(index + 1): index for index in range(count)}
    unknown = next((name for name in named if name not in numbers), None)
    if unknown is not None:
        raise StudioError(
            f"There is no picture {unknown!r}.",
            where="weights",
            remedy=f"The weights are called 1 to {count}, in the pictures' order.",
        )
    weights = np.zeros(count, np.float64)
    for name, weight in named.items():
        weights[numbers[name]] = weight
    if not named:
        weights[:] = 1
    total = float(weights.sum())
    if abs(total) < 0.01:
        raise StudioError(
            "The weights add up to nothing.",
            where="weights",
            remedy="Give some picture more, so that they add up to more than nothing.",
        )
    return np.asarray(weights / total, np.float32)


class Map:
    """morph.map"""

    def generate(self, params: MapParams, inputs: Inputs, ctx: Context) -> Iterator[Output]:
        materials = materials_of(params, inputs, ctx)
        weigh = _Weigher(params, materials)
        places = grid_places(params.grid, params.x, 1 - params.y, params.window)
        if params.grid == 1:
            places = [(params.x, 1 - params.y)]
        stills = []
        for index, (x, y) in enumerate(places):
            ctx.progress(index, len(places))
            still = materials.mixed(weigh(x, y), params.path, ctx)
            _show(still, ctx)
            stills.append(still)
        if params.grid == 1:
            yield stills[0].output()
        else:
            yield ImageOutput(_sheet(stills, params.grid, ctx))


class _Weigher:
    """The weight of each picture at a place of the map; x to the right, y down."""

    def __init__(self, params: MapParams, materials: Materials) -> None:
        count = len(materials)
        corners = params.span == "corners" or (params.span == "auto" and count <= 4)
        if corners and count > 4:
            raise StudioError(
                f"A map by corners takes up to four pictures, not {count}.",
                where="span",
                remedy="Choose principal, or fewer pictures.",
            )
        white = [materials.coder.whitening.apply(thing.latent) for thing in materials.things]
        self._principal = None if corners else PrincipalMap(white)
        self._count = count

    def __call__(self, x: float, y: float) -> Array:
        if self._principal is None:
            return corner_weights(self._count, x, y)
        return self._principal.weights(x, y)


class Vary:
    """morph.vary"""

    def generate(self, params: VaryParams, inputs: Inputs, ctx: Context) -> Iterator[Output]:
        materials = _material_of(params, inputs, ctx)
        (thing,) = materials.things
        deviation = materials.coder.whitening.deviation
        for index in range(params.count):
            if ctx.stopping:
                break
            ctx.progress(index, params.count, f"Picture {index + 1} of {params.count}")
            seed = ctx.seed + index
            channels, height, width = thing.latent.shape
            noise = latent_noise((channels, height, width), params.coarseness, seed)
            latent = thing.latent + np.float32(params.strength) * deviation * noise
            still = materials.still(replace(thing, latent=latent), ctx)
            _show(still, ctx)
            yield still.output(seed=seed)


class Encode:
    """morph.encode"""

    def generate(self, params: EncodeParams, inputs: Inputs, ctx: Context) -> Iterator[Output]:
        materials = _material_of(params, inputs, ctx)
        (thing,) = materials.things
        ctx.progress(0, 1, "Drawing it again")
        yield materials.still(thing, ctx).output()


def _show(still: Still, ctx: Context) -> None:
    if ctx.wants_preview:
        ctx.preview(still.pixels)


def _sheet(stills: Sequence[Still], columns: int, ctx: Context) -> npt.NDArray[np.uint8]:
    """All of them in one picture, row by row; every n-th pixel where it would grow beyond 8192."""
    height, width = stills[0].pixels.shape[:2]
    rows = -(-len(stills) // columns)
    step = -(-max(height * rows, width * columns) // _SHEET_SIDE_PX)
    depth = stills[0].pixels.shape[2]
    cells = [still.pixels[::step, ::step] for still in stills]
    cell_h, cell_w = cells[0].shape[:2]
    sheet = np.zeros((rows * cell_h, columns * cell_w, depth), np.uint8)
    for index, cell in enumerate(cells):
        ctx.check()
        row, column = divmod(index, columns)
        sheet[row * cell_h : (row + 1) * cell_h, column * cell_w : (column + 1) * cell_w] = cell
    return sheet
