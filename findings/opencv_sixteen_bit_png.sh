#!/usr/bin/env bash
# OpenCV reads a 12-bit image from a 16-bit PNG as sixteen grey levels.
#
# One would guess: cv2.imread gives the numbers that the file holds.
# What happens: its default flag means 8 bits and three colours. A 16-bit file is divided by 256, so the
#   4096 grey levels of a radiograph, which fill the lower 12 bits, become 0 to 15. IMREAD_GRAYSCALE
#   does the same, IMREAD_UNCHANGED keeps them.
# Why it matters: public sets of radiographs come as 16-bit PNG. Stretched to the screen the image looks
#   nearly right, and small calcifications are gone.
# Seen with: OpenCV 4.12.0.88, 2026-11-29.
# Source: https://codesimple.cc/2022/12/16/OpenCV-imread%28%29-flags-%E5%92%8C-data-type.html (opened: the flags,
#   with IMREAD_ANYDEPTH "otherwise convert it to 8-bit"; the division is seen here).
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/env"
"$folder/env/bin/python" -m pip install --quiet --no-compile --disable-pip-version-check \
    opencv-python-headless==4.12.0.88 numpy==2.2.6
cd "$folder"
env/bin/python -W ignore - <<'PYTHON'
import cv2
import numpy as np

print("opencv", cv2.__version__)
radiograph = np.arange(4096, dtype=np.uint16).reshape(64, 64)
assert cv2.imwrite("radiograph.png", radiograph)
for name, flags in (("default", ()), ("IMREAD_GRAYSCALE", (cv2.IMREAD_GRAYSCALE,))):
    there = cv2.imread("radiograph.png", *flags)
    print(name, there.dtype, there.shape, "largest", there.max(), "levels", len(np.unique(there)))
    assert there.dtype == np.uint8 and len(np.unique(there)) == 16, "other levels now"
there = cv2.imread("radiograph.png", cv2.IMREAD_UNCHANGED)
print("IMREAD_UNCHANGED", there.dtype, there.shape, "largest", there.max())
assert (there == radiograph).all()
print("as described")
PYTHON
