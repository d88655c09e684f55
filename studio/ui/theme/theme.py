"""The theme: light, dark, or as the system says; applied to the whole application. GUI thread."""

from __future__ import annotations

from typing import Literal

from PySide6.QtCore import QObject, Qt, Signal, Slot
from PySide6.QtGui import QFont
from PySide6.QtWidgets import QApplication

from studio.ui.theme import icons
from studio.ui.theme.palette import palette_of
from studio.ui.theme.stylesheet import stylesheet
from studio.ui.theme.tokens import BODY_PX, DARK, FONT_FAMILIES, LIGHT, Tokens

ThemeChoice = Literal["system", "light", "dark"]
_STYLE = "fusion"


class Theme(QObject):
    """Owns which theme is shown. `changed` follows every change, the system's included."""

    changed = Signal()

    def __init__(self, app: QApplication, choice: ThemeChoice = "system") -> None:
        super().__init__(app)
        self._app = app
        self._choice: ThemeChoice = choice
        self._applied: Tokens | None = None
        if app.style().name().lower() != _STYLE:
            app.setStyle(_STYLE)
        app.setFont(_font())
        app.styleHints().colorSchemeChanged.connect(self._on_system_scheme_changed)
        self._apply()

    @property
    def choice(self) -> ThemeChoice:
        return self._choice

    @property
    def tokens(self) -> Tokens:
        if self._choice == "dark":
            return DARK
        if self._choice == "light":
            return LIGHT
        dark = self._app.styleHints().colorScheme() == Qt.ColorScheme.Dark
        return DARK if dark else LIGHT

    def choose(self, choice: ThemeChoice) -> None:
        self._choice = choice
        self._apply()

    @Slot()
    def _on_system_scheme_changed(self) -> None:
        if self._choice == "system":
            self._apply()

    def _apply(self) -> None:
        tokens = self.tokens
        if tokens is self._applied:
            return
        self._applied = tokens
        icons.use_tokens(tokens)
        self._app.setPalette(palette_of(tokens))
        self._app.setStyleSheet(stylesheet(tokens))
        icons.tint_again(self._app.topLevelWidgets())
        self.changed.emit()


def _font() -> QFont:
    # All of them: Qt takes the first that is there. Asking which are would read the whole database.
    font = QFont(list(FONT_FAMILIES))
    font.setPixelSize(BODY_PX)
    font.setHintingPreference(QFont.HintingPreference.PreferVerticalHinting)
    return font
