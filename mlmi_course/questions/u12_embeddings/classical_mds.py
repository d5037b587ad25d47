"""A map from distances."""

import numpy as np

from mlmi_course.checks import Case, asks
from mlmi_course.checks.calling import call
from mlmi_course.questions.u12_embeddings._points import (
    distances as straight,
)
from mlmi_course.questions.u12_embeddings._points import (
    has_clear_sign,
    roll,
    sign_of_largest,
)
from mlmi_course.questions.u12_embeddings.geodesics import geodesics


def _double_centred(squares):
    rows = squares.mean(axis=1, keepdims=True)
    return squares - rows - rows.T + squares.mean()


def _root_of_positive(values):
    return np.sqrt(np.maximum(values, 0))


def _mds_with(
    distances,
    count,
    *,
    power=2,
    factor=-0.5,
    centre=_double_centred,
    length=_root_of_positive,
    smallest=False,
    turn=True,
):
    """Classical scaling, right or with one thing wrong."""
    products = factor * centre(np.asarray(distances, dtype=float) ** power)
    products = (products + products.T) / 2
    values, vectors = np.linalg.eigh(products)
    order = np.argsort(values) if smallest else np.argsort(values)[::-1]
    values, vectors = values[order[:count]], vectors[:, order[:count]]
    with np.errstate(invalid="ignore"):
        places = vectors * length(values)
    return places * sign_of_largest(places.T) if turn else places


@asks(
    points=2,
    see="ISOMAP by hand",
    hints=(
        "Square the distances. Take the means of the rows and of the columns away, and add the "
        "mean of everything back. Times −½: these are scalar products.",
        "`values, vectors = np.linalg.eigh(products)` sorts *upwards*. You need the last `count`, "
        "the largest first.",
        "`places = vectors[:, ::-1][:, :count] * np.sqrt(values[::-1][:count])`, and then the "
        "signs, column by column.",
    ),
)
def classical_mds(distances, count):
    """A map from distances"""
    return _mds_with(distances, count)


@classical_mds.inputs
def cases(rng):
    for n, count, about in ((6, 2, "six points"), (9, 2, "nine points"), (5, 1, "one axis")):
        while True:
            points = rng.normal(size=(n, 3)) * (6, 3, 1)
            # The ways along a graph are no straight distances: some eigenvalues are negative.
            crooked = straight(points) * (1 + 0.1 * np.triu(rng.uniform(size=(n, n)), 1))
            distances = np.round(np.triu(crooked, 1) + np.triu(crooked, 1).T, 1)
            values, vectors = np.linalg.eigh(-0.5 * _double_centred(distances**2))
            first = vectors[:, ::-1][:, :count].T
            gaps = -np.diff(values[::-1][: count + 1])
            turned = (sign_of_largest(first) < 0).any() or n != 6
            if turned and has_clear_sign(first) and (gaps > 2).all():
                break
        yield Case((distances, count), about)
    while True:  # so crooked that a negative eigenvalue is larger in size than the second one
        distances = np.triu(rng.uniform(1, 9, (5, 5)).round(1), 1)
        distances += distances.T
        values, vectors = np.linalg.eigh(-0.5 * _double_centred(distances**2))
        first, second, third, least = *values[:-4:-1], values[0]
        apart = first - second > 2 and second > 2 and second - third > 2
        if apart and -least - second > 2 and has_clear_sign(vectors[:, -2:].T):
            break
    yield Case((distances, 2), "distances that fit no page")


classical_mds.variants(
    _mds_with,
    not_squared=(
        {"power": 1},
        "The distances were not squared. Only squared distances turn into scalar products.",
    ),
    not_centred=(
        {"centre": lambda squares: squares},
        "The squared distances were not centred. Without it the first axis says how far a "
        "point is from all others, and not where it is.",
    ),
    centred_once=(
        {"centre": lambda squares: squares - squares.mean()},
        "You took one mean off everything. It must be the mean of each row *and* of each "
        "column, and the mean of all added back.",
    ),
    unit_axes=(
        {"length": np.ones_like},
        "The eigenvectors have length 1, so every axis of your map has the same spread. "
        "Multiply by the square root of the eigenvalue.",
    ),
    no_root=(
        {"length": lambda values: values},
        "You multiplied by the eigenvalue. It is the sum of *squared* coordinates: take its root.",
    ),
    no_half=(
        {"factor": -1.0},
        "Everything is larger by √2: the factor is −½, since (a − b)² = a² + b² − 2ab.",
    ),
    smallest_first=(
        {"smallest": True},
        "These are the axes with the *smallest* eigenvalues. `eigh` sorts upwards.",
    ),
    smallest_first_as_nan=(
        {"smallest": True, "length": np.sqrt},
        "There are roots of negative numbers (nan) in your map. `eigh` sorts upwards: the "
        "first eigenvalues are the smallest ones, and here some of them are below 0.",
    ),
)


@classical_mds.mistake
def last_two(distances, count):
    """These are the right axes in the wrong order: `eigh` sorts upwards, so the last is the
    largest, and belongs first.
    """
    return classical_mds.right(distances, count)[:, ::-1]


@classical_mds.mistake
def size_without_sign(distances, count):
    """A *negative* eigenvalue of a large size came among the first, as from an SVD, whose values
    are never negative. It has no root, and belongs last: use `eigh`.
    """
    u, s, _ = np.linalg.svd(-0.5 * _double_centred(np.asarray(distances, dtype=float) ** 2))
    places = u[:, :count] * np.sqrt(s[:count])
    return places * sign_of_largest(places.T)


classical_mds.variants(
    _mds_with,
    no_minus=(
        {"factor": 0.5, "length": np.sqrt},
        "These are the axes with the smallest eigenvalues, which are negative, with the sign "
        "turned. Is your factor −½, and not ½? And do not forget that `eigh` sorts upwards.",
    ),
    mean_of_all_not_added=(
        {"centre": lambda s: s - s.mean(axis=0) - s.mean(axis=1)[:, None]},
        "The means of rows and columns are gone, and with them the mean of all was taken off "
        "twice. Add it back once.",
    ),
    not_turned=(
        {"turn": False},
        "Right but for the sign: in each column the entry of the largest absolute value is to "
        "be positive. A map and its mirror image say the same.",
    ),
)


@classical_mds.picture
def the_roll_laid_flat(answer):
    from mlmi_course import plots

    points, along = roll(800)
    places = np.asarray(call(answer, (geodesics.right(points, 8), 2)), dtype=float)
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
