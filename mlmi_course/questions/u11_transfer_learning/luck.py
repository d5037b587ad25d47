"""How much is luck?"""

from functools import lru_cache

import numpy as np

from mlmi_course.checks import asks_value


@lru_cache(maxsize=2)
def _from_scratch(size=40):
    """The AUCs of the runs from scratch with so many patches; of all sizes for None."""
    from mlmi_course import shipped

    runs = shipped.table("u11_simulated").query("strategy == 'scratch'")
    if size is not None:
        runs = runs[runs["size"] == size]
    return runs["auc"].to_numpy()


@asks_value(
    points=1,
    tolerance=1e-3,
    see="One run is one ticket",
    hints=(
        "Choose the rows: `table[(table['strategy'] == 'scratch') & (table['size'] == 40)]`.",
        "The largest of the five AUCs minus the smallest.",
    ),
)
def luck():
    """How much is luck?"""
    return float(np.ptp(_from_scratch()))


@luck.mistake
def standard_deviation():
    """That is the standard deviation. The best run minus the worst is asked for."""
    return float(_from_scratch().std(ddof=1))


@luck.mistake
def standard_deviation_by_n():
    """That is `np.std`, the standard deviation. Asked for is the best run minus the worst."""
    return float(_from_scratch().std())


@luck.mistake
def worst_minus_best():
    """The sign is turned: how much *better* is the best?"""
    return -luck.right()


@luck.mistake
def all_sizes():
    """That is over too many runs: several sizes, or several strategies. Only those from scratch
    with 40 patches are asked for: what differs among them is luck alone.
    """
    return float(np.ptp(_from_scratch(size=None)))


@luck.mistake
def best_run():
    """That is the best run. Who reports it alone reports luck: take off the worst."""
    return float(_from_scratch().max())
