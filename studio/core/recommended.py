"""What a model's makers recommend, as values of a generator's fields. Pure; any thread."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from studio.core.fields import Field, Value

_KINDS = ("integer", "number", "boolean", "choice")


def recommended_values(
    fields: Iterable[Field], recommended: Mapping[str, str | int | float | bool]
) -> dict[str, Value]:
    """What suits the fields; the rest is passed over, for a model knows no generator's ranges."""
    return {
        field.name: recommended[field.name]
        for field in fields
        if field.name in recommended and _suits(field, recommended[field.name])
    }


def _suits(field: Field, value: str | int | float | bool) -> bool:
    if field.kind not in _KINDS:
        return False
    if field.kind == "boolean":
        return isinstance(value, bool)
    if field.kind == "choice":
        return value in field.choices
    if isinstance(value, bool | str) or (field.kind == "integer" and not isinstance(value, int)):
        return False
    low, high = field.minimum, field.maximum
    above = low is None or (value > low if field.exclusive_minimum else value >= low)
    below = high is None or (value < high if field.exclusive_maximum else value <= high)
    return above and below


class Advice:
    """Keeps a form at what its model recommends, and off what the person has set.

    A field follows as long as it shows its default, or what was recommended last.
    """

    def __init__(self, fields: Iterable[Field]) -> None:
        self._fields = tuple(fields)
        self._given: dict[str, Value] = {}

    def changes(
        self,
        recommended: Mapping[str, str | int | float | bool],
        shown: Mapping[str, Value],
    ) -> dict[str, Value]:
        """What to show now that a model with this recommendation is chosen.

        Args:
            shown: The form's values.
        """
        advised = recommended_values(self._fields, recommended)
        changes: dict[str, Value] = {}
        for field in self._fields:
            own = self._given.get(field.name, field.default)
            if shown.get(field.name) == own:
                wanted = advised.get(field.name, field.default)
                if wanted != own:
                    changes[field.name] = wanted
                self._given[field.name] = wanted
        return changes
