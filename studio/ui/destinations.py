"""Where a job's results go: into the document, or under review first. GUI thread."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from studio.core.background import told_values
from studio.core.catalogue import RegisteredGenerator
from studio.core.conversation import task_title
from studio.core.rewriting import task_name
from studio.core.store import DocumentStore
from studio.jobs.handle import JobHandle
from studio.ui.editor.editor import TextEditor
from studio.ui.editor.reviewing import Reviewing
from studio.ui.placing import Placing

REVIEW = "review"
"""In a spec's target: where the passage began that the result is another form of."""
ASIDE = "aside"
"""In a spec's target: the result stays beside the text."""
TITLE = "title"
"""In a spec's target: what the job is called."""
_ASIDE = ("ask", "about", "prompt", "score")


class Destinations:
    """What a job's target says is said here alone, when it is asked for, and read here when it runs.

    Args:
        aside: Shows what a job says beside the text.
    """

    def __init__(
        self,
        store: DocumentStore,
        placing: Placing,
        reviewing: Reviewing,
        editor: TextEditor,
        aside: Callable[[JobHandle], object],
    ) -> None:
        self._aside = aside
        self._store = store
        self._placing = placing
        self._reviewing = reviewing
        self._editor = editor

    def target_for(
        self, registered: RegisteredGenerator, values: Mapping[str, Any]
    ) -> dict[str, Any]:
        """Where the results of a job that is asked for now shall go, and what to call it, if not by its
        prompt."""
        if "text" not in registered.spec.yields:
            return {}
        if registered.purpose == "continue":
            return {"replace_selection": False, "asks": True}
        if registered.purpose == "rewrite":
            start, _ = self._editor.area.selected_range()
            field = registered.field_of_kind("text_input")
            target = {REVIEW: start, "field": field.name if field is not None else ""}
            task = str(values.get("task", "own"))
            return target if task == "own" else {**target, TITLE: task_name(task)}
        if registered.purpose not in _ASIDE:
            return {}
        about = registered.purpose == "about"
        return {ASIDE: True, **({TITLE: task_title(registered, values)} if about else {})}

    def told(self, registered: RegisteredGenerator, values: Mapping[str, Any]) -> dict[str, Any]:
        """The values with what the folio tells a model that goes on with its text."""
        if registered.purpose not in ("continue", "prompt"):
            return {**values}
        background = told_values(self._store.document.background)
        names = {field.name for field in registered.fields}
        return {**values, **{name: told for name, told in background.items() if name in names}}

    def follow(self, handle: JobHandle) -> object:
        target, params = handle.spec.target, handle.spec.params
        if target.get(ASIDE):
            return self._aside(handle)
        if REVIEW not in target:
            return self._placing.follow(handle)
        passage = str(params.get(str(target.get("field", "")), ""))
        return self._reviewing.follow(handle, passage, int(target[REVIEW]), handle.spec.title)
