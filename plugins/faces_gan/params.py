"""The parameters of all generators of faces. No torch here."""

from __future__ import annotations

import re
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, model_validator

from studio.api import (
    Advanced,
    FramesHint,
    ImageHint,
    LatentHint,
    LatentsHint,
    LeastMeans,
    ModelHint,
    Params,
    Seed,
    SliderHint,
    VideoFormat,
    WeightsHint,
    WordsHint,
    seed_field,
)

from .faces import LAYOUT, Easing
from .spans import check_layers, parse_seeds


def _seeds(text: str) -> str:
    parse_seeds(text)
    return text


def _name(text: str) -> str:
    name = " ".join(text.split())
    if not re.fullmatch(r"[^,=\x00-\x1f]{1,60}", name):
        raise ValueError("a name has 1 to 60 characters, without “,” and “=”")
    return name


Model = Annotated[str, ModelHint("gan"), Field(description="Which model makes the faces.")]
Seeds = Annotated[
    str,
    AfterValidator(_seeds),
    Field(description="Faces by number, such as “1, 5, 10-20”. Empty: from the seed below on."),
]
Psi = Annotated[
    float,
    SliderHint(0.05),
    Field(
        ge=-1, le=2, description="Truncation ψ: 0 is the average face, 1 as varied as in training."
    ),
]
PsiLayers = Annotated[
    int,
    LeastMeans("all"),
    Advanced(),
    Field(ge=0, le=64, description="Truncate only so many layers, from the coarsest."),
]
Noise = Annotated[
    Literal["const", "random", "none"],
    Advanced(),
    Field(description="The fine grain: as it was trained, new by the seed, or none."),
]
Layers = Annotated[
    str,
    WordsHint(("coarse", "middle", "fine"), "all"),
    AfterValidator(check_layers),
    Field(
        description="all, coarse (shape), middle (features), fine (colours), or numbers such as 0-3, 6."
    ),
]
Attributes = Annotated[
    dict[str, float],
    WeightsHint("attributes", "model", 0.0, 1.0, 0.05),
    Field(default_factory=dict, description="What the face has; the rest is left to chance."),
]
ClassIndex = Annotated[
    int,
    Advanced(),
    Field(ge=-1, le=100_000, description="The class, for models of classes; -1 is any."),
]
Directions = Annotated[
    dict[str, float],
    WeightsHint("directions", "model", -10.0, 10.0, 0.05),
    Field(default_factory=dict, description="How far to go along each direction."),
]
Face = Annotated[str, LatentHint(LAYOUT), Field(description="The face to begin with.")]
Space = Annotated[
    Literal["w", "z"],
    Advanced(),
    Field(description="Straight through w, or along the sphere of z (not for edited faces)."),
]


class SampleParams(Params):
    model: Model = ""
    seeds: Seeds = ""
    count: Annotated[int, SliderHint(1)] = Field(
        1, ge=1, le=64, description="How many faces, if no seeds are given."
    )
    truncation_psi: Psi = 0.7
    attributes: Attributes
    class_index: ClassIndex = -1
    truncation_layers: PsiLayers = 0
    noise: Noise = "const"
    seed: Seed = seed_field()


class VaryParams(Params):
    face: Face
    model: Model = ""
    spread: Annotated[float, SliderHint(0.05)] = Field(
        0.4, ge=0, le=1, description="0 is the same face, 1 quite another."
    )
    count: Annotated[int, SliderHint(1)] = Field(4, ge=1, le=64, description="How many faces.")
    layers: Layers = "all"
    truncation_psi: Psi = 0.7
    noise: Noise = "const"
    seed: Seed = seed_field()


class _KeyFaces(Params):
    """Faces that are given, or come from seeds."""

    @model_validator(mode="after")
    def _enough(self) -> _KeyFaces:
        given = len(getattr(self, "faces", ())) or len(parse_seeds(getattr(self, "seeds", "")))
        if given == 1:
            raise ValueError("one face is too few: give at least two faces, or two seeds")
        return self


class MixParams(_KeyFaces):
    faces: Annotated[tuple[str, ...], LatentsHint(0, 2, LAYOUT)] = Field(
        (), description="The two faces; empty takes the first two seeds."
    )
    model: Model = ""
    seeds: Seeds = ""
    layers: Layers = Field("middle, fine", title="Taken from the second")
    amount: Annotated[float, SliderHint(0.05)] = Field(
        1.0, ge=0, le=1, description="How much of those layers comes from the second face."
    )
    truncation_psi: Psi = 0.7
    noise: Noise = "const"
    seed: Seed = seed_field()


class EditParams(Params):
    face: Annotated[str | None, LatentHint(LAYOUT)] = Field(
        None, description="The face to edit; none takes the seed's."
    )
    model: Model = ""
    directions: Directions
    layers: Layers = "all"
    truncation_psi: Psi = 0.7
    noise: Noise = "const"
    seed: Seed = seed_field()


class BetweenParams(_KeyFaces):
    faces: Annotated[tuple[str, ...], LatentsHint(0, 16, LAYOUT)] = Field(
        (), description="The faces to go through; empty takes the seeds."
    )
    model: Model = ""
    seeds: Seeds = ""
    steps: Annotated[int, SliderHint(1)] = Field(
        5, ge=1, le=200, description="How many pictures between each two faces."
    )
    easing: Annotated[Easing, Advanced()] = Field(
        "linear", description="Even steps, or smaller ones where they begin and end."
    )
    space: Space = "w"
    truncation_psi: Psi = 0.7
    noise: Noise = "const"
    seed: Seed = seed_field()


class WalkParams(_KeyFaces):
    faces: Annotated[tuple[str, ...], LatentsHint(0, 64, LAYOUT)] = Field(
        (), description="The faces to go through; empty takes the seeds."
    )
    model: Model = ""
    seeds: Seeds = ""
    count: Annotated[int, SliderHint(1)] = Field(
        4, ge=2, le=64, description="How many faces, if neither faces nor seeds are given."
    )
    frames: Annotated[int, FramesHint()] = Field(
        30,
        ge=1,
        le=600,
        title="From one face to the next",
        description="Frames from one face to the next.",
    )
    frames_per_second: Annotated[int, SliderHint(1)] = Field(
        25, ge=1, le=60, description="How fast the film runs."
    )
    closed: bool = Field(True, description="Return to the first face, so that the film can repeat.")
    easing: Easing = Field("smooth", description="How the walk starts and stops at each face.")
    format: VideoFormat = Field("mp4", description="mp4, gif, webp, or png for a zip of pictures.")
    space: Space = "w"
    truncation_psi: Psi = 0.7
    noise: Noise = "const"
    seed: Seed = seed_field()


class ProjectParams(Params):
    picture: Annotated[str, ImageHint()] = Field(
        description="The picture to find a face for; its middle square is used."
    )
    model: Model = ""
    steps: Annotated[int, SliderHint(10)] = Field(
        200, ge=1, le=5000, description="More steps come nearer and take longer."
    )
    patience: Annotated[int, Advanced()] = Field(
        60, ge=1, le=5000, description="End after so many steps without gain."
    )
    seed: Seed = seed_field()


class NameDirectionParams(Params):
    name: Annotated[str, AfterValidator(_name)] = Field(
        description="What the direction's slider is called."
    )
    model: Model = ""
    start: Annotated[str | None, LatentHint(LAYOUT)] = Field(
        None, description="With an end: the direction leads from this face to that."
    )
    end: Annotated[str | None, LatentHint(LAYOUT)] = Field(
        None, description="The face the direction leads to."
    )
    directions: Directions
    layers: Layers = "all"
    seed: Seed = seed_field()

    @model_validator(mode="after")
    def _something(self) -> NameDirectionParams:
        if (self.start is None) != (self.end is None):
            raise ValueError("a direction between faces needs both a start and an end")
        if self.start is None and not any(self.directions.values()):
            raise ValueError("give two faces, or move some sliders: there is no direction yet")
        return self
