"""The window never freezes: gaps between 16 ms heartbeats, working beside idle, in one process."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from tests.benchmarks.figure import ROOT, Figure, at_most
from tests.support.tiny_diffusion import tiny_pipeline

UNET_BASE = 128
"""Gives a UNet of about 15 million parameters."""


def figures() -> Iterator[Figure]:
    with tempfile.TemporaryDirectory() as folder:
        model = tiny_pipeline(Path(folder) / "model", base=UNET_BASE)
        command = [sys.executable, "-m", "tests.benchmarks.window_heartbeat", str(model)]
        home = {**os.environ, "FOLIO_HOME": str(Path(folder) / "home")}
        done = subprocess.run(
            command, env=home, capture_output=True, text=True, cwd=ROOT, check=False
        )
    if done.returncode != 0:
        raise RuntimeError(done.stderr[-3000:])
    gaps: dict[str, list[float]] = json.loads(done.stdout.strip().splitlines()[-1])
    idle = _percentile(gaps["idle"], 99)
    for phase, title in (
        ("start", "first paint to engine warm"),
        ("text", "model load and streaming text"),
        ("picture", "model load and 15 M UNet with previews"),
    ):
        beats = gaps[phase]
        note = f"p99 {_percentile(beats, 99):.1f} ms, idle {idle:.1f} ms, {len(beats)} beats"
        yield at_most(
            f"heartbeat p99 above idle: {title}", _percentile(beats, 99) - idle, 4, "ms", note
        )
        yield at_most(f"heartbeat longest: {title}", max(beats), 50, "ms", f"{len(beats)} beats")


def _percentile(values: list[float], percent: float) -> float:
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * percent / 100))]
