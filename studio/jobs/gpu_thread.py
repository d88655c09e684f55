"""The engine: one thread that loads, runs and frees everything. Knows nothing of Qt or of its host."""

from __future__ import annotations

import contextlib
import logging
import os
import queue
import shutil
import sys
import threading
import time
from collections.abc import Callable, Mapping
from collections.abc import Generator as GeneratorType
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from studio.api.errors import Cancelled, MemoryShortage, PluginError
from studio.api.generator import Generator
from studio.api.inputs import Inputs
from studio.api.outputs import Output, TextDelta
from studio.core.catalogue import RegisteredGenerator
from studio.jobs import device as devices
from studio.jobs.allocator import keep_freed_memory
from studio.jobs.cache import ModelCache
from studio.jobs.cancel import CancelToken
from studio.jobs.context import JobContext
from studio.jobs.events import EngineStatus, Progressed, StateChanged
from studio.jobs.failure import error_text, words_of
from studio.jobs.host import EngineOptions
from studio.jobs.leftovers import results_folder, sweep_leftovers, work_folder
from studio.jobs.mailbox import Message
from studio.jobs.recording import check_output, make_record
from studio.jobs.spec import JobSpec, JobState
from studio.jobs.telling import Telling

log = logging.getLogger(__name__)

MEMORY_LEVELS = 3


@dataclass(frozen=True)
class _Run:
    spec: JobSpec
    inputs: Inputs


class _FreeModels:
    pass


class GpuThread:
    """Takes requests from any thread, runs them one by one, says what happens through `emit`.

    Args:
        generators: What can be run, by id.
        emit: Called with every event and status: on the GPU thread, or on that of `cancel` for a job
            that wasn't begun.
        after: Another engine's thread that has to end before this one begins.
    """

    def __init__(
        self,
        generators: Mapping[str, RegisteredGenerator],
        options: EngineOptions,
        emit: Callable[[Message], None],
        after: GpuThread | None = None,
    ) -> None:
        self._generators = generators
        self._options = options
        self._emit = emit
        self._after = after
        self._requests: queue.SimpleQueue[_Run | _FreeModels | None] = queue.SimpleQueue()
        self._tokens: dict[str, CancelToken] = {}
        self._waiting: set[str] = set()
        self._lock = threading.Lock()
        # Or a refresh could overtake the thread and leave an idle engine shown as busy.
        self._saying = threading.Lock()
        self._made: dict[str, Generator[Any]] = {}
        self._choice = devices.choose_device(devices.facts_without_torch())
        self._cache = ModelCache(0, lambda: devices.give_memory_back(self._choice.device))
        self._status = EngineStatus("starting")
        self._torch_prepared = False
        self._thread = threading.Thread(target=self._loop, name="folio-gpu", daemon=True)

    @property
    def status(self) -> EngineStatus:
        return self._status

    @property
    def alive(self) -> bool:
        return self._thread.is_alive()

    def start(self) -> None:
        keep_freed_memory()
        self._thread.start()

    def submit(self, spec: JobSpec, inputs: Inputs) -> None:
        with self._lock:
            self._tokens[spec.job_id] = CancelToken()
            self._waiting.add(spec.job_id)
        self._requests.put(_Run(spec, inputs))

    def cancel(self, job_id: str) -> None:
        """At once for a job that waits (the thread may be importing libraries for seconds)."""
        with self._lock:
            token = self._tokens.get(job_id)
            waits = job_id in self._waiting
            if waits:
                self._waiting.remove(job_id)
                del self._tokens[job_id]
        if waits:
            self._emit(StateChanged(job_id, JobState.CANCELLED))
        elif token is not None:
            token.cancel()

    def finish_early(self, job_id: str) -> None:
        with self._lock:
            token = self._tokens.get(job_id)
        if token is not None:
            token.finish_early()

    def free_models(self) -> None:
        self._requests.put(_FreeModels())

    def refresh(self) -> None:
        """Say again how much memory is in use. Any thread."""
        used = devices.memory_used(self._choice.device)
        with self._saying:
            self._status = replace(self._status, memory_used=used)
            self._emit(self._status)

    def stop(self, timeout_s: float = 5.0) -> bool:
        """Cancel everything and end the thread; False if it didn't end in time. Idempotent."""
        self.ask_to_stop()
        if self._thread.ident is not None and self._thread is not threading.current_thread():
            self._thread.join(timeout_s)
        return not self._thread.is_alive()

    def ask_to_stop(self) -> None:
        """The same without waiting."""
        with self._lock:
            jobs = list(self._tokens)
        for job_id in jobs:
            self.cancel(job_id)
        self._requests.put(None)

    # Everything below runs on the GPU thread.

    def _loop(self) -> None:
        if self._after is not None:
            self._after._thread.join()
            self._after = None
        # Read when torch is first imported, whoever does that: spinning threads beside another
        # busy process took all speed away in a trial.
        os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
        sweep_leftovers(self._options.paths.cache)
        if self._options.warm_up:
            self._warm_up()
        self._say("idle")
        while True:
            request = self._requests.get()
            if request is None:
                break
            if isinstance(request, _FreeModels):
                self._cache.free_all()
                self._say("idle")
                continue
            self._say("busy")
            self._run(request)
            # Nothing of the last job may live on in this frame while the thread waits.
            request = None
            self._say("idle")
        self._cache.free_all()
        self._made.clear()

    def _say(self, state: str) -> None:
        status = EngineStatus(
            state=state,
            device=self._choice.device,
            device_name=self._choice.title,
            memory_used=devices.memory_used(self._choice.device),
            memory_total=self._choice.total_bytes,
            torch_ready=self._torch_prepared,
        )
        with self._saying:
            self._status = status
            self._emit(status)

    def _warm_up(self) -> None:
        try:
            self._prepare_torch()
            devices.warm_up()
        except Exception:  # border to libraries: without them the first job says what is wrong
            log.exception("the libraries could not be warmed up")
        devices.freeze_garbage()

    def _prepare_torch(self) -> None:
        """Choose the device with all facts and set torch up, once."""
        if self._torch_prepared:
            return
        cores = devices.physical_cores()
        devices.prepare_torch(devices.limit_threads(cores, self._options.threads))
        options = self._options
        self._choice = devices.choose_device(
            devices.facts_from_torch(), options.device, options.dtype
        )
        budget = options.memory_budget_bytes
        self._cache.budget_bytes = (
            budget
            if budget is not None
            else devices.cache_budget(self._choice, options.cache_fraction)
        )
        self._torch_prepared = True

    def _run(self, request: _Run) -> None:
        spec = request.spec
        started = time.monotonic()
        with self._lock:
            token = self._tokens.get(spec.job_id)
            self._waiting.discard(spec.job_id)
        if token is None:
            return  # cancelled while it waited, which was said then
        state, error = JobState.FAILED, None
        try:
            if spec.models and not self._torch_prepared:
                self._emit(StateChanged(spec.job_id, JobState.LOADING))
                self._emit(Progressed(spec.job_id, 0, None, "Starting the libraries"))
                self._prepare_torch()
                token.check()
            self._emit(StateChanged(spec.job_id, JobState.RUNNING))
            self._climb_memory_ladder(request, token, started)
            state = JobState.DONE
        except Cancelled:
            state = JobState.CANCELLED
        except BaseException as problem:  # noqa: BLE001 - the worker loop's border: a plugin's bug ends the job only
            registered = self._generators.get(spec.generator_id)
            error = error_text(problem, registered.plugin if registered is not None else "")
        finally:
            with self._lock:
                self._tokens.pop(spec.job_id, None)
            shutil.rmtree(self._work_dir(spec), ignore_errors=True)
        if token.cancelled and state is not JobState.DONE:
            state, error = JobState.CANCELLED, None
        self._emit(StateChanged(spec.job_id, state, error, time.monotonic() - started))

    def _climb_memory_ladder(self, request: _Run, token: CancelToken, started: float) -> None:
        """Run; on out-of-memory free everything and run again with less, then say what didn't fit."""
        level = min(request.spec.memory_level, MEMORY_LEVELS - 1)
        results = results_folder(self._options.paths.cache)
        telling = Telling(request.spec.job_id, self._emit, results)
        while True:
            telling.begin_again()
            try:
                self._generate(request, token, telling, started, level)
                return
            except Exception as problem:
                if not devices.is_out_of_memory(problem):
                    raise
                wanted = (words_of(problem).splitlines() or ["no size was given"])[0]
            # Outside the except block, so that the traceback pins no tensors any more.
            freed = self._cache.free_all()
            level += 1
            log.warning("out of memory (%s); freed %d bytes, level %d", wanted, freed, level)
            if level >= MEMORY_LEVELS:
                total = self._choice.total_bytes / devices.GIB
                raise MemoryShortage(
                    f"The memory of {self._choice.title} ({total:.1f} GB) did not suffice, even after "
                    f"all models were freed and the work was cut small ({wanted}).",
                    where=request.spec.generator_id,
                    remedy="Choose a smaller size, a smaller model, or close other programs.",
                )

    def _generate(
        self, request: _Run, token: CancelToken, telling: Telling, started: float, level: int
    ) -> None:
        spec = request.spec
        registered = self._registered(spec)
        # First, because its factory may import torch, and only then the device is known.
        generator = self._generator(registered)
        if "torch" in sys.modules:
            self._prepare_torch()
        context = JobContext(
            spec,
            token,
            self._choice,
            self._cache,
            telling,
            prepare_torch=self._prepare_torch,
            work_dir=self._work_dir(spec),
            data_dir=self._options.paths.plugin_data(registered.plugin),
            conversions_dir=self._options.paths.cache / "converted",
            memory_level=level,
        )
        try:
            params = registered.spec.params.model_validate(spec.params)
            outputs = self._outputs(generator, params, request.inputs, context, registered)
            with devices.inference(), contextlib.closing(outputs):
                for output in outputs:
                    token.check()
                    if isinstance(output, TextDelta):
                        telling.text(output.text, output.tokens, output.token_facts)
                        continue
                    seconds = time.monotonic() - started
                    index = telling.index
                    record = make_record(spec, output, context, registered, index, seconds)
                    telling.result(output, record)
            if telling.index == 0 and token.finishing:
                raise Cancelled  # asked to stop before there was anything to keep
            if telling.index == 0:
                raise PluginError(
                    f"{registered.spec.id} ended without a result.",
                    where=f"plugin {registered.plugin}",
                    remedy="That is a fault of the plugin; tell its author.",
                )
        finally:
            context.close()

    def _outputs(
        self,
        generator: Generator[Any],
        params: Any,
        inputs: Inputs,
        context: JobContext,
        registered: RegisteredGenerator,
    ) -> GeneratorType[Output, None, None]:
        made = generator.generate(params, inputs, context)
        if not hasattr(made, "__next__"):
            raise PluginError(
                f"{registered.spec.id} returned {type(made).__name__} instead of yielding results.",
                where=f"plugin {registered.plugin}",
                remedy="That is a fault of the plugin; tell its author.",
            )
        try:
            for output in made:
                yield check_output(output, registered, self._work_dir(context.spec))
        finally:
            close = getattr(made, "close", None)
            if close is not None:
                close()

    def _registered(self, spec: JobSpec) -> RegisteredGenerator:
        try:
            return self._generators[spec.generator_id]
        except KeyError:
            raise PluginError(
                f"There is no generator {spec.generator_id!r} in the engine.",
                where=spec.title or spec.generator_id,
                remedy="Its plugin may be disabled or broken: see 'studio plugins list'.",
            ) from None

    def _generator(self, registered: RegisteredGenerator) -> Generator[Any]:
        made = self._made.get(registered.spec.id)
        if made is None:
            made = registered.spec.factory()
            self._made[registered.spec.id] = made
        return made

    def _work_dir(self, spec: JobSpec) -> Path:
        return work_folder(self._options.paths.cache) / spec.job_id
