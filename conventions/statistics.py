"""Statistics and scores."""

from __future__ import annotations

import numpy as np

from conventions import row


@row(
    "Names of the intraclass correlation",
    libraries=("pingouin", "mlmi-course"),
    units=("02", "07", "14"),
    ours="McGraw and Wong's names, ICC(A,1) and ICC(C,1), because the letter says what counts: "
    "absolute agreement or consistency.",
)
def icc_names():
    """Six coefficients share the name. For two readers of whom one always measures 3 mm more,
    *absolute agreement* punishes the offset and *consistency* forgives it. Shrout and Fleiss call
    them ICC(2,1) and ICC(3,1), pingouin ICC(A,1) and ICC(C,1), and the mean of both readers has
    another."""
    import pandas as pd
    import pingouin

    from mlmi_course.metrics import icc

    first = np.array([10.0, 12, 15, 18, 11])
    second = first + 3 + np.array([0.1, -0.1, 0, 0.1, -0.1])
    table = pd.DataFrame(
        {
            "subject": np.tile(np.arange(5), 2),
            "rater": np.repeat(["a", "b"], 5),
            "mm": np.append(first, second),
        }
    )
    found = pingouin.intraclass_corr(table, "subject", "rater", "mm").set_index("Type")["ICC"]
    said = {f"pingouin, {name}": found[name] for name in ("ICC(A,1)", "ICC(C,1)", "ICC(A,k)")}
    return said | {"mlmi_course.metrics.icc (default)": float(icc(np.c_[first, second]))}


@row(
    "A quartile of few values",
    libraries=("numpy", "pandas", "scipy", "statsmodels"),
    units=("02", "03"),
    ours="NumPy's `linear`, the default of R and pandas too.",
)
def quartile():
    """The first quartile of 1, 2, 3, 4 lies anywhere from 1 to 1.75. Nine definitions are in use
    (Hyndman and Fan 1996); NumPy and pandas share one, `scipy.stats.mstats` has another, and
    statsmodels' weighted quantile a third."""
    import pandas as pd
    from scipy.stats import mstats
    from statsmodels.stats.weightstats import DescrStatsW

    values = np.array([1.0, 2, 3, 4])
    return {
        "numpy.quantile, pandas": [np.quantile(values, 0.25), pd.Series(values).quantile(0.25)],
        "numpy, method='hazen'": np.quantile(values, 0.25, method="hazen"),
        "scipy.stats.mstats.mquantiles": mstats.mquantiles(values, 0.25)[0],
        "statsmodels DescrStatsW.quantile": DescrStatsW(values).quantile(0.25, return_pandas=False)[
            0
        ],
    }


@row(
    "Values that are missing",
    libraries=("numpy", "pandas", "scipy"),
    units=("02", "20"),
    ours="counted before anything is computed, and named in the sentence that gives the result.",
)
def missing_values():
    """Four patients, one without a value. NumPy and SciPy answer nan, so that nobody overlooks it;
    pandas leaves the patient out without a word, also from a correlation, pair by pair, so that
    each entry of a matrix may rest on other patients."""
    import pandas as pd
    from scipy.stats import pearsonr

    a, b = np.array([1.0, 2, 4, np.nan]), np.array([1.0, 3, 2, 9])
    return {
        "numpy.mean": a.mean(),
        "pandas .mean()": pd.Series(a).mean(),
        "numpy.corrcoef": np.corrcoef(a, b)[0, 1],
        "scipy.stats.pearsonr": pearsonr(a, b)[0],
        "pandas .corr()": pd.Series(a).corr(pd.Series(b)),
    }


@row(
    "Two groups: equal variances or not",
    libraries=("scipy", "pingouin", "statsmodels"),
    ours="advice: Welch's test (`equal_var=False`), which does not assume what nobody checked.",
)
def two_groups():
    """*A t test* is Student's in SciPy and statsmodels, and in pingouin Welch's as soon as the
    groups differ in size. With 5 patients that scatter and 20 that do not, the p value doubles."""
    import pingouin
    from scipy.stats import ttest_ind
    from statsmodels.stats.weightstats import ttest_ind as by_statsmodels

    rng = np.random.default_rng(2)
    few, many = rng.normal(2.5, 4, 5), rng.normal(0, 1, 20)
    by_pingouin = pingouin.ttest(few, many)
    return {
        "scipy.stats.ttest_ind": ttest_ind(few, many).pvalue,
        "scipy, equal_var=False": ttest_ind(few, many, equal_var=False).pvalue,
        "statsmodels ttest_ind": by_statsmodels(few, many)[1],
        "pingouin.ttest": by_pingouin.filter(regex="p.?val").iloc[0, 0],
    }


@row(
    "U of Mann and Whitney, and the AUC",
    libraries=("scipy", "pingouin", "scikit-learn"),
    units=("02", "08", "09"),
    ours="the AUC, which is U divided by the number of pairs.",
)
def mann_whitney():
    """U counts the pairs in which the first group is ahead, so exchanging the groups turns U into
    n₁n₂ − U. Old tables use the smaller of the two. Divided by n₁n₂ it is the AUC, ties counting a
    half."""
    import pingouin
    from scipy.stats import mannwhitneyu
    from sklearn.metrics import roc_auc_score

    ill, healthy = np.array([3.0, 4, 5, 5]), np.array([1.0, 2, 3, 4, 4])
    found = pingouin.mwu(ill, healthy)
    return {
        "scipy mannwhitneyu(ill, healthy): U, p": list(mannwhitneyu(ill, healthy)),
        "scipy mannwhitneyu(healthy, ill): U, p": list(mannwhitneyu(healthy, ill)),
        "pingouin.mwu(ill, healthy): U": float(found.filter(regex="^U").iloc[0, 0]),
        "roc_auc_score × 20 pairs": 20 * roc_auc_score([1] * 4 + [0] * 5, np.append(ill, healthy)),
    }


@row(
    "Area under precision and recall",
    libraries=("scikit-learn", "keras"),
    units=("08",),
    ours="none is printed. Advice: `average_precision_score`, which draws no line between points.",
)
def precision_recall_area():
    """scikit-learn's *average precision* is a sum of steps. The trapezoid under the same points
    draws straight lines, on which precision does not move; Keras interpolates in a third way, over
    200 thresholds."""
    import keras
    from sklearn.metrics import auc, average_precision_score, precision_recall_curve

    truth = np.array([1, 0, 1, 0, 0, 1, 0, 0, 0, 0])
    score = np.linspace(0.95, 0.05, 10)
    precision, recall, _ = precision_recall_curve(truth, score)
    by_keras = keras.metrics.AUC(curve="PR")
    by_keras.update_state(truth, score)
    return {
        "sklearn average_precision_score": average_precision_score(truth, score),
        "sklearn auc(recall, precision)": auc(recall, precision),
        "keras.metrics.AUC(curve='PR')": float(by_keras.result()),
    }


@row(
    "AUC of scores that crowd together",
    libraries=("scikit-learn", "keras"),
    units=("02", "09"),
    ours="scikit-learn's, which sorts the scores; `mlmi_course.metrics.auc` does too.",
)
def auc_thresholds():
    """A network that is sure of everything answers 0.0001 and 0.0002. scikit-learn looks at the
    order alone. Keras's metric compares with 200 thresholds between 0 and 1, finds all scores
    below the first, and calls a perfect order chance; `ReduceLROnPlateau` would act on that."""
    import keras
    from sklearn.metrics import roc_auc_score

    truth = np.array([0] * 50 + [1] * 50)
    score = np.where(truth == 1, 2e-4, 1e-4)
    said = {"sklearn roc_auc_score": roc_auc_score(truth, score)}
    for thresholds in (200, 20000):
        metric = keras.metrics.AUC(num_thresholds=thresholds)
        metric.update_state(truth, score)
        said[f"keras.metrics.AUC, {thresholds} thresholds"] = float(metric.result())
    return said


@row(
    "Logistic regression: penalty and intercept",
    libraries=("scikit-learn", "statsmodels"),
    units=("08",),
    ours="scikit-learn's, nearly always after `StandardScaler`; `C=` is written out where it "
    "is not 1.",
)
def logistic_regression():
    """scikit-learn shrinks the coefficients by default (`C=1`) and adds an intercept; statsmodels
    does neither. On 40 patients the *same model* has three slopes. The penalty depends on the
    unit, too: a feature in metres instead of millimetres is shrunk to almost nothing."""
    import statsmodels.api as sm
    from sklearn.linear_model import LogisticRegression

    rng = np.random.default_rng(0)
    x = rng.normal(1, 1, (40, 1))
    y = (rng.random(40) < 1 / (1 + np.exp(-3 * (x[:, 0] - 1)))).astype(int)
    plain = LogisticRegression(C=np.inf, max_iter=1000)
    return {
        "sklearn LogisticRegression()": LogisticRegression().fit(x, y).coef_[0, 0],
        "sklearn, C=inf": plain.fit(x, y).coef_[0, 0],
        "statsmodels Logit(y, x), no constant": sm.Logit(y, x).fit(disp=0).params[0],
        "statsmodels Logit(y, add_constant(x))": sm.Logit(y, sm.add_constant(x))
        .fit(disp=0)
        .params[1],
    }


@row(
    "Strength of a penalty",
    libraries=("scikit-learn",),
    units=("05", "08", "20"),
    ours="with the formula of the loss beside the letter; the strength is searched within the "
    "training patients.",
)
def penalty_strength():
    """*alpha = 1* in three models. `Ridge` adds α‖w‖² to the *sum* of squared errors,
    `ElasticNet(l1_ratio=0)` ½α‖w‖² to half the *mean*, so the same penalty is α / n there;
    `LogisticRegression` takes the inverse, C. More patients make the one weaker and leave the
    other as it is."""
    from sklearn.linear_model import ElasticNet, Ridge

    said = {}
    for n in (20, 2000):
        x = np.random.default_rng(0).normal(size=(n, 1))
        same = ElasticNet(alpha=1.0 / n, l1_ratio=0, max_iter=10000)
        said |= {
            f"Ridge(alpha=1), {n} rows": Ridge(alpha=1).fit(x, 2 * x[:, 0]).coef_[0],
            f"ElasticNet(alpha=1, l1_ratio=0), {n} rows": ElasticNet(alpha=1, l1_ratio=0)
            .fit(x, 2 * x[:, 0])
            .coef_[0],
            f"ElasticNet(alpha=1/n, l1_ratio=0), {n} rows": same.fit(x, 2 * x[:, 0]).coef_[0],
        }
    return said


@row(
    "Explained variance: compared with what",
    libraries=("scikit-learn", "statsmodels", "scipy"),
    units=("08",),
    ours="errors in the unit of the outcome, beside those of who tells the mean (lecture "
    "08). Where you need R²: scikit-learn's, on patients that were not fitted.",
)
def r_squared():
    """How much better than the mean? scikit-learn's R² can be negative. statsmodels compares with
    *zero* where there is no constant, and gives 0.9 to a model that is worse than the mean. The
    squared correlation forgives a wrong scale and offset."""
    import statsmodels.api as sm
    from scipy.stats import pearsonr
    from sklearn.metrics import r2_score

    x = np.arange(10.0)
    y = 30 - x
    fitted = sm.OLS(y, x + 10).fit()
    return {
        "statsmodels OLS(y, x + 10).rsquared": fitted.rsquared,
        "sklearn r2_score of the same predictions": r2_score(y, fitted.fittedvalues),
        "pearsonr(…)²": pearsonr(y, fitted.fittedvalues)[0] ** 2,
    }


@row(
    "Interval of a proportion",
    libraries=("statsmodels", "scipy"),
    units=("02", "09"),
    ours="Wilson's, or an exact one where few cases decide.",
)
def interval_of_proportion():
    """All 20 of 20 lesions were found. statsmodels' default says that the sensitivity is 1,
    certainly; the exact interval of Clopper and Pearson, and Wilson's, begin at 0.83 or so."""
    from scipy.stats import binomtest
    from statsmodels.stats.proportion import proportion_confint

    return {
        "statsmodels proportion_confint": list(proportion_confint(20, 20)),
        "the same, method='wilson'": list(proportion_confint(20, 20, method="wilson")),
        "scipy binomtest(20, 20).proportion_ci()": list(binomtest(20, 20).proportion_ci()),
        "scipy, method='wilson'": list(binomtest(20, 20).proportion_ci(method="wilson")),
    }


@row(
    "Correction for many tests",
    libraries=("statsmodels", "scipy", "pingouin"),
    units=("08", "20"),
    ours="named: Holm where one false alarm is too many, Benjamini–Hochberg for a list to look "
    "at further.",
)
def many_tests():
    """*Corrected p values* without a name are four things. statsmodels has Holm and Šidák as
    default, SciPy Benjamini and Hochberg (a share of false discoveries, which is another promise),
    pingouin Holm."""
    import pingouin
    from scipy.stats import false_discovery_control
    from statsmodels.stats.multitest import multipletests

    p = np.array([0.01, 0.02, 0.03, 0.04])
    return {
        "statsmodels multipletests": multipletests(p)[1],
        "pingouin.multicomp": pingouin.multicomp(p)[1],
        "scipy false_discovery_control": false_discovery_control(p),
        "statsmodels, method='bonferroni'": multipletests(p, method="bonferroni")[1],
    }


@row(
    "A table of two by two",
    libraries=("scipy", "statsmodels"),
    ours="advice: Fisher's exact test where an expected count is below 5; otherwise name the "
    "correction.",
)
def two_by_two():
    """The χ² test of a small table. SciPy applies Yates's correction to a table of two by two and
    to no other; statsmodels does not. One of the two is below 0.05."""
    from scipy.stats import chi2_contingency, fisher_exact
    from statsmodels.stats.contingency_tables import Table

    table = np.array([[9, 4], [4, 10]])
    return {
        "scipy chi2_contingency, p": chi2_contingency(table).pvalue,
        "scipy, correction=False": chi2_contingency(table, correction=False).pvalue,
        "statsmodels Table.test_nominal_association": Table(table, shift_zeros=False)
        .test_nominal_association()
        .pvalue,
        "scipy fisher_exact": fisher_exact(table).pvalue,
    }


@row(
    "McNemar's test of few discordant cases",
    libraries=("statsmodels", "pingouin"),
    units=("08",),
    ours="the exact test, with the cases printed: 6 against 1.",
)
def mcnemar():
    """Two readers differ in seven cases, 6 against 1. statsmodels' default is the exact binomial
    test; with `exact=False` it is χ² with a correction for continuity, which can be switched off.
    pingouin gives both."""
    import pandas as pd
    import pingouin
    from statsmodels.stats.contingency_tables import mcnemar as by_statsmodels

    table = [[40, 6], [1, 20]]
    pairs = [(1, 1)] * 40 + [(1, 0)] * 6 + [(0, 1)] + [(0, 0)] * 20
    _, found = pingouin.chi2_mcnemar(pd.DataFrame(pairs, columns=["a", "b"]), "a", "b")
    return {
        "statsmodels mcnemar": by_statsmodels(table).pvalue,
        "statsmodels, exact=False": by_statsmodels(table, exact=False).pvalue,
        "statsmodels, exact=False, correction=False": by_statsmodels(
            table, exact=False, correction=False
        ).pvalue,
        "pingouin chi2_mcnemar: approximate, exact": [
            float(value) for value in found.filter(regex="^p").iloc[0]
        ],
    }


@row(
    "Wilcoxon's test and differences of zero",
    libraries=("scipy",),
    ours="advice: the number of zeros beside the p value, and the median difference with its "
    "interval.",
)
def wilcoxon_zeros():
    """Dice of two networks on the same patients; on some both score the same. By default those
    patients are left out, *before* ranking; Pratt ranks them first, `zsplit` shares them. The
    statistic is the smaller sum of ranks unless a side is asked for."""
    from scipy.stats import wilcoxon

    difference = np.array([0, 0, 0, 0, 1, 2, -3, 4, 5, 6, 7.0])
    return {
        f"scipy wilcoxon, zero_method='{method}': statistic, p": list(
            wilcoxon(difference, zero_method=method, method="asymptotic")
        )
        for method in ("wilcox", "pratt", "zsplit")
    } | {"alternative='greater': statistic": wilcoxon(difference, alternative="greater")[0]}


@row(
    "Kappa of two raters who say the same",
    libraries=("scikit-learn",),
    units=("02", "08"),
    ours="percentage agreement stands beside kappa, with the number of cases of each kind.",
)
def kappa():
    """Both readers call every case healthy: they agree, and kappa is 0/0. With ordered grades the
    weights matter: unweighted, one grade apart is as bad as three."""
    from sklearn.metrics import cohen_kappa_score

    first, second = [1, 2, 3, 4, 4, 2, 1, 3], [1, 3, 3, 4, 3, 2, 2, 3]
    return {
        "both always 0": float(cohen_kappa_score([0] * 10, [0] * 10)),
        "four grades": cohen_kappa_score(first, second),
        "weights='linear'": cohen_kappa_score(first, second, weights="linear"),
        "weights='quadratic'": cohen_kappa_score(first, second, weights="quadratic"),
    }


@row(
    "Interval of a bootstrap",
    libraries=("scipy", "pingouin", "mlmi-course"),
    units=("02", "08", "09"),
    ours="percentiles, drawn over patients; `mlmi_course.metrics.bootstrap` takes the patient "
    "of each row.",
    margin=0.03,
)
def bootstrap_interval():
    """From the same draws several intervals can be made. SciPy's default corrects bias and
    skewness (BCa), pingouin's the bias alone, others take the percentiles as they are. For a
    skewed statistic of 20 values they differ by more than the rounding in a table."""
    import pingouin
    from scipy.stats import bootstrap

    values = np.random.default_rng(0).exponential(size=20)

    def by_scipy(method):
        drawn = bootstrap(
            (values,), np.var, method=method, rng=np.random.default_rng(1), n_resamples=4000
        )
        return list(drawn.confidence_interval)

    return {
        "scipy, default (BCa)": by_scipy("BCa"),
        "scipy, method='percentile'": by_scipy("percentile"),
        "scipy, method='basic'": by_scipy("basic"),
        "pingouin.compute_bootci": pingouin.compute_bootci(
            values, func=lambda x: np.var(x), n_boot=4000, seed=1, decimals=6
        ),
    }


@row(
    "Covariance: rows or columns, n or less",
    libraries=("numpy", "pandas", "scikit-learn"),
    units=("08", "12"),
    ours="a row is a sample, and n − 1, unless the text says otherwise.",
)
def covariance():
    """A table of four patients and two features. `numpy.cov` takes the *rows* for features and
    divides by n − 1, pandas takes columns, scikit-learn's `empirical_covariance` columns and n."""
    import pandas as pd
    from sklearn.covariance import empirical_covariance

    table = np.array([[1.0, 2], [2, 1], [3, 5], [4, 4]])
    return {
        "numpy.cov(table).shape": np.cov(table).shape,
        "numpy.cov(table, rowvar=False)[0, 0]": np.cov(table, rowvar=False)[0, 0],
        "pandas .cov()[0, 0]": pd.DataFrame(table).cov().iloc[0, 0],
        "sklearn empirical_covariance[0, 0]": empirical_covariance(table)[0, 0],
    }


@row(
    "Weights of a fit",
    libraries=("numpy", "scipy", "scikit-learn", "statsmodels"),
    units=("16",),
    ours="advice: say which sum is minimised, and whether the weight stands inside its square.",
)
def weights_of_a_fit():
    """A straight line through three points, the last of which is uncertain. `numpy.polyfit`
    multiplies
    *residuals* by `w` and squares them then, so a point with the uncertainty σ wants 1/σ;
    scikit-learn's `sample_weight` and statsmodels' WLS multiply *squared* residuals and want 1/σ²;
    `scipy.optimize.curve_fit` takes σ itself. The same weights give two slopes."""
    import statsmodels.api as sm
    from scipy.optimize import curve_fit
    from sklearn.linear_model import LinearRegression

    x, y, w = np.array([0.0, 1, 2]), np.array([0.0, 1, 4]), np.array([4.0, 2, 1])
    linear = LinearRegression().fit(x[:, None], y, sample_weight=w)
    by_sigma = curve_fit(lambda x, a, b: a * x + b, x, y, sigma=1 / w)[0]
    return {
        "numpy.polyfit(w=w), slope": np.polyfit(x, y, 1, w=w)[0],
        "sklearn LinearRegression(sample_weight=w)": linear.coef_[0],
        "statsmodels WLS(weights=w)": sm.WLS(y, sm.add_constant(x), weights=w).fit().params[1],
        "scipy curve_fit(sigma=1/w)": by_sigma[0],
    }


@row(
    "F1 of several classes",
    libraries=("scikit-learn", "keras"),
    ours="advice: per class, with the number of cases; name an average.",
)
def f1_averages():
    """Macro averages over classes, micro over cases, weighted in between, and for two classes the
    default is F1 of class 1 alone. Keras's `F1Score` wants one-hot truths, gives one value per
    class, and takes each row's largest score."""
    import keras
    from sklearn.metrics import f1_score

    truth = np.array([0] * 8 + [1] * 8 + [2] * 2)
    prediction = np.array([0] * 8 + [1] * 6 + [0] * 2 + [1] * 2)
    by_keras = keras.metrics.F1Score()
    by_keras.update_state(np.eye(3)[truth], np.eye(3)[prediction])
    return {
        f"sklearn f1_score, average='{how}'": f1_score(truth, prediction, average=how)
        for how in ("macro", "micro", "weighted")
    } | {"keras.metrics.F1Score()": by_keras.result().numpy()}
