"""Make the table of unit 18: what neuroHarmonize answers for 60 patients.

    python course/18_harmonisation/make_combat.py

A minute, most of it the installation.  neuroHarmonize 2.4.5 runs beside NumPy 2 on Python 3.11, 3.12 and 3.13, but
it declares no dependency, and neuroCombat 0.2.12, which it imports, exists as source only.  So the course does
not install it: this script makes an environment of its own in a temporary folder, with pinned versions, and
asks there.  The patients are the course's own simulated cohort: three sites, six features, age.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import venv
from pathlib import Path

import numpy as np
import pandas as pd

from mlmi_course import data, shipped

COMMAND = "python course/18_harmonisation/make_combat.py"
PACKAGES = (
    "neuroHarmonize==2.4.5", "neuroCombat==0.2.12", "numpy==2.3.5", "pandas==2.3.3", "scipy==1.16.3",
    "statsmodels==0.14.6", "nibabel==5.3.2",
)  # fmt: skip
ASK = """
import sys
import numpy as np, pandas as pd
from neuroHarmonize import harmonizationLearn
table = pd.read_csv(sys.argv[1])
x = table[[f"x{i}" for i in range(1, 7)]].to_numpy()
covariates = pd.DataFrame({"SITE": table["site"], "AGE": table["age"]})
for name, eb in (("ls", False), ("eb", True)):
    _, found = harmonizationLearn(x, covariates, eb=eb)
    table[[f"{name}{i}" for i in range(1, 7)]] = found
table.to_csv(sys.argv[1], index=False)
"""


def patients() -> pd.DataFrame:
    """Return 60 patients: site, age in decades from 62, six features in units of their spread."""
    cohort = data.load_cohort(
        n=60,
        seed=4,
        sites=3,
        batch=1.0,
        features=10,
        blocks=0,
        informative=2,
        features_follow_age=0.6,
    )
    names = list(cohort.features)[:6]
    x = (cohort.table[names] - cohort.truth.location[names]) / cohort.truth.spread[names]
    table = pd.DataFrame(
        {"site": cohort.table["site"].astype(str), "age": (cohort.table["age"] - 62) / 10}
    )
    table[[f"x{i}" for i in range(1, 7)]] = x.to_numpy()
    return table.round(6).reset_index(drop=True)


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        place, file = Path(folder) / "env", Path(folder) / "table.csv"
        venv.create(place, with_pip=True)
        python = place / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")
        subprocess.run([python, "-m", "pip", "install", "--quiet", *PACKAGES], check=True)
        patients().to_csv(file, index=False)
        subprocess.run([python, "-W", "ignore", "-c", ASK, file], check=True)
        answered = pd.read_csv(file)
    assert np.isfinite(answered.drop(columns="site")).all(axis=None)
    shipped.save_table(
        answered.round(6),
        "u18_combat",
        made_by=COMMAND,
        note="60 simulated patients: x1-x6 as measured; ls and eb as neuroHarmonize 2.4.5 answers, without and with empirical Bayes",
    )


if __name__ == "__main__":
    main()
