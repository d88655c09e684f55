"""The conformance kit looks into latents and films, and at what cancelled runs leave behind."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from studio.api import (
    Context,
    FileOutput,
    GeneratorSpec,
    ImageOutput,
    Inputs,
    Latent,
    LatentOutput,
    ModelFacts,
    ModelInfo,
    Output,
    Params,
    Seed,
    Yields,
    seed_field,
)
from studio.api.testing import InlineContext, blank_image, check_generator, run
from tests.support import toy_faces


class P(Params):
    seed: Seed = seed_field()


def _faults(generator: type[Any], kind: Yields) -> list[str]:
    spec: GeneratorSpec[Any] = GeneratorSpec("bad.one", "Bad", "Bad.", P, generator, (kind,), "1")
    return check_generator(spec, {"seed": 1})


@pytest.fixture
def models(tmp_path: Path) -> dict[str, ModelInfo]:
    path = toy_faces.write_model(tmp_path / "plain.face")
    facts = ModelFacts(family="toy-face", format="toy")
    return {"": ModelInfo(id="plain", path=path, facts=facts, content_hash="0", size_bytes=1)}


def _face(value: float) -> Latent:
    return Latent({"w": np.full(3, value, np.float32)}, toy_faces.LAYOUT)


def test_kit_passes_generators_of_latents_films_and_joined_pictures(
    models: dict[str, ModelInfo],
) -> None:
    sample, edit, walk, join = toy_faces.specs()
    assert check_generator(sample, {"seed": 3, "count": 2}, models=models) == []
    face, other = _face(1), _face(-1)
    sliders = {"directions": {"smile": 1.0}}
    assert check_generator(edit, sliders, inputs={"face": face}, models=models) == []
    for format in ("mp4", "gif", "webp", "png"):
        values = {"format": format}
        assert check_generator(walk, values, inputs={"faces": [face, other]}, models=models) == []
    pictures = {"pictures": [blank_image(), blank_image()]}
    assert check_generator(join, {}, inputs=pictures) == []


def test_run_keeps_a_film_in_the_context_given(
    models: dict[str, ModelInfo], tmp_path: Path
) -> None:
    ctx = InlineContext(tmp_path / "work", models=models)
    ctx.work_dir.mkdir()
    inputs = {"faces": [_face(0), _face(1)]}
    (film,) = run(toy_faces.specs()[2], {}, inputs=inputs, ctx=ctx)
    assert isinstance(film, FileOutput)
    assert film.path.read_bytes()[4:8] == b"ftyp"


def test_kit_sees_latents_and_files_that_do_not_repeat() -> None:
    calls = iter(range(100))

    class Drifting:
        def generate(self, params: P, inputs: Inputs, ctx: Context) -> Iterator[Output]:
            ctx.check()
            w = np.full(3, next(calls), np.float32)
            yield LatentOutput({"w": w}, "toy.w", blank_image(4, 4))

    class Writing:
        def generate(self, params: P, inputs: Inputs, ctx: Context) -> Iterator[Output]:
            ctx.check()
            path = ctx.work_dir / "film.gif"
            path.write_bytes(str(next(calls)).encode())
            yield FileOutput(path, "image/gif")

    assert any("same seed differ" in fault for fault in _faults(Drifting, "latent"))
    assert any("same seed differ" in fault for fault in _faults(Writing, "video"))


def test_kit_sees_files_left_by_a_cancel() -> None:
    class Littering:
        def generate(self, params: P, inputs: Inputs, ctx: Context) -> Iterator[Output]:
            (ctx.work_dir / "frames.tmp").write_bytes(b"frames")
            ctx.check()
            (ctx.work_dir / "frames.tmp").unlink()
            yield ImageOutput(blank_image(4, 4))

    assert any("left 'frames.tmp' behind" in fault for fault in _faults(Littering, "image"))


def test_kit_sees_state_that_cancelled_runs_leave() -> None:
    class Remembering:
        def __init__(self) -> None:
            self.half = 0

        def generate(self, params: P, inputs: Inputs, ctx: Context) -> Iterator[Output]:
            pixels = blank_image(4, 4) + np.uint8(self.half)
            self.half += 1
            ctx.check()
            self.half = 0
            yield ImageOutput(pixels)

    faults = _faults(Remembering, "image")
    assert [fault for fault in faults if "after cancelled runs" in fault]


def test_kit_closes_a_film_that_a_cancel_at_a_yield_interrupts() -> None:
    class Showing:
        def generate(self, params: P, inputs: Inputs, ctx: Context) -> Iterator[Output]:
            with ctx.video("walk", 16, 16, 10, "gif") as film:
                film.add(blank_image(16, 16))
                yield ImageOutput(blank_image(16, 16))
            yield film.output()

    spec: GeneratorSpec[Any] = GeneratorSpec(
        "good.one", "Good", "Good.", P, Showing, ("image", "video"), "1"
    )
    assert check_generator(spec, {"seed": 1}) == []
