#!/usr/bin/env bash
# One feature that is 1 in every patient, and ComBat of inmoose returns a table of nothing but nan.
#
# One would guess: a feature without any variance is left as it is, or refused by name; the other
#   features are harmonised.
# What happens: its variance is 0, standardising it gives 0/0, and the priors, which are means over
#   all features, are nan: so is each value of each feature (240 of 240), with no error. A constant of
#   0.1 goes through, since rounding leaves it a variance of 8e-34. combat does the same; neuroCombat
#   puts another number in place of that variance and gives back the constant.
# Why it matters: radiomic tables have such columns (number of components, Euler number, an empty
#   histogram bin). What the nan came from cannot be seen in the result, and imputing afterwards makes
#   a table of column means out of it.
# Seen with: inmoose 0.9.1, combat 0.3.3, neuroCombat 0.2.12 (numpy 2.3.5), 2026-11-29.
# Source: inmoose/pycombat/pycombat_norm.py of that release, opened (standardise_data divides by the
#   root of var_pooled as it is); users of the older package met it:
#   https://github.com/epigenelabs/pyComBat/issues/27 (opened, of 2022; open).
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/env"
"$folder/env/bin/python" -m pip install --quiet --no-compile --disable-pip-version-check \
    combat==0.3.3 neuroCombat==0.2.12 inmoose==0.9.1 numpy==2.3.5 pandas==2.3.3 scipy==1.16.3
cd "$folder"
env/bin/python -W ignore - 2>"$folder/log" <<'PYTHON' || { cat "$folder/log" >&2; exit 1; }
import contextlib
import io
from importlib.metadata import version

import numpy as np
import pandas as pd
from combat.pycombat import pycombat
from inmoose.pycombat import pycombat_norm
from neuroCombat import neuroCombat

site = ["a"] * 20 + ["b"] * 20
names = pd.DataFrame({"SITE": site})
packages = {
    "inmoose": lambda x: np.asarray(pycombat_norm(pd.DataFrame(x), site)),
    "combat": lambda x: np.asarray(pycombat(pd.DataFrame(x), site)),
    "neuroCombat": lambda x: neuroCombat(x, names, "SITE")["data"],
}
table = np.random.default_rng(0).normal(size=(6, 40))  # features x patients
table[:, 20:] += 1
missing = {}
for constant in (1.0, 0.1):
    table[5] = constant
    for name, harmonise in packages.items():
        with contextlib.redirect_stdout(io.StringIO()):
            given = harmonise(table.copy())
        missing[name, constant] = int(np.isnan(given).sum())
        print(name, version(name), f"constant {constant}: {missing[name, constant]} of {given.size} nan")
    # The last to be asked was neuroCombat.
    assert np.allclose(given[5], constant)
for name in ("inmoose", "combat"):
    assert missing[name, 1.0] == 240, f"{name} gives numbers now"
    assert missing[name, 0.1] == 0
assert missing["neuroCombat", 1.0] == missing["neuroCombat", 0.1] == 0
print("as described")
PYTHON
