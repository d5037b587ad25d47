"""Principal components: mend a function that finds others."""

import numpy as np

from mlmi_course.checks import Case, asks
from mlmi_course.checks.calling import call
from mlmi_course.questions.u12_embeddings._points import (
    as_they_come,
    has_clear_sign,
    sign_of_largest,
    sign_of_sum,
)


def _pca_with(
    table,
    count,
    *,
    centre=True,
    scale=False,
    rows=lambda u, vt, count: vt[:count],
    coordinates=lambda u, table, centred, components: centred @ components.T,
    turn=sign_of_largest,
    turn_coordinates=True,
):
    """PCA by the singular value decomposition, right or with one thing wrong."""
    table = np.asarray(table, dtype=float)
    centred = table - table.mean(axis=0) if centre else table
    if scale:
        centred = centred / table.std(axis=0)
    u, _, vt = np.linalg.svd(centred, full_matrices=False)
    components = rows(u, vt, count)
    sign = turn(components)
    places = coordinates(u[:, :count], table, centred, components)
    return components * sign[:, None], places * (sign if turn_coordinates else 1)


@asks(
    points=3,
    see="Turn the table: principal components",
    hints=(
        "Ask two questions of the colleague's function: from where are the samples measured, and "
        "in which order does `np.linalg.eigh` return what it finds?",
        "`np.linalg.eigh` begins with the *smallest* eigenvalue. The mean of each column must be "
        "taken away before anything else, also before the coordinates are computed.",
        "`centred = table - table.mean(axis=0)`, `components = vectors[:, ::-1][:, :count].T`, and "
        "for the sign `largest = np.abs(components).argmax(axis=1)` and "
        "`np.sign(components[np.arange(count), largest])`; the coordinates are `centred @ "
        "components.T`.",
    ),
)
def pca(table, count):
    """Mend the components"""
    return _pca_with(table, count)


@pca.inputs
def cases(rng):
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
            u, vt = u[:count], vt[:count]
            # In the first case both signs must differ from what the library happens to give,
            # and the sum of a component must not tell its sign.
            signs = sign_of_largest(vt)
            turned = (signs < 0).all() and (signs != sign_of_sum(vt)).any() and has_clear_sign(u)
            apart = (s[:count] - s[1 : count + 1] > 0.5).all()
            if (turned or n != p) and has_clear_sign(vt) and apart:
                break
        yield Case((table, count), about)


@pca.mistake
def unmended(table, count):
    """That is the colleague's function as it was: the mean is still in it, and its directions are
    those of the *least* variance.
    """
    table = np.asarray(table, float)
    components = np.linalg.eigh(table.T @ table)[1][:, :count].T
    return components, table @ components.T


def _by_eigh(
    table, count, *, centre=True, pick=lambda vectors, count: vectors[:, ::-1][:, :count].T
):
    """The colleague's way, with some of its faults mended and the signs as they come."""
    table = np.asarray(table, float)
    rows = table - table.mean(axis=0) if centre else table
    components = pick(np.linalg.eigh(rows.T @ rows)[1], count)
    return components, rows @ components.T


@pca.mistake
def only_centred(table, count):
    """The mean is gone, as it should be. But `np.linalg.eigh` begins with the *smallest*
    eigenvalue, so these are the directions of least variance.
    """
    return _by_eigh(table, count, pick=lambda vectors, count: vectors[:, :count].T)


@pca.mistake
def last_not_reversed(table, count):
    """These are the right directions, in the wrong order: the largest variance comes last in what
    `np.linalg.eigh` returns, and should come first. (The signs are a question of their own.)
    """
    return _by_eigh(table, count, pick=lambda vectors, count: vectors[:, -count:].T)


@pca.mistake
def last_not_reversed_turned(table, count):
    """The signs are right, and so are the directions, but their order is not: the largest variance
    comes first.
    """
    components, places = pca.right(table, count)
    return components[::-1], places[:, ::-1]


@pca.mistake
def only_ordered(table, count):
    """The order is right now. But the mean is still in the table, so the first direction points
    from zero to the middle of the cloud.
    """
    return _by_eigh(table, count, centre=False)


@pca.mistake
def rows_of_eigh(table, count):
    """`np.linalg.eigh` returns the directions as *columns*: `vectors[:, i]`. You took rows."""
    return _by_eigh(table, count, pick=lambda vectors, count: vectors[::-1][:count])


pca.variants(
    _pca_with,
    not_centred=(
        {"centre": False},
        "The mean was not taken away. The first component then points from zero to the middle "
        "of the cloud, and not along the cloud.",
    ),
    u_rows=(
        {"rows": lambda u, vt, count: u[:count]},
        "These are rows of U. A row of U belongs to a sample; the components are the rows of "
        "Vᵀ, one number for each feature. (With as many samples as features NumPy cannot "
        "warn you.)",
    ),
    u_columns=(
        {"rows": lambda u, vt, count: u[:, :count].T},
        "These are columns of U: what the *samples* have along each component, without its "
        "length. The components are the rows of Vᵀ.",
    ),
    v_columns=(
        {"rows": lambda u, vt, count: vt[:, :count].T},
        "You took columns. `np.linalg.svd` returns Vᵀ, already transposed: the components "
        "are its rows.",
    ),
    without_s=(
        {"coordinates": lambda u, table, centred, components: u},
        "The coordinates are columns of U alone, all of the same spread. Multiply by the "
        "singular values, or project: `centred @ components.T`.",
    ),
    standardised=(
        {"scale": True},
        "You divided the columns by their standard deviation. That is often wise, but here it "
        "was not asked for.",
    ),
    smallest_first=(
        {"rows": lambda u, vt, count: vt[::-1][:count]},
        "These are the directions of *least* variance. `np.linalg.eigh` sorts upwards; the "
        "largest come last.",
    ),
    coordinates_not_centred=(
        {"coordinates": lambda u, table, centred, components: table @ components.T},
        "The components are right, but the coordinates are those of the table as it came. "
        "Project the centred table.",
    ),
    not_turned=(
        {"turn": as_they_come},
        "Right but for the sign. A component and its opposite span the same line; the "
        "convention asked for is that its largest entry (in absolute value) is positive.",
    ),
    turned_by_the_sum=(
        {"turn": sign_of_sum},
        "You turned each component such that its entries add up to more than 0. Asked for is "
        "that the one entry of the largest absolute value is positive.",
    ),
    coordinates_not_turned=(
        {"turn_coordinates": False},
        "You turned the components, and left the coordinates where they were. Who turns an "
        "axis turns the numbers along it too.",
    ),
)


@pca.mistake
def transposed(table, count):
    """The coordinates are transposed: one row for each sample is asked for."""
    components, places = pca.right(table, count)
    return components, places.T


@pca.picture
def components_and_map(answer):
    from sklearn.datasets import load_digits

    from mlmi_course import plots

    images, digits = load_digits(return_X_y=True)
    components, places = call(answer, (images, 2))
    components = np.asarray(components, dtype=float)
    limit = float(np.abs(components).max())

    def component(number):
        image = components[number].reshape(8, 8)
        return lambda ax: plots.image(image, vmin=-limit, vmax=limit, ax=ax)

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
