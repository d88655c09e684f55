"""How the window ends: in stages, and each says which crash or loss it prevents. GUI thread."""

from __future__ import annotations

import faulthandler
import gc
import logging
import sys

from PySide6.QtCore import QCoreApplication, QEvent, QObject, QTimer, Slot

log = logging.getLogger(__name__)

_COLLECT_EVERY_MS = 1000
_LAST_RESORT_S = 30.0


class GuiCollector(QObject):
    """Python's cyclic garbage is collected here and nowhere else.

    A collection that starts by chance on a worker thread may destroy Qt objects there, which
    crashes; so the automatic one is off and a timer of this thread does it.
    """

    def __init__(self) -> None:
        super().__init__()
        gc.disable()
        self._timer = QTimer(self)
        self._timer.setInterval(_COLLECT_EVERY_MS)
        self._timer.timeout.connect(self._on_timer_timeout)
        self._timer.start()
        self._settled = False

    def settle(self) -> None:
        """What is loaded by now stays, and later collections don't look at it again: they begin now.

        Without a collection before: among all that is being imported, one would hold the window up
        for some 60 ms.
        """
        gc.freeze()
        self._settled = True

    def stop(self) -> None:
        self._timer.stop()
        gc.enable()

    @Slot()
    def _on_timer_timeout(self) -> None:
        if not self._settled:
            return
        thresholds, counts = gc.get_threshold(), gc.get_count()
        for generation in (2, 1, 0):
            if thresholds[generation] and counts[generation] > thresholds[generation]:
                gc.collect(generation)
                return


class LastResort:
    """If a stage hangs for good, write every thread's stack and leave the process at once.

    A native call that never returns can't be ended otherwise, and a window that is gone from the
    screen while its process stays would hold the models' memory for ever.
    """

    def __enter__(self) -> LastResort:
        if sys.stderr is not None:
            faulthandler.dump_traceback_later(_LAST_RESORT_S, exit=True)
        return self

    def __exit__(self, *exc: object) -> None:
        faulthandler.cancel_dump_traceback_later()


def delete_now() -> None:
    """Carry out every deleteLater while the application still exists.

    Left to the interpreter's end, Python destroys widgets in any order, after the application:
    that is a crash on exit.
    """
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    gc.collect()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
