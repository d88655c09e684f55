"""Where results go: numbered, and never over a file that is there. Main thread."""

from __future__ import annotations

import itertools
import os
from pathlib import Path

from studio.api.errors import ParamsError, StorageError
from studio.api.outputs import Output
from studio.core.catalogue import RegisteredGenerator
from studio.io.video import SUFFIXES
from studio.library.results import LATENT_SUFFIX, media_type_of, suffixes_for

_SUFFIXES = {"image": (".png",), "text": (".md",), "latent": (".png", LATENT_SUFFIX)}
"""What results of a kind are written as, the usual one first. Texts may be called anything."""
_WORDS = {"image": "Pictures", "latent": "Latents", "video": "Films of this kind"}


class OutputFiles:
    """The names for an order's results, decided and checked before anything runs.

    Args:
        output: A file, a folder, or None for nowhere but the history.
        results: How many results are expected.
        force: Files that exist may be replaced.
        film_format: What films are written as, where it was chosen.

    Raises:
        ParamsError: results of this kind can't be written under such a name.
        StorageError: a file is there already; the folder is missing or can't be written.
    """

    def __init__(
        self,
        output: Path | None,
        registered: RegisteredGenerator,
        *,
        results: int = 1,
        force: bool = False,
        film_format: str = "",
    ) -> None:
        self.force = force
        self._index = 0
        self._base: Path | None = None
        if output is None:
            return
        output = output.expanduser()
        kind = registered.spec.yields[0]
        known = _SUFFIXES.get(kind) or (_film_suffix(registered, film_format),)
        suffix = known[0]
        if output.is_dir():
            output = _free_in(output, registered.spec.id.replace(".", "-"), suffix, results)
        elif not output.suffix:
            output = output.with_name(f"{output.name}{suffix}")
        fits = output.suffix.lower() in known
        if len(registered.spec.yields) == 1 and kind in _WORDS and not fits:
            names = " or ".join(output.with_suffix(ending).name for ending in known)
            raise ParamsError(
                f"{_WORDS[kind]} are not written as {output.suffix[1:].upper()}.",
                where="-o",
                remedy=f"Call it {names}.",
            )
        self._base = output
        self._check(results)

    def next(self, output: Output) -> Path | None:
        """Where the next result goes: under the asked name, if need be with another suffix."""
        if self._base is None:
            return None
        self._index += 1
        path = _numbered(self._base, self._index)
        suffixes = suffixes_for(media_type_of(output))
        if suffixes and path.suffix.lower() not in suffixes:
            path = path.with_suffix(suffixes[0])
        return path

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


def _film_suffix(registered: RegisteredGenerator, film_format: str) -> str:
    """Of a film in the format that was chosen, or that is the generator's own."""
    field = next((field for field in registered.fields if field.name == "format"), None)
    wanted = film_format or (str(field.default) if field is not None else "mp4")
    return next((known for format, known in SUFFIXES.items() if format == wanted), ".mp4")


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
