#!/usr/bin/env bash
# SciPy cuts off and does not round: smoothing darkens an 8-bit image.
#
# One would guess: a Gaussian keeps the mean, up to rounding, which is as often up as down.
# What happens: the filtered values are cut off, not rounded, when they go back to integers, along each
#   axis. An image of uint8 loses about one grey level a pass (half of one an axis, so 1.5 in space),
#   and ten passes ten of them; the same image as float keeps its mean to nine digits. A constant image
#   loses nothing. uniform_filter loses two thirds of one.
# Why it matters: a bias of the mean is read as a change of the patient, and a pipeline that smooths
#   several times (scale space, repeated denoising) gets dark.
# Seen with: SciPy 1.16.3 (the same in 1.17.1), 2026-11-29.
# Source: the notes of scipy.ndimage.gaussian_filter, opened: intermediate arrays are stored in the type
#   of the output and may be imprecise; that they are cut off is seen here.
#   https://docs.scipy.org/doc/scipy/reference/generated/scipy.ndimage.gaussian_filter.html.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/env"
"$folder/env/bin/python" -m pip install --quiet --no-compile --disable-pip-version-check \
    scipy==1.16.3 numpy==2.3.5
cd "$folder"
env/bin/python -W ignore - <<'PYTHON'
import numpy as np
import scipy
from scipy.ndimage import gaussian_filter, uniform_filter

print("scipy", scipy.__version__)
image = np.random.default_rng(0).integers(0, 200, (64, 64)).astype(np.uint8)
once = gaussian_filter(image, 2).mean() - image.mean()
often = image
for _ in range(10):
    often = gaussian_filter(often, 1)
ten = often.mean() - image.mean()
as_float = gaussian_filter(image.astype(float), 2).mean() - image.mean()
print("uint8, once", once, "ten times", ten, "float", as_float, "uniform", uniform_filter(image, 3).mean() - image.mean())
assert -1.2 < once < -0.8, "it is rounded now"
assert -12 < ten < -8
assert abs(as_float) < 1e-9
volume = np.random.default_rng(0).integers(0, 200, (40, 40, 40)).astype(np.uint8)
in_space, constant = gaussian_filter(volume, 2).mean() - volume.mean(), gaussian_filter(np.full((64, 64), 100, np.uint8), 2)
print("volume, once", in_space, "constant image of 100", constant.mean())
assert -1.7 < in_space < -1.3 and (constant == 100).all()
print("as described")
PYTHON
