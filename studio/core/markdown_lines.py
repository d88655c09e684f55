"""What each stretch of a line of Markdown is, for showing it as one writes. Pure.

Line by line: all a line needs to know of those before it is whether it stands within fenced code. So a
key changes how one line looks, unless it opens or closes a fence. Setext headings and indented code need
the lines around, and are left out. Source: CommonMark 0.31 (CC BY-SA 4.0), sections 4.2, 4.5, 6.1 to 6.5.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import Enum, auto
from itertools import pairwise

_LONGEST = 10_000
"""Characters; what stands within longer lines is shown plain, so that a key in them stays quick."""


class Kind(Enum):
    HEADING = auto()
    MARK = auto()
    """What makes Markdown of it: #, *, > and the like."""
    EMPHASIS = auto()
    STRONG = auto()
    STRUCK = auto()
    CODE = auto()
    LINK = auto()
    TARGET = auto()
    """Where a link goes, or a picture is."""
    QUOTE = auto()
    LIST_MARK = auto()


@dataclass(frozen=True)
class Stretch:
    """From `start` to `end` (outside), in characters of the line; a later one is on top of those before.

    Args:
        level: Of a heading, 1 to 6.
    """

    start: int
    end: int
    kind: Kind
    level: int = 0


@dataclass(frozen=True)
class Fence:
    """Of a code block that is open: its character and how many of it there are."""

    character: str
    length: int


@dataclass(frozen=True)
class Heading:
    """`position`: the character of the text at which its line begins."""

    level: int
    title: str
    position: int


_FENCE = re.compile(r" {0,3}(?P<run>`{3,}(?=[^`]*$)|~{3,})")
_HEADING = re.compile(r" {0,3}(?P<run>#{1,6})(?:[ \t]+|$)")
_CLOSING_RUN = re.compile(r"(?:^|[ \t]+)#+[ \t]*$")
_RULE = re.compile(r" {0,3}([-*_])(?:[ \t]*\1){2,}[ \t]*$")
_QUOTE = re.compile(r"(?: {0,3}>[ \t]?)+")
_ITEM = re.compile(r"[ \t]*(?P<mark>[-+*]|\d{1,9}[.)])(?:[ \t]+(?P<box>\[[ xX]\](?=[ \t]))?|$)")
_TOKEN = re.compile(
    r"\\(?P<escaped>[!-/:-@\[-`{-~])"
    r"|(?P<code>`+)"
    r"|(?P<link>!?\[(?P<words>(?:\\.|[^\[\]\\])*)\]\((?P<target>(?:\\.|[^()\\\n]|\([^()\n]*\))*)\))"
    r"|(?P<auto><(?:https?://|mailto:)[^\s<>]+>)"
    r"|(?P<run>\*+|_+|~~)"
)
_STRUCTURE = re.compile(
    r"^ {0,3}(?:(?P<fence>`{3,}(?=[^`\n]*$)|~{3,})(?P<after>[^\n]*)"
    r"|(?P<run>#{1,6})(?:[ \t]+(?P<title>[^\n]*)|$))",
    re.MULTILINE,
)


def fence_after(line: str, fence: Fence | None) -> Fence | None:
    """Whether code is open after a line. Quick: it is asked of every line of a text."""
    if "```" not in line and "~~~" not in line:
        return fence
    found = _FENCE.match(line)
    if found is None:
        return fence
    run = found["run"]
    if fence is None:
        return Fence(run[0], len(run))
    return None if _closes(run, line[found.end() :], fence) else fence


def stretches(line: str, fence: Fence | None) -> list[Stretch]:
    """What a line consists of.

    Args:
        fence: What was open before it.
    """
    if fence is not None or fence_after(line, None) is not None:
        within = fence is not None and fence_after(line, fence) == fence
        return [Stretch(0, len(line), Kind.CODE if within else Kind.MARK)] if line else []
    if _RULE.match(line):
        return [Stretch(0, len(line), Kind.MARK)]
    made: list[Stretch] = []
    at = 0
    if (heading := _HEADING.match(line)) is not None:
        made.append(Stretch(0, len(line), Kind.HEADING, len(heading["run"])))
        at = heading.end()
        made.append(Stretch(0, at, Kind.MARK))
        if (closing := _CLOSING_RUN.search(line, at)) is not None:
            made.append(Stretch(closing.start(), len(line), Kind.MARK))
    elif (quote := _QUOTE.match(line)) is not None:
        at = quote.end()
        made += [Stretch(at, len(line), Kind.QUOTE), Stretch(0, at, Kind.MARK)]
    if (item := _ITEM.match(line, at)) is not None and heading is None:
        made.append(Stretch(*item.span("mark"), Kind.LIST_MARK))
        if item["box"] is not None:
            made.append(Stretch(*item.span("box"), Kind.LIST_MARK))
            if item["box"] != "[ ]":
                made.append(Stretch(item.end() + 1, len(line), Kind.STRUCK))
        at = item.end()
    if len(line) <= _LONGEST:
        made += _inline(line, at, len(line))
    return [stretch for stretch in made if stretch.start < stretch.end]


def flattened(made: Sequence[Stretch]) -> Iterator[tuple[int, int, tuple[tuple[Kind, int], ...]]]:
    """The same without overlaps: from, to, and all it is there with the heading's level, the topmost last."""
    cuts = sorted({cut for stretch in made for cut in (stretch.start, stretch.end)})
    for start, end in pairwise(cuts):
        if kinds := tuple((s.kind, s.level) for s in made if s.start <= start and end <= s.end):
            yield start, end, kinds


def headings(text: str) -> list[Heading]:
    """All headings in order, those in fenced code left out."""
    found: list[Heading] = []
    fence: Fence | None = None
    for match in _STRUCTURE.finditer(text):
        if (run := match["fence"]) is not None:
            if fence is None:
                fence = Fence(run[0], len(run))
            elif _closes(run, match["after"], fence):
                fence = None
        elif fence is None:
            title = _CLOSING_RUN.sub("", match["title"] or "").strip()
            found.append(Heading(len(match["run"]), title, match.start()))
    return found


def _closes(run: str, after: str, fence: Fence) -> bool:
    return run[0] == fence.character and len(run) >= fence.length and not after.strip()


@dataclass
class _Run:
    """Stars, underscores or tildes that may open or close something; `start` and `end` shrink as they do."""

    character: str
    start: int
    end: int
    opens: bool
    closes: bool

    @property
    def length(self) -> int:
        return self.end - self.start


def _inline(line: str, start: int, end: int) -> Iterator[Stretch]:
    runs: list[_Run] = []
    at = start
    while (token := _TOKEN.search(line, at, end)) is not None:
        at = token.end()
        if token["escaped"]:
            yield Stretch(token.start(), token.start() + 1, Kind.MARK)
        elif token["code"]:
            close = re.compile(rf"(?<!`){token['code']}(?!`)").search(line, at, end)
            if close is not None:
                yield Stretch(token.start(), close.end(), Kind.CODE)
                yield Stretch(*token.span(), Kind.MARK)
                yield Stretch(*close.span(), Kind.MARK)
                at = close.end()
        elif token["link"]:
            words = token.span("words")
            yield Stretch(*words, Kind.LINK)
            yield from _inline(line, *words)
            yield Stretch(token.start(), words[0], Kind.MARK)
            target = token.span("target")
            yield Stretch(words[1], target[0], Kind.MARK)
            yield Stretch(*target, Kind.TARGET)
            yield Stretch(target[1], token.end(), Kind.MARK)
        elif token["auto"]:
            yield Stretch(*token.span(), Kind.TARGET)
        else:
            runs.append(_run(line, token.start(), at, start, end))
    yield from _emphasis(runs)


def _run(line: str, start: int, end: int, first: int, last: int) -> _Run:
    """A delimiter run with what it may do: CommonMark 6.2, rules 1 to 8."""
    before = line[start - 1] if start > first else " "
    after = line[end] if end < last else " "
    left = not after.isspace() and (
        not _punctuation(after) or before.isspace() or _punctuation(before)
    )
    right = not before.isspace() and (
        not _punctuation(before) or after.isspace() or _punctuation(after)
    )
    character = line[start]
    if character == "_":
        opens = left and (not right or _punctuation(before))
        closes = right and (not left or _punctuation(after))
        return _Run(character, start, end, opens, closes)
    return _Run(character, start, end, left, right)


def _emphasis(runs: list[_Run]) -> Iterator[Stretch]:
    """Pairs of runs from the inside out, and what stands between them."""
    open_runs: list[_Run] = []
    for run in runs:
        while run.closes and run.length:
            opener = next((o for o in reversed(open_runs) if o.character == run.character), None)
            if opener is None:
                break
            del open_runs[open_runs.index(opener) + 1 :]
            taken = 2 if opener.length > 1 and run.length > 1 else 1
            kind = Kind.STRONG if taken == 2 else Kind.EMPHASIS
            kind = Kind.STRUCK if run.character == "~" else kind
            opener.end -= taken
            run.start += taken
            yield Stretch(opener.end + taken, run.start - taken, kind)
            yield Stretch(opener.end, opener.end + taken, Kind.MARK)
            yield Stretch(run.start - taken, run.start, Kind.MARK)
            if not opener.length:
                open_runs.pop()
        if run.opens and run.length:
            open_runs.append(run)


def _punctuation(character: str) -> bool:
    return unicodedata.category(character)[0] in "PS"
