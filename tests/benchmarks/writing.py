"""Writing: what a changed end of a long text costs, a whole passage beside bare llama.cpp, and int8.

Turn by turn in one process. No text is used twice, so that nothing is there to use again but what the figure
is about. The transformers model is untrained: its speed is that of its size.
"""

from __future__ import annotations

import itertools
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from studio.jobs import device as devices
from tests.benchmarks.engine import BenchEngine, bench_engine
from tests.benchmarks.figure import Figure, at_least, at_most, paired
from tests.support.tiny_language import tiny_tokenizer

LONG_TOKENS = 1000
SHORT_TOKENS, NEW_TOKENS = 254, 128
WORDS = [
    "the",
    "keeper",
    "climbed",
    "the",
    "stairs",
    "and",
    "looked",
    "at",
    "the",
    "grey",
    "sea",
    "while",
    "a",
    "small",
    "boat",
    "with",
    "a",
    "red",
    "sail",
    "came",
    "slowly",
    "around",
    "the",
    "cape",
    "and",
    "somebody",
    "in",
    "it",
    "waved",
    "a",
    "lantern",
]
_number = itertools.count(1)


def rereading_llama() -> Iterator[Figure]:
    with bench_engine() as engine:
        yield _rereading(engine, engine.studio.models.best("language").id, "llama.cpp")


def rereading_transformers() -> Iterator[Figure]:
    with bench_engine() as engine:
        info = engine.studio.models.add(_untrained(engine.folder / "llama"))
        yield _rereading(engine, info.id, "transformers")


def _rereading(engine: BenchEngine, model: str, name: str) -> Figure:
    """Seconds of a job that writes one token: a text read anew, and the same with its end changed."""
    length = _words_for(engine, model, LONG_TOKENS)
    texts: list[str] = []

    def one_token(text: str) -> float:
        return engine.seconds(
            "writer.continue", text=text, model=model, max_new_tokens=1, temperature=0, seed=1
        )

    def cold() -> float:
        texts.append(_text(length))
        return one_token(texts[-1])

    def edited() -> float:
        if not texts:
            cold()
        words = texts[-1].split(" ")
        end = f"but then it stopped {next(_number)}".split()
        return one_token(" ".join([*words[: -len(end)], *end]))

    def after_reading() -> float:
        one_token(texts[-1])  # whose turn it is changes; the edit is of what stands in memory
        return edited()

    pairs = paired(cold, after_reading, least=5, most=15, enough=0.03)
    note = f"{pairs.second_s:.3f} s beside {pairs.first_s:.3f} s for {LONG_TOKENS} tokens, {pairs}"
    return at_most(
        f"first token after an edit near the end: {name}", 1 / pairs.ratio, 0.2, "×", note
    )


def peer() -> Iterator[Figure]:
    """A prompt and a passage through the engine, beside llama.cpp called bare on the same file."""
    import xllamacpp

    from studio_plugins.llm_writer.llama_sampling import llama_sampling
    from studio_plugins.llm_writer.params import ContinueParams

    with bench_engine() as engine:
        info = engine.studio.models.best("language")
        length = _words_for(engine, info.id, SHORT_TOKENS)
        params = xllamacpp.CommonParams()
        params.model.path = str(info.path)
        params.n_ctx, params.n_parallel, params.n_threads_http = 8192, 1, 1
        params.n_batch = params.n_ubatch = 128
        threads = devices.limit_threads(devices.physical_cores())
        params.cpuparams.n_threads = params.cpuparams_batch.n_threads = threads
        params.hostnames, params.port = [str(engine.folder / "bare.sock")], 0
        server = xllamacpp.Server(params)
        settings: dict[str, Any] = {
            "temperature": 0,
            "max_new_tokens": NEW_TOKENS,
            "repetition_penalty": 1,
        }
        body = llama_sampling(ContinueParams.model_validate(settings), 1, 8192)
        texts: list[str] = []

        def bare() -> float:
            texts.append(_text(length))
            asked = {**body, "prompt": texts[-1], "cache_prompt": False}
            started = time.perf_counter()
            server.handle_completions(asked, lambda chunk: False)
            return time.perf_counter() - started

        def ours() -> float:
            text = texts.pop() if texts else _text(length)
            return engine.seconds(
                "writer.continue", None, text=text, model=info.id, seed=1, **settings
            )

        pairs = paired(bare, ours)
        note = f"{pairs.second_s:.3f} s beside {pairs.first_s:.3f} s, {pairs}"
        name = f"{SHORT_TOKENS} tokens read and {NEW_TOKENS} written, beside bare llama.cpp"
        yield at_most(name, 1 / pairs.ratio, 1.03, "×", note)


def precision() -> Iterator[Figure]:
    """The starter, unpacked for transformers: int8 beside full precision, in speed and perplexity."""
    from studio.api.testing import InlineLoading
    from studio_plugins.llm_writer import gguf_conversion
    from studio_plugins.llm_writer.precision import TEXT, WAYS, measure

    with bench_engine() as engine:
        info = engine.studio.models.best("language")
        loading = InlineLoading(info, engine.folder)
        written = gguf_conversion.load_converted(loading).value
        model, tokenizer = written._model, written._tokenizer
        ids = list(tokenizer(TEXT)["input_ids"])
        full = measure(model.float(), ids, "full", loading.check)
        int8 = measure(WAYS["int8"](model), ids, "int8", loading.check)
        speeds = (
            f"reads {1 / int8.read_s:.0f} and writes {1 / int8.write_s:.1f} tokens/s, "
            f"full precision {1 / full.read_s:.0f} and {1 / full.write_s:.1f}"
        )
        yield at_least(
            "int8 beside full precision, speed", full.cost_s / int8.cost_s, 1, "×", speeds
        )
        loss = int8.perplexity / full.perplexity
        note = f"{int8.perplexity:.2f} and {full.perplexity:.2f}"
        yield at_most("int8 beside full precision, perplexity", loss, 1.02, "×", note)


def _text(words: int) -> str:
    """So many words that begin like no other text."""
    number = next(_number)
    start = f"Chapter {number} of {number + 7}:".split()
    return " ".join([*start, *itertools.islice(itertools.cycle(WORDS), words - len(start))])


def _words_for(engine: BenchEngine, model: str, tokens: int) -> int:
    """How many words make about so many tokens, by the model's own count."""
    done = engine.run("writer.context", text=_text(400), model=model, max_new_tokens=1)
    return round(400 * tokens / int(done.record.extras["prompt_tokens"] or 1))


def _untrained(folder: Path) -> Path:
    import torch
    from transformers import LlamaConfig, LlamaForCausalLM

    tokenizer = tiny_tokenizer()
    torch.manual_seed(0)
    config = LlamaConfig(
        vocab_size=len(tokenizer), hidden_size=512, intermediate_size=1536, num_hidden_layers=8,
        num_attention_heads=8, max_position_embeddings=2048, bos_token_id=tokenizer.bos_token_id,
        eos_token_id=tokenizer.eos_token_id,
    )  # fmt: skip
    LlamaForCausalLM(config).save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder
