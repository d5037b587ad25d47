"""Stability selection with a promise: how many false genes may there be?"""

import numpy as np

from mlmi_course.checks import Case, asks


def _stable(chosen, most_false, **slip):
    """Genes above the threshold that keeps the promise; the parameters make the usual slips."""
    chosen = np.asarray(chosen).astype(bool)
    runs, genes = chosen.shape
    share = chosen.mean(axis=0)
    q = {
        "each": chosen.sum(axis=1).mean(),
        "union": chosen.any(axis=0).sum(),
        "majority": (share > 0.5).sum(),
        "columns": chosen.sum(axis=0).mean(),
    }[slip.get("q", "each")]
    p = {"genes": genes, "runs": runs, "none": 1}[slip.get("p", "genes")]
    bearable = 1 if slip.get("promise_forgotten") else most_false
    ratio = q ** slip.get("power", 2) / (p * bearable)
    threshold = ratio if slip.get("not_halved") else (1 + ratio) / 2
    threshold = slip.get("limit", min(threshold, slip.get("highest", np.inf)))
    keep = share > threshold + 1e-9 if slip.get("strict") else share >= threshold - 1e-9
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
    levels = [1, 0.95, 0.9, 0.85, 0.8, 0.75, 0.7, 0.65, 0.6, 0.6, 0.55, 0.55]
    shares = np.zeros(60)
    shares[:12] = levels
    shares[12:] = (10 - shares.sum()) / 48
    order = rng.permutation(60)
    chosen = _runs(rng, 80, 10, shares)[:, order]
    yield Case((chosen, 5.0), "80 runs and 60 genes, at most 5 false ones")
    yield Case((chosen, 3.0), "the same, at most 3 false ones")
    always = chosen.copy()
    always[:, int(np.argmax(chosen.mean(axis=0)))] = True  # one gene that each run chose
    free = always.sum(axis=1) > 10
    for run in np.flatnonzero(free):  # and still ten in each run
        rare = np.flatnonzero(always[run] & (always.mean(axis=0) < 0.5))
        always[run, rare[0] if len(rare) else np.flatnonzero(always[run])[0]] = False
    yield Case((always, 1.0), "at most one false gene: even a gene of every run does not do")
    exact = np.zeros((10, 40), dtype=bool)  # q = 4 of 40: for 1 false gene the threshold is 0.7
    exact[:, 0] = True
    exact[:7, 1] = True
    exact[:6, 2] = True
    for run in range(10):
        left = 4 - int(exact[run].sum())
        exact[run, 3 + (np.arange(left) + 3 * run) % 37] = True
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
        {"power": 1},
        "In the bound q is squared.",
    ),
    not_halved=(
        {"not_halved": True},
        "From 2π − 1 = q² / (p · most_false) follows π by adding 1 *and* halving.",
    ),
    runs_for_genes=(
        {"p": "runs"},
        "p is the number of genes, the columns. You take the number of runs.",
    ),
    clipped_at_one=(
        {"highest": 1.0},
        "You cut π at 1, and keep what every run chose. A π above 1 means that no gene can keep "
        "the promise.",
    ),
    majority_for_q=(
        {"q": "majority"},
        "q is the number of genes that *one* run chooses, and not how many are chosen in most "
        "runs.",
    ),
    column_sums_for_q=(
        {"q": "columns"},
        "q is the number of genes in a run: sum along the rows, `axis=1`. You sum along the "
        "columns.",
    ),
    promise_left_out=(
        {"promise_forgotten": True},
        "`most_false` is missing from your threshold.",
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


@stable_genes.mistake
def none_at_all(chosen, most_false):
    """You return no gene: your π is too high. Is q the number that *one* run chooses? And does p,
    the number of genes, stand below it?
    """
    return []
