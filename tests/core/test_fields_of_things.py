"""Fields of several things: pictures, latents, sliders by name, and pads."""

from __future__ import annotations

from typing import Annotated

import pytest
from pydantic import Field, ValidationError

from studio.api import (
    ImagesHint,
    LatentHint,
    LatentsHint,
    ModelHint,
    PadHint,
    Params,
    ParamsError,
    WeightsHint,
)
from studio.core.fields import UnknownFieldType, fields_of
from studio.core.values import parse_value, problems, validated


class Things(Params):
    model: Annotated[str, ModelHint("toy")] = ""
    pictures: Annotated[tuple[str, ...], ImagesHint(2, 4)] = ()
    faces: Annotated[tuple[str, ...], LatentsHint(0, 3, layout="toy.w")] = ()
    face: Annotated[str | None, LatentHint("toy.w")] = None
    directions: Annotated[dict[str, float], WeightsHint("directions", minimum=-2, maximum=2)] = (
        Field(default_factory=dict)
    )
    shares: Annotated[dict[str, float], WeightsHint("pictures", minimum=0, maximum=1)] = Field(
        default_factory=dict
    )
    across: Annotated[float, PadHint("place", "x")] = Field(0.5, ge=0, le=1)
    up: Annotated[float, PadHint("place", "y")] = Field(0.5, ge=0, le=1)


FIELDS = {field.name: field for field in fields_of(Things)}


def test_fields_know_counts_layouts_sources_and_pads() -> None:
    assert {name: field.kind for name, field in FIELDS.items()} == {
        "pictures": "images", "face": "latent", "faces": "latents", "model": "model",
        "directions": "weights", "shares": "weights", "across": "number", "up": "number",
    }  # fmt: skip
    assert (FIELDS["pictures"].minimum_count, FIELDS["pictures"].maximum_count) == (2, 4)
    assert FIELDS["pictures"].range_text == "2 to 4 pictures"
    assert FIELDS["faces"].layout == FIELDS["face"].layout == "toy.w"
    assert FIELDS["face"].optional
    directions, shares = FIELDS["directions"], FIELDS["shares"]
    assert (directions.slider_source, directions.model_field) == ("directions", "model")
    assert (shares.slider_source, shares.model_field) == ("pictures", "")
    assert (directions.minimum, directions.maximum, directions.default) == (-2, 2, {})
    assert (FIELDS["across"].pad, FIELDS["across"].axis) == ("place", "x")


def test_validated_counts_pictures_and_bounds_weights() -> None:
    good = {"pictures": ["a", "b"], "directions": {"smile": 1.5}}
    assert problems(Things, good) == {}
    assert validated(Things, good).model_dump(mode="json")["pictures"] == ["a", "b"]
    with pytest.raises(
        ParamsError, match=r"2 to 4 are needed, and 1 given\. .*It takes 2 to 4 pictures"
    ):
        validated(Things, {"pictures": ["a"]})
    with pytest.raises(ParamsError, match="'smile' is 9, and must be -2 to 2"):
        validated(Things, {**good, "directions": {"smile": 9}})
    assert set(problems(Things, {"directions": {"x": float("nan")}})) == {"pictures", "directions"}


def test_hints_check_without_the_studio_too() -> None:
    with pytest.raises(ValidationError, match="2 to 4 are needed"):
        Things(pictures=("a",) * 5)


@pytest.mark.parametrize(
    ("text", "weights"),
    [("", {}), ("smile=1.5, age=-2", {"smile": 1.5, "age": -2.0}), ("a b=1,", {"a b": 1.0})],
)
def test_parse_value_reads_weights(text: str, weights: dict[str, float]) -> None:
    assert parse_value(FIELDS["directions"], text) == weights


@pytest.mark.parametrize("text", ["smile", "=1", "smile=much", "smile=1,smile=2"])
def test_parse_value_refuses_bad_weights_with_what_it_takes(text: str) -> None:
    with pytest.raises(ParamsError, match=r"It takes name=number .* -2 to 2"):
        parse_value(FIELDS["directions"], text)


@pytest.mark.parametrize("name", ["pictures", "face", "faces"])
def test_parse_value_sends_things_to_input(name: str) -> None:
    with pytest.raises(ParamsError, match="--input"):
        parse_value(FIELDS[name], "a.png")


class LonePad(Params):
    across: Annotated[float, PadHint("place", "x")] = Field(0.5, ge=0, le=1)


class EndlessPad(Params):
    across: Annotated[float, PadHint("place", "x")] = 0.5
    up: Annotated[float, PadHint("place", "y")] = 0.5


class StrangeModel(Params):
    weights: Annotated[dict[str, float], WeightsHint("directions", "modle")] = Field(
        default_factory=dict
    )


class Bare(Params):
    pictures: tuple[str, ...] = ()


@pytest.mark.parametrize(
    ("params", "said"),
    [
        (LonePad, "axis x and one with y"),
        (EndlessPad, "ge and le"),
        (StrangeModel, "no model field"),
        (Bare, "with their hints"),
    ],
)
def test_fields_that_make_no_sense_are_named(params: type[Params], said: str) -> None:
    with pytest.raises(UnknownFieldType, match=said):
        fields_of(params)
