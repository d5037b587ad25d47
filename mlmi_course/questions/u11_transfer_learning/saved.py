"""How many images does it save?"""

import numpy as np

from mlmi_course.checks import Case, asks


@asks(
    points=1,
    see="From simulated patients to real ones",
    hints=(
        "First the quality to reach: that of `transferred` at the size `at`.",
        "Then the smallest of the sizes at which `scratch` is at least as good, minus `at`. If "
        'there is none: `float("inf")`.',
    ),
)
def saved(sizes, scratch, transferred, at):
    """How many images does it save?"""
    target = transferred[list(sizes).index(at)]
    reached = [int(size) for size, one in zip(sizes, scratch, strict=True) if one >= target]
    return float(min(reached) - at) if reached else float("inf")


@saved.inputs
def cases(rng):
    sizes = np.array([20, 40, 80, 160, 320, 640])
    noise = rng.uniform(0, 0.005, 6)
    scratch = (np.array([0.55, 0.60, 0.64, 0.70, 0.76, 0.80]) + noise).round(3)
    transferred = (np.array([0.62, 0.68, 0.72, 0.75, 0.78, 0.83]) + noise).round(3)
    for at in (40, 80):
        yield Case((sizes, scratch, transferred, at), f"{at} images")
    yield Case((sizes, scratch, transferred, 640), "a quality that scratch never reaches")
    yield Case((sizes, scratch, (scratch - 0.09).round(3), 160), "a transfer that does harm")
    level = transferred.copy()
    level[1] = scratch[3]
    yield Case((sizes, scratch, level, 40), "a quality that scratch reaches exactly")
    falls = np.array([0.59, 0.65, 0.71, 0.7, 0.75, 0.78])
    reached = np.array([0.705, 0.72, 0.73, 0.74, 0.76, 0.79])
    yield Case((sizes, falls, reached, 20), "a mean that falls again from 80 to 160 images")


@saved.mistake
def last_size_for_never(sizes, scratch, transferred, at):
    """Scratch never reaches that quality, at no size that was tried. Then the answer is
    `float("inf")`. It stands for more than were tried: nobody knows how many.
    """
    return min(saved.right(sizes, scratch, transferred, at), float(max(sizes) - at))


@saved.mistake
def size_itself(sizes, scratch, transferred, at):
    """That is the size at which scratch arrives. Asked for is how many more than `at`."""
    return saved.right(sizes, scratch, transferred, at) + at


@saved.mistake
def difference_of_auc(sizes, scratch, transferred, at):
    """That is a difference of AUCs at one size. A number of images is asked for."""
    return float((transferred - scratch)[list(sizes).index(at)])


@saved.mistake
def never_negative(sizes, scratch, transferred, at):
    """A transfer can do harm: scratch is as good with fewer images. Then the answer is below zero,
    and should be told.
    """
    return max(saved.right(sizes, scratch, transferred, at), 0.0)


@saved.mistake
def strictly_better(sizes, scratch, transferred, at):
    """You passed over a size where scratch is just as good: *at least* as good is enough."""
    target = transferred[list(sizes).index(at)]
    return saved.right(sizes, np.where(scratch == target, -np.inf, scratch), transferred, at)


@saved.mistake
def from_where_it_stays(sizes, scratch, transferred, at):
    """You passed over a size at which scratch is good enough, as it falls again later. The
    smallest is asked for. (`np.searchsorted` wants numbers that never fall.)
    """
    worst_from_here_on = np.minimum.accumulate(scratch[::-1])[::-1]
    return saved.right(sizes, worst_from_here_on, transferred, at)


@saved.mistake
def only_larger_sizes(sizes, scratch, transferred, at):
    """You looked at larger sizes only. Scratch may be as good at a smaller one."""
    return saved.right(sizes, np.where(sizes > at, scratch, -np.inf), transferred, at)
