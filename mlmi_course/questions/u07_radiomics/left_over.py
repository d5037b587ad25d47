"""What is left of a feature when the volume is taken out?"""

import numpy as np
from scipy.stats import rankdata

from mlmi_course.checks import Case, asks


def _left(feature, volume, outcome, *, ranks=True, take_out="both", absolute=False):
    columns = [np.asarray(x, float) for x in (feature, volume, outcome)]
    x, v, y = [rankdata(c) for c in columns] if ranks else columns
    design = np.column_stack([np.ones(len(v)), v])

    def rest(z):
        return z - design @ np.linalg.lstsq(design, z, rcond=None)[0]

    a = rest(x) if take_out in ("both", "feature") else x - x.mean()
    b = rest(y) if take_out in ("both", "outcome") else y - y.mean()
    size = np.sqrt((a**2).sum() * (b**2).sum())
    if (a**2).sum() < 1e-9 * ((x - x.mean()) ** 2).sum() or size < 1e-12:
        return 0.0
    found = float((a * b).sum() / size)
    return abs(found) if absolute else found


@asks(
    points=3,
    see="Volume in disguise",
    hints=(
        "Replace all three by their ranks first. Then fit a straight line in the volume's ranks to "
        "each of the other two.",
        "`np.polyfit(v, x, 1)` gives slope and intercept; the residuals are `x − "
        "np.polyval(line, v)`.",
        "Correlate the residuals of the feature with the residuals of the outcome. If the "
        "feature's "
        "residuals are all about 0, return 0.0.",
    ),
)
def left_over(feature, volume, outcome):
    """What is left when the volume is taken out?"""
    return _left(feature, volume, outcome)


@left_over.inputs
def cases(rng):
    n = 40
    volume = np.exp(rng.normal(7, 0.8, n)).round(2)
    outcome = (0.8 * np.log(volume) + rng.normal(0, 0.6, n)).round(3)
    feature = (volume**0.5 * np.exp(rng.normal(0, 0.25, n)) - 4 * outcome).round(3)
    yield Case((feature, volume, outcome), "a feature that follows the volume")
    yield Case((-feature, volume, outcome), "the same, turned round")
    ties = (rng.random(n) < 0.5).astype(int)
    yield Case((feature, volume, ties), "an outcome of 0 and 1")
    yield Case((3 * volume**1.5, volume, outcome), "the volume itself, in disguise")


left_over.variants(
    _left,
    nothing_taken_out=(
        {"take_out": "none"},
        "That is Spearman's correlation of feature and outcome. The volume is still in both.",
    ),
    feature_only=(
        {"take_out": "feature"},
        "The volume is out of the feature, but still in the outcome. Take it out of both, or the "
        "number is too small.",
    ),
    outcome_only=(
        {"take_out": "outcome"},
        "The volume is out of the outcome, but still in the feature. Take it out of both.",
    ),
    no_ranks=(
        {"ranks": False},
        "You fitted lines to the values themselves. Few features follow the volume along a "
        "straight "
        "line, so a curved one keeps some of it: take ranks first.",
    ),
    absolute=(
        {"absolute": True},
        "The sign is lost. Whether more or less of the feature is bad is part of the answer.",
    ),
)


@left_over.picture
def draw_answer(answer):
    from mlmi_course import plots
    from mlmi_course.checks.calling import call

    rng = np.random.default_rng(11)
    volume = np.exp(rng.normal(7, 0.8, 80))
    outcome = np.log(volume) + rng.normal(0, 0.8, 80)
    made = {
        "follows the volume": volume**0.7 * np.exp(rng.normal(0, 0.2, 80)),
        "knows something else": rng.normal(size=80) + 0.8 * (outcome - np.log(volume)),
        "knows nothing": rng.normal(size=80),
    }
    values = [float(call(answer, (x, volume, outcome))) for x in made.values()]
    return plots.bars(
        list(made),
        values,
        xlabel="left with the outcome, volume taken out",
        title="80 simulated tumours",
        alt="What your function leaves of three features.",
    )
