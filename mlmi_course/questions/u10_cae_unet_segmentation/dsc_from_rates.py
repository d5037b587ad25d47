"""One number too many."""

from mlmi_course.checks import Case, asks
from mlmi_course.checks.calling import call


@asks(
    points=2,
    see="Read a published table",
    hints=(
        "Start from Dice = 2 TP / (2 TP + FP + FN) and divide above and below by TP + FN.",
        "TP / (TP + FN) is 1 − FNR. FP / (TP + FN) is the paper's FPR. FN / (TP + FN) is the FNR.",
        "Dice = 2 (1 − FNR) / (2 − FNR + FPR). The function gets 1 − FPR and 1 − FNR: turn them "
        "back first.",
    ),
)
def dsc_from_rates(one_minus_fpr, one_minus_fnr):
    """One number too many"""
    fpr, fnr = 1 - one_minus_fpr, 1 - one_minus_fnr
    return 2 * (1 - fnr) / (2 - fnr + fpr)


@dsc_from_rates.inputs
def cases(rng):
    for _ in range(2):
        fpr, fnr = rng.uniform(0.1, 0.3), rng.uniform(0.35, 0.6)
        yield Case((round(1 - fpr, 3), round(1 - fnr, 3)), "two printed numbers")
    yield Case((-1.5, 0.9), "a false positive rate of 2.5: the mask is far too large")
    yield Case((1.0, 1.0), "a perfect mask")


@dsc_from_rates.mistake
def not_turned_back(fpr, fnr):
    """You put the printed numbers in place of the rates. The paper prints 1 − FPR and 1 − FNR:
    turn them back first.
    """
    return 2 * (1 - fnr) / (2 - fnr + fpr)


@dsc_from_rates.mistake
def harmonic_mean(one_minus_fpr, one_minus_fnr):
    """That is the harmonic mean of the two printed numbers. It would be right if 1 − FPR were the
    precision. It is not: its denominator is the truth, not the prediction.
    """
    return 2 * one_minus_fpr * one_minus_fnr / (one_minus_fpr + one_minus_fnr)


@dsc_from_rates.mistake
def mean(one_minus_fpr, one_minus_fnr):
    """That is the mean of the two. Dice is a ratio: derive it from the counts."""
    return (one_minus_fpr + one_minus_fnr) / 2


@dsc_from_rates.mistake
def swapped(one_minus_fpr, one_minus_fnr):
    """FPR and FNR have changed places. Missed pixels also leave the numerator; false ones only
    enter the denominator.
    """
    return dsc_from_rates.right(one_minus_fnr, one_minus_fpr)


@dsc_from_rates.mistake
def fpr_subtracted(one_minus_fpr, one_minus_fnr):
    """You subtract the FPR below. What is marked too much makes the denominator larger, and Dice
    smaller.
    """
    return 2 * one_minus_fnr / (one_minus_fpr + one_minus_fnr)


@dsc_from_rates.mistake
def jaccard(one_minus_fpr, one_minus_fnr):
    """That is the Jaccard index: TP / (TP + FP + FN), divided by TP + FN. Dice has 2 TP above, and
    below too.
    """
    fpr, fnr = 1 - one_minus_fpr, 1 - one_minus_fnr
    return (1 - fnr) / (1 + fpr)


# Veiga-Canuto et al., Cancers 14 (2022) 3648: medians of 1 − FPR (relative to the truth), of
# 1 − FNR, and of the Dice coefficient.
PUBLISHED = {"two readers": (0.939, 0.998, 0.969), "nnU-Net": (0.968, 0.963, 0.965)}


@dsc_from_rates.picture
def beside_the_printed_ones(answer):
    from mlmi_course import plots

    names, values = [], []
    for who, (one_minus_fpr, one_minus_fnr, printed) in PUBLISHED.items():
        names += [f"{who}: printed", f"{who}: from its rates"]
        values += [printed, float(call(answer, (one_minus_fpr, one_minus_fnr)))]
    words = ", ".join(f"{n} {v:.3f}" for n, v in zip(names, values, strict=True))
    return plots.bars(
        names,
        values,
        decimals=3,
        xlabel="Dice coefficient",
        highlight=[name for name in names if name.endswith("rates")],
        alt=f"Dice coefficients as printed and as computed from the printed rates: {words}.",
    )
