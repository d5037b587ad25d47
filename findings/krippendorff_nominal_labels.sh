#!/usr/bin/env bash
# Krippendorff's alpha takes the labels of tumours for a ruler.
#
# One would guess: alpha of two readers who name one of four kinds of tumour, written as 0 to 3,
#   measures how often they agree.
# What happens: the package's default level of measurement is *interval*: calling a 0 a 3 is nine times
#   as bad as calling it a 1. The same labels give 0.049 as an interval and 0.674 as names. Handed over
#   with patients in the rows, as tables lie, it answers too, for the patients as readers.
# Why it matters: 0.05 says that the readers are useless, 0.67 that one may draw tentative conclusions.
# Seen with: krippendorff 0.9.0, 2026-11-29.
# Source: https://github.com/pln-fing-udelar/fast-krippendorff (krippendorff/krippendorff.py of that
#   release, opened: level_of_measurement="interval").
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/env"
"$folder/env/bin/python" -m pip install --quiet --no-compile --disable-pip-version-check \
    krippendorff==0.9.0 numpy==2.3.5
cd "$folder"
env/bin/python -W ignore - <<'PYTHON'
from importlib.metadata import version

import krippendorff
import numpy as np

print("krippendorff", version("krippendorff"))
readers = np.array([[0, 1, 2, 3, 0, 2, 1, 0], [0, 1, 2, 0, 0, 2, 1, 3]])
print("six of eight labels agree")
default = krippendorff.alpha(readers)
by_level = {
    level: krippendorff.alpha(readers, level_of_measurement=level)
    for level in ("nominal", "ordinal", "interval")
}
print("default", default, by_level)
assert default == by_level["interval"], "the default is another one"
assert abs(default - 0.0493) < 1e-3 and abs(by_level["nominal"] - 0.6739) < 1e-3
turned = krippendorff.alpha(readers.T)
print("patients in the rows", turned)
assert turned < 0
print("as described")
PYTHON
