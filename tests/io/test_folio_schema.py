"""The schema's number: it goes up with what a folio holds, so an older Folio refuses instead of losing it."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from studio.api.errors import StorageError
from studio.core.background import Background
from studio.core.document import Document
from studio.core.guides import Guide
from studio.io import folio_schema
from studio.io.folio_reader import read_folio
from studio.io.folio_schema import FORMAT, FolioData, read_data
from studio.io.folio_writer import write_folio

HELD = {
    1: {
        "FolioData": "app format height_px layers selection spans width_px",
        "LayerData": "alpha_locked blend_mode clipped id kind layers locked mask name opacity pieces "
        "record_id style text visible x y",
        "MaskData": "enabled fill pieces x y",
        "PieceData": "src x y",
        "SpanData": "edited end record_id start",
        "StyleData": "align bold colour family italic size_px width_px",
    },
    2: {
        "FolioData": "background forks guides",
        "BackgroundData": "author_note memory note_depth world_notes",
        "BranchData": "forks id name record_id spans text",
        "ForkData": "branches length position shown",
        "GuideData": "at_px axis",
    },
}
"""What each format added. A reader drops what it doesn't know, and its next save is without it."""


def _held() -> Iterator[str]:
    schema: dict[str, Any] = FolioData.model_json_schema()
    parts = {**schema["$defs"], "FolioData": schema}
    for part, said in parts.items():
        yield from (f"{part}.{name}" for name in said.get("properties", ()))


def test_format_goes_up_with_every_field() -> None:
    """If this fails, a folio has got a new field: raise FORMAT, add a migration, and write it down here."""
    assert list(HELD) == list(range(1, FORMAT + 1))
    parts = [(part, names) for added in HELD.values() for part, names in added.items()]
    assert set(_held()) == {f"{part}.{name}" for part, names in parts for name in names.split()}


def test_folio_is_refused_by_one_that_would_lose_something_of_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a.folio"
    write_folio(path, Document("", background=Background("Mara."), guides=(Guide("x", 12),)))
    monkeypatch.setattr(folio_schema, "FORMAT", 1)
    with pytest.raises(StorageError, match="A newer Folio saved this folio") as caught:
        read_folio(path)
    assert "Update Folio" in caught.value.remedy


def test_folio_of_the_first_format_is_opened(tmp_path: Path) -> None:
    old = b'{"format": 1, "spans": [{"start": 0, "end": 3, "record_id": "r1"}]}'
    data = read_data(old)
    assert (data.format, data.forks, data.guides) == (FORMAT, (), ())
    write_folio(tmp_path / "new.folio", Document("old"))
    with (
        zipfile.ZipFile(tmp_path / "new.folio") as new,
        zipfile.ZipFile(tmp_path / "old.folio", "w") as file,
    ):
        for name in new.namelist():
            file.writestr(name, old if name == "folio/document.json" else new.read(name))
    document = read_folio(tmp_path / "old.folio").document
    assert document.text == "old"
    assert [span.record_id for span in document.spans] == ["r1"]
