"""A disk that takes no more: the kernel's own refusal at a file size, or a made-up ENOSPC."""

from __future__ import annotations

import contextlib
import errno
import os
from collections.abc import Iterator

import pytest

try:
    import resource
except ImportError:  # Windows
    resource = None  # type: ignore[assignment]


@contextlib.contextmanager
def files_limited_to(size_bytes: int) -> Iterator[None]:
    """Writes beyond that size fail half-way, in any library, as on a full disk."""
    if resource is None:
        pytest.skip("this system can't limit a file's size")
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size_bytes, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def fill_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    """From now on nothing reaches the disk: flushing says that it is full."""

    def full(descriptor: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
