"""Which files and folders are language models, by content. No torch; reads headers only."""

from __future__ import annotations

import json
from pathlib import Path

from studio.api import ModelError, ModelFacts
from studio.api.weights import is_pickle, kind_of, read_gguf_header, read_safetensors_header

SMALL_PARAMETERS = 1_000_000_000
_SMALL = (
    "A model this small goes on with a text and finds ideas passably; it rewrites poorly and knows little.",
    "A better one: download an instruct model of 3 to 8 billion parameters as GGUF (Q4_K_M) and drop the "
    "file on the window.",
)


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
    if header.architecture in ("clip", "diffusion", "sd1", "sdxl", "flux"):
        return None
    parameters = _parameters_from_label(str(header.metadata.get("general.size_label", "")))
    size = path.stat().st_size
    small = (parameters or size * 2) < SMALL_PARAMETERS
    return ModelFacts(
        family="language",
        format="gguf",
        architecture=header.architecture,
        title=path.stem,
        licence=str(header.metadata.get("general.license", "")),
        parameters=parameters,
        notes=_SMALL if small else (),
    )


def _parameters_from_label(label: str) -> int | None:
    units = {"M": 10**6, "B": 10**9, "T": 10**12}
    try:
        return round(float(label[:-1]) * units[label[-1:]])
    except (ValueError, KeyError):
        return None


def _folder(path: Path) -> ModelFacts | None:
    try:
        config = json.loads((path / "config.json").read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as error:
        raise ModelError(f"Its config.json can't be read: {error}.", where=str(path)) from None
    if not isinstance(config, dict):
        return None
    architectures = config.get("architectures") or []
    architecture = next(
        (a for a in architectures if str(a).endswith(("ForCausalLM", "LMHeadModel"))), None
    )
    if architecture is None:
        return None
    weights = sorted(path.glob("*.safetensors"))
    if not weights:
        if any(is_pickle(file) for file in path.glob("*.bin")):
            raise ModelError(
                "This model has its weights only as pickles, which can run programs when opened.",
                where=str(path),
                remedy="Get it with safetensors files.",
            )
        raise ModelError("This folder has no safetensors weights.", where=str(path))
    parameters = sum(read_safetensors_header(file).parameters for file in weights)
    _check_all_shards(path)
    return ModelFacts(
        family="language",
        format="huggingface",
        architecture=str(architecture),
        title=path.name,
        parameters=parameters,
        notes=_SMALL if parameters < SMALL_PARAMETERS else (),
    )


def _check_all_shards(path: Path) -> None:
    index = path / "model.safetensors.index.json"
    if not index.exists():
        return
    try:
        named = set(json.loads(index.read_text(encoding="utf-8"))["weight_map"].values())
    except (OSError, ValueError, KeyError, AttributeError) as error:
        raise ModelError(
            f"The list of its weights can't be read: {error}.", where=str(index)
        ) from None
    missing = sorted(str(name) for name in named if not (path / str(name)).is_file())
    if missing:
        raise ModelError(
            f"Some of its weights are missing: {', '.join(missing[:3])}.",
            where=str(path),
            remedy="Download the missing files into the folder.",
        )
