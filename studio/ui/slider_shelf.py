"""The sliders that models bring along, as the panels see them: asked on the I/O executor. GUI thread."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Sequence
from typing import Any

from PySide6.QtCore import QObject, Signal

from studio.api.models import ModelInfo
from studio.api.sliders import SliderSpec
from studio.io.executor import IoExecutor

AskSliders = Callable[[ModelInfo, str], Sequence[SliderSpec] | None]
Start = Callable[[Coroutine[Any, Any, Any]], object]


class SliderShelf(QObject):
    """`of` gives what is known and asks for what isn't; `changed` follows each answer.

    Args:
        ask: The plugins' answer; called on an I/O thread.
        start: Starts a coroutine on the window's loop; its errors are told there.
    """

    changed = Signal()

    def __init__(self, ask: AskSliders, io: IoExecutor, start: Start) -> None:
        super().__init__()
        self._ask = ask
        self._io = io
        self._start = start
        self._known: dict[tuple[str, str], tuple[SliderSpec, ...]] = {}
        self._asked: set[tuple[str, str]] = set()

    def of(self, model: ModelInfo, source: str) -> tuple[SliderSpec, ...] | None:
        """None while the answer is on its way; empty when the model has no such sliders."""
        key = (model.content_hash, source)
        if key not in self._known and key not in self._asked:
            self._asked.add(key)
            self._start(self._fetch(key, model, source))
        return self._known.get(key)

    def forget(self) -> None:
        """Models or the files beside them may have changed: ask anew."""
        self._known.clear()
        self._asked.clear()
        self.changed.emit()

    async def _fetch(self, key: tuple[str, str], model: ModelInfo, source: str) -> None:
        found: Sequence[SliderSpec] | None = None
        try:
            found = await self._io.run(self._ask, model, source)
        finally:
            # An error is told by who runs this; asking again would only repeat it.
            self._known[key] = tuple(found or ())
            self.changed.emit()
