"""Where a result belongs: checked, kept in the record, carried over to whoever places it."""

from __future__ import annotations

import pickle

import numpy as np
import pytest

from studio.api import ImageOutput, Placement
from studio.core.records import Record


def test_a_placement_survives_the_record_and_the_pipe() -> None:
    placement = Placement("image", -8, 4, 80, 64)
    output = ImageOutput(np.zeros((2, 2, 3), np.uint8), placement=placement)
    assert pickle.loads(pickle.dumps(output)).placement == placement
    record = Record(
        generator_id="a.b", generator_version="1", params={}, seed=1, placement=placement
    )
    assert Record.model_validate_json(record.model_dump_json()).placement == placement


def test_a_record_from_before_has_no_placement() -> None:
    old = {"generator_id": "a.b", "generator_version": "1", "params": {}, "seed": 1}
    assert Record.model_validate(old).placement is None


@pytest.mark.parametrize("wrong", [("", 0, 0, 1, 1), ("image", 0, 0, 0, 1), ("image", 0, 0, 1, 0)])
def test_a_placement_over_nothing_is_refused(wrong: tuple[str, int, int, int, int]) -> None:
    with pytest.raises(ValueError, match="placement"):
        Placement(*wrong)
