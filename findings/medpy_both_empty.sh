#!/usr/bin/env bash
# Two empty masks: MedPy's Dice is nan, its Jaccard 1.
#
# One would guess: dc says in its source what it wants to give if both masks are empty: 1, as jc does.
# What happens: dc waits for a ZeroDivisionError, which NumPy's integers do not raise: 0 / 0 is nan
#   there, with a RuntimeWarning at most. jc asks whether the union is 0 and gives 1. precision and
#   recall wait in vain in the same way, and hd raises. One healthy patient gets four answers from one
#   module.
# Why it matters: numpy.mean over a cohort is nan as soon as one healthy patient is in it, and
#   numpy.nanmean, the quick cure, leaves out the patients who were right.
# Seen with: MedPy 0.5.2 (NumPy 2.3.5), 2026-11-29.
# Source: https://github.com/loli/medpy/blob/master/medpy/metric/binary.py (dc: except
#   ZeroDivisionError: dc = 1.0), opened in that release.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/env"
"$folder/env/bin/python" -m pip install --quiet --no-compile --disable-pip-version-check \
    medpy==0.5.2 numpy==2.3.5 scipy==1.16.3
cd "$folder"
env/bin/python -W ignore - <<'PYTHON'
from importlib.metadata import version

import numpy as np
from medpy.metric import binary

print("medpy", version("medpy"), "numpy", np.__version__)
nothing = np.zeros((8, 8), bool)
found = {name: float(getattr(binary, name)(nothing, nothing)) for name in ("dc", "jc", "precision", "recall")}
print(found)
assert np.isnan(found["dc"]), "Dice has a value now"
assert found["jc"] == 1
assert np.isnan(found["precision"]) and np.isnan(found["recall"])
try:
    binary.hd(nothing, nothing)
except RuntimeError as refused:
    print("hd:", refused)
else:
    raise SystemExit("hd has a value now")
print("as described")
PYTHON
