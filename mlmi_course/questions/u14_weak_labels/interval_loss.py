"""A loss for counts that are known to lie between two ends."""

import numpy as np

from mlmi_course.checks import Case, asks


def _loss(
    answers,
    low,
    high,
    *,
    middle=False,
    half=False,
    sign=1.0,
    mean="all",
    absolute=False,
    sides="both",
    divide="both",
    unsigned=False,
):
    answers, low, high = (np.asarray(a, float) for a in (answers, low, high))
    if middle:
        target = np.where(np.isinf(high), low, (low + high) / 2)
    else:
        target = np.minimum(np.maximum(answers, low), high if sides == "both" else np.inf)
    off = answers - target
    n = len(off) if mean == "all" else max((off != 0).sum(), 1) if mean == "outside" else 1
    if absolute:
        return {"loss": np.abs(off).sum() / n, "slope": np.sign(off) / n}
    slope = sign * (1.0 if half else 2.0) * off / (len(off) if divide == "both" else 1)
    if divide == "both" and mean != "all":
        slope = slope * len(off) / n
    if unsigned:
        slope = np.abs(slope)
    return {"loss": (off**2).sum() / n / (2 if half == "both" else 1), "slope": slope}


@asks(
    points=2,
    see="Shares in intervals",
    hints=(
        "For each answer, the nearest value in its interval is "
        "`np.clip(answers, low, high)`, and that works for an open end, "
        "`np.inf`, too.",
        "The loss is the mean of the squared distances; its derivative by one "
        "answer is 2 × distance / n.",
    ),
)
def interval_loss(answers, low, high):
    """A loss for counts in intervals"""
    return _loss(answers, low, high)


@interval_loss.inputs
def cases(rng):
    def some(n):
        ends = np.array([[0, 0], [1, 10], [11, 20], [21, np.inf]])[rng.integers(0, 4, n)]
        return rng.uniform(0, 35, n).round(1), ends[:, 0], ends[:, 1]

    yield Case(some(9), "nine scans")
    yield Case(
        (
            np.array([5.0, 0.0, 60.0, 21.0]),
            np.array([1.0, 0, 21, 21]),
            np.array([10.0, 0, np.inf, np.inf]),
        ),
        "all inside",
    )
    yield Case(some(40), "forty scans")


interval_loss.variants(
    _loss,
    middle=(
        {"middle": True},
        "You pull to the middle of the interval, so that a count inside it is "
        "punished. Inside, the loss is 0.",
    ),
    factor_two=({"half": True}, "The loss is right. The derivative of a square has a factor of 2."),
    slope_not_averaged=(
        {"divide": "loss"},
        "The loss is a mean over n scans, and so is its derivative: divide the slope by n, too.",
    ),
    unsigned=(
        {"unsigned": True},
        "Your slope is never below 0. Below the interval the loss falls with a larger answer.",
    ),
    half_of_both=(
        {"half": "both"},
        "Both are half of what is asked. The loss is the square itself, not half of it.",
    ),
    turned=(
        {"sign": -1.0},
        "The slope has the wrong sign: it is the derivative of the loss, and points *up*.",
    ),
    summed=(
        {"mean": "none"},
        "You add up over the scans. The loss is their mean, so that it does not "
        "grow with the batch.",
    ),
    outside_alone=(
        {"mean": "outside"},
        "You divide by the scans *outside* their interval. Divide by all.",
    ),
    absolute=({"absolute": True}, "That is the distance. The loss is its square."),
    upper_end_forgotten=(
        {"sides": "low"},
        "You forgive whatever is too high. Both ends count, where there is an upper one.",
    ),
)
