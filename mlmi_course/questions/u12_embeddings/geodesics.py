"""The way along the sheet."""

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

from mlmi_course.checks import (
    Case,
    Misconception,
    asks,
)
from mlmi_course.checks.calling import call
from mlmi_course.questions.u12_embeddings._shared import _distances, roll


def _edges(distances, k, skip=1):
    """Whether j is among the k nearest neighbours of i, in row i."""
    near = np.argsort(distances, axis=1, kind="stable")[:, skip : k + 1]
    edges = np.zeros(distances.shape, dtype=bool)
    np.put_along_axis(edges, near, True, axis=1)
    return edges


def _along(
    points,
    k,
    *,
    join=lambda edges: edges | edges.T,
    length=lambda distances: distances,
    weight=lambda edges: 1,
    mend=lambda paths, distances: paths,
):
    """Shortest paths in the graph of neighbours, right or with one thing wrong."""
    from scipy.sparse.csgraph import shortest_path

    distances = _distances(points)
    named = _edges(distances, k)
    graph = np.where(join(named), length(distances), 0) * weight(named)
    return mend(shortest_path(graph, method="D", directed=True), distances)


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
    return _along(points, k)


_GEODESIC_MISTAKES: dict[str, tuple[Callable[..., Any], str]] = {
    "euclid": (
        lambda points, k: _distances(points),
        "These are straight distances through space. Two turns of the roll lie close in them; you "
        "are asked for the way along the graph.",
    ),
    "directed": (
        partial(_along, join=lambda edges: edges),
        "Your graph is directed: i names j as its neighbour, but j does not know i, so there is a "
        "way there and none, or a longer one, back. An edge in one direction is an edge in both.",
    ),
    "mutual": (
        partial(_along, join=lambda edges: edges & edges.T),
        "You keep an edge only where *both* points name each other. Here it is enough that one of "
        "them does.",
    ),
    "self_counted": (
        lambda points, k: _along(points, k - 1),
        "You counted each point as its own nearest neighbour, at distance 0. So only k − 1 others "
        "are left.",
    ),
    "hops": (
        partial(_along, length=np.ones_like),
        "You counted steps. The way along the graph is the sum of the *lengths* of its edges.",
    ),
    "squared": (
        partial(_along, length=np.square),
        "The edges carry squared distances. A sum of squares is no length.",
    ),
    "added": (
        partial(_along, weight=lambda edges: edges + edges.T.astype(int)),
        "You added the graph and its transpose: where both points name each other, the edge is "
        "now twice as long. `np.maximum` of the two keeps its length.",
    ),
    "averaged": (
        partial(_along, weight=lambda edges: (edges + edges.T.astype(int)) / 2),
        "You took the mean of the graph and its transpose: where only one point names the other, "
        "the edge is now half as long. `np.maximum` of the two keeps its length.",
    ),
}  # fmt: skip


@geodesics.inputs
def cases(rng):
    def told_apart(points, k):
        right = geodesics.right(points, k)
        others = [wrong(points, k) for wrong, _ in _GEODESIC_MISTAKES.values()]
        return bool(np.isfinite(right).all()) and all(
            not np.allclose(right, other) for other in others
        )

    while True:  # a spiral: neighbours along it, and neighbours across
        turn = np.sort(rng.uniform(1.5, 9, 14))
        points = np.column_stack([turn * np.cos(turn), turn * np.sin(turn)])
        points = (points + rng.normal(0, 0.2, points.shape)).round(2)
        if told_apart(points, 3):
            break
    yield Case((points, 3), "14 points on a spiral, 3 neighbours")
    while True:
        points = rng.normal(size=(10, 3)).round(2)
        if told_apart(points, 2):
            break
    yield Case((points, 2), "10 points in space, 2 neighbours")
    groups = np.vstack([rng.normal(size=(5, 2)), rng.normal(size=(5, 2)) + 50]).round(2)
    yield Case((groups, 2), "a graph in two pieces")


def _filled(value):
    return lambda paths, distances: np.where(np.isinf(paths), value(paths, distances), paths)


for _name, _known in (
    {name: Misconception(answer, says) for name, (answer, says) in _GEODESIC_MISTAKES.items()}
).items():
    geodesics.misconceptions[_name] = _known


geodesics.variants(
    _along,
    pieces_by_euclid=(
        {"mend": _filled(lambda paths, distances: distances)},
        "Between two pieces of the graph you put the straight distance. There is no way "
        "between them: say so with inf, and let the reader choose a larger k.",
    ),
    pieces_by_zero=(
        {"mend": _filled(lambda paths, distances: 0.0)},
        "Between two pieces of the graph you put 0, as if they lay on top of each other. "
        "There is no way: inf.",
    ),
    pieces_by_largest=(
        {"mend": _filled(lambda paths, distances: paths[np.isfinite(paths)].max())},
        "Between two pieces of the graph you put the longest way that exists. Nobody knows "
        "that distance: inf.",
    ),
)


@geodesics.picture
def draw_answer(answer):
    from mlmi_course import plots

    points, along = roll(800)
    paths = np.asarray(call(answer, (points, 8)), dtype=float)
    start = int(along.argmin())
    # Laid flat, the sheet is a rectangle: the way along it, and its width.
    true = np.hypot(along - along[start], points[:, 1] - points[start, 1])
    far = float(true.max())

    def paint(ax):
        ax.plot(
            true, _distances(points)[start], ".", color=plots.COLOURS["neutral"], label="straight"
        )
        ax.plot(true, paths[start], ".", color=plots.COLOURS["prediction"], label="your paths")
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
