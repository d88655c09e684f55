"""What Folio is, its version, and whose work it stands on."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version

from PySide6.QtWidgets import QWidget

from studio.ui.dialogs.frame import Dialog
from studio.ui.labels import label, push_button


class About(Dialog):
    def __init__(self, parent: QWidget | None) -> None:
        super().__init__(parent, "Folio", width_px=420)
        self.column.addWidget(label(f"Version {_version()}", "muted"))
        self.column.addWidget(
            label(
                "A creative studio that runs wholly on your own machine: a canvas, a text, and "
                "generators as plugins. Nothing you make leaves this computer.",
                wrap=True,
            )
        )
        self.column.addWidget(
            label(
                "MIT licence. Built with Qt for Python, PyTorch, diffusers, transformers and "
                "llama.cpp. Icons by Lucide (ISC licence).",
                "muted",
                wrap=True,
            )
        )
        close = push_button("Close")
        close.clicked.connect(self.accept)
        self.add_buttons(close)


def _version() -> str:
    try:
        return version("folio-studio")
    except PackageNotFoundError:
        return "unknown: not installed"
