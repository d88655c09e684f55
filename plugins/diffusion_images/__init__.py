"""Pictures from words with diffusion models on this machine."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from studio.api import GeneratorSpec, ModelFacts, hookimpl

from .params import CreateParams
from .recognise import recognise

if TYPE_CHECKING:
    from .engine import Create

FOLIO_API = 1


def _create() -> Create:
    from .engine import Create

    return Create()


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
        )
    ]


@hookimpl
def folio_recognise_model(path: Path) -> ModelFacts | None:
    return recognise(path)
