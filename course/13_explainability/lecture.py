# %% [markdown]
# ## You need (3 min)
#
# **The first half: a second drug.** Mrs Dahl, 61, has had a tumour treated. A program has read her scan and says: by the first control, in
# three months, it will have grown, with a probability of 0.83. If the tumour board believes that, she gets a second drug now, and six weeks of
# nausea. If the board does not, and the program is right, the tumour has three months for itself. She asks the one question that the
# program did not answer: *why do you think so?*

# %% [markdown] tags=["notes"]
# | term | meaning |
# |---|---|
# | **logit** | the score of a model before the sigmoid: any number, above 0 for *yes* |
# | **log loss** | $-\log$ of the probability that a model gave to what happened; 0 is perfect (the cross-entropy of unit 05) |
# | **permutation** | the same values in another order |
# | **AUC** | the chance that a case with the finding scores higher than one without |
# | **interval** | [low, high]: draw the patients again and again; 95 % of the results lie between. Models stay as they are: what another training would give is not in it |
#
# The lecture asks you to predict before it shows. Answer with the buttons, or in code
# (`best.guess("…", sure=True)`). Nothing stops if you do not.

# %%
import mlmi_course
import numpy as np
from scipy import ndimage

from mlmi_course import data, explain, metrics, networks, plots, shipped, training, widgets
from mlmi_course.checks import Predictions, result

ask = Predictions("13_explainability")

# %% [markdown] tags=["notes"]
# ## Why did you say that? (4 min)
#
# Mrs Dahl does not want to see weights. She wants to know whether the machine saw what matters, or something else.
#
# The doubt is founded. A network for pneumonia was trained on chest radiographs of two hospitals, one
# with 34 % pneumonia and one with 1 %. To sort the patients *by hospital alone* gave an AUC of 0.861 on them
# [1]. So whoever learns to recognise the hospital looks like a good doctor.

# %% [markdown] tags=["notes"]
# There are two roads:
#
# - a **transparent model**, which a person can follow from the input to the answer, such as a short tree;
# - an **explanation afterwards**, of any model: of its habits (**global**), or of one answer (**local**).
#
# An explanation is a measurement. So it can be wrong, and it must be tested like any other. In this
# lecture the truth is known wherever the data are simulated, and of every explanation we ask two things: **does
# it find what is there? And how often would chance have found it?**

# %% [markdown] tags=["notes"]
# ## Three models for one table (6 min)
#
# The tumours of 1,000 invented patients were measured, and at the first control about half of them have
# grown. The simulator knows why. We keep 20 of its features:
#
# - **7 that act**, each with a known effect;
# - **5 copies** of one of them, the volume: surface, diameter … They correlate with it,
#   and do nothing of their own;
# - **8 that do nothing** at all.
#
# Mrs Dahl is one of the 400 patients whom no model has met.

# %%
cohort = data.load_cohort(n=1000, seed=0)
truth = cohort.truth
acting, copies = list(truth.informative), list(truth.blocks["shape_volume"])
in_blocks = set(truth.blocks) | {name for block in truth.blocks.values() for name in block}
useless = [name for name in cohort.features if name not in in_blocks | set(acting)][:8]
names = acting + copies + useless
kinds = np.array(["acts"] * 7 + ["copy"] * 5 + ["useless"] * 8)

table = cohort.table[names].to_numpy()
grown = cohort.table["progression"].to_numpy()
table = (table - table[:600].mean(axis=0)) / table[:600].std(axis=0)  # scaled by those who teach
learn_x, learn_y, test_x, test_y = table[:600], grown[:600], table[600:], grown[600:]
mrs_dahl = 170

# %% [markdown] tags=["notes"]
# It is often said that you must choose: accurate *or* explainable. So we let three models compete: a tree of at most 8 leaves,
# which fits on a card; a logistic regression, which is a **weighted sum** of the features, turned into a probability; and a
# **random forest**, the mean of 100 deep trees, which nobody can read.

# %%
best = ask(
    "Which has the highest AUC on the 400 patients that it has not met?",
    "tree, 8 leaves",
    "weighted sum",
    "forest",
)
best

# %%
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.tree import DecisionTreeClassifier

models = {
    "tree, 8 leaves": DecisionTreeClassifier(max_depth=3, random_state=0),
    "weighted sum": LogisticRegression(),
    "forest": RandomForestClassifier(100, min_samples_leaf=2, random_state=0),
}
says, unseen = {}, {}
for name, model in models.items():
    says[name] = model.fit(learn_x, learn_y).predict_proba(test_x)[:, 1]
    unseen[name] = metrics.auc(test_y, says[name])
    print(f"{name:>14}: AUC {unseen[name]} ({len(test_y)} unseen patients)")
ahead = metrics.paired_difference(metrics.auc, says["weighted sum"], says["forest"], labels=test_y)
print(f"weighted sum − forest: {ahead}")
print(f"grown at the first control: {grown.mean():.0%} of {len(grown)} patients")

# %% tags=["nbval-check-output"]
ceiling = float(metrics.auc(test_y, truth.progression_probability.to_numpy()[600:]))
result("AUC of who knows the true probability", ceiling)
result("weighted sum", unseen["weighted sum"].value, within=(0.79, 0.835))
result("forest", unseen["forest"].value, within=(0.71, 0.78))
result("weighted sum − forest, low end of the interval", ahead.low, at_least=0)

# %%
best.reveal(max(unseen, key=lambda name: unseen[name].value))

# %% [markdown] tags=["notes"]
# The weighted sum wins, and it is transparent. Here that was to be expected, because the simulated world *is* a weighted sum, and a
# forest must build it from steps. But Cynthia Rudin argues that on tables with meaningful columns transparent models often do as well as
# opaque ones [2], so **try the transparent model first**.
#
# The program that judged Mrs Dahl is the forest. What does it rely on?

# %% [markdown]
# ## Shuffle one column (10 min)
#
# Give every patient somebody else's value of one feature. The column keeps its histogram, and loses all it
# knew about the patient. By how much does the loss grow? This is the **permutation importance** [3].
# For feature $j$, with $\mathcal{L}$ the mean log loss and $\mathcal{L}_j$ the one after shuffling:
#
# $$ \text{difference } \mathcal{L}_j - \mathcal{L}, \qquad \text{quotient } \mathcal{L}_j / \mathcal{L} $$
#
# A feature that is not used has the difference 0 and the quotient 1.

# %% [markdown] tags=["notes"]
# Two rules:
#
# - **one column at a time**, the others untouched, starting from a fresh copy each time. Move whole rows, and every feature
#   gets the same number: nothing was asked of any of them;
# - **several times**, and average, because one order is luck.
#
# We keep the loss of *each patient*, so that an interval can draw patients.


# %%
def losses(model, x, y):
    """Return the log loss of each patient."""
    p = np.clip(model.predict_proba(x)[:, 1], 1e-3, 1 - 1e-3)  # a forest may say 0 or 1
    return -(y * np.log(p) + (1 - y) * np.log(1 - p))


def growth(model, x, y, columns, repeats=5, seed=0):
    """Return by how much each patient's loss grows when columns are shuffled, in one order."""
    rng, shuffled = np.random.default_rng(seed), []
    for _ in range(repeats):
        other = x.copy()
        other[:, columns] = x[rng.permutation(len(x))][:, columns]
        shuffled.append(losses(model, other, y))
    return np.mean(shuffled, axis=0) - losses(model, x, y)


def importance(model, x, y):
    """Return the growth of the loss for every feature and patient: shape (features, patients)."""
    return np.array([growth(model, x, y, [j]) for j in range(x.shape[1])])


# %% [markdown] tags=["notes"]
# On whom do we measure? The 600 patients who taught the forest are at hand, and so are the 400 others. Eight of the
# features do nothing in this world.

# %%
by_heart = ask(
    "Mean importance of the eight useless features, on the forest's own 600 patients?",
    "below 0",
    "0, to within its interval",
    "above 0, by more than its interval",
)
by_heart

# %%
forest = models["forest"]
on_own, on_unseen = importance(forest, learn_x, learn_y), importance(forest, test_x, test_y)

# %% tags=["fold"]
labels = [f"{i + 1} {name} ({kinds[i]})" for i, name in enumerate(names)]
plots.grid(
    [
        (
            title,
            lambda ax, values=values, texts=texts: plots.bars(
                texts,
                values.mean(axis=1),
                ax=ax,
                decimals=3,
                limits=(-0.045, 0.14),
                highlight=texts[:7],
            ),
        )
        for title, values, texts in (
            ("on its own patients", on_own, labels),
            ("on unseen patients", on_unseen, [f"{i + 1}" for i in range(20)]),
        )
    ],
    columns=2,
    size=(9.5, 6.5),
    alt="Permutation importance of twenty features: on its own patients all are above zero; on unseen "
    "patients only the first six stand out, and the useless ones scatter around zero.",
)

# %% tags=["nbval-check-output"]
idle = kinds == "useless"
idle_own = metrics.bootstrap(np.mean, on_own[idle].mean(axis=0), resamples=1000)
idle_unseen = metrics.bootstrap(np.mean, on_unseen[idle].mean(axis=0), resamples=1000)
result(
    "useless features above 0 on its own patients, of 8", int((on_own[idle].mean(axis=1) > 0).sum())
)
result("their mean there, low end of the interval", idle_own.low, at_least=0.01)
result("their mean on unseen patients", idle_unseen.value, within=(-0.006, 0.006))
quotients = 1 + on_unseen.mean(axis=1) / losses(forest, test_x, test_y).mean()
result("largest quotient on unseen patients", float(quotients.max()), at_least=1.03)

# %%
print(f"useless, own 600 patients   {idle_own}")
print(f"useless, 400 unseen patients {idle_unseen}")
above = by_heart.choices[2 if idle_own.low > 0 else 0 if idle_own.high < 0 else 1]
by_heart.reveal(above)

# %% [markdown]
# On its own patients every useless feature looks important, because shuffling it destroys what the forest
# had learnt by heart. On unseen patients they scatter around zero; the largest quotient there, 1.05, says that the loss grows by a twentieth. So there is a third rule: **measure on patients that the model has
# not learnt from.**
#
# scikit-learn has the same in one line. It works with a score, where higher is better, so it is given the *negative* loss.

# %%
from sklearn.inspection import permutation_importance

library = permutation_importance(
    forest, test_x, test_y, scoring="neg_log_loss", n_repeats=5, random_state=0
).importances_mean
close = float(np.corrcoef(library, on_unseen.mean(axis=1))[0, 1])

# %% tags=["nbval-check-output"]
result("correlation between ours and scikit-learn's", close, at_least=0.95)

# %% [markdown] tags=["notes"]
# The sign and the unit of this importance depend on [score or loss](../docs/conventions.md#importance-by-permutation-of-a-score-or-a-loss).

# %% [markdown]
# ## Six columns that measure one thing (8 min)
#
# Feature 7 of the list is the volume. In the simulator it acts, and its five copies (surface, diameters …) do not. Look for it in the
# right half of the picture, then answer.

# %%
joint = ask(
    "Alone, the volume gives the forest about 0. And all six sizes, shuffled together in one order?",
    "about 0 as well: the forest does not need the size",
    "much more: the forest needs the size",
)
joint

# %%
size_columns = [names.index(name) for name in ["shape_volume", *copies]]
to_volume = np.corrcoef(table[:, size_columns].T)[0, 1:]
print(f"the copies correlate with the volume by {to_volume.min():.2f} to {to_volume.max():.2f}")
grows = {}
for name in ("forest", "weighted sum"):
    alone = sum(growth(models[name], test_x, test_y, [j]) for j in size_columns)
    together = growth(models[name], test_x, test_y, size_columns)
    more = metrics.paired_difference(np.mean, together, alone)
    grows[name] = {"alone": alone.mean(), "together": together.mean(), "more": more}
    print(f"{name:>13}: one by one, summed {metrics.bootstrap(np.mean, alone)}", end="  ")
    print(f"together {metrics.bootstrap(np.mean, together)}  difference {more}")

# %% tags=["nbval-check-output"]
result("forest, six one by one, summed", float(grows["forest"]["alone"]), at_most=0.02)
result("forest, six together", float(grows["forest"]["together"]), at_least=0.022)
result("weighted sum, six together", float(grows["weighted sum"]["together"]), at_least=0.05)

# %%
joint.reveal(
    joint.choices[int(grows["forest"]["together"] > 3 * abs(grows["forest"]["alone"]) + 0.01)]
)

# %% [markdown]
# The forest needs the size, yet it needs no single measure of it: what one column no longer says, its copies still say. (The weighted sum leans on the
# volume itself, so one by one the six give it something, but less than together.) So
# **look at the correlations first, and shuffle what belongs together, together.** Shuffling one copy has another price, too: it invents
# patients with a huge volume and a tiny diameter, whom no model has ever seen.
#
# Does that happen outside a simulator? Here is a real table: 569 needle biopsies of breast lumps, with 30 numbers of the cells' nuclei each [18]. Six columns measure size:
# radius, perimeter and area, each as the mean and as that of the worst nuclei.

# %%
from sklearn.datasets import load_breast_cancer

lumps = load_breast_cancer()
order = np.random.default_rng(0).permutation(569)
cells, malignant = lumps.data[order], 1 - lumps.target[order]  # in this file 1 means benign
cells = (cells - cells[:300].mean(axis=0)) / cells[:300].std(axis=0)
reader = LogisticRegression(max_iter=1000).fit(cells[:300], malignant[:300])
rest_x, rest_y = cells[300:], malignant[300:]
print(f"AUC {metrics.auc(rest_y, reader.predict_proba(rest_x)[:, 1])} on {len(rest_y)} lumps")
each = importance(reader, rest_x, rest_y)
parts = [i for i, name in enumerate(lumps.feature_names) if name.split()[0] in ("mean", "worst")]
sizes = [i for i in parts if lumps.feature_names[i].split()[1] in ("radius", "perimeter", "area")]
print([str(lumps.feature_names[i]) for i in sizes])
print(f"one by one, summed: {metrics.bootstrap(np.mean, each[sizes].sum(axis=0))}")

# %%
real_six = ask(
    "And the six together, in one order?",
    "about as much as one by one",
    "two or three times as much",
    "five times as much or more",
)
real_six

# %% tags=["nbval-check-output"]
together = metrics.bootstrap(np.mean, growth(reader, rest_x, rest_y, sizes))
times = together.value / float(each[sizes].sum(axis=0).mean())
result("largest importance of a single column, of 30", float(each.mean(axis=1).max()), at_most=0.1)
result("six sizes together", together.value, at_least=0.3)
result("low end of its interval", together.low, at_least=0.2)
result("times what the six give one by one", times, at_least=3)

# %%
real_six.reveal(real_six.choices[2 if times >= 5 else 1 if times > 1.5 else 0])

# %% [markdown] tags=["notes"]
# So it does. No single column of the thirty is worth more than 0.04, the six sizes one by one are worth hardly more in sum, and together they are worth about 0.4. A
# report that lists columns one by one would have said that this model hardly cares how large the nuclei are.

# %% [markdown]
# ## Share out one prediction (8 min)
#
# So far: global. Now Mrs Dahl alone. Which features brought her to 0.83?
#
# Think of the features as players who enter a room one after the other. $v(S)$ is the mean output when
# the players in $S$ have *her* values, and the rest have those of other patients. What a player brings
# depends on who is in the room already. Lloyd Shapley's answer, of 1953 [4]: **take
# the mean over all orders.**
#
# $$ \phi_j = \frac{1}{p!} \sum_{\text{orders}} \big[ v(\text{those before } j \text{ and } j)
#    - v(\text{those before } j) \big] $$
#
# Here $p$ is the number of players. The shares add up to her output minus the mean. A player who changes nothing gets 0, and equal players
# get equal shares.

# %% [markdown] tags=["notes"]
# Three features of the forest, by hand: the mean grey value, *large area emphasis* (high if large areas have
# one grey value), and the volume. With three players there are six orders. The other 17 are held at their means, hers too; so these shares do
# not reach her 0.83.

# %%
enters = ask(
    "The volume enters the room. When does it bring more?",
    "as the first",
    "as the last, after the two others",
    "always the same",
)
enters

# %%
from itertools import permutations
from math import factorial

three, others = [0, 3, 6], test_x[:100]


def value(coalition):
    """Return v(S): her values for the columns in S, other people's for the rest of the three."""
    people = np.zeros_like(others)  # the means are 0
    people[:, three] = others[:, three]
    people[:, list(coalition)] = test_x[mrs_dahl, list(coalition)]
    return forest.predict_proba(people)[:, 1].mean()


shares = dict.fromkeys(three, 0.0)
for entering in permutations(three):
    for place, j in enumerate(entering):
        gain = value(entering[: place + 1]) - value(entering[:place])
        shares[j] += gain / factorial(3)
        print(f"{names[j]} {gain:+.3f}", end="  " if place < 2 else "\n")
print({names[j]: round(float(share), 3) for j, share in shares.items()})

# %% tags=["nbval-check-output"]
whole = value(three) - value([])
result("shares add up to the difference", bool(np.isclose(sum(shares.values()), whole)))
as_first, as_last = value([6]) - value([]), whole - (value(three[:2]) - value([]))
result("the volume brings, as the first", float(as_first), at_least=0.03)
result("the volume brings, as the last", float(as_last), at_most=0.025)

# %%
same = abs(as_first - as_last) < 0.005
enters.reveal(enters.choices[2 if same else 0 if as_first > as_last else 1])

# %% [markdown] tags=["notes"]
# The volume brings much to an empty room, and little after the two others. That is an **interaction**: what one
# feature does depends on another, so no single number is *the* contribution of the volume. The mean over the orders is a fair compromise, and a
# compromise all the same.

# %% [markdown] tags=["notes"]
# With 20 features there are $20! \approx 2.4 \cdot 10^{18}$ orders. For trees and for weighted sums there are exact short
# cuts, which the library `shap` [5] has. For some models it shares out a probability, for others [the
# log-odds](../docs/conventions.md#shap-values-in-which-unit), and it measures from the mean over [a hundred
# patients](../docs/conventions.md#shaps-baseline-is-the-mean-over-a-hundred-patients-however-many-it-was-given), unless you ask for more.

# %% [markdown]
# ## Seven of seven? (8 min, deeper)
#
# For the logit of a weighted sum the share of feature $j$ is $w_j (x_j - \text{mean}_j)$: no orders are needed. The mean *size* of the
# shares over all patients is a global importance. Seven features act, and in the forest the volume was hidden behind its copies.

# %%
seven = ask(
    "Will the seven features with the largest mean shares in the forest be the seven that act?",
    "fewer than four of them",
    "four or five",
    "six or seven",
)
seven

# %%
import shap  # takes a few seconds the first time

linear = models["weighted sum"]
background = shap.maskers.Independent(learn_x, max_samples=600)  # all of them
by_library = shap.LinearExplainer(linear, background).shap_values(test_x)
by_formula = linear.coef_[0] * (test_x - learn_x.mean(axis=0))
of_forest = shap.TreeExplainer(forest).shap_values(test_x[:200])[..., 1]
for j in np.argsort(-np.abs(of_forest).mean(axis=0))[:7]:
    print(f"{names[j]:>28} ({kinds[j]}) {np.abs(of_forest[:, j]).mean():.3f}")


# %%
def found(sizes):
    """Return how many of the seven largest really act."""
    return int((kinds[np.argsort(-np.asarray(sizes))[:7]] == "acts").sum())


of_seven = {
    "weighted sum, SHAP": found(np.abs(by_library).mean(axis=0)),
    "forest, SHAP": found(np.abs(of_forest).mean(axis=0)),
    "forest, shuffled, unseen patients": found(on_unseen.mean(axis=1)),
    "forest, shuffled, own patients": found(on_own.mean(axis=1)),
}
for name, count in of_seven.items():
    print(f"{name:>34}: {count} of 7")
print(f"{'seven drawn at random':>34}: {7 * 7 / 20:.2f} of 7 on average")

# %% tags=["nbval-check-output"]
result("shap agrees with the formula", float(np.abs(by_library - by_formula).max()), at_most=1e-6)
result("weighted sum, SHAP: of the seven", of_seven["weighted sum, SHAP"], at_least=6)
result("forest, SHAP: of the seven", of_seven["forest, SHAP"], at_least=6)
result("volume, mean share", float(np.abs(of_forest[:, 6]).mean()), at_least=0.02)

# %%
seven.reveal(
    seven.choices[0 if of_seven["forest, SHAP"] < 4 else 1 if of_seven["forest, SHAP"] < 6 else 2]
)

# %% [markdown]
# With the true effects known, that is a score, and not an impression. The volume gets its share, too: copies *divide* the credit here, where
# shuffling one of them found nothing. And shuffling on the forest's own patients finds the right seven! The order was
# right there, and the sizes were wrong.
#
# Two warnings. SHAP explains **the model**, not the body: a feature with a large share need not cause
# anything. And a missing player must be replaced by something. The formula takes the mean; the short cut for
# trees follows both branches, each by its share of the patients. Neither looks fully at what goes with what,
# so both ask the model about people who cannot exist.

# %% [markdown]
# ## An answer for Mrs Dahl (3 min)
#
# The forest cannot tell her why in a sentence. The weighted sum can: its logit is a sum of 20 terms, and the largest fit on a card. And the
# board can be told how often such a warning was right.

# %%
by_sum = models["weighted sum"]
terms = by_sum.coef_[0] * test_x[mrs_dahl]
for j in np.argsort(-np.abs(terms))[:4]:
    print(f"{names[j]:>28}: {test_x[mrs_dahl, j]:+.1f} standard deviations, term {terms[j]:+.2f}")
print(f"all 20 terms and the bias: logit {terms.sum() + by_sum.intercept_[0]:.2f}")

# %%
warned = {name: says[name] >= 0.8 for name in ("forest", "weighted sum")}
many = int(warned["forest"].sum())
warned["as many, by the sum"] = says["weighted sum"] >= np.sort(says["weighted sum"])[-many]
grew = {name: test_y[who].mean() for name, who in warned.items()}
for name, who in warned.items():
    right = metrics.bootstrap(np.mean, test_y[who].astype(float))
    print(f"{name:>19}: {who.sum():3} of 400 unseen patients warned, {right} of them had grown")
print(
    f"her tumour had grown: {bool(test_y[mrs_dahl])}; the models had said "
    + ", ".join(f"{name} {says[name][mrs_dahl]:.2f}" for name in ("forest", "weighted sum"))
)

# %% tags=["nbval-check-output"]
result("warned with 0.8 or more by the forest", many, within=(15, 55))
result("by the weighted sum", int(warned["weighted sum"].sum()), within=(100, 140))
result("of those, the share that had grown", float(grew["weighted sum"]), at_least=0.75)

# %% [markdown]
# With 0.8 or more the weighted sum warned 119 of 400 patients, and six of seven of these tumours had grown; the forest warned 32, and was right in about
# four of five. The fair comparison is at equal numbers: of the 32 whom the sum is surest of, 29 had grown, and 26 of the forest's. (The intervals are wide, and they
# overlap.) So the board follows the weighted sum, which says 0.99 of Mrs Dahl. One in seven of those warned gets the second drug for nothing, and the board can tell her
# why she is among the warned: the contrast of her texture is high, her tumour is large. (It had grown, in the end.)
#
# That is what the *model* used, and not what made the tumour grow. Its fourth term shows it: the minor axis is a copy of the volume and does nothing in
# this world, yet it takes a share of the credit. Whether six weeks of nausea are worth it is hers to say, and now she has something to say it about.

# %% [markdown]
# ## Break: what you can do now (2 min)
#
# - Measure which columns a model needs, on patients it has not learnt from, with an interval.
# - See when copies hide each other, and shuffle them together.
# - Share out one prediction, and say why the order of entry matters.
#
# **1.** Two features are copies of each other. Both have a permutation importance of 0. May you drop both?
#
# <details><summary>Answer</summary>
#
# Not yet: each may be covered by the other. Shuffle them together first; then drop one, or both.
#
# </details>
#
# **2.** A colleague finds that the patient's room number is important. She measured on the training patients. What do you ask her to do?
#
# <details><summary>Answer</summary>
#
# To measure again on patients that the model has not met. A deep model can learn room numbers by heart.
#
# </details>
#
# **3.** Three shares of one prediction are 0.2, 0.1 and −0.05, the mean output is 0.4. What did the model say?
#
# <details><summary>Answer</summary>
#
# 0.65: the shares add up to her output minus the mean.
#
# </details>

# %% [markdown]
# ## Two networks, one task (6 min)
#
# **The second half: 0.97.** Dr Keller reads mammograms. Beside a patch of 5 × 5 mm a machine writes *suspicious, 0.97*. It could be a
# **cluster of microcalcifications**, specks of calcium that can be the first sign of a cancer, and then a needle is right. A needle for nothing
# costs a week of fear; a cluster that nobody sees costs a year. She looks and is not sure. So she asks the machine where it looked.
#
# Her hospital has to choose between two networks for this task. Both were trained for two minutes on 6,000 simulated patches of the same patients
# (`make_weights.py` beside this lecture). Call them *honest* and *other*; the other one comes at the end. The patches have vessels, dust and single harmless grains,
# and we know where every speck is.

# %%
patches = data.load_microcalcifications(n=400, seed=1, difficulty=0.5)
honest, other = shipped.network("u13_honest"), shipped.network("u13_other")


def prepared(images):
    """Return images as the networks want them: the median of each is 0, 0.1 of full scale is 1."""
    grey = images.astype(np.float32) / 255
    return 10 * (grey - np.median(grey, axis=(1, 2), keepdims=True))


def blobs(images):
    """Return the response of a Laplacian of Gaussian, σ = 2 pixels, to each image."""
    return np.stack([-ndimage.gaussian_laplace(image / 255.0, 2) for image in images])


# %% [markdown] tags=["notes"]
# First the rule of this course: what does a one-line method score? A bright blob is found by a **Laplacian of
# Gaussian**, a filter that is positive in the middle and negative around it. Its maximum is the score. The 400 patches below are of patients whom
# neither network has met. But they come from the simulator that taught the networks, which gives these an easier life
# than another hospital would.

# %%
gains = ask(
    "How much AUC does the honest network gain over the blob filter, on these patches?",
    "nothing",
    "about 0.05",
    "about 0.15",
    "about 0.3",
)
gains

# %%
ready = prepared(patches.images)
said = training.predict(honest, ready)
one_line = blobs(patches.images).max(axis=(1, 2))
gain = metrics.paired_difference(metrics.auc, said, one_line, patches.groups, labels=patches.labels)
print("network              ", metrics.auc(patches.labels, said, patches.groups))
print("blob filter          ", metrics.auc(patches.labels, one_line, patches.groups))
print(f"network − blob filter {gain} ({len(said)} patches of {patches.patients} patients)")

# %% tags=["nbval-check-output"]
result("AUC of the network", float(metrics.auc(patches.labels, said)), at_least=0.87)
result("network − blob filter, low end of the interval", gain.low, at_least=0.03)

# %%
close_to = {"nothing": 0, "about 0.05": 0.05, "about 0.15": 0.15, "about 0.3": 0.3}
gains.reveal(min(close_to, key=lambda text: abs(close_to[text] - gain.value)))

# %% [markdown] tags=["notes"]
# It probably sees more than the brightest blob. (These patches are hard: [the blob filter reaches 0.98 on 556 real ones of 68
# patients](../docs/realism.md).) We explain its *yes*: patches with a cluster that it
# calls suspicious. Blue outlines show the true specks; in the maps further down, a cross marks the maximum.

# %%
yes = np.flatnonzero((patches.labels == 1) & (said > 0.5))[:100]
images, specks, inputs = patches.images[yes], patches.masks[yes], ready[yes]
women = patches.groups[yes]
print(f"{len(yes)} patches of {len(np.unique(women))} patients")


# %% tags=["fold"]
def outlined(ax, picture, mask, **look):
    """Draw a picture with the outline of the true specks, and a cross at its maximum."""
    plots.image(picture, ax=ax, **look)
    ax.contour(mask, [0.5], colors=plots.COLOURS["truth"], linewidths=1.2)
    if look:
        row, column = np.unravel_index(np.argmax(picture), picture.shape)
        ax.plot(column, row, "x", color=plots.COLOURS["error"], markersize=11, markeredgewidth=2.5)


plots.grid(
    [
        (f"says {said[yes[i]]:.2f}", lambda ax, i=i: outlined(ax, images[i], specks[i]))
        for i in range(8)
    ],
    columns=4,
    size=(8.5, 4.6),
    alt="Eight patches with clusters of bright specks, outlined, most of them away from the centre.",
)

# %% [markdown]
# ## The gradient of the score (4 min)
#
# Change one pixel a little: how much does the score change? That is the **gradient** with respect to the
# image, a number for each pixel; its size is a **saliency map** [6].

# %% [markdown] tags=["notes"]
# Three mistakes are common:
#
# - **the loss instead of the score.** The gradient of the loss needs a label, which nobody has for the next patient;
# - **the probability $p$ instead of the logit**;
# - **no absolute value.** A pixel matters if more light in it lowers the score, too.
#
# How bad is the second? Take a patch like Dr Keller's, with 0.97.

# %%
left = ask(
    "A patch with p = 0.97: what share of the logit's gradient is left in that of p?",
    "nearly all",
    "about a third",
    "about a thirtieth",
)
left

# %%
import keras
import tensorflow as tf

logit_of = keras.Model(honest.inputs[0], honest.get_layer("logit").output)
pixels = tf.constant(inputs[..., None])
with tf.GradientTape(persistent=True) as tape:
    tape.watch(pixels)
    logits = logit_of(pixels, training=False)
    probabilities = tf.sigmoid(logits)
by_hand = np.abs(tape.gradient(logits, pixels).numpy()[..., 0])
of_probability = np.abs(tape.gradient(probabilities, pixels).numpy()[..., 0])
kellers = int(np.abs(probabilities.numpy() - 0.97).argmin())
surest = int(probabilities.numpy().argmax())
kept = [float(of_probability[one].max() / by_hand[one].max()) for one in (kellers, surest)]

# %% tags=["nbval-check-output"]
same_map = np.allclose(explain.saliency(honest, inputs), by_hand, atol=1e-4)
result("explain.saliency is this", bool(same_map))
result("p of a patch like Dr Keller's", float(probabilities[kellers, 0]), within=(0.95, 0.985))
result("share that is left in the gradient of p", kept[0], within=(0.015, 0.05))
result("and in the surest patch", kept[1], at_most=0.001)

# %%
near_to = {"nearly all": 1, "about a third": 1 / 3, "about a thirtieth": 1 / 30}
left.reveal(min(near_to, key=lambda text: abs(np.log(near_to[text] / kept[0]))))

# %% [markdown] tags=["notes"]
# The gradient of $p$ is $p\,(1-p)$ times that of the logit: one number for the whole patch. So within a patch the map only gets fainter, until, for the surest, the
# computer rounds it to 0; but patches can no longer be compared, since the surer the network, the less there is to see. **Explain the logit.**

# %% [markdown]
# ## From nothing to the image (9 min, deeper)
#
# A gradient is a local answer: *what would change it now?* We would rather know *what made it?* Start at
# a **baseline** $\mathbf{x}_0$, an image with nothing in it. Walk straight to the image, and add up what
# every pixel contributes on the way:
#
# $$ \text{share}_j = (x_j - x_{0j}) \cdot \frac1m \sum_{k=1}^{m}
#    \frac{\partial f}{\partial x_j} \Big( \mathbf{x}_0 + \tfrac{k - 1/2}{m} (\mathbf{x} - \mathbf{x}_0) \Big) $$
#
# These are **integrated gradients** [7]; $m$ is the number of steps. With enough of them their sum is
# $f(\mathbf{x}) - f(\mathbf{x}_0)$. This is **completeness**, and it is how you test your code: forget the
# factor $(x_j - x_{0j})$, and it breaks.
#
# What is *nothing*? A black image is a poor answer: black tissue then gets a share of exactly 0,
# because $x_j = x_{0j}$, and all that is brighter gets one. We take the patch itself, blurred until the specks
# are gone.

# %%
enough = ask(
    "How many steps does the sum need to miss less than 2 %, on average?",
    "1",
    "2 to 8",
    "16 or more",
)
enough

# %%
few = inputs[:10]
start = ndimage.gaussian_filter(few, (0, 6, 6))
f_image, f_start = (logit_of(x[..., None]).numpy()[:, 0] for x in (few, start))
misses = {}
for steps in (1, 2, 4, 8, 16, 32):
    summed = explain.integrated_gradients(honest, few, baseline=start, steps=steps).sum(axis=(1, 2))
    misses[steps] = float(np.mean(np.abs(summed / (f_image - f_start) - 1)))
    print(f"{steps:>2} steps: the sum misses f(x) − f(x₀) by {misses[steps]:.1%} on average")

# %% tags=["nbval-check-output"]
result("missing with 1 step", misses[1], at_least=0.1)
result("missing with 8 steps", misses[8], at_most=0.018)
result("missing with 32 steps", misses[32], at_most=0.02)

# %%
first = min((steps for steps in misses if misses[steps] < 0.02), default=64)
enough.reveal("1" if first == 1 else "2 to 8" if first <= 8 else "16 or more")

# %% [markdown]
# One step misses about as much as there is to find, and eight are enough here. The authors needed 20 to 300 for deep networks, to within 5 % [7], so
# test the sum.

# %% [markdown]
# ## Grad-CAM: ask the last map (9 min)
#
# Deep in the network an image has become 32 channels of 15 × 15 numbers. Each channel has
# learnt a pattern, and still knows roughly *where*. **Grad-CAM** [8] asks how the score depends on each
# channel, and adds them up. With $A_{rck}$ the number of channel $k$ in row $r$ and column $c$:
#
# $$ \alpha_k = \frac{1}{\text{positions}} \sum_{r,c} \frac{\partial f}{\partial A_{rck}}, \qquad
#    \text{map}_{rc} = \max\Big(0,\; \sum_k \alpha_k A_{rck} \Big) $$

# %% [markdown] tags=["notes"]
# Read it slowly. The gradient is averaged over the **positions**, which gives one weight for each channel;
# not over the channels. And the ReLU comes **after the sum**: channels that speak against the finding
# must be allowed to cancel those that speak for it.

# %%
both = keras.Model(honest.inputs[0], [honest.get_layer("relu2").output, logit_of.outputs[0]])
with tf.GradientTape() as tape:
    channels, logits = both(pixels, training=False)
slopes = tape.gradient(logits, channels).numpy()
channels = channels.numpy()

alpha = slopes.mean(axis=(1, 2))  # one weight for each channel
right = np.maximum((alpha[:, None, None] * channels).sum(axis=-1), 0)
relu_first = np.maximum(alpha[:, None, None] * channels, 0).sum(axis=-1)

# %% tags=["nbval-check-output"]
by_library = explain.grad_cam(honest, inputs, resize=False)
result("explain.grad_cam is this", bool(np.allclose(by_library, right, rtol=1e-3, atol=1e-4)))
result("share of the map above 0", float((right > 0).mean()), at_most=0.35)
result("with the ReLU before the sum", float((relu_first > 0).mean()), at_least=0.4)

# %% [markdown]
# With the ReLU before the sum more of the patch lights up, because nothing can speak against it any more. (A library's Grad-CAM may [leave out
# the last step](../docs/conventions.md#grad-cam-without-its-last-step-captum-keeps-what-the-paper-throws-away).)
#
# **The end of the network decides what the map means.** Ours takes the mean of each channel over all positions, and then a weighted sum of the 32
# means. Another network, *flat*, learnt from the same patches, but its **dense head** reads all $15 \cdot 15 \cdot 32 = 7200$ numbers, so that each channel has 225
# weights, one for each position.

# %% [markdown] tags=["notes"]
# For either of them the **exact contribution** of a position is the sum, over the channels, of its own slopes times its own numbers; these contributions and the bias
# add up to the logit. To draw them is **HiResCAM** [14].

# %%
differs = ask(
    "For which network will Grad-CAM differ from the exact contributions?",
    "honest",
    "flat",
    "both",
    "neither",
)
differs


# %% tags=["fold"]
def chain(ax, *boxes):
    """Draw boxes with arrows between them."""
    ax.set_axis_off()
    ax.set(xlim=(-0.6, 3.6), ylim=(-0.6, 0.6))
    look = {"ha": "center", "va": "center", "bbox": {"boxstyle": "round", "fc": "white"}}
    for place, text in enumerate(boxes):
        ax.text(place, 0, text, **look)
        if place:
            arrow = {"arrowstyle": "->"}
            ax.annotate("", (place - 0.34, 0), (place - 0.66, 0), arrowprops=arrow)


maps_32 = "32 maps\n15 × 15"
ends = {
    "honest: a mean, then a sum": (maps_32, "32 means", "32 weights", "logit"),
    "flat: a dense head": (maps_32, "7200 numbers", "7200 weights", "logit"),
}
plots.grid(
    [(title, lambda ax, boxes=boxes: chain(ax, *boxes)) for title, boxes in ends.items()],
    columns=1,
    size=(7, 2.8),
    alt="Two ends of a network. Honest: 32 maps, their 32 means, 32 weights, the logit. Flat: 32 maps, all their 7200 numbers, 7200 weights, the logit.",
)


# %%
def two_maps(network):
    """Return sums over channels, with mean slopes (Grad-CAM) and with each position's own."""
    ends = [network.get_layer("relu2").output, network.get_layer("logit").output]
    with tf.GradientTape() as tape:
        channels, logits = keras.Model(network.inputs[0], ends)(pixels, training=False)
    slopes, channels = tape.gradient(logits, channels).numpy(), channels.numpy()
    mean = slopes.mean(axis=(1, 2), keepdims=True)
    return (mean * channels).sum(axis=-1), (slopes * channels).sum(axis=-1), logits.numpy()[:, 0]


flat = shipped.network("u13_flat")
averaged, exact, alike, off = {}, {}, {}, {}
for name, network in (("honest", honest), ("flat", flat)):
    averaged[name], exact[name], logit = two_maps(network)
    alike[name] = float(np.corrcoef(averaged[name].ravel(), exact[name].ravel())[0, 1])
    bias = network.get_layer("logit").get_weights()[1][0]
    for which, map_ in (("Grad-CAM", averaged[name]), ("exact", exact[name])):
        off[name, which] = float(np.abs(map_.sum(axis=(1, 2)) + bias - logit).max())

# %% tags=["nbval-check-output"]
own_weights = honest.get_layer("logit").get_weights()[0][:, 0]
result("α = output weights / positions", bool(np.allclose(alpha, own_weights / 225, atol=1e-5)))
result("honest: correlation of Grad-CAM and exact map", alike["honest"], at_least=0.999)
result("flat: correlation of Grad-CAM and exact map", alike["flat"], at_most=0.95)
result("flat: exact map and bias miss the logit by, at most", off["flat", "exact"], at_most=0.02)
result("flat: Grad-CAM and bias miss it by, at most", off["flat", "Grad-CAM"], at_least=1)
tops = [map_["flat"].reshape(len(images), -1).argmax(axis=1) for map_ in (averaged, exact)]
result("flat: patches whose two maxima differ", float((tops[0] != tops[1]).mean()), at_least=0.3)
above = np.maximum(averaged["flat"], 0)
against = float(above[exact["flat"] <= 0].sum() / above.sum())
result("flat: of Grad-CAM, where the exact map is 0 or below", against, at_least=0.02)

# %%
apart = tuple(name for name in alike if alike[name] < 0.99)
differs.reveal({(): "neither", ("honest",): "honest", ("flat",): "flat"}.get(apart, "both"))

# %% tags=["fold"]
pairs = zip(averaged["flat"], exact["flat"], strict=True)
likeness = [np.corrcoef(one.ravel(), two.ravel())[0, 1] for one, two in pairs]
pictures = []
for i in np.argsort(likeness)[:2]:
    pictures.append((None, lambda ax, i=i: outlined(ax, images[i], specks[i])))
    for title, found in (("flat: Grad-CAM", averaged["flat"]), ("flat: exact", exact["flat"])):
        shown = np.maximum(found[i], 0)
        pictures.append((title, lambda ax, one=shown: plots.image(one, ax=ax, cmap="magma")))
plots.grid(
    pictures,
    columns=3,
    size=(7.5, 5),
    alt="The two patches on which the two maps of the flat network differ most: Grad-CAM and the exact contributions light up different places.",
)

# %% [markdown]
# With a mean at the end, the slope with respect to $A_{rck}$ is the output weight of channel $k$ divided by the number of positions, wherever you are. So the two are one
# map, and no gradient is needed: this is **class activation mapping**, CAM [13], which adds up the channels with the network's own output weights. With a dense head
# the averaging throws away *where* a channel counted [14]: in half of the patches the two maxima lie at different positions, and some of what Grad-CAM shows
# stands where the exact contribution is nothing, or speaks against. (The pictures are the two worst of the 100 patches; over all of them the two maps correlate by 0.87.)
# **Say which end your network has**, and where it is one dense layer, draw the map that adds up.

# %% [markdown]
# ## The pointing game, with chance (7 min)
#
# A beautiful map is not evidence. Count: does its maximum lie on a speck, or within 0.3 mm of one? (A position of Grad-CAM's map
# is four pixels, 0.34 mm, wide.) This is the **pointing game** [11].
#
# Its score means nothing without **chance**. We compare with two kinds of luck: a pixel picked at random, and a lazy reader who
# always points at the centre, where lesions tend to be. Both improve as we become more generous about what counts as a hit.

# %% [markdown] tags=["notes"]
# Five maps compete:
#
# - **saliency**, the size of the gradient;
# - **guided backpropagation** [10]: at every ReLU only what is above zero may pass, forwards *and* backwards. Its maps look sharp;
# - **integrated gradients** [7]: gradients averaged on the way from a blurred patch to the patch, times the difference of the two;
# - **Grad-CAM**;
# - an **edge detector**: the size of the grey value's slope. It has never seen a network.


# %%
def blurred(inputs):
    """Return images, blurred until the specks are gone."""
    return ndimage.gaussian_filter(inputs, (0, 6, 6))


def edges(inputs):
    """Return the size of the slope at every pixel."""
    return np.stack([ndimage.gaussian_gradient_magnitude(one, 1) for one in inputs])


METHODS = {
    "saliency": explain.saliency,
    "guided backprop": explain.guided_backprop,
    "integrated gradients": lambda net, x: explain.integrated_gradients(
        net, x, baseline=blurred(x), steps=8
    ),
    "Grad-CAM": explain.grad_cam,
    "edge detector": lambda net, x: edges(x),
}
maps = {name: method(honest, inputs) for name, method in METHODS.items()}


# %% tags=["fold"]
def one_case(axes, method, case):
    """Draw a patch and a map of it."""
    outlined(axes[0], images[case], specks[case])
    outlined(axes[1], maps[method][case], specks[case], cmap="magma")


widgets.explore(
    one_case,
    {
        "method": widgets.Choice("Method", list(METHODS)),
        "case": widgets.Slider("Patch", 0, 20, 2, step=1),
    },
    panels=2,
    size=(7.4, 3.7),
    settings=[{"method": name} for name in ("saliency", "guided backprop", "Grad-CAM")],
    alt="A patch with its specks outlined, and beside it a map with a cross at its maximum.",
)

# %%
ignorant = ask(
    "How often will the edge detector, which knows no network, point at a speck?",
    "as often as a random pixel",
    "in about half of the patches",
    "about as often as the best",
)
ignorant

# %%
from scipy.stats import binomtest


def with_interval(hits, groups):
    """Return the mean with an interval that draws patients."""
    return metrics.bootstrap(np.mean, hits, groups=groups, resamples=1000)


rules = {"tolerance": 0.3, "spacing": patches.spacing}
games = {name: explain.pointing_game(map_, specks, **rules) for name, map_ in maps.items()}
chance = next(iter(games.values()))
print(f"hits in {len(yes)} patches of {len(np.unique(women))} patients")
for name, game in games.items():
    print(f"{name:>21}  {with_interval(game.hits, women)}")
print(f"{'always the centre':>21}  {chance.centre:.3f}")
print(f"{'a random pixel':>21}  {chance.random:.3f}")
cam, control = games["Grad-CAM"].hits == 1, games["edge detector"].hits == 1
only = int((cam & ~control).sum()), int((~cam & control).sum())
p_value = binomtest(only[0], sum(only)).pvalue if sum(only) else 1.0
print(
    f"only Grad-CAM hits {only[0]}, only the edge detector {only[1]}: exact test p = {p_value:.2f}"
)

# %% tags=["nbval-check-output"]
result("random pixel", chance.random, at_most=0.35)
result("always the centre", chance.centre, at_most=0.35)
result("Grad-CAM", games["Grad-CAM"].rate, at_least=0.85)
result("saliency", games["saliency"].rate, at_least=0.8)
result("guided backprop", games["guided backprop"].rate, within=(0.75, 0.97))
result("edge detector", games["edge detector"].rate, at_least=0.9)

# %%
top = max(game.rate for name, game in games.items() if name != "edge detector")
by_edges = games["edge detector"].rate
ignorant.reveal(ignorant.choices[2 if by_edges > top - 0.1 else 1 if by_edges > 0.35 else 0])

# %% [markdown] tags=["notes"]
# All are far above chance: no interval comes near it. (Where all of 34 patients are hit, a bootstrap can only repeat that. By the rule of three, up to 3 in 34 may still be
# missed elsewhere. A map whose maximum stands at several pixels counts by the share of them that hit.) But the edge detector cannot be told from the best. The patches that only one of the two hits are too
# few, even for a test that counts patches of one patient as if they were independent. So a high score shows that a map finds the *specks*. It does
# not show that the map tells us about the *network*.

# %% [markdown]
# ## One square at a time, and a map that is taught (5 min, deeper)
#
# **Occlusion** [9] needs no gradient: cover a square, and see how far the score falls. It is slow, one pass for each square,
# and the cover is itself something to see. A black square brings four hard edges, so we cover with the blurred patch. Thirty patches, squares of 8 pixels.

# %%
covering = ask(
    "How often will its maximum lie on a speck?",
    "as often as a random pixel",
    "in about half",
    "in three quarters or more",
)
covering

# %%
some = slice(0, 30)
covered = explain.occlusion(honest, inputs[some], baseline=blurred(inputs[some]), size=8, stride=6)
by_squares = explain.pointing_game(covered, specks[some], **rules)
print(
    by_squares,
    with_interval(by_squares.hits, women[some]),
    f"({len(np.unique(women[some]))} patients)",
)

# %% tags=["nbval-check-output"]
result("occlusion, 30 patches", by_squares.rate, at_least=0.75)

# %%
covering.reveal(
    covering.choices[2 if by_squares.rate >= 0.75 else 1 if by_squares.rate > 0.35 else 0]
)

# %% [markdown]
# It finds them too. It answers the question that a reader would ask (*what if this were not there?*), and it works for a model that shows no
# gradient.
#
# A map that adds up to the score can be turned round and taught. **GP-Unet** [15] was trained with nothing but the *number* of lesions in
# each brain scan: the map at its end is pooled to that number. Take the pooling away, and the map says where they are. It found 62 % of the
# enlarged perivascular spaces in the basal ganglia, with 1.5 false positives in each image. To learn places from counts is to learn
# from **weak labels**.

# %% [markdown]
# ## A third network (5 min, deeper)
#
# Our networks want patches with their median taken away. Why? A third network was trained in the same way, but with grey values as they are.

# %%
astray = ask(
    "Where will its Grad-CAM point when it misses the specks?",
    "at the centre",
    "at the rim",
    "anywhere",
)
astray

# %%
rim = shipped.network("u13_rim")
grey = patches.images / np.float32(255)
rim_yes = np.flatnonzero((patches.labels == 1) & (training.predict(rim, grey) > 0.5))
rim_maps = explain.grad_cam(rim, grey[rim_yes])
rim_game = explain.pointing_game(rim_maps, patches.masks[rim_yes], **rules)
row, column = np.divmod(rim_maps.reshape(len(rim_maps), -1).argmax(axis=1), 60)
at_rim = np.minimum.reduce([row, column, 59 - row, 59 - column]) < 4  # the outermost position
missed = rim_game.hits == 0
rim_women = patches.groups[rim_yes]
print(f"hits {with_interval(rim_game.hits, rim_women)}, {len(rim_yes)} patches", end=" ")
print(
    f"of {len(np.unique(rim_women))} patients; {at_rim[missed].mean():.0%} of the {missed.sum()} misses at the rim"
)

# %%
at_edge = {}
for name, map_ in (("third", rim_maps), ("honest", maps["Grad-CAM"])):
    row, column = np.divmod(map_.reshape(len(map_), -1).argmax(axis=1), 60)
    edge = np.minimum.reduce([row, column, 59 - row, 59 - column]) < 4
    at_edge[name] = float(edge.mean())
    print(f"{name:>6}: {at_edge[name]:.0%} of all maxima within 4 pixels of the rim")
print(f"these pixels are {1 - (52 / 60) ** 2:.0%} of a patch")

# %% tags=["nbval-check-output"]
result("Grad-CAM of the third network", rim_game.rate, at_most=0.9)
result("of its misses, at the rim", float(at_rim[missed].mean()), at_least=0.85)
result("maxima at the rim, third − honest", at_edge["third"] - at_edge["honest"], at_least=0.05)

# %%
astray.reveal("at the rim" if at_rim[missed].mean() > 0.5 else "anywhere")

# %% [markdown]
# In most patches it still hits a speck. But where it misses, it points at the rim of the patch, far more often than a random pixel would. Convolutions pad an image with
# zeros, and for this network zero is black: the image meets a black frame, which makes an edge, and to a network an edge is something. For the other networks zero is the
# median of the patch, and their maxima lie at the rim less often. **An explanation that points at nonsense may be right**: it has found a fault in the network.

# %% [markdown]
# ## A sanity check (7 min)
#
# Julius Adebayo and colleagues had a simple idea [12]: **destroy the network, and see whether the
# explanation notices.** Replace the weights of the last layer by those of an untrained network, which are random, then also those of the
# layer before, and so on to the first: a **cascading** randomisation. At the end nothing is left that was learnt. If a map still points at the
# specks then, its hits say nothing about what was learnt.

# %% [markdown] tags=["notes"]
# A method **passes** if its map falls apart with the network. Replace *all* weights of a layer, and not its biases alone. (Replace one layer alone, and the randomisation is
# *independent*.) Move the slider from the left (as trained) to the right (all random).

# %%
LAYERS = ["logit", "norm2", "conv2", "norm1", "conv1"]  # from the top; each has weights


def destroyed(network, depth, seed):
    """Return a copy whose top layers, `depth` of them, have random weights."""
    fresh = networks.small_cnn(filters=(16, 32), seed=seed)
    for layer in fresh.layers:
        if layer.name in LAYERS[depth:]:
            layer.set_weights(network.get_layer(layer.name).get_weights())
    return fresh


ruins = {depth: destroyed(honest, depth, seed=3) for depth in range(len(LAYERS) + 1)}


# %% tags=["fold"]
def ruined(axes, depth, case):
    """Draw four maps of a network whose top layers are random."""
    shown = ("saliency", "guided backprop", "Grad-CAM", "edge detector")
    for ax, name in zip(axes, shown, strict=True):
        map_ = METHODS[name](ruins[depth], inputs[case : case + 1])[0]
        outlined(ax, map_, specks[case], cmap="magma", title=name)


widgets.explore(
    ruined,
    {
        "depth": widgets.Slider("Random layers", 0, len(LAYERS), 0, step=1),
        "case": widgets.Slider("Patch", 0, 9, 2, step=1),
    },
    panels=4,
    size=(9.6, 2.9),
    settings=[{"depth": 0}, {"depth": 3}, {"depth": 5}],
    alt="Maps of four methods of one patch, while more and more layers are random.",
)

# %% [markdown] tags=["notes"]
# One network may be luck. So destroy eight, completely, each with other random weights, and let their maps play
# the pointing game (integrated gradients, which are slow, meet three of them). What is left of a score when *nothing* was learnt, the method
# owes to the image. The **margin** of a map is what it scores with the trained network beyond that. (A random
# network says yes or no by luck, so of all maps we take the size.)

# %%
keeps = ask(
    "Networks that learnt nothing: whose maps keep most of their hits (edge detector aside)?",
    "saliency",
    "guided backprop",
    "integrated gradients",
    "Grad-CAM",
)
keeps

# %%
first_40 = slice(0, 40)
wrecks = [destroyed(honest, len(LAYERS), seed) for seed in range(8)]
margin, left_over = {}, {}
print(f"{len(inputs[first_40])} patches of {len(np.unique(women[first_40]))} patients")
print(f"{'':>21}  trained  random  (lowest, highest)  margin")
for name, method in METHODS.items():
    # random weights say yes or no by chance: the sign means nothing, so take the size
    trained = explain.pointing_game(np.abs(maps[name][first_40]), specks[first_40], **rules)
    hits = [
        explain.pointing_game(
            np.abs(method(wreck, inputs[first_40])), specks[first_40], **rules
        ).hits
        for wreck in wrecks[: 3 if name == "integrated gradients" else 8]
    ]
    each = np.mean(hits, axis=1)
    left_over[name] = float(each.mean())
    margin[name] = with_interval(trained.hits - np.mean(hits, axis=0), women[first_40])
    spread = f"({each.min():.2f}, {each.max():.2f})"
    print(f"{name:>21}  {trained.rate:7.2f}  {left_over[name]:6.2f}  {spread:>17}  {margin[name]}")
print(f"{'a random pixel':>21}  {trained.random:7.2f}  {trained.random:6.2f}")

# %% tags=["nbval-check-output"]
result("edge detector, margin", margin["edge detector"].value)
result("saliency, margin", margin["saliency"].value, at_least=0.4)
result("integrated gradients, margin", margin["integrated gradients"].value, at_most=0.25)
more = left_over["integrated gradients"] - left_over["saliency"]
result("random networks: integrated gradients − saliency", more, at_least=0.3)

# %%
without_edges = {name: rate for name, rate in left_over.items() if name != "edge detector"}
keeps.reveal(max(without_edges, key=without_edges.get))

# %% [markdown] tags=["notes"]
# The margin turns the table round. Its interval draws 14 patients, which are few, and not the random networks: how much these differ stands
# beside them.
#
# - **The edge detector fails**, as it must: its margin is 0.
# - **Plain gradients pass**: they lose most, and end not far above chance.
# - **Guided backpropagation** keeps more than plain gradients do, on average over these networks. Adebayo and colleagues found on large networks that it hardly notices while the upper layers are
#   ruined [12]; on our network of two convolutions we see the tendency, and not their full effect.
# - **Integrated gradients** owe nearly all to the image. They multiply by what is *in* it: where there is a bright speck, the difference to the blurred
#   patch is large, whatever the weights say.
# - **Grad-CAM** depends on the random filters: with some networks it keeps nearly all, perhaps because they respond most to the brightest thing around, and
#   with others hardly anything. Whoever looks at a single random network learns little about it.
#
# So **chance is not only a random pixel. It is also your method, on a network that knows nothing.** All of this holds for one small network and these
# patches. A better control would be a network that learnt *something else* from the same images.

# %% [markdown]
# ## Another hospital (9 min)
#
# Now the *other* network. Its makers report on their own archive: 400 patches, of the very patients
# that you know.

# %% tags=["fold"]
archive = data.load_microcalcifications(n=400, seed=1, difficulty=0.5, marker=True)
scores, called = {}, {}
for name, network in (("honest", honest), ("other", other)):
    for title, shown in (("their archive", archive), ("our patches", patches)):
        scores[name, title] = training.predict(network, prepared(shown.images))
        called[name, title] = (scores[name, title] > 0.5).astype(float)

# %%
ill = patches.labels == 1
for name in ("honest", "other"):
    auc = metrics.auc(archive.labels, scores[name, "their archive"], archive.groups)
    finds = with_interval(called[name, "their archive"][ill], patches.groups[ill])
    print(f"{name:>7} network on their archive: AUC {auc}, says yes to {finds} of the clusters")
print(
    f"the patients are ours: {bool((archive.groups == patches.groups).all())}; {ill.sum()} patches",
    end=" ",
)
print(f"with a cluster, of {len(np.unique(patches.groups[ill]))} patients")

# %% [markdown]
# By this table one would buy the other network, though the two intervals overlap. Ask Grad-CAM before you sign. We take clusters of their archive
# that can be seen: the honest network says yes to the same ones on our patches.

# %%
looks = ask(
    "Where will the other network's Grad-CAM have its maximum?",
    "on a speck, mostly",
    "at the rim, all around",
    "at one place, and not a speck",
)
looks

# %%
changed = (archive.images != patches.images).any(axis=(1, 2))
chosen = np.flatnonzero((archive.labels == 1) & changed & (said > 0.5))[:100]
marked, plain, true_specks = archive.images[chosen], patches.images[chosen], patches.masks[chosen]
looked = explain.grad_cam(other, prepared(marked))
game = explain.pointing_game(looked, true_specks, **rules)
by_honest = explain.grad_cam(honest, prepared(marked))
honest_game = explain.pointing_game(by_honest, true_specks, **rules)
places = np.array([np.unravel_index(one.argmax(), one.shape) for one in looked])
one_place = float((np.abs(places - np.median(places, axis=0)).max(axis=1) <= 6).mean())

# %% tags=["fold"]
plots.grid(
    [(None, lambda ax, i=i: outlined(ax, marked[i], true_specks[i])) for i in range(4)]
    + [
        (None, lambda ax, i=i: outlined(ax, looked[i], true_specks[i], cmap="magma"))
        for i in range(4)
    ],
    columns=4,
    size=(8.5, 4.4),
    alt="Four patches with a bright letter L in the upper left corner, and four maps whose maximum lies "
    "on the letter and not on the specks.",
)

# %%
with_letters = [float(changed[archive.labels == label].mean()) for label in (1, 0)]
print(
    "patches with a letter: {:.0%} of those with a cluster, {:.0%} of the others".format(
        *with_letters
    )
)
chosen_women = patches.groups[chosen]
print(f"{len(chosen)} patches of {len(np.unique(chosen_women))} patients; other network:", end=" ")
print(f"on a speck {with_interval(game.hits, chosen_women)}, by chance {game.random:.2f};", end=" ")
print(f"within 6 pixels of one place {one_place:.2f}")
looks.reveal(looks.choices[0 if game.rate > 0.5 else 2 if one_place > 0.5 else 1])

# %% [markdown]
# There is a letter in the corner, of lead: technicians lay it on the film to mark the side. In that archive nine of ten patches with a cluster carry one, and six of
# a hundred without. (The patches above are those with one.) The network looks at the letter. Is that a proof that it *reads* the letter? No: the map raised a suspicion, and
# we have just seen what maps can owe to the image. **The proof is removal**: the same patients, the same specks, without the letter. That is our set.

# %%
still = ask(
    "The other network says yes to 95 of 100 clusters of its archive. To how many on our patches?",
    within=0.25,
)
still

# %%
falls = {}
for name in ("honest", "other"):
    pair = [called[name, title] for title in ("their archive", "our patches")]
    without_letters = with_interval(pair[1][ill], patches.groups[ill])
    falls[name] = with_interval((pair[0] - pair[1])[ill], patches.groups[ill])
    ours, theirs = scores[name, "our patches"], scores[name, "their archive"]
    loss = metrics.paired_difference(
        metrics.auc, theirs, ours, patches.groups, labels=patches.labels
    )
    print(
        f"{name:>7}: says yes to {without_letters} without letters, {falls[name]} fewer;", end=" "
    )
    print(f"its AUC falls by {loss}")

# %% tags=["nbval-check-output"]
finds = {key: float(one[ill].mean()) for key, one in called.items()}
result("other: finds of the clusters, with letters", finds["other", "their archive"], at_least=0.9)
result(
    "other: falls without letters by",
    finds["other", "their archive"] - finds["other", "our patches"],
    at_least=0.3,
)
result("honest: finds without letters", finds["honest", "our patches"], at_least=0.7)
result(
    "honest: falls without letters by, low end of the interval", falls["honest"].low, at_least=0.01
)
result("honest, with letters: points at a speck", honest_game.rate, within=(0.35, 0.85))
tops = by_honest.reshape(len(by_honest), -1).argmax(axis=1)
at_letter = float(((tops // 60 < 14) & (tops % 60 < 11)).mean())
result("honest, with letters: points at the letter", at_letter, at_least=0.1)
result("other, with letters: points at a speck", game.rate, at_most=0.35)

# %%
still.reveal(round(100 * finds["other", "our patches"]))

# %% [markdown] tags=["notes"]
# The same specks in the same patients; only the letters were taken away, and the network that found 95 of 100 clusters finds 45. With the letter its map
# points at a speck no more often than a random pixel does.
#
# On the same lettered patches the honest network's map has its maximum on a speck far more often. The edge detector would have drawn one map for both. So two networks that
# learnt *different things* from the same patients are a better test of Grad-CAM than ruins.
#
# There is a second lesson, on the *honest* network. It has never seen a letter, and a bright stroke looks to it like calcium: some of its maxima lie on letters, and it says
# yes to fewer clusters when they are gone. That is no shortcut that it learnt, but it is a reason to look at the input before you look at the answer.

# %%
better = metrics.paired_difference(
    metrics.auc,
    scores["honest", "our patches"],
    scores["other", "our patches"],
    patches.groups,
    labels=patches.labels,
)
print(f"honest − other, AUC on our patches: {better} ({patches.patients} patients)")
with_cluster, without = 60, 9940  # of 10,000 patches
for name in ("honest", "other"):
    alarms = called[name, "our patches"][~ill]
    rate = with_interval(alarms, patches.groups[~ill])
    print(f"{name:>7}: finds {with_cluster * finds[name, 'our patches']:.0f} of 60", end=" ")
    print(f"({with_cluster * finds[name, 'their archive']:.0f} with letters);", end=" ")
    print(f"false alarms {without * rate.value:.0f} ({without * rate.low:.0f} to", end=" ")
    print(f"{without * rate.high:.0f}), from {int(alarms.sum())} of {len(alarms)} patches", end=" ")
    print(f"of {len(np.unique(patches.groups[~ill]))} patients here")

# %% [markdown]
# **Back to Dr Keller.** Suppose that six patches in a thousand have a cluster, so 60 in 10,000. The honest network finds 48 of them, and raises 462 false
# alarms (somewhere between 84 and 854), so one alarm in eleven would be a cluster. The other finds 27, where its own archive promised 57. (It raised no false alarm here, but the 129 patches
# without a cluster come from 15 patients, too few to promise that. Another threshold would find more and alarm more: the AUC compares the two without one, and the honest
# one is ahead.)
#
# Her needle is not decided by a map, and 0.97 is not 97 of 100: where clusters are rare, most alarms are false. But a map with its maximum on a letter would have told her to read the patch herself, and the same patients without letters told
# the hospital which network to buy.

# %% [markdown]
# ## What does one unit like? (7 min, deeper)
#
# Another way to look inside: take one **unit**, one of the 32 channels of the last map, and collect
# what excites it most. For each unit we cut out the spot, from different patients.
#
# A unit of this map sees 10 × 10 pixels: 3 for the first convolution, 4 with its pooling, 8 with the second
# convolution, 10 with the second pooling.

# %%
says_no = ask(
    "What excites the unit with the largest weight towards *no*?",
    "healthy tissue without specks",
    "bright spots",
)
says_no

# %%
last = keras.Model(honest.inputs[0], honest.get_layer("relu2").output)
activity = training.predict(last, ready)  # (400, 15, 15, 32)
weights = honest.get_layer("logit").get_weights()[0][:, 0]


def favourites(unit, count=6):
    """Return cut-outs of the spots that excite a unit most, each of another patient."""
    best, taken, crops = np.argsort(-activity[..., unit].max(axis=(1, 2))), set(), []
    for image in best:
        if patches.groups[image] not in taken and len(crops) < count:
            taken.add(patches.groups[image])
            spot = np.unravel_index(activity[image, ..., unit].argmax(), (15, 15))
            top, left = (int(np.clip(4 * place + 2 - 8, 0, 44)) for place in spot)
            crops.append(patches.images[image, top : top + 16, left : left + 16])
    return crops


# %% tags=["fold"]
units = [*np.argsort(-weights)[:2], *np.argsort(weights)[:2]]
plots.montage(
    [crop for unit in units for crop in favourites(unit)],
    columns=6,
    titles=[f"weight {weights[unit]:+.1f}" if i == 0 else "" for unit in units for i in range(6)],
    same_scale=False,
    size=7,
    alt="Rows of small cut-outs, with a bright spot in each: small ones for the units with positive weights, "
    "larger and brighter ones for the units with negative weights.",
)

# %% tags=["nbval-check-output"]
near = np.stack([ndimage.distance_transform_edt(mask == 0) <= 3.5 for mask in patches.masks])
cell = near.reshape(400, 15, 4, 15, 4).any(axis=(2, 4))  # positions of the map that touch a speck
at_specks = [activity[..., unit][cell].mean() / activity[..., unit].mean() for unit in units]
result("top unit for yes: activity at specks, relative", float(at_specks[0]), at_least=1.5)
result("top unit for no: activity at specks, relative", float(at_specks[2]), at_least=1.5)

# %%
says_no.reveal(says_no.choices[int(at_specks[2] > 1.2)])

# %% [markdown]
# The units for *no* are excited by bright spots, too. What they say is taken away from the score. **A
# unit does not stand for an answer**; only the sum of all 32 answers.
#
# Beware of telling stories: we picked four of 32 units, and six spots of 400
# patches for each. The two numbers above are over all patches.

# %% [markdown]
# ## Show me a similar case (6 min, deeper)
#
# Radiologists explain by cases: *this looks like the one of last May*. A **prototype** is the most similar known
# case. Similar in what? In the 32 numbers that the network hands to its last sum.
#
# One trap: the most similar patch may be **another view of the same patient**. That is no evidence; it may be the same
# lesion. Exclude her own patches. Of 400 patches a handful are hers; if chance chose, one or two nearest patches in a hundred would be the patient's own.

# %%
hers = ask("And by the network's 32 numbers, of 100?", "one or two", "about eight", "about thirty")
hers

# %%
mean_of = keras.Model(honest.inputs[0], honest.get_layer("mean").output)
known = training.predict(mean_of, ready)
known = (known - known.mean(axis=0)) / known.std(axis=0)
distances = np.linalg.norm(known[:, None] - known[None], axis=-1)
same_patient = patches.groups[:, None] == patches.groups[None]
itself = np.eye(len(known), dtype=bool)

naive = np.where(itself, np.inf, distances).argmin(axis=1)
proper = np.where(same_patient, np.inf, distances).argmin(axis=1)
own = patches.groups[naive] == patches.groups
by_chance = float((same_patient & ~itself).mean())
print(f"most similar patch is the patient's own: {own.mean():.1%}, by chance {by_chance:.1%}")
agrees, share_ill = {}, float(patches.labels.mean())
for name, nearest in (("any other patch", naive), ("another patient", proper)):
    agrees[name] = (patches.labels[nearest] == patches.labels).astype(float)
    print(f"label of {name:>15} agrees: {with_interval(agrees[name], patches.groups)}")
print(
    f"{len(known)} patches of {patches.patients} patients; two labels drawn by chance agree:",
    end=" ",
)
print(f"{share_ill**2 + (1 - share_ill) ** 2:.2f}")

# %% tags=["nbval-check-output"]
result(
    "own patient is the nearest, more often than by chance",
    float(own.mean() / by_chance),
    at_least=3,
)
result("label agrees, own patient excluded", float(agrees["another patient"].mean()), at_least=0.65)

# %%
hers.reveal(hers.choices[0 if own.mean() < 0.04 else 1 if own.mean() < 0.2 else 2])

# %% [markdown]
# It is about five times as often as by chance, perhaps because a patient's patches share her breast and her exposure. The label agrees nearly as well without them, so
# little is lost by the honest rule.

# %% tags=["fold"]
plots.montage(
    [patches.images[i] for case in yes[:4] for i in (case, proper[case])],
    columns=4,
    titles=[text for _ in range(4) for text in ("patch", "looks like")],
    size=7.5,
    alt="Four patches, each beside the most similar patch of another patient.",
)

# %% [markdown]
# ## In words (6 min, deeper)
#
# A report is text. Networks can learn to write it: Selivanov and colleagues [16] let one network look at a chest radiograph and write
# down what it sees, with a heat map for each finding, and a large language model turn that into a report. Such **captions** are scored by
# how many words they share with what the radiologist wrote, and a text may share nearly all of them and still name the wrong side.
#
# The other way is a **template**: fixed sentences with gaps, and every gap is
# filled by a *measurement*. It is less fluent, but every word can be traced.
#
# We measure bright spots with the blob filter, and one thing about the network: does Grad-CAM point at one of these spots?


# %%
def findings(image):
    """Return rows and columns of bright spots, and how far they spread in mm."""
    response = blobs(image[None])[0]
    peak = (response == ndimage.maximum_filter(response, 7)) & (response > 0.016)
    rows, columns = np.nonzero(peak)
    spread = np.ptp([rows, columns], axis=1).max() * 0.085 if len(rows) else 0.0
    return rows, columns, float(spread)


# %%
def report(image, network):
    """Return three sentences whose gaps are measurements."""
    rows, columns, spread = findings(image)
    one = prepared(image[None])
    score = float(training.predict(network, one)[0])
    row, column = np.unravel_index(explain.grad_cam(network, one)[0].argmax(), image.shape)
    away = np.hypot(rows - row, columns - column).min() * 0.085 if len(rows) else np.inf
    where = "on one of them" if away <= 0.5 else "not on one of them"
    return (
        f"{len(rows)} bright spots, spread over {spread:.1f} mm. "
        f"Score of the network {score:.2f}. It looked {where}, "
        f"{row * 0.085:.1f} mm from the top and {column * 0.085:.1f} mm from the left."
    )


# %%
shown = int(
    np.flatnonzero(training.predict(other, prepared(plain)) < 0.3)[0]
)  # missed without its letter
for title, image, network in (
    ("honest, no letter", plain[shown], honest),
    ("other, letter", marked[shown], other),
    ("other, no letter", plain[shown], other),
):
    print(f"{title:>17}: {report(image, network)}")

# %% [markdown]
# The last sentence of the second report gives it away: the upper left corner, where the letter stands. Look at the
# first sentence too. The blob filter counts the letter as a bright spot. A template is as honest as its
# measurements, and no better. What the text does not say, it has not measured: nothing about benign or malignant.

# %% [markdown]
# ## How sure is it? (6 min, deeper)
#
# May Dr Keller read *0.97* as *97 of 100 such patches have a
# cluster*? A network whose scores may be read so is **calibrated**, and many are not, although they rank well [17]; unit 08 draws the curve that shows it. The usual cure is one
# number, the **temperature** $T$: divide every logit by it, and choose it on patients that are not tested.
#
# The network learnt from patches of which about half have a cluster. In our 400 patches it is two of three.

# %%
bold = ask(
    "Of the 400 patches, those with a score of 0.5 to 0.9 (mean 0.71): how many of 100 have a cluster?",
    "about 50",
    "about 71",
    "about 90",
)
bold

# %%
logit_scores = training.predict(logit_of, ready)
share = float(patches.labels.mean())
shifted = 1 / (1 + np.exp(-logit_scores) * (1 - share) / share)  # odds times new odds (Bayes)
bounds = [0, 0.1, 0.5, 0.9, 1.0]
for low, high in zip(bounds[:-1], bounds[1:], strict=True):
    inside = (said >= low) & (said <= high)
    ill_inside = with_interval(patches.labels[inside].astype(float), patches.groups[inside])
    print(f"score {low:.1f} to {high:.1f}: {inside.sum():3} patches, mean score", end=" ")
    print(
        f"{said[inside].mean():.2f}, shifted {shifted[inside].mean():.2f}, with a cluster {ill_inside}"
    )
middle = float(patches.labels[(said >= 0.5) & (said <= 0.9)].mean())

# %%
from scipy.optimize import minimize_scalar

tuned = np.isin(patches.groups, np.unique(patches.groups)[::2])  # half of the patients
signs = 2.0 * patches.labels - 1


def loss_at(temperature, shift, who):
    """Return the mean log loss with every logit divided by the temperature, then shifted."""
    return np.logaddexp(0, -signs[who] * (logit_scores[who] / temperature + shift)).mean()


warmth = minimize_scalar(loss_at, bounds=(0.2, 10), args=(0, tuned), method="bounded").x
to_share = np.log(share / (1 - share))
print(f"other half: log loss {loss_at(1, 0, ~tuned):.3f}, with T = {warmth:.2f}", end=" ")
print(f"{loss_at(warmth, 0, ~tuned):.3f}, shifted {loss_at(1, to_share, ~tuned):.3f}")
for there in (0.5, share, 0.006):
    odds = 0.97 / 0.03 * there / (1 - there)  # the 0.97 came from odds of one to one
    print(f"if {there:.1%} of the patches have a cluster, 0.97 becomes {odds / (1 + odds):.2f}")

# %% tags=["nbval-check-output"]
result("score 0.5 to 0.9: share with a cluster", middle, at_least=0.8)

# %%
bold.reveal(min(bold.choices, key=lambda text: abs(int(text.split()[1]) - 100 * middle)))

# %% [markdown]
# The scores are too *low* here: of those between 0.5 and 0.9 nine in ten had a cluster. The temperature does not
# help, because the network is not too bold; it expects fewer clusters than there are. Shifting the odds from one to one to two to one brings the means of the two middle
# groups closer to what happened. Yet the log loss on the other half of the patients did not fall: the share is not the whole story. (The share was taken from the
# tested patches themselves, so this is an illustration. Where all or none of a group had a cluster the bracket has no width, which says that the bootstrap cannot
# imagine what it has not seen.)
#
# So calibration holds for one prevalence. If six patches in a thousand had a cluster, the very same picture would deserve 0.16 at best.

# %% [markdown]
# ## What to remember (1 min)
#
# - On tables, try the transparent model first. It may be the best one, too.
# - Permutation importance: one column at a time, several orders, **unseen** patients. Correlated columns together.
# - Shapley shares add up to the output minus the mean. They explain the model, not the body.
# - Explain the **logit**, and take the size of the gradient.
# - Grad-CAM: average the gradient over positions, add up the channels, *then* the ReLU.
# - If the network ends in a mean, Grad-CAM is CAM. If it has a dense head, averaging loses where a channel counted.
# - A map gets a score, and the score stands beside chance: random pixel, centre, and your method on a network that knows nothing.
# - An explanation raises a suspicion. Removal proves it.

# %% [markdown]
# ## Quiz (2 min)
#
# **1.** A paper reports that 70 % of the maxima of its maps lie in the breast. What do you ask?
#
# <details><summary>Answer</summary>
#
# How large the breast is in the image: if it fills 70 % of the pixels, that is chance.
#
# </details>
#
# **2.** Grad-CAM of a network with a dense head lights up a corner in which nothing is. Must the network have used the corner?
#
# <details><summary>Answer</summary>
#
# No. The averaged slopes may have come from elsewhere. Draw the exact contributions, and see whether the corner is still bright.
#
# </details>
#
# **3.** A vendor's maps stay sharp and on the lesion when all weights are random. Good or bad?
#
# <details><summary>Answer</summary>
#
# Bad for the explanation: it owes its hits to the image. About the network it says nothing.
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
# 1. J. R. Zech et al., *Variable generalization performance of a deep learning model to detect pneumonia in
#    chest radiographs*, PLoS Med. 15 (2018), [doi:10.1371/journal.pmed.1002683](https://doi.org/10.1371/journal.pmed.1002683).
# 2. C. Rudin, *Stop explaining black box machine learning models for high stakes decisions and use
#    interpretable models instead*, Nat. Mach. Intell. 1 (2019) 206–215, [arXiv:1811.10154](https://arxiv.org/abs/1811.10154).
# 3. A. Fisher, C. Rudin, F. Dominici, *All models are wrong, but many are useful: learning a variable's importance by
#    studying an entire class of prediction models simultaneously*, J. Mach. Learn. Res. 20 (2019) 177, [arXiv:1801.01489](https://arxiv.org/abs/1801.01489).
# 4. L. S. Shapley, *A value for n-person games*, Contributions to the Theory of Games II, Ann. Math. Stud. 28,
#    Princeton 1953, 307–317.
# 5. S. M. Lundberg, S.-I. Lee, *A unified approach to interpreting model predictions*, NIPS 2017,
#    [arXiv:1705.07874](https://arxiv.org/abs/1705.07874).
# 6. K. Simonyan, A. Vedaldi, A. Zisserman, *Deep inside convolutional networks: visualising image classification models
#    and saliency maps*, 2013,
#    [arXiv:1312.6034](https://arxiv.org/abs/1312.6034).
# 7. M. Sundararajan, A. Taly, Q. Yan, *Axiomatic attribution for deep networks*, ICML 2017,
#    [arXiv:1703.01365](https://arxiv.org/abs/1703.01365).
# 8. R. R. Selvaraju et al., *Grad-CAM: visual explanations from deep networks via gradient-based
#    localization*, ICCV 2017, [arXiv:1610.02391](https://arxiv.org/abs/1610.02391).
# 9. M. D. Zeiler, R. Fergus, *Visualizing and understanding convolutional networks*, ECCV 2014,
#    [arXiv:1311.2901](https://arxiv.org/abs/1311.2901).
# 10. J. T. Springenberg et al., *Striving for simplicity: the all convolutional net*, ICLR 2015 (workshop),
#     [arXiv:1412.6806](https://arxiv.org/abs/1412.6806).
# 11. J. Zhang et al., *Top-down neural attention by excitation backprop*, ECCV 2016,
#     [arXiv:1608.00507](https://arxiv.org/abs/1608.00507).
# 12. J. Adebayo et al., *Sanity checks for saliency maps*, NeurIPS 2018,
#     [arXiv:1810.03292](https://arxiv.org/abs/1810.03292).
# 13. B. Zhou et al., *Learning deep features for discriminative localization*, CVPR 2016,
#     [arXiv:1512.04150](https://arxiv.org/abs/1512.04150).
# 14. R. L. Draelos, L. Carin, *Use HiResCAM instead of Grad-CAM for faithful explanations of convolutional neural
#     networks*, [arXiv:2011.08891](https://arxiv.org/abs/2011.08891).
# 15. F. Dubost et al., *GP-Unet: lesion detection from weak labels with a 3D regression network*, MICCAI 2017,
#     [arXiv:1705.07999](https://arxiv.org/abs/1705.07999).
# 16. A. Selivanov et al., *Medical image captioning via generative pretrained transformers*, Sci. Rep. 13 (2023) 4171,
#     [doi:10.1038/s41598-023-31223-5](https://doi.org/10.1038/s41598-023-31223-5).
# 17. C. Guo et al., *On calibration of modern neural networks*, ICML 2017,
#     [arXiv:1706.04599](https://arxiv.org/abs/1706.04599).
# 18. W. N. Street, W. H. Wolberg, O. L. Mangasarian, *Nuclear feature extraction for breast tumor
#     diagnosis*, Proc. SPIE 1905 (1993), [doi:10.1117/12.148698](https://doi.org/10.1117/12.148698).
#
# Now do the lab: `exercises/13_explainability.ipynb`.

# %% [markdown] tags=["instructor"]
# The networks are shipped, so that everybody explains the same ones; `make_weights.py` beside the
# lecture makes them again. Let students write down what the edge detector will score, and which map will
# survive the ruin, before you run the cells: they surprise most. The letter is burnt into the simulated patches by `marker=True`; the *same* patients without it are
# `marker=False` with the same seed.
