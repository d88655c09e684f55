"""Fields: one list from the params class, and values read from words."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Literal

import pytest
from pydantic import Field, model_validator

from studio.api import (
    Advanced,
    ImageHint,
    LeastMeans,
    ModelHint,
    Params,
    ParamsError,
    PromptHint,
    Seed,
    SliderHint,
    seed_field,
)
from studio.core.fields import UnknownFieldType, fields_of
from studio.core.values import parse_value, problems, validated


class Colour(StrEnum):
    RED = "red"
    BLUE = "blue"


class Sample(Params):
    steps: Annotated[int, SliderHint(5)] = Field(20, ge=1, le=150, description="How many.")
    scale: Annotated[float, Advanced()] = Field(7.5, gt=0)
    fast: bool = False
    colour: Colour = Colour.RED
    size: Literal["s", "m"] = "s"
    note: str | None = None
    picture: Annotated[str | None, ImageHint()] = None
    model: Annotated[str, ModelHint("toy")] = ""
    prompt: Annotated[str, PromptHint("a fox")] = Field(..., max_length=10)
    seed: Seed = seed_field()


FIELDS = {field.name: field for field in fields_of(Sample)}


def test_fields_kinds_ranges_and_hints() -> None:
    assert {name: field.kind for name, field in FIELDS.items()} == {
        "prompt": "prompt", "picture": "image", "model": "model", "steps": "integer", "scale": "number",
        "fast": "boolean", "colour": "choice", "size": "choice", "note": "text", "seed": "seed",
    }  # fmt: skip
    assert (FIELDS["steps"].minimum, FIELDS["steps"].maximum, FIELDS["steps"].step) == (1, 150, 5)
    assert FIELDS["steps"].slider
    assert FIELDS["scale"].advanced
    assert FIELDS["scale"].exclusive_minimum
    assert FIELDS["colour"].choices == ("red", "blue")
    assert FIELDS["colour"].default == "red"
    assert FIELDS["prompt"].required
    assert FIELDS["prompt"].max_length == 10
    assert FIELDS["prompt"].placeholder == "a fox"
    assert FIELDS["model"].model_family == "toy"
    assert FIELDS["note"].optional


def test_fields_what_to_make_comes_first() -> None:
    assert [field.name for field in fields_of(Sample)][:4] == [
        "prompt",
        "picture",
        "model",
        "steps",
    ]


def test_fields_model_that_may_be_none_is_not_the_first_model() -> None:
    class Two(Params):
        extra: Annotated[str, ModelHint("adapter")] | None = None
        model: Annotated[str, ModelHint("language")] = ""

    assert [field.name for field in fields_of(Two)] == ["model", "extra"]


def test_fields_unknown_type_names_class_and_field() -> None:
    class Bad(Params):
        sizes: list[int] = Field(default_factory=list)

    with pytest.raises(UnknownFieldType, match=r"Bad\.sizes"):
        fields_of(Bad)


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("steps", "12", 12), ("scale", "1e-3", 0.001), ("fast", "yes", True), ("fast", "0", False),
        ("colour", "blue", "blue"), ("note", "", None), ("prompt", "", ""), ("seed", "-1", -1),
    ],
)  # fmt: skip
def test_parse_value_reads_words(name: str, text: str, value: object) -> None:
    assert parse_value(FIELDS[name], text) == value


@pytest.mark.parametrize(("name", "text"), [("steps", "1.5"), ("scale", "big"), ("fast", "maybe")])
def test_parse_value_refuses_with_what_it_takes(name: str, text: str) -> None:
    with pytest.raises(ParamsError, match="It takes"):
        parse_value(FIELDS[name], text)


def test_validated_names_the_field_and_its_range() -> None:
    with pytest.raises(ParamsError, match="1 to 150") as caught:
        validated(Sample, {"prompt": "x", "steps": 0})
    assert caught.value.where == "steps"
    with pytest.raises(ParamsError, match="Known: prompt"):
        validated(Sample, {"prompt": "x", "stepz": 1})


def test_problems_lists_every_bad_field() -> None:
    assert set(problems(Sample, {"prompt": "x" * 11, "scale": 0})) == {"prompt", "scale"}
    assert problems(Sample, {"prompt": "x"}) == {}


class Related(Params):
    low: int = 1
    high: int = 5
    within: Annotated[str, ImageHint()] | None = None
    bounded: Annotated[int, SliderHint(2), Field(ge=1, le=9)] | None = None

    @model_validator(mode="after")
    def _ordered(self) -> Related:
        if self.low > self.high:
            raise ValueError("low must not be above high.")
        return self


def test_fields_hints_within_an_optional_are_seen() -> None:
    fields = {field.name: field for field in fields_of(Related)}
    assert fields["within"].kind == "image"
    assert fields["within"].optional
    bounded = fields["bounded"]
    assert (bounded.minimum, bounded.maximum, bounded.slider) == (1, 9, True)


def test_validated_rule_between_fields_is_said_in_its_own_words() -> None:
    with pytest.raises(ParamsError) as caught:
        validated(Related, {"low": 7})
    assert str(caught.value) == "low must not be above high."
    assert problems(Related, {"low": 7}) == {"": "low must not be above high"}


def test_validated_misspelt_name_suggests_the_near_one() -> None:
    with pytest.raises(ParamsError, match="Did you mean 'steps'"):
        validated(Sample, {"prompt": "x", "stepz": 1})


@pytest.mark.parametrize("value", [float("nan"), float("inf"), "7.5", None])
def test_validated_numbers_are_finite_and_numbers(value: object) -> None:
    wrong = problems(Sample, {"prompt": "x", "scale": value})
    assert ("scale" in wrong) == (value != "7.5")


def test_fields_know_what_their_least_value_means() -> None:
    class Sized(Params):
        side: Annotated[int, LeastMeans("the model's own"), Advanced()] = Field(0, ge=0, le=64)
        layers: int = Field(0, ge=0)

    side, layers = fields_of(Sized)
    assert side.least_means == "the model's own"
    assert side.range_text == "0 (the model's own) to 64"
    assert side.advanced
    assert layers.least_means == ""


def test_fields_least_value_with_a_meaning_must_be_stated() -> None:
    class Sized(Params):
        side: Annotated[int, LeastMeans("the model's own")] = 0

    with pytest.raises(UnknownFieldType, match=r"Sized\.side .* ge"):
        fields_of(Sized)
