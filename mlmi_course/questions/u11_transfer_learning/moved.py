"""A step size for each block, under Adam."""

import numpy as np

from mlmi_course.checks import Case, asks


def _adam_with(gradients, rates, *, corrected=True, epsilon_inside=False, way=sum):
    """How far Adam moves each block, right or with one thing wrong."""
    moved = {}
    for block, gradients_of_block in gradients.items():
        m = v = np.zeros(gradients_of_block.shape[1])
        steps = []
        for t, g in enumerate(gradients_of_block, start=1):
            m, v = 0.9 * m + 0.1 * g, 0.999 * v + 0.001 * g**2
            mean, square = (m / (1 - 0.9**t), v / (1 - 0.999**t)) if corrected else (m, v)
            root = np.sqrt(square + 1e-7) if epsilon_inside else np.sqrt(square) + 1e-7
            steps.append(-(rates.get(block, 0.0) * mean / root))
        moved[block] = way(steps)
    return moved


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
    return _adam_with(gradients, rates)


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


def _scaled(gradients, rates, most=1.0):
    return {block: g * rates.get(block, 0.0) / most for block, g in gradients.items()}


@moved.mistake
def gradients_scaled(gradients, rates):
    """You scaled the gradients and gave all blocks one step size. Adam divides each gradient by
    its own usual size, so the scale cancels: scale the updates.
    """
    most = max(rates.values())
    return moved.right(_scaled(gradients, rates, most), dict.fromkeys(gradients, most))


@moved.mistake
def rates_on_gradients(gradients, rates):
    """You multiplied the gradients by the step sizes. Adam divides each gradient by its own usual
    size, so they cancel, and each step is about 1: multiply the finished step.
    """
    return moved.right(_scaled(gradients, rates), dict.fromkeys(gradients, 1.0))


@moved.mistake
def one_rate_for_all(gradients, rates):
    """All blocks took the largest of the step sizes. Each has its own."""
    return moved.right(gradients, dict.fromkeys(rates, max(rates.values())))


@moved.mistake
def plain_descent(gradients, rates):
    """That is plain gradient descent: step size times gradient. Adam divides by the root of the
    averaged squares.
    """
    return {block: -rates.get(block, 0.0) * g.sum(axis=0) for block, g in gradients.items()}


moved.variants(
    _adam_with,
    not_corrected=(
        {"corrected": False},
        "The correction is missing: `m` and `v` start at 0 and are too small at first. Divide "
        "them by 1 − 0.9ᵗ and 1 − 0.999ᵗ.",
    ),
    uphill=(
        {"way": lambda steps: -sum(steps)},
        "You went uphill: the sign is turned. A step goes against the gradient.",
    ),
    epsilon_under_the_root=(
        {"epsilon_inside": True},
        "The 10⁻⁷ stands under the root in your formula. It belongs outside, or small "
        "gradients are slowed down.",
    ),
    last_step_only=(
        {"way": lambda steps: steps[-1]},
        "That is the last step alone. The way of all steps together is asked for.",
    ),
)
