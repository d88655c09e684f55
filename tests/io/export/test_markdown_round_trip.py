"""Markdown comes back as it was: the text to the character, and any tree through its Markdown."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from studio.api.errors import StorageError
from studio.core.document import Document
from studio.core.layers import PaintLayer
from studio.core.prose import Blocks, Break, ListOf, Paragraph, Quote, Styled, Text, title_of
from studio.core.prose_tidying import tidied
from studio.io.export.as_markdown import write_markdown
from studio.io.export.folio_pictures import text_of
from studio.io.export.manuscript import Manuscript, manuscript
from studio.io.export.texts import TextSource, export_text, write_manuscript
from studio.io.markdown_reader import read_markdown
from studio.io.text import read_text_file
from studio.paint.regions import tiled
from tests.support.folios import painted
from tests.support.prose_trees import SIGNS, trees

_EXAMPLES = settings(
    max_examples=30, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True
)


@_EXAMPLES
@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\r\0")))
def test_markdown_export_is_the_text_to_the_character(text: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "a.md"
        write_manuscript(path, Manuscript(text, read_markdown(text), "a"))
        assert read_text_file(path).text == text


@pytest.mark.parametrize("text", ["\ufeffmark", "\ufeff\ufeff", "zero\0byte", "\ud800 alone"])
def test_text_no_file_can_hold_is_written_so_that_it_opens_again(tmp_path: Path, text: str) -> None:
    write_manuscript(tmp_path / "a.md", Manuscript(text, (), "a"))
    again = read_text_file(tmp_path / "a.md").text
    assert again == text.replace("\0", "\ufffd").replace("\ud800", "?")


@_EXAMPLES
@given(trees)
def test_tree_comes_back_from_its_markdown(tree: Blocks) -> None:
    tidy = tidied(tree)
    assert tidied(tidy) == tidy
    assert read_markdown(write_markdown(tidy)) == tidy


@_EXAMPLES
@given(st.text(st.sampled_from(SIGNS + "\n\n  >-*_1."), max_size=30))
def test_any_markdown_means_the_same_when_written_again(text: str) -> None:
    tree = read_markdown(text)
    assert read_markdown(write_markdown(tree)) == tree


def test_emphasis_that_signs_cannot_say_is_a_tag() -> None:
    """CommonMark doesn't close `**` between a Chinese quotation mark and a letter."""
    said = Styled("strong", (Text("“你好”"),))
    tree = (Paragraph((Text("她说"), said, Text("又说"))),)
    assert write_markdown(tree) == "她说<strong>“你好”</strong>又说\n"
    assert write_markdown((Paragraph((said, Text("，又说"))),)) == "**“你好”**，又说\n"


def test_common_words_are_not_escaped() -> None:
    text = "A snake_case name, 5 - 3, ~20 & more! (see 1.5) #tag, a < b.\n"
    assert write_markdown(read_markdown(text)) == text


def test_lists_that_follow_each_other_stay_two() -> None:
    one = ListOf(((Paragraph((Text("a"),)),),))
    two = (one, one, one)
    assert write_markdown(two) == "- a\n\n* a\n\n- a\n"
    assert read_markdown(write_markdown(two)) == two


def test_line_that_begins_with_ideographic_spaces_begins_a_paragraph() -> None:
    first, second = read_markdown("　　第一段。\n　　第二段。\n")
    assert first == Paragraph((Text("　　第一段。"),))
    assert second == Paragraph((Text("　　第二段。"),))


@pytest.mark.parametrize("start", [None, 7])
def test_indent_in_a_list_is_kept(start: int | None) -> None:
    inner = Paragraph((Text("\u3000一"),))
    tree = (Quote((ListOf(((inner,), (ListOf(((inner,),), None),)), start),)),)
    assert read_markdown(write_markdown(tree)) == tree


def test_tags_of_writers_are_styles_and_others_stay_visible() -> None:
    (paragraph,) = read_markdown("H<sub>2</sub>O<br>and <blink>x <!-- note -->")
    assert paragraph == Paragraph(
        (
            Text("H"), Styled("subscript", (Text("2"),)), Text("O"), Break(hard=True),
            Text("and <blink>x"),
        )
    )  # fmt: skip


def test_title_is_the_first_of_the_highest_headings() -> None:
    assert title_of(read_markdown("## Part\n\n# The *Title*\n\n# Other")) == "The Title"
    assert title_of(read_markdown("no heading")) == ""


def test_markdown_gets_the_folios_pictures_as_files_beside_it(tmp_path: Path) -> None:
    layers = (PaintLayer("1", "a fox?", tiled(painted(1))), PaintLayer("2", "b", tiled(painted(2))))
    text = "![it](layer:a%20fox%3F) *and* [layer:b](layer:b) ![it](layer:1)\n\n`layer:b`\n"
    path = tmp_path / "my text.md"
    assert export_text(path, text_of(Document(text, layers), TextSource(""))) == ()
    written = path.read_text("utf-8")
    assert written == (
        "![it](my%20text-pictures/a%20fox.png) *and* [layer:b](layer:b) ![it](my%20text-pictures/1.png)"
        "\n\n`layer:b`\n"
    )
    again = manuscript(written, folder=tmp_path)
    assert again.missing == ()
    assert len(again.pictures) == 2
    with pytest.raises(StorageError, match="already"):
        export_text(path, text_of(Document(text, layers), TextSource("")))


def test_markdown_links_each_of_two_layers_with_like_names(tmp_path: Path) -> None:
    names = ("fox", "fox2", "fox 2")
    layers = tuple(PaintLayer(str(n), name, tiled(painted(n))) for n, name in enumerate(names, 1))
    text = '![](layer:fox) ![](layer:fox2) ![](<layer:fox 2> "old") ![](layer:fox "young")\n'
    path = tmp_path / "a.md"
    assert export_text(path, text_of(Document(text, layers), TextSource(""))) == ()
    assert path.read_text("utf-8") == (
        '![](a-pictures/fox.png) ![](a-pictures/fox2.png) ![](a-pictures/fox%202.png "old") '
        '![](a-pictures/fox.png "young")\n'
    )
