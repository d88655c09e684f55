"""What a folio tells a model beside the text: memory, an author's note, notes on the world. Pure."""

from __future__ import annotations

from dataclasses import dataclass

NOTE_DEPTH = 3
MOST_DEPTH = 100
_COLONS = str.maketrans({"\uff1a": ":"})


@dataclass(frozen=True)
class Background:
    """One for each folio; belongs to the document as the text does.

    Args:
        memory: Always told first: who, where, what came before.
        author_note: Told a few lines before the end: tone, what comes next.
        note_depth: How many lines of the text stand after the author's note.
        world_notes: One a line, as keys, a colon, the note: told where a key stands in the recent text.
    """

    memory: str = ""
    author_note: str = ""
    note_depth: int = NOTE_DEPTH
    world_notes: str = ""

    @property
    def size_bytes(self) -> int:
        return 4 * (len(self.memory) + len(self.author_note) + len(self.world_notes)) + 64


NOTHING = Background()


def good_notes(text: str) -> tuple[str, tuple[int, ...]]:
    """The lines of the world notes that have a key and a note, and the numbers of those that have not."""
    good: list[str] = []
    bad: list[int] = []
    for number, line in enumerate(text.splitlines(), 1):
        keys, _, note = line.translate(_COLONS).partition(":")
        if keys.strip(" \t,，") and note.strip():
            good.append(line)
        elif line.strip():
            bad.append(number)
    return "\n".join(good), tuple(bad)


TOLD = frozenset({"memory", "author_note", "note_depth", "world_notes"})
"""Fields of a generator that goes on with a text: their values are the folio's, and no form shows them."""


def told_values(background: Background) -> dict[str, str | int]:
    """As values of a generator's fields, by the names that such fields have; what is empty is left out."""
    found: dict[str, str | int] = {
        "memory": background.memory.strip(),
        "author_note": background.author_note.strip(),
        "world_notes": good_notes(background.world_notes)[0],
    }
    told = {name: value for name, value in found.items() if value}
    if "author_note" in told:
        told["note_depth"] = background.note_depth
    return told
