"""Faces from generative adversarial networks of the StyleGAN2 kind: make, vary, mix, edit, walk, find."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from studio.api import (
    ExplorerSpec,
    GeneratorSpec,
    ModelFacts,
    ModelInfo,
    SliderSpec,
    Yields,
    hookimpl,
)

from .faces import LAYOUT
from .params import (
    BetweenParams,
    EditParams,
    MixParams,
    NameDirectionParams,
    ProjectParams,
    SampleParams,
    VaryParams,
    WalkParams,
)
from .recognise import recognise
from .sliders import sliders

FOLIO_API = 1


def _factory(module: str, name: str) -> Callable[[], Any]:
    """Imports the engine only on the GPU thread."""

    def make() -> Any:
        from importlib import import_module

        return getattr(import_module(f".{module}", __package__), name)()

    return make


def _spec(
    verb: str,
    title: str,
    description: str,
    params: type[Any],
    engine: tuple[str, str],
    icon: str,
    yields: Yields = "latent",
) -> GeneratorSpec[Any]:
    return GeneratorSpec(
        id=f"faces.{verb}",
        title=title,
        description=description,
        params=params,
        factory=_factory(*engine),
        yields=(yields,),
        version="1",
        icon=icon,
    )


@hookimpl
def folio_generators() -> list[GeneratorSpec[Any]]:
    return [
        _spec(
            "sample", "Make faces", "New faces, each by its seed.",
            SampleParams, ("engine", "Sample"), "scan-face",
        ),
        _spec(
            "vary", "More like this", "Faces near one you like.",
            VaryParams, ("engine", "Vary"), "sparkles",
        ),
        _spec(
            "mix", "Mix faces", "One face's shape with another's features and colours, layer by layer.",
            MixParams, ("engine", "Mix"), "blend",
        ),
        _spec(
            "edit", "Edit face", "Moves a face along directions: named ones, and those found in the model.",
            EditParams, ("engine", "Edit"), "wand-sparkles",
        ),
        _spec(
            "between", "Between faces", "The pictures on the way from one face to another.",
            BetweenParams, ("engine", "Between"), "ellipsis",
        ),
        _spec(
            "walk", "Face film", "A film that walks through faces and may return to the first.",
            WalkParams, ("engine_walk", "Walk"), "film", "video",
        ),
        _spec(
            "project", "Find the face", "Looks for the face most like a picture, to be edited then.",
            ProjectParams, ("engine_project", "Project"), "search",
        ),
        _spec(
            "name_direction", "Name a direction",
            "Saves what two faces differ by, or some sliders together, as a slider of its own.",
            NameDirectionParams, ("engine_directions", "NameDirection"), "save", "image",
        ),
    ]  # fmt: skip


@hookimpl
def folio_recognise_model(path: Path) -> ModelFacts | None:
    return recognise(path)


@hookimpl
def folio_sliders(model: ModelInfo, source: str, data_dir: Path) -> Sequence[SliderSpec] | None:
    return sliders(model, source, data_dir)


@hookimpl
def folio_explorers() -> list[ExplorerSpec]:
    return [
        ExplorerSpec(
            id="faces.explore",
            title="Faces",
            description="Make faces, keep the ones you like, and go on from there.",
            icon="scan-face",
            layout=LAYOUT,
            family="gan",
            sample="faces.sample",
            vary="faces.vary",
            mix="faces.mix",
            edit="faces.edit",
            between="faces.between",
            walk="faces.walk",
            project="faces.project",
        )
    ]
