"""Errors become text here, whatever a plugin raised; the exception itself can then be dropped.

A kept traceback would pin its frames' tensors. Any thread.
"""

from __future__ import annotations

import traceback

from studio.api.errors import PluginError, StudioError
from studio.jobs.events import ErrorText

_LONGEST = 20_000


def error_text(problem: BaseException, plugin: str = "") -> ErrorText:
    """The error as text. A StudioError speaks for itself; anything else is the plugin's bug."""
    kind = type(problem).__name__
    if isinstance(problem, StudioError):
        return ErrorText(
            what=words_of(problem.what),
            where=words_of(problem.where),
            remedy=words_of(problem.remedy),
            details=_traceback(problem) if isinstance(problem, PluginError) else "",
            plugin=plugin,
            kind=kind,
        )
    said = words_of(problem)
    who = f"The plugin {plugin}" if plugin else "The studio"
    return ErrorText(
        what=f"{who} failed: {kind}{': ' if said else ''}{said}",
        where=f"plugin {plugin}" if plugin else "",
        remedy="The details can be copied for its author.",
        details=_traceback(problem),
        plugin=plugin,
        kind=kind,
    )


def words_of(value: object) -> str:
    """A plain string of bounded length, even of an object whose `__str__` raises."""
    try:
        return str(value)[:_LONGEST]
    except Exception:  # noqa: BLE001 - border to a plugin's code: its error must not become ours
        return f"({type(value).__name__} that can't be shown)"


def _traceback(problem: BaseException) -> str:
    return "".join(traceback.format_exception(problem))[-_LONGEST:]
