"""Asks llama.cpp for a text's tokens, by its server's socket in a private folder. GPU thread.

The socket lies in a folder that only this person can enter, and answers only who knows a key that was
drawn for it: no port is opened. `handle_completions` goes past it; only this is asked through it.
"""

from __future__ import annotations

import http.client
import json
import os
import secrets
import shutil
import socket
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil

from studio.api import StudioError

_PATH_LIMIT = 100
_PREFIX = "folio-llama-"
_TIMEOUT_S = 120.0


@dataclass(frozen=True)
class Token:
    """`piece` are its bytes; they may be a part of a character."""

    id: int
    piece: bytes


@dataclass(frozen=True)
class PrivateSocket:
    """Where one server listens. `close` removes it; those of engines that died go at the next `new`."""

    folder: Path
    key: str = field(default_factory=lambda: secrets.token_hex(16))

    @classmethod
    def new(cls) -> PrivateSocket:
        places = [Path(tempfile.gettempdir()), *([Path("/tmp")] if os.name == "posix" else [])]
        for place in places:
            _sweep(place)
            made = cls(Path(tempfile.mkdtemp(prefix=f"{_PREFIX}{os.getpid()}-", dir=place)))
            if len(os.fsencode(made.path)) <= _PATH_LIMIT:
                break
            made.close()
        return made

    @property
    def path(self) -> Path:
        return self.folder / "llama.sock"

    def close(self) -> None:
        shutil.rmtree(self.folder, ignore_errors=True)


class TokenService:
    """Tokens of texts, exactly as the model's own tokenizer makes them."""

    def __init__(self, where: PrivateSocket) -> None:
        self._where = where
        self._first: list[int] | None = None

    def tokens(self, text: str) -> list[Token]:
        """Of a text alone; marks such as "<|im_end|>" are read as plain characters."""
        answer = self._ask(
            "/tokenize", {"content": text, "with_pieces": True, "parse_special": False}
        )
        return [Token(int(one["id"]), _bytes(one["piece"])) for one in answer["tokens"]]

    def ids(self, text: str, *, special: bool = False) -> list[int]:
        """Ids alone; `special` as a prompt is read: with marks, and what the model puts in front."""
        asked = {"content": text, "add_special": special, "parse_special": special}
        return [int(one) for one in self._ask("/tokenize", asked)["tokens"]]

    def first(self) -> list[int]:
        """What this model puts before every text: a begin-of-text token, or nothing."""
        if self._first is None:
            bare, whole = self.ids("a"), self.ids("a", special=True)
            self._first = [] if whole[: len(bare)] == bare else whole[:1]
        return self._first

    def templated(self, messages: list[dict[str, str]]) -> str:
        """Messages as the model's chat template writes them.

        Raises:
            StudioError: the template can't write these.
        """
        asked = {"messages": messages, "chat_template_kwargs": {"enable_thinking": False}}
        return str(self._ask("/apply-template", asked)["prompt"])

    def _ask(self, path: str, body: dict[str, Any]) -> Any:
        if not hasattr(socket, "AF_UNIX"):
            raise StudioError(
                "On this system llama.cpp can't be asked for its tokens.",
                where="writer",
                remedy="Use a Hugging Face model for this.",
            )
        connection = _Connection(self._where.path)
        headers = {
            "Authorization": f"Bearer {self._where.key}",
            "Content-Type": "application/json",
        }
        try:
            connection.request("POST", path, json.dumps(body), headers)
            response = connection.getresponse()
            answer = json.loads(response.read())
        except (OSError, http.client.HTTPException, ValueError) as error:
            raise StudioError(
                f"llama.cpp doesn't answer: {error}.",
                where="writer",
                remedy="Try again; if it stays so, restart the engine.",
            ) from None
        finally:
            connection.close()
        if "error" in answer:
            message = answer["error"].get("message", answer["error"])
            raise StudioError(f"llama.cpp refused: {message}", where="writer")
        return answer


class _Connection(http.client.HTTPConnection):
    def __init__(self, path: Path) -> None:
        super().__init__("localhost", timeout=_TIMEOUT_S)
        self._path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(_TIMEOUT_S)
        self.sock.connect(str(self._path))


def _bytes(piece: str | list[int]) -> bytes:
    return piece.encode("utf-8") if isinstance(piece, str) else bytes(piece)


def _sweep(place: Path) -> None:
    """Remove the folders of engines that were killed."""
    for folder in place.glob(f"{_PREFIX}*"):
        number = folder.name.removeprefix(_PREFIX).split("-")[0]
        if number.isdigit() and not psutil.pid_exists(int(number)):
            shutil.rmtree(folder, ignore_errors=True)
