"""Render the portraits to arrays: python render.py COUNT SEED OUT.npz [SIDE]. Uses node and resvg-py."""

from __future__ import annotations

import io
import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import resvg_py
from PIL import Image

HERE = Path(__file__).parent


def render(count: int, seed: int, out: Path, side_px: int = 64) -> None:
    """`pixels` (N, side, side, 3) uint8 and `attributes` as JSON lines."""
    pixels = np.zeros((count, side_px, side_px, 3), np.uint8)
    attributes: list[str] = []
    command = ["node", "draw.mjs", str(count), str(seed)]
    with subprocess.Popen(command, cwd=HERE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        for index, line in enumerate(process.stdout):
            drawn = json.loads(line)
            png = resvg_py.svg_to_bytes(
                svg_string=drawn["svg"], width=256, height=256, skip_system_fonts=True
            )
            image = Image.open(io.BytesIO(bytes(png))).convert("RGB")
            pixels[index] = np.asarray(image.resize((side_px, side_px), Image.Resampling.BOX))
            attributes.append(json.dumps(drawn["attributes"]))
    if process.returncode != 0:
        raise RuntimeError("node failed: run 'npm install' in this folder first")
    np.savez(out, pixels=pixels, attributes=np.array(attributes))


if __name__ == "__main__":
    side = int(sys.argv[4]) if len(sys.argv) > 4 else 64
    render(int(sys.argv[1]), int(sys.argv[2]), Path(sys.argv[3]), side)
