"""Writing with language models on this machine: go on, rewrite, ask, summarise, score."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

from studio.api import GeneratorSpec, ModelFacts, Params, Purpose, hookimpl

from .instruct_params import (
    AskParams,
    BrainstormParams,
    OutlineParams,
    SummariseParams,
    TitleParams,
)
from .params import ContinueParams, RewriteParams, ScoreParams
from .recognise import recognise

FOLIO_API = 1


def _made_in(module: str, name: str) -> Callable[[], Any]:
    """A factory that imports its module on the GPU thread, when it is first called."""
    return lambda: getattr(importlib.import_module(f".{module}", __name__), name)()


def _spec(
    verb: str,
    title: str,
    description: str,
    params: type[Params],
    factory: Callable[[], Any],
    icon: str,
    purpose: Purpose,
    version: str = "1",
) -> GeneratorSpec[Any]:
    return GeneratorSpec(
        id=f"writer.{verb}",
        title=title,
        description=description,
        params=params,
        factory=factory,
        yields=("text",),
        version=version,
        icon=icon,
        purpose=purpose,
    )


@hookimpl
def folio_generators() -> list[GeneratorSpec[Any]]:
    return [
        _spec(
            "continue",
            "Continue writing",
            "Goes on from the caret with a language model.",
            ContinueParams,
            _made_in("engine", "Continue"),
            "pen-line",
            "continue",
            version="2",
        ),
        _spec(
            "rewrite",
            "Rewrite selection",
            "Rewrites the selected text: shorter, simpler, in another language, or as you say.",
            RewriteParams,
            _made_in("engine", "Rewrite"),
            "wand-sparkles",
            "rewrite",
            version="2",
        ),
        _spec(
            "ask",
            "Ask about the text",
            "Answers a question about a text; nothing is changed.",
            AskParams,
            _made_in("instruct", "Ask"),
            "info",
            "ask",
        ),
        _spec(
            "summarise",
            "Summarise",
            "Says shortly what a text says.",
            SummariseParams,
            _made_in("instruct", "Summarise"),
            "arrow-down-to-line",
            "about",
        ),
        _spec(
            "outline",
            "Outline",
            "Lists the parts of a text in their order.",
            OutlineParams,
            _made_in("instruct", "Outline"),
            "list-todo",
            "about",
        ),
        _spec(
            "title",
            "Find titles",
            "Finds titles for a text.",
            TitleParams,
            _made_in("instruct", "Title"),
            "type",
            "about",
        ),
        _spec(
            "brainstorm",
            "Brainstorm",
            "Finds names, places or turns for a text.",
            BrainstormParams,
            _made_in("instruct", "Brainstorm"),
            "sparkles",
            "about",
        ),
        _spec(
            "context",
            "Show the prompt",
            "Shows exactly what the model would read to go on, and how many tokens each part takes.",
            ContinueParams,
            _made_in("engine", "ShowContext"),
            "info",
            "prompt",
        ),
        _spec(
            "score",
            "Show surprise",
            "Says of each word of a text how likely a language model finds it, and which others.",
            ScoreParams,
            _made_in("engine", "Score"),
            "search",
            "score",
        ),
    ]


@hookimpl
def folio_recognise_model(path: Path) -> ModelFacts | None:
    return recognise(path)
