"""What the first paint needs of the settings, read without the libraries that check them. Pure."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

ThemeName = Literal["system", "light", "dark"]


@dataclass(frozen=True)
class FirstLook:
    theme: ThemeName = "system"
    geometry: str = ""
    state: str = ""


def first_look(settings_file: Path) -> FirstLook:
    """Defaults for whatever is missing or odd; the real reading of the settings says so later."""
    try:
        values: Any = json.loads(settings_file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return FirstLook()
    if not isinstance(values, dict):
        return FirstLook()
    themes: dict[object, ThemeName] = {"light": "light", "dark": "dark"}
    theme = values.get("theme")
    return FirstLook(
        theme=themes.get(theme, "system") if isinstance(theme, str) else "system",
        geometry=_text(values.get("window_geometry")),
        state=_text(values.get("window_state")),
    )


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""
