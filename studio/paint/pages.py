"""A text laid out on the pages of a PDF, by Qt. Runs in a process of its own, on its main thread.

Of its own, because laying out a novel is one call of Qt that holds Python's lock for seconds: beside a
window it would freeze it, on whatever thread. No display is needed. The fonts used are embedded.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from multiprocessing.connection import Connection
from typing import Final

from PySide6.QtCore import QMarginsF, QPointF, QRectF, QSizeF, Qt, QUrl
from PySide6.QtGui import (
    QAbstractTextDocumentLayout,
    QFont,
    QFontDatabase,
    QGuiApplication,
    QImage,
    QPageLayout,
    QPageSize,
    QPainter,
    QPdfWriter,
    QTextBlock,
    QTextCursor,
    QTextDocument,
    QTextFormat,
)

_WRITER_DPI = 1200
_DPI = 96
"""What a text is laid out in: Qt scales some lengths to a device and forgets others."""
_BODY_POINTS = 11.0
_MARGINS_MM = QMarginsF(25, 25, 25, 25)
_FAMILIES = (
    "Noto Serif", "Georgia", "Times New Roman", "Times", "Liberation Serif", "DejaVu Serif",
    "Noto Serif CJK SC", "Source Han Serif SC", "Songti SC", "SimSun", "Droid Sans Fallback",
)  # fmt: skip
_SCRIPTS: Final[Mapping[str, tuple[str, QFontDatabase.WritingSystem]]] = {
    "zh": ("Chinese", QFontDatabase.WritingSystem.SimplifiedChinese),
    "ja": ("Japanese", QFontDatabase.WritingSystem.Japanese),
    "ko": ("Korean", QFontDatabase.WritingSystem.Korean),
}
STYLE = """
p, li { line-height: 135%; }
p { margin-top: 0px; margin-bottom: 8px; }
p.picture { line-height: 100%; }
blockquote { margin-left: 28px; margin-right: 28px; }
h1 { font-size: 20pt; margin-top: 24px; margin-bottom: 16px; }
h2 { font-size: 16pt; margin-top: 22px; margin-bottom: 10px; }
h3 { font-size: 13pt; margin-top: 18px; margin-bottom: 8px; }
h4, h5, h6 { font-size: 11pt; margin-top: 16px; margin-bottom: 8px; }
pre { margin-top: 8px; margin-bottom: 12px; }
pre, code { font-family: Consolas, Menlo, "DejaVu Sans Mono", monospace; font-size: 9.5pt; }
a { color: #0550a0; text-decoration: underline; }
table { border-collapse: collapse; margin-top: 8px; margin-bottom: 12px; }
th, td { padding: 4px; }
.disclosure { page-break-before: always; }
"""


@dataclass(frozen=True)
class PagesJob:
    """`html` in the few elements Qt knows, its pictures under the names in `pictures`."""

    path: str
    html: str
    title: str
    language: str
    pictures: Mapping[str, bytes]


def draw_pages(job: PagesJob, answer: Connection) -> None:
    """The process's whole life: write the file, say what the person should know, or what went wrong."""
    if sys.platform == "linux":
        os.environ["QT_QPA_PLATFORM"] = "offscreen"
    # Qt's own words about fonts it looked for in vain are not for the terminal.
    os.environ.setdefault("QT_LOGGING_RULES", "qt.*.warning=false")
    try:
        application = QGuiApplication([])
        notices = write_pdf(job)
        answer.send((True, notices))
        del application
    except Exception as error:  # noqa: BLE001  # this process's border: whatever it is, the other hears it
        answer.send((False, (f"{type(error).__name__}: {error}",)))


def write_pdf(job: PagesJob) -> tuple[str, ...]:
    """Needs a QGuiApplication. Raises OSError: the file can't be written."""
    writer = QPdfWriter(job.path)
    writer.setResolution(_WRITER_DPI)
    writer.setPageSize(QPageSize(QPageSize.PageSizeId.A4))
    writer.setPageMargins(_MARGINS_MM, QPageLayout.Unit.Millimeter)
    writer.setTitle(job.title)
    writer.setCreator("Folio")
    scale = _WRITER_DPI / _DPI
    # Whole pixels: Qt counts in 64ths of one, and a page's end must be where both think it is.
    page = QSizeF(writer.width() // scale, writer.height() // scale)
    device = QImage(1, 1, QImage.Format.Format_RGB32)
    device.setDotsPerMeterX(round(_DPI / 0.0254))
    device.setDotsPerMeterY(round(_DPI / 0.0254))
    document = _document(job, page, device)
    painter = QPainter()
    if not painter.begin(writer):
        raise OSError(f"{job.path} can't be written")
    painter.scale(scale, scale)
    for number in range(document.pageCount()):
        if number and not writer.newPage():
            raise OSError(f"{job.path} can't be written")
        _draw_page(painter, document, number)
    if not painter.end():
        raise OSError(f"{job.path} can't be written")
    return tuple(_fonts_missing(job))


def _document(job: PagesJob, page: QSizeF, device: QImage) -> QTextDocument:
    """Args:
    page: What of a page is between its margins, in pixels of `device`, which must live as long.
    """
    document = QTextDocument()
    document.documentLayout().setPaintDevice(device)
    document.setUseDesignMetrics(True)
    document.setDocumentMargin(0)
    font = QFont(_installed())
    font.setPointSizeF(_BODY_POINTS)
    font.setHintingPreference(QFont.HintingPreference.PreferNoHinting)
    document.setDefaultFont(font)
    document.setDefaultStyleSheet(STYLE)
    for name, data in job.pictures.items():
        kind = QTextDocument.ResourceType.ImageResource.value
        document.addResource(kind, QUrl(name), QImage.fromData(data))
    document.setHtml(job.html)
    document.setPageSize(page)
    _keep_headings_with_their_text(document, page.height())
    return document


def _installed() -> list[str]:
    known = set(QFontDatabase.families())
    return [family for family in _FAMILIES if family in known] or ["serif"]


def _keep_headings_with_their_text(document: QTextDocument, page_height: float) -> None:
    """A heading at a page's foot, its text on the next page, goes over to it."""
    layout = document.documentLayout()
    block = document.begin()
    while block.isValid():
        following = block.next()
        if block.blockFormat().headingLevel() and following.isValid():
            first, second = (_page_of(layout, one, page_height) for one in (block, following))
            if first != second:
                style = block.blockFormat()
                style.setPageBreakPolicy(QTextFormat.PageBreakFlag.PageBreak_AlwaysBefore)
                QTextCursor(block).setBlockFormat(style)
        block = following


def _page_of(layout: QAbstractTextDocumentLayout, block: QTextBlock, page_height: float) -> int:
    """The page its first line is on, whatever space is above it."""
    line = block.layout().lineAt(0)
    top = layout.blockBoundingRect(block).top() + (line.y() if line.isValid() else 0)
    return int(top // page_height)


def _draw_page(painter: QPainter, document: QTextDocument, number: int) -> None:
    page = document.pageSize()
    shown = QRectF(0, number * page.height(), page.width(), page.height())
    painter.save()
    painter.translate(0, -shown.top())
    context = QAbstractTextDocumentLayout.PaintContext()
    context.clip = shown
    context.palette.setColor(context.palette.ColorRole.Text, Qt.GlobalColor.black)
    painter.setClipRect(shown)
    document.documentLayout().draw(painter, context)
    painter.restore()
    font = QFont(document.defaultFont())
    font.setPixelSize(12)
    painter.setFont(font)
    foot = QRectF(QPointF(0, page.height() + _DPI * 0.25), QSizeF(page.width(), _DPI * 0.3))
    painter.drawText(foot, Qt.AlignmentFlag.AlignCenter, str(number + 1))


def _fonts_missing(job: PagesJob) -> list[str]:
    name, system = _SCRIPTS.get(job.language, ("", QFontDatabase.WritingSystem.Latin))
    if not name or QFontDatabase.families(system):
        return []
    return [f"No font on this machine has {name} characters: they are boxes in the PDF."]
