"""Remove a bias field without removing the lesion."""

import numpy as np

from mlmi_course.checks import Case, asks


def _flat(image, mask, lesion, *, use="healthy", log=True, undo="divide", scale=True, degree=2,
          outside="zero"):  # fmt: skip
    """Fit a polynomial to the logarithm and divide by it; the parameters make the usual slips."""
    image = np.asarray(image, dtype=float)
    inside, ill = np.asarray(mask) > 0, np.asarray(lesion) > 0
    used = {"healthy": inside & ~ill, "mask": inside, "all": np.ones_like(inside)}[use]
    y, x = (2 * index / (n - 1) - 1 for index, n in zip(np.indices(image.shape), image.shape,
                                                      strict=True))  # fmt: skip
    terms = [np.ones_like(x), x, y] + ([x * x, x * y, y * y] if degree == 2 else [])
    values = np.log(np.maximum(image, 1e-6)) if log else image
    weights, *_ = np.linalg.lstsq(
        np.stack([t[used] for t in terms], axis=1), values[used], rcond=None
    )
    field = sum(w * t for w, t in zip(weights, terms, strict=True))
    field = np.exp(field) if log else field
    if scale:
        field = field / field[used].mean()
    flat = {"divide": lambda: image / field, "multiply": lambda: image * field,
            "subtract": lambda: image - field}[undo]()  # fmt: skip
    return np.where(inside, flat, 0) if outside == "zero" else flat


@asks(
    points=3,
    see="A field that is not flat",
    hints=(
        "The field *multiplies*. Where does a product become a sum, and how is it undone at the "
        "end?",
        "Fit the logarithm, on `(mask > 0) & (lesion == 0)` alone. Then evaluate the six terms "
        "*everywhere*, take the exponential, and divide by its mean over those pixels.",
        "`used = (mask > 0) & (lesion == 0)`; `weights = np.linalg.lstsq(terms[used.ravel()], "
        "np.log(image[used]))[0]`; `field = np.exp(terms @ weights).reshape(image.shape)`; then "
        "`image / (field / field[used].mean())` inside the mask.",
    ),
)
def flatten(image, mask, lesion):
    """Remove a bias field, keep the lesion"""
    return _flat(image, mask, lesion)


@flatten.inputs
def cases(rng):
    rows, columns = np.indices((16, 18))
    mask = (np.hypot((rows - 7.5) / 7, (columns - 8.5) / 8) < 1) * 255
    lesion = np.zeros_like(mask)
    row, column = rng.integers(4, 8), rng.integers(4, 10)
    lesion[row : row + 4, column : column + 4] = 1
    slope = rng.uniform(0.25, 0.5, 2) * rng.choice([-1, 1], 2)
    bend = rng.uniform(0.1, 0.25)
    y, x = rows / 7.5 - 1, columns / 8.5 - 1
    true = np.exp(slope[0] * y + slope[1] * x - bend * x * y)
    tissue = 500 + rng.normal(0, 8, mask.shape) + 250 * lesion
    image = np.where(mask > 0, tissue * true, 5 + rng.random(mask.shape)).round(1)
    yield Case((image, mask, lesion), "a mask of 0 and 255, and a bright lesion")
    yield Case((image, mask // 255, 0 * lesion), "a mask of 0 and 1, and no lesion")
    yield Case((np.round(image).astype(np.int16), mask, lesion), "the image as whole numbers")


flatten.variants(
    _flat,
    lesion_fitted=(
        {"use": "mask"},
        "The lesion is in the fit, so the field bends towards it, and part of it is taken away. "
        "Leave it out of the *fit* (not out of the image).",
    ),
    air_fitted=(
        {"use": "all"},
        "The air is in the fit. There is no signal there that could show the field.",
    ),
    grey_values_fitted=(
        {"log": False},
        "You fitted the grey values and divided. A factor becomes a sum in the *logarithm*: that "
        "is what the polynomial is to describe.",
    ),
    subtracted=(
        {"undo": "subtract", "log": False, "scale": False},
        "A bias field is a *factor*. Subtracting its fit leaves an image around 0, whose contrast "
        "still changes from place to place.",
    ),
    multiplied=(
        {"undo": "multiply"},
        "You multiplied by the field once more. Divide by it.",
    ),
    not_scaled=(
        {"scale": False},
        "The shading is gone, but the grey values are now around 1. Divide the field by its mean "
        "over the fitted pixels, so that the tissue keeps its grey.",
    ),
    plane_only=(
        {"degree": 1},
        "That is a plane. Use all six terms: 1, x, y, x², xy, y².",
    ),
    air_kept=(
        {"outside": "kept"},
        "Right inside. Outside the mask there should be 0.",
    ),
    lesion_fitted_air_kept=(
        {"use": "mask", "outside": "kept"},
        "The lesion is in the fit, and outside the mask there should be 0.",
    ),
)


@flatten.mistake
def unmended(image, mask, lesion):
    """That is the colleague's function as it was. Which pixels does she fit, is the field a factor
    or a summand, and what is left of the grey values?
    """
    return _flat(image, mask, lesion, use="mask", log=False, undo="subtract", scale=False)


@flatten.mistake
def mask_as_numbers(image, mask, lesion):
    """You use only pixels whose mask is exactly 1. Masks here may be 0 and 255: what counts is
    whether they are above 0.
    """
    exact = (np.asarray(mask) == 1) * 1
    with np.errstate(all="ignore"):
        if not exact.any():
            return np.zeros(np.shape(image))
        return _flat(image, exact, lesion)
