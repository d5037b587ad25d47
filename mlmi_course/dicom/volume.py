"""Scans as arrays that still know where they are in the patient."""

from __future__ import annotations

import html
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Final, Literal, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

__all__ = ["PLANES", "Edges", "PlaneName", "Volume", "volume_from_nifti"]

PlaneName = Literal["axial", "coronal", "sagittal"]


class Edges(NamedTuple):
    """What lies at each edge of a picture, as the letters used in radiology.

    ``R`` right, ``L`` left, ``A`` anterior, ``P`` posterior, ``S`` superior, ``I`` inferior:
    always the *patient's* right and left, not the reader's.
    """

    top: str
    bottom: str
    left: str
    right: str


class _Plane(NamedTuple):
    axis: int  # of the canonical array (z, y, x): the axis that the plane cuts
    rows: int
    columns: int
    flipped: bool  # superior is the last row of a canonical array but the top of a picture
    edges: Edges


_PLANES: Final[Mapping[str, _Plane]] = MappingProxyType(
    {
        "axial": _Plane(0, 1, 2, False, Edges("A", "P", "R", "L")),
        "coronal": _Plane(1, 0, 2, True, Edges("S", "I", "R", "L")),
        "sagittal": _Plane(2, 0, 1, True, Edges("S", "I", "A", "P")),
    }
)
PLANES: Final[tuple[str, ...]] = tuple(_PLANES)
"""The three plane names that :meth:`Volume.plane` knows."""

# DICOM counts towards the patient's Left and Posterior, NIfTI towards Right and Anterior.
_LPS_TO_RAS: Final = np.diag([-1.0, -1.0, 1.0, 1.0])


@dataclass(frozen=True, eq=False, repr=False)
class Volume:
    """A scan: the voxel values, and where in the patient each voxel lies.

    Parameters
    ----------
    array : ndarray, shape (z, y, x)
        Voxel values, in ``unit``.  It is kept as it is, not copied.
    spacing : tuple of 3 floats
        Millimetres between the centres of neighbouring voxels along z, y and x.
    affine : array_like, shape (4, 4)
        Maps an index ``(z, y, x, 1)`` to a position in the patient in millimetres, in the
        directions of DICOM: towards the patient's Left, Posterior and Superior (LPS).
        Its first three columns must be as long as ``spacing`` says.
    modality : str
        DICOM's short name: ``"CT"``, ``"MR"``, ``"PT"`` …
    unit : str
        Unit of the values, ``"HU"`` for calibrated CT, ``""`` where there is none.
    info : dict
        Anything else worth keeping: description, manufacturer, source.

    Raises
    ------
    ValueError
        If the array is not three-dimensional, if a spacing is not a positive number, or if
        the affine has the wrong shape, cannot be inverted or contradicts the spacing.

    References
    ----------
    DICOM PS3.3, C.7.6.2.1.1 (image position and image orientation).

    Examples
    --------
    Two slices of 3 × 4 pixels, scanned from the feet upwards:

    >>> affine = [[0, 0, 0.5, -10], [0, 0.5, 0, -20], [2, 0, 0, 100], [0, 0, 0, 1]]
    >>> scan = Volume(np.zeros((2, 3, 4)), (2, 0.5, 0.5), affine, modality="CT", unit="HU")
    >>> scan
    Volume: CT, 2 × 3 × 4 voxels (z, y, x) of 2 × 0.5 × 0.5 mm, HU
    >>> scan.position((1, 0, 0)).tolist()  # Left, Posterior, Superior
    [-10.0, -20.0, 102.0]
    """

    array: NDArray[Any]
    spacing: tuple[float, float, float]
    affine: NDArray[np.float64]
    modality: str = ""
    unit: str = ""
    info: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        array = np.asanyarray(self.array)
        if array.ndim != 3 or array.size == 0:
            raise ValueError(
                f"a Volume needs a non-empty array of shape (z, y, x), got shape {array.shape}; "
                "for a single slice use array[np.newaxis]"
            )
        spacing = tuple(float(step) for step in np.ravel(self.spacing))
        if len(spacing) != 3 or not all(math.isfinite(s) and s > 0 for s in spacing):
            raise ValueError(
                "spacing needs three positive numbers, millimetres along (z, y, x), "
                f"got {self.spacing!r}"
            )
        affine = np.array(self.affine, dtype=float)
        if affine.shape != (4, 4) or not np.array_equal(affine[3:], [[0, 0, 0, 1]]):
            raise ValueError(
                "affine needs shape (4, 4) with the last row 0, 0, 0, 1, "
                f"got shape {affine.shape}:\n{affine}"
            )
        if not np.isfinite(affine).all() or np.linalg.matrix_rank(affine[:3, :3]) < 3:
            raise ValueError(
                "affine must send the three array axes in three different directions; "
                f"this one cannot be inverted:\n{affine}"
            )
        lengths = np.linalg.norm(affine[:3, :3], axis=0)
        # Headers round their numbers: a thousandth is far below a voxel and far above that.
        if not np.allclose(lengths, spacing, rtol=1e-3):
            raise ValueError(
                f"spacing {spacing} and affine disagree: the affine's columns are "
                f"{tuple(lengths.round(4).tolist())} mm long; both are in the order (z, y, x)"
            )
        affine.flags.writeable = False
        for name, value in {"array": array, "spacing": spacing, "affine": affine}.items():
            object.__setattr__(self, name, value)

    # -- where things are ------------------------------------------------------------------

    @property
    def shape(self) -> tuple[int, int, int]:
        """Number of voxels along (z, y, x)."""
        return self.array.shape

    def position(self, index: ArrayLike) -> NDArray[np.float64]:
        """Position in the patient of one or many array indices.

        Parameters
        ----------
        index : array_like, shape (3,) or (n, 3)
            Indices in the order (z, y, x); fractions lie between voxel centres.

        Returns
        -------
        ndarray, shape (3,) or (n, 3)
            Millimetres towards the patient's Left, Posterior and Superior.

        Examples
        --------
        >>> scan = Volume(np.zeros((2, 2, 2)), (3, 1, 1), np.diag([3, 1, 1, 1])[[2, 1, 0, 3]])
        >>> scan.position([[0, 0, 0], [1, 0, 0]]).tolist()
        [[0.0, 0.0, 0.0], [0.0, 0.0, 3.0]]
        """
        index = np.asarray(index, dtype=float)
        if index.shape[-1:] != (3,):
            raise ValueError(f"an index has three numbers (z, y, x), got shape {index.shape}")
        return index @ self.affine[:3, :3].T + self.affine[:3, 3]

    def canonical(self) -> Volume:
        """The same scan with its axes in the order and direction of this course.

        Axes are exchanged and reversed, never resampled, until z runs towards Superior, y
        towards Posterior and x towards Left.  Every voxel keeps its value and its position
        in the patient; for an oblique scan each axis takes the nearest of these directions.

        Returns
        -------
        Volume
            ``self`` where nothing has to change; otherwise its array is a view.

        Examples
        --------
        A scan stored from head to feet turns round, and its voxels stay where they were:

        >>> affine = [[0, 0, 1, 0], [0, 1, 0, 0], [-5, 0, 0, 40], [0, 0, 0, 1]]
        >>> scan = Volume(np.arange(3).reshape(3, 1, 1), (5, 1, 1), affine)
        >>> scan.canonical().array.ravel().tolist()
        [2, 1, 0]
        >>> scan.position((2, 0, 0)).tolist(), scan.canonical().position((0, 0, 0)).tolist()
        ([0.0, 0.0, 30.0], [0.0, 0.0, 30.0])
        """
        from nibabel import orientations

        now = orientations.io_orientation(_LPS_TO_RAS @ self.affine)
        wanted = orientations.axcodes2ornt(("S", "P", "L"))
        change = orientations.ornt_transform(now, wanted)
        if np.array_equal(change, [[0, 1], [1, 1], [2, 1]]):
            return self
        order = np.argsort(change[:, 0])
        return Volume(
            array=orientations.apply_orientation(self.array, change),
            spacing=tuple(self.spacing[axis] for axis in order),
            affine=self.affine @ orientations.inv_ornt_aff(change, self.array.shape),
            modality=self.modality,
            unit=self.unit,
            info=self.info,
        )

    # -- planes, as a radiologist looks at them --------------------------------------------

    def plane(self, name: PlaneName, index: int | None = None) -> NDArray[Any]:
        """One plane, turned the way it is shown in radiology.

        An axial plane is seen from the feet: anterior at the top, the patient's right at the
        left of the picture.  Coronal and sagittal planes have superior at the top; a
        sagittal one has anterior at the left.

        Parameters
        ----------
        name : {"axial", "coronal", "sagittal"}
        index : int, optional
            Which plane, counted towards Superior, Posterior or Left (the axes of
            :meth:`canonical`); negative numbers count from the end.  The middle one if left
            out.

        Returns
        -------
        ndarray, shape (rows, columns)
            A view of the array.

        Raises
        ------
        ValueError
            If the name is unknown or there is no such plane.

        Examples
        --------
        >>> affine = [[0, 0, 1, 0], [0, 1, 0, 0], [5, 0, 0, 0], [0, 0, 0, 1]]
        >>> scan = Volume(np.arange(12).reshape(3, 2, 2), (5, 1, 1), affine)
        >>> scan.plane("coronal", 0)  # the highest slice becomes the top row
        array([[8, 9],
               [4, 5],
               [0, 1]])
        """
        plane, volume = _plane(name), self.canonical()
        count = volume.array.shape[plane.axis]
        index = count // 2 if index is None else int(index)
        if not -count <= index < count:
            raise ValueError(
                f"there is no {name} plane {index}: this volume has {count}, from 0 to {count - 1}"
            )
        picture = np.moveaxis(volume.array, plane.axis, 0)[index]
        return picture[::-1] if plane.flipped else picture

    def plane_count(self, name: PlaneName) -> int:
        """How many planes of this name the volume has."""
        return self.canonical().array.shape[_plane(name).axis]

    def plane_spacing(self, name: PlaneName) -> tuple[float, float]:
        """Millimetres between the rows and between the columns of :meth:`plane`.

        Examples
        --------
        >>> affine = [[0, 0, 1, 0], [0, 1, 0, 0], [5, 0, 0, 0], [0, 0, 0, 1]]
        >>> scan = Volume(np.zeros((3, 2, 2)), (5, 1, 1), affine)
        >>> scan.plane_spacing("sagittal")
        (5.0, 1.0)
        """
        plane, volume = _plane(name), self.canonical()
        return volume.spacing[plane.rows], volume.spacing[plane.columns]

    @staticmethod
    def plane_edges(name: PlaneName) -> Edges:
        """The letters at the edges of :meth:`plane`.

        Examples
        --------
        >>> Volume.plane_edges("axial")
        Edges(top='A', bottom='P', left='R', right='L')
        """
        return _plane(name).edges

    # -- how it looks in a notebook --------------------------------------------------------

    def _facts(self) -> dict[str, str]:
        size = " × ".join(str(n) for n in self.array.shape)
        steps = " × ".join(f"{step:.4g}" for step in self.spacing)
        return {"voxels (z, y, x)": size, "spacing (mm)": steps, "unit": self.unit or "none"}

    def __repr__(self) -> str:
        facts = self._facts()
        return (
            f"Volume: {self.modality or 'unknown modality'}, {facts['voxels (z, y, x)']} voxels "
            f"(z, y, x) of {facts['spacing (mm)']} mm" + (f", {self.unit}" if self.unit else "")
        )

    def _repr_html_(self) -> str:
        facts = {"modality": self.modality or "unknown", **self._facts()}
        facts |= {str(name): str(value) for name, value in self.info.items()}
        rows = "".join(
            f"<tr><th scope='row' style='text-align:left'>{html.escape(name)}</th>"
            f"<td style='text-align:left'>{html.escape(value)}</td></tr>"
            for name, value in facts.items()
        )
        return f"<table><caption>Volume</caption>{rows}</table>"


def _plane(name: str) -> _Plane:
    try:
        return _PLANES[name]
    except (KeyError, TypeError):
        raise ValueError(f"plane must be one of {', '.join(PLANES)}; got {name!r}") from None


def volume_from_nifti(image: Any, modality: str = "MR", unit: str = "") -> Volume:
    """Turn a NIfTI image into a :class:`Volume`.

    NIfTI stores an array indexed (x, y, z) and an affine in millimetres towards Right,
    Anterior and Superior; DICOM counts towards Left and Posterior.  Both are turned round
    here: forgetting it swaps the patient's left and right, without any error.

    Parameters
    ----------
    image : nibabel spatial image
        Three-dimensional, for example from ``nibabel.load``.
    modality, unit : str
        NIfTI does not say what was measured; say it here.

    Returns
    -------
    Volume
        With the array indexed (z, y, x).  It is not made canonical: voxels keep the order
        of the file.

    Raises
    ------
    ValueError
        If the image is not three-dimensional or has no affine.

    References
    ----------
    NIfTI-1 standard, *orientation information*, https://nifti.nimh.nih.gov/nifti-1

    Examples
    --------
    >>> import nibabel
    >>> image = nibabel.Nifti1Image(np.zeros((4, 3, 2), "float32"), np.diag([1, 1, 3, 1]))
    >>> scan = volume_from_nifti(image)
    >>> scan
    Volume: MR, 2 × 3 × 4 voxels (z, y, x) of 3 × 1 × 1 mm
    >>> scan.position((0, 0, 1)).tolist()  # x of the file runs towards Right: minus Left
    [-1.0, 0.0, 0.0]
    """
    affine = getattr(image, "affine", None)
    if affine is None or not hasattr(image, "dataobj"):
        raise ValueError(
            f"expected a nibabel image with an affine, got {type(image).__name__}; "
            "nibabel.load(path) gives one"
        )
    if len(image.shape) != 3:
        raise ValueError(
            f"expected a three-dimensional image, got shape {tuple(image.shape)}; "
            "of a series over time take one volume: image.slicer[..., 0]"
        )
    # Reversing the order of the index reverses the order of the affine's columns with it.
    reordered = (_LPS_TO_RAS @ np.asarray(affine, dtype=float))[:, [2, 1, 0, 3]]
    return Volume(
        array=np.asanyarray(image.dataobj).transpose(2, 1, 0),
        spacing=tuple(np.linalg.norm(reordered[:3, :3], axis=0)),
        affine=reordered,
        modality=modality,
        unit=unit,
    )
