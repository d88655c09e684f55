"""Render the portraits: python render.py [--side 128] [--processes 2]. Resumes shard by shard.

Three splits, each drawn from seeds of its own, so no portrait of one is drawn again for another.
Writes, per split, `pixels.npy` (N, side, side, 3) uint8 sRGB, `attributes.jsonl` (what was drawn, and the
nuisance factors), and for all of them `manifest.json` with the SHA-256 of every shard. Needs node
(`npm ci` in this folder) and resvg-py.
"""

from __future__ import annotations

import argparse
import hashlib
import io
import json
import subprocess
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import numpy as np
from training import WORK

HERE = Path(__file__).parent
SHARD = 500
SPLITS = {"train": (40, 1_000_000), "validation": (2, 2_000_000), "test": (4, 3_000_000)}
"""Shards of a split, and its first seed."""
DRAWN_PX = 256


def render_shard(folder: Path, seed: int, side_px: int) -> None:
    """One shard, whole or not at all: `SEED.npy` and `SEED.jsonl`."""
    import resvg_py
    from PIL import Image

    pixels = np.zeros((SHARD, side_px, side_px, 3), np.uint8)
    said: list[str] = []
    command = ["node", "draw.mjs", str(SHARD), str(seed)]
    drawn = subprocess.run(command, cwd=HERE, capture_output=True, text=True, check=True).stdout
    for index, line in enumerate(drawn.splitlines()):
        portrait = json.loads(line)
        png = resvg_py.svg_to_bytes(
            svg_string=portrait["svg"], width=DRAWN_PX, height=DRAWN_PX, skip_system_fonts=True
        )
        image = Image.open(io.BytesIO(bytes(png))).convert("RGB")
        pixels[index] = np.asarray(image.resize((side_px, side_px), Image.Resampling.BOX))
        said.append(json.dumps({**portrait["attributes"], "nuisance": portrait["nuisance"]}))
    (folder / f"{seed}.jsonl").write_text("\n".join(said) + "\n")
    part = folder / f"{seed}.part.npy"
    np.save(part, pixels)
    part.replace(folder / f"{seed}.npy")


def join(split: str, side_px: int) -> dict[str, str]:
    """The shards as one array; each shard's hash."""
    shards, first = SPLITS[split]
    folder = WORK / split
    seeds = [first + shard for shard in range(shards)]
    whole = np.lib.format.open_memmap(
        folder / "pixels.part.npy", "w+", np.uint8, (shards * SHARD, side_px, side_px, 3)
    )
    hashes: dict[str, str] = {}
    for index, seed in enumerate(seeds):
        pixels = np.load(folder / "shards" / f"{seed}.npy")
        whole[index * SHARD : (index + 1) * SHARD] = pixels
        hashes[str(seed)] = hashlib.sha256(pixels.tobytes()).hexdigest()
    whole.flush()
    (folder / "pixels.part.npy").replace(folder / "pixels.npy")
    said = "".join((folder / "shards" / f"{seed}.jsonl").read_text() for seed in seeds)
    (folder / "attributes.jsonl").write_text(said)
    return hashes


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--side", type=int, default=128, help="in pixels")
    parser.add_argument("--processes", type=int, default=2)
    chosen = parser.parse_args()
    wanted = [
        (WORK / split / "shards", first + shard, chosen.side)
        for split, (shards, first) in SPLITS.items()
        for shard in range(shards)
    ]
    missing = [task for task in wanted if not (task[0] / f"{task[1]}.npy").exists()]
    for folder in {task[0] for task in wanted}:
        folder.mkdir(parents=True, exist_ok=True)
    with ProcessPoolExecutor(chosen.processes) as pool:
        for number, _ in enumerate(pool.map(render_shard, *zip(*missing, strict=True))):
            print(f"shard {number + 1} of {len(missing)}", flush=True)
    manifest = {
        "side_px": chosen.side,
        "shard": SHARD,
        "sha256": {split: join(split, chosen.side) for split in SPLITS},
    }
    (HERE / "manifest.json").write_text(json.dumps(manifest, indent=1) + "\n")


if __name__ == "__main__":
    main()
