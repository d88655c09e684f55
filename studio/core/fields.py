"""One UI-neutral list of fields from a generator's params class. Pure; any thread.

The panel, the command line's help, `--set name=value` and the saved record all read this list.
"""

from __future__ import annotations

import difflib
import types
import typing
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Literal

import annotated_types
from pydantic import ValidationError
from pydantic.fields import FieldInfo

from studio.api import params as hints
from studio.api.errors import ParamsError
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
    "mask",
]
Value = str | int | float | bool | None

_FIRST = ("prompt", "negative_prompt", "text_input", "image", "mask", "model")


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
    step: float = 0.0
    slider: bool = False
    optional: bool = False
    advanced: bool = False
    choices: tuple[str, ...] = ()
    max_length: int | None = None
    model_family: str = ""
    text_source: str = ""
    placeholder: str = ""

    @property
    def range_text(self) -> str:
        """The range as a person reads it: "1 to 150", "at least 0", "a, b or c"."""
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
    fields.sort(key=lambda field: _FIRST.index(field.kind) if field.kind in _FIRST else len(_FIRST))
    return tuple(fields)


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
    low = _bound(metadata, annotated_types.Ge, "ge"), _bound(metadata, annotated_types.Gt, "gt")
    high = _bound(metadata, annotated_types.Le, "le"), _bound(metadata, annotated_types.Lt, "lt")
    kind, choices = _kind(params, name, annotation, hint)
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
        step=hint.step if isinstance(hint, hints.SliderHint) else 0.0,
        slider=isinstance(hint, hints.SliderHint),
        optional=optional,
        advanced=any(isinstance(m, hints.Advanced) for m in metadata),
        choices=choices,
        max_length=next((m.max_length for m in metadata if hasattr(m, "max_length")), None),
        model_family=hint.family if isinstance(hint, hints.ModelHint) else "",
        text_source=hint.source if isinstance(hint, hints.TextInputHint) else "",
        placeholder=getattr(hint, "placeholder", ""),
    )


_HINT_KINDS: Mapping[type, FieldKind] = {
    hints.PromptHint: "prompt",
    hints.NegativePromptHint: "negative_prompt",
    hints.TextInputHint: "text_input",
    hints.ModelHint: "model",
    hints.ImageHint: "image",
    hints.MaskHint: "mask",
}


def _kind(
    params: type[Params], name: str, annotation: object, hint: object
) -> tuple[FieldKind, tuple[str, ...]]:
    if annotation is str:
        return _HINT_KINDS.get(type(hint), "text"), ()
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
        "use str, int, float, bool, a Literal of strings or a StrEnum"
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


def parse_value(field: Field, text: str) -> Value:
    """The value a person typed for `field` on a command line.

    Raises:
        ParamsError: names the field and says what it takes.
    """
    if field.optional and text == "":
        return None
    remedy = f"It takes {_takes(field)}."
    try:
        if field.kind in ("integer", "seed"):
            return int(text)
        if field.kind == "number":
            return float(text)
    except ValueError:
        raise ParamsError(f"{text!r} is not a number.", where=field.name, remedy=remedy) from None
    if field.kind == "boolean":
        lowered = text.strip().lower()
        if lowered in ("true", "yes", "on", "1"):
            return True
        if lowered in ("false", "no", "off", "0"):
            return False
        raise ParamsError(f"{text!r} is neither yes nor no.", where=field.name, remedy=remedy)
    return text


def _takes(field: Field) -> str:
    noun = {
        "integer": "a whole number",
        "seed": "a whole number",
        "number": "a number",
        "boolean": "yes or no",
        "choice": "one of",
    }.get(field.kind, "text")
    return f"{noun} {field.range_text}".strip()


def validated(params: type[Params], values: Mapping[str, Any]) -> Params:
    """The params object from plain values.

    Raises:
        ParamsError: the first bad value; `where` is the field's name, the remedy says its range.
    """
    try:
        return params.model_validate(dict(values))
    except ValidationError as error:
        raise _params_error(params, error) from None


def problems(params: type[Params], values: Mapping[str, Any]) -> dict[str, str]:
    """Every bad field with its message, for marking them all in a panel; empty when all is well."""
    try:
        params.model_validate(dict(values))
    except ValidationError as error:
        return {str(e["loc"][0]) if e["loc"] else "": _message(e["msg"]) for e in error.errors()}
    return {}


def _message(text: str) -> str:
    return text.removeprefix("Value error, ").rstrip(".")


def _params_error(params: type[Params], error: ValidationError) -> ParamsError:
    first = error.errors()[0]
    name = str(first["loc"][0]) if first["loc"] else ""
    by_name = {field.name: field for field in fields_of(params)}
    if first["type"] == "extra_forbidden":
        return unknown_parameter(name, by_name)
    takes = f"It takes {_takes(by_name[name])}." if name in by_name else ""
    return ParamsError(f"{_message(first['msg'])}.", where=name, remedy=takes)


def unknown_parameter(name: str, known: Collection[str]) -> ParamsError:
    """The error for a name that is no parameter: says which is near, and which there are."""
    near = difflib.get_close_matches(name, known, 1)
    hint = f"Did you mean {near[0]!r}? " if near else ""
    return ParamsError(
        f"There is no parameter {name!r}.", where=name, remedy=f"{hint}Known: {', '.join(known)}."
    )
