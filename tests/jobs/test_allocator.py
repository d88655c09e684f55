"""Freed memory stays warm while jobs run, and goes back to the system when models are freed."""

from __future__ import annotations

import ctypes
import subprocess
import sys

import pytest

_WORK = """
import resource, sys, threading
import psutil
from studio.jobs.allocator import keep_freed_memory
from studio.jobs.device import give_memory_back

BLOCKS, BYTES = 6, 8 << 20
faults = []

def layers():
    for _ in range(4):
        before = resource.getrusage(resource.RUSAGE_THREAD).ru_minflt
        taken = [bytearray(BYTES) for _ in range(BLOCKS)]
        del taken
        faults.append(resource.getrusage(resource.RUSAGE_THREAD).ru_minflt - before)

if sys.argv[1] == "kept":
    assert keep_freed_memory()
thread = threading.Thread(target=layers)
thread.start()
thread.join()
warm = psutil.Process().memory_info().rss
give_memory_back("cpu")
print(max(faults[1:]), warm - psutil.Process().memory_info().rss)
"""


def _worked(how: str) -> tuple[int, int]:
    """Page faults of a round that takes 48 MB again, and the bytes that were given back afterwards."""
    done = subprocess.run(
        [sys.executable, "-c", _WORK, how], capture_output=True, text=True, check=True
    )
    faults, returned = done.stdout.split()
    return int(faults), int(returned)


@pytest.mark.skipif(
    not hasattr(ctypes.CDLL(None), "mallopt") if sys.platform == "linux" else True,
    reason="only glibc is set up",
)
def test_freed_memory_is_taken_again_without_page_faults_and_given_back_when_asked() -> None:
    faults, returned = _worked("kept")
    assert faults < 100
    assert returned > 40 << 20
    assert _worked("as it comes")[0] > 1000
