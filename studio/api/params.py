"""Parameters of a generator, declared once as a frozen pydantic model with hints.

    class CreateParams(Params):
        model: Annotated[str, ModelHint("diffusion")] = Field("", description="Which model paints.")
        prompt: Annotated[str, PromptHint()] = Field("", description="What the picture shows.")
        steps: Annotated[int, SliderHint()] = Field(20, ge=1, le=150, description="More is finer.")
        seed: Seed = SEED

The panel, `studio generators ID`, `--set name=value` and the record are all derived from it
(see `studio.core.fields`). Field types understood: str, int, float, bool, Literal[...] of strings
and StrEnum; each may be `| None`. Anything else is refused when the plugin is loaded. Any thread.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

MAX_SEED = 2**63 - 1


class Params(BaseModel):
    """Base of every generator's parameters: frozen, no unknown names, defaults validated."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", validate_default=True, allow_inf_nan=False
    )


@dataclass(frozen=True)
class PromptHint:
    """Text that tells the model what to make; a growing text box, first in the panel."""

    placeholder: str = ""


@dataclass(frozen=True)
class NegativePromptHint:
    """Text that tells the model what to avoid."""

    placeholder: str = ""


@dataclass(frozen=True)
class SeedHint:
    """The random seed. -1 asks for a new one; the studio draws it before the job is frozen."""


@dataclass(frozen=True)
class SliderHint:
    """A slider with a number box; the range comes from the field's ge/le.

    Args:
        step: Distance between two values; 0 means 1 for ints and 1/100 of the range for floats.
    """

    step: float = 0.0


@dataclass(frozen=True)
class TextInputHint:
    """Text taken from the document.

    Args:
        source: "before_caret" (all text up to the caret) or "selection".
    """

    source: Literal["before_caret", "selection"] = "before_caret"


@dataclass(frozen=True)
class ImageHint:
    """A picture. The field (str | None) holds an input id; `inputs[name]` has the pixels."""


@dataclass(frozen=True)
class MaskHint:
    """A mask, (H, W) uint8, 255 = chosen. Its field's type is str | None as an image's."""


@dataclass(frozen=True)
class ModelHint:
    """A model's id. "" asks for the best one there is of the family.

    Args:
        family: What the generator can use, as in `ModelFacts.family`.
    """

    family: str


@dataclass(frozen=True)
class Advanced:
    """Show the field in the panel's "More" part."""


Hint = (
    PromptHint
    | NegativePromptHint
    | SeedHint
    | SliderHint
    | TextInputHint
    | ImageHint
    | MaskHint
    | ModelHint
)

Seed = Annotated[int, SeedHint()]


def seed_field() -> Any:
    """The usual seed field: -1 (draw one) or 0..2**63-1."""
    return Field(
        -1, ge=-1, le=MAX_SEED, description="The same seed repeats the result; -1 draws a new one."
    )
