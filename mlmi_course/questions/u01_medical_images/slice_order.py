"""The true order of the slices."""

from functools import cache

import numpy as np

from mlmi_course.checks import Case, asks
from mlmi_course.checks.calling import call
from mlmi_course.questions.u01_medical_images._series import along_normal, by_z, series


@asks(
    points=3,
    see="A series and its order",
    not_allowed=("mlmi_course.dicom.slice_order",),
    hints=(
        "Only the position in space tells the order. But which coordinate? In a coronal series "
        "all slices have the same z.",
        "The normal of a slice is the cross product of its row direction (the first three "
        "numbers of ImageOrientationPatient) and its column direction (the last three): np.cross.",
        "Project each position on the normal with a dot product, `positions @ normal`, and sort "
        "by what comes out: np.argsort.",
    ),
)
def slice_order(headers):
    """The true order of the slices"""
    return [int(i) for i in np.argsort(along_normal(headers), kind="stable")]


@slice_order.inputs
def cases(rng):
    steps = range(5)
    yield Case((series(rng, "axial", steps, 2.5),), "five axial slices")
    yield Case((series(rng, "coronal", steps, 2.5),), "coronal slices, which all have the same z")
    yield Case((series(rng, "sagittal", steps, 2.5),), "sagittal slices")
    yield Case((series(rng, "axial", steps, 2.5, tilt=25),), "slices tilted by 25°")
    yield Case((series(rng, "axial", steps, 0.4),), "slices 0.4 mm apart")


@slice_order.mistake
def by_file_name(headers):
    """That is the order of the file names. A name is given by whoever exported the file and means
    nothing.
    """
    return sorted(range(len(headers)), key=lambda i: headers[i]["FileName"])


@slice_order.mistake
def by_instance_number(headers):
    """That is the order of InstanceNumber. Scanners may count as they like: it often agrees with
    space, until it does not.
    """
    return sorted(range(len(headers)), key=lambda i: headers[i]["InstanceNumber"])


slice_order.knows(
    "by_z", by_z, "You sort by z alone. That works for axial slices only; these lie otherwise."
)


@slice_order.mistake
def against_normal(headers):
    """The other way round: the normal is row × column, in this order. Column × row points to the
    opposite side.
    """
    return slice_order.right(headers)[::-1]


@slice_order.mistake
def ranks(headers):
    """You return the rank of each file. Asked for is the reverse: which file comes first, which
    second. np.argsort alone gives that.
    """
    return [int(i) for i in np.argsort(slice_order.right(headers))]


@slice_order.mistake
def rounded(headers):
    """You sort by rounded distances. Slices may lie less than a millimetre apart: sort by the
    distances as they come.
    """
    return [int(i) for i in np.argsort(along_normal(headers).round(), kind="stable")]


@cache
def chest_series():
    """The chest phantom as a badly named series: headers, and pixels in HU."""
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


@slice_order.picture
def draw_answer(answer):
    from mlmi_course import plots

    headers, pixels = chest_series()
    order = [int(i) for i in call(answer, (headers,))]
    coronal = np.stack([pixels[i][48] for i in order])[::-1]
    return plots.image(
        coronal,
        window=(40, 400),
        spacing=(10.0, 3.5),
        title="A coronal plane through the slices in your order",
        alt="A coronal plane of a chest, stacked from axial slices in the order you gave.",
    )
