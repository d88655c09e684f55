"""The exact prompt from memory, world notes, an author's note and the text, within a budget. Pure.

Memory stands first, then the world notes whose keys occur in the recent text, then the text; the
author's note stands a few lines before its end. Memory and notes may fill three quarters of the budget:
of a memory that is too long the end is cut, a note that doesn't fit is left out. The text loses its
beginning.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

from .prompts import keep_end

Count = Callable[[str], int]
"""How many tokens a text is, by the model's own tokenizer."""
SCANNED_CHARACTERS = 3000
"""Of the text's end, in which keys are looked for."""


@dataclass(frozen=True)
class WorldNote:
    keys: tuple[str, ...]
    text: str


@dataclass(frozen=True)
class Sources:
    """What a prompt is made of."""

    text: str
    memory: str = ""
    author_note: str = ""
    note_depth: int = 3
    """How many lines of the text stand after the author's note."""
    world_notes: tuple[WorldNote, ...] = ()

    @property
    def only_text(self) -> bool:
        return not (self.memory.strip() or self.author_note.strip() or self.world_notes)


@dataclass(frozen=True)
class Part:
    """One part: what of it went in, and how many tokens; `cut_tokens` of it did not."""

    kind: Literal["memory", "world note", "author's note", "text"]
    text: str
    tokens: int
    cut_tokens: int = 0
    name: str = ""
    """A world note's first key."""


@dataclass(frozen=True)
class Prompt:
    """`text` is exactly what the model reads, of `tokens` tokens; `parts` in their order of importance."""

    text: str
    tokens: int
    budget: int
    parts: tuple[Part, ...]

    @property
    def cut_tokens(self) -> int:
        return sum(part.cut_tokens for part in self.parts)


def build_prompt(sources: Sources, budget: int, count: Count) -> Prompt:
    """See the module. `count` is called a few times for each part."""
    left = budget * 3 // 4
    memory = _shortened(sources.memory.strip(), left, count)
    left -= memory.tokens
    note = _whole_or_none("author's note", _bracketed(sources.author_note), left, count)
    left -= note.tokens
    notes: list[Part] = []
    for world in triggered(sources.world_notes, sources.text):
        part = _whole_or_none("world note", world.text.strip(), left, count, world.keys[0])
        left -= part.tokens
        notes.append(part)
    head = "".join(f"{part.text}\n" for part in (memory, *notes) if part.text)
    head += "\n" if head else ""
    whole_tokens = count(sources.text) if sources.text else 0
    text, text_tokens = sources.text, whole_tokens
    while True:
        prompt = head + _with_note(text, note.text, sources.note_depth)
        tokens = count(prompt)
        if tokens <= budget or not text:
            break
        room = max(0, text_tokens - (tokens - budget))
        text = keep_end(text, text_tokens, room) if room else ""
        text_tokens = count(text) if text else 0
    text_part = Part("text", text, text_tokens, whole_tokens - text_tokens)
    asked = [part for part in (memory, note, *notes) if part.text or part.cut_tokens]
    return Prompt(prompt, tokens, budget, (*asked, text_part))


def triggered(notes: Sequence[WorldNote], text: str) -> list[WorldNote]:
    """The notes one of whose keys stands in the end of the text, whatever its case."""
    recent = text[-SCANNED_CHARACTERS:].casefold()
    return [note for note in notes if any(key.casefold() in recent for key in note.keys)]


def parse_world_notes(text: str) -> tuple[WorldNote, ...]:
    """One a line, "key, other key: what is so".

    Raises:
        ValueError: names the line that has no key or no note.
    """
    notes = []
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip():
            continue
        keys, _, note = line.replace("\uff1a", ":", 1).partition(":")
        names = tuple(key.strip() for key in keys.replace("\uff0c", ",").split(",") if key.strip())
        if not names or not note.strip():
            raise ValueError(f"line {number} must be keys, a colon, and the note.")
        notes.append(WorldNote(names, note.strip()))
    return tuple(notes)


def _bracketed(note: str) -> str:
    return f"[Author's note: {note.strip()}]" if note.strip() else ""


def _shortened(memory: str, room: int, count: Count) -> Part:
    whole = tokens = count(memory) if memory else 0
    while tokens > room and memory:
        memory = memory[: int(len(memory) * room / tokens * 0.97)].rstrip()
        tokens = count(memory) if memory else 0
    return Part("memory", memory, tokens, whole - tokens)


def _whole_or_none(
    kind: Literal["world note", "author's note"], text: str, room: int, count: Count, name: str = ""
) -> Part:
    tokens = count(text) if text else 0
    if tokens > room:
        return Part(kind, "", 0, tokens, name)
    return Part(kind, text, tokens, 0, name)


def _with_note(text: str, note: str, depth: int) -> str:
    if not note:
        return text
    at = len(text)
    for _ in range(depth):
        at = text.rfind("\n", 0, at)
        if at < 0:
            break
    if not depth:
        return f"{text}\n{note}\n"
    before, after = (text[: at + 1], text[at + 1 :]) if at >= 0 else ("", text)
    return f"{before}{note}\n{after}"
