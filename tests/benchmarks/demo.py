"""`make demo` after set-up: everything it makes, in one process, in a home of its own."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

from tests.benchmarks.figure import Figure, at_most, process_seconds, python

LIMIT_S = 120
PIECES = ("story.md", "picture.png", "faces.png", "walk.mp4", "walk.gif", "morph.png")


def figures() -> Iterator[Figure]:
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "out"
        home = {"FOLIO_HOME": str(Path(folder) / "home")}
        seconds = process_seconds(python("-m", "studio.demo", str(out)), home)
        made = [name for name in PIECES if (out / name).is_file()]
    note = f"{len(made)} of {len(PIECES)}: {', '.join(made)}"
    yield at_most("make demo, after set-up", seconds, LIMIT_S, "s", note)
    yield at_most("make demo: pieces that are missing", len(PIECES) - len(made), 0, "pieces")
