"""A guard that makes every attempt to reach a network an error. Installed for all tests.

Local sockets (Unix pairs and pipes between our own processes) stay allowed: they reach nobody.
"""

from __future__ import annotations

import socket
from typing import Any


class NetworkReached(BaseException):
    """Something tried to open a connection, resolve a name, or listen on a port."""


def forbid_network() -> None:
    """Replace the socket's roads outwards. Idempotent; for this process."""

    def refuse(name: str) -> Any:
        def guard(*args: object, **kwargs: object) -> object:
            raise NetworkReached(f"{name}{args[1:]!r}: Folio never reaches for the network")

        return guard

    inner = socket.socket

    class GuardedSocket(inner):  # type: ignore[misc, valid-type]
        def connect(self, address: Any) -> None:
            if self.family != getattr(socket, "AF_UNIX", None):
                raise NetworkReached(f"connect({address!r})")
            super().connect(address)

        def connect_ex(self, address: Any) -> int:
            if self.family != getattr(socket, "AF_UNIX", None):
                raise NetworkReached(f"connect_ex({address!r})")
            return int(super().connect_ex(address))

        def listen(self, *backlog: int) -> None:
            # Binding alone reaches nobody (libraries bind to see whether IPv6 exists).
            if self.family != getattr(socket, "AF_UNIX", None):
                raise NetworkReached("listen()")
            super().listen(*backlog)

        def sendto(self, *arguments: Any) -> int:
            if self.family != getattr(socket, "AF_UNIX", None):
                raise NetworkReached(f"sendto{arguments[1:]!r}")
            return int(super().sendto(*arguments))

    if socket.socket.__name__ != "GuardedSocket":
        socket.socket = GuardedSocket  # type: ignore[misc]
        socket.getaddrinfo = refuse("getaddrinfo")
        socket.create_connection = refuse("create_connection")
