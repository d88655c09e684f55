"""Parameters of what the writer does on instruction. No torch here."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, field_validator

from studio.api import Advanced, LeastMeans, ModelHint, PromptHint, SliderHint, TextInputHint

from .instructions import parse_earlier
from .params import SamplingParams

_MOST = 2_000_000
_Text = Annotated[str, TextInputHint("selection")]
_Model = Annotated[str, ModelHint("language")]


class InstructParams(SamplingParams):
    """Answers stay near the likeliest; the text's own words may come again."""

    temperature: Annotated[float, SliderHint(0.05)] = Field(
        0.3, ge=0, le=2, description="0 always takes the likeliest word; higher is more daring."
    )
    max_new_tokens: Annotated[int, SliderHint(1)] = Field(
        256,
        ge=1,
        le=4096,
        description="Stop after this many tokens (a token is about 3/4 of a word).",
    )
    repetition_penalty: Annotated[float, SliderHint(0.01), LeastMeans("off"), Advanced()] = Field(
        1.0, ge=1, le=2, description="Makes words that stand already less likely."
    )


class AskParams(InstructParams):
    question: Annotated[str, PromptHint("Does the ending come too soon?")] = Field(
        ..., min_length=1, max_length=4000, description="What you want to know."
    )
    text: _Text = Field("", max_length=_MOST, description="The text it is about; may be empty.")
    model: _Model = Field("", description="Which model answers.")
    earlier: Annotated[str, Advanced()] = Field(
        "",
        max_length=_MOST,
        description='What was asked and answered before, as JSON: [["question", "answer"], …].',
    )

    @field_validator("earlier")
    @classmethod
    def _pairs(cls, text: str) -> str:
        parse_earlier(text)
        return text


class SummariseParams(InstructParams):
    text: _Text = Field(..., min_length=1, max_length=_MOST, description="The text to summarise.")
    model: _Model = Field("", description="Which model writes.")
    form: Literal["sentence", "paragraph", "points"] = Field(
        "paragraph", description="How long and in which form."
    )


class OutlineParams(InstructParams):
    text: _Text = Field(..., min_length=1, max_length=_MOST, description="The text to outline.")
    model: _Model = Field("", description="Which model writes.")


class TitleParams(InstructParams):
    text: _Text = Field(..., min_length=1, max_length=_MOST, description="The text to name.")
    model: _Model = Field("", description="Which model writes.")
    count: int = Field(5, ge=1, le=20, description="How many titles.")
    max_new_tokens: Annotated[int, SliderHint(1)] = Field(
        96,
        ge=1,
        le=4096,
        description="Stop after this many tokens (a token is about 3/4 of a word).",
    )


class BrainstormParams(InstructParams):
    text: _Text = Field("", max_length=_MOST, description="The text the ideas are for.")
    model: _Model = Field("", description="Which model finds ideas.")
    kind: Literal["names", "places", "turns", "own"] = Field(
        "turns", description="What to look for; own: what you say."
    )
    wish: Annotated[str, PromptHint("old names from the coast")] = Field(
        "", max_length=4000, description="More about what you look for."
    )
    count: int = Field(5, ge=1, le=20, description="How many ideas.")
    temperature: Annotated[float, SliderHint(0.05)] = Field(
        0.9, ge=0, le=2, description="0 always takes the likeliest word; higher is more daring."
    )
