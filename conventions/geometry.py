"""Geometry, files of volumes, and resampling."""

from __future__ import annotations

import tempfile
from pathlib import Path

import numpy as np

from conventions import refused, row


def nifti(array: np.ndarray, sform=None, qform=None, **header) -> str:
    """Write a NIfTI file with the transforms that are given, as (affine, code); its path."""
    import nibabel

    image = nibabel.Nifti1Image(array, None)
    for name, value in header.items():
        image.header[name] = value
    image.header.set_xyzt_units("mm", "sec")
    for given, keep in ((sform, image.set_sform), (qform, image.set_qform)):
        if given is not None:
            keep(given[0], code=given[1])
    file = Path(tempfile.mkdtemp(prefix="conventions-")) / "image.nii"
    nibabel.save(image, file)
    return str(file)


@row(
    "A NIfTI file with two transforms",
    libraries=("nibabel", "simpleitk", "mlmi-course"),
    units=("01",),
    ours="the sform, as nibabel, because tools that register an image write their result "
    "there. `read_volume` warns and says by how many millimetres a corner moves, and "
    "`volume.info` holds both transforms.",
)
def two_transforms():
    """A NIfTI file may hold an affine matrix (the *sform*) and a rotation with an offset (the
    *qform*), and nothing in the format says which of the two counts. nibabel takes the sform if it
    has a code; SimpleITK takes the qform here. A file whose registration was written into one of
    them alone lies in two places."""
    import nibabel
    import SimpleITK

    from mlmi_course.dicom import read_volume

    first, moved = np.eye(4), np.eye(4)
    first[:3, 3], moved[:3, 3] = (10, 20, 30), (40, 20, 30)
    file = nifti(np.zeros((4, 4, 4), np.float32), sform=(moved, 2), qform=(first, 1))
    return {
        "nibabel, first voxel (mm, RAS)": nibabel.load(file).affine[:3, 3],
        "SimpleITK, first voxel (mm, LPS)": SimpleITK.ReadImage(file).GetOrigin(),
        "read_volume, first voxel (mm, LPS)": read_volume(file).affine[:3, 3],
    }


@row(
    "A NIfTI file with no transform",
    libraries=("nibabel", "simpleitk"),
    units=("01",),
    ours="`read_volume` takes nibabel's guess, and warns that it is one. Which side is left "
    "cannot be known from such a file.",
)
def no_transform():
    """Both codes are 0, so the file does not say how it lies in the patient. nibabel puts the
    centre of the image at 0 and lets the first axis run to the left of the patient (a negative x),
    SimpleITK puts the first voxel at 0. The two also turn the second axis round against each
    other."""
    import nibabel
    import SimpleITK

    file = nifti(np.zeros((5, 5, 5), np.float32))
    image = SimpleITK.ReadImage(file)
    ras = np.diag([-1, -1, 1]) @ np.reshape(image.GetDirection(), (3, 3))
    return {
        "nibabel, steps along x, y, z (RAS)": np.diag(nibabel.load(file).affine)[:3],
        "SimpleITK, the same (RAS)": np.diag(ras),
        "nibabel, first voxel": nibabel.load(file).affine[:3, 3],
        "SimpleITK, first voxel": image.GetOrigin(),
    }


@row(
    "Voxel size: affine or pixdim",
    libraries=("nibabel", "simpleitk", "mlmi-course"),
    ours="the lengths of the columns of the affine that is used: a size that contradicts the "
    "positions measures nothing.",
)
def voxel_size():
    """The size of a voxel stands twice in a NIfTI file: in the sform, and in the header's
    `pixdim`, which belongs to the qform. `header.get_zooms()` reads the one, the affine of nibabel
    the other, so a volume in millilitres depends on which line you copied."""
    import nibabel
    import SimpleITK

    from mlmi_course.dicom import read_volume

    size = np.diag([2.0, 2, 2, 1]), np.diag([3.0, 3, 3, 1])
    file = nifti(np.zeros((4, 4, 4), np.float32), sform=(size[0], 1), qform=(size[1], 1))
    return {
        "nibabel, affine": nibabel.affines.voxel_sizes(nibabel.load(file).affine),
        "nibabel, header.get_zooms()": nibabel.load(file).header.get_zooms(),
        "SimpleITK, GetSpacing()": SimpleITK.ReadImage(file).GetSpacing(),
        "read_volume(…).spacing": read_volume(file).spacing,
    }


@row(
    "Left and right: LPS or RAS",
    libraries=("nibabel", "simpleitk"),
    units=("01", "04"),
    ours="LPS, which is DICOM's: `Volume.affine` points towards Left, Posterior and Superior. "
    "NIfTI files are turned when they are read.",
)
def lps_or_ras():
    """The same voxel of the same file has two positions. In DICOM and ITK, x grows towards the
    patient's left and y towards the back (LPS); in NIfTI and nibabel they grow towards the right
    and the front (RAS). x and y change sign, z does not."""
    import nibabel
    import SimpleITK

    affine = np.diag([1.0, 1, 1, 1])
    affine[:3, 3] = 10, 20, 30
    file = nifti(np.zeros((4, 4, 4), np.float32), sform=(affine, 1), qform=(affine, 1))
    return {
        "nibabel, first voxel (RAS, mm)": nibabel.load(file).affine[:3, 3],
        "SimpleITK, first voxel (LPS, mm)": SimpleITK.ReadImage(file).GetOrigin(),
    }


@row(
    "Order of the axes of a volume",
    libraries=("nibabel", "simpleitk", "mlmi-course"),
    units=("01", "04"),
    ours="(slice, row, column), and the spacing in the same order: so an array can be shown as "
    "it is, and no spacing goes to another axis.",
)
def order_of_axes():
    """An image of 5 columns, 4 rows and 3 slices. nibabel and SimpleITK's own methods say (x, y,
    z); the NumPy array that SimpleITK gives is (z, y, x), while its spacing stays (x, y, z). A
    distance that takes the array from one and the spacing from the other is wrong without an
    error."""
    import nibabel
    import SimpleITK

    from mlmi_course.dicom import read_volume

    affine = np.diag([1.0, 2, 5, 1])
    file = nifti(np.zeros((5, 4, 3), np.float32), sform=(affine, 1), qform=(affine, 1))
    image = SimpleITK.ReadImage(file)
    return {
        "nibabel, shape": nibabel.load(file).shape,
        "SimpleITK, GetSize()": image.GetSize(),
        "SimpleITK, GetArrayFromImage(…).shape": SimpleITK.GetArrayFromImage(image).shape,
        "SimpleITK, GetSpacing()": image.GetSpacing(),
        "read_volume(…).spacing": read_volume(file).spacing,
    }


@row(
    "A sheared affine",
    libraries=("nibabel", "simpleitk"),
    ours="it is kept: a CT with a tilted gantry *is* sheared, and straightening it would need "
    "resampling, which you should decide on.",
)
def sheared():
    """Axes that are not at right angles come from tilted gantries and from affine registration.
    nibabel reads such a file, SimpleITK refuses it, because its NIfTI reader wants right angles
    (an ITK image in memory may be sheared)."""
    import nibabel
    import SimpleITK

    affine = np.diag([1.0, 1, 1, 1])
    affine[1, 2] = 0.4
    file = nifti(np.zeros((4, 4, 4), np.float32), sform=(affine, 1))
    return {
        "nibabel, shear": nibabel.load(file).affine[1, 2],
        "SimpleITK.ReadImage": refused(lambda: SimpleITK.ReadImage(file)),
    }


@row(
    "A NIfTI slope of 0 or none",
    libraries=("nibabel", "simpleitk"),
    ours="the standard's rule, as nibabel: a slope of 0 means that nothing is scaled, and then "
    "the intercept is not added either.",
)
def slope_of_zero():
    """`scl_slope` = 0 says *there is no scaling*. nibabel then leaves the intercept alone;
    SimpleITK takes the slope for 1 and adds it."""
    import nibabel
    import SimpleITK

    file = nifti(np.full((4, 4, 4), 10, np.int16), scl_slope=np.nan)
    with open(file, "r+b") as raw:
        raw.seek(112)  # scl_slope and scl_inter of the header
        raw.write(np.array([0, 5], np.float32).tobytes())
    return {
        "nibabel, stored 10, slope 0, intercept 5": nibabel.load(file).get_fdata()[0, 0, 0],
        "SimpleITK, the same": float(SimpleITK.ReadImage(file)[0, 0, 0]),
    }


@row(
    "Repetition time: seconds or as written",
    libraries=("nibabel", "simpleitk"),
    ours="nothing of it is used yet. Read the unit beside the number: `header.get_xyzt_units()`.",
)
def repetition_time():
    """The fourth spacing of a series says how long a volume took, in the unit that the header
    names. SimpleITK converts milliseconds to seconds, nibabel gives the number as it stands."""
    import nibabel
    import SimpleITK

    image = nibabel.Nifti1Image(np.zeros((4, 4, 4, 3), np.float32), np.eye(4))
    image.header.set_xyzt_units("mm", "msec")
    image.header.set_zooms((1, 1, 1, 2000))
    file = str(Path(tempfile.mkdtemp(prefix="conventions-")) / "series.nii")
    nibabel.save(image, file)
    return {
        "nibabel, header.get_zooms()[3]": float(image.header.get_zooms()[3]),
        "SimpleITK, GetSpacing()[3]": SimpleITK.ReadImage(file).GetSpacing()[3],
    }


@row(
    "Vectors in a NIfTI file",
    libraries=("nibabel", "simpleitk"),
    ours="such files are refused by `read_volume`, which wants one number a voxel.",
)
def vectors():
    """A displacement field stores (1, 2, 3) in each voxel. With intent code 1007 (*vector*)
    SimpleITK gives these numbers; with 1006 (*displacement vector*) it turns them into its own LPS
    axes. nibabel gives what is stored, so a field that is written by the one and read by the other
    may point to the wrong side."""
    import nibabel
    import SimpleITK

    array = np.broadcast_to(np.array([1.0, 2, 3], np.float32), (4, 4, 4, 1, 3))
    said = {}
    for code in (1007, 1006):
        file = nifti(array, sform=(np.eye(4), 1), qform=(np.eye(4), 1), intent_code=code)
        said[f"SimpleITK, intent {code}"] = SimpleITK.ReadImage(file)[0, 0, 0]
    return said | {"nibabel, either": nibabel.load(file).get_fdata()[0, 0, 0, 0]}


@row(
    "A NumPy array of four axes in SimpleITK",
    libraries=("simpleitk", "numpy"),
    ours="`isVector=` is always written out.",
)
def four_axes():
    """`GetImageFromArray` takes the last axis of a four-dimensional array for the components of a
    vector, but the last axis of a three-dimensional one for x, also where it holds the three
    colours of a photograph."""
    import SimpleITK

    series, colour = np.zeros((5, 6, 7, 8), np.float32), np.zeros((40, 50, 3), np.uint8)

    def made(array, **how):
        image = SimpleITK.GetImageFromArray(array, **how)
        return [list(image.GetSize()), image.GetNumberOfComponentsPerPixel()]

    return {
        "shape (5, 6, 7, 8): size, components": made(series),
        "the same, isVector=False": made(series, isVector=False),
        "shape (40, 50, 3): size, components": made(colour),
        "the same, isVector=True": made(colour, isVector=True),
    }


@row(
    "Saving floats as integers",
    libraries=("nibabel", "simpleitk", "numpy"),
    ours="floats are stored as float32. Integers are a decision, and the slope is part of it.",
)
def floats_as_integers():
    """Someone asks for a file of int16 and has the value 0.7. nibabel stores integers *and a
    slope* that uses all 16 bits, so that nearly 0.7 comes back. `SimpleITK.Cast` and NumPy's
    `astype` cut off what stands behind the point."""
    import nibabel
    import SimpleITK

    values = np.array([0.0, 0.7, 1.9, -0.7], np.float32).reshape(4, 1, 1)
    image = nibabel.Nifti1Image(values, np.eye(4))
    image.header.set_data_dtype(np.int16)
    back = nibabel.Nifti1Image.from_bytes(image.to_bytes())
    cast = SimpleITK.Cast(SimpleITK.GetImageFromArray(values), SimpleITK.sitkInt16)
    return {
        "nibabel, set_data_dtype(int16), read again": back.get_fdata().ravel().round(4),
        "nibabel, what the file holds": back.dataobj.get_unscaled().ravel(),
        "SimpleITK.Cast": SimpleITK.GetArrayFromImage(cast).ravel(),
        "astype(int16)": values.astype(np.int16).ravel(),
    }


@row(
    "Resampling to another voxel size",
    libraries=("nibabel", "nilearn", "simpleitk"),
    units=("01", "03"),
    ours="the grid is written out (size, spacing, first voxel), and one tool resamples image "
    "and mask.",
)
def resampling_grid():
    """A row of 9 voxels of 1 mm is brought to 0.5 mm and to 2 mm. Two ideas compete: begin at the
    first *centre* and step until the last one is covered (nibabel, nilearn: 17 and 5 voxels), or
    keep the *extent* of 9 mm (what one writes for SimpleITK by dividing: 18 and 4, and the first
    centre moves). A mask made in one convention and an image in the other are half a voxel
    apart."""
    import nibabel.processing
    from nilearn.image import resample_img

    image = nibabel.Nifti1Image(np.ones((9, 9, 9), np.float32), np.eye(4))
    said = {}
    for mm in (0.5, 2.0):
        there = nibabel.processing.resample_to_output(image, [mm] * 3, order=1)
        said[f"nibabel.processing, {mm:g} mm: voxels, first centre"] = [
            there.shape[0],
            there.affine[0, 3],
        ]
        there = resample_img(image, np.diag([mm] * 3), copy_header=True, force_resample=True)
        said[f"nilearn, {mm:g} mm"] = [there.shape[0], there.affine[0, 3]]
        said[f"same extent, {mm:g} mm"] = [int(9 / mm), (mm - 1) / 2]
    return said


@row(
    "Zooming an array: corners or extent",
    libraries=("scipy", "scikit-image", "tensorflow"),
    units=("10", "15"),
    ours="pixels are areas: half-pixel centres, as scikit-image and TensorFlow do. With "
    '`scipy.ndimage.zoom` that is `grid_mode=True, mode="nearest"`.',
)
def zooming():
    """Four pixels become eight. SciPy puts the first and last new pixel onto the *centres* of the
    old ones, so the image is stretched a little; scikit-image and TensorFlow keep the outer
    *edges*. A mask that was zoomed by the one no longer lies on an image zoomed by the other."""
    import tensorflow
    from scipy.ndimage import zoom
    from skimage.transform import resize

    line = np.arange(4.0).reshape(1, 4)
    return {
        "scipy.ndimage.zoom(line, 2, order=1)": zoom(line, (1, 2), order=1)[0],
        "the same, grid_mode=True, mode='nearest'": zoom(
            line, (1, 2), order=1, grid_mode=True, mode="nearest"
        )[0],
        "skimage.transform.resize, order=1, mode='edge'": resize(
            line, (1, 8), order=1, mode="edge"
        )[0],
        "tf.image.resize": tensorflow.image.resize(line[..., None], (1, 8)).numpy().ravel(),
    }


@row(
    "How many voxels after zooming by a half",
    libraries=("scipy", "scikit-image"),
    units=("03",),
    ours="the shape is given, not the factor.",
)
def size_after_zoom():
    """Sizes that do not divide are rounded, and halves are rounded to the even number: 5 voxels
    times 0.5 are 2, but 7 times 0.5 are 4. scikit-image's `rescale` rounds in the same way, its
    `downscale_local_mean` fills up with zeros instead, which makes the last voxel too dark."""
    from scipy.ndimage import zoom
    from skimage.transform import downscale_local_mean, rescale

    five, seven = np.ones(5), np.ones(7)
    return {
        "scipy.ndimage.zoom: 5 and 7 become": [len(zoom(five, 0.5)), len(zoom(seven, 0.5))],
        "skimage rescale: 5 and 7 become": [len(rescale(five, 0.5)), len(rescale(seven, 0.5))],
        "skimage downscale_local_mean of five ones": downscale_local_mean(five, 2),
    }


@row(
    "Shrinking with and without smoothing",
    libraries=("scikit-image", "scipy", "simpleitk", "tensorflow"),
    units=("03", "04", "09", "10", "15"),
    ours="smooth before you shrink an image (`anti_aliasing=True`), never a label map.",
)
def shrinking():
    """A chessboard of 0 and 100 is shrunk to a third. About 50 everywhere would be right.
    scikit-image smooths first when it shrinks; SciPy, SimpleITK and TensorFlow look at single
    points, so that the fine pattern turns into a coarse one that is not there."""
    import SimpleITK
    import tensorflow
    from scipy.ndimage import zoom
    from skimage.transform import resize

    board = 100.0 * (np.indices((33, 33)).sum(axis=0) % 2)
    grid = SimpleITK.Image(11, 11, SimpleITK.sitkFloat64)
    grid.SetSpacing((3.0, 3.0))
    image = SimpleITK.Resample(SimpleITK.GetImageFromArray(board), grid)
    there = SimpleITK.GetArrayFromImage(image)

    def span(array):
        return [array[3:-3, 3:-3].min().round(1), array[3:-3, 3:-3].max().round(1)]

    return {
        "SimpleITK.Resample: least, most": span(there),
        "scipy.ndimage.zoom(…, 1 / 3, order=1)": span(zoom(board, 1 / 3, order=1)),
        "skimage.transform.resize": span(resize(board, (11, 11))),
        "the same, anti_aliasing=False": span(resize(board, (11, 11), anti_aliasing=False)),
        "tf.image.resize": span(
            tensorflow.image.resize(board[..., None], (11, 11)).numpy()[..., 0]
        ),
    }


@row(
    "Resampling a label map",
    libraries=("simpleitk", "nilearn", "scikit-image", "scipy"),
    units=("03", "04", "10"),
    ours="the nearest neighbour, always; metrics with `labels=` refuse maps that are not whole "
    "numbers.",
)
def label_maps():
    """A map holds the labels 0 and 3. Interpolated between them it also holds 1 and 2, which are
    other organs. That is the default of SimpleITK, nilearn and SciPy, and scikit-image makes new
    labels even with `order=0` if it may smooth first."""
    import nibabel
    import SimpleITK
    from nilearn.image import resample_img
    from scipy.ndimage import zoom
    from skimage.transform import resize

    labels = np.zeros((24, 24, 24), np.uint8)
    labels[6:18, 6:18, 6:18] = 3
    image = SimpleITK.GetImageFromArray(labels)
    move = SimpleITK.TranslationTransform(3, (0.4, 0.4, 0.4))
    moved = SimpleITK.GetArrayFromImage(SimpleITK.Resample(image, move))
    nifti1 = nibabel.Nifti1Image(labels.astype(np.float32), np.eye(4))
    there = resample_img(nifti1, np.diag([1.3] * 3), copy_header=True, force_resample=True)
    smoothed = resize(labels, (11, 11, 11), order=0, preserve_range=True, anti_aliasing=True)
    return {
        "SimpleITK.Resample, 0.4 mm along": np.unique(moved),
        "scipy.ndimage.zoom(labels, 1.5)": np.unique(zoom(labels, 1.5)),
        "nilearn.resample_img: number of values": len(np.unique(there.get_fdata().round(3))),
        "skimage.resize, order=0, anti_aliasing=True": np.unique(np.rint(smoothed)),
    }


@row(
    "Which way a transform moves the image",
    libraries=("simpleitk", "scipy", "scikit-image"),
    units=("04",),
    ours="it is said in words: *from a point of the output to a point of the input*.",
)
def direction_of_transform():
    """A bright pixel at 10, and a shift of +3. SimpleITK's transforms, and those that
    scikit-image's `warp` takes, lead from the new image *back* to the old one, so the pixel goes
    to 7. SciPy's `shift` moves the content, so it goes to 13; but SciPy's own `affine_transform`
    leads back."""
    import SimpleITK
    from scipy.ndimage import affine_transform, shift
    from skimage.transform import AffineTransform, warp

    line = np.zeros((1, 21))
    line[0, 10] = 1
    image = SimpleITK.GetImageFromArray(line)
    moved = SimpleITK.Resample(image, image, SimpleITK.TranslationTransform(2, (3.0, 0.0)))
    return {
        "SimpleITK.Resample, translation +3": int(SimpleITK.GetArrayFromImage(moved).argmax()),
        "scipy.ndimage.shift, +3": int(shift(line, (0, 3), order=1).argmax()),
        "scipy.ndimage.affine_transform, offset +3": int(
            affine_transform(line, np.eye(2), offset=(0, 3), order=1).argmax()
        ),
        "skimage.transform.warp, translation +3": int(
            warp(line, AffineTransform(translation=(3, 0)), order=1).argmax()
        ),
    }


@row(
    "Order of composed transforms",
    libraries=("simpleitk", "scikit-image", "numpy"),
    units=("04",),
    ours="matrices are written out and multiplied; the point stands on the right.",
)
def order_of_transforms():
    """First a translation T by 10, then a rotation R by 90 degrees, are put together. A SimpleITK
    `CompositeTransform([T, R])` applies the *last* one first, T(R(p)); scikit-image's `T + R`
    applies the first one first, R(T(p)), and the matrix product `T @ R` is T(R(p)) again."""
    import SimpleITK
    from skimage.transform import EuclideanTransform

    quarter, point = np.pi / 2, (1.0, 0.0)
    move = SimpleITK.TranslationTransform(2, (10.0, 0.0))
    turn = SimpleITK.Euler2DTransform((0.0, 0.0), quarter)
    there = EuclideanTransform(translation=(10, 0)), EuclideanTransform(rotation=quarter)
    matrix = there[0].params @ there[1].params
    return {
        "SimpleITK, CompositeTransform([T, R])": np.round(
            SimpleITK.CompositeTransform([move, turn]).TransformPoint(point), 6
        ),
        "scikit-image, T + R": np.round((there[0] + there[1])(point)[0], 6),
        "NumPy, T @ R": np.round(matrix @ [*point, 1], 6)[:2],
    }


@row(
    "Three angles of a rotation",
    libraries=("simpleitk", "scipy"),
    units=("04",),
    ours="SimpleITK's order, where its `Euler3DTransform` is used (lecture 04).",
)
def euler_angles():
    """Three angles make a rotation only together with an order. SimpleITK's `Euler3DTransform`
    turns about y, then x, then z, and with `ComputeZYX` as SciPy's `"xyz"`, about the fixed axes
    x, y, z; `"XYZ"` turns about axes that turn along. So the same three numbers are three
    rotations."""
    import SimpleITK
    from scipy.spatial.transform import Rotation

    angles, point = (0.1, 0.5, 0.9), (1.0, 0.0, 0.0)
    itk = SimpleITK.Euler3DTransform((0.0, 0, 0), *angles)
    zyx = SimpleITK.Euler3DTransform((0.0, 0, 0), *angles)
    zyx.SetComputeZYX(True)
    return {
        "SimpleITK.Euler3DTransform": itk.TransformPoint(point),
        "the same, ComputeZYX": zyx.TransformPoint(point),
        "scipy, from_euler('xyz')": Rotation.from_euler("xyz", angles).apply(point),
        "scipy, from_euler('XYZ')": Rotation.from_euler("XYZ", angles).apply(point),
    }


@row(
    "Rotating an image by 20",
    libraries=("scipy", "scikit-image", "keras"),
    units=("04",),
    ours="degrees, counterclockwise on the screen, in prose and in code.",
)
def rotating():
    """Degrees, radians or turns, and which way? scikit-image and SciPy take degrees and, shown
    with row 0 on top, both turn counterclockwise, but SciPy enlarges the array so that nothing is
    cut off. Keras's `RandomRotation(0.2)` means a fifth of a full turn, so up to 72 degrees, not
    0.2 and not 20."""
    import keras
    from scipy.ndimage import rotate
    from skimage.transform import rotate as turn

    image = np.zeros((41, 41))
    image[20, 30] = 1  # to the right of the centre
    by_scipy, by_skimage = rotate(image, 20, order=1), turn(image, 20, order=1)
    layer = keras.layers.RandomRotation(0.2)
    return {
        "scipy: shape, rows above the centre": [
            list(by_scipy.shape),
            by_scipy.shape[0] // 2 - int(by_scipy.argmax() // by_scipy.shape[1]),
        ],
        "skimage: shape, rows above the centre": [
            list(by_skimage.shape),
            20 - int(by_skimage.argmax() // 41),
        ],
        "keras RandomRotation(0.2): degrees at most": float(layer.factor[1] * 360),
    }


@row(
    "What lies beyond the edge of an image",
    libraries=("scipy", "scikit-image", "simpleitk"),
    units=("03", "04"),
    ours="for CT −1000, and it is written out; 0 HU is water.",
)
def beyond_the_edge():
    """An image of 5 everywhere is smoothed, and the corner shows what was assumed beyond it.
    SciPy's filters mirror the image, but much resampling (`shift`, `warp`, `rotate`, SimpleITK's
    `Resample`) puts a 0 there, and so does `scipy.signal`. scikit-image's `resize` mirrors."""
    import SimpleITK
    from scipy.ndimage import gaussian_filter, shift
    from scipy.signal import convolve2d
    from skimage.transform import rotate

    image = np.full((9, 9), 5.0)
    itk = SimpleITK.GetImageFromArray(image)
    moved = SimpleITK.Resample(itk, itk, SimpleITK.TranslationTransform(2, (-2.0, 0.0)))
    return {
        "scipy.ndimage.gaussian_filter, corner": gaussian_filter(image, 1)[0, 0],
        "scipy.signal.convolve2d with a mean of 9, corner": convolve2d(
            image, np.full((3, 3), 1 / 9), mode="same"
        )[0, 0],
        "scipy.ndimage.shift by 2, first pixel": shift(image, (0, 2), order=1)[4, 0],
        "skimage.transform.rotate by 45, corner": rotate(image, 45)[0, 0],
        "SimpleITK.Resample, first pixel": float(SimpleITK.GetArrayFromImage(moved)[4, 0]),
    }
