"""One entry of the list of generators: the spec and whose it is. Pure; any thread."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from studio.api.generator import GeneratorSpec, Purpose
from studio.core.background import TOLD
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

    @property
    def purpose(self) -> Purpose:
        """What the writing desk uses it for; where it doesn't say, by where its text comes from."""
        source = self.field_of_kind("text_input")
        if self.spec.purpose or source is None or "text" not in self.spec.yields:
            return self.spec.purpose
        return "continue" if source.text_source == "before_caret" else "rewrite"

    @property
    def asked_fields(self) -> tuple[Field, ...]:
        """Those that a form asks for: not what the folio tells by itself."""
        if self.purpose not in ("continue", "prompt"):
            return self.fields
        return tuple(field for field in self.fields if field.name not in TOLD)


def for_purpose(
    generators: Iterable[RegisteredGenerator], purpose: Purpose
) -> tuple[RegisteredGenerator, ...]:
    """Those that do it, in their order."""
    return tuple(entry for entry in generators if entry.purpose == purpose)


def first_for(
    generators: Iterable[RegisteredGenerator], purpose: Purpose
) -> RegisteredGenerator | None:
    """The one that the desk's own commands use; None: no plugin that does it is enabled."""
    return next((entry for entry in generators if entry.purpose == purpose), None)
