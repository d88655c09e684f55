"""Directions as files: where they lie, which belong to a model, how one is added. Headers only; no torch.

A file is plain safetensors: each tensor is a direction, (w_dim,) or (num_ws, w_dim), under its own name.
The metadata says `layout` ("stylegan2.w") and `model`, the content hash of the model it was found in. It is
looked for in the model's folder (directions.safetensors), beside the model (NAME.directions.safetensors),
and in the plugin's own folder (`data_dir`). Beside rather than inside, because what lies inside is a part of
the model. Any thread.
"""

from __future__ import annotations

import os
import re
import threading
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from studio.api import ModelError, ModelInfo, StorageError
from studio.api.weights import SafetensorsHeader, read_safetensors_header

from .config import GanConfig
from .faces import LAYOUT, Floats

_SUFFIX = ".directions.safetensors"
_NAME = re.compile(r"[^,=\x00-\x1f]{1,60}")
_writing = threading.Lock()


def direction_files(model: ModelInfo, own_folder: Path) -> list[Path]:
    """The files with directions for this model, those that came with it first."""
    found = [model.path / "directions.safetensors"] if model.path.is_dir() else []
    found.append(_beside(model))
    try:
        own = sorted(own_folder.glob("*.safetensors"))
    except OSError:
        own = []
    for file in own:
        try:
            metadata = read_safetensors_header(file).metadata
        except ModelError:
            continue  # someone else's file is no reason not to show the others
        if metadata.get("model") == model.content_hash:
            found.append(file)
    return [file for file in found if file.is_file()]


def named_directions(model: ModelInfo, config: GanConfig, own_folder: Path) -> list[str]:
    """The names of all directions in those files, each once.

    Raises:
        ModelError: a file is damaged, or its directions don't fit the model.
    """
    names: dict[str, None] = {}
    for file in direction_files(model, own_folder):
        names.update(dict.fromkeys(_checked(file, read_safetensors_header(file), config)))
    return list(names)


def read_directions(model: ModelInfo, config: GanConfig, own_folder: Path) -> dict[str, Floats]:
    """All directions in those files; of two with one name the person's own.

    Raises:
        ModelError: a file is damaged, or its directions don't fit the model.
    """
    directions: dict[str, Floats] = {}
    for file in direction_files(model, own_folder):
        directions |= _read(file, config)
    return directions


def add_direction(
    model: ModelInfo, config: GanConfig, own_folder: Path, name: str, direction: Floats
) -> Path:
    """Save a direction under a name, beside the model or else in the plugin's own folder; returns the file.

    One of the same name in that file is replaced; the file is replaced whole or not at all.

    Raises:
        ValueError: the name can't be a slider's.
        StorageError: neither place can be written.
    """
    name = " ".join(name.split())
    if not _NAME.fullmatch(name):
        raise ValueError("a direction's name has 1 to 60 characters, without “,” and “=”")
    metadata = {"layout": LAYOUT, "model": model.content_hash}
    mine = own_folder / f"{model.id}-{model.content_hash[:12]}{_SUFFIX}"
    # What is installed with the program is replaced with it.
    places = [mine] if model.starter else [_beside(model), mine]
    problem = ""
    with _writing:
        for place in places:
            try:
                kept = _read(place, config) if place.exists() else {}
                place.parent.mkdir(parents=True, exist_ok=True)
                write_tensors(place, {**kept, name: direction}, metadata)
            except OSError as error:
                problem = error.strerror or str(error)
            else:
                return place
    raise StorageError(
        f"The direction can't be saved: {problem}.",
        where=str(places[-1]),
        remedy="Make room, or make the folder writable.",
    )


def write_tensors(file: Path, tensors: Mapping[str, Floats], metadata: Mapping[str, str]) -> None:
    """A safetensors file, written beside and then put in place. Raises OSError."""
    from safetensors.numpy import save

    data = save(
        {n: np.ascontiguousarray(a, np.float32) for n, a in tensors.items()}, dict(metadata)
    )
    part = file.with_name(f".{file.name}.{os.getpid()}.part")
    try:
        with part.open("wb") as stream:
            stream.write(data)
            stream.flush()
            os.fsync(stream.fileno())
        part.replace(file)
    finally:
        part.unlink(missing_ok=True)


def _beside(model: ModelInfo) -> Path:
    name = model.path.name if model.path.is_dir() else model.path.stem
    return model.path.with_name(f"{name}{_SUFFIX}")


def _read(file: Path, config: GanConfig) -> dict[str, Floats]:
    from safetensors import SafetensorError
    from safetensors.numpy import load_file

    names = _checked(file, read_safetensors_header(file), config)
    try:
        tensors = load_file(file)
    except (OSError, SafetensorError) as error:
        raise ModelError(f"The directions can't be read: {error}.", where=str(file)) from None
    read = {name: tensors[name].astype(np.float32) for name in names}
    for name, array in read.items():
        if not np.isfinite(array).all():
            raise ModelError(
                f"The direction {name!r} has values that are no finite numbers.",
                where=str(file),
                remedy="Remove the file, or get it once more.",
            )
    return read


def _checked(file: Path, header: SafetensorsHeader, config: GanConfig) -> list[str]:
    fitting = ((config.w_dim,), (config.num_ws, config.w_dim))
    for name, fact in header.tensors.items():
        why = None
        if fact.shape not in fitting or fact.dtype not in ("F16", "F32", "F64"):
            why = f"{name[:60]!r} is of the shape {fact.shape}, which is not the model's"
        elif not _NAME.fullmatch(name):
            why = f"{name[:60]!r} can't be a slider's name"
        if why is not None:
            raise ModelError(
                f"This file of directions doesn't fit: {why}.",
                where=str(file),
                remedy="Move it away; directions fit only the model they were found in.",
            )
    return sorted(header.tensors)
