"""How passages a model wrote are marked in the text. GUI thread."""

from __future__ import annotations

from collections.abc import Iterator

from PySide6.QtGui import QColor

from studio.core.spans import Spans
from studio.ui.editor.marking import Mark
from studio.ui.theme.tokens import Tokens

_ALPHA = 110


def span_marks(spans: Spans, tokens: Tokens) -> Iterator[Mark]:
    """A thin line under a model's words; dotted where a hand changed the passage."""
    line = QColor(tokens.accent)
    line.setAlpha(_ALPHA)
    for span in spans:
        yield Mark(span.start, span.end, line=line, broken=span.edited)
