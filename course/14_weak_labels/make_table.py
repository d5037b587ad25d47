"""Make the tables of unit 14: where the mean stands, by the number of patients.

    python course/14_weak_labels/make_table.py

About four minutes of one core.  The network is the lecture's own: its cells are read from ``lecture.py``.
For 50, 100 and 300 patients and five random choices of them, the same network is trained twice, with the
mean over places last (a map, then its mean) and first (pooled features, then the rest), with the same
start, steps and step size.  Nothing was searched for either: 1,000 steps of ten patients from 0.01 down.
All are measured on the same 200 patients, who are in no training.  The third table trains the two
counters of the first half from five random starts.
"""

from __future__ import annotations

import os

os.environ.setdefault("OMP_NUM_THREADS", "1")

import re
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.lib.stride_tricks import sliding_window_view
from scipy import ndimage
from scipy.special import expit
from sklearn.metrics import roc_auc_score

from mlmi_course import metrics, shipped
from mlmi_course.questions.u14_weak_labels import ganglia, lungs

COMMAND = "python course/14_weak_labels/make_table.py"
HERE = Path(__file__).resolve().parent
SIZES, SEEDS, TEST = (50, 100, 300), 5, 200


def from_lecture(*words: str, **given: Any) -> dict[str, Any]:
    """Run the lecture's cells that define these; return what they define."""
    cells = re.split(r"^# %%.*$", (HERE / "lecture.py").read_text(), flags=re.MULTILINE)
    room: dict[str, Any] = {
        "np": np, "ndimage": ndimage, "expit": expit, "sliding_window_view": sliding_window_view,
        "metrics": metrics, "roc_auc_score": roc_auc_score, **given,
    }  # fmt: skip
    for word in words:
        (cell,) = [cell for cell in cells if re.search(rf"^(def|class) {word}\b", cell, re.M)]
        exec(compile(cell, "lecture.py", "exec"), room)
    return room


def grid(
    sizes: tuple[int, ...] = SIZES, seeds: int = SEEDS, test: int = TEST, steps: int = 1000
) -> Any:
    """Return the answers on test patients, by size, seed and place of the mean, and the test set."""
    room = from_lecture("windows", "PixelNet", "train", "answers", "seen_by_lungs", "to_interval")
    pool, unseen = lungs(max(sizes), seed=0), lungs(test, seed=2)
    every, new = room["seen_by_lungs"](pool.images), room["seen_by_lungs"](unseen.images)
    grades = pool.table["reader"].to_numpy()
    told: dict[tuple[int, int, str], tuple[Any, Any]] = {}
    for size in sizes:
        for seed in range(seeds):
            rows = np.random.default_rng(seed).permutation(len(every))[:size]
            centre, spread = every[rows].mean((0, 1)), every[rows].std((0, 1))
            seen = (every[rows] - centre) / spread
            for where in ("last", "first"):
                net = room["PixelNet"](50, pool=where, start=-1.5, total=1.0, seed=seed)
                room["train"](net, seen, room["to_interval"](grades[rows]), steps=steps, seed=seed)
                told[size, seed, where] = room["answers"](net, (new - centre) / spread)
                print(size, seed, where, flush=True)
    return told, unseen


def counters(people: tuple[int, int, int] = (60, 50, 40), seeds: int = SEEDS) -> pd.DataFrame:
    """Return how the sharp and the coarse counter do at home and away, by random start."""
    home, unseen = (
        ganglia(n, seed=s, follows_age=0.05, apart=0.35) for s, n in enumerate(people[:2])
    )
    away = ganglia(people[2], seed=2, follows_age=0.0, apart=0.7)
    words = (
        "windows",
        "PixelNet",
        "train",
        "answers",
        "brightness",
        "to_count",
        "counter",
        "sharp",
        "map_auc",
    )
    room = from_lecture(*words)
    views = {
        "sharp": (room["sharp"], room["region"].ravel()),
        "coarse": (room["blurred"], np.ones(32 * 32, bool)),
    }
    labels, rows = home.table["first"].to_numpy(float), []
    for view, (seen, chosen) in views.items():
        for seed in range(seeds):
            net = room["counter"](home.images, labels, seen, chosen, seed=seed)
            row = {"view": view, "seed": seed}
            for name, some in (("home", unseen), ("away", away)):
                count, maps = room["counted"](net, some.images, seen, chosen)
                row[name] = float(room["agreement"](count, some.table["count"]))
                row[f"age_{name}"] = np.corrcoef(count, some.table["age"])[0, 1]
                if name == "home":
                    row["exact"] = room["map_auc"](maps, some.masks).mean()
                    smooth = ndimage.gaussian_filter(maps, (0, 1, 1))
                    row["near"] = room["map_auc"](smooth, some.masks).mean()
            rows.append(row)
            print(view, seed, flush=True)
    columns = ["view", "seed", "home", "away", "exact", "near", "age_home", "age_away"]
    return pd.DataFrame(rows)[columns]


def main() -> None:
    """Write the tables."""
    shipped.save_table(
        counters().round(4),
        "u14_counters",
        made_by=COMMAND,
        note="ICC with the truth at home and away, AUC of the map at home, count and age",
    )
    told, unseen = grid()
    truth = unseen.table["fraction"].to_numpy()
    ill = (truth > 0).astype(int)
    masks = unseen.masks[:, ::2, ::2].reshape(len(truth), -1)
    mixed = np.flatnonzero((masks.mean(axis=1) > 0) & (masks.mean(axis=1) < 1))

    def icc(answer: Any, rows: Any = slice(None)) -> float:
        return float(metrics.icc(np.column_stack([truth[rows], answer[rows]])))

    def presence(answer: Any, rows: Any = slice(None)) -> float:
        return float(metrics.auc(ill[rows], answer[rows], resamples=2))

    out = []
    for (size, seed, where), (answer, maps) in told.items():
        row = {
            "size": size,
            "seed": seed,
            "mean": where,
            "icc": icc(answer),
            "presence": presence(answer),
        }
        if where == "last":
            row["map_auc"] = np.mean([metrics.auc(masks[i], maps[i], resamples=2) for i in mixed])
        out.append(row)
    shipped.save_table(
        pd.DataFrame(out).round(4), "u14_grid", made_by=COMMAND,
        note=f"{TEST} unseen patients: ICC(A,1) with the true share, AUC of any emphysema, AUC of the map",
    )  # fmt: skip

    gains = []
    rng = np.random.default_rng(0)
    draws = [rng.integers(len(truth), size=len(truth)) for _ in range(500)]
    for size in SIZES:
        for name, measure in (("icc", icc), ("presence", presence)):

            def gain(rows: Any, size: int = size, measure: Any = measure) -> float:
                pairs = [
                    (told[size, s, "last"][0], told[size, s, "first"][0]) for s in range(SEEDS)
                ]
                return float(np.mean([measure(a, rows) - measure(b, rows) for a, b in pairs]))

            low, high = np.percentile([gain(rows) for rows in draws], [2.5, 97.5])
            gains.append(
                {"size": size, "measure": name, "gain": gain(slice(None)), "low": low, "high": high}
            )
    shipped.save_table(
        pd.DataFrame(gains).round(4), "u14_gain", made_by=COMMAND,
        note="mean last minus mean first, mean of five trainings; 95 % interval draws test patients (500 draws)",
    )  # fmt: skip


if __name__ == "__main__":
    main()
