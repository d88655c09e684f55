"""The writer's parameters. Defaults suit small models; no torch here."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, field_validator

from studio.api import (
    Advanced,
    KeepsTokenFacts,
    LeastMeans,
    ModelHint,
    Params,
    PromptHint,
    Seed,
    SliderHint,
    TextInputHint,
    seed_field,
)

from .context import Sources, parse_world_notes
from .words import parse_biases

_Fraction = Annotated[float, SliderHint(0.01), Advanced()]
_OFF = LeastMeans("off")


class SamplingParams(Params):
    """How the next word is chosen. The order of the filters is that of the fields."""

    temperature: Annotated[float, SliderHint(0.05)] = Field(
        0.7, ge=0, le=2, description="0 always takes the likeliest word; higher is more daring."
    )
    preset: Literal["own", "careful", "balanced", "storyteller", "wild", "steady"] = Field(
        "own", description="Sets those of the fields below that stand at their defaults."
    )
    max_new_tokens: Annotated[int, SliderHint(1)] = Field(
        160,
        ge=1,
        le=4096,
        description="Stop after this many tokens (a token is about 3/4 of a word).",
    )
    repetition_penalty: Annotated[_Fraction, _OFF] = Field(
        1.1, ge=1, le=2, description="Makes words that stand already less likely."
    )
    frequency_penalty: Annotated[_Fraction, _OFF] = Field(
        0.0,
        ge=0,
        le=2,
        description="Makes words less likely for each time they stand already.",
    )
    presence_penalty: Annotated[_Fraction, _OFF] = Field(
        0.0, ge=0, le=2, description="Makes words that stand already less likely once."
    )
    penalty_last_tokens: Annotated[int, LeastMeans("all of them"), Advanced()] = Field(
        0, ge=0, le=8192, description="The three penalties look at so many of the last tokens."
    )
    no_repeat_ngram: Annotated[int, _OFF, Advanced()] = Field(
        0, ge=0, le=20, description="Never repeat this many tokens in a row."
    )
    dry_multiplier: Annotated[_Fraction, _OFF] = Field(
        0.0, ge=0, le=5, description="DRY: makes going on with a repeat less likely."
    )
    dry_base: _Fraction = Field(
        1.75, ge=1, le=4, description="DRY: how fast that grows with the repeat's length."
    )
    dry_allowed_length: Annotated[int, Advanced()] = Field(
        2, ge=1, le=20, description="DRY: repeats shorter than this many tokens are let be."
    )
    top_k: Annotated[int, _OFF, Advanced()] = Field(
        40, ge=0, le=1000, description="Choose among this many likeliest words."
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
    min_p: Annotated[_Fraction, _OFF] = Field(
        0.05, ge=0, le=1, description="Drop words below this share of the likeliest."
    )
    xtc_probability: Annotated[_Fraction, _OFF] = Field(
        0.0, ge=0, le=1, description="XTC: how often the likeliest words are left out."
    )
    xtc_threshold: _Fraction = Field(
        0.1,
        ge=0.01,
        le=0.5,
        description="XTC: which: those above this share, but for the last of them.",
    )
    dynamic_temperature: Annotated[_Fraction, _OFF] = Field(
        0.0,
        ge=0,
        le=2,
        description="The temperature goes up and down by so much as the model is unsure or sure.",
    )
    dynamic_exponent: _Fraction = Field(
        1.0,
        ge=0.1,
        le=10,
        description="Above 1 the temperature goes up only where it is very unsure.",
    )
    mirostat_tau: Annotated[_Fraction, _OFF] = Field(
        0.0,
        ge=0,
        le=10,
        description="Mirostat: holds the surprise at so many bits, instead of all filters and penalties.",
    )
    mirostat_eta: _Fraction = Field(
        0.1, gt=0, le=1, description="Mirostat: how fast it follows the surprise."
    )
    banned_words: Annotated[str, Advanced()] = Field(
        "", max_length=4000, description="Words never to write; separate them with |."
    )
    biased_words: Annotated[str, Advanced()] = Field(
        "",
        max_length=4000,
        description="Words to write more or less often, such as dragon=2|castle=-1.5.",
    )
    stop: Annotated[str, Advanced()] = Field(
        "",
        max_length=2000,
        description="Stop before any of these texts; separate them with |, write \\n for a new line.",
    )
    alternatives: Annotated[int, KeepsTokenFacts(), LeastMeans("nothing"), Advanced()] = Field(
        0,
        ge=0,
        le=20,
        description="Keep how likely each word was, and this many likelier or next ones.",
    )
    adapter: Annotated[str, ModelHint("language_adapter")] | None = Field(
        None, description="A LoRA adapter to put on the model."
    )
    adapter_strength: Annotated[float, SliderHint(0.05), Advanced()] = Field(
        1.0, ge=0, le=2, description="How much of the adapter; 1 is as it was made."
    )
    precision: Annotated[Literal["auto", "full", "bf16", "int8"], Advanced()] = Field(
        "auto",
        description="Numbers a Hugging Face model computes in on the processor; auto: the fastest that is "
        "exact enough, measured once.",
    )
    prefix: Annotated[str, Advanced()] = Field(
        "",
        max_length=100_000,
        description="Begin with this: what was written before, up to another word; it stays.",
    )
    variants: Annotated[int, Advanced()] = Field(
        1, ge=1, le=8, description="Write it so many times, each with the next seed."
    )
    seed: Seed = seed_field()

    @property
    def stop_strings(self) -> tuple[str, ...]:
        return tuple(part.replace("\\n", "\n") for part in self.stop.split("|") if part)

    @field_validator("biased_words")
    @classmethod
    def _numbers_follow(cls, text: str) -> str:
        parse_biases(text)
        return text


class ContinueParams(SamplingParams):
    text: Annotated[str, TextInputHint("before_caret")] = Field(
        "", max_length=2_000_000, description="The text to go on from."
    )
    model: Annotated[str, ModelHint("language")] = Field("", description="Which model writes.")
    memory: Annotated[str, Advanced()] = Field(
        "", max_length=100_000, description="Always told first: who, where, what came before."
    )
    author_note: Annotated[str, Advanced()] = Field(
        "", max_length=20_000, description="Told a few lines before the end: tone, what comes next."
    )
    note_depth: Annotated[int, Advanced()] = Field(
        3, ge=0, le=100, description="How many lines stand after the author's note."
    )
    world_notes: Annotated[str, Advanced()] = Field(
        "",
        max_length=400_000,
        description="One a line, as keys, a colon, the note: told where a key stands in the recent text.",
    )

    @field_validator("world_notes")
    @classmethod
    def _lines_have_keys(cls, text: str) -> str:
        parse_world_notes(text)
        return text

    @property
    def sources(self) -> Sources:
        """What the prompt is made of: the text up to where writing goes on, and what is told beside."""
        return Sources(
            self.text + self.prefix,
            self.memory,
            self.author_note,
            self.note_depth,
            parse_world_notes(self.world_notes),
        )


class ScoreParams(Params):
    text: Annotated[str, TextInputHint("selection")] = Field(
        ..., min_length=1, max_length=2_000_000, description="The text to look at."
    )
    before: Annotated[str, TextInputHint("before_selection"), Advanced()] = Field(
        "", max_length=2_000_000, description="What stands before it: read, not judged."
    )
    model: Annotated[str, ModelHint("language")] = Field("", description="Which model reads.")
    alternatives: Annotated[int, KeepsTokenFacts(), Advanced()] = Field(
        5, ge=0, le=20, description="Keep this many likeliest words for each place."
    )


class RewriteParams(SamplingParams):
    instruction: Annotated[str, PromptHint("Make it shorter")] = Field(
        "Rewrite this more clearly",
        min_length=1,
        max_length=4000,
        description="What to do with the text, where the task is own.",
    )
    task: Literal["own", "shorten", "expand", "simplify", "formal", "vivid", "fix", "translate"] = (
        Field("own", description="What to do with the text; own: what you say.")
    )
    language: str = Field(
        "English", min_length=1, max_length=100, description="For translate: into which language."
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
    repetition_penalty: Annotated[_Fraction, _OFF] = Field(
        1.0,
        ge=1,
        le=2,
        description="Makes words that stand already less likely, those of the text too.",
    )
