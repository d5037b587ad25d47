"""Many heads at once: slices in blocks, and volumes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import count, islice
from typing import Any, Final, Unpack

import numpy as np
from numpy.typing import NDArray

from mlmi_course._numbers import require_range, require_whole
from mlmi_course._signatures import shows
from mlmi_course.phantoms.arguments import HeadArguments
from mlmi_course.phantoms.brain._anatomy import CSF, GREY, WHITE, Grid
from mlmi_course.phantoms.brain._parameters import FIELD_MM, HeadParameters, check_request
from mlmi_course.phantoms.brain._person import Person
from mlmi_course.phantoms.brain._scanner import (
    Plane,
    Scanner,
    heights_of,
    parallel,
    radius_of,
    subject_of,
)

__all__ = ["slice_blocks", "slices", "volume_blocks"]

_MOST: Final = 64  # findings of one slice that are listed
_KINDS: Final = ("lesion", "epvs", "tumour")


@shows(HeadParameters)
def slice_blocks(
    n: int = 300,
    *,
    size: int = 128,
    seed: int = 0,
    block: int = 24,
    contrasts: Sequence[str] = ("t1", "t2", "pd", "flair"),
    slices: int = 3,
    levels: tuple[float, float] = (-10.0, 50.0),
    thickness: float = 3.0,
    ct: bool = False,
    **head: Unpack[HeadArguments],
) -> Iterator[dict[str, NDArray[Any]]]:
    """Axial slices of simulated heads, a block at a time.

    Parameters
    ----------
    n : int
        Slices in all.
    size : {128, 64, 192, 256}
        Rows and columns; the field of view is 230.4 mm, so a pixel is 1.8 mm at 128.
    seed : int
        Names a sequence of subjects.  A larger ``n`` goes on with it.
    block : int
        Slices at a time, for memory.  It changes no value.
    contrasts : sequence of {"t1", "t2", "pd", "flair", "t1ce"}
        The first becomes ``images``.
    slices : int
        Of every subject, 1 to 20; next to each other in the result.
    levels : (float, float)
        Heights between which they lie, evenly but for chance: mm above the anterior commissure
        in the template's coordinates, −55 to 75.  −18 to −10 meets the hippocampus.
    thickness : float
        Of a slice, mm.
    ct : bool
        With the same slices in a CT scanner.
    **head
        Of :class:`HeadParameters`: field, vendor, noise, bias, skull, atrophy, lesions, epvs,
        tumour, hippocampus.

    Yields
    ------
    dict of ndarray
        With b rows each, b ≤ ``block``, of which the columns are

        ``images``
            uint16, shape (b, size, size): magnitudes of the first contrast as a scanner stores
            them, not clipped.  Rows run towards Posterior, columns towards Left.
        ``t2``, ``pd``, …
            The other contrasts, in the same unit.
        ``masks``
            uint8: the tissue, see :data:`TISSUES`.
        ``structure``
            uint8: ventricles and the like, see :data:`STRUCTURES`.
        ``fractions``
            uint8, shape (b, 3, size, size): share of CSF, grey and white matter, 255 is all.
        ``bias``
            float32: the true bias field.
        ``ct``
            int16, HU; with ``ct`` only.
        ``labels``
            uint8: 1 if the slice shows a lesion or tumour; only where one of those is asked for.
        ``groups``
            int32: the subject, 0, 1, 2, …  Split by this.
        ``slice``, ``level_mm``, ``atrophy``, ``vendor``
            uint8, its number in the subject; float32; float32; "A" or "B".
        ``epvs``, ``lesions``
            uint8: how many perivascular spaces and lesions cross the slice.
        ``sigma_t1``, …
            float32: standard deviation of the noise in either channel, by contrast, in the
            images' unit.
        ``cluster_row``, ``cluster_column``, ``cluster_radius_mm``, ``cluster_kind``
            float32, shape (b, 64), nan where there is none: findings (0 lesion, 1 perivascular
            space, 2 tumour); only where one of those is asked for.

    Raises
    ------
    ValueError
        If an argument makes no sense.  At the call, not at the first block.

    See Also
    --------
    simulate : one subject with all its truth, in two or three dimensions.

    Examples
    --------
    >>> [len(b["images"]) for b in slice_blocks(30)]
    [24, 6]
    """
    parameters = HeadParameters(**head)
    check_request(parameters, size, contrasts, {"thickness": thickness})
    for name, value, least in (("n", n, 1), ("seed", seed, 0), ("block", block, 1)):
        require_whole(name, value, least)
    require_whole("slices", slices, 1)
    require_range("slices", slices, 1, 20, "")
    for height in levels:
        require_range("levels", height, -55.0, 75.0, " mm")
    if len(levels) != 2 or levels[0] > levels[1]:
        raise ValueError(f"levels must be (lowest, highest) in mm, got {levels!r}")
    grid = Grid(size, FIELD_MM / size, thickness)
    wanted = islice(_all_slices(seed, slices, levels, parameters), n)
    return _slice_blocks(wanted, block, grid, tuple(contrasts), ct)


def slices(n: int = 300, **parameters: Any) -> dict[str, NDArray[Any]]:
    """Axial slices of simulated heads, all in one.

    Parameters
    ----------
    n : int
        Slices in all.
    **parameters
        Those of :func:`slice_blocks`: its blocks, put together.

    Returns
    -------
    dict of ndarray
        The columns of :func:`slice_blocks`, with n rows.

    Raises
    ------
    ValueError
        As :func:`slice_blocks`.

    Examples
    --------
    >>> heads = slices(4, size=64, slices=2)
    >>> heads["images"].dtype, heads["t2"].shape, heads["groups"].tolist()
    (dtype('uint16'), (4, 64, 64), [0, 0, 1, 1])
    """
    blocks = list(slice_blocks(n, **parameters))
    return {name: np.concatenate([part[name] for part in blocks]) for name in blocks[0]}


@shows(HeadParameters)
def volume_blocks(
    n: int = 4,
    *,
    size: int = 128,
    seed: int = 0,
    step: float = 1.8,
    contrasts: Sequence[str] = ("t1", "t2"),
    ct: bool = False,
    **head: Unpack[HeadArguments],
) -> Iterator[dict[str, NDArray[Any]]]:
    """Volumes of simulated heads, one at a time.

    Parameters
    ----------
    n, size, seed, step, contrasts
        Volumes in all; the others as in :func:`simulate`.
    ct : bool
        With the same head in a CT scanner.
    **head
        Of :class:`HeadParameters`, as for :func:`slice_blocks`.

    Yields
    ------
    dict of ndarray
        With one row each: every contrast by its name (uint16), ``tissue`` and ``structure``
        (uint8), ``bias`` (float32), and ``ct`` (int16, HU) if asked for, of shape
        (1, z, size, size); ``groups`` (int32); ``atrophy`` (float32); ``vendor``; ``epvs`` and
        ``lesions``, their number in the subject; ``sigma_t1``, ….

    Raises
    ------
    ValueError
        If an argument makes no sense.  At the call, not at the first volume.

    Examples
    --------
    >>> one = next(volume_blocks(1, size=64, step=9))
    >>> one["t1"].shape, one["tissue"].dtype
    ((1, 17, 64, 64), dtype('uint8'))
    """
    parameters = HeadParameters(**head)
    check_request(parameters, size, contrasts, {"step": step})
    require_whole("n", n, 1)
    require_whole("seed", seed, 0)
    grid = Grid(size, FIELD_MM / size, step)
    return (_volume(subject_of(seed, i, parameters), grid, tuple(contrasts), ct) for i in range(n))


def _all_slices(
    seed: int, many: int, levels: tuple[float, float], parameters: HeadParameters
) -> Iterator[tuple[Person, int, float]]:
    """Yield slices of subject after subject, without end: subject, number, level."""
    low, high = levels
    for number in count():
        person = subject_of(seed, number, parameters)
        own = np.random.default_rng(np.random.SeedSequence(seed, spawn_key=(number, 10**6)))
        for i, part in enumerate((np.arange(many) + own.random(many)) / many):
            yield person, i, float(low + (high - low) * part)


def _slice_blocks(
    wanted: Iterator[tuple[Person, int, float]],
    block: int,
    grid: Grid,
    contrasts: tuple[str, ...],
    ct: bool,
) -> Iterator[dict[str, NDArray[Any]]]:
    while part := list(islice(wanted, block)):
        scanners = {id(p): Scanner(p, grid, contrasts, ct=ct) for p, _, _ in part}

        def scan(task: tuple[Person, int, float], scanners: dict = scanners) -> Plane:
            person, number, level = task
            return scanners[id(person)].plane(person.height(level), number, maps=False)

        planes = parallel(scan, part)
        columns = _columns(part, planes, [scanners[id(p)] for p, _, _ in part])
        yield columns | _labels(part, planes, grid)


def _columns(
    part: list[tuple[Person, int, float]], planes: list[Plane], scanners: list[Scanner]
) -> dict[str, NDArray[Any]]:
    contrasts = scanners[0].contrasts
    stored = {name: _stored(np.stack([p.images[name] for p in planes])) for name in contrasts}
    shares = np.stack([p.anatomy.fractions[[CSF, GREY, WHITE]] for p in planes])
    found = {"images": stored.pop(contrasts[0]), **stored}
    found |= {
        "masks": np.stack([p.anatomy.tissue for p in planes]),
        "structure": np.stack([p.anatomy.structure for p in planes]),
        "fractions": np.rint(255 * shares).astype(np.uint8),
        "bias": np.stack([p.bias for p in planes]),
        "groups": np.array([p.number for p, _, _ in part], np.int32),
        "slice": np.array([i for _, i, _ in part], np.uint8),
        "level_mm": np.array([level for _, _, level in part], np.float32),
        "atrophy": np.array([p.atrophy for p, _, _ in part], np.float32),
        "vendor": np.array([p.vendor for p, _, _ in part]),
    }
    if scanners[0].ct:
        found["ct"] = np.stack([np.rint(p.ct).astype(np.int16) for p in planes])
    for kind, name in (("epvs", "epvs"), ("lesion", "lesions")):
        counts = [sum(f.kind == kind for f, _, _ in p.anatomy.seen) for p in planes]
        found[name] = np.array(counts, np.uint8)
    for name in contrasts:
        found[f"sigma_{name}"] = np.array([s.sigma(name) for s in scanners], np.float32)
    return found


def _labels(
    part: list[tuple[Person, int, float]], planes: list[Plane], grid: Grid
) -> dict[str, NDArray[Any]]:
    """Findings, and whether a slice shows disease, where that was asked for."""
    parameters = part[0][0].parameters
    found: dict[str, NDArray[Any]] = {}
    if parameters.lesions or parameters.tumour:
        ill = [(p.anatomy.tissue >= 6).any() for p in planes]
        found["labels"] = np.array(ill, np.uint8)
    if parameters.lesions or parameters.tumour or parameters.epvs:
        listed = np.full((4, len(planes), _MOST), np.nan, np.float32)
        for i, plane in enumerate(planes):
            for j, (finding, x, y) in enumerate(plane.anatomy.seen[:_MOST]):
                row, column = ((a - grid.axis[0]) / grid.pixel for a in (y, x))
                kind = _KINDS.index(finding.kind)
                listed[:, i, j] = row, column, radius_of(finding), kind
        names = ("row", "column", "radius_mm", "kind")
        found |= {f"cluster_{name}": a for name, a in zip(names, listed, strict=True)}
    return found


def _volume(
    person: Person, grid: Grid, contrasts: tuple[str, ...], ct: bool
) -> dict[str, NDArray[Any]]:
    scanner = Scanner(person, grid, contrasts, ct=ct)
    heights = heights_of(grid.thickness)

    def scan(task: tuple[int, float]) -> Plane:
        return scanner.plane(task[1], task[0], maps=False)

    planes = parallel(scan, enumerate(heights))
    found = {n: _stored(np.stack([p.images[n] for p in planes]))[np.newaxis] for n in contrasts}
    found |= {
        "tissue": np.stack([p.anatomy.tissue for p in planes])[np.newaxis],
        "structure": np.stack([p.anatomy.structure for p in planes])[np.newaxis],
        "bias": np.stack([p.bias for p in planes])[np.newaxis],
        "groups": np.array([person.number], np.int32),
        "atrophy": np.array([person.atrophy], np.float32),
        "vendor": np.array([person.vendor]),
    }
    if ct:
        found["ct"] = np.stack([np.rint(p.ct).astype(np.int16) for p in planes])[np.newaxis]
    for kind, name in (("epvs", "epvs"), ("lesion", "lesions")):
        found[name] = np.array([sum(f.kind == kind for f in person.findings)], np.uint8)
    for name in contrasts:
        found[f"sigma_{name}"] = np.array([scanner.sigma(name)], np.float32)
    return found


def _stored(magnitudes: NDArray[np.float32]) -> NDArray[np.uint16]:
    """As a scanner stores them; 16 bits are far more than the largest signal needs."""
    return np.rint(magnitudes).astype(np.uint16)
