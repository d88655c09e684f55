"""A film's memory doesn't grow with its length: the peak of a walk of 120 frames beside one of 30.

In one process, in turn: after a first film the models, the encoder and the allocator have what they
need, and what a longer film takes on top of a shorter one is what it keeps of its frames.
"""

from __future__ import annotations

import statistics
import threading
from collections.abc import Callable, Iterator

import psutil

from tests.benchmarks.engine import bench_engine, has_starter
from tests.benchmarks.figure import Figure, at_most

STARTER = "portrait-gan"
SHORT, LONG = 30, 120
ROUNDS = 3
LIMIT_MB = 4.0
"""90 frames of 128 × 128 that are kept would take 4.4 MB as RGB bytes, 17.7 MB as the network's floats."""
_SAMPLE_S = 0.005


def figures() -> Iterator[Figure]:
    """Nothing where there is no starter GAN."""
    if not has_starter(STARTER):
        return
    with bench_engine() as engine:

        def walk(frames: int) -> float:
            """Peak resident bytes while a film of so many frames is made and encoded."""

            def make() -> None:
                done = engine.run(
                    "faces.walk", model=STARTER, seeds="3, 8, 14", closed=True, frames=frames // 3,
                    format="mp4", seed=1,
                )  # fmt: skip
                assert done.record.extras["frames"] == frames, done.record.extras

            return peak_rss(make)

        for frames in (SHORT, LONG, SHORT):
            walk(frames)
        grown = []
        for _ in range(ROUNDS):
            short, long = walk(SHORT), walk(LONG)
            grown.append((long - short) / 1e6)
    note = f"resident at the peak, median of {ROUNDS}: " + ", ".join(f"{mb:+.1f}" for mb in grown)
    name = f"a film of {LONG} frames beside one of {SHORT}: memory grown"
    yield at_most(name, statistics.median(grown), LIMIT_MB, "MB", note)


def peak_rss(work: Callable[[], None]) -> int:
    """The most resident bytes of this process while `work` runs, sampled by a thread."""
    process = psutil.Process()
    peak, done = 0, threading.Event()

    def watch() -> None:
        nonlocal peak
        while not done.wait(_SAMPLE_S):
            peak = max(peak, process.memory_info().rss)

    watcher = threading.Thread(target=watch, name="bench-memory")
    watcher.start()
    try:
        work()
    finally:
        done.set()
        watcher.join()
    return max(peak, int(process.memory_info().rss))
