"""Measure the faces: python evaluate_gan.py [--count 1000] [--psi 1].

Writes figures/portrait-gan.json and sheets: how far each attribute's histogram is from the data's, near
duplicates among 100 seeds, KID and FID, nearest training renders, and rows of morphs. Faces are made as
`faces.sample` makes them: z and condition from the seed, the grain that was trained.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import numpy as np
import torch
from classifier import ATTRIBUTES, judge, load_classifier
from evaluate_diffusion import show_neighbours
from evaluate_vae import to_pixels
from evaluating import (
    SHEETS,
    distances,
    folder_mark,
    in_batches,
    split_features,
    trained,
    write_figures,
)
from measures import (
    duplicate_threshold,
    edges,
    greatest_difference,
    histogram,
    near_duplicates,
    pair_distances,
)
from sheets import grid, pairs, save
from torch import Tensor
from training import MODELS, WORK, load_split

from studio.api import ModelFacts, ModelInfo
from studio_plugins.faces_gan.faces import random_of
from studio_plugins.faces_gan.loading import load_faces

NAME = "portrait-gan"
SEEDS = 100


class Loading:
    """What the program's loader wants to know, without the program around it."""

    device, dtype, cache_dir = "cpu", "float32", WORK

    def __init__(self, folder: Path) -> None:
        self.model = ModelInfo(
            id=folder.name, path=folder, facts=ModelFacts(family="gan", format="folder"),
            content_hash="", size_bytes=0,
        )  # fmt: skip

    def check(self) -> None:
        """Nobody cancels."""

    def progress(self, fraction: float, message: str = "") -> None:
        """Nobody looks."""


class Faces:
    """The folder's generator and the decoder behind it, loaded as the program loads them."""

    def __init__(self, folder: Path) -> None:
        self.model = load_faces(Loading(folder)).value
        self.decoder_folder = (
            folder / json.loads((folder / "config.json").read_text())["decoder"]
        ).resolve()

    @torch.inference_mode()
    def styles(self, seeds: list[int]) -> Tensor:
        """(N, w_dim), each from a seed's own z and condition."""
        z, c = [], []
        for seed in seeds:
            drawn = random_of(seed)
            z.append(drawn.randn(self.model.config.z_dim).astype(np.float32))
            c.append(self.model.conditions.draw(drawn, {}))
        told = np.stack([row for row in c if row is not None]) if self.model.config.c_dim else None
        return torch.from_numpy(self.model.map(np.stack(z), told))

    @torch.inference_mode()
    def pictures(self, w: Tensor, psi: float = 1.0) -> Tensor:
        """(N, 3, S, S) uint8."""
        generator = self.model.generator
        return to_pixels(self.model.decode(generator.synthesis(generator.styles(w, psi), "const")))


def morphs(faces: Faces, rows: int = 6, columns: int = 9) -> Tensor:
    """Rows of faces from one seed to the next, straight in w."""
    keys = faces.styles(list(range(rows + 1)))
    way = torch.linspace(0, 1, columns)[:, None]
    return torch.cat([faces.pictures(keys[row].lerp(keys[row + 1], way)) for row in range(rows)])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", type=Path, default=MODELS / NAME)
    parser.add_argument("--checkpoint", type=Path, default=WORK / "gan.pt")
    parser.add_argument("--count", type=int, default=1000)
    parser.add_argument("--psi", type=float, default=1.0, help="truncation")
    parser.add_argument("--threads", type=int, default=1)
    chosen = parser.parse_args()
    torch.set_num_threads(chosen.threads)
    faces, classifier = Faces(chosen.model), load_classifier()
    kept = WORK / "samples" / f"{NAME}-{folder_mark(chosen.model)}" / f"psi-{chosen.psi:g}"
    made = in_batches(
        kept, chosen.count, 50, lambda seeds: faces.pictures(faces.styles(list(seeds)), chosen.psi)
    )
    features, read = judge(classifier, made)
    test, train = split_features(classifier, "test"), split_features(classifier, "train")
    pixels, said = load_split("test")
    truth = {name: [one[name] for one in said] for name in ATTRIBUTES}
    threshold = duplicate_threshold(test, size=SEEDS)
    twins = near_duplicates(features[:SEEDS], threshold)
    write_figures(NAME, {
        "trained": trained(chosen.checkpoint),
        "psi": chosen.psi,
        "pictures": len(made),
        "histograms": {n: {"made": histogram(v), "data": histogram(truth[n])} for n, v in read.items()},
        "greatest_difference_in_points": greatest_difference(read, truth),
        "duplicates": {
            "seeds": SEEDS,
            "threshold": threshold,
            "threshold_is": f"the closest two of {SEEDS} test renders are nearer in 5 % of 200 draws",
            "pairs": len(twins),
            "closest": float(pair_distances(features[:SEEDS]).min()),
        },
        "edges": {"made": edges(made), "renders": edges(pixels)},
        "distances": distances(features, train, test),
    })  # fmt: skip
    save(grid(made[:48], 8), SHEETS / f"{NAME}.png", colours=255)
    save(grid(made[:SEEDS], 10), SHEETS / f"{NAME}-seeds.png", colours=255)
    save(grid(morphs(faces), 9), SHEETS / f"{NAME}-morphs.png", colours=255)
    closest = near_duplicates(features[:SEEDS], torch.inf)[:16]
    first, second = ([pair[side] for pair in closest] for side in (0, 1))
    below = [f"seeds {i}, {j}: {distance:.2f}" for i, j, distance in closest]
    save(pairs(made[first], made[second], 8, below), SHEETS / f"{NAME}-closest.png", colours=255)
    show_neighbours(NAME, faces.decoder_folder, made, features, train, test)


if __name__ == "__main__":
    main()
