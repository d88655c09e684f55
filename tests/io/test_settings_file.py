"""Settings survive damage: a bad value is dropped alone, a bad file is kept aside."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.api import StorageError
from studio.core.settings import Settings, settings_from
from studio.io.settings_file import SettingsFile
from tests.support.full_disk import fill_disk


def test_round_trip(tmp_path: Path) -> None:
    file = SettingsFile(tmp_path / "deep" / "settings.json")
    settings = Settings(theme="dark", disabled_plugins=("a", "b"), model_cache_fraction=0.5)
    file.save(settings)
    assert file.load() == (settings, [])


def test_no_file_means_defaults_without_a_word(tmp_path: Path) -> None:
    assert SettingsFile(tmp_path / "settings.json").load() == (Settings(), [])


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("engine", "steam"),
        ("colour", 1),
        ("disabled_plugins", [1, 2]),
        ("disabled_plugins", "abc"),
        ("model_cache_fraction", 2),
        ("model_cache_fraction", float("nan")),
        ("window_geometry", None),
        ("undo_budget_mb", 0),
    ],
)
def test_bad_value_is_dropped_alone_and_named(name: str, value: object, tmp_path: Path) -> None:
    path = tmp_path / "settings.json"
    path.write_text(json.dumps({"theme": "dark", name: value}))
    settings, problems = SettingsFile(path).load()
    assert settings == Settings(theme="dark")
    assert len(problems) == 1
    assert repr(name) in problems[0]


@pytest.mark.parametrize("content", [b"{nonsense", b"[1]", b"\xff\xfe\x00", b"[" * 100_000, b""])
def test_damaged_file_is_kept_aside(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "settings.json"
    path.write_bytes(content)
    settings, problems = SettingsFile(path).load()
    assert settings == Settings()
    assert "damaged" in problems[0]
    assert (tmp_path / "settings.damaged.json").read_bytes() == content
    assert SettingsFile(path).load() == (Settings(), [])


def test_folder_in_the_files_place_is_said_and_defaults_are_used(tmp_path: Path) -> None:
    (tmp_path / "settings.json").mkdir()
    settings, problems = SettingsFile(tmp_path / "settings.json").load()
    assert settings == Settings()
    assert "can't be read" in problems[0]


def test_save_on_a_full_disk_is_said_and_keeps_the_old(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = SettingsFile(tmp_path / "settings.json")
    file.save(Settings(theme="dark"))
    fill_disk(monkeypatch)
    with pytest.raises(StorageError, match="disk is full"):
        file.save(Settings(theme="light"))
    assert file.load()[0].theme == "dark"


def test_save_where_no_folder_can_be_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StorageError, match=r"file where a folder|not a folder"):
        SettingsFile(tmp_path / "file" / "settings.json").save(Settings())


@given(
    st.dictionaries(
        st.sampled_from([*Settings.model_fields, "other"]),
        st.none()
        | st.integers()
        | st.floats()
        | st.text(max_size=9)
        | st.lists(st.text(max_size=3)),
    )
)
def test_any_values_give_settings(values: dict[str, object]) -> None:
    settings, problems = settings_from(values)
    assert isinstance(settings, Settings)
    assert len(problems) <= len(values)
