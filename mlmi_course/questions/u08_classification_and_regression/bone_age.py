"""Is this child's bone age unusual for the age?"""

import numpy as np

from mlmi_course.checks import Case, asks


def _z(age, reading, new_age, new_reading, *, line="reading on age", spread="n - 2", sign=1):
    """Standard deviations above what is usual; the parameters make the usual slips."""
    age, reading = np.asarray(age, dtype=float), np.asarray(reading, dtype=float)
    new_age, new_reading = np.asarray(new_age, dtype=float), np.asarray(new_reading, dtype=float)
    if line == "reading on age":
        slope, start = np.polyfit(age, reading, 1)
    elif line == "through the origin":
        slope, start = (age @ reading) / (age @ age), 0.0
    elif line == "slope one":
        slope, start = 1.0, (reading - age).mean()
    elif line == "none":
        slope, start = 1.0, 0.0
    elif line == "flat":
        slope, start = 0.0, reading.mean()
    else:  # age on reading, turned round
        back, begin = np.polyfit(reading, age, 1)
        slope, start = 1 / back, -begin / back
    rest = reading - start - slope * age
    off = new_reading - start - slope * new_age
    n = len(age)
    size = {
        "n - 2": np.sqrt((rest**2).sum() / (n - 2)),
        "n - 1": np.sqrt((rest**2).sum() / (n - 1)),
        "n": np.sqrt((rest**2).sum() / n),
        "gap": (reading - age).std(ddof=1),
        "error": np.sqrt((rest**2).sum() / (n - 2) / n),
        "years": 1.0,
    }[spread]
    return sign * off / size


@asks(
    points=3,
    tolerance=1e-4,
    see="What the clock may say",
    hints=(
        "Compare a child with children of the *same age*. What does the program usually say of "
        "them?",
        "`slope, start = np.polyfit(age, reading, 1)` is the usual reading at each age. The "
        "residuals of the healthy children say how far from it is still usual.",
        "z = (new_reading − start − slope · new_age) / s with s² = Σ residual² / (n − 2), both "
        "from the healthy children.",
    ),
)
def bone_age(age, reading, new_age, new_reading):
    """Is this bone age unusual?"""
    return _z(age, reading, new_age, new_reading)


@bone_age.inputs
def cases(rng):
    age = np.sort(rng.uniform(4, 16, 12)).round(1)
    reading = (10 + 0.7 * (age - 10) + rng.normal(0.3, 0.6, 12)).round(2)
    new_age = rng.uniform(4, 16, 4).round(1)
    new_reading = (new_age + rng.normal(0, 1, 4)).round(2)
    yield Case((age, reading, new_age, new_reading), "12 healthy children, 4 new ones")
    usual = np.polyval(np.polyfit(age, reading, 1), [5.0, 15.0])
    yield Case(
        (age, reading, np.array([5.0, 15.0]), usual), "two whose reading is usual for the age"
    )
    tall = rng.uniform(11, 13, 5).round(1)
    yield Case((age, reading, tall, (tall + 1.5).round(2)), "five of nearly the same age")


bone_age.variants(
    _z,
    raw_gap=(
        {"line": "none", "spread": "years"},
        "That is the raw gap, reading minus age. The program says of every young child that its "
        "bones are older, and of every old one that they are younger.",
    ),
    gap_over_spread_of_gaps=(
        {"line": "slope one", "spread": "gap"},
        "You compare the gap with the gaps of *all* healthy children. A child of 15 should be "
        "compared with what is usual at 15.",
    ),
    gap_without_its_mean=(
        {"line": "none", "spread": "gap"},
        "That is the raw gap over the spread of the gaps. What does the program usually say of "
        "healthy children of the same age?",
    ),
    mean_gap_only=(
        {"line": "slope one", "spread": "years"},
        "You subtract the mean gap, as if it were the same at all ages. It is not: it falls with "
        "age.",
    ),
    regressed_the_other_way=(
        {"line": "age on reading"},
        "Your line predicts the age from the reading. Asked is what the *reading* usually is at "
        "an age, and that is another line.",
    ),
    through_the_origin=(
        {"line": "through the origin"},
        "Your line has no intercept. A program that is unsure pulls towards the mean, so its "
        "line does not pass through the origin.",
    ),
    among_all_ages=(
        {"line": "flat"},
        "You compare the reading with the mean reading of all ages. An older child reads higher "
        "because it is older.",
    ),
    still_in_years=(
        {"spread": "years"},
        "The difference from the usual reading is right, and it is in years. Divide it by the "
        "standard deviation of the residuals of the healthy children.",
    ),
    divided_by_n=(
        {"spread": "n"},
        "Your standard deviation divides by n. A line has taken two numbers from the data: "
        "divide by n − 2.",
    ),
    divided_by_n_minus_1=(
        {"spread": "n - 1"},
        "Your standard deviation divides by n − 1. A line has taken two numbers from the data: "
        "divide by n − 2.",
    ),
    spread_of_gaps=(
        {"spread": "gap"},
        "You divide by the spread of the raw gaps, which also holds how they change with age. "
        "Take the residuals from the line.",
    ),
    standard_error=(
        {"spread": "error"},
        "You divide by the standard error, the uncertainty of a *mean*. Asked is how children "
        "differ: the standard deviation.",
    ),
    turned_round=(
        {"sign": -1},
        "The sign is turned round: a reading above the usual one has a positive z.",
    ),
)


@bone_age.mistake
def line_from_the_new(age, reading, new_age, new_reading):
    """You fit the line to the new children. They are the ones to be judged; what is usual, the
    healthy ones say.
    """
    return (
        _z(new_age, new_reading, new_age, new_reading)
        if len(new_age) > 2
        else np.full(len(new_age), np.nan)
    )


@bone_age.picture
def draw_answer(answer):
    from mlmi_course import plots
    from mlmi_course.checks.calling import call

    rng = np.random.default_rng(4)
    age = rng.uniform(4, 16, 200)
    reading = 10 + 0.7 * (age - 10) + rng.normal(0.2, 0.6, 200)
    z = np.asarray(call(answer, (age, reading, age, reading)), dtype=float)

    def before(ax):
        ax.scatter(age, reading - age, s=6, color=plots.COLOURS["neutral"])
        ax.set(xlabel="age (years)", ylabel="reading − age (years)")

    def after(ax):
        ax.scatter(age, z, s=6, color=plots.COLOURS["prediction"])
        ax.set(xlabel="age (years)", ylabel="your z")

    return plots.grid(
        [("the raw gap falls with age", before), ("yours should be level", after)],
        alt="Left: the raw gap of 200 healthy children falls with age. Right: your z over age.",
        size=(8, 3.4),
    )
