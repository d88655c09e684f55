"""What results are as files: their bytes, what they are called, which picture stands for them. Any thread."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from studio.api.outputs import (
    FileOutput,
    ImageOutput,
    Latent,
    LatentOutput,
    Output,
    Pixels,
    TextOutput,
)
from studio.api.tokens import facts_to_json
from studio.core.records import Record
from studio.io.images import encode_png
from studio.io.latents import encode_latent
from studio.io.video import MEDIA_TYPES, SUFFIXES

LATENT_SUFFIX = ".safetensors"
FILM_SUFFIXES = {MEDIA_TYPES[format]: SUFFIXES[format] for format in MEDIA_TYPES}
_LATENT_TYPE = "application/safetensors"
_SUFFIXES = {"image/png": (".png",), "text/markdown": (), _LATENT_TYPE: (".png", LATENT_SUFFIX)}
_EXCERPT_CHARACTERS = 200


@dataclass(frozen=True)
class Content:
    """A result as it is kept. `data` is its bytes, or the file they are in."""

    kind: str
    media_type: str
    data: bytes | Path
    picture: Pixels | None
    """The full picture of an image or latent, a film's first frame."""
    token_facts: bytes = b""
    """Of a text, as `studio.api.tokens` writes them; empty where the model told nothing."""


def content_of(output: Output, record: Record) -> Content:
    """Raises TypeError for a piece of streamed text."""
    if isinstance(output, ImageOutput):
        data = encode_png(output.pixels, record)
        return Content("image", "image/png", data, output.pixels)
    if isinstance(output, TextOutput):
        facts = facts_to_json(output.token_facts) if output.token_facts else b""
        return Content("text", "text/markdown", output.text.encode("utf-8"), None, facts)
    if isinstance(output, LatentOutput):
        latent = encode_latent(latent_of(output, record))
        return Content("latent", _LATENT_TYPE, latent, output.pixels)
    if isinstance(output, FileOutput):
        return Content("video", output.media_type, output.path, output.preview)
    raise TypeError(f"{type(output).__name__} is no result")


def latent_of(output: LatentOutput, record: Record) -> Latent:
    """With the model it belongs to: what its plugin said, else the job's only model."""
    uses = {use.content_hash for use in record.models.values()}
    own = output.model_hash or (uses.pop() if len(uses) == 1 else "")
    return Latent(output.arrays, output.layout, own)


def excerpt_of(output: Output) -> str:
    """How a text begins, in one line."""
    text = output.text if isinstance(output, TextOutput) else ""
    return " ".join(text.split())[:_EXCERPT_CHARACTERS]


def suffixes_for(media_type: str) -> tuple[str, ...]:
    """What a file with such a result may be called, the usual first; empty for anything."""
    if media_type in _SUFFIXES:
        return _SUFFIXES[media_type]
    return (FILM_SUFFIXES.get(media_type, ".bin"),)


def media_type_of(output: Output) -> str:
    """As `content_of` says, without making the bytes."""
    if isinstance(output, FileOutput):
        return output.media_type
    if isinstance(output, LatentOutput):
        return _LATENT_TYPE
    return "image/png" if isinstance(output, ImageOutput) else "text/markdown"
