"""Drafts of older versions are found once their process is gone."""

from __future__ import annotations

import os
from pathlib import Path

import psutil
import pytest

from studio.api import StorageError
from studio.io.drafts import drafts_left_behind

GONE = "draft-99999999-1.md"


def test_draft_of_a_living_process_is_left_alone(tmp_path: Path) -> None:
    parent = psutil.Process(os.getppid())
    began = int(parent.create_time())
    (tmp_path / f"draft-{parent.pid}-{began}.md").write_text("theirs")
    (tmp_path / f"draft-{parent.pid}-{began - 60}.md").write_text("of a number used again")
    (tmp_path / "notes.md").write_text("no draft")
    ((_, text, _),) = drafts_left_behind(tmp_path)
    assert text == "of a number used again"
    assert drafts_left_behind(tmp_path / "none") == []


def test_draft_of_the_oldest_version_counts(tmp_path: Path) -> None:
    for name in ("draft.md", GONE):
        (tmp_path / name).write_text(name)
    assert {text for _, text, _ in drafts_left_behind(tmp_path)} == {"draft.md", GONE}


def test_draft_that_is_no_text_is_told_and_stays(tmp_path: Path) -> None:
    (tmp_path / GONE).write_bytes(b"\0\1\2")
    with pytest.raises(StorageError):
        drafts_left_behind(tmp_path)
    assert (tmp_path / GONE).exists()
