"""The structure of compressed frames: JPEG, JPEG-LS, JPEG 2000 and RLE, marker by marker.

Nothing is decoded here.  A frame can be freed of comments, and it can be told whether it is
whole, which some decoders do not check.
"""

from __future__ import annotations

import re
from typing import Final

__all__ = ["is_whole", "without_text"]

# Where a coded picture goes on after its data: not at stuffed bytes, restarts or fillers.
_NEXT_MARKER: Final = re.compile(rb"\xff[\x80-\xcf\xd8-\xfe]")


def is_whole(frame: bytes) -> bool:
    """Whether a JPEG, JPEG-LS or JPEG 2000 frame goes from its first marker to its last."""
    try:
        without_text(frame, 0)
    except (IndexError, ValueError):
        return False
    return True


def without_text(frame: bytes, size: int) -> bytes:
    """A compressed frame less its comments, and less all that follows its end."""
    if frame.startswith(b"\xff\xd8"):
        return _jpeg_without_text(frame)  # JPEG-LS too
    if frame.startswith(b"\xff\x4f"):
        return _jpeg2000_without_text(frame)
    if 1 <= frame[0] <= 15 and frame[1:8] == b"\0\0\0\x40\0\0\0":
        return _rle_without_text(frame, size)
    raise ValueError("neither JPEG nor RLE")


def _segment_end(frame: bytes, at: int) -> int:
    if frame[at] != 0xFF:
        raise ValueError("a marker is missing")
    return at + 2 + int.from_bytes(frame[at + 2 : at + 4], "big")


def _jpeg_without_text(frame: bytes) -> bytes:
    kept, at = bytearray(frame[:2]), 2
    while frame[at : at + 2] != b"\xff\xd9":
        if frame[at] == frame[at + 1] == 0xFF:  # a filler
            at += 1
            continue
        end, kind = _segment_end(frame, at), frame[at + 1]
        # Of the application segments three say what the colours mean, in so many bytes.
        known = ((18, b"JFIF"), (16, b"Adob"), (9, b"mrfx"))
        colours = 0xE0 <= kind <= 0xEF and (end - at, frame[at + 4 : at + 8]) in known
        if colours or not (0xE0 <= kind <= 0xEF or kind == 0xFE):
            kept += frame[at:end]
        at = end
        if kind == 0xDA:  # the coded picture has no length of its own
            marker = _NEXT_MARKER.search(frame, at)
            if marker is None:
                raise ValueError("the end is missing")
            kept += frame[at : marker.start()]
            at = marker.start()
    return bytes(kept) + b"\xff\xd9"


def _jpeg2000_without_text(frame: bytes) -> bytes:
    kept, at = bytearray(frame[:2]), 2
    while frame[at : at + 2] != b"\xff\x90":  # the main header, up to the first tile
        end = _segment_end(frame, at)
        if frame[at + 1] != 0x64:
            kept += frame[at:end]
        at = end
    tiles = at
    while frame[at : at + 2] == b"\xff\x90":
        length, inner = int.from_bytes(frame[at + 6 : at + 10], "big"), at + 12
        while frame[inner : inner + 2] != b"\xff\x93":
            if frame[inner + 1] == 0x64:  # to remove it would change the lengths of the tiles
                raise ValueError("a comment within a tile")
            inner = _segment_end(frame, inner)
        at = at + length if length else frame.index(b"\xff\xd9", inner)
    if frame[at : at + 2] != b"\xff\xd9":
        raise ValueError("the end is missing")
    return bytes(kept) + frame[tiles : at + 2]


def _rle_without_text(frame: bytes, size: int) -> bytes:
    offsets = [int.from_bytes(frame[i : i + 4], "little") for i in range(4, 64, 4)]
    if any(offsets[frame[0] :]):
        raise ValueError("something in unused bytes of its header")
    at = 64
    for offset in offsets[: frame[0]]:
        if offset < at or frame[at:offset].strip(b"\0"):
            raise ValueError("something between its segments")
        at, made = offset, 0
        while made < size:
            run = frame[at]
            made += 0 if run == 128 else run + 1 if run < 128 else 257 - run
            at += 1 if run == 128 else run + 2 if run < 128 else 2
    return frame[:at]
