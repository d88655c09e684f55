"""Generators that a model does on instruction: ask, summarise, outline, title, brainstorm. GPU thread."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from typing import Any, Generic, TypeVar

from studio.api import Context, Inputs, Output, ParamsError

from . import instructions
from .engine import adapted_model, variants
from .instruct_params import (
    AskParams,
    BrainstormParams,
    InstructParams,
    OutlineParams,
    SummariseParams,
    TitleParams,
)
from .instructions import Said
from .model import Request
from .presets import with_preset

P = TypeVar("P", bound=InstructParams)


class Instruct(ABC, Generic[P]):
    """Says something to the model and yields its answer."""

    @abstractmethod
    def said(self, params: P) -> Said:
        """Raises ParamsError where there is nothing to work on."""

    def generate(self, params: P, inputs: Inputs, ctx: Context) -> Iterator[Output]:
        said = self.said(params)
        model_id: Any = getattr(params, "model", "")
        model = adapted_model(model_id, params, ctx)
        stops = params.stop_strings + said.stops
        prompt = said.prompt + params.prefix
        request = Request(prompt, said.messages, with_preset(params), stops, prefix=params.prefix)
        yield from variants(model, request, ctx)


class Ask(Instruct[AskParams]):
    """writer.ask"""

    def said(self, params: AskParams) -> Said:
        earlier = instructions.parse_earlier(params.earlier)
        return instructions.ask(params.question, params.text, earlier)


class Summarise(Instruct[SummariseParams]):
    """writer.summarise"""

    def said(self, params: SummariseParams) -> Said:
        return instructions.summarise(something(params.text), params.form)


class Outline(Instruct[OutlineParams]):
    """writer.outline"""

    def said(self, params: OutlineParams) -> Said:
        return instructions.outline(something(params.text))


class Title(Instruct[TitleParams]):
    """writer.title"""

    def said(self, params: TitleParams) -> Said:
        return instructions.title(something(params.text), params.count)


class Brainstorm(Instruct[BrainstormParams]):
    """writer.brainstorm"""

    def said(self, params: BrainstormParams) -> Said:
        text = params.text if params.text.strip() else "A story that is not begun yet."
        return instructions.brainstorm(text, params.kind, params.wish, params.count)


def something(text: str) -> str:
    if not text.strip():
        raise ParamsError(
            "There is no text to work on.", where="text", remedy="Select some text first."
        )
    return text
