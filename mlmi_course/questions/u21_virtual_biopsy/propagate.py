"""From a doubtful outline to the standard deviation of a feature."""

import numpy as np
from scipy import ndimage
from scipy.stats import norm

from mlmi_course.checks import Case, asks


def _spread(
    probability,
    fields,
    spacing,
    *,
    pixels="together",
    divisor=1,
    error=False,
    of="diameter",
    area="square",
    turned=False,
):
    if pixels == "together":
        chance = norm.cdf(fields)
        masks = chance > probability if turned else chance < probability
    elif pixels == "apart":
        masks = np.random.default_rng(0).random(fields.shape) < probability
    else:
        masks = np.broadcast_to(fields < probability, fields.shape)
    count = masks.sum(axis=(1, 2)).astype(float)
    size = count * {"square": spacing**2, "once": spacing, "none": 1.0}[area]
    value = size if of == "area" else 2 * np.sqrt(size / np.pi)
    sd = value.std(ddof=divisor)
    return [float(value.mean()), float(sd / np.sqrt(len(value)) if error else sd)]


@asks(
    points=3,
    see="How sure is a feature?",
    hints=(
        "Where the network says 0.5 along a whole border, is it likely that of two neighbours "
        "one is in and the other is out, a thousand times over?",
        "A field of correlated normal numbers becomes one of chances by `scipy.stats.norm.cdf`. "
        "Where that chance lies below the probability, the pixel belongs to the mask of this "
        "draw.",
        "Then one diameter for each draw, and of these the mean and `.std(ddof=1)`. It is the "
        "spread of a *patient's* value that is asked for, and it does not shrink with more draws.",
    ),
)
def propagate(probability, fields, spacing):
    """How far a diameter may be off"""
    return _spread(probability, fields, spacing)


@propagate.inputs
def cases(rng):
    y, x = np.mgrid[:40, :40]
    for draws, softness, said in (
        (12, rng.uniform(1.5, 3.0), "a soft border, 12 draws"),
        (30, rng.uniform(0.6, 1.2), "a sharper border, 30 draws"),
    ):
        radius = rng.uniform(8, 13)
        middle = rng.uniform(17, 22, 2)
        away = np.hypot(y - middle[0], x - middle[1])
        probability = 1 / (1 + np.exp((away - radius) / softness))
        white = rng.standard_normal((draws, 40, 40))
        fields = ndimage.gaussian_filter(white, (0, 2, 2), mode="wrap")
        fields /= fields.std()
        yield Case((probability, fields, float(round(rng.uniform(0.8, 2.2), 2))), said)
    sure = (away < radius).astype(float)
    yield Case((sure, fields, 1.5), "a network that is sure: every draw gives the same mask")


propagate.variants(
    _spread,
    unmended=(
        {"pixels": "apart", "error": True},
        "That is the colleague's function as it was. How much do two neighbours at a border have "
        "to do with each other? And does your knowledge of this tumour grow when you draw more "
        "masks?",
    ),
    pixel_by_pixel=(
        {"pixels": "apart"},
        "Each pixel is drawn alone, so that errors on one side of the tumour cancel those on the "
        "other, and the spread comes out far too small. Use the fields, whose neighbours agree.",
    ),
    standard_error=(
        {"error": True},
        "You divide by the root of the number of draws. That is how well the *mean* over draws "
        "is known, and more draws make it as small as you like; this tumour's diameter stays as "
        "doubtful.",
    ),
    divided_by_n=(
        {"divisor": 0},
        "That is the standard deviation with n below. From a sample take n − 1: `.std(ddof=1)`.",
    ),
    area_for_diameter=(
        {"of": "area"},
        "Those are areas. Asked for is the diameter of a circle of the same area: 2 √(area / π).",
    ),
    spacing_once=(
        {"area": "once"},
        "A pixel's area is spacing × spacing.",
    ),
    in_pixels=(
        {"area": "none"},
        "Those are pixels. A pixel is `spacing` wide and `spacing` high.",
    ),
    fields_as_chances=(
        {"pixels": "raw"},
        "You compare a standard normal number with a probability. Turn it into a chance between "
        "0 and 1 first: `scipy.stats.norm.cdf(fields)`.",
    ),
    turned_round=(
        {"turned": True},
        "Your masks are what is left of the image without the tumour: a pixel belongs to the "
        "mask where the chance lies *below* the probability.",
    ),
)


@propagate.mistake
def only_the_spread(probability, fields, spacing):
    """That is the spread alone. Return the mean and the spread, in this order."""
    return propagate.right(probability, fields, spacing)[1]


@propagate.mistake
def of_the_mean_mask(probability, fields, spacing):
    """Your first number is the diameter of the mask at 0.5. Asked for is the mean over draws."""
    area = (probability > 0.5).sum() * spacing**2
    return [float(2 * np.sqrt(area / np.pi)), propagate.right(probability, fields, spacing)[1]]
