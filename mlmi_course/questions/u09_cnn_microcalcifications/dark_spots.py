"""Dark spots in a photograph of the retina: the blob detector in another modality."""

import numpy as np

from mlmi_course.checks import Case, asks


def _darkest(
    images,
    diameter,
    spacing,
    *,
    sign=1.0,
    width=lambda diameter, spacing: diameter / 4 / spacing,
    take=np.max,
    grey=lambda images: images.astype(float),
    across=False,
    orders=((0, 2, 0), (0, 0, 2)),
):
    from scipy import ndimage

    sigma = width(diameter, spacing)
    blur = (sigma if across else 0, sigma, sigma)
    grey = grey(np.asarray(images))
    bent = sum(ndimage.gaussian_filter(grey, blur, order=order) for order in orders)
    return take(sign * bent, axis=(1, 2))


@asks(
    points=3,
    tolerance=1e-4,
    see="The ladder: what one line can do",
    hints=(
        "On a bright blob the LoG is negative. What is it on a dark one?",
        "The lecture's rule for the plain LoG speaks of the *radius*, in *pixels*.",
        "σ = diameter / 2 / 2 / spacing. Floats first; blur rows and columns and not from picture "
        "to picture; then the largest value of each picture.",
    ),
)
def dark_spots(images, diameter, spacing):
    """Dark spots in the retina"""
    return _darkest(images, diameter, spacing)


@dark_spots.inputs
def cases(rng):
    from scipy import ndimage

    def some(n, side, depth):
        ground = ndimage.gaussian_filter(rng.normal(0, 60, (n, side, side)), (0, 3, 3)) + 130
        row, column = rng.integers(8, side - 8, (2, n))
        for i in range(n):
            # Spots of different depth, so that pictures cannot be mixed up.
            ground[i, row[i] - 1 : row[i] + 2, column[i] - 1 : column[i] + 2] -= depth * (i + 1)
        return np.clip(ground, 0, 255).astype(np.uint8)

    yield Case((some(3, 24, 20), 60.0, 10.0), "three pictures with a dark spot each")
    yield Case((some(4, 26, -16), 48.0, 8.0), "bright spots, which do not count")
    yield Case((some(2, 24, 30).astype(float), 40.0, 5.0), "pictures of floats")
    yield Case((some(1, 30, 60), 60.0, 6.0), "a single picture")


def _uint8(images, diameter, spacing):
    """SciPy's LoG of pictures that stay uint8, where −1 becomes 255."""
    from scipy import ndimage

    sigma = diameter / 4 / spacing
    return np.array([ndimage.gaussian_laplace(one, sigma).max() for one in images], float)


dark_spots.variants(
    _darkest,
    bright=(
        {"sign": -1.0},
        "That is the score for *bright* spots, as for calcium. A dark spot bends the grey values "
        "up, so its LoG is positive.",
    ),
    absolute=(
        {"take": lambda x, axis: np.abs(x).max(axis=axis)},
        "You take the largest absolute value, so bright spots, such as reflections, count like "
        "dark ones.",
    ),
    diameter_for_radius=(
        {"width": lambda diameter, spacing: diameter / 2 / spacing},
        "Your σ is half the *diameter*: twice too wide. The rule σ = r / 2 is for the radius.",
    ),
    for_the_scale_normalised=(
        {"width": lambda diameter, spacing: diameter / 2 / spacing / np.sqrt(2)},
        "r / √2 belongs to the LoG times σ². For the plain LoG the best σ is r / 2.",
    ),
    micrometres_as_pixels=(
        {"width": lambda diameter, spacing: diameter / 4},
        "Your σ is in µm, and the filter counts pixels: divide by the spacing.",
    ),
    multiplied_by_spacing=(
        {"width": lambda diameter, spacing: diameter / 4 * spacing / 100},
        "A size in µm is divided by the µm of a pixel, and not multiplied.",
    ),
    mean_of_all=(
        {"take": np.mean},
        "You take the mean over the picture. A spot and the ring around it cancel: the *strongest* "
        "answer is the score.",
    ),
    one_for_all=(
        {"take": lambda x, axis: np.full(len(x), x.max())},
        "All pictures got the same score, the largest over *all* of them. Take it over rows and "
        "columns only: axis=(1, 2).",
    ),
    across_pictures=(
        {"across": True},
        "The blur ran across pictures too: each was mixed with its neighbours in the stack.",
    ),
    divided_by_255=(
        {"grey": lambda images: images / 255},
        "Your scores are 255 times too small: the lecture's `blob_map` divides the grey values by "
        "255. Here they stay as they are.",
    ),
    one_direction=(
        {"orders": ((0, 2, 0),)},
        "Only the bending down the rows is there. Add the one along the columns.",
    ),
    blur_only=(
        {"orders": ((0, 0, 0),)},
        "That is the brightest place after a blur, a Gaussian without its second derivative.",
    ),
)
dark_spots.knows(
    "still_uint8",
    _uint8,
    "The LoG was computed in uint8, where −1 becomes 255. Turn the pictures into floats first.",
)
