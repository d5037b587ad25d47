#!/usr/bin/env bash
# One feature of thirty is constant: neuroHarmonize gives nan everywhere, or quietly other numbers elsewhere.
#
# One would guess: a feature that never changes has no scanner effect, so it comes back as it is, and what it is
#   cannot matter to the features beside it.
# What happens: the pooled variance of the constant is 0, or, by rounding, 1e-31.  With 0 every value of every
#   feature is nan, because 0 / 0 enters the priors that all features share.  With 1e-31 the standardised
#   constant is noise of any size; it enters the priors too, and the other features come out elsewhere, by a
#   tenth of a standard deviation here, more with fewer features.  Which of the two happens depends on the constant: 0 and 1, say.
# Why it matters: an empty region, a feature that saturates, a mask that does not vary are common among a
#   thousand radiomic features, and the second case has no nan to be noticed.  Drop constants first.
# Seen with: neuroHarmonize 2.4.5, 2026-11-29.
# Source: https://github.com/rpomponio/neuroHarmonize, harmonizationLearn.py of 2.4.5 (opened): data are
#   divided by the root of var_pooled, and gamma_bar, t2, a_prior and b_prior are taken over all features.
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
from neuroHarmonize import harmonizationLearn

print("neuroHarmonize 2.4.5, numpy", np.__version__)
rng = np.random.default_rng(0)
site = pd.DataFrame({"SITE": np.repeat(["A", "B", "C"], 20)})
shift = rng.normal(0, 0.5, (3, 30))
x = rng.normal(10, 1, (60, 30)) + np.repeat(shift, 20, axis=0)
rest = np.arange(30) != 7
alone = harmonizationLearn(x[:, rest], site)[1]
plain = harmonizationLearn(x[:, rest], site, eb=False)[1]
for constant in (0.0, 1.0):
    table = x.copy()
    table[:, 7] = constant
    found = harmonizationLearn(table, site)[1]
    lost = int(np.isnan(found).sum())
    off = np.abs(found[:, rest] - alone).max()
    print(f"constant {constant}: {lost} of {found.size} values nan; others off by at most {off:.3f}")
    if constant == 0:
        assert lost == found.size, "it is no longer nan"
    else:
        assert lost == 0 and off > 0.05, "the others are what they would be without the constant"
        without = harmonizationLearn(table, site, eb=False)[1][:, rest]
        assert np.allclose(without, plain), "it is not the shared priors"
print("as described")
PYTHON
