"""Sheets of pictures: grids, pairs, a histogram of distances; small PNGs for the cards."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import torch
from PIL import Image, ImageDraw, ImageFont
from torch import Tensor

GAP_PX, LINE_PX = 4, 18
PAPER, INK = (255, 255, 255), (40, 40, 46)


def grid(
    pixels: Tensor, columns: int, *, rows: Sequence[str] = (), below: Sequence[str] = ()
) -> Image.Image:
    """(N, 3, S, S) uint8 in rows; a line above each row, or one under each picture."""
    count, _, height, width = pixels.shape
    number = -(-count // columns)
    above, under = (LINE_PX if rows else 0), (LINE_PX if below else 0)
    step_x, step_y = width + GAP_PX, height + GAP_PX + above + under
    sheet = Image.new("RGB", (columns * step_x + GAP_PX, number * step_y + GAP_PX), PAPER)
    draw, font = ImageDraw.Draw(sheet), ImageFont.load_default(12)
    for index, picture in enumerate(pixels):
        row, column = divmod(index, columns)
        left, top = GAP_PX + column * step_x, GAP_PX + row * step_y
        if rows and column == 0 and row < len(rows):
            draw.text((left, top), rows[row], INK, font)
        sheet.paste(Image.fromarray(picture.permute(1, 2, 0).numpy()), (left, top + above))
        if below and index < len(below):
            draw.text((left, top + above + height), below[index], INK, font)
    return sheet


def pairs(above: Tensor, under: Tensor, columns: int, below: Sequence[str] = ()) -> Image.Image:
    """Each picture over its partner: originals over reconstructions, samples over neighbours."""
    return grid(torch.cat([above, under], dim=2), columns, below=below)


def histogram_chart(sets: dict[str, Tensor], bins: int = 60) -> Image.Image:
    """Lines of how often each distance occurs, one colour per set, all on one axis from 0."""
    width, height, margin = 720, 300, 34
    colours = [(214, 69, 65), (52, 101, 164), (70, 150, 80), (150, 100, 180)]
    chart = Image.new("RGB", (width, height), PAPER)
    draw, font = ImageDraw.Draw(chart), ImageFont.load_default(12)
    top = max(float(values.max()) for values in sets.values())
    shares = {
        name: torch.histc(values.float(), bins, 0, top) / len(values)
        for name, values in sets.items()
    }
    tallest = max(float(share.max()) for share in shares.values())
    across, down = (width - 2 * margin) / bins, height - 2 * margin
    base = height - margin
    for number, (name, share) in enumerate(shares.items()):
        colour = colours[number % len(colours)]
        points = [
            (margin + (index + side) * across, base - float(value) / tallest * down)
            for index, value in enumerate(share)
            for side in (0, 1)
        ]
        draw.line(points, fill=colour, width=2)
        draw.text((margin + 8, 6 + 15 * number), name, colour, font)
    draw.line([(margin, base), (width - margin, base)], fill=INK)
    for part in range(5):
        x = margin + part / 4 * (width - 2 * margin)
        draw.text((x - 8, base + 6), f"{top * part / 4:.1f}", INK, font)
    return chart


def save(sheet: Image.Image, path: Path, *, colours: int | None = None) -> None:
    """As PNG; with `colours`, of a palette of so many: drawn portraits lose nothing one sees."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if colours is not None:
        sheet = sheet.quantize(colours, Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)
    sheet.save(path, optimize=True)
