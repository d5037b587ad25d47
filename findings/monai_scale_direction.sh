#!/usr/bin/env bash
# Twice as large, or half as large: two transforms of MONAI, one factor.
#
# One would guess: Affine(scale_params=2) and Zoom(zoom=2) both enlarge.
# What happens: Zoom(2) makes an object of 121 pixels one of 484. Affine scales the grid of points that
#   are read, so the object shrinks to 25. Likewise translate_params=+5 moves the content by -5.
#   TorchIO's Affine enlarges and moves forward.
# Why it matters: a range of scales such as 1 to 2, taken from a paper that enlarges, shows the network
#   small organs instead of large ones; and the undoing of a translation goes the wrong way.
# Seen with: MONAI 1.6.1 (torch 2.13.0), 2026-11-29.
# Source: monai/transforms/spatial/array.py of that release, opened (Affine: scale factor for every
#   spatial dims; that it is the grid which is scaled stands in AffineGrid).
#   https://github.com/Project-MONAI/MONAI/pull/3318.diff (opened).
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
from monai.transforms import Affine, Zoom

print("monai", monai.__version__, "torch", torch.__version__)
image, dot = torch.zeros(2, 1, 41, 41)
image[0, 15:26, 15:26] = dot[0, 20, 20] = 1
zoomed = float(Zoom(2, padding_mode="constant")(image).sum())
scaled = float(Affine(scale_params=(2, 2), padding_mode="zeros", image_only=True)(image).sum())
print("object of", float(image.sum()), "pixels: Zoom(2)", zoomed, "Affine(scale_params=2)", scaled)
assert zoomed > 400
assert scaled < 40, "it enlarges now"
moved = Affine(translate_params=(5, 0), padding_mode="zeros", image_only=True)(dot)
row = int(moved.argmax()) // 41
print("translate_params=+5: row 20 becomes", row)
assert row == 15, "it moves forward now"
print("as described")
PYTHON
