"""The window's actions, declared in one table: name, text, shortcut, icon, menu. GUI thread."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QActionGroup, QKeySequence
from PySide6.QtWidgets import QMainWindow, QMenu, QWidget

from studio.ui.theme.icons import set_icon

_Key = QKeySequence.StandardKey
_ICONS_AT_ONCE = 4


@dataclass(frozen=True)
class Entry:
    """One action. `shortcut` is text such as "Ctrl+K", or Qt's standard key."""

    name: str
    text: str
    shortcut: str | QKeySequence.StandardKey = ""
    icon: str = ""
    also: str = ""
    checkable: bool = False
    group: str = ""
    palette_name: str = ""
    on_canvas: bool = False
    """Its keys count only while the canvas or its tools have the focus: single letters, mostly."""
    keys: str = ""
    """Keys that the widget with the focus hears by itself: shown, but no shortcut of the window's."""


RULE = None
MENUS: tuple[tuple[str, tuple[Entry | None, ...]], ...] = (
    (
        "&File",
        (
            Entry("new", "&New", _Key.New, "file-plus"),
            Entry("open", "&Open…", _Key.Open, "folder-open"),
            Entry("open_recent", "Open &recent", palette_name="Open a recent file"),
            RULE,
            Entry("save", "&Save", _Key.Save, "save"),
            Entry("save_as", "Save &as…", "Ctrl+Shift+S"),
            Entry("earlier_versions", "Earlier &versions…"),
            RULE,
            Entry("export_picture", "&Export picture…", "Ctrl+Shift+E", "image-down"),
            Entry("export_text", "Export &text…", "Ctrl+Alt+E", "download"),
            Entry("export_film", "Export layers as &film…", icon="film"),
            RULE,
            Entry("quit", "&Quit", "Ctrl+Q", "log-out"),
        ),
    ),
    (
        "&Edit",
        (
            Entry("undo", "&Undo", "Ctrl+Z", "undo-2"),
            Entry("redo", "&Redo", "Ctrl+Shift+Z", "redo-2", also="Ctrl+Y"),
            RULE,
            Entry("cut", "Cu&t", _Key.Cut, "scissors"),
            Entry("copy", "&Copy", _Key.Copy, "copy"),
            Entry("copy_visible", "Copy all that is s&een", "Ctrl+Shift+C"),
            Entry("paste", "&Paste", _Key.Paste, "clipboard-paste"),
            Entry("paste_as_new", "Paste as &new folio", "Ctrl+Alt+V"),
            Entry("select_all", "Select &all", _Key.SelectAll),
            RULE,
            Entry("find", "&Find…", _Key.Find, "search", palette_name="Find in the text"),
            Entry("replace", "Rep&lace…", "Ctrl+H", palette_name="Replace in the text"),
            Entry("find_next", "Find &next", "F3", palette_name="Find the next"),
            Entry(
                "find_previous", "Find pre&vious", "Shift+F3", palette_name="Find the one before"
            ),
            RULE,
            Entry("settings", "&Settings…", "Ctrl+,", "settings"),
        ),
    ),
    (
        "&View",
        (
            Entry("zoom_in", "Zoom &in", "Ctrl++", "zoom-in", also="Ctrl+="),
            Entry("zoom_out", "Zoom &out", "Ctrl+-", "zoom-out"),
            Entry("zoom_fit", "&Fit to window", "Ctrl+0", "scan"),
            Entry("zoom_actual", "&Actual size", "Ctrl+1"),
            Entry("turn_left", "Turn the view &left", "4", on_canvas=True),
            Entry("turn_right", "Turn the view &right", "6", on_canvas=True),
            Entry("mirror_view", "&Mirror the view", "M", on_canvas=True),
            Entry("straighten_view", "&Straighten the view", "5", on_canvas=True),
            Entry("rulers", "&Rulers", "Ctrl+R", "ruler", checkable=True),
            Entry("guide_upright", "&Upright guide at the pointer", "Shift+X", on_canvas=True),
            Entry("guide_level", "&Level guide at the pointer", "Shift+Y", on_canvas=True),
            Entry("lock_guides", "Lock the guides", checkable=True),
            Entry("remove_guides", "Remove the guides"),
            Entry("snapping", "S&nap to edges and guides", checkable=True),
            RULE,
            Entry("show_canvas", "Canvas", "Ctrl+Alt+1", checkable=True),
            Entry("show_text", "Text", "Ctrl+Alt+2", checkable=True),
            RULE,
            Entry("show_generate", "Generate panel", "Ctrl+Alt+3", checkable=True),
            Entry("show_history", "History panel", "Ctrl+Alt+4", checkable=True),
            Entry("show_queue", "Queue panel", "Ctrl+Alt+5", checkable=True),
            Entry("show_layers", "Layers panel", checkable=True),
            Entry("show_colour", "Colour panel", checkable=True),
            Entry("show_navigator", "Navigator panel", checkable=True),
            Entry("show_undo", "Undo panel", checkable=True),
            Entry("show_outline", "Outline panel", checkable=True),
            Entry("reset_layout", "&Reset panels"),
            RULE,
            Entry("theme_system", "Theme: as the system", checkable=True, group="theme"),
            Entry("theme_light", "Theme: light", checkable=True, group="theme"),
            Entry("theme_dark", "Theme: dark", checkable=True, group="theme"),
            RULE,
            Entry("full_screen", "F&ull screen", "F11", "maximize", checkable=True),
        ),
    ),
    (
        "Te&xt",
        (
            Entry("mark_spans", "Mark what a model wrote", "Ctrl+Alt+M", checkable=True),
            Entry("heat_map", "Surprise heat map", "Ctrl+Alt+H", checkable=True),
            Entry("token_view", "Alternatives under the pointer", checkable=True),
            RULE,
            Entry("focus_off", "Focus: off", checkable=True, group="focus"),
            Entry(
                "focus_paragraph",
                "Focus: the paragraph",
                "Ctrl+Alt+F",
                checkable=True,
                group="focus",
            ),
            Entry("focus_sentence", "Focus: the sentence", checkable=True, group="focus"),
            Entry("typewriter", "Typewriter: the caret stays in the middle", checkable=True),
            RULE,
            Entry("spell_next", "Next &misspelt word", "F7"),
            RULE,
            Entry("text_alone", "The text &alone", "Shift+F11", "maximize", checkable=True),
        ),
    ),
    (
        "&Image",
        (
            Entry("canvas_size", "&Canvas size…", "Ctrl+Alt+C"),
            Entry("scale_image", "&Scale image…", "Ctrl+Alt+I"),
            RULE,
            Entry("turn_image_right", "Turn &right", palette_name="Turn the picture right"),
            Entry("turn_image_left", "Turn &left", palette_name="Turn the picture left"),
            Entry("turn_image_over", "Turn &upside down"),
            Entry(
                "mirror_image_across", "Mirror left and right", palette_name="Mirror the picture"
            ),
            Entry("mirror_image_down", "Mirror top and bottom"),
        ),
    ),
    (
        "&Paint",
        (
            Entry("swap_colours", "E&xchange the colours", "X", on_canvas=True),
            Entry("reset_colours", "&Black and white", "D", on_canvas=True),
            Entry("fill_selection", "&Fill with the foreground colour", "Shift+F", on_canvas=True),
            RULE,
            Entry("symmetry_none", "No symmetry", checkable=True, group="symmetry"),
            Entry(
                "symmetry_left-right", "Symmetry: left and right", checkable=True, group="symmetry"
            ),
            Entry("symmetry_up-down", "Symmetry: top and bottom", checkable=True, group="symmetry"),
            Entry("symmetry_both", "Symmetry: both", checkable=True, group="symmetry"),
            RULE,
        ),
    ),
    (
        "&Layer",
        (
            Entry("layer_add", "&New layer", "Ctrl+Shift+N", "plus"),
            Entry("layer_duplicate", "&Duplicate", "Ctrl+Shift+J", "copy"),
            Entry("layer_remove", "&Remove", "", "trash-2", palette_name="Remove the layer"),
            RULE,
            Entry("layer_group", "&Group", "Ctrl+G", "folder-plus", palette_name="Group layers"),
            Entry("layer_ungroup", "&Ungroup", "Ctrl+Shift+G", palette_name="Ungroup layers"),
            Entry(
                "layer_raise", "Move &up", "Ctrl+PgUp", "arrow-up", palette_name="Move the layer up"
            ),
            Entry(
                "layer_lower",
                "Move d&own",
                "Ctrl+PgDown",
                "arrow-down",
                palette_name="Move the layer down",
            ),
            RULE,
            Entry("layer_merge", "&Merge down", "Ctrl+E", "merge"),
            Entry("layer_flatten", "&Flatten the picture", "", "layers-2"),
            RULE,
            Entry("layer_mask", "Add a mas&k", "", "drama"),
            Entry("layer_clip", "&Clip to the layer below", "", "corner-left-down"),
            Entry("layer_rasterise", "Make a text into &pixels"),
        ),
    ),
    (
        "&Select",
        (
            Entry("select_everything", "&All", palette_name="Select the whole canvas"),
            Entry("select_nothing", "&Nothing", "Ctrl+D", palette_name="Deselect"),
            Entry("select_again", "A&gain", "Ctrl+Shift+D", palette_name="Select again"),
            Entry("select_invert", "&Invert", "Ctrl+Shift+I", palette_name="Invert the selection"),
            Entry("select_layer", "The &layer's pixels", palette_name="Select the layer's pixels"),
            RULE,
            Entry("select_grow", "Gro&w…", palette_name="Grow the selection"),
            Entry("select_shrink", "&Shrink…", palette_name="Shrink the selection"),
            Entry("select_feather", "&Feather…", palette_name="Feather the selection"),
            RULE,
            Entry("select_crop", "&Crop to the selection", "", "crop"),
        ),
    ),
    (
        "&Generate",
        (
            Entry("generate", "&Generate", "Ctrl+Return", "sparkles", also="Ctrl+Enter"),
            Entry("cancel", "&Cancel", "Esc", "x", palette_name="Cancel the running job"),
            Entry("cancel_all", "Cancel a&ll jobs", "Ctrl+Shift+Esc"),
            Entry(
                "live",
                "&Live: again after each change of the canvas",
                "Ctrl+Shift+Return",
                "zap",
                checkable=True,
                palette_name="Live mode: generate again after each change",
            ),
            RULE,
            Entry("continue_writing", "Continue &writing", "Ctrl+J", "pen-line"),
            Entry("rewrite_selection", "&Rewrite selection", "Ctrl+Shift+R", "wand-sparkles"),
            Entry(
                "alternatives",
                "&Other words here…",
                "Ctrl+.",
                palette_name="Other words here: the model's alternatives",
            ),
            RULE,
            Entry("go_prompt", "Go to the &prompt", "Ctrl+L", palette_name="Go to the prompt"),
            Entry("go_text", "Go to the &text", "Ctrl+Shift+L"),
            Entry("go_history", "&Search the history", "Ctrl+Shift+F", "search"),
        ),
    ),
    (
        "&Tools",
        (
            Entry("palette", "&Command palette…", "Ctrl+K", "command", also="Ctrl+Shift+P"),
            Entry("authorship", "&Who wrote the text…", palette_name="Who wrote the text"),
            RULE,
            Entry("models", "&Models…", "Ctrl+Shift+M", "box"),
            Entry("plugins", "&Plugins…", "", "puzzle"),
            RULE,
            Entry("free_models", "&Free the engine's memory", "", "hard-drive"),
            Entry("restart_engine", "&Restart the engine", "", "refresh-cw"),
        ),
    ),
    (
        "&Help",
        (
            Entry("shortcuts", "&Keyboard shortcuts", "F1", "keyboard"),
            Entry("doctor", "&Check this machine…", "", "stethoscope"),
            Entry("about", "&About Folio", "", "info"),
        ),
    ),
)


_FIRST_FREE_VIEW = 6


class Actions:
    """Every action by name, and the menus they are in."""

    def __init__(self, window: QMainWindow) -> None:
        self._by_name: dict[str, QAction] = {}
        self.menus: dict[str, tuple[QAction, ...]] = {}
        self._groups: dict[str, QActionGroup] = {}
        self._icons: dict[QAction, str] = {}
        self._views = 0
        self._on_canvas: list[QAction] = []
        for title, entries in MENUS:
            menu = window.menuBar().addMenu(title)
            made = tuple(self._add(window, menu, entry) for entry in entries)
            self.menus[title] = tuple(action for action in made if action is not None)

    def add_view(self, name: str, text: str, window: QMainWindow) -> QAction:
        """Another panel in the View menu, behind those that are always there; Ctrl+Alt+6 and so on."""
        self._views += 1
        action = QAction(text, window)
        action.setCheckable(True)
        shortcut = _FIRST_FREE_VIEW + self._views - 1
        if shortcut <= 9:
            action.setShortcut(QKeySequence(f"Ctrl+Alt+{shortcut}"))
        action.setProperty("paletteName", f"Show or hide: {text}")
        before = self._by_name["reset_layout"]
        for menu in before.associatedObjects():
            if isinstance(menu, QMenu):
                menu.insertAction(before, action)
        self._by_name[name] = action
        listed = list(self.menus["&View"])
        listed.insert(listed.index(before), action)
        self.menus["&View"] = tuple(listed)
        return action

    def add(self, menu_title: str, entry: Entry, window: QMainWindow) -> QAction:
        """One more at a menu's end, such as a tool's."""
        for action in window.menuBar().actions():
            menu = action.menu()
            if action.text() == menu_title and isinstance(menu, QMenu):
                made = self._add(window, menu, entry)
                assert made is not None
                self.menus[menu_title] = (*self.menus[menu_title], made)
                return made
        raise KeyError(menu_title)

    def add_loose(self, title: str, entry: Entry, window: QMainWindow) -> QAction:
        """One that is in no menu: for the palette, and under a title in the list of shortcuts."""
        made = self._made(window, entry)
        if entry.icon:
            set_icon(made, entry.icon)
        window.addAction(made)
        self.menus[title] = (*self.menus.get(title, ()), made)
        return made

    def hear_on(self, canvas: QWidget) -> None:
        """The keys that are only the canvas's count there from now on."""
        canvas.addActions(self._on_canvas)

    def __getitem__(self, name: str) -> QAction:
        return self._by_name[name]

    def dressing(self) -> Iterator[None]:
        """Give the actions their icons, in steps: after the first paint, which no menu is part of."""
        for number, (action, name) in enumerate(self._icons.items(), 1):
            set_icon(action, name)
            if number % _ICONS_AT_ONCE == 0:
                yield

    def all(self) -> tuple[QAction, ...]:
        return tuple(self._by_name.values())

    def _add(self, window: QMainWindow, menu: QMenu, entry: Entry | None) -> QAction | None:
        if entry is None:
            menu.addSeparator()
            return None
        action = self._made(window, entry)
        menu.addAction(action)
        return action

    def _made(self, window: QMainWindow, entry: Entry) -> QAction:
        action = QAction(entry.text, window)
        if entry.on_canvas:
            action.setShortcutContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
            self._on_canvas.append(action)
        shortcuts = [QKeySequence(entry.shortcut)] if entry.shortcut != "" else []
        if entry.also:
            shortcuts.append(QKeySequence(entry.also))
        action.setShortcuts(shortcuts)
        action.setProperty("ownName", entry.text)  # undo's text says what it would undo
        if entry.icon:
            self._icons[action] = entry.icon
        if entry.palette_name:
            action.setProperty("paletteName", entry.palette_name)
        if entry.keys:
            action.setProperty("shownKeys", entry.keys)
        action.setCheckable(entry.checkable)
        if entry.group:
            group = self._groups.setdefault(entry.group, QActionGroup(window))
            group.addAction(action)
        self._by_name[entry.name] = action
        return action
