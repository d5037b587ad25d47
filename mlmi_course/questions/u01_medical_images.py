"""Questions of unit 01, medical images."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from typing import Any

import numpy as np

from mlmi_course.checks import (
    Case,
    FunctionQuestion,
    ThoughtQuestion,
    Unit,
    ValueQuestion,
    Wrong,
)
from mlmi_course.checks.calling import call

__all__ = [
    "field_of_view",
    "plane_aspect",
    "progress",
    "shared_picture",
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
    padded[0, 1] = -976  # −2000 HU: it is the stored number that says padding
    yield Case((padded, 1.0, -1024.0, -2000), "padding in the first column")
    unsigned = stored(0, 900, np.uint16)
    yield Case((unsigned, 1, -1024, None), "unsigned 16-bit numbers and an intercept below zero")
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


def _padding_after(stored: np.ndarray, slope: float, intercept: float, padding: Any) -> np.ndarray:
    hu = stored.astype(float) * slope + intercept
    if padding is not None:
        hu[hu == padding] = np.nan
    return hu


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
        "`stored.astype(float)` makes room first.",
        "Padding is a *stored* number. Compare `stored`, not the result, with `padding`, and put "
        "np.nan there. With `padding=None` there is nothing to exclude.",
    ),
    wrong={
        "padding_kept": Wrong(
            _keep_padding,
            "The padding is still there. It marks pixels that the scanner never measured: make "
            "them nan, or every mean and histogram will count them.",
        ),
        "slope_forgotten": Wrong(
            _forget_slope,
            "The slope is missing. It is 1 in most CT files, and so this mistake stays hidden "
            "until the day when it is not.",
        ),
        "intercept_first": Wrong(
            _intercept_first,
            "The intercept was added before multiplying. The standard multiplies first: "
            "slope × stored + intercept.",
        ),
        "intercept_subtracted": Wrong(
            _intercept_subtracted,
            "The intercept was subtracted. It already carries its sign (−1024): add it.",
        ),
        "wrap_around": Wrong(
            _wrap_around,
            "The numbers wrapped around. Unsigned integers know no minus: 24 − 1024 becomes "
            "64536. Convert to float before you calculate.",
        ),
        "padding_after": Wrong(
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
    inside = np.linspace(-100, 180, 8)
    yield Case((inside, 40.0, 400.0), "values inside a soft-tissue window")
    yield Case((np.array([38.0, 39.0, 40.0, 41.0]), 40.0, 2.0), "a window of width 2")
    yield Case((np.array([39.0, 39.5, 39.6, 40.0]), 40.0, 1.0), "a window of width 1, a step")


def _no_clip(hu: np.ndarray, center: float, width: float) -> np.ndarray:
    return (hu - (center - width / 2)) / width


def _no_clip_linear(hu: np.ndarray, center: float, width: float) -> np.ndarray:
    return (hu - (center - 0.5)) / max(width - 1, 1) + 0.5


def _linear_exact(hu: np.ndarray, center: float, width: float) -> np.ndarray:
    return np.clip((hu - center) / width + 0.5, 0, 1)


def _from_center(hu: np.ndarray, center: float, width: float) -> np.ndarray:
    return np.clip((hu - center) / width, 0, 1)


def _swapped(hu: np.ndarray, center: float, width: float) -> np.ndarray:
    return _linear_exact(hu, width, max(center, 1e-9))


def _own_range(hu: np.ndarray, center: float, width: float) -> np.ndarray:
    clipped = np.clip(hu, center - width / 2, center + width / 2)
    return (clipped - clipped.min()) / max(clipped.max() - clipped.min(), 1e-9)


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
        "In between, DICOM's LINEAR function is (x − (c − 0.5)) / (w − 1) + 0.5.",
        "At w = 1 that formula divides by zero. The standard makes it a step: 1 where "
        "x > c − 0.5, and 0 elsewhere. Treat it with an `if` of its own.",
    ),
    wrong={
        "not_clipped": Wrong(
            _no_clip,
            "Values outside the window are not clipped: black is 0 and white is 1, and nothing "
            "is darker or brighter. (And look at the half pixel: DICOM's LINEAR has w − 1.)",
        ),
        "not_clipped_linear": Wrong(
            _no_clip_linear,
            "The line is right, but it has no ends: values below the window must be 0, above it 1.",
        ),
        "linear_exact": Wrong(
            _linear_exact,
            "That is the function LINEAR_EXACT, which a file must ask for by name. The default "
            "LINEAR is half a unit to the left and divides by w − 1.",
        ),
        "center_is_black": Wrong(
            _from_center,
            "You start the window at its centre. The centre is the middle grey, 0.5.",
        ),
        "swapped": Wrong(
            _swapped,
            "Centre and width seem to be swapped: the function is called with (hu, center, width).",
        ),
        "own_range": Wrong(
            _own_range,
            "You stretch the image's own minimum and maximum to black and white. Then the same "
            "tissue gets another grey in every image; the window alone decides.",
        ),
        "width_one_divides_by_zero": Wrong(
            _zero_by_zero,
            "A window of width 1 divides by zero. The standard makes it a step at c − 0.5.",
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
    see="Pixels have a size",
    hints=(
        "matplotlib's aspect is the height of a pixel over its width, both in millimetres.",
        "PixelSpacing lists the distance between *rows* first: that is a pixel's height in the "
        "axial plane. The distance between columns, its width, comes second.",
        "In the coronal plane the rows are slices and the columns stay columns. In the sagittal "
        "plane the rows are slices and the columns are the axial rows.",
    ),
    wrong={
        "inverted": Wrong(
            _inverted,
            "Upside down: the aspect is height over width. A brain scanned in thick slices would "
            "come out flat as a pancake.",
        ),
        "columns_first": Wrong(
            _columns_first,
            "You read PixelSpacing as [columns, rows]. The standard lists the distance between "
            "rows first. Square pixels hide this for years.",
        ),
        "always_square": Wrong(
            _always_square,
            "Always 1? That holds for cubes. These voxels are taller than wide.",
        ),
        "always_axial": Wrong(
            _always_axial,
            "The slice step is never used. In the coronal and sagittal planes each row of the "
            "picture is another slice.",
        ),
        "planes_exchanged": Wrong(
            _planes_exchanged,
            "Coronal and sagittal are exchanged. A coronal plane faces you, ear to ear: its "
            "columns are the columns of the axial image.",
        ),
    },
)


# ---- a value from a real header ------------------------------------------------------------


def _field_of_view() -> float:
    ct = _ct()
    return float(ct.Columns * ct.PixelSpacing[1])


field_of_view = ValueQuestion(
    title="How wide is the CT slice, in millimetres?",
    points=1,
    reference=_field_of_view,
    tolerance=1e-3,
    see="Pixels have a size",
    hints=(
        "Two elements of the header are enough: how many columns, and how far apart they are.",
        "Columns × the second number of PixelSpacing.",
    ),
    wrong={
        "reconstruction_diameter": Wrong(
            lambda: float(_ct().ReconstructionDiameter),
            "That is ReconstructionDiameter. It was true for the original 512 × 512 image; this "
            "file is a 128 × 128 piece of it, and nobody updated the header. Headers lie: "
            "compute from what you hold.",
        ),
        "pixels": Wrong(
            lambda: float(_ct().Columns),
            "That is the width in pixels. A surgeon wants millimetres.",
        ),
        "centre_to_centre": Wrong(
            lambda: float((_ct().Columns - 1) * _ct().PixelSpacing[1]),
            "That is the distance between the centres of the first and the last column. Half a "
            "pixel on each side belongs to the image too.",
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
    modalities = ("CT", "MR", "PT")
    many = [
        header(f"P{rng.integers(8)}", modalities[rng.integers(3)], int(rng.integers(20)))
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
    wrong={
        "files_counted": Wrong(
            _count_files,
            "You counted files. One CT examination alone is hundreds of files, all of one patient.",
        ),
        "studies_counted": Wrong(
            _count_studies,
            "You counted examinations. Whoever came twice is counted twice.",
        ),
        "summed_over_modalities": Wrong(
            _sum_over_modalities,
            "The total adds up the modalities, so a patient with both CT and MR counts twice.",
        ),
        "files_per_modality": Wrong(
            _files_per_modality,
            "The total is right, but within a modality you still count files.",
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
