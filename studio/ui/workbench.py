"""Furnishes the window after its first paint: builds the panels and connects them to the studio.

GUI thread. Between two panels it lets the window breathe, so nothing is held up for long.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from pathlib import Path

from PySide6.QtCore import QLocale, QProcess, Qt, QTimer
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QApplication, QWidget

from studio.api.errors import StorageError
from studio.app import Studio
from studio.core.catalogue import first_for
from studio.core.spelling import language_of
from studio.core.store import DocumentStore
from studio.io.dictionaries import Dictionary, languages
from studio.ui.arriving import Arriving
from studio.ui.branches.walking import BranchWalking
from studio.ui.canvas.canvas_view import CanvasView
from studio.ui.canvas.composing_ahead import ComposingAhead
from studio.ui.canvas.drawing import Drawing
from studio.ui.canvas.image_commands import ImageCommands
from studio.ui.canvas.selection_amounts import SelectionAmounts
from studio.ui.canvas.slow_changes import SlowChanges
from studio.ui.desk import Desk
from studio.ui.destinations import Destinations
from studio.ui.dialogs.about import About
from studio.ui.dialogs.doctor import Doctor
from studio.ui.dialogs.models import Models
from studio.ui.dialogs.plugins import Plugins
from studio.ui.dialogs.settings import SettingsDialog
from studio.ui.dialogs.shortcuts import Shortcuts
from studio.ui.editor.editor import TextEditor
from studio.ui.editor.illustrating import Illustrating
from studio.ui.editor.review_card import ReviewCard
from studio.ui.editor.reviewing import Reviewing
from studio.ui.editor.rewriting import Rewriting
from studio.ui.editor.spelling import Spelling
from studio.ui.editor.writing import Writing
from studio.ui.explore.explorers import Explorers, Shared
from studio.ui.exporting import Exporting
from studio.ui.filing import Filing
from studio.ui.forms.giving import Ask
from studio.ui.generating import Generating
from studio.ui.keeping import Keeping
from studio.ui.live_canvas import LiveCanvas
from studio.ui.live_layers import LiveLayers
from studio.ui.main_window import MainWindow
from studio.ui.message_bar import Message
from studio.ui.mind import Mind
from studio.ui.model_shelf import ModelShelf
from studio.ui.outgoing import Outgoing
from studio.ui.panels.generate import GeneratePanel
from studio.ui.panels.history import HistoryPanel
from studio.ui.panels.queue import QueuePanel
from studio.ui.placing import Placing
from studio.ui.recovering import Recovering
from studio.ui.reporter import Reporter
from studio.ui.results import Results
from studio.ui.slider_shelf import SliderShelf
from studio.ui.supplying import Supplying
from studio.ui.tasks import Tasks
from studio.ui.wandering import Wandering
from studio.ui.window_keys import WindowKeys

_TEXT_SETTLES_MS = 150


class Workbench:
    """All that is in the window. `furnish` once, `stop` once."""

    def __init__(self, window: MainWindow, studio: Studio, reporter: Reporter) -> None:
        self.window = window
        self.studio = studio
        self.tasks = Tasks(reporter.report)
        self.store = DocumentStore(budget_bytes=studio.settings.undo_budget_mb << 20)
        self.shelf = ModelShelf(studio.models, studio.io)
        self.sliders = SliderShelf(studio.plugins.sliders, studio.io, self.tasks.start)
        self._reporter = reporter

    async def furnish(self) -> None:
        """Build everything; the document first, for it is what one looks at."""
        window, studio = self.window, self.studio
        await _step_by_step(window.actions_by_name.dressing())
        self.editor = TextEditor(self.store)
        self.editor.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.writing = Writing(window, self.store, self.editor)
        self.writing.follow(studio.settings)
        self.writing.setting_changed.connect(self._on_setting_changed)
        self.illustrating = Illustrating(
            self.editor, self.store, studio.history, studio.io, self.tasks.start, self._folder
        )
        self.spelling = Spelling(
            self.editor.area,
            self.store,
            lambda language: studio.io.run(Dictionary, language, studio.paths.own_words),
            self._reporter.report,
        )
        window.theme.changed.connect(self.spelling.tint_again)
        self.canvas = CanvasView(self.store)
        self.composing_ahead = ComposingAhead(self.canvas)
        await _breathe()
        self.outgoing = Outgoing(studio.paths.cache / "dragged", self._tell_outgoing_failed)
        self.drawing = Drawing(window, self.canvas, self.outgoing)
        slow = SlowChanges(self.drawing.easel, studio.io, self.tasks)
        self.image_commands = ImageCommands(window, self.drawing.easel, slow)
        self.amounts = SelectionAmounts(
            window,
            self.drawing.easel,
            slow,
            lambda name: getattr(studio.settings, name),
            self._on_setting_changed,
        )
        window.set_document(self.drawing.area, self.editor)
        await _breathe()
        await _step_by_step(self.drawing.furnishing())
        self.supplying = Supplying(studio, self.store, self.canvas, self.tasks)
        self.generate = GeneratePanel(self.shelf, self.read_text, self.sliders)
        await _breathe()
        # While it is empty: a panel full of fields takes its style in one long breath.
        window.generate_dock.setWidget(self.generate)
        await _step_by_step(self.generate.showing_generators(studio.plugins.generators.values()))
        self.history = HistoryPanel(studio.history, studio.io, self.tasks.start, self.outgoing)
        window.history_dock.setWidget(self.history)
        await _breathe()
        self.queue = QueuePanel(studio.queue)
        window.queue_dock.setWidget(self.queue)
        await _breathe()
        self.placing = Placing(
            studio.queue, self.store, self.editor, self.canvas, studio.history, studio.io
        )
        review = ReviewCard()
        self.editor.show_below(review)
        self.reviewing = Reviewing(self.store, self.editor.area, review, studio.io)
        self.destinations = Destinations(
            self.store,
            self.placing,
            self.reviewing,
            self.editor,
            lambda handle: self.desk.asking.follow(handle),
        )
        self.generating = Generating(
            window, studio, self.generate, self.destinations, self.supplying, self.tasks
        )
        self.rewriting = Rewriting(
            window, studio, self.editor, self.generate, self.generating, self.reviewing, self.tasks
        )
        self.live_canvas = LiveCanvas(
            studio, self.store, self.generate, self.generating, self.canvas.ghosts, self.tasks
        )
        window.actions_by_name["live"].toggled.connect(self.live_canvas.switch)
        self.live_layers = LiveLayers(self.store, self.canvas)
        self.wandering = Wandering(
            studio, self.generate, self.live_layers, window.message_bar, self.tasks
        )
        self.filing = Filing(window, self.store, studio, self.tasks)
        self.exporting = Exporting(window, self.store, self.filing, studio, self.tasks)
        self.arriving = Arriving(
            window, self.store, self.canvas, self.filing, studio, self.shelf, self.tasks
        )
        self.mind = Mind(
            window,
            studio,
            self.store,
            self.editor,
            self.filing,
            self.generating,
            self.generate,
            self.tasks,
        )
        self.keeping = Keeping(window, self.store, self.filing, studio, self.tasks)
        self.recovering = Recovering(window, self.filing, self.keeping, studio, self.tasks)
        self.results = Results(
            window, self.history, studio.history, studio.io, self.tasks, self.placing.place
        )
        await _breathe()
        self.explorers = Explorers(
            window,
            studio,
            Shared(
                self.shelf,
                self.sliders,
                self.read_text,
                self.supplying,
                self.placing,
                self.live_layers,
                self.results,
                self.outgoing,
                self.tasks,
            ),
        )
        for spec in studio.plugins.explorers:
            await _step_by_step(self.explorers.adding(spec))
        self.desk = Desk(
            window,
            studio,
            self.store,
            self.editor,
            self.generate,
            self.destinations,
            self.generating,
            self.reviewing,
            self.rewriting,
            self.tasks,
        )
        self.branches = BranchWalking(
            window, self.store, self.editor, self.mind.texts, self.reviewing
        )
        await _breathe()
        self._wire()
        self.history.model.reload()
        self.tasks.start(self._open_the_shelf())
        self._choose_dictionary()
        self._tell_problems()
        if self.generate.form is not None:
            self.generate.form.focus_first()

    async def _open_the_shelf(self) -> None:
        """Find the models, and show first what can be used at once: not a panel that lacks one."""
        shown = self.generate.generator_id
        await self.shelf.refresh()
        for generator_id, entry in self.studio.plugins.generators.items():
            model = entry.field_of_kind("model")
            if model is None or self.shelf.of_family(model.model_family):
                await _step_by_step(self.generate.preparing(generator_id))
                if self.generate.generator_id == shown:
                    self.generate.choose(generator_id)
                return

    def open_file(self, path: Path) -> None:
        self.arriving.open_path(path)

    def _folder(self) -> Path | None:
        """Where the document's file is; None: it has none."""
        path = self.filing.path
        return path.absolute().parent if path is not None else None

    def read_text(self, source: str) -> str:
        """What a generator's `text_input` field takes from the document."""
        if source == "before_selection":
            return self.store.document.text[: self.editor.area.selected_range()[0]]
        return self.editor.selection() if source == "selection" else self.editor.text_before_caret()

    def keep_layout(self) -> None:
        """Where the window and its panels are, for the next start."""
        try:
            self.studio.change_settings(
                window_geometry=self.window.geometry_text(), window_state=self.window.state_text()
            )
        except StorageError as error:
            self._reporter.report(error)

    async def stop(self) -> None:
        """Stop listening and end what was begun. Idempotent."""
        self.live_canvas.switch(False)
        self.generating.let_go()
        self.explorers.let_go()
        self.desk.let_go()
        self.queue.let_go()
        self.history.let_go()
        await self.placing.stop()
        await self.reviewing.stop()
        await self.tasks.stop()
        await self.keeping.let_go()

    def _wire(self) -> None:
        window, generate = self.window, self.generate
        generate.add_model_requested.connect(lambda _: self._on_models_triggered())
        generate.input_asked.connect(self._on_input_asked)
        generate.picker_asked.connect(self._on_picker_asked)
        self.explorers.add_model_requested.connect(lambda _: self._on_models_triggered())
        self.canvas.results_dropped.connect(self._on_results_dropped)
        self.history.edit_requested.connect(self.explorers.take_up)
        self.history.play_requested.connect(self.explorers.play)
        self.shelf.changed.connect(self.sliders.forget)
        self.queue.again_requested.connect(self.generating.run_again)
        self.queue.details_requested.connect(self.generating.show_details)
        self.history.again_requested.connect(self.generating.fill_from)
        window.result_dropped.connect(self._on_result_dropped)
        self._reporter.reported.connect(self.generating.show_error)
        # Not at every key: a long text is counted anew each time.
        self._text_settled = QTimer(self.generate)
        self._text_settled.setSingleShot(True)
        self._text_settled.setInterval(_TEXT_SETTLES_MS)
        self._text_settled.timeout.connect(generate.refresh_text)
        self.editor.caret_moved.connect(self._text_settled.start)
        self.editor.selection_changed.connect(self._text_settled.start)
        self.store.changed.connect(lambda _: self._on_document_changed())
        window.theme.changed.connect(generate.tint_again)
        for name, slot in (
            ("undo", self.drawing.undo),
            ("redo", self.store.redo),
            ("cut", lambda: self._on_copy_triggered("cut")),
            ("copy", lambda: self._on_copy_triggered("copy")),
            ("copy_visible", self.drawing.clipboard.copy_visible),
            ("paste", self._on_paste_triggered),
            ("select_all", lambda: _tell_focused("selectAll")),
            ("select_grow", self.amounts.ask_grow),
            ("select_shrink", self.amounts.ask_shrink),
            ("select_feather", self.amounts.ask_feather),
            ("canvas_size", self.image_commands.ask_canvas_size),
            ("scale_image", self.image_commands.ask_scale),
            ("turn_image_right", lambda: self.image_commands.turn(1)),
            ("turn_image_left", lambda: self.image_commands.turn(3)),
            ("turn_image_over", lambda: self.image_commands.turn(2)),
            ("mirror_image_across", lambda: self.image_commands.mirror(across=True)),
            ("mirror_image_down", lambda: self.image_commands.mirror(across=False)),
            ("zoom_in", self.canvas.zoom_in),
            ("zoom_out", self.canvas.zoom_out),
            ("zoom_fit", self.canvas.zoom_to_fit),
            ("zoom_actual", self.canvas.zoom_to_actual_size),
            ("generate", self._on_generate_triggered),
            ("cancel", self.generating.cancel),
            ("cancel_all", self.generating.cancel_all),
            ("continue_writing", self._on_continue_triggered),
            ("go_prompt", self._on_go_prompt_triggered),
            ("go_text", self.editor.setFocus),
            ("spell_next", self.spelling.go_on),
            ("go_history", self._on_go_history_triggered),
            ("models", self._on_models_triggered),
            ("plugins", self._on_plugins_triggered),
            ("settings", self._on_settings_triggered),
            ("free_models", self.studio.queue.free_models),
            ("restart_engine", self.studio.queue.restart_engine),
            ("shortcuts", self._on_shortcuts_triggered),
            ("doctor", self._on_doctor_triggered),
            ("about", lambda: About(window).open()),
        ):
            window.actions_by_name[name].triggered.connect(lambda _=False, slot=slot: slot())
        named = window.actions_by_name
        self._keys = WindowKeys(window, (named["palette"], named["generate"]))
        for choice in ("system", "light", "dark"):
            action = window.actions_by_name[f"theme_{choice}"]
            action.setChecked(window.theme.choice == choice)
            action.triggered.connect(
                lambda _=False, choice=choice: self._on_setting_changed("theme", choice)
            )
        rulers = named["rulers"]
        rulers.toggled.connect(self.drawing.ruled.show_rulers)
        rulers.setChecked(self.studio.settings.rulers)
        rulers.triggered.connect(lambda on: self._on_setting_changed("rulers", on))
        self._on_document_changed()
        for name in ("cancel", "cancel_all"):
            window.actions_by_name[name].setEnabled(False)

    def _on_copy_triggered(self, method: str) -> None:
        """Text, where some has the focus; pixels, where the canvas has it, or what belongs to it."""
        clipboard = self.drawing.clipboard
        if self.drawing.has_focus():
            clipboard.cut() if method == "cut" else clipboard.copy()
        else:
            _tell_focused(method)

    def _on_paste_triggered(self) -> None:
        """Into the text or a field, if one has the focus; else onto the canvas."""
        if not _tell_focused("paste"):
            self.arriving.paste()

    def _tell_outgoing_failed(self, why: str) -> None:
        self.window.message_bar.show_message(Message(why, "error"))

    def _tell_problems(self) -> None:
        for problem in self.studio.settings_problems:
            self.window.message_bar.show_message(Message(problem, "warning"))
        failed = [plugin for plugin in self.studio.plugins.plugins if plugin.state == "failed"]
        if failed:
            names = ", ".join(plugin.name for plugin in failed)
            self.window.message_bar.show_message(
                Message(
                    f"Not loaded: {names}. Everything else works.",
                    "warning",
                    (("Show why…", self._on_plugins_triggered),),
                )
            )

    def _on_document_changed(self) -> None:
        self._text_settled.start()
        store, actions = self.store, self.window.actions_by_name
        for name, able, label in (
            ("undo", store.can_undo, store.undo_label),
            ("redo", store.can_redo, store.redo_label),
        ):
            action: QAction = actions[name]
            action.setEnabled(able)
            action.setText(
                f"&{name.capitalize()} {label}".strip() if able else f"&{name.capitalize()}"
            )

    def _on_generate_triggered(self) -> None:
        """In the text, Ctrl+Enter writes on; elsewhere it runs what the panel shows."""
        focused = QApplication.focusWidget()
        if focused is not None and self.editor.isAncestorOf(focused):
            self._on_continue_triggered()
        elif not self.explorers.submit_shown():
            self.generate.submit()

    def _on_continue_triggered(self) -> None:
        self.editor.accept_suggestion()
        writer = first_for(self.studio.plugins.generators.values(), "continue")
        if writer is not None and self.generate.choose(writer.spec.id):
            self.generate.submit()
        else:
            self.window.message_bar.show_message(
                Message("No plugin that writes is enabled: see Tools, Plugins.", "warning")
            )

    def _on_result_dropped(self, item_id: str) -> None:
        self.placing.place_all((item_id,))

    def _on_go_prompt_triggered(self) -> None:
        self.window.generate_dock.show()
        if self.generate.form is not None:
            self.generate.form.focus_first()

    def _on_go_history_triggered(self) -> None:
        self.window.history_dock.show()
        self.window.history_dock.raise_()
        self.history.search.setFocus()
        self.history.search.selectAll()

    def _on_input_asked(self, generator_id: str, field: str, ask: Ask) -> None:
        self.supplying.answer(ask, lambda thing: self.generate.give(generator_id, field, thing))

    def _on_picker_asked(self, generator_id: str, field: str) -> None:
        entry = self.studio.plugins.generators[generator_id]
        kind = next(f.kind for f in entry.fields if f.name == field)
        form = self.generate.form
        anchor = form.rows[field] if form is not None and field in form.rows else self.generate
        self.supplying.pick(
            anchor, kind, lambda thing: self.generate.give(generator_id, field, thing)
        )

    def _on_results_dropped(self, item_ids: list[str], x: int, y: int) -> None:
        self.placing.place_all(item_ids, (x, y))

    def _on_models_triggered(self) -> None:
        Models(self.window, self.shelf, self.tasks.start).open()

    def _on_plugins_triggered(self) -> None:
        dialog = Plugins(self.window, self.studio.plugins.plugins, str(self.studio.paths.plugins))
        dialog.switched.connect(self._on_plugin_switched)
        dialog.open()

    def _on_plugin_switched(self, name: str, disabled: bool) -> None:
        names = [other for other in self.studio.settings.disabled_plugins if other != name]
        names += [name] if disabled else []
        self._on_setting_changed("disabled_plugins", tuple(names))

    def _on_settings_triggered(self) -> None:
        dialog = SettingsDialog(self.window, self.studio.settings)
        dialog.changed.connect(self._on_setting_changed)
        dialog.open()

    def _on_setting_changed(self, name: str, value: object) -> None:
        try:
            self.studio.change_settings(**{name: value})
        except StorageError as error:
            self._reporter.report(error)
        self.store.budget_bytes = self.studio.settings.undo_budget_mb << 20
        self.writing.follow(self.studio.settings)
        self._choose_dictionary()
        if name == "theme":
            choice = self.studio.settings.theme
            self.window.theme.choose(choice)
            self.window.actions_by_name[f"theme_{choice}"].setChecked(True)

    def _choose_dictionary(self) -> None:
        system, setting = QLocale.system().name(), self.studio.settings.spelling
        self.tasks.start(self.spelling.choose(language_of(setting, languages(), system)))

    def _on_shortcuts_triggered(self) -> None:
        Shortcuts(self.window, self.window.actions_by_name.menus).open()

    def _on_doctor_triggered(self) -> None:
        Doctor(self.window, QProcess()).open()


def _tell_focused(method: str) -> bool:
    """Cut, copy and paste belong to whatever has the focus. False: it knows no such thing."""
    focused: QWidget | None = QApplication.focusWidget()
    call = getattr(focused, method, None)
    if callable(call):
        call()
    return callable(call)


async def _step_by_step(steps: Iterable[None]) -> None:
    for _ in steps:
        await _breathe()
    await _breathe()


async def _breathe() -> None:
    """Let Qt paint and answer: a timer of Qt's must fire before this goes on."""
    await asyncio.sleep(0.001)
