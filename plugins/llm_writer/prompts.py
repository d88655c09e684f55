"""What is said to a model. Pure."""

from __future__ import annotations

SYSTEM = "You are a careful editor. You answer with the edited text only, without any comment."

Message = dict[str, str]


def rewrite_messages(instruction: str, text: str) -> list[Message]:
    """For models that were taught to follow instructions."""
    return [
        {"role": "system", "content": SYSTEM},
        {"role": "user", "content": f"{instruction.rstrip('.:')}:\n\n{text}"},
    ]


def rewrite_prompt(instruction: str, text: str) -> str:
    """For models that only go on with a text."""
    return f"Original text:\n{text}\n\nThe same text, edited ({instruction.rstrip('.:')}):\n"


REWRITE_STOPS = ("\n\nOriginal text:",)


def keep_end(text: str, tokens: int, limit: int) -> str:
    """The last part of a text of `tokens` tokens that should fit into `limit`, begun at a word.

    By characters, a little less than the proportion: count again afterwards.
    """
    keep = max(1, int(len(text) * limit / max(1, tokens) * 0.97))
    end = text[-keep:]
    space = end.find(" ", 0, 80)
    return end[space + 1 :] if space >= 0 else end
