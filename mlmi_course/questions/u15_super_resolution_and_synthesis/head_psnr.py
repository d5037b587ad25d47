"""PSNR of a set of scans, mended."""

import numpy as np

from mlmi_course.checks import Case, asks


def _score(
    images,
    references,
    masks,
    data_range,
    *,
    wrap=False,
    given="range",
    where="mask",
    pooled=False,
    mean="db",
    identical="left out",
    root=False,
):
    images, references = np.asarray(images), np.asarray(references)
    difference = images - references if wrap else images.astype(float) - references.astype(float)
    squares = (difference if wrap == "squares" else difference.astype(float)) ** 2
    squares = squares.astype(float)
    masks = np.asarray(masks, bool)
    if where == "all":
        masks = np.ones_like(masks)
    mse = np.array([s[m].mean() for s, m in zip(squares, masks, strict=True)])
    if pooled:
        mse = np.array([squares[masks].mean()])
    if mean == "mse":
        mse = np.array([mse.mean()])
    reach = {
        "range": data_range,
        "type": np.iinfo(images.dtype).max,
        "peak": np.array([r[m].max() for r, m in zip(references, masks, strict=True)], float),
    }[given]
    if np.ndim(reach) and len(mse) == 1:
        reach = reach.mean()
    with np.errstate(divide="ignore"):
        db = 10 * np.log10(reach**2 / mse)
        if root:
            db = 10 * np.log10(reach / np.sqrt(mse))
    if identical == "left out" and np.isinf(db).any():
        db = db[~np.isinf(db)]
    if not len(db):
        return float("nan")
    return float(db.mean())


@asks(
    points=3,
    see="Two scores, by hand",
    hints=(
        "Take two pixels of type uint16: 3 and 5. What does NumPy say that 3 − 5 is? And which "
        "range "
        "does scikit-image take if none is given?",
        "Convert to float first, keep the pixels inside the mask of *each* patient, and divide "
        "`data_range ** 2` by the mean of the squares.",
        "Make a list of one PSNR per patient, skip the patients whose mean squared error is 0, and "
        "return the mean of the list, or nan if it is empty.",
    ),
)
def head_psnr(images, references, masks, data_range):
    """The mean PSNR of a group, inside the heads"""
    return _score(images, references, masks, data_range)


@head_psnr.inputs
def cases(rng):
    def group(n, side, dtype):
        references = rng.integers(60, 420, (n, side, side))
        noise = rng.normal(0, np.array([4.0, 9.0, 20.0, 35.0])[:n, None, None], references.shape)
        images = references + noise.round()
        vessel = rng.random(references.shape) < 0.04  # flowing blood: bright in one of the two
        images = np.clip(np.where(vessel, references + 420, images), 0, 1000)
        masks = rng.random(references.shape) < np.array([0.9, 0.3, 0.6, 0.2])[:n, None, None]
        images = np.where(masks, images, rng.integers(0, 30, images.shape))
        return images.astype(dtype), references.astype(dtype), masks

    images, references, masks = group(4, 12, np.uint16)
    yield Case((images, references, masks, 500.0), "four patients, uint16")
    images, references, masks = group(3, 10, np.uint16)
    images = np.where(masks, images, references).astype(np.uint16)  # error in the head alone
    images[1] = np.where(masks[1], references[1], images[1] + 3)  # outside they differ
    yield Case((images, references, masks, 1000.0), "one scan equals its reference in the head")
    images, references, masks = group(2, 8, np.uint16)
    yield Case((references, references, masks, 500.0), "nothing differs: nan")


head_psnr.variants(
    _score,
    unmended=(
        {"wrap": "squares", "given": "type", "where": "all", "pooled": True, "identical": "kept"},
        "That is the vendor's function as it was: mend its type, its range, its pixels and its "
        "mean.",
    ),
    squares_overflow=(
        {"wrap": "squares"},
        "You square whole numbers of 16 bits: 300 squared is 90000, which does not fit and becomes "
        "24464. Convert to float first.",
    ),
    wrapped=(
        {"wrap": "difference"},
        "You subtract whole numbers without a sign: 3 − 5 is 65534 in uint16. Convert both to "
        "float before you subtract.",
    ),
    range_of_type=(
        {"given": "type"},
        "Your range is that of the type, 65535. It has nothing to do with the scanner: use "
        "`data_range`.",
    ),
    own_peak=(
        {"given": "peak"},
        "Your range is the brightest pixel of each reference, so each patient is measured with "
        "another "
        "ruler. Use `data_range` for all.",
    ),
    with_air=(
        {"where": "all"},
        "Pixels outside the mask are in it. Only the head of each patient counts.",
    ),
    pooled=(
        {"pooled": True},
        "You put the pixels of all patients into one mean, so a large head counts more. One PSNR "
        "for "
        "each patient, then the mean.",
    ),
    mean_of_errors=(
        {"mean": "mse"},
        "You average the errors first and take one logarithm. Asked for is the mean of the "
        "patients' PSNRs.",
    ),
    infinite=(
        {"identical": "kept"},
        "A scan that equals its reference has an infinite PSNR, and so has your mean. Leave it "
        "out.",
    ),
    half=(
        {"root": True},
        "Your decibels are half of what they should be: range and error are both squared inside "
        "the logarithm.",
    ),
)
