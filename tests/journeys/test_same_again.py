"""Every generator that comes along, through the whole studio: its record gives the same bytes again.

Of pictures the pixels are compared: the PNG that the history keeps also holds the record, with its date.
All are made by one engine and made again by another: each test looks at what came of one of them.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from studio.api import Pixels
from studio.app import Studio, build_studio
from studio.commands.history import again_values
from studio.freezing import InputValues
from studio.host.plugins import PluginHost
from studio.io.paths import Paths
from studio.jobs.events import ResultReady
from studio.jobs.spec import JobSpec, JobState
from studio.library.history import HistoryItem
from tests.support.engines import paths_in
from tests.support.tiny_diffusion import tiny_pipeline
from tests.support.tiny_gan import gan_folder
from tests.support.tiny_language import tiny_model
from tests.support.tiny_vae import tiny_kl


def _picture(seed: int) -> Pixels:
    cells = np.random.default_rng(seed).integers(0, 256, (4, 4, 4), dtype=np.uint8)
    cells[..., 3] = 255
    return cells.repeat(10, axis=0).repeat(12, axis=1)


pytestmark = pytest.mark.timeout(600)
"""The first test waits for all that is made."""
PICTURES = [_picture(1), _picture(2)]
FACE = "a face made before"
CASES: Mapping[str, tuple[Mapping[str, Any], InputValues]] = {
    "writer.continue": ({"text": "The sea", "max_new_tokens": 8}, {}),
    "writer.rewrite": ({"text": "The sea", "instruction": "Longer", "max_new_tokens": 8}, {}),
    "writer.ask": ({"text": "The sea", "question": "Which sea?", "max_new_tokens": 8}, {}),
    "writer.summarise": ({"text": "The sea", "max_new_tokens": 8}, {}),
    "writer.outline": ({"text": "The sea", "max_new_tokens": 8}, {}),
    "writer.title": ({"text": "The sea", "max_new_tokens": 8}, {}),
    "writer.brainstorm": ({"kind": "names", "max_new_tokens": 8}, {}),
    "writer.context": ({"text": "The sea", "memory": "It is cold."}, {}),
    "writer.score": ({"text": "The sea"}, {}),
    "images.create": ({"prompt": "a fox", "steps": 3, "width": 64, "height": 64, "count": 2}, {}),
    "images.vary": ({"prompt": "a fox", "steps": 3}, {"image": PICTURES[0]}),
    "images.inpaint": ({"steps": 3, "count": 2}, {"image": PICTURES[0], "mask": PICTURES[1]}),
    "images.outpaint": ({"steps": 3, "left": 9, "scheduler": "tcd"}, {"image": PICTURES[0]}),
    "faces.sample": ({"count": 2, "noise": "random"}, {}),
    "faces.vary": ({"count": 2}, {"face": FACE}),
    "faces.mix": ({"seeds": "1, 2"}, {}),
    "faces.edit": ({"directions": {"PCA 1": 1.5, "SeFa 2": -1.0}}, {"face": FACE}),
    "faces.between": ({"seeds": "1, 2", "steps": 2, "space": "z"}, {}),
    "faces.walk": ({"seeds": "1, 2", "frames": 3, "format": "mp4"}, {}),
    "faces.project": ({"steps": 4}, {"picture": PICTURES[0]}),
    "faces.name_direction": ({"name": "Smile", "directions": {"PCA 1": 1.0}}, {}),
    "morph.between": ({"steps": 2}, {"pictures": PICTURES}),
    "morph.walk": ({"frames_per_leg": 3, "format": "gif"}, {"pictures": PICTURES}),
    "morph.map": ({"x": 0.3}, {"pictures": PICTURES}),
    "morph.blend": ({"weights": {"1": 0.7, "2": 0.3}}, {"pictures": PICTURES}),
    "morph.vary": ({"count": 2}, {"picture": PICTURES[0]}),
    "morph.encode": ({}, {"picture": PICTURES[0]}),
}
MODELS = {"writer": "tiny-writer", "images": "model", "faces": "tiny-gan", "morph": "tiny-vae"}


@asynccontextmanager
async def _running(paths: Paths) -> AsyncIterator[Studio]:
    studio = build_studio(engine="in_process", paths=paths)
    await studio.queue.start()
    try:
        yield studio
    finally:
        await studio.close()


async def _made(studio: Studio, spec: JobSpec) -> list[HistoryItem]:
    handle = studio.queue.submit(spec)
    events = [event async for event in handle]
    assert handle.state is JobState.DONE, handle.error
    ids = [event.result_id for event in events if isinstance(event, ResultReady)]
    return [studio.history.get(result_id) for result_id in ids]


def _bytes_of(studio: Studio, item: HistoryItem) -> tuple[str, bytes]:
    """What must be the same: numbers, words and films by their blob, pictures by their pixels."""
    blob = "" if item.kind == "image" else item.blob_id
    return blob, b"" if item.kind == "text" else studio.history.pixels(item).tobytes()


@pytest.fixture(scope="module")
def paths(tmp_path_factory: pytest.TempPathFactory) -> Paths:
    """A home with a tiny model for each family."""
    root = tmp_path_factory.mktemp("again")
    studio = build_studio(engine="in_process", paths=paths_in(root / "home"))
    models = [
        tiny_model(root / "tiny-writer"),
        tiny_pipeline(root / "pipeline"),
        gan_folder(root / "tiny-gan"),
        tiny_kl(root / "tiny-vae"),
    ]
    assert [studio.models.add(model).id for model in models] == list(MODELS.values())
    asyncio.run(studio.close())
    return studio.paths


def test_cases_are_all_the_generators_that_come_along(tmp_path: Path) -> None:
    host = PluginHost(folder=tmp_path)
    host.load()
    assert set(CASES) == set(host.generators)


@dataclass
class Made:
    """What one generator made at first and again, or what went wrong with it."""

    first: list[tuple[str, bytes]] = field(default_factory=list)
    again: list[tuple[str, bytes]] = field(default_factory=list)
    problem: BaseException | None = None


@pytest.fixture(scope="module")
def made(paths: Paths) -> Mapping[str, Made]:
    return asyncio.run(_all_made_twice(paths))


async def _all_made_twice(paths: Paths) -> dict[str, Made]:
    made = {generator: Made() for generator in CASES}
    records: dict[str, HistoryItem] = {}
    async with _running(paths) as studio:
        for generator, (values, inputs) in CASES.items():
            with _noted(made[generator]):
                items = await _first(studio, generator, values, inputs)
                records[generator] = items[0]
                made[generator].first = [_bytes_of(studio, item) for item in items]
    async with _running(paths) as studio:
        for generator, item in records.items():
            with _noted(made[generator]):
                values = again_values(item, studio.generator(generator))
                spec = studio.make_spec(generator, values, inputs=item.record.inputs)
                items = await _made(studio, spec)
                made[generator].again = [_bytes_of(studio, new) for new in items]
    return made


async def _first(
    studio: Studio, generator: str, values: Mapping[str, Any], inputs: InputValues
) -> list[HistoryItem]:
    model = MODELS[generator.partition(".")[0]]
    given = dict(inputs)
    if given.get("face") == FACE:
        (face,) = await _made(studio, studio.make_spec("faces.sample", {"model": model}))
        given["face"] = face.blob_id
    spec = studio.make_spec(generator, {"model": model, **values}, inputs=given)
    return await _made(studio, spec)


@contextmanager
def _noted(made: Made) -> Iterator[None]:
    """What goes wrong with one generator is its test's, not that of the others."""
    try:
        yield
    except Exception as problem:  # noqa: BLE001 - raised again in its own test
        made.problem = problem


@pytest.mark.parametrize("generator", CASES)
def test_record_run_by_a_new_engine_gives_the_same_bytes(
    generator: str, made: Mapping[str, Made]
) -> None:
    found = made[generator]
    if found.problem is not None:
        raise found.problem
    assert found.first
    assert found.again == found.first
