#!/usr/bin/env bash
# New patients, the same covariates in another order: neuroHarmonize multiplies sex by the slope of age.
#
# One would guess: covariates come as a DataFrame with names, so harmonizationApply finds AGE and SEX by name.
# What happens: it finds SITE by name, and takes all other columns by position.  With two columns exchanged the
#   answer is wrong by several standard deviations, and nothing is said.  SITE itself may stand anywhere.  The
#   model keeps the names ("Covariates"), but does not compare them.
# Why it matters: the new patients' table is made by other code, often years later, and pandas puts columns in
#   the order in which somebody asked for them.
# Seen with: neuroHarmonize 2.4.5, 2026-11-29.
# Source: https://github.com/rpomponio/neuroHarmonize, harmonizationApply.py of 2.4.5 (opened).
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/env"
"$folder/env/bin/python" -m pip install --quiet --disable-pip-version-check \
    neuroHarmonize==2.4.5 neuroCombat==0.2.12 nibabel==5.3.2 statsmodels==0.14.6 \
    numpy==2.3.5 pandas==2.3.3 scipy==1.16.3
"$folder/env/bin/python" -W ignore - <<'PYTHON'
import numpy as np
import pandas as pd
from neuroHarmonize import harmonizationApply, harmonizationLearn

print("neuroHarmonize 2.4.5, numpy", np.__version__)
rng = np.random.default_rng(0)
known = pd.DataFrame(
    {
        "SITE": np.repeat(["A", "B", "C"], 20),
        "AGE": rng.normal(62, 9, 60).round(1),
        "SEX": rng.integers(0, 2, 60),
    }
)
x = rng.normal(10, 1, (60, 5)) + 0.03 * (known[["AGE"]].to_numpy() - 62)
model, learnt = harmonizationLearn(x, known)
for order in (["SITE", "AGE", "SEX"], ["AGE", "SEX", "SITE"], ["SITE", "SEX", "AGE"]):
    off = np.abs(harmonizationApply(x, known[order], model) - learnt).max()
    print(", ".join(order), f"- wrong by at most {off:.3f}; standard deviation {x.std():.3f}")
    if order[-1] == "AGE":
        assert off > 2 * x.std(), "columns are found by name now"
    else:
        assert off < 1e-9, "SITE may not stand anywhere"
print("as described")
PYTHON
