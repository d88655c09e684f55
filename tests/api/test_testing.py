"""The conformance kit passes what behaves and names what doesn't."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from studio.api import (
    Context,
    GeneratorSpec,
    Inputs,
    Output,
    Params,
    Seed,
    TextDelta,
    TextOutput,
    seed_field,
)
from studio.api.testing import check_generator
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
