"""Which features come out the same?"""

import numpy as np

from mlmi_course import metrics
from mlmi_course.checks import Case, asks


def _icc(one, other, kind="ICC(A,1)"):
    """The lower limit of an ICC's interval."""
    return (
        -1.0 if np.ptp([one, other]) == 0 else metrics.icc(np.column_stack([one, other]), kind).low
    )


def _estimate(one, other):
    return -1.0 if np.ptp([one, other]) == 0 else float(metrics.icc(np.column_stack([one, other])))


def _consistency(one, other):
    return _icc(one, other, "ICC(C,1)")


def _correlation(one, other):
    if np.ptp(one) == 0 or np.ptp(other) == 0:
        return -1.0
    return float(np.corrcoef(one, other)[0, 1])


def _steady(first, second, outlined, *, measure=_icc, which="both", reach=0.75):
    kept = []
    for j in range(np.shape(first)[1]):
        a, b, c = first[:, j], second[:, j], outlined[:, j]
        score = {
            "both": lambda a=a, b=b, c=c: min(measure(a, b), measure(a, c)),
            "scan": lambda a=a, b=b: measure(a, b),
            "outline": lambda a=a, c=c: measure(a, c),
            "mean": lambda a=a, b=b, c=c: (measure(a, b) + measure(a, c)) / 2,
            "either": lambda a=a, b=b, c=c: max(measure(a, b), measure(a, c)),
            "second pair": lambda b=b, c=c: measure(b, c),
        }[which]()
        if score >= reach:
            kept.append(j)
    return kept


@asks(
    points=3,
    see="Measured twice",
    hints=(
        "A feature that comes out 30 % higher in every second scan has a correlation of 1. Would "
        "you "
        "call it repeatable?",
        "`metrics.icc(np.column_stack([a, b]))` is ICC(A,1), for absolute agreement; its `.low` is "
        "the lower end of its 95 % interval.",
        "Each of the two lower ends must reach 0.75 by itself. Leave out a column whose values "
        "are all equal "
        "before you ask for its ICC.",
    ),
)
def steady(first, second, outlined):
    """Which features come out the same?"""
    return _steady(np.asarray(first), np.asarray(second), np.asarray(outlined))


@steady.inputs
def cases(rng):
    n = 60
    # Orthogonal columns, so that each ICC is what it is meant to be, whatever the seed.
    columns = np.linalg.qr(np.column_stack([np.ones(n), rng.normal(size=(n, 36))]))[0]
    columns = columns[:, 1:].reshape(n, 4, 9) * np.sqrt(n)
    truth = 10 + 2 * columns[:, 0]
    #          fine  scan  outline both shifted scaled fine  apart unsure
    errors = [
        [0.05, 0.05, 0.05, 2.5, 0.05, 0.05, 0.1, 0.05, 0.05],
        [0.10, 4.00, 0.10, 2.5, 0.05, 0.05, 0.2, 0.05, 1.40],
        [0.10, 0.10, 1.90, 2.5, 0.10, 0.10, 0.2, 0.05, 0.10],
    ]
    first, second, outlined = (truth + columns[:, 1 + k] * errors[k] for k in range(3))
    apart = 0.9 * columns[:, 1, 7]  # to either side of the first
    second[:, 7] += apart
    outlined[:, 7] -= apart
    second[:, 4] += 4.0
    second[:, 5] = 3 * second[:, 5] - 20
    order = rng.permutation(9)
    tables = [table[:, order].round(4) for table in (first, second, outlined)]
    yield Case(tuple(tables), "60 patients, nine features")
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
    estimates=(
        {"measure": _estimate},
        "You take the ICC itself. With so few patients it may be 0.8 by luck: the *lower end* of "
        "its "
        "interval, `.low`, must reach 0.75.",
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
