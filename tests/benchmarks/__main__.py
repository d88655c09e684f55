"""`make bench`: run all benchmarks or those named, print a table, write out/bench.json.

Each row is printed and written as soon as it is taken, so that a run that is broken off keeps what it has.

python -m tests.benchmarks --list
python -m tests.benchmarks faces pictures.draft     (or: make bench ONLY="faces pictures.draft")
"""

from __future__ import annotations

import json
import os
import platform
import sys
import time
from collections.abc import Callable, Iterator

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
for _name in ("HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE", "DIFFUSERS_OFFLINE"):
    os.environ.setdefault(_name, "1")

from studio.io.atomic import write_text
from tests.benchmarks import (
    cancelling,
    canvas_frames,
    demo,
    faces,
    files,
    films,
    heartbeat,
    killed,
    memory,
    morphing,
    overhead,
    painting,
    pictures,
    sliders,
    start,
    writing,
)
from tests.benchmarks.figure import ROOT, Figure
from tests.benchmarks.quiet import BUSY, busy_fraction

BENCHMARKS: dict[str, Callable[[], Iterator[Figure]]] = {
    "start.command-line": start.command_line,
    "start.window": start.window,
    "heartbeat": heartbeat.figures,
    "overhead.llama": overhead.llama,
    "overhead.transformers": overhead.transformers,
    "overhead.diffusers": overhead.diffusers,
    "cancelling.in-mid-run": cancelling.in_mid_run,
    "cancelling.pairs": cancelling.pairs,
    "memory.window": memory.figures,
    "memory.film": films.figures,
    "faces.made": faces.made,
    "faces.edited": faces.edited,
    "faces.slider": sliders.figures,
    "morphing.frames": morphing.frames,
    "morphing.map": morphing.wandering,
    "files": files.figures,
    "killed": killed.figures,
    "painting.composing": painting.composing,
    "painting.stroke": painting.stroke,
    "painting.panning": painting.panning,
    "painting.memory": painting.memory,
    "writing.rereading-llama": writing.rereading_llama,
    "writing.rereading-transformers": writing.rereading_transformers,
    "writing.peer": writing.peer,
    "writing.precision": writing.precision,
    "canvas.frames": canvas_frames.figures,
    "pictures.twenty-steps": pictures.twenty_steps,
    "pictures.draft": pictures.draft,
    "demo": demo.figures,
}


def chosen(words: list[str]) -> list[str]:
    """The benchmarks that words name, alone or by their group. Raises KeyError: none of that name."""
    names: list[str] = []
    for word in words:
        found = [name for name in BENCHMARKS if name == word or name.startswith(f"{word}.")]
        if not found:
            raise KeyError(word)
        names += [name for name in found if name not in names]
    return names


def main(words: list[str]) -> int:
    if words == ["--list"]:
        print("\n".join(BENCHMARKS))
        return 0
    try:
        names = chosen(words) or list(BENCHMARKS)
    except KeyError as unknown:
        print(f"There is no benchmark {unknown}. Known: {', '.join(BENCHMARKS)}.")
        return 2
    busy = busy_fraction()
    if busy > BUSY:
        print(f"(other programs keep {busy:.0%} of this machine busy: times will be too long)")
    taken: list[tuple[str, Figure]] = []
    seconds: dict[str, float] = {}
    try:
        for number, name in enumerate(names, 1):
            print(f"[{number}/{len(names)}] {name}", file=sys.stderr, flush=True)
            started = time.monotonic()
            for figure in _figures(name):
                taken.append((name, figure))
                print(_row(figure), flush=True)
                _write(taken, seconds, busy, complete=False)
            seconds[name] = round(time.monotonic() - started, 1)
    except KeyboardInterrupt:
        print("\nbroken off: out/bench.json has the rows above")
        return 130
    _write(taken, seconds, busy, complete=True)
    missed = sum(not figure.holds for _, figure in taken)
    print(
        f"\n{len(taken) - missed} of {len(taken)} hold, in {sum(seconds.values()) / 60:.0f} minutes; "
        "written to out/bench.json"
    )
    return 1 if missed else 0


def _write(
    taken: list[tuple[str, Figure]], seconds: dict[str, float], busy: float, *, complete: bool
) -> None:
    report = {
        "machine": f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}",
        "busy_before": round(busy, 3),
        "complete": complete,
        "figures": [{"benchmark": name, **figure.as_json()} for name, figure in taken],
        "seconds": seconds,
    }
    out = ROOT / "out"
    out.mkdir(exist_ok=True)
    write_text(
        out / "bench.json", json.dumps(report, indent=1, ensure_ascii=False) + "\n", force=True
    )


def _figures(name: str) -> Iterator[Figure]:
    """One benchmark's rows; one that breaks is a row that misses, and the others go on."""
    try:
        yield from BENCHMARKS[name]()
    except Exception as error:  # noqa: BLE001 - border: what one measures doesn't concern the next
        lines = str(error).strip().splitlines() or [""]
        yield Figure(name, 0.0, "", "runs", False, f"{type(error).__name__}: {lines[-1]}")


def _row(figure: Figure) -> str:
    mark = "holds " if figure.holds else "MISSES"
    value = f"{figure.figure:g} {figure.unit}"
    return f"{mark}  {figure.name:<62} {value:>14}  {figure.target:<10} {figure.note}"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
