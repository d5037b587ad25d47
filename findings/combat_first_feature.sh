#!/usr/bin/env bash
# ComBat in the package combat: the first feature decides about all the others.
#
# One would guess: ComBat treats features alike, so their order does not matter, and four packages of
#   that name give one table.
# What happens: in combat (pyComBat) the spread of each feature at a site is taken around the shift of
#   the *first* feature (g_new[0][0] is one number, where a row of numbers was meant). With another
#   feature in front the values of the rest change by 0.29 where their standard deviation is about 1;
#   from neuroCombat they are 0.43 away. neuroCombat, neuroHarmonize and inmoose do not mind the
#   order; the first two are equal, and inmoose, which divides variances by n, is 0.07 from them.
# Why it matters: a table is sorted by name, one feature is dropped or added, and all harmonised
#   values are others, with nothing said. "ComBat" in a paper without a package is not a method that
#   one can repeat.
# Seen with: combat 0.3.3, neuroCombat 0.2.12, neuroHarmonize 2.4.5, inmoose 0.9.1 (numpy 2.3.5),
#   2026-11-29.
# Source: it_sol in combat/pycombat.py of that release, opened, and the same line in the repository:
#   https://github.com/epigenelabs/pyComBat/blob/master/combat/utils/combat_utils.py.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/env"
"$folder/env/bin/python" -m pip install --quiet --no-compile --disable-pip-version-check \
    combat==0.3.3 neuroCombat==0.2.12 neuroHarmonize==2.4.5 inmoose==0.9.1 nibabel==5.4.2 \
    numpy==2.3.5 pandas==2.3.3 scipy==1.16.3 statsmodels==0.15.0 scikit-learn==1.9.1
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
from neuroHarmonize import harmonizationLearn

rng = np.random.default_rng(0)
site = np.repeat([0, 1, 2], 20)
shift, width = rng.normal(size=(8, 3)), rng.uniform(0.8, 1.3, (8, 3))
table = rng.normal(size=(8, 60)) * width[:, site] + shift[:, site]  # features x patients
names = pd.DataFrame({"SITE": np.array(["a", "b", "c"])[site]})
packages = {
    "neuroCombat": lambda x: neuroCombat(x, names, "SITE")["data"],
    "neuroHarmonize": lambda x: harmonizationLearn(x.T, names)[1].T,
    "inmoose": lambda x: np.asarray(pycombat_norm(pd.DataFrame(x), list(names["SITE"]))),
    "combat": lambda x: np.asarray(pycombat(pd.DataFrame(x), list(names["SITE"]))),
}
order = [7, 0, 1, 2, 3, 4, 5, 6]
moved, away = {}, {}
for name, harmonise in packages.items():
    with contextlib.redirect_stdout(io.StringIO()):
        plain = harmonise(table.copy())
        other = np.empty_like(plain)
        other[order] = harmonise(table[order].copy())
    first = plain if name == "neuroCombat" else first
    moved[name] = float(abs(other - plain).max())
    away[name] = float(abs(plain - first).max())
    print(
        f"{name} {version(name)}: another order moves values by {moved[name]:.3f},",
        f"{away[name]:.3f} from neuroCombat",
    )
assert moved["combat"] > 0.2 and away["combat"] > 0.3, "the order of features is harmless now"
assert all(moved[name] < 1e-9 for name in moved if name != "combat")
assert away["neuroHarmonize"] < 1e-9 and 0.01 < away["inmoose"] < 0.2
print("as described")
PYTHON
