"""What can be wrong with a set that somebody else has made."""

from __future__ import annotations

__all__ = ["DataError", "NotImported"]


class DataError(ValueError):
    """Files that are not the set that was expected, or an archive that is not safe."""


class NotImported(FileNotFoundError):
    """A real set that is not on this computer, with the command that brings it there."""
