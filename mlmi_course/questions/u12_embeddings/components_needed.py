"""How many components hold 90 % of the variance?"""

import numpy as np

from mlmi_course.checks import asks_value
from mlmi_course.questions.u12_embeddings._points import standardised


def _cells():
    from sklearn.datasets import load_breast_cancer

    return load_breast_cancer().data


def _needed(table, *, squared=True, share=0.9):
    # The squares of the singular values, from a small matrix: quicker than decomposing the table.
    variances = np.maximum(np.linalg.eigvalsh(table.T @ table)[::-1], 0)
    parts = np.cumsum(variances if squared else np.sqrt(variances))
    return int(np.searchsorted(parts / parts[-1], share) + 1)


@asks_value(
    points=1,
    see="Thirty numbers of a cell: scale first",
    hints=(
        "Standardise the columns, decompose, and square the singular values: these are the "
        "variances along the components, but for a common factor.",
        "`np.cumsum(s**2) / np.sum(s**2)` is the share that the first components hold together. "
        "The first one has index 0.",
    ),
)
def components_needed():
    """How many components hold 90 % of the variance?"""
    return _needed(standardised(_cells()))


@components_needed.mistake
def not_standardised():
    """The columns were not standardised. The area, in hundreds of square pixels, then drowns
    everything else.
    """
    return _needed(_cells() - _cells().mean(axis=0))


@components_needed.mistake
def not_squared():
    """You added up the singular values themselves. The variance along a component goes with the
    *square*.
    """
    return _needed(standardised(_cells()), squared=False)


@components_needed.mistake
def index():
    """Close: that is the index of the last component that is needed, and the first one has index
    0. How many are they?
    """
    return components_needed.right() - 1
