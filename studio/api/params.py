"""Parameters of a generator, declared once as a frozen pydantic model with hints.

    class CreateParams(Params):
        model: Annotated[str, ModelHint("diffusion")] = Field("", description="Which model paints.")
        prompt: Annotated[str, PromptHint()] = Field("", description="What the picture shows.")
        steps: Annotated[int, SliderHint()] = Field(20, ge=1, le=150, description="More is finer.")
        seed: Seed = seed_field()

The panel, `studio generators ID`, `--set name=value` and the record are all derived from it
(see `studio.core.fields`). Field types understood: str, int, float, bool, Literal[...] of strings
and StrEnum, each of which may be `| None`; and with a hint tuple[str, ...] (several pictures or
latents) and dict[str, float] (sliders). Anything else is refused when the plugin is loaded. Any thread.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, GetCoreSchemaHandler
from pydantic_core import CoreSchema

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
class FramesHint:
    """A number of a film's frames. The field is an int with ge and le; panels show it as seconds.

    Args:
        rate: The name of the field, an int or float, that says how many frames a second has.
    """

    rate: str = "frames_per_second"


@dataclass(frozen=True)
class WordsHint:
    """Text made of a few words with commas between, each of which can be switched on and off. Other
    text stays possible: the panel has a line for it.

    Args:
        words: Such as ("coarse", "middle", "fine").
        every: What stands for all of them together; "" where nothing does.
    """

    words: tuple[str, ...]
    every: str = ""


@dataclass(frozen=True)
class TextInputHint:
    """Text taken from the document.

    Args:
        source: "before_caret" (all text up to the caret), "selection", or "before_selection" (all text
            up to where that begins).
    """

    source: Literal["before_caret", "selection", "before_selection"] = "before_caret"


@dataclass(frozen=True)
class ImageHint:
    """A picture. The field (str or str | None) holds an input id; `inputs.image(name)` the pixels."""


@dataclass(frozen=True)
class _CountHint:
    minimum: int = 1
    maximum: int = 16

    def __get_pydantic_core_schema__(
        self, source: object, handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        return AfterValidator(self._checked).__get_pydantic_core_schema__(source, handler)

    def _checked(self, ids: tuple[str, ...]) -> tuple[str, ...]:
        if not self.minimum <= len(ids) <= self.maximum:
            raise ValueError(f"{self.range_text} are needed, and {len(ids) or 'none'} given.")
        return ids

    @property
    def range_text(self) -> str:
        """Such as "2 to 8"."""
        if self.minimum == self.maximum:
            return str(self.minimum)
        return f"{self.minimum} to {self.maximum}"


@dataclass(frozen=True)
class ImagesHint(_CountHint):
    """Several pictures in an order. The field's type is tuple[str, ...]; `inputs.images(name)`.

    Args:
        minimum: How many there must be; 0 makes the field one that may stay empty.
        maximum: How many there may be.
    """


@dataclass(frozen=True)
class LatentsHint(_CountHint):
    """Several latents in an order. The field's type is tuple[str, ...]; `inputs.latents(name)`.

    Args:
        minimum: As in `ImagesHint`.
        maximum: As in `ImagesHint`.
        layout: Only latents of this layout are taken; "" takes any.
    """

    layout: str = ""


@dataclass(frozen=True)
class LatentHint:
    """A latent. The field's type is str or str | None as an image's; `inputs.latent(name)`.

    Args:
        layout: Only latents of this layout are taken; "" takes any.
    """

    layout: str = ""


@dataclass(frozen=True)
class MaskHint:
    """A mask; `inputs.mask(name)` is (H, W) uint8, 255 = chosen. Its field's type is an image's."""


@dataclass(frozen=True)
class ModelHint:
    """A model's id. "" asks for the best one there is of the family; of a field that may be None, for none.

    Args:
        family: What the generator can use, as in `ModelFacts.family`.
    """

    family: str


@dataclass(frozen=True)
class WeightsHint:
    """Named numbers, each a slider. The field's type is dict[str, float]; names left out are 0.

    Args:
        source: What sliders there are. Either a word that `folio_sliders(model, source)` answers to,
            or the name of an images or latents field of these params: then each of its things has a
            slider, called "1", "2", and so on; those of other such fields are counted on.
        model_field: The model field whose model is asked; "" is the first there is.
        minimum: No weight may be less.
        maximum: No weight may be more.
        step: Distance between two values where a slider doesn't say its own.
    """

    source: str
    model_field: str = ""
    minimum: float = -3.0
    maximum: float = 3.0
    step: float = 0.05

    def __get_pydantic_core_schema__(
        self, source: object, handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        return AfterValidator(self._checked).__get_pydantic_core_schema__(source, handler)

    def _checked(self, weights: dict[str, float]) -> dict[str, float]:
        for name, weight in weights.items():
            if not self.minimum <= weight <= self.maximum:
                raise ValueError(
                    f"{name!r} is {weight:g}, and must be {self.minimum:g} to {self.maximum:g}."
                )
        return weights


@dataclass(frozen=True)
class PadHint:
    """One of the two numbers of a pad, a square to move a point in. The field is a float with ge and
    le; another field has the same pad and the other axis.

    Args:
        pad: The pad's name, the same for both; its title too, with a capital.
        axis: "x" grows to the right, "y" upwards.
    """

    pad: str
    axis: Literal["x", "y"]


@dataclass(frozen=True)
class Advanced:
    """Show the field in the panel's "More" part."""


@dataclass(frozen=True)
class LeastMeans:
    """What the least value of a number says, in a few words that panels show in its place, such as
    "the model's own" for a width of 0. The field is an int or float with ge; a hint may stand beside it.
    """

    words: str


@dataclass(frozen=True)
class KeepsTokenFacts:
    """The field, an int with ge=0, says how many alternatives of each token are told; 0: nothing is told
    of them. The window sets it where a text goes into the document. A hint may stand beside it.
    """


Hint = (
    PromptHint
    | NegativePromptHint
    | SeedHint
    | SliderHint
    | FramesHint
    | WordsHint
    | TextInputHint
    | ImageHint
    | ImagesHint
    | LatentHint
    | LatentsHint
    | WeightsHint
    | PadHint
    | MaskHint
    | ModelHint
)

Seed = Annotated[int, SeedHint()]


def seed_field() -> Any:
    """The usual seed field: -1 (draw one) or 0..2**63-1."""
    return Field(
        -1, ge=-1, le=MAX_SEED, description="The same seed repeats the result; -1 draws a new one."
    )
