#!/usr/bin/env bash
# pytorch-msssim without data_range: two images of pure noise have an SSIM of 0.996.
#
# One would guess: ssim(a, b) of two images between 0 and 1 that have nothing in common is about 0.
# What happens: the default range of pytorch_msssim is 255. In images of 0 to 1 every contrast is then
#   negligible beside the constants of the formula, and everything is alike: 0.996 for noise and other
#   noise. With data_range=1 it is -0.01.
# Why it matters: as a metric it makes every network look perfect, and as a loss it hardly tells a good
#   image from noise. Images of 0 to 1 are what a network with a sigmoid gives.
# Seen with: pytorch-msssim 1.0.0 (torch 2.13.0), 2026-11-29.
# Source: https://github.com/VainF/pytorch-msssim (pytorch_msssim/ssim.py of that release, opened:
#   data_range: float = 255).
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/env"
"$folder/env/bin/python" -m pip install --quiet --no-compile --disable-pip-version-check \
    torch==2.13.0 pytorch-msssim==1.0.0 numpy==2.3.5
cd "$folder"
env/bin/python -W ignore - <<'PYTHON'
from importlib.metadata import version

import torch
from pytorch_msssim import ssim

print("pytorch-msssim", version("pytorch-msssim"), "torch", torch.__version__)
draw = torch.Generator().manual_seed(0)
first, second = (torch.rand(1, 1, 64, 64, generator=draw) for _ in range(2))
default, right = float(ssim(first, second)), float(ssim(first, second, data_range=1))
print("default", default, "data_range=1", right)
assert default > 0.99, "the default is another one"
assert abs(right) < 0.05
print("as described")
PYTHON
