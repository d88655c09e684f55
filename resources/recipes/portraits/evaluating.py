"""What the evaluations share: figures as JSON beside the checkpoints, features kept, what trained what."""

from __future__ import annotations

import hashlib
import json
import os
import platform
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import torch
from classifier import CHECKPOINT, Classifier, judge
from measures import fid, kid, nearest
from torch import Tensor
from training import WORK, load_split

FIGURES = WORK / "figures"
SHEETS = WORK / "sheets"


def write_figures(name: str, sections: Mapping[str, Any]) -> None:
    """Merge sections, and single runs, into figures/NAME.json: parts can be measured again alone."""
    path = FIGURES / f"{name}.json"
    FIGURES.mkdir(parents=True, exist_ok=True)
    known = json.loads(path.read_text()) if path.exists() else {}
    runs = {**known.get("runs", {}), **sections.get("runs", {})}
    merged = {**known, **sections, **({"runs": runs} if runs else {}), "measured_on": machine()}
    beside = path.with_suffix(".part")
    beside.write_text(json.dumps(rounded(merged), indent=1, ensure_ascii=False) + "\n")
    beside.replace(path)
    print(json.dumps(rounded(sections), indent=1, ensure_ascii=False), flush=True)


def rounded(value: Any) -> Any:
    """Floats to five significant digits, all the way down."""
    if isinstance(value, float):
        return float(f"{value:.5g}")
    if isinstance(value, Mapping):
        return {key: rounded(one) for key, one in value.items()}
    return [rounded(one) for one in value] if isinstance(value, list | tuple) else value


def machine() -> dict[str, Any]:
    """The class of machine: processor, what it computes with, threads used."""
    model = platform.processor() or platform.machine()
    cpus = Path("/proc/cpuinfo")
    if cpus.exists():
        named = [line for line in cpus.read_text().splitlines() if line.startswith("model name")]
        model = named[0].partition(":")[2].strip() if named else model
    return {
        "processor": model,
        "cores": os.cpu_count(),
        "instructions": torch.backends.cpu.get_cpu_capability(),
        "threads": torch.get_num_threads(),
        "torch": torch.__version__,
    }


def trained(checkpoint: Path) -> dict[str, Any]:
    """Steps, minutes and what it learned from, as the checkpoint holds them."""
    if not checkpoint.exists():
        return {}
    state = torch.load(checkpoint, weights_only=True, mmap=True)
    facts: dict[str, Any] = {}
    if "step" in state:
        facts["steps"] = int(state["step"])
    if "spent_s" in state:
        facts["minutes"] = round(float(state["spent_s"]) / 60, 1)
    for learned_from in ("portraits", "ways"):
        if learned_from in state:
            facts[learned_from] = int(state[learned_from])
    return facts


def split_features(classifier: Classifier, name: str, count: int | None = None) -> Tensor:
    """(N, 256) of a split's first renders, or of all; kept until the classifier changes."""
    mark = hashlib.sha256(CHECKPOINT.read_bytes()).hexdigest()[:16]
    path = WORK / "features" / f"{name}-{count or 'all'}-{mark}.pt"
    if not path.exists():
        path.parent.mkdir(exist_ok=True)
        features, _ = judge(classifier, load_split(name)[0][:count])
        torch.save(features, path.with_suffix(".part"))
        path.with_suffix(".part").replace(path)
    loaded: Tensor = torch.load(path, weights_only=True)
    return loaded


def folder_mark(folder: Path) -> str:
    """Tells one state of a model's folder from another: of its weights and configs."""
    digest = hashlib.sha256()
    configs = [path for path in folder.rglob("*.json") if path.name != "figures.json"]
    for path in sorted([*folder.rglob("*.safetensors"), *configs]):
        digest.update(path.relative_to(folder).as_posix().encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


def in_batches(folder: Path, count: int, size: int, make: Callable[[range], Tensor]) -> Tensor:
    """(count, 3, S, S) uint8 from `make`, batch by batch, each kept: goes on where it stopped."""
    folder.mkdir(parents=True, exist_ok=True)
    made = []
    for first in range(0, count, size):
        path = folder / f"{first:05}-{size}.pt"
        if not path.exists():
            torch.save(make(range(first, first + size)), path.with_suffix(".part"))
            path.with_suffix(".part").replace(path)
            print(f"{first + size} of {count}", flush=True)
        made.append(torch.load(path, weights_only=True))
    return torch.cat(made)[:count]


def distances(made: Tensor, train: Tensor, test: Tensor) -> dict[str, Any]:
    """KID and FID of made pictures to the test renders, beside those of as many training renders."""
    count = min(len(made), len(test), len(train))
    real = train[:count]
    return {
        "features": "256 of the portraits' own classifier (classifier.py), not Inception",
        "pictures": [count, len(test)],
        "kid": vars(kid(made[:count], test)),
        "kid_of_training_renders": vars(kid(real, test)),
        "fid": fid(made[:count], test),
        "fid_of_training_renders": fid(real, test),
    }


def neighbours(made: Tensor, train: Tensor, test: Tensor, copies: Tensor) -> dict[str, Any]:
    """How near the nearest training render is: to made pictures, to test renders, to known copies.

    Args:
        copies: Features of training renders that went through the autoencoder: what a picture that is
            only remembered would look like.
    """
    found = {
        "made": nearest(made, train)[0],
        "test_renders": nearest(test[: len(made)], train)[0],
        "copies": nearest(copies, train)[0],
    }
    copied = float(found["copies"].quantile(0.95))
    quantiles = torch.tensor([0.0, 0.01, 0.1, 0.5])
    return {
        "pictures": len(made),
        "distance_quantiles_0_1_10_50": {
            n: d.quantile(quantiles).tolist() for n, d in found.items()
        },
        "as_near_as_a_copy": {n: float((d <= copied).float().mean()) for n, d in found.items()},
    }
