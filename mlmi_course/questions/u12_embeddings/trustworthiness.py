"""Trustworthiness."""

from functools import partial

import numpy as np

from mlmi_course.checks import (
    Case,
    asks,
)
from mlmi_course.checks.calling import call
from mlmi_course.questions.u12_embeddings._shared import _distances


def _ranks(points):
    """How near j is to i: 0 for i itself, 1 for its nearest neighbour, and so on."""
    distances = _distances(points)
    np.fill_diagonal(distances, -1)  # a twin at distance 0 comes after the sample itself
    return np.argsort(np.argsort(distances, axis=1), axis=1)


def _trust_with(
    original,
    embedded,
    k,
    *,
    first_rank=1,
    self_counted=False,
    floor=True,
    ranked=_ranks,
    norm=lambda n, k: 2 / (n * k * (2 * n - 3 * k - 1)),
):
    """Trustworthiness, right or with one thing wrong."""
    ranks, near = ranked(original) + first_rank - 1, ranked(embedded)
    shown = near < k if self_counted else (near >= 1) & (near <= k)
    excess = (ranks - k)[shown]
    penalty = (np.maximum(excess, 0) if floor else excess).sum()
    return float(1 - norm(len(ranks), k) * penalty)


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


_rank_from_zero = partial(_trust_with, first_rank=0)


_self_counted = partial(_trust_with, self_counted=True)


_no_floor = partial(_trust_with, floor=False)


def _without_ties(*tables):
    """Whether no sample has two others at the same distance, so that ranks are beyond doubt."""
    return all(np.diff(np.sort(_distances(it), axis=1)[:, 1:]).min() > 1e-6 for it in tables)


@trustworthiness.inputs
def cases(rng):
    for n, k, about in (
        (8, 2, "eight samples"),
        (20, 5, "twenty samples"),
        (9, 4, "k just below n / 2"),
    ):
        while True:
            original = rng.normal(size=(n, 4)).round(2)
            embedded = (original[:, :2] + rng.normal(0, 0.7, (n, 2))).round(2)
            right = trustworthiness.right(original, embedded, k)
            values = sorted([right, *(wrong(original, embedded, k) for wrong in _TRUST_MISTAKES)])
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


def _ranks_with_twins(points):
    """The same without care: of a sample and its twin the first in the table gets 0."""
    return np.argsort(np.argsort(_distances(points), axis=1, kind="stable"), axis=1)


_twin_for_itself = partial(_trust_with, ranked=_ranks_with_twins)


@trustworthiness.mistake
def swapped(original, embedded, k):
    """The two spaces are swapped: that is the *continuity*. Trustworthiness asks whether those who
    are neighbours in the map are neighbours in truth.
    """
    return trustworthiness.right(embedded, original, k)


trustworthiness.knows(
    "self_counted",
    _self_counted,
    "Each sample counts as its own neighbour in the map, so only k − 1 others are judged, "
    "and the one that is never wrong is always among them.",
)


trustworthiness.knows(
    "rank_from_zero",
    _rank_from_zero,
    "The nearest neighbour has rank 1, not 0. Your ranks are one too small, and every "
    "false neighbour costs one too little.",
)


trustworthiness.knows(
    "no_floor",
    _no_floor,
    "True neighbours give *negative* numbers here, and pay for the false ones. Only what "
    "is above 0 counts.",
)


@trustworthiness.mistake
def share_kept(original, embedded, k):
    """That is the share of neighbours that are true ones. Trustworthiness also asks how far away
    the false ones are: a neighbour of rank k + 1 is a small mistake.
    """
    ranks, near = _ranks(original), _ranks(embedded)
    shown = (near >= 1) & (near <= k)
    return float((ranks[shown] <= k).mean())


# The rank of i among the neighbours of j, in place of that of j among those of i.
@trustworthiness.mistake
def ranks_by_column(original, embedded, k):
    """Your ranks in the original space are those of i among the neighbours of j. The two need not
    agree: sort each *row* (`axis=1`), and look up [i, j].
    """
    near, n = _ranks(embedded), len(original)
    excess = np.maximum(_ranks(original).T - k, 0)[(near >= 1) & (near <= k)].sum()
    return float(1 - 2 / (n * k * (2 * n - 3 * k - 1)) * excess)


# One argsort says *who* comes at each place, and not at which place each one comes.
@trustworthiness.mistake
def sorted_once(original, embedded, k):
    """One `np.argsort` says *who* comes first, second, third. You need the opposite, at which
    place each sample comes: sort the result once more.
    """
    near, n = np.argsort(_distances(embedded), axis=1), len(original)
    order = np.argsort(_distances(original), axis=1)
    excess = np.maximum(order - k, 0)[(near >= 1) & (near <= k)].sum()
    return float(1 - 2 / (n * k * (2 * n - 3 * k - 1)) * excess)


@trustworthiness.mistake
def original_sorted_once(original, embedded, k):
    """The neighbours in the map are right. In the original space one `np.argsort` says *who* comes
    first, and not at which place each sample comes: sort once more.
    """
    near, n = _ranks(embedded), len(original)
    order = np.argsort(_distances(original), axis=1)
    excess = np.maximum(order - k, 0)[(near >= 1) & (near <= k)].sum()
    return float(1 - 2 / (n * k * (2 * n - 3 * k - 1)) * excess)


trustworthiness.knows(
    "twin_for_itself",
    _twin_for_itself,
    "Two samples lie on the same place of the map, both at distance 0, and yours takes the "
    "twin for the sample itself. Put each sample first in its own row before sorting: "
    "`np.fill_diagonal(distances, -1)`.",
)


@trustworthiness.mistake
def twins_left_out(original, embedded, k):
    """You leave out everybody at distance 0. Only the sample itself is not its own neighbour; a
    twin on the same place of the map is.
    """
    distances = _distances(embedded)
    near = (distances > 0) & (distances <= np.sort(distances, axis=1)[:, k : k + 1])
    excess, n = np.maximum(_ranks(original) - k, 0)[near].sum(), len(near)
    return float(1 - 2 / (n * k * (2 * n - 3 * k - 1)) * excess)


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
def draw_answer(answer):
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


_TRUST_MISTAKES = (
    swapped,
    _self_counted,
    _rank_from_zero,
    _no_floor,
    share_kept,
    ranks_by_column,
    sorted_once,
    original_sorted_once,
)
