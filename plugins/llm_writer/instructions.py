"""What the writer's instruct generators say to a model. Pure; the words are data."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from .prompts import Message

REWRITES: Mapping[str, str] = {
    "shorten": "Make this text shorter. Keep what matters and the way it is told",
    "expand": "Make this text longer with fitting detail. Keep what happens",
    "simplify": "Rewrite this text in simpler words and shorter sentences",
    "formal": "Rewrite this text in a formal, professional tone",
    "vivid": "Rewrite this text so that it can be seen, heard and felt",
    "fix": "Correct the spelling and the grammar of this text. Change nothing else",
    "translate": "Translate this text into {language}",
}
"""For `writer.rewrite`; "own" is what the person says."""

SUMMARIES: Mapping[str, str] = {
    "sentence": "Summarise this text in one sentence",
    "paragraph": "Summarise this text in one short paragraph",
    "points": "List the main points of this text, each on a line that begins with -",
}
IDEAS: Mapping[str, str] = {
    "names": "names for people who could be in it",
    "places": "places where it could happen",
    "turns": "surprising turns that could come next",
    "own": "ideas",
}


@dataclass(frozen=True)
class Said:
    """The same wish in both forms; `stops` end the answer of a model that only goes on with text."""

    messages: list[Message]
    prompt: str
    stops: tuple[str, ...] = ()


def rewrite_instruction(task: str, own: str, language: str) -> str:
    return own if task == "own" else REWRITES[task].format(language=language)


def ask(question: str, text: str, earlier: Sequence[tuple[str, str]] = ()) -> Said:
    """A question about a text, after earlier questions and answers."""
    system = "You help a writer. Answer shortly and plainly."
    if text.strip():
        system += f" This is the text it is about:\n\n{text}"
    messages = [{"role": "system", "content": system}]
    prompt = f"Text:\n{text}\n\n" if text.strip() else ""
    for asked, answered in earlier:
        messages += [
            {"role": "user", "content": asked},
            {"role": "assistant", "content": answered},
        ]
        prompt += f"Question: {asked}\nAnswer: {answered}\n\n"
    messages.append({"role": "user", "content": question})
    return Said(
        messages, f"{prompt}Question: {question}\nAnswer:", ("\n\nQuestion:", "\nQuestion:")
    )


def about(text: str, wish: str, heading: str) -> Said:
    """Something made from a text, such as a summary, under a heading."""
    messages = [
        {"role": "system", "content": f"You help a writer. {wish}. Answer with that only."},
        {"role": "user", "content": text},
    ]
    return Said(messages, f"Text:\n{text}\n\n{heading}:\n", ("\n\nText:",))


def summarise(text: str, form: str) -> Said:
    return about(text, SUMMARIES[form], "Main points" if form == "points" else "Summary")


def outline(text: str) -> Said:
    wish = "Write an outline of this text as a list with -, one line for each part, in its order"
    return about(text, wish, "Outline")


def title(text: str, count: int) -> Said:
    wish = "Find a title for this text" if count == 1 else f"Find {count} titles for this text"
    return about(text, wish + (", each on its own line" if count > 1 else ""), "Title")


def brainstorm(text: str, kind: str, wish: str, count: int) -> Said:
    """Ideas for a text; `wish` says more of what is looked for and may be empty."""
    what = wish if kind == "own" and wish else IDEAS[kind]
    more = f" ({wish})" if wish and kind != "own" else ""
    return about(text, f"Find {count} {what}{more} for this text, each on a line with -", "Ideas")


def parse_earlier(text: str) -> list[tuple[str, str]]:
    """Earlier turns from JSON: [["question", "answer"], …].

    Raises:
        ValueError: it is something else.
    """
    if not text.strip():
        return []
    try:
        turns = json.loads(text)
        pairs = [(asked, answered) for asked, answered in turns]
    except (ValueError, TypeError):
        pairs = [("", None)]
    if not all(isinstance(part, str) for pair in pairs for part in pair):
        raise ValueError('it must be JSON of pairs: [["question", "answer"], …].')
    return pairs
