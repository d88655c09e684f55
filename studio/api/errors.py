"""The errors a person reads, and the one that means "stop".

Owned by the API so that plugins raise the same ones the studio shows. Any thread.
"""

from __future__ import annotations


class StudioError(Exception):
    """An error whose text is for the person: what happened, where, and what to do.

    Args:
        what: One sentence that says what happened.
        where: The file, model, field or plugin it happened in; may be empty.
        remedy: One sentence that says what to do; may be empty.
    """

    def __init__(self, what: str, *, where: str = "", remedy: str = "") -> None:
        self.what = what
        self.where = where
        self.remedy = remedy
        super().__init__(what, where, remedy)

    def __str__(self) -> str:
        where = f" ({self.where})" if self.where else ""
        remedy = f" {self.remedy}" if self.remedy else ""
        return f"{self.what}{where}{remedy}"

    def __reduce__(self) -> tuple[object, ...]:
        return (_rebuild, (type(self), self.what, self.where, self.remedy))


def _rebuild(kind: type[StudioError], what: str, where: str, remedy: str) -> StudioError:
    return kind(what, where=where, remedy=remedy)


class ParamsError(StudioError):
    """A parameter is missing, out of range or of the wrong type. `where` names the field."""


class ModelError(StudioError):
    """A model's files are missing, damaged, of an unknown kind or unsafe."""


class PluginError(StudioError):
    """A plugin broke its contract. `where` names the plugin."""


class MemoryShortage(StudioError):
    """The device's memory did not suffice, even after everything that could be freed was freed."""


class StorageError(StudioError):
    """The disk is full, a folder can't be written, or a file of ours is damaged."""


class Cancelled(BaseException):
    """The job was cancelled. Derives from BaseException so that no `except Exception` eats it."""
