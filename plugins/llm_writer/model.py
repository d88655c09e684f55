"""What both engines offer: a loaded language model that writes; and how much it reads."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from studio.api import Context, ParamsError, TokenFact

from .params import SamplingParams
from .prompts import Message
from .scores import Scored

MAX_CONTEXT_TOKENS = 8192
"""More is read by no model here, though it may be able to: reading takes time and memory."""


@dataclass(frozen=True)
class Request:
    """Either `messages` for models with a chat template or a plain `prompt` for the others."""

    prompt: str
    messages: Sequence[Message] | None
    sampling: SamplingParams
    stops: tuple[str, ...] = ()
    after_space: bool = False
    """The space before the caret was left out: words carry theirs in front, so one would stand twice."""
    prefix: str = ""
    """How the result begins. A prompt has it at its end already, messages have not."""
    seed: int = 0


@dataclass(frozen=True)
class Written:
    """The whole text, and how it ended: "length", "end of text", "stop string" or "stopped"."""

    text: str
    finish: str
    tokens: int
    prompt_tokens: int
    cut_tokens: int
    """Tokens of the prompt that did not fit and were left out, from its beginning."""
    token_facts: tuple[TokenFact, ...] = ()
    """Of each token, where `SamplingParams.alternatives` asks for them."""


class WritingModel(Protocol):
    """GPU thread only."""

    engine: str
    precision: str
    """In which numbers it computes: "full", "bf16", "int8", a torch dtype, or "as in the file"."""

    def write(self, request: Request, ctx: Context) -> Written:
        """Stream text through `ctx.stream` and return the whole. Raises Cancelled between tokens.

        A plain prompt that is too long loses its beginning; messages would lose the instruction.

        Raises:
            ParamsError: messages that are too long, a setting that the engine doesn't have.
        """
        ...

    def put_adapter_on(self, path: Path | None, strength: float) -> None:
        """Take on this adapter and no other; None: none.

        Raises:
            ParamsError, ModelError: this engine takes no adapters; it is for another model.
        """
        ...

    def count_tokens(self, text: str) -> int:
        """As a prompt, with what the model puts in front of every text."""
        ...

    def room(self, new_tokens: int) -> int:
        """How long a prompt may be so that so many new tokens fit too."""
        ...

    def score(self, before: str, text: str, alternatives: int, ctx: Context) -> Scored:
        """How likely the model finds each token of `text` after `before`. Raises Cancelled.

        Raises:
            StudioError: this engine can't tell where this model's tokens stand in a text.
        """
        ...


def prompt_room(context_tokens: int, new_tokens: int) -> int:
    """How long a prompt may be so that the new tokens fit too; at least half of the context."""
    return context_tokens - min(new_tokens, context_tokens // 2)


def too_long(tokens: int, room: int) -> ParamsError:
    return ParamsError(
        f"The passage has {tokens} tokens; the model can read {room} of them at once.",
        where="text",
        remedy="Select a shorter passage.",
    )
