"""An attack on a measure of texture, and its control."""

import numpy as np

from mlmi_course.checks import Case, asks


def _score(image, mask, weight):
    inside = image[mask]
    return weight * np.log(np.mean((inside - inside.mean()) ** 2))


def _attacked(
    image,
    mask,
    weight,
    ill,
    epsilon,
    signs,
    *,
    centre=True,
    outside=False,
    way=1,
    clip=True,
    clip_control=True,
    step="sign",
    mean="change",
    forget_weight=False,
    of="region",
    whose="own",
    turned=False,
):
    image = np.asarray(image, float)
    inside = (image[mask] if of == "region" else image).mean() if centre else 0.0
    gradient = (1.0 if forget_weight else weight) * (image - inside)
    if not outside:
        gradient = np.where(mask, gradient, 0.0)
    direction = way * (-1 if ill or whose == "ill" else 1)
    move = np.sign(gradient) if step == "sign" else gradient / np.abs(gradient).max()
    low, high = (0.0, 1.0) if clip else (-np.inf, np.inf)
    changed = np.clip(image + epsilon * direction * move, low, high)
    low, high = (0.0, 1.0) if clip_control else (-np.inf, np.inf)
    before = _score(image, mask, weight)
    every = [
        _score(np.clip(image + epsilon * np.where(mask, one, 0), low, high), mask, weight) - before
        for one in signs
    ]
    if mean == "absolute":
        control = np.mean(np.abs(every))
    elif mean == "first":
        control = every[0]
    else:
        control = np.mean(every)
    attack = _score(changed, mask, weight) - before
    if turned:
        attack, control = -attack, -control
    return {"image": changed, "attack": attack, "control": control}


@asks(
    points=4,
    see="Two per cent",
    hints=(
        "Only the sign of the gradient is needed. Which pixels must move up so that the variance "
        "grows: the bright ones or the dark ones?",
        "The derivative of the log variance by a pixel of the region has the sign of that pixel "
        "minus the region's mean. A weight below zero turns it round; and an ill patient's score "
        "is to go *down*.",
        "Outside the region nothing moves. Clip the changed image to 0 … 1 before you score it, "
        "in the attack and in each control.",
    ),
)
def attacked(image, mask, weight, ill, epsilon, signs):
    """An attack on a measure of texture, and its control"""
    return _attacked(image, mask, weight, ill, epsilon, signs)


@attacked.inputs
def cases(rng):
    def one(weight, ill, low):
        size = (8, 8)
        image = np.clip(rng.normal(low, 0.12, size), 0, 1).round(3)
        row, column = np.indices(size)
        mask = (row - 3.5) ** 2 + (column - 3.5) ** 2 < rng.integers(9, 14)
        signs = rng.choice([-1, 1], (rng.integers(3, 7), *size))
        return image, mask, weight, ill, float(rng.choice([0.03, 0.05, 0.07])), signs

    yield Case(one(1.3, True, 0.5), "an ill patient, in the middle of the grey range")
    yield Case(one(0.8, False, 0.12), "a healthy one, close to black")
    yield Case(one(-1.1, True, 0.9), "a weight below zero, close to white")
    yield Case(one(-0.7, False, 0.15), "a weight below zero, a healthy patient")


attacked.variants(
    _attacked,
    wrong_way=(
        {"way": -1},
        "Your attack helps the program: the score of an ill patient goes up. The attacker wants it "
        "down, and that of a healthy one up.",
    ),
    not_centred=(
        {"centre": False},
        "You take the pixel itself for the gradient. The variance is about the distance from the "
        "region's *mean*: pixels below it must move the other way.",
    ),
    everywhere=(
        {"outside": True},
        "Your image changes outside the region, too. It does not help the attacker, and he would "
        "be seen there.",
    ),
    not_clipped=(
        {"clip": False, "clip_control": False},
        "Some pixels leave the range from 0 to 1: no file can hold them. Clip the image first.",
    ),
    control_not_clipped=(
        {"clip_control": False},
        "The control must obey the same rules as the attack: clip its images to 0 … 1 as well.",
    ),
    weight_forgotten=(
        {"forget_weight": True},
        "Where the weight is below zero, the gradient of the score points the other way.",
    ),
    by_size=(
        {"step": "size"},
        "You step in proportion to the gradient. The fast gradient *sign* method moves every pixel "
        "by all that is allowed.",
    ),
    of_the_image=(
        {"of": "image"},
        "You compare with the mean of the whole image. The variance is that of the region, so its "
        "own mean counts.",
    ),
    always_down=(
        {"whose": "ill"},
        "Your attack lowers the score of healthy patients, too. Theirs is to go up.",
    ),
    before_minus_after=(
        {"turned": True},
        "Your changes are before minus after: turn them round.",
    ),
    control_absolute=(
        {"mean": "absolute"},
        "You average the sizes of the control's changes. Ups and downs may cancel: average the "
        "changes themselves.",
    ),
    one_control=(
        {"mean": "first"},
        "That is the control for the first pattern of signs alone: average over all of them.",
    ),
)
