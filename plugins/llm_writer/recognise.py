"""Which files and folders are language models, by content. No torch; reads headers only."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from studio.api import ModelError, ModelFacts
from studio.api.weights import is_pickle, kind_of, read_gguf_header, read_safetensors_header

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
_INDEX = "model.safetensors.index.json"


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
    _check_there(path.parent, names)


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
    config = _config(path)
    architectures = config.get("architectures") or []
    architecture = next(
        (a for a in architectures if str(a).endswith(("ForCausalLM", "LMHeadModel"))), None
    )
    if architecture is None:
        return None
    weights = _weights(path)
    if not weights:
        if any(is_pickle(file) for file in path.glob("*.bin")):
            raise ModelError(
                "This model has its weights only as pickles, which can run programs when opened.",
                where=str(path),
                remedy="Get it with safetensors files.",
            )
        raise ModelError(
            "This folder has no safetensors weights.",
            where=str(path),
            remedy="Download the model's .safetensors files into it.",
        )
    parameters = sum(read_safetensors_header(file).parameters for file in weights)
    return ModelFacts(
        family="language",
        format="huggingface",
        architecture=str(architecture),
        title=path.name,
        parameters=parameters,
        notes=_SMALL if parameters < SMALL_PARAMETERS else (),
    )


def _config(path: Path) -> dict[str, Any]:
    try:
        config = json.loads((path / "config.json").read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:
        raise ModelError(
            f"Its config.json can't be read: {error}.",
            where=str(path),
            remedy="Download the file once more.",
        ) from None
    return config if isinstance(config, dict) else {}


def _weights(path: Path) -> list[Path]:
    """The files transformers will read: those of the index, or the one, or whatever there is."""
    index = path / _INDEX
    if index.exists():
        try:
            named = set(json.loads(index.read_text(encoding="utf-8"))["weight_map"].values())
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
            raise ModelError(
                f"The list of its weights can't be read: {error}.",
                where=str(index),
                remedy="Download the file once more.",
            ) from None
        names = sorted(str(name) for name in named)
        _check_there(path, names)
        return [path / name for name in names]
    one = path / "model.safetensors"
    return [one] if one.exists() else sorted(path.glob("*.safetensors"))


def _check_there(folder: Path, names: list[str]) -> None:
    missing = [name for name in names if not (folder / name).is_file()]
    if missing:
        more = f" and {len(missing) - 3} more" if len(missing) > 3 else ""
        raise ModelError(
            f"Some of its weights are missing: {', '.join(missing[:3])}{more}.",
            where=str(folder),
            remedy="Download the missing files into the folder.",
        )
