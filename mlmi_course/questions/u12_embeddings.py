"""Questions of unit 12, embeddings, and the data that its lab works on."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import numpy as np

from mlmi_course.checks import (
    Case,
    FunctionQuestion,
    Misconception,
    ThoughtQuestion,
    Unit,
    ValueQuestion,
)
from mlmi_course.checks.calling import call

__all__ = [
    "classical_mds",
    "components_needed",
    "embed_unseen",
    "geodesics",
    "islands",
    "matched_accuracy",
    "pca",
    "perplexity",
    "progress",
    "roll",
    "trustworthiness",
    "tsne_gradient",
]


# ---- the lab's data --------------------------------------------------------------------------


def roll(n: int = 400, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Points on a sheet that is rolled up in space.

    Parameters
    ----------
    n : int
        How many.
    seed : int

    Returns
    -------
    points : ndarray, shape (n, 3)
    along : ndarray, shape (n,)
        How far each point lies along the sheet, from its inner to its outer end.

    Examples
    --------
    >>> points, along = roll()
    >>> points.shape, bool(along.min() >= 0)
    ((400, 3), True)
    """
    from sklearn.datasets import make_swiss_roll

    points, angle = make_swiss_roll(n, random_state=seed)

    def length(t: Any) -> Any:
        """The arc length of the spiral (t cos t, t sin t) from its centre."""
        return (t * np.sqrt(1 + t**2) + np.arcsinh(t)) / 2

    return points, length(angle) - length(1.5 * np.pi)


def _distances(points: Any) -> np.ndarray:
    points = np.asarray(points, dtype=float)
    return np.sqrt(((points[:, None] - points[None]) ** 2).sum(axis=-1))


def _turned(rows: np.ndarray) -> np.ndarray:
    """One sign for each row: +1 where its largest entry is positive."""
    largest = np.abs(rows).argmax(axis=1)
    return np.sign(rows[np.arange(len(rows)), largest])


def _by_sum(rows: np.ndarray) -> np.ndarray:
    """One sign for each row: that of its sum, which often is that of ``_turned``."""
    return np.where(rows.sum(axis=1) < 0, -1.0, 1.0)


def _clear(rows: np.ndarray) -> bool:
    """Whether the largest entry of each row is the largest beyond doubt."""
    ordered = np.sort(np.abs(rows), axis=1)
    return bool((ordered[:, -1] - ordered[:, -2] > 0.02).all())


# ---- principal components --------------------------------------------------------------------


def _pca(table: np.ndarray, count: int) -> tuple[np.ndarray, np.ndarray]:
    return _pca_with(table, count)


def _pca_with(
    table: Any,
    count: int,
    *,
    centre: bool = True,
    scale: bool = False,
    rows: Callable[..., Any] = lambda u, s, vt, count: vt[:count],
    coordinates: Callable[..., Any] | None = None,
    turn: Callable[[Any], Any] = _turned,
    turn_coordinates: bool = True,
) -> tuple[np.ndarray, np.ndarray]:
    """PCA by the singular value decomposition, right or with one thing wrong."""
    table = np.asarray(table, dtype=float)
    centred = table - table.mean(axis=0) if centre else table
    if scale:
        centred = centred / table.std(axis=0)
    u, s, vt = np.linalg.svd(centred, full_matrices=False)
    components = rows(u, s, vt, count)
    sign = turn(components)
    if coordinates is None:
        places = centred @ components.T
    else:
        places = coordinates(u, s, table, components, count)
    return components * sign[:, None], places * (sign if turn_coordinates else 1)


def _pca_transposed(table: Any, count: int) -> tuple[np.ndarray, np.ndarray]:
    components, places = _pca(table, count)
    return components, places.T


def _pca_inputs(rng: np.random.Generator) -> Iterator[Case]:
    for n, p, count, about in (
        (5, 5, 2, "as many features as samples"),
        (8, 3, 2, "eight samples of three features"),
        (4, 6, 2, "fewer samples than features"),
        (6, 3, 1, "one component"),
    ):
        while True:
            spread = np.array([5.0, 2.5, 1.0, 0.6, 0.4, 0.3])[:p]
            turn = np.linalg.qr(rng.normal(size=(p, p)))[0]
            table = (rng.normal(size=(n, p)) * spread @ turn + rng.uniform(3, 9, p)).round(1)
            u, s, vt = np.linalg.svd(table - table.mean(axis=0), full_matrices=False)
            sure = _clear(vt[:count]) and (n != p or _clear(u[:count]))
            # In the first case both signs must differ from what the library happens to give,
            # and the sum of a component must not tell its sign.
            signs = _turned(vt[:count])
            turned = ((signs < 0).all() and (signs != _by_sum(vt[:count])).any()) or n != p
            if sure and turned and (s[:count] - s[1 : count + 1] > 0.5).all():
                break
        yield Case((table, count), about)


def _draw_pca(answer: Any) -> Any:
    from sklearn.datasets import load_digits

    from mlmi_course import plots

    images, digits = load_digits(return_X_y=True)
    components, places = call(answer, (images, 2))
    components = np.asarray(components, dtype=float)
    limit = float(np.abs(components).max())

    def component(number: int) -> Any:
        return lambda ax: plots.image(
            components[number].reshape(8, 8), vmin=-limit, vmax=limit, ax=ax
        )

    return plots.grid(
        [
            ("component 1", component(0)),
            ("component 2", component(1)),
            ("your map", lambda ax: plots.embedding(places, digits, legend="on", ax=ax)),
        ],
        size=(9, 3.4),
        alt="Your first two components of the digits as images, and the map that they span: "
        "some digits lie apart, and many overlap.",
    )


pca = FunctionQuestion(
    title="Principal components",
    points=3,
    inputs=_pca_inputs,
    reference=_pca,
    picture=_draw_pca,
    see="Turn the table: principal components",
    hints=(
        "Three steps: take the mean of each column away, decompose what is left, and measure the "
        "samples along the first components.",
        "`u, s, vt = np.linalg.svd(centred, full_matrices=False)`. A component has one number for "
        "each *feature*: which of the three has rows of that length?",
        "`components = vt[:count]` and `coordinates = centred @ components.T`. For the sign: "
        "`largest = np.abs(components).argmax(axis=1)` and "
        "`sign = np.sign(components[np.arange(count), largest])`; multiply both by it.",
    ),
    misconceptions={
        "not_centred": Misconception(
            partial(_pca_with, centre=False),
            "The mean was not taken away. The first component then points from zero to the middle "
            "of the cloud, and not along the cloud.",
        ),
        "u_rows": Misconception(
            partial(_pca_with, rows=lambda u, s, vt, count: u[:count]),
            "These are rows of U. A row of U belongs to a sample; the components are the rows of "
            "Vᵀ, one number for each feature. (With as many samples as features NumPy cannot "
            "warn you.)",
        ),
        "u_columns": Misconception(
            partial(_pca_with, rows=lambda u, s, vt, count: u[:, :count].T),
            "These are columns of U: what the *samples* have along each component, without its "
            "length. The components are the rows of Vᵀ.",
        ),
        "v_columns": Misconception(
            partial(_pca_with, rows=lambda u, s, vt, count: vt[:, :count].T),
            "You took columns. `np.linalg.svd` returns Vᵀ, already transposed: the components "
            "are its rows.",
        ),
        "without_s": Misconception(
            partial(_pca_with, coordinates=lambda u, s, table, c, count: u[:, :count]),
            "The coordinates are columns of U alone, all of the same spread. Multiply by the "
            "singular values, or project: `centred @ components.T`.",
        ),
        "standardised": Misconception(
            partial(_pca_with, scale=True),
            "You divided the columns by their standard deviation. That is often wise, but here it "
            "was not asked for.",
        ),
        "smallest_first": Misconception(
            partial(_pca_with, rows=lambda u, s, vt, count: vt[::-1][:count]),
            "These are the directions of *least* variance. `np.linalg.eigh` sorts upwards; the "
            "largest come last.",
        ),
        "coordinates_not_centred": Misconception(
            partial(_pca_with, coordinates=lambda u, s, table, c, count: table @ c.T),
            "The components are right, but the coordinates are those of the table as it came. "
            "Project the centred table.",
        ),
        "not_turned": Misconception(
            partial(_pca_with, turn=lambda rows: np.ones(len(rows))),
            "Right but for the sign. A component and its opposite span the same line; the "
            "convention asked for is that its largest entry (in absolute value) is positive.",
        ),
        "turned_by_the_sum": Misconception(
            partial(_pca_with, turn=_by_sum),
            "You turned each component such that its entries add up to more than 0. Asked for is "
            "that the one entry of the largest absolute value is positive.",
        ),
        "coordinates_not_turned": Misconception(
            partial(_pca_with, turn_coordinates=False),
            "You turned the components, and left the coordinates where they were. Who turns an "
            "axis turns the numbers along it too.",
        ),
        "transposed": Misconception(
            _pca_transposed,
            "The coordinates are transposed: one row for each sample is asked for.",
        ),
    },
)


def _cells() -> np.ndarray:
    from sklearn.datasets import load_breast_cancer

    return load_breast_cancer().data


def _needed(table: np.ndarray, *, squared: bool = True, share: float = 0.9) -> int:
    # The squares of the singular values, from a small matrix: quicker than decomposing the table.
    variances = np.linalg.eigvalsh(table.T @ table)[::-1]
    singular = np.sqrt(np.maximum(variances, 0))
    parts = np.cumsum(singular**2 if squared else singular)
    return int(np.searchsorted(parts / parts[-1], share) + 1)


def _standard(table: np.ndarray) -> np.ndarray:
    return (table - table.mean(axis=0)) / table.std(axis=0)


components_needed = ValueQuestion(
    title="How many components hold 90 % of the variance?",
    points=1,
    reference=lambda: _needed(_standard(_cells())),
    see="Thirty numbers of a cell: scale first",
    hints=(
        "Standardise the columns, decompose, and square the singular values: these are the "
        "variances along the components, but for a common factor.",
        "`np.cumsum(s**2) / np.sum(s**2)` is the share that the first components hold together. "
        "The first one has index 0.",
    ),
    misconceptions={
        "not_standardised": Misconception(
            lambda: _needed(_cells() - _cells().mean(axis=0)),
            "The columns were not standardised. The area, in hundreds of square pixels, then "
            "drowns everything else.",
        ),
        "not_squared": Misconception(
            lambda: _needed(_standard(_cells()), squared=False),
            "You added up the singular values themselves. The variance along a component goes "
            "with the *square*.",
        ),
        "index": Misconception(
            lambda: _needed(_standard(_cells())) - 1,
            "Close: that is the index of the last component that is needed, and the first one has "
            "index 0. How many are they?",
        ),
    },
)


# ---- along the graph -------------------------------------------------------------------------


def _geodesics(points: np.ndarray, k: int) -> np.ndarray:
    return _along(points, k)


def _edges(distances: np.ndarray, k: int, skip: int = 1) -> np.ndarray:
    """Whether j is among the k nearest neighbours of i, in row i."""
    near = np.argsort(distances, axis=1, kind="stable")[:, skip : k + 1]
    edges = np.zeros(distances.shape, dtype=bool)
    np.put_along_axis(edges, near, True, axis=1)
    return edges


def _along(
    points: Any,
    k: int,
    *,
    join: Callable[[Any], Any] = lambda edges: edges | edges.T,
    length: Callable[[Any], Any] = lambda distances: distances,
    weight: Callable[[Any], Any] = lambda edges: 1,
    mend: Callable[[Any, Any], Any] = lambda paths, distances: paths,
) -> np.ndarray:
    """Shortest paths in the graph of neighbours, right or with one thing wrong."""
    from scipy.sparse.csgraph import shortest_path

    distances = _distances(points)
    named = _edges(distances, k)
    graph = np.where(join(named), length(distances), 0) * weight(named)
    return mend(shortest_path(graph, method="D", directed=True), distances)


def _filled(value: Callable[[Any, Any], Any]) -> Callable[[Any, Any], Any]:
    return lambda paths, distances: np.where(np.isinf(paths), value(paths, distances), paths)


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


def _geodesics_inputs(rng: np.random.Generator) -> Iterator[Case]:
    def told_apart(points: np.ndarray, k: int) -> bool:
        right = _geodesics(points, k)
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


def _draw_roll(answer: Any) -> Any:
    from mlmi_course import plots

    points, along = roll(800)
    paths = np.asarray(call(answer, (points, 8)), dtype=float)
    start = int(along.argmin())
    # Laid flat, the sheet is a rectangle: the way along it, and its width.
    true = np.hypot(along - along[start], points[:, 1] - points[start, 1])
    far = float(true.max())

    def paint(ax: Any) -> None:
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


geodesics = FunctionQuestion(
    title="The way along the sheet",
    points=3,
    inputs=_geodesics_inputs,
    reference=_geodesics,
    picture=_draw_roll,
    see="ISOMAP by hand",
    hints=(
        "First all straight distances, shape (n, n). In each row the smallest is the point "
        "itself, at 0: the neighbours are the k after it.",
        "Make a matrix of zeros and write the distances to the k neighbours into it. "
        "`scipy.sparse.csgraph.shortest_path` reads 0 as *no edge*.",
        "Make it symmetric: `graph = np.maximum(graph, graph.T)`. Then "
        "`shortest_path(graph, directed=False)`. Where there is no way it writes inf, as asked.",
    ),
    misconceptions={
        **{
            name: Misconception(answer, says) for name, (answer, says) in _GEODESIC_MISTAKES.items()
        },
        "pieces_by_euclid": Misconception(
            partial(_along, mend=_filled(lambda paths, distances: distances)),
            "Between two pieces of the graph you put the straight distance. There is no way "
            "between them: say so with inf, and let the reader choose a larger k.",
        ),
        "pieces_by_zero": Misconception(
            partial(_along, mend=_filled(lambda paths, distances: 0.0)),
            "Between two pieces of the graph you put 0, as if they lay on top of each other. "
            "There is no way: inf.",
        ),
        "pieces_by_largest": Misconception(
            partial(
                _along,
                mend=_filled(lambda paths, distances: paths[np.isfinite(paths)].max()),
            ),
            "Between two pieces of the graph you put the longest way that exists. Nobody knows "
            "that distance: inf.",
        ),
    },
)


# ---- a map from distances --------------------------------------------------------------------


def _classical_mds(distances: np.ndarray, count: int) -> np.ndarray:
    return _mds_with(distances, count)


def _both_means(squares: np.ndarray) -> np.ndarray:
    rows = squares.mean(axis=1, keepdims=True)
    return squares - rows - rows.T + squares.mean()


def _mds_with(
    distances: Any,
    count: int,
    *,
    power: int = 2,
    factor: float = -0.5,
    centre: Callable[[Any], Any] = _both_means,
    scale: Callable[[Any], Any] = lambda values: np.sqrt(np.maximum(values, 0)),
    smallest: bool = False,
    turn: bool = True,
) -> np.ndarray:
    """Classical scaling, right or with one thing wrong."""
    products = factor * centre(np.asarray(distances, dtype=float) ** power)
    products = (products + products.T) / 2
    values, vectors = np.linalg.eigh(products)
    order = np.argsort(values) if smallest else np.argsort(values)[::-1]
    values, vectors = values[order[:count]], vectors[:, order[:count]]
    places = vectors * scale(values)
    return places * _turned(places.T) if turn else places


def _root(values: Any) -> Any:
    with np.errstate(invalid="ignore"):
        return np.sqrt(values)


def _mds_upwards(distances: Any, count: int) -> np.ndarray:
    return _mds_with(distances, count)[:, ::-1]


def _mds_by_size(distances: Any, count: int) -> np.ndarray:
    """Classical scaling by an SVD, which puts a large negative eigenvalue first too."""
    u, s, _ = np.linalg.svd(-0.5 * _both_means(np.asarray(distances, dtype=float) ** 2))
    places = u[:, :count] * np.sqrt(s[:count])
    return places * _turned(places.T)


def _mds_inputs(rng: np.random.Generator) -> Iterator[Case]:
    for n, count, about in ((6, 2, "six points"), (9, 2, "nine points"), (5, 1, "one axis")):
        while True:
            points = rng.normal(size=(n, 3)) * (6, 3, 1)
            # The ways along a graph are no straight distances: some eigenvalues are negative.
            distances = _distances(points) * (1 + 0.1 * np.triu(rng.uniform(size=(n, n)), 1))
            distances = np.round(np.triu(distances, 1) + np.triu(distances, 1).T, 1)
            values, vectors = np.linalg.eigh(-0.5 * _both_means(distances**2))
            first = vectors[:, ::-1][:, :count].T
            gaps = values[::-1][: count + 1]
            turned = (_turned(first) < 0).any() or n != 6
            if turned and _clear(first) and (gaps[:-1] - gaps[1:] > 2).all():
                break
        yield Case((distances, count), about)
    while True:  # so crooked that a negative eigenvalue is larger in size than the second one
        distances = np.triu(rng.uniform(1, 9, (5, 5)).round(1), 1)
        distances += distances.T
        values, vectors = np.linalg.eigh(-0.5 * _both_means(distances**2))
        crooked = values[-1] - values[-2] > 2 and values[-2] > 2 and -values[0] - values[-2] > 2
        if crooked and values[-2] - values[-3] > 2 and _clear(vectors[:, -2:].T):
            break
    yield Case((distances, 2), "distances that fit no page")


def _draw_unrolled(answer: Any) -> Any:
    from mlmi_course import plots

    points, along = roll(800)
    places = np.asarray(call(answer, (_geodesics(points, 8), 2)), dtype=float)
    agree = float(abs(np.corrcoef(places[:, 0], along)[0, 1]))
    return plots.embedding(
        places,
        values=along,
        unit="true way along the sheet",
        title=f"your axis 1 against the sheet: |ρ| = {agree:.3f}",
        size=(6, 4),
        alt="The roll laid flat: the colour changes steadily from one end of the map to the "
        f"other, and axis 1 agrees with the true way to |ρ| = {agree:.3f}.",
    )


classical_mds = FunctionQuestion(
    title="A map from distances",
    points=2,
    inputs=_mds_inputs,
    reference=_classical_mds,
    picture=_draw_unrolled,
    see="ISOMAP by hand",
    hints=(
        "Square the distances. Take the means of the rows and of the columns away, and add the "
        "mean of everything back. Times −½: these are scalar products.",
        "`values, vectors = np.linalg.eigh(products)` sorts *upwards*. You need the last `count`, "
        "the largest first.",
        "`places = vectors[:, ::-1][:, :count] * np.sqrt(values[::-1][:count])`, and then the "
        "signs, column by column.",
    ),
    misconceptions={
        "not_squared": Misconception(
            partial(_mds_with, power=1),
            "The distances were not squared. Only squared distances turn into scalar products.",
        ),
        "not_centred": Misconception(
            partial(_mds_with, centre=lambda squares: squares),
            "The squared distances were not centred. Without it the first axis says how far a "
            "point is from all others, and not where it is.",
        ),
        "centred_once": Misconception(
            partial(_mds_with, centre=lambda s: s - s.mean()),
            "You took one mean off everything. It must be the mean of each row *and* of each "
            "column, and the mean of all added back.",
        ),
        "unit_axes": Misconception(
            partial(_mds_with, scale=np.ones_like),
            "The eigenvectors have length 1, so every axis of your map has the same spread. "
            "Multiply by the square root of the eigenvalue.",
        ),
        "no_root": Misconception(
            partial(_mds_with, scale=lambda values: values),
            "You multiplied by the eigenvalue. It is the sum of *squared* coordinates: take its "
            "root.",
        ),
        "no_half": Misconception(
            partial(_mds_with, factor=-1.0),
            "Everything is larger by √2: the factor is −½, since (a − b)² = a² + b² − 2ab.",
        ),
        "smallest_first": Misconception(
            partial(_mds_with, smallest=True),
            "These are the axes with the *smallest* eigenvalues. `eigh` sorts upwards.",
        ),
        "smallest_first_as_nan": Misconception(
            partial(_mds_with, smallest=True, scale=_root),
            "There are roots of negative numbers (nan) in your map. `eigh` sorts upwards: the "
            "first eigenvalues are the smallest ones, and here some of them are below 0.",
        ),
        "last_two": Misconception(
            _mds_upwards,
            "These are the right axes in the wrong order: `eigh` sorts upwards, so the last is "
            "the largest, and belongs first.",
        ),
        "size_without_sign": Misconception(
            _mds_by_size,
            "A *negative* eigenvalue of a large size came among the first, as from an SVD, whose "
            "values are never negative. It has no root, and belongs last: use `eigh`.",
        ),
        "no_minus": Misconception(
            partial(_mds_with, factor=0.5, scale=_root),
            "These are the axes with the smallest eigenvalues, which are negative, with the sign "
            "turned. Is your factor −½, and not ½? And do not forget that `eigh` sorts upwards.",
        ),
        "mean_of_all_not_added": Misconception(
            partial(_mds_with, centre=lambda s: s - s.mean(axis=0) - s.mean(axis=1)[:, None]),
            "The means of rows and columns are gone, and with them the mean of all was taken off "
            "twice. Add it back once.",
        ),
        "not_turned": Misconception(
            partial(_mds_with, turn=False),
            "Right but for the sign: in each column the entry of the largest absolute value is to "
            "be positive. A map and its mirror image say the same.",
        ),
    },
)


# ---- how many neighbours ---------------------------------------------------------------------


def _perplexity(squared: np.ndarray, own: int, sigma: float) -> float:
    return _perplexity_with(squared, own, sigma)


def _perplexity_with(
    squared: Any,
    own: int,
    sigma: float,
    *,
    width: Callable[[float], float] = lambda sigma: 2 * sigma**2,
    distance: Callable[[Any], Any] = lambda squared: squared,
    others: bool = True,
    log: Callable[[Any], Any] = np.log2,
    raised: Callable[[float], float] = lambda entropy: 2.0**entropy,
    shift: bool = True,
) -> float:
    """The perplexity of one sample's neighbours, right or with one thing wrong."""
    squared = distance(np.asarray(squared, dtype=float))
    if others:
        squared = np.delete(squared, own)
    weight = np.exp(-(squared - (squared.min() if shift else 0)) / width(sigma))
    p = weight / weight.sum()
    p = p[p > 0] if shift else p
    return float(raised(-(p * log(p)).sum()))


def _own_distance_off(squared: Any, own: int, sigma: float) -> float:
    squared = np.asarray(squared, dtype=float)
    weight = np.exp(-(squared - squared.min()) / (2 * sigma**2))
    weight[own] = 0
    p = weight[weight > 0] / weight.sum()
    return float(2 ** -(p * np.log2(p)).sum())


def _twins_left_out(squared: Any, own: int, sigma: float) -> float:
    squared = np.asarray(squared, dtype=float)
    return _perplexity(np.concatenate([[0.0], squared[squared > 0]]), 0, sigma)


def _zero_times_log_zero(squared: Any, own: int, sigma: float) -> float:
    others = np.delete(np.asarray(squared, dtype=float), own)
    weight = np.exp(-(others - others.min()) / (2 * sigma**2))
    p = weight / weight.sum()
    with np.errstate(divide="ignore", invalid="ignore"):
        return float(2 ** -(p * np.log2(p)).sum())


def _perplexity_inputs(rng: np.random.Generator) -> Iterator[Case]:
    for n, sigma, about in (
        (6, 1.7, "six samples"),
        (12, 0.6, "twelve samples and a narrow σ"),
    ):
        points = rng.normal(size=(n, 3)).round(1)
        own = int(rng.integers(1, n - 1))
        yield Case(((((points - points[own]) ** 2).sum(axis=1)).round(2), own, sigma), about)
    far = rng.uniform(2000, 2003, 5).round(2)
    far[2] = 0.0
    yield Case((far, 2, 1.1), "a sample far from all others")
    spread = np.array([0.0, 1.1, 0.0, 2.3, 1500.0, 1.7, 1600.0]) * rng.uniform(0.8, 1.2)
    yield Case((spread.round(2), 2, 0.8), "a twin at distance 0, and two that are far away")


def _draw_perplexity(answer: Any) -> Any:
    from sklearn.datasets import load_digits

    from mlmi_course import plots

    images = load_digits().data[:400]
    widths = np.linspace(2, 20, 37)
    series = {}
    for own in (0, 8, 17):
        squared = ((images - images[own]) ** 2).sum(axis=1)
        series[f"image {own}"] = [float(call(answer, (squared, own, s))) for s in widths]

    def paint(ax: Any) -> None:
        plots.lines(series, x=widths, xlabel="σ (grey levels)", ylabel="perplexity", ax=ax)
        ax.axhline(30, color=plots.COLOURS["neutral"], linewidth=1)

    return plots.grid(
        [paint],
        size=(5.2, 3.6),
        alt="Perplexity against σ for three digits among 400. It grows with σ, and each digit "
        "reaches 30 at a σ of its own.",
    )


perplexity = FunctionQuestion(
    title="How many neighbours does it feel?",
    points=2,
    inputs=_perplexity_inputs,
    reference=_perplexity,
    picture=_draw_perplexity,
    see="Neighbours as probabilities: SNE",
    hints=(
        "Take the sample itself out first: `np.delete(squared, own)`. Then weights, then "
        "probabilities, then the entropy.",
        "`weights = np.exp(-others / (2 * sigma**2))`, divided by their sum. The entropy in bits "
        "is `-(p * np.log2(p)).sum()`, and the perplexity `2 ** entropy`.",
        "All weights 0? Probabilities do not change if the same number is taken from all "
        "exponents: take `others.min()` off first. And 0·log 0 counts as 0: `p = p[p > 0]`.",
    ),
    misconceptions={
        "nats_with_2": Misconception(
            partial(_perplexity_with, log=np.log),
            "The entropy is in nats (`np.log`), and you raised 2 to it. Two to the bits, or e to "
            "the nats; both give the same number.",
        ),
        "bits_with_e": Misconception(
            partial(_perplexity_with, raised=lambda entropy: float(np.exp(entropy))),
            "The entropy is in bits, and you raised e to it. Two to the bits, or e to the nats.",
        ),
        "entropy": Misconception(
            partial(_perplexity_with, raised=lambda entropy: entropy),
            "That is the entropy. The perplexity is 2 to it: a number of neighbours.",
        ),
        "sigma_for_variance": Misconception(
            partial(_perplexity_with, width=lambda sigma: 2 * sigma),
            "You divided by 2σ. A Gaussian has 2σ² there: σ is a distance, and what stands above "
            "is a squared one.",
        ),
        "no_two": Misconception(
            partial(_perplexity_with, width=lambda sigma: sigma**2),
            "The 2 is missing: a Gaussian falls as exp(−d² / (2σ²)).",
        ),
        "squared_again": Misconception(
            partial(_perplexity_with, distance=np.square),
            "You squared what was already squared. `squared` holds d².",
        ),
        "root": Misconception(
            partial(_perplexity_with, distance=np.sqrt),
            "You took the root: that is no Gaussian any more. It wants the squared distance.",
        ),
        "self_counted": Misconception(
            partial(_perplexity_with, others=False),
            "The sample counts itself as a neighbour, and at distance 0 it is the nearest of all. "
            "Leave it out *before* dividing by the sum.",
        ),
        "underflow": Misconception(
            partial(_perplexity_with, shift=False),
            "All weights became 0, for exp(−800) is less than the smallest number there is. Take "
            "the smallest squared distance off all of them first: the probabilities stay as they "
            "are.",
        ),
        "own_distance_off": Misconception(
            _own_distance_off,
            "All weights became 0. The smallest number of `squared` is the 0 of the sample itself, "
            "and taking 0 off changes nothing: leave the sample out first.",
        ),
        "twins_left_out": Misconception(
            _twins_left_out,
            "You left out everybody at distance 0. Only the sample itself, number `own`, is not "
            "its own neighbour; a twin of it is.",
        ),
        "zero_times_log_zero": Misconception(
            _zero_times_log_zero,
            "0 · log 0 is nan for NumPy. A neighbour with probability 0 adds nothing to the "
            "entropy: leave those out of the sum.",
        ),
    },
)


# ---- the gradient of t-SNE -------------------------------------------------------------------


def _tsne_gradient(P: np.ndarray, places: np.ndarray) -> np.ndarray:
    return _gradient_with(P, places)


def _gradient_with(
    P: Any,
    places: Any,
    *,
    kernel: Callable[[Any], Any] = lambda squared: 1 / (1 + squared),
    pull: Callable[[Any], Any] | None = None,
    factor: float = 4.0,
    whole: Callable[[Any], Any] = np.sum,
    others: bool = True,
) -> np.ndarray:
    """The gradient of the Kullback–Leibler divergence, right or with one thing wrong."""
    places = np.asarray(places, dtype=float)
    apart = places[:, None] - places[None]
    squared = (apart**2).sum(axis=-1)
    near = kernel(squared)
    if others:
        near = near * (1 - np.eye(len(places)))
    Q = near / whole(near)
    force = (P - Q) * (1 / (1 + squared) if pull is None else pull(squared))
    return factor * (force[:, :, None] * apart).sum(axis=1)


def _affinities(points: Any, perplexity: float = 10.0) -> np.ndarray:
    """Symmetric probabilities of t-SNE, each row with the σ that its perplexity needs."""
    squared = _distances(points) ** 2
    P = np.zeros_like(squared)
    for own in range(len(points)):
        low, high = 1e-3, 1e3
        for _ in range(40):
            sigma = np.sqrt(low * high)
            if _perplexity(squared[own], own, sigma) > perplexity:
                high = sigma
            else:
                low = sigma
        others = np.delete(squared[own], own)
        weight = np.exp(-(others - others.min()) / (2 * sigma**2))
        P[own, np.arange(len(points)) != own] = weight / weight.sum()
    return (P + P.T) / (2 * len(points))


def _tsne_gradient_inputs(rng: np.random.Generator) -> Iterator[Case]:
    for n, about in ((4, "four samples"), (9, "nine samples"), (2, "two samples")):
        P = np.triu(rng.uniform(0.1, 1, size=(n, n)), 1)
        P = P + P.T
        places = (rng.normal(size=(n, 2)) * 1.2).round(1) + 0.05
        yield Case(((P / P.sum()).round(4), places), about)


def _loss(P: np.ndarray, places: np.ndarray) -> float:
    """The Kullback–Leibler divergence of a map, in nats."""
    near = 1 / (1 + _distances(places) ** 2)
    np.fill_diagonal(near, 0)
    some = P > 0
    return float((P[some] * np.log(P[some] / (near / near.sum())[some])).sum())


def _draw_descent(answer: Any) -> Any:
    from sklearn.datasets import load_digits

    from mlmi_course import plots

    images, digits = load_digits(return_X_y=True)
    few = np.flatnonzero(digits < 4)[:120]
    P = _affinities(images[few])
    # Not through ``call``, which copies what it is given: this is three hundred calls.
    call(answer, (P, np.zeros((len(few), 2)) + np.arange(len(few))[:, None] * 1e-3))
    places = np.random.default_rng(0).normal(0, 1e-2, (len(few), 2))
    step, losses = np.zeros_like(places), []
    for number in range(300):
        slope = np.asarray(answer(P, places), dtype=float).reshape(places.shape)
        step = (0.5 if number < 100 else 0.8) * step - 20 * slope
        places = places + step
        losses.append(_loss(P, places))
    return plots.grid(
        [
            ("the loss falls", lambda ax: plots.lines(
                {"": losses}, xlabel="step", ylabel="divergence (nats)", ax=ax)),
            ("your map", lambda ax: plots.embedding(places, digits[few], legend="on", ax=ax)),
        ],
        size=(8, 3.8),
        alt="120 digits from 0 to 3, moved by your gradient in 300 steps: the divergence falls to "
        f"{losses[-1]:.2f} nats, and each digit gathers in a place of its own.",
    )  # fmt: skip


tsne_gradient = FunctionQuestion(
    title="The forces of t-SNE",
    points=3,
    inputs=_tsne_gradient_inputs,
    reference=_tsne_gradient,
    picture=_draw_descent,
    see="A heavy tail: t-SNE",
    hints=(
        "All differences at once: `apart = places[:, None] - places[None]`, shape (n, n, 2). Their "
        "squares, added over the last axis, are d².",
        "`near = 1 / (1 + squared)`; its diagonal is 1 and must become 0 before you divide by the "
        "sum over *all* pairs. That quotient is Q.",
        "`force = (P - Q) / (1 + squared)`, shape (n, n), and the gradient is "
        "`4 * (force[:, :, None] * apart).sum(axis=1)`.",
    ),
    misconceptions={
        "gaussian": Misconception(
            partial(_gradient_with, kernel=lambda s: np.exp(-s), pull=np.ones_like),
            "That is the gradient of SNE, with a Gaussian in the map. t-SNE has 1 / (1 + d²).",
        ),
        "no_tail_in_the_force": Misconception(
            partial(_gradient_with, pull=np.ones_like),
            "Q is right, but the force lacks its own factor 1 / (1 + d²). It comes from the slope "
            "of the heavy tail.",
        ),
        "gaussian_q": Misconception(
            partial(_gradient_with, kernel=lambda s: np.exp(-s)),
            "Your Q is Gaussian. In the map of t-SNE neighbours count as 1 / (1 + d²).",
        ),
        "factor": Misconception(
            partial(_gradient_with, factor=2.0),
            "Half of it: the factor is 4. Each pair stands twice in the sum, and the square gives "
            "a 2 of its own.",
        ),
        "sign": Misconception(
            partial(_gradient_with, factor=-4.0),
            "All signs are turned: that is the direction to step in, and the gradient points "
            "uphill. (With `places[:, None] - places[None]` point i is on the first axis, and the "
            "sum goes over the second.)",
        ),
        "no_factor": Misconception(
            partial(_gradient_with, factor=1.0),
            "A quarter of it: the 4 before the sum is missing.",
        ),
        "only_attraction": Misconception(
            partial(_gradient_with, whole=lambda near: np.inf),
            "Only the pull of the neighbours is there. The push is missing: it is p − q that "
            "counts, and not p.",
        ),
        "root_everywhere": Misconception(
            partial(
                _gradient_with,
                kernel=lambda s: 1 / (1 + np.sqrt(s)),
                pull=lambda s: 1 / (1 + np.sqrt(s)),
            ),
            "You have 1 / (1 + d) in Q and in the force. Both want the *squared* distance.",
        ),
        "each_pair_once": Misconception(
            partial(_gradient_with, whole=lambda near: np.triu(near).sum()),
            "Q adds up to 2: the sum below the fraction goes over all k ≠ l, so each pair stands "
            "in it twice.",
        ),
        "by_rows": Misconception(
            partial(_gradient_with, whole=lambda near: near.sum(axis=1, keepdims=True)),
            "You divided each row by its own sum. In t-SNE Q adds up to 1 over *all* pairs.",
        ),
        "self_counted": Misconception(
            partial(_gradient_with, others=False),
            "Each sample counts as its own neighbour: the diagonal of 1 / (1 + d²) is 1, and it "
            "stands in the sum. Set it to 0 first.",
        ),
        "root": Misconception(
            partial(_gradient_with, kernel=lambda s: 1 / (1 + np.sqrt(s))),
            "The tail holds the distance. It wants the *squared* distance: 1 / (1 + d²).",
        ),
    },
)


# ---- may the map be trusted? -----------------------------------------------------------------


def _trustworthiness(original: np.ndarray, embedded: np.ndarray, k: int) -> float:
    return _trust_with(original, embedded, k)


def _ranks(points: Any) -> np.ndarray:
    """How near j is to i: 0 for i itself, 1 for its nearest neighbour, and so on."""
    distances = _distances(points)
    np.fill_diagonal(distances, -1)  # a twin at distance 0 comes after the sample itself
    return np.argsort(np.argsort(distances, axis=1), axis=1)


def _ranks_with_twins(points: Any) -> np.ndarray:
    """The same without care: of a sample and its twin the first in the table gets 0."""
    return np.argsort(np.argsort(_distances(points), axis=1, kind="stable"), axis=1)


def _trust_with(
    original: Any,
    embedded: Any,
    k: int,
    *,
    first_rank: int = 1,
    self_counted: bool = False,
    floor: bool = True,
    ranked: Callable[[Any], np.ndarray] = _ranks,
    norm: Callable[[int, int], float] = lambda n, k: 2 / (n * k * (2 * n - 3 * k - 1)),
) -> float:
    """Trustworthiness, right or with one thing wrong."""
    ranks, near = ranked(original) + first_rank - 1, ranked(embedded)
    shown = near < k if self_counted else (near >= 1) & (near <= k)
    excess = (ranks - k)[shown]
    penalty = (np.maximum(excess, 0) if floor else excess).sum()
    return float(1 - norm(len(ranks), k) * penalty)


_rank_from_zero = partial(_trust_with, first_rank=0)
_self_counted = partial(_trust_with, self_counted=True)
_no_floor = partial(_trust_with, floor=False)
_twin_for_itself = partial(_trust_with, ranked=_ranks_with_twins)


def _swapped(original: Any, embedded: Any, k: int) -> float:
    return _trustworthiness(embedded, original, k)


def _kept(original: Any, embedded: Any, k: int) -> float:
    ranks, near = _ranks(original), _ranks(embedded)
    shown = (near >= 1) & (near <= k)
    return float((ranks[shown] <= k).mean())


def _ranks_by_column(original: Any, embedded: Any, k: int) -> float:
    """The rank of i among the neighbours of j, in place of that of j among those of i."""
    near, n = _ranks(embedded), len(original)
    excess = np.maximum(_ranks(original).T - k, 0)[(near >= 1) & (near <= k)].sum()
    return float(1 - 2 / (n * k * (2 * n - 3 * k - 1)) * excess)


def _sorted_once(original: Any, embedded: Any, k: int) -> float:
    """One argsort says *who* comes at each place, and not at which place each one comes."""
    near, n = np.argsort(_distances(embedded), axis=1), len(original)
    order = np.argsort(_distances(original), axis=1)
    excess = np.maximum(order - k, 0)[(near >= 1) & (near <= k)].sum()
    return float(1 - 2 / (n * k * (2 * n - 3 * k - 1)) * excess)


def _original_sorted_once(original: Any, embedded: Any, k: int) -> float:
    near, n = _ranks(embedded), len(original)
    order = np.argsort(_distances(original), axis=1)
    excess = np.maximum(order - k, 0)[(near >= 1) & (near <= k)].sum()
    return float(1 - 2 / (n * k * (2 * n - 3 * k - 1)) * excess)


def _twins_left_out_of_the_map(original: Any, embedded: Any, k: int) -> float:
    distances = _distances(embedded)
    near = (distances > 0) & (distances <= np.sort(distances, axis=1)[:, k : k + 1])
    excess, n = np.maximum(_ranks(original) - k, 0)[near].sum(), len(near)
    return float(1 - 2 / (n * k * (2 * n - 3 * k - 1)) * excess)


_TRUST_MISTAKES = (
    _swapped,
    _self_counted,
    _rank_from_zero,
    _no_floor,
    _kept,
    _ranks_by_column,
    _sorted_once,
    _original_sorted_once,
)


def _without_ties(*tables: np.ndarray) -> bool:
    """Whether no sample has two others at the same distance, so that ranks are beyond doubt."""
    return all(np.diff(np.sort(_distances(it), axis=1)[:, 1:]).min() > 1e-6 for it in tables)


def _trust_inputs(rng: np.random.Generator) -> Iterator[Case]:
    for n, k, about in (
        (8, 2, "eight samples"),
        (20, 5, "twenty samples"),
        (9, 4, "k just below n / 2"),
    ):
        while True:
            original = rng.normal(size=(n, 4)).round(2)
            embedded = (original[:, :2] + rng.normal(0, 0.7, (n, 2))).round(2)
            right = _trustworthiness(original, embedded, k)
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


def _draw_trust(answer: Any) -> Any:
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


trustworthiness = FunctionQuestion(
    title="Trustworthiness",
    points=3,
    inputs=_trust_inputs,
    reference=_trustworthiness,
    picture=_draw_trust,
    not_allowed=("sklearn.manifold.trustworthiness",),
    see="How far may you trust a map?",
    hints=(
        "You need two tables of ranks, one in the original space and one in the map. Who is the "
        "k nearest is asked in the *map*; how far away they truly are, in the *original*.",
        "`ranks = np.argsort(np.argsort(distances, axis=1), axis=1)` gives 0 for the sample "
        "itself, 1 for its nearest neighbour, and so on. A twin is at 0 too, so put the sample "
        "first: `np.fill_diagonal(distances, -1)`.",
        "`shown = (map_ranks >= 1) & (map_ranks <= k)`, and "
        "`penalty = np.maximum(ranks - k, 0)[shown].sum()`.",
    ),
    misconceptions={
        "swapped": Misconception(
            _swapped,
            "The two spaces are swapped: that is the *continuity*. Trustworthiness asks whether "
            "those who are neighbours in the map are neighbours in truth.",
        ),
        "self_counted": Misconception(
            _self_counted,
            "Each sample counts as its own neighbour in the map, so only k − 1 others are judged, "
            "and the one that is never wrong is always among them.",
        ),
        "rank_from_zero": Misconception(
            _rank_from_zero,
            "The nearest neighbour has rank 1, not 0. Your ranks are one too small, and every "
            "false neighbour costs one too little.",
        ),
        "no_floor": Misconception(
            _no_floor,
            "True neighbours give *negative* numbers here, and pay for the false ones. Only what "
            "is above 0 counts.",
        ),
        "share_kept": Misconception(
            _kept,
            "That is the share of neighbours that are true ones. Trustworthiness also asks how "
            "far away the false ones are: a neighbour of rank k + 1 is a small mistake.",
        ),
        "ranks_by_column": Misconception(
            _ranks_by_column,
            "Your ranks in the original space are those of i among the neighbours of j. The two "
            "need not agree: sort each *row* (`axis=1`), and look up [i, j].",
        ),
        "sorted_once": Misconception(
            _sorted_once,
            "One `np.argsort` says *who* comes first, second, third. You need the opposite, at "
            "which place each sample comes: sort the result once more.",
        ),
        "original_sorted_once": Misconception(
            _original_sorted_once,
            "The neighbours in the map are right. In the original space one `np.argsort` says "
            "*who* comes first, and not at which place each sample comes: sort once more.",
        ),
        "twin_for_itself": Misconception(
            _twin_for_itself,
            "Two samples lie on the same place of the map, both at distance 0, and yours takes the "
            "twin for the sample itself. Put each sample first in its own row before sorting: "
            "`np.fill_diagonal(distances, -1)`.",
        ),
        "twins_left_out": Misconception(
            _twins_left_out_of_the_map,
            "You leave out everybody at distance 0. Only the sample itself is not its own "
            "neighbour; a twin on the same place of the map is.",
        ),
        "near_in_original": Misconception(
            lambda original, embedded, k: 1.0,
            "You get 1 for every map. Who is near must be asked in the *map*: the k nearest in the "
            "original space have no rank above k there.",
        ),
        "norm": Misconception(
            partial(_trust_with, norm=lambda n, k: 1 / (n * k)),
            "The norm is missing: 2 / (n k (2n − 3k − 1)) makes the worst possible map 0.",
        ),
    },
)


# ---- clusters and classes --------------------------------------------------------------------


def _matched_accuracy(labels: np.ndarray, clusters: np.ndarray) -> float:
    from scipy.optimize import linear_sum_assignment

    table = _crossed(labels, clusters)
    rows, columns = linear_sum_assignment(table, maximize=True)
    return float(table[rows, columns].sum() / len(labels))


def _crossed(labels: Any, clusters: Any) -> np.ndarray:
    """How many samples each class and each cluster share."""
    labels, clusters = np.asarray(labels), np.asarray(clusters)
    return np.array(
        [
            [np.sum((labels == one) & (clusters == other)) for other in np.unique(clusters)]
            for one in np.unique(labels)
        ]
    )


def _unmatched(labels: Any, clusters: Any) -> float:
    return float((np.asarray(labels) == np.asarray(clusters)).mean())


def _purity(labels: Any, clusters: Any) -> float:
    return float(_crossed(labels, clusters).max(axis=0).sum() / len(labels))


def _by_class(labels: Any, clusters: Any) -> float:
    return float(_crossed(labels, clusters).max(axis=1).sum() / len(labels))


def _greedy(labels: Any, clusters: Any) -> float:
    table, right = _crossed(labels, clusters).astype(float), 0.0
    while table.size and table.max() > 0:
        row, column = np.unravel_index(table.argmax(), table.shape)
        right += table[row, column]
        table = np.delete(np.delete(table, row, axis=0), column, axis=1)
    return float(right / len(labels))


def _cheapest(labels: Any, clusters: Any) -> float:
    from scipy.optimize import linear_sum_assignment

    table = _crossed(labels, clusters)
    rows, columns = linear_sum_assignment(table)
    return float(table[rows, columns].sum() / len(labels))


def _ten_of_each(labels: Any, clusters: Any) -> float:
    """What the lecture's function does, which is made for ten digits and ten clusters."""
    known = (np.asarray(labels) < 10) & (np.asarray(clusters) < 10)
    if not known.any():
        return 0.0
    right = _matched_accuracy(np.asarray(labels)[known], np.asarray(clusters)[known])
    return float(right * known.mean())


def _numbers_as_places(labels: Any, clusters: Any) -> float:
    """Matching in a table that the numbers index: a negative one counts from its end."""
    from scipy.optimize import linear_sum_assignment

    size = int(max(np.max(labels), np.max(clusters))) + 1
    table = np.zeros((size, size), dtype=int)
    np.add.at(table, (np.asarray(labels), np.asarray(clusters)), 1)
    rows, columns = linear_sum_assignment(table, maximize=True)
    return float(table[rows, columns].sum() / len(labels))


def _matched_only(labels: Any, clusters: Any) -> float:
    from scipy.optimize import linear_sum_assignment

    table = _crossed(labels, clusters)
    rows, columns = linear_sum_assignment(table, maximize=True)
    return float(table[rows, columns].sum() / table[:, columns].sum())


def _rand(labels: Any, clusters: Any) -> float:
    from sklearn.metrics import adjusted_rand_score

    return float(adjusted_rand_score(labels, clusters))


def _matched_inputs(rng: np.random.Generator) -> Iterator[Case]:
    def spelt_out(table: np.ndarray, names: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Samples with this cross table, in a random order."""
        labels = np.repeat(np.arange(len(table)), table.sum(axis=1))
        clusters = np.concatenate([np.repeat(names, row) for row in table])
        order = rng.permutation(len(labels))
        return labels[order], clusters[order]

    wrong = _unmatched, _purity, _by_class, _greedy, _cheapest, _rand
    for shape, about in (
        ((3, 3), "three classes and three clusters"),
        ((3, 4), "four clusters for three classes"),
        ((4, 2), "two clusters for four classes, which are numbered from 20"),
    ):
        while True:
            table = rng.integers(0, 8, shape)
            labels, clusters = spelt_out(table, rng.permutation(shape[1]))
            labels += 20 * (shape == (4, 2))  # any whole numbers may be labels
            right = _matched_accuracy(labels, clusters)
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
    labels = rng.integers(0, 2, 12)
    labels[:2] = 0, 1
    yield Case((labels, 1 - labels), "right but for the names")


matched_accuracy = FunctionQuestion(
    title="Which cluster is which class?",
    points=2,
    inputs=_matched_inputs,
    reference=_matched_accuracy,
    see="Do the islands mean anything?",
    hints=(
        "Make the table of classes against clusters: how many samples have this class *and* this "
        "cluster?",
        "Each class may be given to one cluster, and each cluster to one class. "
        "`scipy.optimize.linear_sum_assignment` finds the best choice of cells.",
        "`rows, columns = linear_sum_assignment(table, maximize=True)`, then "
        "`table[rows, columns].sum() / len(labels)`.",
    ),
    misconceptions={
        "unmatched": Misconception(
            _unmatched,
            "You compared the numbers of the clusters with those of the classes. k-means hands "
            "out its numbers as it likes: cluster 0 need not be class 0. Match them first.",
        ),
        "purity": Misconception(
            _purity,
            "Each cluster was given its most frequent class, so two clusters may claim the same "
            "one. That is purity: it is 1 as soon as every sample is a cluster of its own.",
        ),
        "by_class": Misconception(
            _by_class,
            "Each class was given its most frequent cluster, so one cluster may serve several "
            "classes. A single cluster for everything would score 1.",
        ),
        "greedy": Misconception(
            _greedy,
            "You took the largest cell first, then the next. The best *whole* may do without the "
            "largest cell: leave the choice to `linear_sum_assignment`.",
        ),
        "cheapest": Misconception(
            _cheapest,
            "That is the worst assignment: `linear_sum_assignment` looks for the lowest cost "
            "unless you say `maximize=True`.",
        ),
        "ten_of_each": Misconception(
            _ten_of_each,
            "Your table knows only the numbers 0 to 9, like the lecture's, which was made for ten "
            "digits. Labels may be any whole numbers: `np.unique` lists those that occur.",
        ),
        "numbers_as_places": Misconception(
            _numbers_as_places,
            "Your table has the numbers themselves as its rows and columns. A cluster may be "
            "called −1, and counted from the end of the table it meets another one: use the "
            "position in `np.unique`.",
        ),
        "matched_only": Misconception(
            _matched_only,
            "You divided by the samples in matched clusters only. Those in a cluster without a "
            "class are wrong, and count: divide by all.",
        ),
        "rand": Misconception(
            _rand,
            "That is the adjusted Rand index. It needs no matching, but it is no accuracy.",
        ),
    },
)


# ---- patients who come later -----------------------------------------------------------------


def _embed_unseen(train: np.ndarray, test: np.ndarray, count: int) -> np.ndarray:
    return _unseen_with(train, test, count)


def _unseen_with(
    train: Any,
    test: Any,
    count: int,
    *,
    fit: Callable[[Any, Any], Any] = lambda train, test: train,
    centre: Callable[[Any, Any], Any] | None = None,
    scale: bool = True,
    scale_new: bool = True,
    ddof: int = 0,
    turn: Callable[[Any], Any] = _turned,
) -> np.ndarray:
    """Coordinates of new samples, right or with one thing wrong."""
    seen = np.asarray(fit(train, test), dtype=float)
    mean, spread = seen.mean(axis=0), seen.std(axis=0, ddof=ddof) if scale else 1.0
    vt = np.linalg.svd((seen - mean) / spread, full_matrices=False)[2][:count]
    components = vt * turn(vt)[:, None]
    middle = mean if centre is None else centre(train, test)
    centred = np.asarray(test, dtype=float) - middle
    return (centred / spread if scale_new else centred) @ components.T


def _scaled_apart(train: Any, test: Any, count: int) -> np.ndarray:
    train, test = np.asarray(train, dtype=float), np.asarray(test, dtype=float)
    scaled = (test - test.mean(axis=0)) / test.std(axis=0)
    vt = np.linalg.svd((train - train.mean(axis=0)) / train.std(axis=0), full_matrices=False)[2]
    return scaled @ (vt[:count] * _turned(vt[:count])[:, None]).T


def _unseen_inputs(rng: np.random.Generator) -> Iterator[Case]:
    for n, m, p, count, about in (
        (9, 6, 3, 2, "nine patients seen and six new ones"),
        (6, 8, 4, 2, "more new patients than seen ones"),
        (8, 1, 3, 1, "a single new patient"),
    ):
        while True:
            turn = np.linalg.qr(rng.normal(size=(p, p)))[0]
            spread = np.array([4.0, 1.5, 0.5, 0.2])[:p]
            drawn = rng.normal(size=(n + m, p)) * spread @ turn * rng.uniform(1, 9, p)
            drawn = (drawn + rng.uniform(0, 9, p)).round(1)
            drawn[n:] += np.ptp(drawn, axis=0).round(1) / 4  # another scanner
            train, test = drawn[:n], drawn[n:].round(2)
            _, s, vt = np.linalg.svd(_standard(train), full_matrices=False)
            signs = _turned(vt[:count])
            turned = ((signs < 0).any() and (signs != _by_sum(vt[:count])).any()) or n != 9
            if turned and _clear(vt[:count]) and (s[:count] - s[1 : count + 1] > 0.3).all():
                break
        yield Case((train, test, count), about)


embed_unseen = FunctionQuestion(
    title="Patients who come later",
    points=2,
    inputs=_unseen_inputs,
    reference=_embed_unseen,
    see="The patient who comes tomorrow",
    hints=(
        "What is learnt, the mean, the standard deviation and the components, is learnt from "
        "`train` and from nothing else.",
        "`mean, spread = train.mean(axis=0), train.std(axis=0)`, and the components from "
        "`np.linalg.svd((train - mean) / spread, full_matrices=False)`, turned as in question 1.",
        "The new patients go through the same steps: `(test - mean) / spread @ components.T`.",
    ),
    misconceptions={
        "fitted_on_test": Misconception(
            partial(_unseen_with, fit=lambda train, test: test),
            "You fitted on the new patients. Their map has axes of its own: a place in it means "
            "something else than the same place in the map of those who came before.",
        ),
        "fitted_on_all": Misconception(
            lambda train, test, count: _unseen_with(
                train, test, count, fit=lambda a, b: np.vstack([a, b])
            ),
            "The new patients took part in the fit. Tomorrow's patient cannot: whoever tests like "
            "this tests a map that knew the test.",
        ),
        "own_mean": Misconception(
            partial(_unseen_with, centre=lambda train, test: np.asarray(test).mean(axis=0)),
            "You took off the mean of the *new* patients. A shift between the two groups, which "
            "may be the very thing to see, is then gone; and a single patient lands on zero.",
        ),
        "scaled_apart": Misconception(
            _scaled_apart,
            "The new patients were standardised by themselves. Use the mean and the standard "
            "deviation that the first patients gave.",
        ),
        "not_scaled": Misconception(
            partial(_unseen_with, scale=False),
            "The features were not divided by their standard deviation. The one with the largest "
            "numbers then is the map.",
        ),
        "not_turned": Misconception(
            partial(_unseen_with, turn=lambda rows: np.ones(len(rows))),
            "Right but for the sign: the largest entry of each component is to be positive.",
        ),
        "turned_by_the_sum": Misconception(
            partial(_unseen_with, turn=_by_sum),
            "You turned each component such that its entries add up to more than 0. As in part A, "
            "it is the one entry of the largest absolute value that must be positive.",
        ),
        "only_centred": Misconception(
            partial(_unseen_with, scale_new=False),
            "The first patients were standardised, and the new ones only centred. They must go "
            "through the same steps.",
        ),
        "as_they_came": Misconception(
            partial(_unseen_with, scale_new=False, centre=lambda train, test: 0.0),
            "You projected the new patients as they came. They must go through the same steps as "
            "the first ones: the old mean off, divided by the old standard deviation.",
        ),
        "sample_deviation": Misconception(
            partial(_unseen_with, ddof=1),
            "Your standard deviation divides by n − 1. Asked for is that of NumPy as it is, which "
            "divides by n.",
        ),
    },
)


# ---- a thought -------------------------------------------------------------------------------

islands = ThoughtQuestion(
    title="Five islands",
    points=2,
    rubric=(
        "1 point: says why five islands in a UMAP are no evidence of five subtypes, at least two "
        "of: another seed or number of neighbours may give another number of islands; noise looks "
        "clustered too; several images of one patient, one scanner or one site make an island; "
        "sizes and gaps mean little; the method was chosen because it showed islands. "
        "1 point: asks for a test that could fail, at least one of: the islands coloured by "
        "patient, site, scanner and batch; clusters found in the full data, and stable under "
        "resampling of patients; the same analysis on shuffled or simulated data without clusters; "
        "subtypes that return in patients of another centre, assigned without refitting; survival "
        "compared on patients who took no part in finding the groups, and against known factors. "
        "No points for 'UMAP is not linear' or 'more data' alone."
    ),
    see="What a map does not say",
    hints=(
        "3,100 patches, 62 patients: what would the map look like if it showed nothing but "
        "patients?",
        "Name one result that would change *your* mind, and one that should change theirs.",
    ),
)

progress = Unit(__name__).progress
