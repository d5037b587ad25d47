"""Unpack an archive that somebody else has packed, without trusting it."""

from __future__ import annotations

import re
import stat
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path, PurePosixPath
from typing import IO, Any, Final, NamedTuple

from mlmi_course.data.errors import DataError

__all__ = ["unpack"]

_MOST_BYTES: Final = 512 * 2**20
_MOST_MEMBERS: Final = 20_000
_CHUNK: Final = 2**16
_DAMAGE: Final = (
    tarfile.TarError, zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError,
)  # fmt: skip


class _Member(NamedTuple):
    name: str
    kind: str  # "file", "folder", or what is refused
    open: Callable[[], IO[bytes] | None]


def unpack(archive: Path, folder: Path, *, most_bytes: int = _MOST_BYTES) -> None:
    """Write the files of a ``.zip`` or ``.tar`` archive (compressed or not) into a folder.

    Parameters
    ----------
    archive : Path
    folder : Path
        Made if it is not there.
    most_bytes : int
        All members together may not have more bytes than this, whatever they say of themselves.

    Raises
    ------
    DataError
        If the archive is damaged or no archive, has too many or too large members, a member that
        is a link or would land outside of the folder, or two that would fall on each other.
    """
    folder.mkdir(parents=True, exist_ok=True)
    room = most_bytes
    names = _Names(archive)
    try:
        for count, member in enumerate(_members(archive)):
            if count >= _MOST_MEMBERS:
                raise DataError(f"{archive.name} has more than {_MOST_MEMBERS} members")
            path = _inside(member.name, archive)
            if member.kind == "folder":
                continue
            if member.kind != "file":
                raise DataError(f"{archive.name}: {member.name!r} is {member.kind}; refused")
            names.add(path)
            target = folder / path
            target.parent.mkdir(parents=True, exist_ok=True)
            room -= _copy(member, target, room, archive, most_bytes)
    except _DAMAGE as error:
        reason = " ".join(str(error).split()) or type(error).__name__
        raise DataError(f"{archive.name} is damaged: {reason}") from error


def _members(archive: Path) -> Iterator[_Member]:
    if zipfile.is_zipfile(archive):
        with zipfile.ZipFile(archive) as file:
            for info in file.infolist():
                yield _Member(info.filename, _zip_kind(info), lambda i=info: file.open(i))
    elif tarfile.is_tarfile(archive):
        with tarfile.open(archive) as file:
            for info in file:
                yield _Member(info.name, _tar_kind(info), lambda i=info: file.extractfile(i))
    else:
        raise DataError(f"{archive.name} is no folder, no .zip and no .tar.gz archive")


def _zip_kind(info: zipfile.ZipInfo) -> str:
    if info.flag_bits & 1:
        return "encrypted"
    if stat.S_ISLNK(info.external_attr >> 16):
        return "a link"
    return "folder" if info.is_dir() else "file"


def _tar_kind(info: tarfile.TarInfo) -> str:
    if info.issym() or info.islnk():
        return "a link"
    if info.isdir():
        return "folder"
    return "file" if info.isreg() else "no ordinary file"


def _inside(name: str, archive: Path) -> PurePosixPath:
    path = PurePosixPath(name)
    if path.is_absolute() or ".." in path.parts or re.search(r"[\\\0]|^[A-Za-z]:", name):
        raise DataError(f"{archive.name}: {name!r} would land outside of its folder; refused")
    return path


class _Names:
    """The members so far: no two may fall on each other, on any system's disk."""

    def __init__(self, archive: Path) -> None:
        self.archive = archive
        self.files: dict[str, str] = {}  # by their names in small letters
        self.folders: dict[str, str] = {}  # and a file in each

    def add(self, path: PurePosixPath) -> None:
        name = str(path)
        other = self.files.get(name.casefold())
        if other == name:
            raise DataError(f"{self.archive.name} holds {name!r} twice")
        if other is not None:
            raise DataError(
                f"{self.archive.name}: {name!r} differs from {other!r} in small and capital "
                "letters only; refused"
            )
        parents = [str(parent).casefold() for parent in path.parents]
        over = [self.files[parent] for parent in parents if parent in self.files]
        over += [self.folders[name.casefold()]] if name.casefold() in self.folders else []
        if over:
            raise DataError(
                f"{self.archive.name}: {name!r} and {over[0]!r} cannot be there at once: one is a "
                "file where the other needs a folder"
            )
        self.files[name.casefold()] = name
        self.folders |= dict.fromkeys(parents, name)


def _copy(member: _Member, target: Path, room: int, archive: Path, most_bytes: int) -> int:
    """Copy, counting: what a member says of its size may be a lie."""
    copied = 0
    source: Any = member.open()
    with source, target.open("xb") as file:
        while chunk := source.read(_CHUNK):
            copied += len(chunk)
            if copied > room:
                raise DataError(
                    f"{archive.name} unpacks to more than {most_bytes / 2**20:.0f} MB, far more "
                    "than the set has; refused"
                )
            file.write(chunk)
    return copied
