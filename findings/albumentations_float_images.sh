#!/usr/bin/env bash
# An image of floats beyond 0 to 1 is cut off by many transforms of albumentations.
#
# One would guess: a CT in Hounsfield units is an array of float32, noise is added to it, and it is
#   still a CT.
# What happens: to albumentations a float image has the range 0 to 1. GaussNoise, GaussianBlur,
#   RandomBrightnessContrast and MultiplicativeNoise clip what they return to it, so bone, water and air
#   become 0 and 1. Rotate and Resize do not clip, so the same line of augmentation works until somebody
#   adds noise to it. Nothing is said.
# Why it matters: the training loss falls all the same, on images with two grey levels, and the test
#   images, which are not augmented, look like another modality.
# Seen with: albumentations 2.0.8 (albucore 0.0.24), 2026-11-29.
# Source: https://albumentations.ai/explore/transform/GaussNoise/docs/ (opened: the maximum is 1.0 for
#   float32; that the result is clipped is not said); the decorator `clipped` in albucore/utils.py of
#   that release.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/env"
"$folder/env/bin/python" -m pip install --quiet --no-compile --disable-pip-version-check \
    albumentations==2.0.8 albucore==0.0.24 opencv-python-headless==4.12.0.88 numpy==2.2.6
cd "$folder"
env/bin/python -W ignore - <<'PYTHON'
import os

os.environ["NO_ALBUMENTATIONS_UPDATE"] = "1"
import albumentations as A
import numpy as np

print("albumentations", A.__version__, "numpy", np.__version__)
ct = np.full((64, 64), -1000, np.float32)
ct[16:48, 16:48] = 40
ct[28:36, 28:36] = 900
for transform in (A.GaussNoise(p=1), A.GaussianBlur(p=1), A.RandomBrightnessContrast(p=1), A.MultiplicativeNoise(p=1)):
    there = transform(image=ct)["image"]
    print(type(transform).__name__, there.dtype, there.min(), there.max())
    assert there.min() >= 0 and there.max() <= 1, "it is not clipped any more"
for transform in (A.Rotate(limit=(20, 20), p=1), A.Resize(32, 32)):
    there = transform(image=ct)["image"]
    print(type(transform).__name__, there.dtype, there.min(), there.max())
    assert there.min() < -900 and there.max() > 800, "it is clipped now"
print("as described")
PYTHON
