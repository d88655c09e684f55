"""Where results go: numbered, and never over a file that is there. Main thread."""

from __future__ import annotations

import itertools
import os
from pathlib import Path

from studio.api.errors import ParamsError, StorageError
from studio.core.catalogue import RegisteredGenerator

_SUFFIXES = {"image": ".png", "text": ".md", "latent": ".safetensors", "video": ".mp4"}


class OutputFiles:
    """The names for an order's results, decided and checked before anything runs.

    Args:
        output: A file, a folder, or None for nowhere but the history.
        results: How many results are expected.
        force: Files that exist may be replaced.

    Raises:
        ParamsError: pictures can't be written under such a name.
        StorageError: a file is there already; the folder is missing or can't be written.
    """

    def __init__(
        self,
        output: Path | None,
        registered: RegisteredGenerator,
        *,
        results: int = 1,
        force: bool = False,
    ) -> None:
        self.force = force
        self._index = 0
        self._base: Path | None = None
        if output is None:
            return
        output = output.expanduser()
        suffix = _SUFFIXES.get(registered.spec.yields[0], ".bin")
        if output.is_dir():
            output = _free_in(output, registered.spec.id.replace(".", "-"), suffix, results)
        elif not output.suffix:
            output = output.with_name(f"{output.name}{suffix}")
        if registered.spec.yields == ("image",) and output.suffix.lower() != ".png":
            raise ParamsError(
                f"Pictures are written as PNG, not as {output.suffix[1:].upper()}.",
                where="-o",
                remedy=f"Call it {output.with_suffix('.png').name}.",
            )
        self._base = output
        self._check(results)

    def next(self) -> Path | None:
        """Where the next result goes."""
        if self._base is None:
            return None
        self._index += 1
        return _numbered(self._base, self._index)

    def _check(self, results: int) -> None:
        assert self._base is not None
        folder = self._base.parent
        if not folder.is_dir():
            raise StorageError(
                "The folder doesn't exist.", where=str(folder), remedy="Create it first."
            )
        if not os.access(folder, os.W_OK):
            raise StorageError(
                "The folder can't be written.", where=str(folder), remedy="Choose another one."
            )
        for number in range(1, results + 1):
            path = _numbered(self._base, number)
            if path.exists() and not self.force:
                raise StorageError(
                    "There is a file of that name already.",
                    where=str(path),
                    remedy="Use --force to overwrite it.",
                )


def _numbered(path: Path, number: int) -> Path:
    """The path itself for the first result, with -2, -3 … for those after."""
    return path if number == 1 else path.with_name(f"{path.stem}-{number}{path.suffix}")


def _free_in(folder: Path, stem: str, suffix: str, results: int) -> Path:
    """A name in a folder of which this many numbered ones are free."""
    for attempt in itertools.count(1):
        path = _numbered(folder / f"{stem}{suffix}", attempt)
        if not any(_numbered(path, number).exists() for number in range(1, results + 1)):
            return path
    raise AssertionError("counting never ends")
