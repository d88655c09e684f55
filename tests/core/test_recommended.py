"""A model's recommendations become a form's values, until the person says otherwise."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from studio.api import ModelHint, Params, SliderHint
from studio.core.fields import fields_of
from studio.core.recommended import Advice, recommended_values


class PaintParams(Params):
    model: Annotated[str, ModelHint("paint")] = ""
    steps: Annotated[int, SliderHint()] = Field(20, ge=1, le=50)
    scale: float = Field(5.0, gt=0, le=9)
    kind: Literal["plain", "soft"] = "plain"
    dry: bool = False


FIELDS = fields_of(PaintParams)
DEFAULTS = {field.name: field.default for field in FIELDS}


def test_only_what_suits_a_field_is_taken() -> None:
    good: dict[str, str | int | float | bool] = {
        "steps": 4,
        "scale": 1,
        "kind": "soft",
        "dry": True,
    }
    assert recommended_values(FIELDS, good) == good
    bad: dict[str, str | int | float | bool] = {
        "steps": 4.5,
        "scale": 0,
        "kind": "hard",
        "dry": 1,
        "model": "x",
        "gone": 3,
    }
    assert recommended_values(FIELDS, bad) == {}
    assert recommended_values(FIELDS, {"steps": 51, "scale": "high"}) == {}
    assert recommended_values(FIELDS, {"steps": True}) == {}


def test_untouched_fields_follow_the_model_and_come_back() -> None:
    advice = Advice(FIELDS)
    shown = dict(DEFAULTS)
    assert advice.changes({"steps": 4, "scale": 1.0}, shown) == {"steps": 4, "scale": 1.0}
    shown |= {"steps": 4, "scale": 1.0}
    assert advice.changes({"steps": 8}, shown) == {"steps": 8, "scale": 5.0}
    shown |= {"steps": 8, "scale": 5.0}
    assert advice.changes({}, shown) == {"steps": 20}


def test_what_the_person_set_stays() -> None:
    advice = Advice(FIELDS)
    shown = {**DEFAULTS, "steps": 33}
    assert advice.changes({"steps": 4, "scale": 1.0}, shown) == {"scale": 1.0}
    shown["scale"] = 2.0
    assert advice.changes({"steps": 8, "scale": 3.0}, shown) == {}
