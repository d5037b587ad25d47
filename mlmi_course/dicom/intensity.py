"""From stored numbers to physical values, and from values to greys on a screen.

DICOM fixes the order of the steps: first the *modality* transformation (stored numbers
become Hounsfield units, :func:`to_hounsfield`), then the *values of interest* (a window or a
table, :func:`window`, :func:`apply_voi`), last the *presentation* (MONOCHROME1 turns black
into white).
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

__all__ = ["WINDOWS", "apply_voi", "to_hounsfield", "window", "window_ends"]

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


_AIR_HU: Final = -1000.0


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
    return _rescaled(stored, slope, intercept, padding)


def _rescaled(
    stored: ArrayLike,
    slope: Any,
    intercept: Any,
    padding: float | tuple[float, float] | None,
    out: NDArray[np.floating] | None = None,
) -> NDArray[np.floating]:
    """As :func:`to_hounsfield`; into ``out`` where that has the type of the result."""
    slope = _number(slope, "slope")
    intercept = _number(intercept, "intercept")
    if slope == 0:
        raise ValueError("slope 0 would make every pixel the same; read RescaleSlope again")
    stored = np.asarray(stored)
    if stored.dtype.kind not in "iuf":
        raise ValueError(f"stored values must be numbers, got an array of {stored.dtype}")
    # float32 holds every 16-bit integer exactly at half the memory; wider types get float64.
    kind = np.result_type(stored.dtype, np.float32)
    values = out if out is not None and out.dtype == kind else np.empty(stored.shape, kind)
    np.multiply(stored, kind.type(slope), out=values, dtype=kind)
    values += intercept
    if padding is not None:
        limits = np.sort(np.ravel(padding))
        if limits.size not in (1, 2):
            raise ValueError(f"padding must be one value or a (low, high) pair, got {padding!r}")
        # Compared with the stored value: after the rescale the number would be another one.
        values[(stored >= limits[0]) & (stored <= limits[-1])] = np.nan
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
    holds exactly the 4096 values 0 … 4095.  Side by side with other libraries:
    docs/conventions.md#three-formulae-for-a-window.

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
    if isinstance(value, str) and re.fullmatch(r"\s*[+-]?\d*,\d+\s*", value):
        raise ValueError(
            f"{name} is {value.strip()!r}, a number with a decimal comma; DICOM has decimal "
            "points only"
        )
    if not math.isfinite(number):
        raise ValueError(
            f"{name} must be one finite number, got {value!r}; where a header lists several, "
            "choose one"
        )
    return number


def apply_voi(
    dataset: Any, image: ArrayLike | None = None, *, index: int = 0, prefer_lut: bool = True
) -> NDArray[np.float64]:
    """Show a picture as its file asks for: modality, then values of interest, then presentation.

    Parameters
    ----------
    dataset : pydicom.Dataset
        One grey-scale image.  Of an enhanced multi-frame file the first frame's window counts
        for all frames.
    image : array_like, optional
        Stored values to use instead of ``dataset.pixel_array``, such as one frame of it.
    index : int
        Which view, where the file offers several windows or tables.
    prefer_lut : bool
        Where the file has tables (VOILUTSequence) *and* windows, use a table.

    Returns
    -------
    ndarray of float64, in [0, 1]
        0 is black, 1 is white, as it should appear on the screen.  A MONOCHROME1 image is
        turned round here and nowhere else; padding is black.  A file with neither window nor
        table is spread from its smallest to its largest value.

    Raises
    ------
    ValueError
        If the image is in colour, there is no such view, or a window or table is unusable.

    References
    ----------
    DICOM PS3.3, C.11.1 (modality), C.11.2 (VOI LUT), C.11.6.1.2 (presentation LUT shape).

    Examples
    --------
    >>> from pydicom import Dataset
    >>> film = Dataset()
    >>> film.PhotometricInterpretation = "MONOCHROME1"  # low values are white
    >>> film.BitsStored, film.PixelRepresentation = 8, 0
    >>> film.WindowCenter, film.WindowWidth = 128, 256
    >>> apply_voi(film, [0, 51, 255]).round(2).tolist()
    [1.0, 0.8, 0.0]
    """
    photometric = str(dataset.get("PhotometricInterpretation", "MONOCHROME2"))
    if not photometric.startswith("MONOCHROME"):
        raise ValueError(
            f"windows are for grey-scale images, this one is {photometric}; "
            "pydicom.pixels.pixel_array gives its colours"
        )
    stored = np.asarray(dataset.pixel_array if image is None else image)
    values = modality_values(stored, dataset)
    views = shared_item(dataset, "FrameVOILUTSequence")
    tables = views.get("VOILUTSequence") or []
    centers, widths = (_several(views.get(name)) for name in ("WindowCenter", "WindowWidth"))
    count = len(tables) if tables and (prefer_lut or not centers) else len(centers)
    if (count or index) and not 0 <= index < count:
        raise ValueError(f"there is no view {index}: this file has {count}, counted from 0")
    if tables and (prefer_lut or not centers):
        greys = _look_up(values, tables[index])
    elif centers:
        if len(widths) != len(centers):
            raise ValueError(f"{len(centers)} window centres but {len(widths)} widths")
        function = str(views.get("VOILUTFunction") or "LINEAR")
        greys = window(values, centers[index], widths[index], function)  # type: ignore[arg-type]
    else:
        greys = _whole_range(values)
    # INVERSE says of the greys what MONOCHROME1 says of the pixels; together they mean it once.
    if photometric == "MONOCHROME1" or dataset.get("PresentationLUTShape") == "INVERSE":
        greys = 1.0 - greys
    return np.where(np.isnan(values), 0.0, greys)


def modality_values(
    stored: ArrayLike,
    dataset: Any,
    frame: int = 0,
    *,
    padded: bool = True,
    out: NDArray[np.floating] | None = None,
) -> NDArray[np.floating]:
    """Stored values after the file's modality transformation, NaN where they are padding.

    Parameters
    ----------
    stored : array_like
        Stored values, any shape.
    dataset : pydicom.Dataset
        Where the rescale (or the ModalityLUTSequence) and the padding stand.
    frame : int
        Which frame's rescale, in an enhanced multi-frame file.
    padded : bool
        Whether PixelPaddingValue becomes NaN.
    out : ndarray, optional
        Where to put the values, if it has their type; look at what is returned.

    Returns
    -------
    ndarray of float, same shape
        Values as stored where the file has no modality transformation.
    """
    stored = np.asarray(stored)
    padding = padding_range(dataset) if padded else None
    tables = dataset.get("ModalityLUTSequence")
    if tables:
        values = _look_up(stored, tables[0], raw=True)
        if padding is not None:
            values[(stored >= padding[0]) & (stored <= padding[1])] = np.nan
        return values
    rescale = shared_item(dataset, "PixelValueTransformationSequence", frame)
    slope, intercept = rescale.get("RescaleSlope"), rescale.get("RescaleIntercept")
    if "DoseGridScaling" in dataset:  # of a dose it counts alone, also beside a rescale of 1 and 0
        slope, intercept = dataset.DoseGridScaling, 0
    elif slope is None and intercept is None:
        slope, intercept = 1, 0
    return _rescaled(stored, slope, intercept, padding, out)


def measured_values(
    stored: ArrayLike, dataset: Any, frame: int = 0, out: NDArray[np.floating] | None = None
) -> NDArray[np.floating]:
    """Stored values after the modality transformation, NaN where *nothing was measured*.

    Unlike on a screen (:func:`modality_values`), where all padding is black, PixelPaddingValue
    makes a NaN here only in CT, and only where it lies below air.  The standard has padding for
    showing pictures; scanners write the value 0 of their empty background into it, in MR above
    all, and a segmentation its background: real values, that a mean must count.
    """
    padding = padding_range(dataset)
    kept = padding is not None and not _below_air(padding, dataset, frame)
    return modality_values(stored, dataset, frame, padded=not kept, out=out)


def _below_air(padding: tuple[float, float], dataset: Any, frame: int) -> bool:
    """Whether all padding of a CT lies below the HU of air, so that no tissue can have it."""
    if dataset.get("Modality") != "CT":
        return False
    if dataset.get("ModalityLUTSequence"):
        return True  # a table has no line to continue downwards
    rescale = shared_item(dataset, "PixelValueTransformationSequence", frame)
    slope, intercept = (rescale.get(f"Rescale{name}") for name in ("Slope", "Intercept"))
    if slope is None or intercept is None:
        return False
    return max(end * float(slope) + float(intercept) for end in padding) < _AIR_HU


def padding_range(dataset: Any) -> tuple[float, float] | None:
    """Stored values that mean "nothing was measured": both ends included.

    From PixelPaddingValue (0028,0120) and PixelPaddingRangeLimit (0028,0121); None where the
    file has no padding.

    Examples
    --------
    >>> from pydicom import Dataset
    >>> header = Dataset()
    >>> header.PixelRepresentation, header.BitsAllocated = 1, 16
    >>> header.add_new("PixelPaddingValue", "US", 63536)  # written unsigned by mistake
    >>> padding_range(header)
    (-2000.0, -2000.0)
    """
    ends = [
        dataset.get(name, dataset.get(f"Float{name}"))
        for name in ("PixelPaddingValue", "PixelPaddingRangeLimit")
    ]
    if ends[0] is None:
        return None
    signed = dataset.get("PixelRepresentation") == 1
    numbers = [_number(end, "PixelPaddingValue") for end in ends if end is not None]
    # Many writers store a negative padding value as unsigned; taken literally it never matches.
    half = 2.0 ** (int(dataset.get("BitsAllocated") or 16) - 1)
    numbers = [end - 2 * half if signed and end >= half else end for end in numbers]
    return min(numbers), max(numbers)


def shared_item(dataset: Any, sequence: str, frame: int = 0) -> Any:
    """The functional group that holds for a frame; the data set itself in classic files.

    Enhanced multi-frame files keep their attributes in sequences, either once for all frames
    or once for each (DICOM PS3.3, C.7.6.16).
    """
    for name, tag, position in (
        ("PerFrameFunctionalGroupsSequence", 0x52009230, frame),
        ("SharedFunctionalGroupsSequence", 0x52009229, 0),
    ):
        # Asked for every slice some ten times: a look at the keys is quicker than a search.
        groups = dataset.get(name) if tag in dataset.keys() else None  # noqa: SIM118
        if groups and position < len(groups) and groups[position].get(sequence):
            return groups[position].get(sequence)[0]
    return dataset


def _several(value: Any) -> list[float]:
    """Numbers of an element that holds none, one or several."""
    if value is None or value == "":
        return []
    return [float(number) for number in np.ravel(np.asarray(value, dtype=float))]


def _look_up(values: ArrayLike, table: Any, raw: bool = False) -> NDArray[np.float64]:
    """Greys in [0, 1] (or, if raw, the table's own numbers) from a LUT of C.11.1.1 or C.11.2.1."""
    values = np.asarray(values, dtype=float)
    count, first, bits = (int(number) for number in table.LUTDescriptor)
    count = count or 2**16  # the standard writes 65536, which does not fit, as 0
    data = table.LUTData
    if isinstance(data, bytes):
        data = np.frombuffer(data, dtype="<u2" if len(data) >= 2 * count else "u1")
    data = np.asarray(data, dtype=float)
    if len(data) < count or not 8 <= bits <= 16:
        raise ValueError(
            f"a look-up table promises {count} entries of {bits} bits and holds {len(data)}; "
            "the file is damaged"
        )
    # The first value is signed where the input can be; a large one is then negative (C.11.2.1.1).
    finite = values[np.isfinite(values)]
    if first >= 2**15 and finite.size and finite.min() < 0:
        first -= 2**16
    places = np.clip(np.rint(np.nan_to_num(values)) - first, 0, count - 1).astype(int)
    return data[places] if raw else np.clip(data[places] / (2.0**bits - 1), 0.0, 1.0)


def _whole_range(values: NDArray[np.floating]) -> NDArray[np.float64]:
    finite = values[np.isfinite(values)]
    if finite.size == 0 or finite.min() == finite.max():
        return np.zeros(values.shape)
    low, high = float(finite.min()), float(finite.max())
    return np.nan_to_num((values.astype(float) - low) / (high - low))
