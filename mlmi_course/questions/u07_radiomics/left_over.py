"""What is left of a feature when the volume is taken out?"""

import numpy as np
from scipy.stats import rankdata

from mlmi_course.checks import Case, asks


def _left(
    feature,
    volume,
    scanner,
    outcome,
    *,
    ranks="average",
    take_out="both",
    absolute=False,
    given="both",
):
    columns = [np.asarray(x, float) for x in (feature, volume, outcome)]
    x, v, y = [rankdata(c, ranks) for c in columns] if ranks else columns
    known = {"both": [v, scanner], "volume": [v], "scanner": [scanner]}[given]
    design = np.column_stack([np.ones(len(v)), *known]).astype(float)

    def rest(z):
        return z - design @ np.linalg.lstsq(design, z, rcond=None)[0]

    a = rest(x) if take_out in ("both", "feature") else x - x.mean()
    b = rest(y) if take_out in ("both", "outcome") else y - y.mean()
    for after, before in ((a, x), (b, y)):
        if (after**2).sum() < 1e-9 * ((before - before.mean()) ** 2).sum():
            return 0.0
    found = float((a * b).sum() / np.sqrt((a**2).sum() * (b**2).sum()))
    return abs(found) if absolute else found


@asks(
    points=3,
    see="What is left?",
    hints=(
        "Replace feature, volume and outcome by their ranks first. Then fit both by least "
        "squares from "
        "three columns: a 1, the volume's ranks, the scanner.",
        "`np.linalg.lstsq(design, x, rcond=None)[0]` gives the coefficients, and `x − design @ "
        "coefficients` the residuals.",
        "Correlate the residuals of the feature with the residuals of the outcome. If either are "
        "all "
        "about 0 (below 1e-6, say), return 0.0.",
    ),
)
def left_over(feature, volume, scanner, outcome):
    """What is left when volume and scanner are taken out?"""
    return _left(feature, volume, scanner, outcome)


@left_over.inputs
def cases(rng):
    n = 40
    volume = (50 * np.exp(rng.normal(1.5, 0.8, n)).round(1)).round(1)  # some are equal
    volume[:6] = volume[6:12]
    scanner = (rng.random(n) < 0.5).astype(int)
    outcome = (0.8 * np.log(volume) + 0.8 * scanner + rng.normal(0, 0.6, n)).round(3)
    feature = volume**0.5 * np.exp(rng.normal(0, 0.25, n)) * (1 + 0.4 * scanner) - 12 * outcome
    feature = feature.round(3)
    yield Case((feature, volume, scanner, outcome), "a feature that follows volume and scanner")
    yield Case((-feature, volume, scanner, outcome), "the same, turned round")
    grade = np.clip(np.round(outcome - np.median(outcome) + 2), 0, 4).astype(int)
    yield Case((feature, volume, scanner, grade), "an outcome of grades, many of them equal")
    yield Case((3 * volume**1.5, volume, scanner, outcome), "the volume itself, in disguise")


left_over.variants(
    _left,
    nothing_taken_out=(
        {"take_out": "none"},
        "That is Spearman's correlation of feature and outcome. Volume and scanner are still in "
        "both.",
    ),
    feature_only=(
        {"take_out": "feature"},
        "The two are out of the feature, but still in the outcome. Take them out of both, or the "
        "number is too small.",
    ),
    outcome_only=(
        {"take_out": "outcome"},
        "The two are out of the outcome, but still in the feature. Take them out of both.",
    ),
    scanner_stays=(
        {"given": "volume"},
        "The volume is out, but the scanner is not: one of the two scanners may give higher "
        "values, and "
        "sicker patients.",
    ),
    volume_stays=(
        {"given": "scanner"},
        "The scanner is out, but the volume is not.",
    ),
    no_ranks=(
        {"ranks": None},
        "You fitted the values themselves. Few features follow the volume along a straight line, "
        "so a "
        "curved one keeps some of it: take ranks first.",
    ),
    lowest_rank=(
        {"ranks": "min"},
        "Equal values get the *lowest* of their ranks. They share the mean rank, which is what "
        "`rankdata` gives by default.",
    ),
    dense_rank=(
        {"ranks": "dense"},
        "Your ranks have no gaps after equal values. Equal values share the mean of the ranks that "
        "they would have had: `rankdata` without a method.",
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
    scanner = np.arange(80) % 2
    outcome = np.log(volume) + 0.5 * scanner + rng.normal(0, 0.8, 80)
    made = {
        "follows the volume": volume**0.7 * np.exp(rng.normal(0, 0.2, 80)),
        "follows the scanner": scanner + rng.normal(0, 0.3, 80),
        "knows something else": rng.normal(size=80)
        + 0.8 * (outcome - np.log(volume) - 0.5 * scanner),
        "knows nothing": rng.normal(size=80),
    }
    values = [float(call(answer, (x, volume, scanner, outcome))) for x in made.values()]
    return plots.bars(
        list(made),
        values,
        xlabel="left with the outcome",
        title="80 simulated tumours",
        alt="What your function leaves of four features.",
    )
