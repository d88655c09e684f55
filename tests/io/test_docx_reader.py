"""Word files opened: what they say becomes Markdown, what would do harm is refused."""

from __future__ import annotations

import io
import re
import zipfile
from pathlib import Path
from random import Random

import docx
import docx.document
import pytest
from docx.enum.text import WD_BREAK
from docx.oxml import OxmlElement, parse_xml
from docx.oxml.ns import nsdecls, qn
from hypothesis import HealthCheck, given, settings
from PIL import Image

from studio.api.errors import StorageError
from studio.core.document import Document
from studio.core.layers import PaintLayer
from studio.core.prose import Blocks
from studio.core.prose_tidying import tidied
from studio.io.documents import read_document
from studio.io.docx_reader import read_docx
from studio.io.export.folio_pictures import text_of
from studio.io.export.manuscript import Manuscript
from studio.io.export.texts import TextSource, export_text, write_manuscript
from studio.io.markdown_reader import read_markdown
from studio.paint.regions import tiled
from tests.support.folios import painted
from tests.support.prose_trees import trees

STORY = """\
# The Lantern 灯笼

It was *late* — ***very*** late, said ~~Tom~~ <u>Anna</u>; H<sub>2</sub>O, x<sup>2</sup>, `code  span`, [a *link*](https://a.b/x?a=1&b=2).\\
The second line.

　　第一段，**“你好”**，她说。

## One

> Quoted *words*.
>
> And more.

- first
- second
  1. deep
  2. deeper
- third

3. three

   more in three

4. four

___

```
if a < 1:
    b = "&"
```

## Two

| Name | City |
| --- | --: |
| Ann | 北京 |
| B\\|b | **bold** |
"""


def _opened(document: docx.document.Document, path: Path) -> str:
    document.save(str(path))
    return read_docx(path).document.text


def test_manuscript_comes_back_from_word_as_it_was(tmp_path: Path) -> None:
    text = STORY + "\n![A fox](layer:a%20fox) and words\n"
    layer = PaintLayer("1", "a fox", tiled(painted(1)))
    source = text_of(Document(text, (layer,)), TextSource(""))
    assert export_text(tmp_path / "a.docx", source) == ()
    read = read_document(tmp_path / "a.docx")
    assert read.notices == ()
    assert read.document.text == text.replace("layer:a%20fox", "layer:image1")
    (picture,) = read.document.layers
    assert (picture.name, picture.visible) == ("image1", False)
    assert (picture.bounds.width, picture.bounds.height) == (
        layer.bounds.width,
        layer.bounds.height,
    )
    again = text_of(read.document, TextSource(""))
    assert export_text(tmp_path / "b.docx", again) == ()


def test_words_own_styles_are_understood(tmp_path: Path) -> None:
    document = docx.Document()
    document.add_heading("The title", 0)
    document.add_heading("Part", 2).runs[0].bold = True
    document.add_paragraph("said he", style="Intense Quote")
    document.add_paragraph("one", style="List Bullet")
    document.add_paragraph("two", style="List Bullet 2")
    document.add_paragraph("first", style="List Number")
    run = document.add_paragraph("plain ").add_run("strong")
    run.style = "Strong"
    off = document.paragraphs[-1].add_run(" not")
    off.style, off.bold = "Strong", False
    document.add_paragraph("")
    text = _opened(document, tmp_path / "a.docx")
    assert text == (
        "# The title\n\n## Part\n\n> said he\n\n- one\n- two\n\n1. first\n\nplain **strong** not\n"
    )


def test_list_that_is_interrupted_counts_on(tmp_path: Path) -> None:
    document = docx.Document()
    document.add_paragraph("one", style="List Number")
    document.add_paragraph("two", style="List Number")
    document.add_paragraph("Between.")
    document.add_paragraph("three", style="List Number")
    text = _opened(document, tmp_path / "a.docx")
    assert text == "1. one\n2. two\n\nBetween.\n\n3. three\n"


def test_tracked_changes_fields_and_breaks(tmp_path: Path) -> None:
    document = docx.Document()
    paragraph = document.add_paragraph("Kept")
    for tag, words in (("w:ins", " new"), ("w:del", " old")):
        change = OxmlElement(tag)
        run = parse_xml(f'<w:r {nsdecls("w")}><w:t xml:space="preserve">{words}</w:t></w:r>')
        change.append(run)
        paragraph._p.append(change)
    for kind, code in (("begin", ""), ("", 'HYPERLINK "https://a.b/"'), ("separate", "")):
        piece = (
            f"<w:instrText>{code}</w:instrText>" if code else f'<w:fldChar w:fldCharType="{kind}"/>'
        )
        paragraph._p.append(parse_xml(f"<w:r {nsdecls('w')}>{piece}</w:r>"))
    paragraph.add_run(" linked")
    paragraph._p.append(parse_xml(f'<w:r {nsdecls("w")}><w:fldChar w:fldCharType="end"/></w:r>'))
    paragraph.add_run().add_break(WD_BREAK.LINE)
    paragraph.add_run("down")
    paragraph.add_run().add_break(WD_BREAK.PAGE)
    document.save(str(tmp_path / "a.docx"))
    read = read_docx(tmp_path / "a.docx")
    assert read.document.text == "Kept new [linked](https://a.b/)\\\ndown\n"
    assert "tracked changes" in read.notices[0]


@pytest.mark.parametrize(
    ("setting", "shown"),
    [("", False), ('w:val="1"', False), ('w:val="0"', True), ('w:val="false"', True)],
)
def test_words_are_hidden_only_where_that_is_on(tmp_path: Path, setting: str, shown: bool) -> None:
    document = docx.Document()
    paragraph = document.add_paragraph("Seen")
    hidden = f"<w:r {nsdecls('w')}><w:rPr><w:vanish {setting}/></w:rPr><w:t>too</w:t></w:r>"
    paragraph._p.append(parse_xml(hidden))
    assert _opened(document, tmp_path / "a.docx") == ("Seentoo\n" if shown else "Seen\n")


def test_footnotes_are_at_the_end(tmp_path: Path) -> None:
    document = docx.Document()
    paragraph = document.add_paragraph("Said")
    paragraph._p.append(parse_xml(f'<w:r {nsdecls("w")}><w:footnoteReference w:id="2"/></w:r>'))
    document.save(str(tmp_path / "a.docx"))
    notes = (
        f'<w:footnotes {nsdecls("w")}><w:footnote w:id="2"><w:p><w:r><w:footnoteRef/></w:r>'
        "<w:r><w:t>A note.</w:t></w:r></w:p></w:footnote></w:footnotes>"
    )
    with zipfile.ZipFile(tmp_path / "a.docx", "a") as package:
        package.writestr("word/footnotes.xml", notes)
    text = read_docx(tmp_path / "a.docx").document.text
    assert text == "Said<sup>1</sup>\n\n___\n\n1. A note.\n"


def test_picture_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    picture = io.BytesIO()
    Image.new("RGB", (8, 6)).save(picture, "PNG")
    document = docx.Document()
    document.add_picture(picture)
    document.save(str(tmp_path / "a.docx"))
    with (
        zipfile.ZipFile(tmp_path / "a.docx") as old,
        zipfile.ZipFile(tmp_path / "b.docx", "w") as new,
    ):
        for name in old.namelist():
            new.writestr(name, b"no picture" if "media" in name else old.read(name))
    read = read_docx(tmp_path / "b.docx")
    assert read.document.layers == ()
    assert "image1 is left out" in read.notices[0]
    assert "image1" in read.document.text


@settings(max_examples=10, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
@given(trees)
def test_any_manuscript_can_be_opened_from_word(
    tmp_path_factory: pytest.TempPathFactory, tree: Blocks
) -> None:
    """Whatever is written is read, and says the same the second time round."""
    folder = tmp_path_factory.mktemp("any")
    texts: list[str] = []
    blocks = tidied(tree)
    for name in ("a.docx", "b.docx"):
        write_manuscript(folder / name, Manuscript("x", blocks, "t"))
        texts.append(read_docx(folder / name).document.text)
        blocks = read_markdown(texts[-1])
    assert texts[0] == texts[1]


def _package(path: Path, document: bytes) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as package:
        package.writestr("word/document.xml", document)
    return path


_BODY = (
    b'<w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main">'
    b"<w:body>%s</w:body></w:document>"
)
_BOMB = (
    b'<!DOCTYPE d [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]>'
    b'<w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:body>'
    b"<w:p><w:r><w:t>&b;</w:t></w:r></w:p></w:body></w:document>"
)


@pytest.mark.parametrize(
    ("document", "reason"),
    [
        (_BOMB, "declares a document type"),
        (b"<w:document", "no XML"),
        (b"", "no XML"),
        (_BODY.replace(b"w:body", b"w:other"), "no text"),
        (_BODY % (b"<w:ins>" * 300 + b"</w:ins>" * 300), "nested too deeply"),
        (b"\0" * (129 << 20), "unpack to 135 MB"),
    ],
    ids=["entities", "cut", "empty", "bodyless", "deep", "zip bomb"],
)
def test_hostile_word_file_is_refused_with_the_reason(
    tmp_path: Path, document: bytes, reason: str
) -> None:
    with pytest.raises(StorageError, match=reason):
        read_document(_package(tmp_path / "a.docx", document))


def test_file_that_is_no_word_file_says_so(tmp_path: Path) -> None:
    (tmp_path / "a.docx").write_bytes(b"\xd0\xcf\x11\xe0 an old .doc")
    with pytest.raises(StorageError, match="no Word file"):
        read_docx(tmp_path / "a.docx")
    with zipfile.ZipFile(tmp_path / "b.docx", "w") as package:
        package.writestr("mimetype", "application/zip")
    with pytest.raises(StorageError, match="no document in it"):
        read_docx(tmp_path / "b.docx")


def test_styles_in_a_circle_and_lists_that_are_not_there_are_survived(tmp_path: Path) -> None:
    styles = (
        b'<w:styles xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main">'
        b'<w:style w:styleId="A"><w:basedOn w:val="B"/></w:style>'
        b'<w:style w:styleId="B"><w:basedOn w:val="A"/></w:style></w:styles>'
    )
    body = _BODY % (
        b'<w:p><w:pPr><w:pStyle w:val="A"/><w:numPr><w:ilvl w:val="99"/><w:numId w:val="7"/></w:numPr>'
        b"</w:pPr>"
        b"<w:r><w:t>words</w:t></w:r></w:p><w:tbl><w:tr/></w:tbl>"
    )
    path = _package(tmp_path / "a.docx", body)
    with zipfile.ZipFile(path, "a") as package:
        package.writestr("word/styles.xml", styles)
    assert read_docx(path).document.text == "- words\n"


def test_java_script_in_a_link_is_only_words(tmp_path: Path) -> None:
    document = docx.Document()
    link = OxmlElement("w:hyperlink")
    kind = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/hyperlink"
    link.set(qn("r:id"), document.part.relate_to("javascript:alert(1)", kind, is_external=True))
    link.append(parse_xml(f"<w:r {nsdecls('w')}><w:t>click</w:t></w:r>"))
    document.add_paragraph()._p.append(link)
    assert _opened(document, tmp_path / "a.docx") == "click\n"


def test_damaged_word_file_is_read_or_refused_and_never_a_bug(tmp_path: Path) -> None:
    source = tmp_path / "a.docx"
    export_text(source, TextSource(STORY))
    with zipfile.ZipFile(source) as package:
        parts = {name: package.read(name) for name in package.namelist()}
    random, refused = Random(1), 0
    for _ in range(80):
        name = random.choice(
            ["word/document.xml", "word/styles.xml", "word/numbering.xml", "_rels/.rels"]
        )
        text = parts[name].decode()
        values = re.findall(r'"[^"]*"', text)
        odd = ['"-1"', '""', f'"{"9" * 30}"', '"²"', '"../../a"', *random.sample(values, 3)]
        for _ in range(4):
            text = text.replace(random.choice(values), random.choice(odd), 20)
        with zipfile.ZipFile(tmp_path / "b.docx", "w") as package:
            for other, data in {**parts, name: text.encode()}.items():
                package.writestr(other, data)
        try:
            read_docx(tmp_path / "b.docx")
        except StorageError:
            refused += 1
    assert 0 < refused < 80


@pytest.mark.parametrize("span", ["²", "-5", "999999999", ""])
def test_odd_width_of_a_cell_is_survived(tmp_path: Path, span: str) -> None:
    cell = f'<w:tc><w:tcPr><w:gridSpan w:val="{span}"/></w:tcPr><w:p><w:r><w:t>a</w:t></w:r></w:p></w:tc>'
    row = f"<w:tr>{cell}{cell}</w:tr>"
    path = _package(tmp_path / "a.docx", _BODY % f"<w:tbl>{row}{row}</w:tbl>".encode())
    assert "| a |" in read_docx(path).document.text
