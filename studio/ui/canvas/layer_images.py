"""The layers' pixels as QImages, loaded as they are needed and kept while they are used. GUI thread."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable

from PySide6.QtGui import QImage

from studio.api.errors import StudioError
from studio.api.outputs import Pixels
from studio.ui.pixels import to_qimage

LoadPixels = Callable[[str], Awaitable[Pixels]]


class LayerImages:
    """`get` returns what is there and begins to load what isn't; `loaded` is called when it came."""

    def __init__(self, load_pixels: LoadPixels, loaded: Callable[[], None]) -> None:
        self._load_pixels = load_pixels
        self._loaded = loaded
        self._images: dict[str, QImage] = {}
        self._failed: dict[str, str] = {}
        self._loading: dict[str, asyncio.Task[None]] = {}
        self._stopped = False

    def put(self, blob_id: str, pixels: Pixels) -> None:
        self._images[blob_id] = to_qimage(pixels)

    def get(self, blob_id: str) -> QImage | None:
        image = self._images.get(blob_id)
        known = blob_id in self._loading or blob_id in self._failed
        if image is None and not known and not self._stopped:
            task = asyncio.get_running_loop().create_task(self._load(blob_id))
            self._loading[blob_id] = task
        return image

    def failure(self, blob_id: str) -> str | None:
        return self._failed.get(blob_id)

    def keep(self, blob_ids: Iterable[str]) -> None:
        """Forget what none of these needs."""
        wanted = set(blob_ids)
        self._images = {blob: image for blob, image in self._images.items() if blob in wanted}
        self._failed = {blob: what for blob, what in self._failed.items() if blob in wanted}

    def stop(self) -> None:
        """End what loads; a last paint of the closing window begins nothing more."""
        self._stopped = True
        for task in self._loading.values():
            task.cancel()

    async def _load(self, blob_id: str) -> None:
        try:
            self._images[blob_id] = to_qimage(await self._load_pixels(blob_id))
        except StudioError as error:
            self._failed[blob_id] = error.what
        finally:
            self._loading.pop(blob_id, None)
        self._loaded()
