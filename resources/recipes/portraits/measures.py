"""Measures between sets of features: distances of distributions, of neighbours, of histograms. Torch only.

Every feature set is (N, D) float32. Nothing here knows where features come from, so it is tested on
drawn numbers.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor


@dataclass(frozen=True)
class Kid:
    """Kernel inception distance: mean and deviation over the subsets."""

    mean: float
    deviation: float


def kid(a: Tensor, b: Tensor, *, subsets: int = 100, size: int = 500, seed: int = 0) -> Kid:
    """The unbiased squared MMD with the kernel (x·y / D + 1)³, over random subsets.

    About 0 for two draws of one distribution, also below it. Source: Bińkowski et al. 2018,
    "Demystifying MMD GANs", section 4.
    """
    size = min(size, len(a), len(b))
    if size < 2:
        raise ValueError("KID needs two pictures of each set at least")
    generator = torch.Generator().manual_seed(seed)
    values = []
    for _ in range(subsets):
        x = a[torch.randperm(len(a), generator=generator)[:size]].double()
        y = b[torch.randperm(len(b), generator=generator)[:size]].double()
        xx, yy, xy = ((p @ q.T / a.shape[1] + 1) ** 3 for p, q in ((x, x), (y, y), (x, y)))
        pairs = size * (size - 1)
        within = (xx.sum() - xx.trace() + yy.sum() - yy.trace()) / pairs
        values.append(within - 2 * xy.mean())
    found = torch.stack(values)
    return Kid(float(found.mean()), float(found.std()) if subsets > 1 else 0.0)


def fid(a: Tensor, b: Tensor) -> float:
    """Fréchet distance of two Gaussians fitted to the sets. Source: Heusel et al. 2017, equation 6.

    Biased by the number of pictures: compare only sets of the same sizes.
    """
    x, y = a.double(), b.double()
    cx, cy = torch.cov(x.T), torch.cov(y.T)
    values, vectors = torch.linalg.eigh(cx)
    root = (vectors * values.clamp(min=0).sqrt()) @ vectors.T
    cross = torch.linalg.eigvalsh(root @ cy @ root).clamp(min=0).sqrt().sum()
    shift = (x.mean(0) - y.mean(0)).square().sum()
    return max(0.0, float(shift + cx.trace() + cy.trace() - 2 * cross))


def nearest(queries: Tensor, corpus: Tensor) -> tuple[Tensor, Tensor]:
    """Each query's distance to its nearest in the corpus (N,), and which that is (N,)."""
    distances, indices = [], []
    for part in queries.split(256):
        found = torch.cdist(part, corpus).min(dim=1)
        distances.append(found.values)
        indices.append(found.indices)
    return torch.cat(distances), torch.cat(indices)


def pair_distances(features: Tensor) -> Tensor:
    """(N, N) distances, infinite on the diagonal."""
    distances = torch.cdist(features, features, compute_mode="donot_use_mm_for_euclid_dist")
    return distances.fill_diagonal_(torch.inf)


def duplicate_threshold(
    data: Tensor, *, size: int = 100, sets: int = 200, share: float = 0.05, seed: int = 0
) -> float:
    """The distance that the closest two of `size` real portraits undercut in only `share` of all draws.

    Two made portraits nearer than this are nearer than chance lets two of the data's be.
    """
    generator = torch.Generator().manual_seed(seed)
    closest = [
        pair_distances(data[torch.randperm(len(data), generator=generator)[:size]]).min()
        for _ in range(sets)
    ]
    return float(torch.stack(closest).quantile(share))


def near_duplicates(features: Tensor, threshold: float) -> list[tuple[int, int, float]]:
    """Pairs nearer than the threshold, the nearest first."""
    distances = pair_distances(features)
    pairs = (distances < threshold).triu().nonzero().tolist()
    return sorted(((i, j, float(distances[i, j])) for i, j in pairs), key=lambda pair: pair[2])


def histogram(values: Sequence[str]) -> dict[str, float]:
    """Each value's share, in points of a hundred."""
    return {name: 100 * count / len(values) for name, count in sorted(Counter(values).items())}


def greatest_difference(
    made: Mapping[str, Sequence[str]], data: Mapping[str, Sequence[str]]
) -> dict[str, float]:
    """Per attribute, the points by which the share of one value differs most between the sets."""
    found = {}
    for name, values in made.items():
        ours, theirs = histogram(values), histogram(data[name])
        found[name] = max(abs(ours.get(v, 0) - theirs.get(v, 0)) for v in {*ours, *theirs})
    return found


def accuracy(
    asked: Sequence[Mapping[str, str]], read: Mapping[str, Sequence[str]]
) -> dict[str, dict[str, Any]]:
    """Per attribute: how often it was asked for, the share of those in which it is read back, and the
    share for each value."""
    found: dict[str, dict[str, Any]] = {}
    for name, values in read.items():
        hits: dict[str, list[bool]] = {}
        for one, value in zip(asked, values, strict=True):
            if name in one:
                hits.setdefault(one[name], []).append(value == one[name])
        if hits:
            flat = [hit for of in hits.values() for hit in of]
            found[name] = {
                "asked": len(flat),
                "read_back": sum(flat) / len(flat),
                "by_value": {value: sum(hits[value]) / len(hits[value]) for value in sorted(hits)},
            }
    return found


def psnr(a: Tensor, b: Tensor) -> Tensor:
    """Decibels of each picture (N,), from (N, 3, H, W) uint8."""
    squared = (a.float() - b.float()).square().mean(dim=(1, 2, 3)).clamp(min=1e-8)
    return 10 * (255**2 / squared).log10()


def edges(pixels: Tensor) -> float:
    """Mean difference of neighbouring pixels, 0..255: lower than the data's where lines are soft."""
    found = []
    for part in pixels.split(200):
        x = part.float()
        across = (x[..., 1:] - x[..., :-1]).abs().mean(dim=(1, 2, 3))
        down = (x[..., 1:, :] - x[..., :-1, :]).abs().mean(dim=(1, 2, 3))
        found.append(across + down)
    return float(torch.cat(found).mean() / 2)
