"""Finding a published set in a folder that somebody else has made."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from mlmi_course.data.errors import DataError

__all__ = ["files_in", "folders_in", "joined", "only", "originals", "short"]

_DEEP: Final = 6  # folders that an archive may wrap around a set


def folders_in(folder: Path, deep: int = _DEEP) -> Iterator[Path]:
    """A folder and those in it, in order, without what operating systems leave behind."""
    yield folder
    if deep:
        for child in sorted(folder.iterdir()):
            if child.is_dir() and not _is_litter(child):
                yield from folders_in(child, deep - 1)


def files_in(folder: Path) -> list[Path]:
    """The files of a folder, in order, without what operating systems leave behind."""
    if not folder.is_dir():
        return []
    return sorted(file for file in folder.iterdir() if file.is_file() and not _is_litter(file))


def _is_litter(path: Path) -> bool:
    return path.name.startswith((".", "__")) or path.name.lower() in ("thumbs.db", "desktop.ini")


def only(found: set[Path], folder: Path, what: str) -> Path:
    """The one folder that was found.

    Raises
    ------
    DataError
        If there is none, or more than one.
    """
    if not found:
        raise DataError(f"{folder} holds no {what}; name the folder or the archive of the set")
    if len(found) > 1:
        some = " and ".join(short(one, folder) for one in sorted(found)[:2])
        raise DataError(f"{folder} holds more than one {what}: {some}; name one of them")
    return found.pop()


def short(file: Path, root: Path) -> str:
    """A file's path below a folder, for messages and tables."""
    return file.relative_to(root).as_posix() if file.is_relative_to(root) else str(file)


def originals(images: NDArray[np.uint8]) -> list[int]:
    """For each image the first one with the very same pixels: often itself.

    Examples
    --------
    >>> originals(np.array([[[1]], [[2]], [[1]]], np.uint8))
    [0, 1, 0]
    """
    first: dict[bytes, int] = {}
    return [first.setdefault(image.tobytes(), i) for i, image in enumerate(images)]


def joined(cases: NDArray[np.int32], same: list[int]) -> NDArray[np.int32]:
    """The group of each image: cases with an image in common are one.

    Parameters
    ----------
    cases : ndarray of int, shape (n,)
    same : list of int
        From :func:`originals`.

    Returns
    -------
    ndarray of int, shape (n,)
        The lowest number of each group's cases.

    Examples
    --------
    >>> joined(np.array([7, 3, 5, 7], np.int32), [0, 1, 1, 3]).tolist()
    [7, 3, 3, 7]
    """
    group = {int(case): int(case) for case in cases}
    for case, original in zip(cases, cases[same], strict=True):
        one, other = sorted((group[int(case)], group[int(original)]))
        if one != other:
            group = {k: one if v == other else v for k, v in group.items()}
    return np.array([group[int(case)] for case in cases], np.int32)
