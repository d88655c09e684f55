"""Finding in a text: words or regular expressions, whole words, with or without case; never for long. Pure.

Expressions are those of the `regex` package: Python's, with Unicode's properties (`\\p{Han}`), and with a
bound on their time: some expressions take longer than the universe has on a page of text.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass

import regex

from studio.api.errors import StudioError

_UNSPACED = r"[\p{Han}\p{Hiragana}\p{Katakana}]"
"""Written without spaces between words: each may be a word of its own."""
_NOT_AFTER_WORD = rf"(?<!\w(?<!{_UNSPACED}))"
_NOT_BEFORE_WORD = rf"(?!(?!{_UNSPACED})\w)"


class ExpressionError(StudioError):
    """A regular expression, or what shall take the place of what it finds, makes no sense."""

    def __init__(self, what: str, position: int | None) -> None:
        where = "" if position is None else f"at character {position + 1}"
        super().__init__(what, where=where)
        self.position = position
        """In characters from the beginning; None: nowhere in particular."""


@dataclass(frozen=True)
class Query:
    pattern: str
    expression: bool = False
    """Whether the pattern is a regular expression; ^ and $ are the ends of each line."""
    match_case: bool = False
    whole_words: bool = False


@dataclass(frozen=True)
class Hit:
    """Characters `start` to `end` (outside). An expression may find a place without characters."""

    start: int
    end: int


@dataclass(frozen=True)
class Found:
    hits: tuple[Hit, ...] = ()
    complete: bool = True
    """False: the time was up before the text's end."""

    def index_of(self, start: int, end: int) -> int | None:
        """Which hit is exactly there."""
        index = self._first_from(start)
        while index < len(self.hits) and self.hits[index].start == start:
            if self.hits[index].end == end:
                return index
            index += 1
        return None

    def after(self, start: int, end: int) -> int:
        """The hit after a selection, around the end; there must be one."""
        index = self.index_of(start, end)
        index = self._first_from(end) if index is None else index + 1
        return index % len(self.hits)

    def before(self, start: int, end: int) -> int:
        """The hit before a selection, around the beginning; there must be one."""
        index = self.index_of(start, end)
        if index is None:
            index = self._first_from(start)
        return (index - 1) % len(self.hits)

    def _first_from(self, position: int) -> int:
        return bisect_left(self.hits, position, key=lambda hit: hit.start)


@dataclass(frozen=True)
class Exchange:
    """A hit, and what shall stand there."""

    start: int
    end: int
    text: str


def find(text: str, query: Query, *, timeout_s: float) -> Found:
    """All hits in order.

    Args:
        timeout_s: Of the processor's time.

    Raises:
        ExpressionError: the query is no expression.
    """
    hits: list[Hit] = []
    try:
        hits.extend(Hit(*match.span()) for match in _matches(text, query, timeout_s))
    except TimeoutError:
        return Found(tuple(hits), complete=False)
    return Found(tuple(hits))


def exchanges(text: str, query: Query, replacement: str, *, timeout_s: float) -> list[Exchange]:
    r"""What stands at each hit and shall give way. In an expression's replacement `\1` is its first group.

    Raises:
        ExpressionError: of the query or the replacement.
        StudioError: it takes too long.
    """
    try:
        return [
            Exchange(match.start(), match.end(), _filled_in(match, query, replacement))
            for match in _matches(text, query, timeout_s)
        ]
    except TimeoutError:
        raise StudioError(
            "The expression takes too long on this text; nothing was replaced.",
            remedy="Write it more narrowly.",
        ) from None


def exchange_at(
    text: str, query: Query, hit: Hit, replacement: str, *, timeout_s: float
) -> Exchange | None:
    """As `exchanges`, for one hit alone; None if it isn't there any more."""
    try:
        match = _compiled(query).match(text, hit.start, timeout=timeout_s)
    except TimeoutError:
        return None
    if match is None or match.span() != (hit.start, hit.end):
        return None
    return Exchange(hit.start, hit.end, _filled_in(match, query, replacement))


def _matches(text: str, query: Query, timeout_s: float) -> Iterator[regex.Match[str]]:
    if query.pattern:
        yield from _compiled(query).finditer(text, timeout=timeout_s)


def _compiled(query: Query) -> regex.Pattern[str]:
    flags = regex.MULTILINE | (0 if query.match_case else regex.IGNORECASE)
    source = query.pattern if query.expression else regex.escape(query.pattern)
    try:
        plain = regex.compile(source, flags)
        if not query.whole_words:
            return plain
        return regex.compile(f"{_NOT_AFTER_WORD}(?:{source}){_NOT_BEFORE_WORD}", flags)
    except regex.error as error:
        raise ExpressionError(f"Not a regular expression: {error.msg}.", error.pos) from None
    except (RecursionError, OverflowError):
        raise ExpressionError("This expression is too deep.", None) from None


def _filled_in(match: regex.Match[str], query: Query, replacement: str) -> str:
    if not query.expression:
        return replacement
    try:
        return str(match.expand(replacement))
    except regex.error as error:
        raise ExpressionError(f"Not a replacement: {error.msg}.", error.pos) from None
    except IndexError:
        raise ExpressionError("The replacement names a group that isn't there.", None) from None
