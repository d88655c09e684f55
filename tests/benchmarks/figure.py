"""One measured figure with its target, and the honest ways to get one.

Every time is compared with a baseline measured in the same run, turn by turn (A B A B …), so that
a slow or busy machine moves both.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Figure:
    """`holds` is whether `figure` keeps `target`; `note` says against what and how it was taken."""

    name: str
    figure: float
    unit: str
    target: str
    holds: bool
    note: str = ""

    def as_json(self) -> dict[str, object]:
        return asdict(self)


def at_most(name: str, figure: float, limit: float, unit: str, note: str = "") -> Figure:
    return Figure(name, round(figure, 4), unit, f"≤ {limit:g}", figure <= limit, note)


def at_least(name: str, figure: float, limit: float, unit: str, note: str = "") -> Figure:
    return Figure(name, round(figure, 4), unit, f"≥ {limit:g}", figure >= limit, note)


def process_seconds(command: Sequence[str], env: dict[str, str] | None = None) -> float:
    """Wall seconds of one process from start to exit.

    Raises:
        RuntimeError: it failed; says with what.
    """
    started = time.perf_counter()
    done = subprocess.run(
        command,
        env={**os.environ, **(env or {})},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        cwd=tempfile.gettempdir(),
        check=False,
    )
    seconds = time.perf_counter() - started
    if done.returncode != 0:
        raise RuntimeError(
            f"{command} ended with {done.returncode}: {done.stderr.decode()[-2000:]}"
        )
    return seconds


def paired(
    ours: Callable[[], float], base: Callable[[], float], runs: int = 7
) -> tuple[float, float, float]:
    """Median of the ratios ours/base pair by pair, and both medians. One uncounted pair first."""
    ours(), base()
    pairs = [(ours(), base()) for _ in range(runs)]
    ratio = statistics.median(a / b for a, b in pairs)
    return ratio, statistics.median(a for a, _ in pairs), statistics.median(b for _, b in pairs)


def python(*arguments: str) -> list[str]:
    return [sys.executable, *arguments]
