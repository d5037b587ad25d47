#!/usr/bin/env bash
# SHAP's baseline is the mean over a hundred patients, however many it was given.
#
# One would guess: shap.Explainer(model, table) takes the table for its background, so the baseline is
#   the mean prediction over it.
# What happens: the table is wrapped into maskers.Independent, whose max_samples is 100, and a sample of
#   that size is drawn. With 2000 patients the baseline is 5.80 where the mean prediction is 6.07, and
#   all values are measured from there. Nothing is said. Independent(table, max_samples=len(table))
#   takes all.
# Why it matters: values that are added up to the prediction begin at another patient than the text
#   says, and with rare, ill patients in the table the hundred may hold none of them.
# Seen with: SHAP 0.51.0 (scikit-learn 1.9.1), 2026-11-29.
# Source: https://shap.readthedocs.io/en/latest/generated/shap.maskers.Independent.html (opened:
#   max_samples=100; that shap.Explainer goes this way is seen here).
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/env"
"$folder/env/bin/python" -m pip install --quiet --no-compile --disable-pip-version-check \
    shap==0.51.0 scikit-learn==1.9.1 numpy==2.3.5 scipy==1.17.1
cd "$folder"
env/bin/python -W ignore - <<'PYTHON'
import numpy as np
import shap
from sklearn.linear_model import LinearRegression

print("shap", shap.__version__)
rng = np.random.default_rng(0)
table = rng.exponential(size=(2000, 3))
model = LinearRegression().fit(table, table @ [1.0, 2.0, 3.0])
mean = model.predict(table).mean()
given = float(shap.Explainer(model, table)(table[:1]).base_values[0])
masker = shap.maskers.Independent(table, max_samples=len(table))
whole = float(shap.Explainer(model, masker)(table[:1]).base_values[0])
print("mean prediction", mean, "baseline", given, "baseline of all", whole)
print("rows in the background:", shap.maskers.Independent(table).data.shape[0])
assert shap.maskers.Independent(table).data.shape[0] == 100
assert abs(given - mean) > 0.2, "the baseline is the mean now"
assert abs(whole - mean) < 1e-6
print("as described")
PYTHON
