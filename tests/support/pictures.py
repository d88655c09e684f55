"""Picture files in memory, as other programs write them."""

from __future__ import annotations

import io
from typing import Any

from PIL import Image, ImageCms


def file_of(image: Image.Image, kind: str = "PNG", **options: Any) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


def linear_profile() -> bytes:
    """A grey profile of gamma 1: 50 % grey in it is 188 in sRGB. Version 2, as PNG files have."""
    curve = b"curv" + bytes(4) + (0).to_bytes(4, "big")
    white = b"XYZ " + bytes(4) + b"\0\0\xf6\xd6" + b"\0\1\0\0" + b"\0\0\xd3\x2d"
    name = b"desc" + bytes(4) + (7).to_bytes(4, "big") + b"linear\0" + bytes(78)
    tags = [(b"desc", name), (b"wtpt", white), (b"kTRC", curve)]
    table, body, at = len(tags).to_bytes(4, "big"), b"", 128 + 4 + 12 * len(tags)
    for key, data in tags:
        padded = data + bytes(-len(data) % 4)
        table += key + (at + len(body)).to_bytes(4, "big") + len(data).to_bytes(4, "big")
        body += padded
    size = (at + len(body)).to_bytes(4, "big")
    head = size + bytes(4) + b"\2\x10\0\0" + b"mntr" + b"GRAY" + b"XYZ " + bytes(12) + b"acsp"
    head += bytes(28) + b"\0\0\xf6\xd6" + b"\0\1\0\0" + b"\0\0\xd3\x2d"
    return head.ljust(128, b"\0") + table + body


def srgb_profile() -> bytes:
    return ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
