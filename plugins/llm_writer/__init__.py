"""Writing with language models on this machine: continue a text, rewrite a selection."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from studio.api import GeneratorSpec, ModelFacts, hookimpl

from .params import ContinueParams, RewriteParams, ScoreParams
from .recognise import recognise

if TYPE_CHECKING:
    from .engine import Continue, Rewrite, Score

FOLIO_API = 1


def _continue() -> Continue:
    from .engine import Continue

    return Continue()


def _rewrite() -> Rewrite:
    from .engine import Rewrite

    return Rewrite()


def _score() -> Score:
    from .engine import Score

    return Score()


@hookimpl
def folio_generators() -> list[GeneratorSpec[Any]]:
    return [
        GeneratorSpec(
            id="writer.continue",
            title="Continue writing",
            description="Goes on from the caret with a language model.",
            params=ContinueParams,
            factory=_continue,
            yields=("text",),
            version="2",
            icon="pen-line",
        ),
        GeneratorSpec(
            id="writer.rewrite",
            title="Rewrite selection",
            description="Rewrites the selected text as you say.",
            params=RewriteParams,
            factory=_rewrite,
            yields=("text",),
            version="2",
            icon="wand-sparkles",
        ),
        GeneratorSpec(
            id="writer.score",
            title="Show surprise",
            description="Says of each word of a text how likely a language model finds it, and which others.",
            params=ScoreParams,
            factory=_score,
            yields=("text",),
            version="1",
            icon="search",
        ),
    ]


@hookimpl
def folio_recognise_model(path: Path) -> ModelFacts | None:
    return recognise(path)
