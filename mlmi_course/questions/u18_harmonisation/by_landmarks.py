"""Histogram matching as another library does it."""

import numpy as np
from scipy.stats import rankdata

from mlmi_course.checks import Case, asks


def _landmarks(
    image,
    reference,
    k,
    *,
    threshold="mean",
    ends=True,
    inverse=False,
    spread="inner",
    above="strict",
    full=False,
):
    image, reference = np.asarray(image, float), np.asarray(reference, float)

    def points(values):
        values = values.ravel()
        low = values.mean() if threshold == "mean" else values.min()
        upper = values[values > low] if above == "strict" else values
        shares = {
            "inner": np.arange(1, k + 1) / (k + 1),
            "outer": np.linspace(0, 1, k + 2)[1:-1] * 0.98 + 0.01,
            "k": np.arange(1, k + 1) / k,
        }[spread]
        inner = np.quantile(upper, shares)
        start = [values.min(), low] if threshold == "mean" else [low]
        found = [*start, *inner, values.max()] if ends else [low, *inner]
        return np.array(found)

    if full:
        rank = (rankdata(image.ravel()) - 0.5) / image.size
        return np.quantile(reference, rank).reshape(image.shape)
    a, b = points(image), points(reference)
    return np.interp(image, b, a) if inverse else np.interp(image, a, b)


@asks(
    points=3,
    see="Rescale, or match",
    hints=(
        "First make one function that returns the landmarks of any array: minimum, mean, k "
        "quantiles "
        "of the values above the mean, maximum.",
        "The quantiles are at the shares 1/(k + 1), 2/(k + 1), … k/(k + 1): for k = 1 the median "
        "of "
        "what lies above the mean.",
        "`np.interp(image, landmarks_of_image, landmarks_of_reference)` draws the straight lines.",
    ),
    tolerance=1e-6,
)
def by_landmarks(image, reference, k):
    """Matching by landmarks"""
    return _landmarks(image, reference, k)


@by_landmarks.inputs
def cases(rng):
    def head(middles, spread, shares, side):
        n = side * side
        kind = rng.choice(4, n, p=shares)
        values = rng.normal(
            np.array([5.0, *middles])[kind], spread * np.array([0.3, 1, 1, 1])[kind]
        )
        return np.abs(values).reshape(side, side).round(3)

    one = head((60, 110, 160), 8, (0.5, 0.06, 0.24, 0.2), 24)
    other = head((200, 520, 900), 30, (0.45, 0.1, 0.25, 0.2), 28)
    yield Case((one, other, 1), "one landmark above the mean")
    yield Case((one, other, 7), "seven landmarks")
    yield Case((other, one, 3), "from the second scanner to the first")
    yield Case((one, one, 4), "the image itself as the reference")


by_landmarks.variants(
    _landmarks,
    all_values=(
        {"full": True},
        "You match all values, as the lecture does. Here only the landmarks are matched, with "
        "straight "
        "lines between them.",
    ),
    no_mean=(
        {"threshold": "min", "above": "all"},
        "Your quantiles are those of the whole image, most of which is air. Take those of the "
        "values "
        "above the mean, and the mean itself as a landmark.",
    ),
    whole_image=(
        {"above": "all"},
        "The mean is a landmark of yours, but the quantiles are those of the whole image. Take the "
        "values above the mean.",
    ),
    no_ends=(
        {"ends": False},
        "Minimum and maximum are landmarks, too. Without them everything outside is cut off.",
    ),
    turned_round=(
        {"inverse": True},
        "You look the image's values up among the *reference's* landmarks. Read from the image's "
        "to the "
        "reference's.",
    ),
    shares_of_k=(
        {"spread": "k"},
        "Your quantiles end at the maximum. k landmarks *between* the mean and the maximum lie at "
        "1/(k + 1), 2/(k + 1) and so on.",
    ),
)


@by_landmarks.picture
def draw_answer(answer):
    from mlmi_course import plots
    from mlmi_course.checks.calling import call
    from mlmi_course.phantoms import brain

    a, b = (brain.simulate(3, level=18, size=64, vendor=v).images["t1"][0] for v in "AB")
    made = [np.asarray(call(answer, (b.astype(float), a.astype(float), k)), float) for k in (1, 7)]
    return plots.montage(
        [a, b, *made],
        titles=["scanner A", "scanner B", "B, one landmark", "B, seven"],
        columns=4,
        vmin=0,
        vmax=400,
        alt="A slice in scanner A, in B, and B after your function with one and seven landmarks.",
    )
