"""Whose a thing on the disk is: a process that lives, or one that is gone."""

from __future__ import annotations

import os
import subprocess
import sys

import psutil
import pytest

from studio.io.process_mark import lives, own_mark


def test_own_mark_lives_and_that_of_an_ended_process_does_not() -> None:
    assert lives(own_mark())
    code = "from studio.io.process_mark import own_mark; print(own_mark())"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert not lives(done.stdout.strip())


def test_number_that_is_used_again_is_not_mistaken() -> None:
    parent = psutil.Process(os.getppid())
    assert lives(f"{parent.pid}-{int(parent.create_time())}")
    assert not lives(f"{parent.pid}-{int(parent.create_time()) - 60}")


@pytest.mark.parametrize("mark", ["", "x-y", "7", f"{2**70}-1", "-1--1"])
def test_what_is_no_mark_does_not_live(mark: str) -> None:
    assert not lives(mark)
