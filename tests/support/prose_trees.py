"""Random texts as trees, for property tests: any characters, every kind of block and style."""

from __future__ import annotations

from hypothesis import strategies as st

from studio.core.prose import (
    Alignment,
    Block,
    Blocks,
    Break,
    Code,
    CodeBlock,
    Heading,
    Inline,
    Inlines,
    Link,
    ListOf,
    Paragraph,
    Picture,
    Quote,
    Rule,
    Styled,
    Table,
    Text,
)

SIGNS = " \t\\`*_~[]()<>#+-=.:!|&;\"'{}1aé“”《》文，。\u3000\u00a0\n\x0b\x85\u2028\ufeff😀"
"""What Markdown could take for its own, and what Chinese text is made of."""
words = st.one_of(
    st.text(st.sampled_from(SIGNS), max_size=8),
    st.text(max_size=8),
    st.sampled_from(
        ["word", "1. one", "- dash", "# head", "&amp;", "<u>", "</em>", "<!-- x -->", "http://a.b",
         "snake_case", "a**b", "~~x~~", "===", "---", "|--|", "[a]: b", "　　段落", "**“你好”**", "```"]
    ),
)  # fmt: skip
_STYLES = st.sampled_from(
    ["emphasis", "strong", "struck", "underlined", "subscript", "superscript"]
)
_leaves: st.SearchStrategy[Inline] = st.one_of(
    words.map(Text),
    words.map(Code),
    st.builds(Picture, words, words, words),
    st.builds(Break, st.booleans()),
)


def _around(inner: st.SearchStrategy[Inline]) -> st.SearchStrategy[Inline]:
    several = st.lists(inner, max_size=4).map(tuple)
    return st.one_of(st.builds(Styled, _STYLES, several), st.builds(Link, words, several, words))


_inline = st.recursive(_leaves, _around, max_leaves=6)
inlines: st.SearchStrategy[Inlines] = st.lists(_inline, max_size=5).map(tuple)


@st.composite
def _tables(draw: st.DrawFn) -> Table:
    sides: tuple[Alignment, ...] = ("", "left", "center", "right")
    alignments = draw(st.lists(st.sampled_from(sides), max_size=3))
    rows = draw(st.lists(st.lists(inlines, max_size=4).map(tuple), max_size=3))
    return Table(tuple(alignments), tuple(rows))


_simple: st.SearchStrategy[Block] = st.one_of(
    st.builds(Paragraph, inlines),
    st.builds(Heading, st.integers(0, 7), inlines),
    st.builds(CodeBlock, st.lists(words, max_size=3).map("\n".join), words),
    st.just(Rule()),
    _tables(),
)


def _holding(inner: st.SearchStrategy[Block]) -> st.SearchStrategy[Block]:
    several = st.lists(inner, max_size=3).map(tuple)
    starts = st.one_of(st.none(), st.sampled_from([0, 1, 1, 7, 99]))
    items = st.lists(several, max_size=3).map(tuple)
    return st.one_of(st.builds(Quote, several), st.builds(ListOf, items, starts, st.booleans()))


trees: st.SearchStrategy[Blocks] = st.lists(
    st.recursive(_simple, _holding, max_leaves=6), max_size=4
).map(tuple)
