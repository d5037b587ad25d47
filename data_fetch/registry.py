"""What public sets there are: ``registry.toml``, read and checked."""

from __future__ import annotations

import difflib
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from types import MappingProxyType
from typing import Any, Final, Literal

from data_fetch.errors import FetchError

__all__ = ["TCIA", "Entry", "Kind", "RemoteFile", "entries", "entry", "parse", "size_text"]

Kind = Literal["download", "by hand", "tcia", "apply"]

TCIA: Final = "tcia-"
"""How the name of every collection of The Cancer Imaging Archive begins."""

_KINDS: Final = ("download", "by hand", "tcia", "apply")
_HASH: Final = re.compile(r"md5:[0-9a-f]{32}|sha256:[0-9a-f]{64}")
_NAME: Final = re.compile(r"[a-z0-9][a-z0-9_-]*")


@dataclass(frozen=True, kw_only=True)
class RemoteFile:
    """A file on the web.

    Attributes
    ----------
    name : str
        What it is called here.
    urls : tuple of str
        Addresses of the same bytes, tried in order.
    bytes : int or None
        Its exact size, where it is known.
    about_bytes : int or None
        For the reader, where it is not.
    hash : str or None
        ``"md5:…"`` or ``"sha256:…"``.
    hash_from : str
        Who states it.
    """

    name: str
    urls: tuple[str, ...]
    bytes: int | None = None
    about_bytes: int | None = None
    hash: str | None = None
    hash_from: str = ""


@dataclass(frozen=True, kw_only=True)
class Entry:
    """A public set.

    Attributes
    ----------
    name, title, licence, citation, page : str
    kind : {"download", "by hand", "tcia", "apply"}
    licence_note : str
        More about the licence, where its name does not say all.
    file : RemoteFile or None
        What is downloaded.
    about, about_bytes : str, int or None
        Its size, where there is no file.
    unpacked : int
        The most bytes that may come out of its archive.
    counts : mapping of str to int
        Files in each of its folders.
    images : mapping of str to int
        Images in each of its parts.
    how : str
        What a person has to do.
    """

    name: str
    kind: Kind
    title: str
    licence: str
    citation: str
    licence_note: str = ""
    page: str = ""
    file: RemoteFile | None = None
    about: str = ""
    about_bytes: int | None = None
    unpacked: int = 64 * 2**20
    counts: Mapping[str, int] = field(default_factory=dict)
    images: Mapping[str, int] = field(default_factory=dict)
    how: str = ""

    @property
    def size(self) -> str:
        """How large it is, for a reader.

        Examples
        --------
        >>> entry("cmepda-microcalcifications").size, entry("ixi-t1").size
        ('2.1 MB', 'about 4.8 GB')
        """
        exact = self.file.bytes if self.file else None
        if exact is not None:
            return size_text(exact)
        about = self.file.about_bytes if self.file else self.about_bytes
        return f"about {size_text(about)}" if about else self.about or "unknown"


def size_text(size: int) -> str:
    """A number of bytes in words.

    Examples
    --------
    >>> size_text(2_078_720), size_text(559_580), size_text(12)
    ('2.1 MB', '560 kB', '12 bytes')
    """
    for unit, bytes_ in (("GB", 1e9), ("MB", 1e6)):
        if size >= bytes_:
            return f"{size / bytes_:.1f} {unit}"
    return f"{size / 1e3:.0f} kB" if size >= 1000 else f"{size} bytes"


@cache
def entries() -> Mapping[str, Entry]:
    """All sets, by name, in the order of ``registry.toml``.

    Examples
    --------
    >>> next(iter(entries()))
    'cmepda-microcalcifications'
    """
    return MappingProxyType(parse(_text()))


def _text() -> str:
    return resources.files("data_fetch").joinpath("registry.toml").read_text(encoding="utf-8")


def entry(name: str) -> Entry:
    """One set.

    Raises
    ------
    FetchError
        If the name is not known.

    Examples
    --------
    >>> entry("adni").kind
    'apply'
    """
    if name not in entries():
        if close := difflib.get_close_matches(name, list(entries()), n=1):
            raise FetchError(f"no set is called {name!r}; did you mean {close[0]!r}?")
        raise FetchError(
            f"no set is called {name!r}; there are: {', '.join(entries())}, and "
            f"{TCIA}COLLECTION for every collection of The Cancer Imaging Archive"
        )
    return entries()[name]


def parse(text: str) -> dict[str, Entry]:
    """Read the text of a registry.

    Raises
    ------
    ValueError
        If a table lacks something, holds something unknown, or contradicts itself.
    """
    found = {}
    for name, table in tomllib.loads(text).items():
        try:
            found[name] = _entry(name, dict(table))
        except (TypeError, ValueError, AttributeError) as error:
            raise ValueError(f"registry.toml, [{name}]: {error}") from error
    return found


def _entry(name: str, table: dict[str, Any]) -> Entry:
    file = table.pop("file", None)
    made = Entry(
        name=name,
        file=None if file is None else _source(dict(file)),
        unpacked=int(table.pop("unpacked", 64)) * 2**20,
        how=table.pop("how", "").strip(),
        **table,
    )
    if not _NAME.fullmatch(name):
        raise ValueError("a name has small letters, digits, - and _: it becomes a folder")
    if made.kind not in _KINDS:
        raise ValueError(f"kind must be one of {', '.join(_KINDS)}, not {made.kind!r}")
    if (made.file is not None) != (made.kind == "download"):
        raise ValueError(f"a set of the kind {made.kind!r} and file = … do not go together")
    if bool(made.how) != (made.kind in ("by hand", "apply")):
        raise ValueError("how is for sets that no program can bring, and those need it")
    if made.kind == "tcia" and not name.startswith(TCIA):
        raise ValueError(f"its name must start with {TCIA}")
    return made


def _source(table: dict[str, Any]) -> RemoteFile:
    made = RemoteFile(urls=tuple(table.pop("urls")), **table)
    if not made.urls or "/" in made.name or "\\" in made.name:
        raise ValueError("file needs urls, and a name without folders")
    if made.hash is not None and not (_HASH.fullmatch(made.hash) and made.hash_from):
        raise ValueError("hash must be md5:… or sha256:… in hexadecimal, and hash_from say whose")
    if made.hash is None and made.bytes is None:
        raise ValueError("a file needs a hash or an exact size: else nothing can be checked")
    if (made.bytes is None) == (made.about_bytes is None):
        raise ValueError("a file needs bytes or about_bytes, and not both")
    return made
