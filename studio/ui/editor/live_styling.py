"""Markdown shown as what it means while one writes: large headings, dimmed marks. GUI thread.

Only paragraphs near those that are seen are styled; of all others only whether they stand in fenced code is
kept. So a long text opens quickly, and a key styles the paragraph it is in. Nothing of it is in the document.
"""

from __future__ import annotations

from PySide6.QtGui import (
    QColor,
    QFont,
    QFontDatabase,
    QSyntaxHighlighter,
    QTextBlock,
    QTextCharFormat,
    QTextDocument,
    QTextFormat,
)

from studio.core.markdown_lines import Fence, Kind, fence_after, flattened, stretches
from studio.ui.editor.positions import units
from studio.ui.theme.tokens import Tokens

_HEADING_SIZES = (1.6, 1.35, 1.15, 1.0, 1.0, 1.0)
"""Of the text's own size, by level."""
_CODE_SIZE = 0.92
_COLOURS = {
    Kind.MARK: "faint",
    Kind.STRUCK: "muted",
    Kind.CODE: "muted",
    Kind.LINK: "accent_text",
    Kind.TARGET: "faint",
    Kind.QUOTE: "muted",
    Kind.LIST_MARK: "accent_text",
}
_AROUND = 40
"""Paragraphs above and below those that are seen, for scrolling without a flicker."""
_STYLED, _TILDE, _LENGTH = 1, 2, 4


class LiveStyling(QSyntaxHighlighter):
    """Args:
    text_px: The text's own size.
    """

    def __init__(self, document: QTextDocument, tokens: Tokens, text_px: int) -> None:
        super().__init__(document)
        self._tokens, self._text_px = tokens, text_px
        self._formats: dict[tuple[tuple[Kind, int], ...], QTextCharFormat] = {}
        self._first, self._last = 0, _AROUND
        self.styled = True

    def look_again(self, tokens: Tokens, text_px: int) -> None:
        """Another theme, or another size."""
        self._tokens, self._text_px = tokens, text_px
        self._formats.clear()
        self.rehighlight()

    def switch(self, styled: bool) -> None:
        if styled != self.styled:
            self.styled = styled
            self.rehighlight()

    def see(self, first: int, last: int) -> None:
        """Style what is about to be painted and isn't styled yet.

        Args:
            first: The number of the first paragraph that is seen.
            last: That of the last one, or a later one.
        """
        self._first, self._last = first - _AROUND, last + _AROUND
        block = self.document().findBlockByNumber(max(0, self._first))
        while block.isValid() and block.blockNumber() <= self._last:
            if block.userState() < 0 or not block.userState() & _STYLED:
                self.rehighlightBlock(block)
            block = block.next()

    def in_code(self, block: QTextBlock, character: int) -> bool:
        """Whether what is typed at a character of a paragraph is code."""
        line, fence = block.text(), self.fence_before(block)
        if fence is not None:
            return fence_after(line, fence) == fence
        return any(
            stretch.kind is Kind.CODE and stretch.start < character < stretch.end
            for stretch in stretches(line, None)
        )

    def fence_before(self, block: QTextBlock) -> Fence | None:
        """The code that is open before a paragraph."""
        previous = block.previous()
        return _fence_of(previous.userState()) if previous.isValid() else None

    def highlightBlock(self, text: str) -> None:
        fence = _fence_of(self.previousBlockState())
        seen = self._first <= self.currentBlock().blockNumber() <= self._last
        self.setCurrentBlockState(_state(fence_after(text, fence), seen))
        if not (seen and self.styled):
            return
        narrow = units(text) == len(text)
        for start, end, kinds in flattened(stretches(text, fence)):
            length = end - start
            if not narrow:
                start, length = units(text[:start]), units(text[start:end])
            self.setFormat(start, length, self._format_of(kinds))

    def _format_of(self, kinds: tuple[tuple[Kind, int], ...]) -> QTextCharFormat:
        """All of them over each other: emphasis within a heading is large too."""
        if kinds not in self._formats:
            made = QTextCharFormat()
            for kind in kinds:
                made.merge(_format(*kind, self._tokens, self._text_px))
            self._formats[kinds] = made
        return self._formats[kinds]


def _fence_of(state: int) -> Fence | None:
    length = state // _LENGTH if state > 0 else 0
    return Fence("~" if state & _TILDE else "`", length) if length else None


def _state(fence: Fence | None, styled: bool) -> int:
    """A paragraph's state: the fence open after it, and whether it is styled."""
    state = _STYLED if styled else 0
    if fence is not None:
        state += _LENGTH * fence.length + (_TILDE if fence.character == "~" else 0)
    return state


def _format(kind: Kind, level: int, tokens: Tokens, text_px: int) -> QTextCharFormat:
    form = QTextCharFormat()
    if kind is Kind.HEADING:
        form.setFontWeight(QFont.Weight.Bold)
        _set_size(form, text_px * _HEADING_SIZES[level - 1])
    elif kind is Kind.EMPHASIS:
        form.setFontItalic(True)
    elif kind is Kind.STRONG:
        form.setFontWeight(QFont.Weight.Bold)
    elif kind is Kind.CODE:
        fixed = QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont)
        form.setFontFamilies([fixed.family()])
        _set_size(form, text_px * _CODE_SIZE)
    elif kind is Kind.STRUCK:
        form.setFontStrikeOut(True)
    if (colour := _COLOURS.get(kind)) is not None:
        form.setForeground(QColor(getattr(tokens, colour)))
    return form


def _set_size(form: QTextCharFormat, size_px: float) -> None:
    form.setProperty(QTextFormat.Property.FontPixelSize, round(size_px))
