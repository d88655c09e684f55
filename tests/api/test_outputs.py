"""What a generator yields is kept as it was: read-only copies, made once."""

from __future__ import annotations

import numpy as np

from studio.api import ImageOutput, as_pixels


def test_pixels_are_copied_once_and_what_can_still_change_is_copied_again() -> None:
    made = np.zeros((4, 3, 3), np.uint8)
    kept = as_pixels(made)
    made[:] = 9
    assert kept.shape == (4, 3, 4)
    assert not kept[..., :3].any()
    assert not kept.flags.writeable
    assert as_pixels(kept) is kept
    assert ImageOutput(kept).pixels is kept
    own = np.zeros((4, 3, 4), np.uint8)
    part = own[:]
    part.setflags(write=False)
    assert as_pixels(own) is not own
    seen = as_pixels(part)
    own[:] = 9
    assert not seen[..., :3].any()
