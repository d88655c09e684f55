"""Directions a model has of itself: from its attributes, and found without any labels. GPU thread.

Computed from the weights at first use and cached. One step along a direction found by PCA or SeFa is one
deviation of w; along an attribute's, the whole way from the average face to the average one that has it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import numpy as np
import numpy.typing as npt

from studio.api import ModelError, ModelInfo

from .conditions import Conditions
from .config import GanConfig
from .direction_files import read_directions, write_tensors
from .faces import LAYOUT, Floats
from .loading import FaceModel

Doubles = npt.NDArray[np.float64]
MOST = 10
_SAMPLES, _BATCH = 10_000, 500
_ATTRIBUTE_SAMPLES = 500
_VERSION = "1"


def own_names(config: GanConfig) -> list[str]:
    """What the directions found without labels are called."""
    count = min(MOST, config.w_dim)
    return [f"{kind} {number}" for kind in ("PCA", "SeFa") for number in range(1, count + 1)]


def attribute_names(conditions: Conditions) -> list[str]:
    return [slot.slider(value) for slot in conditions.slots for value in slot.values]


def directions_of(
    model: FaceModel,
    info: ModelInfo,
    own_folder: Path,
    wanted: Mapping[str, float],
    check: Callable[[], None],
) -> dict[str, Floats]:
    """All directions of a model: those in files, its attributes', and those found by PCA and SeFa.

    The last are only computed if one is wanted. `check` is called between batches.

    Raises:
        ModelError: a file of directions is damaged or doesn't fit.
    """
    named = read_directions(info, model.config, own_folder)
    if set(wanted) <= set(named):
        return named
    if not model.found:
        model.found.update(_own(model, check))
    return {**model.found, **named}


def _own(model: FaceModel, check: Callable[[], None]) -> dict[str, Floats]:
    names = set(own_names(model.config)) | set(attribute_names(model.conditions))
    cached = model.cache_dir / f"directions-{_fingerprint(model)}.safetensors"
    try:
        from safetensors.numpy import load_file

        found: dict[str, Floats] = load_file(cached)
        if set(found) == names and all(np.isfinite(a).all() for a in found.values()):
            return found
    except Exception:  # noqa: BLE001 - whatever is wrong with what is only a cache: it is made again
        pass
    found = {}
    w = np.concatenate(list(_sampled(model, check)))
    check()
    found |= pca(w)
    found |= sefa(_style_weights(model), w)
    found |= _attributes(model, check)
    try:
        model.cache_dir.mkdir(parents=True, exist_ok=True)
        write_tensors(cached, found, {"layout": LAYOUT})
    except OSError:
        pass  # it is only slower the next time
    return found


def _fingerprint(model: FaceModel) -> str:
    """Tells the cache's files of two models apart, should they share a folder."""
    weights = model.generator.mapping.state_dict()
    total = hashlib.sha256(_VERSION.encode())
    for name in sorted(weights):
        total.update(weights[name].cpu().numpy().tobytes())
    return total.hexdigest()[:16]


def _sampled(model: FaceModel, check: Callable[[], None]) -> Iterator[Floats]:
    random = np.random.RandomState(0)
    for _ in range(0, _SAMPLES, _BATCH):
        check()
        z = random.randn(_BATCH, model.config.z_dim).astype(np.float32)
        yield model.map(z, _drawn(model.conditions, random, _BATCH))


def _drawn(conditions: Conditions, random: np.random.RandomState, count: int) -> Floats | None:
    rows = [conditions.draw(random, {}) for _ in range(count)]
    drawn = [row for row in rows if row is not None]
    return np.stack(drawn) if drawn else None


def pca(w: Floats) -> dict[str, Floats]:
    """The directions in which w, (N, w_dim), varies most; each as long as one deviation along it.

    Source: Härkönen et al. 2020, "GANSpace: Discovering Interpretable GAN Controls", section 2.
    """
    centred = w.astype(np.float64) - w.mean(0, dtype=np.float64)
    values, vectors = np.linalg.eigh(centred.T @ centred / len(w))
    return _numbered("PCA", vectors[:, ::-1].T, np.sqrt(values[::-1].clip(0)))


def sefa(weights: Floats, w: Floats) -> dict[str, Floats]:
    """The directions that change the layers' styles most, from their weights alone, (rows, w_dim); each as
    long as one deviation of w along it.

    Source: Shen and Zhou 2021, "Closed-Form Factorization of Latent Semantics in GANs", section 3: the
    eigenvectors of A^T A of the largest eigenvalues.
    """
    a = weights.astype(np.float64)
    a = a / np.linalg.norm(a, axis=1, keepdims=True).clip(1e-12)
    _, vectors = np.linalg.eigh(a.T @ a)
    found = vectors[:, ::-1].T
    return _numbered("SeFa", found, (w.astype(np.float64) @ found.T).std(0))


def _numbered(kind: str, vectors: Doubles, lengths: Doubles) -> dict[str, Floats]:
    """The first of them, turned so that their largest number is above zero: a sign of no meaning."""
    found: dict[str, Floats] = {}
    for index, vector in enumerate(vectors[:MOST]):
        sign = np.sign(vector[np.argmax(np.abs(vector))]) or 1.0
        found[f"{kind} {index + 1}"] = (vector * sign * lengths[index]).astype(np.float32)
    return found


def _style_weights(model: FaceModel) -> Floats:
    """The affine layers of all convolutions, one above the other, (rows, w_dim)."""
    state = model.generator.synthesis.state_dict()
    rows = [
        state[name].float().cpu().numpy()
        for name in sorted(state)
        if name.endswith("affine.weight") and ".conv" in name
    ]
    return np.concatenate(rows)


def _attributes(model: FaceModel, check: Callable[[], None]) -> dict[str, Floats]:
    """For each value of each attribute: from the average w to the average w that has it."""
    conditions = model.conditions
    if not conditions.slots:
        return {}
    random = np.random.RandomState(1)
    z = random.randn(_ATTRIBUTE_SAMPLES, model.config.z_dim).astype(np.float32)
    base = _drawn(conditions, random, _ATTRIBUTE_SAMPLES)
    if base is None:
        raise ModelError("A model with attributes must be conditional.")
    average = model.map(z, base).mean(0)
    found: dict[str, Floats] = {}
    for slot in conditions.slots:
        for value in slot.values:
            check()
            changed = conditions.only(slot, value, base)
            found[slot.slider(value)] = model.map(z, changed).mean(0) - average
    return found
