"""kill -9 at 300 random moments of scripted painting, saving and taking in results."""

from __future__ import annotations

import os
import random
import statistics
import tempfile
from collections.abc import Iterator
from pathlib import Path

from tests.benchmarks.figure import Figure, at_least, at_most
from tests.support.killed_window import Survival, survived

KILLS = int(os.environ.get("FOLIO_KILLS", "300"))
LONGEST_S = 4.0
HOME_FOR = 10
"""Windows that share one home and one file, so that saves, backups and journals meet what others left."""


def figures() -> Iterator[Figure]:
    dice = random.Random(1)
    survivals: list[Survival] = []
    while len(survivals) < KILLS:
        with tempfile.TemporaryDirectory() as folder:
            for _ in range(min(HOME_FOR, KILLS - len(survivals))):
                survivals.append(survived(Path(folder), dice.uniform(0.05, LONGEST_S)))
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
