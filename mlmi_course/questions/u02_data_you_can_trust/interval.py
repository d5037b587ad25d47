"""An interval that draws patients."""

import numpy as np

from mlmi_course.checks import Case, asks


def _rates(hit, patients, drawn, *, by="rows", once=False, mean_of_means=False):
    """Rate in each resample; `drawn` holds patients, one row a resample."""
    hit, patients = np.asarray(hit, float), np.asarray(patients)
    rates = []
    for who in np.asarray(drawn):
        who = np.unique(who) if once else who
        parts = [hit[patients == one] for one in who]
        if mean_of_means:
            rates.append(np.mean([part.mean() for part in parts]))
        else:
            rates.append(np.concatenate(parts).mean())
    return np.array(rates)


def _interval(hit, patients, drawn, *, tails=(2.5, 97.5), **other):
    return np.percentile(_rates(hit, patients, drawn, **other), tails)


@asks(
    points=3,
    see="Cousins in the test set",
    hints=(
        "A patient who was drawn twice brings all of her images twice. What does `np.isin` make of "
        "her?",
        "`np.concatenate([hit[patients == one] for one in who])` are the images of one resample, "
        "repetitions included.",
        "The ends of a 95 % interval are the percentiles 2.5 and 97.5 of the rates.",
    ),
)
def interval(hit, patients, drawn):
    """An interval that draws patients"""
    return _interval(hit, patients, drawn)


@interval.inputs
def cases(rng):
    counts = rng.integers(1, 7, 14)
    patients = np.repeat(rng.permutation(np.arange(20, 60))[:14], counts)
    own = np.repeat(rng.beta(1.2, 0.8, 14), counts)
    hit = (rng.random(len(own)) < own).astype(int)
    order = rng.permutation(len(hit))
    names = np.unique(patients)
    yield Case(
        (hit[order], patients[order], rng.choice(names, (80, 14))), "14 patients with 1 to 6 images"
    )
    one = np.arange(12)
    yield Case(
        ((rng.random(12) < 0.7).astype(int), one, rng.choice(one, (60, 12))),
        "one image a patient",
    )


interval.variants(
    _interval,
    unmended=(
        {"once": True, "tails": (5, 95)},
        "That is the colleague's function as it was. How often does a patient count who was drawn "
        "twice? And what share lies between the percentiles 5 and 95?",
    ),
    repetitions_lost=(
        {"once": True},
        "A patient who was drawn twice counts once. Then every resample has fewer patients than "
        "the study, and they are too alike: bring her images as often as she was drawn.",
    ),
    ninety_percent=({"tails": (5, 95)}, "Between the percentiles 5 and 95 lie 90 %, not 95 %."),
    patients_weigh_alike=(
        {"mean_of_means": True},
        "You average the rates of the patients. The rate that was asked for is over images, so a "
        "patient with six of them weighs more.",
    ),
    one_sided=({"tails": (0, 95)}, "That is one-sided. Leave 2.5 % out on each side."),
)


@interval.mistake
def standard_error(hit, patients, drawn):
    """That is mean ± 1.96 standard deviations. The question asks for percentiles of the rates."""
    rates = _rates(hit, patients, drawn)
    return rates.mean() + 1.96 * rates.std() * np.array([-1, 1])


@interval.mistake
def whole_range(hit, patients, drawn):
    """Those are the smallest and the largest rate, and grow apart with more resamples. Take
    percentiles.
    """
    rates = _rates(hit, patients, drawn)
    return np.array([rates.min(), rates.max()])
