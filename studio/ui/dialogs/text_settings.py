"""The settings of the text: its font, size and width, and what typing is helped with."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QFontDatabase
from PySide6.QtWidgets import QComboBox, QSpinBox, QStyledItemDelegate, QWidget

from studio.core.settings import Settings
from studio.io.dictionaries import languages

_WIDTHS = {560: "Narrow", 680: "Medium", 860: "Wide", 4000: "As wide as there is room"}
_QUOTES = {
    "off": "As on the keyboard",
    "english": "“English” and Chinese",
    "german": "„German“",
    "french": "« French »",
}
_LANGUAGES = {
    "ar": "العربية",
    "de": "Deutsch",
    "en": "English",
    "es": "Español",
    "eu": "Euskara",
    "fa": "فارسی",
    "fr": "Français",
    "it": "Italiano",
    "lv": "Latviešu",
    "nl": "Nederlands",
    "pt": "Português",
    "ru": "Русский",
}


class TextSettings(QObject):
    """`changed(name, value)` for every change; `rows` are titles with the fields, for a form."""

    changed = Signal(str, object)

    def __init__(self, parent: QWidget, settings: Settings) -> None:
        super().__init__(parent)
        families = {family: family for family in QFontDatabase.families() if family[:1] != "."}
        self.font_box = self._choice(
            "text_font", "Font of the text", {"": "As the window", **families}, settings.text_font
        )
        self.size_box = QSpinBox()
        self.size_box.lineEdit().setTextMargins(6, 0, 0, 0)
        self.size_box.setRange(9, 48)
        self.size_box.setSuffix(" px")
        self.size_box.setValue(settings.text_size_px)
        self.size_box.setAccessibleName("Size of the text")
        self.size_box.valueChanged.connect(lambda size: self.changed.emit("text_size_px", size))
        self.width_box = self._choice(
            "text_width_px", "Width of the text", _WIDTHS, settings.text_width_px
        )
        self.quotes_box = self._choice("quotes", "Quotation marks", _QUOTES, settings.quotes)
        spoken = {code: _LANGUAGES.get(code, code) for code in languages()}
        choices = {"auto": "In the system's language", "off": "Off", **spoken}
        self.spelling_box = self._choice("spelling", "Spelling", choices, settings.spelling)
        self.rows = (
            ("Font of the text", self.font_box),
            ("Size of the text", self.size_box),
            ("Width of the text", self.width_box),
            ("Quotation marks", self.quotes_box),
            ("Spelling", self.spelling_box),
        )

    def _choice(
        self, name: str, title: str, choices: Mapping[int, str] | Mapping[str, str], value: object
    ) -> QComboBox:
        box = QComboBox()
        box.setItemDelegate(QStyledItemDelegate(box))
        box.setAccessibleName(title)
        # Its widest family must not widen the dialog.
        box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        box.setMinimumContentsLength(20)
        box.setMaxVisibleItems(12)
        for key, text in choices.items():
            box.addItem(text, key)
        if box.findData(value) < 0:
            box.addItem(f"{value}", value)
        box.setCurrentIndex(box.findData(value))
        box.currentIndexChanged.connect(lambda _: self.changed.emit(name, box.currentData()))
        return box
