"""What both engines offer: a loaded language model that writes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from studio.api import Context

from .params import SamplingParams
from .prompts import Message


@dataclass(frozen=True)
class Request:
    """Either `messages` for models with a chat template or a plain `prompt` for the others."""

    prompt: str
    messages: Sequence[Message] | None
    sampling: SamplingParams
    stops: tuple[str, ...] = ()


@dataclass(frozen=True)
class Written:
    """The whole text, and how it ended: "length", "end of text", "stop string" or "stopped"."""

    text: str
    finish: str
    tokens: int
    prompt_tokens: int
    cut_tokens: int
    """Tokens of the prompt that did not fit and were left out, from its beginning."""


class WritingModel(Protocol):
    """GPU thread only."""

    engine: str

    def write(self, request: Request, ctx: Context) -> Written:
        """Stream text through `ctx.stream` and return the whole. Raises Cancelled between tokens."""
        ...
