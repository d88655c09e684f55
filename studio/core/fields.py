"""One UI-neutral list of fields from a generator's params class. Pure; any thread.

The panel, the command line's help, `--set name=value` and the saved record all read this list.
"""

from __future__ import annotations

import types
import typing
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any, Literal

import annotated_types
from pydantic.fields import FieldInfo

from studio.api import params as hints
from studio.api.params import Params

FieldKind = Literal[
    "prompt",
    "negative_prompt",
    "text",
    "text_input",
    "integer",
    "number",
    "boolean",
    "choice",
    "seed",
    "model",
    "image",
    "images",
    "latent",
    "latents",
    "mask",
    "weights",
]
Value = str | int | float | bool | tuple[str, ...] | dict[str, float] | None

INPUT_KINDS = frozenset({"image", "images", "latent", "latents", "mask"})
"""Fields whose value is the id of something kept apart: given with --input, or dropped on the form."""
LATENT_KINDS = frozenset({"latent", "latents"})
SEVERAL_KINDS = frozenset({"images", "latents"})
_FIRST = (
    "prompt", "negative_prompt", "text_input", "image", "images", "latent", "latents", "mask", "model",
)  # fmt: skip


class UnknownFieldType(TypeError):
    """A params class has a field whose type no panel can show."""


@dataclass(frozen=True)
class Field:
    """One parameter as a panel or a help page shows it."""

    name: str
    label: str
    kind: FieldKind
    default: Value
    required: bool
    description: str = ""
    minimum: float | None = None
    maximum: float | None = None
    exclusive_minimum: bool = False
    exclusive_maximum: bool = False
    least_means: str = ""
    """What the minimum says, shown in its place; "" where it is a number like any other."""
    step: float = 0.0
    slider: bool = False
    optional: bool = False
    advanced: bool = False
    choices: tuple[str, ...] = ()
    max_length: int | None = None
    model_family: str = ""
    text_source: str = ""
    placeholder: str = ""
    words: tuple[str, ...] = ()
    """Of "text": words to switch on and off."""
    every_word: str = ""
    minimum_count: int = 0
    """Of pictures or latents, for "images" and "latents"."""
    maximum_count: int = 0
    layout: str = ""
    """Of the latents it takes; "" takes any."""
    slider_source: str = ""
    """Of "weights": a word for the plugin's sliders, or the name of another field; see WeightsHint."""
    model_field: str = ""
    """Of "weights": whose model is asked for its sliders; "" where there is no model field."""
    pad: str = ""
    """The pad that this number is one axis of; "" for most numbers."""
    axis: Literal["", "x", "y"] = ""
    rate_field: str = ""
    """Of a number of frames: the field that says how many a second has; "" for most numbers."""
    rate: float = 0.0
    """What that field's default is."""
    keeps_token_facts: bool = False
    """Whether it says how many alternatives of each token are told."""

    @property
    def range_text(self) -> str:
        """The range as a person reads it: "1 to 150", "0 (off) to 2", "at least 0", "a, b or c"."""
        if self.kind in SEVERAL_KINDS:
            same = self.minimum_count == self.maximum_count
            few = "" if same else f"{self.minimum_count} to "
            return f"{few}{self.maximum_count} {'pictures' if self.kind == 'images' else 'latents'}"
        if self.choices:
            return (
                ", ".join(self.choices[:-1])
                + (" or " if self.choices[1:] else "")
                + (self.choices[-1])
            )
        if self.kind == "seed":
            return "from 0 on; -1 draws one"
        low = None if self.minimum is None else _plain(self.minimum)
        high = None if self.maximum is None else _plain(self.maximum)
        if low is not None and self.least_means:
            low = f"{low} ({self.least_means})"
        above = "above " if self.exclusive_minimum else ""
        below = "below " if self.exclusive_maximum else ""
        if low is not None and high is not None:
            return f"{above}{low} to {below}{high}"
        if low is not None:
            return f"above {low}" if above else f"at least {low}"
        if high is not None:
            return f"below {high}" if below else f"at most {high}"
        return ""


def _plain(number: float) -> str:
    return str(int(number)) if number.is_integer() else f"{number:g}"


def fields_of(params: type[Params]) -> tuple[Field, ...]:
    """What to make comes first, then the model, then the rest in the order of declaration.

    Raises:
        UnknownFieldType: names the class, the field and its type.
    """
    fields = [_field(params, name, info) for name, info in params.model_fields.items()]
    fields = [_with_model_field(params, field, fields) for field in fields]
    fields = [_with_rate(params, field, fields) for field in fields]
    _check_least(params, fields)
    _check_pads(params, fields)
    fields.sort(key=_place)
    return tuple(fields)


def _place(field: Field) -> int:
    beside = field.kind == "model" and field.optional  # not the one that does the work
    return _FIRST.index(field.kind) if field.kind in _FIRST and not beside else len(_FIRST)


def _field(params: type[Params], name: str, info: FieldInfo) -> Field:
    annotation, optional = _without_none(info.annotation)
    metadata = list(info.metadata)
    if typing.get_origin(annotation) is typing.Annotated:  # the hints stand inside: Hinted | None
        annotation, *inner = typing.get_args(annotation)
        for item in inner:
            metadata += item.metadata if isinstance(item, FieldInfo) else [item]
    hint = next((m for m in metadata if isinstance(m, typing.get_args(hints.Hint))), None)
    default = None if info.is_required() else info.get_default(call_default_factory=False)
    if isinstance(default, StrEnum):
        default = default.value
    if info.default_factory is not None:
        default = info.get_default(call_default_factory=True, validated_data={})
    low = _bound(metadata, annotated_types.Ge, "ge"), _bound(metadata, annotated_types.Gt, "gt")
    high = _bound(metadata, annotated_types.Le, "le"), _bound(metadata, annotated_types.Lt, "lt")
    kind, choices = _kind(params, name, annotation, hint)
    weights = hint if isinstance(hint, hints.WeightsHint) else None
    several = hint if isinstance(hint, hints.ImagesHint | hints.LatentsHint) else None
    pad = hint if isinstance(hint, hints.PadHint) else None
    if weights is not None:
        low, high = (float(weights.minimum), None), (float(weights.maximum), None)
    return Field(
        name=name,
        label=info.title or name.replace("_", " ").capitalize(),
        kind=kind,
        default=default,
        required=info.is_required(),
        description=info.description or "",
        minimum=low[1] if low[1] is not None else low[0],
        maximum=high[1] if high[1] is not None else high[0],
        exclusive_minimum=low[1] is not None,
        exclusive_maximum=high[1] is not None,
        least_means=next((m.words for m in metadata if isinstance(m, hints.LeastMeans)), ""),
        step=_step(hint, metadata),
        slider=isinstance(hint, hints.SliderHint),
        optional=optional,
        advanced=any(isinstance(m, hints.Advanced) for m in metadata),
        choices=choices,
        max_length=next((m.max_length for m in metadata if hasattr(m, "max_length")), None),
        model_family=hint.family if isinstance(hint, hints.ModelHint) else "",
        text_source=hint.source if isinstance(hint, hints.TextInputHint) else "",
        placeholder=getattr(hint, "placeholder", ""),
        words=hint.words if isinstance(hint, hints.WordsHint) else (),
        every_word=hint.every if isinstance(hint, hints.WordsHint) else "",
        minimum_count=several.minimum if several else 0,
        maximum_count=several.maximum if several else 0,
        layout=hint.layout if isinstance(hint, hints.LatentHint | hints.LatentsHint) else "",
        slider_source=weights.source if weights else "",
        model_field=weights.model_field if weights else "",
        pad=pad.pad if pad else "",
        axis=pad.axis if pad else "",
        keeps_token_facts=any(isinstance(m, hints.KeepsTokenFacts) for m in metadata),
        rate_field=hint.rate if isinstance(hint, hints.FramesHint) else "",
    )


def _step(hint: object, metadata: Sequence[object]) -> float:
    """How far apart two values are: what the hint says, else the number all have to be a multiple of."""
    if isinstance(hint, hints.SliderHint | hints.WeightsHint) and hint.step:
        return hint.step
    multiples = (m.multiple_of for m in metadata if isinstance(m, annotated_types.MultipleOf))
    return float(next(multiples, 0.0))  # type: ignore[arg-type]


_HINT_KINDS: Mapping[type, FieldKind] = {
    hints.PromptHint: "prompt",
    hints.NegativePromptHint: "negative_prompt",
    hints.TextInputHint: "text_input",
    hints.ModelHint: "model",
    hints.ImageHint: "image",
    hints.MaskHint: "mask",
    hints.LatentHint: "latent",
}
_HINTED: Mapping[tuple[object, type], FieldKind] = {
    (tuple[str, ...], hints.ImagesHint): "images",
    (tuple[str, ...], hints.LatentsHint): "latents",
    (dict[str, float], hints.WeightsHint): "weights",
}


def _kind(
    params: type[Params], name: str, annotation: object, hint: object
) -> tuple[FieldKind, tuple[str, ...]]:
    if annotation is str:
        return _HINT_KINDS.get(type(hint), "text"), ()
    hinted = next((kind for key, kind in _HINTED.items() if key == (annotation, type(hint))), None)
    if hinted is not None:
        return hinted, ()
    if annotation is bool:
        return "boolean", ()
    if annotation is int:
        return ("seed" if isinstance(hint, hints.SeedHint) else "integer"), ()
    if annotation is float:
        return "number", ()
    if typing.get_origin(annotation) is Literal:
        values = typing.get_args(annotation)
        if all(isinstance(v, str) for v in values):
            return "choice", values
    if isinstance(annotation, type) and issubclass(annotation, StrEnum):
        return "choice", tuple(member.value for member in annotation)
    raise UnknownFieldType(
        f"{params.__name__}.{name} has the type {annotation!r}, which no panel can show; "
        "use str, int, float, bool, a Literal of strings or a StrEnum; or with their hints "
        "tuple[str, ...] and dict[str, float]"
    )


def _with_model_field(params: type[Params], field: Field, fields: list[Field]) -> Field:
    """Sliders' fields find the one whose model, or whose things, they are about."""
    if field.kind != "weights" or any(
        other.name == field.slider_source and other.kind in SEVERAL_KINDS for other in fields
    ):
        return field
    models = [other.name for other in fields if other.kind == "model"]
    if field.model_field and field.model_field not in models:
        raise UnknownFieldType(
            f"{params.__name__}.{field.name} has the sliders of {field.model_field!r}, "
            "which is no model field"
        )
    return replace(field, model_field=field.model_field or next(iter(models), ""))


def _with_rate(params: type[Params], field: Field, fields: list[Field]) -> Field:
    """Frames find how many of them a second has."""
    if not field.rate_field:
        return field
    rate = next((other for other in fields if other.name == field.rate_field), None)
    numbers = rate is not None and rate.kind in ("integer", "number") and rate.default
    if field.kind != "integer" or field.minimum is None or field.maximum is None or not numbers:
        raise UnknownFieldType(
            f"{params.__name__}.{field.name} counts frames; so it must be an int with ge and le, and "
            f"{field.rate_field!r} a number above 0"
        )
    assert rate is not None
    return replace(field, rate=float(str(rate.default)))


def _check_least(params: type[Params], fields: list[Field]) -> None:
    for field in fields:
        number = field.kind in ("integer", "number") and not field.optional
        if field.least_means and (not number or field.minimum is None or field.exclusive_minimum):
            raise UnknownFieldType(
                f"{params.__name__}.{field.name} says what its least value means; so it must be an int or "
                "float with ge"
            )


def _check_pads(params: type[Params], fields: list[Field]) -> None:
    axes: dict[str, list[str]] = {}
    for field in fields:
        if field.pad:
            axes.setdefault(field.pad, []).append(field.axis)
            if field.kind != "number" or field.minimum is None or field.maximum is None:
                raise UnknownFieldType(
                    f"{params.__name__}.{field.name} is an axis of the pad {field.pad!r}; "
                    "so it must be a float with ge and le"
                )
    for pad, found in axes.items():
        if sorted(found) != ["x", "y"]:
            raise UnknownFieldType(
                f"{params.__name__}: the pad {pad!r} needs one field with axis x and one with y"
            )


def _without_none(annotation: object) -> tuple[object, bool]:
    if typing.get_origin(annotation) in (typing.Union, types.UnionType):
        inner = [a for a in typing.get_args(annotation) if a is not type(None)]
        if len(inner) == 1 and len(typing.get_args(annotation)) == 2:
            return inner[0], True
    return annotation, False


def _bound(metadata: list[Any], kind: type, attribute: str) -> float | None:
    for item in metadata:
        if isinstance(item, kind):
            return float(getattr(item, attribute))
    return None
