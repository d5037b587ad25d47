"""Sets of volumes: read one at a time, with their patients and where they came from."""

from __future__ import annotations

import html
import itertools
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal, overload

import numpy as np
from numpy.typing import NDArray

from mlmi_course._numbers import is_whole
from mlmi_course.data._fields import as_column, as_table, choice, plain_value
from mlmi_course.data._showing import TILE, fact_rows, figure, sheet_of
from mlmi_course.data.imageset import ImageSet, Index
from mlmi_course.data.splitting import split_rows

if TYPE_CHECKING:
    import pandas as pd

    from mlmi_course.dicom import Volume
    from mlmi_course.dicom.volume import PlaneName

__all__ = ["VolumeItem", "VolumeSet"]

_SHOWN: Final = 3  # volumes in the little picture
# Headers round affines: a tenth of a voxel at the corners is that, and moves no outline.
_SAME_GRID_VOXELS: Final = 0.1
_PERCENTILES: Final = (1.0, 99.0)


@dataclass(frozen=True, eq=False, kw_only=True, repr=False)
class VolumeItem:
    """One volume of a set, with what is known about it.

    Attributes
    ----------
    volume : mlmi_course.dicom.Volume
    label : int or None
    mask : mlmi_course.dicom.Volume or None
        What is outlined, on the same voxels.
    group : int or str
        The patient.
    row : mapping
        The volume's row of the set's table.
    extra : mapping of str to mlmi_course.dicom.Volume
        More on the same voxels: other contrasts, other outlines.
    """

    volume: Volume
    label: int | None
    mask: Volume | None
    group: Any
    row: Mapping[str, Any]
    extra: Mapping[str, Volume] = field(default_factory=dict)

    def __repr__(self) -> str:
        label = "" if self.label is None else f", label {self.label}"
        return f"VolumeItem: {self.volume!r}{label}, patient {self.group}"


@dataclass(frozen=True, eq=False, kw_only=True, repr=False)
class VolumeSet:
    """Volumes that may differ in size, with patients and where they came from.

    Files are not read before they are asked for: ``data[3]`` reads one volume, a loop reads one
    after the other, and neither keeps it.  It answers to the same names as an
    :class:`~mlmi_course.data.ImageSet`; :meth:`slices` makes one.

    Parameters
    ----------
    volumes : sequence of (Path or Volume), length n
        What :func:`mlmi_course.dicom.read_volume` reads, NIfTI files or folders of a series; or
        volumes, for instance of arrays that stay on disk.
    groups : ndarray of int or str, shape (n,)
        The patient of each volume.
    labels : ndarray of int, shape (n,), optional
    masks : sequence of (Path, Volume or None), length n, optional
        Outlines, None where there is none: whole numbers, on the voxels of their volume.  They
        are kept exactly, in the smallest of uint8, int16, int32 and int64 that holds them;
        anything else is an error when it is read.  (Elsewhere a cast to uint8 makes 1035 of a
        label 11, of a probability 0.6 nothing, of -1 255.)
    extra : mapping of str to sequence of (Path or Volume), length n
        More on the same voxels: other contrasts, other outlines.
    modality : str
        DICOM's short name, for files that do not say.
    name, source, licence, description : str
    classes : mapping of int to str
        What the labels mean, or the values of the masks.
    table : pandas.DataFrame, optional
        One row a volume.
    datasheet : str, optional

    Raises
    ------
    ValueError
        If lengths do not fit together.
    """

    name: str
    volumes: Sequence[Path | Volume]
    groups: NDArray[Any]
    labels: NDArray[np.integer] | None = None
    masks: Sequence[Path | Volume | None] | None = None
    extra: Mapping[str, Sequence[Path | Volume]] = field(default_factory=dict)
    modality: str = ""
    source: str
    licence: str
    description: str = ""
    classes: Mapping[int, str] = field(default_factory=dict)
    table: pd.DataFrame = None  # type: ignore[assignment]  # made in __post_init__
    datasheet: str | None = None

    def __post_init__(self) -> None:
        n = len(self.volumes)
        object.__setattr__(self, "volumes", tuple(self.volumes))
        object.__setattr__(
            self, "groups", as_column(self.groups, "groups", n, "iuU", "whole numbers or texts")
        )
        if self.labels is not None:
            labels = as_column(self.labels, "labels", n, "iu", "whole numbers")
            object.__setattr__(self, "labels", labels)
        masks = (None,) * n if self.masks is None else self.masks
        more = {name: tuple(volumes) for name, volumes in self.extra.items()}
        for name, volumes in {"masks": masks, **more}.items():
            if len(volumes) != n:
                raise ValueError(
                    f"{name} needs one entry for each of {n} volumes, got {len(volumes)}"
                )
        object.__setattr__(self, "masks", tuple(masks))
        object.__setattr__(self, "extra", more)
        object.__setattr__(self, "table", as_table(self.table, n))

    def __len__(self) -> int:
        return len(self.volumes)

    def __iter__(self) -> Iterator[VolumeItem]:
        return (self._item(index) for index in range(len(self)))

    @overload
    def __getitem__(self, index: int | np.integer) -> VolumeItem: ...

    @overload
    def __getitem__(
        self, index: slice | Sequence[int] | Sequence[bool] | NDArray[Any]
    ) -> VolumeSet: ...

    def __getitem__(self, index: Index) -> VolumeItem | VolumeSet:
        """Read one volume for a whole number; a smaller set for a slice, indices or a mask.

        Raises
        ------
        IndexError, TypeError
            As for :class:`~mlmi_course.data.ImageSet`.
        ValueError
            If a mask is not of whole numbers or lies on other voxels than its volume.
        mlmi_course.dicom.DicomError
            If the file cannot be read.
        """
        if is_whole(index):
            return self._item(int(index))
        chosen = choice(index, len(self))
        rows = np.arange(len(self))[chosen]
        return replace(
            self,
            volumes=[self.volumes[row] for row in rows],
            groups=self.groups[chosen],
            labels=None if self.labels is None else self.labels[chosen],
            masks=[self.masks[row] for row in rows],
            extra={name: [more[row] for row in rows] for name, more in self.extra.items()},
            table=self.table.iloc[rows],
        )

    def _item(self, index: int) -> VolumeItem:
        if not -len(self) <= index < len(self):
            raise IndexError(f"there is no volume {index}: the set has {len(self)}, from 0")
        index %= len(self)
        mask = self.masks[index]
        volume = self._volume(self.volumes[index])
        return VolumeItem(
            volume=volume,
            label=None if self.labels is None else int(self.labels[index]),
            mask=None if mask is None else self._mask(mask, volume, index),
            group=self.groups[index].item(),
            row={name: plain_value(c.iloc[index]) for name, c in self.table.items()},
            extra={name: self._volume(more[index]) for name, more in self.extra.items()},
        )

    def _volume(self, where: Path | Volume) -> Volume:
        from mlmi_course.dicom import Volume, read_volume

        volume = where if isinstance(where, Volume) else read_volume(where)
        return volume if volume.modality else replace(volume, modality=self.modality)

    def _mask(self, where: Path | Volume, volume: Volume, index: int) -> Volume:
        mask = self._volume(where)
        what = f"{self.name}: the mask of volume {index}"
        if mask.shape != volume.shape or _apart(mask, volume) > _SAME_GRID_VOXELS:
            raise ValueError(
                f"{what} lies on other voxels than the volume: {mask.shape} of "
                f"{_rounded(mask.spacing)} mm against {volume.shape} of {_rounded(volume.spacing)} "
                f"mm, corners up to {_apart(mask, volume):.3g} voxels apart; resample it with "
                "nearest neighbours first"
            )
        return replace(mask, array=_whole_numbers(mask.array, what))

    def split(
        self,
        fractions: Sequence[float] = (0.6, 0.2, 0.2),
        seed: int = 0,
        *,
        by: Literal["patient", "image"] = "patient",
    ) -> tuple[VolumeSet, ...]:
        """Divide the set at random, so that no patient is on two sides.

        See :meth:`mlmi_course.data.ImageSet.split`; here ``by="image"`` draws volumes.
        """
        parts = split_rows(self.groups, self.labels, fractions, seed, by=by)
        return tuple(self[rows] for rows in parts)

    @property
    def patients(self) -> int:
        """How many patients there are."""
        return len(np.unique(self.groups))

    def slices(
        self,
        plane: PlaneName = "coronal",
        size: tuple[int, int] | None = None,
        *,
        every: int = 1,
        with_mask: bool = False,
    ) -> ImageSet:
        """Planes of all volumes, as a set of images.

        Parameters
        ----------
        plane : {"axial", "coronal", "sagittal"}
            Turned the way it is shown in radiology: see :meth:`mlmi_course.dicom.Volume.plane`.
        size : (int, int), optional
            Rows and columns: smaller planes get a dark border, larger ones lose theirs.  The
            largest of all planes by default.
        every : int
            Take each so-manieth plane only.
        with_mask : bool
            Leave out planes on which nothing is outlined.

        Returns
        -------
        ImageSet
            Grey values are 0 at the first percentile *of their volume* and 255 at its 99th: the
            unit of an MR image is arbitrary, and differs from volume to volume.  The table has
            ``volume`` and ``plane`` beside the columns of this set.  Masks keep the values of
            ``classes``; they are None if no volume has one, and empty for a volume that has none.

        Raises
        ------
        ValueError
            If ``every`` is less than 1, there is nothing to show, the volumes differ in the
            size of their pixels, or a mask does not fit into uint8.
        """
        if every < 1:
            raise ValueError(f"every counts planes from 1, got {every!r}")
        found: list[tuple[int, int]] = []
        images: list[NDArray[np.uint8]] = []
        masks: list[NDArray[np.uint8]] = []
        spacings = set()
        for number, item in enumerate(self):
            spacings.add(tuple(round(step, 3) for step in item.volume.plane_spacing(plane)))
            grey = _as_bytes(item.volume)
            for index in range(0, grey.plane_count(plane), every):
                image = grey.plane(plane, index)
                mask = np.zeros_like(image)
                if item.mask is not None:
                    mask = item.mask.plane(plane, index)
                    if mask.dtype != np.uint8:
                        raise ValueError(
                            f"{self.name}: the mask of volume {number} has values beyond 0 to "
                            f"255 ({item.mask.array.min()} to {item.mask.array.max()}), which a "
                            "set of images cannot keep: number its classes anew first"
                        )
                if with_mask and not mask.any():
                    continue
                found.append((number, index))
                images.append(image)
                masks.append(mask)
        if not found:
            raise ValueError(f"{self.name}: no plane {'with a mask' * with_mask} to show")
        if len(spacings) > 1:
            raise ValueError(
                f"the volumes differ in the size of their pixels in the {plane} plane, from "
                f"{min(spacings)} to {max(spacings)} mm: resample them first"
            )
        if size is None:
            size = tuple(np.max([image.shape for image in images], axis=0).tolist())
        rows = np.array([number for number, _ in found])
        table = self.table.iloc[rows].reset_index(drop=True)
        table = table.assign(volume=rows, plane=[index for _, index in found])
        return ImageSet(
            name=f"{self.name}, {plane} planes",
            images=np.stack([_fitted(image, size) for image in images]),
            masks=np.stack([_fitted(mask, size) for mask in masks]) if any(self.masks) else None,
            labels=None if self.labels is None else self.labels[rows],
            groups=self.groups[rows],
            spacing=spacings.pop(),
            table=table,
            source=self.source,
            licence=self.licence,
            description=f"{self.description} Planes of one volume are neighbours: split by "
            "patient. Grey values are scaled volume by volume.",
            classes=self.classes,
            datasheet=self.datasheet,
        )

    def __repr__(self) -> str:
        return f"VolumeSet: {self.name}, {len(self)} volumes, {self.patients} patients"

    def _repr_html_(self) -> str:
        """A plane of a few volumes and what a reader must know; for Jupyter."""
        outlined = sum(mask is not None for mask in self.masks)
        facts = {
            "volumes": str(len(self)),
            "patients": str(self.patients),
            "outlined": f"{outlined} of them" if outlined else None,
            "classes": ", ".join(f"{what} ({k})" for k, what in self.classes.items()) or None,
            "source": self.source,
            "licence": self.licence,
        }
        rows = fact_rows(facts, self.datasheet)
        about = f"<p>{html.escape(self.description)}</p>" if self.description else ""
        return (
            f'<div class="mlmi-volumeset"><p><strong>{html.escape(self.name)}</strong></p>'
            f"{about}{self._picture()}<table>{rows}</table></div>"
        )

    def _picture(self) -> str:
        from mlmi_course.dicom import DicomError

        middle = []
        for index in np.unique(np.linspace(0, len(self) - 1, min(_SHOWN, len(self))).astype(int)):
            # A localiser is a series, too, and no volume: the set is worth showing all the same.
            with suppress(DicomError):
                middle.append(_as_bytes(self._volume(self.volumes[index])).plane("axial"))
        if not middle:
            return ""
        sheet = sheet_of([image[None] for image in middle], side=2 * TILE)
        return figure(sheet, f"{self.name}: the middle axial plane of {len(middle)} volumes.")


def _apart(one: Volume, other: Volume) -> float:
    """How far the corners of two grids lie apart, in voxels of the second."""
    corners = np.array(list(itertools.product((0, 1), repeat=3)), float)
    ends = [
        volume.position(corners * (np.array(volume.shape) - 1))  # mm
        for volume in (one, other)
    ]
    return float(np.linalg.norm(ends[0] - ends[1], axis=-1).max() / min(other.spacing))


def _rounded(spacing: Sequence[float]) -> tuple[float, ...]:
    return tuple(round(step, 3) for step in spacing)


def _whole_numbers(array: NDArray[Any], what: str) -> NDArray[Any]:
    """A mask's values, unchanged, in the smallest type of whole numbers that holds them."""
    if array.dtype == np.bool_:
        return array.astype(np.uint8)
    if array.dtype.kind not in "iuf":
        raise ValueError(f"{what} must hold whole numbers, got an array of {array.dtype}")
    if array.dtype.kind == "f":
        odd = array[~np.isfinite(array) | (array != np.rint(array))]
        if odd.size:
            raise ValueError(
                f"{what} must hold whole numbers, got {odd.size} others such as "
                f"{odd.flat[0]:.3g}; of probabilities make an outline first: array >= 0.5"
            )
    low, high = array.min(), array.max()
    for kind in (np.uint8, np.int16, np.int32, np.int64):
        if np.iinfo(kind).min <= low and high <= np.iinfo(kind).max:
            return array.astype(kind, copy=False)
    raise ValueError(f"{what} holds numbers beyond 64 bits: {low:g} to {high:g}")


def _as_bytes(volume: Volume) -> Volume:
    """Grey values from 0 to 255 between two percentiles of the volume."""
    measured = volume.array[np.isfinite(volume.array)]
    low, high = np.percentile(measured, _PERCENTILES) if measured.size else (0.0, 1.0)
    grey = np.nan_to_num((volume.array - low) / max(high - low, np.finfo(np.float32).tiny))
    return replace(volume, array=(grey.clip(0, 1) * 255).round().astype(np.uint8))


def _fitted(image: NDArray[np.uint8], size: tuple[int, int]) -> NDArray[np.uint8]:
    """Cut, or add zeros, evenly on both sides."""
    fitted = np.zeros(size, image.dtype)
    source, target = [], []
    for have, want in zip(image.shape, size, strict=True):
        both = min(have, want)
        source.append(slice((have - both) // 2, (have - both) // 2 + both))
        target.append(slice((want - both) // 2, (want - both) // 2 + both))
    fitted[tuple(target)] = image[tuple(source)]
    return fitted
