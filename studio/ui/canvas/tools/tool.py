"""What a tool is: it hears the hand, tries edits on while it moves, commits one at the end. GUI thread."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import Any, Generic, TypeVar

from PySide6.QtCore import QObject, QRectF, Qt, Signal
from PySide6.QtGui import QKeyEvent, QPainter
from PySide6.QtWidgets import QWidget

from studio.ui.canvas.easel import Easel
from studio.ui.canvas.pointer import Pointer
from studio.ui.canvas.view_transform import ViewTransform


@dataclass(frozen=True)
class Slide:
    """A number of a tool's settings, `low`..`high`; shown times `shown_as`, such as 100 for per cent."""

    name: str
    label: str
    low: float
    high: float
    suffix: str = ""
    shown_as: float = 1.0
    decimals: int = 0
    whole: bool = False
    """The setting is an int."""


@dataclass(frozen=True)
class Choice:
    """One of several values, each with what the person reads."""

    name: str
    label: str
    values: tuple[tuple[str | int, str], ...]


@dataclass(frozen=True)
class Switch:
    name: str
    label: str


Option = Slide | Choice | Switch


@dataclass(frozen=True)
class NoSettings:
    """Of tools that have nothing to set."""


S_co = TypeVar("S_co", covariant=True)


class Tool(QObject, Generic[S_co]):
    """Subclasses name themselves and override what they need. `press` to `release` is one gesture.

    `overlay_changed` asks for the marks over the canvas to be drawn again.
    """

    id = ""
    title = ""
    icon = "box"
    key = ""
    """The single key that chooses it while the canvas has the focus."""
    tip = ""
    """One sentence on what it does and what modifiers change."""
    options: tuple[Option, ...] = ()
    cursor: Qt.CursorShape = Qt.CursorShape.CrossCursor
    outlines_layer = False
    """Whether the current layer's edge is shown."""
    paints = False
    """Whether it needs a sheet to paint on where there is no canvas yet."""

    overlay_changed = Signal()
    settings_changed = Signal()

    def __init__(self, easel: Easel, settings: S_co) -> None:
        super().__init__()
        self.easel = easel
        self.settings = settings

    def set_option(self, name: str, value: Any) -> None:
        """Change one setting. Raises TypeError: there is none of that name."""
        before = getattr(self.settings, name, None)
        if before != value:
            assert name in {field.name for field in fields(self.settings)}  # type: ignore[arg-type]
            self.settings = replace(self.settings, **{name: value})  # type: ignore[type-var]
            self.settings_changed.emit()
            self.overlay_changed.emit()

    def extra_widgets(self) -> tuple[QWidget, ...]:
        """What the bar of options has beside the options, made once."""
        return ()

    @property
    def busy(self) -> bool:
        """Whether a gesture is under way, or something waits to be accepted."""
        return False

    def press(self, at: Pointer) -> None:
        """The hand went down."""

    def move(self, at: Pointer) -> None:
        """The hand moves while down."""

    def release(self, at: Pointer) -> None:
        """The hand went up."""

    def hover(self, at: Pointer) -> None:
        """The hand moves while up."""

    def double_click(self, at: Pointer) -> None:
        """Two quick clicks; the second `press` was not told."""
        self.press(at)

    def key_press(self, event: QKeyEvent) -> bool:
        """True: the key was for this tool."""
        return False

    def accept(self) -> None:
        """Commit what waits: Enter, or another tool was chosen."""

    def cancel(self) -> None:
        """Forget what is under way; nothing is changed."""
        self.easel.try_on(None)

    def leave(self) -> None:
        """Another tool is chosen."""
        if self.busy:
            self.accept()

    def cursor_at(self, at: Pointer, view: ViewTransform) -> Qt.CursorShape:
        return self.cursor

    def paint(self, painter: QPainter, view: ViewTransform) -> None:
        """Marks over the canvas, in the widget's coordinates."""

    def hover_rect(self, view: ViewTransform) -> QRectF | None:
        """Where in the widget the marks that follow the hand are; None: anywhere."""
        return None
