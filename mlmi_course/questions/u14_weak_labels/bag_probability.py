"""From parts to bags, four ways."""

import numpy as np

from mlmi_course.checks import Case, asks


def _pool(
    logits,
    bags,
    heard,
    how,
    *,
    mean_of="p",
    soft="bag",
    attend="z",
    stable=True,
    gone="keep",
    product="or",
):
    z, bags, heard = np.asarray(logits, float), np.asarray(bags), np.asarray(heard, float)
    with np.errstate(all="ignore"):
        p = 1 / (1 + np.exp(-z))
        found = []
        numbers = np.arange(bags.max() + 1) if gone == "keep" else np.unique(bags)
        scale = np.exp(heard - heard.max()).sum() if soft == "all" else None
        for number in numbers:
            mine = bags == number
            if not mine.any():
                found.append(0.0)
                continue
            if how == "mean":
                if mean_of == "p":
                    value = p[mine].mean()
                elif mean_of == "sum":
                    value = min(p[mine].sum(), 1.0)
                else:
                    value = 1 / (1 + np.exp(-z[mine].mean()))
            elif how == "max":
                value = p[mine].max()
            elif how == "noisy-or":
                if product == "and":
                    value = np.exp(-np.logaddexp(0, -z[mine]).sum())
                elif stable:
                    value = -np.expm1(-np.logaddexp(0, z[mine]).sum())
                else:
                    value = 1 - np.prod(1 - np.exp(z[mine]) / (1 + np.exp(z[mine])))
            else:
                raw = np.exp(heard[mine] - (heard.max() if soft == "all" else heard[mine].max()))
                weight = raw / (scale if soft == "all" else raw.sum())
                if soft == "none":
                    weight = heard[mine]
                if attend == "z":
                    value = 1 / (1 + np.exp(-(weight * z[mine]).sum()))
                else:
                    value = (weight * p[mine]).sum()
            found.append(value)
    return np.array(found)


@asks(
    points=3,
    see="Bags",
    hints=(
        "Go through the bags one by one: `mine = bags == number`, and pool `logits[mine]`.",
        "The chance of no ill part is a product; its logarithm is a sum: "
        "`-np.logaddexp(0, logits[mine]).sum()`. One minus its exponential is `-np.expm1(…)`.",
        "The softmax of attention is taken inside each bag: subtract the bag's own maximum, take "
        "exponentials, divide by the bag's own sum. Then weigh the *logits*, "
        "and take the sigmoid last.",
    ),
)
def bag_probability(logits, bags, heard, how):
    """From parts to bags"""
    return _pool(logits, bags, heard, how)


@bag_probability.inputs
def cases(rng):
    def parts(bags, spread=2.0):
        return (
            rng.normal(-1.5, spread, len(bags)).round(3),
            bags,
            rng.normal(0, 1.5, len(bags)).round(3),
        )

    mixed = rng.permutation(np.repeat([0, 1, 2, 3], [4, 1, 7, 3]))
    for how in ("mean", "max", "noisy-or", "attention"):
        yield Case((*parts(mixed), how), f"{how}, four bags whose parts are mixed")
    for how in ("noisy-or", "attention"):
        yield Case((*parts(np.repeat([0, 2], [3, 4])), how), f"{how}, bag 1 has no parts: 0")
    many = np.zeros(3000, int)
    yield Case(
        (np.full(3000, -16.0), many, np.zeros(3000), "noisy-or"), "3,000 parts, each hardly ill"
    )
    yield Case(
        (
            np.array([-2.0, 800.0, -800.0]),
            np.array([0, 0, 1]),
            np.array([0.0, 900.0, 5.0]),
            "noisy-or",
        ),
        "logits of ± 800",
    )
    yield Case(
        (
            np.array([-2.0, 3.0, -4.0]),
            np.array([0, 0, 1]),
            np.array([0.0, 900.0, 850.0]),
            "attention",
        ),
        "attention scores of 900",
    )


bag_probability.variants(
    _pool,
    mean_of_logits=(
        {"mean_of": "z"},
        "You average the *logits* of a bag. Mean pooling averages "
        "probabilities: take the sigmoid first.",
    ),
    added_up=(
        {"mean_of": "sum"},
        "You add the probabilities of a bag up and cut at 1. Divide by the number of its parts.",
    ),
    softmax_of_all=(
        {"soft": "all"},
        "Your attention weights add up to 1 over *all* parts. Each bag has its "
        "own softmax, or one patient's weights would depend on who else is in "
        "the table.",
    ),
    no_softmax=(
        {"soft": "none"},
        "You weigh by the attention scores themselves. They go through a "
        "softmax first, so that they are positive and add up to 1 in each bag.",
    ),
    attention_of_probabilities=(
        {"attend": "p"},
        "You weigh *probabilities* by attention. Here the logits are weighed, "
        "and the sigmoid comes last.",
    ),
    all_of_them=(
        {"product": "and"},
        "That is the chance that *all* parts are ill. Noisy-or is one minus the "
        "chance that none is.",
    ),
    overflows=(
        {"stable": False},
        "Your noisy-or breaks down where a logit is large: exp(800) is no "
        "number. Add logarithms: the log of 1 − p is −log(1 + exp(z)), which is "
        "`-np.logaddexp(0, z)`.",
    ),
    bag_left_out=(
        {"gone": "drop"},
        "A bag without parts is left out, so all later bags stand in the wrong place. It gets 0.",
    ),
)
