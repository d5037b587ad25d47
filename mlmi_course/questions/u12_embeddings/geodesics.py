"""The way along the sheet."""

import numpy as np

from mlmi_course.checks import Case, asks
from mlmi_course.checks.calling import call
from mlmi_course.questions.u12_embeddings._points import distances, roll


def _names_as_neighbour(apart, k):
    """Whether j is among the k nearest neighbours of i, in row i."""
    nearest = np.argsort(apart, axis=1, kind="stable")[:, 1 : k + 1]  # the first is i itself
    named = np.zeros(apart.shape, dtype=bool)
    np.put_along_axis(named, nearest, True, axis=1)
    return named


def _paths_with(
    points,
    k,
    *,
    join=lambda named: named | named.T,
    length=lambda apart: apart,
    weight=lambda named: 1,
    without_a_way=lambda apart, paths: np.inf,
):
    """Shortest paths in the graph of neighbours, right or with one thing wrong."""
    from scipy.sparse.csgraph import shortest_path

    apart = distances(points)
    named = _names_as_neighbour(apart, k)
    graph = np.where(join(named), length(apart), 0) * weight(named)
    paths = shortest_path(graph, method="D", directed=True)
    return np.where(np.isinf(paths), without_a_way(apart, paths), paths)


@asks(
    points=3,
    see="ISOMAP by hand",
    hints=(
        "First all straight distances, shape (n, n). In each row the smallest is the point "
        "itself, at 0: the neighbours are the k after it.",
        "Make a matrix of zeros and write the distances to the k neighbours into it. "
        "`scipy.sparse.csgraph.shortest_path` reads 0 as *no edge*.",
        "Make it symmetric: `graph = np.maximum(graph, graph.T)`. Then "
        "`shortest_path(graph, directed=False)`. Where there is no way it writes inf, as asked.",
    ),
)
def geodesics(points, k):
    """The way along the sheet"""
    return _paths_with(points, k)


def _tells_apart(points, k):
    """Whether the graph is in one piece, and every mistake in it gives other ways."""
    right = geodesics.right(points, k)
    others = (
        wrong.answer(points, k)
        for name, wrong in geodesics.misconceptions.items()
        if not name.startswith("pieces_by_")  # these show in the last case
    )
    whole = bool(np.isfinite(right).all())
    return whole and not any(np.allclose(right, other) for other in others)


@geodesics.inputs
def cases(rng):
    while True:  # neighbours along the spiral, and neighbours across
        turn = np.sort(rng.uniform(1.5, 9, 14))
        points = np.column_stack([turn * np.cos(turn), turn * np.sin(turn)])
        points = (points + rng.normal(0, 0.2, points.shape)).round(2)
        if _tells_apart(points, 3):
            break
    yield Case((points, 3), "14 points on a spiral, 3 neighbours")
    while True:
        points = rng.normal(size=(10, 3)).round(2)
        if _tells_apart(points, 2):
            break
    yield Case((points, 2), "10 points in space, 2 neighbours")
    groups = np.vstack([rng.normal(size=(5, 2)), rng.normal(size=(5, 2)) + 50]).round(2)
    yield Case((groups, 2), "a graph in two pieces")


@geodesics.mistake
def euclid(points, k):
    """These are straight distances through space. Two turns of the roll lie close in them; you are
    asked for the way along the graph.
    """
    return distances(points)


geodesics.variants(
    _paths_with,
    directed=(
        {"join": lambda named: named},
        "Your graph is directed: i names j as its neighbour, but j does not know i, so there is a "
        "way there and none, or a longer one, back. An edge in one direction is an edge in both.",
    ),
    mutual=(
        {"join": lambda named: named & named.T},
        "You keep an edge only where *both* points name each other. Here it is enough that one of "
        "them does.",
    ),
)


@geodesics.mistake
def self_counted(points, k):
    """You counted each point as its own nearest neighbour, at distance 0. So only k − 1 others are
    left.
    """
    return geodesics.right(points, k - 1)


geodesics.variants(
    _paths_with,
    hops=(
        {"length": np.ones_like},
        "You counted steps. The way along the graph is the sum of the *lengths* of its edges.",
    ),
    squared=(
        {"length": np.square},
        "The edges carry squared distances. A sum of squares is no length.",
    ),
    added=(
        {"weight": lambda named: named + named.T.astype(int)},
        "You added the graph and its transpose: where both points name each other, the edge is "
        "now twice as long. `np.maximum` of the two keeps its length.",
    ),
    averaged=(
        {"weight": lambda named: (named + named.T.astype(int)) / 2},
        "You took the mean of the graph and its transpose: where only one point names the other, "
        "the edge is now half as long. `np.maximum` of the two keeps its length.",
    ),
    pieces_by_euclid=(
        {"without_a_way": lambda apart, paths: apart},
        "Between two pieces of the graph you put the straight distance. There is no way "
        "between them: say so with inf, and let the reader choose a larger k.",
    ),
    pieces_by_zero=(
        {"without_a_way": lambda apart, paths: 0.0},
        "Between two pieces of the graph you put 0, as if they lay on top of each other. "
        "There is no way: inf.",
    ),
    pieces_by_largest=(
        {"without_a_way": lambda apart, paths: paths[np.isfinite(paths)].max()},
        "Between two pieces of the graph you put the longest way that exists. Nobody knows "
        "that distance: inf.",
    ),
)


@geodesics.picture
def against_the_true_way(answer):
    from mlmi_course import plots

    points, along = roll(800)
    paths = np.asarray(call(answer, (points, 8)), dtype=float)
    start = int(along.argmin())
    # Laid flat, the sheet is a rectangle: the way along it, and its width.
    true = np.hypot(along - along[start], points[:, 1] - points[start, 1])
    far = float(true.max())

    def paint(ax):
        for name, colour, values in (
            ("straight", "neutral", distances(points)), ("your paths", "prediction", paths),
        ):  # fmt: skip
            ax.plot(true, values[start], ".", color=plots.COLOURS[colour], label=name)
        ax.plot([0, far], [0, far], color=plots.COLOURS["truth"], label="equal")
        ax.set(xlabel="true distance on the sheet", ylabel="distance from the inner end")
        ax.legend(frameon=False)

    return plots.grid(
        [paint],
        size=(5.2, 3.9),
        alt="Distances of 800 points from the inner end of the roll against the true ones on the "
        "sheet. The straight ones rise and fall with every turn; right paths lie just above the "
        "line of equality.",
    )
