"""What several questions of the unit share."""

from __future__ import annotations

import numpy as np

TEN = (
    np.array([31, 58, 58, 90, 120, 120, 175, 210, 260, 340]),
    np.array([1, 1, 0, 1, 1, 1, 0, 1, 0, 1]),
)


TREATED = np.array([0, 1, 1, 0, 0, 1, 1, 0, 0, 1])


def apart(rng, n, longest=400):
    """Draw n different whole days, in no order."""
    return rng.choice(np.arange(5, longest), size=n, replace=False)


def concordance(risk, time, event, *, pairs="right", tie=0.5, none=float("nan")):
    """C-index of a risk; the parameters say which pairs count, and what ties do."""
    died = event[:, None] == 1
    earlier, same = time[:, None] < time[None, :], time[:, None] == time[None, :]
    comparable = {
        "right": died & (earlier | (same & (event[None, :] == 0))),
        "all": earlier | (same & died & (event[None, :] == 0)),
        "both": earlier & died & (event[None, :] == 1),
        "apart": earlier & died,
        "same day": died & (earlier | same) & ~np.eye(len(time), dtype=bool),
        "with herself": died & (earlier | same),
    }[pairs]
    if tie < 0:  # pairs with equal risks are left out
        comparable = comparable & (risk[:, None] != risk[None, :])
    if not comparable.any():
        return none
    right = (risk[:, None] > risk[None, :]) + tie * (risk[:, None] == risk[None, :])
    return float(right[comparable].mean())
