"""Imports a plugin from a file or folder that isn't installed. Any one thread.

The module gets a private name made from its place, so that two plugins of one name, or a plugin
named like a library, never meet; and nothing is added to the import path.
"""

from __future__ import annotations

import hashlib
import importlib.util
import re
import sys
from pathlib import Path
from types import ModuleType


def import_privately(entry: Path) -> ModuleType:
    """The module of `name.py` or `name/__init__.py`; inside a folder relative imports work.

    Whatever an earlier import from the same place left behind is dropped first.

    Raises:
        BaseException: whatever the plugin raises; nothing of it stays imported then.
    """
    private = _private_name(entry)
    folder = [str(entry.parent)] if entry.name == "__init__.py" else None
    spec = importlib.util.spec_from_file_location(private, entry, submodule_search_locations=folder)
    if spec is None or spec.loader is None:
        raise ImportError(f"{entry} is no Python file")
    _forget(private)
    module = importlib.util.module_from_spec(spec)
    sys.modules[private] = module
    try:
        spec.loader.exec_module(module)
    except BaseException:
        _forget(private)
        raise
    return module


def _private_name(entry: Path) -> str:
    stem = entry.parent.name if entry.name == "__init__.py" else entry.stem
    place = hashlib.sha256(str(entry.absolute()).encode()).hexdigest()[:8]
    # A dot would make Python look for a parent package.
    return f"_folio_plugin_{re.sub(r'[^0-9A-Za-z_]', '_', stem)}_{place}"


def _forget(private: str) -> None:
    for name in [n for n in sys.modules if n == private or n.startswith(f"{private}.")]:
        del sys.modules[name]
