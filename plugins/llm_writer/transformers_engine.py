"""Writing through transformers' generate. GPU thread."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Any

from studio.api import Context

from .lora import Adapters
from .model import MAX_CONTEXT_TOKENS, Request, Written, prompt_room, too_long
from .output import Streamed
from .params import SamplingParams
from .prompt_cache import PromptCache, StoppedReading
from .prompts import without_system
from .samplers import DRY_BREAKERS
from .sampling import processors
from .scores import Scored
from .streaming import TokenText
from .transformers_scoring import Pieces, RawScores, score
from .words import parse_biases, parse_words, tokens_with, word_biases

log = logging.getLogger(__name__)

READ_TOKENS = 256
"""A long prompt is read in pieces of this many tokens; between them it can be cancelled."""
_DEFAULT_CONTEXT_TOKENS = 2048


class TransformersModel:
    """A WritingModel over a causal LM and its tokenizer."""

    engine = "transformers"

    def __init__(self, model: Any, tokenizer: Any, precision: str = "full") -> None:
        self.precision = precision
        self._model = model
        self._tokenizer = tokenizer
        config = model.config.get_text_config()
        trained = getattr(config, "max_position_embeddings", 0) or _DEFAULT_CONTEXT_TOKENS
        self._context_tokens = min(int(trained), MAX_CONTEXT_TOKENS)
        self._pieces = Pieces(tokenizer)
        self._breakers: frozenset[int] | None = None
        self._read = PromptCache(model)
        self._adapters = Adapters(model)

    def score(self, before: str, text: str, alternatives: int, ctx: Context) -> Scored:
        return score(
            self._model, self._tokenizer, self._pieces, before, text, alternatives,
            self._context_tokens, ctx,
        )  # fmt: skip

    def write(self, request: Request, ctx: Context) -> Written:
        import torch
        from transformers import GenerationConfig

        sampling = request.sampling
        room = prompt_room(self._context_tokens, sampling.max_new_tokens)
        new_tokens = min(sampling.max_new_tokens, self._context_tokens - room)
        ids, cut = self._prompt_ids(request, room)
        if cut:
            ctx.progress(0, new_tokens, "The text is too long: its beginning is left out")
        ends = self._end_tokens()
        watch = RawScores(self._pieces, sampling.alternatives)
        streamer = _Streamer(self._tokenizer, ctx, request, new_tokens, ends, watch)
        config = GenerationConfig(
            max_new_tokens=new_tokens,
            do_sample=False,
            eos_token_id=sorted(ends) or None,
            pad_token_id=self._tokenizer.pad_token_id or next(iter(sorted(ends)), 0),
            prefill_chunk_size=self._piece(len(ids)),
        )
        prompt = torch.tensor([ids], device=self._model.device)
        rng = torch.Generator().manual_seed(request.seed)
        try:
            cache = self._read.read(ids, ctx)
        except StoppedReading:
            return Written("", "stopped", 0, len(ids), cut)
        if cache is not None:
            config.prefill_chunk_size = None
        kept = {} if cache is None else {"past_key_values": cache}
        pieces = nullcontext() if cache is not None else _between_pieces(self._model, ctx, len(ids))
        try:
            with pieces, _quietly_ended():
                self._model.generate(
                    prompt,
                    attention_mask=torch.ones_like(prompt),
                    generation_config=config,
                    logits_processor=watch.before(self._processors(sampling, rng)),
                    streamer=streamer,
                    **kept,
                )
        finally:
            if cache is not None:
                self._read.keep(cache, ids)
        return streamer.written(len(ids), cut)

    def put_adapter_on(self, path: Path | None, strength: float) -> None:
        if self._adapters.put_on(path, strength):
            self._read.forget()

    def count_tokens(self, text: str) -> int:
        return len(self._tokenizer(text)["input_ids"])

    def room(self, new_tokens: int) -> int:
        return prompt_room(self._context_tokens, new_tokens)

    def _processors(self, sampling: SamplingParams, rng: Any) -> Any:
        banned, biased = parse_words(sampling.banned_words), parse_biases(sampling.biased_words)
        biases = word_biases(banned, biased, self._ids) if banned or biased else None
        breakers = self._dry_breakers() if sampling.dry_multiplier else frozenset()
        return processors(sampling, rng, biases, breakers)

    def _ids(self, text: str) -> list[int]:
        return list(self._tokenizer(text, add_special_tokens=False)["input_ids"])

    def _dry_breakers(self) -> frozenset[int]:
        if self._breakers is None:
            self._breakers = tokens_with(DRY_BREAKERS, self._tokenizer.get_vocab())
        return self._breakers

    def _piece(self, prompt_tokens: int) -> int | None:
        """None where one piece is enough, and for models that keep a state instead of a cache."""
        stateful = bool(getattr(self._model, "_is_stateful", False))
        return None if stateful or prompt_tokens <= READ_TOKENS else READ_TOKENS

    def _prompt_ids(self, request: Request, room: int) -> tuple[list[int], int]:
        """The prompt's tokens, and how many were cut off from its beginning."""
        tokenizer = self._tokenizer
        if request.messages is not None and getattr(tokenizer, "chat_template", None):
            ids = list(self._chat_ids(list(request.messages), request.prefix))
            if len(ids) > room:
                raise too_long(len(ids), room)
            return ids, 0
        ids = list(tokenizer(request.prompt)["input_ids"])
        cut = max(0, len(ids) - room)
        start = tokenizer.bos_token_id
        return ids[cut:] or [tokenizer.eos_token_id or 0 if start is None else start], cut

    def _chat_ids(self, messages: list[dict[str, str]], prefix: str) -> Any:
        from jinja2 import TemplateError

        def text(messages: list[dict[str, str]]) -> Any:
            return self._tokenizer.apply_chat_template(
                messages, add_generation_prompt=True, tokenize=False, enable_thinking=False
            )

        try:
            words = text(messages)
        except TemplateError:
            words = text(without_system(messages))
        return self._tokenizer(words + prefix, add_special_tokens=False)["input_ids"]

    def _end_tokens(self) -> set[int]:
        ends = self._model.generation_config.eos_token_id
        found = set(ends) if isinstance(ends, list) else {ends}
        return {end for end in (*found, self._tokenizer.eos_token_id) if end is not None}


class _EnoughWritten(Exception):
    """Ends generate at a stop string or at the person's "stop and keep"."""


@contextmanager
def _quietly_ended() -> Iterator[None]:
    try:
        yield
    except _EnoughWritten:
        log.debug("ended before the model did")


@contextmanager
def _between_pieces(model: Any, ctx: Context, total: int) -> Iterator[None]:
    """A cancel point before each piece of a long prompt; tells how far it has been read."""
    if total <= READ_TOKENS:
        yield
        return
    done = 0

    def before(module: Any, args: Any, kwargs: dict[str, Any]) -> None:
        nonlocal done
        if done >= total:
            handle.remove()  # from here on the tokens themselves are the cancel points
            return
        if ctx.stopping:
            raise _EnoughWritten
        ctx.progress(done, total, "Reading the text")
        ids = kwargs.get("input_ids")
        done += ids.shape[-1] if ids is not None else total

    handle = model.register_forward_pre_hook(before, with_kwargs=True)
    try:
        yield
    finally:
        handle.remove()


class _Streamer:
    """What generate puts tokens into. Raising from `put` cancels at the next token."""

    def __init__(
        self,
        tokenizer: Any,
        ctx: Context,
        request: Request,
        limit: int,
        ends: set[int],
        watch: RawScores,
    ) -> None:
        self._ctx = ctx
        self._watch = watch
        self._ends = ends
        self._text = TokenText(
            lambda tokens: str(tokenizer.decode(tokens, skip_special_tokens=True))
        )
        self._streamed = Streamed(ctx, request, limit)
        self._prompt_seen = False
        self._ended = False

    def put(self, value: Any) -> None:
        if not self._prompt_seen:
            self._prompt_seen = True  # the first call carries the prompt
            self._ctx.check()
            return
        for token in value.reshape(-1).tolist():
            if token in self._ends:
                self._ended = True
            elif self._streamed.push(self._text.push(token), 1, *self._watch.of(token)):
                raise _EnoughWritten

    def end(self) -> None:
        """generate's last word; nothing to do."""

    def written(self, prompt_tokens: int, cut: int) -> Written:
        text = self._streamed.finish(self._text.rest())
        finish = self._streamed.finish_reason or ("end of text" if self._ended else "length")
        tokens, facts = self._streamed.tokens, self._streamed.token_facts
        return Written(text, finish, tokens, prompt_tokens, cut, facts)
