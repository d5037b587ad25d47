#!/usr/bin/env bash
# Pillow makes a 16-bit radiograph white when it is converted to grey or to colours.
#
# One would guess: convert("L") brings 16 bits to 8, and convert("RGB"), with which most data loaders
#   begin, repeats that three times.
# What happens: everything above 255 becomes 255. Of an image with 4096 grey levels 94 % turns white.
#   OpenCV divides the same file by 256, so the two readers do not even fail alike.
# Why it matters: `Image.open(path).convert("RGB")` is the first line of countless loaders for networks
#   that were trained on photographs. Keras's load_img does it too unless color_mode="grayscale".
# Seen with: Pillow 13.0.0, 2026-11-29.
# Source: https://github.com/python-pillow/Pillow/issues/3011 (opened, of 2018; closed).
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/env"
"$folder/env/bin/python" -m pip install --quiet --no-compile --disable-pip-version-check \
    pillow==13.0.0 numpy==2.3.5
cd "$folder"
env/bin/python -W ignore - <<'PYTHON'
import numpy as np
import PIL
from PIL import Image

print("Pillow", PIL.__version__)
radiograph = np.arange(4096, dtype=np.uint16).reshape(64, 64)
Image.fromarray(radiograph).save("radiograph.png")
image = Image.open("radiograph.png")
print("mode", image.mode, "largest", np.asarray(image).max())
assert (np.asarray(image) == radiograph).all()
for mode in ("L", "RGB"):
    there = np.asarray(image.convert(mode))
    white = (there == 255).mean()
    print(f"convert({mode!r}):", there.dtype, there.shape, f"white {white:.3f}")
    assert there.max() == 255 and white > 0.93, "it is scaled now"
print("as described")
PYTHON
