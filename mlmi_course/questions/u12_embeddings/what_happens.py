"""What happens to a number of a map, and why?"""

from functools import cache

import numpy as np

from mlmi_course.checks import asks_value

_WHY = {"A": "b", "B": "d", "C": "e", "D": "a", "E": "c"}
_TITLES = {
    "A": "a unit changed",
    "B": "ten more radii",
    "C": "every image twice",
    "D": "turned and enlarged",
    "E": "blurred frames",
}


def _first_share(table):
    """The share of component 1 in the variance of standardised columns."""
    scaled = (table - table.mean(axis=0)) / table.std(axis=0)
    s = np.linalg.svd(scaled, compute_uv=False)
    return float(s[0] ** 2 / (s**2).sum())


def _roll(blurred):
    """A rolled sheet, 72 points in the air between two of its turns if asked for, and the angle."""
    rng = np.random.default_rng(3)
    angle = 1.5 * np.pi * (1 + 2 * rng.uniform(size=800))
    turn, height = angle, 21 * rng.uniform(size=800)
    if blurred:
        here, out = np.meshgrid(np.linspace(5.1, 7.8, 12), np.linspace(0.05, 0.95, 6))
        turn = np.append(turn, here + 2 * np.pi * out)
        height = np.append(height, np.repeat(21 * (np.arange(12) + 0.5)[None] / 12, 6, axis=0))
        place = np.append(angle, here)
    else:
        place = angle
    return np.stack([turn * np.cos(place), height, turn * np.sin(place)], axis=1), angle


@cache
def _numbers():
    """For each change the number before and after it."""
    from scipy.stats import spearmanr
    from sklearn.datasets import load_breast_cancer, load_digits
    from sklearn.decomposition import PCA
    from sklearn.manifold import Isomap, trustworthiness

    lumps, images = load_breast_cancer().data, load_digits().data[:200]
    rng = np.random.default_rng(0)
    in_another_unit = lumps * np.where(np.arange(lumps.shape[1]) == 3, 1e-4, 1)
    more_radii = np.hstack([lumps, lumps[:, :1] + rng.normal(0, 0.1, (len(lumps), 10))])
    twice = np.vstack([images, images + rng.normal(0, 0.1, images.shape)])
    places, both = (PCA(2, svd_solver="full").fit_transform(one) for one in (images, twice))
    trust = {
        "once": float(trustworthiness(images, places, n_neighbors=1)),
        "twice": float(trustworthiness(twice, both, n_neighbors=1)),
        "turned": float(trustworthiness(images, 3 * places[:, ::-1] * [1, -1], n_neighbors=1)),
    }
    order = []
    for blurred in (False, True):
        points, angle = _roll(blurred)
        first = Isomap(n_neighbors=8).fit_transform(points)[: len(angle), 0]
        order.append(float(abs(spearmanr(first, angle)[0])))
    return {
        "A": (_first_share(lumps), _first_share(in_another_unit)),
        "B": (_first_share(lumps), _first_share(more_radii)),
        "C": (trust["once"], trust["twice"]),
        "D": (trust["once"], trust["turned"]),
        "E": tuple(order),
    }


def _direction(change):
    """Measure it: less than 0.01 is no change."""
    before, after = _numbers()[change]
    return "same" if abs(after - before) < 0.01 else "up" if after > before else "down"


@asks_value(
    points=3,
    see="What a map does not say",
    hints=(
        "Ask of each change which *distances* it changes, and whether the number looks at the "
        "distances themselves or only at their order.",
        "A: what is left of a unit after each column was divided by its own standard deviation? B: "
        "how many of the columns now say *radius*? C: who is the nearest neighbour of an image, in "
        "the data and on the map?",
        "D: trustworthiness counts ranks. E: the blurred frames lie between two turns of the "
        "sheet, so a path may now lead through them.",
    ),
)
def what_happens():
    """What happens to the number?"""
    return {change: f"{_direction(change)} {why}" for change, why in _WHY.items()}


def _with(**other):
    return lambda: what_happens.right() | other


for _name, _case, _given, _says in (
    (
        "unit_counts",
        "A",
        "up f",
        "In A the columns were standardised. Whatever the unit, a column then has a standard "
        "deviation of 1.",
    ),
    (
        "unit_counts_less",
        "A",
        "down f",
        "In A each column was divided by its own standard deviation, and that grows and shrinks "
        "with the unit. What is left of the unit then?",
    ),
    (
        "pca_takes_copies_out",
        "B",
        "same h",
        "In B ten more columns say what one said before, and each is standardised, so each has "
        "the same variance. PCA takes no copies out: it finds the direction in which most "
        "columns agree.",
    ),
    (
        "copies_spread",
        "B",
        "down h",
        "In B the copies do not share one variance among them: each brings its own, and all of it "
        "lies along one direction.",
    ),
    (
        "more_is_better",
        "C",
        "up g",
        "The direction of C is right. But would the number rise as much if the new images were of "
        "*other* patients?",
    ),
    (
        "twins_do_not_count",
        "C",
        "same a",
        "In C look at one image: who is its nearest neighbour in the data now, and where does PCA "
        "put that one?",
    ),
    (
        "turning_hurts",
        "D",
        "down f",
        "In D the distances on the map are three times as long, all of them. Trustworthiness asks "
        "who is *nearest*, and that is the same one.",
    ),
    (
        "size_in_d",
        "D",
        "same b",
        "The direction of D is right. But nothing is divided by a standard deviation there: what "
        "does trustworthiness look at?",
    ),
    (
        "order_in_a",
        "A",
        "same a",
        "The direction of A is right. But PCA looks at the distances themselves, and not at their "
        "order: what became of the unit when the column was standardised?",
    ),
    (
        "more_columns_in_b",
        "B",
        "up g",
        "The direction of B is right, but no samples were added: there are more *columns*.",
    ),
    (
        "columns_in_c",
        "C",
        "up d",
        "The direction of C is right, but no columns were added: there are more *rows*. Look at "
        "one image: who is its nearest neighbour now?",
    ),
    (
        "more_samples_in_e",
        "E",
        "down g",
        "The direction of E is right, but the reason says the opposite. Where do the blurred "
        "frames lie, and what can a shortest path do with them?",
    ),
    (
        "more_points_hold_together",
        "E",
        "up g",
        "In E there are more points, but they lie where no sheet is. What can a shortest path do "
        "with them?",
    ),
    (
        "few_points_do_not_matter",
        "E",
        "same a",
        "In E fewer than a tenth of the points are new, but a path needs only a few of them to "
        "jump to the next turn.",
    ),
):
    what_happens.knows(_name, _with(**{_case: _given}), _says)


_FORMS = {
    "capitals": str.upper,
    "title": str.capitalize,
    "comma": lambda text: text.replace(" ", ", "),
    "bare_comma": lambda text: text.replace(" ", ","),
    "glued": lambda text: text.replace(" ", ""),
    "two_spaces": lambda text: text.replace(" ", "  "),
    "space_behind": lambda text: text + " ",
    "backwards": lambda text: " ".join(text.split()[::-1]),
}
for _name, _form in _FORMS.items():
    _written = {change: _form(text) for change, text in what_happens.right().items()}
    what_happens.knows(
        f"form_{_name}",
        _written,
        f"Those are the right ones, but not as `{_written['A']}`: write each as one text, the "
        "direction in small letters, a space, the letter of the reason.",
    )
what_happens.knows(
    "form_small_keys",
    {change.lower(): text for change, text in what_happens.right().items()},
    "Those are the right ones. Write the five keys in capitals, A to E.",
)


@what_happens.picture
def draw_answer(answer):
    from mlmi_course import plots

    bars = {
        f"{change} {when}": number
        for change, pair in _numbers().items()
        for when, number in zip(("before", f"after: {_TITLES[change]}"), pair, strict=True)
    }
    return plots.bars(
        list(bars),
        list(bars.values()),
        xlabel="the number that is named in A to E",
        title="Five numbers, before and after",
        alt="The number of each of five maps before and after its change.",
    )
