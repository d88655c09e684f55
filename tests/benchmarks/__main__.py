"""`make bench`: run all benchmarks or those named, print a table, write out/bench.json."""

from __future__ import annotations

import json
import os
import platform
import sys
from collections.abc import Callable, Iterator

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
for _name in ("HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE", "DIFFUSERS_OFFLINE"):
    os.environ.setdefault(_name, "1")

from tests.benchmarks import cancelling, faces, heartbeat, memory, morphing, overhead, start
from tests.benchmarks.figure import ROOT, Figure

BENCHMARKS: dict[str, Callable[[], Iterator[Figure]]] = {
    "start": start.figures,
    "heartbeat": heartbeat.figures,
    "overhead": overhead.figures,
    "cancelling": cancelling.figures,
    "memory": memory.figures,
    "morphing": morphing.figures,
    "faces": faces.figures,
}


def main(names: list[str]) -> int:
    unknown = [name for name in names if name not in BENCHMARKS]
    if unknown:
        print(f"There is no benchmark {unknown[0]!r}. Known: {', '.join(BENCHMARKS)}.")
        return 2
    taken: list[Figure] = []
    for name in names or BENCHMARKS:
        for figure in BENCHMARKS[name]():
            taken.append(figure)
            print(_row(figure), flush=True)
    out = ROOT / "out"
    out.mkdir(exist_ok=True)
    machine = f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}"
    report = {
        "machine": machine,
        "figures": [figure.as_json() for figure in taken],
    }
    (out / "bench.json").write_text(json.dumps(report, indent=1, ensure_ascii=False) + "\n")
    missed = sum(not figure.holds for figure in taken)
    print(f"\n{len(taken) - missed} of {len(taken)} hold; written to out/bench.json")
    return 1 if missed else 0


def _row(figure: Figure) -> str:
    mark = "holds " if figure.holds else "MISSES"
    value = f"{figure.figure:g} {figure.unit}"
    return f"{mark}  {figure.name:<52} {value:>14}  {figure.target:<10} {figure.note}"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
