"""How much is luck?."""

from functools import lru_cache

import numpy as np

from mlmi_course.checks import asks_value


@lru_cache(maxsize=1)
def _scratch_at_40():
    from mlmi_course import shipped

    table = shipped.table("u11_simulated")
    runs = table[(table["strategy"] == "scratch") & (table["size"] == 40)]
    return runs.sort_values("repeat")["auc"].to_numpy()


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
    return float(np.ptp(_scratch_at_40()))


@luck.mistake
def standard_deviation():
    """That is the standard deviation. The best run minus the worst is asked for."""
    return float(_scratch_at_40().std(ddof=1))


@luck.mistake
def standard_deviation_by_n():
    """That is `np.std`, the standard deviation. Asked for is the best run minus the worst."""
    return float(_scratch_at_40().std())


@luck.mistake
def worst_minus_best():
    """The sign is turned: how much *better* is the best?"""
    return -float(np.ptp(_scratch_at_40()))


@luck.mistake
def all_sizes():
    """That is over too many runs: several sizes, or several strategies. Only those from scratch
    with 40 patches are asked for: what differs among them is luck alone.
    """
    from mlmi_course import shipped

    table = shipped.table("u11_simulated")
    return float(np.ptp(table.loc[table["strategy"] == "scratch", "auc"]))


@luck.mistake
def best_run():
    """That is the best run. Who reports it alone reports luck: take off the worst."""
    return float(_scratch_at_40().max())
