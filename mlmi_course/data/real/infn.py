"""Readers of the two real sets of INFN, in the folders in which they were published.

They come from the course *Computing Methods for Experimental Physics and Data Analysis*
(CMEPDA, Pisa).  Nothing is dropped, mended or guessed: a file that does not fit is an error
that names it, and what is odd in the data (patches that occur twice, cases with both classes)
is kept and told.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from mlmi_course.data.cache import Arrays
from mlmi_course.data.errors import DataError
from mlmi_course.data.real.searching import files_in, folders_in, joined, only, originals, short

__all__ = [
    "find_masses",
    "find_microcalcifications",
    "read_masses",
    "read_microcalcifications",
]

_SUBSETS: Final = ("Train", "Test")
_KINDS: Final = (".png", ".pgm")
_PATCH: Final = re.compile(
    r"(?P<case>\d{4})(?P<series>[a-z]\d)_(?P<view>\d)_(?P<tile>\d)(?:_(?P<code>\d))?_(?P<part>[1-5])"
)
_MASS: Final = re.compile(
    r"(?P<case>\d{4})(?P<series>[a-z]\d)_(?P<view>\d)(?:_(?P<finding>\d))?_(?P<kind>[12])"
)
_IMAGE, _MASK = "_resized", "_mass_mask"


# -- microcalcifications -----------------------------------------------------------------------


def find_microcalcifications(folder: Path) -> tuple[Path, list[Path]]:
    """Find the set in a folder: where it begins, and its files.

    Parameters
    ----------
    folder : Path
        It holds ``Train`` or ``Test`` or both, with folders ``0`` and ``1`` in each, perhaps
        inside other folders.

    Returns
    -------
    Path, list of Path
        The folder that holds Train and Test, and all images in it.

    Raises
    ------
    DataError
        If there is no such folder, or more than one, or a file in it that is no image.
    """
    parents = {
        found.parent
        for found in folders_in(folder)
        if found.name in _SUBSETS and all((found / label).is_dir() for label in "01")
    }
    root = only(parents, folder, "folder with Train/0 and Train/1 (or Test/0 and Test/1)")
    files = [
        file for subset in _SUBSETS for label in "01" for file in files_in(root / subset / label)
    ]
    strangers = [file for file in files if file.suffix.lower() not in _KINDS]
    if strangers:
        raise DataError(f"{short(strangers[0], root)} is no .png or .pgm image")
    if not files:
        raise DataError(f"{root} has the folders of the set, but no images in them")
    return root, files


def read_microcalcifications(root: Path, files: Iterable[Path]) -> Arrays:
    """Read patches, and all that their names say.

    A name such as ``0008n1_3_0_1.png`` is the case (four digits), the series, the view, the
    tile and the part: 1 to 4 are the quadrants of a tile and 5 is its centre, which overlaps
    them.  With calcifications there is one more number before the part, 1 in every file seen;
    what it means is not published.

    Parameters
    ----------
    root : Path
    files : iterable of Path
        From :func:`find_microcalcifications`.

    Returns
    -------
    dict of str to ndarray, shape (n, …)
        ``images`` of 60 × 60, ``labels`` from the folders, ``groups``, and the columns ``case``,
        ``series``, ``view``, ``tile``, ``part``, ``subset``, ``file`` and ``duplicate_of``: the
        file of the first patch with the same pixels, or an empty text.  Cases that share a
        patch are one group, named by the lowest of their numbers.

    Raises
    ------
    DataError
        For a name that does not fit, a patch in two formats, or a file that is no grey image of
        60 × 60 pixels.
    """
    files = list(files)
    names = [_name(file, _PATCH, root) for file in files]
    _require_one_format(files, root)
    images = np.stack([_image(file, 60, root) for file in files])
    texts = [short(file, root) for file in files]
    same = originals(images)
    cases = np.array([int(name["case"]) for name in names], np.int32)
    return {
        "images": images,
        "labels": np.array([int(file.parent.name) for file in files], np.uint8),
        "groups": joined(cases, same),
        "case": cases,
        "series": np.array([name["series"] for name in names]),
        **{
            k: np.array([int(name[k]) for name in names], np.uint8)
            for k in ("view", "tile", "part")
        },
        "subset": np.array([file.parent.parent.name for file in files]),
        "file": np.array(texts),
        "duplicate_of": np.array([texts[o] if o != i else "" for i, o in enumerate(same)]),
    }


# -- masses ------------------------------------------------------------------------------------


def find_masses(folder: Path) -> tuple[Path, list[Path]]:
    """Find the set in a folder: where it begins, and its files, images and masks in turn.

    Parameters
    ----------
    folder : Path
        It, or a folder inside, holds pairs ``<ID>_resized.pgm`` and ``<ID>_mass_mask.pgm``.

    Returns
    -------
    Path, list of Path

    Raises
    ------
    DataError
        If there is no such folder, or more than one, a mask without its image or the reverse.
    """
    parents = {found for found in folders_in(folder) if any(_is_mass(f) for f in files_in(found))}
    root = only(parents, folder, "folder with pairs <ID>_resized.pgm and <ID>_mass_mask.pgm")
    files = [file for file in files_in(root) if file.suffix.lower() in _KINDS]
    files = _without_second_names(files)
    _require_one_format(files, root)
    images = {file.stem.removesuffix(_IMAGE): file for file in files if _IMAGE in file.stem}
    masks = {file.stem.removesuffix(_MASK): file for file in files if _MASK in file.stem}
    for have, lack, missing in ((masks, images, "image"), (images, masks, "mask")):
        alone = sorted(set(have) - set(lack))
        if alone:
            raise DataError(f"{short(have[alone[0]], root)} has no {missing} beside it")
    return root, [file for key in sorted(images) for file in (images[key], masks[key])]


def read_masses(root: Path, files: Iterable[Path]) -> Arrays:
    """Read masses and their masks, and all that their names say.

    A name such as ``0001p1_3_1_2_resized.pgm`` is the case (four digits), the series, the
    view, the number of the finding (left out where there is one only) and the kind: 1 is
    malignant and 2 benign.  The kinds are those that INFN's demonstration of feature
    extraction states for this set.

    Parameters
    ----------
    root : Path
    files : iterable of Path
        From :func:`find_masses`.

    Returns
    -------
    dict of str to ndarray, shape (n, …)
        ``images`` and ``masks`` (0 or 1) of 125 × 125, ``labels`` (1 malignant), ``groups`` and
        the columns ``case``, ``series``, ``view``, ``finding`` (0 if there is no number), ``file``
        and ``duplicate_of``: the file of the first mass with the same pixels, or an empty text.
        Cases that share one are one group.

    Raises
    ------
    DataError
        For a name that does not fit, a file that is no grey image of 125 × 125 pixels, or a mask
        with values other than 0 and 255.
    """
    files = list(files)
    images, masks = files[0::2], files[1::2]
    names = [_name(file, _MASS, root, _IMAGE) for file in images]
    pixels = np.stack([_image(file, 125, root) for file in images])
    same = originals(pixels)
    cases = np.array([int(name["case"]) for name in names], np.int32)
    texts = [short(file, root) for file in images]
    return {
        "images": pixels,
        "masks": np.stack([_mask(file, root) for file in masks]),
        "labels": np.array([int(name["kind"] == "1") for name in names], np.uint8),
        "groups": joined(cases, same),
        "case": cases,
        "series": np.array([name["series"] for name in names]),
        "view": np.array([int(name["view"]) for name in names], np.uint8),
        "finding": np.array([int(name["finding"] or 0) for name in names], np.uint8),
        "file": np.array(texts),
        "duplicate_of": np.array([texts[o] if o != i else "" for i, o in enumerate(same)]),
    }


def _is_mass(file: Path) -> bool:
    return file.suffix.lower() in _KINDS and file.stem.endswith((_IMAGE, _MASK))


def _mask(file: Path, root: Path) -> NDArray[np.uint8]:
    mask = _image(file, 125, root)
    values = np.unique(mask)
    if not np.isin(values, (0, 255)).all():
        raise DataError(f"{short(file, root)} is no mask: it has values other than 0 and 255")
    return (mask > 0).astype(np.uint8)


# -- both --------------------------------------------------------------------------------------


def _name(file: Path, pattern: re.Pattern[str], root: Path, ending: str = "") -> dict[str, Any]:
    fits = pattern.fullmatch(file.stem.removesuffix(ending))
    if fits is None:
        example = "0008n1_3_0_1.png" if pattern is _PATCH else f"0001p1_3_1_2{_IMAGE}.pgm"
        raise DataError(
            f"{short(file, root)} is not named like a file of this set, such as {example}; "
            "import the set as it was published"
        )
    return fits.groupdict()


def _without_second_names(files: Iterable[Path]) -> list[Path]:
    """Files but for those that hold, under another ending, the very bytes of one before.

    Copies of the masses are around whose images are .pgm inside and end in .png, or both.
    """
    kept: dict[Path, Path] = {}
    for file in sorted(files, key=lambda file: (file.suffix.lower() != ".pgm", file)):
        other = kept.setdefault(file.with_suffix(""), file)
        if other != file and other.read_bytes() != file.read_bytes():
            kept[file] = file
    return sorted(kept.values())


def _require_one_format(files: Iterable[Path], root: Path) -> None:
    """A set that somebody has converted in place would hold every image twice."""
    seen: dict[Path, Path] = {}
    for file in files:
        other = seen.setdefault(file.with_suffix(""), file)
        if other != file:
            raise DataError(
                f"{short(other, root)} is there a second time as {file.suffix}: remove one format"
            )


def _image(file: Path, side: int, root: Path) -> NDArray[np.uint8]:
    from PIL import Image

    try:
        with Image.open(file, formats=("PNG", "PPM")) as image:
            size, mode = image.size, image.mode
            # Before anything is decoded: a size may be a lie that fills the memory.
            pixels = np.asarray(image) if (size, mode) == ((side, side), "L") else None
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        reason = " ".join(str(error).split())
        raise DataError(f"{short(file, root)} cannot be read as an image: {reason}") from error
    if pixels is None:
        raise DataError(
            f"{short(file, root)} must have {side} × {side} pixels of 8-bit grey (mode L), "
            f"got {size[0]} × {size[1]} of mode {mode}"
        )
    return pixels
