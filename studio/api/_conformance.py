"""Whether a generator behaves: what it yields, repeats, leaves behind and carries over. Any thread."""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from studio.api._inline import InlineContext, run_on, seed_in
from studio.api.errors import Cancelled
from studio.api.generator import Generator, GeneratorSpec
from studio.api.inputs import GivenByName, Inputs
from studio.api.models import ModelInfo
from studio.api.outputs import (
    FileOutput,
    ImageOutput,
    LatentOutput,
    Output,
    TextDelta,
    TextOutput,
)

_KINDS: Mapping[type, str] = {
    ImageOutput: "image",
    TextOutput: "text",
    LatentOutput: "latent",
    FileOutput: "video",
}
Fingerprints = list[tuple[str, ...]]


def check_generator(
    spec: GeneratorSpec[Any],
    values: Mapping[str, Any],
    *,
    inputs: GivenByName | Inputs | None = None,
    models: Mapping[str, ModelInfo] | None = None,
) -> list[str]:
    """What is wrong with a generator, a sentence each; empty when it behaves.

    It must yield what it promised, join its deltas into its text, give the same bytes with the same
    seed, have more than one cancel point, obey a cancel at the first, a middle and the last one
    without leaving a file, and after all that still make the same, since a panel that redraws live
    runs one generator over and over with cancels between.
    """
    faults: list[str] = []
    with tempfile.TemporaryDirectory() as folder:
        trial = _Trial(spec, values, inputs, models or {}, Path(folder))
        made = spec.factory()
        loaded: dict[tuple[str, str, str], object] = {}
        ctx, first, outputs = trial.whole_run(made, loaded)
        faults += _faults_of(spec, outputs)
        if trial.whole_run(spec.factory(), {})[1] != first:
            faults.append("two runs with the same seed differ")
        if ctx.checks < 2:
            faults.append(
                "it has no cancel point before its end: call ctx.check() or ctx.progress()"
            )
        # The middle last: that is where most is half done when the next run begins.
        for cancel_at in dict.fromkeys((ctx.checks, 1, max(1, ctx.checks // 2))):
            faults += trial.cancelled_run(made, cancel_at, ctx.checks)
        if trial.whole_run(made, loaded)[1] != first:
            faults.append("after cancelled runs it makes something else: it keeps state of them")
    return faults


@dataclass
class _Trial:
    """Runs of one generator with the same values, each in a folder of its own."""

    spec: GeneratorSpec[Any]
    values: Mapping[str, Any]
    inputs: GivenByName | Inputs | None
    models: Mapping[str, ModelInfo]
    folder: Path
    runs: int = field(default=0, init=False)

    def whole_run(
        self, generator: Generator[Any], loaded: dict[tuple[str, str, str], object]
    ) -> tuple[InlineContext, Fingerprints, list[Output]]:
        ctx = self._context(loaded)
        outputs = run_on(generator, self.spec, self.values, self.inputs, ctx)
        return ctx, [fingerprint(o) for o in outputs if not isinstance(o, TextDelta)], outputs

    def cancelled_run(self, generator: Generator[Any], cancel_at: int, of: int) -> Iterator[str]:
        ctx = self._context({}, cancel_at)
        obeyed = False
        try:
            run_on(generator, self.spec, self.values, self.inputs, ctx)
        except Cancelled:
            obeyed = ctx.checks == cancel_at  # more, where it was caught and ignored
        if not obeyed:
            yield f"it went on after a cancel at point {cancel_at} of {of}"
        results = {Path(o.path).resolve() for o in ctx.outputs if isinstance(o, FileOutput)}
        left = [path for path in ctx.work_dir.rglob("*") if path.is_file()]
        for path in left:
            if path.resolve() not in results:
                yield f"it left {path.name!r} behind after a cancel at point {cancel_at} of {of}"

    def _context(
        self, loaded: dict[tuple[str, str, str], object], cancel_at: int | None = None
    ) -> InlineContext:
        self.runs += 1
        work_dir = self.folder / str(self.runs)
        work_dir.mkdir()
        return InlineContext(
            work_dir,
            seed=seed_in(self.values),
            models=self.models,
            cancel_at=cancel_at,
            loaded=loaded,
            # Its own too: what one run left there would change the others' cancel points.
            cache_dir=self.folder / f"cache-{self.runs}",
            data_folder=self.folder / f"data-{self.runs}",
        )


def fingerprint(output: Output) -> tuple[str, ...]:
    """What must be the same when a result is made again. A file must still be there."""
    if isinstance(output, ImageOutput):
        return ("image", str(output.pixels.shape), _digest(output.pixels.tobytes()))
    if isinstance(output, LatentOutput):
        arrays = output.arrays.items()
        parts = [f"{name} {array.shape} {_digest(array.tobytes())}" for name, array in arrays]
        return ("latent", output.layout, *parts, _digest(output.pixels.tobytes()))
    if isinstance(output, FileOutput):
        return ("file", output.media_type, _digest(Path(output.path).read_bytes()))
    return ("text", output.text)


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _faults_of(spec: GeneratorSpec[Any], outputs: list[Output]) -> Iterator[str]:
    """What can be seen from one run's results."""
    if all(isinstance(output, TextDelta) for output in outputs):
        yield "it yields no result"
    kinds = {_KINDS[type(output)] for output in outputs if type(output) in _KINDS}
    for kind in sorted(kinds - set(spec.yields)):
        yield f"it yields {kind}, but its spec promises {', '.join(spec.yields)}"
    if "text" in spec.yields and not _deltas_join(outputs):
        yield "its text deltas don't join into its text"


def _deltas_join(outputs: list[Output]) -> bool:
    pending = ""
    streamed = False
    for output in outputs:
        if isinstance(output, TextDelta):
            pending, streamed = pending + output.text, True
        elif isinstance(output, TextOutput):
            if streamed and pending != output.text:
                return False
            pending, streamed = "", False
    return not streamed
