#!/usr/bin/env bash
# To Keras, a visit at which all was average never took place.
#
# One would guess: visits are filled up with zeros to the same number, and Masking(mask_value=0.0)
#   hides what was filled up.
# What happens: it cannot know. It hides each time step whose features are all equal to 0, and a visit
#   at which a standardised patient was exactly average, or a questionnaire had no symptom, is such a
#   step. The mean over three visits of 2, 4 and 0 becomes 3, not 2, and a GRU gives what it gives for
#   the first two visits alone. A mask that the caller passes to the layers is obeyed.
# Why it matters: the visits that vanish are not drawn at random: they are those of patients without
#   symptoms, so a model of a course of disease never sees the recovery. Standardising after the
#   filling has the opposite effect: the zeros move, and nothing is hidden.
# Seen with: Keras 3.15.1 (jax 0.10.2), 2026-11-29.
# Source: https://keras.io/api/layers/core_layers/masking (opened: all values of a time step are
#   compared with mask_value); keras/src/layers/core/masking.py of that release, opened.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/env"
"$folder/env/bin/python" -m pip install --quiet --no-compile --disable-pip-version-check \
    keras==3.15.1 jax==0.10.2 jaxlib==0.10.2 numpy==2.3.5 scipy==1.16.3
cd "$folder"
KERAS_BACKEND=jax JAX_PLATFORMS=cpu env/bin/python -W ignore - <<'PYTHON'
import keras
import numpy as np

print("keras", keras.__version__, "on", keras.backend.backend())
visits = np.array([[[2, 2], [4, 4], [0, 0], [0, 0]]], "float32")  # the fourth is filled up
took_place = np.array([[True, True, True, False]])
masking = keras.layers.Masking(mask_value=0.0)
mean = keras.layers.GlobalAveragePooling1D()
keras.utils.set_random_seed(0)
gru = keras.layers.GRU(3, bias_initializer="ones")


def told(tensor):
    return np.asarray(tensor, float)[0].round(4).tolist()


print("visits that Masking keeps", np.asarray(masking.compute_mask(visits))[0].tolist())
by_zero, by_mask = told(mean(masking(visits))), told(mean(visits, mask=took_place))
print("mean over visits", by_zero, "with the mask", by_mask)
assert by_zero == [3, 3] and by_mask == [2, 2], "the visit of zeros is kept now"
three, two = told(gru(visits, mask=took_place)), told(gru(visits[:, :2]))
hidden = told(gru(masking(visits)))
print("GRU", hidden, "of two visits", two, "of three", three)
assert hidden == two and np.abs(np.subtract(hidden, three)).max() > 0.01
moved = (visits - 1.5) / 2
assert np.asarray(masking.compute_mask(moved)).all()
print("standardised afterwards: all four visits are kept")
print("as described")
PYTHON
