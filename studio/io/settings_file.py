"""The settings on disk: one JSON file, written whole or not at all. I/O thread."""

from __future__ import annotations

import json
from pathlib import Path

from studio.core.settings import Settings, settings_from
from studio.io.atomic import make_folder, write_text


class SettingsFile:
    """Never raises on reading: a file that can't be read is kept aside and defaults are used."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def load(self) -> tuple[Settings, list[str]]:
        """The settings, and a sentence for each problem."""
        try:
            values = json.loads(self.path.read_text(encoding="utf-8"))
        except FileNotFoundError:
            return Settings(), []
        except OSError as error:
            return Settings(), [
                f"The settings can't be read ({error.strerror}); defaults are used."
            ]
        except (ValueError, RecursionError):
            return Settings(), [self._put_aside()]
        if not isinstance(values, dict):
            return Settings(), [self._put_aside()]
        return settings_from(values)

    def save(self, settings: Settings) -> None:
        """Raises StorageError: the folder can't be made or written, or the disk is full."""
        make_folder(self.path.parent)
        write_text(self.path, settings.model_dump_json(indent=1) + "\n", force=True)

    def _put_aside(self) -> str:
        aside = self.path.with_suffix(".damaged.json")
        try:
            self.path.replace(aside)
        except OSError:
            return f"The settings file {self.path} is damaged; defaults are used."
        return f"The settings file was damaged; defaults are used, the old one is {aside}."
