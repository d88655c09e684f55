"""The hooks. A plugin is a module (or package) that implements some of them and says

    FOLIO_API = 1

so that the studio knows which major version of this page it was written for.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import pluggy

from studio.api.generator import GeneratorSpec
from studio.api.models import ModelFacts, ModelInfo
from studio.api.sliders import ExplorerSpec, SliderSpec

API_MAJOR = 1
PROJECT = "folio"

hookspec = pluggy.HookspecMarker(PROJECT)
hookimpl = pluggy.HookimplMarker(PROJECT)


@hookspec
def folio_generators() -> Iterable[GeneratorSpec[Any]]:
    """The generators this plugin offers.

    When: once, at load. Thread: the caller's, in the window's and in the engine's process; so no
    torch here. Error: the plugin is disabled with the reason. Since: 1.
    """
    raise NotImplementedError


@hookspec
def folio_recognise_model(path: Path) -> ModelFacts | None:
    """What the model at `path` (a file or folder) is, or None if it isn't this plugin's kind.

    Look at content, not at suffixes; read headers only. A file that is of this plugin's kind but
    damaged or unsafe: raise ModelError.
    When: a model is added or the store is scanned. Thread: an I/O thread or the command line's.
    Error: ModelError is shown; anything else counts as "not mine" and is logged. Since: 1.
    """
    raise NotImplementedError


@hookspec
def folio_sliders(model: ModelInfo, source: str, data_dir: Path) -> Sequence[SliderSpec] | None:
    """The sliders a model brings along for fields with `WeightsHint(source)`, or None if they are
    not this plugin's. Read headers and small files beside the model, or in `data_dir`, only; no torch.
    `data_dir` is as `Context.data_dir`, but may not be there yet. An implementation may leave out
    arguments it doesn't need.

    When: a model is chosen in a form, or a job with such a field is frozen. Thread: an I/O thread
    or the command line's. Error: StudioError is shown; anything else counts as None and is logged.
    Since: 1.
    """
    raise NotImplementedError


@hookspec
def folio_explorers() -> Iterable[ExplorerSpec]:
    """Panels to explore this plugin's results in; their generators are this plugin's own.

    When: once, at load. Thread: as `folio_generators`. Error: the plugin is disabled with the
    reason. Since: 1.
    """
    raise NotImplementedError
