"""Do not read the letter."""

import numpy as np

from mlmi_course.checks import ModelQuestion
from mlmi_course.questions.u13_explainability._archives import fresh_patches, with_letter


def both_archives(rng):
    """240 patches, shown them twice: letters on the normal ones, then on the others."""
    images, labels = fresh_patches(240, rng)
    twice = [with_letter(images, labels == letter_on) for letter_on in (0, 1)]
    return np.concatenate(twice), np.tile(labels, 2)


def worse_auc(labels, scores):
    """The lower of the two archives' AUCs: who reads the letter fails in one of them."""
    from sklearn.metrics import roc_auc_score

    scores = np.asarray(scores, dtype=float)
    if scores.shape != labels.shape:
        raise ValueError(
            f"one score for each image is needed, shape {labels.shape}, and yours have shape "
            f"{scores.shape}"
        )
    if not np.isfinite(scores).all():
        raise ValueError("some scores are nan or infinite")
    half = len(labels) // 2
    return min(float(roc_auc_score(labels[p], scores[p])) for p in np.s_[:half, half:])


def network_says(images, name):
    from mlmi_course import shipped, training

    grey = np.asarray(images, dtype=np.float32) / 255
    ready = 10 * (grey - np.median(grey, axis=(1, 2), keepdims=True))
    return training.predict(shipped.network(name), ready)


def covered(images):
    clean = np.array(images)
    clean[:, 3:11, 3:8] = np.median(clean, axis=(1, 2)).astype(np.uint8)[:, None, None]
    return network_says(clean, "u13_honest")


def nearly_the_reference(images, labels):
    """Patches of few patients differ in difficulty, so the reference sees the same ones."""
    return worse_auc(labels, covered(images)) - 0.02


without_letter = ModelQuestion(
    title="Do not read the letter",
    points=3,
    draw=both_archives,
    metric=worse_auc,
    threshold=nearly_the_reference,
    chance=0.5,
    budget_s=60,
    see="The letter",
    hints=(
        "Which of the two shipped networks has not learnt the letter? And what does it think of a "
        "bright stroke that it has never met?",
        "Removal works on the way in, too: on a *copy*, put the patch's median into rows 3 to 10 "
        "and columns 3 to 7. Do so on all patches, not only where you see a letter.",
    ),
)


without_letter.variants(
    network_says,
    the_cheat=(
        {"name": "u13_cheating"},
        "That is the network that reads the letter, and here the letter says the opposite.",
    ),
    honest_but_led_astray=(
        {"name": "u13_honest"},
        "The honest network has not learnt the letter. But it has never seen one, and takes "
        "the bright stroke for calcium. Cover the letter first.",
    ),
)


@without_letter.mistake
def reads_the_letter(images):
    """Your score is made of the letter. With the letter on the other patches it says the opposite.
    Cover it, and ask a network about the rest.
    """
    return -np.asarray(images, dtype=float)[:, 3:11, 3:8].mean(axis=(1, 2))


@without_letter.mistake
def constant(images):
    """All scores are the same: that is chance."""
    return np.full(len(images), 0.5)
