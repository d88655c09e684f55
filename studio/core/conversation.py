"""A side conversation about the text: what was asked, what was answered. Pure."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from studio.core.catalogue import RegisteredGenerator
from studio.core.fields import Field, Value

_NOT_TASKS = frozenset({"preset", "precision"})
_MOST_TURNS = 6
"""Of earlier ones that are told again: a small model reads little."""


@dataclass(frozen=True)
class Turn:
    """`asks` tells a question from a task such as a summary, which isn't told again."""

    question: str
    answer: str
    record_id: str = ""
    asks: bool = True


def earlier(turns: Sequence[Turn]) -> str:
    """The last questions with their answers, as a generator that answers takes them: JSON pairs."""
    pairs = [[turn.question, turn.answer] for turn in turns if turn.asks and turn.answer]
    return json.dumps(pairs[-_MOST_TURNS:], ensure_ascii=False) if pairs else ""


@dataclass(frozen=True)
class Task:
    """One thing to make from a text by one click."""

    generator_id: str
    title: str
    icon: str
    values: dict[str, Value]


def tasks_of(generators: Iterable[RegisteredGenerator]) -> list[Task]:
    """Each generator, once for each choice it offers of what or how; "own" needs words and is left out."""
    found: list[Task] = []
    for entry in generators:
        spec, choice = entry.spec, _choice(entry)
        choices = [one for one in choice.choices if one != "own"] if choice is not None else []
        if choice is None or not choices:
            found.append(Task(spec.id, spec.title, spec.icon, {}))
            continue
        # The default first: it is what a click without a choice means.
        choices.sort(key=lambda one: one != choice.default)
        for one in choices:
            values: dict[str, Value] = {choice.name: one}
            found.append(Task(spec.id, task_title(entry, values), spec.icon, values))
    return found


def task_title(entry: RegisteredGenerator, values: Mapping[str, object]) -> str:
    """What a run with these values makes, such as "Brainstorm: places"."""
    choice = _choice(entry)
    chosen = values.get(choice.name, choice.default) if choice is not None else None
    return f"{entry.spec.title}: {chosen}" if chosen else entry.spec.title


def _choice(entry: RegisteredGenerator) -> Field | None:
    return next(
        (
            field
            for field in entry.fields
            if field.kind == "choice" and field.name not in _NOT_TASKS and not field.advanced
        ),
        None,
    )
