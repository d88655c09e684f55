"""The journal: what wasn't saved comes back, from this process or a killed one, and costs what changed."""

from __future__ import annotations

import gc
import sqlite3
import subprocess
import sys
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from studio.api.errors import StorageError
from studio.core.document import Document
from studio.core.guides import Guide
from studio.core.layers import PaintLayer, walk
from studio.core.tiles import TileMap
from studio.io.folio_reader import read_folio
from studio.io.folio_writer import write_folio
from studio.io.journal import DATABASE, Journal, tile_maps
from studio.io.recovery import discard, find_left_behind
from studio.paint.regions import tiled, written
from tests.support.folios import paint_layer, painted, rich_document, same_tiles


def _back(folder: Path) -> Document:
    (left,), problems = find_left_behind(folder)
    assert problems == []
    return left.document


def _same(one: Document, other: Document) -> None:
    assert one.text == other.text
    assert [layer.id for layer in walk(one.layers)] == [layer.id for layer in walk(other.layers)]
    for before, after in zip(tile_maps(one), tile_maps(other), strict=True):
        assert same_tiles(before, after)


def _stroke(document: Document, seed: int) -> Document:
    layer = document.layers[0]
    assert isinstance(layer, PaintLayer)
    pixels = written(layer.pixels, painted(seed, 8, 8), seed % 40, seed % 30)
    return document.with_layers((replace(layer, pixels=pixels), *document.layers[1:]))


def _tiles_written(journal: Journal) -> int:
    assert journal._database is not None
    (count,) = journal._database.execute("SELECT count(*) FROM tiles").fetchone()
    return int(count)


def test_journal_closed_with_keep_gives_the_document_back(tmp_path: Path) -> None:
    document = rich_document()
    journal = Journal(tmp_path)
    journal.write(document, file=Path("/somewhere/a.folio"))
    journal.close(keep=True)
    (left,), _ = find_left_behind(tmp_path)
    _same(document, left.document)
    assert left.name == "a.folio"
    discard(left.folder)
    assert find_left_behind(tmp_path) == ([], [])


def test_journal_brings_guides_back(tmp_path: Path) -> None:
    document = replace(rich_document(), guides=(Guide("x", 12), Guide("y", -3)))
    journal = Journal(tmp_path)
    journal.write(document)
    journal.close(keep=True)
    assert _back(tmp_path).guides == document.guides


def test_journal_closed_without_keep_leaves_nothing(tmp_path: Path) -> None:
    journal = Journal(tmp_path)
    journal.write(rich_document())
    journal.close()
    journal.close()
    assert list(tmp_path.iterdir()) == []


def test_journal_of_a_living_window_is_left_alone(tmp_path: Path) -> None:
    journal = Journal(tmp_path)
    journal.write(rich_document())
    assert find_left_behind(tmp_path) == ([], [])
    journal.close(keep=True)
    assert len(find_left_behind(tmp_path)[0]) == 1


def test_journal_saved_document_is_not_offered_and_its_folder_goes(tmp_path: Path) -> None:
    journal = Journal(tmp_path)
    journal.write(rich_document())
    journal.clear()
    journal.close(keep=True)
    assert find_left_behind(tmp_path) == ([], [])
    assert list(tmp_path.iterdir()) == []


def test_journal_writes_only_tiles_that_are_new(tmp_path: Path) -> None:
    document = rich_document()
    journal = Journal(tmp_path)
    journal.write(document)
    before = _tiles_written(journal)
    journal.write(_stroke(document, 3))
    journal.write(_stroke(document, 3).with_text("more"))
    assert _tiles_written(journal) <= before + 2
    journal.close(keep=True)
    _same(_back(tmp_path), _stroke(document, 3).with_text("more"))


def test_journal_of_a_saved_folio_writes_no_tile_of_it(tmp_path: Path) -> None:
    path, journal = tmp_path / "a.folio", Journal(tmp_path / "journals")
    write_folio(path, rich_document(), records={"r1": "{}"})
    opened = read_folio(path).document
    journal.rebase(opened, path)
    changed = _stroke(opened, 5)
    journal.write(changed, file=path)
    assert _tiles_written(journal) == 1
    journal.close(keep=True)
    path.unlink()  # whatever becomes of the file: the journal has its own name for it
    (left,), _ = find_left_behind(tmp_path / "journals")
    _same(left.document, changed)
    assert dict(left.records) == {"r1": "{}"}


def test_journal_after_a_save_begins_anew_with_what_came_meanwhile(tmp_path: Path) -> None:
    path, journal = tmp_path / "a.folio", Journal(tmp_path / "journals")
    saved = rich_document()
    journal.write(saved)
    write_folio(path, saved)
    journal.rebase(saved, path, _stroke(saved, 7), path)
    write_folio(path, Document("another program's"))
    journal.close(keep=True)
    _same(_back(tmp_path / "journals"), _stroke(saved, 7))
    assert len(list(journal.folder.glob("base-*"))) == 1


def test_journal_whose_base_is_gone_writes_everything(tmp_path: Path) -> None:
    journal, document = Journal(tmp_path / "journals"), rich_document()
    journal.rebase(document, tmp_path / "pulled out.folio", document)
    journal.close(keep=True)
    _same(_back(tmp_path / "journals"), document)


def test_journal_tile_at_another_place_of_the_base_is_written(tmp_path: Path) -> None:
    path, journal = tmp_path / "a.folio", Journal(tmp_path / "journals")
    layer = paint_layer("a", 1)
    document = Document("", (layer,))
    write_folio(path, document)
    journal.rebase(document, path)
    elsewhere = TileMap({(3, 4): layer.pixels.tiles[(0, 0)]})
    moved = document.with_layers((replace(layer, pixels=elsewhere),))
    journal.write(moved)
    journal.close(keep=True)
    _same(_back(tmp_path / "journals"), moved)


def test_journal_clears_away_what_only_older_documents_had(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("studio.io.journal._SPARE_BYTES", 0)
    journal, document = Journal(tmp_path), Document("", (paint_layer("a", 1),))
    kept = []
    for seed in range(12):
        kept.append(_stroke(document, seed))
        journal.write(kept[-1])
    assert _tiles_written(journal) <= 3
    journal.write(kept[0])  # undo brings back a tile that was cleared away
    journal.close(keep=True)
    _same(_back(tmp_path), kept[0])


def test_journal_numbers_are_not_fooled_by_memory_used_again(tmp_path: Path) -> None:
    journal = Journal(tmp_path)
    for seed in range(30):
        document = Document("", (PaintLayer("a", "A", tiled(painted(seed))),))
        journal.write(document)
        gc.collect(0)
    journal.close(keep=True)
    _same(_back(tmp_path), document)


def test_journal_on_a_full_disk_says_so_and_recovers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    journal, document = Journal(tmp_path), rich_document()
    assert journal._database is not None
    journal._database.execute("PRAGMA max_page_count=8")
    with pytest.raises(StorageError, match="can't be kept safe"):
        journal.write(document)
    journal._database.execute("PRAGMA max_page_count=100000")
    journal.write(document)
    journal.close(keep=True)
    _same(_back(tmp_path), document)


def test_left_behind_damaged_journal_is_told_and_kept(tmp_path: Path) -> None:
    (tmp_path / "old").mkdir()
    (tmp_path / "old" / DATABASE).write_bytes(b"no database" * 999)
    journal = Journal(tmp_path)
    journal.write(Document("words"))
    journal.close(keep=True)
    found, problems = find_left_behind(tmp_path)
    assert [left.document.text for left in found] == ["words"]
    assert len(problems) == 1
    assert str(tmp_path / "old") in problems[0]
    assert (tmp_path / "old" / DATABASE).exists()


def test_left_behind_lacking_a_tile_is_told(tmp_path: Path) -> None:
    journal = Journal(tmp_path)
    journal.write(rich_document())
    journal.close(keep=True)
    with closing(sqlite3.connect(journal.folder / DATABASE)) as database, database:
        database.execute("DELETE FROM tiles")
    found, problems = find_left_behind(tmp_path)
    assert found == []
    assert "lacks a tile" in problems[0]


_KILLED = """
import os, signal, sys
from pathlib import Path
from studio.io.journal import Journal
from tests.support.folios import rich_document
journal = Journal(Path(sys.argv[1]))
journal.write(rich_document())
os.kill(os.getpid(), signal.SIGKILL)
"""


def test_left_behind_by_a_killed_process_comes_back(tmp_path: Path) -> None:
    root = Path(__file__).resolve().parents[2]
    done = subprocess.run([sys.executable, "-c", _KILLED, str(tmp_path)], cwd=root, check=False)
    assert done.returncode == -9
    _same(_back(tmp_path), rich_document())


def test_left_behind_mask_of_one_channel_keeps_its_fill(tmp_path: Path) -> None:
    document = Document("", (), 9, 9, tiled(np.full((9, 9), 7, np.uint8), fill=255))
    journal = Journal(tmp_path)
    journal.write(document)
    journal.close(keep=True)
    selection = _back(tmp_path).selection
    assert selection is not None
    assert selection.fill == 255
    assert document.selection is not None
    assert same_tiles(selection, document.selection)
