"""Whether the machine is quiet enough for times to mean something."""

from __future__ import annotations

import psutil

BUSY = 0.15
_LOOK_S = 2.0


def busy_fraction() -> float:
    """What share of all cores other programs use right now, 0..1; this one waits meanwhile."""
    return float(psutil.cpu_percent(_LOOK_S)) / 100
