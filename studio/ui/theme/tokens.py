"""The look's constants: colours, sizes, type. Every colour in the window comes from here. Pure."""

from __future__ import annotations

from dataclasses import dataclass

GRID_PX = 4
"""All distances are multiples of this."""
RADIUS_PX = 6
CONTROL_HEIGHT_PX = 32
ICON_PX = 16
BODY_PX = 13
SMALL_PX = 12
TITLE_PX = 15
PAGE_PX = 16
FONT_FAMILIES = (
    "Inter",
    "Segoe UI Variable Text",
    "Segoe UI",
    "SF Pro Text",
    "Cantarell",
    "Noto Sans",
    "Helvetica Neue",
    "DejaVu Sans",
)


@dataclass(frozen=True)
class Tokens:
    """One theme's colours as #rrggbb.

    `base` is the window, `surface` what one writes into, `raised` cards, `sunken` the table the
    canvas lies on; `line` separates, `edge` outlines a control. Text on them comes in three
    strengths; `text` and `muted` keep a contrast of at least 4.5 on every ground.
    """

    name: str
    dark: bool
    base: str
    surface: str
    raised: str
    sunken: str
    hover: str
    pressed: str
    line: str
    edge: str
    text: str
    muted: str
    faint: str
    accent: str
    accent_hover: str
    accent_pressed: str
    accent_soft: str
    accent_text: str
    on_accent: str
    danger: str
    danger_soft: str
    warning: str
    warning_soft: str
    success: str
    heat: tuple[str, str, str, str]
    """Grounds behind words, from a little surprising to very: of one hue, told apart by their lightness
    alone, and `text` on them keeps a contrast of at least 4.5."""


LIGHT = Tokens(
    name="light",
    dark=False,
    base="#f6f6f8",
    surface="#ffffff",
    raised="#ffffff",
    sunken="#e9eaee",
    hover="#ebecf0",
    pressed="#dfe0e6",
    line="#e3e4e9",
    edge="#d2d4dc",
    text="#1c1d24",
    muted="#5d606d",
    faint="#868997",
    accent="#5753c9",
    accent_hover="#4b47b6",
    accent_pressed="#403c9f",
    accent_soft="#ebebfb",
    accent_text="#4a46b4",
    on_accent="#ffffff",
    danger="#c62a2f",
    danger_soft="#fdeceb",
    warning="#8f4d00",
    warning_soft="#fdf1dc",
    success="#1f7a4f",
    heat=("#fdeccb", "#fbd38d", "#f2a94a", "#dd7a1f"),
)

DARK = Tokens(
    name="dark",
    dark=True,
    base="#18191d",
    surface="#202126",
    raised="#22242a",
    sunken="#111215",
    hover="#282a31",
    pressed="#31343c",
    line="#2a2c33",
    edge="#3b3e48",
    text="#edeef2",
    muted="#a4a7b4",
    faint="#777a87",
    accent="#6560dc",
    accent_hover="#7470e6",
    accent_pressed="#5853c8",
    accent_soft="#2a2a4a",
    accent_text="#b4b2ff",
    on_accent="#ffffff",
    danger="#ff8a84",
    danger_soft="#3a1f21",
    warning="#f2b65c",
    warning_soft="#37290f",
    success="#5fc892",
    heat=("#3a2c17", "#573c10", "#774c06", "#955500"),
)
