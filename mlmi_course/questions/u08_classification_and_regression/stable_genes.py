"""Stability selection with a promise: how many false genes may there be?"""

import numpy as np

from mlmi_course.checks import Case, asks


def _stable(
    chosen,
    most_false,
    *,
    square=True,
    half=True,
    runs_for_genes=False,
    q="mean",
    strict=False,
    limit=None,
):
    """Genes above the threshold that keeps the promise; the parameters make the usual slips."""
    chosen = np.asarray(chosen).astype(bool)
    runs, genes = chosen.shape
    size = {"mean": chosen.sum(axis=1).mean(), "union": chosen.any(axis=0).sum()}[q]
    count = runs if runs_for_genes else genes
    threshold = size ** (2 if square else 1) / (count * most_false) + 1
    threshold = threshold / 2 if half else threshold - 1
    if limit is not None:
        threshold = limit
    share = chosen.mean(axis=0)
    keep = share > threshold + 1e-9 if strict else share >= threshold - 1e-9
    return [int(gene) for gene in np.flatnonzero(keep)]


@asks(
    points=3,
    see="Which genes?",
    hints=(
        "Solve the bound for π: which π makes q² / ((2π − 1) p) equal to `most_false`?",
        "π = (1 + q² / (p · most_false)) / 2, where p is the number of columns and q the number "
        "that each run chose.",
        "`share = chosen.mean(axis=0)`; keep `np.flatnonzero(share >= pi - 1e-9)`, as a list.",
    ),
)
def stable_genes(chosen, most_false):
    """Which genes keep the promise?"""
    return _stable(chosen, most_false)


def _runs(rng, runs, q, shares):
    """Runs that choose q genes each, in which the genes have nearly these shares."""
    genes = len(shares)
    left = np.round(np.asarray(shares) * runs).astype(int)
    chosen = np.zeros((runs, genes), dtype=bool)
    for run in range(runs):
        want = np.argsort(-(left + rng.uniform(0, 0.5, genes)), kind="stable")[:q]
        chosen[run, want] = True
        left[want] -= 1
    return chosen[rng.permutation(runs)]


@stable_genes.inputs
def cases(rng):
    order = rng.permutation(60)
    shares = np.zeros(60)
    shares[:12] = [1, 0.95, 0.9, 0.8, 0.75, 0.7, 0.65, 0.6, 0.55, 0.5, 0.4, 0.3]
    shares[12:] = (8 - shares.sum()) / 48 if shares.sum() < 8 else 0.0
    chosen = _runs(rng, 20, round(shares.sum()), shares)[:, order]
    yield Case((chosen, 3.0), "20 runs and 60 genes, at most 3 false ones")
    yield Case((chosen, 2.0), "the same, at most 2 false ones")
    yield Case((chosen, 0.5), "the same, at most half a false one")
    exact = np.zeros((10, 40), dtype=bool)  # q = 4 of 40: for 1 false gene the threshold is 0.7
    exact[:, 0] = True
    exact[:7, 1] = True
    exact[:6, 2] = True
    for run in range(10):
        free = 4 - int(exact[run].sum())
        exact[run, 3 + (np.arange(free) + 3 * run) % 37] = True
    yield Case((exact[:, rng.permutation(40)], 1.0), "a gene exactly at the threshold")


stable_genes.variants(
    _stable,
    always_sixty_percent=(
        {"limit": 0.6},
        "You keep a threshold of 0.6, whatever is promised. The bound says which threshold keeps "
        "*this* promise.",
    ),
    just_above_a_half=(
        {"limit": 0.5},
        "You keep what is chosen in half of the runs. There the bound is infinite: solve it for π.",
    ),
    not_squared=(
        {"square": False},
        "In the bound q is squared.",
    ),
    not_halved=(
        {"half": False},
        "From 2π − 1 = q² / (p · most_false) follows π by adding 1 *and* halving.",
    ),
    runs_for_genes=(
        {"runs_for_genes": True},
        "p is the number of genes, the columns. You take the number of runs.",
    ),
    union_for_q=(
        {"q": "union"},
        "q is the number of genes that *one* run chooses, and not how many are ever chosen.",
    ),
    exactly_at_it_dropped=(
        {"strict": True},
        "A gene exactly at the threshold stays: at least π. (0.7 in a computer may be "
        "0.7000000001, so leave it a little room.)",
    ),
)


@stable_genes.mistake
def as_many_as_promised(chosen, most_false):
    """You return as many genes as there may be false ones. The promise is about the false ones
    among those that are kept.
    """
    order = np.argsort(-np.asarray(chosen).mean(axis=0), kind="stable")
    return sorted(int(gene) for gene in order[: int(np.ceil(most_false))])


@stable_genes.mistake
def ever_chosen(chosen, most_false):
    """Those are all genes that were ever chosen. If you compared counts with π, divide them by
    the number of runs first.
    """
    return [int(gene) for gene in np.flatnonzero(np.asarray(chosen).any(axis=0))]
