"""Where the studio keeps its things on this machine. Pure but for `make()`; any thread.

`FOLIO_HOME` puts everything under one folder (tests, portable installs).
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import platformdirs


@dataclass(frozen=True)
class Paths:
    """The studio's folders. None of them need exist before `make()`."""

    config: Path
    data: Path
    cache: Path

    @property
    def settings_file(self) -> Path:
        return self.config / "settings.json"

    @property
    def plugins(self) -> Path:
        """The person's own plugins: single files or folders."""
        return self.data / "plugins"

    def plugin_data(self, plugin: str) -> Path:
        """What a plugin keeps for good; not made yet."""
        return plugin_data_beside(self.plugins, plugin)

    @property
    def own_words(self) -> Path:
        """The words the person added to the dictionary, one in each line."""
        return self.data / "own-words.txt"

    @property
    def models(self) -> Path:
        """Models copied in, and the register of those used where they are."""
        return self.data / "models"

    @property
    def history(self) -> Path:
        return self.data / "history"

    @property
    def jobs_db(self) -> Path:
        return self.data / "jobs.sqlite"

    @property
    def journals(self) -> Path:
        """Unsaved work, one folder for each window."""
        return self.data / "journals"

    @property
    def backups(self) -> Path:
        """The versions that saved files had before."""
        return self.data / "backups"

    @property
    def logs(self) -> Path:
        return self.data / "logs"

    def make(self) -> None:
        """Create the folders.

        Raises:
            StorageError: one can't be created or written; says which.
        """
        # Here, not above: the window asks for its folders before it is painted, and the API's
        # package brings numpy and pydantic.
        from studio.api.errors import StorageError

        for folder in (self.config, self.data, self.cache, self.plugins, self.models):
            try:
                folder.mkdir(parents=True, exist_ok=True)
            except OSError as error:
                raise StorageError(
                    f"The folder can't be created: {error.strerror}.",
                    where=str(folder),
                    remedy="Make it writable, or set FOLIO_HOME to a folder that is.",
                ) from None
            if not os.access(folder, os.W_OK):
                raise StorageError(
                    "The folder can't be written.",
                    where=str(folder),
                    remedy="Make it writable, or set FOLIO_HOME to a folder that is.",
                )


def plugin_data_beside(plugins: Path, plugin: str) -> Path:
    """A plugin's folder of data, beside the folder of plugins; any name of a plugin gives one."""
    return plugins.with_name("plugin-data") / quote(plugin, safe=" ()").replace(".", "%2E")


def user_paths() -> Paths:
    """The folders for this user on this system, or those under FOLIO_HOME."""
    home = os.environ.get("FOLIO_HOME")
    if home:
        root = Path(home).expanduser().absolute()
        return Paths(config=root / "config", data=root / "data", cache=root / "cache")
    dirs = platformdirs.PlatformDirs("folio", appauthor=False)
    return Paths(
        config=Path(dirs.user_config_dir),
        data=Path(dirs.user_data_dir),
        cache=Path(dirs.user_cache_dir),
    )
