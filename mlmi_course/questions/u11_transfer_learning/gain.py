"""What five repeats allow to say."""

import numpy as np

from mlmi_course.checks import Case, asks


def _student(n, *, quantile=0.975, freedom=lambda n: n - 1):
    """How many standard errors an interval of n repeats reaches to each side."""
    from scipy import stats

    return float(stats.t.ppf(quantile, freedom(n)))


def _interval_with(
    transferred, scratch, *, factor=_student, ddof=1, of_the_mean=True, paired=True, **student
):
    """The mean gain and its interval, right or with one thing wrong."""
    differences = transferred - scratch
    n, mean = len(differences), float(differences.mean())
    if n == 1:
        return mean, np.nan, np.nan
    variance = differences.var(ddof=ddof)
    if not paired:
        variance = transferred.var(ddof=1) + scratch.var(ddof=1)
    half = factor(n, **student) * np.sqrt(variance / n if of_the_mean else variance)
    return mean, float(mean - half), float(mean + half)


@asks(
    points=2,
    see="One run is one ticket",
    hints=(
        "Both arms saw the same patients in the same repeat: look at the differences, one for each "
        "repeat.",
        "The standard error of their mean is `np.std(d, ddof=1) / np.sqrt(n)`.",
        "Multiply it by `scipy.stats.t.ppf(0.975, n - 1)`, which is 2.78 for five repeats. With "
        "one repeat return `np.nan` for both ends.",
    ),
)
def gain(transferred, scratch):
    """What five repeats allow to say"""
    return _interval_with(transferred, scratch)


@gain.inputs
def cases(rng):
    for n in (5, 8, 3):
        luck = rng.normal(0, 0.04, n)  # of the patients drawn: shared by both
        scratch = (0.65 + luck + rng.normal(0, 0.01, n)).round(3)
        transferred = (0.70 + luck + rng.normal(0, 0.01, n)).round(3)
        yield Case((transferred, scratch), f"{n} repeats")
    yield Case((np.array([0.8]), np.array([0.7])), "a single repeat, which has no interval")


gain.variants(
    _interval_with,
    one_standard_error=(
        {"factor": lambda n: 1.0},
        "That is plus or minus one standard error. It covers the truth about two times in "
        "three, for five repeats even less: a 95 % interval is 2.78 of them wide on each side.",
    ),
    normal_for_t=(
        {"factor": lambda n: 1.959963984540054},
        "1.96 belongs to many repeats. With few the spread itself is uncertain: take the "
        "quantile of Student's t with n − 1 degrees of freedom.",
    ),
    spread_of_the_runs=(
        {"of_the_mean": False},
        "You took the spread of single runs. The mean of n runs varies less, by the root of n.",
    ),
    divided_by_n=(
        {"ddof": 0},
        "The standard deviation was divided by n. From few repeats take n − 1: `ddof=1`.",
    ),
    not_paired=(
        {"paired": False},
        "You added the variances of the two arms, as if each had drawn patients of its own. "
        "They shared them: take the differences repeat by repeat.",
    ),
    two_samples=(
        {"paired": False, "freedom": lambda n: 2 * (n - 1)},
        "That is the interval of two samples that have nothing to do with each other. Both "
        "arms shared their patients: take the differences repeat by repeat.",
    ),
    five_percent_at_each_end=(
        {"quantile": 0.95},
        "That is a 90 % interval: 5 % lie beyond each end. For 95 % it is 2.5 % at each.",
    ),
    n_degrees_of_freedom=(
        {"freedom": lambda n: n},
        "You took n degrees of freedom. The mean uses up one: it is n − 1.",
    ),
)


@gain.mistake
def scratch_minus_transferred(transferred, scratch):
    """The sign is turned. A gain is above zero where `transferred` is better."""
    return gain.right(scratch, transferred)


@gain.mistake
def one_seed(transferred, scratch):
    """The gain is that of the first repeat alone. One seed is one ticket of the lottery: take the
    mean.
    """
    _, low, high = gain.right(transferred, scratch)
    return float(transferred[0] - scratch[0]), low, high


@gain.mistake
def certain_after_one_repeat(transferred, scratch):
    """A single repeat cannot say how much repeats differ: its interval is not known, and not of
    width 0. Return `np.nan` for both ends.
    """
    mean, low, high = gain.right(transferred, scratch)
    return (mean, mean, mean) if len(scratch) == 1 else (mean, low, high)
