"""Unit 20: the references of its questions agree with lifelines, an independent library."""

from __future__ import annotations

import numpy as np
import pytest

from mlmi_course.questions import u20_survival as q

lifelines = pytest.importorskip("lifelines")

UNIT = "u20_survival"


def _patients(seed: int, n: int = 40, ties: bool = True) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    time = rng.integers(1, 30, n) if ties else rng.permutation(np.arange(1, n + 1))
    return time, (rng.random(n) < 0.6).astype(int)


@pytest.mark.parametrize("seed", range(5), ids=lambda seed: f"{UNIT}-{seed}")
def test_references_agree_with_lifelines(seed: int) -> None:
    from lifelines.statistics import logrank_test
    from lifelines.utils import concordance_index, restricted_mean_survival_time

    time, event = _patients(seed)
    fitted = lifelines.KaplanMeierFitter().fit(time, event)
    at = np.array([0.5, 3, 10, 17.5, 25])
    np.testing.assert_allclose(q.survival.reference(time, event, at), fitted.predict(at))
    mean = restricted_mean_survival_time(fitted, t=20)
    assert q.rmst.reference(time, event, 20.0) == pytest.approx(mean)

    group = np.random.default_rng(seed + 99).integers(0, 2, len(time))
    one, two = group == 1, group == 0
    p = logrank_test(time[one], time[two], event[one], event[two]).p_value
    assert q.log_rank.reference(time, event, group) == pytest.approx(p)

    time, event = _patients(seed, ties=False)
    risk = np.random.default_rng(seed).integers(0, 5, len(time))
    c = concordance_index(time, -risk, event)
    assert q.c_index.reference(risk, time, event) == pytest.approx(c)


def test_the_partial_likelihood_is_highest_where_lifelines_says() -> None:
    import pandas as pd

    time, event = _patients(3, ties=False)
    x = np.random.default_rng(3).normal(size=len(time))
    table = pd.DataFrame({"x": x, "time": time, "event": event})
    model = lifelines.CoxPHFitter().fit(table, "time", "event")
    best = float(model.params_["x"])
    likelihood = q.log_partial_likelihood.reference
    assert likelihood(best, x, time, event) == pytest.approx(model.log_likelihood_, abs=1e-6)
    for away in (-0.01, 0.01):
        assert likelihood(best + away, x, time, event) < likelihood(best, x, time, event)
