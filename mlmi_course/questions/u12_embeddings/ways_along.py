"""Ways along a graph of neighbours: mend a function that loses some of them."""

import numpy as np

from mlmi_course.checks import Case, asks
from mlmi_course.checks.calling import call
from mlmi_course.questions.u12_embeddings._points import distances, roll


def _ways_with(
    points,
    k,
    *,
    own=False,
    more=0,
    joins="either",
    twins="near",
    unit="length",
    apart="largest",
    squared=False,
):
    """The ways along a graph, and who was kept, right or with something wrong."""
    length = distances(points) ** (2 if squared else 1)
    n = len(length)
    order = length.copy()
    np.fill_diagonal(order, -1.0)  # a point comes first in its own row, before its twin
    near = np.argsort(order, axis=1, kind="stable")[
        :, 0 if own else 1 : (k if own else k + 1) + more
    ]
    names = np.zeros((n, n), bool)
    np.put_along_axis(names, near, True, axis=1)
    joined = {
        "either": names | names.T,
        "one way": names,
        "both": names & names.T,
    }[joins]
    if twins == "no edge":
        joined &= length > 0
    step = np.where(joined, length if unit == "length" else 1.0, np.inf)
    np.fill_diagonal(step, 0.0)
    ways = step
    for middle in range(n):  # Floyd and Warshall: a 0 is a length here, and not a missing edge
        ways = np.minimum(ways, ways[:, middle, None] + ways[None, middle])
    both = np.isfinite(ways) & np.isfinite(ways.T)
    sizes = both.sum(axis=1)
    first = {"largest": sizes.argmax(), "of the first": 0}.get(apart)
    if first is None:
        kept = np.arange(n)
        if apart == "zero":
            ways = np.where(np.isfinite(ways), ways, 0.0)
        if apart == "longest":
            ways = np.where(np.isfinite(ways), ways, ways[np.isfinite(ways)].max())
    else:
        kept = np.flatnonzero(both[first])
        ways = ways[np.ix_(kept, kept)]
    return {"kept": kept, "ways": ways}


@asks(
    points=4,
    see="Along the sheet: ISOMAP",
    hints=(
        "Four questions to ask of the colleague's function: is an image among its own "
        "neighbours? Does an edge have a direction? What does a length of 0 mean to SciPy? And "
        "what of two images between which there is no way?",
        "Find the k nearest others with the diagonal of the distances set to −1, so that each "
        "image comes first in its own row, and drop the first. An edge exists if either names the "
        "other: `names | names.T`.",
        "`csgraph_from_dense(np.where(joined, distances, np.inf), null_value=np.inf)` keeps edges "
        "of length 0. `connected_components(graph, directed=False)` numbers the pieces, and "
        "`np.bincount(piece).argmax()` is the largest.",
    ),
)
def ways_along(points, k):
    """Ways along a graph of neighbours"""
    return _ways_with(points, k)


def _is_clear(points, k):
    """Whether it is beyond doubt who the k nearest of each are, and who the k − 1 nearest."""
    ordered = distances(points)
    np.fill_diagonal(ordered, -1.0)
    gaps = np.diff(np.sort(ordered, axis=1), axis=1)
    return bool((gaps[:, k - 1 : k + 1] > 1e-3).all())


@ways_along.inputs
def cases(rng):
    def cloud(n, away):
        return (rng.normal(size=(n, 2)) * [3, 1] + [away, 0]).round(2)

    def drawn(make, k):
        while not _is_clear(points := make(), k):
            pass
        return points

    def with_twins():
        points = cloud(10, 0)
        middle = np.abs(points - points.mean(axis=0)).sum(axis=1).argmin()
        return np.insert(points, 5, points[middle], axis=0)

    def two_pieces():
        return np.vstack([cloud(4, 40), cloud(8, 0)])

    yield Case((drawn(two_pieces, 2), 2), "two pieces; the first image is in the smaller one")
    yield Case((drawn(with_twins, 3), 3), "two identical images")
    yield Case((drawn(lambda: cloud(10, 0), 3), 3), "three neighbours each")


ways_along.variants(
    _ways_with,
    unmended=(
        {"own": True, "joins": "one way", "twins": "no edge", "apart": "zero"},
        "That is the colleague's function as it was.",
    ),
    oneself_counted=(
        {"own": True},
        "Each image is still among its own k neighbours, so only k − 1 others are joined to it. "
        "`kneighbors(points)` finds the image itself first.",
    ),
    one_way=(
        {"joins": "one way"},
        "Your edges have a direction: where one image names another but is not named by it, the "
        "way back is missing. An edge exists if *either* names the other.",
    ),
    only_mutual=(
        {"joins": "both"},
        "You join only those who name *each other*. One of the two is enough.",
    ),
    twins_apart=(
        {"twins": "no edge"},
        "Two identical images have a distance of 0, and your graph takes this 0 for *no edge*. "
        "They are the nearest neighbours there are.",
    ),
    no_way_is_zero=(
        {"apart": "zero"},
        "Images between which there is no way still have a distance of 0 in your answer, as if "
        "they were the same. Keep the largest piece only.",
    ),
    no_way_is_longest=(
        {"apart": "longest"},
        "You gave the longest way to pairs that have none. Nobody has measured it. Keep the "
        "largest piece only.",
    ),
    everybody_kept=(
        {"apart": "kept"},
        "The pieces are still together, and there is no way from one to the other. Keep the "
        "largest piece, and say whom you kept.",
    ),
    piece_of_the_first=(
        {"apart": "of the first"},
        "You kept the piece to which the *first* image belongs. Asked for is the largest one.",
    ),
    steps_counted=(
        {"unit": "steps"},
        "You count steps. An edge is as long as the distance of its ends.",
    ),
    squares_added=(
        {"squared": True},
        "Your edges are *squared* distances. Along a way lengths are added, not squares.",
    ),
    oneself_and_one_way=(
        {"own": True, "joins": "one way"},
        "Two faults are left: an image counts as its own neighbour, and edges have a direction.",
    ),
    one_too_many=(
        {"more": 1},
        "Each image is joined to k + 1 others. Where oneself is dropped from the list of the "
        "nearest, k others follow.",
    ),
    oneself_and_twins=(
        {"own": True, "twins": "no edge"},
        "Two faults are left: an image counts as its own neighbour, and a distance of 0 is taken "
        "for *no edge*.",
    ),
    twins_and_zero=(
        {"twins": "no edge", "apart": "zero"},
        "Two faults are left: a distance of 0 between two images is taken for *no edge*, and where "
        "there is no way you say 0.",
    ),
    one_way_and_zero=(
        {"joins": "one way", "apart": "zero"},
        "Two faults are left: edges have a direction, and where there is no way you say 0.",
    ),
)


@ways_along.picture
def against_the_sheet(answer):
    from mlmi_course import plots

    points, along = roll(800)
    points = np.vstack([points, points[:5]])  # five of them twice
    along = np.append(along, along[:5])
    reply = call(answer, (points, 8))
    kept, ways = np.asarray(reply["kept"], int), np.asarray(reply["ways"], float)
    inner = along[kept].argmin()
    found = np.stack([along[kept], ways[inner]], axis=1)
    return plots.embedding(
        found[np.isfinite(found).all(axis=1)],
        xlabel="true way along the sheet",
        ylabel="your way along the graph",
        alt="Your ways along the graph of a rolled sheet against the true ones, all from its inner "
        "end: right ones lie just above a straight line.",
    )
