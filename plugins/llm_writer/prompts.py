"""What is said to a model, and what of a long text. Pure."""

from __future__ import annotations

from collections.abc import Sequence

Message = dict[str, str]

_REWRITER = "You're an AI assistant for text re-writing."


def rewrite_messages(instruction: str, text: str) -> list[Message]:
    """For models that were taught to follow instructions.

    In the words SmolLM2 was taught rewriting with, instruction and text apart: so a small model leaves
    its comments away, and a text that asks something is not answered.
    """
    system = f"{_REWRITER} {_sentence(instruction)} Answer with the new text only."
    return [{"role": "system", "content": system}, {"role": "user", "content": text}]


def without_system(messages: Sequence[Message]) -> list[Message]:
    """The same for chat templates that know no system role."""
    first, *rest = messages
    if first["role"] != "system" or not rest:
        return list(messages)
    joined = f"{first['content']}\n\n{rest[0]['content']}"
    return [{"role": rest[0]["role"], "content": joined}, *rest[1:]]


def rewrite_prompt(instruction: str, text: str) -> str:
    """For models that only go on with a text."""
    return f"Original text:\n{text}\n\nThe same text, edited ({instruction.rstrip('.: ')}):\n"


REWRITE_STOPS = ("\n\nOriginal text:",)


def _sentence(instruction: str) -> str:
    stripped = instruction.strip().rstrip(":")
    return stripped if stripped.endswith((".", "!", "?", "。", "!", "?")) else stripped + "."


def keep_end(text: str, tokens: int, limit: int) -> str:
    """The last part of a text of `tokens` tokens that should fit into `limit`, begun at a word.

    By characters, a little less than the proportion: count again afterwards. The cut is made at
    multiples of a block, so that a text that grows keeps its beginning, and the model its cache.
    """
    keep = max(1, int(len(text) * limit / max(1, tokens) * 0.97))
    block = 1 << max(0, keep.bit_length() - 5)
    start = -(-(len(text) - keep) // block) * block
    end = text[min(start, len(text) - 1) :]
    space = end.find(" ", 0, 80)
    return end[space + 1 :] if space >= 0 else end
