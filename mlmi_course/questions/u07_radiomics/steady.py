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


def _high(one, other):
    return -1.0 if np.ptp([one, other]) == 0 else metrics.icc(np.column_stack([one, other])).high


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
            "all": lambda a=a, b=b, c=c: min(measure(a, b), measure(a, c), measure(b, c)),
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
    def tables(n, scan, outline):
        """Three tables whose ICCs are what these errors make them, whatever the seed."""
        p = len(scan)
        columns = np.linalg.qr(np.column_stack([np.ones(n), rng.normal(size=(n, 3 * p))]))[0]
        truth, one, two = columns[:, 1:].reshape(n, 3, p).swapaxes(0, 1) * np.sqrt(n)
        truth = 10 + 2 * truth
        return truth, truth + one * scan, truth + two * outline

    #          fine scan outline both shifted scaled fine apart unsure shifted unsure well
    scan = [0.10, 4.00, 0.10, 2.5, 0.05, 0.05, 0.2, 0.05, 1.40, 0.1, 0.1, 0.80]
    outline = [0.10, 0.10, 1.90, 2.5, 0.10, 0.10, 0.2, 0.05, 0.10, 0.1, 1.4, 0.80]
    first, second, outlined = tables(60, scan, outline)
    apart = 0.9 * np.linalg.qr(np.column_stack([np.ones(60), first[:, 7], rng.normal(size=60)]))[0]
    second[:, 7] += apart[:, 2] * np.sqrt(60)  # to either side of the first
    outlined[:, 7] -= apart[:, 2] * np.sqrt(60)
    second[:, 4] += 4.0
    second[:, 5] = 3 * second[:, 5] - 20
    outlined[:, 9] += 4.0
    outlined[:, 3] = second[:, 3] + 0.01 * rng.normal(size=60)  # alike, and unlike the first
    order = rng.permutation(len(scan))
    three = [table[:, order].round(4) for table in (first, second, outlined)]
    yield Case(tuple(three), "60 patients, twelve features")
    few = tables(20, [0.9, 0.2, 1.05], [0.2, 0.2, 1.05])
    yield Case(tuple(t.round(4) for t in few), "20 patients: intervals are wide")
    flat = [np.column_stack([table[:, :2], np.full(60, 3.0)]) for table in three]
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
    upper_end=(
        {"measure": _high},
        "You take the upper end of the interval: that is the most hopeful value, and not a "
        "cautious "
        "one. Take `.low`.",
    ),
    all_pairs=(
        {"which": "all"},
        "You also compare the second scan with the second outline. Both are to be compared with "
        "the "
        "first measurement only.",
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
