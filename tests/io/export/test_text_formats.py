"""A manuscript in every format, opened again by programs that didn't write it."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import mammoth
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from PIL import Image
from pypdf import PdfReader

from studio.api.errors import StorageError, StudioError
from studio.core.prose import Blocks
from studio.core.prose_tidying import tidied
from studio.core.spans import WrittenSpan
from studio.io.export.as_epub import parted
from studio.io.export.as_html import html_page
from studio.io.export.as_pdf import write_pdf
from studio.io.export.as_plain_text import plain_text
from studio.io.export.manuscript import Manuscript, manuscript
from studio.io.export.texts import TEXT_EXPORTS, write_manuscript
from studio.io.images import decode_image
from studio.io.markdown_reader import read_markdown
from tests.support.prose_trees import trees

STORY = """\
# The Lantern 灯笼

It was *late* — ***very*** late, said ~~Tom~~ <u>Anna</u>; H<sub>2</sub>O, `code  span`, [a link](https://example.org/x).
A second line.

![A red square](red%20one.png "Red") and ![gone](nowhere.png)

## One

> Quoted *words*.

- first
- second
  1. deep

3. third

* * *

```python
if a < 1:
    b = "&"
```

## Two

| Name | City |
| ---- | ---: |
| Ann  | 北京 |
"""


@pytest.fixture
def story(tmp_path: Path) -> Manuscript:
    Image.new("RGB", (30, 20), (200, 30, 30)).save(tmp_path / "red one.png")
    spans = (WrittenSpan(30, 60, "record"),)
    return manuscript(STORY, name="story", spans=spans, disclose=True, folder=tmp_path)


def _parts(path: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(path) as package:
        assert package.testzip() is None
        return {name: package.read(name) for name in package.namelist()}


def test_missing_pictures_are_named_and_the_rest_goes_on(story: Manuscript) -> None:
    (missing,) = story.missing
    assert "nowhere.png" in missing
    assert list(story.pictures) == ["red%20one.png"]


def test_docx_read_by_another_library_has_the_same_structure(
    story: Manuscript, tmp_path: Path
) -> None:
    write_manuscript(tmp_path / "a.docx", story)
    with (tmp_path / "a.docx").open("rb") as file:
        read = mammoth.convert_to_html(
            file, style_map="p[style-name='Source Code'] => pre\nu => u\nstrike => s"
        ).value
    assert "<h1>The Lantern 灯笼</h1>" in read
    assert "<em>late</em>" in read
    assert re.search(r"<strong><em>very</em></strong>|<em><strong>very</strong></em>", read)
    assert "<s>Tom</s>" in read
    assert "<u>Anna</u>" in read
    assert "H<sub>2</sub>O" in read
    assert "code  span" in read
    assert '<a href="https://example.org/x">a link</a>' in read
    assert "</a>. A second line." in read
    assert 'alt="A red square"' in read
    assert "[gone]" in read
    assert "<li>first</li><li>second<ol><li>deep</li></ol></li>" in read
    assert "<li>third</li>" in read
    assert "<pre>if a &lt; 1:<br />    b = &quot;&amp;&quot;</pre>" in read
    assert re.search(r"<td><p>北京</p></td>", read)
    assert "% by a language model and left as it was" in read


def test_docx_numbers_begin_where_the_text_says(story: Manuscript, tmp_path: Path) -> None:
    write_manuscript(tmp_path / "a.docx", story)
    parts = _parts(tmp_path / "a.docx")
    assert b'<w:startOverride w:val="3"/>' in parts["word/numbering.xml"]
    assert b"python-docx" not in parts["docProps/core.xml"]


def test_epub_has_all_that_the_standard_demands(story: Manuscript, tmp_path: Path) -> None:
    """EPUB 3.3: the container, the package's metadata, every file in the manifest, a navigation."""
    path = tmp_path / "a.epub"
    write_manuscript(path, story)
    with zipfile.ZipFile(path) as book:
        first = book.infolist()[0]
        assert (first.filename, first.compress_type, first.extra) == ("mimetype", 0, b"")
    parts = _parts(path)
    assert parts["mimetype"] == b"application/epub+zip"
    container = ElementTree.fromstring(parts["META-INF/container.xml"])
    (root,) = container.iter("{urn:oasis:names:tc:opendocument:xmlns:container}rootfile")
    package = ElementTree.fromstring(parts[root.attrib["full-path"]])
    opf, dc = "{http://www.idpf.org/2007/opf}", "{http://purl.org/dc/elements/1.1/}"
    assert package.attrib["version"] == "3.0"
    identifier = package.find(f"{opf}metadata/{dc}identifier")
    assert identifier is not None
    assert identifier.attrib["id"] == package.attrib["unique-identifier"]
    assert package.findtext(f"{opf}metadata/{dc}title") == "The Lantern 灯笼"
    assert package.findtext(f"{opf}metadata/{dc}language")
    modified = [
        m.text for m in package.iter(f"{opf}meta") if m.get("property") == "dcterms:modified"
    ]
    assert len(modified) == 1
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", modified[0] or "")
    items = {item.attrib["id"]: item.attrib for item in package.iter(f"{opf}item")}
    named = {f"EPUB/{item['href']}" for item in items.values()}
    assert named == {name for name in parts if name.startswith("EPUB/")} - {"EPUB/package.opf"}
    assert [item.get("properties") for item in items.values()].count("nav") == 1
    spine = [ref.attrib["idref"] for ref in package.iter(f"{opf}itemref")]
    assert spine
    assert set(spine) <= items.keys()
    for item in items.values():
        if item["media-type"] == "application/xhtml+xml":
            page = ElementTree.fromstring(parts[f"EPUB/{item['href']}"])
            sources = {img.attrib["src"] for img in page.iter("{http://www.w3.org/1999/xhtml}img")}
            links = {a.attrib["href"] for a in page.iter("{http://www.w3.org/1999/xhtml}a")}
            assert {f"EPUB/{source}" for source in sources} <= named
            assert all(f"EPUB/{link}" in named or link.startswith("https:") for link in links)
    contents = parts["EPUB/contents.xhtml"].decode()
    for chapter in ("The Lantern 灯笼", "One", "Two", "How this text was written"):
        assert f">{chapter}</a>" in contents


def test_book_is_parted_at_the_headings_that_come_again() -> None:
    parts = parted(read_markdown("# Book\n\n## One\n\na\n\n### x\n\n## Two\n\nb"))
    assert [len(part) for part in parts] == [4, 2]
    assert len(parted(read_markdown("words\n\n# A\n\na\n\n# B"))) == 3


def test_odt_is_a_package_whose_parts_are_named_and_well_formed(
    story: Manuscript, tmp_path: Path
) -> None:
    write_manuscript(tmp_path / "a.odt", story)
    parts = _parts(tmp_path / "a.odt")
    assert next(iter(parts)) == "mimetype"
    manifest = parts["META-INF/manifest.xml"].decode()
    for name, data in parts.items():
        if name.endswith(".xml"):
            ElementTree.fromstring(data)
        if not name.startswith("META-INF") and name != "mimetype":
            assert f'"{name}"' in manifest
    content = parts["content.xml"].decode()
    used = set(re.findall(r'style-name="([^"]+)"', content))
    named = set(re.findall(r'style:name="([^"]+)"', content + parts["styles.xml"].decode()))
    assert used <= named
    assert "Pictures/1.png" in content


def test_html_is_one_file_that_runs_nothing(story: Manuscript) -> None:
    page = html_page(story)
    assert "data:image/png;base64," in page
    assert 'src="red' not in page
    hostile = manuscript(
        "<script>alert(1)</script>\n\n[x](javascript:alert(1)) <img src=x onerror=y>"
    )
    page = html_page(hostile)
    assert "<script" not in page
    assert "<img" not in page
    assert 'href="javascript' not in page


def test_plain_text_has_words_and_no_signs(story: Manuscript) -> None:
    written = plain_text(story)
    assert written.startswith(
        "The Lantern 灯笼\n\nIt was late — very late, said Tom Anna; H2O, code  span"
    )
    assert "a link (https://example.org/x)" in written
    assert "- first\n- second\n  1. deep" in written
    assert "Ann\t北京" in written


def test_lines_join_without_a_space_in_chinese() -> None:
    assert "一行二行 three" in html_page(manuscript("一行\n二行\nthree"))


def test_jpeg_goes_without_the_cameras_notes(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x0112], exif[0x010F] = 6, "Camera"  # turned, and whose it is
    pixels = np.zeros((20, 30, 3), np.uint8)
    Image.fromarray(pixels).save(tmp_path / "a.jpg", exif=exif)
    made = manuscript("![](a.jpg)", folder=tmp_path).pictures["a.jpg"]
    assert (made.width_px, made.height_px, made.media_type) == (20, 30, "image/jpeg")
    assert b"Camera" not in made.data
    assert decode_image(made.data).shape == (30, 20, 4)


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        ("https://example.org/a.png", "network"),
        ("text.png", "kind that can be read"),
        ("data:image/png;base64,AAAA", "kind that can be read"),
        ("bad%00name.png", "no such file"),
    ],
)
def test_picture_that_is_none_is_said_to_be(tmp_path: Path, source: str, reason: str) -> None:
    (tmp_path / "text.png").write_text("no picture")
    made = manuscript(f"![a]({source})", folder=tmp_path)
    assert not made.pictures
    assert reason in made.missing[0]


@pytest.mark.parametrize("suffix", TEXT_EXPORTS)
def test_export_never_overwrites_unless_asked(
    story: Manuscript, tmp_path: Path, suffix: str
) -> None:
    path = tmp_path / f"a{suffix}"
    path.write_text("mine")
    with pytest.raises(StorageError, match="already"):
        write_manuscript(path, story)
    assert path.read_text() == "mine"
    write_manuscript(path, story, force=True)
    assert path.stat().st_size > 100


def test_unknown_ending_says_what_is_known(story: Manuscript, tmp_path: Path) -> None:
    with pytest.raises(StudioError, match=r"\.docx, \.odt"):
        write_manuscript(tmp_path / "a.doc", story)


def test_pdf_read_by_another_library_has_the_words_links_and_pictures(
    story: Manuscript, tmp_path: Path
) -> None:
    assert write_manuscript(tmp_path / "a.pdf", story) == ()
    read = PdfReader(tmp_path / "a.pdf")
    assert read.metadata is not None
    assert read.metadata.title == "The Lantern 灯笼"
    pages = _pages(tmp_path / "a.pdf")
    words = " ".join(pages)
    for said in ("The Lantern", "灯笼", "late", "Quoted", "third", "3.", "* * *", "北京", "[gone]"):
        assert said in words
    assert "How this text was written" in pages[-1]
    assert "Quoted" not in pages[-1]
    first: Any = read.pages[0]
    assert [image.image.size for image in first.images if image.image] == [(30, 20)]
    links = [note.get_object()["/A"]["/URI"] for note in first["/Annots"]]
    assert links == ["https://example.org/x"]
    fonts = [font.get_object() for font in first["/Resources"]["/Font"].values()]
    inner = [font["/DescendantFonts"][0].get_object()["/FontDescriptor"] for font in fonts]
    assert all({"/FontFile", "/FontFile2", "/FontFile3"} & one.get_object().keys() for one in inner)


def _pages(path: Path) -> list[str]:
    return [re.sub(r"\s+", " ", page.extract_text()) for page in PdfReader(path).pages]


def test_pdf_keeps_a_heading_with_its_text(tmp_path: Path) -> None:
    """At whatever height a page ends: somewhere among these a heading alone would be at its foot."""
    filler = "\n\n".join(f"Line {number}." for number in range(20))
    text = "".join(
        f"{filler}\n\nPlus.\n\n## Part {part}\n\nAfter {part}.\n\n" for part in range(12)
    )
    write_manuscript(tmp_path / "a.pdf", manuscript(text))
    pages = _pages(tmp_path / "a.pdf")
    assert len(pages) > 4
    for part in range(12):
        (page,) = [page for page in pages if f"Part {part} " in page]
        assert f"After {part}." in page


def test_pdf_that_cannot_be_written_says_so(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match="could not be drawn"):
        write_pdf(tmp_path / "no folder" / "a.pdf", manuscript("words"))


def test_text_with_nothing_in_it_is_exported(tmp_path: Path) -> None:
    for suffix in TEXT_EXPORTS:
        write_manuscript(tmp_path / f"a{suffix}", manuscript(""))


@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
@given(trees)
def test_any_tree_is_written_well_formed(
    tmp_path_factory: pytest.TempPathFactory, tree: Blocks
) -> None:
    text = Manuscript("x", tidied(tree), "Title & <more>", disclosure="d")
    folder = tmp_path_factory.mktemp("any")
    reads: dict[str, Callable[[Path], object]] = {
        ".odt": lambda path: [ElementTree.fromstring(_parts(path)["content.xml"])],
        ".epub": lambda path: [
            ElementTree.fromstring(data) for name, data in _parts(path).items() if "xhtml" in name
        ],
        ".docx": lambda path: mammoth.convert_to_html(path.open("rb")),
        ".txt": lambda path: path.read_text("utf-8"),
    }
    for suffix, read in reads.items():
        write_manuscript(folder / f"a{suffix}", text)
        read(folder / f"a{suffix}")
