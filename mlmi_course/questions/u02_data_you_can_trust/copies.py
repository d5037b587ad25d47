"""Which images are copies, also where a copy was turned round or inverted?"""

import numpy as np

from mlmi_course.checks import Case, asks


def _pairs(images, limit, *, mean=True, mirrored=True, inverted=True, norm=True, strict=False):
    """Find pairs of copies; the parameters leave out what must not be left out."""
    images = np.asarray(images, float)

    def unit(x):
        flat = x.reshape(len(x), -1)
        if mean:
            flat = flat - flat.mean(axis=1, keepdims=True)
        if norm:
            flat = flat / np.linalg.norm(flat, axis=1, keepdims=True)
        return flat

    one = unit(images)
    alike = one @ one.T
    if mirrored:
        flipped = one @ unit(images[:, :, ::-1]).T
        alike = (
            np.maximum(np.abs(alike), np.abs(flipped)) if inverted else np.maximum(alike, flipped)
        )
    elif inverted:
        alike = np.abs(alike)
    found = alike > limit
    i, j = np.nonzero(np.triu(found, 1) if not strict else found)
    return [[int(a), int(b)] for a, b in zip(i, j, strict=True)]


@asks(
    points=3,
    see="The same patient twice",
    hints=(
        "For each pair take the correlation of their pixels, and then that of one with the mirror "
        "image of the other. Which sign does an inverted copy give?",
        "`image[:, ::-1]` mirrors left and right. Take the mean off each image, divide by its "
        "norm, and the correlation is the sum of products.",
        "A pair is a copy if the larger of the two *absolute* correlations is above the limit.",
    ),
)
def copies(images, limit):
    """Copies that were turned round"""
    return _pairs(images, limit)


def _smooth(rng, n, size=12):
    """Images of n different patients, none like another, turned round or not."""
    from scipy import ndimage

    while True:
        x = ndimage.gaussian_filter(rng.normal(size=(n, size, size)), (0, 1, 1))
        x = (x - x.mean((1, 2), keepdims=True)) / x.std((1, 2), keepdims=True)
        if not _pairs(x, 0.6):
            return 100 + 20 * x


def _copy(image, rng, *, gain=1.0, shift=0.0, mirror=False, noise=0.5):
    out = image[:, ::-1] if mirror else image
    return gain * out + shift + rng.normal(0, noise, image.shape)


@copies.inputs
def cases(rng):
    base = _smooth(rng, 6)
    extra = [
        _copy(base[0], rng, gain=0.6, shift=30),
        _copy(base[1], rng, mirror=True),
        _copy(base[2], rng, gain=-0.8, shift=200),
        _copy(base[3], rng, gain=-1.0, shift=220, mirror=True),
    ]
    images = np.concatenate([base, extra])
    images = np.round(images[rng.permutation(len(images))], 2)
    yield Case((images, 0.8), "ten images, of which some are copies")
    three = _smooth(rng, 3)
    three = np.concatenate([three, [_copy(three[0], rng), _copy(three[0], rng, mirror=True)]])
    yield Case((np.round(three, 2), 0.8), "one image that is there three times")
    yield Case((np.round(_smooth(rng, 4), 2), 0.8), "no copies at all")


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
        {"strict": True},
        "Each pair is there twice, or an image is paired with itself. List a pair once, with the "
        "smaller number first.",
    ),
)


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
