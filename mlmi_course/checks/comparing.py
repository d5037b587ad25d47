"""Compare what an answer gave with what was expected, and say in words how they differ."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import KeysView, Mapping, ValuesView
from numbers import Number
from typing import Any

import numpy as np

from mlmi_course.checks.messages import as_text, kind_of, number

_PLAIN = (bool, int, float)
_NUMBER = (bool, int, float, np.bool_, np.integer, np.floating)


def difference(expected: Any, got: Any, tolerance: float = 1e-6) -> str | None:
    """Say how two values differ, or return None where they agree.

    Parameters
    ----------
    expected : number, str, array, list, tuple or dict
        The reference.  Its kind decides how the other value is read: where a number is
        expected, an array of one element will do; where an array is expected, a list will.
    got : object
        What the answer gave.
    tolerance : float, default 1e-6
        Two numbers agree if they differ by no more than ``tolerance * max(1, abs(expected))``.

    Returns
    -------
    str or None
        One sentence for the student, without a final full stop, or None.

    Examples
    --------
    >>> difference(40.0, 40.0 + 1e-9) is None
    True
    >>> difference(np.zeros((2, 3)), np.zeros((3, 2)))
    'the shape should be (2, 3), and yours is (3, 2)'
    >>> difference({"CT": 2}, {"CT": 3})
    "at 'CT': expected 2, got 3"
    """
    try:
        return _difference(expected, got, tolerance)
    except StrangeReference:
        raise
    except Exception:  # a list that holds itself, an object that raises when looked at
        return f"what arrived cannot be read as {kind_of(expected)}"


class StrangeReference(TypeError):
    """The author's reference is of a kind that cannot be compared."""


def _difference(expected: Any, got: Any, tolerance: float) -> str | None:
    if isinstance(expected, str):
        return None if isinstance(got, str) and got == expected else _plainly(expected, got)
    if isinstance(expected, _NUMBER):
        return _compare_numbers(expected, got, tolerance)
    if isinstance(expected, np.ndarray):
        return _compare_arrays(expected, got, tolerance)
    if isinstance(expected, Mapping):
        return _compare_dictionaries(expected, got, tolerance)
    if isinstance(expected, list | tuple):
        return _compare_sequences(expected, got, tolerance)
    if expected is None:
        return None if got is None else _plainly(expected, got)
    raise StrangeReference(
        f"A reference may be a number, text, array, list or dictionary, not {type(expected)}."
    )


def _plainly(expected: Any, got: Any) -> str:
    digits = digits_that_tell(expected, got)
    texts = as_text(expected, digits), as_text(got, digits)
    if texts[0] == texts[1] and isinstance(expected, str) and isinstance(got, str):
        pairs = enumerate(zip(expected, got, strict=False))
        place = next((i for i, (a, b) in pairs if a != b), min(len(expected), len(got)))
        texts = repr(expected[place : place + 20]), repr(got[place : place + 20])
        return f"the texts differ from character {place} on: expected {texts[0]}, got {texts[1]}"
    return f"expected {texts[0]}, got {texts[1]}"


def digits_that_tell(expected: Any, got: Any) -> int:
    """Return how many significant digits show that two values differ: 6 where that is enough.

    >>> digits_that_tell(0.5, 0.25), digits_that_tell(1234.567, 1234.5671)
    (6, 9)
    """
    return next(
        (digits for digits in (6, 9, 12) if as_text(expected, digits) != as_text(got, digits)), 17
    )


#: Roundings that happen by chance, too: they need more numbers to be believed.
ROUGHLY = ("to whole numbers", "to 1 decimal", "to 1 digit", "to 2 digits")


def rounding(expected: Any, got: Any) -> str | None:
    """Say to how many decimals or digits ``got`` is ``expected`` rounded, or return None.

    >>> rounding([0.12345, 2.0], [0.123, 2.0]), rounding([512.3, 7.6543], [512, 7.65])
    ('to 3 decimals', 'to 3 digits')
    """
    try:
        right, theirs = numbers_in(expected), numbers_in(got)
    except Exception:  # a list that holds itself, an object that raises when looked at
        return None
    if right is None or theirs is None or right.shape != theirs.shape or not right.size:
        return None
    finite = np.isfinite(right)
    if not np.array_equal(right[~finite], theirs[~finite], equal_nan=True):
        return None
    right, theirs = right[finite], theirs[finite]

    def is_it(rounded: np.ndarray) -> bool:
        return bool(np.allclose(theirs, rounded, rtol=1e-9, atol=1e-12))

    if is_it(right):
        return None
    for decimals in range(8):
        if is_it(right.round(decimals)):
            many = "s" if decimals > 1 else ""
            return f"to {decimals} decimal{many}" if decimals else "to whole numbers"
    for digits in range(1, 8):
        if is_it(np.array([float(f"{value:.{digits}g}") for value in right])):
            return f"to {digits} digit{'s' if digits > 1 else ''}"
    return None


def numbers_in(value: Any) -> np.ndarray | None:
    """Return all numbers of a value in a row, or None if there is anything else in it."""
    if isinstance(value, Mapping):
        return numbers_in([value[key] for key in sorted(value, key=repr)])
    if isinstance(value, list | tuple) and any(not isinstance(item, _NUMBER) for item in value):
        parts = [numbers_in(item) for item in value]
        if any(part is None for part in parts):
            return None
        return np.concatenate([part for part in parts if part is not None])
    array = _as_array(value)
    return None if array is None or array.dtype.kind == "c" else array.astype(float).ravel()


def _told_apart(expected: Any, got: Any) -> tuple[str, str]:
    """Write two numbers with as many digits as it takes to see that they differ."""
    for digits in (6, 9, 12, 17):
        texts = number(expected, digits), number(got, digits)
        if texts[0] != texts[1]:
            break
    return texts


def _as_array(value: Any) -> np.ndarray | None:
    """Read numbers as an array, or return None: objects and texts are not numbers."""
    try:
        if isinstance(value, np.ma.MaskedArray):  # what is masked out is no number
            array = np.ma.filled(value.astype(float), np.nan) if value.mask.any() else value.data
        elif hasattr(value, "toarray"):  # a sparse matrix of SciPy
            array = np.asarray(value.toarray())
        else:
            array = np.asarray(value)
        if array.dtype == object and _are_numbers(array):
            array = np.array([float(item) for item in array.ravel()]).reshape(array.shape)
    except (TypeError, ValueError, OverflowError):  # a ragged list, or an object that refuses
        return None
    return array if array.dtype.kind in "biufc" else None


def _are_numbers(array: np.ndarray) -> bool:
    """Whether each object is a number: a fraction, a decimal, the missing value of a table."""
    return all(
        isinstance(item, Number | np.bool_) or (item.ndim == 0 and item.dtype.kind in "biuf")
        if isinstance(item, Number | np.generic | np.ndarray)
        else type(item).__name__ == "Decimal"
        for item in array.flat
    )


def _compare_numbers(expected: Any, got: Any, tolerance: float) -> str | None:
    if type(expected) in _PLAIN and type(got) in _PLAIN and _both_near(expected, got, tolerance):
        return None  # long lists of numbers are common, and arrays of one element slow
    array = _as_array(got)
    if array is None or array.size != 1:
        what = as_text(got) if kind_of(got) in ("an array", "a text") else kind_of(got)
        return f"expected one number, {as_text(expected)}, and got {what}"
    value = array.reshape(())[()]
    return None if _close(expected, value, tolerance) else _plainly(expected, value)


def _both_near(expected: float, got: float, tolerance: float) -> bool:
    """Whether two numbers of Python agree; what is doubtful is left to :func:`_close`."""
    return abs(expected - got) <= tolerance * max(1.0, abs(expected)) < math.inf


def _compare_arrays(expected: np.ndarray, got: Any, tolerance: float) -> str | None:
    array = _as_array(got)
    if array is None:
        return f"expected an array of shape {expected.shape}, and got {kind_of(got)}"
    if array.shape != expected.shape:
        return f"the shape should be {expected.shape}, and yours is {array.shape}"
    wrong = ~_close(expected, array, tolerance)
    count = int(wrong.sum())
    if not count:
        return None
    place = tuple(int(i) for i in np.argwhere(wrong)[0])
    where = str(list(place)) if place else "the only value"
    missing = np.isnan(array) & ~np.isnan(expected) if array.dtype.kind == "f" else np.zeros(1)
    note = f"; {int(missing.sum())} of yours are nan" if missing.any() else ""
    wanted, found = _told_apart(expected[place].item(), array[place].item())
    return (
        f"{count} of {expected.size} values differ; at {where} the value should be "
        f"{wanted}, and yours is {found}{note}"
    )


def _close(expected: Any, got: Any, tolerance: float) -> np.ndarray:
    """Compare element by element; a nan agrees with a nan, an infinity with itself."""
    # In double precision: unsigned integers would wrap around in the subtraction.
    a, b = (np.asarray(v, dtype=complex if np.iscomplexobj(v) else float) for v in (expected, got))
    with np.errstate(invalid="ignore", over="ignore"):
        near = np.abs(a - b) <= tolerance * np.maximum(1.0, np.abs(a))
    finite = np.isfinite(a) & np.isfinite(b)
    return np.where(finite, near, (a == b) | (np.isnan(a) & np.isnan(b)))


def _is_pandas(value: Any) -> bool:
    """Whether pandas made it; the package is not imported for the question."""
    return type(value).__module__.partition(".")[0] == "pandas"


def _compare_dictionaries(expected: Mapping, got: Any, tolerance: float) -> str | None:
    if _is_pandas(got) and hasattr(got, "index"):  # a row, or a table with a column for each key
        got = dict(got.items())
    if not isinstance(got, Mapping):
        return f"expected a dictionary, and got {kind_of(got)}"
    for key in expected:
        if key not in got:
            return f"the key {key!r} is missing"
    for key in got:
        if key not in expected:
            return f"the key {key!r} should not be there"
    return _first_difference(((repr(k), expected[k], got[k]) for k in expected), tolerance)


def _compare_sequences(expected: list | tuple, got: Any, tolerance: float) -> str | None:
    if isinstance(got, np.ndarray) or (_is_pandas(got) and hasattr(got, "tolist")):
        got = got.tolist()
    elif isinstance(got, range | KeysView | ValuesView | deque):
        got = list(got)
    if not isinstance(got, list | tuple):
        return f"expected {kind_of(expected)} of {len(expected)}, and got {kind_of(got)}"
    if len(got) != len(expected):
        return f"there should be {len(expected)} items, and yours has {len(got)}"
    pairs = zip(range(len(expected)), expected, got, strict=True)
    return _first_difference(((f"item {i}", a, b) for i, a, b in pairs), tolerance)


def _first_difference(items: Any, tolerance: float) -> str | None:
    for where, a, b in items:
        found = _difference(a, b, tolerance)
        if found:
            return f"at {where}: {found}"
    return None
