"""The writer's generators. GPU thread."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import cast

from studio.api import Context, Inputs, Output, ParamsError, TextOutput

from . import prompts
from .context import Prompt, Sources, build_prompt
from .instructions import rewrite_instruction
from .model import Request, WritingModel, Written
from .params import ContinueParams, RewriteParams, SamplingParams, ScoreParams
from .presets import with_preset
from .scores import perplexity


def loaded_model(model_id: str, ctx: Context, precision: str = "auto") -> WritingModel:
    """Through the engine for its format; `precision` is for models that transformers runs on the CPU."""
    if ctx.model_info(model_id).facts.format == "gguf":
        from .llama_loading import AVAILABLE, load_gguf

        if AVAILABLE:
            return cast(WritingModel, ctx.model(model_id, load_gguf))
        from .gguf_conversion import load_converted

        return cast(WritingModel, ctx.model(model_id, load_converted))
    from .transformers_loading import LOADERS

    return cast(WritingModel, ctx.model(model_id, LOADERS[precision]))


def adapted_model(model_id: str, params: SamplingParams, ctx: Context) -> WritingModel:
    """With the adapter that the person chose, and no other."""
    model = loaded_model(model_id, ctx, params.precision)
    path = ctx.model_info(params.adapter).path if params.adapter else None
    model.put_adapter_on(path, params.adapter_strength)
    return model


class Continue:
    """writer.continue"""

    def generate(self, params: ContinueParams, inputs: Inputs, ctx: Context) -> Iterator[Output]:
        model = adapted_model(params.model, params, ctx)
        prompt, after_space, told = continuation(model, params)
        # An instruct model goes on with plain text better than it obeys "go on with this".
        request = Request(
            prompt, None, with_preset(params), params.stop_strings, after_space, params.prefix
        )
        yield from variants(model, request, ctx, told.cut_tokens if told else 0)


class ShowContext:
    """writer.context: the prompt that writer.continue would read; nothing is written."""

    def generate(self, params: ContinueParams, inputs: Inputs, ctx: Context) -> Iterator[Output]:
        model = adapted_model(params.model, params, ctx)
        sources, _ = _spaceless(params.sources)
        room = model.room(params.max_new_tokens)
        told = build_prompt(sources, room, model.count_tokens)
        parts = [
            {
                "kind": part.kind,
                "name": part.name,
                "tokens": part.tokens,
                "cut_tokens": part.cut_tokens,
            }
            for part in told.parts
        ]
        yield TextOutput(
            told.text,
            extras={
                "engine": model.engine,
                "prompt_tokens": told.tokens,
                "budget": told.budget,
                "cut_tokens": told.cut_tokens,
                "parts": json.dumps(parts),
            },
        )


class Rewrite:
    """writer.rewrite"""

    def generate(self, params: RewriteParams, inputs: Inputs, ctx: Context) -> Iterator[Output]:
        if not params.text.strip():
            raise ParamsError(
                "There is nothing to rewrite.", where="text", remedy="Select some text first."
            )
        model = adapted_model(params.model, params, ctx)
        wish = rewrite_instruction(params.task, params.instruction, params.language)
        request = Request(
            prompts.rewrite_prompt(wish, params.text) + params.prefix,
            prompts.rewrite_messages(wish, params.text),
            with_preset(params),
            params.stop_strings + prompts.REWRITE_STOPS,
            prefix=params.prefix,
        )
        yield from variants(model, request, ctx)


class Score:
    """writer.score"""

    def generate(self, params: ScoreParams, inputs: Inputs, ctx: Context) -> Iterator[Output]:
        model = loaded_model(params.model, ctx)
        model.put_adapter_on(None, 1.0)
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


def continuation(model: WritingModel, params: ContinueParams) -> tuple[str, bool, Prompt | None]:
    """The prompt, whether a space before the caret was left out, and what went in where more than
    the text does; the text alone is cut by the engine as it reads."""
    sources, after_space = _spaceless(params.sources)
    if sources.only_text:
        return sources.text, after_space, None
    told = build_prompt(sources, model.room(params.max_new_tokens), model.count_tokens)
    return told.text, after_space, told


def variants(
    model: WritingModel, request: Request, ctx: Context, cut_tokens: int = 0
) -> Iterator[Output]:
    """The result, and the others that are asked for, each as if its seed had been the job's."""
    for number in range(request.sampling.variants):
        seed = (ctx.seed + number) % 2**63
        written = model.write(replace(request, seed=seed), ctx)
        yield finished(model, written, seed, cut_tokens)
        if written.finish == "stopped":
            return


def finished(model: WritingModel, written: Written, seed: int, cut_tokens: int = 0) -> TextOutput:
    """As a result, with the facts for its record."""
    return TextOutput(
        written.text,
        seed=seed,
        extras={
            "engine": model.engine,
            "precision": model.precision,
            "finish": written.finish,
            "tokens": written.tokens,
            "prompt_tokens": written.prompt_tokens,
            "cut_tokens": written.cut_tokens + cut_tokens,
        },
        token_facts=written.token_facts,
    )


def _spaceless(sources: Sources) -> tuple[Sources, bool]:
    """Models spell a word with the space before it: after a lone space they write numbers and worse."""
    short = sources.text.rstrip(" ")
    if short == sources.text or not short or short.endswith("\n"):
        return sources, False
    return replace(sources, text=short), True
