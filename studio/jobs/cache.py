"""Loaded models under a byte budget; least recently used goes first. GPU thread only."""

from __future__ import annotations

import logging
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Any

from studio.api.models import Loaded

log = logging.getLogger(__name__)


class ModelCache:
    """Keeps what loaders returned. A loader that raises leaves nothing behind.

    Args:
        budget_bytes: What all entries together may hold. One that is larger alone is kept alone.
        give_back: Called after entries were dropped; returns memory to the device.
    """

    def __init__(self, budget_bytes: int, give_back: Callable[[], None]) -> None:
        self.budget_bytes = budget_bytes
        self._give_back = give_back
        self._entries: OrderedDict[Hashable, Loaded[Any]] = OrderedDict()

    @property
    def used_bytes(self) -> int:
        return sum(entry.size_bytes for entry in self._entries.values())

    def __len__(self) -> int:
        return len(self._entries)

    def __contains__(self, key: Hashable) -> bool:
        return key in self._entries

    def get(self, key: Hashable, load: Callable[[], Loaded[Any]], expected_bytes: int = 0) -> Any:
        """The entry's value, loaded if needed. Room for `expected_bytes` is made before loading."""
        if key in self._entries:
            self._entries.move_to_end(key)
            return self._entries[key].value
        self._make_room(expected_bytes)
        entry = load()
        if not isinstance(entry, Loaded):
            raise TypeError(f"a loader must return studio.api.Loaded, not {type(entry).__name__}")
        self._make_room(entry.size_bytes)
        self._entries[key] = entry
        return entry.value

    def free_all(self) -> int:
        """Drop everything; returns how many bytes that were."""
        freed = self.used_bytes
        while self._entries:
            self._drop_oldest()
        self._give_back()
        return freed

    def _make_room(self, size_bytes: int) -> None:
        dropped = False
        while self._entries and self.used_bytes + size_bytes > self.budget_bytes:
            self._drop_oldest()
            dropped = True
        if dropped:
            self._give_back()

    def _drop_oldest(self) -> None:
        _, entry = self._entries.popitem(last=False)
        if entry.close is not None:
            try:
                entry.close()
            except Exception:  # border to a plugin's code: a bad close must not stop the others
                log.exception("a model could not be closed cleanly")
