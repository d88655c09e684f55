"""Measure a text-to-image folder: python evaluate_diffusion.py [--count 1000] [--steps 20] [--language zh].

Each test portrait is said in free words (captions.py), the folder makes a picture of the words, and the
classifier reads it back; what counts is what the words name and a render would show. The prompts have the
data's own mixture, so the same pictures also give KID and FID. `--neighbours` adds how near the nearest
training renders are, with a sheet of the closest. Pictures are kept: a run goes on where it stopped. One
run, one entry of figures/portrait-diffusion.json.
"""

from __future__ import annotations

import argparse
import random
import time
from pathlib import Path
from typing import Any

import diffusers
import torch
from captions import Caption, caption
from classifier import judge, load_classifier
from evaluate_vae import load_vae, reconstruct, to_pixels
from evaluating import (
    SHEETS,
    distances,
    folder_mark,
    in_batches,
    neighbours,
    split_features,
    trained,
    write_figures,
)
from measures import accuracy, edges, kid, nearest
from sheets import grid, histogram_chart, pairs, save
from torch import Tensor
from training import MODELS, WORK, load_split

NAME = "portrait-diffusion"
CHECKPOINTS = {NAME: WORK / "diffusion.pt", "portrait-draft": WORK / "draft.pt"}
"""What trained each folder."""
BATCH = 25


def load_pipeline(folder: Path, scheduler: str | None) -> Any:
    """In float32, with another scheduler of diffusers if one is named."""
    pipe = diffusers.DiffusionPipeline.from_pretrained(
        folder, torch_dtype=torch.float32, use_safetensors=True, local_files_only=True
    )
    pipe.set_progress_bar_config(disable=True)
    if scheduler:
        pipe.scheduler = getattr(diffusers, scheduler).from_config(pipe.scheduler.config)
    return pipe


def draw(pipe: Any, prompts: list[str], seeds: list[int], steps: int, guidance: float) -> Tensor:
    """(N, 3, S, S) uint8, one seed each."""
    generators = [torch.Generator().manual_seed(seed) for seed in seeds]
    made = pipe(
        prompt=prompts, num_inference_steps=steps, guidance_scale=guidance, generator=generators,
        output_type="pt",
    ).images  # fmt: skip
    return to_pixels(made * 2 - 1)


def prompts_for(said: list[dict[str, Any]], language: str, seed: int = 0) -> list[Caption]:
    """A caption of each portrait; every one names something."""
    rng = random.Random(f"{seed} {language}")
    found = []
    for one in said:
        words = caption(one, rng, language=language)
        while not words.said:
            words = caption(one, rng, language=language)
        found.append(words)
    return found


def name_of(language: str, steps: int, guidance: float, scheduler: str) -> str:
    return f"{language}, {steps} steps, guidance {guidance:g}, {scheduler}"


def samples(folder: Path, run: str) -> Path:
    """Where a run's pictures are kept."""
    return WORK / "samples" / f"{folder.name}-{folder_mark(folder)}" / run.replace(", ", "-")


def pictures(pipe: Any, captions: list[Caption], kept: Path, steps: int, guidance: float) -> Tensor:
    """(N, 3, S, S) uint8, one of each caption; what is kept is not made again."""

    def make(indices: range) -> Tensor:
        inside = [index for index in indices if index < len(captions)]
        return draw(pipe, [captions[index].text for index in inside], inside, steps, guidance)

    return in_batches(kept, len(captions), BATCH, make)


def beside(captions: list[Caption], language: str, test: Tensor) -> dict[str, Any]:
    """KID to the test renders of the pictures that 20 guided steps make of the same captions.

    Not the KID between the two sets: same captions and seeds make pairs, and KID wants free draws.
    """
    folder, steps, guidance = MODELS / NAME, 20, 3.0
    pipe = load_pipeline(folder, None)
    run = name_of(language, steps, guidance, type(pipe.scheduler).__name__)
    theirs = pictures(pipe, captions, samples(folder, run), steps, guidance)
    features, _ = judge(load_classifier(), theirs)
    return {"run": f"{NAME}, {run}", "pictures": len(theirs), "kid": vars(kid(features, test))}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--name", choices=CHECKPOINTS, default=NAME)
    parser.add_argument("--count", type=int, default=400)
    parser.add_argument("--steps", type=int, default=20)
    parser.add_argument("--guidance", type=float, default=3.0)
    parser.add_argument(
        "--scheduler", help="a scheduler class of diffusers; default: the folder's own"
    )
    parser.add_argument("--language", choices=("en", "zh"), default="en")
    parser.add_argument("--neighbours", action="store_true")
    parser.add_argument(
        "--beside", action="store_true",
        help="also the KID of portrait-diffusion's own pictures of the same captions in 20 steps",
    )  # fmt: skip
    parser.add_argument("--threads", type=int, default=1)
    chosen = parser.parse_args()
    torch.set_num_threads(chosen.threads)
    folder, checkpoint = MODELS / chosen.name, CHECKPOINTS[chosen.name]
    pixels, said = load_split("test")
    pixels, said = pixels[: chosen.count], said[: chosen.count]
    captions = prompts_for(said, chosen.language)
    pipe = load_pipeline(folder, chosen.scheduler)
    scheduler = type(pipe.scheduler).__name__
    run = name_of(chosen.language, chosen.steps, chosen.guidance, scheduler)
    classifier = load_classifier()

    kept = samples(folder, run)
    began = time.process_time()
    fresh = not kept.exists()
    made = pictures(pipe, captions, kept, chosen.steps, chosen.guidance)
    spent = time.process_time() - began
    features, read = judge(classifier, made)
    _, of_renders = judge(classifier, pixels)
    asked = [
        {name: one[name] for name in words.said} for one, words in zip(said, captions, strict=True)
    ]
    test = split_features(classifier, "test")
    train = split_features(classifier, "train", None if chosen.neighbours else 2000)
    figures: dict[str, Any] = {
        "pictures": len(made),
        "accuracy": accuracy(asked, read),
        "accuracy_of_renders": accuracy(asked, of_renders),
        "edges": {"made": edges(made), "renders": edges(pixels)},
    }
    if fresh:
        figures["processor_seconds_a_picture"] = spent / len(made)
    if len(made) >= 400:
        figures["distances"] = distances(features, train, test)
    if chosen.beside:
        figures["beside"] = beside(captions, chosen.language, test)
    write_figures(chosen.name, {"trained": trained(checkpoint), "runs": {run: figures}})
    if chosen.neighbours:
        show_neighbours(chosen.name, folder / "vae", made, features, train, test)
    if chosen.language == "en":
        texts = [words.text for words in captions[:6]]
        rows = [
            draw(pipe, [text] * 6, list(range(6)), chosen.steps, chosen.guidance) for text in texts
        ]
        name = chosen.name if chosen.neighbours else f"{chosen.name}-{chosen.steps}-steps"
        save(grid(torch.cat(rows), 6, rows=texts), SHEETS / f"{name}.png", colours=255)


def show_neighbours(
    name: str, vae: Path, made: Tensor, features: Tensor, train: Tensor, test: Tensor
) -> None:
    """The sheet of the closest pairs (made over training render), the chart of distances, the figures."""
    pixels, _ = load_split("train")
    copies, _ = judge(load_classifier(), reconstruct(load_vae(vae), pixels[:500]))
    found, where = nearest(features, train)
    closest = found.argsort()[:16]
    below = [f"{float(found[index]):.2f}" for index in closest]
    save(
        pairs(made[closest], pixels[where[closest]], 8, below),
        SHEETS / f"{name}-neighbours.png",
        colours=255,
    )
    chart = histogram_chart({
        f"{len(made)} made pictures": found,
        "test renders": nearest(test[: len(made)], train)[0],
        "training renders through the autoencoder: copies": nearest(copies, train)[0],
    })  # fmt: skip
    save(chart, SHEETS / f"{name}-distances.png")
    write_figures(name, {"neighbours": neighbours(features, train, test, copies)})


if __name__ == "__main__":
    main()
