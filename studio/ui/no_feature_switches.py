"""Keeps PySide6 from reading the source of every module that is imported.

It looks in each for the word "PySide6", to know where its feature switches (snake_case, true_property)
could be chosen; the lines stay in memory for tracebacks. For the window that was the source of 950 modules,
read and kept. Nobody here chooses a feature: told so, it passes every module by, as it does those without
the word.

WORKAROUND(https://doc.qt.io/qtforpython-6/developer/feature-motivation.html, remove when PySide6 looks only
into modules that import __feature__).
"""

from __future__ import annotations

import sys

import PySide6.QtCore  # noqa: F401 - it brings the reader along

_READS = "_mod_uses_pyside"


def pass_modules_by() -> bool:
    """False where this PySide6 has no such reader, and all is as it comes. Call before other imports."""
    reader = sys.modules.get("shibokensupport.feature")
    if reader is None or not hasattr(reader, _READS):
        return False
    setattr(reader, _READS, lambda module: False)
    return True
