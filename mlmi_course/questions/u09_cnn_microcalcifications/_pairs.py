"""The AUC as the share of pairs that are in the right order."""

import numpy as np


def pairs_in_order(labels, scores, *, tie=0.5):
    labels, scores = np.asarray(labels), np.asarray(scores, float)
    higher = scores[labels == 1][:, None] - scores[labels == 0][None, :]
    return float(((higher > 0) + tie * (higher == 0)).mean())
