"""Unit 21, virtual biopsy: what its questions rest on."""

from __future__ import annotations

import numpy as np

from mlmi_course.questions import u21_virtual_biopsy as q


def test_the_disc_is_brighter_by_one() -> None:
    means = [q.mean_inside.right(*q.disc(seed)) for seed in range(50)]
    error = np.std(means) / np.sqrt(len(means))
    assert abs(np.mean(means) - 1) < 4 * error


def test_no_pixel_shows_the_disc() -> None:
    image, mask = q.disc()
    assert image[~mask].max() > image[mask].mean() > image[~mask].mean()
