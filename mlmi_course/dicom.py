"""Medical images as arrays that still know where they are in the patient.

Three ideas of DICOM are kept in one place here, because every unit needs them:

* **stored values are not Hounsfield units** until slope and intercept are applied
  (:func:`to_hounsfield`);
* **a screen shows fewer greys than a scanner measures**, so a window chooses which values
  are spread over the greys (:func:`window`, :data:`WINDOWS`);
* **an array index is not a position**: a :class:`Volume` keeps the affine map from one to
  the other, and so can show any scan the same way up.

Importing this module costs NumPy and nothing else.
"""

from __future__ import annotations

import html
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final, Literal, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

if TYPE_CHECKING:
    import pandas as pd

__all__ = [
    "PLANES",
    "WINDOWS",
    "Edges",
    "Volume",
    "aspect",
    "header_table",
    "to_hounsfield",
    "volume_from_nifti",
    "window",
    "window_ends",
]

PlaneName = Literal["axial", "coronal", "sagittal"]

WINDOWS: Final[Mapping[str, tuple[float, float]]] = MappingProxyType(
    {
        "lung": (-600.0, 1500.0),
        "soft tissue": (40.0, 400.0),
        "liver": (30.0, 150.0),
        "brain": (40.0, 80.0),
        "bone": (400.0, 1800.0),
    }
)
"""Window presets for CT: name → (centre, width) in HU.

Typical values, as listed in *Windowing (CT)*, Radiopaedia.org
(https://radiopaedia.org/articles/windowing-ct; soft tissue is given there as width 350–400,
centre 20–60).  Hospitals differ by some tens of HU: a preset is a habit, not a standard.
"""


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


def to_hounsfield(
    stored: ArrayLike,
    slope: float,
    intercept: float,
    padding: int | tuple[int, int] | None = None,
) -> NDArray[np.floating]:
    """Convert stored CT values to Hounsfield units: ``slope * stored + intercept``.

    Parameters
    ----------
    stored : array_like
        Pixel values as they are in the file, any shape.
    slope, intercept : float
        RescaleSlope (0028,1053) and RescaleIntercept (0028,1052).
    padding : int or (int, int), optional
        PixelPaddingValue (0028,0120): a *stored* value that means "nothing was measured
        here", such as the corners outside a round field of view; a pair gives a range, both
        ends included.

    Returns
    -------
    ndarray of float, same shape
        NaN where ``stored`` is padding: such pixels have no Hounsfield value, and any number
        would spoil the mean, the minimum and the histogram.

    Raises
    ------
    ValueError
        If slope or intercept is not one finite number, or the slope is zero.

    Notes
    -----
    The sum is done in floating point.  In unsigned 16-bit numbers, as many files are stored,
    ``24 - 1024`` would wrap round to 64536: air brighter than any bone.

    References
    ----------
    DICOM PS3.3, C.11.1.1.2 (rescale) and C.7.5.1.1.2 (pixel padding).

    Examples
    --------
    >>> to_hounsfield(np.array([24, 1024, 1064], dtype="uint16"), 1, -1024).tolist()
    [-1000.0, 0.0, 40.0]
    >>> to_hounsfield([-2000, 1024], 1, -1024, padding=-2000).tolist()
    [nan, 0.0]
    """
    slope = _number(slope, "slope")
    intercept = _number(intercept, "intercept")
    if slope == 0:
        raise ValueError("slope 0 would make every pixel the same; read RescaleSlope again")
    stored = np.asarray(stored)
    if stored.dtype.kind not in "iuf":
        raise ValueError(f"stored values must be numbers, got an array of {stored.dtype}")
    # float32 holds every 16-bit integer exactly at half the memory; wider types get float64.
    values = stored.astype(np.result_type(stored.dtype, np.float32))
    values *= slope
    values += intercept
    if padding is not None:
        limits = np.sort(np.ravel(padding))
        if limits.size not in (1, 2):
            raise ValueError(f"padding must be one value or a (low, high) pair, got {padding!r}")
        # Compared with the stored value: after the rescale the number would be another one.
        inside = (stored >= limits[0]) & (stored <= limits[-1])
        values = np.where(inside, np.asarray(np.nan, values.dtype), values)
    return values


def window(
    image: ArrayLike,
    center: float,
    width: float,
    function: Literal["LINEAR", "LINEAR_EXACT", "SIGMOID"] = "LINEAR",
) -> NDArray[np.float64]:
    """Spread the values around ``center`` over the greys from 0 (black) to 1 (white).

    Exactly as DICOM defines it.  With ``x`` a value, ``c`` the centre and ``w`` the width:

    ============  =========================================================================
    LINEAR        0 where x ≤ c − 0.5 − (w − 1)/2, 1 where x > c − 0.5 + (w − 1)/2, and
                  (x − (c − 0.5)) / (w − 1) + 0.5 between; w ≥ 1
    LINEAR_EXACT  0 where x ≤ c − w/2, 1 where x > c + w/2, (x − c)/w + 0.5 between; w > 0
    SIGMOID       1 / (1 + exp(−4 (x − c)/w)); w > 0
    ============  =========================================================================

    The odd halves of LINEAR count integer values: a window of width 4096 centred at 2048
    holds exactly the 4096 values 0 … 4095.

    Parameters
    ----------
    image : array_like
        Values in the unit of the window (HU for CT), any shape.
    center, width : float
        WindowCenter (0028,1050) and WindowWidth (0028,1051); the standard spells it so.
        Files may list several windows: choose one.
    function : {"LINEAR", "LINEAR_EXACT", "SIGMOID"}
        VOILUTFunction (0028,1056); LINEAR where the file has none.

    Returns
    -------
    ndarray of float64, same shape, in [0, 1]
        NaN (padding) becomes 0.

    Raises
    ------
    ValueError
        If the function is unknown, a number is not finite or the width is too small.

    References
    ----------
    DICOM PS3.3, C.11.2.1.2.1 (LINEAR), C.11.2.1.3.1 (SIGMOID), C.11.2.1.3.2 (LINEAR_EXACT).

    Examples
    --------
    >>> window([0, 2047.5, 4095], center=2048, width=4096).tolist()
    [0.0, 0.5, 1.0]
    >>> window([-1000, 40, 400], *WINDOWS["soft tissue"]).round(3).tolist()
    [0.0, 0.501, 1.0]
    >>> window([99, 100], center=100, width=1).tolist()  # width 1 is a threshold
    [0.0, 1.0]
    """
    c, w = _number(center, "center"), _number(width, "width")
    x = np.asarray(image, dtype=float)
    if function == "SIGMOID":
        _at_least(w, function)
        # tanh is the same curve, and it cannot overflow where exp(-4 (x - c)/w) would.
        with np.errstate(over="ignore"):
            y = 0.5 + 0.5 * np.tanh(2 * ((x - c) / w))
    elif function == "LINEAR":
        _at_least(w, function)
        y = _ramp(x, c - 0.5, w - 1)
    elif function == "LINEAR_EXACT":
        _at_least(w, function)
        y = _ramp(x, c, w)
    else:
        raise ValueError(
            f"function must be 'LINEAR', 'LINEAR_EXACT' or 'SIGMOID', got {function!r}"
        )
    return np.where(np.isnan(y), 0.0, y)


def window_ends(
    center: float,
    width: float,
    function: Literal["LINEAR", "LINEAR_EXACT", "SIGMOID"] = "LINEAR",
) -> tuple[float, float]:
    """The values at which a window reaches black and white.

    Parameters
    ----------
    center, width, function
        As for :func:`window`.

    Returns
    -------
    (float, float)
        For SIGMOID, which never quite arrives, the ends of LINEAR_EXACT, where it is at 12 %
        and 88 %.

    Examples
    --------
    >>> window_ends(2048, 4096)
    (0.0, 4095.0)
    >>> window_ends(2048, 4096, "LINEAR_EXACT")
    (0.0, 4096.0)
    """
    if function == "LINEAR":
        center, width = center - 0.5, width - 1
    return center - width / 2, center + width / 2


def _ramp(x: NDArray[np.float64], middle: float, span: float) -> NDArray[np.float64]:
    """0 up to ``middle - span/2``, 1 from above ``middle + span/2``, a straight line between."""
    low, high = middle - span / 2, middle + span / 2
    y = np.where(x > high, 1.0, 0.0)
    between = (x > low) & (x <= high)  # nothing is between where span is 0: a step
    y[between] = np.clip((x[between] - middle) / span + 0.5, 0.0, 1.0)
    return y


def _at_least(width: float, function: str) -> None:
    if (function == "LINEAR" and width < 1) or width <= 0:
        limit = "at least 1" if function == "LINEAR" else "greater than 0"
        raise ValueError(
            f"the width of a {function} window must be {limit} (DICOM PS3.3 C.11.2.1), "
            f"got {width:g}"
        )


def _number(value: Any, name: str) -> float:
    """One finite float, or one clear error: a header often holds a list or nothing."""
    try:
        number = float(value)
    except (TypeError, ValueError):
        number = math.nan
    if not math.isfinite(number):
        raise ValueError(
            f"{name} must be one finite number, got {value!r}; where a header lists several, "
            "choose one"
        )
    return number


def aspect(pixel_spacing: Iterable[float]) -> float:
    """How much taller than wide a pixel must be drawn: matplotlib's ``aspect``.

    Parameters
    ----------
    pixel_spacing : (float, float)
        PixelSpacing (0028,0030) in millimetres: first *between rows* (the height of a
        pixel), then *between columns* (its width).

    Returns
    -------
    float
        Row spacing divided by column spacing.

    Raises
    ------
    ValueError
        If these are not two positive numbers.

    References
    ----------
    DICOM PS3.3, 10.7.1.3 (pixel spacing value order).

    Examples
    --------
    A sagittal cut through slices 5 mm apart, with 1 mm pixels, must be stretched five times:

    >>> aspect((5.0, 1.0))
    5.0
    """
    try:
        row, column = (float(step) for step in pixel_spacing)
    except (TypeError, ValueError):
        row = column = math.nan
    if not (math.isfinite(row) and math.isfinite(column) and row > 0 and column > 0):
        raise ValueError(
            "pixel spacing needs two positive numbers, millimetres (between rows, between "
            f"columns), got {pixel_spacing!r}"
        )
    return row / column


def header_table(dataset: Any, keywords: Iterable[str]) -> pd.DataFrame:
    """Some elements of a DICOM header as a table.

    Parameters
    ----------
    dataset : pydicom.Dataset
    keywords : iterable of str
        DICOM keywords, such as ``"PixelSpacing"``.

    Returns
    -------
    DataFrame
        One row for each keyword: ``tag``, ``vr`` (value representation) and ``value``; an
        element that the file lacks has the value ``"(absent)"``.

    Raises
    ------
    ValueError
        If a keyword is not in the DICOM dictionary (a typing mistake, usually).

    Examples
    --------
    >>> from pydicom import Dataset
    >>> header = Dataset()
    >>> header.Modality = "CT"
    >>> header_table(header, ["Modality", "PatientName"])
                         tag  vr     value
    Modality     (0008,0060)  CS        CT
    PatientName  (0010,0010)  PN  (absent)
    """
    import pandas as pd
    from pydicom.datadict import dictionary_VR, tag_for_keyword
    from pydicom.tag import Tag

    rows = {}
    for keyword in [keywords] if isinstance(keywords, str) else keywords:
        number = tag_for_keyword(keyword)
        if number is None:
            raise ValueError(
                f"{keyword!r} is not a DICOM keyword; they are written like 'PixelSpacing'"
            )
        tag = Tag(number)
        element = dataset.get(tag)
        rows[keyword] = (
            str(tag),
            dictionary_VR(tag) if element is None else element.VR,
            "(absent)" if element is None else element.repval.strip("'"),
        )
    return pd.DataFrame.from_dict(rows, orient="index", columns=["tag", "vr", "value"])
