"""The generators of faces that give faces: sample, vary, mix, edit, between. GPU thread."""

from __future__ import annotations

from collections.abc import Iterator

from studio.api import Context, Inputs, Output

from .atelier import Atelier
from .faces import Face, edit, mix, stops, vary
from .params import BetweenParams, EditParams, MixParams, SampleParams, VaryParams


class Sample:
    """faces.sample"""

    def generate(self, params: SampleParams, inputs: Inputs, ctx: Context) -> Iterator[Output]:
        atelier = Atelier.open(
            ctx, params.model, params.noise, params.truncation_psi, params.truncation_layers
        )
        seeds = atelier.seeds(params.seeds, params.count)
        for index, seed in enumerate(seeds):
            if ctx.stopping:
                break
            ctx.progress(index, len(seeds), f"Face {index + 1} of {len(seeds)}")
            face = atelier.from_seed(seed, params.attributes, params.class_index)
            yield atelier.output(face, seed)


class Vary:
    """faces.vary"""

    def generate(self, params: VaryParams, inputs: Inputs, ctx: Context) -> Iterator[Output]:
        atelier = Atelier.open(ctx, params.model, params.noise, params.truncation_psi)
        given = atelier.from_latent(inputs.latent("face"), "face")
        layers = atelier.layers(params.layers)
        mean = atelier.model.mean_w
        for index, seed in enumerate(atelier.seeds("", params.count)):
            if ctx.stopping:
                break
            ctx.progress(index, params.count, f"Face {index + 1} of {params.count}")
            other = atelier.from_seed(seed)
            w = vary(given.w, other.w, mean, params.spread, layers)
            yield atelier.output(Face(w), seed)


class Mix:
    """faces.mix"""

    def generate(self, params: MixParams, inputs: Inputs, ctx: Context) -> Iterator[Output]:
        atelier = Atelier.open(ctx, params.model, params.noise, params.truncation_psi)
        first, second = atelier.keys(inputs.latents("faces"), params.seeds, 2)[:2]
        ctx.progress(0, 1)
        mixed = mix(first.w, second.w, atelier.layers(params.layers), params.amount)
        yield atelier.output(Face(mixed), ctx.seed)


class Edit:
    """faces.edit"""

    def generate(self, params: EditParams, inputs: Inputs, ctx: Context) -> Iterator[Output]:
        atelier = Atelier.open(ctx, params.model, params.noise, params.truncation_psi)
        latent = inputs.latent("face")
        face = (
            atelier.from_seed(ctx.seed) if latent is None else atelier.from_latent(latent, "face")
        )
        weights = {name: weight for name, weight in params.directions.items() if weight}
        layers = atelier.layers(params.layers)
        ctx.progress(0, 1)
        if weights:
            face = Face(edit(face.w, atelier.directions(weights), weights, layers))
        yield atelier.output(face, ctx.seed)


class Between:
    """faces.between"""

    def generate(self, params: BetweenParams, inputs: Inputs, ctx: Context) -> Iterator[Output]:
        atelier = Atelier.open(ctx, params.model, params.noise, params.truncation_psi)
        keys = atelier.keys(inputs.latents("faces"), params.seeds, 2)
        way = stops(len(keys), params.steps + 1, closed=False, easing=params.easing)
        for index, stop in enumerate(way):
            if ctx.stopping:
                break
            ctx.progress(index, len(way), f"Picture {index + 1} of {len(way)}")
            start, end = keys[stop.start], keys[stop.end]
            face = start
            if stop.fraction:
                face = atelier.between(start, end, stop.fraction, params.space == "z")
            yield atelier.output(face, ctx.seed, {"position": round(stop.start + stop.fraction, 6)})
