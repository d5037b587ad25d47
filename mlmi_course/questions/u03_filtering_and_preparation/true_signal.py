"""The true signal of a scanner with several coils."""

import numpy as np

from mlmi_course.checks import Case, asks


def _measured(pixels, air, coils, *, drop_zeros=True, law="coils", first="square", left="root"):
    """Measure σ and the signal; the parameters make the usual slips."""
    air = np.asarray(air, dtype=float)
    pixels = np.asarray(pixels, dtype=float)
    written = air[air > 0] if drop_zeros else air
    sigma = {
        "coils": lambda: np.sqrt(np.mean(written**2) / (2 * coils)),
        "one coil": lambda: np.sqrt(np.mean(written**2) / 2),
        "n, not 2n": lambda: np.sqrt(np.mean(written**2) / coils),
        "rayleigh mean": lambda: written.mean() / np.sqrt(np.pi / 2),
        "spread": lambda: written.std(),
        "rayleigh spread": lambda: written.std() / np.sqrt(2 - np.pi / 2),
    }[law]()
    inside = np.mean(pixels**2) if first == "square" else np.mean(pixels) ** 2
    away = {"root": 2 * coils, "one coil": 2, "sigma": 1}[left] * sigma**2
    return {"sigma": float(sigma), "signal": float(np.sqrt(max(inside - away, 0)))}


@asks(
    points=3,
    see="Noise in a magnitude image",
    hints=(
        "In the air there is no signal. What is then the mean of M² for one coil, and what if n "
        "coils are added up?",
        "Each coil brings 2σ² to the mean of M², so n coils bring 2nσ². That gives σ from the air "
        "(without the zeros that nobody measured), and it is what must be taken off in the tissue.",
        "`np.sqrt(np.mean(air[air > 0] ** 2) / (2 * coils))` is σ. The signal is the root of "
        "`np.mean(pixels ** 2) - 2 * coils * sigma ** 2`, or 0 where that is below 0.",
    ),
)
def true_signal(pixels, air, coils):
    """The true signal of a scanner with several coils"""
    return _measured(pixels, air, coils)


def _magnitudes(rng, signal, sigma, coils, n):
    """Draw root sums of squares; the signal is shared evenly by the coils."""
    channels = rng.normal(0, sigma, (n, 2 * coils))
    channels[:, :coils] += signal / np.sqrt(coils)
    return np.sqrt((channels**2).sum(axis=1)).round(2)


@true_signal.inputs
def cases(rng):
    sigma = rng.uniform(8, 15)
    air = np.concatenate([_magnitudes(rng, 0, sigma, 4, 60), np.zeros(20)])
    pixels = _magnitudes(rng, rng.uniform(60, 90), sigma, 4, 50)
    yield Case((pixels, rng.permutation(air), 4), "four coils, and air with zeros")
    yield Case(
        (_magnitudes(rng, 2.5 * sigma, sigma, 8, 50), _magnitudes(rng, 0, sigma, 8, 80), 8),
        "eight coils and a weak signal",
    )
    yield Case(
        (_magnitudes(rng, 2 * sigma, sigma, 1, 50), _magnitudes(rng, 0, sigma, 1, 80), 1),
        "one coil",
    )
    high_air = _magnitudes(rng, 0, sigma, 2, 60)
    yield Case((high_air[:40] * 0.8, high_air, 2), "pixels that are darker than the air")


true_signal.variants(
    _measured,
    zeros_kept=(
        {"drop_zeros": False},
        "Your σ is too small where the air holds zeros. Nobody measured those: the scanner wrote "
        "them outside the head. Leave them out.",
    ),
    one_coil=(
        {"law": "one coil", "left": "one coil"},
        "That is right for one coil. n coils bring 2n noisy channels, so the mean of M² in the "
        "air is 2nσ².",
    ),
    n_channels=(
        {"law": "n, not 2n"},
        "Each coil has *two* channels: the mean of M² in the air is 2nσ², not nσ².",
    ),
    rayleigh_mean=(
        {"law": "rayleigh mean"},
        "You divided the mean of the air by 1.25. That is Rayleigh's distribution, of one coil. "
        "With more coils the air is brighter; use the mean of M².",
    ),
    rayleigh_mean_one_coil=(
        {"law": "rayleigh mean", "left": "one coil"},
        "That is the lecture's way, for one coil. With n coils, both the air's law and what is "
        "taken off in the tissue change: the mean of M² is A² + 2nσ².",
    ),
    spread_of_the_air=(
        {"law": "spread"},
        "You took the standard deviation of the air for σ. A magnitude varies less than its "
        "channels do.",
    ),
    spread_of_the_air_one_coil=(
        {"law": "spread", "left": "one coil"},
        "You took the standard deviation of the air for σ, and took off the bias of one coil.",
    ),
    rayleigh_spread=(
        {"law": "rayleigh spread"},
        "You divided the spread of the air by 0.66, which is Rayleigh's distribution, of one coil.",
    ),
    only_tissue_one_coil=(
        {"left": "one coil"},
        "Your σ is right, but in the tissue you take off 2σ². With n coils it is 2nσ².",
    ),
    mean_first=(
        {"first": "mean"},
        "You squared the mean of the pixels. Take the mean of the *squares*: only that has the "
        "simple law.",
    ),
    one_sigma_squared=(
        {"left": "sigma"},
        "Your σ is right, but in the tissue you take off σ². How many channels are there?",
    ),
)


@true_signal.mistake
def root_of_a_negative(pixels, air, coils):
    """Where the pixels are darker than the air, the difference is negative, and its root is not a
    number. Then nothing is left of the signal: 0.
    """
    reply = _measured(pixels, air, coils)
    with np.errstate(invalid="ignore"):
        square = np.mean(np.asarray(pixels) ** 2.0) - 2 * coils * reply["sigma"] ** 2
        return reply | {"signal": float(np.sqrt(square))}


@true_signal.mistake
def bias_only(pixels, air, coils):
    """You took the air's mean off the pixels' mean. Signal and noise add up as squares."""
    reply = _measured(pixels, air, coils)
    air = np.asarray(air)
    return reply | {"signal": float(max(np.mean(pixels) - air[air > 0].mean(), 0))}
