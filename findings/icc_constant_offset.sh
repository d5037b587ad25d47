#!/usr/bin/env bash
# A second device reads exactly one unit more than the first: pingouin gives ICC(A,1) no interval.
#
# One would guess: two methods that differ by a constant are the textbook case of a comparison, and the
#   interval of the absolute agreement exists, because its formula divides by nothing that is 0: the offset
#   is variance between the methods.
# What happens: intraclass_corr computes F_j = MS_methods / MS_error first.  MS_error is 0, so F_j is
#   infinite, infinity over infinity gives nan, and the interval is [nan, nan] (a RuntimeWarning at most).
#   The p value is printed as 0.  Multiplying numerator and denominator of the degrees of freedom by
#   MS_error squared removes the division: the interval is finite, and wide.
# Why it matters: rounded or integer readings (mm, HU, counts) differ by a constant more often than one
#   thinks, and `low <= x` is False for nan, so a table of passed and failed agreements fails in silence.
# Seen with: pingouin 0.7.0, 2026-11-29.
# Source: https://github.com/raphaelvallat/pingouin/blob/main/src/pingouin/reliability.py (opened);
#   the formula is case 2, absolute agreement, of McGraw and Wong, Psychological Methods 1 (1996) 30.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/env"
"$folder/env/bin/python" -m pip install --quiet --disable-pip-version-check \
    pingouin==0.7.0 pandas==2.3.3 numpy==2.3.5 scipy==1.16.3
"$folder/env/bin/python" -W ignore - <<'PYTHON'
import numpy as np
import pandas as pd
import pingouin
import scipy
from scipy.stats import f

print("pingouin", pingouin.__version__, "numpy", np.__version__, "scipy", scipy.__version__)
first = np.array([1.0, 2, 3, 4, 5, 6])


def by_pingouin(second):
    table = pd.DataFrame(
        {
            "patient": np.tile(np.arange(6), 2),
            "device": np.repeat(["first", "second"], 6),
            "mm": np.concatenate([first, second]),
        }
    )
    rows = pingouin.intraclass_corr(table, targets="patient", raters="device", ratings="mm")
    row = rows.set_index("Type").loc["ICC(A,1)"]
    return float(row["ICC"]), np.asarray(row["CI95"], dtype=float)


def by_the_formula(second):
    x = np.column_stack([first, second])
    n, k = x.shape
    rows = k * x.mean(axis=1).var(ddof=1)
    columns = n * x.mean(axis=0).var(ddof=1)
    left = x - x.mean(axis=1, keepdims=True) - x.mean(axis=0) + x.mean()
    error = (left**2).sum() / ((n - 1) * (k - 1))
    icc = (rows - error) / (rows + (k - 1) * error + k * (columns - error) / n)
    a, b = k * icc, n * (1 + (k - 1) * icc) - k * icc
    freedom = (a * columns + b * error) ** 2 / (
        (a * columns) ** 2 / (k - 1) + (b * error) ** 2 / ((n - 1) * (k - 1))
    )
    up, down = f.ppf(0.975, n - 1, freedom), f.ppf(0.975, freedom, n - 1)
    rest = k * columns + (k * n - k - n) * error
    return icc, np.array(
        [
            n * (rows - up * error) / (up * rest + n * rows),
            n * (down * rows - error) / (rest + n * down * rows),
        ]
    )


shaken = first + 1 + np.array([0.3, -0.3, 0.2, -0.2, 0.1, -0.1])
for about, second in (("offset 1 and a little noise", shaken), ("offset 1 alone", first + 1)):
    (icc, interval), (ours, right) = by_pingouin(second), by_the_formula(second)
    print(f"{about}: pingouin {icc:.4f} {interval}, by the formula {ours:.4f} {np.round(right, 4)}")
    assert abs(icc - ours) < 1e-9
    if about == "offset 1 alone":
        assert np.isnan(interval).all(), "it has an interval now"
        assert np.isfinite(right).all() and right[0] < 0.3 < 0.875 < right[1]
    else:
        assert np.allclose(interval, right, atol=0.011), "the formula is another one"
print("as described")
PYTHON
