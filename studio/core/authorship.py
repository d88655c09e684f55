"""How much of a text is whose: the disclosure report. Pure; any thread."""

from __future__ import annotations

from dataclasses import dataclass

from studio.core.spans import Spans


@dataclass(frozen=True)
class Authorship:
    """Counts characters that are no white space: a person's own, a model's, a model's with a hand in it."""

    by_person: int = 0
    by_model: int = 0
    by_model_edited: int = 0
    passages: int = 0
    """From how many results of a model something is left in the text."""

    @property
    def characters(self) -> int:
        return self.by_person + self.by_model + self.by_model_edited

    def percent(self, characters: int) -> int:
        """Whole percent; never 0 or 100 for what isn't none or all."""
        if not characters:
            return 0
        if characters == self.characters:
            return 100
        return min(99, max(1, round(100 * characters / self.characters)))


def authorship(text: str, spans: Spans) -> Authorship:
    """Who wrote how much of a text."""
    counts = {False: 0, True: 0}
    for span in spans:
        counts[span.edited] += _visible(text[span.start : span.end])
    by_model = sum(counts.values())
    passages = len({span.record_id for span in spans})
    return Authorship(_visible(text) - by_model, counts[False], counts[True], passages)


def disclosure(found: Authorship) -> str:
    """The report as a few sentences, to put at the end of a text or to send along."""
    if not found.characters:
        return "The text is empty."
    if not found.passages:
        return "A person wrote all of this text; no language model wrote any of it."
    sentences = [
        f"{found.percent(found.by_person)} % of this text was written by a person",
        f"{found.percent(found.by_model)} % by a language model and left as it was",
        f"{found.percent(found.by_model_edited)} % by a language model and edited by a person",
    ]
    results = (
        "1 generated passage" if found.passages == 1 else f"{found.passages} generated passages"
    )
    return (
        f"{', '.join(sentences)}. "
        f"Counted in characters without spaces ({found.characters:,}); {results}."
    )


def _visible(text: str) -> int:
    return sum(len(piece) for piece in text.split())
