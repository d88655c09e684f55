"""The stylesheet, built from the tokens. One function per family of controls. Pure but for paths."""

from __future__ import annotations

from studio.io.resources import resource
from studio.ui.theme.tokens import BODY_PX, PAGE_PX, RADIUS_PX, SMALL_PX, TITLE_PX, Tokens


def stylesheet(tokens: Tokens) -> str:
    parts = (_ground, _text, _buttons, _inputs, _choices, _toggles, _menus, _docks, _bars, _lists)
    return "\n".join(part(tokens) for part in parts)


def _mark(tokens: Tokens, name: str) -> str:
    """Address of a little picture the stylesheet needs as a file."""
    return resource("themes", tokens.name, f"{name}.svg").as_posix()


def _ground(t: Tokens) -> str:
    return f"""
QWidget {{ color: {t.text}; font-size: {BODY_PX}px; }}
QMainWindow, QDialog, QDockWidget, #panel, #panelBody {{ background: {t.base}; }}
QMainWindow::separator {{ background: {t.line}; width: 1px; height: 1px; }}
QMainWindow::separator:hover {{ background: {t.accent}; }}
QSplitter::handle {{ background: {t.line}; }}
QSplitter::handle:hover {{ background: {t.accent}; }}
QToolTip {{ background: {t.raised}; color: {t.text}; border: 1px solid {t.edge};
  padding: 4px 8px; }}
QScrollArea, #clear {{ background: transparent; border: none; }}
QAbstractScrollArea::corner {{ background: transparent; border: none; }}
QScrollBar:vertical {{ background: transparent; width: 10px; margin: 2px; }}
QScrollBar:horizontal {{ background: transparent; height: 10px; margin: 2px; }}
QScrollBar::handle {{ background: {t.edge}; border-radius: 3px; min-height: 28px; min-width: 28px; }}
QScrollBar::handle:hover {{ background: {t.faint}; }}
QScrollBar::add-line, QScrollBar::sub-line {{ width: 0; height: 0; }}
QScrollBar::add-page, QScrollBar::sub-page {{ background: transparent; }}
"""


def _text(t: Tokens) -> str:
    return f"""
QLabel {{ background: transparent; }}
QLabel[kind="title"] {{ font-size: {TITLE_PX}px; font-weight: 600; }}
QLabel[kind="heading"] {{ font-size: {BODY_PX}px; font-weight: 600; }}
QLabel[kind="label"] {{ font-size: {SMALL_PX}px; font-weight: 500; color: {t.muted}; }}
QLabel[kind="muted"] {{ font-size: {SMALL_PX}px; color: {t.muted}; }}
QLabel[kind="problem"] {{ font-size: {SMALL_PX}px; color: {t.danger}; }}
QLabel[kind="key"] {{ font-size: 11px; color: {t.muted}; background: {t.hover};
  border: 1px solid {t.line}; border-radius: 4px; padding: 1px 6px; }}
"""


def _buttons(t: Tokens) -> str:
    return f"""
QPushButton {{ background: {t.surface}; border: 1px solid {t.edge}; border-radius: {RADIUS_PX}px;
  padding: 0 12px; min-height: 28px; font-weight: 500; }}
QPushButton:hover {{ background: {t.hover}; }}
QPushButton:pressed {{ background: {t.pressed}; }}
QPushButton:focus {{ border: 2px solid {t.accent}; padding: 0 11px; min-height: 26px; }}
QPushButton:disabled {{ color: {t.faint}; background: {t.base}; border-color: {t.line}; }}
QPushButton[kind="primary"] {{ background: {t.accent}; border-color: {t.accent};
  color: {t.on_accent}; font-weight: 600; min-height: 34px; }}
QPushButton[kind="primary"]:hover {{ background: {t.accent_hover}; border-color: {t.accent_hover}; }}
QPushButton[kind="primary"]:pressed {{ background: {t.accent_pressed}; }}
QPushButton[kind="primary"]:focus {{ border: 2px solid {t.accent_text}; min-height: 32px; }}
QPushButton[kind="primary"]:disabled {{ background: {t.pressed}; border-color: {t.pressed};
  color: {t.faint}; }}
QPushButton[kind="quiet"] {{ background: transparent; border: 1px solid transparent;
  padding: 0 8px; min-height: 24px; color: {t.accent_text}; }}
QPushButton[kind="quiet"]:hover {{ background: {t.hover}; }}
QPushButton[kind="quiet"]:focus {{ border: 2px solid {t.accent}; padding: 0 7px; min-height: 22px; }}
QPushButton[kind="quiet"]:disabled {{ color: {t.faint}; }}
QToolButton {{ background: transparent; border: 1px solid transparent;
  border-radius: {RADIUS_PX}px; padding: 4px; }}
QToolButton:hover {{ background: {t.hover}; }}
QToolButton:pressed {{ background: {t.pressed}; }}
QToolButton:checked {{ background: {t.accent_soft}; color: {t.accent_text}; }}
QToolButton:focus {{ border: 1px solid {t.accent}; }}
QToolButton::menu-indicator {{ image: none; }}
QToolButton[kind="word"] {{ background: {t.surface}; border-color: {t.edge}; min-height: 20px;
  padding: 3px 6px; }}
QToolButton[kind="word"]:hover {{ background: {t.hover}; }}
QToolButton[kind="word"]:checked {{ background: {t.accent_soft}; border-color: {t.accent};
  color: {t.accent_text}; }}
QToolButton[kind="fold"] {{ font-weight: 600; color: {t.muted}; padding: 6px 8px 6px 0; text-align: left; }}
QToolButton[kind="fold"]:checked {{ background: transparent; color: {t.text}; }}
QToolButton[kind="fold"]:hover {{ color: {t.text}; background: {t.hover}; }}
"""


def _inputs(t: Tokens) -> str:
    fields = "QLineEdit, QPlainTextEdit, QTextEdit, QSpinBox, QDoubleSpinBox, QComboBox"
    focus = ", ".join(f"{name.strip()}:focus" for name in fields.split(","))
    hover = ", ".join(f"{name.strip()}:hover" for name in fields.split(","))
    bad = ", ".join(f'{name.strip()}[bad="true"]' for name in fields.split(","))
    return f"""
{fields} {{ background: {t.surface}; border: 1px solid {t.edge}; border-radius: {RADIUS_PX}px;
  selection-background-color: {t.accent}; selection-color: {t.on_accent}; }}
QLineEdit, QSpinBox, QDoubleSpinBox, QComboBox {{ min-height: 28px; padding: 0 8px; }}
QPlainTextEdit, QTextEdit {{ padding: 4px; }}
{hover} {{ border-color: {t.faint}; }}
{focus} {{ border: 2px solid {t.accent}; }}
QLineEdit:focus, QSpinBox:focus, QDoubleSpinBox:focus, QComboBox:focus {{ min-height: 26px;
  padding: 0 7px; }}
QDoubleSpinBox[kind="small"] {{ min-height: 22px; padding: 0 4px; font-size: {SMALL_PX}px; }}
QDoubleSpinBox[kind="small"]:focus {{ min-height: 20px; padding: 0 3px; }}
QPlainTextEdit:focus, QTextEdit:focus {{ padding: 3px; }}
{bad} {{ border-color: {t.danger}; }}
QLineEdit:disabled, QSpinBox:disabled, QDoubleSpinBox:disabled, QComboBox:disabled,
QPlainTextEdit:disabled {{ color: {t.faint}; background: {t.base}; border-color: {t.line}; }}
#editor {{ background: {t.surface}; }}
#editor QPlainTextEdit, #editor QTextEdit {{ border: none; border-radius: 0; padding: 0;
  font-size: {PAGE_PX}px; }}
#editor #wordCount {{ color: {t.faint}; font-size: {SMALL_PX}px; }}
QSpinBox::up-button, QDoubleSpinBox::up-button {{ subcontrol-position: top right; width: 16px;
  border: none; background: transparent; margin: 2px 2px 0 0; }}
QSpinBox::down-button, QDoubleSpinBox::down-button {{ subcontrol-position: bottom right;
  width: 16px; border: none; background: transparent; margin: 0 2px 2px 0; }}
QSpinBox::up-button:hover, QDoubleSpinBox::up-button:hover, QSpinBox::down-button:hover,
QDoubleSpinBox::down-button:hover {{ background: {t.hover}; border-radius: 3px; }}
QSpinBox::up-arrow, QDoubleSpinBox::up-arrow {{ image: url({_mark(t, "chevron-up")});
  width: 10px; height: 10px; }}
QSpinBox::down-arrow, QDoubleSpinBox::down-arrow {{ image: url({_mark(t, "chevron-down")});
  width: 10px; height: 10px; }}
#well {{ background: {t.surface}; border: 1px dashed {t.edge}; border-radius: {RADIUS_PX}px; }}
#well:hover, #well:focus {{ border-color: {t.accent}; }}
#well[bad="true"] {{ border-color: {t.danger}; }}
#note {{ background: {t.hover}; border: none; border-radius: {RADIUS_PX}px; }}
"""


def _choices(t: Tokens) -> str:
    return f"""
QComboBox::drop-down {{ border: none; width: 24px; }}
QComboBox::down-arrow {{ image: url({_mark(t, "chevron-down")}); width: 14px; height: 14px; }}
QComboBox QAbstractItemView {{ background: {t.raised}; border: 1px solid {t.edge};
  border-radius: {RADIUS_PX}px; padding: 4px; outline: none; }}
QComboBox QAbstractItemView::item {{ min-height: 28px; padding: 0 8px; border-radius: 4px; }}
QComboBox QAbstractItemView::item:selected {{ background: {t.hover}; color: {t.text}; }}
#chooser {{ font-weight: 600; min-height: 34px; }}
#chooser:focus {{ min-height: 32px; }}
"""


def _toggles(t: Tokens) -> str:
    return f"""
QSlider::groove:horizontal {{ height: 4px; border-radius: 2px; background: {t.pressed}; }}
QSlider::sub-page:horizontal {{ height: 4px; border-radius: 2px; background: {t.accent}; }}
QSlider::handle:horizontal {{ width: 14px; height: 14px; margin: -6px 0; border-radius: 8px;
  background: {t.on_accent if not t.dark else t.text}; border: 1px solid {t.faint}; }}
QSlider::handle:horizontal:hover {{ border-color: {t.accent}; }}
QSlider::handle:horizontal:focus {{ border: 2px solid {t.accent}; width: 12px; height: 12px; }}
QSlider::sub-page:horizontal:disabled {{ background: {t.edge}; }}
QCheckBox {{ spacing: 8px; min-height: 24px; }}
QCheckBox::indicator {{ width: 32px; height: 18px; image: url({_mark(t, "switch-off")}); }}
QCheckBox::indicator:checked {{ image: url({_mark(t, "switch-on")}); }}
QCheckBox:focus {{ color: {t.accent_text}; }}
QProgressBar {{ background: {t.pressed}; border: none; border-radius: 2px; max-height: 4px;
  min-height: 4px; }}
QProgressBar::chunk {{ background: {t.accent}; border-radius: 2px; }}
"""


def _menus(t: Tokens) -> str:
    return f"""
QMenuBar {{ background: {t.base}; padding: 3px 8px; border-bottom: 1px solid {t.line}; }}
QMenuBar::item {{ padding: 5px 10px; border-radius: {RADIUS_PX}px; background: transparent; }}
QMenuBar::item:selected, QMenuBar::item:pressed {{ background: {t.hover}; }}
QMenu {{ background: {t.raised}; border: 1px solid {t.edge}; padding: 6px; }}
QMenu::item {{ padding: 6px 24px 6px 12px; border-radius: 4px; min-width: 160px; }}
QMenu::item:selected {{ background: {t.hover}; }}
QMenu::item:disabled {{ color: {t.faint}; }}
QMenu::icon {{ padding-left: 10px; }}
QMenu::separator {{ height: 1px; background: {t.line}; margin: 6px 8px; }}
QMenu::indicator {{ width: 14px; height: 14px; left: 8px; }}
QMenu::indicator:checked {{ image: url({_mark(t, "check")}); }}
QMenu::right-arrow {{ image: url({_mark(t, "chevron-right")}); width: 12px; height: 12px; }}
"""


def _docks(t: Tokens) -> str:
    return f"""
#dockTitle {{ background: {t.base}; }}
#dockTitle QLabel {{ font-weight: 600; font-size: {SMALL_PX}px; color: {t.muted}; }}
QTabBar {{ background: transparent; qproperty-drawBase: 0; }}
QTabBar::tab {{ background: transparent; color: {t.muted}; padding: 6px 12px; margin: 4px 2px;
  border-radius: {RADIUS_PX}px; font-weight: 500; }}
QTabBar::tab:hover {{ color: {t.text}; background: {t.hover}; }}
QTabBar::tab:selected {{ color: {t.text}; background: {t.pressed}; }}
QTabWidget::pane {{ border: none; }}
"""


def _bars(t: Tokens) -> str:
    return f"""
QStatusBar {{ background: {t.base}; border-top: 1px solid {t.line}; min-height: 28px; }}
QStatusBar::item {{ border: none; }}
QStatusBar QLabel {{ color: {t.muted}; font-size: {SMALL_PX}px; }}
#messageBar {{ background: {t.raised}; border-bottom: 1px solid {t.line}; }}
#messageBar[tone="error"] {{ background: {t.danger_soft}; }}
#messageBar[tone="warning"] {{ background: {t.warning_soft}; }}
#messageBar[tone="info"] {{ background: {t.accent_soft}; }}
#findBar {{ background: {t.base}; border-bottom: 1px solid {t.line}; }}
#footer {{ background: {t.base}; border-top: 1px solid {t.line}; }}
#palette {{ background: {t.raised}; border: 1px solid {t.edge}; border-radius: 10px; }}
#palette QLineEdit, #palette QLineEdit:focus {{ border: none; background: transparent;
  font-size: {TITLE_PX}px; min-height: 40px; padding: 0 8px; }}
#palette QListView::item {{ padding: 0 8px; }}
"""


def _lists(t: Tokens) -> str:
    return f"""
QListView, QTreeView, QTableView {{ background: transparent; border: none; outline: none;
  selection-background-color: {t.accent_soft}; selection-color: {t.text}; }}
QListView::item {{ border-radius: {RADIUS_PX}px; }}
QListView[kind="framed"], QTreeView[kind="framed"] {{ background: {t.surface};
  border: 1px solid {t.line}; border-radius: {RADIUS_PX}px; padding: 4px; }}
QListView[kind="framed"]::item, QTreeView[kind="framed"]::item {{ padding: 6px 8px; }}
QListView::item:hover, QTreeView::item:hover {{ background: {t.hover}; }}
QListView::item:selected, QTreeView::item:selected {{ background: {t.accent_soft}; color: {t.text}; }}
QListView[kind="framed"]:focus, QTreeView[kind="framed"]:focus {{ border: 1px solid {t.accent}; }}
#outline::item {{ min-height: 26px; }}
QHeaderView::section {{ background: {t.base}; color: {t.muted}; border: none;
  border-bottom: 1px solid {t.line}; padding: 6px 8px; font-weight: 500; }}
#card {{ background: {t.raised}; border: 1px solid {t.line}; border-radius: 8px; }}
#card[tone="error"] {{ border-color: {t.danger}; }}
"""
