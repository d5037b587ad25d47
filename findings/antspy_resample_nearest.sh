#!/usr/bin/env bash
# Resampling an image with ANTsPy takes the nearest voxel, unless you ask otherwise.
#
# One would guess: resample_image of a grey image interpolates linearly, as ants.apply_transforms and
#   ants.resample_image_to_target of the same package do.
# What happens: interp_type is 1 by default, and 1 is the nearest neighbour; 0 is linear. An edge of 0
#   and 100 stays 0 and 100 at twice the resolution. The example of the function calls it with 0 and 1,
#   the name of the default is nowhere.
# Why it matters: steps at every edge, which no one sees in a thumbnail, are texture to a radiomic
#   feature and a jagged cost function to a registration.
# Seen with: antspyx 0.6.3, 2026-11-29.
# Source: ants/ops/resample_image.py of that release, opened (interp_type=1; resample_image_to_target:
#   'linear'). The same in R:
#   https://rdocumentation.org/packages/ANTsR/versions/0.4.0/topics/resampleImage (opened).
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/env"
"$folder/env/bin/python" -m pip install --quiet --no-compile --disable-pip-version-check \
    antspyx==0.6.3 numpy==2.3.5
cd "$folder"
env/bin/python -W ignore - <<'PYTHON'
from importlib.metadata import version

import ants
import numpy as np

print("antspyx", version("antspyx"))
edge = np.zeros((9, 9), np.float32)
edge[:, 5:] = 100
image = ants.from_numpy(edge)
default = np.unique(ants.resample_image(image, (0.5, 0.5)).numpy())
linear = np.unique(ants.resample_image(image, (0.5, 0.5), interp_type=0).numpy())
print("default", default, "interp_type=0", linear)
assert default.tolist() == [0, 100], "it interpolates now"
assert len(linear) > 2
print("as described")
PYTHON
