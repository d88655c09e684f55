"""Generators that behave, and generators that misbehave in every way a plugin can. No torch."""

from __future__ import annotations

import ctypes
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, Literal

import numpy as np
from pydantic import Field

from studio.api import (
    Cancelled,
    Context,
    FileOutput,
    GeneratorSpec,
    ImageOutput,
    Inputs,
    Loaded,
    Loading,
    Output,
    Params,
    Seed,
    StudioError,
    TextDelta,
    TextOutput,
    Yields,
    hookimpl,
    seed_field,
)
from studio.core.catalogue import RegisteredGenerator
from studio.jobs.host import EngineOptions

FOLIO_API = 1

Fault = Literal[
    "raise", "studio error", "in cancel", "nonsense", "nothing", "segfault", "kill", "memory",
    "memory once", "memory late", "never yield", "exit", "wait", "wait to finish", "unshowable",
    "unpicklable", "subclass", "modules", "file", "foreign file",
]  # fmt: skip


class EchoParams(Params):
    text: str = Field("hello", description="What to say.")
    repeat: int = Field(1, ge=1, le=1_000_000, description="How often.")
    seed: Seed = seed_field()


class Echo:
    def generate(self, params: EchoParams, inputs: Inputs, ctx: Context) -> Iterator[Output]:
        said = ""
        for index in range(params.repeat):
            if ctx.stopping:
                break
            ctx.progress(index + 1, params.repeat)
            said += params.text
            yield TextDelta(params.text)
        yield TextOutput(said, seed=params.seed)


class PaintParams(Params):
    side: int = Field(32, ge=1, le=4096, description="Width and height in pixels.")
    steps: int = Field(4, ge=1, le=1_000_000, description="How many steps.")
    count: int = Field(1, ge=1, le=1000, description="How many pictures.")
    seed: Seed = seed_field()


class Paint:
    def generate(self, params: PaintParams, inputs: Inputs, ctx: Context) -> Iterator[Output]:
        for index in range(params.count):
            random = np.random.default_rng(ctx.seed + index)
            pixels = random.integers(0, 255, (params.side, params.side, 4), np.uint8)
            for step in range(params.steps):
                ctx.progress(step + 1, params.steps)
                if ctx.wants_preview:
                    ctx.preview(pixels)
            yield ImageOutput(pixels, seed=ctx.seed + index)


class FaultParams(Params):
    fault: Fault = Field("raise", description="How to misbehave.")


class Faulty:
    def generate(self, params: FaultParams, inputs: Inputs, ctx: Context) -> Iterator[Output]:
        ctx.progress(1, 2)
        fault: Callable[[Context], object] = _FAULTS[params.fault]
        outcome = fault(ctx)
        if isinstance(outcome, list):
            for output in outcome:
                yield output() if callable(output) else output
            return
        if params.fault != "nothing":
            yield outcome  # type: ignore[misc]


def _raise(ctx: Context) -> object:
    raise ZeroDivisionError("a bug of the plugin's")


def _studio_error(ctx: Context) -> object:
    raise StudioError("The paper is torn.", where="tray 2", remedy="Put in a new one.")


def _in_cancel(ctx: Context) -> object:
    try:
        while True:
            ctx.check()
    except Cancelled:
        raise ValueError("a bug while tidying up") from None


def _segfault(ctx: Context) -> object:
    return ctypes.string_at(0)


def _kill(ctx: Context) -> object:
    os.kill(os.getpid(), signal.SIGKILL)
    return None


def _memory(ctx: Context) -> object:
    raise MemoryError("tried to allocate 96 GiB")


def _memory_once(ctx: Context) -> object:
    if ctx.memory_level == 0:
        raise MemoryError("tried to allocate 96 GiB")
    return TextOutput(f"level {ctx.memory_level}")


def _memory_late(ctx: Context) -> object:
    """Tells half, runs out of memory, and when run again tells the whole."""

    def second() -> Output:
        if ctx.memory_level == 0:
            raise MemoryError("tried to allocate 96 GiB")
        return TextOutput("second", seed=2)

    return [
        TextDelta("fir"),
        TextDelta("st"),
        TextOutput("first", seed=1),
        TextDelta("sec"),
        second,
    ]


def _wait_to_finish(ctx: Context) -> object:
    while not ctx.stopping:
        ctx.check()
    return []


def _unshowable(ctx: Context) -> object:
    class Unshowable(Exception):
        def __str__(self) -> str:
            raise ValueError("no words")

    raise Unshowable


def _unpicklable(ctx: Context) -> object:
    raise StudioError(lambda: "no sentence")  # type: ignore[arg-type]


class OwnText(TextOutput):
    """An output that only this plugin knows."""


def _modules(ctx: Context) -> object:
    heavy = {name.partition(".")[0] for name in sys.modules}
    return TextOutput(" ".join(sorted(heavy & {"PySide6", "qasync", "torch"})))


def _file(ctx: Context) -> object:
    path = ctx.work_dir / "film.mp4"
    path.write_bytes(b"film")
    return FileOutput(path, "video/mp4")


def _never_yield(ctx: Context) -> object:
    while True:
        pass


def _wait(ctx: Context) -> object:
    while True:
        ctx.check()


def _exit(ctx: Context) -> object:
    raise SystemExit(3)


_FAULTS: Mapping[str, Callable[[Context], object]] = {
    "raise": _raise,
    "studio error": _studio_error,
    "in cancel": _in_cancel,
    "nonsense": lambda ctx: 42,
    "nothing": lambda ctx: None,
    "segfault": _segfault,
    "kill": _kill,
    "memory": _memory,
    "memory once": _memory_once,
    "memory late": _memory_late,
    "wait to finish": _wait_to_finish,
    "unshowable": _unshowable,
    "unpicklable": _unpicklable,
    "subclass": lambda ctx: OwnText("mine"),
    "modules": _modules,
    "file": _file,
    "foreign file": lambda ctx: FileOutput(Path(__file__), "text/x-python"),
    "never yield": _never_yield,
    "exit": _exit,
    "wait": _wait,
}


def _broken_factory() -> Faulty:
    raise ImportError("no such library")


class LoadParams(Params):
    model: str = ""


class Load:
    def generate(self, params: LoadParams, inputs: Inputs, ctx: Context) -> Iterator[Output]:
        yield TextOutput(ctx.model(params.model, load_slowly))


def load_slowly(loading: Loading) -> Loaded[str]:
    """A loader with a cancel point after every thousandth."""
    name = loading.model.path.name
    for shard in range(1_000_000 if name.startswith("endless") else 3):
        loading.progress(shard / 1_000_000, f"shard {shard}")
    return Loaded(f"loaded {name}", size_bytes=10)


def specs() -> list[GeneratorSpec[Any]]:
    def spec(
        verb: str, params: type[Params], factory: Callable[[], Any], yields: Yields = "text"
    ) -> GeneratorSpec[Any]:
        return GeneratorSpec(
            id=f"toy.{verb}", title=verb.capitalize(), description=f"Toy: {verb}.", params=params,
            factory=factory, yields=(yields,), version="1",
        )  # fmt: skip

    return [
        spec("echo", EchoParams, Echo),
        spec("paint", PaintParams, Paint, "image"),
        spec("fault", FaultParams, Faulty),
        spec("unmade", FaultParams, _broken_factory),
        spec("load", LoadParams, Load),
    ]


@hookimpl
def folio_generators() -> list[GeneratorSpec[Any]]:
    return specs()


def bootstrap(options: EngineOptions) -> dict[str, RegisteredGenerator]:
    """For engines in tests: the toys, without any plugin host."""
    return {spec.id: RegisteredGenerator(spec, "toy") for spec in specs()}


def held_bootstrap(options: EngineOptions) -> dict[str, RegisteredGenerator]:
    """Never comes up while there is a file "hold" in the cache's folder."""
    if (options.paths.cache / "hold").exists():
        threading.Event().wait()
    return bootstrap(options)


def broken_bootstrap(options: EngineOptions) -> dict[str, RegisteredGenerator]:
    raise ImportError("no such generators")
