"""The writer's generators. GPU thread."""

from __future__ import annotations

from collections.abc import Iterator
from typing import cast

from studio.api import Context, Inputs, Output, ParamsError, TextOutput

from . import prompts
from .instructions import rewrite_instruction
from .model import Request, WritingModel, Written
from .params import ContinueParams, RewriteParams, SamplingParams, ScoreParams
from .presets import with_preset
from .scores import perplexity


def loaded_model(model_id: str, ctx: Context) -> WritingModel:
    """Through the engine for its format."""
    if ctx.model_info(model_id).facts.format == "gguf":
        from .llama_loading import AVAILABLE, load_gguf

        if AVAILABLE:
            return cast(WritingModel, ctx.model(model_id, load_gguf))
        from .gguf_conversion import load_converted

        return cast(WritingModel, ctx.model(model_id, load_converted))
    from .transformers_loading import load_folder

    return cast(WritingModel, ctx.model(model_id, load_folder))


class Continue:
    """writer.continue"""

    def generate(self, params: ContinueParams, inputs: Inputs, ctx: Context) -> Iterator[Output]:
        model = loaded_model(params.model, ctx)
        text, after_space = _without_last_space(params.text)
        # An instruct model goes on with plain text better than it obeys "go on with this".
        request = Request(text, None, with_preset(params), params.stop_strings, after_space)
        yield finished(model, model.write(request, ctx), params)


class Rewrite:
    """writer.rewrite"""

    def generate(self, params: RewriteParams, inputs: Inputs, ctx: Context) -> Iterator[Output]:
        if not params.text.strip():
            raise ParamsError(
                "There is nothing to rewrite.", where="text", remedy="Select some text first."
            )
        model = loaded_model(params.model, ctx)
        wish = rewrite_instruction(params.task, params.instruction, params.language)
        request = Request(
            prompts.rewrite_prompt(wish, params.text),
            prompts.rewrite_messages(wish, params.text),
            with_preset(params),
            params.stop_strings + prompts.REWRITE_STOPS,
        )
        yield finished(model, model.write(request, ctx), params)


class Score:
    """writer.score"""

    def generate(self, params: ScoreParams, inputs: Inputs, ctx: Context) -> Iterator[Output]:
        model = loaded_model(params.model, ctx)
        scored = model.score(params.before, params.text, params.alternatives, ctx)
        facts = scored.token_facts
        yield TextOutput(
            params.text,
            extras={
                "engine": model.engine,
                "tokens": sum(fact.tokens for fact in facts),
                "perplexity": perplexity(facts),
                "windows": scored.windows,
            },
            token_facts=facts,
        )


def _without_last_space(text: str) -> tuple[str, bool]:
    """Models spell a word with the space before it: after a lone space they write numbers and worse."""
    short = text.rstrip(" ")
    if short == text or not short or short.endswith("\n"):
        return text, False
    return short, True


def finished(model: WritingModel, written: Written, params: SamplingParams) -> TextOutput:
    """As a result, with the facts for its record."""
    return TextOutput(
        written.text,
        seed=params.seed,
        extras={
            "engine": model.engine,
            "finish": written.finish,
            "tokens": written.tokens,
            "prompt_tokens": written.prompt_tokens,
            "cut_tokens": written.cut_tokens,
        },
        token_facts=written.token_facts,
    )
