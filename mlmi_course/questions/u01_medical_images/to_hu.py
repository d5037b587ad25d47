"""Stored numbers to Hounsfield units."""

import numpy as np

from mlmi_course.checks import Case, asks
from mlmi_course.checks.calling import call
from mlmi_course.questions.u01_medical_images._slice import ct_slice


def without_padding(hu, values, padding):
    """The numbers of ``hu``, but nan where ``values`` say padding."""
    return hu if padding is None else np.where(values == padding, np.nan, hu)


@asks(
    points=2,
    see="From stored numbers to Hounsfield units",
    not_allowed=("mlmi_course.dicom.to_hounsfield",),
    hints=(
        "The formula is one line: slope times stored number, plus intercept.",
        "Which type do the stored numbers have? An unsigned 16-bit integer cannot hold −1024. "
        "`stored.astype(float)` makes room first. (An OverflowError means the same.)",
        "Padding is a *stored* number. Compare `stored`, not the result, with `padding`, and put "
        "np.nan there. With `padding=None` there is nothing to exclude.",
    ),
)
def to_hu(stored, slope, intercept, padding):
    """Stored numbers to Hounsfield units"""
    return without_padding(stored.astype(float) * slope + intercept, stored, padding)


@to_hu.inputs
def cases(rng):
    def stored(low, high, dtype):
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


@to_hu.mistake
def padding_kept(stored, slope, intercept, padding):
    """The padding is still there. It marks pixels that the scanner never measured: make them nan,
    or every mean and histogram will count them.
    """
    return to_hu.right(stored, slope, intercept, None)


@to_hu.mistake
def slope_forgotten(stored, slope, intercept, padding):
    """The slope is missing. It is 1 in most CT files, and so this mistake stays hidden until the
    day when it is not.
    """
    return to_hu.right(stored, 1.0, intercept, padding)


@to_hu.mistake
def intercept_first(stored, slope, intercept, padding):
    """The intercept was added before multiplying. The standard multiplies first: slope × stored +
    intercept.
    """
    return to_hu.right(stored, slope, slope * intercept, padding)


@to_hu.mistake
def intercept_subtracted(stored, slope, intercept, padding):
    """The intercept was subtracted. It already carries its sign (−1024): add it."""
    return to_hu.right(stored, slope, -intercept, padding)


@to_hu.mistake
def wrap_around(stored, slope, intercept, padding):
    """The numbers wrapped around. Unsigned integers know no minus: 24 − 1024 becomes 64536.
    Convert to float before you calculate.
    """
    # In the stored type throughout, as ``stored * slope + intercept`` is in whole numbers.
    a, b = np.array([slope, intercept]).astype(np.int64).astype(stored.dtype)
    return without_padding((stored * a + b).astype(float), stored, padding)


@to_hu.mistake
def product_wraps(stored, slope, intercept, padding):
    """The product wrapped around: a slope of 2 takes it beyond 65535, the largest number of 16
    bits. Convert `stored` before you multiply, not after.
    """
    product = stored * np.array(slope).astype(stored.dtype)
    return without_padding(product.astype(float) + intercept, stored, padding)


@to_hu.mistake
def slope_cut(stored, slope, intercept, padding):
    """The slope lost its decimals. It is a whole number in most CT files, not in all."""
    return to_hu.right(stored, int(slope), intercept, padding)


@to_hu.mistake
def rounded(stored, slope, intercept, padding):
    """You round. With a slope that is no whole number, neither are the Hounsfield units: return
    them as they come.
    """
    return np.round(to_hu.right(stored, slope, intercept, padding))


@to_hu.mistake
def padding_zero(stored, slope, intercept, padding):
    """`if padding:` is false for a padding value of 0 too. Ask `if padding is not None`."""
    return to_hu.right(stored, slope, intercept, padding or None)


@to_hu.mistake
def padding_after(stored, slope, intercept, padding):
    """You looked for the padding value among the Hounsfield units. It is a stored number: compare
    before you convert.
    """
    hu = stored.astype(float) * slope + intercept
    return without_padding(hu, hu, padding)


@to_hu.picture
def draw_answer(answer):
    from mlmi_course import plots

    ct = ct_slice()
    slope, intercept = float(ct.RescaleSlope), float(ct.RescaleIntercept)
    hu = call(answer, (ct.pixel_array, slope, intercept, ct.get("PixelPaddingValue")))
    return plots.histogram(
        np.asarray(hu, dtype=float),
        label="HU",
        title="Your Hounsfield units of the CT slice",
        marks={"air": -1000, "water": 0},
        alt="Histogram of your Hounsfield units, with the values of air and water marked.",
    )
