"""The words as the network reads them; prompts longer than the text encoder reads at once are encoded
in pieces, side by side. GPU thread.

Each piece has its own start and end, and the UNet attends to all of them: what AUTOMATIC1111's
web UI made users expect of long prompts. A prompt that fits is left to the pipeline itself.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    import torch

REMEMBERED = 4
MOST_PIECES = 8
"""Attention's cost grows with the pieces; 600 tokens are some 400 words."""


@dataclass(frozen=True)
class Prompts:
    """What the UNet attends to, of the prompt and of the negative prompt.

    Args:
        embeds, negative_embeds: (1, tokens, width). None where nobody asks for a negative one.
        pooled, negative_pooled: SDXL's summaries, (1, width); None for other families.
        tokens_cut: How many of the prompt's tokens no piece had place for.
    """

    embeds: torch.Tensor
    negative_embeds: torch.Tensor | None
    pooled: torch.Tensor | None
    negative_pooled: torch.Tensor | None
    tokens_cut: int


PromptReader: TypeAlias = Callable[[str, str | None], Prompts]
"""Of a prompt and a negative prompt."""


def prompt_reader(pipe: Any) -> PromptReader:
    """`prompts_for` one loaded pipeline, which remembers the last few: most pictures differ from the one
    before in their seed alone."""
    return functools.lru_cache(REMEMBERED)(functools.partial(prompts_for, pipe))


def prompts_for(pipe: Any, prompt: str, negative_prompt: str | None) -> Prompts:
    """The prompts of a StableDiffusion or StableDiffusionXL pipeline; the negative one only where there
    is guidance to use it."""
    encoders = list(_encoders(pipe))
    longest = 1
    for tokenizer, _ in encoders:
        for text in (prompt, negative_prompt or ""):
            wanted = -(-len(_ids(tokenizer, text)) // _room(tokenizer))
            longest = max(longest, min(wanted, MOST_PIECES))
    tokenizer = encoders[0][0]
    cut = max(0, len(_ids(tokenizer, prompt)) - MOST_PIECES * _room(tokenizer))
    if longest == 1:
        return _encoded_by(pipe, prompt, negative_prompt, cut)
    embeds, pooled = _encoded(encoders, prompt, longest)
    if negative_prompt is None:
        return Prompts(embeds, None, pooled, None, cut)
    negative_embeds, negative_pooled = _encoded(encoders, negative_prompt, longest)
    if not negative_prompt and pipe.config.get("force_zeros_for_empty_prompt"):
        negative_embeds = negative_embeds * 0
        negative_pooled = None if negative_pooled is None else negative_pooled * 0
    return Prompts(embeds, negative_embeds, pooled, negative_pooled, cut)


def _encoded_by(pipe: Any, prompt: str, negative_prompt: str | None, cut: int) -> Prompts:
    import torch

    with torch.no_grad():
        made = pipe.encode_prompt(
            prompt,
            device=pipe.text_encoder.device,
            num_images_per_prompt=1,
            do_classifier_free_guidance=negative_prompt is not None,
            negative_prompt=negative_prompt or None,
        )
    embeds, negative_embeds = made[:2]
    pooled, negative_pooled = made[2:] if len(made) == 4 else (None, None)
    return Prompts(embeds, negative_embeds, pooled, negative_pooled, cut)


def _encoders(pipe: Any) -> Iterator[tuple[Any, Any]]:
    yield pipe.tokenizer, pipe.text_encoder
    if getattr(pipe, "text_encoder_2", None) is not None:
        yield pipe.tokenizer_2, pipe.text_encoder_2


def _room(tokenizer: Any) -> int:
    return int(tokenizer.model_max_length) - 2


def _ids(tokenizer: Any, text: str) -> list[int]:
    ids: list[int] = tokenizer(text, add_special_tokens=False, truncation=False, verbose=False)[
        "input_ids"
    ]
    return ids


def _encoded(
    encoders: list[tuple[Any, Any]], text: str, pieces: int
) -> tuple[torch.Tensor, torch.Tensor | None]:
    """(1, pieces × length, width) and, of SDXL's last encoder, the first piece's (1, width) summary."""
    import torch

    sides: list[torch.Tensor] = []
    pooled: torch.Tensor | None = None
    for tokenizer, encoder in encoders:
        room, ids = _room(tokenizer), _ids(tokenizer, text)
        rows = []
        for start in range(0, pieces * room, room):
            row = [tokenizer.bos_token_id, *ids[start : start + room], tokenizer.eos_token_id]
            rows.append(row + [tokenizer.pad_token_id] * (room + 2 - len(row)))
        tokens = torch.tensor(rows, device=encoder.device)
        mask = None
        if len(encoders) == 1 and getattr(encoder.config, "use_attention_mask", False):
            mask = (torch.tensor([_attended(r, tokenizer) for r in rows])).to(encoder.device)
        with torch.no_grad():
            seen = encoder(tokens, attention_mask=mask, output_hidden_states=len(encoders) > 1)
        # SDXL was trained on the last layer but one.
        hidden = seen.hidden_states[-2] if len(encoders) > 1 else seen[0]
        sides.append(hidden.reshape(1, -1, hidden.shape[-1]))
        if len(encoders) > 1:
            pooled = seen[0][:1]
    return torch.cat(sides, dim=-1), pooled


def _attended(row: list[int], tokenizer: Any) -> list[int]:
    end = row.index(tokenizer.eos_token_id, 1)
    return [int(place <= end) for place in range(len(row))]
