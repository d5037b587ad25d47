"""The aspect of a pixel in three planes."""

from dataclasses import replace

from mlmi_course.checks import Case, asks
from mlmi_course.checks.calling import call

PLANES = ("axial", "coronal", "sagittal")


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
        for plane in PLANES:
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


def brain_in_thick_slices(step=3):
    """The MNI152 brain as if it had been scanned in slices 6 mm apart."""
    from nilearn.datasets import load_mni152_template

    from mlmi_course.dicom import volume_from_nifti

    brain = volume_from_nifti(load_mni152_template(resolution=2)).canonical()
    z, y, x = brain.spacing
    affine = brain.affine * [step, 1, 1, 1]
    return replace(brain, array=brain.array[::step], spacing=(z * step, y, x), affine=affine)


@plane_aspect.picture
def draw_answer(answer):
    from mlmi_course import plots

    brain = brain_in_thick_slices()
    step, *pixel_spacing = brain.spacing

    def view(plane):
        ratio = float(call(answer, (pixel_spacing, step, plane)))
        if not 0.01 < ratio < 100:
            raise ValueError(f"an aspect of {ratio:g} for the {plane} plane")

        def draw(ax):
            ax.imshow(brain.plane(plane), cmap="gray", aspect=ratio)
            ax.set_axis_off()

        return f"{plane}: {ratio:.2f}", draw

    return plots.grid(
        [view(plane) for plane in PLANES],
        columns=3,
        alt="Three planes through a brain, drawn with the aspects you computed.",
    )
