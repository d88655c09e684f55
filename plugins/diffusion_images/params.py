"""The parameters of all four verbs, put together from what they share. No torch here."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, ValidationInfo, field_validator

from studio.api import (
    Advanced,
    ImageHint,
    LeastMeans,
    MaskHint,
    ModelHint,
    NegativePromptHint,
    Params,
    PromptHint,
    Seed,
    SliderHint,
    seed_field,
)

Scheduler = Literal[
    "model", "ddim", "euler", "euler ancestral", "dpm++ 2m", "dpm++ 2m karras", "unipc", "heun", "lcm",
    "tcd",
]  # fmt: skip
MOST_BEYOND_PX = 4096
"""How far a picture is extended on one side."""


class Wished(Params):
    """What is asked for, and of which model."""

    prompt: Annotated[str, PromptHint("A fox in the snow, soft light")] = Field(
        "", max_length=100_000, description="What the picture shows."
    )
    negative_prompt: Annotated[str, NegativePromptHint("blurry")] = Field(
        "", max_length=100_000, description="What it should not show."
    )
    model: Annotated[str, ModelHint("diffusion")] = Field("", description="Which model paints.")


class Steered(Params):
    """How strictly and how finely it is painted."""

    steps: Annotated[int, SliderHint(1)] = Field(
        20, ge=1, le=150, description="More steps are finer and slower."
    )
    guidance_scale: Annotated[float, SliderHint(0.5)] = Field(
        5.0, ge=1, le=30, description="How strictly it follows the words; 1 is off."
    )


class Sampled(Params):
    """How many, and from which noise."""

    count: Annotated[int, SliderHint(1)] = Field(
        1, ge=1, le=64, description="How many pictures; the seed goes up by one."
    )
    scheduler: Annotated[Scheduler, Advanced()] = Field(
        "model",
        description="How noise is taken away step by step; 'model' is what it was made for.",
    )
    prediction: Annotated[Literal["auto", "epsilon", "v_prediction"], Advanced()] = Field(
        "auto", description="What the model predicts; only single files of SD 2 need to be told."
    )
    seed: Seed = seed_field()


_THE_MODELS_OWN = LeastMeans("the model's own")


_Side = Annotated[
    int,
    _THE_MODELS_OWN,
    Field(ge=0, le=4096, multiple_of=8, description="In pixels, a multiple of 8."),
]


class Sized(Params):
    width: _Side = 0
    height: _Side = 0


class Scaled(Params):
    resolution: Annotated[int, _THE_MODELS_OWN, Advanced()] = Field(
        0,
        ge=0,
        le=4096,
        description="Side of the square with as many pixels as are painted at once. The result has the "
        "picture's size all the same.",
    )


class Pictured(Params):
    image: Annotated[str, ImageHint()] = Field(..., description="The picture to start from.")


class Strong(Params):
    strength: Annotated[float, SliderHint(0.05)] = Field(
        0.6, ge=0.05, le=1, description="How much may change: 1 starts from nothing but noise."
    )


class Masked(Params):
    mask: Annotated[str | None, MaskHint()] = Field(
        None,
        description="White where to paint anew; without one, where the picture is transparent.",
    )
    strength: Annotated[float, SliderHint(0.05)] = Field(
        1.0, ge=0.05, le=1, description="How much may change: 1 forgets what was there."
    )


class Pasted(Params):
    feather: Annotated[int, SliderHint(1)] = Field(
        12,
        ge=0,
        le=128,
        description="How softly it meets the rest, in pixels, inside what is painted.",
    )
    padding: Annotated[int, SliderHint(8)] = Field(
        128,
        ge=0,
        le=4096,
        description="How much around it the model sees, in pixels. Less gives it more detail.",
    )
    result: Annotated[Literal["picture", "patch"], Advanced()] = Field(
        "picture",
        description="The whole picture, or only what was painted, to lie on a layer above it.",
    )


class Beyond(Params):
    left: Annotated[int, SliderHint(8)] = Field(
        0, ge=0, le=MOST_BEYOND_PX, description="Pixels to add on the left."
    )
    top: Annotated[int, SliderHint(8)] = Field(
        0, ge=0, le=MOST_BEYOND_PX, description="Pixels to add at the top."
    )
    right: Annotated[int, SliderHint(8)] = Field(
        0, ge=0, le=MOST_BEYOND_PX, description="Pixels to add on the right."
    )
    bottom: Annotated[int, SliderHint(8)] = Field(
        0, ge=0, le=MOST_BEYOND_PX, description="Pixels to add at the bottom."
    )

    @field_validator("bottom")
    @classmethod
    def _somewhere(cls, bottom: int, info: ValidationInfo) -> int:
        # The last of the four, because those before are known by then.
        if not (bottom or any(info.data.get(side) for side in ("left", "top", "right"))):
            raise ValueError("say how many pixels to add, on the left, top, right or bottom")
        return bottom


class CreateParams(Sampled, Sized, Steered, Wished):
    """images.create"""


class VaryParams(Sampled, Scaled, Steered, Strong, Pictured, Wished):
    """images.vary"""


class InpaintParams(Sampled, Scaled, Pasted, Steered, Masked, Pictured, Wished):
    """images.inpaint"""


class OutpaintParams(Sampled, Scaled, Pasted, Steered, Beyond, Pictured, Wished):
    """images.outpaint"""
