#!/usr/bin/env bash
# Rotate by 20, and MONAI turns the patient by 66 degrees.
#
# One would guess: an angle of 20 is an angle of 20 degrees, as in SciPy, scikit-image, Pillow, TorchIO
#   and albumentations.
# What happens: MONAI's Rotate, RandRotate and RandAffine take radians. 20 radians are three turns and
#   66 degrees; nothing is said. RandRotate(range_x=15) draws from more than two turns to either side,
#   which is any angle.
# Why it matters: an augmentation of 15 degrees that is any angle at all teaches a network that the
#   liver may lie on the left.
# Seen with: MONAI 1.6.1 (torch 2.13.0), 2026-11-29.
# Source: monai/transforms/spatial/array.py of that release, opened (Rotate: rotation angle in radians).
#   https://github.com/Project-MONAI/MONAI/blob/dev/monai/transforms/spatial/array.py.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/env"
"$folder/env/bin/python" -m pip install --quiet --no-compile --disable-pip-version-check \
    torch==2.13.0 monai==1.6.1 numpy==2.3.5
cd "$folder"
env/bin/python -W ignore - <<'PYTHON'
import math

import monai
import torch
from monai.transforms import RandRotate, Rotate

print("monai", monai.__version__, "torch", torch.__version__)
image = torch.zeros(1, 101, 101)
image[0, 50, 90] = 1  # to the right of the centre


def turned(there):
    row, column = divmod(int(there.argmax()), 101)
    return math.degrees(math.atan2(row - 50, column - 50))


for angle in (math.radians(20), 20):
    print(f"Rotate({angle:.4g}): turned by {turned(Rotate(angle)(image)):.1f} degrees")
assert abs(abs(turned(Rotate(math.radians(20))(image))) - 20) < 2
assert abs(abs(turned(Rotate(20)(image))) - 66) < 2, "it takes degrees now"
rotate = RandRotate(range_x=15, prob=1, padding_mode="zeros")
rotate.set_random_state(0)
seen = [abs(turned(rotate(image))) for _ in range(40)]
print("RandRotate(range_x=15), largest of 40 turns:", round(max(seen), 1), "degrees")
assert max(seen) > 90
print("as described")
PYTHON
