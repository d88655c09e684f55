"""The conformance kit passes what behaves and names what doesn't."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pydantic import ValidationError

from studio.api import (
    Cancelled,
    Context,
    FileOutput,
    GeneratorSpec,
    ImageOutput,
    Inputs,
    LatentOutput,
    Loaded,
    Loading,
    ModelError,
    ModelFacts,
    ModelInfo,
    Output,
    Params,
    Seed,
    TextDelta,
    TextOutput,
    seed_field,
)
from studio.api.testing import InlineContext, blank_image, check_generator, run
from tests.support.toy_plugin import specs


class P(Params):
    seed: Seed = seed_field()


def _faults(generator: type[Any]) -> list[str]:
    spec: GeneratorSpec[Any] = GeneratorSpec("bad.one", "Bad", "Bad.", P, generator, ("text",), "1")
    return check_generator(spec, {"seed": 1})


def test_kit_passes_good_generators() -> None:
    echo, paint = specs()[:2]
    assert check_generator(echo, {"repeat": 5, "seed": 1}) == []
    assert check_generator(paint, {"seed": 1}) == []


def test_kit_sees_a_generator_that_ignores_its_seed() -> None:
    class Counting:
        calls = 0

        def generate(self, params: P, inputs: Inputs, ctx: Context) -> Iterator[Output]:
            ctx.check()
            Counting.calls += 1
            yield TextOutput(str(Counting.calls))

    assert any("differ" in fault for fault in _faults(Counting))


@pytest.mark.parametrize("kind", ["latent", "video"])
def test_kit_sees_latents_and_films_that_differ(kind: Any) -> None:
    class Counting:
        calls = 0

        def generate(self, params: P, inputs: Inputs, ctx: Context) -> Iterator[Output]:
            ctx.check()
            Counting.calls += 1
            if kind == "latent":
                w = np.full(3, Counting.calls, np.float32)
                yield LatentOutput({"w": w}, "toy.w", np.zeros((1, 1, 3), np.uint8))
            else:
                path = ctx.work_dir / "film"
                path.write_text(str(Counting.calls))
                yield FileOutput(path, "video/mp4")

    spec: GeneratorSpec[Any] = GeneratorSpec("bad.one", "Bad", "Bad.", P, Counting, (kind,), "1")
    assert any("differ" in fault for fault in check_generator(spec, {"seed": 1}))


def load_caching(loading: Loading) -> Loaded[str]:
    """Converts once, and is quicker when it finds what it converted."""
    cached = loading.cache_dir / "cached"
    for _ in range(1 if cached.exists() else 5):
        loading.check()
    cached.touch()
    return Loaded("x", 1)


def test_kit_gives_each_run_a_cache_of_its_own(tmp_path: Path) -> None:
    class Caching:
        def generate(self, params: P, inputs: Inputs, ctx: Context) -> Iterator[Output]:
            yield TextOutput(ctx.model("toy", load_caching))

    spec: GeneratorSpec[Any] = GeneratorSpec("bad.one", "Bad", "Bad.", P, Caching, ("text",), "1")
    facts = ModelFacts(family="toy", format="toy")
    info = ModelInfo(id="toy", path=tmp_path, facts=facts, content_hash="0", size_bytes=1)
    assert check_generator(spec, {"seed": 1}, models={"toy": info}) == []


def test_kit_sees_a_generator_without_cancel_points() -> None:
    class Blunt:
        def generate(self, params: P, inputs: Inputs, ctx: Context) -> Iterator[Output]:
            yield TextOutput("x")

    assert any("no cancel point" in fault for fault in _faults(Blunt))


def test_kit_sees_deltas_that_do_not_join_and_nothing_at_all() -> None:
    class Torn:
        def generate(self, params: P, inputs: Inputs, ctx: Context) -> Iterator[Output]:
            ctx.check()
            yield TextDelta("a")
            yield TextOutput("b")

    class Silent:
        def generate(self, params: P, inputs: Inputs, ctx: Context) -> Iterator[Output]:
            ctx.check()
            yield from ()

    assert any("join" in fault for fault in _faults(Torn))
    assert any("no result" in fault for fault in _faults(Silent))


def test_kit_sees_a_result_of_a_kind_that_was_not_promised() -> None:
    class Painter:
        def generate(self, params: P, inputs: Inputs, ctx: Context) -> Iterator[Output]:
            ctx.check()
            yield ImageOutput(blank_image(4, 4))

    assert _faults(Painter) == ["it yields image, but its spec promises text"]


def test_kit_sees_a_generator_that_eats_the_cancel() -> None:
    class Deaf:
        def generate(self, params: P, inputs: Inputs, ctx: Context) -> Iterator[Output]:
            for _ in range(3):
                with contextlib.suppress(Cancelled):
                    ctx.check()
            yield TextOutput("x")

    assert any("went on after a cancel" in fault for fault in _faults(Deaf))


def test_run_gives_all_outputs_and_a_seeded_generator() -> None:
    class Dice:
        def generate(self, params: P, inputs: Inputs, ctx: Context) -> Iterator[Output]:
            ctx.progress(1, 1, "rolling")
            yield TextOutput(str(np.random.default_rng(ctx.seed).integers(1000)))

    spec: GeneratorSpec[Any] = GeneratorSpec("bad.dice", "Dice", "Rolls.", P, Dice, ("text",), "1")
    assert run(spec, {"seed": 4}) == run(spec, {"seed": 4})
    assert run(spec, {"seed": 4}) != run(spec, {"seed": 5})
    with pytest.raises(ValidationError):
        run(spec, {"seed": "x"})


def test_context_without_the_model_says_so() -> None:
    class Hungry:
        def generate(self, params: P, inputs: Inputs, ctx: Context) -> Iterator[Output]:
            ctx.model_info("none")
            yield TextOutput("x")

    spec: GeneratorSpec[Any] = GeneratorSpec("bad.hungry", "H", "H.", P, Hungry, ("text",), "1")
    with pytest.raises(ModelError, match="none"):
        run(spec, {})


def test_context_has_a_folder_of_data_that_lasts_over_runs(tmp_path: Path) -> None:
    kept = tmp_path / "kept"
    first, second = (InlineContext(tmp_path / name, data_folder=kept) for name in ("a", "b"))
    assert not kept.exists()
    (first.data_dir / "named").write_text("smile")
    assert (second.data_dir / "named").read_text() == "smile"
    assert InlineContext(tmp_path).data_dir.is_dir()
