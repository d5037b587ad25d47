#!/usr/bin/env bash
# The median of four numbers is the second of them, in PyTorch.
#
# One would guess: the median of 1, 2, 3, 4 is 2.5, as in NumPy, pandas, R and the statistician's books.
# What happens: torch.median gives the lower of the two middle values: 2. torch.quantile(0.5) gives 2.5.
#   For an even number of patients the two differ, on one tensor, without a word.
# Why it matters: a median Dice over an even number of test patients is systematically too low, a median
#   time too short, and the numbers of a paper change when its evaluation moves from PyTorch to pandas.
# Seen with: torch 2.13.0, 2026-11-29.
# Source: https://docs.pytorch.org/docs/stable/generated/torch.median.html (it names the lower of two
#   medians, and torch.quantile for the mean of both); the docstring of that release, opened.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/env"
"$folder/env/bin/python" -m pip install --quiet --no-compile --disable-pip-version-check \
    torch==2.13.0 numpy==2.3.5
cd "$folder"
env/bin/python -W ignore - <<'PYTHON'
import numpy as np
import torch

print("torch", torch.__version__)
dice = torch.tensor([0.2, 0.6, 0.9, 1.0])
lower, mean = float(torch.median(dice)), float(torch.quantile(dice, 0.5))
print("torch.median", lower, "torch.quantile", mean, "numpy", np.median(dice.numpy()))
assert abs(lower - 0.6) < 1e-6, "it is the mean of both now"
assert abs(mean - 0.75) < 1e-6 and abs(np.median(dice.numpy()) - 0.75) < 1e-6
print("as described")
PYTHON
