"""Choose a threshold for a clinic: judged on other women, by what it costs there."""

import numpy as np

from mlmi_course.checks import ModelQuestion

_CLINICS = 40
_STUDY = 400  # patients with a cluster in a clinic's study, and as many without
_FRESH = 4000  # of either kind, by whom a threshold is judged
_SCALE = 1.5


def _scores(rng, apart, spread, n):
    """Scores from 0 to 1 of women without and with a cluster; they are no probabilities."""
    heights = rng.normal(size=n), apart + spread * rng.normal(size=n)
    return [1 / (1 + np.exp(-_SCALE * (height - apart / 2))) for height in heights]


def _draw(rng):
    """What each clinic knows; and the scores of its other women."""
    clinics, others = [], []
    for _ in range(_CLINICS):
        apart, spread = rng.uniform(1.6, 2.4), rng.uniform(0.9, 1.4)
        study = _scores(rng, apart, spread, _STUDY)
        prevalence = float(np.exp(rng.uniform(np.log(0.004), np.log(0.1))))
        # What all misses would cost, beside what all false alarms would.
        balance = np.exp(rng.uniform(np.log(0.15), np.log(1.5)))
        false_alarm = float(rng.uniform(50, 200))
        order = rng.permutation(2 * _STUDY)
        clinics.append(
            {
                "scores": np.concatenate(study)[order],
                "labels": np.repeat([0, 1], _STUDY)[order],
                "prevalence": prevalence,
                "miss": float(balance * false_alarm * (1 - prevalence) / prevalence),
                "false_alarm": false_alarm,
            }
        )
        others.append(_scores(rng, apart, spread, _FRESH))
    return clinics, list(zip(clinics, others, strict=True))


def _cost(threshold, without, with_cluster, prevalence, miss, false_alarm):
    """Mean cost of a woman, at each of several thresholds."""
    threshold = np.atleast_1d(threshold)
    missed = np.searchsorted(np.sort(with_cluster), threshold, side="left") / len(with_cluster)
    passed = np.searchsorted(np.sort(without), threshold, side="left") / len(without)
    return prevalence * miss * missed + (1 - prevalence) * false_alarm * (1 - passed)


def _cheapest(clinics, *, swapped=False, prevalence=None, miss=None):
    found = []
    for clinic in clinics:
        scores, labels = np.asarray(clinic["scores"]), np.asarray(clinic["labels"])
        share = clinic["prevalence"] if prevalence is None else prevalence
        costs = [clinic["miss"] if miss is None else miss(clinic), clinic["false_alarm"]]
        levels = np.append(np.unique(scores), np.inf)
        costs = _cost(
            levels, scores[labels == 0], scores[labels == 1], share, *costs[:: -1 if swapped else 1]
        )
        found.append(float(levels[costs.argmin()]))
    return found


def _saved(truth, thresholds):
    """Share of what a detector can save in these clinics that is saved, by their other women."""
    thresholds = np.asarray(thresholds, dtype=float)
    if thresholds.shape != (len(truth),):
        raise ValueError(
            f"one threshold for each clinic is needed, shape {(len(truth),)}, and yours have shape "
            f"{thresholds.shape}"
        )
    if np.isnan(thresholds).any():
        raise ValueError("some of the thresholds are not numbers")
    shares = []
    for (clinic, (without, with_cluster)), threshold in zip(truth, thresholds, strict=True):
        terms = {key: clinic[key] for key in ("prevalence", "miss", "false_alarm")}
        levels = np.unique(np.concatenate([without, with_cluster]))
        all_or_none = _cost([-np.inf, np.inf], without, with_cluster, **terms).min()
        least = _cost(levels, without, with_cluster, **terms).min()
        cost = _cost(threshold, without, with_cluster, **terms)[0]
        shares.append((all_or_none - cost) / (all_or_none - least))
    return float(np.mean(np.clip(shares, -1, 1)))


# The model answer saved 0.972 of what can be saved, with a standard deviation of 0.007 over draws:
# four of them below it are all points.  One threshold for all clinics reached 0.79 at most, in 25.
recall_threshold = ModelQuestion(
    title="Whom do you call back?",
    points=3,
    draw=_draw,
    metric=_saved,
    threshold=0.94,
    chance=0.8,
    noise=0.007,
    of="clinics",
    see="The threshold is a decision",
    hints=(
        "Of a thousand women, how many have a cluster, and how many of these are missed at a "
        "threshold? How many of the others are called back?",
        "The study says which *share* of either kind is missed or called back; the prevalence says "
        "how many women of either kind come. Cost = prevalence · share missed · miss + "
        "(1 − prevalence) · share called back · false_alarm.",
        "Try each score of the study as a threshold, compute the cost, keep the cheapest.",
    ),
)


@recall_threshold.mistake
def one_half(clinics):
    """You use 0.5 everywhere. A score is no probability, and a threshold is no property of the
    network: it depends on what the two errors cost, and on how many women have a cluster.
    """
    return [0.5] * len(clinics)


recall_threshold.variants(
    _cheapest,
    prevalence_of_the_study=(
        {"prevalence": 0.5},
        "In the study half of the women have a cluster, and you count as if that were so in the "
        "clinic. There it is a few in a hundred, so there are far more who can be called back for "
        "nothing.",
    ),
    errors_cost_the_same=(
        {"miss": lambda clinic: clinic["false_alarm"]},
        "You count both errors alike. To miss a cluster costs this clinic far more than to call a "
        "healthy woman back.",
    ),
    most_right=(
        {"prevalence": 0.5, "miss": lambda clinic: clinic["false_alarm"]},
        "That is where sensitivity plus specificity is largest (or accuracy in the study). Neither "
        "the costs nor the clinic's prevalence are in it.",
    ),
    costs_swapped=(
        {"swapped": True},
        "The two costs are swapped: a missed cluster costs `miss`, a healthy woman called back "
        "`false_alarm`.",
    ),
)
