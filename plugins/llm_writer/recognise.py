"""Which files and folders are language models, by content. No torch; reads headers only."""

from __future__ import annotations

from pathlib import Path

from studio.api import ModelError, ModelFacts
from studio.api.weights import (
    folder_weights,
    kind_of,
    must_be_there,
    read_config,
    read_gguf_header,
)

from .lora import recognise_adapter

SMALL_PARAMETERS = 1_000_000_000
_SMALL = (
    "A model this small goes on with a text and finds ideas passably; it rewrites poorly and knows little.",
    "A better one: download an instruct model of 3 to 8 billion parameters as GGUF (Q4_K_M) and drop the "
    "file on the window.",
)
_OTHER_ARCHITECTURES = {
    "bert", "clip", "diffusion", "flux", "jina-bert-v2", "modern-bert", "nomic-bert", "sd1", "sd3",
    "sdxl", "t5encoder", "wavtokenizer-dec",
}  # fmt: skip
_OTHER_TYPES = {"adapter", "imatrix", "mmproj", "vocab"}


def recognise(path: Path) -> ModelFacts | None:
    """Facts about a GGUF file or a Hugging Face folder; None if it is neither.

    Raises:
        ModelError: it is one, but damaged or unsafe.
    """
    if path.is_dir():
        return _folder(path)
    if kind_of(path) == "gguf":
        return _gguf(path)
    return None


def _gguf(path: Path) -> ModelFacts | None:
    header = read_gguf_header(path)
    metadata = header.metadata
    if (
        header.architecture in _OTHER_ARCHITECTURES
        or metadata.get("general.type") in _OTHER_TYPES
        or not header.tensor_count
    ):
        return None
    parts = metadata.get("split.count", 1)
    _check_all_parts(path, parts if isinstance(parts, int) else 1)
    parameters = _parameters_from_label(str(metadata.get("general.size_label", "")))
    size = path.stat().st_size
    small = (parameters or size * 2) < SMALL_PARAMETERS
    return ModelFacts(
        family="language",
        format="gguf",
        architecture=header.architecture,
        title=path.stem,
        licence=str(metadata.get("general.license", "")),
        parameters=parameters,
        notes=_SMALL if small else (),
    )


def _check_all_parts(path: Path, count: int) -> None:
    """A model in several files: llama.cpp takes the first and looks for the others beside it."""
    if count < 2:
        return
    stem = path.name.removesuffix(f"-00001-of-{count:05}.gguf")
    if stem == path.name:
        raise ModelError(
            f"This is a part of a model in {count} files, but not the first.",
            where=str(path),
            remedy=f"Choose the file whose name ends with -00001-of-{count:05}.gguf.",
        )
    names = [f"{stem}-{number:05}-of-{count:05}.gguf" for number in range(1, count + 1)]
    must_be_there(path.parent, names)


def _parameters_from_label(label: str) -> int | None:
    units = {"M": 10**6, "B": 10**9, "T": 10**12}
    try:
        return round(float(label[:-1]) * units[label[-1:]])
    except (ValueError, KeyError):
        return None


def _folder(path: Path) -> ModelFacts | None:
    adapter = recognise_adapter(path)
    if adapter is not None:
        return adapter
    config = read_config(path / "config.json") or {}
    architectures = config.get("architectures") or []
    architecture = next(
        (a for a in architectures if str(a).endswith(("ForCausalLM", "LMHeadModel"))), None
    )
    if architecture is None:
        return None
    parameters = folder_weights(path, "This model").parameters
    return ModelFacts(
        family="language",
        format="huggingface",
        architecture=str(architecture),
        title=path.name,
        parameters=parameters,
        notes=_SMALL if parameters < SMALL_PARAMETERS else (),
    )
