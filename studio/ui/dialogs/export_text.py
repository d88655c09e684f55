"""In which format the text is exported, and whether it says how much of it a model wrote. GUI thread."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from PySide6.QtWidgets import QCheckBox, QComboBox, QFormLayout, QWidget

from studio.ui.dialogs.frame import Dialog
from studio.ui.labels import label, push_button

FORMATS = (
    ("Word (.docx)", ".docx"),
    ("PDF (.pdf)", ".pdf"),
    ("OpenDocument, for LibreOffice (.odt)", ".odt"),
    ("E-book (.epub)", ".epub"),
    ("Web page (.html)", ".html"),
    ("Markdown, as it is (.md)", ".md"),
    ("Plain text, without signs (.txt)", ".txt"),
)


@dataclass(frozen=True)
class TextExport:
    """`disclose`: a page at the end says whose words these are."""

    suffix: str
    disclose: bool


class ExportText(Dialog):
    """`answer` becomes what was chosen; None, when the person thinks better of it.

    Args:
        report: The sentence that disclosing would add; "": it can't be told.
        chosen: What is set at first.
    """

    def __init__(self, parent: QWidget | None, report: str, chosen: TextExport) -> None:
        super().__init__(parent, "Export the text")
        self.answer: asyncio.Future[TextExport | None] = asyncio.get_running_loop().create_future()
        self.formats = QComboBox()
        self.formats.setAccessibleName("Format")
        for name, suffix in FORMATS:
            self.formats.addItem(name, suffix)
        self.formats.setCurrentIndex(max(0, self.formats.findData(chosen.suffix)))
        form = QFormLayout()
        form.addRow("Format", self.formats)
        self.column.addLayout(form)
        self.disclosure = QCheckBox("Say on a last page how much of it a model wrote")
        self.disclosure.setEnabled(bool(report))
        self.disclosure.setChecked(bool(report) and chosen.disclose)
        self.column.addWidget(self.disclosure)
        why = (
            report
            or "The file it came from doesn't know which words a model wrote; a folio keeps that."
        )
        self.column.addWidget(label(why, "muted", wrap=True))
        self.cancel = push_button("Cancel")
        self.export = push_button("Export…", kind="primary")
        self.add_buttons(self.cancel, self.export)
        self.cancel.clicked.connect(self.reject)
        self.export.clicked.connect(self._on_export_clicked)
        self.finished.connect(lambda _: self._say(None))

    def _on_export_clicked(self) -> None:
        self._say(TextExport(str(self.formats.currentData()), self.disclosure.isChecked()))
        self.accept()

    def _say(self, answer: TextExport | None) -> None:
        if not self.answer.done():
            self.answer.set_result(answer)
