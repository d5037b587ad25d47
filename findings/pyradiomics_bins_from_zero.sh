#!/usr/bin/env bash
# pyradiomics: 12 units more, and the lesion has another texture.
#
# One would guess: bins of a fixed width begin at the darkest voxel of the lesion, so a constant that
#   is added to an image without a zero of its own (MR) changes mean and energy, but no texture.
# What happens: the edges lie at multiples of the width (0, 25, 50 ...), wherever the lesion begins.
#   Adding 12 to each voxel deals them out anew: the contrast of the GLCM falls from 1.01 to 0.90, the
#   entropy from 1.52 to 1.45; adding 25 changes nothing. The kurtosis is that of the IBSI plus 3.
# Why it matters: a harmless offset, such as that of another scanner or of an added constant that
#   keeps values positive, becomes a difference in texture that no later harmonisation knows of. With
#   a width of 25 and 100 units of range, there are hardly five bins to be dealt out.
# Seen with: pyradiomics 3.0.1 (numpy 1.26.4, SimpleITK 2.5.7), 2026-11-29.
# Source: the docstrings of getBinEdges (imageoperations.py) and of getKurtosisFeatureValue
#   (firstorder.py) of that release, opened: both name the difference from the IBSI.
#   https://github.com/AIM-Harvard/pyradiomics/commit/723d868 (opened: the formula with the floor).
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/env"
# There is no wheel for Python 3.10 and later: a C compiler builds it against this numpy.
"$folder/env/bin/python" -m pip install --quiet --no-compile --disable-pip-version-check \
    numpy==1.26.4 setuptools==80.9.0 wheel==0.45.1 simpleitk==2.5.7 scipy==1.15.3
"$folder/env/bin/python" -m pip install --quiet --no-compile --disable-pip-version-check \
    --no-build-isolation pyradiomics==3.0.1
cd "$folder"
env/bin/python -W ignore - <<'PYTHON'
import logging

import numpy as np
import radiomics
import SimpleITK as sitk
from radiomics import firstorder, glcm
from scipy import stats

radiomics.logger.setLevel(logging.ERROR)
print("pyradiomics", radiomics.__version__, "numpy", np.__version__)
lesion = np.rint(np.random.default_rng(0).normal(40, 15, (8, 8, 8)))
inside = np.ones(lesion.shape, np.uint8)
inside[0] = 0
mask = sitk.GetImageFromArray(inside)


def features(offset):
    image = sitk.GetImageFromArray(lesion + offset)
    first = firstorder.RadiomicsFirstOrder(image, mask, binWidth=25)
    texture = glcm.RadiomicsGLCM(image, mask, binWidth=25)
    for group in (first, texture):
        group.enableAllFeatures()
        group.execute()
    said = {**first.featureValues, **texture.featureValues}
    return {name: float(said[name]) for name in ("Entropy", "Contrast", "Kurtosis", "Variance")}


at = {offset: features(offset) for offset in (0, 12, 25)}
for offset, said in at.items():
    print(f"+{offset}", {name: round(value, 4) for name, value in said.items()})
assert np.isclose(at[0]["Variance"], at[12]["Variance"])
for name in ("Entropy", "Contrast"):
    assert abs(at[12][name] - at[0][name]) > 0.05, f"{name} does not depend on the offset now"
    assert np.isclose(at[25][name], at[0][name])
excess = stats.kurtosis(lesion[inside > 0])
print("kurtosis by the IBSI's definition", round(float(excess), 4))
assert np.isclose(at[0]["Kurtosis"] - excess, 3)
print("as described")
PYTHON
