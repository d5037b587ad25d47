"""The honest error of a clock, after three faults are mended."""

from functools import cache, partial

import numpy as np

from mlmi_course.checks import asks_value

_GENES, _KEEP, _PRICE = 500, 40, 100.0


@cache
def _people():
    from mlmi_course.phantoms.cohort import simulate

    cohort = simulate(120, seed=8, genes=_GENES, clock_genes=60, twins=60)
    table = cohort.table
    return (
        table[cohort.genes].to_numpy(),
        table["age"].to_numpy(),
        table["family"].str[1:].astype(int).to_numpy(),
    )


def _strongest(x, y):
    """The columns that go best with the outcome."""
    away, rest = x - x.mean(axis=0), y - y.mean()
    strength = np.abs(away.T @ rest) / np.sqrt((away**2).sum(axis=0))
    return np.argsort(-strength, kind="stable")[:_KEEP]


@cache
def _error(*, twins="together", chosen="inside", scaled="inside", square=False, train=False):
    """The error in years; the parameters leave a fault in."""
    genes, age, family = _people()
    fold = {
        "together": family % 5,
        "split": np.arange(len(age)) % 5,
    }[twins]
    said = np.empty(len(age))
    for part in range(5):
        test = fold == part
        learn = ~test
        if train:
            test = learn = np.ones(len(age), dtype=bool)
        columns = (
            _strongest(genes[learn], age[learn]) if chosen == "inside" else _strongest(genes, age)
        )
        base = genes[learn] if scaled == "inside" else genes
        centre, spread = base[:, columns].mean(axis=0), base[:, columns].std(axis=0)
        x = (genes[:, columns] - centre) / spread
        middle, mean = x[learn].mean(axis=0), age[learn].mean()
        away = x[learn] - middle
        weights = np.linalg.solve(
            away.T @ away + _PRICE * np.eye(_KEEP), away.T @ (age[learn] - mean)
        )
        said[test] = mean + (x[test] - middle) @ weights
    off = np.abs(said - age)
    return float(np.sqrt((off**2).mean()) if square else off.mean())


@asks_value(
    points=3,
    tolerance=1e-4,
    see="Twins on both sides",
    hints=(
        "Which steps have seen a person who is held out, or her twin? There are three.",
        "`fold = family % 5` keeps a family in one fold. Whatever is computed from genes or ages "
        "of several people belongs into the loop, from the rows that are not held out.",
        "In the loop: choose the 40 genes on `genes[~test]` and `age[~test]`, then fit "
        "`make_pipeline(StandardScaler(), Ridge(100))` to these columns and rows, then predict "
        "`test`.",
    ),
)
def honest_error():
    """How many years is the clock off?"""
    return _error()


honest_error.knows(
    "unmended",
    partial(_error, twins="split", chosen="before", scaled="before"),
    "That is the colleague's number. Who has seen whom before the error is measured?",
)

honest_error.variants(
    _error,
    genes_chosen_before=(
        {"chosen": "before"},
        "Twins stay together, but the genes were still chosen with the help of the people who "
        "are held out. Choose them in the loop.",
    ),
    genes_chosen_and_scaled_before=(
        {"chosen": "before", "scaled": "before"},
        "Twins stay together, but genes were chosen, and scaled, with the help of the people who "
        "are held out. Both belong into the loop.",
    ),
    twins_split=(
        {"twins": "split"},
        "The genes are chosen in the loop, but a held-out person may have her twin among those "
        "who are learned from.",
    ),
    twins_split_scaled_before=(
        {"twins": "split", "scaled": "before"},
        "The genes are chosen in the loop. But a held-out person may have her twin among those "
        "who are learned from, and the scaling has seen her too.",
    ),
    twins_split_genes_before=(
        {"twins": "split", "chosen": "before"},
        "The scaling is in the loop. But twins are still split, and the genes are chosen on "
        "everybody.",
    ),
    scaled_before=(
        {"scaled": "before"},
        "Nearly. Is the scaling in the loop, from the people who are learned from? And are your "
        "folds `family % 5`, and no other split by family?",
    ),
    root_mean_square=(
        {"square": True},
        "All three are mended, but that is the root of the mean squared error. Asked for is the "
        "mean absolute error.",
    ),
    on_training=(
        {"train": True},
        "That is the error on the people whom the clock learned from.",
    ),
)
