"""Which frames form one volume, by what they say of themselves and by where they lie."""

from __future__ import annotations

import itertools
import os
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from mlmi_course.dicom.errors import DicomError
from mlmi_course.dicom.frames import MAY_DRIFT, TELLING_APART, TIMES, Frame
from mlmi_course.dicom.geometry import slice_normal, uneven_gap

__all__ = ["check_alike", "check_even", "volumes_in"]

# Settings that never change within a volume: frames that differ in them are two pictures of the
# patient, even where their positions interleave so that they would fill each other's gaps.
_CONTRAST: Final = ("EchoTime", "EffectiveEchoTime", "b")
# The same, but a single frame may differ for reasons of its own.
_CONTRAST_OF_MANY: Final = ("ComplexImageComponent", "ConvolutionKernel", "ImageType")
_CONTRAST_WITHIN: Final = 0.01  # of an echo time: less is rounding
_MISSING: Final = ()  # a value of its own: in a diffusion scan only b = 0 has no direction
_SAME_PLACE_MM: Final = 1e-3  # far above the rounding of floats
_SAME_PLACE_PIXELS: Final = 0.02  # far below any step between slices, above the rounding of headers
_SAME_DIRECTION: Final = 2e-3  # of a unit vector: a tenth of a degree

Groups = dict[tuple[Any, ...], list[Frame]]


def volumes_in(frames: Sequence[Frame], path: Path) -> dict[str, list[Frame]]:
    """Frames as volumes, each sorted along the normal of its slices.

    Returns
    -------
    dict
        From what tells a volume apart from the others (``"EchoTime 4.6"``) to its frames.
        One volume with the name ``""`` where there is one only.

    Notes
    -----
    In this order: mosaics are a volume each; DimensionIndexValues (0020,9157), the standard's
    own sort key; up to three elements that sort all frames into complete volumes; the order in
    time at every position, with InstanceNumber as the last resort.
    """
    if any(frame.corner is not None for frame in frames):
        return _mosaics(frames, path)
    check_alike(frames, path)
    if _all_apart(frames):
        parts = _contrasts(frames)
        return _named(parts, ["contrast"]) if len(parts) > 1 else {"": _sorted(frames)}
    found = _by_dimensions(frames)
    if found is None or "dimension " in "".join(found):  # private dimensions have no names
        named = _by_settings(frames)
        found = named if found is None or (named and len(named) == len(found)) else found
    if found is not None:
        return found
    parts = _contrasts(frames)
    if len(parts) > 1:  # contrasts whose positions differ, and several volumes of one of them
        volumes = {}
        for key in sorted(parts, key=_by_number):
            for name, volume in volumes_in(parts[key], path).items():
                volumes[", ".join(filter(None, [_part("contrast", key[0]), name]))] = volume
        return volumes
    raise _cannot_be_sorted(frames, path)


# -- ways of sorting -----------------------------------------------------------------------


def _mosaics(frames: Sequence[Frame], path: Path) -> dict[str, list[Frame]]:
    """Each picture is a volume: the patient may have moved between them, with the positions."""
    files: dict[Path, list[Frame]] = {}
    for frame in frames:
        if frame.corner is None:
            raise DicomError(
                frame.path,
                "an ordinary slice among pictures that hold a whole volume each (MOSAIC)",
                "move it to a folder of its own",
            )
        files.setdefault(frame.path, []).append(frame)
    firsts = {id(volume[0]): volume for volume in files.values()}
    if len(files) == 1:
        return {"": _sorted(frames)}
    found = _by_settings([volume[0] for volume in files.values()], anywhere=True)
    if found is None:
        raise _cannot_be_sorted([volume[0] for volume in files.values()], path)
    return {name: _sorted(firsts[id(first)]) for name, (first,) in found.items()}


def _by_dimensions(frames: Sequence[Frame]) -> dict[str, list[Frame]] | None:
    if not all(frame.dimensions for frame in frames):
        return None
    names = [n for n in frames[0].dimensions if len({f.dimensions.get(n) for f in frames}) > 1]
    groups: Groups = {}
    for frame in frames:
        groups.setdefault(tuple(frame.dimensions.get(n, 0) for n in names), []).append(frame)
    if len(groups) < 2 or not _complete(list(groups.values())):
        return None

    def order(key: tuple[Any, ...]) -> tuple[Any, ...]:
        frame = groups[key][0]
        return tuple(
            (0, *frame.apart["diffusion"]) if _is_diffusion(n, frame) else (index,)
            for n, index in zip(names, key, strict=True)
        )

    volumes: dict[str, list[Frame]] = {}
    for key in sorted(groups, key=order):
        parts = []
        for name, index in zip(names, key, strict=True):
            first = groups[key][0]
            if _is_diffusion(name, first):
                parts.append(_part("diffusion", first.apart["diffusion"]))
            elif name in first.apart and all(
                f.apart.get(name) == first.apart[name] for f in groups[key]
            ):
                parts.append(_part(name, first.apart[name]))
            else:
                parts.append(f"{name} index {index}")
        title = ", ".join(dict.fromkeys(parts))
        if title in volumes:  # two indices whose values look alike
            title += f" (dimension indices {', '.join(map(str, key))})"
        volumes[title] = _sorted(groups[key])
    return volumes


def _is_diffusion(name: str, frame: Frame) -> bool:
    return name.startswith("Diffusion") and "diffusion" in frame.apart


def _by_settings(frames: Sequence[Frame], anywhere: bool = False) -> dict[str, list[Frame]] | None:
    """Complete volumes by up to three elements, or by time; ``anywhere``: of one frame each."""
    varying = [
        keyword
        for keyword in dict.fromkeys(keyword for keyword, _ in TELLING_APART)
        if len({frame.apart.get(keyword, _MISSING) for frame in frames}) > 1
    ]
    for size in (1, 2, 3):
        for keywords in itertools.combinations(varying, size):
            groups = _grouped(frames, keywords)
            if _complete(list(groups.values()), anywhere):
                return _named(groups, keywords)
    return _by_time(frames, [word for word in varying if word not in MAY_DRIFT], anywhere)


def _by_time(
    frames: Sequence[Frame], settings: Sequence[str], anywhere: bool
) -> dict[str, list[Frame]] | None:
    """The first frame in time at every position, the second at every position, and so on.

    Where settings, such as ImageType in phase contrast, have to separate frames of one time
    first, they do.  None unless the volumes are complete and each has one value of every
    setting: a rank alone would happily mix magnitude and phase.
    """
    splits = [(), *((word,) for word in settings), *itertools.combinations(settings, 2)]
    # A b-value belongs into the name even where the order in time would do.
    splits.sort(key=lambda split: "diffusion" in settings and split != ("diffusion",))
    for time in dict.fromkeys(keyword for keyword, _ in TIMES):
        if not all(time in frame.apart for frame in frames):
            continue
        for split in splits:
            groups: Groups = {}
            distinct = True
            for key, part in _grouped(frames, split).items():
                for place in [list(part)] if anywhere else _places(part):
                    distinct &= len({frame.apart[time] for frame in place}) == len(place)
                    place.sort(key=lambda frame: _by_number((frame.apart[time],)))
                    for rank, frame in enumerate(place, start=1):
                        groups.setdefault((*key, rank), []).append(frame)
            volumes = list(groups.values())
            alike = all(_alike(volume, settings) for volume in volumes)
            if distinct and len(groups) > 1 and alike and _complete(volumes, anywhere):
                return _named(groups, [*split, f"in order of {time}:"])
    return None


def _contrasts(frames: Sequence[Frame]) -> Groups:
    """Frames by contrast, under keys that show it; one group where it never changes."""
    shown: list[str] = []
    labels: list[list[Any]] = [[] for _ in frames]
    for word in (*_CONTRAST, *_CONTRAST_OF_MANY):
        if word == "b":
            values = [frame.apart.get("diffusion", (_MISSING,))[0] for frame in frames]
        else:
            values = [frame.apart.get(word, _MISSING) for frame in frames]
        if word in _CONTRAST:
            values = _rounded_together(values)
        counts = Counter(values)
        if len(counts) == 1 or (word in _CONTRAST_OF_MANY and min(counts.values()) < 2):
            continue
        if word in _CONTRAST and len(counts) == len(frames) > 2:
            continue  # drifts from slice to slice: no setting
        shown.append(word)
        for label, value in zip(labels, values, strict=True):
            label.append((word, value))
    groups: Groups = {}
    for frame, label in zip(frames, labels, strict=True):
        groups.setdefault((tuple(label),), []).append(frame)
    return groups


def _rounded_together(values: Sequence[Any]) -> list[Any]:
    """Numbers that differ by less than a hundredth as the smallest of them."""
    steps: dict[Any, Any] = {}
    last = None
    for value in sorted({v for v in values if v != _MISSING}, key=float):
        if last is None or abs(float(value) - float(last)) > _CONTRAST_WITHIN * abs(float(last)):
            last = value
        steps[value] = last
    return [steps.get(value, _MISSING) for value in values]


def _grouped(frames: Sequence[Frame], keywords: Sequence[str]) -> Groups:
    groups: Groups = {}
    for frame in frames:
        key = tuple(frame.apart.get(keyword, _MISSING) for keyword in keywords)
        groups.setdefault(key, []).append(frame)
    return groups


def _named(groups: Groups, words: Sequence[str]) -> dict[str, list[Frame]]:
    return {
        ", ".join(_part(word, value) for word, value in zip(words, key, strict=True)): (
            _sorted(groups[key])
        )
        for key in sorted(groups, key=_by_number)
    }


def _part(word: str, value: Any) -> str:
    """One part of a volume's name: ``EchoTime 4.6``, ``b=1000 (0.6, 0.8, 0)``."""
    if word == "contrast":
        return ", ".join(_part(name, part) for name, part in value)
    if word in ("diffusion", "b") and value != _MISSING:
        b, *direction = (value,) if word == "b" else value
        if not isinstance(b, tuple):
            axes = ", ".join(_shown(axis) for axis in direction)
            return f"b={_shown(b)}" + (f" ({axes})" if axes else "")
    return f"{word} {_shown(value)}"


# -- where frames lie ----------------------------------------------------------------------


def _places(frames: Sequence[Frame]) -> list[list[Frame]]:
    """Frames by position, along the normal."""
    ordered = _sorted(frames)
    cuts = np.flatnonzero(np.diff(_heights(ordered)) > same_place(frames)) + 1
    return [ordered[a:b] for a, b in itertools.pairwise([0, *cuts, len(ordered)])]


def same_place(frames: Sequence[Frame]) -> float:
    """How far apart (mm) two frames may be said to lie, and still be at one position."""
    return max(_SAME_PLACE_MM, _SAME_PLACE_PIXELS * float(min(frames[0].pixel_spacing)))


def _alike(frames: Sequence[Frame], keywords: Sequence[str]) -> bool:
    return len(_grouped(frames, keywords)) == 1


def _heights(frames: Sequence[Frame]) -> NDArray[np.float64]:
    return np.array([frame.position for frame in frames]) @ slice_normal(frames[0].orientation)


def _sorted(frames: Sequence[Frame]) -> list[Frame]:
    return [frames[i] for i in np.argsort(_heights(frames), kind="stable")]


def _all_apart(frames: Sequence[Frame]) -> bool:
    return bool((np.diff(np.sort(_heights(frames))) > same_place(frames)).all())


def _complete(groups: Sequence[Sequence[Frame]], anywhere: bool = False) -> bool:
    """Every group has each position once, and all groups have the same positions."""
    if anywhere:
        return all(len(group) == 1 for group in groups)
    if len({len(group) for group in groups}) != 1 or not all(map(_all_apart, groups)):
        return False
    heights = np.array([np.sort(_heights(group)) for group in groups])
    return bool((np.ptp(heights, axis=0) <= same_place(groups[0])).all())


# -- what is refused -----------------------------------------------------------------------


def check_even(frames: Sequence[Frame]) -> None:
    """Refuse a volume with a hole in it."""
    gap = uneven_gap([frame.position for frame in frames])
    if gap is None:
        return
    place, length, usual = gap
    before, after = frames[place], frames[place + 1]
    blamed = _common(frames)
    if before.header.get("Modality") == "RTDOSE":
        raise DicomError(
            blamed,
            "a dose whose planes lie unevenly (GridFrameOffsetVector): "
            f"{length:.4g} mm from {before} to {after}, {usual:.4g} mm elsewhere",
            "nothing is missing, but one voxel size cannot describe it: interpolate it to an even "
            "grid with the offsets",
        )
    gaps = np.linalg.norm(np.diff([frame.position for frame in frames], axis=0), axis=1)
    change = _one_change(gaps)
    if change is not None:
        raise DicomError(
            blamed,
            f"two slice distances: {gaps[0]:.4g} mm up to {frames[change]}, {gaps[-1]:.4g} mm "
            "from there on",
            "nothing need be missing; read the two blocks apart (a folder each), or interpolate "
            "knowingly",
        )
    missing = round(length / usual) - 1
    whole = abs(length / usual - (missing + 1)) < 0.15
    guess = f"{missing} slice{'s'[: missing != 1]} missing there" if missing > 0 else "uneven"
    raise DicomError(
        blamed,
        f"{length:.4g} mm from {before} to {after}, while slices are {usual:.4g} mm apart "
        f"elsewhere: {guess if whole else 'uneven'}",
        "copy the whole series again, or interpolate knowingly (other readers stretch the slices: "
        "docs/conventions.md#a-series-with-a-missing-slice)",
    )


def _one_change(gaps: NDArray[np.float64]) -> int | None:
    """Where slices of one even distance go over into those of another, two gaps of each."""
    for place in range(2, len(gaps) - 1):
        first, second = gaps[:place], gaps[place:]
        even = all(np.ptp(part) <= 0.1 * np.median(part) for part in (first, second))
        if even and abs(np.median(first) - np.median(second)) > 0.1 * np.median(first):
            return place
    return None


def check_alike(frames: Sequence[Frame], path: Path) -> None:
    """Refuse frames that cannot be slices of one volume, and blame the few, not the many."""
    kinds: list[list[Frame]] = []
    for frame in frames:
        for kind in kinds:
            if _difference(frame, kind[0]) is None:
                kind.append(frame)
                break
        else:
            kinds.append([frame])
    if len(kinds) == 1:
        return
    kinds.sort(key=len, reverse=True)
    many, few = kinds[0], kinds[-1]
    what, mine, theirs = _difference(few[0], many[0]) or ("", "", "")
    if len(many) == len(few) or len(many) <= len(frames) / 2:
        kept = ", ".join(f"{len(kind)} like {kind[0]}" for kind in kinds[:4])
        raise DicomError(
            path,
            f"some slices have another {what} than others: {kept}"
            f"{', …' if len(kinds) > 4 else ''} ({_shown(mine)} and {_shown(theirs)})",
            "these are not slices of one volume"
            + (" (a localiser, perhaps)" if what == "orientation" else "")
            + ": read them apart, each kind in a folder of its own",
        )
    hint = " (a localiser, perhaps)" if what == "orientation" else ""
    others = sum(map(len, kinds[1:])) - 1
    raise DicomError(
        few[0].path,
        f"{few[0]}{f' and {others} more' if others else ''} has another {what} than the other "
        f"{len(many)} slices: {_shown(mine)} and {_shown(theirs)}",
        f"it is no slice of that volume{hint}: move it to a folder of its own",
    )


def _difference(one: Frame, other: Frame) -> tuple[str, Any, Any] | None:
    if one.shape != other.shape:
        return "pixels", one.shape, other.shape
    if not np.allclose(one.orientation, other.orientation, rtol=0, atol=_SAME_DIRECTION):
        return "orientation", one.orientation, other.orientation
    if not np.allclose(one.pixel_spacing, other.pixel_spacing, rtol=1e-3, atol=0):
        return "PixelSpacing", one.pixel_spacing, other.pixel_spacing
    return None


def _cannot_be_sorted(frames: Sequence[Frame], path: Path) -> DicomError:
    places = _places(frames)
    counts = [len(place) for place in places]
    most = max(counts)
    one, other = next(place for place in places if len(place) == most)[:2]
    where = f"{one} and {other} lie at the same position and"
    stopped = set(counts) == {most, most - 1}
    steps = np.flatnonzero(np.diff(counts))
    if stopped and len(places) > 2 and most > 1 and len(steps) == 1:
        rest = [
            max(place, key=lambda frame: _by_number((frame.apart.get("InstanceNumber", _MISSING),)))
            for place in places
            if len(place) == most
        ]
        names = ", ".join(str(frame) for frame in rest[:3]) + (", …" if len(rest) > 3 else "")
        return DicomError(
            path,
            f"{where} the last volume is incomplete: {len(rest)} of {len(places)} slices have "
            f"{most} images and the others {most - 1}, as after an aborted scan",
            f"move the images of the incomplete volume ({names}) to a folder of their own",
        )
    return DicomError(
        path,
        f"{where} nothing in the headers (echo, b-value, phase, time, …) sorts the series into "
        f"complete volumes: its {len(places)} positions hold {min(counts)} to {most} images",
        "a file is missing, or two scans are mixed: move one of them to a folder of its own",
    )


def _common(frames: Sequence[Frame]) -> Path:
    """The file that holds all frames, or the folder of their files: no single one is at fault."""
    files = {frame.path for frame in frames}
    return files.pop() if len(files) == 1 else Path(os.path.commonpath([f.parent for f in files]))


# -- names and order -----------------------------------------------------------------------


def _shown(value: Any) -> str:
    if isinstance(value, str):
        return value
    if hasattr(value, "__iter__"):
        return "\\".join(_shown(part) for part in value) or "none"
    return f"{value + 0.0:g}"  # not "-0"


def _by_number(key: tuple[Any, ...]) -> tuple[Any, ...]:
    """Sort what is missing first, numbers as numbers, lists item by item, all else as text."""
    return tuple(_rank(value) for value in key)


def _rank(value: Any) -> tuple[Any, ...]:
    if isinstance(value, tuple) and not value:
        return (-1,)
    if isinstance(value, str):
        return (1, value)
    if hasattr(value, "__iter__"):
        return (2, *map(_rank, value))
    return (0, float(value))
