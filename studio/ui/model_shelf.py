"""What models there are, as the panels see it: read by the I/O executor, kept for the GUI thread."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QObject, Signal

from studio.api.models import ModelInfo
from studio.io.executor import IoExecutor
from studio.library.models import ModelStore


class ModelShelf(QObject):
    """`models` is empty until the first `refresh` ended; `changed` follows each one."""

    changed = Signal()

    def __init__(self, store: ModelStore, io: IoExecutor) -> None:
        super().__init__()
        self._store = store
        self._io = io
        self.models: tuple[ModelInfo, ...] = ()
        self.loaded = False

    def of_family(self, family: str) -> list[ModelInfo]:
        return [info for info in self.models if info.facts.family == family]

    async def refresh(self) -> None:
        """The first time a model is seen its files are hashed: not on this thread."""
        self.models = tuple(await self._io.run(self._store.all))
        self.loaded = True
        self.changed.emit()

    async def add(self, path: Path, *, copy: bool = False) -> ModelInfo:
        """Raises ModelError or StorageError."""
        info = await self._io.run(self._store.add, path, copy=copy)
        await self.refresh()
        return info

    async def remove(self, model_id: str) -> None:
        await self._io.run(self._store.remove, model_id)
        await self.refresh()

    async def verify(self, model_id: str) -> list[str]:
        return await self._io.run(self._store.verify, model_id)
