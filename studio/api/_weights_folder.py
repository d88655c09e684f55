"""A folder of weights as diffusers and transformers write it: which files count, its config, its card.

Reads names, configs and headers only, never a tensor. Any thread.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from studio.api._weights_kind import is_pickle
from studio.api._weights_safetensors import TensorFact, read_safetensors_header
from studio.api.errors import ModelError

_WEIGHTS = re.compile(
    r"(?:diffusion_pytorch_model|model)(?:\.(?P<variant>\w+))?(?:-\d+-of-\d+)?\.safetensors"
)
_LIST = re.compile(
    r"(?:diffusion_pytorch_model|model)(?:\.(?P<before>\w+))?\.safetensors\.index"
    r"(?:\.(?P<after>\w+))?\.json"
)
_CARD_CHARACTERS = 20_000
_DOES_NOT_FIT = (
    "Its config doesn't fit its weights, or a file is not whole; get the model once more."
)


@dataclass(frozen=True)
class FolderWeights:
    """The safetensors files of one variant; None is the plain one, "fp16" that of half precision."""

    variant: str | None
    files: tuple[Path, ...]

    @property
    def parameters(self) -> int:
        """How many numbers they hold. Raises ModelError: a file is damaged."""
        return sum(read_safetensors_header(file).parameters for file in self.files)

    def tensors(self) -> dict[str, TensorFact]:
        """All tensors of all files. Raises ModelError: a file is damaged."""
        return {
            name: fact
            for file in self.files
            for name, fact in read_safetensors_header(file).tensors.items()
        }


@dataclass(frozen=True)
class ModelCard:
    """What the README beside a model says: its licence, and its lines that begin with "Limits:"."""

    licence: str = ""
    limits: tuple[str, ...] = ()


def folder_weights(folder: Path, called: str, *, where: Path | None = None) -> FolderWeights:
    """The plain weights in a folder, else those of the variant "fp16", else of any.

    Where weights are in several files, the list of them beside says which there must be.

    Args:
        called: What it is called to the person, as the beginning of a sentence: "This VAE".
        where: The model's folder, if this is only a part of it.

    Raises:
        ModelError: it has none, or only pickles; or some of those that are listed are missing.
    """
    found: dict[str | None, list[Path]] = {}
    for file in sorted(folder.glob("*.safetensors")):
        if match := _WEIGHTS.fullmatch(file.name):
            found.setdefault(match["variant"], []).append(file)
    lists = _lists(folder)
    variants = [*found, *lists]
    if variants:
        variant = next((v for v in (None, "fp16") if v in variants), variants[0])
        whole = [file for file in found.get(variant, ()) if "-of-" not in file.name]
        if whole or variant not in lists:
            return FolderWeights(variant, tuple(whole[:1] or found[variant]))
        return FolderWeights(variant, _listed(lists[variant], where or folder))
    if any(is_pickle(file) for file in folder.glob("*.bin")):
        raise ModelError(
            f"{called} has its weights only as pickles, which can run programs when opened.",
            where=str(where or folder),
            remedy="Get it with safetensors files.",
        )
    raise ModelError(
        f"{called} has no weights.",
        where=str(where or folder),
        remedy="Download its .safetensors file into the folder.",
    )


def must_be_there(folder: Path, names: Sequence[str], *, where: Path | None = None) -> None:
    """Raises ModelError: one of these files isn't in the folder; names the first three."""
    missing = [name for name in names if not (folder / name).is_file()]
    if missing:
        more = f" and {len(missing) - 3} more" if len(missing) > 3 else ""
        raise ModelError(
            f"Some of its weights are missing: {', '.join(missing[:3])}{more}.",
            where=str(where or folder),
            remedy="Download the missing files into the folder.",
        )


def _lists(folder: Path) -> dict[str | None, Path]:
    """By variant, the files that list the files weights are in."""
    found: dict[str | None, Path] = {}
    for file in sorted(folder.glob("*.json")):
        if match := _LIST.fullmatch(file.name):
            found[match["before"] or match["after"]] = file
    return found


def _listed(index: Path, where: Path) -> tuple[Path, ...]:
    config = read_config(index) or {}
    named = config.get("weight_map")
    names = sorted({str(name) for name in named.values()}) if isinstance(named, dict) else []
    if not names or any(Path(name).name != name for name in names):
        raise ModelError(
            "The list of its weights can't be read: it names no files beside it.",
            where=str(index),
            remedy="Download the file once more.",
        )
    must_be_there(index.parent, names, where=where)
    return tuple(index.parent / name for name in names)


def read_config(file: Path) -> dict[str, Any] | None:
    """The table in a JSON file; None where there is no such file, or no table in it.

    Raises:
        ModelError: it can't be read.
    """
    try:
        read: Any = json.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    except (OSError, ValueError, RecursionError) as error:
        raise ModelError(
            f"Its {file.name} can't be read: {error}.",
            where=str(file.parent),
            remedy="Get the file once more.",
        ) from None
    return read if isinstance(read, dict) else None


def read_card(folder: Path) -> ModelCard:
    """What the folder's README.md says; nothing where there is none that can be read."""
    try:
        with (folder / "README.md").open(encoding="utf-8") as file:
            lines = file.read(_CARD_CHARACTERS).splitlines()
    except (OSError, ValueError):
        return ModelCard()
    said = (line for line in lines if line.lower().startswith(("license:", "licence:")))
    licence = next(said, "").partition(":")[2].strip()
    return ModelCard(licence, tuple(line for line in lines if line.startswith("Limits:")))


def does_not_fit(path: Path, why: str) -> ModelError:
    """The error for a model whose config and weights contradict each other; `why` is a sentence."""
    return ModelError(why, where=str(path), remedy=_DOES_NOT_FIT)


def check_config(
    path: Path, config: Mapping[str, Any], found: Mapping[str, tuple[object, object]]
) -> None:
    """That a config says of its weights what they say themselves.

    Args:
        found: By the config's keys: what counts where it doesn't say, and what the weights say.

    Raises:
        ModelError: names the first key that contradicts.
    """
    for key, (standard, told) in found.items():
        wanted = config.get(key, standard)
        if wanted != told:
            raise does_not_fit(path, f"Its config says {key} is {wanted}, its weights say {told}.")
