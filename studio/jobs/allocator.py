"""What the C library does with memory that is freed: keeps it warm while jobs run, gives it back when asked.

A network frees and takes the same megabytes again at every layer. glibc returns them to the system in
between, and the system clears each page anew: a decoder of 128 px took more than a thousand page faults a
picture, a tenth of its time. Elsewhere than on glibc nothing is done.

Source: mallopt(3) and malloc_trim(3) of the Linux man-pages.
"""

from __future__ import annotations

import ctypes
import functools

_M_TRIM_THRESHOLD, _M_MMAP_THRESHOLD, _M_ARENA_MAX = -1, -3, -8
_KEPT_BYTES = 256 << 20
_MAPPED_FROM_BYTES = 32 << 20
"""The most that every glibc accepts. Larger blocks are mapped and returned one by one, as ever."""


@functools.cache
def keep_freed_memory() -> bool:
    """Set this process up, once, before the threads that it is for; False if the library can't."""
    try:
        set_option = ctypes.CDLL(None).mallopt
    except (OSError, AttributeError, TypeError):  # no such function; no such call on Windows
        return False
    # One arena: those that threads get are of 64 MB, and are returned whole.
    options = (
        (_M_ARENA_MAX, 1),
        (_M_MMAP_THRESHOLD, _MAPPED_FROM_BYTES),
        (_M_TRIM_THRESHOLD, _KEPT_BYTES),
    )
    taken = [bool(set_option(option, value)) for option, value in options]
    return all(taken)


def return_freed_memory() -> None:
    """Give the system every page that nothing is in. It walks the whole heap; any thread."""
    try:
        ctypes.CDLL(None).malloc_trim(0)
    except (OSError, AttributeError, TypeError):
        return
