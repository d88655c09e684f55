"""A plugin with everything an explore panel needs: latents, sliders, films, a map. No torch.

It draws round faces from eight numbers. Its text is also what the window's tests put into the
plugin folder, so it imports nothing but the API and numpy.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Annotated, Any, Literal

import numpy as np
import numpy.typing as npt
from pydantic import Field

from studio.api import (
    Context,
    ExplorerSpec,
    FileOutput,
    GeneratorSpec,
    ImageHint,
    ImageOutput,
    ImagesHint,
    Inputs,
    Latent,
    LatentHint,
    LatentOutput,
    LatentsHint,
    ModelFacts,
    ModelHint,
    ModelInfo,
    Output,
    PadHint,
    Params,
    Pixels,
    Seed,
    SliderHint,
    SliderSpec,
    StudioError,
    VideoFormat,
    WeightsHint,
    hookimpl,
    seed_field,
)

FOLIO_API = 1
LAYOUT = "toy.w"
FAMILY = "toy"
MODEL_TEXT = b"toy faces\n"
SIDE_PX = 96
NAMES = ("smile", "eyes", "hair", "skin", "tilt", "width", "brow", "light")

Vector = npt.NDArray[np.float32]
ToyModel = Annotated[str, ModelHint(FAMILY)]


def face(w: Vector) -> Pixels:
    """(96, 96, 4) uint8 from eight numbers around 0."""
    smile, eyes, hair, skin, tilt, width, brow, light = np.tanh(w / 2)
    y, x = np.mgrid[0:SIDE_PX, 0:SIDE_PX] / (SIDE_PX / 2) - 1
    x, y = x + tilt * 0.2 * y, y - tilt * 0.1 * x
    picture = np.empty((SIDE_PX, SIDE_PX, 3))
    picture[:] = np.array([206, 214, 226]) + 30 * np.array([light, 0, -light])
    head = (x / (0.55 + 0.12 * width)) ** 2 + (y / 0.72) ** 2 < 1
    back = (x / (0.68 + 0.12 * width)) ** 2 + ((y + 0.12) / 0.78) ** 2 < 1
    picture[back] = np.array([96, 64, 44]) + 80 * np.array([hair, hair * 0.4, -hair * 0.3])
    picture[head & (y > -0.42)] = np.array([224, 178, 148]) + 40 * np.array([skin, skin, skin])
    for side in (-1, 1):
        eye = ((x - side * 0.22) / 0.09) ** 2 + ((y + 0.1) / (0.07 + 0.05 * eyes)) ** 2 < 1
        picture[eye] = (40, 36, 44)
        line = (abs(x - side * 0.22) < 0.13) & (abs(y + 0.28 + brow * 0.08) < 0.025)
        picture[line] = (60, 44, 36)
    mouth = (abs(x) < 0.24) & (abs(y - 0.36 + smile * 2.2 * (x**2 - 0.02)) < 0.035)
    picture[mouth] = (150, 52, 60)
    rgba = np.full((SIDE_PX, SIDE_PX, 4), 255, np.uint8)
    rgba[..., :3] = picture.clip(0, 255)
    return rgba


def latent_of(w: Vector, seed: int | None, **extras: str) -> LatentOutput:
    return LatentOutput({"w": w.astype(np.float32)}, LAYOUT, face(w), seed=seed, extras=extras)


def _w(latent: Latent | None) -> Vector:
    if latent is None:
        raise StudioError("There is no face to begin with.", remedy="Choose one.")
    return np.array(latent.arrays["w"])


class SampleParams(Params):
    model: ToyModel = ""
    count: int = Field(4, ge=1, le=64, description="How many faces.")
    truncation: Annotated[float, SliderHint()] = Field(1.0, ge=0, le=2, description="How wild.")
    hold: bool = Field(False, description="Wait after the first one until cancelled.")
    seed: Seed = seed_field()


class Sample:
    def generate(self, params: SampleParams, inputs: Inputs, ctx: Context) -> Iterator[Output]:
        for number in range(params.count):
            ctx.progress(number + 1, params.count)
            seed = ctx.seed + number
            w = np.random.default_rng(seed).standard_normal(8).astype(np.float32)
            yield latent_of(w * np.float32(params.truncation), seed)
            while params.hold:
                ctx.check()


class VaryParams(Params):
    model: ToyModel = ""
    face: Annotated[str, LatentHint(LAYOUT)] = Field(description="Whose neighbours.")
    count: int = Field(4, ge=1, le=16, description="How many.")
    strength: Annotated[float, SliderHint()] = Field(0.4, ge=0, le=1, description="How far.")
    seed: Seed = seed_field()


class Vary:
    def generate(self, params: VaryParams, inputs: Inputs, ctx: Context) -> Iterator[Output]:
        base = _w(inputs.latent("face"))
        for number in range(params.count):
            ctx.progress(number + 1, params.count)
            step = np.random.default_rng(ctx.seed + number).standard_normal(8, np.float32)
            yield latent_of(base + np.float32(params.strength) * step, ctx.seed + number)


class MixParams(Params):
    model: ToyModel = ""
    faces: Annotated[tuple[str, ...], LatentsHint(2, 2, LAYOUT)] = Field((), description="Two.")
    truncation: Annotated[float, SliderHint()] = Field(1.0, ge=0, le=2, description="How wild.")
    coarse: Literal["first", "second"] = Field("first", description="Pose and shape of the head.")
    fine: Literal["first", "second"] = Field("second", description="Colours.")
    seed: Seed = seed_field()


class Mix:
    def generate(self, params: MixParams, inputs: Inputs, ctx: Context) -> Iterator[Output]:
        first, second = (_w(latent) for latent in inputs.latents("faces"))
        mixed = np.where(
            np.arange(8) < 4,
            first if params.coarse == "first" else second,
            first if params.fine == "first" else second,
        )
        yield latent_of(mixed, ctx.seed)


class EditParams(Params):
    model: ToyModel = ""
    face: Annotated[str, LatentHint(LAYOUT)] = Field(description="Which face.")
    directions: Annotated[dict[str, float], WeightsHint("directions")] = Field(
        default_factory=dict, description="How far along each direction."
    )
    layers: Literal["all", "coarse", "fine"] = Field("all", description="Where it acts.")


class Edit:
    def generate(self, params: EditParams, inputs: Inputs, ctx: Context) -> Iterator[Output]:
        w = _w(inputs.latent("face"))
        for name, weight in params.directions.items():
            if weight == 2.9:
                raise StudioError("That is too far for a face.", remedy="Go back a little.")
            w[NAMES.index(name)] += weight
        yield latent_of(w, None)


class WalkParams(Params):
    model: ToyModel = ""
    faces: Annotated[tuple[str, ...], LatentsHint(2, 16, LAYOUT)] = Field((), description="Stops.")
    format: VideoFormat = Field("mp4", description="What file.")
    seconds: Annotated[float, SliderHint()] = Field(2.0, ge=0.2, le=60, description="How long.")
    loop: bool = Field(True, description="Come back to the first face.")


class Walk:
    def generate(self, params: WalkParams, inputs: Inputs, ctx: Context) -> Iterator[Output]:
        stops = [_w(latent) for latent in inputs.latents("faces")]
        stops += stops[:1] if params.loop else []
        frames = max(2, round(params.seconds * 10))
        with ctx.video("walk", SIDE_PX, SIDE_PX, 10, params.format) as film:
            for number in range(frames):
                ctx.progress(number + 1, frames)
                at = number / (frames - 1) * (len(stops) - 1)
                left = min(int(at), len(stops) - 2)
                share = np.float32(at - left)
                film.add(face(stops[left] * (1 - share) + stops[left + 1] * share))
        output: FileOutput = film.output(seed=ctx.seed)
        yield output


class ProjectParams(Params):
    model: ToyModel = ""
    picture: Annotated[str, ImageHint()] = Field(description="The picture.")
    steps: Annotated[int, SliderHint()] = Field(8, ge=1, le=200, description="How patiently.")


class Project:
    def generate(self, params: ProjectParams, inputs: Inputs, ctx: Context) -> Iterator[Output]:
        picture = inputs.image("picture")
        assert picture is not None
        goal = np.full(8, picture[..., :3].mean() / 128 - 1, np.float32)
        for step in range(params.steps):
            ctx.progress(step + 1, params.steps)
            w = goal * np.float32((step + 1) / params.steps)
            if ctx.wants_preview:
                ctx.preview(face(w))
        yield latent_of(w, None)


class MapParams(Params):
    pictures: Annotated[tuple[str, ...], ImagesHint(2, 4)] = Field((), description="The corners.")
    x: Annotated[float, PadHint("place", "x")] = Field(0.5, ge=0, le=1, description="Across.")
    y: Annotated[float, PadHint("place", "y")] = Field(0.5, ge=0, le=1, description="Up.")


class Map:
    def generate(self, params: MapParams, inputs: Inputs, ctx: Context) -> Iterator[Output]:
        first, second = inputs.images("pictures")[:2]
        height, width = min(first.shape[0], second.shape[0]), min(first.shape[1], second.shape[1])
        share = np.float32(params.x)
        mixed = first[:height, :width] * (1 - share) + second[:height, :width] * share
        yield ImageOutput((mixed * (0.5 + 0.5 * params.y)).astype(np.uint8) | np.uint8(0))


@hookimpl
def folio_generators() -> list[GeneratorSpec[Any]]:
    def spec(verb: str, title: str, params: type[Params], factory: Any, *yields: Any) -> Any:
        return GeneratorSpec(
            id=f"toyfaces.{verb}", title=title, description=f"Toy faces: {title.lower()}.",
            params=params, factory=factory, yields=yields, version="1", icon="scan-face",
        )  # fmt: skip

    return [
        spec("sample", "Make faces", SampleParams, Sample, "latent"),
        spec("vary", "More like one", VaryParams, Vary, "latent"),
        spec("mix", "Mix two faces", MixParams, Mix, "latent"),
        spec("edit", "Change a face", EditParams, Edit, "latent"),
        spec("walk", "Walk through faces", WalkParams, Walk, "video"),
        spec("project", "Face from a picture", ProjectParams, Project, "latent"),
        spec("map", "Map of pictures", MapParams, Map, "image"),
    ]


@hookimpl
def folio_recognise_model(path: Path) -> ModelFacts | None:
    if path.is_file() and path.stat().st_size < 100 and path.read_bytes() == MODEL_TEXT:
        return ModelFacts(family=FAMILY, format="toy", title="Toy faces")
    return None


@hookimpl
def folio_sliders(model: ModelInfo, source: str) -> Sequence[SliderSpec] | None:
    if model.facts.family != FAMILY or source != "directions":
        return None
    return [
        SliderSpec(name, name.capitalize(), group="Named" if number < 4 else "Found")
        for number, name in enumerate(NAMES)
    ]


@hookimpl
def folio_explorers() -> list[ExplorerSpec]:
    return [
        ExplorerSpec(
            id="toyfaces.explore",
            title="Toy faces",
            description="Round faces, drawn by numbers.",
            icon="scan-face",
            layout=LAYOUT,
            family=FAMILY,
            sample="toyfaces.sample",
            vary="toyfaces.vary",
            mix="toyfaces.mix",
            edit="toyfaces.edit",
            walk="toyfaces.walk",
            project="toyfaces.project",
        )
    ]
