#!/usr/bin/env bash
# A tumour that is made smaller appears six times, in MONAI.
#
# One would guess: Affine(scale_params=2) resamples the image, and what lies beyond its edge is
#   background.
# What happens: the default padding is a reflection: around the image stand mirrored copies of it. One
#   lesion near the upper edge becomes six: the one that was made smaller, and mirrored ones on all
#   sides. RandAffine has the same default, and with the same seed it does it to the mask too, so that
#   no picture of image and mask shows a fault.
# Why it matters: a network learns that lesions come in mirrored groups at the border, and a count or a
#   volume per patient is wrong. For CT the copies are body where there was air.
# Seen with: MONAI 1.6.1 (torch 2.13.0), 2026-11-29.
# Source: https://github.com/Project-MONAI/MONAI/pull/3318.diff (opened: padding_mode =
#   GridSamplePadMode.REFLECTION in Affine); monai/transforms/spatial/array.py of that release, opened.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/env"
"$folder/env/bin/python" -m pip install --quiet --no-compile --disable-pip-version-check \
    torch==2.13.0 monai==1.6.1 scipy==1.16.3 numpy==2.3.5
cd "$folder"
env/bin/python -W ignore - <<'PYTHON'
import monai
import torch
from monai.transforms import Affine
from scipy.ndimage import label

print("monai", monai.__version__, "torch", torch.__version__)
image = torch.zeros(1, 64, 64)
image[0, 12:20, 28:36] = 1
counts = {}
for name, how in (("default", {}), ("padding_mode='zeros'", {"padding_mode": "zeros"})):
    there = Affine(scale_params=(2, 2), image_only=True, **how)(image)
    counts[name] = label(there[0].numpy() > 0.5)[1]
    print(name, "lesions:", counts[name], "area:", float(there.sum()), "of", float(image.sum()))
assert counts["padding_mode='zeros'"] == 1
assert counts["default"] > 1, "nothing is mirrored any more"
print("as described")
PYTHON
