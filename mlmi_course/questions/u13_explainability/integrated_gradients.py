"""Shares along a path: mend a sum that does not add up."""

import numpy as np

from mlmi_course.checks import Case, asks
from mlmi_course.questions.u13_explainability.saliency import gradient, network, saliency


def mean_gradient(x, x0, w, b, v, steps, offset=0.5):
    along = (np.arange(steps) + offset) / steps
    return np.mean([gradient(x0 + t * (x - x0), w, b, v) for t in along], axis=0)


@asks(
    points=3,
    see="From nothing to the image",
    hints=(
        "First a function for the gradient of the logit at *any* image: the signed one of the "
        "question before.",
        "The points of the path are `baseline + t * (image - baseline)` with "
        "t = (k − 1/2) / steps, k = 1 … steps: the middle of each step.",
        "Average the gradients at these points, then multiply by `image - baseline`.",
    ),
)
def integrated_gradients(image, baseline, weights, biases, output_weights, steps):
    """Mend a sum that does not add up"""
    mean = mean_gradient(image, baseline, weights, biases, output_weights, steps)
    return (image - baseline) * mean


@integrated_gradients.inputs
def cases(rng):
    def told(steps, shape, blurred):
        """Such that all points of the path matter: units switch on the way, also at its ends."""
        while True:
            image = rng.uniform(0, 1, shape).round(2)
            net = network(rng, *shape, 8)
            base = np.full(shape, image.mean()) if blurred else rng.uniform(0, 1, shape)
            base = base.round(2)
            means = [
                mean_gradient(image, start, *net, count, offset)
                for start, count, offset in (
                    (base, steps, 0.5), (base, steps, 0.0), (base, steps, 1.0),
                    (np.zeros(shape), steps, 0.5), (base, 1, 1.0),
                )
            ]  # fmt: skip
            if min(np.abs(means[0] - other).max() for other in means[1:]) > 1e-3:
                return image, base, *net, steps

    yield Case(told(4, (3, 3), blurred=True), "a baseline of one grey, and four steps")
    yield Case(told(3, (2, 3), blurred=False), "a baseline that differs from pixel to pixel")


def shares(x, x0, w, b, v, steps, *, offset=0.5, of=lambda mean, x, x0: (x - x0) * mean):
    return of(mean_gradient(x, x0, w, b, v, steps, offset), x, x0)


@integrated_gradients.mistake
def no_factor(x, x0, w, b, v, steps):
    """The factor (x − x₀) is missing. Without it the shares do not add up to f(x) − f(x₀):
    completeness fails.
    """
    return mean_gradient(x, x0, w, b, v, steps)


@integrated_gradients.mistake
def black_baseline(x, x0, w, b, v, steps):
    """You started from black and not from the baseline. What is black already can then have no
    share, whatever it means to the network.
    """
    return integrated_gradients.right(x, 0 * x, w, b, v, steps)


integrated_gradients.variants(
    shares,
    unmended=(
        {"offset": 1.0, "of": lambda mean, x, x0: x * mean},
        "That is the colleague's function as it was.",
    ),
    times_the_image=(
        {"of": lambda mean, x, x0: x * mean},
        "You multiplied by the image. The way from the baseline is image − baseline.",
    ),
    sign=(
        {"of": lambda mean, x, x0: (x0 - x) * mean},
        "All signs are turned: the way leads from the baseline to the image, x − x₀.",
    ),
    absolute=(
        {"of": lambda mean, x, x0: np.abs((x - x0) * mean)},
        "You took the absolute value. Here the sign belongs to the answer: the shares must add "
        "up to f(x) − f(x₀).",
    ),
)


@integrated_gradients.mistake
def of_saliency_maps(x, x0, w, b, v, steps):
    """You averaged the *sizes* of the gradients, as a saliency map shows them. Along the path the
    signs belong to the answer: take the gradient itself.
    """
    along = (np.arange(steps) + 0.5) / steps
    sizes = [saliency.right(x0 + t * (x - x0), w, b, v, label=None) for t in along]
    return (x - x0) * np.mean(sizes, axis=0)


@integrated_gradients.mistake
def at_the_image_only(x, x0, w, b, v, steps):
    """You took the gradient at the image alone. It must be averaged along the path."""
    return (x - x0) * gradient(x, w, b, v)


@integrated_gradients.mistake
def summed(x, x0, w, b, v, steps):
    """The gradients were added up and not divided by the number of steps."""
    return steps * integrated_gradients.right(x, x0, w, b, v, steps)


integrated_gradients.variants(
    shares,
    starts_of_steps=(
        {"offset": 0.0},
        "Your points are the starts of the steps. Their middles, (k − 1/2) / steps, are asked "
        "for: far more exact with as few points.",
    ),
    ends_of_steps=(
        {"offset": 1.0},
        "Your points are the ends of the steps. Their middles, (k − 1/2) / steps, are asked "
        "for: far more exact with as few points.",
    ),
)
