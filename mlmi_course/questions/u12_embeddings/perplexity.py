"""How many neighbours does it feel?"""

import numpy as np

from mlmi_course.checks import Case, asks
from mlmi_course.checks.calling import call


def _perplexity_with(
    squared,
    own,
    sigma,
    *,
    leave_out=True,
    distance=lambda squared: squared,
    width=lambda sigma: 2 * sigma**2,
    shift=np.min,
    zeros=False,
    log=np.log2,
    raised=lambda entropy: 2.0**entropy,
):
    """The perplexity of one sample's neighbours, right or with one thing wrong."""
    squared = distance(np.asarray(squared, dtype=float))
    if leave_out:
        squared = np.delete(squared, own)
    weight = np.exp(-(squared - shift(squared)) / width(sigma))
    with np.errstate(divide="ignore", invalid="ignore"):
        p = weight / weight.sum()
        p = p if zeros else p[p > 0]
        return float(raised(-(p * log(p)).sum()))


@asks(
    points=2,
    see="Neighbours as probabilities: SNE",
    hints=(
        "Take the sample itself out first: `np.delete(squared, own)`. Then weights, then "
        "probabilities, then the entropy.",
        "`weights = np.exp(-others / (2 * sigma**2))`, divided by their sum. The entropy in bits "
        "is `-(p * np.log2(p)).sum()`, and the perplexity `2 ** entropy`.",
        "All weights 0? Probabilities do not change if the same number is taken from all "
        "exponents: take `others.min()` off first. And 0·log 0 counts as 0: `p = p[p > 0]`.",
    ),
)
def perplexity(squared, own, sigma):
    """How many neighbours does it feel?"""
    return _perplexity_with(squared, own, sigma)


@perplexity.inputs
def cases(rng):
    for n, sigma, about in ((6, 1.7, "six samples"), (12, 0.6, "twelve samples and a narrow σ")):
        points = rng.normal(size=(n, 3)).round(1)
        own = int(rng.integers(1, n - 1))
        squared = ((points - points[own]) ** 2).sum(axis=1).round(2)
        yield Case((squared, own, sigma), about)
    far = rng.uniform(2000, 2003, 5).round(2)
    far[2] = 0.0
    yield Case((far, 2, 1.1), "a sample far from all others")
    spread = np.array([0.0, 1.1, 0.0, 2.3, 1500.0, 1.7, 1600.0]) * rng.uniform(0.8, 1.2)
    yield Case((spread.round(2), 2, 0.8), "a twin at distance 0, and two that are far away")


perplexity.variants(
    _perplexity_with,
    nats_with_2=(
        {"log": np.log},
        "The entropy is in nats (`np.log`), and you raised 2 to it. Two to the bits, or e to "
        "the nats; both give the same number.",
    ),
    bits_with_e=(
        {"raised": lambda entropy: float(np.exp(entropy))},
        "The entropy is in bits, and you raised e to it. Two to the bits, or e to the nats.",
    ),
    entropy=(
        {"raised": lambda entropy: entropy},
        "That is the entropy. The perplexity is 2 to it: a number of neighbours.",
    ),
    sigma_for_variance=(
        {"width": lambda sigma: 2 * sigma},
        "You divided by 2σ. A Gaussian has 2σ² there: σ is a distance, and what stands above "
        "is a squared one.",
    ),
    no_two=(
        {"width": lambda sigma: sigma**2},
        "The 2 is missing: a Gaussian falls as exp(−d² / (2σ²)).",
    ),
    squared_again=(
        {"distance": np.square},
        "You squared what was already squared. `squared` holds d².",
    ),
    root=(
        {"distance": np.sqrt},
        "You took the root: that is no Gaussian any more. It wants the squared distance.",
    ),
    self_counted=(
        {"leave_out": False},
        "The sample counts itself as a neighbour, and at distance 0 it is the nearest of all. "
        "Leave it out *before* dividing by the sum.",
    ),
    underflow=(
        {"shift": lambda squared: 0, "zeros": True},
        "All weights became 0, for exp(−800) is less than the smallest number there is. Take "
        "the smallest squared distance off all of them first: the probabilities stay as they "
        "are.",
    ),
)


@perplexity.mistake
def own_distance_off(squared, own, sigma):
    """All weights became 0, and nothing was left to add up. Take the smallest squared distance of
    the *others* off all of them first: the 0 of the sample itself changes nothing.
    """
    weight = np.exp(-(squared - squared.min()) / (2 * sigma**2))
    weight[own] = 0
    p = weight[weight > 0] / weight.sum()
    return float(2 ** -(p * np.log2(p)).sum())


@perplexity.mistake
def twins_left_out(squared, own, sigma):
    """You left out everybody at distance 0. Only the sample itself, number `own`, is not its own
    neighbour; a twin of it is.
    """
    return perplexity.right(np.append(squared[squared > 0], 0.0), -1, sigma)


perplexity.variants(
    _perplexity_with,
    zero_times_log_zero=(
        {"zeros": True},
        "0 · log 0 is nan for NumPy. A neighbour with probability 0 adds nothing to the entropy: "
        "leave those out of the sum.",
    ),
)


@perplexity.picture
def against_sigma(answer):
    from sklearn.datasets import load_digits

    from mlmi_course import plots

    images = load_digits().data[:400]
    widths = np.linspace(2, 20, 37)
    series = {}
    for own in (0, 8, 17):
        squared = ((images - images[own]) ** 2).sum(axis=1)
        series[f"image {own}"] = [float(call(answer, (squared, own, s))) for s in widths]

    def paint(ax):
        plots.lines(series, x=widths, xlabel="σ (grey levels)", ylabel="perplexity", ax=ax)
        ax.axhline(30, color=plots.COLOURS["neutral"], linewidth=1)

    return plots.grid(
        [paint],
        size=(5.2, 3.6),
        alt="Perplexity against σ for three digits among 400. It grows with σ, and each digit "
        "reaches 30 at a σ of its own.",
    )
