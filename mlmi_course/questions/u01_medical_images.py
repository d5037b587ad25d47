"""Questions of unit 01, medical images."""

from __future__ import annotations

import hashlib
import hmac
import uuid
from collections.abc import Iterator, Sequence
from functools import cache, partial
from typing import Any

import numpy as np

from mlmi_course.checks import (
    Case,
    FunctionQuestion,
    Misconception,
    ThoughtQuestion,
    Unit,
    ValueQuestion,
)
from mlmi_course.checks.calling import call

__all__ = [
    "find_leaks",
    "mip",
    "new_uids",
    "plane_aspect",
    "progress",
    "shared_picture",
    "slice_area",
    "slice_order",
    "slice_step",
    "survey",
    "to_hu",
    "window",
]


def _ct() -> Any:
    """Read the CT slice that ships with pydicom."""
    import pydicom
    from pydicom import examples

    return pydicom.dcmread(examples.get_path("ct"))


# ---- stored numbers to Hounsfield units ---------------------------------------------------


def _to_hu(stored: np.ndarray, slope: float, intercept: float, padding: int | None) -> np.ndarray:
    hu = stored.astype(float) * slope + intercept
    if padding is not None:
        hu[stored == padding] = np.nan
    return hu


def _to_hu_inputs(rng: np.random.Generator) -> Iterator[Case]:
    def stored(low: int, high: int, dtype: type) -> np.ndarray:
        return rng.integers(low, high, size=(3, 4)).astype(dtype)

    yield Case((stored(0, 2000, np.int16), 1.0, -1024.0, None), "a slope of 1 and no padding")
    yield Case((stored(0, 2000, np.int16), 2.0, -1000.0, None), "a slope of 2")
    padded = stored(0, 2000, np.int16)
    padded[:, 0] = -2000
    padded[1, 1] = -2001  # below the padding value, and yet a measurement
    padded[0, 1] = -976  # −2000 HU: it is the stored number that says padding
    yield Case((padded, 1.0, -1024.0, -2000), "padding in the first column")
    unsigned = stored(0, 900, np.uint16)
    yield Case((unsigned, 1, -1024, None), "unsigned 16-bit numbers and an intercept below zero")
    zero = stored(1, 2000, np.int16)
    zero[0] = 0
    yield Case((zero, 2.0, -1000.0, 0), "a padding value of 0")
    large = stored(40_000, 65_000, np.uint16)
    yield Case((large, 2, -1024.0, None), "numbers that need all 16 bits, and a slope of 2")
    fraction = stored(0, 2000, np.int16)
    fraction[0, 0] = 1001  # odd: half of it is no whole number
    yield Case((fraction, 0.5, -1000.0, None), "a slope of 0.5")
    yield Case((stored(0, 2000, np.int16), 1.0, -1024.0, -2000), "padding declared but not used")


def _keep_padding(stored: np.ndarray, slope: float, intercept: float, padding: Any) -> np.ndarray:
    return stored.astype(float) * slope + intercept


def _forget_slope(stored: np.ndarray, slope: float, intercept: float, padding: Any) -> np.ndarray:
    return _to_hu(stored, 1.0, intercept, padding)


def _intercept_first(
    stored: np.ndarray, slope: float, intercept: float, padding: Any
) -> np.ndarray:
    return _to_hu(stored, slope, slope * intercept, padding)


def _intercept_subtracted(
    stored: np.ndarray, slope: float, intercept: float, padding: Any
) -> np.ndarray:
    return _to_hu(stored, slope, -intercept, padding)


def _wrap_around(stored: np.ndarray, slope: float, intercept: float, padding: Any) -> np.ndarray:
    """Stay in the stored type, as ``stored * slope + intercept`` does in whole numbers."""
    whole = np.array([slope, intercept]).astype(np.int64).astype(stored.dtype)
    hu = (stored * whole[0] + whole[1]).astype(float)
    if padding is not None:
        hu[stored == padding] = np.nan
    return hu


def _product_wraps(stored: np.ndarray, slope: float, intercept: float, padding: Any) -> np.ndarray:
    """Multiply in the stored type and convert to float only then."""
    product = stored * np.array(slope).astype(stored.dtype)
    hu = product.astype(float) + intercept
    if padding is not None:
        hu[stored == padding] = np.nan
    return hu


def _slope_cut(stored: np.ndarray, slope: float, intercept: float, padding: Any) -> np.ndarray:
    return _to_hu(stored, int(slope), intercept, padding)


def _rounded(stored: np.ndarray, slope: float, intercept: float, padding: Any) -> np.ndarray:
    return np.round(_to_hu(stored, slope, intercept, padding))


def _padding_after(stored: np.ndarray, slope: float, intercept: float, padding: Any) -> np.ndarray:
    hu = stored.astype(float) * slope + intercept
    if padding is not None:
        hu[hu == padding] = np.nan
    return hu


def _padding_if_true(
    stored: np.ndarray, slope: float, intercept: float, padding: Any
) -> np.ndarray:
    return _to_hu(stored, slope, intercept, padding or None)


def _draw_hu(answer: Any) -> Any:
    from mlmi_course import plots

    ct = _ct()
    slope, intercept = float(ct.RescaleSlope), float(ct.RescaleIntercept)
    hu = call(answer, (ct.pixel_array, slope, intercept, ct.get("PixelPaddingValue")))
    return plots.histogram(
        np.asarray(hu, dtype=float),
        label="HU",
        title="Your Hounsfield units of the CT slice",
        marks={"air": -1000, "water": 0},
        alt="Histogram of your Hounsfield units, with the values of air and water marked.",
    )


to_hu = FunctionQuestion(
    title="Stored numbers to Hounsfield units",
    points=2,
    inputs=_to_hu_inputs,
    reference=_to_hu,
    picture=_draw_hu,
    not_allowed=("mlmi_course.dicom.to_hounsfield",),
    see="From stored numbers to Hounsfield units",
    hints=(
        "The formula is one line: slope times stored number, plus intercept.",
        "Which type do the stored numbers have? An unsigned 16-bit integer cannot hold −1024. "
        "`stored.astype(float)` makes room first. (An OverflowError means the same.)",
        "Padding is a *stored* number. Compare `stored`, not the result, with `padding`, and put "
        "np.nan there. With `padding=None` there is nothing to exclude.",
    ),
    misconceptions={
        "padding_kept": Misconception(
            _keep_padding,
            "The padding is still there. It marks pixels that the scanner never measured: make "
            "them nan, or every mean and histogram will count them.",
        ),
        "slope_forgotten": Misconception(
            _forget_slope,
            "The slope is missing. It is 1 in most CT files, and so this mistake stays hidden "
            "until the day when it is not.",
        ),
        "intercept_first": Misconception(
            _intercept_first,
            "The intercept was added before multiplying. The standard multiplies first: "
            "slope × stored + intercept.",
        ),
        "intercept_subtracted": Misconception(
            _intercept_subtracted,
            "The intercept was subtracted. It already carries its sign (−1024): add it.",
        ),
        "wrap_around": Misconception(
            _wrap_around,
            "The numbers wrapped around. Unsigned integers know no minus: 24 − 1024 becomes "
            "64536. Convert to float before you calculate.",
        ),
        "product_wraps": Misconception(
            _product_wraps,
            "The product wrapped around: a slope of 2 takes it beyond 65535, the largest number "
            "of 16 bits. Convert `stored` before you multiply, not after.",
        ),
        "slope_cut": Misconception(
            _slope_cut,
            "The slope lost its decimals. It is a whole number in most CT files, not in all.",
        ),
        "rounded": Misconception(
            _rounded,
            "You round. With a slope that is no whole number, neither are the Hounsfield units: "
            "return them as they come.",
        ),
        "padding_zero": Misconception(
            _padding_if_true,
            "`if padding:` is false for a padding value of 0 too. Ask `if padding is not None`.",
        ),
        "padding_after": Misconception(
            _padding_after,
            "You looked for the padding value among the Hounsfield units. It is a stored "
            "number: compare before you convert.",
        ),
    },
)


# ---- window --------------------------------------------------------------------------------


def _window(hu: np.ndarray, center: float, width: float) -> np.ndarray:
    if width == 1:
        return (hu > center - 0.5).astype(float)
    return np.clip((hu - (center - 0.5)) / (width - 1) + 0.5, 0, 1)


def _window_inputs(rng: np.random.Generator) -> Iterator[Case]:
    hu = rng.integers(-1000, 1500, size=(3, 4)).astype(float)
    center, width = float(rng.integers(20, 100)), float(rng.integers(1500, 2500))
    # Wide enough that some values lie inside and some outside on both sides.
    hu[0, :2] = -5000.0, 5000.0
    yield Case((hu, center, width), "a wide window")
    inside = np.arange(-100, 181, 40)  # whole numbers, as most CT files give them
    yield Case((inside, 40.0, 400.0), "whole numbers inside a soft-tissue window")
    yield Case((np.array([38.7, 39.2, 39.7, 40.2]), 40.0, 2.0), "a window of width 2")
    yield Case((np.array([39.1, 39.4, 39.6, 39.9]), 40.0, 1.5), "a window of width 1.5")
    yield Case((np.array([39.0, 39.5, 39.6, 40.0]), 40.0, 1.0), "a window of width 1, a step")


def _no_clip(hu: np.ndarray, center: float, width: float) -> np.ndarray:
    return (hu - (center - width / 2)) / width


def _no_clip_linear(hu: np.ndarray, center: float, width: float) -> np.ndarray:
    return (hu - (center - 0.5)) / ((width - 1) or 1) + 0.5


def _linear_exact(hu: np.ndarray, center: float, width: float) -> np.ndarray:
    return np.clip((hu - center) / width + 0.5, 0, 1)


def _from_center(hu: np.ndarray, center: float, width: float) -> np.ndarray:
    return np.clip((hu - center) / width, 0, 1)


def _swapped(hu: np.ndarray, center: float, width: float) -> np.ndarray:
    return _linear_exact(hu, width, max(center, 1e-9))


def _own_range(hu: np.ndarray, center: float, width: float) -> np.ndarray:
    clipped = np.clip(hu, center - width / 2, center + width / 2)
    return (clipped - clipped.min()) / max(clipped.max() - clipped.min(), 1e-9)


def _whole_greys(hu: np.ndarray, center: float, width: float) -> np.ndarray:
    """Write the greys into an array of the type of ``hu``, as ``np.zeros_like(hu)`` makes it."""
    return _window(hu, center, width).astype(hu.dtype)


def _zero_by_zero(hu: np.ndarray, center: float, width: float) -> np.ndarray:
    with np.errstate(all="ignore"):
        return np.clip((hu - (center - 0.5)) / (width - 1) + 0.5, 0, 1)


def _draw_window(answer: Any) -> Any:
    from mlmi_course import plots

    ct = _ct()
    hu = ct.pixel_array * float(ct.RescaleSlope) + float(ct.RescaleIntercept)
    settings = {"lung": (-600, 1500), "soft tissue": (40, 400), "bone": (400, 1800)}
    draws = []
    for name, (center, width) in settings.items():
        grey = np.asarray(call(answer, (hu, float(center), float(width))), dtype=float)
        draws.append((f"{name}: {center}, {width}", partial(_draw_grey, grey)))
    return plots.grid(
        draws, columns=3, alt="The CT slice through your window function, at three settings."
    )


def _draw_grey(grey: np.ndarray, ax: Any) -> Any:
    from mlmi_course import plots

    return plots.image(grey, ax=ax, vmin=0, vmax=1)


window = FunctionQuestion(
    title="A window, as the DICOM standard defines it",
    points=3,
    inputs=_window_inputs,
    reference=_window,
    picture=_draw_window,
    not_allowed=("mlmi_course.dicom.window",),
    see="The window",
    hints=(
        "The result runs from 0 (black) to 1 (white). Everything below the window is 0, "
        "everything above is 1: np.clip does both.",
        "In between, the order matters: subtract c − 0.5 first, then divide by w − 1, then add "
        "0.5. Brackets say so to Python.",
        "At w = 1 that formula divides by zero. The standard makes it a step: 1 where "
        "x > c − 0.5, and 0 elsewhere. Treat it with an `if` of its own.",
    ),
    misconceptions={
        "not_clipped": Misconception(
            _no_clip,
            "Values outside the window are not clipped: black is 0 and white is 1, and nothing "
            "is darker or brighter. (And look at the half pixel: DICOM's LINEAR has w − 1.)",
        ),
        "not_clipped_linear": Misconception(
            _no_clip_linear,
            "The line is right, but it has no ends: values below the window must be 0, above it 1.",
        ),
        "linear_exact": Misconception(
            _linear_exact,
            "That is the function LINEAR_EXACT, which a file must ask for by name. The default "
            "LINEAR is half a unit to the left and divides by w − 1.",
        ),
        "center_is_black": Misconception(
            _from_center,
            "You start the window at its centre. The centre is the middle grey, 0.5.",
        ),
        "swapped": Misconception(
            _swapped,
            "Centre and width seem to be swapped: the function is called with (hu, center, width).",
        ),
        "own_range": Misconception(
            _own_range,
            "You stretch the image's own minimum and maximum to black and white. Then the same "
            "tissue gets another grey in every image; the window alone decides.",
        ),
        "whole_greys": Misconception(
            _whole_greys,
            "Your greys are cut to whole numbers. `np.zeros_like(hu)` and `hu.copy()` take over "
            "the type of `hu`, which may be integer: `hu.astype(float)` makes room for greys.",
        ),
        "width_one_divides_by_zero": Misconception(
            _zero_by_zero,
            "A window of width 1 divides by zero. The standard makes it a step at c − 0.5.",
        ),
    },
)


# ---- a value from a real header ------------------------------------------------------------


def _slice_area() -> float:
    ct = _ct()
    return float(ct.Rows * ct.PixelSpacing[0] * ct.Columns * ct.PixelSpacing[1]) / 100


slice_area = ValueQuestion(
    title="How much of the patient does the CT slice show, in cm²?",
    points=1,
    reference=_slice_area,
    tolerance=2e-3,
    see="Pixels have a size",
    hints=(
        "Width times height. Each is a number of pixels times their distance in millimetres.",
        "1 cm² is 100 mm².",
    ),
    misconceptions={
        "reconstruction_diameter": Misconception(
            lambda: float(_ct().ReconstructionDiameter) ** 2 / 100,
            "You trusted ReconstructionDiameter. It was true for the original 512 × 512 image; "
            "this file is a 128 × 128 piece of it, and nobody updated the header. Headers lie: "
            "compute from what you hold.",
        ),
        "reconstruction_circle": Misconception(
            lambda: np.pi / 4 * float(_ct().ReconstructionDiameter) ** 2 / 100,
            "That is the circle of ReconstructionDiameter, which the original image filled. This "
            "file is a 128 × 128 piece of it.",
        ),
        "pixels": Misconception(
            lambda: float(_ct().Rows * _ct().Columns),
            "That is the number of pixels. A surgeon wants cm².",
        ),
        "square_millimetres": Misconception(
            lambda: 100 * _slice_area(),
            "That is in mm². One cm² holds a hundred of them.",
        ),
        "ten_for_a_hundred": Misconception(
            lambda: 10 * _slice_area(),
            "You divided by 10. A centimetre is 10 mm, but a cm² is 10 × 10 = 100 mm².",
        ),
        "width_alone": Misconception(
            lambda: float(_ct().Columns * _ct().PixelSpacing[1]) / 10,
            "That is the width in centimetres. An area is width times height.",
        ),
        "centre_to_centre": Misconception(
            lambda: float(np.prod([(_ct().Rows - 1) * d / 10 for d in _ct().PixelSpacing])),
            "That reaches from the centre of the first to the centre of the last pixel. Half a "
            "pixel on each side belongs to the image too.",
        ),
    },
)


# ---- a series: order and step ----------------------------------------------------------------

_AXIAL = (1.0, 0.0, 0.0, 0.0, 1.0, 0.0)
_CORONAL = (1.0, 0.0, 0.0, 0.0, 0.0, -1.0)
_SAGITTAL = (0.0, 1.0, 0.0, 0.0, 0.0, -1.0)


def _oblique(degrees: float) -> tuple[float, ...]:
    angle = np.deg2rad(degrees)
    return (1.0, 0.0, 0.0, 0.0, float(np.cos(angle)), float(np.sin(angle)))


def _normal(header: dict[str, Any]) -> np.ndarray:
    orientation = np.asarray(header["ImageOrientationPatient"], dtype=float)
    return np.cross(orientation[:3], orientation[3:])


def _along_normal(headers: list[dict[str, Any]]) -> np.ndarray:
    """Return how far each slice lies along the slice normal, in mm."""
    positions = np.array([header["ImagePositionPatient"] for header in headers], dtype=float)
    return positions @ _normal(headers[0])


def _headers(
    rng: np.random.Generator,
    orientation: Sequence[float],
    steps: Sequence[float],
    step: float,
    shear: float = 0.0,
) -> list[dict[str, Any]]:
    """Return the headers of a series, listed by file name, with names that mean nothing."""
    normal = _normal({"ImageOrientationPatient": orientation})
    # The patient's origin lies inside the stack, so distances from it are no order.
    origin = rng.uniform(-100, 100, size=3)
    origin -= normal * (origin @ normal + 0.45 * step * max(steps))
    sideways = shear * np.asarray(orientation[3:])
    numbers = rng.permutation(len(steps))
    while _trivial(numbers):  # a series in order would hide every mistake
        numbers = rng.permutation(len(steps))
    shuffled = rng.permutation(len(steps))
    while _trivial(shuffled) or np.array_equal(shuffled, numbers):
        shuffled = rng.permutation(len(steps))
    return [
        {
            "FileName": f"IM{number:04d}",
            "InstanceNumber": int(numbers[number]) + 1,
            "ImagePositionPatient": (
                (origin + steps[place] * (step * normal + sideways)).round(6).tolist()
            ),
            "ImageOrientationPatient": list(orientation),
            "SliceThickness": round(step * 1.5, 6),
        }
        for number, place in enumerate(shuffled)
    ]


def _trivial(order: np.ndarray) -> bool:
    return bool((np.diff(order) > 0).all() or (np.diff(order) < 0).all())


def _slice_order(headers: list[dict[str, Any]]) -> list[int]:
    return [int(i) for i in np.argsort(_along_normal(headers), kind="stable")]


def _slice_order_inputs(rng: np.random.Generator) -> Iterator[Case]:
    steps = range(5)
    yield Case((_headers(rng, _AXIAL, steps, 2.5),), "five axial slices")
    yield Case((_headers(rng, _CORONAL, steps, 2.5),), "coronal slices, which all have the same z")
    yield Case((_headers(rng, _SAGITTAL, steps, 2.5),), "sagittal slices")
    yield Case((_headers(rng, _oblique(25), steps, 2.5),), "slices tilted by 25°")
    yield Case((_headers(rng, _AXIAL, steps, 0.4),), "slices 0.4 mm apart")


def _by_file_name(headers: list[dict[str, Any]]) -> list[int]:
    return sorted(range(len(headers)), key=lambda i: headers[i]["FileName"])


def _by_instance_number(headers: list[dict[str, Any]]) -> list[int]:
    return sorted(range(len(headers)), key=lambda i: headers[i]["InstanceNumber"])


def _by_z(headers: list[dict[str, Any]]) -> list[int]:
    return sorted(range(len(headers)), key=lambda i: headers[i]["ImagePositionPatient"][2])


def _against_normal(headers: list[dict[str, Any]]) -> list[int]:
    return _slice_order(headers)[::-1]


def _ranks(headers: list[dict[str, Any]]) -> list[int]:
    return [int(i) for i in np.argsort(_slice_order(headers))]


@cache
def _chest_series() -> tuple[list[dict[str, Any]], list[np.ndarray]]:
    """Write the chest phantom as a badly named series, and read its headers and pixels back."""
    import tempfile

    import pydicom

    from mlmi_course.dicom import write_series
    from mlmi_course.phantoms.ct import chest_phantom

    chest = chest_phantom((24, 96, 96), (10.0, 3.5, 3.5))
    with tempfile.TemporaryDirectory() as folder:
        files = write_series(chest, folder, shuffled_names=True, lying_instance_numbers=True)
        datasets = [pydicom.dcmread(file) for file in sorted(files)]
    headers = [
        {
            "FileName": f"file {number}",
            "InstanceNumber": int(ds.InstanceNumber),
            "ImagePositionPatient": [float(v) for v in ds.ImagePositionPatient],
            "ImageOrientationPatient": [float(v) for v in ds.ImageOrientationPatient],
            "SliceThickness": float(ds.SliceThickness),
        }
        for number, ds in enumerate(datasets)
    ]
    return headers, [ds.pixel_array * 1.0 + float(ds.RescaleIntercept) for ds in datasets]


def _draw_order(answer: Any) -> Any:
    from mlmi_course import plots

    headers, pixels = _chest_series()
    order = [int(i) for i in call(answer, (headers,))]
    coronal = np.stack([pixels[i][48] for i in order])[::-1]
    return plots.image(
        coronal,
        window=(40, 400),
        spacing=(10.0, 3.5),
        title="A coronal plane through the slices in your order",
        alt="A coronal plane of a chest, stacked from axial slices in the order you gave.",
    )


slice_order = FunctionQuestion(
    title="The true order of the slices",
    points=3,
    inputs=_slice_order_inputs,
    reference=_slice_order,
    picture=_draw_order,
    not_allowed=("mlmi_course.dicom.slice_order",),
    see="A series and its order",
    hints=(
        "Only the position in space tells the order. But which coordinate? In a coronal series "
        "all slices have the same z.",
        "The normal of a slice is the cross product of its row direction (the first three "
        "numbers of ImageOrientationPatient) and its column direction (the last three): np.cross.",
        "Project each position on the normal with a dot product, `positions @ normal`, and sort "
        "by what comes out: np.argsort.",
    ),
    misconceptions={
        "by_file_name": Misconception(
            _by_file_name,
            "That is the order of the file names. A name is given by whoever exported the file "
            "and means nothing.",
        ),
        "by_instance_number": Misconception(
            _by_instance_number,
            "That is the order of InstanceNumber. Scanners may count as they like: it often "
            "agrees with space, until it does not.",
        ),
        "by_z": Misconception(
            _by_z,
            "You sort by z alone. That works for axial slices only; these lie otherwise.",
        ),
        "against_normal": Misconception(
            _against_normal,
            "The other way round: the normal is row × column, in this order. Column × row points "
            "to the opposite side.",
        ),
        "ranks": Misconception(
            _ranks,
            "You return the rank of each file. Asked for is the reverse: which file comes first, "
            "which second. np.argsort alone gives that.",
        ),
    },
)


def _slice_step(headers: list[dict[str, Any]]) -> float:
    return float(np.median(np.diff(np.sort(_along_normal(headers)))))


def _slice_step_inputs(rng: np.random.Generator) -> Iterator[Case]:
    def step() -> float:
        return float(rng.integers(10, 50)) / 10

    yield Case((_headers(rng, _AXIAL, range(6), step()),), "axial slices")
    yield Case((_headers(rng, _oblique(30), range(6), step()),), "slices tilted by 30°")
    yield Case((_headers(rng, _AXIAL, (0, 1, 2, 4, 5, 6), step()),), "a series that lacks a slice")
    uneven = (0, 2, 3, 4.2, 4.7, 5.7, 7.2)
    yield Case((_headers(rng, _AXIAL, uneven, step()),), "a series with several uneven steps")
    sheared = _headers(rng, _AXIAL, range(6), step(), shear=1.5)
    yield Case((sheared,), "a tilted gantry, each slice shifted sideways against the last")
    yield Case(
        (_coronal_telling(rng, uneven, step()),), "coronal slices, which all have the same z"
    )


def _coronal_telling(
    rng: np.random.Generator, steps: Sequence[float], step: float
) -> list[dict[str, Any]]:
    """A coronal series whose order in the list gives no right step by chance."""
    by_chance = _step_sorted_by_z, _step_unsorted, _step_signed
    while True:
        headers = _headers(rng, _CORONAL, steps, step)
        right = _slice_step(headers)
        if all(abs(wrong(headers) - right) > 0.05 for wrong in by_chance):
            return headers


def _thickness(headers: list[dict[str, Any]]) -> float:
    return float(headers[0]["SliceThickness"])


def _step_in_z(headers: list[dict[str, Any]]) -> float:
    return float(np.median(np.diff(np.sort([h["ImagePositionPatient"][2] for h in headers]))))


def _step_unsorted(headers: list[dict[str, Any]]) -> float:
    return float(np.median(np.abs(np.diff(_along_normal(headers)))))


def _step_signed(headers: list[dict[str, Any]]) -> float:
    return float(np.median(np.diff(_along_normal(headers))))


def _step_sorted_by_z(headers: list[dict[str, Any]]) -> float:
    return float(np.median(np.diff(_along_normal(headers)[_by_z(headers)])))


def _smallest_step(headers: list[dict[str, Any]]) -> float:
    return float(np.diff(np.sort(_along_normal(headers))).min())


def _corner_to_corner(headers: list[dict[str, Any]]) -> float:
    positions = np.array([h["ImagePositionPatient"] for h in headers])
    positions = positions[np.argsort(_along_normal(headers))]
    return float(np.median(np.linalg.norm(np.diff(positions, axis=0), axis=1)))


def _mean_step(headers: list[dict[str, Any]]) -> float:
    return float(np.ptp(_along_normal(headers)) / (len(headers) - 1))


def _over_count(headers: list[dict[str, Any]]) -> float:
    return float(np.ptp(_along_normal(headers)) / len(headers))


slice_step = FunctionQuestion(
    title="The distance between slices",
    points=2,
    inputs=_slice_step_inputs,
    reference=_slice_step,
    see="A series and its order",
    hints=(
        "Start from what you projected for the order: how far each slice lies along the normal.",
        "Sort these distances, take the differences of neighbours (np.diff), and their median.",
    ),
    misconceptions={
        "slice_thickness": Misconception(
            _thickness,
            "That is SliceThickness: how thick a slice is, and not how far it is to the next. "
            "Slices may overlap, or leave a gap.",
        ),
        "z_alone": Misconception(
            _step_in_z,
            "You measure along z. These slices are tilted: measure along their normal.",
        ),
        "not_sorted": Misconception(
            _step_unsorted,
            "These are distances between files that follow each other in a list, and not in "
            "space. Sort by what you projected first.",
        ),
        "not_sorted_signed": Misconception(
            _step_signed,
            "Some of your distances are negative: the files follow each other in a list, up and "
            "down in space. Sort by what you projected first.",
        ),
        "sorted_by_z": Misconception(
            _step_sorted_by_z,
            "You sort by z and measure along the normal. In a coronal series all slices have the "
            "same z: sort by what you measure.",
        ),
        "smallest": Misconception(
            _smallest_step,
            "You take the smallest distance. One slice scanned twice as close would decide; the "
            "usual distance is the median.",
        ),
        "corner_to_corner": Misconception(
            _corner_to_corner,
            "You measure from corner to corner. With a tilted gantry the slices are shifted "
            "sideways too; only the part along the normal separates them.",
        ),
        "mean": Misconception(
            _mean_step,
            "You take the mean. One missing slice changes it, and then no gap has that width. "
            "The median stays.",
        ),
        "fence_posts": Misconception(
            _over_count,
            "Six slices have five gaps between them.",
        ),
    },
)


# ---- pixels have a size --------------------------------------------------------------------


def _plane_aspect(pixel_spacing: Sequence[float], slice_step: float, plane: str) -> float:
    between_rows, between_columns = pixel_spacing
    return {
        "axial": between_rows / between_columns,
        "coronal": slice_step / between_columns,
        "sagittal": slice_step / between_rows,
    }[plane]


def _plane_aspect_inputs(rng: np.random.Generator) -> Iterator[Case]:
    def millimetres() -> float:
        return float(rng.integers(4, 30)) / 10

    for _ in range(2):
        # Rows and columns differ: with square pixels half of the mistakes stay hidden.
        spacing, step = [millimetres(), millimetres() + 3.0], millimetres() + 7.0
        for plane in ("axial", "coronal", "sagittal"):
            yield Case((spacing, step, plane), f"the {plane} plane")


def _inverted(pixel_spacing: Sequence[float], slice_step: float, plane: str) -> float:
    return 1 / _plane_aspect(pixel_spacing, slice_step, plane)


def _columns_first(pixel_spacing: Sequence[float], slice_step: float, plane: str) -> float:
    return _plane_aspect(pixel_spacing[::-1], slice_step, plane)


def _always_square(pixel_spacing: Sequence[float], slice_step: float, plane: str) -> float:
    return 1.0


def _always_axial(pixel_spacing: Sequence[float], slice_step: float, plane: str) -> float:
    return pixel_spacing[0] / pixel_spacing[1]


def _planes_exchanged(pixel_spacing: Sequence[float], slice_step: float, plane: str) -> float:
    other = {"axial": "axial", "coronal": "sagittal", "sagittal": "coronal"}
    return _plane_aspect(pixel_spacing, slice_step, other[plane])


def _sagittal_by_columns(pixel_spacing: Sequence[float], slice_step: float, plane: str) -> float:
    if plane == "sagittal":
        return slice_step / pixel_spacing[1]
    return _plane_aspect(pixel_spacing, slice_step, plane)


def _draw_planes(answer: Any) -> Any:
    from mlmi_course import plots

    brain, spacing = _thick_brain()
    draws = []
    for plane in ("axial", "coronal", "sagittal"):
        ratio = float(call(answer, (list(spacing[1:]), spacing[0], plane)))
        if not 0.01 < ratio < 100:
            raise ValueError(f"an aspect of {ratio:g} for the {plane} plane")
        draws.append((f"{plane}: {ratio:.2f}", partial(_draw_aspect, brain.plane(plane), ratio)))
    return plots.grid(
        draws, columns=3, alt="Three planes through a brain, drawn with the aspects you computed."
    )


def _draw_aspect(image: np.ndarray, ratio: float, ax: Any) -> Any:
    ax.imshow(image, cmap="gray", aspect=ratio)
    ax.set_axis_off()
    return ax


def _thick_brain() -> tuple[Any, tuple[float, float, float]]:
    """Return the MNI152 brain as if it had been scanned in slices 6 mm apart."""
    from nilearn.datasets import load_mni152_template

    from mlmi_course.dicom import Volume, volume_from_nifti

    brain = volume_from_nifti(load_mni152_template(resolution=2)).canonical()
    step = 3
    affine = brain.affine.copy()
    affine[:, 0] *= step
    z, y, x = brain.spacing
    thick = Volume(
        array=brain.array[::step],
        spacing=(z * step, y, x),
        affine=affine,
        modality=brain.modality,
        unit=brain.unit,
        info=brain.info,
    )
    return thick, thick.spacing


plane_aspect = FunctionQuestion(
    title="The aspect of a pixel in three planes",
    points=2,
    inputs=_plane_aspect_inputs,
    reference=_plane_aspect,
    picture=_draw_planes,
    not_allowed=("mlmi_course.dicom.aspect",),
    see="Three planes, and which side is left",
    hints=(
        "matplotlib's aspect is the height of a pixel over its width, both in millimetres.",
        "PixelSpacing lists the distance between *rows* first: that is a pixel's height in the "
        "axial plane. The distance between columns, its width, comes second.",
        "In the coronal plane the rows are slices and the columns stay columns. In the sagittal "
        "plane the rows are slices and the columns are the axial rows.",
    ),
    misconceptions={
        "inverted": Misconception(
            _inverted,
            "Upside down: the aspect is height over width. A brain scanned in thick slices would "
            "come out flat as a pancake.",
        ),
        "columns_first": Misconception(
            _columns_first,
            "You read PixelSpacing as [columns, rows]. The standard lists the distance between "
            "rows first. Square pixels hide this for years.",
        ),
        "always_square": Misconception(
            _always_square,
            "Always 1? That holds for square pixels. Here the two distances differ.",
        ),
        "always_axial": Misconception(
            _always_axial,
            "The slice step is never used. In the coronal and sagittal planes each row of the "
            "picture is another slice.",
        ),
        "sagittal_by_columns": Misconception(
            _sagittal_by_columns,
            "A sagittal picture is seen from the side: it runs from front to back, along what the "
            "axial image calls its *rows*. Its width is the distance between rows.",
        ),
        "planes_exchanged": Misconception(
            _planes_exchanged,
            "Coronal and sagittal are exchanged. A coronal plane faces you, ear to ear: its "
            "columns are the columns of the axial image.",
        ),
    },
)


# ---- maximum-intensity projection --------------------------------------------------------------

_AXIS = {"axial": 0, "coronal": 1, "sagittal": 2}


def _mip(hu: np.ndarray, plane: str) -> np.ndarray:
    return np.nanmax(hu, axis=_AXIS[plane])


def _mip_inputs(rng: np.random.Generator) -> Iterator[Case]:
    hu = rng.integers(-1000, 1500, size=(2, 3, 4)).astype(float)
    for plane in _AXIS:
        yield Case((hu, plane), f"the {plane} projection")
    padded = hu.copy()
    padded[0] = np.nan
    padded[1, 0] = -3000.0  # an artefact: whatever replaced the nan must not win either
    yield Case((padded, "axial"), "padding (nan) in the first slice")


def _mip_xyz(hu: np.ndarray, plane: str) -> np.ndarray:
    return np.nanmax(hu, axis=2 - _AXIS[plane])


def _mip_first_axis(hu: np.ndarray, plane: str) -> np.ndarray:
    return np.nanmax(hu, axis=0)


def _mip_exchanged(hu: np.ndarray, plane: str) -> np.ndarray:
    return np.nanmax(hu, axis={"axial": 0, "coronal": 2, "sagittal": 1}[plane])


def _mip_flipped(hu: np.ndarray, plane: str) -> np.ndarray:
    projected = _mip(hu, plane)
    return projected if plane == "axial" else projected[::-1]


def _right_or_flipped(expected: Any, got: Any) -> bool:
    reply = np.asarray(got, dtype=float)
    return any(np.array_equal(reply, right) for right in (expected, expected[::-1]))


def _mip_zero_for_nan(hu: np.ndarray, plane: str) -> np.ndarray:
    return np.max(np.nan_to_num(hu), axis=_AXIS[plane])


def _one_number_wins(expected: Any, got: Any) -> bool:
    """Whether a reply is right but for one number that wins over all that is below it."""
    reply = np.asarray(got, dtype=float)
    if reply.shape != np.shape(expected):
        return False
    winners = reply[reply != expected]
    return bool(winners.size == 0 or np.array_equal(reply, np.maximum(expected, winners[0])))


def _mip_windowed(hu: np.ndarray, plane: str) -> np.ndarray:
    return np.nanmax(np.clip((hu + 160) / 400, 0, 1), axis=_AXIS[plane])


def _looks_windowed(expected: Any, got: Any) -> bool:
    """Whether a reply has the right shape and holds greys from 0 to 1 in place of HU."""
    greys = np.asarray(got, dtype=float)
    return greys.shape == np.shape(expected) and bool(np.all((greys >= 0) & (greys <= 1)))


def _mip_with_nan(hu: np.ndarray, plane: str) -> np.ndarray:
    return np.max(hu, axis=_AXIS[plane])


def _mean_projection(hu: np.ndarray, plane: str) -> np.ndarray:
    return np.nanmean(hu, axis=_AXIS[plane])


def _middle_slice(hu: np.ndarray, plane: str) -> np.ndarray:
    return np.take(hu, hu.shape[_AXIS[plane]] // 2, axis=_AXIS[plane])


def _draw_mip(answer: Any) -> Any:
    from mlmi_course import plots
    from mlmi_course.phantoms.ct import chest_phantom

    chest = chest_phantom((64, 96, 96), (4.0, 3.5, 3.5)).canonical()
    z, y, x = chest.spacing
    spacings = {"axial": (y, x), "coronal": (z, x), "sagittal": (z, y)}
    draws = []
    for plane, spacing in spacings.items():
        projected = np.asarray(call(answer, (chest.array, plane)), dtype=float)
        upright = projected if plane == "axial" else projected[::-1]
        draws.append((plane, partial(_draw_bright, upright, spacing)))
    return plots.grid(draws, columns=3, alt="Your maximum-intensity projections of a chest.")


def _draw_bright(image: np.ndarray, spacing: tuple[float, float], ax: Any) -> Any:
    from mlmi_course import plots

    return plots.image(image, ax=ax, window=(300, 1200), spacing=spacing)


mip = FunctionQuestion(
    title="Maximum-intensity projection",
    points=2,
    inputs=_mip_inputs,
    reference=_mip,
    picture=_draw_mip,
    see="The brightest along a ray",
    hints=(
        "Looking along an axis means: take the maximum over that axis.",
        "The array is ordered (z, y, x). An axial picture looks along z, a coronal one along y, "
        "a sagittal one along x.",
        "np.nanmax ignores padding; np.max lets one nan win.",
    ),
    misconceptions={
        "axes_reversed": Misconception(
            _mip_xyz,
            "The axes are read as (x, y, z). Here the slices come first: (z, y, x).",
        ),
        "planes_exchanged": Misconception(
            _mip_exchanged,
            "Coronal and sagittal are exchanged. A coronal picture is seen from the front: you "
            "look along y, the second axis.",
        ),
        "flipped": Misconception(
            _mip_flipped,
            "Turned upside down. That is right for the screen, but here the array is asked for as "
            "it is: do not flip.",
            matches=_right_or_flipped,
        ),
        "always_first_axis": Misconception(
            _mip_first_axis,
            "You always look along the first axis, whatever the plane.",
        ),
        "windowed_first": Misconception(
            _mip_windowed,
            "These are greys and no Hounsfield units: you windowed before projecting. All that "
            "was brighter than the window is now one white, and no later window brings vessels "
            "and bone apart again. Project first.",
            matches=_looks_windowed,
        ),
        "padding_wins": Misconception(
            _mip_with_nan,
            "One nan along the ray made the whole pixel nan. Padding was never measured, so it "
            "must not win.",
        ),
        "number_for_nan": Misconception(
            _mip_zero_for_nan,
            "A number of your own wins wherever all that was measured lies below it. Padding "
            "should be left out, not replaced by a number.",
            matches=_one_number_wins,
        ),
        "mean": Misconception(
            _mean_projection,
            "That is the mean along the ray, much as an X-ray picture adds up attenuation. Small "
            "vessels drown in it; the maximum keeps them.",
        ),
        "one_slice": Misconception(
            _middle_slice,
            "That is one slice. A projection looks through all of them.",
        ),
    },
)


# ---- counting patients ---------------------------------------------------------------------


def _survey(headers: list[dict[str, str]]) -> dict[str, int]:
    counts = {"patients": len({header["PatientID"] for header in headers})}
    for modality in {header["Modality"] for header in headers}:
        of_this = {h["PatientID"] for h in headers if h["Modality"] == modality}
        counts[modality] = len(of_this)
    return counts


def _survey_inputs(rng: np.random.Generator) -> Iterator[Case]:
    def header(patient: str, modality: str, study: int) -> dict[str, str]:
        return {"PatientID": patient, "Modality": modality, "StudyInstanceUID": f"1.2.{study}"}

    small = [
        header("P1", "CT", 1),
        header("P1", "CT", 1),
        header("P1", "MR", 2),
        header("P2", "MR", 3),
        header("P2", "MR", 4),
        header("P3", "CT", 5),
    ]
    yield Case((small,), "six files of three patients, one of whom had both CT and MR")
    modalities = ("CT", "MR", "PT", "XA", "RTSTRUCT")
    many = [
        header(f"P{rng.integers(8)}", modalities[rng.integers(5)], int(rng.integers(20)))
        for _ in range(60)
    ]
    yield Case((many,), "60 files in random order")
    yield Case(([],), "an empty archive")


def _count_files(headers: list[dict[str, str]]) -> dict[str, int]:
    modalities = [header["Modality"] for header in headers]
    return {"patients": len(headers), **{m: modalities.count(m) for m in modalities}}


def _count_studies(headers: list[dict[str, str]]) -> dict[str, int]:
    return _survey([{**header, "PatientID": header["StudyInstanceUID"]} for header in headers])


def _sum_over_modalities(headers: list[dict[str, str]]) -> dict[str, int]:
    counts = _survey(headers)
    return {**counts, "patients": sum(counts.values()) - counts["patients"]}


def _files_per_modality(headers: list[dict[str, str]]) -> dict[str, int]:
    return {**_count_files(headers), "patients": _survey(headers)["patients"]}


def _draw_survey(answer: Any) -> Any:
    from mlmi_course import plots

    counts = call(answer, (_example_headers(),))
    return plots.bars(
        list(counts),
        [float(value) for value in counts.values()],
        decimals=0,
        title="Patients in pydicom's example files, as you count them",
        alt="Bar chart of the number of patients, in all and by modality.",
    )


def _example_headers() -> list[dict[str, str]]:
    from pydicom import examples

    names = ("ct", "mr", "overlay", "rgb_color", "jpeg2k", "palette_color", "ybr_color")
    keywords = ("PatientID", "Modality", "StudyInstanceUID")
    datasets = [getattr(examples, name) for name in names]
    return [{keyword: str(ds[keyword].value) for keyword in keywords} for ds in datasets]


survey = FunctionQuestion(
    title="How many patients are in the archive?",
    points=2,
    inputs=_survey_inputs,
    reference=_survey,
    picture=_draw_survey,
    see="Counting patients in an archive",
    hints=(
        "A `set` keeps each patient once, however many files there are.",
        "Per modality: collect the PatientID of the files of that modality in a set, then take "
        "its length.",
        'The total "patients" is a set of its own, over all files. It is not the sum of the '
        "others: a patient with CT and MR is one patient.",
    ),
    misconceptions={
        "files_counted": Misconception(
            _count_files,
            "You counted files. One CT examination alone is hundreds of files, all of one patient.",
        ),
        "studies_counted": Misconception(
            _count_studies,
            "You counted examinations. Whoever came twice is counted twice.",
        ),
        "summed_over_modalities": Misconception(
            _sum_over_modalities,
            "The total adds up the modalities, so a patient with both CT and MR counts twice.",
        ),
        "files_per_modality": Misconception(
            _files_per_modality,
            "The total is right, but within a modality you still count files.",
        ),
    },
)


# ---- de-identification ---------------------------------------------------------------------


def _find_leaks(header: dict[str, Any], secrets: list[str]) -> list[str]:
    return sorted(_leaks(header, secrets, ""))


def _leaks(
    header: dict[str, Any],
    secrets: Sequence[str],
    path: str,
    *,
    sequences: bool = True,
    private: bool = True,
    found: Any = lambda secret, text: secret.lower() in text.lower(),
) -> Iterator[str]:
    options = {"sequences": sequences, "private": private, "found": found}
    for key, value in header.items():
        if isinstance(value, list):
            for number, item in enumerate(value if sequences else ()):
                yield from _leaks(item, secrets, f"{path}{key}/{number}/", **options)
        elif (private or "," not in key) and any(found(s, str(value)) for s in secrets):
            yield path + key


def _find_leaks_inputs(rng: np.random.Generator) -> Iterator[Case]:
    family = str(rng.choice(["Rossi", "Jensen", "Garcia"]))
    number = int(rng.integers(100000, 999999))
    secrets = [family, str(number)]
    flat: dict[str, Any] = {
        "PatientName": f"Anna^{family}",
        "PatientID": number,
        f"{family}Protocol": "standard",
        "AccessionNumber": f"A-{number}",
        "Modality": "CT",
        "StudyDescription": f"THORAX {family.upper()} CONTROL",
        "0009,1010": f"ward 3 / {number} {family.swapcase()}9",
    }
    yield Case((flat, secrets), "a header without sequences")
    nested = {
        "PatientName": "ANONYMOUS",
        "Modality": "CT",
        "RequestAttributesSequence": [
            {"RequestedProcedureID": "77", "0011,1001": f"req. {family.lower()}"},
            {"ScheduledProtocolCodeSequence": [{"CodeMeaning": f"for {number}"}]},
        ],
    }
    yield Case((nested, secrets), "sequences, and a private element inside one")
    yield Case(({"Modality": "CT", "Rows": 128}, secrets), "a header with nothing to hide")
    yield Case(({}, secrets), "an empty header")


def _leaks_with(**options: Any) -> Any:
    return lambda header, secrets: sorted(_leaks(header, secrets, "", **options))


def _only_patient(header: dict[str, Any], secrets: list[str]) -> list[str]:
    return sorted(
        key
        for key, value in header.items()
        if key in ("PatientName", "PatientID")
        and any(secret.lower() in str(value).lower() for secret in secrets)
    )


def _texts_only(header: dict[str, Any], secrets: list[str]) -> list[str]:
    return sorted(_leaks_in_texts(header, secrets, ""))


def _leaks_in_texts(header: dict[str, Any], secrets: list[str], path: str) -> Iterator[str]:
    for key, value in header.items():
        if isinstance(value, list):
            for number, item in enumerate(value):
                yield from _leaks_in_texts(item, secrets, f"{path}{key}/{number}/")
        elif isinstance(value, str) and any(s.lower() in value.lower() for s in secrets):
            yield path + key


def _as_one_text(header: dict[str, Any], secrets: list[str]) -> list[str]:
    texts = {key: str(value).lower() for key, value in header.items()}
    return sorted(key for key, text in texts.items() if any(s.lower() in text for s in secrets))


def _first_secret(header: dict[str, Any], secrets: list[str]) -> list[str]:
    return _find_leaks(header, secrets[:1])


def _listed_twice(header: dict[str, Any], secrets: list[str]) -> list[str]:
    return sorted(place for secret in secrets for place in _find_leaks(header, [secret]))


def _only_unsorted(expected: Any, got: Any) -> bool:
    return isinstance(got, list) and got != expected and sorted(map(str, got)) == expected


find_leaks = FunctionQuestion(
    title="Is the patient still in there?",
    points=3,
    inputs=_find_leaks_inputs,
    reference=_find_leaks,
    see="Taking the patient out",
    hints=(
        "Go through `header.items()`. A value that is a list is a sequence: each of its items is "
        "a header again.",
        "Let the function call itself for each item, and put `key/number/` in front of what "
        "comes back.",
        "Compare in lower case, and look whether the secret is *part* of the value: "
        "`secret.lower() in str(value).lower()`.",
    ),
    misconceptions={
        "only_patient_elements": Misconception(
            _only_patient,
            "You look at PatientName and PatientID only. People type names into descriptions, and "
            "machines copy them into private elements.",
        ),
        "sequences_skipped": Misconception(
            _leaks_with(sequences=False),
            "Sequences are skipped. An item of a sequence is a whole header of its own, and a "
            "favourite hiding place.",
        ),
        "private_skipped": Misconception(
            _leaks_with(private=False),
            "Private elements (those with a number for a name) are skipped. Nobody documents "
            "what a maker writes there; some write the patient.",
        ),
        "texts_only": Misconception(
            _texts_only,
            "You look at texts only. A value may be a number, and a patient's number is one: "
            "`str(value)` reads both.",
        ),
        "sequence_as_text": Misconception(
            _as_one_text,
            "You search a sequence as if it were one text, so you name the sequence and not the "
            "place inside it. Go into its items.",
        ),
        "not_sorted": Misconception(
            lambda header, secrets: _find_leaks(header, secrets)[::-1],
            "The places are right, but they are not sorted.",
            matches=_only_unsorted,
        ),
        "exact_match": Misconception(
            _leaks_with(found=lambda secret, text: secret.lower() == text.lower()),
            "You ask whether a value *is* the secret. “Rossi^Anna” is not “Rossi”, and yet it "
            "tells: look for a part.",
        ),
        "case_matters": Misconception(
            _leaks_with(found=lambda secret, text: secret in text),
            "ROSSI and Rossi are the same person. Compare without regard to case.",
        ),
        "only_secret_lowered": Misconception(
            _leaks_with(found=lambda secret, text: secret.lower() in text),
            "The secret is in lower case now, and the value is not. Both must be.",
        ),
        "only_value_lowered": Misconception(
            _leaks_with(found=lambda secret, text: secret in text.lower()),
            "The value is in lower case now, and the secret is not. Both must be.",
        ),
        "first_secret_only": Misconception(
            _first_secret,
            "Only the first secret is looked for. Does a `return` stand inside the loop over the "
            "secrets?",
        ),
        "listed_twice": Misconception(
            _listed_twice,
            "A place that holds two secrets is listed twice. Once is enough: `any`, or a set.",
        ),
    },
)


def _new_uids(uids: list[str], salt: str) -> list[str]:
    return [_keyed(uid, salt) for uid in uids]


def _keyed(uid: str, salt: str) -> str:
    digest = hmac.new(salt.encode(), uid.encode(), "sha256").digest()
    return f"2.25.{int.from_bytes(digest[:16], 'big')}"


def _new_uids_inputs(rng: np.random.Generator) -> Iterator[Case]:
    study = f"1.2.840.{rng.integers(1000, 9999)}"
    uids = [study, f"{study}.1", study, f"{study}.2"]
    yield Case((uids, "a long secret"), "two files of one study")
    yield Case((uids, "another secret"), "the same files, another salt")


def _unsalted(uids: list[str], salt: str) -> list[str]:
    digests = [hashlib.sha256(uid.encode()).digest()[:16] for uid in uids]
    return [f"2.25.{int.from_bytes(digest, 'big')}" for digest in digests]


def _fresh(uids: list[str], salt: str) -> list[str]:
    return [f"2.25.{uuid.uuid4().int}" for _ in uids]


def _one_to_many(expected: Any, got: Any) -> bool:
    """Whether equal UIDs became different ones."""
    return isinstance(got, list) and len(set(map(str, got))) > len(set(expected))


def _counted(uids: list[str], salt: str) -> list[str]:
    known = list(dict.fromkeys(uids))
    return [f"2.25.{known.index(uid) + 1}" for uid in uids]


new_uids = FunctionQuestion(
    title="New identifiers that still belong together",
    points=2,
    inputs=_new_uids_inputs,
    reference=_new_uids,
    see="Taking the patient out",
    hints=(
        "The same UID must always become the same new one, so nothing random: a keyed hash.",
        "`hmac.new(salt.encode(), uid.encode(), 'sha256').digest()` gives 32 bytes.",
        "`int.from_bytes(digest[:16], 'big')` is the whole number to write after `2.25.`",
    ),
    misconceptions={
        "fresh_uid_per_file": Misconception(
            _fresh,
            "The same UID became two different ones. Now no slice belongs to any series, and the "
            "study has fallen apart. Nothing may be random here.",
            matches=_one_to_many,
        ),
        "salt_ignored": Misconception(
            _unsalted,
            "The salt is not used. Then anybody who holds the original UIDs can compute the new "
            "ones and look the patient up.",
        ),
        "key_and_message_swapped": Misconception(
            lambda uids, salt: [_keyed(salt, uid) for uid in uids],
            "Key and message are exchanged: the salt is the key, the UID the message.",
        ),
        "counted": Misconception(
            _counted,
            "You number the UIDs in the order in which they come. In the next call, or on the "
            "next disk, the same study gets other numbers.",
        ),
        "unchanged": Misconception(
            lambda uids, salt: list(uids),
            "These are the old UIDs. The hospital's archive finds the patient by them in a second.",
        ),
    },
)


# ---- a thought -----------------------------------------------------------------------------

shared_picture = ThoughtQuestion(
    title="A colleague sends a PNG",
    points=2,
    rubric=(
        "1 point: names at least two of the things that are lost — the Hounsfield units outside "
        "the window (clipped for good), their scale inside it (256 greys), the pixel spacing, the "
        "orientation, the identity and history of the examination. "
        "1 point: draws the consequence for this case: density cannot be measured in a "
        "clipped region, nor size without the spacing, so ask for the DICOM file. "
        "No points for 'PNG has lower quality' alone: PNG itself is lossless."
    ),
    see="The window",
    hints=(
        "Follow one pixel of bone, 900 HU, through the lung window and into 8 bits. Can you come "
        "back?",
        "What did the header say that the PNG does not?",
    ),
)

progress = Unit(__name__).progress
