"""The theme: its contrast, its files, and that a change reaches everything."""

from __future__ import annotations

import re

import numpy as np
import pytest
from PySide6.QtCore import QByteArray, QRectF
from PySide6.QtGui import QImage, QPainter
from PySide6.QtSvg import QSvgRenderer
from PySide6.QtWidgets import QApplication, QPushButton, QToolButton
from pytestqt.qtbot import QtBot

from studio.io.resources import resource
from studio.ui.actions import MENUS
from studio.ui.theme.icons import pixmap, set_icon, use_tokens
from studio.ui.theme.marks import marks
from studio.ui.theme.stylesheet import stylesheet
from studio.ui.theme.theme import Theme
from studio.ui.theme.tokens import DARK, LIGHT, Tokens

THEMES = pytest.mark.parametrize("tokens", [LIGHT, DARK], ids=lambda tokens: tokens.name)


def _luminance(colour: str) -> float:
    """WCAG 2.1, relative luminance."""
    channels = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    lighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


@THEMES
@pytest.mark.parametrize(
    ("ink", "ground"),
    [
        *((ink, ground) for ink in ("text", "muted") for ground in ("base", "surface", "raised", "hover")),
        ("accent_text", "base"),
        ("accent_text", "accent_soft"),
        ("on_accent", "accent"),
        ("on_accent", "accent_hover"),
        ("danger", "base"),
        ("text", "danger_soft"),
        ("text", "warning_soft"),
    ],
)  # fmt: skip
def test_text_is_readable_on_its_ground(tokens: Tokens, ink: str, ground: str) -> None:
    least = 4.5 if ink != "on_accent" else 4.0  # white on the accent is bold and 13 px or more
    assert contrast(getattr(tokens, ink), getattr(tokens, ground)) >= least


@THEMES
def test_marks_on_disk_are_those_of_the_tokens(tokens: Tokens) -> None:
    for name, text in marks(tokens).items():
        assert resource("themes", tokens.name, name).read_text(encoding="utf-8") == text


@THEMES
def test_stylesheet_names_only_files_that_exist(tokens: Tokens) -> None:
    paths = re.findall(r"url\(([^)]+)\)", stylesheet(tokens))
    assert paths
    for path in paths:
        assert resource(*path.split("/")[-3:]).is_file(), path


def test_every_action_icon_exists() -> None:
    names = {entry.icon for _, entries in MENUS for entry in entries if entry and entry.icon}
    missing = [name for name in names if not resource("icons", f"{name}.svg").is_file()]
    assert missing == []
    assert resource("icons", "LICENSE").is_file()


@pytest.mark.parametrize("name", ["sparkles", "palette"])
def test_icon_is_the_drawing_in_the_tokens_colour(name: str, qtbot: QtBot) -> None:
    use_tokens(LIGHT)
    drawn = resource("icons", f"{name}.svg").read_text(encoding="utf-8")
    expected = QImage(32, 32, QImage.Format.Format_ARGB32_Premultiplied)
    expected.fill(0)
    painter = QPainter(expected)
    svg = drawn.replace("currentColor", LIGHT.danger).encode()
    QSvgRenderer(QByteArray(svg)).render(painter, QRectF(expected.rect()))
    painter.end()
    shown = pixmap(name, "danger", 16, 2.0).toImage().convertToFormat(expected.format())
    one, other = (np.array(image.constBits(), np.int16) for image in (shown, expected))
    assert other.max() == 255
    assert np.abs(one - other).max() <= 2


def test_theme_switch_reaches_palette_and_icons(
    theme: Theme, qapp: QApplication, qtbot: QtBot
) -> None:
    button = QToolButton()
    qtbot.addWidget(button)
    set_icon(button, "sparkles")
    light = _ink(button.icon().pixmap(16).toImage())
    told: list[bool] = []
    theme.changed.connect(lambda: told.append(True))
    theme.choose("dark")
    assert told == [True]
    assert qapp.palette().window().color().name() == DARK.base
    assert _ink(button.icon().pixmap(16).toImage()) != light
    theme.choose("dark")
    assert told == [True]
    theme.choose("light")
    assert _ink(button.icon().pixmap(16).toImage()) == light


def test_icon_is_crisp_at_twice_the_size(qapp: QApplication) -> None:
    use_tokens(LIGHT)
    drawn = pixmap("sparkles", "text", 16, 2.0)
    assert drawn.width() == 32
    assert drawn.devicePixelRatio() == 2.0
    assert _ink(drawn.toImage()) == LIGHT.text


def _ink(image: QImage) -> str:
    """The colour of the most opaque pixel."""
    pixels = [image.pixelColor(x, y) for x in range(image.width()) for y in range(image.height())]
    return max(pixels, key=lambda colour: colour.alpha()).name()


def test_icon_of_a_button_with_words_keeps_its_distance(qtbot: QtBot) -> None:
    with_words, without = QPushButton("Go"), QPushButton()
    for button in (with_words, without):
        qtbot.addWidget(button)
        set_icon(button, "film")
    assert without.iconSize().width() == without.iconSize().height()
    assert with_words.iconSize().width() == with_words.iconSize().height() + 6
    drawn = with_words.icon().pixmap(with_words.iconSize()).toImage()
    right = [drawn.pixelColor(drawn.width() - 1 - x, y).alpha() for x in range(5) for y in range(9)]
    assert not any(right)
