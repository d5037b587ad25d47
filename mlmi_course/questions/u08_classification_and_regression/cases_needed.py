"""How many patients does a narrow interval of an AUC take?"""

import numpy as np

from mlmi_course.checks import Case, asks


def _error(area, n, m, *, swapped=False, simple=False):
    """Hanley and McNeil's standard error with n patients and m controls."""
    both_above, one_above = area / (2 - area), 2 * area**2 / (1 + area)
    if swapped:
        both_above, one_above = one_above, both_above
    more = 0 if simple else (n - 1) * (both_above - area**2) + (m - 1) * (one_above - area**2)
    return np.sqrt((area * (1 - area) + more) / (n * m))


def _smallest(area, controls, half_width, *, factor=1.96, count="patients", fewer=0, **how):
    """Step up until the interval is narrow enough; the parameters make the usual slips."""
    n = 2
    while factor * _error(area, n, controls * n, **how) > half_width:
        n += 1
    n -= fewer
    return n * (1 + controls) if count == "all" else n * controls if count == "controls" else n


@asks(
    points=3,
    see="A small p, and a small use",
    hints=(
        "Write the standard error for n patients and `controls * n` controls first. Then go up "
        "from n = 2.",
        "The interval is AUC ± 1.96 · SE, so stop at the first n with 1.96 · SE ≤ half_width.",
        "`while 1.96 * se(n) > half_width: n += 1`. Return n, the number of patients.",
    ),
)
def cases_needed(area, controls, half_width):
    """How many patients are needed?"""
    return _smallest(area, controls, half_width)


@cases_needed.inputs
def cases(rng):
    yield Case((0.6, 1, 0.05), "AUC 0.6 ± 0.05, one control for each patient")
    area = round(float(rng.uniform(0.7, 0.9)), 2)
    yield Case((area, int(rng.integers(3, 6)), 0.05), f"AUC {area} ± 0.05, several controls each")
    yield Case(
        (round(float(rng.uniform(0.62, 0.85)), 2), 10, 0.06), "ten controls for each patient"
    )
    yield Case((round(float(rng.uniform(0.9, 0.97)), 3), 1, 0.1), "a large AUC and a wide interval")


cases_needed.variants(
    _smallest,
    one_too_few=(
        {"fewer": 1},
        "That is one too few: with it the interval is still a little too wide. Look at the end "
        "of your loop, and at the n − 1 and m − 1 of the formula.",
    ),
    standard_error_alone=(
        {"factor": 1.0},
        "You compare the standard error itself with the half width. A 95 % interval reaches 1.96 "
        "of them to each side.",
    ),
    whole_width=(
        {"factor": 2 * 1.96},
        "Your whole interval is as wide as `half_width`. It may reach that far to *each* side.",
    ),
    factor_two=(
        {"factor": 2.0},
        "You use 2 standard errors. Here the factor is 1.96.",
    ),
    ninety_percent=(
        {"factor": 1.645},
        "1.645 belongs to a 90 % interval. Asked is one of 95 %: 1.96.",
    ),
    q_exchanged=(
        {"swapped": True},
        "Q₁ and Q₂ have changed places: n − 1 patients go with Q₁ = A / (2 − A), and m − 1 "
        "controls with Q₂ = 2A² / (1 + A).",
    ),
    all_people=(
        {"count": "all"},
        "That is the number of all people. Asked is the number of patients.",
    ),
    controls_counted=(
        {"count": "controls"},
        "That is the number of controls. Asked is the number of patients.",
    ),
    pairs_as_if_independent=(
        {"simple": True},
        "You take the n · m pairs for independent. Each patient is in m of them, which is what "
        "Q₁ and Q₂ are there for.",
    ),
)


@cases_needed.mistake
def as_many_controls(area, controls, half_width):
    """You take as many controls as patients, whatever `controls` says."""
    return _smallest(area, 1, half_width)


@cases_needed.mistake
def controls_shared(area, controls, half_width):
    """You divide by `controls`: there are `controls` times *more* controls than patients."""
    n = 2
    while 1.96 * _error(area, n, n / controls) > half_width:
        n += 1
    return n


@cases_needed.mistake
def against_one_half(area, controls, half_width):
    """You use the variance under an AUC of one half, as a test does. An interval is about the
    AUC that was found.
    """
    n = 2
    while 1.96 * np.sqrt((n + controls * n + 1) / (12 * controls * n * n)) > half_width:
        n += 1
    return n


@cases_needed.mistake
def of_a_share(area, controls, half_width):
    """That is the sample size of a simple share. An AUC compares pairs: take the formula above."""
    return int(np.ceil(1.96**2 * area * (1 - area) / half_width**2))


@cases_needed.picture
def draw_answer(answer):
    from mlmi_course import plots
    from mlmi_course.checks.calling import call

    areas = np.array([0.55, 0.6, 0.7, 0.8, 0.9, 0.95])
    return plots.lines(
        {
            f"{c} controls each": [float(call(answer, (float(a), c, 0.05))) for a in areas]
            for c in (1, 3)
        },
        x=areas,
        xlabel="AUC",
        ylabel="patients for ± 0.05",
        alt="Patients for an interval of ± 0.05, over the AUC, for one and three controls.",
    )
