"""Writing through llama.cpp. GPU thread; llama.cpp computes on threads of its own."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from studio.api import Context, ParamsError, StudioError

from .llama_reading import PromptReader, ReadingStopped
from .llama_sampling import llama_sampling
from .llama_scoring import alternatives_of, score
from .llama_tokens import PrivateSocket, TokenService
from .model import Request, Written, prompt_room, too_long
from .output import Streamed
from .params import SamplingParams
from .prompts import keep_end, without_system
from .rereading import Rereading
from .scores import Scored
from .words import parse_biases, parse_words, refuse_sequences, word_biases

_ADDED_TOKENS = 4
"""That a tokenizer puts around a text; else a token has a byte at least."""


class LlamaModel:
    """A WritingModel over llama.cpp's server object, which keeps the keys and values of what it read."""

    engine = "llama.cpp"
    precision = "as in the file"

    def __init__(
        self, server: Any, where: PrivateSocket, context_tokens: int, has_template: bool
    ) -> None:
        self._server = server
        self._where = where
        self._service = TokenService(where)
        self._context_tokens = context_tokens
        self._has_template = has_template
        self._rereading = Rereading()

    def write(self, request: Request, ctx: Context) -> Written:
        sampling = request.sampling
        room = prompt_room(self._context_tokens, sampling.max_new_tokens)
        body = llama_sampling(sampling, request.seed, self._context_tokens, self._biases(sampling))
        if request.messages is not None and self._has_template:
            return self._chat(body, request, ctx, room)
        reader = PromptReader(self._server, ctx, self._context_tokens)
        prompt = request.prompt
        whole = tokens = self._count(prompt, reader, room)
        while tokens > room:
            ctx.progress(
                0, sampling.max_new_tokens, "The text is too long: its beginning is left out"
            )
            prompt = keep_end(prompt, tokens, room)
            tokens = self._count(prompt, reader, room)
        reader.total_tokens = tokens
        while True:
            try:
                kept = self._rereading.read(prompt, reader.step)
            except ReadingStopped:
                return Written("", "stopped", 0, tokens, whole - tokens)
            found = self._rereading.found if kept else _whatever
            run = _Run(ctx, request, self._context_tokens, found)
            self._run({**body, "prompt": prompt, "cache_prompt": kept}, run)
            if run.refused_tokens:
                raise too_long(run.refused_tokens, room)
            if not run.begin_anew:
                return run.written(whole - tokens)

    def _biases(self, sampling: SamplingParams) -> dict[int, float]:
        banned, biased = parse_words(sampling.banned_words), parse_biases(sampling.biased_words)
        if not banned and not biased:
            return {}
        found = word_biases(banned, biased, self._service.ids)
        refuse_sequences(found, "banned_words" if banned else "biased_words")
        return found.tokens

    def _count(self, text: str, reader: PromptReader, room: int) -> int:
        """The text's tokens; only an upper bound where they fit in any case, or can't be counted."""
        most = len(text.encode("utf-8", "replace")) + _ADDED_TOKENS
        if most <= room:
            return most
        counted = reader.count_tokens(text)
        if counted is None:
            self._rereading.forget()
            return most
        return counted

    def close(self) -> None:
        """Free the weights and end llama.cpp's threads."""
        self._server = None
        self._where.close()

    def put_adapter_on(self, path: Path | None, strength: float) -> None:
        if path is not None:
            raise ParamsError(
                "llama.cpp can't put PEFT adapters on a model.",
                where="adapter",
                remedy="Choose the Hugging Face model the adapter was made for, or no adapter.",
            )

    def count_tokens(self, text: str) -> int:
        return len(self._service.ids(text, special=True))

    def room(self, new_tokens: int) -> int:
        return prompt_room(self._context_tokens, new_tokens)

    def score(self, before: str, text: str, alternatives: int, ctx: Context) -> Scored:
        self._rereading.forget()
        return score(
            self._server, self._service, before, text, alternatives, self._context_tokens, ctx
        )

    def _chat(self, body: dict[str, Any], request: Request, ctx: Context, room: int) -> Written:
        self._rereading.forget()
        messages = list(request.messages or ())
        if request.prefix:  # llama.cpp goes on with a last message that is the model's own
            messages.append({"role": "assistant", "content": request.prefix})
        body = {**body, "chat_template_kwargs": {"enable_thinking": False}, "cache_prompt": False}
        if request.sampling.alternatives:
            body |= {"logprobs": True, "top_logprobs": request.sampling.alternatives}
        run = _Run(ctx, request, room, _whatever)
        try:
            self._run({**body, "messages": messages}, run)
        except _TemplateRefused:
            run = _Run(ctx, request, room, _whatever)
            self._run({**body, "messages": without_system(messages)}, run)
        if run.refused_tokens:
            raise too_long(run.refused_tokens, room)
        return run.written(0)

    def _run(self, body: dict[str, Any], run: _Run) -> None:
        chat = "messages" in body
        call = self._server.handle_chat_completions if chat else self._server.handle_completions
        call(body, run.on_chunk)
        run.raise_pending()


def _whatever(tokens: int) -> bool:
    return True


class _TemplateRefused(Exception):
    """The model's chat template can't put these messages into words."""


class _Run:
    """One call: takes chunks on the GPU thread; a callback that raises would be ignored."""

    def __init__(
        self, ctx: Context, request: Request, room: int, found: Callable[[int], bool]
    ) -> None:
        self._ctx = ctx
        self._found = found
        self._room = room
        self._streamed = Streamed(ctx, request, request.sampling.max_new_tokens)
        self._error: BaseException | None = None
        self._finish = "length"
        self.prompt_tokens = 0
        self.refused_tokens = 0
        """How many tokens the prompt has, if they are more than there is room for."""
        self.begin_anew = False
        """What was kept of an earlier text can't be used."""

    def on_chunk(self, chunk: Mapping[str, Any]) -> bool:
        """True ends the call."""
        try:
            return self._take(chunk)
        except BaseException as error:  # noqa: BLE001 - border to C++, which would swallow it
            self._error = error
            return True

    def raise_pending(self) -> None:
        if self._error is not None:
            raise self._error

    def written(self, cut_tokens: int) -> Written:
        text = self._streamed.finish()
        finish = self._streamed.finish_reason or self._finish
        tokens, facts = self._streamed.tokens, self._streamed.token_facts
        return Written(text, finish, tokens, self.prompt_tokens, cut_tokens, facts)

    def _take(self, chunk: Mapping[str, Any]) -> bool:
        if "error" in chunk:
            self._refuse(chunk["error"])
            return True
        progress = chunk.get("prompt_progress")
        if progress:
            return self._reading(**progress)
        made = int((chunk.get("timings") or {}).get("predicted_n") or 0)
        for choice in chunk.get("choices", ()):
            ended = choice.get("finish_reason")
            if ended == "stop":
                self._finish = "end of text"
            delta = choice.get("delta")
            text = (delta.get("content") if delta is not None else choice.get("text")) or ""
            new = max(0, made - self._streamed.tokens)
            # The last tokens may be part of a character, and so come without text.
            if (text or (ended == "length" and new)) and self._push(text, new, choice):
                return True
        self._ctx.check()
        return False

    def _push(self, text: str, new: int, choice: Mapping[str, Any]) -> bool:
        entries: list[Any] = (choice.get("logprobs") or {}).get("content") or []
        if new != 1 or len(entries) != 1:  # of a character's tokens only the last is told of
            return self._streamed.push(text, new)
        entry = entries[0]
        others = tuple(alternatives_of(entry.get("top_logprobs") or ()))
        return self._streamed.push(text, new, float(entry["logprob"]), others)

    def _reading(self, total: int, cache: int, processed: int, **_: object) -> bool:
        first, self.prompt_tokens = not self.prompt_tokens, total
        if total > self._room:
            self.refused_tokens = total
            return True
        if first and not self._found(cache):
            self.begin_anew = True
            return True
        self._ctx.progress(processed, total, "Reading the text")
        return self._ctx.stopping

    def _refuse(self, error: Mapping[str, Any]) -> None:
        message = str(error.get("message", error))
        if error.get("type") == "exceed_context_size_error":
            self.prompt_tokens = self.refused_tokens = int(error["n_prompt_tokens"])
        elif "template" in message.lower() or "jinja" in message.lower():
            self._error = _TemplateRefused(message)
        else:
            self._error = StudioError(f"llama.cpp refused: {message}", where="writer")
