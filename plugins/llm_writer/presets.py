"""Named settings of the samplers; their values are data, in presets.json. Pure."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TypeVar

from .params import SamplingParams

S = TypeVar("S", bound=SamplingParams)


@dataclass(frozen=True)
class Preset:
    """`description` is one line for the person; `values` fit fields of SamplingParams."""

    description: str
    values: dict[str, float]


@cache
def _presets() -> dict[str, Preset]:
    read = json.loads(Path(__file__).with_name("presets.json").read_text(encoding="utf-8"))
    return {name: Preset(one["description"], one["values"]) for name, one in read.items()}


PRESETS = _presets()


def with_preset(params: S) -> S:
    """The same with the preset's values, but for fields that were set to something of their own."""
    preset = PRESETS.get(params.preset)
    if preset is None:
        return params
    fields = type(params).model_fields
    left = {
        name: value
        for name, value in preset.values.items()
        if getattr(params, name) == fields[name].default
    }
    return type(params).model_validate({**params.model_dump(), **left})
