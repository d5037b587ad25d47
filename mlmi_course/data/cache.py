"""Arrays that took seconds to make, kept on disk for the next time.

There is a folder for each request, ``cache/<set>/<key>`` in the reader's home, and in it one
``.npy`` file for each array.  The key is a checksum of the code that made the arrays and of all
its parameters, so an edited simulator never reads what the old one made.

* **Whole or not at all.**  A folder is filled under another name and then renamed.  Whoever is
  interrupted leaves nothing that is read later; of two processes that make the same set at
  once, the second drops its own and reads the first one's.
* **Flat memory.**  Arrays arrive in blocks and are appended to their files; they are read
  through memory maps, so that only what is looked at takes memory.
* **A convenience.**  Where nothing can be kept (a full disk, a read-only home), one line says
  so and the arrays live in memory.
"""

from __future__ import annotations

import errno
import hashlib
import json
import os
import shutil
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Final
from uuid import uuid4

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mlmi_course._home import home

__all__ = [
    "Arrays",
    "Block",
    "cache_folder",
    "cached_arrays",
    "clear",
    "code_checksum",
    "folder_size",
    "request_key",
]

Block = Mapping[str, ArrayLike]
Arrays = dict[str, NDArray[Any]]

_ENTRY: Final = "entry.json"
_BUILDING: Final = ".building-"
_STALE_S: Final = 24 * 3600.0
# Reading a small file is as quick as mapping it, and leaves no file open.
_MAPPED_BYTES: Final = 2**16
_said: set[str] = set()


class _NotKept(Exception):
    """The disk refused; the arrays themselves are fine."""


def cache_folder() -> Path:
    """Where arrays are kept; everything in it can be made again.

    Examples
    --------
    >>> cache_folder().name
    'cache'
    """
    return home() / "cache"


def code_checksum(*functions: Callable[..., Any]) -> str:
    """Checksum of the source code behind some functions.

    Parameters
    ----------
    functions : callable
        What makes the arrays.

    Returns
    -------
    str
        It changes when a byte changes in any module of the package that a function lives in
        (of ``mlmi_course.phantoms`` for ``mlmi_course.phantoms.masses.lesion_blocks``): helpers
        in a neighbouring module make the images too.

    Examples
    --------
    >>> from mlmi_course.phantoms import ct
    >>> code_checksum(ct.chest_phantom) == code_checksum(ct.hounsfield_at)
    True
    """
    files = sorted({file for function in functions for file in _source_files(function.__module__)})
    checksum = hashlib.sha256()
    for file in files:
        checksum.update(f"{file.name}\0".encode())
        checksum.update(file.read_bytes())
    return checksum.hexdigest()[:16]


def _source_files(module: str) -> list[Path]:
    """Source files of the outermost package below the project's own, or of a lone module."""
    package = sys.modules[".".join(module.split(".")[:2])]
    if hasattr(package, "__path__"):
        return [file for folder in package.__path__ for file in Path(folder).rglob("*.py")]
    return [Path(str(package.__file__))]


def request_key(code: str, parameters: Mapping[str, Any]) -> str:
    """The name of a request's folder: a checksum of code and parameters.

    Parameters
    ----------
    code : str
        From :func:`code_checksum`.
    parameters : mapping of str to value
        Numbers, texts, booleans, None, and lists or mappings of them.

    Raises
    ------
    TypeError
        For a parameter of any other type: its text might not tell two values apart.

    Examples
    --------
    >>> request_key("c0de", {"n": 5, "seed": 0}) == request_key("c0de", {"seed": 0, "n": 5})
    True
    >>> request_key("c0de", {"n": 5}) == request_key("c0de", {"n": 6})
    False
    """
    text = json.dumps([code, {k: _plain(k, v) for k, v in parameters.items()}], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:24]


def _plain(name: str, value: Any) -> Any:
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, Mapping):
        return {str(key): _plain(name, item) for key, item in value.items()}
    if isinstance(value, list | tuple | np.ndarray):
        return [_plain(name, item) for item in value]
    if value is None or isinstance(value, bool | int | float | str):
        return value
    raise TypeError(
        f"{name} needs numbers, texts, booleans or lists of them, got a {type(value).__name__}"
    )


def cached_arrays(
    name: str,
    make: Callable[[], Iterable[Block]],
    n: int,
    *,
    code: str,
    parameters: Mapping[str, Any],
) -> Arrays:
    """Arrays of a request: from disk if they are there, else made and kept.

    Parameters
    ----------
    name : str
        The set; requests of one set share a folder.
    make : callable
        Called without arguments, it gives an iterable of blocks: mappings of name to array,
        in each the same names, types and shapes but for the first axis.
    n : int
        Rows of all blocks together.
    code : str
        From :func:`code_checksum`.
    parameters : mapping
        What the arrays depend on besides the code; see :func:`request_key`.

    Returns
    -------
    dict of str to ndarray, shape (n, …)
        Read-only; large arrays are memory-mapped.

    Raises
    ------
    ValueError
        If the blocks do not fit together, or have not ``n`` rows.  Nothing is kept then.

    Examples
    --------
    >>> def make():
    ...     for start in (0, 2, 4):
    ...         yield {"square": np.arange(start, start + 2) ** 2}
    >>> cached_arrays("squares", make, 6, code="1", parameters={})["square"].tolist()
    [0, 1, 4, 9, 16, 25]
    >>> clear("squares") > 0
    True
    """
    entry = cache_folder() / name / request_key(code, parameters)
    found = _load(entry)
    if found is not None:
        return found
    try:
        return _build(entry, make, n, code)
    except _NotKept as refusal:
        _say_once(
            f"Note: images cannot be kept in {cache_folder()} ({refusal}); "
            "they are made anew each time."
        )
        return _collect(make(), n)


def clear(name: str | None = None) -> int:
    """Remove what is kept, of one set or of all, and return the number of bytes.

    Raises
    ------
    OSError
        If something cannot be removed.
    """
    folder = cache_folder() / name if name else cache_folder()
    size = folder_size(folder)
    if folder.exists():
        shutil.rmtree(folder)
    return size


def folder_size(folder: Path) -> int:
    """Bytes of all files in a folder; 0 where there is none."""
    return sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())


# -- reading -----------------------------------------------------------------------------------


def _load(entry: Path) -> Arrays | None:
    """Read an entry, or None where it is missing or damaged.

    Sizes are compared and not contents: that finds what is cut off or lost at the price of a
    look at the folder.
    """
    try:
        sizes = json.loads((entry / _ENTRY).read_text(encoding="utf-8"))["bytes"]
        return {name: _open(entry / f"{name}.npy", size) for name, size in sizes.items()}
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None


def _open(file: Path, size: int) -> NDArray[Any]:
    if file.stat().st_size != size:
        raise ValueError(f"{file} was cut off")
    mapped = np.load(file, mmap_mode="r" if size > _MAPPED_BYTES else None, allow_pickle=False)
    return _read_only(mapped)


def _read_only(array: NDArray[Any]) -> NDArray[Any]:
    view = array.view(np.ndarray)  # a plain array: np.memmap would show through in every result
    view.flags.writeable = False
    return view


# -- writing -----------------------------------------------------------------------------------


@contextmanager
def _disk() -> Iterator[None]:
    """Tell what the disk refuses apart from what a simulator may raise."""
    try:
        yield
    except OSError as error:
        raise _NotKept(error.strerror or str(error)) from error


def _build(entry: Path, make: Callable[[], Iterable[Block]], n: int, code: str) -> Arrays:
    building = entry.parent / f"{_BUILDING}{uuid4().hex}"
    try:
        with _disk():
            entry.parent.mkdir(parents=True, exist_ok=True)
            _sweep(entry.parent, code)
            building.mkdir()
        _write(building, make(), n, code)
        with _disk():
            return _publish(building, entry)
    finally:
        shutil.rmtree(building, ignore_errors=True)


def _sweep(folder: Path, code: str) -> None:
    """Remove what nobody will read: interrupted work, and entries of code that has changed.

    Both only when older than a day: another process may be writing, and an author may go to
    and fro between two versions.
    """
    with suppress(OSError):
        for old in list(folder.iterdir()):
            with suppress(OSError, ValueError, KeyError, TypeError):
                if time.time() - old.stat().st_mtime < _STALE_S:
                    continue
                text = (old / _ENTRY).read_text() if _BUILDING not in old.name else '{"code": null}'
                if json.loads(text)["code"] != code:
                    shutil.rmtree(old)


def _write(folder: Path, blocks: Iterable[Block], n: int, code: str) -> None:
    """Append blocks to files.

    Not through a memory map: on a full disk that would end the process by a signal, where a
    file raises an error.
    """
    names: list[str] = []
    for block in _fitting(blocks, n):
        with _disk():
            if not names:
                names = list(block)
                _require_space(folder, block, n)
                for name, part in block.items():
                    _write_header(folder / f"{name}.npy", part, n)
            for name, part in block.items():
                with (folder / f"{name}.npy").open("ab") as file:
                    file.write(part.reshape(-1).view(np.uint8))
    with _disk():
        sizes = {name: (folder / f"{name}.npy").stat().st_size for name in names}
        text = json.dumps({"code": code, "bytes": sizes})
        (folder / _ENTRY).write_text(text, encoding="utf-8")


def _write_header(file: Path, part: NDArray[Any], n: int) -> None:
    header = {
        "descr": np.lib.format.dtype_to_descr(part.dtype),
        "fortran_order": False,
        "shape": (n, *part.shape[1:]),
    }
    with file.open("wb") as stream:
        np.lib.format.write_array_header_1_0(stream, header)


def _require_space(folder: Path, block: Mapping[str, NDArray[Any]], n: int) -> None:
    """Fail before the work is done rather than after most of it."""
    rows = len(next(iter(block.values())))
    needed = n * sum(part.nbytes for part in block.values()) / rows
    if shutil.disk_usage(folder).free < needed:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def _publish(building: Path, entry: Path) -> Arrays:
    """Give a finished folder its name, or use the one that another process was quicker with."""
    try:
        building.rename(entry)
    except OSError:
        winner = _load(entry)
        if winner is not None:
            return winner
        if not entry.exists():
            raise
        # What is in the way is damaged.
        aside = entry.parent / f"{_BUILDING}{uuid4().hex}"
        entry.rename(aside)
        shutil.rmtree(aside, ignore_errors=True)
        building.rename(entry)
    made = _load(entry)
    if made is None:
        raise OSError(errno.EIO, "what was written cannot be read back")
    return made


def _collect(blocks: Iterable[Block], n: int) -> Arrays:
    arrays: Arrays = {}
    start = 0
    for block in _fitting(blocks, n):
        if not arrays:
            arrays = {k: np.empty((n, *part.shape[1:]), part.dtype) for k, part in block.items()}
        stop = start + len(next(iter(block.values())))
        for name, part in block.items():
            arrays[name][start:stop] = part
        start = stop
    return {name: _read_only(array) for name, array in arrays.items()}


def _fitting(blocks: Iterable[Block], n: int) -> Iterator[dict[str, NDArray[Any]]]:
    """Pass on blocks that are not empty, after a look at whether they fit together."""
    layout = None
    rows = 0
    for block in blocks:
        parts = {name: np.ascontiguousarray(part) for name, part in block.items()}
        lengths = {len(part) for part in parts.values()}
        if len(lengths) != 1:
            raise ValueError(f"the arrays of a block differ in length: {_shapes(parts)}")
        if not all(name.isidentifier() for name in parts):
            raise ValueError(f"names of arrays must be identifiers, got {sorted(parts)}")
        if any(part.dtype.hasobject for part in parts.values()):
            raise ValueError(f"arrays of Python objects cannot be kept: {_shapes(parts)}")
        if lengths == {0}:
            continue
        shape = {name: (part.dtype, part.shape[1:]) for name, part in parts.items()}
        if layout is None:
            layout = shape
        if shape != layout:
            raise ValueError(
                f"a block differs from the first in more than length: {_shapes(parts)}"
            )
        rows += lengths.pop()
        if rows > n:
            break
        yield parts
    if rows != n:
        raise ValueError(f"the blocks have {'more than ' * (rows > n)}{min(rows, n)} rows, not {n}")


def _shapes(parts: Mapping[str, NDArray[Any]]) -> str:
    return ", ".join(f"{name} {part.shape} of {part.dtype}" for name, part in parts.items())


def _say_once(line: str) -> None:
    """Say it on standard output: what is on standard error, readers take for a failure."""
    if line not in _said:
        _said.add(line)
        print(line)
