"""One measured figure with its target, and the honest ways to get one.

Every time is compared with a baseline measured in the same run, turn by turn (A B A B …), so that
a slow or busy machine moves both.
"""

from __future__ import annotations

import gc
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

ENOUGH_S = 75.0
"""How long one ratio may be looked for once there are enough pairs to speak of: a whole run is to end."""

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


@dataclass(frozen=True)
class Pairs:
    """`ratio` is the median of first/second pair by pair; seconds are medians; `spread` is how far
    the ratio may be off: its standard error as a share of it."""

    ratio: float
    first_s: float
    second_s: float
    spread: float
    count: int

    def __str__(self) -> str:
        return f"{self.count} pairs, ± {100 * self.spread:.1f} %"


def paired(
    first: Callable[[], float],
    second: Callable[[], float],
    least: int = 9,
    most: int = 45,
    enough: float = 0.004,
) -> Pairs:
    """Seconds of both, turn by turn and each first in turn, until the ratio is known well enough.

    One uncounted pair comes first. Garbage of one side is never collected in the other's time.
    """
    first(), second()
    ends = time.monotonic() + ENOUGH_S
    pairs: list[tuple[float, float]] = []
    while len(pairs) < least or (
        len(pairs) < most and spread_of(_ratios(pairs)) > enough and time.monotonic() < ends
    ):
        if len(pairs) % 2:
            later, sooner = _timed(second), _timed(first)
        else:
            sooner, later = _timed(first), _timed(second)
        pairs.append((sooner, later))
    ratios = _ratios(pairs)
    return Pairs(
        statistics.median(ratios),
        statistics.median(a for a, _ in pairs),
        statistics.median(b for _, b in pairs),
        spread_of(ratios),
        len(pairs),
    )


def _timed(measure: Callable[[], float]) -> float:
    gc.collect()
    gc.disable()
    try:
        return measure()
    finally:
        gc.enable()


def _ratios(pairs: Sequence[tuple[float, float]]) -> list[float]:
    return [a / b for a, b in pairs]


def spread_of(values: Sequence[float]) -> float:
    """The standard error of the median as a share of it, as of normal values with these quartiles: a
    few wild ones don't count. 0.0 for fewer than two."""
    if len(values) < 2:
        return 0.0
    low, middle, high = statistics.quantiles(values, n=4, method="inclusive")
    return float(1.2533 * (high - low) / 1.349 / len(values) ** 0.5 / abs(middle))


def settled_median(measure: Callable[[], float], least: int = 15, most: int = 60) -> float:
    """Median seconds of one call after another, until the median is known to 1 %. Two uncounted first."""
    measure(), measure()
    values: list[float] = []
    while len(values) < least or (len(values) < most and spread_of(values) > 0.01):
        values.append(_timed(measure))
    return statistics.median(values)


def python(*arguments: str) -> list[str]:
    return [sys.executable, *arguments]
