"""How likely llama.cpp finds each token of a given text. GPU thread.

Its server tells probabilities only of what it writes. So it is made to write the text: a bias too large to
lose forces each token, and the probabilities told are those before the bias. A token that is no whole
character is never told of when written; it is looked up among the likeliest of its place instead.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from studio.api import Alternative, Context, StudioError

from .llama_tokens import Token, TokenService
from .scores import Scored, TokenScore, facts_of_spans, spans_of_pieces

_FORCED = 1e6
_LOOKED_UP = (200, 1_000_000)
"""How many of the likeliest to search for a token, at first and then."""


def score(
    server: Any,
    service: TokenService,
    before: str,
    text: str,
    alternatives: int,
    context_tokens: int,
    ctx: Context,
) -> Scored:
    """See `WritingModel.score`."""
    whole = before + text
    tokens = service.tokens(whole)
    spans = spans_of_pieces(whole, [token.piece for token in tokens])
    if spans is None:
        raise StudioError(
            "This model's tokens, put together, are not the text: it can't be said where they stand.",
            where="writer",
            remedy="Choose another model.",
        )
    first = service.first()
    begin = next((n for n, span in enumerate(spans) if span[1] > len(before)), len(spans))
    known = [TokenScore(None)] * begin
    plain = service.ids("a")[0]
    windows = set()
    for at in range(begin, len(tokens)):
        ctx.progress(at - begin, len(tokens) - begin, "Reading the text")
        start = _window_start(at, context_tokens - len(first) - 1)
        windows.add(start)
        prompt = first + [token.id for token in tokens[start:at]]
        known.append(_one(server, prompt, tokens[at], plain, alternatives, ctx))
    return Scored(facts_of_spans(whole, len(before), spans, known), max(1, len(windows)))


def _window_start(at: int, room: int) -> int:
    """Where the text begins that is in front of a token: it moves on by halves of the context."""
    half = max(1, room // 2)
    return 0 if at < room else ((at - room) // half + 1) * half


def _one(
    server: Any, prompt: list[int], token: Token, plain: int, count: int, ctx: Context
) -> TokenScore:
    """`plain` is a token that is a whole character: written where the one asked about can't be told of."""
    if not prompt:
        return TokenScore(None)
    whole = _text(token.piece) is not None
    for among in (count or 1,) if whole else _LOOKED_UP:
        body: dict[str, Any] = {
            "prompt": prompt, "max_tokens": 1, "stream": True, "cache_prompt": True,
            "n_probs": max(among, count), "samplers": ["top_k"], "top_k": 1,
            "logit_bias": [[token.id if whole else plain, _FORCED]],
        }  # fmt: skip
        entries = _entries(server, body, ctx)
        for entry in entries:
            likeliest = list(entry["top_logprobs"])
            own = (
                entry["logprob"]
                if whole and entry["id"] == token.id
                else _find(likeliest, token.id)
            )
            if own is not None:
                return TokenScore(own, tuple(alternatives_of(likeliest[:count])))
    return TokenScore(None)


def _entries(server: Any, body: Mapping[str, Any], ctx: Context) -> list[Any]:
    """What is told of the one token that is written; of the first that is a whole character."""
    entries: list[Any] = []
    refused: list[str] = []

    def on_chunk(chunk: Mapping[str, Any]) -> bool:
        if "error" in chunk:
            refused.append(str(chunk["error"].get("message", chunk["error"])))
            return True
        for choice in chunk.get("choices", ()):
            entries.extend((choice.get("logprobs") or {}).get("content") or ())
        return False

    server.handle_completions(dict(body), on_chunk)
    ctx.check()
    if refused:
        raise StudioError(f"llama.cpp refused: {refused[0]}", where="writer")
    return entries


def alternatives_of(likeliest: Sequence[Mapping[str, Any]]) -> Iterator[Alternative]:
    """llama.cpp's list of the likeliest tokens, without those that are no whole characters."""
    for entry in likeliest:
        text = _text(bytes(entry.get("bytes") or ()))
        if text:
            yield Alternative(text, float(entry["logprob"]))


def _find(likeliest: Sequence[Mapping[str, Any]], token: int) -> float | None:
    return next((float(one["logprob"]) for one in likeliest if one["id"] == token), None)


def _text(piece: bytes) -> str | None:
    try:
        return piece.decode("utf-8")
    except UnicodeDecodeError:
        return None
