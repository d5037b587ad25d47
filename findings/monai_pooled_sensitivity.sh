#!/usr/bin/env bash
# MONAI pools patients: a sensitivity of 0.99, and the only lesion was missed.
#
# One would guess: ConfusionMatrixMetric(metric_name="sensitivity") gives each patient's sensitivity,
#   averaged, as DiceMetric of the same package does.
# What happens: by default (compute_sample=False) the four counts are averaged over patients first, and
#   the rate is taken of the sums. A large organ that is found outweighs a lesion of one pixel that is
#   missed: 0.988 instead of the mean of 1 and 0, which is 0.5.
# Why it matters: precision, specificity and F1 of that class are pooled too, while Dice and distances
#   beside them in the same table are means over patients.
# Seen with: MONAI 1.6.1 (torch 2.13.0), 2026-11-29.
# Source: monai/metrics/confusion_matrix.py of that release, opened (compute_sample defaults to False:
#   the reduction is on the confusion matrices first).
#   https://github.com/Project-MONAI/MONAI/blob/dev/monai/metrics/confusion_matrix.py.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/env"
"$folder/env/bin/python" -m pip install --quiet --no-compile --disable-pip-version-check \
    torch==2.13.0 monai==1.6.1 numpy==2.3.5
cd "$folder"
env/bin/python -W ignore - <<'PYTHON'
import monai
import torch
from monai.metrics import ConfusionMatrixMetric, DiceMetric

print("monai", monai.__version__, "torch", torch.__version__)
truth, prediction = torch.zeros(2, 2, 1, 10, 10)
truth[0, 0, :9, :9] = prediction[0, 0, :9, :9] = 1
truth[1, 0, 0, 0] = 1  # a lesion of one pixel, missed
found = {}
for how in (False, True):
    metric = ConfusionMatrixMetric(metric_name="sensitivity", compute_sample=how)
    metric(prediction, truth)
    found[how] = float(metric.aggregate()[0])
dice = DiceMetric()(prediction, truth).ravel().tolist()
print("default", found[False], "compute_sample=True", found[True], "Dice of each", dice)
assert found[False] > 0.98, "it is a mean over patients now"
assert abs(found[True] - 0.5) < 1e-6 and dice == [1.0, 0.0]
print("as described")
PYTHON
