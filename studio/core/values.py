"""Values for fields: read from what was typed, checked by the class, refused in words. Pure; any thread."""

from __future__ import annotations

import difflib
from collections.abc import Collection, Mapping
from typing import Any

from pydantic import ValidationError

from studio.api.errors import ParamsError
from studio.api.params import Params
from studio.core.fields import INPUT_KINDS, SEVERAL_KINDS, Field, Value, fields_of


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
    if field.kind == "weights":
        return _weights(field, text, remedy)
    if field.kind in INPUT_KINDS:
        raise ParamsError(
            f"{field.name!r} is no plain value.", where=field.name, remedy="Give it with --input."
        )
    return text


def _weights(field: Field, text: str, remedy: str) -> dict[str, float]:
    """`smile=1.5,age=-2` as numbers by name."""
    weights: dict[str, float] = {}
    for part in text.split(","):
        name, equals, number = part.rpartition("=")
        name = name.strip()
        if not part.strip():
            continue
        if not equals or not name:
            raise ParamsError(
                f"{part.strip()!r} should read name=number.", where=field.name, remedy=remedy
            )
        if name in weights:
            raise ParamsError(f"{name!r} is given twice.", where=field.name, remedy=remedy)
        try:
            weights[name] = float(number)
        except ValueError:
            raise ParamsError(
                f"{number.strip()!r} is not a number.", where=field.name, remedy=remedy
            ) from None
    return weights


def _takes(field: Field) -> str:
    if field.kind == "weights":
        return f"name=number with commas between, each {field.range_text}"
    if field.kind in SEVERAL_KINDS:
        return field.range_text
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
