#!/usr/bin/env bash
# TorchIO puts a CT into a box of water.
#
# One would guess: CropOrPad enlarges an image with background, as the rotations of the same library do.
# What happens: CropOrPad and Pad fill with 0. In Hounsfield units that is water: around a patient in
#   air at -1000 stands a wall of 0. Affine of the same library fills with the image's minimum, so of
#   two steps in one pipeline one adds air and the other water.
# Why it matters: a wall with the density of an organ, as thick as each image lacks, says how large the
#   original was, and statistics of the whole volume (ZNormalization!) move with it.
# Seen with: torchio 1.2.1 (torch 2.13.0), 2026-11-29.
# Source: torchio/transforms/preprocessing/spatial/crop_or_pad.py of that release, opened (padding_mode:
#   str | float = 0), and random_affine.py (default_pad_value='minimum').
#   https://github.com/TorchIO-project/torchio.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/env"
"$folder/env/bin/python" -m pip install --quiet --no-compile --disable-pip-version-check \
    torch==2.13.0 torchio==1.2.1 numpy==2.3.5
cd "$folder"
env/bin/python -W ignore - <<'PYTHON'
import torch
import torchio

print("torchio", torchio.__version__, "torch", torch.__version__)
ct = torch.full((1, 8, 8, 8), -1000.0)
ct[0, 2:6, 2:6, 2:6] = 40
image = torchio.ScalarImage(tensor=ct)
padded = torchio.CropOrPad(12)(image).data
shift = torchio.Affine(scales=(1, 1, 1), degrees=(0, 0, 0), translation=(3, 0, 0))
moved = shift(image).data
print("corner after CropOrPad", float(padded[0, 0, 0, 0]), "after Affine", float(moved[0, 0, 0, 0]))
assert padded[0, 0, 0, 0] == 0, "it pads with something else now"
assert moved.min() == -1000 and moved[0, 0, 0, 0] == -1000
print("as described")
PYTHON
