"""Walking the branches: notes what was suggested, shows the tree, goes there, compares. GUI thread."""

from __future__ import annotations

from PySide6.QtCore import QObject, QTimer, Slot

from studio.core.branch_walk import branch_text, branch_tree, steps_to, walk_nodes
from studio.core.branches import Branch, walk_branches
from studio.core.edits import EditError, NameBranch, OfferBranch, ReplaceText, Several
from studio.core.spans import Spans, WrittenSpan
from studio.core.store import Change, DocumentStore
from studio.ui.actions import Entry
from studio.ui.branches.comparison import Comparison
from studio.ui.branches.panel import BranchesPanel
from studio.ui.editor.editor import TextEditor
from studio.ui.editor.kept_texts import KeptTexts
from studio.ui.editor.positions import plain
from studio.ui.editor.reviewing import Reviewing
from studio.ui.main_window import MainWindow
from studio.ui.message_bar import Message
from studio.ui.seen import is_seen

_SETTLES_MS = 150
_TITLE = "With the model"


class BranchWalking(QObject):
    def __init__(
        self,
        window: MainWindow,
        store: DocumentStore,
        editor: TextEditor,
        texts: KeptTexts,
        reviewing: Reviewing,
    ) -> None:
        super().__init__(window)
        self._window = window
        self._store = store
        self._editor = editor
        self._texts = texts
        self.panel = BranchesPanel()
        self.dock = window.add_dock("branches", "Branches", window.layers_dock)
        self.dock.setWidget(self.panel)
        self._settling = QTimer(self)
        self._settling.setSingleShot(True)
        self._settling.setInterval(_SETTLES_MS)
        self._settling.timeout.connect(self.show_again)
        self.dock.visibilityChanged.connect(lambda _: self._settling.start())
        store.changed.connect(self._on_store_changed)
        texts.arrived.connect(self._on_texts_arrived)
        window.theme.changed.connect(self.show_again)
        editor.area.ghost.changed.connect(self._on_ghost_changed)
        reviewing.passed_over.connect(self._on_reviewing_passed_over)
        self.panel.go_requested.connect(self.go_to)
        self.panel.copy_requested.connect(self.copy_in)
        self.panel.compare_requested.connect(self.compare)
        self.panel.rename_requested.connect(self._on_panel_rename_requested)
        self.panel.only_choices_changed.connect(lambda _: self.show_again())
        add = window.actions_by_name.add_loose
        for name, text, shortcut, slot in (
            ("branches", "Branches: show the tree", "", self._on_show_triggered),
            ("branch_next", "Branches: the next way here", "Ctrl+Alt+PgDown", lambda: self.turn(1)),
            ("branch_back", "Branches: the way before", "Ctrl+Alt+PgUp", lambda: self.turn(-1)),
        ):
            add(_TITLE, Entry(name, text, shortcut), window).triggered.connect(
                lambda _=False, slot=slot: slot()
            )

    def words(self, branch: Branch) -> str | None:
        """What a result says that never was in the text."""
        text = self._texts.words(branch.record_id) if branch.record_id else None
        return plain(text) if text is not None else None

    @Slot()
    def show_again(self) -> None:
        """The tree as it is now, if it is seen."""
        self._settling.stop()
        if self.panel.tree.naming:
            self._settling.start()
        elif is_seen(self.panel):
            only = self.panel.only_choices.isChecked()
            self.panel.show_tree(branch_tree(self._store.document, self.words, only_choices=only))

    @Slot(int)
    def go_to(self, branch_id: int) -> None:
        """Its words into the text, in the place of those of the branch that is there: one undo step."""
        try:
            steps = steps_to(self._store.document, branch_id, self.words)
        except EditError:
            self._say("What this branch says is not known on this machine.")
            return
        if steps:
            self._store.apply(steps[0] if len(steps) == 1 else Several(steps, steps[0].label))
        for fork in self._store.document.forks:
            if fork.shown == branch_id:
                self._editor.area.select(fork.end, fork.end)
        self.show_again()
        self.panel.choose(branch_id)

    @Slot(int)
    def copy_in(self, branch_id: int) -> None:
        """A copy of its words at the caret; who wrote what of them stays known."""
        text = branch_text(self._store.document, branch_id, self.words)
        if text is None:
            self._say("What this branch says is not known on this machine.")
            return
        at = self._editor.area.caret()
        spans = self._spans(branch_id, text)
        edit = ReplaceText(at, "", text, label="copying a branch", placed_spans=spans)
        self._store.apply(edit)
        self._editor.area.select(at + len(text), at + len(text))

    @Slot(int, int)
    def compare(self, one: int, other: int) -> None:
        """Side by side; `other` may be 0: what stands in the text in the place of `one`."""
        document = self._store.document
        nodes = {n.branch.id: n for n in walk_nodes(branch_tree(document, self.words))}
        if not other:
            other = next((f.shown for f, b in walk_branches(document.forks) if b.id == one), 0)
        left, right = nodes.get(other), nodes.get(one)
        if right is None or right.text is None or (left is not None and left.text is None):
            self._say("What this branch says is not known on this machine.")
            return
        standing = left is None or left.shown
        dialog = Comparison(
            self._window,
            (
                0 if standing else other,
                "In the text now" if standing else (left.branch.name if left else "") or "One",
                (left.text or "") if left is not None else "",
            ),
            (0 if right.shown else one, right.branch.name or "The branch", right.text),
        )
        dialog.go_requested.connect(self.go_to)
        dialog.open()

    def turn(self, step: int) -> None:
        """The next way on from the innermost fork that the caret is in, around the ends."""
        caret = self._editor.area.caret()
        here = [
            fork
            for fork in self._store.document.forks
            if fork.position <= caret <= fork.end and len(fork.branches) > (1 if fork.shown else 0)
        ]
        if not here:
            self._say("The text could go only one way here.")
            return
        fork = min(here, key=lambda fork: fork.length)
        ids = [branch.id for branch in fork.branches]
        at = ids.index(fork.shown) if fork.shown in ids else (-1 if step > 0 else 0)
        self.go_to(ids[(at + step) % len(ids)])

    def _spans(self, branch_id: int, text: str) -> Spans:
        document = self._store.document
        for fork, branch in walk_branches(document.forks):
            if branch.id != branch_id:
                continue
            if branch.text is not None:
                return branch.spans
            if fork.shown == branch_id and document.text[fork.position : fork.end] == text:
                return tuple(
                    WrittenSpan(
                        max(span.start, fork.position) - fork.position,
                        min(span.end, fork.end) - fork.position,
                        span.record_id,
                        span.edited,
                    )
                    for span in document.spans
                    if span.start < fork.end and fork.position < span.end
                )
            return (WrittenSpan(0, len(text), branch.record_id),) if text else ()
        return ()

    def _on_show_triggered(self) -> None:
        self._window.show_dock(self.dock)
        self.show_again()

    @Slot(str)
    def _on_texts_arrived(self, record_id: str) -> None:
        self._settling.start()

    def _on_store_changed(self, change: Change) -> None:
        if not self._settling.isActive():
            self._settling.start()

    @Slot()
    def _on_ghost_changed(self) -> None:
        """What waits for an answer is a way the text could go, whatever the answer will be."""
        ghost = self._editor.area.ghost
        suggestion, position = ghost.suggestion, ghost.position
        if suggestion is None or position is None:
            return
        for offer in suggestion.offers:
            if offer.record_id:
                self._store.note(OfferBranch(position, offer.record_id))

    @Slot(int, int, list)
    def _on_reviewing_passed_over(self, start: int, end: int, record_ids: list[str]) -> None:
        for record_id in record_ids:
            self._store.note(OfferBranch(start, record_id, end - start))

    @Slot(int, str)
    def _on_panel_rename_requested(self, branch_id: int, name: str) -> None:
        for _, branch in walk_branches(self._store.document.forks):
            if branch.id == branch_id and branch.name != name:
                self._store.apply(NameBranch(branch_id, branch.name, name))
                break
        # Not within the editor's own signal: the row is still in use.
        self._settling.start()

    def _say(self, text: str) -> None:
        self._window.message_bar.show_message(Message(text, "info", (), "words"))
