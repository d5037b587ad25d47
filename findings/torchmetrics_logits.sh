#!/usr/bin/env bash
# torchmetrics: the AUC of a network depends on the size of its batches.
#
# One would guess: BinaryAUROC takes logits or probabilities, finds out which, and gives the same number
#   however the patients are grouped.
# What happens: it looks at each batch by itself: if one value lies outside 0 to 1 the batch is taken
#   for logits and squeezed by a sigmoid, otherwise for probabilities. Logits of 0.2 in a quiet batch
#   stay 0.2, while a 0.9 beside a -1 becomes 0.71. Patient by patient a perfect order gives another AUC
#   than all at once.
# Why it matters: batches of one volume are common in this field, and early in training logits are
#   small. The score changes with the batch size, and early stopping with it.
# Seen with: torchmetrics 1.9.0 (torch 2.13.0), 2026-11-29.
# Source: https://github.com/Lightning-AI/torchmetrics/issues/2195 (opened, of 2023; open).
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
from torchmetrics.classification import BinaryAUROC

print("torchmetrics", torchmetrics.__version__, "torch", torch.__version__)
logits = torch.tensor([-2.0, -1.0, 0.2, 0.4, 0.6, 0.9, 1.1, 1.5])
truth = torch.tensor([0, 0, 0, 0, 0, 0, 1, 1])
at_once = BinaryAUROC()
at_once.update(logits, truth)
one_by_one = BinaryAUROC()
for logit, label in zip(logits, truth):
    one_by_one.update(logit[None], label[None])
whole, single = float(at_once.compute()), float(one_by_one.compute())
print("all at once", whole, "patient by patient", single)
assert whole == 1.0
assert single < 0.99, "it does not depend on the batch any more"
print("as described")
PYTHON
