"""What is installed here, for commands that need no engine: the plugins and the models."""

from __future__ import annotations

from studio.host.plugins import PluginHost
from studio.io.paths import user_paths
from studio.io.settings_file import SettingsFile
from studio.library.models import ModelStore
from studio.library.starters import starter_models


def installed_plugins(*, safe_mode: bool = False) -> PluginHost:
    """All plugins, loaded; makes no folder."""
    paths = user_paths()
    settings, _ = SettingsFile(paths.settings_file).load()
    host = PluginHost(folder=paths.plugins, disabled=settings.disabled_plugins, safe_mode=safe_mode)
    host.load()
    return host


def installed_models() -> ModelStore:
    """The models, as the plugins know them.

    Raises:
        StorageError: the studio's folders can't be made.
    """
    paths = user_paths()
    paths.make()
    recognise = installed_plugins().recognise_model
    return ModelStore(paths.models, recognise=recognise, starters=starter_models())
