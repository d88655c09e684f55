"""What a transformers model thinks of each token: of those it writes and of a text's. GPU thread."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from studio.api import Alternative, Context, StudioError

from .scores import Scored, TokenScore, facts_of_spans
from .streaming import BROKEN

if TYPE_CHECKING:
    import torch

SCORED_AT_ONCE = 256
"""Tokens whose scores over the whole vocabulary are in memory together; between, it can be cancelled."""


class Pieces:
    """What single tokens read, with the space some tokenizers drop at a text's beginning."""

    def __init__(self, tokenizer: Any) -> None:
        self._tokenizer = tokenizer
        self._anchor: list[int] = list(tokenizer("a", add_special_tokens=False)["input_ids"])[-1:]
        self._start = len(self._decoded([]))
        self._known: dict[int, str] = {}

    def text(self, token: int) -> str:
        """Empty for special tokens and for parts of a character."""
        if token not in self._known:
            text = self._decoded([token])[self._start :]
            self._known[token] = "" if BROKEN in text else text
        return self._known[token]

    def alternatives(self, logprobs: torch.Tensor, count: int) -> tuple[Alternative, ...]:
        """The likeliest of (vocabulary,) log-probabilities."""
        if not count:
            return ()
        values, ids = logprobs.topk(min(count, len(logprobs)))
        pairs = zip(ids.tolist(), values.tolist(), strict=True)
        named = [(self.text(token), value) for token, value in pairs]
        return tuple(Alternative(text, value) for text, value in named if text)

    def _decoded(self, tokens: list[int]) -> str:
        return str(self._tokenizer.decode(self._anchor + tokens, skip_special_tokens=True))


class RawScores:
    """Looks at the scores before any sampler: the first of generate's processors."""

    def __init__(self, pieces: Pieces, alternatives: int) -> None:
        self._pieces = pieces
        self._count = alternatives
        self._logprobs: torch.Tensor | None = None

    def before(self, chain: Any) -> Any:
        """The chain with this in front of it, where anything is asked."""
        if self._count:
            chain.insert(0, self)
        return chain

    def __call__(self, input_ids: torch.Tensor, scores: torch.Tensor) -> torch.Tensor:
        self._logprobs = scores[0].float().log_softmax(-1)
        return scores

    def of(self, token: int) -> tuple[float | None, tuple[Alternative, ...]]:
        """Of the token that was just drawn: its log-probability, and the likeliest of its place."""
        if self._logprobs is None:
            return None, ()
        others = self._pieces.alternatives(self._logprobs, self._count)
        return float(self._logprobs[token]), others


def score(
    model: Any,
    tokenizer: Any,
    pieces: Pieces,
    before: str,
    text: str,
    alternatives: int,
    context_tokens: int,
    ctx: Context,
) -> Scored:
    """See `WritingModel.score`."""
    if not getattr(tokenizer, "is_fast", False):
        raise StudioError(
            "This model's tokenizer can't say where its tokens stand in a text.",
            where="writer",
            remedy="Put the model's tokenizer.json into its folder.",
        )
    whole = before + text
    encoded = tokenizer(whole, return_offsets_mapping=True)
    ids = list(encoded["input_ids"])
    spans = [(int(begin), int(end)) for begin, end in encoded["offset_mapping"]]
    scores = [TokenScore(None)] * min(1, len(ids))
    windows = 0
    while len(scores) < len(ids):
        start = max(0, len(scores) - context_tokens // 2) if windows else 0
        window = ids[start : start + context_tokens]
        windows += 1
        for at, logprobs in _logprobs(model, window, len(ids), start, ctx):
            for position, row in enumerate(logprobs, start + at + 1):
                if position == len(scores) and position < start + len(window):
                    asked = spans[position][1] > len(before)
                    scores.append(_score(row, ids[position], pieces, alternatives, asked))
    return Scored(facts_of_spans(whole, len(before), spans, scores), max(1, windows))


def _score(
    logprobs: torch.Tensor, token: int, pieces: Pieces, count: int, asked: bool
) -> TokenScore:
    if not asked:
        return TokenScore(None)
    return TokenScore(float(logprobs[token]), pieces.alternatives(logprobs, count))


def _logprobs(model: Any, ids: list[int], total: int, done: int, ctx: Context) -> Any:
    """(at, (count, vocabulary) log-probabilities of what follows tokens at, at + 1, …), in pieces."""
    import torch

    cache: Any = None
    for at in range(0, len(ids), SCORED_AT_ONCE):
        ctx.progress(done + at, total, "Reading the text")
        piece = torch.tensor([ids[at : at + SCORED_AT_ONCE]], device=model.device)
        kept = {} if cache is None else {"past_key_values": cache}
        with torch.inference_mode():
            answer = model(piece, use_cache=True, **kept)
            logprobs = answer.logits[0].float().log_softmax(-1)
        cache = getattr(answer, "past_key_values", None)
        yield at, logprobs
        if cache is None and at + SCORED_AT_ONCE < len(ids):
            raise StudioError(
                "This kind of model reads only short texts here.",
                where="writer",
                remedy="Select less.",
            )
