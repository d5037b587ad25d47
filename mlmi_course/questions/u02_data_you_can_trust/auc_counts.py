"""The AUC of a table of categories."""

import numpy as np

from mlmi_course.checks import Case, asks


@asks(
    points=2,
    see="A salesman's AUC",
    hints=(
        "Take each pair of one ill and one healthy woman. In how many does the ill one have the "
        "higher category, and in how many the same?",
        "An ill woman of category k beats all healthy ones below k, and shares the point with "
        "those in k: `healthy[:k].sum() + healthy[k] / 2`.",
    ),
)
def auc_counts(healthy, ill):
    """The AUC of a table"""
    healthy, ill = np.asarray(healthy, float), np.asarray(ill, float)
    below = np.cumsum(healthy) - healthy
    return float((ill * (below + healthy / 2)).sum() / (healthy.sum() * ill.sum()))


@auc_counts.inputs
def cases(rng):
    healthy = rng.integers(20, 60, 5) + np.array([60, 30, 10, 0, 0])
    ill = rng.integers(3, 12, 5) + np.array([0, 0, 5, 12, 15])
    yield Case((healthy, ill), "five categories")
    yield Case((healthy[:2], ill[-2:]), "two categories: yes or no")
    yield Case((np.array([10, 0, 0, 5]), np.array([0, 0, 4, 6])), "categories that nobody has")
    yield Case((ill, healthy), "a reader who is worse than chance")
    yield Case((np.array([7, 9, 4]), np.array([14, 18, 8])), "both groups alike")


@auc_counts.mistake
def ties_lost(healthy, ill):
    """Pairs in the same category count nothing in your answer. Then a table that says nothing gets
    less than 0.5. Each counts one half.
    """
    healthy, ill = np.asarray(healthy, float), np.asarray(ill, float)
    return float((ill * (np.cumsum(healthy) - healthy)).sum() / (healthy.sum() * ill.sum()))


@auc_counts.mistake
def ties_won(healthy, ill):
    """Pairs in the same category count as won. Each counts one half."""
    healthy, ill = np.asarray(healthy, float), np.asarray(ill, float)
    return float((ill * np.cumsum(healthy)).sum() / (healthy.sum() * ill.sum()))


@auc_counts.mistake
def turned_round(healthy, ill):
    """Your AUC is turned round: a *higher* category speaks for the disease."""
    return 1 - auc_counts.right(healthy, ill)


@auc_counts.mistake
def categories_without_counts(healthy, ill):
    """You compare the categories, and forget how many women are in each."""
    k = np.arange(len(healthy))
    return auc_counts.right((np.asarray(healthy) > 0) * 1.0, (np.asarray(ill) > 0) * 1.0) + 0 * k[0]


@auc_counts.mistake
def ties_left_out(healthy, ill):
    """You leave the tied pairs out of the count altogether. They are pairs like all others, and
    each counts one half.
    """
    healthy, ill = np.asarray(healthy, float), np.asarray(ill, float)
    tied = (healthy * ill).sum()
    won = (ill * (np.cumsum(healthy) - healthy)).sum()
    return float(won / (healthy.sum() * ill.sum() - tied))


@auc_counts.mistake
def best_threshold(healthy, ill):
    """That is the AUC at one threshold, the best one. Use all categories."""
    healthy, ill = np.asarray(healthy, float), np.asarray(ill, float)
    sens = 1 - np.cumsum(ill) / ill.sum()
    spec = np.cumsum(healthy) / healthy.sum()
    return float(((sens + spec) / 2).max())


@auc_counts.mistake
def folded(healthy, ill):
    """Your AUC is never below 0.5. A reader may be worse than chance, and then it should say so."""
    area = auc_counts.right(healthy, ill)
    return max(area, 1 - area)
