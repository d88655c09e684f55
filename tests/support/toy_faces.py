"""A toy family of faces: latents, sliders, films and an explorer, whole and without torch."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any, Literal

import numpy as np
from pydantic import Field

from studio.api import (
    Context,
    ExplorerSpec,
    FloatArray,
    GeneratorSpec,
    ImageOutput,
    ImagesHint,
    Inputs,
    LatentHint,
    LatentOutput,
    LatentsHint,
    Loaded,
    Loading,
    ModelFacts,
    ModelHint,
    ModelInfo,
    Output,
    Params,
    Pixels,
    Seed,
    SliderHint,
    SliderSpec,
    WeightsHint,
    hookimpl,
    seed_field,
)

FOLIO_API = 1
LAYOUT = "toy.w"
SIDE_PX = 32
_MAGIC = b"toyface "

Model = Annotated[str, ModelHint("toy-face")]


def face_of(w: FloatArray) -> Pixels:
    """(3,) in -3..3 to a plain picture of that colour."""
    colour = np.clip(128 + 40 * w, 0, 255).astype(np.uint8)
    return np.broadcast_to(colour, (SIDE_PX, SIDE_PX, 3)).copy()


def load_face(loading: Loading) -> Loaded[str]:
    loading.progress(1.0)
    return Loaded(loading.model.id, 1)


class SampleParams(Params):
    model: Model = Field("", description="Which faces.")
    count: Annotated[int, SliderHint()] = Field(1, ge=1, le=16, description="How many.")
    seed: Seed = seed_field()


class Sample:
    def generate(self, params: SampleParams, inputs: Inputs, ctx: Context) -> Iterator[Output]:
        ctx.model(params.model, load_face)
        for index in range(params.count):
            ctx.progress(index + 1, params.count)
            w = np.random.default_rng(ctx.seed + index).normal(size=3).astype(np.float32)
            yield LatentOutput({"w": w}, LAYOUT, face_of(w), seed=ctx.seed + index)


class EditParams(Params):
    model: Model = Field("", description="Which faces.")
    face: Annotated[str, LatentHint(LAYOUT)] = Field(..., description="The face.")
    directions: Annotated[dict[str, float], WeightsHint("directions")] = Field(
        default_factory=dict, description="How much of each."
    )


class Edit:
    def generate(self, params: EditParams, inputs: Inputs, ctx: Context) -> Iterator[Output]:
        ctx.model(params.model, load_face)
        face = inputs.latent("face")
        assert face is not None
        ctx.progress(1, 1)
        w = face.arrays["w"].copy()
        for number, name in enumerate(("smile", "age", "light")):
            w[number] += params.directions.get(name, 0.0)
        yield LatentOutput({"w": w}, LAYOUT, face_of(w), seed=ctx.seed)


class WalkParams(Params):
    model: Model = Field("", description="Which faces.")
    faces: Annotated[tuple[str, ...], LatentsHint(2, 8, LAYOUT)] = Field(
        ..., description="From one to the next."
    )
    frames: int = Field(6, ge=2, le=100, description="How many pictures.")
    format: Literal["mp4", "gif", "webp", "png"] = "mp4"


class Walk:
    def generate(self, params: WalkParams, inputs: Inputs, ctx: Context) -> Iterator[Output]:
        ctx.model(params.model, load_face)
        keys = [latent.arrays["w"] for latent in inputs.latents("faces")]
        with ctx.video("walk", SIDE_PX, SIDE_PX, 10, params.format) as film:
            for number in range(params.frames):
                place = number / (params.frames - 1) * (len(keys) - 1)
                at = min(int(place), len(keys) - 2)
                share = np.float32(place - at)
                film.add(face_of(keys[at] * (1 - share) + keys[at + 1] * share))
                ctx.progress(number + 1, params.frames)
        yield film.output(seed=ctx.seed)


class JoinParams(Params):
    pictures: Annotated[tuple[str, ...], ImagesHint(2, 4)] = Field(..., description="Any.")
    more: Annotated[tuple[str, ...], ImagesHint(0, 4)] = Field((), description="And these.")
    light: Annotated[dict[str, float], WeightsHint("pictures", minimum=0, maximum=1)] = Field(
        default_factory=dict, description="How bright each is."
    )


class Join:
    """The pictures' top left corners side by side."""

    def generate(self, params: JoinParams, inputs: Inputs, ctx: Context) -> Iterator[Output]:
        ctx.progress(1, 1)
        pictures = (*inputs.images("pictures"), *inputs.images("more"))
        corners = [pixels[:4, :4].copy() for pixels in pictures]
        for name, light in params.light.items():
            corner = corners[int(name) - 1]
            corner[..., :3] = corner[..., :3] * light
        yield ImageOutput(np.hstack(corners))


def specs() -> list[GeneratorSpec[Any]]:
    def spec(
        verb: str, params: type[Params], factory: Any, kind: Literal["latent", "image", "video"]
    ) -> GeneratorSpec[Any]:
        return GeneratorSpec(
            id=f"face.{verb}", title=verb.capitalize(), description=f"Toy faces: {verb}.",
            params=params, factory=factory, yields=(kind,), version="1",
        )  # fmt: skip

    return [
        spec("sample", SampleParams, Sample, "latent"),
        spec("edit", EditParams, Edit, "latent"),
        spec("walk", WalkParams, Walk, "video"),
        spec("join", JoinParams, Join, "image"),
    ]


@hookimpl
def folio_generators() -> list[GeneratorSpec[Any]]:
    return specs()


@hookimpl
def folio_recognise_model(path: Path) -> ModelFacts | None:
    if path.is_file() and path.read_bytes()[: len(_MAGIC)] == _MAGIC:
        return ModelFacts(family="toy-face", format="toy")
    return None


@hookimpl
def folio_sliders(model: ModelInfo, source: str) -> list[SliderSpec] | None:
    if model.facts.family != "toy-face" or source != "directions":
        return None
    return [SliderSpec(name, name.capitalize()) for name in ("smile", "age", "light")]


@hookimpl
def folio_explorers() -> list[ExplorerSpec]:
    return [
        ExplorerSpec(
            "face.explore", "Toy faces", "Look around among toy faces.", "scan-face", LAYOUT,
            "toy-face", sample="face.sample", edit="face.edit", walk="face.walk",
        )
    ]  # fmt: skip


def write_model(path: Path, name: str = "plain") -> Path:
    """A model's file that the plugin recognises."""
    path.write_bytes(_MAGIC + name.encode())
    return path
