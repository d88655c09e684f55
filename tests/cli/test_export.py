"""`studio export`: a folio in other formats, from the command line."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np

from studio.core.document import Document
from studio.core.spans import WrittenSpan
from studio.io.folio_writer import write_folio
from studio.io.images import read_image
from studio.paint.composing import compose
from tests.cli.conftest import Said
from tests.support.folios import rich_document


def test_export_writes_the_picture_and_never_over_another(
    cli: Callable[..., Said], tmp_path: Path
) -> None:
    document = rich_document()
    write_folio(tmp_path / "a.folio", document)
    out = tmp_path / "a.png"
    assert cli("export", str(tmp_path / "a.folio"), "-o", str(out)).code == 0
    assert np.array_equal(read_image(out), compose(document.layers, document.frame))
    again = cli("export", str(tmp_path / "a.folio"), "-o", str(out))
    assert again.code == 1
    assert "--force" in again.err
    assert cli("export", str(tmp_path / "a.folio"), "-o", str(out), "--force").code == 0


def test_export_goes_through_every_layered_format(cli: Callable[..., Said], tmp_path: Path) -> None:
    write_folio(tmp_path / "a.folio", rich_document())
    for one, two in (("a.folio", "b.ora"), ("b.ora", "c.psd"), ("c.psd", "d.folio")):
        assert cli("export", str(tmp_path / one), "-o", str(tmp_path / two)).code == 0
    film = cli("export", str(tmp_path / "d.folio"), "-o", str(tmp_path / "e.gif"), "--film")
    assert "frames" in film.out


def test_export_of_an_unknown_kind_says_what_is_known(
    cli: Callable[..., Said], tmp_path: Path
) -> None:
    (tmp_path / "a.doc").write_bytes(b"x")
    done = cli("export", str(tmp_path / "a.doc"), "-o", str(tmp_path / "a.png"))
    assert done.code == 1
    assert ".folio" in done.err


def test_export_writes_a_folios_text_with_whose_words_it_has(
    cli: Callable[..., Said], tmp_path: Path
) -> None:
    text = "# A title\n\nWords of mine, and words of a model. ![a fox](fox.png)"
    document = Document(text, spans=(WrittenSpan(27, 47, "record"),))
    write_folio(tmp_path / "a.folio", document)
    out = tmp_path / "a.html"
    done = cli("export", str(tmp_path / "a.folio"), "-o", str(out), "--disclosure")
    assert done.code == 0
    assert "fox.png is left out" in done.out
    page = out.read_text("utf-8")
    assert "<title>A title</title>" in page
    assert "by a language model and left as it was" in page
    again = cli("export", str(tmp_path / "a.folio"), "-o", str(out))
    assert again.code == 1
    assert "--force" in again.err


def test_export_of_a_text_file_claims_nothing_about_its_author(
    cli: Callable[..., Said], tmp_path: Path
) -> None:
    (tmp_path / "a.md").write_text("*Words*")
    done = cli("export", str(tmp_path / "a.md"), "-o", str(tmp_path / "a.docx"), "--disclosure")
    assert done.code == 1
    assert "only a folio keeps that" in done.err
    assert cli("export", str(tmp_path / "a.md"), "-o", str(tmp_path / "a.docx")).code == 0
    assert cli("export", str(tmp_path / "a.md"), "-o", str(tmp_path / "a.txt")).code == 0
    assert (tmp_path / "a.txt").read_text() == "Words\n"


def test_export_of_no_text_is_refused(cli: Callable[..., Said], tmp_path: Path) -> None:
    write_folio(tmp_path / "a.folio", rich_document().with_text(""))
    done = cli("export", str(tmp_path / "a.folio"), "-o", str(tmp_path / "a.odt"))
    assert done.code == 1
    assert "no text" in done.err
    assert not (tmp_path / "a.odt").exists()


def test_export_reads_word_files(cli: Callable[..., Said], tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text("# A *title*\n\n- one\n- two\n", "utf-8")
    for one, two in (("a.md", "b.docx"), ("b.docx", "c.md")):
        assert cli("export", str(tmp_path / one), "-o", str(tmp_path / two)).code == 0
    assert (tmp_path / "c.md").read_text("utf-8") == (tmp_path / "a.md").read_text("utf-8")
