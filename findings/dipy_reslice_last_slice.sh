#!/usr/bin/env bash
# DIPY's reslice makes up the number of slices by one rule and their positions by another.
#
# One would guess: a stack of 9 slices of 1 mm, brought to 0.5 mm, has 17 slices (centre to centre) or
#   18 that begin a quarter of a millimetre earlier.
# What happens: the number follows the extent (18), the positions follow the centres (0, 0.5, 1 ...), so
#   the last slice lies half a millimetre beyond the last centre, where nothing is known: it is filled
#   with 0. To 2 mm there are 4 slices at 0, 2, 4, 6, and the ninth slice is not looked at.
# Why it matters: a black slice at the top of every brain shifts means and thresholds, looks like the
#   edge of the field of view, and is copied into all that is computed from it.
# Seen with: dipy 1.12.1, 2026-11-29.
# Source: dipy/align/reslice.py of that release, opened (new_shape = round(zooms / new_zooms * shape);
#   no offset is given). https://github.com/dipy/dipy/blob/master/dipy/align/reslice.py.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/env"
"$folder/env/bin/python" -m pip install --quiet --no-compile --disable-pip-version-check \
    dipy==1.12.1 numpy==2.3.5
cd "$folder"
env/bin/python -W ignore - <<'PYTHON'
import dipy
import numpy as np
from dipy.align.reslice import reslice

print("dipy", dipy.__version__)
ramp = np.tile(np.arange(1.0, 10).reshape(9, 1, 1), (1, 9, 9))
lines = {}
for mm in (0.5, 2.0):
    there, affine = reslice(ramp, np.eye(4), (1.0, 1.0, 1.0), (mm,) * 3)
    lines[mm] = there[:, 2, 2]
    print(f"{mm} mm: {there.shape[0]} slices, the first at {affine[0, 3]:g}:", there[:, 2, 2])
assert len(lines[0.5]) == 18 and lines[0.5][-1] == 0 and lines[0.5][-2] == 9, "otherwise now"
assert lines[2.0].tolist() == [1, 3, 5, 7]
print("as described")
PYTHON
