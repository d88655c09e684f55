"""Where the studio keeps its things, and what it says when it can't."""

from __future__ import annotations

from pathlib import Path

import pytest

from studio.api import StorageError
from studio.io.paths import Paths, user_paths


def test_paths_that_cannot_be_made_say_which(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    blocked = Paths(tmp_path / "file" / "config", tmp_path / "data", tmp_path / "cache")
    with pytest.raises(StorageError, match="FOLIO_HOME") as caught:
        blocked.make()
    assert "config" in caught.value.where


def test_user_paths_follow_folio_home(folio_home: Path) -> None:
    assert user_paths().data == folio_home / "data"


@pytest.mark.parametrize("name", ["faces_gan", "..", ".", "a/b", "a\\b", "my plugin (file)"])
def test_plugin_data_is_one_folder_under_the_data_whatever_the_plugin_is_called(
    name: str, folio_home: Path
) -> None:
    folder = user_paths().plugin_data(name)
    assert folder.resolve().parent == (folio_home / "data" / "plugin-data").resolve()
    assert not folder.exists()


def test_make_is_idempotent(folio_home: Path) -> None:
    paths = user_paths()
    paths.make()
    paths.make()
    assert paths.models.is_dir()
