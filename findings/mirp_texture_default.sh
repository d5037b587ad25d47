#!/usr/bin/env bash
# mirp adds up the matrices of a texture, where pyradiomics averages the features.
#
# One would guess: a GLCM feature of mirp, which leaves nothing out of the IBSI's list, is by default
#   what pyradiomics gives: each of the 13 directions has a matrix and a value, and the values are
#   averaged.
# What happens: mirp adds up the 13 matrices first and takes the feature once (3d_volume_merge; the
#   column's name says 3d_v_mrg). In an image of fibres, which are uniform along one axis, the first
#   information correlation is -0.05 instead of -0.21, the largest entry 0.062 instead of 0.074, and
#   the contrast 8.88 instead of 8.98. glcm_spatial_method="3d_average" gives the average. A bin width
#   of 1 is refused, 1.0 is taken, and for anything but CT and PET bins of a fixed width need a
#   resegmentation_intensity_range.
# Why it matters: both are in the IBSI's list, each under an identifier of its own, so both are right.
#   A signature that was trained on the one is applied to the other under the same feature name.
# Seen with: mirp 2.7.0 (numpy 2.4.6), 2026-11-29.
# Source: mirp/settings/feature_parameters.py of that release, opened (glcm_spatial_method);
#   radiomics/glcm.py of pyradiomics 3.0.1, opened (the mean over the angles).
#   https://github.com/oncoray/mirp/blob/master/mirp/settings/feature_parameters.py.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/env"
"$folder/env/bin/python" -m pip install --quiet --no-compile --disable-pip-version-check \
    mirp==2.7.0 numpy==2.4.6 scipy==1.17.1 pandas==3.1.1
cd "$folder"
env/bin/python -W ignore - 2>"$folder/log" <<'PYTHON' || { cat "$folder/log" >&2; exit 1; }
from importlib.metadata import version

import numpy as np
from mirp import extract_features

print("mirp", version("mirp"), "numpy", np.__version__)
# Fibres: along the last axis each voxel is like the one before, across it is not.
rng = np.random.default_rng(0)
fibres = np.repeat(rng.integers(0, 8, (10, 10, 1)), 10, axis=2).astype(float)
mask = np.zeros(fibres.shape, int)
mask[1:9, 1:9, 1:9] = 1


def glcm(**settings):
    given = {
        "base_feature_families": "glcm",
        "base_discretisation_method": "fixed_bin_size",
        "base_discretisation_bin_width": 1.0,
        "resegmentation_intensity_range": [0.0, 7.0],
        **settings,
    }
    row = extract_features(image=fibres, mask=mask, **given)[0].iloc[0]
    by_name = {name: row[name] for name in row.index if name.startswith("cm_")}
    return {
        short: next((name, float(v)) for name, v in by_name.items() if name.startswith(f"cm_{short}"))
        for short in ("joint_max", "contrast", "info_corr1")
    }


default, average, merged = (
    glcm(),
    glcm(glcm_spatial_method="3d_average"),
    glcm(glcm_spatial_method="3d_volume_merge"),
)
for short in default:
    print(*default[short], "|", *average[short])
assert default == merged, "the default is another one now"
assert all("_3d_v_mrg_" in name for name, _ in default.values())
assert all("_3d_avg_" in name for name, _ in average.values())
assert average["joint_max"][1] > 1.15 * default["joint_max"][1]
assert abs(average["info_corr1"][1]) > 3 * abs(default["info_corr1"][1])
for wrong in ({"base_discretisation_bin_width": 1}, {"resegmentation_intensity_range": None}):
    try:
        glcm(**wrong)
    except (TypeError, ValueError) as error:
        print(wrong, type(error).__name__, str(error)[:90])
    else:
        raise AssertionError(f"{wrong} is taken now")
print("as described")
PYTHON
