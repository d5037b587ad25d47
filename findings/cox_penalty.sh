#!/usr/bin/env bash
# A penalty of one: lifelines shrinks by two thirds what scikit-survival leaves alone.
#
# One would guess: CoxPHFitter(penalizer=1) and CoxPHSurvivalAnalysis(alpha=1) are the same ridge
#   regression.
# What happens: lifelines adds the penalty to the *mean* log-likelihood of a patient, scikit-survival
#   divides its alpha by the number of patients first, so it adds it to the sum. On 100 patients a
#   coefficient of 1.51 becomes 0.32 in the one and 1.45 in the other; penalizer = alpha / n brings them
#   together.
# Why it matters: a penalty that is copied from a paper, or from one cohort to a larger one, is another
#   penalty: in scikit-survival its effect fades as patients are added, in lifelines it does not.
# Seen with: lifelines 0.30.3, scikit-survival 0.28.0, 2026-11-29.
# Source: sksurv/linear_model/coxph.py of that release, opened (alpha * w ** 2 / (2 * n_samples));
#   lifelines/fitters/coxph_fitter.py, opened.
#   https://github.com/sebp/scikit-survival/blob/master/sksurv/linear_model/coxph.py.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/env"
"$folder/env/bin/python" -m pip install --quiet --no-compile --disable-pip-version-check \
    lifelines==0.30.3 scikit-survival==0.28.0 numpy==2.3.5 pandas==2.3.3
cd "$folder"
env/bin/python -W ignore - <<'PYTHON'
import lifelines
import numpy as np
import pandas as pd
import sksurv
from sksurv.linear_model import CoxPHSurvivalAnalysis
from sksurv.util import Surv

print("lifelines", lifelines.__version__, "scikit-survival", sksurv.__version__)
rng = np.random.default_rng(0)
x = rng.normal(size=(100, 2))
times, censoring = rng.exponential(np.exp(-x[:, 0])), rng.exponential(1.5, 100)
seen, died = np.minimum(times, censoring), times <= censoring
table = pd.DataFrame({"a": x[:, 0], "b": x[:, 1], "time": seen, "died": died})


def by_lifelines(penalty):
    return lifelines.CoxPHFitter(penalizer=penalty).fit(table, "time", "died").params_["a"]


def by_sksurv(penalty):
    return CoxPHSurvivalAnalysis(alpha=penalty).fit(x, Surv.from_arrays(died, seen)).coef_[0]


print("none:", by_lifelines(0), by_sksurv(0))
print("1:", by_lifelines(1), by_sksurv(1), "1 / 100 in lifelines:", by_lifelines(0.01))
assert abs(by_lifelines(0) - by_sksurv(0)) < 0.01
assert by_lifelines(1) < 0.4 and by_sksurv(1) > 1.4, "otherwise now"
assert abs(by_lifelines(0.01) - by_sksurv(1)) < 0.02
print("as described")
PYTHON
