"""A name that is nearly right."""

from __future__ import annotations

import difflib
from collections.abc import Iterable


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """The end of a sentence which says that a word is not known, where a known one is close.

    Examples
    --------
    >>> did_you_mean("breastmist", ["breastmnist", "ixi-t1"])
    "; did you mean 'breastmnist'?"
    >>> did_you_mean("07", ["breastmnist"])
    ''
    """
    close = difflib.get_close_matches(word, list(known), n=1)
    return f"; did you mean {close[0]!r}?" if close else ""
