#!/usr/bin/env bash
# A weight of ten for the ill does nothing in a batch of ill patients.
#
# One would guess: CrossEntropyLoss(weight=[1, 10]) makes each ill patient count ten times, so a batch
#   of ill patients has ten times the loss, as with class_weight in Keras or pos_weight in
#   BCEWithLogitsLoss.
# What happens: the mean divides by the sum of the weights, not by the number of patients. In a batch of
#   one class the weight cancels: the loss is that without weights. In a mixed batch, the weights say
#   who counts more, but not how large the step is.
# Why it matters: small batches of a rare disease, or one volume at a time, are the rule in this field.
#   The same weights then mean another thing than in the paper that one follows, and the effective step
#   size changes from batch to batch.
# Seen with: torch 2.13.0, 2026-11-29.
# Source: https://docs.pytorch.org/docs/stable/generated/torch.nn.CrossEntropyLoss.html (the formula of
#   the weighted mean); the docstring of that release, opened.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/env"
"$folder/env/bin/python" -m pip install --quiet --no-compile --disable-pip-version-check \
    torch==2.13.0 numpy==2.3.5
cd "$folder"
env/bin/python -W ignore - <<'PYTHON'
import torch
from torch import nn

print("torch", torch.__version__)
weight, logits = torch.tensor([1.0, 10.0]), torch.tensor([[1.0, 0.0]] * 4)


def losses(labels):
    labels = torch.tensor(labels)
    weighted = float(nn.CrossEntropyLoss(weight=weight)(logits, labels))
    plain = float(nn.CrossEntropyLoss()(logits, labels))
    binary = nn.BCEWithLogitsLoss(pos_weight=weight[1:])
    return weighted, plain, float(binary(-logits[:, 0], labels.float()))


for labels in ([1, 1, 1, 1], [0, 0, 0, 1]):
    weighted, plain, binary = losses(labels)
    print(labels, f"weighted {weighted:.3f}, plain {plain:.3f}, pos_weight {binary:.3f}")
weighted, plain, binary = losses([1, 1, 1, 1])
assert abs(weighted - plain) < 1e-6, "the weight does not cancel any more"
assert binary > 9 * plain
print("as described")
PYTHON
