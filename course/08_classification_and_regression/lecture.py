# %% [markdown]
# ## You need (3 min)
#
# **The first half: who is sent to biopsy?** A woman has a lump in her breast. A fine needle has
# taken a few cells, a microscope has photographed them, and a program has measured their nuclei.
# Should a surgeon now take tissue? A wrong *no* costs her months that she may not have. A wrong
# *yes* costs a scar and two weeks of fear. Many learners could answer, and a network is only one
# of them. Here are those that it has to beat. (The woman, her clinic and the board of the second
# half are invented; the tables are not, where we say so.)
#
# | term | meaning |
# |---|---|
# | **learner** | a procedure that makes a rule from examples; the rule is then the model |
# | **setting** | a number that you choose before it learns, such as the number of neighbours |
# | **held out** | not seen by the learner, neither while it learned nor while you chose settings |
# | **fold** | one of several equal parts of the patients, each held out once |
# | **covariance** | a table of how features vary together, with the variances on its diagonal |
# | **prior** | how common a class is before you look at the features |
# | **log odds** | $\log\frac{p}{1-p}$ of a probability $p$: 0 at one half, and without limits on both sides |

# %%
import mlmi_course
import numpy as np
import pandas as pd
from threadpoolctl import threadpool_limits

from mlmi_course import data, metrics, plots, widgets
from mlmi_course.checks import Predictions, result

threads = threadpool_limits(1)  # small tables: several threads only wait for each other
ask = Predictions("08_classification_and_regression")


def log_odds(p):
    """Return the log odds of probabilities, also of those that are 0 or 1."""
    p = np.clip(p, 1e-12, 1 - 1e-12)
    return np.log(p / (1 - p))


print("log odds of 0.5, 0.9 and 0.05:", log_odds(np.array([0.5, 0.9, 0.05])).round(2))

# %% [markdown]
# ## Eight learners, one picture (12 min)
#
# The table is real, and you know it from units 02 and 05: 569 lumps from Wisconsin [1], of which 212
# were malignant, and thirty numbers about the nuclei of each. You can see two numbers at a time, so
# begin with two: the mean radius of the nuclei, and their *texture*, which is the spread of the grey
# values in them. The learners get 150 women to learn from, and are tried on the other 419.

# %%
from sklearn.datasets import load_breast_cancer
from sklearn.preprocessing import StandardScaler

wisconsin = load_breast_cancer()
cells, cancer = wisconsin.data, 1 - wisconsin.target  # in the file, 1 means benign
order = np.random.default_rng(0).permutation(len(cancer))
learn, unseen = order[:150], order[150:]
scale = StandardScaler().fit(cells[learn, :2])  # radius and texture; the others are held out
pair = scale.transform(cells[:, :2])
x, y = pair[learn], cancer[learn]

# %% [markdown] tags=["notes"]
# **Remember everything.** The laziest learner keeps all examples. For a new woman it looks up the
# $k$ most similar ones and answers with the share of them that had cancer: **nearest neighbours**
# (kNN). *Similar* is a distance, so a feature with a larger unit would count for more, and
# therefore the columns are scaled first.


# %%
def nearest_share(x, y, new, k):
    """Return for each new patient the share of class 1 among her k nearest."""
    far = ((new[:, None, :] - x[None, :, :]) ** 2).sum(axis=2)
    return y[np.argsort(far, axis=1, kind="stable")[:, :k]].mean(axis=1)


# %% [markdown]
# **Describe each class.** Suppose that each class is a cloud with a mean $\boldsymbol\mu_c$ and a
# covariance $\boldsymbol\Sigma_c$, shaped like a bell (a Gaussian). Bayes' rule turns that into a
# score for class $c$ with prior $\pi_c$:
#
# $$ s_c(\mathbf{x}) = \log \pi_c - \tfrac12 \log \det \boldsymbol\Sigma_c
# - \tfrac12 (\mathbf{x}-\boldsymbol\mu_c)^\top \boldsymbol\Sigma_c^{-1}
#   (\mathbf{x}-\boldsymbol\mu_c) $$
#
# and the difference of two scores is the log odds. Three learners differ only in what they
# believe of the covariance. **Quadratic discriminant analysis** (QDA) gives each class its own.
# **Linear discriminant analysis** (LDA) takes one for both, so that the squares cancel and the
# border is straight. **Naive Bayes** sets all to zero but the variances, as if no feature knew of
# another.


# %%
def gaussian_log_odds(x, y, new, kind):
    """Return the log odds of class 1 by a Gaussian cloud for each class."""
    means = [x[y == c].mean(axis=0) for c in (0, 1)]
    shapes = [np.cov(x[y == c].T, ddof=0) for c in (0, 1)]
    if kind == "LDA":
        shapes = [np.average(shapes, axis=0, weights=np.bincount(y))] * 2
    if kind == "naive Bayes":
        shapes = [np.diag(np.diag(shape)) for shape in shapes]  # the variances alone
    scores = []
    for c, shape in enumerate(shapes):
        away = new - means[c]
        distance = np.sum(away @ np.linalg.inv(shape) * away, axis=1)
        scores.append(np.log((y == c).mean()) - (np.log(np.linalg.det(shape)) + distance) / 2)
    return scores[1] - scores[0]


# %% [markdown] tags=["notes"]
# **Draw the border itself.** **Logistic regression** gives up the clouds and fits a weighted sum,
# $\log\frac{p}{1-p} = \mathbf{w}\cdot\mathbf{x} + b$. A **support vector machine** (SVM) looks for
# the widest street between the classes, and with a **kernel**, a similarity that stands in for
# the dot product, the street may bend.
#
# **Ask questions.** A **decision tree** cuts one feature at a time: *is the radius above 15?*
# Each cut should leave two groups as pure as possible. A **random forest** grows many trees, each
# on patients drawn with replacement and with a random choice of features at each cut, and takes
# their mean. **Boosting** grows small trees one after the other, each on what those before it got
# wrong.
#
# All of it is in scikit-learn, so from here on the library does the work. First, does our code
# agree?

# %% tags=["nbval-check-output"]
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis, QuadraticDiscriminantAnalysis
from sklearn.ensemble import GradientBoostingClassifier, RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.naive_bayes import GaussianNB
from sklearn.neighbors import KNeighborsClassifier
from sklearn.svm import SVC
from sklearn.tree import DecisionTreeClassifier, export_text

library = {
    "LDA": LinearDiscriminantAnalysis("lsqr"),
    "QDA": QuadraticDiscriminantAnalysis(),  # scikit-learn 1.6 divided by n − 1 here: says "no"
    "naive Bayes": GaussianNB(),
}
new = pair[unseen]
for kind, model in library.items():
    theirs = np.diff(model.fit(x, y).predict_log_proba(new), axis=1).ravel()
    ours = gaussian_log_odds(x, y, new, kind)
    result(f"{kind}: largest difference", float(np.abs(theirs - ours).max()), at_most=1e-6)
theirs = KNeighborsClassifier(15).fit(x, y).predict_proba(new)[:, 1]
off = np.abs(theirs - nearest_share(x, y, new, 15)).max()
result("kNN: largest difference", float(off), at_most=1e-6)

# %% [markdown]
# Each learner has a setting that makes it bend more or less (`C`, `gamma`, `shrinkage`, … are
# scikit-learn's names for them). In the widget below, *stiff* is 1 and
# *bendy* is 5. Before you move it:

# %%
by_heart = ask(
    "kNN at its bendiest looks at one neighbour. Of 100 women that it learned from, and of 100 "
    "others, how many does it get right?",
    "about 90 and 90",
    "100 and about 95",
    "100 and about 85",
)
by_heart


# %%
def learner(name, bend):
    """Return an unfitted model; a larger bend (1 to 5) follows the examples more closely."""
    step = bend - 1
    return {
        "logistic": lambda: LogisticRegression(C=[0.01, 0.1, 1, 10, 100][step]),
        "LDA": lambda: LinearDiscriminantAnalysis("lsqr", shrinkage=[0.9, 0.5, 0.1, 0.01, 0][step]),
        "QDA": lambda: QuadraticDiscriminantAnalysis(reg_param=[0.9, 0.5, 0.1, 0.01, 0][step]),
        "naive Bayes": lambda: GaussianNB(var_smoothing=[2, 0.5, 0.1, 0.01, 1e-9][step]),
        "kNN": lambda: KNeighborsClassifier([61, 31, 15, 5, 1][step]),
        "SVM": lambda: SVC(C=[0.1, 1, 10, 100, 1000][step], gamma=[0.1, 0.3, 0.5, 1, 5][step]),
        "tree": lambda: DecisionTreeClassifier(max_depth=[1, 2, 3, 5, None][step], random_state=0),
        "forest": lambda: RandomForestClassifier(
            30, min_samples_leaf=[30, 15, 7, 3, 1][step], random_state=0
        ),
    }[name]()


# %% tags=["fold"]
fitted = {}


def fit_once(name, bend):
    """Fit a learner to the 150 women, once."""
    if (name, bend) not in fitted:
        fitted[name, bend] = learner(name, bend).fit(x, y)
    return fitted[name, bend]


def right_of(name, bend):
    """Return the shares that are right among the 150 and among the others."""
    model = fit_once(name, bend)
    return model.score(x, y), model.score(pair[unseen], cancer[unseen])


# %% tags=["fold"]
def border(ax, name, bend):
    """Draw the 150 women and the side on which a learner puts each point."""
    model = fit_once(name, bend)
    plots.decision(
        x, y, lambda points: 1.0 * model.predict(points), level=0.5, errors=False, ax=ax,
        names=("benign", "malignant"), xlabel="mean radius (SD)", ylabel="texture (SD)",
    )  # fmt: skip


def in_words(name, bend):
    """Say how many are right."""
    known, others = right_of(name, bend)
    return f"{name}: right for {100 * known:.0f} % of the 150, {100 * others:.0f} % of 419 others."


# %% tags=["fold"]
names = ["logistic", "LDA", "QDA", "naive Bayes", "kNN", "SVM", "tree", "forest"]
widgets.explore(
    border,
    {"name": widgets.Choice("Learner", names, "kNN"), "bend": widgets.Slider("Bend", 1, 5, 3)},
    alt=lambda name, bend: f"Lumps, and the border of a learner. {in_words(name, bend)}",
    say=in_words,
    settings=[{"name": name} for name in ("logistic", "QDA", "kNN", "tree", "forest")],
    size=(5.4, 4.4),
)

# %% tags=["nbval-check-output"]
for name, bend in (("kNN", 1), ("kNN", 3), ("kNN", 5), ("tree", 5), ("logistic", 3)):
    known, others = right_of(name, bend)
    print(f"{name}, bend {bend}: {known:.2f} of the 150, {others:.2f} of the others")

# %%
known, others = right_of("kNN", 5)
offered = {"about 90 and 90": 0.9, "100 and about 95": 0.95, "100 and about 85": 0.85}
at_home = [words for words in offered if words.startswith("100") == (known > 0.97)]
by_heart.reveal(min(at_home, key=lambda words: abs(offered[words] - others)))

# %% [markdown]
# With one neighbour every woman is her own nearest, so the learner repeats what it was told,
# errors included. Its border is a map of accidents. This is **overfitting**: more bend fits the
# known women better and, beyond some point, the others worse. At the other end kNN asks 61 of the
# 150, so that its border is smooth, and the two shares lie close together.

# %% [markdown] tags=["notes"]
# The same names hide choices. A covariance is divided by [n or less](../docs/conventions.md#covariance-rows-or-columns-n-or-less), a
# logistic regression is [held back or not](../docs/conventions.md#logistic-regression-penalty-and-intercept) before you say anything, and a
# library may or may not count a point as [its own neighbour](../docs/conventions.md#is-a-point-its-own-neighbour).

# %% [markdown]
# ## What has it learned? (3 min)
#
# "Why do you want to cut me?" the woman asks. What can each learner say? It depends on what it
# has kept:
#
# | what is kept | learners | what it can tell her |
# |---|---|---|
# | **examples** | kNN; an SVM keeps those at its street | for example, "of the 15 lumps most like yours, 13 were malignant" |
# | **clouds**: means, covariances | LDA, QDA, naive Bayes | "yours lies far from the middle of the benign ones" |
# | **weights** | logistic regression, a linear SVM | "the radius adds 2.1 to your score" |
# | **rules** | a tree | "larger than 15, and rough: malignant" |
# | **many rules** | forest, boosting | "80 of 100 trees say so" |
# | **a network** of weights | perceptrons with hidden layers | hardly anything, without the tools of unit 13 |

# %% tags=["nbval-check-output"]
tree = DecisionTreeClassifier(max_depth=2, random_state=0).fit(cells[:, :2][learn], y)
print(export_text(tree, feature_names=["radius", "texture"], decimals=1))
print("logistic, weights of radius and texture:", fit_once("logistic", 3).coef_.round(2)[0])
print("SVM keeps", len(fit_once("SVM", 3).support_), "of 150 women")

# %% [markdown] tags=["notes"]
# The rules of a small tree can be read aloud. (A cut whose two sides get the same answer still
# makes them purer.) That is worth something, and soon you will see what it costs.

# %% [markdown]
# ## Choosing without peeking (6 min)
#
# Somebody must choose the settings. The tempting way is to try some on the test patients, and
# keep the best. Here are studies in which there is *nothing* to find: 60 invented patients,
# twenty columns of noise, and labels dealt out in turn, which have nothing to do with them. An
# SVM learns from 30 of them; 24 settings are tried on the other 30.

# %%
peeking = ask(
    "What accuracy does the best of the 24 settings show on its 30 test patients, on average?",
    "about 50 %",
    "about 60 %",
    "about 75 %",
    "about 90 %",
)
peeking

# %%
rng = np.random.default_rng(0)
shown, true = [], []
for _ in range(40):  # 40 studies
    noise, coin = rng.normal(size=(60, 20)), np.resize([0, 1], 60)
    later, later_coin = rng.normal(size=(400, 20)), np.resize([0, 1], 400)
    models = [
        SVC(C=c, gamma=g).fit(noise[:30], coin[:30])
        for c in (0.1, 1, 10, 100) for g in (0.003, 0.01, 0.03, 0.1, 0.3, 1)
    ]  # fmt: skip
    on_test = [model.score(noise[30:], coin[30:]) for model in models]
    best = int(np.argmax(on_test))
    shown.append(on_test[best])
    true.append(models[best].score(later, later_coin))

# %% tags=["nbval-check-output"]
result("best of 24 on the test patients, mean of 40 studies", float(np.mean(shown)), at_least=0.56)
result("the same models on 400 new patients", float(np.mean(true)), within=(0.48, 0.52))

# %%
offered = (50, 60, 75, 90)
peeking.reveal(f"about {min(offered, key=lambda percent: abs(percent / 100 - np.mean(shown)))} %")

# %% [markdown]
# Ten points came out of nothing, because a setting that was *chosen on the test* has seen the
# test. The cure is the **nested cross-validation** of unit 02: an outer loop holds out a fold, and the *whole*
# search, with an inner cross-validation of its own, takes place among the others. Then the
# held-out fold is touched once. Where a patient, or a family, has several rows, both loops must
# keep them together; the second half shows what happens otherwise.

# %%
from sklearn.model_selection import GridSearchCV, StratifiedKFold, cross_val_predict
from sklearn.pipeline import make_pipeline

outer = StratifiedKFold(5, shuffle=True, random_state=0)
inner = StratifiedKFold(3, shuffle=True, random_state=1)


def nested_scores(model, grid):
    """Return a score for each woman, from a model whose settings she did not help to choose."""
    search = GridSearchCV(model, grid, scoring="roc_auc", cv=inner)
    method = "decision_function" if hasattr(model, "decision_function") else "predict_proba"
    scores = cross_val_predict(search, cells, cancer, cv=outer, method=method)
    return scores if scores.ndim == 1 else scores[:, 1]


# %% [markdown]
# ## Nine learners, one contest (6 min)
#
# Now all thirty features, nine learners, and the same effort for each: two to four settings.
# Logistic regression is the baseline: one weight a feature. A score is good if malignant lumps
# get higher ones than benign lumps, which the AUC (the area under the ROC curve, which comes
# later) measures: the share of such pairs in the right order. *By more than chance* means here:
# the interval of the difference on the same women, corrected for eight contrasts, lies above 0.

# %%
how_many_beat = ask(
    "How many of the other eight learners have a larger AUC than logistic regression, by more "
    "than chance?",
    "none",
    "one or two",
    "three or four",
    "five or more",
)
how_many_beat

# %%
scaled = lambda model: make_pipeline(StandardScaler(), model)  # noqa: E731
shrink = [0.01, 0.1, 0.3, 0.5]
contest = {
    "logistic": (scaled(LogisticRegression()), {"logisticregression__C": [0.01, 0.1, 1, 10]}),
    "LDA": (
        scaled(LinearDiscriminantAnalysis("lsqr")),
        {"lineardiscriminantanalysis__shrinkage": shrink},
    ),
    "QDA": (
        scaled(QuadraticDiscriminantAnalysis()),
        {"quadraticdiscriminantanalysis__reg_param": shrink},
    ),
    "naive Bayes": (scaled(GaussianNB()), {"gaussiannb__var_smoothing": [1e-9, 0.01, 0.1, 1]}),
    "kNN": (scaled(KNeighborsClassifier()), {"kneighborsclassifier__n_neighbors": [3, 7, 15, 31]}),
    "SVM": (scaled(SVC()), {"svc__C": [0.1, 1, 10, 100]}),
    "tree": (DecisionTreeClassifier(random_state=0), {"max_depth": [2, 3, 4, 6]}),
    "forest": (RandomForestClassifier(60, random_state=0), {"min_samples_leaf": [1, 5]}),
    "boosting": (
        GradientBoostingClassifier(n_estimators=60, random_state=0),
        {"max_depth": [1, 2]},
    ),
}
scores = {name: nested_scores(*one) for name, one in contest.items()}

# %%
areas = {name: metrics.auc(cancer, one, resamples=500) for name, one in scores.items()}
others = [name for name in scores if name != "logistic"]
against = {
    name: metrics.paired_difference(
        metrics.auc, scores[name], scores["logistic"], labels=cancer, level=1 - 0.05 / len(others)
    )
    for name in others
}
table = pd.DataFrame({
    "AUC [95 %]": {name: str(area) for name, area in areas.items()},
    "minus logistic [corrected for 8]": {name: str(one) for name, one in against.items()},
})  # fmt: skip
table.loc[list(scores)].fillna("")

# %% tags=["nbval-check-output"]
result("lumps, one a woman", len(cancer))
result("AUC of logistic regression", float(areas["logistic"]), at_least=0.985)
without_tree = min(float(area) for name, area in areas.items() if name != "tree")
result("smallest AUC, the single tree left out", without_tree, at_least=0.97)
result("AUC of the single tree", float(areas["tree"]), at_most=0.965)
result(
    "largest gain over logistic regression", max(float(d) for d in against.values()), at_most=0.005
)
gains = sum(d.low > 0 for d in against.values())
losses = [name for name, d in against.items() if d.high < 0]
result("learners that are better by more than chance", gains, at_most=0)
result(
    "largest gain that a bracket leaves open", max(d.high for d in against.values()), at_most=0.012
)
result("the single tree − logistic, high end", against["tree"].high, at_most=-0.005)

# %%
words = ["none", "one or two", "one or two", "three or four", "three or four", "five or more"]
how_many_beat.reveal(words[min(gains, 5)])

# %% [markdown]
# Not one beats the weighted sum, although eight of the nine learners are above 0.97. The brackets
# of the last column are for *eight* contrasts: each covers 99.4 %, so that together they miss in
# at most 5 of 100 studies. They draw women, but no new foldings and no new trainings. Where they
# leave out 0, they do so on the side of logistic regression: clearly for the single tree, whose
# readable rules cost it 0.05, and by less than 0.01 for boosting and nearest neighbours, whose
# brackets end so close to 0 that other foldings may well decide otherwise. (Nor did the small
# network of unit 05 do better on this table.)
#
# So choose the simplest that is as good. The brackets are also narrow: none of the eight can be
# hiding a gain of more than 0.01. Simple is not always best; it is best *here*, where somebody
# has already turned images into thirty good numbers. When you have only pixels, see part III.

# %% [markdown] tags=["notes"]
# Both parts of such a bracket have several forms, [the interval of a bootstrap](../docs/conventions.md#interval-of-a-bootstrap) and [the
# correction for many tests](../docs/conventions.md#correction-for-many-tests).

# %% [markdown]
# ## Many trees (9 min, deeper)
#
# Why does a forest gain 0.05 over its trees? Write a tree's single cut first. The **Gini
# impurity** of a group with a share $p$ of malignant lumps is $2p(1-p)$: the chance that two
# women drawn from it differ. A cut is good if it leaves little of it, weighted by the sizes of
# the two groups.


# %%
def best_cut(feature, y):
    """Return the threshold that leaves the least impurity, and the impurity."""
    order = np.argsort(feature)
    value, label = feature[order], y[order]
    left = np.arange(1, len(y))  # how many lie at or below the cut
    share_left = np.cumsum(label)[:-1] / left
    share_right = (label.sum() - np.cumsum(label)[:-1]) / (len(y) - left)
    impurity = (
        left * 2 * share_left * (1 - share_left)
        + (len(y) - left) * 2 * share_right * (1 - share_right)
    ) / len(y)
    impurity[value[1:] == value[:-1]] = np.inf  # no cut between equal values
    best = int(np.argmin(impurity))
    return (value[best] + value[best + 1]) / 2, impurity[best]


# %% tags=["nbval-check-output"]
found = [best_cut(cells[:, column], cancer) for column in range(30)]
column = int(np.argmin([impurity for _, impurity in found]))
stump = DecisionTreeClassifier(max_depth=1, random_state=0).fit(cells, cancer)
result("our first question is about", str(wisconsin.feature_names[column]))
result("our threshold", float(found[column][0]), digits=5)
result("scikit-learn's", float(stump.tree_.threshold[0]), digits=5)

# %% [markdown]
# A single deep tree is unstable: draw other women, and the first cut moves, and with it
# everything below. Its errors are large but *different* in each tree, so that they cancel in a
# mean. Draw women **with replacement**, grow a tree on them, and repeat: this is **bagging**. As
# a bonus, about 37 % of the women are not drawn for a tree ($(1-\frac1n)^n \to 1/e$). Each
# woman's **out-of-bag** score is the mean over the trees that have not seen her: held-out
# predictions without any fold.

# %%
trees_needed = ask(
    "How many bagged trees does it take until the out-of-bag AUC is within 0.01 of that of 100 "
    "trees?",
    "about 3",
    "about 10",
    "about 60",
)
trees_needed

# %%
rng = np.random.default_rng(1)
votes, seen_by = np.zeros(len(cancer)), np.zeros(len(cancer))
out_of_bag = []
for count in range(1, 101):
    drawn = rng.integers(0, len(cancer), len(cancer))
    left_out = np.setdiff1d(np.arange(len(cancer)), drawn)
    one = DecisionTreeClassifier(max_features=5, random_state=count).fit(
        cells[drawn], cancer[drawn]
    )
    votes[left_out] += one.predict_proba(cells[left_out])[:, 1]
    seen_by[left_out] += 1
    scored = seen_by > 0
    area = metrics.auc(cancer[scored], votes[scored] / seen_by[scored], resamples=2)
    out_of_bag.append(float(area))
enough = next(n for n, area in enumerate(out_of_bag, 1) if area > out_of_bag[-1] - 0.01)

# %% tags=["fold"]
plots.lines(
    {"out of bag": out_of_bag},
    x=np.arange(1, 101),
    xlabel="trees",
    ylabel="AUC",
    title="More trees, less accident",
    alt=f"The out-of-bag AUC rises steeply with the first trees; after {enough} it is nearly flat.",
)

# %% tags=["nbval-check-output"]
result("trees until within 0.01 of the last", enough, within=(6, 24))
result("AUC of one tree, out of bag", out_of_bag[0], within=(0.85, 0.96))
result("AUC of 100 trees, out of bag", out_of_bag[-1], at_least=0.98)
result("left out by the last tree (share)", len(left_out) / len(cancer), within=(0.3, 0.44))

# %%
offered = {"about 3": 3, "about 10": 10, "about 60": 60}
trees_needed.reveal(min(offered, key=lambda words: abs(np.log(offered[words] / enough))))

# %% [markdown]
# Averaging removes what the trees do not have in common, and no number of trees removes what they
# share. That is why a forest also hides features from its trees: it makes them differ more.
# Boosting works the other way round. It adds small trees that each repair the rest, so it *can*
# overfit when it goes on too long, and its number of trees is a setting.

# %% [markdown]
# ## Would more women help? (6 min, deeper)
#
# A **learning curve** draws the quality on held-out patients over the number that were learned
# from. It says whether to collect patients or to change the method, so draw it before you ask for
# money.

# %%
first_at_20 = ask(
    "With only 20 women to learn from, which of the four has the largest mean AUC?",
    "logistic regression",
    "naive Bayes",
    "nearest neighbours",
    "forest",
)
first_at_20

# %%
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import StratifiedShuffleSplit

sizes = [20, 40, 80, 160, 320]
students = {
    "logistic regression": scaled(LogisticRegression()),
    "naive Bayes": GaussianNB(),
    "nearest neighbours": scaled(KNeighborsClassifier(5)),
    "forest": RandomForestClassifier(30, random_state=0),
}
learned = {name: [] for name in students}
for size in sizes:
    parts = StratifiedShuffleSplit(12, train_size=size, test_size=200, random_state=1)
    parts = list(parts.split(cells, cancer))
    for name, model in students.items():
        areas_here = [
            roc_auc_score(cancer[b], model.fit(cells[a], cancer[a]).predict_proba(cells[b])[:, 1])
            for a, b in parts
        ]
        learned[name].append(float(np.mean(areas_here)))

# %% tags=["fold"]
plots.lines(
    learned,
    x=sizes,
    xlabel="women to learn from",
    ylabel="mean AUC on 200 others",
    title="Twelve draws at each size",
    alt="Four learning curves that rise from 0.95 to 0.98 at 20 women and flatten by about 80.",
)

# %% tags=["nbval-check-output"]
for name, curve in learned.items():
    result(f"{name}, 20 women", curve[0], at_least=0.93)
    result(f"{name}, 320 women", curve[-1], at_least=0.97)
result("logistic regression, gain from 80 to 320", learned["logistic regression"][4]
       - learned["logistic regression"][2], within=(-0.01, 0.01))  # fmt: skip

# %%
first_at_20.reveal(max(learned, key=lambda name: learned[name][0]))

# %% [markdown]
# The curves are flat after some eighty women, so more of *these* women would not help. With
# twenty, the learner with the strongest belief is hard to beat: naive Bayes needs only a mean and
# a variance of each feature, and whoever believes much must learn little. The belief is wrong,
# and so it is overtaken later. (The means are of twelve draws that share women, so small gaps
# between the curves say nothing.)

# %% [markdown]
# ## Does 1 % mean one of a hundred? (7 min)
#
# The AUC only looks at the order. The woman, though, hears a number: *the program says 1 %*. A
# model is **calibrated** if, of all who are told 1 %, one of a hundred has cancer. The **Brier
# score** measures it, together with the order: the mean of $(p - y)^2$, where 0 is perfect. Naive
# Bayes has an AUC above 0.98. It told 350 of the 569 women that their risk is below 1 %.

# %%
told = ask(
    "How many of the women whom naive Bayes told *below 1 %* had cancer?",
    "3 at most",
    "about 15",
    "about 60",
)
told

# %%
plain = {"logistic": scaled(LogisticRegression()), "naive Bayes": scaled(GaussianNB())}
risk = {
    name: cross_val_predict(model, cells, cancer, cv=outer, method="predict_proba")[:, 1]
    for name, model in plain.items()
}

# %% tags=["nbval-check-output"]
for name, p in risk.items():
    sure = p < 0.01
    result(f"{name}: women told below 1 %", int(sure.sum()), within=(200, 400))
    result(
        f"{name}: of them with cancer",
        int(cancer[sure].sum()),
        at_most={"logistic": 4}.get(name, 25),
    )
brier = {name: float(np.mean((p - cancer) ** 2)) for name, p in risk.items()}
result("Brier score of logistic regression", brier["logistic"], at_most=0.03)
result("Brier score of naive Bayes", brier["naive Bayes"], at_least=0.045)
of_radius = float(np.corrcoef(cells[:, 0], cells[:, 2])[0, 1])
result("correlation of mean radius and mean perimeter", of_radius)
result(
    "Brier score of who tells everybody the prevalence",
    float(np.mean((cancer.mean() - cancer) ** 2)),
)

# %%
missed = int(cancer[risk["naive Bayes"] < 0.01].sum())
offered = {"3 at most": 2, "about 15": 15, "about 60": 60}
told.reveal(min(offered, key=lambda words: abs(np.log(offered[words] / max(missed, 1)))))

# %% [markdown]
# Naive Bayes counts thirty features as thirty independent witnesses. But radius, perimeter and
# area say the same thing, so it hears one witness three times and is far too sure. Its order is
# good; its numbers are not.
#
# This can be mended without training anew. Take held-out patients, and learn what the scores
# *mean*. **Platt's method** [2] fits a logistic regression to the one number, the log odds;
# **isotonic regression** fits a staircase that may only go up. *Held-out* is the point: on its
# training patients a model is too good, and its scores would look more trustworthy than they are.

# %%
from sklearn.isotonic import IsotonicRegression

mended = {
    "naive Bayes + Platt": np.empty(len(cancer)),
    "naive Bayes + isotonic": np.empty(len(cancer)),
}
for train, test in outer.split(cells, cancer):
    model = scaled(GaussianNB())
    held = cross_val_predict(
        model, cells[train], cancer[train], cv=inner, method="predict_log_proba"
    )
    model.fit(cells[train], cancer[train])
    z_held, z_test = np.diff(held).ravel(), np.diff(model.predict_log_proba(cells[test])).ravel()
    platt = LogisticRegression(C=1e6).fit(z_held[:, None], cancer[train])
    mended["naive Bayes + Platt"][test] = platt.predict_proba(z_test[:, None])[:, 1]
    stairs = IsotonicRegression(y_min=0.001, y_max=0.999, out_of_bounds="clip").fit(
        z_held, cancer[train]
    )
    mended["naive Bayes + isotonic"][test] = stairs.predict(z_test)
risk |= mended


# %% tags=["fold"]
def reliability(p, groups=6):
    """Return the mean risk that was told and the share with cancer, in groups of equal size."""
    parts = np.array_split(np.argsort(p, kind="stable"), groups)
    return [p[i].mean() for i in parts], [cancer[i].mean() for i in parts]


roc_auc = lambda p: float(metrics.auc(cancer, p, resamples=2))  # noqa: E731
curves = {
    name: reliability(risk[name]) for name in ("logistic", "naive Bayes", "naive Bayes + Platt")
}
plots.lines(
    {"told = true": ([0, 1], [0, 1])} | curves,
    xlabel="risk that was told (mean of a sixth of the women)",
    ylabel="share with cancer",
    colours={"told = true": plots.COLOURS["neutral"]},
    title="Told, and true",
    size=(5.4, 4),
    alt="Logistic regression and the mended naive Bayes follow the diagonal; naive Bayes itself tells "
    "0 where some have cancer and 1 where not all have.",
)

# %% tags=["nbval-check-output"]
brier |= {name: float(np.mean((p - cancer) ** 2)) for name, p in mended.items()}
for name in mended:
    result(f"Brier score, {name}", brier[name], at_most=0.055)
gain = metrics.paired_difference(
    np.mean, (risk["naive Bayes"] - cancer) ** 2, (mended["naive Bayes + Platt"] - cancer) ** 2
)
result("Brier score, naive Bayes − with Platt, low end", gain.low, at_least=0)
for name in mended:
    left = metrics.paired_difference(
        np.mean, (mended[name] - cancer) ** 2, (risk["logistic"] - cancer) ** 2
    )
    result(f"{name} − logistic regression, low end", left.low, at_least=0)
    change = roc_auc(mended[name]) - roc_auc(risk["naive Bayes"])
    result(f"{name}: change of the AUC", change, within=(-0.015, 0.015))
for name, (said_risk, happened) in curves.items():
    off = max(abs(a - b) for a, b in zip(said_risk, happened, strict=True))
    most = {"logistic": 0.05, "naive Bayes": 0.15}.get(name, 0.08)
    result(f"{name}: furthest from the diagonal", float(off), at_most=most)

# %% [markdown] tags=["notes"]
# Platt's repair takes off more than a quarter of the error, and so does the other. But neither
# makes naive Bayes as good as logistic regression, because a repair of the numbers leaves the
# order nearly as it was. (Logistic regression lies nearest to the diagonal here. That is no law:
# look at every model in this way.)

# %% [markdown] tags=["notes"]
# The other usual score for probabilities is the cross-entropy of unit 05. It punishes a sure mistake far harder than Brier's, so hard that
# each library [cuts it off somewhere](../docs/conventions.md#cross-entropy-of-a-sure-mistake), and it must be told [what it is
# given](../docs/conventions.md#cross-entropy-of-what).

# %% [markdown]
# ## Where to cut? (6 min)
#
# A probability is no decision yet. Suppose that the clinic and its patients agree that **a missed
# cancer is as bad as 20 needless biopsies**. (The number is theirs to choose; we made it
# up, like the 50 needles of unit 05.)

# %%
cut_at = ask("At which risk of cancer should a biopsy begin?", "5 %", "20 %", "50 %", "95 %")
cut_at

# %% [markdown] tags=["notes"]
# Send her if not sending costs more: $20 \, p > 1 \cdot (1 - p)$. So the cut lies where $p =
# \frac{1}{1 + 20}$, whatever the model, **if the probabilities are true**. The widget shows on
# the left what 1,000 women would cost at each cut. The curve on the right is the **ROC**
# (receiver operating characteristic): the share of cancers found over the share of benign lumps
# sent to biopsy.

# %%
ratio = 20


def outcome(p, cut):
    """Count cancers found, cancers missed, and needless biopsies."""
    sent = p >= cut
    return (sent & (cancer == 1)).sum(), (~sent & (cancer == 1)).sum(), (sent & (cancer == 0)).sum()


def cost(p, cut, ratio=ratio):
    """Return what a cut costs for 1,000 women, in needless biopsies."""
    _, missed, needless = outcome(p, cut)
    return 1000 * (ratio * missed + needless) / len(cancer)


offered = {"5 %": 0.05, "20 %": 0.2, "50 %": 0.5, "95 %": 0.95}
cut_at.reveal(min(offered, key=lambda words: abs(offered[words] - 1 / (1 + ratio))))

# %% tags=["fold"]
cuts = np.array([0.001, 0.002, 0.005, 0.01, 0.02, 0.048, 0.1, 0.2, 0.3, 0.5, 0.7, 0.9])


def threshold_view(axes, model, place, ratio):
    """Draw the cost over the cut, and the place on the ROC curve."""
    left, right = axes
    p, grid = risk[model], np.logspace(-3, -0.01, 120)
    plots.lines({"": [cost(p, c, ratio) for c in grid]}, x=grid, xlabel="cut", ax=left)
    left.set(xscale="log", ylabel="cost for 1,000 women")
    left.axvline(cuts[place], color=plots.COLOURS["highlight"])
    left.axvline(1 / (1 + ratio), color=plots.COLOURS["neutral"], linestyle=":")
    steps = np.append(np.unique(p), 2)
    found, _, needless = np.array([outcome(p, c) for c in steps]).T
    sent, share = needless / (cancer == 0).sum(), found / cancer.sum()
    plots.lines({"": share}, x=sent, xlabel="benign lumps sent", ax=right)
    right.set(ylabel="cancers found")
    found, _, needless = outcome(p, cuts[place])
    right.plot(needless / (cancer == 0).sum(), found / cancer.sum(), "o", color="black")


# %% tags=["fold"]
def threshold_words(model, place, ratio):
    """Say what a cut does."""
    found, missed, needless = outcome(risk[model], cuts[place])
    return (f"{model}, cut at {100 * cuts[place]:.3g} %: {found} of {found + missed} cancers found, "
            f"{needless} needless biopsies; cost {cost(risk[model], cuts[place], ratio):.0f} "
            f"for 1,000 women. Best by the prices: {100 / (1 + ratio):.1f} %.")  # fmt: skip


# %% tags=["fold"]
widgets.explore(
    threshold_view,
    {
        "model": widgets.Choice("Model", list(risk)),
        "place": widgets.Slider("Cut, from low to high", 0, 11, 9),
        "ratio": widgets.Slider("A miss costs", 1, 50, 20, unit="biopsies"),
    },
    alt=lambda model, place, ratio: "Cost over the cut, and the ROC curve. "
    + threshold_words(model, place, ratio),
    say=threshold_words,
    settings=[{"model": "logistic", "place": 9}, {"model": "logistic", "place": 5},
              {"model": "naive Bayes", "place": 5}],
    panels=2,
    size=(8.6, 3.8),
)  # fmt: skip

# %% tags=["nbval-check-output"]
by_price = 1 / (1 + ratio)
for name in ("logistic", "naive Bayes", "naive Bayes + Platt"):
    found, missed, needless = (int(count) for count in outcome(risk[name], by_price))
    result(f"{name}: cancers missed of 212", missed, at_most={"naive Bayes": 30}.get(name, 8))
    result(f"{name}: needless biopsies of 357", needless, at_most=130)
at_half = cost(risk["logistic"], 0.5) / cost(risk["logistic"], by_price)
result("logistic: cost at 50 %, over that at the price", at_half, at_least=1.3)
result("naive Bayes over logistic, at the price",
       cost(risk["naive Bayes"], by_price) / cost(risk["logistic"], by_price), at_least=2)  # fmt: skip

# %% [markdown] tags=["notes"]
# At the price, logistic regression misses one cancer of 212, in exchange for some fifty needless
# biopsies. Naive Bayes follows the same rule with numbers that are not true, and so misses 19: a
# cut by price needs calibrated risks.
#
# Back to the woman. In this table 37 of 100 lumps are malignant; in *her* clinic it may be 5.
# Suppose that the clinic uses the model and the cut as they are, and that its sick and its well
# look as ours do. Then the shares of cancers found and of benign lumps sent stay the same, but
# the **positive predictive value** does not: the share of those sent to biopsy who have cancer.

# %%
predictive = ask(
    "In the table about 79 of 100 women who are sent to biopsy have cancer. How many of 100, if "
    "only 5 % of all have it?",
    within=0.25,
)
predictive

# %% tags=["nbval-check-output"]
found, missed, needless = outcome(risk["logistic"], by_price)
sensitivity, alarms = found / (found + missed), needless / (cancer == 0).sum()
for prevalence in (cancer.mean(), 0.05):
    value = prevalence * sensitivity / (prevalence * sensitivity + (1 - prevalence) * alarms)
    result(f"of 100 women sent, have cancer (prevalence {prevalence:.2f})", 100 * float(value),
           within=(65, 90) if prevalence > 0.1 else (15, 40))  # fmt: skip
shift = log_odds(0.05) - log_odds(cancer.mean())
result("what to add to each woman's log odds there", float(shift))

# %%
predictive.reveal(100 * float(value))

# %% [markdown]
# It is about one of four, so most who are sent will be well. The risks themselves are too high
# there, too. To mend them, add the difference of the log odds of the two prevalences, last line,
# to each woman's log odds: a risk of 50 % in this table is 8 % in her clinic. With mended risks
# the same price sends fewer women, and more of those who are sent have cancer. Where the class is
# rare, look at **precision** (another name for the positive predictive value) over the share of
# cancers found, the *PR curve*: unlike the ROC curve it moves with the prevalence.

# %% [markdown] tags=["notes"]
# Whether [exactly one half](../docs/conventions.md#a-probability-of-exactly-one-half) is above the cut, and what [the area under a PR
# curve](../docs/conventions.md#area-under-precision-and-recall) is, depends on the library. Some put the price into the training instead,
# as class weights, which in one of them
# [cancel](../docs/conventions.md#a-weight-of-ten-for-the-ill-does-nothing-in-a-batch-of-ill-patients) where a batch holds one class.

# %% [markdown]
# ## Break: what you can do now (2 min)
#
# - Name what a learner keeps, and what it can therefore explain.
# - Compare learners on the same patients, with settings that the test did not choose.
# - Turn a score into a risk, and a risk into a decision that has a price.
#
# **1.** Why is the training accuracy of kNN with $k = 1$ always 100 %, unless two equal women
# differ?
#
# <details><summary>Answer</summary>
#
# Each woman's nearest neighbour is she herself. It says nothing about the next woman.
#
# </details>
#
# **2.** A colleague's SVM has an AUC of 0.996, your logistic regression 0.994. Which do you take
# to the clinic?
#
# <details><summary>Answer</summary>
#
# Ask for the difference on the same patients, with its interval, and for how the settings were
# chosen. If the interval holds 0, and is too narrow to hide a gain that matters, take the simpler.
#
# </details>
#
# **3.** A false alarm costs as much as a miss. Where is the cut of a calibrated model?
#
# <details><summary>Answer</summary>
#
# At one half: $\frac{1}{1 + 1}$.
#
# </details>

# %% [markdown]
# ## A clock, and ten numbers (3 min)
#
# **The second half: may she give a kidney?** A mother of 72 wants to give a kidney to her son.
# The board's limit is 70. A company has measured her blood and writes: *your biological age is
# 66*. If the board believes it and should not, she bears an operation that her body may not. If
# it refuses and should not, her son waits for years on dialysis. What does that number say?
#
# Such **clocks** exist: Remondini and others found 125 genes in the T cells of 27 pairs of
# identical twins, and estimated the age from them [3]. To answer is now to give a number, which
# is called **regression**. We use a simulated cohort whose truth is known: 60 pairs of identical
# twins, 2,000 genes, of which 125 follow age.

# %%
cohort = data.load_cohort(n=120, genes=2000, clock_genes=125, twins=60)
age, family = cohort.table["age"].to_numpy(), cohort.table["family"].to_numpy()
genes = cohort.table[cohort.genes].to_numpy()
follows_age = (cohort.truth.gene_age_slopes != 0).to_numpy()

# %% [markdown] tags=["notes"]
# Before 2,000 genes take ten numbers, of real people: 442 patients with diabetes [4], with age,
# sex, body mass index, blood pressure and six blood tests, and how far the disease had gone a
# year later, as a score from 25 to 346. The baseline tells everybody the mean.

# %%
from sklearn.datasets import load_diabetes

diabetes = load_diabetes()
table10 = StandardScaler().fit_transform(diabetes.data)
progress = diabetes.target
centred = progress - progress.mean()

# %% [markdown]
# ## Four ways to hold back (13 min)
#
# **Least squares** makes the sum of squared errors as small as it can. With more columns than
# patients it can make it zero, and learns nothing. So hold it back by a price on the weights,
# $\lambda$ times their size. Columns and outcome are centred, so that the intercept is not
# priced.
#
# **Ridge** prices the squares. The best weights have a closed form:
#
# $$ \mathbf{w} = (\mathbf{X}^\top \mathbf{X} + \lambda \mathbf{I})^{-1} \mathbf{X}^\top
# \mathbf{y} $$


# %%
def ridge(x, y, lam):
    """Return the weights that make |y − xw|² + λ|w|² smallest; all is centred."""
    return np.linalg.solve(x.T @ x + lam * np.eye(x.shape[1]), x.T @ y)


# %% [markdown]
# The **LASSO** (least absolute shrinkage and selection operator) prices the absolute values:
# $\frac{1}{2n} \lVert \mathbf{y} - \mathbf{X}\mathbf{w} \rVert^2 + \lambda \sum_j |w_j|$. There
# is no closed form, but there is one for *one* weight when all others stand still. Let $z$ be the
# weight that least squares would give to a column of variance 1. The curves below show what is
# left of it at λ = 1. (For the picture the squares, too, are priced beside half the mean of the
# squared errors, as $\frac{\lambda}{2} w^2$. In scikit-learn λ multiplies them beside the *sum*
# in `Ridge`, and beside half the *mean* in `Lasso` and `ElasticNet`, so λ = 3 in one is not λ = 3
# in the other.) Which curve is which?

# %%
to_zero = ask(
    "Which price makes small weights exactly zero?", "the squares", "the absolute values", "both"
)
to_zero


# %%
def soft(z, limit):
    """Move z towards zero by the limit, and not beyond it: the soft threshold."""
    return np.sign(z) * np.maximum(np.abs(z) - limit, 0)


z = np.linspace(-3, 3, 121)
priced = {"the squares": z / (1 + 1), "the absolute values": soft(z, 1)}

# %% tags=["fold"]
plots.lines(
    {"A": priced["the squares"], "B": priced["the absolute values"]},
    x=z,
    xlabel="weight by least squares, z",
    ylabel="weight that is left (λ = 1)",
    alt="Curve A is a straight line of half the slope. Curve B is zero between −1 and 1 and runs "
    "parallel to the diagonal outside.",
)

# %%
exact = {name: bool(np.any((w == 0) & (np.abs(z) > 0.1))) for name, w in priced.items()}
to_zero.reveal("both" if all(exact.values()) else max(exact, key=exact.get))

# %% [markdown]
# B is the LASSO. A square costs almost nothing near zero, so ridge shrinks the weight by a
# *factor* and never drops it. An absolute value costs the same everywhere, so the LASSO takes an
# *amount* off, and what is smaller than that is gone. (Where columns overlap, all weights have to
# give way together, but this much remains.) The result is a list of genes, which ridge cannot
# give. Going through the columns again and again with this step is **coordinate descent**. The
# **elastic net** prices both, in a mixture.


# %%
def elastic_net(x, y, lam, mix=1.0, rounds=300):
    """Return weights; mix = 1 is the LASSO, less puts 1 − mix of the price on half the squares."""
    weights, rest = np.zeros(x.shape[1]), y.copy()
    size = (x**2).mean(axis=0)
    for _ in range(rounds):
        for j in range(x.shape[1]):
            rest += x[:, j] * weights[j]  # what is left for this column alone
            z = x[:, j] @ rest / len(y)
            weights[j] = soft(z, lam * mix) / (size[j] + lam * (1 - mix))
            rest -= x[:, j] * weights[j]
    return weights


# %% [markdown]
# **Partial least squares** (PLS) holds back in another way: it allows few *directions*. The first
# points where the columns vary most *together with the outcome*, $\mathbf{w} \propto
# \mathbf{X}^\top \mathbf{y}$. Project the patients onto it, $\mathbf{t} = \mathbf{X}\mathbf{w}$,
# and fit the outcome by that one number. (PCA would take the direction in which the columns vary
# most, whether that concerns the outcome or not.)


# %%
def first_component(x, y):
    """Return the direction (length 1), and the weights of the prediction; all is centred."""
    direction = x.T @ y / np.linalg.norm(x.T @ y)
    t = x @ direction
    return direction, direction * (t @ y) / (t @ t)


# %% tags=["nbval-check-output"]
from sklearn.cross_decomposition import PLSRegression
from sklearn.linear_model import ElasticNet, Lasso, LinearRegression, Ridge

exactly = {"tol": 1e-12, "max_iter": 100_000}
pairs_of_weights = {
    "ridge, λ = 30": (ridge(table10, centred, 30), Ridge(30)),
    "LASSO, λ = 3": (elastic_net(table10, centred, 3.0), Lasso(3.0, **exactly)),
    "elastic net, λ = 1": (
        elastic_net(table10, centred, 1.0, 0.5),
        ElasticNet(1.0, l1_ratio=0.5, **exactly),
    ),
    "PLS, 1 component": (first_component(table10, centred)[1], PLSRegression(1, scale=False)),
}
for name, (ours, model) in pairs_of_weights.items():
    theirs = model.fit(table10, centred).coef_.ravel()
    result(
        f"{name}: largest difference from scikit-learn",
        float(np.abs(ours - theirs).max()),
        at_most=1e-6,
    )
result("columns that the LASSO keeps of 10", int((pairs_of_weights["LASSO, λ = 3"][0] != 0).sum()))

# %% [markdown] tags=["notes"]
# Which way is best for the diabetes patients? Settings are chosen in an inner loop, as before.

# %%
best_of_four = ask(
    "Does any of the four beat plain least squares on the 442 patients, by more than chance?",
    "none of them",
    "some of them",
    "all four",
)
best_of_four

# %%
from sklearn.model_selection import GroupKFold


def nested_numbers(model, grid, x, y, groups):
    """Return a prediction for each row, from models that have seen nobody of its group."""
    found = np.empty(len(y))
    for train, test in GroupKFold(5, shuffle=True, random_state=0).split(x, y, groups):
        inner = GroupKFold(4, shuffle=True, random_state=1)
        rows = inner.split(x[train], y[train], groups[train])
        search = GridSearchCV(scaled(model), grid, cv=list(rows), scoring="neg_mean_absolute_error")
        found[test] = search.fit(x[train], y[train]).predict(x[test]).ravel()
    return found


# %%
small = {
    "least squares": (LinearRegression(), {}),
    "ridge": (Ridge(), {"ridge__alpha": [1, 10, 30, 100, 300]}),
    "PLS": (PLSRegression(scale=False), {"plsregression__n_components": [1, 2, 3, 4]}),
    "LASSO": (Lasso(), {"lasso__alpha": [0.1, 0.3, 1, 3, 10]}),
    "elastic net": (ElasticNet(), {"elasticnet__alpha": [0.01, 0.03, 0.1, 0.3, 1]}),
}
everyone = np.arange(len(progress))  # each patient is a group of her own
error10 = {
    name: np.abs(nested_numbers(*way, table10, progress, everyone) - progress)
    for name, way in small.items()
}
plain10 = error10["least squares"]
gains10 = {
    name: metrics.paired_difference(np.mean, plain10, one, level=1 - 0.05 / 4)
    for name, one in error10.items()
    if name != "least squares"
}

# %% tags=["nbval-check-output"]
result("patients", len(progress))
result("mean absolute error of who tells all the mean", float(np.abs(centred).mean()))
result(
    "mean absolute error of least squares", float(error10["least squares"].mean()), within=(42, 47)
)
for name, gain in gains10.items():
    print(f"least squares − {name}: {gain}")
    result(f"{name}: its low end", gain.low, at_most=0)

# %%
better = [name for name, gain in gains10.items() if gain.low > 0]
best_of_four.reveal(["none of them", *["some of them"] * 3, "all four"][len(better)])

# %% [markdown]
# Not one does, because ten columns and 442 patients leave little to hold back. So again take the
# simplest. It is a third better than the mean, and still off by 44 of a range of 321. (The
# brackets draw patients, and are corrected for four contrasts.)

# %% [markdown] tags=["notes"]
# How much the same letter prices depends on the library, and in some on the number of patients: [the strength of a
# penalty](../docs/conventions.md#strength-of-a-penalty). Many papers report a share instead of an error, the *explained variance* R², and
# there you should ask [compared with what](../docs/conventions.md#explained-variance-compared-with-what).

# %% [markdown]
# ## PLS beyond one direction (6 min, deeper)
#
# The second direction should say what the first has left. So take out of each column what
# $\mathbf{t}$ explains of it, $\mathbf{X} \leftarrow \mathbf{X} - \mathbf{t}\,\mathbf{p}^\top$
# with the **loading** $\mathbf{p} = \mathbf{X}^\top \mathbf{t} / \mathbf{t}^\top \mathbf{t}$,
# which says how strongly each column goes with $\mathbf{t}$. This is **deflation**. Then repeat.

# %%
as_least_squares = ask(
    "With as many directions as columns (ten), what does PLS give?",
    "the weights of least squares",
    "the weights of ridge",
    "zeros",
)
as_least_squares


# %%
def pls(x, y, count):
    """Return the weights of a prediction by several directions; all is centred."""
    left, directions, loadings, slopes = x.copy(), [], [], []
    for _ in range(count):
        w = left.T @ y / np.linalg.norm(left.T @ y)
        t = left @ w
        directions.append(w)
        loadings.append(left.T @ t / (t @ t))
        slopes.append(t @ y / (t @ t))
        left = left - np.outer(t, loadings[-1])
    w, p = np.array(directions).T, np.array(loadings).T
    return w @ np.linalg.solve(p.T @ w, np.array(slopes))


# %% tags=["nbval-check-output"]
for count in (1, 3, 5):
    theirs = PLSRegression(count, scale=False).fit(table10, centred).coef_.ravel()
    off = float(np.abs(pls(table10, centred, count) - theirs).max())
    result(f"PLS, {count} components: largest difference", off, at_most=1e-6)
least = LinearRegression().fit(table10, centred).coef_
from_ridge = np.abs(pls(table10, centred, 10) - ridge(table10, centred, 30)).max()
from_least = np.abs(pls(table10, centred, 10) - least).max()
result("ten components, distance from least squares", float(from_least), at_most=1e-3)
result("and from ridge with λ = 30", float(from_ridge), at_least=1)

# %%
as_least_squares.reveal(
    "the weights of least squares" if from_least < from_ridge else "the weights of ridge"
)

# %% [markdown]
# All directions together hold nothing back. So the number of directions is to PLS what $\lambda$
# is to ridge, turned round. PLS comes from chemistry, where a spectrum has thousands of columns
# that vary together, and a few directions carry them.

# %% [markdown]
# ## A grade is ordered (7 min, deeper)
#
# Radiologists often give a grade: 0 to 4 for emphysema, I to III for a tumour. A classifier takes
# the grades for unrelated names, and thinks that I for III is no worse than I for II. A
# regression takes them for numbers, and rounds its answer. Cut the progression of the diabetes
# patients into five grades of equal size, and try both.

# %%
names_or_numbers = ask(
    "Judged by how many grades they are off, on average: which does better?",
    "five unrelated classes",
    "a number, rounded",
    "no difference beyond chance",
)
names_or_numbers

# %%
from scipy.stats import binomtest
from sklearn.model_selection import KFold

grade = np.searchsorted(np.quantile(progress, [0.2, 0.4, 0.6, 0.8]), progress)
ten_folds = KFold(10, shuffle=True, random_state=0)
as_class = cross_val_predict(scaled(LogisticRegression()), table10, grade, cv=ten_folds)
as_number = cross_val_predict(LinearRegression(), table10, grade, cv=ten_folds).round().clip(0, 4)
off_class, off_number = np.abs(as_class - grade), np.abs(as_number - grade)
gain = metrics.paired_difference(np.mean, off_class, off_number)
far_class, far_number = off_class >= 3, off_number >= 3
only_class, only_number = int((far_class & ~far_number).sum()), int((far_number & ~far_class).sum())
far_p = binomtest(only_class, only_class + only_number).pvalue

# %% tags=["nbval-check-output"]
result("grades off, five classes", float(off_class.mean()), within=(0.7, 1.0))
result("grades off, a number", float(off_number.mean()), within=(0.7, 1.0))
print("classes − number:", gain)
print(f"exactly right: {(off_class == 0).mean():.2f} and {(off_number == 0).mean():.2f}")
print(f"off by three or more: {far_class.sum()} and {far_number.sum()} of {len(grade)} patients")
print(
    f"by the classes alone {only_class}, by the number alone {only_number}: exact p = {far_p:.2g}"
)

# %%
names_or_numbers.reveal("a number, rounded" if gain.low > 0 else "five unrelated classes" if gain.high < 0
                        else "no difference beyond chance")  # fmt: skip

# %% [markdown]
# On average there is no difference that these patients could show. But look at all the lines: the
# number is off by three grades or more in fewer patients, because it hedges towards the middle,
# and the exact test of those who tell the two apart says that this is hardly chance. So choose
# the score by what a wrong grade does to a patient. *Ordinal regression* keeps the order and does
# without equal steps; scikit-learn does not have it.

# %% [markdown] tags=["notes"]
# The exact test of those who tell the two apart is [McNemar's](../docs/conventions.md#mcnemars-test-of-few-discordant-cases), and the
# approximate tests of that name give other p values. The *weighted* κ of unit 02 is a third way to respect an order, if one says [with which
# weights](../docs/conventions.md#kappa-of-two-raters-who-say-the-same).
# Errors of two scores on the same patients are often compared by Wilcoxon's test, which treats [differences of
# zero](../docs/conventions.md#wilcoxons-test-and-differences-of-zero) in three ways, and several grades have more than one
# [F1](../docs/conventions.md#f1-of-several-classes).

# %% [markdown]
# ## Twins on both sides (6 min)
#
# Now the 2,000 genes. The usual folds deal out *people*. Here the people are twins: same age,
# half of the rest of their expression in common.

# %%
ways = {
    "ridge": (Ridge(), {"ridge__alpha": [30, 100, 300, 1000, 3000]}),
    "PLS": (PLSRegression(scale=False), {"plsregression__n_components": [1, 2, 3, 4, 6]}),
    "LASSO": (Lasso(max_iter=5000), {"lasso__alpha": [0.1, 0.2, 0.4, 0.8, 1.6]}),
    "elastic net": (
        ElasticNet(l1_ratio=0.5, max_iter=5000),
        {"elasticnet__alpha": [0.2, 0.4, 0.8, 1.6, 3.2]},
    ),
}
clock = {name: nested_numbers(*way, genes, age, family) for name, way in ways.items()}
kept = {name: np.abs(said - age) for name, said in clock.items()}

# %% tags=["nbval-check-output"]
result("who tells all the mean age is off by (years)", float(np.abs(age - age.mean()).mean()))
for name, off in kept.items():
    result(f"{name}, twins kept together, is off by (years)", float(off.mean()), within=(3, 6.5))

# %%
years_flattered = ask(
    "If twins are dealt out like strangers, by how many years does the error of PLS look smaller?",
    within=0.35,
)
years_flattered

# %%
strangers = np.arange(len(age))  # each person a group of her own
split = {
    name: np.abs(nested_numbers(*way, genes, age, strangers) - age) for name, way in ways.items()
}
optimism = {
    name: metrics.paired_difference(
        np.mean, kept[name], split[name], groups=family, level=1 - 0.05 / 4
    )
    for name in ways
}
pd.DataFrame({
    "twins split (years)": {name: f"{split[name].mean():.2f}" for name in ways},
    "kept together": {name: f"{kept[name].mean():.2f}" for name in ways},
    "optimism [corrected for 4]": {name: str(optimism[name]) for name in ways},
})  # fmt: skip

# %% tags=["nbval-check-output"]
for name, one in optimism.items():
    result(f"{name}: low end of the optimism (years)", one.low, at_least=0)
result("optimism of PLS (years)", float(optimism["PLS"]), within=(1.8, 3.2))
more = metrics.paired_difference(
    np.mean, kept["PLS"] - split["PLS"], kept["LASSO"] - split["LASSO"], groups=family
)
result("optimism of PLS − that of the LASSO, low end", more.low, at_least=0)
honest = metrics.paired_difference(np.mean, kept["ridge"], kept["elastic net"], groups=family)
result("ridge − elastic net, twins together, low end", honest.low, at_least=0.3)

# %%
years_flattered.reveal(float(optimism["PLS"]))

# %% [markdown]
# With a twin in the training set, a learner can *recognise* a person and repeat the age of the
# other. All four intervals lie above 0 (they draw the 60 pairs, and are corrected for four
# contrasts), and PLS, which uses every gene, profits more than the LASSO. Nothing warns you: the
# code is the same and the number is better. But the error would return to its honest size as soon
# as the clock met somebody whose twin it has not seen. The same happens with two breasts of one
# woman, ten slices of one scan, or two visits.
#
# With twins kept together the order is honest: the elastic net, which can drop genes, does better
# than ridge, which cannot. That belongs to this simulator, in which 15 of 16 genes have nothing
# to say.

# %% [markdown]
# ## Which genes? (8 min)
#
# A biologist does not want a prediction but the genes, and here the truth is known. **Precision**
# is the share of the chosen genes that truly follow age, and **recall** the share of the 125 true
# ones that are chosen. In the picture below, slide λ. On the left each line is the weight of a
# gene: orange for those that truly follow age, grey for the others. On the right you see how many
# of each kind are chosen.

# %%
how_true = ask(
    "Take the λ that predicts best in cross-validation. What share of the genes it chooses truly "
    "follow age?",
    "about 95 %",
    "about 75 %",
    "about 50 %",
    "about 6 %, as by chance",
)
how_true

# %%
from sklearn.linear_model import lasso_path

standard = StandardScaler().fit_transform(genes)
years = age - age.mean()
lams, paths, _ = lasso_path(standard, years, alphas=np.geomspace(6, 0.05, 49), max_iter=5000)
chosen_at = (paths != 0).T  # one row for each λ
hits, misses = chosen_at[:, follows_age].sum(axis=1), chosen_at[:, ~follows_age].sum(axis=1)


# %% tags=["fold"]
def path_view(axes, place):
    """Draw the path of the weights, and the genes that are chosen so far."""
    left, right = axes
    for gene in np.flatnonzero(chosen_at.any(axis=0)):
        colour = plots.COLOURS["prediction" if follows_age[gene] else "neutral"]
        front = {"linewidth": 1.3, "zorder": 3} if follows_age[gene] else {"linewidth": 0.7}
        left.plot(lams, paths[gene], color=colour, **front)
    left.set(xscale="log", xlabel="λ", ylabel="weight (years per SD)")
    left.spines[["top", "right"]].set_visible(False)
    left.invert_xaxis()
    series = {"follow age": (lams, hits), "do not": (lams, misses)}
    colours = {"follow age": plots.COLOURS["prediction"], "do not": plots.COLOURS["neutral"]}
    plots.lines(series, xlabel="λ", ylabel="genes chosen", colours=colours, ax=right)
    right.set_xscale("log")
    right.invert_xaxis()
    for ax in axes:
        ax.axvline(lams[place], color=plots.COLOURS["highlight"])


def path_words(place):
    """Say how many are chosen, with precision and recall."""
    right, wrong = hits[place], misses[place]
    share = f"{right / (right + wrong):.2f}" if right + wrong else "not defined"
    return (f"λ = {lams[place]:.2f}: {right + wrong} genes, {right} of them true. "
            f"Precision {share}, recall {right / follows_age.sum():.2f}.")  # fmt: skip


# %% tags=["fold"]
widgets.explore(
    path_view,
    {"place": widgets.Slider("λ, from strong to weak", 0, 48, 12)},
    alt=lambda place: (
        "Weights of genes over λ, true ones coloured, and how many are chosen. " + path_words(place)
    ),
    say=path_words,
    settings=[{"place": 8}, {"place": 24}, {"place": 44}],
    panels=2,
    size=(8.6, 3.8),
)

# %% [markdown] tags=["notes"]
# Beside the LASSO stands the baseline: as many genes, simply those with the strongest correlation
# with age.

# %%
squared = np.zeros(len(lams))
for train, test in GroupKFold(10, shuffle=True, random_state=0).split(genes, age, family):
    scale = StandardScaler().fit(genes[train])  # in the fold, like everything that learns
    x_train, x_test, mean = (
        scale.transform(genes[train]),
        scale.transform(genes[test]),
        age[train].mean(),
    )
    _, weights, _ = lasso_path(x_train, age[train] - mean, alphas=lams, max_iter=5000)
    squared += (((age[test] - mean)[:, None] - x_test @ weights) ** 2).sum(axis=0)
best = int(np.argmin(squared))
picked = chosen_at[best]
strongest = np.argsort(-np.abs(standard.T @ years), kind="stable")[: picked.sum()]

# %% tags=["nbval-check-output"]
result("genes chosen at the λ that predicts best", int(picked.sum()), within=(50, 120))
result("precision of the LASSO", float(follows_age[picked].mean()), within=(0.35, 0.85))
result("recall of the LASSO", float(picked[follows_age].mean()), within=(0.25, 0.6))
result("precision of as many by correlation", float(follows_age[strongest].mean()), within=(0.6, 1))

# %%
offered = {
    "about 95 %": 0.95,
    "about 75 %": 0.75,
    "about 50 %": 0.5,
    "about 6 %, as by chance": 0.06,
}
precise = follows_age[picked].mean()
how_true.reveal(min(offered, key=lambda words: abs(offered[words] - precise)))

# %% [markdown]
# What predicts best chooses too many: a useless gene with a tiny weight hardly disturbs a
# prediction, but in the list it looks like all others. And the simple correlation makes a *better
# list* here, because the genes of this simulator are independent but for age and the genotype.
# Real genes come in networks, where whole crowds go with age because one of them does.
#
# **Stability selection** [5] asks another question: would the gene be chosen *again*? Draw half
# of the families, run the LASSO until it has chosen $q$ genes, note which, and repeat a hundred
# times. Keep the genes that are chosen in a share of at least $\pi$ of the runs. With $p$ genes
# in all, and under assumptions that the paper states, the number of false ones is on average at
# most
#
# $$ E[V] \le \frac{q^2}{(2\pi - 1)\, p} $$

# %%
from sklearn.linear_model import lars_path

q, runs = 30, 100
rng = np.random.default_rng(0)
often = np.zeros(genes.shape[1])
for _ in range(runs):
    half = np.isin(family, rng.permutation(np.unique(family))[:30])  # families, not people
    part = StandardScaler().fit_transform(genes[half])
    _, entered, _ = lars_path(part, age[half] - age[half].mean(), method="lasso", max_iter=q)
    often[list(entered)[:q]] += 1 / runs
stable = often >= 0.6 - 1e-9

# %% tags=["nbval-check-output"]
result("genes chosen in 60 % of the runs", int(stable.sum()), within=(3, 20))
result("true ones among them (share)", float(follows_age[stable].mean()), at_least=0.85)
result("recall", float(stable[follows_age].mean()), at_most=0.1)
result("the bound: false ones, on average at most", q**2 / ((2 * 0.6 - 1) * genes.shape[1]))

# %% [markdown] tags=["notes"]
# The list is short and clean, and the price is that more than nine of ten true genes are missing.
# Sixty pairs cannot name 125 genes. They can name a few with confidence, or many with hope, and a
# paper should say which of the two its list is.

# %% [markdown]
# ## What the clock may say (8 min)
#
# Back to the mother of 72. The clock is the elastic net, trained on all 120 people. Ask it about
# 2,000 *new* people of the same world. The **age gap** is what the clock says, minus the age.

# %%
said_at_72 = ask(
    "What does the clock say of people who are 72, on average?",
    "about 75",
    "about 72",
    "about 69",
    "about 62",
)
said_at_72

# %%
setting = {"alpha": 0.2, "l1_ratio": 0.5, "max_iter": 5000}
final = scaled(ElasticNet(**setting)).fit(genes, age)
others = data.load_cohort(n=2000, seed=100, genes=2000, clock_genes=125)
their_age = others.table["age"].to_numpy()
said = final.predict(others.table[others.genes].to_numpy())
gap = said - their_age
slope = float(np.polyfit(their_age, gap, 1)[0])
her_age = np.abs(their_age - 72) < 1.5  # 70.5 to 73.5 years


# %% tags=["fold"]
def gaps(ax):
    """Draw the gap of each new person over the age."""
    ax.scatter(their_age, gap, s=5, color=plots.COLOURS["neutral"], alpha=0.5)
    line = np.array([25, 90])
    ax.plot(
        line, np.polyval(np.polyfit(their_age, gap, 1), line), color=plots.COLOURS["prediction"]
    )
    ax.axhline(0, color="black", linewidth=0.8)
    ax.plot([72], [66 - 72], "*", markersize=13, color=plots.COLOURS["highlight"])
    ax.text(73, -7.5, "she", fontsize=10)
    ax.set(xlabel="age (years)", ylabel="age gap (years)")
    ax.spines[["top", "right"]].set_visible(False)


plots.grid(
    [gaps],
    columns=1,
    size=(5.6, 3.8),
    alt="The age gap of 2,000 people falls with age: positive for the young, negative for the old.",
)

# %% tags=["nbval-check-output"]
result("mean error on new people (years)", float(np.abs(gap).mean()), within=(2.5, 4.5))
result("slope of the gap over age", slope, within=(-0.5, -0.2))
result("people of her age", int(her_age.sum()))
result("what it says of them, on average", float(said[her_age].mean()), within=(66, 71))
result("called younger than 70 (share)", float((said[her_age] < 70).mean()), within=(0.4, 0.9))
result("told 66 or less (share)", float((said[her_age] <= 66).mean()), within=(0.08, 0.17))

# %%
offered = {"about 75": 75, "about 72": 72, "about 69": 69, "about 62": 62}
said_at_72.reveal(min(offered, key=lambda words: abs(offered[words] - said[her_age].mean())))

# %% [markdown]
# The old look young and the young look old, on average *all* of them. This is **regression to the
# mean**: a clock that is unsure says something nearer to the mean age, because that makes its
# error smaller. So her "66" must be compared with what it says of *other people of 72*, of whom
# most are called younger than 70. About one in eight of them is told 66 or less. She is on the
# young side, yes. But a rule "clock below 70" would let in most people of 72, whatever their
# health.
#
# Many papers therefore *correct* the gap: they fit a line of the gap over age, and subtract it.
# For the comparison that is right. Some go on, and report how well "age + corrected gap" fits the
# age. Try that with a clock that knows nothing, because it learned from ages dealt to the wrong
# people. $R^2$ is the share of the variance of age that is explained.

# %%
corrected_fit = ask(
    "The useless clock has an R² near 0 on new people. What is it after the correction?",
    "near 0",
    "about 0.3",
    "about 0.6",
    "above 0.9",
)
corrected_fit

# %%
useless = scaled(Ridge(100)).fit(genes, np.random.default_rng(0).permutation(age))
nothing = useless.predict(others.table[others.genes].to_numpy()) - their_age
line = np.polyval(np.polyfit(their_age, nothing, 1), their_age)
r2 = lambda found: 1 - np.mean((found - their_age) ** 2) / their_age.var()  # noqa: E731
before, after = r2(their_age + nothing), r2(their_age + nothing - line)

# %% tags=["nbval-check-output"]
result("R² of the useless clock", float(before), at_most=0.1)
result("R² after the correction", float(after), at_least=0.88)
index = {person: row for row, person in enumerate(cohort.table.index)}
pairs = np.array([[index[a], index[b]] for a, b in cohort.truth.twins])
honest_gap = clock["elastic net"] - age
own = honest_gap - np.polyval(np.polyfit(age, honest_gap, 1), age)
alike = float(np.corrcoef(own[pairs].T)[0, 1])
result("corrected gaps of twins: correlation", alike, within=(0.25, 0.9))

# %%
offered = {"near 0": 0, "about 0.3": 0.3, "about 0.6": 0.6, "above 0.9": 0.95}
corrected_fit.reveal(min(offered, key=lambda words: abs(offered[words] - after)))

# %% [markdown] tags=["notes"]
# The correction handed the true age to the "prediction". Butler and others found the same: after
# it, an $R^2$ below 0.85 is highly improbable whatever the clock is worth [6]. Report the error
# *before* the correction.
#
# And what is a corrected gap? The twins tell: theirs are alike. In this simulator nobody ages
# faster than anybody else, so what they share is the genotype, which the clock takes for age. A
# gap that is stable, and runs in families, need not be about ageing. Before the board may use it,
# somebody has to show that donors with a lower corrected gap *do better afterwards*, and by how
# much.

# %% [markdown]
# ## A small p, and a small use (4 min)
#
# The board asks how it will know that a marker is *useful*, and another organ gives the example.
# In a lecture on CT of the lung, M. de Bruijne showed that its texture predicted *future* COPD
# (chronic obstructive pulmonary disease) with an AUC of 0.6, where the density gave 0.5 [7]. Take
# an AUC of 0.6 with p < 0.001. Is it impressive?

# %%
how_many = ask(
    "How many patients, and as many controls, does it take until an AUC of 0.6 reaches p = 0.001?",
    "about 20",
    "about 180",
    "about 2,000",
)
how_many

# %%
from scipy.stats import mannwhitneyu, norm


def p_of_area(area, n):
    """Return the two-sided p of an AUC with n patients and n controls, if the truth is 0.5."""
    return 2 * norm.sf((area - 0.5) / np.sqrt((2 * n + 1) / (12 * n**2)))


n_needed = next(n for n in range(10, 5000) if p_of_area(0.6, n) < 0.001)
shift_06 = np.sqrt(2) * norm.ppf(0.6)  # two bells this far apart have an AUC of 0.6
rng = np.random.default_rng(0)
small_p = np.mean([
    mannwhitneyu(rng.normal(shift_06, 1, 185), rng.normal(size=185)).pvalue < 0.001
    for _ in range(1000)
])  # fmt: skip
found = float(norm.sf(norm.isf(0.10) - shift_06))  # of the sick, where 10 % of the well are flagged
predictive_value = 0.1 * found / (0.1 * found + 0.9 * 0.10)

# %% tags=["nbval-check-output"]
result("patients, and as many controls, for p < 0.001", n_needed)
result("studies of 185 + 185 with p < 0.001 (share of 1,000)", float(small_p), within=(0.42, 0.62))
result("found, if 10 of 100 healthy people are flagged (share)", found)
result("of those flagged, will have COPD (prevalence 0.1)", predictive_value)

# %%
offered = {"about 20": 20, "about 180": 180, "about 2,000": 2000}
how_many.reveal(min(offered, key=lambda words: abs(np.log(offered[words] / n_needed))))

# %% [markdown]
# A middling study does it, half of the time. And then? Suppose that ten of a hundred smokers will
# get COPD. Set the cut so that one of ten healthy people is flagged, and you find fewer than one
# patient in five. Of those flagged, 17 of 100 will be ill, where 10 of 100 are ill without any
# test. In the Danish screening trial, with 1,915 scans, only texture predicted a rapid decline,
# with an AUC of 0.538 and p < 0.05 [8]. That may be true, and it is of no use to the person in
# the room. **The p says that there is something. The AUC says how much, and the predictive value
# what to do.**

# %% [markdown] tags=["notes"]
# SciPy's `mannwhitneyu` gives U, and [U over the pairs is the AUC](../docs/conventions.md#u-of-mann-and-whitney-and-the-auc).

# %% [markdown]
# ## In the clinic, and other kinds of learning (4 min, deeper)
#
# Some regressions and classifiers are at work, or were shown to be as good as people. Their
# numbers were measured on other images and other questions, so they do not stand beside ours as
# rivals.
#
# | what | how it answers | what was reported |
# |---|---|---|
# | bone age from an X-ray of the hand: BoneXpert, a product [9] | a number, from shape, grey values and texture by principal components | SD 0.42 years against the atlas, 0.80 against 84 ratings; 0.17 when repeated |
# | eye disease in diabetes from photographs of the retina [10] | a class, by a network from 128,175 images | two cuts: 90.3 % found at 98.1 % specificity, or 97.5 % at 93.4 % |
# | white-matter lesions in MRI [11] | a class for each voxel, by a network that is told where it is | Dice 0.792, an independent observer 0.805 (50 scans) |
#
# The second line is this lecture's threshold: one network, two cuts, for two purposes. And the
# first refuses: the method rejects images with abnormal bones or poor quality, in place of giving
# a number for everything.
#
# Two kinds of learning have no section of their own. **Multi-task learning** trains one model for
# several answers at once, so that what helps one helps the others; Caruana tried it, among
# others, on the risk of patients with pneumonia [12]. **Reinforcement learning** learns from the
# outcome of a whole sequence of decisions: from the records of intensive care, a program learned
# doses of fluids and drugs for sepsis [13]. Its authors found the lowest mortality where doctors
# happened to do what it advised, which is no trial: who is easy to treat may simply be treated
# so.

# %% [markdown]
# ## What to remember (1 min)
#
# - Ask of a learner what it keeps: examples, clouds, weights, rules.
# - Settings are part of learning. Choose them in an inner loop.
# - Compare on the same patients. If nothing is better by more than chance, take the simplest.
# - A score is no probability until it is calibrated on held-out patients, and the prevalence moves it.
# - The cut follows from the prices: $1 / (1 + \text{ratio})$.
# - Ridge shrinks all, the LASSO drops some, PLS allows few directions.
# - Whoever shares genes, a scan or a family stays on one side of the split.
# - What predicts best is not what names the genes.
# - To an unsure clock the old look young. Compare with people of the same age.
# - A small p is not a use.

# %% [markdown]
# ## Quiz (2 min)
#
# **1.** "The brains of our patients, aged 75 on average, look two years *younger* than they are;
# those of the controls, aged 55, one year older." What do you ask?
#
# <details><summary>Answer</summary>
#
# Whether the controls had the same age. Regression to the mean makes the old look younger,
# whatever their disease.
#
# </details>
#
# **2.** Two of ten thousand features were chosen by a LASSO on all patients; then the model with
# these two was cross-validated, twins kept together. Is the error honest?
#
# <details><summary>Answer</summary>
#
# No. The held-out patients helped to choose the two. The selection belongs inside the folds.
#
# </details>
#
# **3.** A calibrated model is moved to a clinic where the disease is ten times rarer. What
# happens to its AUC, and to its risks?
#
# <details><summary>Answer</summary>
#
# If the sick and the well each look as before, the AUC stays. The risks are too high: add the
# difference of the log odds of the two prevalences.
#
# </details>
#
# How did your predictions come out?

# %%
ask.score()

# %%
ask.calibration()

# %% [markdown]
# ## Go further
#
# 1. W. N. Street, W. H. Wolberg, O. L. Mangasarian, *Nuclear feature extraction for breast tumor
#    diagnosis*, Proc. SPIE 1905 (1993), [doi:10.1117/12.148698](https://doi.org/10.1117/12.148698).
# 2. J. C. Platt, *Probabilistic outputs for support vector machines and comparisons to regularized
#    likelihood methods*, in: Advances in Large Margin Classifiers, MIT Press (1999).
# 3. D. Remondini et al., *Identification of a T cell gene expression clock obtained by exploiting a MZ
#    twin design*, Sci. Rep. 7 (2017),
#    [doi:10.1038/s41598-017-05694-2](https://doi.org/10.1038/s41598-017-05694-2).
# 4. B. Efron, T. Hastie, I. Johnstone, R. Tibshirani, *Least angle regression*, Ann. Stat. 32 (2004),
#    [doi:10.1214/009053604000000067](https://doi.org/10.1214/009053604000000067).
# 5. N. Meinshausen, P. Bühlmann, *Stability selection*, J. R. Stat. Soc. B 72 (2010),
#    [doi:10.1111/j.1467-9868.2010.00740.x](https://doi.org/10.1111/j.1467-9868.2010.00740.x).
# 6. E. R. Butler et al., *Pitfalls in brain age analyses*, Hum. Brain Mapp. 42 (2021),
#    [doi:10.1002/hbm.25533](https://doi.org/10.1002/hbm.25533).
# 7. M. de Bruijne, *Machine Learning in Medical Imaging*, lecture, Copenhagen, 12 March 2021.
# 8. L. Sørensen, M. Nielsen, J. Petersen, J. H. Pedersen, A. Dirksen, M. de Bruijne, a study of texture
#    analysis and densitometry in 1,915 scans of the Danish Lung Cancer Screening Trial (we read the
#    abstract).
# 9. H. H. Thodberg et al., *The BoneXpert method for automated determination of skeletal maturity*, IEEE
#    Trans. Med. Imaging 28 (2009), [doi:10.1109/TMI.2008.926067](https://doi.org/10.1109/TMI.2008.926067).
# 10. V. Gulshan et al., *Development and validation of a deep learning algorithm for detection of diabetic
#     retinopathy in retinal fundus photographs*, JAMA 316 (2016),
#     [doi:10.1001/jama.2016.17216](https://doi.org/10.1001/jama.2016.17216).
# 11. M. Ghafoorian et al., *Location sensitive deep convolutional neural networks for segmentation of white
#     matter hyperintensities*, Sci. Rep. 7 (2017),
#     [doi:10.1038/s41598-017-05300-5](https://doi.org/10.1038/s41598-017-05300-5).
# 12. R. Caruana, *Multitask learning*, Mach. Learn. 28 (1997),
#     [doi:10.1023/A:1007379606734](https://doi.org/10.1023/A:1007379606734).
# 13. M. Komorowski et al., *The Artificial Intelligence Clinician learns optimal treatment strategies for
#     sepsis in intensive care*, Nat. Med. 24 (2018),
#     [doi:10.1038/s41591-018-0213-5](https://doi.org/10.1038/s41591-018-0213-5).
#
# Now do the lab: `exercises/08_classification_and_regression.ipynb`.

# %% [markdown] tags=["instructor"]
# **The contest.** Let the class bet on the nine learners before the table appears, and ask those
# who named the forest why. The answer (features made by people, few patients) is the lecture.
#
# **The two errors of naive Bayes.** Its order is good and its numbers are not. Draw three
# witnesses who all heard the story from the same person.
#
# **The useless clock.** An R² above 0.9 from shuffled ages is worth a minute of silence.
