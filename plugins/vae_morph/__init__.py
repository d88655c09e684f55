"""Morphs between pictures, through the latents of a VAE on this machine."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from studio.api import ExplorerSpec, GeneratorSpec, ModelFacts, hookimpl

from .params import (
    LAYOUT,
    BetweenParams,
    BlendParams,
    EncodeParams,
    MapParams,
    VaryParams,
    WalkParams,
)
from .recognise import recognise

if TYPE_CHECKING:
    from .stills import Between, Blend, Encode, Map, Vary
    from .walk import Walk

FOLIO_API = 1


def _between() -> Between:
    from .stills import Between

    return Between()


def _walk() -> Walk:
    from .walk import Walk

    return Walk()


def _map() -> Map:
    from .stills import Map

    return Map()


def _blend() -> Blend:
    from .stills import Blend

    return Blend()


def _vary() -> Vary:
    from .stills import Vary

    return Vary()


def _encode() -> Encode:
    from .stills import Encode

    return Encode()


@hookimpl
def folio_generators() -> list[GeneratorSpec[Any]]:
    return [
        GeneratorSpec(
            id="morph.between",
            title="Morph between pictures",
            description="Draws the steps from one picture to the next.",
            params=BetweenParams,
            factory=_between,
            yields=("latent", "image"),
            version="1",
            icon="blend",
        ),
        GeneratorSpec(
            id="morph.walk",
            title="Morph film",
            description="A film that goes from picture to picture, and back to the first if you like.",
            params=WalkParams,
            factory=_walk,
            yields=("video",),
            version="1",
            icon="film",
        ),
        GeneratorSpec(
            id="morph.map",
            title="Map of pictures",
            description="A map with your pictures in it; every place on it is a picture.",
            params=MapParams,
            factory=_map,
            yields=("latent", "image"),
            version="1",
            icon="scan",
        ),
        GeneratorSpec(
            id="morph.blend",
            title="Blend pictures",
            description="One picture out of several, some of each.",
            params=BlendParams,
            factory=_blend,
            yields=("latent",),
            version="1",
            icon="blend",
        ),
        GeneratorSpec(
            id="morph.vary",
            title="Vary picture",
            description="Pictures near a picture.",
            params=VaryParams,
            factory=_vary,
            yields=("latent",),
            version="1",
            icon="dice-5",
        ),
        GeneratorSpec(
            id="morph.encode",
            title="Picture to latent",
            description="Draws a picture again as the VAE knows it, to morph on from there.",
            params=EncodeParams,
            factory=_encode,
            yields=("latent",),
            version="1",
            icon="scan",
        ),
    ]


@hookimpl
def folio_recognise_model(path: Path) -> ModelFacts | None:
    return recognise(path)


@hookimpl
def folio_explorers() -> list[ExplorerSpec]:
    return [
        ExplorerSpec(
            id="morph.explore",
            title="Morphs",
            description="Drop pictures in; vary, mix and walk between them.",
            icon="blend",
            layout=LAYOUT,
            family="vae",
            vary="morph.vary",
            mix="morph.blend",
            between="morph.between",
            walk="morph.walk",
            project="morph.encode",
        )
    ]
