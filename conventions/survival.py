"""Survival."""

from __future__ import annotations

import numpy as np

from conventions import row


@row(
    "Median survival where the curve touches one half",
    libraries=("lifelines", "statsmodels"),
    units=("20",),
    ours="lifelines' number in the lectures, and a look at the table of S where the curve "
    "touches one half.",
)
def median_survival():
    """Of 6 patients, one dies at each of the times 1 to 6. After the third death half of them
    live, and the curve is flat at one half until 4. lifelines asks whether S ≤ ½; its S, the
    exponential of a sum of logarithms, may be a hair above ½, and then it answers one death late.
    statsmodels takes the next death by its definition."""
    import lifelines
    from statsmodels.duration.survfunc import SurvfuncRight

    said = {}
    for n in (4, 6, 8, 10):
        times = np.arange(1, n + 1)
        km = lifelines.KaplanMeierFitter().fit(times)
        said[f"{n} deaths: lifelines, statsmodels, by hand (first S ≤ ½)"] = [
            km.median_survival_time_,
            SurvfuncRight(times, np.ones(n)).quantile(0.5),
            n // 2,
        ]
    return said


@row(
    "A quartile of survival and the last bit",
    libraries=("lifelines",),
    units=("20",),
    ours="quantiles are read from the table of S, with a tolerance for rounding.",
)
def last_bit_of_survival():
    """Three of four patients live: S = ¾. lifelines adds logarithms and takes the exponential,
    which is 0.7500000000000001, so *the first time at which S ≤ 0.75* is the next death. The
    quartile comes out one death too late."""
    import lifelines

    km = lifelines.KaplanMeierFitter().fit([1, 2, 3, 4])
    after_first = float(km.survival_function_.iloc[1, 0])
    return {
        "S after the first of four deaths ≤ 0.75": after_first <= 0.75,
        "S to 17 digits": f"{after_first:.17g}",
        "lifelines percentile(0.75)": float(km.percentile(0.75)),
        "1 − 1/4 ≤ 0.75": 1 - 1 / 4 <= 0.75,
    }


@row(
    "Interval around a survival curve",
    libraries=("lifelines", "statsmodels"),
    units=("20",),
    ours="lifelines' (log minus log), which stays between 0 and 1.",
)
def survival_interval():
    """Greenwood's formula gives a variance; what is made of it differs. lifelines puts the
    interval around log(−log S), so that it cannot leave 0 to 1. S ± 1.96 SE, which
    `SurvfuncRight.surv_prob_se` invites, does: here it exceeds 1."""
    import lifelines
    from statsmodels.duration.survfunc import SurvfuncRight

    times, died = np.array([2, 3, 5, 8, 9, 12, 14, 15]), np.array([1, 0, 1, 1, 0, 1, 0, 0])
    km = lifelines.KaplanMeierFitter().fit(times, died)
    by_statsmodels = SurvfuncRight(times, died)
    s, error = by_statsmodels.surv_prob[0], by_statsmodels.surv_prob_se[0]
    return {
        "lifelines, after the first death": km.confidence_interval_.loc[2.0].to_numpy(),
        "S ± 1.96 SE by statsmodels": [s - 1.96 * error, s + 1.96 * error],
    }


@row(
    "Ties in a Cox model",
    libraries=("lifelines", "statsmodels"),
    units=("20",),
    ours="Efron's, lifelines' only choice.",
)
def cox_ties():
    """Times in months have ties. lifelines uses Efron's method, statsmodels Breslow's by default,
    which pulls the coefficient towards 0 the more ties there are."""
    import lifelines
    import pandas as pd
    from statsmodels.duration.hazard_regression import PHReg

    rng = np.random.default_rng(0)
    x = rng.normal(size=60)
    months = np.ceil(rng.exponential(4 * np.exp(-x)))
    table = pd.DataFrame({"x": x, "months": months, "died": 1})
    fitted = lifelines.CoxPHFitter().fit(table, "months", "died")
    return {
        "lifelines CoxPHFitter": float(fitted.params_["x"]),
        "statsmodels PHReg": float(PHReg(months, x[:, None]).fit().params[0]),
        "statsmodels PHReg(ties='efron')": float(
            PHReg(months, x[:, None], ties="efron").fit().params[0]
        ),
    }


@row(
    "Concordance: risk or lifetime",
    libraries=("lifelines",),
    units=("20",),
    ours="risks are handed over with a minus sign, and the sentence says what is large.",
)
def concordance_direction():
    """`lifelines.utils.concordance_index` wants a number that is larger for those who live
    *longer*. A Cox model's risk is the opposite, and without a minus sign a good model scores
    below one half."""
    from lifelines.utils import concordance_index

    times, risk = [2, 4, 6, 8], [0.9, 0.7, 0.8, 0.1]
    return {
        "concordance_index(times, risk)": concordance_index(times, risk),
        "concordance_index(times, −risk)": concordance_index(times, [-value for value in risk]),
    }


@row(
    "Hazard relative to whom",
    libraries=("lifelines", "numpy"),
    units=("20",),
    ours="ratios between two patients, which no centring changes.",
)
def partial_hazard():
    """exp(βx) of a patient depends on where x is 0. lifelines subtracts the *mean of the training
    patients* first, so `predict_partial_hazard` is 1 for an average patient, and a cut at 1 is a
    cut at the mean."""
    import lifelines
    import pandas as pd

    rng = np.random.default_rng(0)
    age = rng.normal(60, 10, 80)
    table = pd.DataFrame({"age": age, "time": rng.exponential(np.exp(-(age - 60) / 20)), "died": 1})
    cox = lifelines.CoxPHFitter().fit(table, "time", "died")
    beta = float(cox.params_["age"])
    at_60 = cox.predict_partial_hazard(pd.DataFrame({"age": [60.0]}))
    return {
        "lifelines predict_partial_hazard, age 60": float(at_60.iloc[0]),
        "exp(β · 60)": float(np.exp(beta * 60)),
        "exp(β · (60 − mean))": float(np.exp(beta * (60 - age.mean()))),
    }


@row(
    "What a log-rank test is called",
    libraries=("lifelines", "statsmodels"),
    units=("20",),
    ours="unweighted, which is what *log-rank* means.",
)
def logrank_weights():
    """The log-rank test weights all deaths alike. Weighted versions look at early deaths
    (Wilcoxon, Gehan, Peto) or where their exponents say (Fleming–Harrington), and the names
    differ: statsmodels' `gb` is lifelines' `wilcoxon`, its `tw` is `tarone-ware`, and whoever
    tries them all has tried four tests. Nobody is censored here; only then Peto's is
    Wilcoxon's."""
    from lifelines.statistics import logrank_test
    from statsmodels.duration.survfunc import survdiff

    rng = np.random.default_rng(3)
    first, second = rng.exponential(10, 30), rng.exponential(16, 30)
    times, group = np.append(first, second), np.repeat([0, 1], 30)
    died = np.ones(60, int)
    return {
        "lifelines logrank_test, p": logrank_test(first, second).p_value,
        "statsmodels survdiff, p": survdiff(times, died, group)[1],
        "lifelines, weightings='wilcoxon'": logrank_test(
            first, second, weightings="wilcoxon"
        ).p_value,
        "statsmodels, weight_type='gb'": survdiff(times, died, group, weight_type="gb")[1],
        "lifelines, weightings='peto'": logrank_test(first, second, weightings="peto").p_value,
    }
