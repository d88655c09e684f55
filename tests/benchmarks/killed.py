"""kill -9 at 300 random moments of scripted painting, saving and taking in results."""

from __future__ import annotations

import os
import random
import statistics
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tests.benchmarks.figure import Figure, at_least, at_most
from tests.support.killed_window import Survival, survived

KILLS = int(os.environ.get("FOLIO_KILLS", "300"))
LONGEST_S = 4.0
HOME_FOR = 10
"""Windows that share one home and one file, so that saves, backups and journals meet what others left."""


AT_ONCE = min(2, os.cpu_count() or 1)
"""Homes that are lived in side by side: most of a kill's time is a window's start and its painting."""


def figures() -> Iterator[Figure]:
    dice = random.Random(1)
    moments = [dice.uniform(0.05, LONGEST_S) for _ in range(KILLS)]
    homes = [moments[start : start + HOME_FOR] for start in range(0, KILLS, HOME_FOR)]
    with ThreadPoolExecutor(AT_ONCE) as pool:
        survivals = [survival for home in pool.map(_one_home, homes) for survival in home]
    edits = sum(each.edits for each in survivals)
    problems = [problem for each in survivals for problem in each.problems]
    opened = sum(not each.problems for each in survivals)
    lost = sorted(each.lost_s for each in survivals)
    note = (
        f"{KILLS} kills, {edits} edits; lost at the median {statistics.median(lost):.2f} s, "
        f"{sum(each.lost for each in survivals) / KILLS:.1f} edits a kill"
    )
    yield at_least("kill -9: everything opened", opened / KILLS, 1.0, "", "; ".join(problems[:3]))
    yield at_most("kill -9: work lost at most", lost[-1], 1.0, "s", note)


def _one_home(moments: list[float]) -> list[Survival]:
    """Windows one after the other in one home, each killed so many seconds after its first edit."""
    with tempfile.TemporaryDirectory() as folder:
        return [survived(Path(folder), after_s) for after_s in moments]
