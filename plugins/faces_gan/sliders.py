"""The sliders a model of faces has, from its headers and the files beside it. No torch; I/O threads."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from studio.api import ModelInfo, SliderSpec

from .direction_files import named_directions
from .directions import own_names
from .recognise import inspect


def sliders(model: ModelInfo, source: str, data_dir: Path) -> Sequence[SliderSpec] | None:
    """For "directions" and "attributes"; None for other sources and models.

    Raises:
        ModelError: the model, or a file of directions, is damaged.
    """
    if source not in ("directions", "attributes") or model.facts.family != "gan":
        return None
    found = inspect(model.path)
    if found is None:
        return None
    if source == "attributes":
        return [
            SliderSpec(
                slot.slider(value), value.capitalize(), 0, 1, 0.05, group=slot.name.capitalize()
            )
            for slot in found.slots
            for value in slot.values
        ]
    named = named_directions(model, found.config, data_dir)
    listed = [SliderSpec(name, name, group="Named") for name in named]
    listed += [
        SliderSpec(slot.slider(value), value.capitalize(), -2, 2, group=slot.name.capitalize())
        for slot in found.slots
        for value in slot.values
        if slot.slider(value) not in named
    ]
    listed += [
        SliderSpec(name, name, -4, 4, group="Found in the model", description=_MEANING)
        for name in own_names(found.config)
        if name not in named
    ]
    return listed


_MEANING = "A direction found without labels: try what it does, and give it a name if you like it."
