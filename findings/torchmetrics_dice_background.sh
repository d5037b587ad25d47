#!/usr/bin/env bash
# torchmetrics: a network that finds no lesion at all has a Dice of one half.
#
# One would guess: DiceScore(num_classes=2) is the Dice of the lesion.
# What happens: the background is a class too, and counts as much (include_background=True,
#   average='macro'). Predicting nothing gives 0.9995 for the background, 0 for the lesion, and 0.5 on
#   paper. MONAI's DiceMetric counts it too where it gets two channels.
# Why it matters: 0.5 looks like a start, 0.7 like a paper. The floor of the scale is not 0, and it
#   depends on how many classes there are: with four organs, nothing found is 0.2.
# Seen with: torchmetrics 1.9.0 (torch 2.13.0), 2026-11-29.
# Source: https://lightning.ai/docs/torchmetrics/stable/segmentation/dice.md (opened:
#   include_background=True, average='macro').
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/env"
"$folder/env/bin/python" -m pip install --quiet --no-compile --disable-pip-version-check \
    torch==2.13.0 torchmetrics==1.9.0 numpy==2.3.5
cd "$folder"
env/bin/python -W ignore - <<'PYTHON'
import torch
import torchmetrics
from torchmetrics.segmentation import DiceScore

print("torchmetrics", torchmetrics.__version__, "torch", torch.__version__)
truth = torch.zeros(1, 64, 64, dtype=torch.long)
truth[0, 30:32, 30:32] = 1
nothing = torch.zeros_like(truth)


def score(**how):
    metric = DiceScore(num_classes=2, input_format="index", **how)
    metric.update(nothing, truth)
    return float(metric.compute())


print("default", score(), "include_background=False", score(include_background=False))
assert 0.49 < score() < 0.51, "another default now"
assert score(include_background=False) == 0
print("as described")
PYTHON
