"""Run a generator without a studio, and check that it behaves: for plugin authors' tests.

    outputs = run(spec, {"prompt": "a fox", "seed": 7}, models={"tiny": info})
    assert check_generator(spec, {"prompt": "a fox"}, models={"tiny": info}) == []

Everything runs in the calling thread on the CPU.
"""

from __future__ import annotations

from studio.api._conformance import check_generator
from studio.api._inline import InlineContext, InlineLoading, blank_image, run

__all__ = ["InlineContext", "InlineLoading", "blank_image", "check_generator", "run"]
