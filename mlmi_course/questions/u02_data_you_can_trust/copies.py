"""Which images are copies, also where a copy was turned round or inverted?"""

import numpy as np

from mlmi_course.checks import Case, asks


def _alike(images, *, mean=True, mirrored=True, inverted=True, together=np.maximum):
    """Return how alike each two images are; the parameters leave out what must not be."""
    images = np.asarray(images, float)

    def unit(x):
        flat = x.reshape(len(x), -1)
        if mean:
            flat = flat - flat.mean(axis=1, keepdims=True)
        return flat / np.linalg.norm(flat, axis=1, keepdims=True)

    sign = np.abs if inverted else np.asarray
    alike = sign(unit(images) @ unit(images).T)
    if mirrored:
        alike = together(alike, sign(unit(images) @ unit(images[:, :, ::-1]).T))
    return alike


def _pairs(images, limit, *, twice=False, power=1, **other):
    """Return the pairs of copies."""
    found = _alike(images, **other) ** power > limit
    return np.argwhere(found if twice else np.triu(found, 1)).tolist()


@asks(
    points=3,
    see="The same patient twice",
    hints=(
        "For each pair take the correlation of their pixels, and then that of one with the mirror "
        "image of the other. Which sign does an inverted copy give?",
        "`images[:, :, ::-1]` mirrors all images left and right. Take the mean off each image, "
        "divide by its norm, and the correlation is the sum of products.",
        "A pair is a copy if the larger of the two *absolute* correlations is above the limit.",
    ),
)
def copies(images, limit):
    """Copies that were turned round"""
    return _pairs(images, limit)


def _patients(rng, n, size=12):
    """Images of n patients, none like another, turned round or not, standardised."""
    from scipy import ndimage

    while True:
        x = ndimage.gaussian_filter(rng.normal(size=(n, size, size)), (0, 0.8, 0.8))
        x = (x - x.mean((1, 2), keepdims=True)) / x.std((1, 2), keepdims=True)
        if not _pairs(x, 0.5):
            return x


def _copy(image, rng, correlation=0.98, *, mirror=False, invert=False):
    """A copy with a given correlation, before it is turned round."""
    noise = rng.normal(size=image.shape)
    noise -= noise.mean() + image * (noise * image).mean()
    copy = correlation * image + np.sqrt(1 - correlation**2) * noise / noise.std()
    copy = copy[:, ::-1] if mirror else copy
    return -copy if invert else copy


def _grey(images, rng):
    """Give each image a brightness and a contrast of its own; all values are positive."""
    contrast, level = rng.uniform(10, 22, (2, len(images), 1, 1))
    return np.round(100 + level + contrast * images, 2)


@copies.inputs
def cases(rng):
    base = _patients(rng, 5)
    extra = [
        _copy(base[0], rng),
        _copy(base[1], rng, mirror=True),
        _copy(base[2], rng, invert=True),
        _copy(base[3], rng, mirror=True, invert=True),
    ]
    images = np.concatenate([base, extra])
    images = images[rng.permutation(len(images))]
    yield Case((_grey(images, rng), 0.8), "nine images, of which some are copies")
    base = _patients(rng, 4)
    noisy = [
        _copy(base[0], rng, 0.97),
        _copy(base[1], rng, 0.86),
        _copy(base[2], rng, 0.74, mirror=True),
        _copy(base[3], rng, 0.66, invert=True),
    ]
    images = _grey(np.concatenate([base, noisy]), rng)
    yield Case((images, 0.6), "noisy copies, and a limit of 0.6")
    yield Case((images, 0.9), "the same images, and a limit of 0.9")
    three = _patients(rng, 3)
    three = np.concatenate([three, [_copy(three[0], rng), _copy(three[0], rng, mirror=True)]])
    yield Case((_grey(three, rng), 0.8), "one image that is there three times")
    yield Case((_grey(_patients(rng, 4), rng), 0.8), "no copies at all")


copies.variants(
    _pairs,
    unmended=(
        {"mean": False, "mirrored": False, "inverted": False},
        "That is the colleague's function as it was. All grey values are positive, so all images "
        "point nearly the same way. What must be taken off first? And which copies can it never "
        "see?",
    ),
    straight_only=(
        {"mirrored": False, "inverted": False},
        "Brighter and darker copies are found. A copy that was mirrored, or inverted, is not.",
    ),
    mirror_missing=(
        {"mirrored": False},
        "Copies that were mirrored left and right are not found. Compare each image with the "
        "mirror image of the other, too.",
    ),
    sign_missing=(
        {"inverted": False},
        "Inverted copies are not found. White became black, so the correlation is near −1: what "
        "does its sign say about being a copy?",
    ),
    each_pair_twice=(
        {"twice": True},
        "Each pair is there twice, or an image is paired with itself. List a pair once, with the "
        "smaller number first.",
    ),
)


copies.variants(
    _pairs,
    summed=(
        {"together": np.add},
        "You add the two correlations. Take the larger of them: an image need not be like the "
        "other *and* like its mirror image.",
    ),
    squared=(
        {"power": 2},
        "You compare the square of the correlation with the limit. Take its absolute value.",
    ),
)


@copies.mistake
def limit_ignored(images, limit):
    """Your limit is always 0.8. Use the `limit` that your function is given."""
    return _pairs(images, 0.8)


@copies.picture
def draw_answer(answer):
    from mlmi_course import plots
    from mlmi_course.checks.calling import call

    images, limit = next(iter(cases(np.random.default_rng(2)))).arguments
    pairs = [tuple(pair) for pair in call(answer, (images, limit))]
    shown = [images[k] for pair in pairs[:5] for k in pair] or list(images[:2])
    return plots.montage(
        shown,
        columns=2,
        size=4,
        titles=[f"{k}" for pair in pairs[:5] for k in pair] or ["0", "1"],
        title="the pairs that your function calls copies" if pairs else "no copies found",
        alt=f"{len(pairs)} pairs of images, side by side.",
    )
