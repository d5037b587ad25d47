"""A step size for each block, under Adam."""

import numpy as np

from mlmi_course.checks import (
    Case,
    asks,
)


def _moved_with(
    gradients,
    rates,
    *,
    scale_gradients=False,
    one_rate=False,
    corrected=True,
    sign=-1.0,
    inside=False,
    last_only=False,
):
    most = max(rates.values())
    result = {}
    for block, steps in gradients.items():
        rate = rates.get(block, 0.0)
        m = v = total = np.zeros(steps.shape[1])
        for t, g in enumerate(steps, start=1):
            if scale_gradients:
                g = g * rate / most
            m, v = 0.9 * m + 0.1 * g, 0.999 * v + 0.001 * g**2
            mean, square = (m / (1 - 0.9**t), v / (1 - 0.999**t)) if corrected else (m, v)
            root = np.sqrt(square + 1e-7) if inside else np.sqrt(square) + 1e-7
            step = (most if scale_gradients or (one_rate and rate) else rate) * mean / root
            total = sign * step if last_only else total + sign * step
        result[block] = total
    return result


@asks(
    points=3,
    see="A step size for each block",
    hints=(
        "Treat each block by itself, with an `m` and a `v` of its own that start at 0.",
        "Inside: `m = 0.9 * m + 0.1 * g`, `v = 0.999 * v + 0.001 * g**2`, then the correction with "
        "`t` counted from 1, then the step. Add up the steps, with a minus.",
        "The step size multiplies the finished step, never the gradient. "
        "`rates.get(block, 0.0)` gives 0 for a frozen block.",
    ),
)
def moved(gradients, rates):
    """A step size for each block, under Adam"""
    return _moved_with(gradients, rates)


@moved.inputs
def cases(rng):
    for steps, p in ((3, 2), (6, 3)):
        gradients = {
            "1": (0.01 * rng.normal(1, 1, (steps, p))).round(4),
            "2": rng.normal(0.5, 1, (steps, p)).round(3),
            "head": rng.normal(-1, 2, (steps, p)).round(3),
        }
        rates = {"1": 1e-3, "2": 1e-2, "head": float(rng.choice([0.05, 0.1]))}
        yield Case((gradients, rates), f"{steps} steps of three blocks")
    frozen = {"1": np.array([[1.0], [2.0]]), "head": np.array([[3.0], [-1.0]])}
    yield Case((frozen, {"head": 0.1}), "a block without a step size")


moved.variants(
    _moved_with,
    gradients_scaled=(
        {"scale_gradients": True},
        "You scaled the gradients and gave all blocks one step size. Adam divides each "
        "gradient by its own usual size, so the scale cancels: scale the updates.",
    ),
)


@moved.mistake
def rates_on_gradients(gradients, rates):
    """You multiplied the gradients by the step sizes. Adam divides each gradient by its own usual
    size, so they cancel, and each step is about 1: multiply the finished step.
    """
    scaled = {block: rates.get(block, 0.0) * g for block, g in gradients.items()}
    return _moved_with(scaled, dict.fromkeys(gradients, 1.0))


moved.variants(
    _moved_with,
    one_rate_for_all=(
        {"one_rate": True},
        "All blocks took the largest of the step sizes. Each has its own.",
    ),
)


@moved.mistake
def plain_descent(gradients, rates):
    """That is plain gradient descent: step size times gradient. Adam divides by the root of the
    averaged squares.
    """
    return {block: -rates.get(block, 0.0) * g.sum(axis=0) for block, g in gradients.items()}


moved.variants(
    _moved_with,
    not_corrected=(
        {"corrected": False},
        "The correction is missing: `m` and `v` start at 0 and are too small at first. Divide "
        "them by 1 − 0.9ᵗ and 1 − 0.999ᵗ.",
    ),
    uphill=(
        {"sign": 1.0},
        "You went uphill: the sign is turned. A step goes against the gradient.",
    ),
    epsilon_under_the_root=(
        {"inside": True},
        "The 10⁻⁷ stands under the root in your formula. It belongs outside, or small "
        "gradients are slowed down.",
    ),
    last_step_only=(
        {"last_only": True},
        "That is the last step alone. The way of all steps together is asked for.",
    ),
)
