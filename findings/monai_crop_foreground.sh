#!/usr/bin/env bash
# The foreground of a CT is what is denser than water, to MONAI.
#
# One would guess: CropForeground cuts away the air around the patient.
# What happens: the default selects what is greater than 0, and a CT in Hounsfield units has fat at -100
#   and lung at -800. A patient of 12 x 12 pixels of fat with an organ of 4 x 4 in it is cropped to the
#   organ.
# Why it matters: lungs, fat and skin are cut off, each patient by another amount, before anybody looks;
#   a network for lung nodules is trained on mediastina. Images of 0 to 1, on which the examples are
#   shown, have no such fault.
# Seen with: MONAI 1.6.1 (torch 2.13.0), 2026-11-29.
# Source: monai/transforms/croppad/array.py of that release, opened (select_fn: Callable = is_positive).
#   https://github.com/Project-MONAI/MONAI/blob/dev/monai/transforms/croppad/array.py.
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
from monai.transforms import CropForeground

print("monai", monai.__version__, "torch", torch.__version__)
ct = torch.full((1, 20, 20), -1000.0)
ct[0, 4:16, 4:16] = -100
ct[0, 8:12, 8:12] = 40
default = tuple(CropForeground()(ct).shape)
body = tuple(CropForeground(select_fn=lambda image: image > -500)(ct).shape)
print("default", default, "above -500 HU", body)
assert default == (1, 4, 4), "another default now"
assert body == (1, 12, 12)
print("as described")
PYTHON
