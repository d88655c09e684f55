"""What the engine costs: jobs through the queue beside the same calls made straight to the libraries.

One process, one thread setting, models loaded beforehand, turn by turn. Each library can be run alone.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

from studio.api.models import ModelInfo
from studio.jobs import device as devices
from tests.benchmarks.engine import BenchEngine, bench_engine
from tests.benchmarks.figure import Figure, at_least, paired
from tests.support.tiny_diffusion import tiny_pipeline
from tests.support.tiny_language import tiny_tokenizer

TOKENS = 96
STEPS = 24
SIDE_PX = 128
PROMPT = "The lighthouse keeper climbed the stairs and"


def llama() -> Iterator[Figure]:
    with bench_engine() as engine:
        yield _Bench(engine).llama()


def transformers() -> Iterator[Figure]:
    with bench_engine() as engine:
        yield _Bench(engine).transformers()


def diffusers() -> Iterator[Figure]:
    with bench_engine() as engine:
        yield _Bench(engine).diffusers()


class _Bench:
    def __init__(self, engine: BenchEngine) -> None:
        self._engine = engine
        self._studio = engine.studio
        self._folder = engine.folder

    def llama(self) -> Figure:
        import xllamacpp

        from studio_plugins.llm_writer.llama_sampling import llama_sampling
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
            return self._engine.seconds(
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

        def ours() -> float:
            done = self._engine.run(
                "writer.continue", model=info.id, text=PROMPT, temperature=0, max_new_tokens=TOKENS,
                repetition_penalty=1, seed=1,
            )  # fmt: skip
            return done.seconds * TOKENS / int(done.record.extras["tokens"] or 0)

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
            return self._engine.seconds(
                "images.create",
                model=info.id,
                prompt="a fox",
                steps=STEPS,
                width=SIDE_PX,
                height=SIDE_PX,
                seed=1,
            )

        return _figure("denoising steps/s through the engine, with previews", bare, ours, STEPS)


def _figure(name: str, bare: Callable[[], float], ours: Callable[[], float], units: int) -> Figure:
    pairs = paired(bare, ours)
    speeds = f"{units / pairs.second_s:.1f}/s beside {units / pairs.first_s:.1f}/s made straight"
    return at_least(name, pairs.ratio, 0.97, "×", f"{speeds}, {pairs}")
