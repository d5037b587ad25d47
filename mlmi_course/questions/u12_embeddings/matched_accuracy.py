"""Which cluster is which class?"""

import numpy as np

from mlmi_course.checks import Case, asks


def _crossed(labels, clusters):
    """How many samples each class and each cluster share."""
    from sklearn.metrics.cluster import contingency_matrix

    return contingency_matrix(labels, clusters)


def _matched(table, *, maximize=True):
    """The cells that the best assignment of clusters to classes picks."""
    from scipy.optimize import linear_sum_assignment

    return linear_sum_assignment(table, maximize=maximize)


@asks(
    points=2,
    see="Do the islands mean anything?",
    hints=(
        "Make the table of classes against clusters: how many samples have this class *and* this "
        "cluster?",
        "Each class may be given to one cluster, and each cluster to one class. "
        "`scipy.optimize.linear_sum_assignment` finds the best choice of cells.",
        "`rows, columns = linear_sum_assignment(table, maximize=True)`, then "
        "`table[rows, columns].sum() / len(labels)`.",
    ),
)
def matched_accuracy(labels, clusters):
    """Which cluster is which class?"""
    table = _crossed(labels, clusters)
    return float(table[_matched(table)].sum() / len(labels))


@matched_accuracy.inputs
def cases(rng):
    def spelt_out(table, names):
        """Samples with this cross table, in a random order."""
        labels = np.repeat(np.arange(len(table)), table.sum(axis=1))
        clusters = np.concatenate([np.repeat(names, row) for row in table])
        order = rng.permutation(len(labels))
        return labels[order], clusters[order]

    wrong = unmatched, purity, by_class, greedy, cheapest, rand
    for shape, about in (
        ((3, 3), "three classes and three clusters"),
        ((3, 4), "four clusters for three classes"),
        ((4, 2), "two clusters for four classes, which are numbered from 20"),
    ):
        while True:
            table = rng.integers(0, 8, shape)
            labels, clusters = spelt_out(table, rng.permutation(shape[1]))
            labels += 20 * (shape == (4, 2))  # any whole numbers may be labels
            right = matched_accuracy.right(labels, clusters)
            others = [one(labels, clusters) for one in wrong]
            # Everywhere but in the first case some of them may be right by luck.
            told = all(abs(right - other) > 1e-3 for other in others)
            filled = table.sum(axis=1).min() > 0 and table.sum(axis=0).min() > 0
            if filled and (told or shape != (3, 3)):
                break
        yield Case((labels, clusters), about)
    table = rng.integers(1, 6, (3, 3)) + 4 * np.eye(3, dtype=int)
    labels, clusters = spelt_out(table, np.array([2, -1, 0]))
    yield Case((labels, clusters), "one cluster is called −1")
    # Shares of each class in place of counts give the small class the best cluster, class after
    # class does too, and the last cluster is needed.
    uneven = np.array([[3, 0, 2, 0], [20, 14, 0, 1], [0, 4, 1, 6]])
    yield Case(spelt_out(uneven, np.arange(4)), "classes of very different sizes")
    yield Case(spelt_out(uneven.T, np.arange(3)), "clusters of very different sizes")
    labels = rng.integers(0, 2, 12)
    labels[:2] = 0, 1
    yield Case((labels, 1 - labels), "right but for the names")


@matched_accuracy.mistake
def unmatched(labels, clusters):
    """You compared the numbers of the clusters with those of the classes. k-means hands out its
    numbers as it likes: cluster 0 need not be class 0. Match them first.
    """
    return float((labels == clusters).mean())


@matched_accuracy.mistake
def purity(labels, clusters):
    """Each cluster was given its most frequent class, so two clusters may claim the same one. That
    is purity: it is 1 as soon as every sample is a cluster of its own.
    """
    return float(_crossed(labels, clusters).max(axis=0).sum() / len(labels))


@matched_accuracy.mistake
def by_class(labels, clusters):
    """Each class was given its most frequent cluster, so one cluster may serve several classes. A
    single cluster for everything would score 1.
    """
    return float(_crossed(labels, clusters).max(axis=1).sum() / len(labels))


@matched_accuracy.mistake
def greedy(labels, clusters):
    """You took the largest cell first, then the next. The best *whole* may do without the largest
    cell: leave the choice to `linear_sum_assignment`.
    """
    table, right = _crossed(labels, clusters).astype(float), 0.0
    while table.size and table.max() > 0:
        row, column = np.unravel_index(table.argmax(), table.shape)
        right += table[row, column]
        table = np.delete(np.delete(table, row, axis=0), column, axis=1)
    return float(right / len(labels))


@matched_accuracy.mistake
def cheapest(labels, clusters):
    """That is the worst assignment: `linear_sum_assignment` looks for the lowest cost unless you
    say `maximize=True`.
    """
    table = _crossed(labels, clusters)
    return float(table[_matched(table, maximize=False)].sum() / len(labels))


@matched_accuracy.mistake
def ten_of_each(labels, clusters):
    """Your table knows only the numbers 0 to 9, like the lecture's, which was made for ten digits.
    Labels may be any whole numbers: `np.unique` lists those that occur.
    """
    known = (labels < 10) & (clusters < 10)
    if not known.any():
        return 0.0
    return matched_accuracy.right(labels[known], clusters[known]) * float(known.mean())


@matched_accuracy.mistake
def numbers_as_places(labels, clusters):
    """Your table has the numbers themselves as its rows and columns. A cluster may be called −1,
    and counted from the end of the table it meets another one: use the position in `np.unique`.
    """
    size = int(max(np.max(labels), np.max(clusters))) + 1
    table = np.zeros((size, size), dtype=int)
    np.add.at(table, (labels, clusters), 1)
    return float(table[_matched(table)].sum() / len(labels))


@matched_accuracy.mistake
def matched_only(labels, clusters):
    """You divided by the samples in matched clusters only. Those in a cluster without a class are
    wrong, and count: divide by all.
    """
    table = _crossed(labels, clusters)
    rows, columns = _matched(table)
    return float(table[rows, columns].sum() / table[:, columns].sum())


@matched_accuracy.mistake
def rand(labels, clusters):
    """That is the adjusted Rand index. It needs no matching, but it is no accuracy."""
    from sklearn.metrics import adjusted_rand_score

    return float(adjusted_rand_score(labels, clusters))


@matched_accuracy.mistake
def shares_of_classes(labels, clusters):
    """You matched by the share of each *class* that a cluster holds. A small class then weighs as
    much as a large one: match by counts, so that as many samples as possible are right.
    """
    table = _crossed(labels, clusters)
    return float(table[_matched(table / table.sum(axis=1, keepdims=True))].sum() / len(labels))


@matched_accuracy.mistake
def shares_of_clusters(labels, clusters):
    """You matched by the share of each *cluster* that a class has. A small cluster then weighs as
    much as a large one: match by counts, so that as many samples as possible are right.
    """
    table = _crossed(labels, clusters)
    return float(table[_matched(table / table.sum(axis=0))].sum() / len(labels))
