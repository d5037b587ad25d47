"""One line that states a result: the number, and in words what every computer reproduces."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from numbers import Integral, Real

_NUMBER = r"(?:nan|-?inf|-?\d+(?:\.\d+)?(?:e[-+]\d+)?)"
_CLAIM = r"(?:[≥≤]|within) [^()\n]+: (?:yes|no)"

NUMBERS = re.compile(rf"^(.*\S) {_NUMBER} (\({_CLAIM}\))$", re.MULTILINE)
"""The numbers that stand before a statement; the statement itself is its second group."""

WITHOUT_NUMBERS = r"\1 … \2"
"""What :data:`NUMBERS` is replaced by to leave what every computer reproduces."""

_KEPT_CLAIMS = re.compile(rf"^(.*\S {_NUMBER}) \((?:[≥≤]|within) [^()\n]+: yes\)$", re.MULTILINE)


def result(
    name: str,
    value: float | str | bool,
    *,
    at_least: float | None = None,
    at_most: float | None = None,
    within: tuple[float, float] | None = None,
    digits: int = 3,
) -> None:
    """Print a result, beside a bound where its digits are not reproducible.

    The weights of a trained network differ in the third digit between two processors.  So a
    notebook prints the number for the reader, and beside it a statement that holds on every
    computer: "AUC 0.957 (≥ 0.93: yes)".  Tests and builds compare the statement alone.  Plain
    arithmetic is reproducible: without a bound the value is printed, and compared, by itself.

    Parameters
    ----------
    name : str
        What was measured, with its unit where it has one: ``"AUC on unseen patients"``.
    value : float, int, bool or str
        What came out.
    at_least, at_most : float, optional
        The bound that the value should reach, or not exceed.  Give one bound at most.
    within : tuple of float, optional
        The interval, both ends included, in which the value should lie.
    digits : int, default 3
        Significant digits of a float.  More are printed where the rounded number would lie on
        the other side of the bound than the value does.

    Raises
    ------
    ValueError
        If several bounds are given, or a bound is given for something that is not a number.

    Examples
    --------
    >>> result("AUC on unseen patients", 0.9712, at_least=0.95)
    AUC on unseen patients 0.971 (≥ 0.95: yes)
    >>> result("distance (mm)", 7.25, at_most=5)
    distance (mm) 7.25 (≤ 5: no)
    >>> result("AUC of the blob filter, σ = 2", 0.96, within=(0.93, 0.98))
    AUC of the blob filter, σ = 2: 0.96 (within 0.93 … 0.98: yes)
    >>> result("pixel spacing (mm)", 0.661468)
    pixel spacing (mm): 0.661
    >>> result("slices", 189)
    slices: 189
    """
    bounds = [bound for bound in (at_least, at_most, within) if bound is not None]
    if len(bounds) > 1:
        raise ValueError("result(...) takes one of at_least, at_most and within, not several.")
    if not bounds:
        print(f"{name}: {_printed(value, digits)}")
        return
    if not isinstance(value, Real) or isinstance(value, bool):
        raise ValueError(
            f"result({name!r}, ...) compares numbers with a bound; it got {value!r}. "
            "Give a number, or leave the bound out."
        )
    holds: Callable[[float], bool]
    if at_least is not None:
        claim, holds = f"≥ {at_least:g}", lambda number: number >= at_least
    elif at_most is not None:
        claim, holds = f"≤ {at_most:g}", lambda number: number <= at_most
    else:
        low, high = within
        claim, holds = f"within {low:g} … {high:g}", lambda number: low <= number <= high
    answer = bool(holds(value))
    while digits < 17 and bool(holds(float(_printed(value, digits)))) is not answer:
        digits += 1  # "0.95 (≥ 0.95: no)" would be no answer
    # "σ = 2 0.96" would read as one number too many.
    gap = ": " if name[-1:].isdigit() else " "
    print(f"{name}{gap}{_printed(value, digits)} ({claim}: {'yes' if answer else 'no'})")


def statements(text: str) -> str:
    """What a text of results states: the numbers that stand beside a bound are left out.

    >>> print(statements("slices: 189\\nAUC 0.971 (≥ 0.95: yes)"))
    slices: 189
    AUC … (≥ 0.95: yes)
    """
    return NUMBERS.sub(WITHOUT_NUMBERS, text)


def numbers(text: str) -> str:
    """What a text of results measured: the bounds that hold are left out.

    >>> print(numbers("slices: 189\\nAUC 0.971 (≥ 0.95: yes)\\ndistance (mm) 7.25 (≤ 5: no)"))
    slices: 189
    AUC 0.971
    distance (mm) 7.25 (≤ 5: no)
    """
    return _KEPT_CLAIMS.sub(r"\1", text)


def _printed(value: float | str | bool, digits: int) -> str:
    if isinstance(value, str | Integral):
        return str(value)
    if type(value).__name__ in ("bool", "bool_"):  # NumPy's is no Integral, and no bool either
        return str(bool(value))
    if not math.isfinite(value):
        return str(float(value))
    # A fixed number of significant digits, without the exponent that :g prints for 12345.
    rounded = float(f"{float(value):.{digits}g}")
    return f"{rounded:.15g}"
