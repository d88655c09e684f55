"""The writer's parameters. Defaults suit small models; no torch here."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from studio.api import (
    Advanced,
    ModelHint,
    Params,
    PromptHint,
    Seed,
    SliderHint,
    TextInputHint,
    seed_field,
)

_Fraction = Annotated[float, SliderHint(0.01), Advanced()]


class SamplingParams(Params):
    """How the next word is chosen. The order of the filters is that of the fields."""

    temperature: Annotated[float, SliderHint(0.05)] = Field(
        0.7, ge=0, le=2, description="0 always takes the likeliest word; higher is more daring."
    )
    max_new_tokens: Annotated[int, SliderHint(1)] = Field(
        160,
        ge=1,
        le=4096,
        description="Stop after this many tokens (a token is about 3/4 of a word).",
    )
    repetition_penalty: Annotated[float, SliderHint(0.01), Advanced()] = Field(
        1.1, ge=1, le=2, description="Makes words that stand already less likely; 1 is off."
    )
    no_repeat_ngram: Annotated[int, Advanced()] = Field(
        0, ge=0, le=20, description="Never repeat this many tokens in a row; 0 is off."
    )
    top_k: Annotated[int, Advanced()] = Field(
        40, ge=0, le=1000, description="Choose among this many likeliest words; 0 is off."
    )
    typical_p: _Fraction = Field(
        1.0,
        gt=0,
        le=1,
        description="Keep the words of typical surprise up to this share; 1 is off.",
    )
    top_p: _Fraction = Field(
        0.95, gt=0, le=1, description="Keep the likeliest words up to this share; 1 is off."
    )
    min_p: _Fraction = Field(
        0.05, ge=0, le=1, description="Drop words below this share of the likeliest; 0 is off."
    )
    stop: Annotated[str, Advanced()] = Field(
        "",
        max_length=2000,
        description="Stop before any of these texts; separate them with |, write \\n for a new line.",
    )
    alternatives: Annotated[int, Advanced()] = Field(
        0,
        ge=0,
        le=20,
        description="Keep how likely each word was, and this many likelier or next ones; 0 keeps nothing.",
    )
    seed: Seed = seed_field()

    @property
    def stop_strings(self) -> tuple[str, ...]:
        return tuple(part.replace("\\n", "\n") for part in self.stop.split("|") if part)


class ContinueParams(SamplingParams):
    text: Annotated[str, TextInputHint("before_caret")] = Field(
        "", max_length=2_000_000, description="The text to go on from."
    )
    model: Annotated[str, ModelHint("language")] = Field("", description="Which model writes.")


class ScoreParams(Params):
    text: Annotated[str, TextInputHint("selection")] = Field(
        ..., min_length=1, max_length=2_000_000, description="The text to look at."
    )
    before: Annotated[str, Advanced()] = Field(
        "", max_length=2_000_000, description="What stands before it: read, not judged."
    )
    model: Annotated[str, ModelHint("language")] = Field("", description="Which model reads.")
    alternatives: Annotated[int, Advanced()] = Field(
        5, ge=0, le=20, description="Keep this many likeliest words for each place."
    )


class RewriteParams(SamplingParams):
    instruction: Annotated[str, PromptHint("Make it shorter")] = Field(
        "Rewrite this more clearly",
        min_length=1,
        max_length=4000,
        description="What to do with the text.",
    )
    text: Annotated[str, TextInputHint("selection")] = Field(
        ..., min_length=1, max_length=2_000_000, description="The text to rewrite."
    )
    model: Annotated[str, ModelHint("language")] = Field("", description="Which model writes.")
    max_new_tokens: Annotated[int, SliderHint(1)] = Field(
        256,
        ge=1,
        le=4096,
        description="Stop after this many tokens (a token is about 3/4 of a word).",
    )
    temperature: Annotated[float, SliderHint(0.05)] = Field(
        0.0, ge=0, le=2, description="0 stays closest to the text; higher is more daring."
    )
    repetition_penalty: Annotated[float, SliderHint(0.01), Advanced()] = Field(
        1.0,
        ge=1,
        le=2,
        description="Makes words that stand already less likely, those of the text too; 1 is off.",
    )
