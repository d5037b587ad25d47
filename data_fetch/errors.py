"""What keeps a set from coming."""

from __future__ import annotations

__all__ = ["FetchError", "OfflineError", "WrongHashError"]


class FetchError(Exception):
    """A download that failed, in one line that says what to do."""


class OfflineError(FetchError):
    """There is no way to the server: most often there is no network at all."""


class WrongHashError(FetchError):
    """Everything came, and it is not what it should be."""
