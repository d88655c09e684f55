"""What the engine costs: jobs through the queue beside the same calls made straight to the libraries.

One process, one thread setting, models loaded beforehand, turn by turn.
"""

from __future__ import annotations

import asyncio
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from studio.api.models import ModelInfo
from studio.app import Studio, build_studio
from studio.jobs import device as devices
from studio.jobs.events import ResultReady
from studio.jobs.spec import JobState
from tests.benchmarks.figure import Figure, at_least, paired
from tests.support.engines import paths_in
from tests.support.tiny_diffusion import tiny_pipeline
from tests.support.tiny_language import tiny_tokenizer

TOKENS = 96
STEPS = 24
SIDE_PX = 128
PROMPT = "The lighthouse keeper climbed the stairs and"


def figures() -> Iterator[Figure]:
    devices.prepare_torch(devices.limit_threads(devices.physical_cores()))
    with tempfile.TemporaryDirectory() as folder, asyncio.Runner() as runner:
        studio = build_studio(engine="in_process", paths=paths_in(Path(folder)))
        runner.run(studio.queue.start())
        try:
            bench = _Bench(studio, runner, Path(folder))
            yield bench.llama()
            yield bench.transformers()
            yield bench.diffusers()
        finally:
            runner.run(studio.close())


class _Bench:
    def __init__(self, studio: Studio, runner: asyncio.Runner, folder: Path) -> None:
        self._studio = studio
        self._runner = runner
        self._folder = folder

    def llama(self) -> Figure:
        import xllamacpp

        from studio_plugins.llm_writer.llama_engine import llama_sampling
        from studio_plugins.llm_writer.params import ContinueParams

        info = self._studio.models.best("language")
        params = xllamacpp.CommonParams()
        params.model.path = str(info.path)
        params.n_ctx, params.n_parallel, params.n_threads_http = 8192, 1, 1
        params.n_batch = params.n_ubatch = 128
        threads = devices.limit_threads(devices.physical_cores())
        params.cpuparams.n_threads = params.cpuparams_batch.n_threads = threads
        params.hostnames, params.port = [str(self._folder / "bare.sock")], 0
        server = xllamacpp.Server(params)
        sampling = ContinueParams(temperature=0, max_new_tokens=TOKENS, repetition_penalty=1)
        body = {**llama_sampling(sampling, 1, 8192), "prompt": PROMPT, "cache_prompt": False}

        def bare() -> float:
            started = time.perf_counter()
            server.handle_completions(body, lambda chunk: False)
            return time.perf_counter() - started

        def ours() -> float:
            return self._job(
                "writer.continue", model=info.id, text=PROMPT, temperature=0, max_new_tokens=TOKENS,
                repetition_penalty=1, seed=1,
            )  # fmt: skip

        return _figure("tokens/s through the engine: llama.cpp", bare, ours, TOKENS)

    def transformers(self) -> Figure:
        import torch
        from transformers import AutoModelForCausalLM, LlamaConfig, LlamaForCausalLM

        folder = self._folder / "llama"
        tokenizer = tiny_tokenizer()
        torch.manual_seed(0)
        config = LlamaConfig(
            vocab_size=len(tokenizer), hidden_size=512, intermediate_size=1536, num_hidden_layers=8,
            num_attention_heads=8, max_position_embeddings=512, bos_token_id=tokenizer.bos_token_id,
            eos_token_id=None,
        )  # fmt: skip
        LlamaForCausalLM(config).save_pretrained(folder)
        tokenizer.save_pretrained(folder)
        info = self._studio.models.add(folder)
        model = AutoModelForCausalLM.from_pretrained(folder).eval()
        ids = tokenizer(PROMPT, return_tensors="pt")["input_ids"]

        def bare() -> float:
            started = time.perf_counter()
            with torch.inference_mode():
                model.generate(
                    ids, attention_mask=torch.ones_like(ids), max_new_tokens=TOKENS, do_sample=False,
                    pad_token_id=0, eos_token_id=tokenizer.eos_token_id, min_new_tokens=TOKENS,
                )  # fmt: skip
            return time.perf_counter() - started

        made: list[int] = []

        def ours() -> float:
            seconds = self._job(
                "writer.continue", model=info.id, text=PROMPT, temperature=0, max_new_tokens=TOKENS,
                repetition_penalty=1, seed=1, made=made,
            )  # fmt: skip
            return seconds * TOKENS / made[-1]

        return _figure("tokens/s through the engine: transformers", bare, ours, TOKENS)

    def diffusers(self) -> Figure:
        import torch
        from diffusers import StableDiffusionPipeline

        folder = tiny_pipeline(self._folder / "pipeline", base=128)
        info: ModelInfo = self._studio.models.add(folder)
        pipe = StableDiffusionPipeline.from_pretrained(folder, local_files_only=True)
        pipe.set_progress_bar_config(disable=True)

        def bare() -> float:
            started = time.perf_counter()
            with torch.inference_mode():
                pipe(
                    "a fox", num_inference_steps=STEPS, guidance_scale=5.0, width=SIDE_PX, height=SIDE_PX,
                    generator=torch.Generator("cpu").manual_seed(1), output_type="np",
                )  # fmt: skip
            return time.perf_counter() - started

        def ours() -> float:
            return self._job(
                "images.create",
                model=info.id,
                prompt="a fox",
                steps=STEPS,
                width=SIDE_PX,
                height=SIDE_PX,
                seed=1,
            )

        return _figure("denoising steps/s through the engine, with previews", bare, ours, STEPS)

    def _job(self, generator: str, made: list[int] | None = None, **values: Any) -> float:
        """Seconds the job took at the engine, without the history's writing."""
        spec = self._studio.make_spec(generator, values)

        async def run() -> float:
            handle = self._studio.queue.submit(spec)
            async for event in handle:
                if isinstance(event, ResultReady) and made is not None:
                    made.append(int(event.record.extras["tokens"] or 0))
            if handle.state is not JobState.DONE:
                raise RuntimeError(str(handle.error))
            return handle.seconds

        return self._runner.run(run())


def _figure(name: str, bare: Callable[[], float], ours: Callable[[], float], units: int) -> Figure:
    ratio, bare_s, ours_s = paired(bare, ours, 7)
    note = f"{units / ours_s:.1f}/s beside {units / bare_s:.1f}/s made straight"
    return at_least(name, ratio, 0.97, "×", note)
