"""What can be done to a passage: the generator's own tasks, and instructions kept under a name. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from studio.core.catalogue import RegisteredGenerator
from studio.core.fields import Value
from studio.core.settings import Instruction

_NAMES = {"fix": "Fix grammar"}
_OWN = "own"


def with_instruction(kept: Sequence[Instruction], added: Instruction) -> tuple[Instruction, ...]:
    """One more, or another text for a name that is there."""
    if any(one.name == added.name for one in kept):
        return tuple(added if one.name == added.name else one for one in kept)
    return (*kept, added)


def tasks_of(rewriter: RegisteredGenerator) -> tuple[str, ...]:
    """The tasks that a rewriter has by itself: choices of its field "task", but for the person's own."""
    for field in rewriter.fields:
        if field.name == "task" and field.kind == "choice":
            return tuple(task for task in field.choices if task != _OWN)
    return ()


def task_name(task: str) -> str:
    return _NAMES.get(task, task.replace("_", " ").capitalize())


def needs_language(rewriter: RegisteredGenerator, task: str) -> bool:
    """Whether a task is told into which language."""
    return task == "translate" and any(field.name == "language" for field in rewriter.fields)


def task_values(
    rewriter: RegisteredGenerator, task: str, *, instruction: str = "", language: str = ""
) -> dict[str, Value]:
    """The values of the rewriter's fields for one of its tasks, or for an instruction ("" as the task)."""
    names = {field.name for field in rewriter.fields}
    values: dict[str, Value] = {}
    if "task" in names:
        values["task"] = task or _OWN
    wish = rewriter.field_of_kind("prompt")
    if not task and wish is not None:
        values[wish.name] = instruction
    if language and "language" in names:
        values["language"] = language
    return values
