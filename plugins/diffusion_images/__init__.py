"""Pictures from words and from pictures, with diffusion models on this machine."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from studio.api import GeneratorSpec, ModelFacts, hookimpl

from .params import CreateParams, InpaintParams, OutpaintParams, VaryParams
from .recognise import recognise

if TYPE_CHECKING:
    from .engine import Create, Inpaint, Outpaint, Vary

FOLIO_API = 1


def _create() -> Create:
    from .engine import Create

    return Create()


def _vary() -> Vary:
    from .engine import Vary

    return Vary()


def _inpaint() -> Inpaint:
    from .engine import Inpaint

    return Inpaint()


def _outpaint() -> Outpaint:
    from .engine import Outpaint

    return Outpaint()


@hookimpl
def folio_generators() -> list[GeneratorSpec[Any]]:
    return [
        GeneratorSpec(
            id="images.create",
            title="Create picture",
            description="Paints a picture from words with a diffusion model.",
            params=CreateParams,
            factory=_create,
            yields=("image",),
            version="2",
            icon="image-plus",
        ),
        GeneratorSpec(
            id="images.vary",
            title="Repaint picture",
            description="Paints a picture anew after the one you give and your words.",
            params=VaryParams,
            factory=_vary,
            yields=("image",),
            version="1",
            icon="refresh-cw",
        ),
        GeneratorSpec(
            id="images.inpaint",
            title="Paint into picture",
            description="Paints only where the mask is white; everything else stays as it is.",
            params=InpaintParams,
            factory=_inpaint,
            yields=("image",),
            version="2",
            icon="wand-sparkles",
        ),
        GeneratorSpec(
            id="images.outpaint",
            title="Extend picture",
            description="Paints on beyond a picture's edges.",
            params=OutpaintParams,
            factory=_outpaint,
            yields=("image",),
            version="2",
            icon="maximize",
        ),
    ]


@hookimpl
def folio_recognise_model(path: Path) -> ModelFacts | None:
    return recognise(path)
