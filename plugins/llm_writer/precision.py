"""In which numbers a transformers model runs on the CPU: measured once, stored with the model. GPU thread.

Full precision, bfloat16 where the processor computes it, or int8 weights in the linear layers, made as they
run (torch's dynamic quantisation). The fastest is taken whose perplexity on a fixed text is at most 2 % above
full precision's. Small models run in full precision: there is nothing to gain.
"""

from __future__ import annotations

import copy
import json
import logging
import math
import platform
import time
import warnings
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

import psutil

from studio.api import Loading

log = logging.getLogger(__name__)

SMALL_PARAMETERS = 50_000_000
MOST_LOSS = 1.02
_WORTH = 1.1
"""So much faster another way must be, to be taken."""
_FILE = "precision.json"
_PROMPT_TOKENS, _NEW_TOKENS = 64, 12
_READ_PER_WRITTEN = 2.0
"""A prompt's tokens to each written one, as writing goes: 254 and 128."""
TEXT = (
    "The lighthouse had stood on the cape for two hundred years before anybody thought of counting "
    "its steps. When the new keeper came, in the autumn of a wet year, he counted them every evening, "
    "and every evening he came to another number. He wrote the numbers into a small book, beside the "
    "weather and the ships that passed. In December the storms began. For nine days nobody could "
    "reach the village, and he lived on bread, dried fish and tea. On the tenth day the wind fell, "
    "and in the silence he heard somebody walking up the stairs. Water boils at a hundred degrees at "
    "sea level; on high mountains it boils sooner, because the air presses less. The committee will "
    "meet on Tuesday to decide whether the bridge should be repaired or replaced, and what either "
    "would cost. "
    "从前有一座山,山上有一座庙,庙里有一个老和尚在讲故事。"
)


@dataclass(frozen=True)
class Measured:
    """`read_s` and `write_s` are seconds for one token; `perplexity` of the fixed text."""

    name: str
    read_s: float
    write_s: float
    perplexity: float

    @property
    def cost_s(self) -> float:
        return self.write_s + _READ_PER_WRITTEN * self.read_s


def best_of(measured: list[Measured]) -> str:
    """The first is full precision. Another is taken if it is exact enough and clearly faster."""
    full = measured[0]
    exact = [way for way in measured[1:] if way.perplexity <= full.perplexity * MOST_LOSS]
    fastest = min(exact, key=lambda way: way.cost_s, default=full)
    return fastest.name if fastest.cost_s * _WORTH < full.cost_s else full.name


def in_best_precision(model: Any, tokenizer: Any, loading: Loading, wanted: str) -> tuple[Any, str]:
    """The model in the numbers that suit, and what they are called.

    Args:
        model: In full precision, on the CPU.
        wanted: "auto", or the name of one way.
    """
    parameters = sum(p.numel() for p in model.parameters())
    if wanted == "auto":
        if parameters < SMALL_PARAMETERS:
            return model, "full"
        wanted = _stored(loading) or _measure(model, tokenizer, loading)
    return WAYS[wanted](model), wanted


def _measure(model: Any, tokenizer: Any, loading: Loading) -> str:
    size = sum(p.numel() * p.element_size() for p in model.parameters())
    if size > psutil.virtual_memory().available // 2:
        return "full"  # no room to compare; nothing is stored, so a larger machine may measure
    ids = list(tokenizer(TEXT)["input_ids"])
    measured = []
    names = ["full", "int8", *(["bf16"] if computes_bf16() else [])]
    for number, name in enumerate(names):
        loading.progress(0.9 + 0.1 * number / len(names), "Finding the fastest way, once")
        try:
            tried = model if name == "full" else WAYS[name](copy.deepcopy(model))
            measured.append(measure(tried, ids, name, loading.check))
        except (RuntimeError, NotImplementedError, TypeError) as error:
            if name == "full":
                raise
            log.info("%s can't be used for this model: %s", name, error)
    chosen = best_of(measured)
    facts = {"machine": _machine(), "chosen": chosen, "measured": [asdict(way) for way in measured]}
    path = loading.cache_dir / _FILE
    beside = path.with_suffix(".part")
    beside.write_text(json.dumps(facts, indent=1), encoding="utf-8")
    beside.replace(path)
    return chosen


def measure(model: Any, ids: list[int], name: str, check: Callable[[], None]) -> Measured:
    """Perplexity over the ids; then seconds to read and to write, the best of three."""
    import torch

    with torch.inference_mode():
        logits = model(torch.tensor([ids])).logits[0, :-1].float().log_softmax(-1)
        told = logits.gather(1, torch.tensor(ids[1:])[:, None])
        perplexity = math.exp(-float(told.mean()))
        reads, writes = [], []
        prompt = torch.tensor([ids[:_PROMPT_TOKENS]])
        for _ in range(3):
            check()
            started = time.perf_counter()
            answer = model(prompt, use_cache=True)
            reads.append((time.perf_counter() - started) / prompt.shape[1])
            token = answer.logits[:, -1:].argmax(-1)
            started = time.perf_counter()
            for _ in range(_NEW_TOKENS):
                answer = model(token, past_key_values=answer.past_key_values, use_cache=True)
                token = answer.logits[:, -1:].argmax(-1)
            writes.append((time.perf_counter() - started) / _NEW_TOKENS)
    return Measured(name, min(reads), min(writes), perplexity)


def computes_bf16() -> bool:
    """Whether the processor has instructions for it; else it is slower than float32."""
    import torch

    known = getattr(torch.cpu, "_is_avx512_bf16_supported", None)
    return bool(known()) if known is not None else False


def _int8(model: Any) -> Any:
    import torch

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it is to be replaced by a library that is slower on this
        quantize: Any = torch.ao.quantization.quantize_dynamic
        return quantize(model, {torch.nn.Linear}, dtype=torch.qint8)


def _bf16(model: Any) -> Any:
    import torch

    return model.to(torch.bfloat16)


WAYS: dict[str, Callable[[Any], Any]] = {"full": lambda model: model, "bf16": _bf16, "int8": _int8}


def _stored(loading: Loading) -> str | None:
    """What was found on this machine with these libraries; None: not yet."""
    try:
        facts = json.loads((loading.cache_dir / _FILE).read_text(encoding="utf-8"))
        chosen = str(facts["chosen"])
        same = facts["machine"] == _machine()
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return chosen if same and chosen in WAYS else None


def _machine() -> str:
    import torch

    processor = f"{platform.machine()} {torch.backends.cpu.get_cpu_capability()}"
    return f"{processor}, {torch.get_num_threads()} threads, torch {torch.__version__}"
