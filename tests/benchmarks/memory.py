"""How much memory the window's own process takes, with its engine beside it and no document."""

from __future__ import annotations

import os
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

from tests.benchmarks.figure import ROOT, Figure, at_most, python

_SCENARIO = """
import asyncio, psutil
from studio.ui.run import run_scenario

async def scenario(bench):
    while bench.studio.queue.status.state != "idle":
        await asyncio.sleep(0.05)
    memory = psutil.Process().memory_full_info()
    print(memory.rss, memory.uss)

run_scenario(scenario)
"""


def figures() -> Iterator[Figure]:
    with tempfile.TemporaryDirectory() as folder:
        home = {**os.environ, "FOLIO_HOME": str(Path(folder) / "home")}
        command = python("-c", _SCENARIO)
        done = subprocess.run(
            command, env=home, capture_output=True, text=True, cwd=ROOT, check=False
        )
    if done.returncode != 0:
        raise RuntimeError(done.stderr[-3000:])
    resident, own = (int(word) / 1e6 for word in done.stdout.split()[-2:])
    note = f"resident, shared libraries included; {own:.0f} MB of it its own"
    yield at_most("window process without documents", resident, 150, "MB", note)
