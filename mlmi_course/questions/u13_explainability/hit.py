"""Hit or miss, and chance."""

import numpy as np
from scipy import ndimage

from mlmi_course.checks import Case, asks


@asks(
    points=2,
    see="The pointing game, with chance",
    hints=(
        "`scipy.ndimage.distance_transform_edt(mask == 0, sampling=spacing)` gives every pixel its "
        "distance to the nearest pixel of the lesion, in mm.",
        "Pixels whose distance is at most the tolerance count as a hit. Chance is their share.",
        "`np.unravel_index(np.argmax(map_), map_.shape)` is the place of the map's maximum.",
    ),
)
def hit(map_, mask, spacing, tolerance):
    """Hit or miss, and chance"""
    near = ndimage.distance_transform_edt(mask == 0, sampling=spacing) <= tolerance
    return float(near[np.unravel_index(np.argmax(map_), map_.shape)]), float(near.mean())


@hit.inputs
def cases(rng):
    def case(top, pixels, spacing, tolerance):
        map_ = rng.uniform(0, 0.5, (15, 17)).round(2)
        map_[top] = 1.0
        mask = np.zeros((15, 17))
        mask[tuple(np.transpose(pixels))] = 1
        return map_, mask, list(spacing), tolerance

    low = (10 + int(rng.integers(3)), 12)
    body = [low, (low[0], 13), (3, 2)]
    square, tall = (0.4, 0.4), (1.2, 0.4)
    yield Case(case((6, 11), [(7, 8)], square, 1.3), "a maximum 1.26 mm beside a lesion of a pixel")
    yield Case(case((low[0], 13), body, square, 1.3), "a maximum inside the lesion")
    yield Case(case((low[0] - 2, 12), body, square, 1.3), "a maximum 0.8 mm beside it")
    yield Case(case((7, 7), body, square, 1.3), "a maximum far away")
    yield Case(case((low[0] - 1, 12), [low, (3, 2)], tall, 1.3), "pixels taller than wide")
    yield Case(case((low[0], 10), [low, (3, 2)], tall, 1.3), "pixels taller than wide, to the side")
    yield Case(case((5, 5), [(7, 8)], square, 1.3), "a lesion in the centre, missed")
    yield Case(case((6, 8), [(6, 8)], square, 0.0), "no tolerance")
    signed, *rest = case((low[0], 13), body, square, 1.3)
    signed[7, 7] = -2.0
    yield Case((signed, *rest), "a map with signs")


def alone(like, place):
    """An image of zeros with a single 1."""
    pixel = np.zeros_like(like)
    pixel.flat[place] = 1
    return pixel


@hit.mistake
def mask_maximum(m, k, s, t):
    """You looked for the maximum of the *mask*: a mask is 1 everywhere inside, so that is its
    first pixel in reading order. A hit is near *any* pixel of the lesion.
    """
    return hit.right(m, alone(k, np.argmax(k)), s, t)[0], hit.right(m, k, s, t)[1]


@hit.mistake
def centre(m, k, s, t):
    """You look at the centre of the image and not at the maximum of the map. That is the centre
    prior: what somebody scores who has no map at all.
    """
    return hit.right(alone(m, m.size // 2), k, s, t)


@hit.mistake
def largest_size(m, k, s, t):
    """You took the largest *size*, and here it belongs to a number below zero: the pixel that
    speaks most against the finding. The maximum is the largest value, signs kept.
    """
    return hit.right(np.abs(m), k, s, t)


@hit.mistake
def in_pixels(m, k, s, t):
    """You measured in pixels. The tolerance is in millimetres, and pixels need not be square: use
    `sampling=spacing`.
    """
    return hit.right(m, k, [1.0, 1.0], t)


@hit.mistake
def no_tolerance(m, k, s, t):
    """The tolerance is not used: a maximum beside the lesion, but near enough, is a hit."""
    return hit.right(m, k, s, 0.0)


@hit.mistake
def chance_without_tolerance(m, k, s, t):
    """The hit is right. Chance must play by the same rule: with the tolerance more pixels count as
    a hit.
    """
    return hit.right(m, k, s, t)[0], float((k > 0).mean())


@hit.mistake
def spacing_swapped(m, k, s, t):
    """The two spacings are swapped: the first is from row to row."""
    return hit.right(m, k, s[::-1], t)
