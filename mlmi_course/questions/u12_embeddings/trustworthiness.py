"""Trustworthiness."""

from functools import partial

import numpy as np

from mlmi_course.checks import Case, asks
from mlmi_course.checks.calling import call
from mlmi_course.questions.u12_embeddings._points import distances


def _ranks(points):
    """How near j is to i: 0 for i itself, 1 for its nearest neighbour, and so on."""
    apart = distances(points)
    np.fill_diagonal(apart, -1)  # a twin at distance 0 comes after the sample itself
    return np.argsort(np.argsort(apart, axis=1), axis=1)


def _neighbours(points, k, *, ranks=_ranks):
    """Whether j is among the k nearest of i."""
    return (ranks(points) >= 1) & (ranks(points) <= k)


def _trust_with(
    original,
    embedded,
    k,
    *,
    ranks=_ranks,
    shown=_neighbours,
    cost=lambda too_far: np.maximum(too_far, 0),
    norm=lambda n, k: 2 / (n * k * (2 * n - 3 * k - 1)),
):
    """Trustworthiness, right or with one thing wrong."""
    too_far = (ranks(original) - k)[shown(embedded, k)]
    return float(1 - norm(len(original), k) * cost(too_far).sum())


@asks(
    points=3,
    see="How far may you trust a map?",
    not_allowed=("sklearn.manifold.trustworthiness",),
    hints=(
        "You need two tables of ranks, one in the original space and one in the map. Who is the "
        "k nearest is asked in the *map*; how far away they truly are, in the *original*.",
        "`ranks = np.argsort(np.argsort(distances, axis=1), axis=1)` gives 0 for the sample "
        "itself, 1 for its nearest neighbour, and so on. A twin is at 0 too, so put the sample "
        "first: `np.fill_diagonal(distances, -1)`.",
        "`shown = (map_ranks >= 1) & (map_ranks <= k)`, and "
        "`penalty = np.maximum(ranks - k, 0)[shown].sum()`.",
    ),
)
def trustworthiness(original, embedded, k):
    """Trustworthiness"""
    return _trust_with(original, embedded, k)


def _without_ties(*tables):
    """Whether no sample has two others at the same distance, so that ranks are beyond doubt."""
    return all(np.diff(np.sort(distances(it), axis=1)[:, 1:]).min() > 1e-6 for it in tables)


@trustworthiness.inputs
def cases(rng):
    names = list(trustworthiness.misconceptions)
    shows_without_twins = names[: names.index("twin_for_itself")]
    ways = [trustworthiness.misconceptions[name].answer for name in shows_without_twins]
    for n, k, about in (
        (8, 2, "eight samples"),
        (20, 5, "twenty samples"),
        (9, 4, "k just below n / 2"),
    ):
        while True:
            original = rng.normal(size=(n, 4)).round(2)
            embedded = (original[:, :2] + rng.normal(0, 0.7, (n, 2))).round(2)
            right = trustworthiness.right(original, embedded, k)
            values = np.sort([right, *(way(original, embedded, k) for way in ways)])
            # All of them differ, so that the message names the right one.
            told = np.diff(values).min() > 1e-3 and right < 0.99
            if told and _without_ties(original, embedded):
                break
        yield Case((original, embedded, k), about)
    same = rng.normal(size=(7, 2)).round(2)
    while not _without_ties(same):
        same = rng.normal(size=(7, 2)).round(2)
    yield Case((same, same * 3, 2), "a map that changes nothing but the scale")
    while True:
        original, embedded = rng.normal(size=(10, 4)).round(2), rng.normal(size=(10, 2)).round(2)
        embedded[6] = embedded[2]
        far = _ranks(original)[[2, 6], [6, 2]].min() > 3  # no neighbours in truth
        # Others are equally far from both, and may sort them either way: it must not matter.
        twins = np.delete(_ranks(embedded)[:, [2, 6]], [2, 6], axis=0) <= 3
        sure = _without_ties(original, np.delete(embedded, 6, axis=0))
        if far and sure and (twins[:, 0] == twins[:, 1]).all():
            break
    yield Case((original, embedded, 3), "two samples that lie on the same place of the map")


@trustworthiness.mistake
def swapped(original, embedded, k):
    """The two spaces are swapped: that is the *continuity*. Trustworthiness asks whether those who
    are neighbours in the map are neighbours in truth.
    """
    return trustworthiness.right(embedded, original, k)


trustworthiness.variants(
    _trust_with,
    self_counted=(
        {"shown": lambda embedded, k: _ranks(embedded) < k},
        "Each sample counts as its own neighbour in the map, so only k − 1 others are judged, "
        "and the one that is never wrong is always among them.",
    ),
    rank_from_zero=(
        {"ranks": lambda original: _ranks(original) - 1},
        "The nearest neighbour has rank 1, not 0. Your ranks are one too small, and every "
        "false neighbour costs one too little.",
    ),
    no_floor=(
        {"cost": lambda too_far: too_far},
        "True neighbours give *negative* numbers here, and pay for the false ones. Only what "
        "is above 0 counts.",
    ),
)


@trustworthiness.mistake
def share_kept(original, embedded, k):
    """That is the share of neighbours that are true ones. Trustworthiness also asks how far away
    the false ones are: a neighbour of rank k + 1 is a small mistake.
    """
    return float((_ranks(original)[_neighbours(embedded, k)] <= k).mean())


def _order(points):
    """Who comes at each place, and not at which place each one comes."""
    return np.argsort(distances(points), axis=1)


def _ranks_with_twins(points):
    """Ranks without care: of a sample and its twin the first in the table gets 0."""
    return np.argsort(np.argsort(distances(points), axis=1, kind="stable"), axis=1)


def _within_reach(points, k):
    """Whether j is as near to i as its k-th neighbour, and not at the same place."""
    apart = distances(points)
    return (apart > 0) & (apart <= np.sort(apart, axis=1)[:, k : k + 1])


trustworthiness.variants(
    _trust_with,
    ranks_by_column=(
        {"ranks": lambda original: _ranks(original).T},
        "In one of the two spaces your ranks are those of i among the neighbours of j. The two "
        "need not agree: sort each *row* (`axis=1`), and look up [i, j].",
    ),
    sorted_once=(
        {"ranks": _order, "shown": partial(_neighbours, ranks=_order)},
        "One `np.argsort` says *who* comes first, second, third. You need the opposite, at which "
        "place each sample comes: sort the result once more.",
    ),
    original_sorted_once=(
        {"ranks": _order},
        "The neighbours in the map are right. In the original space one `np.argsort` says *who* "
        "comes first, and not at which place each sample comes: sort once more.",
    ),
    twin_for_itself=(
        {"ranks": _ranks_with_twins, "shown": partial(_neighbours, ranks=_ranks_with_twins)},
        "Two samples lie on the same place of the map, both at distance 0, and yours takes the "
        "twin for the sample itself. Put each sample first in its own row before sorting: "
        "`np.fill_diagonal(distances, -1)`.",
    ),
    twins_left_out=(
        {"shown": _within_reach},
        "You leave out everybody at distance 0. Only the sample itself is not its own neighbour; a "
        "twin on the same place of the map is.",
    ),
)


@trustworthiness.mistake
def near_in_original(original, embedded, k):
    """You get 1 for every map. Who is near must be asked in the *map*: the k nearest in the
    original space have no rank above k there.
    """
    return 1.0


trustworthiness.variants(
    _trust_with,
    norm=(
        {"norm": lambda n, k: 1 / (n * k)},
        "The norm is missing: 2 / (n k (2n − 3k − 1)) makes the worst possible map 0.",
    ),
)


@trustworthiness.picture
def against_k(answer):
    from sklearn.datasets import load_digits
    from sklearn.decomposition import PCA

    from mlmi_course import plots

    images = load_digits().data[:300]
    places = PCA(2, svd_solver="full").fit_transform(images)
    k = [2, 5, 10, 20, 40, 80]
    series = {
        "trustworthiness": [float(call(answer, (images, places, one))) for one in k],
        "continuity": [float(call(answer, (places, images, one))) for one in k],
    }
    return plots.lines(
        series,
        x=k,
        xlabel="neighbours k",
        ylabel="share",
        alt="Trustworthiness and continuity of the first two components of 300 digits against the "
        "number of neighbours; continuity is the higher one: neighbours are kept, and strangers "
        "are drawn in.",
    )
