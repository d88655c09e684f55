"""The document's only keeper: applies edits, undoes and redoes them, tells who listens. One thread."""

from __future__ import annotations

import time
from collections import deque
from dataclasses import dataclass, replace
from types import EllipsisType

from studio.core.document import Document
from studio.core.edits import (
    ChangeBackground,
    ChangeCanvas,
    Edit,
    OfferBranch,
    ReplaceText,
    Several,
    knowing_spans,
)
from studio.core.kept_bytes import KeptBytes
from studio.core.signal import Signal

_PAUSE_S = 1.0


@dataclass(frozen=True)
class Change:
    """What just happened to the document: `edit` turned it into `document`. `source` made it."""

    edit: Edit
    document: Document
    source: object = None
    loaded: bool = False
    """Whether it is another document altogether."""


class DocumentStore:
    """One undo stack for text and canvas. The oldest steps go when the budget is used up.

    Args:
        budget_bytes: What undo and redo may keep alive that the document doesn't hold itself.
    """

    def __init__(self, document: Document | None = None, *, budget_bytes: int = 256 << 20) -> None:
        self._document = document or Document()
        self._budget_bytes = budget_bytes
        self._kept = KeptBytes()
        self._undo: deque[Edit] = deque()
        self._redo: list[Edit] = []
        self._typed_at = float("-inf")
        self._clean_at: Edit | None = None
        self._start_lost = False
        self.changed = Signal[[Change]]()

    @property
    def document(self) -> Document:
        return self._document

    @property
    def budget_bytes(self) -> int:
        return self._budget_bytes

    @budget_bytes.setter
    def budget_bytes(self, budget_bytes: int) -> None:
        self._budget_bytes = budget_bytes
        self._keep_budget()

    @property
    def kept_bytes(self) -> int:
        """What undo and redo keep alive that the document doesn't hold itself."""
        return self._kept.beside(self._document.distinct_tiles())

    @property
    def can_undo(self) -> bool:
        return bool(self._undo)

    @property
    def can_redo(self) -> bool:
        return bool(self._redo)

    @property
    def undo_label(self) -> str:
        return self._undo[-1].label if self._undo else ""

    @property
    def redo_label(self) -> str:
        return self._redo[-1].label if self._redo else ""

    @property
    def clean(self) -> bool:
        """Whether the document is as it was at the last `mark_clean`."""
        if not self._undo and self._start_lost:
            return False
        return (self._undo[-1] if self._undo else None) is self._clean_at

    def bookmark(self) -> Edit | None:
        """The last step: for `mark_clean`, when what the document is now has been saved."""
        self.seal()
        return self._undo[-1] if self._undo else None

    def mark_clean(self, bookmark: Edit | EllipsisType | None = ...) -> None:
        """The document is saved.

        Args:
            bookmark: As it was at that `bookmark`, if more came meanwhile; else as it is now.
        """
        at = self.bookmark() if isinstance(bookmark, EllipsisType) else bookmark
        if not self._undo and at is None:
            self._start_lost = False
        self._clean_at = at

    def load(self, document: Document, *, clean: bool = True, source: object = None) -> None:
        """Another document altogether; nothing of the one before can be undone.

        Args:
            clean: Whether it is saved as it is.
        """
        before = self._document
        canvas = ChangeCanvas(before.with_text(document.text), document, "opening")
        text = ReplaceText(0, before.text, document.text, label="opening")
        self._undo.clear()
        self._redo.clear()
        self._kept = KeptBytes()
        self._clean_at, self._start_lost = None, not clean
        self.seal()
        self._document = document
        self.changed.emit(Change(Several((text, canvas), "opening"), document, source, loaded=True))

    @property
    def undo_labels(self) -> list[str]:
        """The steps that were done, the newest last."""
        return [edit.label for edit in self._undo]

    @property
    def redo_labels(self) -> list[str]:
        """The steps that were undone, the one to redo next first."""
        return [edit.label for edit in reversed(self._redo)]

    def apply(self, edit: Edit, *, source: object = None, typed: bool = False) -> None:
        """Do one edit. Typed ones join the step before within a word or until a pause.

        Raises:
            EditError: it doesn't fit; nothing was changed.
        """
        after = edit.apply(self._document)
        edit = knowing_spans(edit, self._document)
        now = time.monotonic()
        joined = self._joined(edit) if typed and now - self._typed_at < _PAUSE_S else None
        if joined is not None:
            self._kept.drop(self._undo[-1])
            self._kept.add(joined)
            self._undo[-1] = joined
        else:
            self._undo.append(edit)
            self._kept.add(edit)
        self._typed_at = now if typed else float("-inf")
        for undone in self._redo:
            self._kept.drop(undone.inverse())
        self._redo.clear()
        self._document = after
        self._keep_budget()
        self.changed.emit(Change(edit, after, source))

    def note(self, edit: Edit) -> None:
        """Do an edit that nobody would look for among the steps: it is taken back with the one before it.

        Raises:
            EditError: it doesn't fit; nothing was changed.
        """
        after = edit.apply(self._document)
        if after == self._document:
            return
        if self._undo:
            last = self._undo[-1]
            self._kept.drop(last)
            # Beside those before it, not around them: a thousand suggestions are no thousand steps deep.
            before: tuple[Edit, ...] = (last,)
            if isinstance(last, Several) and any(
                isinstance(e, OfferBranch) for e in last.edits[-1:]
            ):
                before = last.edits
            self._undo[-1] = Several((*before, edit), last.label)
            self._kept.add(self._undo[-1])
        else:
            self._start_lost = True
        self.seal()
        self._document = after
        self.changed.emit(Change(edit, after))

    def undo(self) -> None:
        if self._undo:
            edit = self._undo[-1]
            inverse = edit.inverse()
            after = inverse.apply(self._document)
            self._redo.append(self._undo.pop())
            self._kept.drop(edit)
            self._kept.add(inverse)
            self._move_to(inverse, after)

    def redo(self) -> None:
        if self._redo:
            edit = self._redo[-1]
            after = edit.apply(self._document)
            self._undo.append(self._redo.pop())
            self._kept.drop(edit.inverse())
            self._kept.add(edit)
            self._move_to(edit, after)

    def seal(self) -> None:
        """The next typed edit begins a step of its own: the caret was moved."""
        self._typed_at = float("-inf")

    def _move_to(self, edit: Edit, after: Document) -> None:
        self.seal()
        self._document = after
        self.changed.emit(Change(edit, after))

    def _joined(self, edit: Edit) -> Edit | None:
        """The last step and this one as one, if together they are the typing of one word or note."""
        last = self._undo[-1] if self._undo else None
        if isinstance(last, ChangeBackground) and isinstance(edit, ChangeBackground):
            if last is self._clean_at or last.label != edit.label:
                return None
            return ChangeBackground(last.before, edit.after, edit.label)
        if not (isinstance(last, ReplaceText) and isinstance(edit, ReplaceText)):
            return None
        if (
            last is self._clean_at
            or last.record_id
            or edit.record_id
            or last.branch_id
            or last.placed_spans
        ):
            return None
        if not edit.removed and edit.position == last.position + len(last.inserted):
            begins_word = last.inserted[-1:].isspace() and not edit.inserted[:1].isspace()
            if begins_word or "\n" in edit.inserted or "\n" in last.inserted:
                return None
            inserted = last.inserted + edit.inserted
            return replace(last, inserted=inserted)
        if (
            not edit.inserted
            and not last.inserted
            and edit.position + len(edit.removed) == last.position
        ):
            further = (span for span in edit.lost_spans if span.end < last.position)
            return ReplaceText(
                edit.position,
                edit.removed + last.removed,
                "",
                lost_spans=(*further, *last.lost_spans),
                lost_forks=last.lost_forks,
            )
        return None

    def _keep_budget(self) -> None:
        """Drops the oldest steps; the newest stays, however large."""
        if self._kept.most_bytes <= self._budget_bytes:
            return
        shown = self._document.distinct_tiles()
        while len(self._undo) > 1 and self._kept.beside(shown) > self._budget_bytes:
            self._kept.drop(self._undo.popleft())
            self._start_lost = True
