"""Masks, overlap and distances."""

from __future__ import annotations

import numpy as np

from conventions import refused, row


def squares(shift: int = 3, size: int = 40) -> tuple[np.ndarray, np.ndarray]:
    """Two squares of 20 x 20 pixels, one moved down; as bool."""
    truth, prediction = np.zeros((2, size, size), bool)
    truth[8:28, 8:28] = True
    prediction[8 + shift : 28 + shift, 8:28] = True
    return truth, prediction


def overlap(truth, prediction):
    """SimpleITK's filter, executed."""
    import SimpleITK

    measures = SimpleITK.LabelOverlapMeasuresImageFilter()
    images = (SimpleITK.GetImageFromArray(mask.astype(np.uint8)) for mask in (truth, prediction))
    measures.Execute(*images)
    return measures


@row(
    "Masks of 0 and 255",
    libraries=("simpleitk", "scikit-learn", "keras", "mlmi-course"),
    units=("03", "04", "10"),
    ours="a `ValueError` that says what was found. Write `mask > 0` where you mean it.",
)
def masks_of_255():
    """A perfect prediction, stored as 255 where the truth has 1. SimpleITK compares *labels* and
    finds none in common; scikit-learn asks for the class 1 among three; Keras multiplies the
    numbers, and the loss of a perfect mask becomes negative. Only a function that looks at its
    input says so."""
    import keras
    from sklearn.metrics import f1_score

    from mlmi_course.metrics import dice

    truth, _ = squares()
    prediction = truth.astype(np.uint8) * 255
    loss = keras.losses.Dice()(
        truth[None, ..., None].astype("float32"), prediction[None, ..., None].astype("float32")
    )
    return {
        "SimpleITK, GetDiceCoefficient(1)": overlap(truth, prediction).GetDiceCoefficient(1),
        "sklearn, f1_score(…, average='macro')": f1_score(
            truth.ravel().astype(int), prediction.ravel().astype(int), average="macro"
        ),
        "keras.losses.Dice (0 is perfect)": float(loss),
        "mlmi_course.metrics.dice": refused(lambda: dice(truth, prediction)),
    }


@row(
    "Dice when both masks are empty",
    libraries=("simpleitk", "scikit-learn", "keras", "mlmi-course"),
    units=("02", "10"),
    ours="nan, because 0/0 is undefined; `empty=` chooses otherwise, and `summarise` counts "
    "how often it happened. Calling it 1 lifts the mean by the share of healthy patients.",
)
def both_empty():
    """A healthy patient, and nothing was predicted. Right answers are scored 0, 1, infinite or not
    at all, and the mean over a cohort with healthy patients moves accordingly."""
    import keras
    from sklearn.metrics import f1_score

    from mlmi_course.metrics import dice

    nothing = np.zeros((8, 8), np.uint8)
    iou = keras.metrics.BinaryIoU(target_class_ids=[1])
    iou.update_state(nothing, nothing)
    return {
        "SimpleITK, GetDiceCoefficient()": overlap(nothing, nothing).GetDiceCoefficient(),
        "sklearn, f1_score": f1_score(nothing.ravel(), nothing.ravel()),
        "sklearn, f1_score(zero_division=1)": f1_score(
            nothing.ravel(), nothing.ravel(), zero_division=1
        ),
        "1 − keras.losses.Dice": 1
        - float(keras.losses.Dice()(nothing[None].astype("f4"), nothing[None].astype("f4"))),
        "keras.metrics.BinaryIoU": float(iou.result()),
        "mlmi_course.metrics.dice": dice(nothing, nothing),
    }


@row(
    "False-positive rate: of what",
    libraries=("simpleitk", "mlmi-course"),
    units=("10",),
    ours="`false_positive_rate` divides by the background, and by the truth with "
    '`relative_to="truth"`; reports print both, under two names.',
)
def false_positive_rate():
    """The wrongly marked pixels can be divided by the background (so it depends on how much air
    the picture has), by the truth (as some segmentation papers do, and it can exceed 1) or by what
    was marked (the false-discovery rate). The same picture with a wider border is the same
    prediction, and the first of the three falls."""
    from mlmi_course import metrics

    said = {}
    for size in (40, 80):
        truth, prediction = squares(size=size)
        itk = overlap(truth, prediction)
        said[f"SimpleITK, GetFalsePositiveError(), {size} × {size}"] = itk.GetFalsePositiveError()
    rate = metrics.false_positive_rate
    return said | {
        "SimpleITK, GetFalseDiscoveryRate()": itk.GetFalseDiscoveryRate(),
        "mlmi_course, of the background": rate(truth, prediction),
        "mlmi_course, relative_to='truth'": rate(truth, prediction, relative_to="truth"),
    }


@row(
    "Hausdorff distance: which points, which unit",
    libraries=("scikit-image", "simpleitk", "mlmi-course"),
    units=("10",),
    ours="between surfaces, in millimetres; `spacing` must be given.",
)
def hausdorff_points():
    """A ball, and a prediction that misses its core. Over *all* pixels of the masks, as
    scikit-image and SimpleITK count, every pixel of the prediction lies in the truth and the
    farthest missed one is 7 pixels deep; between *surfaces* the inner wall of the hole counts too.
    scikit-image gives pixels, the other two millimetres."""
    import SimpleITK
    from skimage.metrics import hausdorff_distance

    from mlmi_course.metrics import hausdorff

    radius = np.hypot(*np.indices((41, 41)) - np.full((2, 1, 1), 20))
    truth, hollow = radius <= 15, (radius <= 15) & (radius > 7)
    images = [SimpleITK.GetImageFromArray(mask.astype(np.uint8)) for mask in (truth, hollow)]
    for image in images:
        image.SetSpacing((0.5, 0.5))
    itk = SimpleITK.HausdorffDistanceImageFilter()
    itk.Execute(*images)
    return {
        "skimage.metrics.hausdorff_distance (pixels)": hausdorff_distance(truth, hollow),
        "SimpleITK, GetHausdorffDistance() (mm)": itk.GetHausdorffDistance(),
        "mlmi_course.metrics.hausdorff (mm)": hausdorff(truth, hollow, spacing=0.5),
    }


@row(
    "The 95th percentile of the Hausdorff distance",
    libraries=("surface-distance", "mlmi-course", "numpy"),
    units=("02", "10"),
    ours="the larger of the two directed percentiles, as in Metrics Reloaded.",
)
def hausdorff95():
    """A long thin spike on one mask only. One may take the 95th percentile of each direction and
    then the larger (Metrics Reloaded, MONAI), of both sets of distances thrown together (MedPy),
    or weight each piece of surface by its area (surface-distance)."""
    import surface_distance

    from mlmi_course.metrics import hausdorff95 as ours
    from mlmi_course.metrics._surfaces import directed_distances

    truth, prediction = np.zeros((2, 60, 60), bool)
    truth[20:40, 10:30] = prediction[20:40, 10:30] = True
    prediction[30, 30:36] = True
    both = directed_distances(truth, prediction, (1, 1))
    by_area = surface_distance.compute_surface_distances(truth, prediction, (1, 1))
    return {
        "larger of two directed percentiles (mlmi_course)": ours(truth, prediction, spacing=1),
        "percentile of both together": float(np.percentile(np.concatenate(both), 95)),
        "surface_distance.compute_robust_hausdorff": surface_distance.compute_robust_hausdorff(
            by_area, 95
        ),
    }


@row(
    "Average surface distance",
    libraries=("simpleitk", "surface-distance"),
    ours="none is offered; where a paper has one, ask whether it is over surfaces or over "
    "whole masks.",
)
def average_distance():
    """SimpleITK's `GetAverageHausdorffDistance` is the mean of two directed means over *all*
    voxels, of which most lie inside the other mask, at distance 0. Over surfaces the same shift is
    several times as large."""
    import SimpleITK
    import surface_distance

    truth, prediction = squares(shift=3)
    itk = SimpleITK.HausdorffDistanceImageFilter()
    itk.Execute(
        *(SimpleITK.GetImageFromArray(mask.astype(np.uint8)) for mask in (truth, prediction))
    )
    found = surface_distance.compute_surface_distances(truth, prediction, (1, 1))
    return {
        "SimpleITK, GetAverageHausdorffDistance()": itk.GetAverageHausdorffDistance(),
        "surface_distance.compute_average_surface_distance": (
            surface_distance.compute_average_surface_distance(found)
        ),
    }


@row(
    "Distances when a mask is empty",
    libraries=("simpleitk", "scikit-image", "mlmi-course"),
    units=("10",),
    ours="infinite if one of the two is empty (nothing was found at any distance), nan if both "
    "are. A median copes with infinity; leaving the case out hides the worst failure.",
)
def distance_of_empty():
    """The organ is there and nothing was predicted. It is an error, infinite, or left out, and
    each changes a mean over patients."""
    import SimpleITK
    from skimage.metrics import hausdorff_distance

    from mlmi_course.metrics import hausdorff

    truth, nothing = squares()[0], np.zeros((40, 40), bool)
    itk = SimpleITK.HausdorffDistanceImageFilter()
    images = [SimpleITK.GetImageFromArray(mask.astype(np.uint8)) for mask in (truth, nothing)]
    return {
        "SimpleITK, one empty": refused(lambda: itk.Execute(*images)),
        "scikit-image, one empty": hausdorff_distance(truth, nothing),
        "scikit-image, both empty": hausdorff_distance(nothing, nothing),
        "mlmi_course, one empty": hausdorff(truth, nothing, spacing=1),
        "mlmi_course, both empty": hausdorff(nothing, nothing, spacing=1),
    }


@row(
    "Dice of a batch: pooled or per case",
    libraries=("keras", "mlmi-course"),
    units=("10",),
    ours="per case, then the mean: pooled, a missed small lesion disappears beside a large one.",
)
def dice_of_a_batch():
    """Two cases: a large organ that is found, a lesion of one pixel that is missed. Keras's
    `losses.Dice` adds up all pixels of the batch, which hides the miss. With `axis=(1, 2, 3)` each
    case counts once."""
    import keras

    from mlmi_course.metrics import dice

    truth = np.zeros((2, 16, 16, 1), "float32")
    truth[0, :15, :15], truth[1, 3, 3] = 1, 1
    prediction = truth.copy()
    prediction[1] = 0
    each = keras.losses.Dice(axis=(1, 2, 3))(truth, prediction)
    return {
        "1 − keras.losses.Dice()": 1 - float(keras.losses.Dice()(truth, prediction)),
        "1 − keras.losses.Dice(axis=(1, 2, 3))": 1 - float(each),
        "mean of mlmi_course dice(per_case=True)": dice(
            truth[..., 0], prediction[..., 0], per_case=True
        ).mean(),
    }


@row(
    "Intersection over union of probabilities",
    libraries=("keras",),
    units=("10",),
    ours="probabilities are compared with 0.5 first, in a line that you can see; our metrics "
    "refuse them.",
)
def iou_of_probabilities():
    """A perfect network answers 0.99 inside. Keras's `IoU` and `MeanIoU` turn predictions into
    whole numbers, and 0.99 becomes 0; `BinaryIoU` compares with 0.5."""
    import keras

    truth = squares()[0].astype("float32")
    probable = np.where(truth == 1, 0.99, 0.01)
    said = {}
    for name, metric in {
        "keras.metrics.MeanIoU(num_classes=2)": keras.metrics.MeanIoU(num_classes=2),
        "keras.metrics.IoU(2, [1])": keras.metrics.IoU(2, [1]),
        "keras.metrics.BinaryIoU([1])": keras.metrics.BinaryIoU([1]),
    }.items():
        metric.update_state(truth, probable)
        said[name] = float(metric.result())
    return said


@row(
    "A probability of exactly one half",
    libraries=("keras", "scikit-learn"),
    units=("08", "09"),
    ours="`> 0.5` makes a mask or a class, `>= threshold` a point of an ROC curve.",
)
def exactly_one_half():
    """A network that has learned nothing, or a vote of two readers, answers 0.5. Keras asks for
    *more* than the threshold, scikit-learn's ROC and precision–recall curves for *at least* it.
    A file [may not keep the
    half](#one-half-becomes-more-than-one-half-in-a-fractional-dicom-segmentation)."""
    import keras
    from sklearn.metrics import roc_curve

    truth, half = np.array([0, 1, 1]), np.array([0.2, 0.5, 0.9])
    recall = keras.metrics.Recall(thresholds=0.5)
    recall.update_state(truth, half)
    _, sensitivity, thresholds = roc_curve(truth, half, drop_intermediate=False)
    return {
        "keras.metrics.Recall(thresholds=0.5)": float(recall.result()),
        "sklearn.metrics.roc_curve, at 0.5": float(sensitivity[thresholds == 0.5][0]),
    }


@row(
    "Neighbours of a pixel",
    libraries=("scikit-image", "scipy", "simpleitk"),
    units=("03", "07", "09", "10", "14"),
    ours="corners join in the largest pieces of lectures 03 and 10 and in the zones of 07 "
    "(as the IBSI has it), faces alone elsewhere, as is the default of "
    "`scipy.ndimage.label` and SimpleITK.",
)
def neighbours():
    """Two pixels that touch at a corner: one lesion or two? In space the same question has 6, 18
    and 26 neighbours as answers, and a count of lesions depends on it."""
    import SimpleITK
    from scipy import ndimage
    from skimage import measure

    mask = np.eye(4, dtype=np.uint8)
    image = SimpleITK.ConnectedComponent(SimpleITK.GetImageFromArray(mask))
    return {
        "scipy.ndimage.label": int(ndimage.label(mask)[1]),
        "skimage.measure.label": int(measure.label(mask).max()),
        "SimpleITK.ConnectedComponent": int(SimpleITK.GetArrayFromImage(image).max()),
    }


@row(
    "Two labels that touch",
    libraries=("scikit-image", "scipy", "simpleitk"),
    ours="one label at a time.",
)
def touching_labels():
    """An organ of label 1 beside one of label 2. scikit-image tells them apart, because to it a
    component has one value; for SciPy and SimpleITK everything that is not 0 is the same."""
    import SimpleITK
    from scipy import ndimage
    from skimage import measure

    labels = np.array([[0, 1, 1, 2, 2, 0]], np.uint8)
    image = SimpleITK.ConnectedComponent(SimpleITK.GetImageFromArray(labels))
    return {
        "skimage.measure.label": int(measure.label(labels).max()),
        "scipy.ndimage.label": int(ndimage.label(labels)[1]),
        "SimpleITK.ConnectedComponent": int(SimpleITK.GetArrayFromImage(image).max()),
    }


@row(
    "Distance maps",
    libraries=("scipy", "simpleitk"),
    units=("02", "10"),
    ours="`scipy.ndimage.distance_transform_edt` with `sampling=` in mm.",
)
def distance_maps():
    """How far is the middle of a strip of 5 pixels, 3 mm wide each, from the outside? SciPy
    measures from the pixel to the first one *outside*, in pixels unless `sampling` is given.
    SimpleITK's Maurer map measures to the border *inside*, is negative inside, and by default
    squared and without spacing."""
    import SimpleITK
    from scipy.ndimage import distance_transform_edt

    mask = np.zeros((1, 11), np.uint8)
    mask[0, 3:8] = 1
    image = SimpleITK.GetImageFromArray(np.repeat(mask, 11, axis=0))
    image.SetSpacing((3.0, 3.0))
    how = {"squaredDistance": False, "useImageSpacing": True}
    return {
        "scipy, distance_transform_edt(mask)": distance_transform_edt(mask[0])[5],
        "scipy, sampling=3": distance_transform_edt(mask[0], sampling=3)[5],
        "SimpleITK.SignedMaurerDistanceMap": SimpleITK.SignedMaurerDistanceMap(image)[5, 5],
        "the same, not squared, with spacing": SimpleITK.SignedMaurerDistanceMap(image, **how)[
            5, 5
        ],
    }


@row(
    "Growing a mask by one",
    libraries=("scipy", "scikit-image", "simpleitk"),
    units=("03",),
    ours="SciPy's default, the cross, grown step by step (lecture 03); where it matters, the "
    "structuring element is written out.",
)
def growing():
    """One pixel is dilated by *one*. SciPy's default and scikit-image's are the cross of four
    neighbours, SimpleITK's ball of radius 1 is the full square of nine: a margin around a tumour
    differs in its corners."""
    import SimpleITK
    from scipy import ndimage
    from skimage import morphology

    pixel = np.zeros((9, 9), np.uint8)
    pixel[4, 4] = 1
    grown = SimpleITK.BinaryDilate(SimpleITK.GetImageFromArray(pixel))
    return {
        "scipy.ndimage.binary_dilation": int(ndimage.binary_dilation(pixel).sum()),
        "skimage.morphology.dilation": int(morphology.dilation(pixel).sum()),
        "skimage, footprint=disk(1)": int(morphology.dilation(pixel, morphology.disk(1)).sum()),
        "SimpleITK.BinaryDilate": int(SimpleITK.GetArrayFromImage(grown).sum()),
    }


@row(
    "Eroding at the edge of the image",
    libraries=("scipy", "scikit-image", "simpleitk"),
    units=("03", "10"),
    ours="what lies beyond the array counts as outside, so a mask that is cut by the edge has "
    "a surface there.",
)
def eroding_at_the_edge():
    """A mask fills the whole image. SciPy takes what lies beyond for background and peels off a
    layer; scikit-image and SimpleITK take it for foreground, and nothing happens."""
    import SimpleITK
    from scipy import ndimage
    from skimage import morphology

    full = np.ones((9, 9), np.uint8)
    eroded = SimpleITK.BinaryErode(SimpleITK.GetImageFromArray(full))
    return {
        "scipy.ndimage.binary_erosion": int(ndimage.binary_erosion(full).sum()),
        "skimage.morphology.erosion": int(morphology.erosion(full).sum()),
        "SimpleITK.BinaryErode": int(SimpleITK.GetArrayFromImage(eroded).sum()),
    }


@row(
    "Otsu: which side is inside",
    libraries=("scikit-image", "simpleitk"),
    units=("03", "06"),
    ours="scikit-image's threshold, and a comparison that is written out: `image > t`.",
)
def otsu_inside():
    """A bright object on a dark ground. scikit-image gives a number and leaves the comparison to
    you; SimpleITK's filter gives a mask whose 1 is the *dark* side."""
    import SimpleITK
    from skimage.filters import threshold_otsu

    image = np.full((20, 20), 10.0)
    image[5:10, 5:10] = 110
    mask = SimpleITK.OtsuThreshold(SimpleITK.GetImageFromArray(image))
    return {
        "pixels > skimage threshold_otsu": int((image > threshold_otsu(image)).sum()),
        "SimpleITK.OtsuThreshold, pixels of 1": int(SimpleITK.GetArrayFromImage(mask).sum()),
        "the same, OtsuThreshold(image, 0, 1)": int(
            SimpleITK.GetArrayFromImage(
                SimpleITK.OtsuThreshold(SimpleITK.GetImageFromArray(image), 0, 1)
            ).sum()
        ),
    }


@row(
    "The number that Otsu gives",
    libraries=("scikit-image", "simpleitk"),
    units=("03", "06"),
    ours="the number of bins is written out where it matters.",
)
def otsu_number():
    """Where the histogram is empty between two groups, every threshold in the gap is equally good.
    Both libraries stay next to the dark group, but each has bins of its own, so a grey level just
    above that group goes to one side or the other. With 16 bins it is another number again."""
    import SimpleITK
    from skimage.filters import threshold_otsu

    image = np.full((20, 20), 0.0)
    image[5:10, 5:10] = 300
    itk = SimpleITK.OtsuThresholdImageFilter()
    itk.Execute(SimpleITK.GetImageFromArray(image))
    return {
        "skimage.filters.threshold_otsu": float(threshold_otsu(image)),
        "the same, nbins=16": float(threshold_otsu(image, nbins=16)),
        "SimpleITK.OtsuThreshold, GetThreshold()": itk.GetThreshold(),
    }


@row(
    "STAPLE of masks that hold 255",
    libraries=("simpleitk",),
    units=("02",),
    ours="masks are 0 and 1 before they are merged.",
)
def staple():
    """STAPLE weighs readers by how well each agrees with the hidden truth. The value that means
    *inside* is an argument, 1 by default; where the masks hold 255 no pixel is inside, and the
    probabilities are nan, without an error."""
    import SimpleITK

    masks = [np.roll(squares()[0], shift, axis=0).astype(np.uint8) for shift in (0, 1, 2)]

    def mean(value, inside=1):
        images = [SimpleITK.GetImageFromArray(mask * np.uint8(value)) for mask in masks]
        staple = SimpleITK.STAPLEImageFilter()
        staple.SetForegroundValue(inside)
        return float(SimpleITK.GetArrayFromImage(staple.Execute(images)).mean())

    return {
        "masks of 1: mean probability": mean(1),
        "masks of 255": mean(255),
        "masks of 255, SetForegroundValue(255)": mean(255, inside=255),
    }


@row(
    "Perimeter of a region",
    libraries=("scikit-image", "simpleitk"),
    units=("07",),
    ours="`perimeter_crofton` (lecture 07), compared within one set of images alone: the "
    "number depends on how the steps of the border are counted.",
)
def perimeter():
    """A disk of radius 20 has a circumference of 125.7, a square of side 20 one of 80.
    scikit-image has two estimates, and SimpleITK uses the second (after Crofton). Of two pixels
    the first is 0. Roundness, 4πA/P², inherits all of it."""
    import SimpleITK
    from skimage.measure import perimeter as weighted
    from skimage.measure import perimeter_crofton

    disk = np.hypot(*np.indices((61, 61)) - np.full((2, 1, 1), 30)) <= 20
    square, pair = squares()[0], np.zeros((40, 40), bool)
    pair[20, 20:22] = True
    shapes = SimpleITK.LabelShapeStatisticsImageFilter()
    said = {}
    for name, mask in {"disk": disk, "square": square, "two pixels": pair}.items():
        shapes.Execute(SimpleITK.GetImageFromArray(mask.astype(np.uint8)))
        said[f"{name}: skimage perimeter, perimeter_crofton, SimpleITK"] = [
            weighted(mask),
            perimeter_crofton(mask),
            shapes.GetPerimeter(1),
        ]
    return said


@row(
    "Longest diameter of a region",
    libraries=("scikit-image", "simpleitk"),
    units=("07",),
    ours="from the outline, in millimetres.",
)
def longest_diameter():
    """A line of 11 pixels: its ends are 10 pixels apart by their centres, and 11 by their edges.
    scikit-image's Feret diameter goes by the midpoints of the pixels' edges; its
    `axis_major_length` is that of the ellipse with the same moments; SimpleITK's Feret diameter is
    0 until it is asked for, and goes by the centres."""
    import SimpleITK
    from skimage.measure import regionprops

    line = np.zeros((20, 20), np.uint8)
    line[10, 4:15] = 1
    region = regionprops(line)[0]
    shapes = SimpleITK.LabelShapeStatisticsImageFilter()
    shapes.Execute(SimpleITK.GetImageFromArray(line))
    said = {"SimpleITK, GetFeretDiameter(1)": shapes.GetFeretDiameter(1)}
    shapes.ComputeFeretDiameterOn()
    shapes.Execute(SimpleITK.GetImageFromArray(line))
    return said | {
        "the same after ComputeFeretDiameterOn()": shapes.GetFeretDiameter(1),
        "skimage, feret_diameter_max": region.feret_diameter_max,
        "skimage, axis_major_length": region.axis_major_length,
    }
