"""The little pictures that a stylesheet can only take as files, drawn from the tokens.

`python -m studio.ui.theme.marks` writes them into resources/themes; a test holds them to the tokens.
"""

from __future__ import annotations

from pathlib import Path

from studio.io.resources import resource
from studio.ui.theme.tokens import DARK, LIGHT, Tokens

_LINES = {
    "chevron-down": "m6 9 6 6 6-6",
    "chevron-up": "m18 15-6-6-6 6",
    "chevron-right": "m9 18 6-6-6-6",
    "check": "M20 6 9 17l-5-5",
}


def marks(tokens: Tokens) -> dict[str, str]:
    """SVG text by file name, for one theme."""
    drawn = {
        f"{name}.svg": '<svg xmlns="http://www.w3.org/2000/svg" width="24" height="24" '
        f'viewBox="0 0 24 24" fill="none" stroke="{tokens.muted}" stroke-width="2" '
        f'stroke-linecap="round" stroke-linejoin="round"><path d="{path}"/></svg>\n'
        for name, path in _LINES.items()
    }
    drawn["switch-off.svg"] = _switch(
        tokens.edge, tokens.surface if not tokens.dark else tokens.muted, 9
    )
    drawn["switch-on.svg"] = _switch(tokens.accent, tokens.on_accent, 23)
    return drawn


def _switch(track: str, knob: str, knob_x: int) -> str:
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" width="32" height="18" viewBox="0 0 32 18">'
        f'<rect width="32" height="18" rx="9" fill="{track}"/>'
        f'<circle cx="{knob_x}" cy="9" r="7" fill="{knob}"/></svg>\n'
    )


def write_marks(folder: Path) -> None:
    for tokens in (LIGHT, DARK):
        for name, text in marks(tokens).items():
            path = folder / tokens.name / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    write_marks(resource("themes"))
