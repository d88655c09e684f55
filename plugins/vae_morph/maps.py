"""Maps to wander in: from a place to a weight for each picture. Pure; any thread.

Every map here gives weights that sum to one, so that whatever mixes pictures by weights can show it.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float32]


def corner_weights(count: int, x: float, y: float) -> Array:
    """Weights of 2, 3 or 4 pictures at a place of the unit square, x to the right, y down.

    Two lie left and right. Three span a triangle: top middle, bottom left, bottom right; a place outside
    counts as the nearest one inside. Four lie in the corners, row by row.
    """
    x, y = min(max(x, 0.0), 1.0), min(max(y, 0.0), 1.0)
    if count == 2:
        return np.array([1 - x, x], np.float32)
    if count == 3:
        return _triangle(x, y)
    if count == 4:
        rows = [(1 - y) * (1 - x), (1 - y) * x, y * (1 - x), y * x]
        return np.array(rows, np.float32)
    raise ValueError(f"a map by corners takes 2 to 4 pictures, not {count}")


def _triangle(x: float, y: float) -> Array:
    """Barycentric weights in (½, 0), (0, 1), (1, 1)."""
    top, right = 1 - y, x - (1 - y) / 2
    weights = np.array([top, 1 - top - right, right], np.float64)
    if (weights < 0).any():
        weights = _nearest_inside(x, y)
    return np.asarray(weights / weights.sum(), np.float32)


def _nearest_inside(x: float, y: float) -> npt.NDArray[np.float64]:
    corners = np.array([(0.5, 0.0), (0.0, 1.0), (1.0, 1.0)])
    place = np.array([x, y])
    best, found = np.inf, np.zeros(3)
    for a, b in ((0, 1), (1, 2), (2, 0)):
        way = corners[b] - corners[a]
        along = float(np.clip((place - corners[a]) @ way / (way @ way), 0, 1))
        distance = float(((corners[a] + along * way - place) ** 2).sum())
        if distance < best:
            best, found = distance, np.zeros(3)
            found[a], found[b] = 1 - along, along
    return found


class PrincipalMap:
    """A map along the two directions a set of pictures differs in most (PCA of their latents).

    The middle of the square is the set's mean; each picture has a place, and the square just holds
    them all. Directions are combinations of the pictures, so a place is a weight for each.

    Args:
        latents: two or more of one shape, whitened.

    Source: PCA through the Gram matrix, as usual where there are fewer samples than dimensions.
    """

    def __init__(self, latents: Sequence[Array]) -> None:
        count = len(latents)
        flat = np.stack([latent.ravel() for latent in latents]).astype(np.float64)
        centred = flat - flat.mean(axis=0)
        values, vectors = np.linalg.eigh(centred @ centred.T)
        axes = np.zeros((2, count))
        for axis in range(min(2, count - 1)):
            value, vector = values[-1 - axis], vectors[:, -1 - axis]
            if value > 1e-9 * max(float(values[-1]), 1e-12):
                # The sign of an eigenvector is arbitrary: the first picture goes right, and down.
                lead = vector[np.argmax(np.abs(vector) > 1e-6)]
                axes[axis] = vector * np.sign(lead) * np.sqrt(value)
        self._reach = np.abs(axes).max(axis=1)
        self._axes = axes
        self._count = count

    @property
    def places(self) -> npt.NDArray[np.float64]:
        """(N, 2): where each picture lies, x and y in 0..1."""
        reach = np.where(self._reach > 0, self._reach, 1)
        return np.asarray(0.5 + 0.5 * (self._axes / reach[:, None]).T)

    def weights(self, x: float, y: float) -> Array:
        """(N,), summing to one; some are negative away from the middle.

        The least weights whose combination has that place: mean + a·PC1 + b·PC2.
        """
        weights = np.full(self._count, 1 / self._count)
        for axis, place in enumerate((x, y)):
            row = self._axes[axis]
            power = float(row @ row)
            if power > 0:
                weights = weights + (2 * place - 1) * self._reach[axis] * row / power
        return np.asarray(weights, np.float32)


def grid_places(side: int, x: float, y: float, width: float) -> list[tuple[float, float]]:
    """The places of a sheet of side × side pictures, row by row: a window onto the unit square.

    Args:
        x, y: the window's middle; it is moved inwards where it would stick out.
        width: the window's width, 0..1.
    """
    half = width / 2
    x, y = min(max(x, half), 1 - half), min(max(y, half), 1 - half)
    steps = [0.0] if side == 1 else [width * (i / (side - 1) - 0.5) for i in range(side)]
    return [(x + dx, y + dy) for dy in steps for dx in steps]
