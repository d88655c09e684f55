"""The parameters of the morph generators. No torch here."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, ValidationInfo, field_validator

from studio.api import (
    Advanced,
    FramesHint,
    ImageHint,
    ImagesHint,
    LatentHint,
    LatentsHint,
    LeastMeans,
    ModelHint,
    PadHint,
    Params,
    Seed,
    SliderHint,
    VideoFormat,
    WeightsHint,
    seed_field,
)

from .easing import Easing
from .fit import Fit
from .mixing import Path

LAYOUT = "kl.latent"
"""Arrays: "latent" (C, h, w), as the decoder takes it; "size" (2,), the picture's height and width;
"alpha" (H, W) 0..1, only where the picture isn't opaque; "colour" (3, h, w), only where it is added
to the decoded picture's 0..255."""
MOST = 16
Span = Literal["auto", "corners", "principal"]


_PATH = (
    "How one becomes the other: straight and soft, along an arc that keeps contrast, or sweeping from "
    "top to bottom."
)


class _Fitted(Params):
    """What every morph generator asks for."""

    model: Annotated[str, ModelHint("vae")] = Field(
        "", description="The VAE that reads the pictures and draws the results."
    )
    fit: Fit = Field(
        "crop",
        description="How pictures are brought to one size: cut to a square, with clear margins, pulled to a "
        "square, or kept at the first one's size.",
    )
    size: Annotated[int, LeastMeans("the model's own"), Advanced()] = Field(
        0, ge=0, le=4096, description="The square's side in pixels."
    )


class _Several(_Fitted):
    """Pictures and latents, in this order; together at least two."""

    latents: Annotated[tuple[str, ...], LatentsHint(0, MOST, LAYOUT), Advanced()] = Field(
        (), description="Earlier results of this kind, taken as they are instead of read anew."
    )
    pictures: Annotated[tuple[str, ...], ImagesHint(0, MOST)] = Field(
        (), description="The pictures, in their order; at least two."
    )

    @field_validator("pictures")
    @classmethod
    def _enough(cls, value: tuple[str, ...], info: ValidationInfo) -> tuple[str, ...]:
        if len(value) + len(info.data.get("latents", ())) < 2:
            raise ValueError("at least two pictures are needed")
        return value


class _Mixed(_Several):
    path: Path = Field("slerp", description=_PATH)
    true_colours: Annotated[bool, Advanced()] = Field(
        True,
        description="Keep colours between those of the pictures, whatever the VAE makes of them.",
    )


class BetweenParams(_Mixed):
    # Seen on portraits: in a sweep every step is a clean one, where the others show both at once.
    path: Path = Field("sweep", description=_PATH)
    steps: Annotated[int, SliderHint(1)] = Field(
        5, ge=1, le=64, description="How many pictures between each two."
    )
    ends: bool = Field(False, description="Also the pictures themselves, as the VAE draws them.")
    sheet: bool = Field(False, description="One picture with all of them side by side.")


class BlendParams(_Mixed):
    weights: Annotated[dict[str, float], WeightsHint("pictures", "", -1.0, 2.0, 0.05)] = Field(
        default_factory=dict,
        description="How much of each picture; nothing set is the same of each; below zero leads away.",
    )


class MapParams(_Mixed):
    x: Annotated[float, PadHint("place", "x")] = Field(
        0.5, ge=0, le=1, description="Where on the map, from left to right."
    )
    y: Annotated[float, PadHint("place", "y")] = Field(
        0.5, ge=0, le=1, description="Where on the map, from below upwards."
    )
    span: Span = Field(
        "auto",
        description="Up to four pictures in the map's corners, or the two directions in which the pictures "
        "differ most. Auto: corners for up to four.",
    )
    grid: Annotated[int, SliderHint(1)] = Field(
        1,
        ge=1,
        le=12,
        description="1 is the place itself; more is a sheet of that many by that many.",
    )
    window: Annotated[float, SliderHint(0.05), Advanced()] = Field(
        1.0, ge=0.05, le=1, description="How much of the map the sheet shows, around the place."
    )


class WalkParams(_Mixed):
    path: Path = Field("sweep", description=_PATH)
    frames_per_leg: Annotated[int, FramesHint()] = Field(
        30,
        ge=1,
        le=600,
        title="From one picture to the next",
        description="Frames from one picture to the next.",
    )
    hold: Annotated[int, FramesHint()] = Field(
        0, ge=0, le=250, title="Rest at each picture", description="Frames to rest at each picture."
    )
    easing: Easing = Field("smooth", description="How it speeds up and slows down on each leg.")
    closed: bool = Field(True, description="Go back to the first picture, so that it loops.")
    frames_per_second: Annotated[float, SliderHint(1)] = Field(
        25, ge=1, le=60, description="How fast it plays."
    )
    format: VideoFormat = Field("mp4", description="A film, or a zip of single pictures (png).")


class _One(_Fitted):
    latent: Annotated[str | None, LatentHint(LAYOUT), Advanced()] = Field(
        None, description="An earlier result of this kind, instead of the picture."
    )
    picture: Annotated[str | None, ImageHint()] = Field(None, description="The picture.")

    @field_validator("picture")
    @classmethod
    def _there(cls, value: str | None, info: ValidationInfo) -> str | None:
        if not value and not info.data.get("latent"):
            raise ValueError("a picture is needed")
        return value


class VaryParams(_One):
    strength: Annotated[float, SliderHint(0.05)] = Field(
        0.4, ge=0, le=2, description="How far from the picture."
    )
    coarseness: Annotated[float, SliderHint(0.05)] = Field(
        0.8, ge=0, le=1, description="0 changes every spot on its own, 1 the whole picture at once."
    )
    count: Annotated[int, SliderHint(1)] = Field(
        4, ge=1, le=64, description="How many; the seed goes up by one."
    )
    seed: Seed = seed_field()


class EncodeParams(_One):
    pass
