"""kill -9 while a model writes into the text: what the person wrote comes back, and nothing half-written."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from studio.core.background import Background
from studio.core.document import Document
from studio.io.paths import user_paths
from studio.io.recovery import find_left_behind
from tests.support.killed_writer import MEMORY, TEXT

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.timeout(300)
def test_text_and_memory_outlive_a_kill_in_mid_stream_without_the_ghost(folio_home: Path) -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.support.killed_writer"],
        cwd=ROOT,
        env={**os.environ, "QT_QPA_PLATFORM": "offscreen"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout is not None
        said = process.stdout.readline().strip()
    finally:
        process.kill()
        _, problems = process.communicate()
    assert said == "writing", problems[-2000:]
    found, unread = find_left_behind(user_paths().journals)
    assert not unread
    (left,) = found
    assert left.document == Document(TEXT, background=Background(MEMORY))
