"""Five reports of an importance, in five conventions: turn them into one."""

import numpy as np

from mlmi_course.checks import Case, asks

KINDS = ("neg_mean_squared_error", "error as a score", "r2", "quotient", "root")


def _grown(
    values,
    kind,
    usual,
    variance,
    *,
    turned=True,
    scale=lambda usual, variance: variance,
    one=True,
    usual_of_quotient=True,
    root=lambda v, usual: (np.sqrt(usual) + v) ** 2 - usual,
    size=lambda v: v,
):
    v = np.asarray(values, dtype=float)
    if kind == "error as a score":
        v = -v if turned else v
    elif kind == "r2":
        v = v * scale(usual, variance)
    elif kind == "quotient":
        v = (v - 1 if one else v) * (usual if usual_of_quotient else 1.0)
    elif kind == "root":
        v = root(v, usual)
    return size(v)


@asks(
    points=3,
    see="Shuffle one column",
    hints=(
        "For each kind write down what the report subtracted from what, or divided by what, with "
        "*before* and *after* spelt out. Then solve for *error after − error before*.",
        "R² is 1 − error / variance, so R² before − R² after is (error after − error before) / "
        "variance. A function of the error, taken for a score, gives error before − error after.",
        "A quotient times the usual error is the error after. The root of the error after is the "
        "root of the usual error plus what the report says: square it, and take the usual error "
        "away.",
    ),
)
def error_growth(values, kind, usual, variance):
    """Five reports of one importance"""
    return _grown(values, kind, usual, variance)


@error_growth.inputs
def cases(rng):
    for kind in KINDS:
        usual = round(float(rng.uniform(3, 9)), 2)
        variance = round(usual + float(rng.uniform(4, 20)), 2)
        # One column misleads the model: without it the error falls.
        growth = np.append(rng.uniform(0.3, 2.5, 3), -rng.uniform(0.2, 0.8))
        growth = rng.permutation(growth)
        values = {
            "neg_mean_squared_error": growth,
            "error as a score": -growth,
            "r2": growth / variance,
            "quotient": (usual + growth) / usual,
            "root": np.sqrt(usual + growth) - np.sqrt(usual),
        }[kind]
        yield Case((values.round(4), kind, usual, variance), kind)


error_growth.variants(
    _grown,
    not_turned=(
        {"turned": False},
        "The report that took an error for a score is upside down: scikit-learn believes that "
        "higher is better, and reports score before less score after. A column that is needed "
        "then has a number below 0.",
    ),
    r2_as_it_is=(
        {"scale": lambda usual, variance: 1.0},
        "R² is a share of the variance. What is lost of it is a growth of the error only after it "
        "is multiplied by that variance.",
    ),
    r2_times_the_error=(
        {"scale": lambda usual, variance: usual},
        "You multiplied what R² lost by the usual error. R² is 1 − error / *variance*.",
    ),
    r2_times_the_rest=(
        {"scale": lambda usual, variance: variance - usual},
        "You multiplied what R² lost by the variance minus the error. R² is 1 − error / "
        "variance: only the variance stands below.",
    ),
    quotient_without_usual=(
        {"usual_of_quotient": False},
        "The quotient minus 1 is the growth as a share of the usual error. Multiply by the usual "
        "error.",
    ),
    quotient_is_the_error_after=(
        {"one": False},
        "The quotient times the usual error is the error *after* shuffling. Take the usual one "
        "away: a column that is not used must get 0.",
    ),
    root_as_it_is=(
        {"root": lambda v, usual: v},
        "The difference of two roots is not the difference of the errors. Add the root of the "
        "usual error first.",
    ),
    root_squared=(
        {"root": lambda v, usual: v**2},
        "You squared the difference of the roots. (a − b)² is not a² − b²: find the root after "
        "shuffling first, and square that.",
    ),
    only_sizes=(
        {"size": np.abs},
        "You took the absolute value. One column misleads the model: without it the error gets "
        "smaller, and a number below 0 says so.",
    ),
    cut_at_zero=(
        {"size": lambda v: np.maximum(v, 0)},
        "You cut the growth at 0. One column misleads the model: without it the error gets "
        "smaller, and a number below 0 says so.",
    ),
    turned_round=(
        {"size": lambda v: -v},
        "All signs are turned: the error *after* shuffling comes first.",
    ),
)


@error_growth.mistake
def as_they_are(values, kind, usual, variance):
    """More than one kind comes back as it was reported. Only one of the five is what is asked for
    already.
    """
    return np.asarray(values, dtype=float)
