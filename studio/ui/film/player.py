"""A small player for the films of the history: play, pause, scrub, step, loop, export. GUI thread.

Frames are decoded on the I/O executor, a few ahead of the one that is shown; nothing is decoded here.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

from PySide6.QtCore import QRectF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QCloseEvent, QColor, QImage, QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QSlider, QWidget

from studio.api.errors import StudioError
from studio.api.outputs import Pixels
from studio.io.executor import IoExecutor
from studio.io.film_reader import FilmReader
from studio.library.history import HistoryItem
from studio.paint.qimages import to_qimage
from studio.ui.dialogs.frame import Dialog
from studio.ui.labels import icon_button, label, push_button
from studio.ui.theme.icons import set_icon, tokens_in_use

Start = Callable[[Coroutine[Any, Any, Any]], object]
_AHEAD = 6
_SHOWN_PX = 512
_LEAST_PX = 320


class Screen(QWidget):
    """Shows one picture, as large as fits."""

    def __init__(self) -> None:
        super().__init__()
        self.image = QImage()
        self.setAccessibleName("Film")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)

    def sizeHint(self) -> QSize:
        return QSize(448, 400)

    def minimumSizeHint(self) -> QSize:
        return QSize(_LEAST_PX, _LEAST_PX)

    def show_pixels(self, pixels: Pixels) -> None:
        self.image = to_qimage(pixels)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor(tokens_in_use().sunken))
        if not self.image.isNull():
            scale = min(self.width() / self.image.width(), self.height() / self.image.height())
            width, height = self.image.width() * scale, self.image.height() * scale
            place = QRectF((self.width() - width) / 2, (self.height() - height) / 2, width, height)
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
            painter.drawImage(place, self.image)
        painter.end()


class FilmPlayer(Dialog):
    """Opens beside the window and plays at once. Space plays and pauses, the arrows step, L loops."""

    export_requested = Signal()

    def __init__(
        self, parent: QWidget | None, io: IoExecutor, start: Start, item: HistoryItem
    ) -> None:
        super().__init__(parent, item.title or "Film")
        self._io = io
        self._start = start
        self._item = item
        self._reader: FilmReader | None = None
        self._frames: dict[int, Pixels] = {}
        self._busy = False
        self._closed = False
        self.position = 0
        self.playing = False
        self.picture = Screen()
        self.play_button = icon_button("play", "Play", "Play (Space)")
        self.scrub = QSlider(Qt.Orientation.Horizontal)
        self.scrub.setAccessibleName("Position in the film")
        self.scrub.setEnabled(False)
        self.time = label("", "muted")
        self.loop = icon_button("repeat", "Play again and again", "Play again and again (L)")
        self.loop.setCheckable(True)
        self.loop.setChecked(True)
        self.problem = label("", "problem", wrap=True)
        self.problem.hide()
        self._timer = QTimer(self)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._lay_out()
        self._timer.timeout.connect(self._on_timer_timeout)
        self.play_button.clicked.connect(self.toggle)
        self.scrub.valueChanged.connect(self._on_scrub_value_changed)

    @property
    def reading(self) -> bool:
        """Whether the film is being read just now."""
        return self._busy

    @property
    def count(self) -> int:
        return self._reader.count if self._reader is not None else 0

    def load(self, path: Path) -> None:
        """Open the film and play it."""
        self._busy = True
        self._start(self._load(path))

    def toggle(self) -> None:
        self.pause() if self.playing else self.play()

    def play(self) -> None:
        if self._reader is None:
            return
        if self.position >= self.count - 1:
            self.seek(0)
        self.playing = True
        self._timer.start(round(1000 / self._reader.frames_per_second))
        self._show_state()
        self._read_ahead()

    def pause(self) -> None:
        self.playing = False
        self._timer.stop()
        self._show_state()

    def seek(self, number: int) -> None:
        """Show a frame as soon as it is decoded."""
        self.position = max(0, min(number, self.count - 1))
        self._show_position()
        self._read_ahead()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        steps = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}
        if event.key() == Qt.Key.Key_Space:
            self.toggle()
        elif event.key() == Qt.Key.Key_L:
            self.loop.toggle()
        elif event.key() in steps:
            self.pause()
            self.seek(self.position + steps[Qt.Key(event.key())])
        elif event.key() == Qt.Key.Key_Home:
            self.seek(0)
        elif event.key() == Qt.Key.Key_End:
            self.seek(self.count - 1)
        else:
            super().keyPressEvent(event)

    def closeEvent(self, event: QCloseEvent) -> None:
        self._end()
        super().closeEvent(event)

    def done(self, result: int) -> None:
        self._end()
        super().done(result)

    def _end(self) -> None:
        self._closed = True
        self._timer.stop()
        reader, self._reader = self._reader, None
        if reader is not None and not self.reading:
            self._start(self._io.run(reader.close))

    def _lay_out(self) -> None:
        controls = QHBoxLayout()
        controls.setSpacing(8)
        for widget, stretch in (
            (self.play_button, 0),
            (self.scrub, 1),
            (self.time, 0),
            (self.loop, 0),
        ):
            controls.addWidget(widget, stretch)
        self.column.setContentsMargins(16, 14, 16, 16)
        self.column.setSpacing(12)
        self.column.addWidget(self.picture, 1)
        self.column.addWidget(self.problem)
        self.column.addLayout(controls)
        export = push_button("Export…", "download")
        close = push_button("Close")
        export.clicked.connect(self.export_requested)
        close.clicked.connect(self.accept)
        self.add_buttons(export, close)
        self.play_button.setFocus()

    async def _load(self, path: Path) -> None:
        rate = self._item.record.extras.get("frames_per_second")
        speed = float(rate) if isinstance(rate, (int, float)) else 0.0
        try:
            reader = await self._io.run(FilmReader, path, self._item.media_type, speed)
        except StudioError as error:
            if not self._closed:
                self._fail(error)
            return
        finally:
            self._busy = False
        if self._closed:
            await self._io.run(reader.close)
            return
        self._reader = reader
        self.scrub.setRange(0, reader.count - 1)
        self.scrub.setEnabled(reader.count > 1)
        self._show_position()
        self.play()

    def _read_ahead(self) -> None:
        if not self.reading and self._reader is not None:
            self._busy = True
            self._start(self._read())

    async def _read(self) -> None:
        """Decode what is missing from the position on, one after the other."""
        reader = self._reader
        assert reader is not None
        try:
            while not self._closed:
                missing = next((n for n in self._wanted() if n not in self._frames), None)
                if missing is None:
                    break
                pixels = await self._io.run(reader.frame, missing, _SHOWN_PX)
                self._frames[missing] = pixels
                if missing == self.position and not self._closed:
                    self.picture.show_pixels(pixels)
        except StudioError as error:
            if not self._closed:
                self._fail(error)
        finally:
            self._busy = False
            if self._closed:
                await self._io.run(reader.close)

    def _wanted(self) -> list[int]:
        """The frame that is shown and those after it, round the end when it loops."""
        count = self.count
        ahead = _AHEAD if self.playing else 1
        numbers = [self.position + step for step in range(min(ahead, count))]
        wanted = [n % count for n in numbers if n < count or self.loop.isChecked()]
        self._frames = {n: pixels for n, pixels in self._frames.items() if n in wanted}
        return wanted

    def _on_timer_timeout(self) -> None:
        following = self.position + 1
        if following >= self.count:
            if not self.loop.isChecked() or self.count < 2:
                self.pause()
                return
            following = 0
        if following in self._frames:  # else its turn comes when it is decoded
            self.position = following
            self._show_position()
        self._read_ahead()

    def _show_position(self) -> None:
        self.scrub.blockSignals(True)
        self.scrub.setValue(self.position)
        self.scrub.blockSignals(False)
        if self._reader is not None:
            speed = self._reader.frames_per_second
            self.time.setText(f"{_clock(self.position / speed)} / {_clock(self.count / speed)}")
        if self.position in self._frames:
            self.picture.show_pixels(self._frames[self.position])

    def _show_state(self) -> None:
        icon, name = ("pause", "Pause") if self.playing else ("play", "Play")
        set_icon(self.play_button, icon)
        self.play_button.setAccessibleName(name)
        self.play_button.setToolTip(f"{name} (Space)")

    def _on_scrub_value_changed(self, number: int) -> None:
        self.seek(number)

    def _fail(self, error: StudioError) -> None:
        self.pause()
        self.problem.setText(str(error))
        self.problem.show()


def _clock(seconds: float) -> str:
    """4.2 seconds as "0:04.2"."""
    return f"{int(seconds // 60)}:{seconds % 60:04.1f}"
