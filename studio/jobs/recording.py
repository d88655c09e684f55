"""The record of a result, and the check that a plugin yielded one. GPU thread."""

from __future__ import annotations

import functools
import importlib.metadata
import sys
from pathlib import Path
from typing import cast

from studio import __version__
from studio.api.errors import PluginError
from studio.api.outputs import (
    FileOutput,
    ImageOutput,
    LatentOutput,
    Output,
    TextDelta,
    TextOutput,
)
from studio.core.catalogue import RegisteredGenerator
from studio.core.records import ModelUse, Record, utc_now
from studio.jobs.context import JobContext
from studio.jobs.spec import JobSpec

_LIBRARIES = ("torch", "diffusers", "transformers", "xllamacpp", "numpy")


def check_output(output: object, registered: RegisteredGenerator, work_dir: Path) -> Output:
    """The output, if it is one; a file only from the job's own folder, because it will be moved.

    Raises:
        PluginError: names the plugin and what it yielded instead.
    """
    if isinstance(output, FileOutput) and not _is_file_in(Path(output.path), work_dir):
        raise PluginError(
            f"{registered.spec.id} named a file that isn't in its folder: {Path(output.path).name}.",
            where=f"plugin {registered.plugin}",
            remedy="That is a fault of the plugin; tell its author.",
        )
    # Not a subclass: the window's process could not read one without importing its plugin.
    if type(output) in (ImageOutput, TextDelta, TextOutput, LatentOutput, FileOutput):
        return cast(Output, output)
    raise PluginError(
        f"{registered.spec.id} yielded {type(output).__name__}, which is no result.",
        where=f"plugin {registered.plugin}",
        remedy="That is a fault of the plugin; tell its author.",
    )


def _is_file_in(path: Path, folder: Path) -> bool:
    return path.is_file() and path.resolve().is_relative_to(folder.resolve())


def make_record(
    spec: JobSpec,
    output: Output,
    context: JobContext,
    registered: RegisteredGenerator,
    index: int,
    seconds: float,
) -> Record:
    """What really ran for this result; `seconds` since the job began."""
    models = {
        name: ModelUse(id=info.id, title=info.facts.title, content_hash=info.content_hash)
        for name, info in spec.models.items()
    }
    return Record(
        generator_id=spec.generator_id,
        generator_version=registered.spec.version,
        params=dict(spec.params),
        seed=spec.seed,
        index=index,
        result_seed=getattr(output, "seed", None),
        inputs=dict(spec.inputs),
        models=models,
        versions=library_versions(),
        device=context.device,
        dtype=context.dtype,
        memory_level=context.memory_level,
        seconds=round(seconds, 3),
        job_id=spec.job_id,
        created_at=utc_now(),
        extras=dict(getattr(output, "extras", {})),
        placement=getattr(output, "placement", None),
    )


def library_versions() -> dict[str, str]:
    """The studio's version and those of the libraries that are loaded."""
    versions = {"folio": __version__, "python": ".".join(map(str, sys.version_info[:3]))}
    loaded = (name for name in _LIBRARIES if name in sys.modules)
    return versions | {name: _version_of(name) for name in loaded}


@functools.cache
def _version_of(name: str) -> str:
    # Looked up once: metadata is searched on the disk, some milliseconds a name.
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return "unknown"
