"""From a selection to a passage under review: the card that asks, its presets, the job. GUI thread."""

from __future__ import annotations

from typing import Any

from PySide6.QtGui import QTextCursor

from studio.app import Studio
from studio.core.catalogue import RegisteredGenerator, first_for
from studio.core.rewriting import needs_language, task_values, with_instruction
from studio.core.settings import Instruction
from studio.ui.editor.editor import TextEditor
from studio.ui.editor.reviewing import Reviewing
from studio.ui.editor.rewrite_card import RewriteCard
from studio.ui.generating import Generating
from studio.ui.main_window import MainWindow
from studio.ui.message_bar import Message
from studio.ui.panels.generate import GeneratePanel
from studio.ui.tasks import Tasks


class Rewriting:
    """Knows window, editor and queue; what it keeps are the instructions in the settings."""

    def __init__(
        self,
        window: MainWindow,
        studio: Studio,
        editor: TextEditor,
        panel: GeneratePanel,
        generating: Generating,
        reviewing: Reviewing,
        tasks: Tasks,
    ) -> None:
        self._window = window
        self._studio = studio
        self._editor = editor
        self._panel = panel
        self._generating = generating
        self._reviewing = reviewing
        self._tasks = tasks
        self.card = RewriteCard()
        editor.show_below(self.card)
        self.card.chosen.connect(self._on_card_chosen)
        self.card.kept.connect(self._on_card_kept)
        self.card.forgotten.connect(self._on_card_forgotten)
        self.card.closed.connect(self._on_card_closed)
        reviewing.lost.connect(lambda why: window.message_bar.show_message(Message(why, "info")))
        window.theme.changed.connect(reviewing.tint_again)
        action = window.actions_by_name["rewrite_selection"]
        action.triggered.connect(lambda: self.ask())

    @property
    def rewriter(self) -> RegisteredGenerator | None:
        return first_for(self._studio.plugins.generators.values(), "rewrite")

    def ask(self) -> None:
        """Ask what shall be done with the selection, or with the paragraph the caret is in.

        While changes wait for answers they get the focus instead.
        """
        if self._reviewing.busy:
            self._reviewing.card.setFocus()
            return
        rewriter, passage = self.rewriter, self._selected()
        if rewriter is None:
            self._say("No plugin that rewrites is enabled: see Tools, Plugins.")
        elif not passage.strip():
            self._say("There is nothing to rewrite here: select some text first.")
        else:
            self.card.offer(rewriter, self._studio.settings.instructions)
            self._window.actions_by_name["show_text"].setChecked(True)
            self.card.ask(passage)

    def rewrite_as(self, task: str) -> None:
        """One of the rewriter's own tasks, at once."""
        if (rewriter := self.rewriter) is not None:
            language = self.card.language.text().strip() if needs_language(rewriter, task) else ""
            self.rewrite(task_values(rewriter, task, language=language))

    def rewrite(self, values: dict[str, Any]) -> None:
        """Have the selection rewritten.

        Args:
            values: Of the rewriter's fields; the others are as its form is set.
        """
        rewriter = self.rewriter
        field = rewriter.field_of_kind("text_input") if rewriter is not None else None
        passage = self._selected()
        if rewriter is None or field is None or not passage.strip():
            self._say("There is nothing to rewrite here: select some text first.")
            return
        generator_id = rewriter.spec.id
        values = {**self._panel.values_of(generator_id), **values, field.name: passage}
        self._generating.ask_for(generator_id, values)
        self._reviewing.expect()
        # What is typed from now on mustn't replace the passage; it gets a mark of its own.
        cursor = self._editor.area.textCursor()
        cursor.setPosition(cursor.selectionEnd())
        self._editor.area.setTextCursor(cursor)

    def _selected(self) -> str:
        if not self._editor.selection().strip():
            cursor = self._editor.area.textCursor()
            cursor.movePosition(QTextCursor.MoveOperation.StartOfBlock)
            cursor.movePosition(
                QTextCursor.MoveOperation.EndOfBlock, QTextCursor.MoveMode.KeepAnchor
            )
            self._editor.area.setTextCursor(cursor)
        return self._editor.selection()

    def _on_card_chosen(self, values: dict[str, Any]) -> None:
        self.card.hide()
        self._editor.setFocus()
        self.rewrite(values)

    def _on_card_kept(self, instruction: Instruction) -> None:
        self._keep(with_instruction(self._studio.settings.instructions, instruction))

    def _on_card_forgotten(self, name: str) -> None:
        kept = self._studio.settings.instructions
        self._keep(tuple(one for one in kept if one.name != name))

    def _keep(self, instructions: tuple[Instruction, ...]) -> None:
        self._studio.change_settings(instructions=instructions)
        if (rewriter := self.rewriter) is not None:
            self.card.offer(rewriter, instructions)

    def _on_card_closed(self) -> None:
        self.card.hide()
        self._editor.setFocus()

    def _say(self, text: str) -> None:
        self._window.message_bar.show_message(Message(text, "warning", (), "rewrite"))
