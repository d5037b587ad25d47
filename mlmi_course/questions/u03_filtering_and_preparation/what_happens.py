"""What happens to the noise of a flat region, and why?"""

from functools import cache

import numpy as np
from scipy import ndimage

from mlmi_course.checks import asks_value

_WHY = {"A": "a", "B": "b", "C": "c", "D": "d", "E": "e"}


@cache
def _noise(changed=""):
    """The standard deviation of the noise after each change, simulated."""
    rng = np.random.default_rng(3)
    first, second = rng.normal(0, 20, (2, 512, 512))
    flat = 500 + first
    after = {
        "": lambda: flat,
        "A": lambda: flat[::2, ::2],
        "B": lambda: flat.reshape(256, 2, 256, 2).mean(axis=(1, 3)),
        "C": lambda: ndimage.zoom(flat[:128, :128], 2, order=1),
        "D": lambda: np.hypot(first, second),  # the same two channels, no signal
        "E": lambda: flat / 0.8,
    }[changed]()
    return float(after.std())


def _direction(changed):
    """Say what a change does; less than 5 % is nothing."""
    share = _noise(changed) / _noise() - 1
    return "same" if abs(share) < 0.05 else "higher" if share > 0 else "lower"


@asks_value(
    points=3,
    see="Noise in a magnitude image",
    hints=(
        "Ask of each change: which old pixels does a new pixel stand for, and with which weights?",
        "A selection of pixels is as noisy as all of them. A mean of several is quieter, whether "
        "they are neighbours in a block or the two between which one interpolates.",
        "D: look at Rayleigh's two numbers in the lecture. E: N4 divides by its field, and in that "
        "corner the field is 0.8.",
    ),
)
def what_happens():
    """What happens to the noise?"""
    return {case: f"{_direction(case)} {why}" for case, why in _WHY.items()}


def _with(**other):
    return lambda: what_happens.right() | other


for _name, _case, _given, _says in (
    (
        "fewer_pixels_less_noise",
        "A",
        "lower b",
        "In A nothing is averaged: every pixel that is left is an old one, with its old noise. "
        "That is why a grid should not be made coarser in this way.",
    ),
    (
        "coarse_is_noisy",
        "A",
        "higher f",
        "In A every pixel that is left is an old one. Its noise does not depend on how far the "
        "next one is.",
    ),
    (
        "blocks_keep_noise",
        "B",
        "same a",
        "In B a new pixel is a mean of four independent ones. What happens to the standard "
        "deviation of a mean?",
    ),
    (
        "blocks_add_noise",
        "B",
        "higher f",
        "In B four noisy values go into each pixel, but as a mean, in which they partly cancel.",
    ),
    (
        "interpolation_keeps_noise",
        "C",
        "same a",
        "In C most new pixels lie between old ones, and are weighted means of them.",
    ),
    (
        "same_noise_in_air",
        "D",
        "same a",
        "In D the two channels are as noisy as before, but you look at a length, which cannot be "
        "below zero. Which standard deviation does Rayleigh's distribution have?",
    ),
    (
        "air_is_noisier",
        "D",
        "higher f",
        "The air looks noisy because nothing else is there. Compare its standard deviation with "
        "σ: the lecture gives the number.",
    ),
    (
        "dividing_is_free",
        "E",
        "same a",
        "In E the pixels of that corner are divided by 0.8, so signal *and* noise grow.",
    ),
    (
        "corrected_is_quieter",
        "E",
        "lower b",
        "In E nothing is averaged: each pixel of that corner is divided by 0.8.",
    ),
):
    what_happens.knows(_name, _with(**{_case: _given}), _says)


@what_happens.picture
def draw_answer(answer):
    from mlmi_course import plots

    titles = {"": "as it was", "A": "A every other pixel", "B": "B blocks of 2 × 2",
              "C": "C twice enlarged", "D": "D no signal", "E": "E divided by 0.8"}  # fmt: skip
    return plots.bars(
        list(titles.values()),
        [_noise(case) for case in titles],
        xlabel="standard deviation of the noise",
        decimals=1,
        title="One flat region, five changes",
        alt="The standard deviation of the noise as it was, and after each of the five changes.",
    )
