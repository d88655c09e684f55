"""Hugging Face folders through transformers' generate. GPU thread."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

from studio.api import Context, Loaded, Loading, ModelError

from .model import Request, Written
from .output import Streamed
from .sampling import processors
from .streaming import TokenText

log = logging.getLogger(__name__)

_DEFAULT_CONTEXT_TOKENS = 2048


class TransformersModel:
    """A WritingModel over a causal LM and its tokenizer."""

    engine = "transformers"

    def __init__(self, model: Any, tokenizer: Any) -> None:
        self._model = model
        self._tokenizer = tokenizer
        config = model.config.get_text_config()
        self._context_tokens = int(
            getattr(config, "max_position_embeddings", 0) or _DEFAULT_CONTEXT_TOKENS
        )

    def write(self, request: Request, ctx: Context) -> Written:
        import torch
        from transformers import GenerationConfig

        ids = self._prompt_ids(request)
        sampling = request.sampling
        new_tokens = min(sampling.max_new_tokens, max(1, self._context_tokens // 2))
        cut = max(0, len(ids) + new_tokens - self._context_tokens)
        if cut:
            ids = ids[cut:]
            ctx.progress(0, new_tokens, f"The first {cut} tokens don't fit")
        ends = self._end_tokens()
        streamer = _Streamer(self._tokenizer, ctx, request, new_tokens, ends)
        config = GenerationConfig(
            max_new_tokens=new_tokens,
            do_sample=False,
            eos_token_id=sorted(ends) or None,
            pad_token_id=self._tokenizer.pad_token_id or next(iter(sorted(ends)), 0),
        )
        prompt = torch.tensor([ids], device=self._model.device)
        try:
            self._model.generate(
                prompt,
                attention_mask=torch.ones_like(prompt),
                generation_config=config,
                logits_processor=processors(sampling, ctx.rng),
                streamer=streamer,
            )
        except _EnoughWritten:
            log.debug("ended before the model did")
        return streamer.written(len(ids), cut)

    def _prompt_ids(self, request: Request) -> list[int]:
        tokenizer = self._tokenizer
        if request.messages is not None and getattr(tokenizer, "chat_template", None):
            text = tokenizer.apply_chat_template(
                list(request.messages), add_generation_prompt=True, tokenize=False
            )
            ids = tokenizer(text, add_special_tokens=False)["input_ids"]
        else:
            ids = tokenizer(request.prompt)["input_ids"]
        start = (
            tokenizer.bos_token_id if tokenizer.bos_token_id is not None else tokenizer.eos_token_id
        )
        return list(ids) or [start or 0]

    def _end_tokens(self) -> set[int]:
        ends = self._model.generation_config.eos_token_id
        found = set(ends) if isinstance(ends, list) else {ends}
        return {end for end in (*found, self._tokenizer.eos_token_id) if end is not None}


class _EnoughWritten(Exception):
    """Ends generate at a stop string or at the person's "stop and keep"."""


class _Streamer:
    """What generate puts tokens into. Raising from `put` cancels at the next token."""

    def __init__(
        self, tokenizer: Any, ctx: Context, request: Request, limit: int, ends: set[int]
    ) -> None:
        self._ctx = ctx
        self._ends = ends
        self._text = TokenText(
            lambda tokens: str(tokenizer.decode(tokens, skip_special_tokens=True))
        )
        self._streamed = Streamed(ctx, request.stops, limit)
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
            elif self._streamed.push(self._text.push(token)):
                raise _EnoughWritten

    def end(self) -> None:
        """generate's last word; nothing to do."""

    def written(self, prompt_tokens: int, cut: int) -> Written:
        text = self._streamed.finish(self._text.rest())
        finish = self._streamed.finish_reason or ("end of text" if self._ended else "length")
        return Written(text, finish, self._streamed.tokens, prompt_tokens, cut)


def load_folder(loading: Loading) -> Loaded[TransformersModel]:
    """Load a Hugging Face folder from safetensors, nothing else, without a network.

    Raises:
        ModelError: files are missing, damaged, or need code of their own.
    """
    return load_from(loading.model.path, loading)


def load_from(path: Path, loading: Loading) -> Loaded[TransformersModel]:
    """As load_folder, from any folder."""
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer

    loading.progress(0.05, "Loading the tokenizer")
    try:
        tokenizer = AutoTokenizer.from_pretrained(
            path, local_files_only=True, trust_remote_code=False
        )
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ModelError(
            f"Its tokenizer can't be loaded: {_first_line(error)}",
            where=str(path),
            remedy="Put tokenizer.json (or its parts) from the model's page into the folder.",
        ) from None
    loading.progress(0.2, "Loading the weights")
    try:
        model = AutoModelForCausalLM.from_pretrained(
            path,
            local_files_only=True,
            use_safetensors=True,
            trust_remote_code=False,
            dtype=getattr(torch, loading.dtype),
        )
    except Exception as error:
        if isinstance(error, MemoryError) or "memory" in str(error).lower():
            raise
        raise ModelError(
            f"The model can't be loaded: {_first_line(error)}",
            where=str(path),
            remedy="Its files may be damaged or of a newer kind; 'studio models verify' reads them again.",
        ) from None
    loading.progress(0.9)
    model = model.to(loading.device).eval()
    size = sum(p.numel() * p.element_size() for p in model.parameters())
    return Loaded(TransformersModel(model, tokenizer), size)


def _first_line(error: BaseException) -> str:
    lines = str(error).strip().splitlines()
    return lines[0][:300] if lines else type(error).__name__
