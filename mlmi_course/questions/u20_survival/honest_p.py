"""The honest p of a search."""

import numpy as np

from mlmi_course.checks import Case, asks


@asks(
    points=2,
    see="How often is nothing something?",
    hints=(
        "What would the same search have found in shuffled data? It would have taken the smallest "
        "p of each row.",
        "`p_shuffled.min(axis=1)` are the finds of the shuffled searches. How many are as small "
        "as yours?",
        "(1 + that count) / (1 + number of shuffles): your own search is one of the searches.",
    ),
)
def honest_p(p_cuts, p_shuffled):
    """The honest p of a search"""
    as_good = np.sum(p_shuffled.min(axis=1) <= p_cuts.min())
    return float((1 + as_good) / (1 + len(p_shuffled)))


@honest_p.inputs
def cases(rng):
    def searches(count, cuts):
        return rng.uniform(size=(count, cuts)).round(4)

    shuffled = searches(19, 6)
    best = np.sort(shuffled.min(axis=1))
    p = np.append(rng.uniform(0.3, 1, 5).round(4), (best[4] + best[5]) / 2)
    yield Case((rng.permutation(p), shuffled), "6 cuts and 19 shuffles")
    yield Case(
        (np.array([0.9, best[2], 0.8, 0.7, 0.6, 0.5]), shuffled),
        "a shuffle that does exactly as well",
    )
    yield Case((np.array([0.5, 0.00001, 0.7]), searches(99, 3)), "a p that no shuffle reaches")
    yield Case((np.array([0.04]), searches(39, 1)), "one cut only: nothing was searched")
    twice = shuffled.copy()
    twice[3] = best[0] / 2  # one shuffle in which every cut does well: still one search
    yield Case((rng.permutation(p), twice), "a shuffle with several small p-values")


@honest_p.mistake
def unmended(p_cuts, p_shuffled):
    """That is the colleague's function as it was. May a shuffled search choose its own cut in it?
    And can it ever give a p of 0?
    """
    return float(np.mean(p_shuffled[:, p_cuts.argmin()] <= p_cuts.min()))


@honest_p.mistake
def uncorrected_minimum(p_cuts, p_shuffled):
    """That is the smallest p, uncorrected. It is the best of many tries: under pure chance it is
    below 0.05 far more often than in 5 % of studies.
    """
    return float(p_cuts.min())


@honest_p.mistake
def bonferroni(p_cuts, p_shuffled):
    """You multiply by the number of cuts (Bonferroni). That is safe but far too strict:
    neighbouring cuts give nearly the same groups. The shuffles know how much they share.
    """
    return float(min(1.0, len(p_cuts) * p_cuts.min()))


@honest_p.mistake
def all_cuts_pooled(p_cuts, p_shuffled):
    """You compare with all p-values of the shuffles. Your p is the best of a search: compare it
    with the best of each shuffled search, one per row.
    """
    return float((1 + np.sum(p_shuffled <= p_cuts.min())) / (1 + p_shuffled.size))


@honest_p.mistake
def values_counted(p_cuts, p_shuffled):
    """You count small p-values. Count *searches*: a shuffle in which several cuts do well is still
    one search.
    """
    return float((1 + np.sum(p_shuffled <= p_cuts.min())) / (1 + len(p_shuffled)))


@honest_p.mistake
def one_above_only(p_cuts, p_shuffled):
    """The 1 is missing below: the authors' search is one of all searches too."""
    return float((1 + np.sum(p_shuffled.min(axis=1) <= p_cuts.min())) / len(p_shuffled))


@honest_p.mistake
def one_below_only(p_cuts, p_shuffled):
    """The 1 is missing above: the authors' own search does as well as theirs."""
    return float(np.sum(p_shuffled.min(axis=1) <= p_cuts.min()) / (1 + len(p_shuffled)))


@honest_p.mistake
def same_cut_only(p_cuts, p_shuffled):
    """You look at one cut only in the shuffles: the one that won in the real data. The shuffled
    search is free to choose its own.
    """
    column = p_shuffled[:, p_cuts.argmin()]
    return float((1 + np.sum(column <= p_cuts.min())) / (1 + len(p_shuffled)))


@honest_p.mistake
def best_of_each_cut(p_cuts, p_shuffled):
    """You take the best p of each *cut* over all shuffles, one per column. A search is a row: take
    the best p of each row.
    """
    as_good = np.sum(p_shuffled.min(axis=0) <= p_cuts.min())
    return float((1 + as_good) / (1 + len(p_shuffled)))


@honest_p.mistake
def zero_possible(p_cuts, p_shuffled):
    """Without the 1 a p of 0 is possible, and 19 shuffles cannot prove the impossible. Your own
    search is one of the searches: add 1 above and below.
    """
    return float(np.mean(p_shuffled.min(axis=1) <= p_cuts.min()))


@honest_p.mistake
def strictly_smaller(p_cuts, p_shuffled):
    """A shuffle that does *exactly* as well as the authors counts too: as small or smaller."""
    better = np.sum(p_shuffled.min(axis=1) < p_cuts.min())
    return float((1 + better) / (1 + len(p_shuffled)))


@honest_p.mistake
def other_tail(p_cuts, p_shuffled):
    """You count the shuffles that found a *larger* p. Asked is how often chance does as well as
    you: a p as small or smaller.
    """
    worse = np.sum(p_shuffled.min(axis=1) >= p_cuts.min())
    return float((1 + worse) / (1 + len(p_shuffled)))
