"""One line that states a result in words that every computer reproduces."""

from __future__ import annotations

import math
from numbers import Integral, Real


def result(
    name: str,
    value: float | str | bool,
    *,
    at_least: float | None = None,
    at_most: float | None = None,
    within: tuple[float, float] | None = None,
    digits: int = 3,
) -> None:
    """Print a result, as a comparison with a bound where the digits are not reproducible.

    The weights of a trained network differ in the third digit between two processors, so a
    notebook states "AUC ≥ 0.95: yes" and shows the digits elsewhere.  Plain arithmetic is
    reproducible: without a bound the value itself is printed.

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
        Significant digits of a float printed without a bound.

    Raises
    ------
    ValueError
        If several bounds are given, or a bound is given for something that is not a number.

    Examples
    --------
    >>> result("AUC on unseen patients", 0.9712, at_least=0.95)
    AUC on unseen patients ≥ 0.95: yes
    >>> result("distance (mm)", 7.25, at_most=5)
    distance (mm) ≤ 5: no, it is 7.25
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
    if not isinstance(value, Real):
        raise ValueError(
            f"result({name!r}, ...) compares numbers with a bound; it got {value!r}. "
            "Give a number, or leave the bound out."
        )
    if at_least is not None:
        claim, holds = f"≥ {at_least:g}", value >= at_least
    elif at_most is not None:
        claim, holds = f"≤ {at_most:g}", value <= at_most
    else:
        low, high = within  # type: ignore[misc]
        claim, holds = f"within {low:g} … {high:g}", low <= value <= high
    while not holds and digits < 17 and _printed(value, digits) in claim.split():
        digits += 1  # "not ≥ 0.95, it is 0.95" would be no answer
    print(f"{name} {claim}: {'yes' if holds else f'no, it is {_printed(value, digits)}'}")


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
