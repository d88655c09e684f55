"""Symmetry: strokes fall on the other side of an axis through the canvas's middle too. GUI thread."""

from __future__ import annotations

from studio.paint.stroke import Mirror
from studio.ui.canvas.easel import SHEET, Easel


def mirrors_of(easel: Easel) -> tuple[Mirror, ...]:
    """What a stroke needs for the symmetry that is switched on."""
    frame = easel.document.frame
    if frame.empty:
        frame = SHEET
    across = (-1.0, float(2 * frame.x + frame.width), 1.0, 0.0)
    down = (1.0, 0.0, -1.0, float(2 * frame.y + frame.height))
    both = (-1.0, across[1], -1.0, down[3])
    return {
        "none": (), "left-right": (across,), "up-down": (down,), "both": (across, down, both),
    }[easel.symmetry]  # fmt: skip
