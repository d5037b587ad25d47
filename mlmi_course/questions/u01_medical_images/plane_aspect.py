"""The aspect of a pixel in three planes."""

from functools import partial

from mlmi_course.checks import (
    Case,
    asks,
)
from mlmi_course.checks.calling import call


@asks(
    points=2,
    see="Three planes, and which side is left",
    not_allowed=("mlmi_course.dicom.aspect",),
    hints=(
        "matplotlib's aspect is the height of a pixel over its width, both in millimetres.",
        "PixelSpacing lists the distance between *rows* first: that is a pixel's height in the "
        "axial plane. The distance between columns, its width, comes second.",
        "In the coronal plane the rows are slices and the columns stay columns. In the sagittal "
        "plane the rows are slices and the columns are the axial rows.",
    ),
)
def plane_aspect(pixel_spacing, slice_step, plane):
    """The aspect of a pixel in three planes"""
    between_rows, between_columns = pixel_spacing
    return {
        "axial": between_rows / between_columns,
        "coronal": slice_step / between_columns,
        "sagittal": slice_step / between_rows,
    }[plane]


@plane_aspect.inputs
def cases(rng):
    def millimetres():
        return float(rng.integers(4, 30)) / 10

    for _ in range(2):
        # Rows and columns differ: with square pixels half of the mistakes stay hidden.
        spacing, step = [millimetres(), millimetres() + 3.0], millimetres() + 7.0
        for plane in ("axial", "coronal", "sagittal"):
            yield Case((spacing, step, plane), f"the {plane} plane")


@plane_aspect.mistake
def inverted(pixel_spacing, slice_step, plane):
    """Upside down: the aspect is height over width. A brain scanned in thick slices would come out
    flat as a pancake.
    """
    return 1 / plane_aspect.right(pixel_spacing, slice_step, plane)


@plane_aspect.mistake
def columns_first(pixel_spacing, slice_step, plane):
    """You read PixelSpacing as [columns, rows]. The standard lists the distance between rows
    first. Square pixels hide this for years.
    """
    return plane_aspect.right(pixel_spacing[::-1], slice_step, plane)


@plane_aspect.mistake
def always_square(pixel_spacing, slice_step, plane):
    """Always 1? That holds for square pixels. Here the two distances differ."""
    return 1.0


@plane_aspect.mistake
def always_axial(pixel_spacing, slice_step, plane):
    """The slice step is never used. In the coronal and sagittal planes each row of the picture is
    another slice.
    """
    return pixel_spacing[0] / pixel_spacing[1]


@plane_aspect.mistake
def sagittal_by_columns(pixel_spacing, slice_step, plane):
    """A sagittal picture is seen from the side: it runs from front to back, along what the axial
    image calls its *rows*. Its width is the distance between rows.
    """
    if plane == "sagittal":
        return slice_step / pixel_spacing[1]
    return plane_aspect.right(pixel_spacing, slice_step, plane)


@plane_aspect.mistake
def planes_exchanged(pixel_spacing, slice_step, plane):
    """Coronal and sagittal are exchanged. A coronal plane faces you, ear to ear: its columns are
    the columns of the axial image.
    """
    other = {"axial": "axial", "coronal": "sagittal", "sagittal": "coronal"}
    return plane_aspect.right(pixel_spacing, slice_step, other[plane])


def _draw_aspect(image, ratio, ax):
    ax.imshow(image, cmap="gray", aspect=ratio)
    ax.set_axis_off()
    return ax


def _thick_brain():
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


@plane_aspect.picture
def draw_answer(answer):
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
