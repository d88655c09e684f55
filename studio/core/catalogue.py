"""One entry of the list of generators: the spec and whose it is. Pure; any thread."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from studio.api.generator import GeneratorSpec
from studio.core.fields import Field, fields_of


@dataclass(frozen=True)
class RegisteredGenerator:
    """A generator with the name of the plugin it came from."""

    spec: GeneratorSpec[Any]
    plugin: str

    @property
    def fields(self) -> tuple[Field, ...]:
        return fields_of(self.spec.params)

    @property
    def token_facts_field(self) -> Field | None:
        """The field that says how many alternatives of each token are told."""
        return next((field for field in self.fields if field.keeps_token_facts), None)

    def field_of_kind(self, *kinds: str) -> Field | None:
        """The first field of one of these kinds, such as "seed" or "text_input"."""
        return next((field for field in self.fields if field.kind in kinds), None)
