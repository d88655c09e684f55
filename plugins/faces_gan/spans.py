"""What people write for seeds and layers: "1, 5, 10-20", "coarse", "0-3, 6". Pure; any thread."""

from __future__ import annotations

import re
from collections.abc import Sequence

MOST_SEEDS = 256
MAX_SEED = 2**63 - 1
_PART = re.compile(r"(\d+)(?:\s*(?:-|–|\.\.)\s*(\d+))?")
LAYER_WORDS = ("all", "coarse", "middle", "fine")


def parse_seeds(text: str) -> tuple[int, ...]:
    """Seeds in the order they are written; none for a blank text.

    Raises:
        ValueError: not numbers and ranges, or more than may be; the text is for the person.
    """
    seeds: list[int] = []
    for start, stop in _ranges(text, "seeds are numbers and ranges, such as 1, 5, 10-20"):
        if max(start, stop) > MAX_SEED:
            raise ValueError(f"a seed is at most {MAX_SEED}")
        if abs(stop - start) >= MOST_SEEDS or len(seeds) + abs(stop - start) >= MOST_SEEDS:
            raise ValueError(f"at most {MOST_SEEDS} seeds at once")
        step = 1 if stop >= start else -1
        seeds.extend(range(start, stop + step, step))
    return tuple(seeds)


def check_layers(text: str) -> str:
    """The text itself, if it can be layers; how many there are only a model says.

    Raises:
        ValueError: it is neither one of the words nor numbers and ranges.
    """
    parse_layers(text, 64)
    return text


def parse_layers(text: str, count: int) -> tuple[int, ...]:
    """Layers of `count`, each once and upwards; blank is all. What lies above `count` is left out.

    "coarse", "middle" and "fine" are the resolutions up to 8, up to 32, and the rest, as Karras et al. 2019
    have them; of a model of few layers, its thirds.

    Raises:
        ValueError: it is neither one of the words nor numbers and ranges.
    """
    chosen: set[int] = set()
    words = [part.strip().lower() for part in text.split(",") if part.strip()]
    first, second = (4, 8) if count > 8 else (-(-count // 3), -(-2 * count // 3))
    named = {
        "all": range(count), "coarse": range(first), "middle": range(first, second),
        "fine": range(second, count),
    }  # fmt: skip
    for word in words:
        if word in named:
            chosen.update(named[word])
            continue
        why = f"layers are {', '.join(LAYER_WORDS)}, or numbers and ranges such as 0-3, 6"
        for start, stop in _ranges(word, why):
            chosen.update(range(min(start, stop, count), min(max(start, stop) + 1, count)))
    return tuple(sorted(chosen)) if words else tuple(range(count))


def _ranges(text: str, why: str) -> Sequence[tuple[int, int]]:
    found = []
    for part in text.split(","):
        if not part.strip():
            continue
        match = _PART.fullmatch(part.strip())
        if match is None or len(part) > 60:
            raise ValueError(why)
        start = int(match[1])
        found.append((start, int(match[2]) if match[2] else start))
    return found
