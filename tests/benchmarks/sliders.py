"""From a slider's change to its face repainted, in the whole window with its engine beside it.

In both places where it shows, one after the other: the tile in the grid, and the layer on the canvas. The
window runs in a process of its own (`window_slider`).
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator

from tests.benchmarks.engine import has_starter
from tests.benchmarks.figure import ROOT, Figure, at_most

STARTER = "portrait-gan"


def figures() -> Iterator[Figure]:
    """Nothing where there is no starter GAN."""
    if not has_starter(STARTER):
        return
    with tempfile.TemporaryDirectory() as home:
        done = subprocess.run(
            [sys.executable, "-m", "tests.benchmarks.window_slider"],
            env={**os.environ, "FOLIO_HOME": home},
            capture_output=True,
            text=True,
            cwd=ROOT,
            check=False,
        )
    if done.returncode != 0:
        raise RuntimeError(done.stderr[-3000:])
    times: dict[str, list[float]] = json.loads(done.stdout.strip().splitlines()[-1])
    for place in ("grid", "canvas"):
        taken = times[place]
        note = f"median of {len(taken)}, slowest {max(taken):.0f} ms"
        name = f"slider change to repaint: {place}"
        yield at_most(name, statistics.median(taken), 100, "ms", note)
