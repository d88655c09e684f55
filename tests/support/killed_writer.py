"""A window in whose text a model writes without end, to be killed meanwhile.

Run as a process: `python -m tests.support.killed_writer`, with FOLIO_HOME set. It prints "writing" once
words of the model's stand in the text, beside what the journal has of the person's own.
"""

from __future__ import annotations

from dataclasses import replace

PLUGIN = """
from typing import Annotated
from studio.api import GeneratorSpec, Params, TextDelta, TextInputHint, hookimpl

FOLIO_API = 1

class EndlessParams(Params):
    text: Annotated[str, TextInputHint("before_caret")] = ""

class Endless:
    def generate(self, params, inputs, ctx):
        while True:
            ctx.check()
            yield TextDelta(" more")

@hookimpl
def folio_generators():
    return [GeneratorSpec(id="a_toy.endless", title="Endless", description="Endless", params=EndlessParams,
        factory=Endless, yields=("text",), version="1", purpose="continue")]
"""
TEXT, MEMORY = "Once upon a time", "Mara is the keeper."


async def _write() -> None:
    from PySide6.QtTest import QTest
    from PySide6.QtWidgets import QApplication

    from studio.app import build_studio
    from studio.core.edits import ChangeBackground
    from studio.io.paths import user_paths
    from studio.ui.main_window import MainWindow
    from studio.ui.reporter import Reporter
    from studio.ui.theme.theme import Theme
    from studio.ui.workbench import Workbench
    from tests.support.qt_async import until

    application = QApplication.instance()
    assert isinstance(application, QApplication)
    paths = user_paths()
    paths.make()
    (paths.plugins / "a_toy.py").write_text(PLUGIN, encoding="utf-8")
    studio = build_studio(engine="in_process", paths=paths)
    generators: dict[str, object] = studio.plugins.generators  # type: ignore[assignment]
    for name in [name for name in generators if name != "a_toy.endless"]:
        del generators[name]
    await studio.queue.start()
    bench = Workbench(MainWindow(Theme(application, "light")), studio, Reporter())
    bench.window.show()
    await bench.furnish()
    before = bench.store.document.background
    bench.store.apply(ChangeBackground(before, replace(before, memory=MEMORY)))
    QTest.keyClicks(bench.editor.area, TEXT)
    bench.window.actions_by_name["continue_writing"].trigger()
    await until(lambda: " more more" in bench.editor.area.toPlainText())
    await bench.keeping.keep()
    print("writing", flush=True)
    await until(lambda: False)


def main() -> None:
    import asyncio

    import qasync
    from PySide6.QtWidgets import QApplication

    application = QApplication([])
    loop = qasync.QEventLoop(application)
    asyncio.set_event_loop(loop)
    with loop:
        loop.run_until_complete(_write())


if __name__ == "__main__":
    main()
