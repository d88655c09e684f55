"""The model store: what weights there are on this machine, by id. I/O threads and the command line.

Models are used where they are; the store keeps a register of them (one JSON file, replaced whole).
"""

from __future__ import annotations

import hashlib
import json
import logging
import re
import shutil
import threading
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError

from studio.api.errors import ModelError, StorageError
from studio.api.models import ModelFacts, ModelInfo
from studio.api.weights import refuse
from studio.io.atomic import storage_error, write_text
from studio.library.starters import STARTER_LICENCES

log = logging.getLogger(__name__)

Recognise = Callable[[Path], ModelFacts | None]
_WEIGHTS = (".safetensors", ".gguf", ".json", ".txt", ".model")


class _Entry(BaseModel):
    model_config = ConfigDict(extra="ignore")

    info: ModelInfo
    fingerprint: str
    """Sizes and times of the files when the hash was taken."""


class ModelStore:
    """Lists, adds, checks and removes models.

    Args:
        folder: Where the register and copied models live.
        recognise: Says what a path is; None for "no known kind"; raises ModelError when damaged.
        starters: Models that are there without being added.
    """

    def __init__(
        self, folder: Path, *, recognise: Recognise, starters: Iterable[Path] = ()
    ) -> None:
        self._folder = folder
        self._recognise = recognise
        self._starters = tuple(starters)
        self._register = folder / "models.json"
        self._lock = threading.RLock()
        self._entries: dict[str, _Entry] | None = None

    def all(self, family: str | None = None) -> list[ModelInfo]:
        """All models, the person's own newest first, then the starters as they were given."""
        infos = [entry.info for entry in self._load().values()]
        own = [info for info in reversed(infos) if not info.starter]
        infos = [*own, *(info for info in infos if info.starter)]
        return [info for info in infos if family is None or info.facts.family == family]

    def get(self, id_or_prefix: str) -> ModelInfo:
        """The model of that id, or of the one id that begins so.

        Raises:
            ModelError: none or several; its files are gone.
        """
        entries = self._load()
        matches = [id_or_prefix] if id_or_prefix in entries else []
        matches = matches or [name for name in entries if name.startswith(id_or_prefix)]
        if len(matches) != 1 or not id_or_prefix:
            known = ", ".join(entries) or "none yet"
            what = "Several models begin so." if len(matches) > 1 else "There is no such model."
            raise ModelError(what, where=id_or_prefix, remedy=f"Known models: {known}.")
        info = entries[matches[0]].info
        if not info.path.exists():
            raise ModelError(
                "The model was moved or deleted.",
                where=str(info.path),
                remedy=f"Put it back, or 'studio models remove {info.id}' and add it anew.",
            )
        return info

    def best(self, family: str) -> ModelInfo:
        """The person's own newest of a family, else the starter.

        Raises:
            ModelError: there is none; says how to add one.
        """
        for info in self.all(family):
            if info.path.exists():
                return info
        raise ModelError(
            f"There is no {family} model on this machine.",
            remedy="Add one: drop it on the window, or 'studio models add PATH'.",
        )

    def add(self, path: Path, *, copy: bool = False) -> ModelInfo:
        """Take a model into the register; with `copy`, its files into the store too.

        Raises:
            ModelError: not a model of a known kind, or damaged.
            StorageError: no space, or the store's folder can't be written.
        """
        path = path.expanduser().absolute()
        facts = self._facts(path)
        with self._lock:
            for entry in self._load().values():
                if entry.info.path == path and entry.fingerprint == _fingerprint(path):
                    # Its card may say something else by now.
                    info = entry.info.model_copy(update={"facts": facts})
                    if info != entry.info:
                        self._put(info)
                    return info
            content_hash = hash_model(path)
            path = self._copied(path) if copy else path
            info = ModelInfo(
                id=self._free_id(path),
                path=path,
                facts=facts,
                content_hash=content_hash,
                size_bytes=_size(path),
            )
            self._put(info)
        return info

    def remove(self, id_or_prefix: str) -> None:
        """Forget a model; files the store copied are deleted, others stay where they are."""
        with self._lock:
            entries = self._load()
            names = [name for name in entries if name == id_or_prefix] or [
                self.get(id_or_prefix).id
            ]
            info = entries[names[0]].info
            if info.starter:
                raise ModelError("A starter model can't be removed.", where=info.id)
            del entries[info.id]
            self._save()
            if info.path.is_relative_to(self._folder):
                shutil.rmtree(
                    info.path, ignore_errors=True
                ) if info.path.is_dir() else info.path.unlink(missing_ok=True)

    def verify(self, id_or_prefix: str) -> list[str]:
        """Read the whole model again; a sentence for each thing that is wrong."""
        info = self.get(id_or_prefix)
        try:
            self._facts(info.path)
        except ModelError as error:
            return [str(error)]
        if hash_model(info.path) != info.content_hash:
            return ["Its content is not what it was when it was added."]
        return []

    def _facts(self, path: Path) -> ModelFacts:
        if not path.exists():
            raise ModelError("There is no such file or folder.", where=str(path))
        facts = self._recognise(path)
        if facts is not None:
            return facts
        if path.is_file():
            raise refuse(path, "a model of a known kind")
        raise ModelError(
            "This folder holds no model of a known kind.",
            where=str(path),
            remedy="Choose a folder with a config.json or model_index.json, or a weights file itself.",
        )

    def _free_id(self, path: Path) -> str:
        stem = path.name if path.is_dir() else path.stem
        slug = re.sub(r"[^a-z0-9]+", "-", stem.lower()).strip("-") or "model"
        taken, number, name = self._load(), 2, slug
        while name in taken:
            name, number = f"{slug}-{number}", number + 1
        return name

    def _copied(self, path: Path) -> Path:
        target = self._folder / path.name
        if target.exists():
            raise StorageError("The store has a model of that name already.", where=str(target))
        if shutil.disk_usage(self._folder).free < _size(path) * 1.02:
            raise StorageError(
                f"The disk has no room for the {_size(path) / 1e9:.1f} GB of this model.",
                where=str(self._folder),
                remedy="Free some space, or add the model without copying it.",
            )
        beside = self._folder / f".{path.name}.part"
        try:
            shutil.copytree(path, beside) if path.is_dir() else shutil.copy2(path, beside)
            beside.rename(target)
        except OSError as error:
            raise storage_error(error, target) from None
        finally:
            if beside.is_dir():
                shutil.rmtree(beside, ignore_errors=True)
            else:
                beside.unlink(missing_ok=True)
        return target

    def _load(self) -> dict[str, _Entry]:
        with self._lock:
            if self._entries is None:
                self._entries = self._read()
                self._add_starters()
            return self._entries

    def _read(self) -> dict[str, _Entry]:
        try:
            rows: Any = json.loads(self._register.read_text(encoding="utf-8"))
        except FileNotFoundError:
            return {}
        except (OSError, ValueError):
            log.warning("the register of models is damaged; it is begun anew")
            return {}
        entries: dict[str, _Entry] = {}
        for row in rows if isinstance(rows, list) else []:
            try:
                entry = _Entry.model_validate(row)
            except ValidationError:
                log.warning("one entry of the register of models can't be read")
                continue
            entries[entry.info.id] = entry
        return entries

    def _add_starters(self) -> None:
        """Starters are listed afresh, their hash kept while the files stay the same."""
        assert self._entries is not None
        known = {e.info.path: e for e in self._entries.values() if e.info.starter}
        for old in known.values():
            del self._entries[old.info.id]
        changed = False
        for path in self._starters:
            entry: _Entry | None = known.get(path)
            stamp = _fingerprint(path) + _card_stamp(path)
            if entry is None or entry.fingerprint != stamp:
                try:
                    facts = self._facts(path)
                except ModelError as error:
                    log.warning("a starter model is unusable: %s", error)
                    continue
                if not facts.licence and path.name in STARTER_LICENCES:
                    facts = facts.model_copy(update={"licence": STARTER_LICENCES[path.name]})
                info = ModelInfo(
                    id=self._free_id(path), path=path, facts=facts, content_hash=hash_model(path),
                    size_bytes=_size(path), starter=True,
                )  # fmt: skip
                entry = _Entry(info=info, fingerprint=stamp)
                changed = True
            self._entries[entry.info.id] = entry
        if changed:
            try:
                self._save()
            except StorageError as error:
                log.warning("the register of models can't be kept: %s", error)

    def _put(self, info: ModelInfo) -> None:
        entries = self._load()
        entries[info.id] = _Entry(info=info, fingerprint=_fingerprint(info.path))
        try:
            self._save()
        except StorageError:
            del entries[info.id]
            raise

    def _save(self) -> None:
        assert self._entries is not None
        rows = [entry.model_dump(mode="json") for entry in self._entries.values()]
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise storage_error(error, self._folder) from None
        write_text(self._register, json.dumps(rows, indent=1), force=True)


def _files(path: Path) -> list[Path]:
    if path.is_file():
        return [path]
    return sorted(p for p in path.rglob("*") if p.is_file() and p.suffix in _WEIGHTS)


def _size(path: Path) -> int:
    return sum(file.stat().st_size for file in _files(path))


def _fingerprint(path: Path) -> str:
    if not path.exists():
        return ""
    stats = ((file, file.stat()) for file in _files(path))
    return ";".join(f"{file.name}:{stat.st_size}:{stat.st_mtime_ns}" for file, stat in stats)


def _card_stamp(path: Path) -> str:
    """Of the card: it is no part of the model's content, but its limits and advice are shown."""
    card = path / "README.md"
    return f";{card.stat().st_mtime_ns}" if card.is_file() else ""


def hash_model(path: Path) -> str:
    """sha256 of a file; of a folder, over the names and hashes of its weights and configs."""
    if path.is_file():
        with path.open("rb") as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest()
    total = hashlib.sha256()
    for file in _files(path):
        total.update(f"{file.relative_to(path).as_posix()} {hash_model(file)}\n".encode())
    return total.hexdigest()
