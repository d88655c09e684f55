"""Each process has a draft of its own; it is taken over once, and only when that process is gone."""

from __future__ import annotations

import os
from pathlib import Path

import psutil
import pytest

from studio.api import StorageError
from studio.io.drafts import Drafts

GONE = "draft-99999999-1.md"


def test_draft_is_there_while_there_is_something_to_keep(tmp_path: Path) -> None:
    drafts = Drafts(tmp_path)
    drafts.keep("Words – 狐")
    assert drafts.own.read_text(encoding="utf-8") == "Words – 狐"
    drafts.keep("")
    drafts.keep("")
    assert list(tmp_path.iterdir()) == []
    assert Drafts(tmp_path / "none").left_behind() == []


def test_draft_of_a_living_process_is_left_alone(tmp_path: Path) -> None:
    parent = psutil.Process(os.getppid())
    began = int(parent.create_time())
    (tmp_path / f"draft-{parent.pid}-{began}.md").write_text("theirs")
    (tmp_path / f"draft-{parent.pid}-{began - 60}.md").write_text(
        "of one whose number was used again"
    )
    (tmp_path / "notes.md").write_text("no draft")
    (left,) = Drafts(tmp_path).left_behind()
    assert left.read_text() == "of one whose number was used again"


def test_draft_is_taken_over_by_one_window_only(tmp_path: Path) -> None:
    (tmp_path / GONE).write_text("words")
    drafts = Drafts(tmp_path)
    (left,) = drafts.left_behind()
    assert drafts.take_over(left) == "words"
    assert drafts.own.read_text() == "words"
    assert drafts.take_over(left) is None
    assert drafts.put_aside(left) is None


def test_draft_that_is_no_text_stays_where_it_is(tmp_path: Path) -> None:
    (tmp_path / GONE).write_bytes(b"\0\1\2")
    drafts = Drafts(tmp_path)
    with pytest.raises(StorageError):
        drafts.take_over(tmp_path / GONE)
    assert (tmp_path / GONE).exists()
    assert not drafts.own.exists()


def test_newest_comes_first_and_an_older_versions_draft_counts(tmp_path: Path) -> None:
    for age, name in ((1, "draft.md"), (3, GONE), (2, "draft-99999998-1.md")):
        (tmp_path / name).write_text(name)
        os.utime(tmp_path / name, (age, age))
    left = [path.name for path in Drafts(tmp_path).left_behind()]
    assert left == [GONE, "draft-99999998-1.md", "draft.md"]
