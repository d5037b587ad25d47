"""The study's patients with what the shipped network makes of their images; kept on disk."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mlmi_course.biopsy.measuring import (
    correlated_fields,
    features,
    in_one_piece,
    looks_wrong,
)
from mlmi_course.biopsy.segmenting import (
    deep_features,
    probabilities,
    with_bottom,
)

__all__ = ["Measured", "measure", "redrawn"]

AMPLITUDE = 1.5
"""Of the fields that move a border; chosen on development patients, as the lecture shows."""


@dataclass(frozen=True, eq=False)
class Measured:
    """What the network makes of each patient's image.

    Attributes
    ----------
    labels : ndarray of uint8, shape (n, 64, 64)
        0 brain, 1 necrosis, 2 enhancing rim, 3 oedema.
    features : ndarray, shape (n, 8)
        In the order of :data:`FEATURES`.
    deep : ndarray, shape (n, 32)
        Each map at the bottom of the network, averaged over the tumour.
    doubtful : ndarray of bool, shape (n,)
        Whether the segmentation should go back to a person.
    """

    labels: NDArray[np.uint8]
    features: NDArray[np.float64]
    deep: NDArray[np.float64]
    doubtful: NDArray[np.bool_]


def _blocks(images: NDArray[Any]) -> Iterator[dict[str, NDArray[Any]]]:
    for start in range(0, len(images), 120):
        part = np.asarray(images[start : start + 120])
        probability, bottom = with_bottom(part)
        labels = in_one_piece(probability.argmax(axis=-1))
        yield {
            "labels": labels,
            "features": features(part, labels),
            "deep": deep_features(bottom, labels),
            "doubtful": looks_wrong(probability),
        }


def measure(images: NDArray[Any]) -> Measured:
    """Let the shipped network segment images, and measure what it finds.

    Parameters
    ----------
    images : ndarray, shape (n, 2, 64, 64)

    Returns
    -------
    Measured
        About three seconds for 960 patients the first time, and none after that.
    """
    import hashlib

    from mlmi_course.data.cache import cached_arrays, code_checksum

    pixels = hashlib.sha256(np.ascontiguousarray(images)).hexdigest()
    code = code_checksum(measure) + _weights_checksum()
    arrays = cached_arrays(
        "u21-measured", lambda: _blocks(images), len(images), code=code, parameters={"of": pixels}
    )
    return Measured(**arrays)


def _weights_checksum() -> str:
    import hashlib

    from mlmi_course.shipped import weights

    found = hashlib.sha256()
    for weight in weights("u21_unet"):
        found.update(weight.tobytes())
    return found.hexdigest()[:16]


def redrawn(
    images: NDArray[Any], draws: int = 8, amplitude: float = AMPLITUDE, seed: int = 0
) -> NDArray[np.float64]:
    """Features of other masks that the network finds nearly as likely.

    Parameters
    ----------
    images : ndarray, shape (n, 2, 64, 64)
    draws : int, default 8
    amplitude : float
        Standard deviation of what is added to the log probabilities.
    seed : int, default 0

    Returns
    -------
    ndarray, shape (draws, n, 8)
    """
    rng = np.random.default_rng(seed)
    log = np.log(np.maximum(probabilities(images), 1e-5))
    shape = (len(images), log.shape[-1], *log.shape[1:3])
    found = []
    for _ in range(draws):
        moved = log + amplitude * np.moveaxis(correlated_fields(rng, shape), 1, -1)
        found.append(features(images, in_one_piece(moved.argmax(axis=-1))))
    return np.array(found)
