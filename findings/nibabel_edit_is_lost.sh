#!/usr/bin/env bash
# What you change in get_fdata() is not in the file that nibabel saves.
#
# One would guess: data = image.get_fdata(); data[mask] = 0; nibabel.save(image, ...) saves an image
#   with zeros.
# What happens: for an image that was loaded from a file, get_fdata() fills a cache, and the cache is
#   changed: get_fdata() shows the zeros, while save() reads the original file once more and writes it
#   as it was. For an image that was made from an array of float64 in memory the same lines do save the
#   change; from an array of float32 they do not.
# Why it matters: defacing, masking and cleaning look right in the notebook, and the file that is handed
#   on still has the face.
# Seen with: nibabel 5.4.2, 2026-11-29.
# Source: https://github.com/nipy/nibabel/pull/276 (opened: the returned array is a reference to the
#   cache); that save() does not use it is seen here.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/env"
"$folder/env/bin/python" -m pip install --quiet --no-compile --disable-pip-version-check \
    nibabel==5.4.2 numpy==2.3.5
cd "$folder"
env/bin/python -W ignore - <<'PYTHON'
import nibabel
import numpy as np

print("nibabel", nibabel.__version__)


def saved_after_zeroing(image):
    data = image.get_fdata()
    data[:] = 0
    assert image.get_fdata().max() == 0 or image.get_data_dtype() != np.int16
    nibabel.save(image, "edited.nii")
    return nibabel.load("edited.nii").get_fdata().max()


nibabel.save(nibabel.Nifti1Image(np.full((4, 4, 4), 7, np.int16), np.eye(4)), "face.nii")
loaded = nibabel.load("face.nii")
from_file = saved_after_zeroing(loaded)
print("loaded: in memory", loaded.get_fdata().max(), "in the saved file", from_file)
assert loaded.get_fdata().max() == 0 and from_file == 7, "the change is saved now"
for dtype, expected in ((np.float64, 0), (np.float32, 7)):
    kept = saved_after_zeroing(nibabel.Nifti1Image(np.full((4, 4, 4), 7, dtype), np.eye(4)))
    print("made from", np.dtype(dtype), "in the saved file", kept)
    assert kept == expected, "it is otherwise now"
print("as described")
PYTHON
