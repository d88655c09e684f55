"""The person's settings: frozen, with a default for each; a bad one is dropped alone. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from studio.core.smart_quotes import QuoteStyle


class Instruction(BaseModel):
    """What to do with a passage, in the person's own words, kept under a name."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    name: Annotated[str, Field(min_length=1, max_length=60)]
    text: Annotated[str, Field(min_length=1, max_length=4000)]


class Settings(BaseModel):
    """Change with `model_copy(update={…})`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    theme: Literal["system", "light", "dark"] = "system"
    engine: Literal["child", "in_process"] = "child"
    device: str = "auto"
    dtype: Literal["auto", "float32", "float16", "bfloat16"] = "auto"
    model_cache_fraction: float = Field(0.0, ge=0, le=0.95)
    """Share of the device's memory for loaded models; 0 lets the studio decide."""
    disabled_plugins: tuple[str, ...] = ()
    token_alternatives: int = Field(5, ge=0, le=20)
    """How many alternatives of each word that a model writes into the text are kept; 0: none."""
    undo_budget_mb: int = Field(256, ge=1, le=65536)
    recent_files: tuple[str, ...] = ()
    """The newest first."""
    instructions: tuple[Instruction, ...] = ()
    """For rewriting."""
    rulers: bool = False
    grow_px: float = Field(4, ge=1, le=500)
    """The amount a selection was last grown by; the next ones likewise."""
    shrink_px: float = Field(4, ge=1, le=500)
    feather_px: float = Field(4, ge=0.1, le=500)
    text_font: Annotated[str, Field(max_length=200)] = ""
    """A family; "" is the window's own."""
    text_size_px: int = Field(16, ge=9, le=48)
    text_width_px: int = Field(680, ge=240, le=4000)
    focus: Literal["off", "paragraph", "sentence"] = "off"
    typewriter: bool = False
    quotes: QuoteStyle = "off"
    spelling: Annotated[str, Field(max_length=20)] = "auto"
    """A language's code; "auto": the system's, if there is a dictionary; "off"."""
    window_geometry: str = ""
    window_state: str = ""


def settings_from(values: Mapping[str, Any]) -> tuple[Settings, list[str]]:
    """The settings, and a sentence for each value that had to be dropped."""
    kept: dict[str, Any] = {}
    problems: list[str] = []
    for name, value in values.items():
        if name not in Settings.model_fields:
            problems.append(f"The setting {name!r} is unknown and was left out.")
            continue
        try:
            Settings.model_validate({name: value})
        except ValidationError as error:
            problems.append(f"The setting {name!r} was reset: {error.errors()[0]['msg']}.")
            continue
        kept[name] = value
    return Settings.model_validate(kept), problems
