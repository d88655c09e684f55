"""The parameters of images.create. No torch here."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, field_validator

from studio.api import (
    Advanced,
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
]  # fmt: skip


class CreateParams(Params):
    prompt: Annotated[str, PromptHint("A fox in the snow, soft light")] = Field(
        "", max_length=100_000, description="What the picture shows."
    )
    negative_prompt: Annotated[str, NegativePromptHint("blurry")] = Field(
        "", max_length=100_000, description="What it should not show."
    )
    model: Annotated[str, ModelHint("diffusion")] = Field("", description="Which model paints.")
    steps: Annotated[int, SliderHint(1)] = Field(
        20, ge=1, le=150, description="More steps are finer and slower."
    )
    guidance_scale: Annotated[float, SliderHint(0.5)] = Field(
        5.0, ge=1, le=30, description="How strictly it follows the words; 1 is off."
    )
    width: int = Field(
        0, ge=0, le=4096, description="In pixels, a multiple of 8; 0 is the model's own."
    )
    height: int = Field(
        0, ge=0, le=4096, description="In pixels, a multiple of 8; 0 is the model's own."
    )
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

    @field_validator("width", "height")
    @classmethod
    def _multiple_of_8(cls, value: int) -> int:
        if value % 8:
            raise ValueError(f"must be a multiple of 8, such as {round(value / 8) * 8 or 8}")
        return value
