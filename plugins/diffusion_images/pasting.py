"""Puts what was painted back into the picture: all that was not chosen stays to the bit. Pure; any thread."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from studio.api import Mask, Pixels

from .filling import FloatField, filled


def weights(mask: Mask, feather: int) -> FloatField:
    """(H, W), 0..1: how much of what was painted is seen; 0 where the mask is 0.

    The feather runs inwards, or pixels that were not chosen would change. A stroke that is thinner than
    two feathers is whole in its middle all the same.
    """
    chosen = (mask > 0).astype(np.uint8)
    share = mask.astype(np.float32) / np.float32(255)
    if feather <= 1:
        return share
    # How many times a pixel outlasts the chosen part's being worn off from its edge, up to the feather.
    depth = np.zeros(mask.shape, np.uint16)
    left = chosen
    for turn in range(feather):
        depth += left
        left = _around(left, np.minimum, square=turn % 2 == 0)
        if not left.any():
            break
    deepest = depth
    for turn in range(feather):
        deepest = _around(deepest, np.maximum, square=turn % 2 == 0) * chosen
    half = np.float32(0.5)  # a pixel's middle is half a pixel from its edge
    ramp = (depth.astype(np.float32) - half) / (np.maximum(deepest, 1).astype(np.float32) - half)
    return np.asarray(share * _without_stairs(ramp, chosen, feather), np.float32)


def _without_stairs(ramp: FloatField, chosen: npt.NDArray[np.uint8], feather: int) -> FloatField:
    """Whole pixels make stairs that are seen as a pattern: softened, within the chosen part only."""
    cover = chosen.astype(np.float32)
    ramp = ramp * cover
    for _ in range(max(1, feather // 3)):
        ramp, cover = _softened(ramp), _softened(cover)
    return np.asarray(ramp / np.maximum(cover, 1e-6) * chosen, np.float32)


def _softened(field: FloatField) -> FloatField:
    """Each pixel with half of its neighbours, across and down."""
    wide = np.pad(field, 1, mode="edge")
    across = (wide[:, :-2] + 2 * wide[:, 1:-1] + wide[:, 2:]) / 4
    return np.asarray((across[:-2] + 2 * across[1:-1] + across[2:]) / 4, np.float32)


def _around(
    field: npt.NDArray[np.unsignedinteger], best: np.ufunc, *, square: bool
) -> npt.NDArray[np.unsignedinteger]:
    """The least or greatest of each pixel and its neighbours: 8 of a square, else 4. The picture's own
    edge is none: beyond it everything goes on. In turns they make an octagon, nearly round."""
    wide = np.pad(field, 1, mode="edge")
    across = best(best(wide[1:-1, :-2], wide[1:-1, 2:]), field)
    if not square:
        return np.asarray(best(best(wide[:-2, 1:-1], wide[2:, 1:-1]), across))
    wide = np.pad(across, ((1, 1), (0, 0)), mode="edge")
    return np.asarray(best(best(wide[:-2], wide[2:]), across))


def pasted(
    ground: Pixels, painted: npt.NDArray[np.uint8], weight: FloatField, *, below: bool = False
) -> Pixels:
    """(H, W, 4): `painted` (H, W, 3) over `ground`, whose bytes stay where the weight is 0.

    Args:
        below: The paint lies under the ground and fills it up: what has any weight becomes opaque.

    Source: "over", Porter and Duff, Compositing Digital Images (1984), on straight alpha.
    """
    result = ground.copy()
    seen = weight > 0
    if not seen.any():
        return result
    over = weight[seen][:, None]
    under = ground[seen]
    rest = 1 - over if below else under[:, 3:4].astype(np.float32) / 255 * (1 - over)
    alpha = over + rest
    colour = (painted[seen] * over + under[:, :3] * rest) / alpha
    result[seen] = np.concatenate([colour, alpha * 255], axis=1) + np.float32(0.5)
    return result


def cut_out(painted: npt.NDArray[np.uint8], weight: FloatField) -> Pixels:
    """(H, W, 4): only what was painted, see-through elsewhere; laid over the picture it is `pasted`."""
    alpha = (weight * 255 + 0.5).astype(np.uint8)
    return np.dstack([np.where(alpha[..., None] > 0, painted, 0), alpha])


def with_matched_seam(
    painted: npt.NDArray[np.uint8], original: npt.NDArray[np.uint8], new: Mask, fading: FloatField
) -> npt.NDArray[np.uint8]:
    """`painted` so that it meets `original` without an edge: the difference between the two, as it is
    along the seam, is spread over the new part and fades out with `fading` (1 = gone).

    Args:
        painted, original: (H, W, 3).
        new: (H, W), 255 where there is nothing of the original.
    """
    known = (new == 0).astype(np.float32)
    difference = original.astype(np.float32) - painted.astype(np.float32)
    correction = filled(difference * known[..., None], known) * (1 - fading)[..., None]
    return np.asarray(np.clip(painted + correction + 0.5, 0, 255), np.uint8)
