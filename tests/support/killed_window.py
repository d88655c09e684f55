"""A window that paints, writes, saves and takes in results without rest, to be killed at any moment.

Run as a process: `python -m tests.support.killed_window FOLDER`. `survived` starts one, kills it after a
while and looks at what came through. Every edit is written to a log before it is made, with the time on
the clock that all processes share.
"""

from __future__ import annotations

import asyncio
import os
import random
import signal
import subprocess
import sys
import time
from dataclasses import dataclass, replace
from pathlib import Path

from studio.core.document import Document
from studio.io.folio_reader import read_folio
from studio.io.recovery import discard, find_left_behind

ROOT = Path(__file__).resolve().parents[2]
START_S = 120


@dataclass(frozen=True)
class Survival:
    """`edits` made until the kill, `lost_s`: how long before it the first lost edit was made, or 0.0."""

    edits: int
    lost: int
    lost_s: float
    problems: tuple[str, ...]
    saved: bool


def survived(folder: Path, after_s: float) -> Survival:
    """Start a window in `folder`, kill it so many seconds after its first edit, and look.

    What an earlier one left behind is offered to it as at any start, and thrown away here.
    """
    log = folder / "edits.log"
    log.unlink(missing_ok=True)
    env = {**os.environ, "FOLIO_HOME": str(folder / "home"), "QT_QPA_PLATFORM": "offscreen"}
    command = [sys.executable, "-m", "tests.support.killed_window", str(folder)]
    process = subprocess.Popen(
        command, cwd=ROOT, env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    try:
        assert process.stdout is not None
        if process.stdout.readline().strip() != "painting":
            process.kill()
            raise RuntimeError(process.communicate()[1][-2000:])
        try:
            process.wait(after_s)
            raise RuntimeError(f"it ended by itself: {process.communicate()[1][-2000:]}")
        except subprocess.TimeoutExpired:
            killed_at = time.monotonic()
            os.kill(process.pid, signal.SIGKILL)
    finally:
        process.communicate()
    return _looked(folder, killed_at)


def _looked(folder: Path, killed_at: float) -> Survival:
    made: dict[int, float] = {}
    for line in (folder / "edits.log").read_text().splitlines():
        edit, _, at = line.partition(" ")
        made[int(edit)] = float(at)
    problems: list[str] = []
    here: list[int] = []
    path = folder / "work.folio"
    for file in (path, *(folder / "home" / "data" / "backups").glob("*/*.folio")):
        if file.exists():
            number = _number(read_folio(file).document, problems)
            here += [number] if file == path else []
    found, unread = find_left_behind(folder / "home" / "data" / "journals")
    problems += unread
    here += [_number(left.document, problems) for left in found]
    for left in found:
        discard(left.folder)
    back = max(here, default=-1)
    lost = [at for number, at in made.items() if number > back]
    return Survival(
        len(made), len(lost), killed_at - min(lost) if lost else 0.0, tuple(problems), path.exists()
    )


def _number(document: Document, problems: list[str]) -> int:
    """Which edit a document is after; its text and its pixels must agree about it."""
    number = int(document.text or -1)
    pixels = [layer for layer in document.layers if layer.id == "strokes"]
    if pixels:
        from studio.core.geometry import Rect
        from studio.paint.composing import compose

        shown = compose((pixels[0],), Rect(number % 600, 0, 1, 1))[0, 0].tolist()
        if shown != _colour(number):
            problems.append(f"after edit {number} the pixels are {shown}")
    return number


def _colour(number: int) -> list[int]:
    return [number % 256, number // 256 % 256, 77, 255]


async def _work(folder: Path) -> None:
    """Endless: a stroke each few milliseconds, a result now and then, a save now and then."""
    import numpy as np
    from PySide6.QtWidgets import QApplication

    from studio.app import build_studio
    from studio.core.edits import ChangeLayer, PlaceLayer, ReplaceText, Several
    from studio.core.layers import PaintLayer
    from studio.io.paths import user_paths
    from studio.paint.regions import tiled, written
    from studio.ui.main_window import MainWindow
    from studio.ui.reporter import Reporter
    from studio.ui.theme.theme import Theme
    from studio.ui.workbench import Workbench

    application = QApplication.instance()
    assert isinstance(application, QApplication)
    paths = user_paths()
    paths.make()
    studio = build_studio(engine="in_process", paths=paths)
    studio.plugins.generators.clear()  # type: ignore[attr-defined]
    await studio.queue.start()
    reporter = Reporter()
    bench = Workbench(MainWindow(Theme(application, "light")), studio, reporter)
    await bench.furnish()
    store, dice = bench.store, random.Random(os.getpid())
    log = os.open(folder / "edits.log", os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    store.apply(PlaceLayer(PaintLayer("strokes", "Strokes"), 0))
    saving: asyncio.Task[bool | None] | None = None
    number = 0
    print("painting", flush=True)
    while True:
        layer, text = store.document.layer("strokes"), store.document.text
        assert isinstance(layer, PaintLayer)
        dab = np.empty((40, 40, 4), np.uint8)
        dab[:] = _colour(number)
        stroke = replace(layer, pixels=written(layer.pixels, dab, number % 600, 0))
        os.write(log, f"{number} {time.monotonic()}\n".encode())
        edits = (ChangeLayer(layer, stroke), ReplaceText(0, text, str(number)))
        store.apply(Several(edits, "stroke"))
        if dice.random() < 0.03:
            noise = np.random.default_rng(number).integers(0, 256, (256, 256, 4), np.uint8)
            result = PaintLayer(f"result-{number}", "Result", tiled(noise), 0, 300)
            store.apply(PlaceLayer(result, len(store.document.layers)))
        if dice.random() < 0.02 and (saving is None or saving.done()):
            saving = asyncio.ensure_future(bench.filing.save_to(folder / "work.folio"))
        number += 1
        await asyncio.sleep(0.004)


def main(folder: Path) -> None:
    import qasync
    from PySide6.QtWidgets import QApplication

    application = QApplication([])
    loop = qasync.QEventLoop(application)
    with loop:
        loop.run_until_complete(_work(folder))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
