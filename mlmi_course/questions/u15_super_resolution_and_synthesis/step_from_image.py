"""One step of denoising from a guess of the clean image."""

import numpy as np

from mlmi_course.checks import Case, asks


def _step(
    x,
    guess,
    t,
    beta,
    z,
    *,
    as_noise=False,
    product=True,
    last=True,
    root=True,
    variance="beta",
    shift=0,
):
    x, guess, beta, z = (np.asarray(a, float) for a in (x, guess, beta, z))
    alpha = 1 - beta
    rest = np.cumprod(alpha) if product else alpha
    signal = rest[t - shift] if shift and t else rest[t]
    noise = (
        guess
        if as_noise
        else (x - (np.sqrt(signal) if root else signal) * guess) / np.sqrt(1 - signal)
    )
    back = (x - beta[t] / np.sqrt(1 - signal) * noise) / np.sqrt(alpha[t])
    if t == 0 and last:
        return back
    scale = {"beta": np.sqrt(beta[t]), "not rooted": beta[t], "none": 0.0}[variance]
    return back + scale * z


@asks(
    points=2,
    tolerance=1e-5,
    see="One step of denoising",
    hints=(
        "x_t = √ᾱ · (clean image) + √(1 − ᾱ) · (noise). Solve it for the noise.",
        "With that noise, use the lecture's step. ᾱ is `np.cumprod(1 - beta)[t]`.",
        "At t = 0 no new noise is added.",
    ),
)
def step_from_image(x, guess, t, beta, z):
    """One step of denoising, from a guess of the clean image"""
    return _step(x, guess, t, beta, z)


@step_from_image.inputs
def cases(rng):
    beta = np.linspace(0.02, rng.uniform(0.2, 0.3), 12).round(4)
    for t, about in ((7, "in the middle"), (11, "the first step back"), (0, "the last step")):
        x, guess, z = rng.normal(size=(3, 5)).round(3)
        yield Case((x, guess, t, beta, z), about)


step_from_image.variants(
    _step,
    image_for_noise=(
        {"as_noise": True},
        "You put the guess of the *image* where the formula wants the *noise*. Solve x = √ᾱ · "
        "image + "
        "√(1 − ᾱ) · noise for the noise first.",
    ),
    one_step_only=(
        {"product": False},
        "You use α of this step where ᾱ, the product of all up to it, is meant; or you take the "
        "guess itself as the next image, which comes to the same.",
    ),
    noise_to_the_end=(
        {"last": False},
        "You add fresh noise in the last step, too. The result would stay noisy.",
    ),
    not_rooted=(
        {"root": False},
        "The image is multiplied by √ᾱ, not by ᾱ: variances add, not standard deviations.",
    ),
    variance_as_spread=(
        {"variance": "not rooted"},
        "β is a variance; the fresh noise is multiplied by its root.",
    ),
    no_fresh_noise=(
        {"variance": "none"},
        "No fresh noise is added. Then every walk ends at the same average.",
    ),
)
