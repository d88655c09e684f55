"""Which of a generator's fields the explore panel fills itself, found by their kind. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from studio.api.sliders import ExplorerSpec
from studio.core.catalogue import RegisteredGenerator
from studio.core.fields import Field
from studio.freezing import InputValue

FEWEST = {"sample": 0, "project": 0, "vary": 1, "edit": 1, "mix": 2, "walk": 2, "between": 2}
"""How many tiles each role is about at least, whatever else its generator could begin with."""
_INSTEAD_OF_LATENTS = ("seeds", "count")
"""Names of fields that make latents where none are given."""
_SHARED_KINDS = ("model", "integer", "number", "choice", "boolean")


@dataclass(frozen=True)
class Role:
    """One of the explorer's generators, and what of it the grid gives.

    Args:
        common: Names of fields that the panel's head has too: said once, there.
    """

    name: str
    entry: RegisteredGenerator
    common: frozenset[str] = frozenset()

    @cached_property
    def fields(self) -> tuple[Field, ...]:
        """Worked out once: the panel asks at every click."""
        return self.entry.fields

    @property
    def model(self) -> Field | None:
        return self._first("model")

    @property
    def weights(self) -> Field | None:
        return self._first("weights")

    @property
    def image(self) -> Field | None:
        return self._first("image")

    @property
    def count(self) -> Field | None:
        """How many results it makes."""
        return self._field("count", "integer")

    @property
    def latents(self) -> tuple[Field, ...]:
        """The fields the chosen tiles go into: the one for several, else those for one each."""
        if FEWEST[self.name] == 0:
            return ()
        several = [field for field in self.fields if field.kind == "latents"]
        return tuple(several[:1] or [f for f in self.fields if f.kind == "latent"])

    @property
    def least(self) -> int:
        """How many tiles must be chosen."""
        several = next((f for f in self.latents if f.kind == "latents"), None)
        return max(FEWEST[self.name], several.minimum_count if several is not None else 0)

    @property
    def most(self) -> int:
        several = next((f for f in self.latents if f.kind == "latents"), None)
        return several.maximum_count if several is not None else len(self.latents)

    def suits(self, chosen: int) -> bool:
        """Whether so many chosen tiles are what it takes."""
        return not self.latents or self.least <= chosen <= max(self.least, self.most)

    @property
    def asked(self) -> tuple[Field, ...]:
        """What is left to ask the person for, when the grid has given what it can."""
        return tuple(field for field in self.fields if self._is_asked(field))

    @property
    def shared(self) -> tuple[str, ...]:
        """Names of fields whose value is the head's."""
        return tuple(
            field.name
            for field in self.fields
            if field.name in self.common and field.kind in _SHARED_KINDS and field.name != "count"
        )

    def inputs(self, blob_ids: Sequence[str]) -> dict[str, InputValue | Sequence[InputValue]]:
        """The chosen tiles' latents for its fields, in their order."""
        if self.latents and self.latents[0].kind == "latents":
            return {self.latents[0].name: tuple(blob_ids)}
        return {field.name: (blob,) for field, blob in zip(self.latents, blob_ids, strict=False)}

    def _is_asked(self, field: Field) -> bool:
        if field.kind in ("latent", "latents") or field.name in self.shared:
            return False
        if self.name == "sample":
            return field != self.count
        if (
            field.kind == "seed"
        ):  # each press draws one: one that is kept would only repeat the same
            return False
        if not self.latents:
            return True
        # What stands for the latents, and what is about that.
        hidden = {f.name for f in self.fields if f.kind in ("image", "images", "model")}
        hidden.update(
            name for name in _INSTEAD_OF_LATENTS if name in self.common or name == "seeds"
        )
        return field.name not in hidden and field.slider_source not in hidden

    def _first(self, kind: str) -> Field | None:
        return next((field for field in self.fields if field.kind == kind), None)

    def _field(self, name: str, kind: str) -> Field | None:
        return next((f for f in self.fields if f.name == name and f.kind == kind), None)


def roles_of(spec: ExplorerSpec, generators: Mapping[str, RegisteredGenerator]) -> dict[str, Role]:
    """By the roles' names; one whose generator isn't there is left out."""
    sample = generators.get(spec.sample)
    common = frozenset(field.name for field in sample.fields) if sample is not None else frozenset()
    return {
        role: Role(role, generators[generator_id], common if role != "sample" else frozenset())
        for role, generator_id in spec.generators.items()
        if generator_id in generators
    }
