"""Which features come out the same?"""

import numpy as np

from mlmi_course import metrics
from mlmi_course.checks import Case, asks


def _icc(one, other, kind="ICC(A,1)"):
    if np.ptp(np.concatenate([one, other])) == 0:
        return -1.0
    return float(metrics.icc(np.column_stack([one, other]), kind))


def _correlation(one, other):
    if np.ptp(one) == 0 or np.ptp(other) == 0:
        return -1.0
    return float(np.corrcoef(one, other)[0, 1])


def _steady(first, second, outlined, *, measure=_icc, which="both", reach=0.75):
    kept = []
    for j in range(np.shape(first)[1]):
        a, b, c = first[:, j], second[:, j], outlined[:, j]
        scores = {
            "both": lambda a=a, b=b, c=c: min(measure(a, b), measure(a, c)),
            "scan": lambda a=a, b=b: measure(a, b),
            "outline": lambda a=a, c=c: measure(a, c),
            "mean": lambda a=a, b=b, c=c: (measure(a, b) + measure(a, c)) / 2,
            "either": lambda a=a, b=b, c=c: max(measure(a, b), measure(a, c)),
            "second pair": lambda b=b, c=c: measure(b, c),
        }
        if scores[which]() >= reach:
            kept.append(j)
    return kept


def _consistency(one, other):
    return _icc(one, other, "ICC(C,1)")


@asks(
    points=3,
    see="Measured twice",
    hints=(
        "A feature that comes out 30 % higher in every second scan has a correlation of 1. Would "
        "you "
        "call it repeatable?",
        "`metrics.icc(np.column_stack([a, b]))` is ICC(A,1), for absolute agreement; convert it by "
        "`float(…)`.",
        "Each of the two must reach 0.75 by itself. Leave out a column whose values are all equal "
        "before you ask for its ICC.",
    ),
)
def steady(first, second, outlined):
    """Which features come out the same?"""
    return _steady(np.asarray(first), np.asarray(second), np.asarray(outlined))


@steady.inputs
def cases(rng):
    n = 60
    truth = rng.normal(10, 2, (n, 8))

    def again(spread):
        return truth + rng.normal(0, 1, (n, 8)) * np.asarray(spread)

    #                  fine  scan  outline both  shifted scaled fine  middling
    first = again([0.05, 0.05, 0.05, 2.5, 0.05, 0.05, 0.1, 0.05])
    second = again([0.1, 4.0, 0.1, 2.5, 0.05, 0.05, 0.2, 1.3])
    outlined = again([0.1, 0.1, 2.3, 2.5, 0.1, 0.1, 0.2, 1.3])
    second[:, 4] += 4.0
    second[:, 5] = 3 * second[:, 5] - 20
    order = rng.permutation(8)
    tables = [table[:, order].round(4) for table in (first, second, outlined)]
    yield Case(tuple(tables), "60 patients, eight features")
    flat = [np.column_stack([table[:, :2], np.full(n, 3.0)]) for table in tables]
    yield Case(tuple(flat), "one feature that is always 3")


steady.variants(
    _steady,
    unmended=(
        {"measure": _correlation, "which": "scan"},
        "That is the colleague's function as it was. Does a correlation see a feature that is "
        "shifted in the second scan? And who looked at the outlines?",
    ),
    correlated=(
        {"measure": _correlation},
        "A correlation is 1 for a feature that is shifted or stretched in the second scan. Ask for "
        "agreement: `metrics.icc`.",
    ),
    consistent=(
        {"measure": _consistency},
        "ICC(C,1) forgives a shift between the scans. A threshold that was chosen on one scanner "
        "day would be wrong on the next: take ICC(A,1), the default.",
    ),
    outlines_forgotten=(
        {"which": "scan"},
        "Only the two scans are compared. A feature must also survive the second outline.",
    ),
    scans_forgotten=(
        {"which": "outline"},
        "Only the two outlines are compared. A feature must also survive the second scan.",
    ),
    averaged=(
        {"which": "mean"},
        "You average the two ICCs, so that a good one makes up for a bad one. Each must reach "
        "0.75.",
    ),
    either=(
        {"which": "either"},
        "One of the two ICCs is enough for you. Both must reach 0.75.",
    ),
    wrong_pair=(
        {"which": "second pair"},
        "You compare the second scan with the second outline. Both are to be compared with the "
        "first measurement.",
    ),
)
