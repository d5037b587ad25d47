"""A frozen base for 120 patches."""

from __future__ import annotations

from copy import copy
from dataclasses import dataclass, field
from functools import lru_cache, partial
from hashlib import blake2b
from typing import Any

import numpy as np

from mlmi_course.checks import ModelQuestion, Verdict
from mlmi_course.checks.comparing import difference
from mlmi_course.checks.messages import number
from mlmi_course.questions.u11_transfer_learning._patches import auc, few_patches, six_numbers


def _hard_patches(rng):
    return _drawn(int(rng.integers(1000, 2**31)))


@lru_cache(maxsize=8)  # known wrong answers are tried on the same draws
def _drawn(seed):
    from mlmi_course.phantoms.mammography import patches

    found = patches(1000, seed=seed, difficulty=1.0)
    return found["images"], found["labels"].astype(int)


def _area_of(labels, predictions):
    scores = np.asarray(predictions, dtype=float)
    if scores.shape != labels.shape:
        raise ValueError(
            f"one number for each image is needed, shape {labels.shape}, and yours have shape "
            f"{scores.shape}"
        )
    if not np.isfinite(scores).all():
        raise ValueError("some predictions are nan or infinite")
    area = auc(labels, scores)
    if area < 0.4:
        raise ValueError(
            f"the AUC is {area:.2f}, far below one half: higher numbers should mean a cluster"
        )
    return area


def _blob_filter(images):
    """The strongest blob of σ = 2 pixels: no training at all."""
    return six_numbers(images)[:, 4]


class _NewHead(ModelQuestion):
    """A model that must have a head of its own: the source's old one scores well enough to pass.

    Points grow from what the untrained blob filter reaches on the same patches.
    """

    def _score(
        self, answer: Any, score: float, images: Any, labels: Any, predictions: Any
    ) -> Verdict:
        old = self.misconceptions["old_head"]
        if difference(old.answer(images), predictions) is None:
            measured = f"On {len(images)} fresh images: {number(round(score, 3))}."
            return self._failed(old.says, measured, misconception="old_head")
        beside = copy(self)
        beside.chance = auc(labels, _blob_filter(images))
        return super(_NewHead, beside)._score(answer, score, images, labels, predictions)


transferred = _NewHead(
    title="A frozen base for 120 patches",
    points=3,
    draw=_hard_patches,
    metric=_area_of,
    threshold=0.82,
    chance=0.7,
    budget_s=60,
    see="Frozen, or only called so",
    hints=(
        "Which source has seen grains? A `keras.Model` from its inputs to the output of its layer "
        '`"mean"` is that source without its head: see `base_of` in the lecture.',
        "`training.predict(base, images)` gives 32 features for each patch. Make them of the 120 "
        "patches and of the new ones with the same base.",
        "Then `make_pipeline(StandardScaler(), LogisticRegression(C=0.1, max_iter=5000))`, fitted "
        "on the features of the 120; column 1 of `predict_proba` is the answer.",
    ),
)


def head_on_features(images, *, kind, labels_only=False):
    """Answer by a head that learnt from the 120 patches, on features of this kind."""
    likely = _likely(_Draw(blake2b(np.ascontiguousarray(images)).digest(), images), kind)
    return (likely > 0.5).astype(float) if labels_only else likely


@dataclass(frozen=True)
class _Draw:
    """Images that can be looked up: two are the same if their bytes are."""

    digest: bytes
    images: np.ndarray = field(compare=False)


@lru_cache(maxsize=20)  # an answer is compared with every known wrong one, on the same draw
def _likely(draw, kind):
    of, head = _head(kind)
    return head.predict_proba(of(draw.images))[:, 1]


@lru_cache(maxsize=4)
def _head(kind):
    """What turns images into features, and the head that learnt from the 120 patches."""
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    of = _pixels if kind == "pixels" else _frozen(kind)
    few, labels, _ = few_patches()
    head = make_pipeline(StandardScaler(), LogisticRegression(C=0.1, max_iter=5000))
    return of, head.fit(of(few), labels)


def _frozen(source):
    import keras

    from mlmi_course import shipped, training

    whole = shipped.network(f"u11_{source}")
    base = keras.Model(whole.inputs, whole.get_layer("mean").output)
    return partial(training.predict, base)


def _pixels(images):
    return images.reshape(len(images), -1) / 255


transferred.knows(
    "blob_filter",
    _blob_filter,
    "This is the blob filter, which learns nothing from the 120 labels. It is the rival "
    "that a head on a frozen base has to beat.",
)


@transferred.mistake
def old_head(images):
    """This is the film network as it is, with its old head. It is a strong rival, and the stretch
    task asks for it. Here the 120 labels are to be used: train a head on them.
    """
    from mlmi_course import shipped, training

    return training.predict(shipped.network("u11_film"), images)


transferred.variants(
    head_on_features,
    another_finding=(
        {"kind": "masses"},
        "This is the base that has learnt masses, in pixels nine times as wide. It knows "
        "mammograms, but no grains of 0.3 mm: which source is more alike?",
    ),
    another_domain=(
        {"kind": "digits"},
        "This is the base that has learnt digits. It has never seen film: which source is more "
        "alike?",
    ),
    raw_pixels=(
        {"kind": "pixels"},
        "This learns from 3,600 grey values. A cluster may lie anywhere, so no single pixel says "
        "anything: take the features of a network.",
    ),
    labels=(
        {"kind": "film", "labels_only": True},
        "You return labels, 0 or 1. The AUC asks for an order: return probabilities.",
    ),
)
