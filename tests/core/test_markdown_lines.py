"""What each stretch of a line of Markdown is, and the headings of a text."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.core.markdown_lines import (
    Fence,
    Heading,
    Kind,
    fence_after,
    flattened,
    headings,
    stretches,
)


def seen(line: str, fence: Fence | None = None) -> list[tuple[str, str]]:
    """What one sees: each stretch's words with its kind; marks left out."""
    return [
        (line[s.start : s.end], f"{s.kind.name.lower()}{s.level or ''}")
        for s in stretches(line, fence)
        if s.kind is not Kind.MARK
    ]


def marks(line: str, fence: Fence | None = None) -> str:
    """The line with everything but its marks blanked out."""
    shown = [" "] * len(line)
    for s in stretches(line, fence):
        if s.kind is Kind.MARK:
            shown[s.start : s.end] = line[s.start : s.end]
    return "".join(shown)


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("# One", [("# One", "heading1")]),
        ("### Three *x* ##", [("### Three *x* ##", "heading3"), ("x", "emphasis")]),
        ("#hashtag", []),
        ("    # code", []),
        ("a **b** c", [("b", "strong")]),
        ("*a* _b_ __c__", [("a", "emphasis"), ("b", "emphasis"), ("c", "strong")]),
        ("***both***", [("**both**", "emphasis"), ("both", "strong")][::-1]),
        ("snake_case_name", []),
        ("2 * 3 * 4", []),
        ("夜里**点亮**了灯", [("点亮", "strong")]),
        ("~~gone~~ a~b", [("gone", "struck")]),
        (r"\*not\* *so*", [("so", "emphasis")]),
        ("`*code*` and ``a`b``", [("`*code*`", "code"), ("``a`b``", "code")]),
        ("an ` alone *x*", [("x", "emphasis")]),
        ("[a *b*](c(d).md)", [("a *b*", "link"), ("b", "emphasis"), ("c(d).md", "target")]),
        ("![alt](a.png)", [("alt", "link"), ("a.png", "target")]),
        ("[no link]", []),
        ("<https://a.b/c>", [("<https://a.b/c>", "target")]),
        ("> *said*", [("*said*", "quote"), ("said", "emphasis")]),
        ("- item", [("-", "list_mark")]),
        ("  12. item", [("12.", "list_mark")]),
        ("- [x] done", [("-", "list_mark"), ("[x]", "list_mark"), ("done", "struck")]),
        ("- [ ] open", [("-", "list_mark"), ("[ ]", "list_mark")]),
        ("-item", []),
        ("* * *", []),
        ("", []),
    ],
)
def test_line_is_taken_apart(line: str, expected: list[tuple[str, str]]) -> None:
    assert seen(line) == expected


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("## T ##", "##   ##"),
        ("> > a", "> >  "),
        ("a **b** `c`", "  ** ** ` `"),
        ("***a***", "*** ***"),
        ("[a](b)", "[ ]( )"),
        ("![a](b)", "![ ]( )"),
        (r"\*", "\\ "),
        ("---", "---"),
        ("*open", "     "),
    ],
)
def test_marks_are_told_from_words(line: str, expected: str) -> None:
    assert marks(line) == expected


def test_fences_open_and_close_by_character_and_length() -> None:
    assert fence_after("```python", None) == Fence("`", 3)
    assert fence_after("text", Fence("`", 3)) == Fence("`", 3)
    assert fence_after("``` x", Fence("`", 3)) == Fence("`", 3)
    assert fence_after("~~~~", Fence("`", 3)) == Fence("`", 3)
    assert fence_after("````", Fence("`", 3)) is None
    assert fence_after("```", Fence("`", 4)) == Fence("`", 4)
    assert fence_after("``` a`b", None) is None
    assert fence_after("    ```", None) is None


def test_what_is_fenced_is_code_and_its_fences_are_marks() -> None:
    fence = Fence("`", 3)
    assert seen("# *x*", fence) == [("# *x*", "code")]
    assert marks("```python") == "```python"
    assert marks("```", fence) == "```"
    assert seen("", fence) == []


def test_headings_with_their_places() -> None:
    text = "# One #\ntext\n```\n# not\n```\n## 二 *x*\n#\n    # code\n####### seven\n### Last"
    assert headings(text) == [
        Heading(1, "One", 0),
        Heading(2, "二 *x*", text.index("## 二")),
        Heading(1, "", text.index("#\n   ")),
        Heading(3, "Last", text.index("### Last")),
    ]


def test_flattened_has_no_overlaps_and_keeps_what_is_on_top() -> None:
    flat = list(flattened(stretches("# a *b*", None)))
    assert [
        ("# a *b*"[start:end], [kind.name for kind, _ in kinds]) for start, end, kinds in flat
    ] == [
        ("# ", ["HEADING", "MARK"]),
        ("a ", ["HEADING"]),
        ("*", ["HEADING", "MARK"]),
        ("b", ["HEADING", "EMPHASIS"]),
        ("*", ["HEADING", "MARK"]),
    ]


@given(st.text(alphabet="*_~`[]()!#> -x猫\\\n", max_size=120))
def test_any_text_is_taken_apart_within_its_lines_and_headings_agree(text: str) -> None:
    fence, at = None, 0
    found = []
    for line in text.split("\n"):
        made = stretches(line, fence)
        assert all(0 <= s.start < s.end <= len(line) for s in made)
        found += [(s.level, at) for s in made if s.kind is Kind.HEADING]
        fence, at = fence_after(line, fence), at + len(line) + 1
    assert [(h.level, h.position) for h in headings(text)] == found
