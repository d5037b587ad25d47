# %% [markdown]
# ## You need (5 min)
#
# | term | meaning |
# |---|---|
# | **logit** | the score of a network before the sigmoid: any number, above 0 for *yes* |
# | **log loss** | $-\log$ of the probability that a model gave to what happened; 0 is perfect |
# | **gradient** | by how much the score changes, per unit, when one input changes a little |
# | **permutation** | the same values in another order |
# | **AUC** | the chance that a case with the finding scores higher than one without |
# | **interval** | [low, high]: draw the patients again and again; 95 % of the results lie between. Models stay as they are: what another training would give is not in it |
#
# The second cell below has one line for each; change the numbers.

# %%
import mlmi_course
import numpy as np
from scipy import ndimage

from mlmi_course import data, explain, metrics, networks, plots, shipped, training, widgets
from mlmi_course.checks import result

# %%
logit = 2.0
print("probability   ", round(1 / (1 + np.exp(-logit)), 3))
print("log loss      ", round(-np.log(1 / (1 + np.exp(-logit))), 3), "if the answer was yes")
print("gradient of w·x for w = (3, −4): always", (3, -4))
print("a permutation ", np.random.default_rng(0).permutation(["a", "b", "c", "d"]))
print("AUC           ", float(metrics.auc([0, 0, 1, 1], [0.1, 0.4, 0.3, 0.8])))

# %% [markdown]
# ## Why did you say that? (6 min)
#
# A network calls a patch of a mammogram *suspicious*, with 0.97. The radiologist asks: why? She does not
# want the weights. She wants to know whether the machine saw what she sees, or something else.
#
# The doubt is founded. A network for pneumonia was trained on chest radiographs of two hospitals, one
# with 34 % pneumonia and one with 1 %. To sort the patients *by hospital alone* gave an AUC of 0.861 on them
# [1]. Whoever learns to recognise the hospital looks like a good doctor.
#
# There are two roads:
#
# - a **transparent model**, which a person can follow from the input to the answer, such as a short tree;
# - an **explanation afterwards**, of any model: of its habits (**global**), or of one answer (**local**).
#
# An explanation is a measurement. So it can be wrong, and it must be tested like any other. In this
# lecture the truth is known, because the data are simulated. We ask of every explanation: **does
# it find what is there? And how often would chance have found it?**

# %% [markdown]
# ## Part A: which feature matters? (10 min)
#
# Tumours of 1,000 invented patients were measured, and at the first control about half of them have
# grown. The simulator knows why. We keep 20 of its features:
#
# - **7 that act**, each with a known effect;
# - **5 copies** of one of them, the volume: surface, diameter … They correlate with it by 0.8 to 0.95,
#   and do nothing of their own;
# - **8 that do nothing** at all.

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

# %% [markdown]
# It is often said that you must choose: accurate *or* explainable. Three models: a tree of at most 8 leaves,
# which fits on a card; a logistic regression, a weighted sum; a **random forest**, the mean of 150 deep
# trees, which nobody can read.
#
# **Predict.** Which of them has the highest AUC on the 400 patients that they have not seen?

# %%
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.tree import DecisionTreeClassifier

models = {
    "tree, 8 leaves": DecisionTreeClassifier(max_depth=3, random_state=0),
    "weighted sum": LogisticRegression(),
    "forest": RandomForestClassifier(150, min_samples_leaf=2, random_state=0),
}
seen, unseen = {}, {}
for name, model in models.items():
    model.fit(learn_x, learn_y)
    seen[name] = float(metrics.auc(learn_y, model.predict_proba(learn_x)[:, 1]))
    unseen[name] = float(metrics.auc(test_y, model.predict_proba(test_x)[:, 1]))
plots.bars(
    list(unseen),
    list(unseen.values()),
    limits=(0.5, 0.9),
    xlabel="AUC on unseen patients (0.5 is chance)",
    alt="AUC of 0.59 for the tree, 0.81 for the weighted sum, 0.75 for the forest.",
)

# %%
by_sum, by_forest = (models[m].predict_proba(test_x)[:, 1] for m in ("weighted sum", "forest"))
ahead = metrics.paired_difference(metrics.auc, by_sum, by_forest, labels=test_y)
print(f"weighted sum − forest: {ahead} ({len(test_y)} patients)")

# %% tags=["nbval-check-output"]
ceiling = float(metrics.auc(test_y, truth.progression_probability.to_numpy()[600:]))
result("AUC of who knows the true probability", ceiling)
result("weighted sum", unseen["weighted sum"], within=(0.79, 0.835))
result("forest", unseen["forest"], within=(0.71, 0.78))
result("forest on its own patients", seen["forest"], at_least=0.99)

# %% [markdown]
# The weighted sum wins, and it is transparent. Here that was to be expected, because the simulated world *is* a weighted sum, and a
# forest must build it from steps. But Cynthia Rudin argues that on tables with meaningful columns transparent models often do as well as
# opaque ones [2], so **try the transparent model first**. (We drew the limits from 0.5, which is chance: read the numbers, not
# the length.) In part B a method that fits into one line stays far behind a network, and there we need explanations.
#
# The forest is our exercise: what does it rely on?

# %% [markdown]
# ## Shuffle one column (14 min)
#
# Give every patient somebody else's value of one feature. The column keeps its histogram, and loses all it
# knew about the patient. By how much does the loss grow? This is the **permutation importance** [3].
# For feature $j$, with $\mathcal{L}$ the mean log loss and $\mathcal{L}_j$ the one after shuffling:
#
# $$ \text{difference } \mathcal{L}_j - \mathcal{L}, \qquad \text{quotient } \mathcal{L}_j / \mathcal{L} $$
#
# A feature that is not used has the difference 0 and the quotient 1. The quotient can be compared between
# models whose losses differ. Three rules:
#
# - **one column at a time**, in a fresh order, the others untouched. Move whole rows, and every feature
#   gets the same number: nothing was asked of any of them;
# - **several times**, and average: one order is luck;
# - **on patients that the model has not learnt from.** The next cells show why.


# %%
def log_loss(model, x, y):
    """Return the mean log loss."""
    p = np.clip(model.predict_proba(x)[:, 1], 1e-3, 1 - 1e-3)  # a forest may say 0 or 1
    return -np.mean(y * np.log(p) + (1 - y) * np.log(1 - p))


def shuffled_loss(model, x, y, columns, repeats=10, seed=0):
    """Return the mean log loss with some columns shuffled, all of them in one order."""
    rng, losses = np.random.default_rng(seed), []
    for _ in range(repeats):
        other = x.copy()
        other[:, columns] = x[rng.permutation(len(x))][:, columns]
        losses.append(log_loss(model, other, y))
    return np.mean(losses)


def importance(model, x, y):
    """Return difference and quotient for every feature."""
    losses = np.array([shuffled_loss(model, x, y, [j]) for j in range(x.shape[1])])
    return losses - log_loss(model, x, y), losses / log_loss(model, x, y)


# %% [markdown]
# **Predict.** The forest knows its 600 patients by heart. What will the importance of a *useless* feature
# be, measured on them? And on the 400 others?

# %%
forest = models["forest"]
on_seen, seen_quotient = importance(forest, learn_x, learn_y)
on_unseen, unseen_quotient = importance(forest, test_x, test_y)

labels = [f"{name} ({kind})" for name, kind in zip(names, kinds, strict=True)]
plots.grid(
    [
        (
            title,
            lambda ax, values=values, texts=texts: plots.bars(
                texts, values, ax=ax, decimals=3, limits=(-0.045, 0.14), highlight=texts[:7]
            ),
        )
        for title, values, texts in (
            ("on its own patients", on_seen, labels),
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
result("useless features above 0 on its own patients, of 8", int((on_seen[idle] > 0).sum()))
result("their mean there", float(on_seen[idle].mean()), at_least=0.01)
result("their mean on unseen patients", float(on_unseen[idle].mean()), within=(-0.005, 0.005))
result("largest quotient on unseen patients", float(unseen_quotient.max()), at_least=1.03)
result("volume on unseen patients", float(on_unseen[names.index("shape_volume")]), at_most=0.01)

# %% [markdown]
# On its own patients every useless feature looks important: shuffling it destroys what the forest
# had learnt by heart. On unseen patients they scatter around zero.
#
# scikit-learn has the same in one line. Its score is the *negative* loss, so that higher is better.

# %%
from sklearn.inspection import permutation_importance

library = permutation_importance(
    forest, test_x, test_y, scoring="neg_log_loss", n_repeats=10, random_state=0
).importances_mean
print("correlation with ours:", np.corrcoef(library, on_unseen)[0, 1].round(3))

# %% tags=["nbval-check-output"]
close = float(np.corrcoef(library, on_unseen)[0, 1])
result("correlation between ours and scikit-learn's", close, at_least=0.95)

# %% [markdown]
# The sign and the unit of this importance depend on [score or loss](../docs/conventions.md#importance-by-permutation-of-a-score-or-a-loss).

# %% [markdown]
# ## Copies hide each other (8 min)
#
# One feature that acts is missing on the right: the volume, number 7. Its importance is about 0, and its
# effect in the simulator is large. Is the explanation wrong?
#
# **Predict.** Shuffle the volume, and leave the surface, the diameters and the others as they are. How much of
# the size does the forest still know? Now shuffle all six *together*, in one order, so that a patient gets
# the six sizes of one other patient.

# %%
size_columns = [names.index(name) for name in ["shape_volume", *copies]]
rows = []
for name in ("forest", "weighted sum"):
    model, loss = models[name], log_loss(models[name], test_x, test_y)
    alone = [shuffled_loss(model, test_x, test_y, [j]) - loss for j in size_columns]
    joint = shuffled_loss(model, test_x, test_y, size_columns) - loss
    rows.append((name, sum(alone), joint))
    print(f"{name:>13}: one by one, summed {sum(alone):+.3f}   all six together {joint:+.3f}")

# %% tags=["nbval-check-output"]
result("forest, six one by one, summed", float(rows[0][1]), at_most=0.015)
result("forest, six together", float(rows[0][2]), at_least=0.025)
result("weighted sum, six together", float(rows[1][2]), at_least=0.05)

# %% [markdown]
# The size matters to the forest, and no single measure of it does: each is covered by its copies. (The weighted sum
# leans on the volume itself: one by one the six give something, but less than half of what they give together.)
# So **look at the correlations first, and shuffle what belongs together, together.** The other price of shuffling one copy:
# it invents patients, with a huge volume and a tiny diameter, that no model has ever seen.

# %% [markdown]
# ## Share out one prediction (16 min)
#
# So far: global. Now one patient. Her tumour will grow, says the forest, with a probability of 0.85. Which
# features brought her there?
#
# Think of the features as players who enter a room one after the other. $v(S)$ is the mean output when
# the players in $S$ have *her* values, and the rest have those of the other patients. What a player brings
# depends on who is in the room already. Lloyd Shapley's answer, of 1953 [4]: **take
# the mean over all orders.** With three players there are six.
#
# $$ \phi_j = \frac{1}{p!} \sum_{\text{orders}} \big[ v(\text{those before } j \text{ and } j)
#    - v(\text{those before } j) \big] $$
#
# Here $p$ is the number of players. The shares add up to her output minus the mean. A player who changes nothing gets 0. Equal players
# get equal shares.
#
# Three features of the forest, by hand: the mean grey value, *large area emphasis* (high if large areas have
# one grey value), and the volume. The other 17 are held at their means, hers too; so these shares do not
# reach her 0.85.

# %%
from itertools import permutations
from math import factorial

three = [0, 3, 6]
her, others = 170, test_x[:100]
print(f"the forest says {forest.predict_proba(test_x[[her]])[0, 1]:.2f}")


def value(coalition):
    """Return v(S): her values for the columns in S, other people's for the rest of the three."""
    people = np.zeros_like(others)  # the means are 0
    people[:, three] = others[:, three]
    people[:, list(coalition)] = test_x[her, list(coalition)]
    return forest.predict_proba(people)[:, 1].mean()


shares = dict.fromkeys(three, 0.0)
for order in permutations(three):
    for place, j in enumerate(order):
        gain = value(order[: place + 1]) - value(order[:place])
        shares[j] += gain / factorial(3)
        print(f"{names[j]} {gain:+.3f}", end="  " if place < 2 else "\n")
print({names[j]: round(float(share), 3) for j, share in shares.items()})

# %% tags=["nbval-check-output"]
whole = value(three) - value([])
result("shares add up to the difference", bool(np.isclose(sum(shares.values()), whole)))
spread = [value([6]) - value([]), whole - (value(three[:2]) - value([]))]
result("the volume brings, as the first", float(spread[0]), at_least=0.03)
result("the volume brings, as the last", float(spread[1]), at_most=0.02)

# %% [markdown]
# The same feature brings more or less, by when it enters: the volume brings much to an empty room, and
# little once the large areas are in. That is an **interaction**: what one feature does depends on another.
#
# With 20 features there are $20! \approx 2.4 \cdot 10^{18}$ orders. For trees and for weighted sums there are exact short
# cuts, and the library `shap` [5] has them. For the logit of a weighted sum the share is
# $w_j (x_j - \text{mean}_j)$: no orders needed.
#
# **Predict.** The mean size of the shares over all patients is a *global* importance. Will it find the seven
# that act? And will it say that the volume acts?

# %%
import shap  # takes a few seconds the first time

linear = models["weighted sum"]
background = shap.maskers.Independent(learn_x, max_samples=600)  # all of them
by_library = shap.LinearExplainer(linear, background).shap_values(test_x)
by_formula = linear.coef_[0] * (test_x - learn_x.mean(axis=0))
of_forest = shap.TreeExplainer(forest).shap_values(test_x[:200])[..., 1]

print(f"largest difference, library and formula: {np.abs(by_library - by_formula).max():.1e}")
order = np.argsort(-np.abs(of_forest).mean(axis=0))[:7]
for j in order:
    print(f"{names[j]:>28} ({kinds[j]}) {np.abs(of_forest[:, j]).mean():.3f}")


# %%
def found(sizes):
    """Return how many of the seven largest really act."""
    return int((kinds[np.argsort(-np.asarray(sizes))[:7]] == "acts").sum())


scores = {
    "weighted sum, |weight|": found(np.abs(linear.coef_[0])),
    "weighted sum, SHAP": found(np.abs(by_library).mean(axis=0)),
    "forest, SHAP": found(np.abs(of_forest).mean(axis=0)),
    "forest, shuffled, unseen patients": found(on_unseen),
    "forest, shuffled, own patients": found(on_seen),
}
for name, score in scores.items():
    print(f"{name:>34}: {score} of 7")
print(f"{'seven drawn at random':>34}: {7 * 7 / 20:.2f} of 7 on average")

# %% tags=["nbval-check-output"]
result("shap agrees with the formula", float(np.abs(by_library - by_formula).max()), at_most=1e-6)
result("weighted sum, SHAP: of the seven", scores["weighted sum, SHAP"], at_least=6)
result("forest, SHAP: of the seven", scores["forest, SHAP"], at_least=6)
volume_share = float(np.abs(of_forest[:, names.index("shape_volume")]).mean())
result("volume, mean share", volume_share, at_least=0.02)

# %% [markdown]
# Both find the seven; chance would find 2.45. With the true effects known, that is a score, and
# not an impression. The volume gets its share, too: copies *divide* the credit here, where shuffling
# one of them found nothing. And shuffling on the forest's own patients finds the right seven! The order was
# right there, and the sizes were wrong: the useless ones had some, too.
#
# Two warnings. SHAP explains **the model**, not the body: a feature with a large share need not cause
# anything. And a missing player must be replaced by something. The formula takes the mean; the short cut for
# trees follows both branches, each by its share of the patients. Neither looks at what goes with what,
# so both ask the model about people who cannot exist.

# %% [markdown]
# For some models a library shares out a probability, for others [the log-odds](../docs/conventions.md#shap-values-in-which-unit).

# %% [markdown]
# ## Part B: two networks, one task (9 min)
#
# Patches of mammograms, 5 × 5 mm: is there a cluster of **microcalcifications**, specks of calcium that
# can be the first sign of a cancer? The patches are simulated, and harder than real ones, with vessels,
# dust and single harmless grains. So we know where every speck is.
#
# Two networks were trained beforehand, each on the same 6,000 patches, for two minutes. The script is
# `course/13_explainability/make_weights.py`. Call them *honest* and *other*; the other one comes at the end.
# Here are 400 patches of patients whom neither has met. But they come from the same simulator: networks have an easier life
# here than in another hospital.
#
# The networks want patches with their median taken away. Why? Convolutions pad an image with zeros, so it
# matters what zero looks like. Keep the question: a third network will answer it.
#
# First the rule of this course: what does a one-line method score? A bright blob is found by a **Laplacian of
# Gaussian**, a filter that is positive in the middle and negative around it. Its maximum is the score.
#
# **Predict.** Will the network beat it?

# %%
patches = data.load_microcalcifications(n=400, seed=1, difficulty=0.5)
honest, other = shipped.network("u13_honest"), shipped.network("u13_cheating")


def prepared(images):
    """Return images as the networks want them: the median of each is 0, 0.1 of full scale is 1."""
    grey = images.astype(np.float32) / 255
    return 10 * (grey - np.median(grey, axis=(1, 2), keepdims=True))


def blobs(images):
    """Return the response of a Laplacian of Gaussian, σ = 2 pixels, to each image."""
    return np.stack([-ndimage.gaussian_laplace(image / 255.0, 2) for image in images])


ready = prepared(patches.images)
said = training.predict(honest, ready)
one_line = blobs(patches.images).max(axis=(1, 2))
gain = metrics.paired_difference(metrics.auc, said, one_line, patches.groups, labels=patches.labels)
print("network              ", metrics.auc(patches.labels, said, patches.groups))
print("blob filter          ", metrics.auc(patches.labels, one_line, patches.groups))
print(f"network − blob filter {gain} ({patches.patients} patients)")

# %% tags=["nbval-check-output"]
result("AUC of the network", float(metrics.auc(patches.labels, said)), at_least=0.87)
result("network − blob filter, low end of the interval", gain.low, at_least=0.03)

# %% [markdown]
# It does, by about 0.15 of AUC, so it must see more than the brightest blob. We explain its *yes*: patches with a cluster that it
# calls suspicious. Blue outlines show the true specks.

# %%
yes = np.flatnonzero((patches.labels == 1) & (said > 0.5))[:100]
images, specks, inputs = patches.images[yes], patches.masks[yes], ready[yes]
women = patches.groups[yes]
print(f"{len(yes)} patches of {len(np.unique(women))} patients")


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
# ## The gradient of the score (12 min)
#
# Change one pixel a little: how much does the score change? That is the **gradient** with respect to the
# image, a number for each pixel; its size is a **saliency map** [6]. Three mistakes are common:
#
# - **the loss instead of the score.** The gradient of the loss needs a label, and is nearly zero where the
#   network is right;
# - **the probability instead of the logit.** Its gradient is $p\,(1-p)$ times that of the logit, and
#   vanishes where the network is sure;
# - **no absolute value.** A pixel matters if more light in it lowers the score, too.

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

surest = int(np.argmax(probabilities))
print(f"the surest patch, p = {float(probabilities[surest, 0]):.5f}")
print(f"largest gradient of the logit       {by_hand[surest].max():.3f}")
print(f"largest gradient of the probability {of_probability[surest].max():.6f}")

# %% tags=["nbval-check-output"]
library = explain.saliency(honest, inputs)
result("explain.saliency is this", bool(np.allclose(library, by_hand, atol=1e-4)))
share = float(of_probability[surest].max() / by_hand[surest].max())
result("of the surest patch's gradient, p keeps", share, at_most=0.01)

# %% [markdown]
# ## From nothing to the image (12 min)
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
#
# **Predict.** How many steps does completeness need to hold within 2 %?


# %%
def blurred(inputs):
    """Return images, blurred until the specks are gone."""
    return ndimage.gaussian_filter(inputs, (0, 6, 6))


few = inputs[:10]
ends = [logit_of(x[..., None]).numpy()[:, 0] for x in (few, blurred(few))]
for steps in (1, 2, 4, 8, 16, 32):
    shares = explain.integrated_gradients(honest, few, baseline=blurred(few), steps=steps)
    missing = np.abs(shares.sum(axis=(1, 2)) - (ends[0] - ends[1])) / np.abs(ends[0] - ends[1])
    print(f"{steps:>2} steps: the sum misses f(x) − f(x₀) by {missing.mean():.1%} on average")

# %% tags=["nbval-check-output"]
result("missing with 32 steps", float(missing.mean()), at_most=0.02)

# %% [markdown]
# One step misses as much as there is to find, and eight are enough here. The authors needed 20 to 300 for deep networks [7], so
# test the sum.

# %% [markdown]
# ## Grad-CAM: ask the last map (15 min)
#
# Deep in the network an image has become 32 channels of 15 × 15 numbers. Each channel has
# learnt a pattern, and still knows roughly *where*. **Grad-CAM** [8] asks how the score depends on each
# channel, and adds them up. With $A_{rck}$ the number of channel $k$ in row $r$ and column $c$:
#
# $$ \alpha_k = \frac{1}{\text{positions}} \sum_{r,c} \frac{\partial f}{\partial A_{rck}}, \qquad
#    \text{map}_{rc} = \max\Big(0,\; \sum_k \alpha_k A_{rck} \Big) $$
#
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
print("weights of the 32 channels:", alpha[0].min().round(4), "to", alpha[0].max().round(4))

# %% tags=["nbval-check-output"]
library = explain.grad_cam(honest, inputs, resize=False)
result("explain.grad_cam is this", bool(np.allclose(library, right, rtol=1e-3, atol=1e-4)))
share = float((right > 0).mean()), float((relu_first > 0).mean())
result("share of the map above 0", share[0], at_most=0.35)
result("with the ReLU before the sum", share[1], at_least=0.4)

# %% [markdown]
# With the ReLU before the sum more of the patch lights up: nothing can speak against it any more.
#
# ### It has an older name
#
# Our network ends in the mean over all positions and a weighted sum of the 32 channels. The slope of the logit with respect to
# $A_{rck}$ is then the output weight of channel $k$ divided by the number of positions, wherever you are and whoever the patient is. So
# here Grad-CAM needs no gradient. It is **class activation mapping**, CAM [13]: add up the channels with the network's own output
# weights. Grad-CAM was made for networks with *another* end, for which CAM is not defined.
#
# Such a one is the network *flat*. It learnt from the same patches, but has no mean: its dense layer reads all
# $15 \cdot 15 \cdot 32 = 7200$ numbers, so that each channel has 225 weights, one for each position. The exact contribution of
# a position is its slopes times its channels, added up; together with the bias these contributions give the logit. To draw them is HiResCAM
# [14]. Grad-CAM takes the mean of the slopes first.
#
# **Predict.** For which of the two networks, honest or flat, will Grad-CAM differ from the exact contributions?


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
flat_said = training.predict(flat, ready)
print("AUC of the flat network", metrics.auc(patches.labels, flat_said, patches.groups))
contributions, alike, adds_up = {}, {}, {}
for name, network in (("honest", honest), ("flat", flat)):
    averaged, exact, logit = two_maps(network)
    contributions[name] = np.maximum(averaged, 0), np.maximum(exact, 0)
    alike[name] = float(np.corrcoef(averaged.ravel(), exact.ravel())[0, 1])
    bias = network.get_layer("logit").get_weights()[1][0]
    adds_up[name] = [
        bool(np.allclose(map_.sum(axis=(1, 2)) + bias, logit, rtol=1e-3, atol=1e-2))
        for map_ in (averaged, exact)
    ]
    print(f"{name:>7}: adds up to the logit: Grad-CAM {adds_up[name][0]}, exact {adds_up[name][1]}")

# %% tags=["nbval-check-output"]
own_weights = honest.get_layer("logit").get_weights()[0][:, 0]
result("α = output weights / positions", bool(np.allclose(alpha, own_weights / 225, atol=1e-5)))
result("honest: correlation of Grad-CAM and exact map", alike["honest"], at_least=0.999)
result("flat: correlation of Grad-CAM and exact map", alike["flat"], at_most=0.9)
result("flat: the exact map adds up to the logit", adds_up["flat"][1])
result("flat: Grad-CAM adds up to the logit", adds_up["flat"][0])

# %% [markdown]
# For the flat one. With a mean at the end of the network the two are the same map; with a dense end the averaging throws away *where* a
# channel counted, so a bright spot in Grad-CAM can be a place that the network did not use [14]. Here the two maps of the flat network still
# correlate by 0.87, and we will see that their maxima hit specks about equally often. But only the exact one adds up. **Say which end your network
# has.**
#
# ### From map to detector
#
# A map that adds up to the score can be turned round and taught. **GP-UNet** [15] was trained with nothing but the *number* of lesions in
# each brain scan: the map at its end is pooled to that number. Take the pooling away, and the map says where they are. It found 62 % of the
# enlarged perivascular spaces in the basal ganglia, with 1.5 false positives in each image. What it needs depends on the **type of lesion**: such spaces are
# a few voxels wide, so a map at a quarter of the size, like ours, would lose them, while a mass survives it. To learn places from counts is to learn
# from **weak labels**.

# %% [markdown]
# ## Two more ways (6 min)
#
# **Occlusion** [9] needs no gradient: cover a square, and see how far the score falls. It is slow, one pass for each square,
# and the cover is itself something to see. A black square brings four hard edges. We cover with
# the blurred patch.
#
# **Guided backpropagation** [10] changes the gradient: at every ReLU only what is above zero may pass,
# forwards *and* backwards. Its maps look sharp. Keep that in mind.
#
# As a control, an **edge detector**: the size of the grey value's slope. It has never seen a network.


# %%
def edges(inputs):
    """Return the size of the slope at every pixel."""
    return np.stack([ndimage.gaussian_gradient_magnitude(one, 1) for one in inputs])


METHODS = {
    "saliency": explain.saliency,
    "integrated gradients": lambda net, x: explain.integrated_gradients(
        net, x, baseline=blurred(x), steps=16
    ),
    "guided backprop": explain.guided_backprop,
    "Grad-CAM": explain.grad_cam,
    "occlusion": lambda net, x: explain.occlusion(net, x, baseline=blurred(x), size=8, stride=5),
    "edge detector": lambda net, x: edges(x),
}

# %%
import time

maps, seconds = {}, {}
for name, method in METHODS.items():
    begin = time.perf_counter()
    maps[name] = method(honest, inputs)
    seconds[name] = time.perf_counter() - begin
    print(f"{name:>21}: {seconds[name]:5.1f} s for {len(inputs)} patches")


# %% [markdown]
# Leaf through them. The cross is the maximum of the map.
#
# **Predict.** Which method will put its cross on a speck most often?


# %%
def one_case(axes, method, case):
    """Draw a patch and a map of it."""
    outlined(axes[0], images[case], specks[case])
    outlined(axes[1], maps[method][case], specks[case], cmap="magma")


widgets.explore(
    one_case,
    {
        "method": widgets.Choice("Method", list(METHODS)),
        "case": widgets.Slider("Patch", 0, len(images) - 1, 2, step=1),
    },
    panels=2,
    size=(7.4, 3.7),
    settings=[
        {"method": name} for name in ("saliency", "guided backprop", "Grad-CAM", "occlusion")
    ],
    alt="A patch with its specks outlined, and beside it a map with a cross at its maximum, on or "
    "beside a speck.",
)

# %% [markdown]
# ## The pointing game, with chance (10 min)
#
# A beautiful map is not evidence. Count: does its maximum lie on a speck, or within 0.3 mm of one? A speck is
# about 0.35 mm wide, and a position of Grad-CAM's map 0.34 mm. This is the **pointing game** [11].
#
# Its score means nothing without **chance**. We compare with two kinds of luck: a pixel picked at random, and a lazy reader who
# always points at the centre, where lesions tend to be. Both improve as we become more generous about what counts as a hit.
#
# (Three bounds in the next cells were aims of this lecture before it was written: both kinds of chance at most 0.35,
# Grad-CAM at least 0.85. The others, here and in the sanity check, were set after we had seen the numbers, with some
# room. They would notice a change; they are not predictions.)

# %%
from scipy.stats import binomtest


def with_interval(hits, groups):
    """Return the mean with an interval that draws patients."""
    return metrics.bootstrap(np.mean, hits, groups=groups, resamples=1000)


rules = {"tolerance": 0.3, "spacing": patches.spacing}
games = {name: explain.pointing_game(map_, specks, **rules) for name, map_ in maps.items()}
chance = next(iter(games.values()))
print(f"hits in {len(yes)} patches of {len(np.unique(women))} patients, and seconds for all")
for name, game in games.items():
    print(f"{name:>21}  {with_interval(game.hits, women)}  {seconds[name]:5.1f}")
print(f"{'always the centre':>21}  {chance.centre:.3f}")
print(f"{'a random pixel':>21}  {chance.random:.3f}")

# %%
cam, control = games["Grad-CAM"].hits == 1, games["edge detector"].hits == 1
only = int((cam & ~control).sum()), int((~cam & control).sum())
p = binomtest(only[0], sum(only)).pvalue if sum(only) else 1.0
print(f"only Grad-CAM hits {only[0]}, only the edge detector {only[1]}: exact test p = {p:.2f}")
for name, map_ in zip(("Grad-CAM", "exact map"), contributions["flat"], strict=True):
    large = np.stack(
        [ndimage.zoom(one, 4, order=1, grid_mode=True, mode="nearest") for one in map_]
    )
    hits = explain.pointing_game(large, specks, **rules).hits
    print(f"flat network, {name:>9}  {with_interval(hits, women)}")

# %% tags=["nbval-check-output"]
result("random pixel", chance.random, at_most=0.35)
result("always the centre", chance.centre, at_most=0.35)
result("Grad-CAM", games["Grad-CAM"].rate, at_least=0.85)
result("saliency", games["saliency"].rate, at_least=0.8)
result("integrated gradients", games["integrated gradients"].rate, at_least=0.85)
result("guided backprop", games["guided backprop"].rate, within=(0.75, 0.97))
result("occlusion", games["occlusion"].rate, at_least=0.8)
result("edge detector", games["edge detector"].rate, at_least=0.9)

# %% [markdown]
# All are far above chance: no interval comes near it. (They draw patients, and hold the network as it is. Where all 100 patches are hit, a
# bootstrap can only repeat it; with 34 patients and no miss, up to 3 in 34 patients may still be missed elsewhere.) The edge detector, which knows nothing of the
# network, cannot be told from the best: the patches that only one of the two hits are too few, even for a test that counts patches of one
# patient as if they were independent. So a high score shows that a map finds the *specks*. It does not show that the map tells us about the
# *network*. For this we need another test.
#
# But first, what a lower score can tell. A third network was trained in the same way, with grey values as they are:
# black is 0, and so is the padding around every patch.
#
# **Predict.** Where will its maps point?

# %%
rim = shipped.network("u13_rim")
grey = patches.images / np.float32(255)
rim_yes = np.flatnonzero((patches.labels == 1) & (training.predict(rim, grey) > 0.5))
rim_maps = explain.grad_cam(rim, grey[rim_yes])
rim_game = explain.pointing_game(rim_maps, patches.masks[rim_yes], **rules)
row, column = np.divmod(rim_maps.reshape(len(rim_maps), -1).argmax(axis=1), 60)
at_rim = np.minimum.reduce([row, column, 59 - row, 59 - column]) < 4  # the outermost position
missed = rim_game.hits == 0
print(rim_game, "·", f"{at_rim[missed].mean():.0%} of the {missed.sum()} misses are at the rim")
rim_women = patches.groups[rim_yes]
print(with_interval(rim_game.hits, rim_women), f"({len(np.unique(rim_women))} patients)")

# %% tags=["nbval-check-output"]
result("Grad-CAM of the network with a black rim", rim_game.rate, at_most=0.9)
result("of its misses, at the rim", float(at_rim[missed].mean()), at_least=0.85)

# %% [markdown]
# In most patches it still hits a speck. But where it misses, it points at the rim of the patch: there the image meets the
# black padding, which makes an edge, and to a network an edge is something. The cure was one subtraction. **An explanation that points at nonsense may be right**: it
# has found a fault in the network.
#
# (All these are patches that the network calls rightly. On those that it missed the score is lower: the solution of the
# lab's *Hit or miss, and chance* counts both.)

# %% [markdown]
# ## A sanity check (15 min)
#
# Julius Adebayo and colleagues had a simple idea [12]: **destroy the network, and see whether the
# explanation notices.** Replace the weights of the last layer by random ones, then also those of the
# layer before, and so on to the first: a **cascading** randomisation. (Replace one layer alone, and it is
# *independent*.) At the end nothing is left that was learnt. A map that still points at the specks was never
# about the network.
#
# A method **passes** if its map falls apart with the network. Replace *all* weights of a layer: with new biases
# alone the network stays nearly as it was, and then even a good map has no reason to change.

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
for depth, ruin in ruins.items():
    auc = metrics.auc(patches.labels, training.predict(ruin, ready))
    print(f"{depth} layers random: AUC {float(auc):.2f}")

# %% [markdown]
# The last AUC is not 0.5, though nothing is left: a random filter, too, responds to what is bright. Whether its
# answer is then added or subtracted is luck. With `seed=7` instead of 3 the AUC lies *below* 0.5.
#
# Move the slider from the left (as trained) to the right (all random).
#
# **Predict.** Which maps will hardly change?


# %%
def ruined(axes, depth, case):
    """Draw four maps of a network whose top layers are random."""
    for ax, name in zip(
        axes, ("saliency", "guided backprop", "Grad-CAM", "edge detector"), strict=True
    ):
        map_ = METHODS[name](ruins[depth], inputs[case : case + 1])[0]
        outlined(ax, map_, specks[case], cmap="magma", title=name)


widgets.explore(
    ruined,
    {
        "depth": widgets.Slider("Random layers", 0, len(LAYERS), 0, step=1),
        "case": widgets.Slider("Patch", 0, len(images) - 1, 2, step=1),
    },
    panels=4,
    size=(9.6, 2.9),
    settings=[{"depth": 0}, {"depth": 3}, {"depth": 5}],
    alt="Maps of four methods while more and more layers are random: saliency falls apart first, and the "
    "edge detector does not change.",
)

# %% [markdown]
# One network may be luck. Destroy five, completely, each with other random weights, and let their maps play
# the pointing game (occlusion, which is slow, gets one). What is left of a score when *nothing* was learnt, the method
# owes to the image.

# %%
some = slice(0, 40)
random_hits = {name: [] for name in METHODS}  # for each network, a hit or a miss of each patch
for seed in range(5):
    ruin = destroyed(honest, len(LAYERS), seed)
    for name, method in METHODS.items():
        if name != "occlusion" or seed == 0:  # slow: one network must do
            # random weights say yes or no by chance: the sign means nothing, so take the size
            map_ = np.abs(method(ruin, inputs[some]))
            random_hits[name].append(explain.pointing_game(map_, specks[some], **rules).hits)

# %%
lead, random_rate = {}, {}
print(f"{len(inputs[some])} patches of {len(np.unique(women[some]))} patients")
print(f"{'':>21}  trained  random  (lowest, highest)  lead")
for name, map_ in maps.items():
    trained = explain.pointing_game(np.abs(map_[some]), specks[some], **rules)
    each = np.mean(random_hits[name], axis=1)  # the rate of each random network
    random_rate[name] = float(each.mean())
    lead[name] = with_interval(trained.hits - np.mean(random_hits[name], axis=0), women[some])
    spread = f"({each.min():.2f}, {each.max():.2f})"
    print(f"{name:>21}  {trained.rate:7.2f}  {random_rate[name]:6.2f}  {spread:>17}  {lead[name]}")
print(f"{'a random pixel':>21}  {trained.random:7.2f}  {trained.random:6.2f}")

# %% tags=["nbval-check-output"]
result("edge detector, lead", lead["edge detector"].value)
result("saliency, lead", lead["saliency"].value, at_least=0.4)
result("guided backprop, random networks", random_rate["guided backprop"], at_most=0.85)
result("Grad-CAM, random networks", random_rate["Grad-CAM"], at_least=0.45)
more = random_rate["Grad-CAM"] - random_rate["guided backprop"]
result("Grad-CAM − guided backprop, random networks", more, at_least=0.15)
result("integrated gradients, lead", lead["integrated gradients"].value, at_most=0.2)
result("occlusion, lead", lead["occlusion"].value, at_most=0.3)

# %% [markdown]
# The *lead* is what a map tells about the learning, and it turns the table round. Its interval draws 14 patients, which are few, and not
# the random networks: how much these differ stands beside them.
#
# - **The edge detector fails**, as it must: its lead is 0.
# - **Plain gradients pass**: they lose most, and end not far above chance.
# - **Guided backpropagation** keeps more than plain gradients do, of a network in which nothing is left. Adebayo and
#   colleagues found on large networks that it hardly notices at all, while gradients and Grad-CAM
#   pass. Our network has two convolutions, and here it does lose part of its score: we see the tendency, and
#   not their full effect.
# - **Integrated gradients and occlusion** owe nearly all to the image. They multiply by, or take away, what is *in*
#   it: where there is a bright speck, $x - x_0$ is large, whatever the weights say. Their sum still says how
#   the score came about; the *place* of their maximum proves little here.
# - **Grad-CAM** keeps nearly as much. A random filter, too, can respond most to the brightest thing around, and in
#   these patches that is a speck. On *these* patches its hits alone are weak evidence.
#
# All of this holds for one small network and these patches. One lesson for any report: **chance is not only a random pixel. It is also your method, on a network that
# knows nothing.** And the best control is a network that learnt *something else* from the same images.

# %% [markdown]
# ## The letter (14 min)
#
# Now the *other* network. Its makers report an AUC from their own archive: 400 patches, of the very patients
# that you know.
#
# **Predict.** Both networks have the same architecture and learnt from the same patients. Here are both, on both
# sets of patches. What could make one of them worse on ours?

# %%
archive = data.load_microcalcifications(n=400, seed=1, difficulty=0.5, marker=True)
scores, loses = {}, {}
for name, network in (("honest", honest), ("other", other)):
    for title, shown in (("ours", patches), ("the other archive", archive)):
        score = training.predict(network, prepared(shown.images))
        scores[name, title] = score
        auc = metrics.auc(shown.labels, score, shown.groups)
        print(f"{name:>7} network on {title:>18}: AUC {auc}")
    loses[name] = metrics.paired_difference(
        metrics.auc,
        scores[name, "the other archive"],
        scores[name, "ours"],
        patches.groups,
        labels=patches.labels,
    )
    print(f"{name:>7} network loses {loses[name]} without letters ({patches.patients} patients)")

# %% tags=["nbval-check-output"]
result("the patients of both archives are the same", bool((archive.groups == patches.groups).all()))
on_archive = metrics.auc(archive.labels, scores["other", "the other archive"])
result("AUC of the other network on its archive", on_archive.value, at_least=0.95)
result("on the same patients without letters it loses", loses["other"].value, at_least=0.03)

# %% [markdown]
# Ask Grad-CAM. These are positives of the other archive, and what the other network looked at. We take those that the
# *honest* network calls without a letter: in these the specks can be found.

# %%
lettered = (archive.images != patches.images).any(axis=(1, 2))
with_letter = np.flatnonzero((archive.labels == 1) & lettered & (said > 0.5))[:100]
marked, plain = archive.images[with_letter], patches.images[with_letter]
true_specks, lettered_women = patches.masks[with_letter], patches.groups[with_letter]
looked = explain.grad_cam(other, prepared(marked))
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

# %% [markdown]
# There is a lead letter in the corner. In that archive nine of ten patches with a cluster carry one, and one of
# twenty without. The network reads the letter.
#
# Did the explanation *prove* it? No. It raised the suspicion. **The proof is removal**: the same patients,
# the same specks, without the letter. If the network read the letter, its *yes* must fall.
#
# **Predict.** Of 100 positives with a letter, how many does each network call, with the letter and without?

# %%
rows = []
for name, network in (("honest", honest), ("other", other)):
    for title, shown in (("with letter", marked), ("without", plain)):
        shown = prepared(shown)
        called = (training.predict(network, shown) > 0.5).astype(float)
        game = explain.pointing_game(explain.grad_cam(network, shown), true_specks, **rules)
        rows.append((name, title, called, game.rate))
        print(f"{name:>7}, {title:>11}: calls {with_interval(called, lettered_women)},", end=" ")
        print(f"Grad-CAM on a speck {with_interval(game.hits, lettered_women)}")
    fall = with_interval(rows[-2][2] - rows[-1][2], lettered_women)
    print(f"{name:>7}: without the letter calls fall by {fall}")
print(f"{'a random pixel':>20} {game.random:.3f}; {len(marked)} patches,", end=" ")
print(f"{len(np.unique(lettered_women))} patients")

# %% tags=["nbval-check-output"]
calls = {(name, title): called.mean() for name, title, called, _ in rows}
points = {(name, title): rate for name, title, _, rate in rows}
result("honest, without letter: points at a speck", points["honest", "without"], at_least=0.85)
result("other, with letter: points at a speck", points["other", "with letter"], at_most=0.35)
result("other: calls with the letter", calls["other", "with letter"], at_least=0.95)
result(
    "other: calls fall by", calls["other", "with letter"] - calls["other", "without"], at_least=0.3
)

# %% [markdown]
# The same specks, the same patients; only a letter was taken away. With it the map of the *other* network points at a speck no more
# often than a random pixel would hit one. Without it, the map points at the specks, and the network finds only about six of ten
# clusters. (The honest network calls all of them without the letter because we chose them so.)
#
# An edge detector would have drawn the same map for both networks. Grad-CAM did not: two networks that learnt *different
# things* from the same images are a better test of it than ruins.
#
# There is a second lesson in the table, on the honest network *with* letter. It has never seen a letter, and
# a bright stroke looks to it like calcium. That is why its AUC, too, was higher in the other archive: most letters there
# stand on patches with a cluster, and it got a gain that it does not deserve. An honest network can be led astray by what
# it has not met. That is not a shortcut that it learnt, but it is a reason to look at the input before you look at the answer.

# %% [markdown]
# ## What does one unit like? (8 min)
#
# Another way to look inside: take one **unit**, one of the 32 channels of the last map, and collect
# what excites it most. For each unit we cut out the spot, from different patients.
#
# A unit of this map sees 10 × 10 pixels: 3 for the first convolution, 4 with its pooling, 8 with the second
# convolution, 10 with the second pooling.
#
# **Predict.** What will the unit with the largest weight towards *yes* look for? And that towards *no*?

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


# %%
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

# %%
for unit in units:
    crops = np.stack(favourites(unit)).astype(float)
    bright = crops.max(axis=(1, 2)) - np.median(crops, axis=(1, 2))
    wide = (crops > np.median(crops, axis=(1, 2), keepdims=True) + 25).sum(axis=(1, 2))
    print(
        f"weight {weights[unit]:+.1f}: brightest pixel {bright.mean():3.0f} grey values above",
        end=" ",
    )
    print(f"the median, {wide.mean():3.0f} pixels more than 25 above it")

# %% tags=["nbval-check-output"]
near = np.stack([ndimage.distance_transform_edt(mask == 0) <= 3.5 for mask in patches.masks])
cell = near.reshape(400, 15, 4, 15, 4).any(axis=(2, 4))  # positions of the map that touch a speck
at_specks = np.array(
    [activity[..., unit][cell].mean() / activity[..., unit].mean() for unit in units]
)
result("top unit for yes: activity at specks, relative", float(at_specks[0]), at_least=1.5)
result("top unit for no: activity at specks, relative", float(at_specks[2]), at_least=1.5)

# %% [markdown]
# Did you expect the units for *no* to look for healthy tissue? They, too, are excited by bright spots, brighter and larger ones in their six
# favourites, and the first of them is more active at specks than elsewhere. What they say is taken away from the score. **A
# unit does not stand for an answer**; only the sum of all 32 answers.
#
# Beware of telling stories: we picked four of 32 units, and six spots of 400
# patches for each. The two numbers above are over all patches.

# %% [markdown]
# ## Show me a similar case (6 min)
#
# Radiologists explain by cases: *this looks like the one of last May*. A **prototype** is the most similar known
# case. Similar in what? In the 32 numbers that the network hands to its last sum.
#
# One trap: the most similar patch may be **another view of the same patient**. That is no evidence; it is the same
# lesion. Exclude her own patches.
#
# **Predict.** Of 400 patches a handful are hers. If chance chose, how often would the nearest be one of them?

# %%
mean_of = keras.Model(honest.inputs[0], honest.get_layer("mean").output)
known = training.predict(mean_of, ready)
known = (known - known.mean(axis=0)) / known.std(axis=0)
apart = np.linalg.norm(known[:, None] - known[None], axis=-1)
same_patient = patches.groups[:, None] == patches.groups[None]
itself = np.eye(len(known), dtype=bool)

naive = np.where(itself, np.inf, apart).argmin(axis=1)
proper = np.where(same_patient, np.inf, apart).argmin(axis=1)
own = patches.groups[naive] == patches.groups
by_chance = float((same_patient & ~itself).mean())
print(f"most similar patch is the patient's own: {own.mean():.1%}, by chance {by_chance:.1%}")
for name, nearest in (("any other patch", naive), ("another patient", proper)):
    right = (patches.labels[nearest] == patches.labels).astype(float)
    print(f"label of {name:>15} agrees: {with_interval(right, patches.groups)}")
print(f"{len(known)} patches of {patches.patients} patients")

# %% [markdown]
# By chance it would be one or two in a hundred. It is about five times as often, because a patient's patches share her film
# and her breast. The label agrees nearly as well without them, so little is lost by the honest rule.

# %%
plots.montage(
    [patches.images[i] for case in yes[:4] for i in (case, proper[case])],
    columns=4,
    titles=[text for _ in range(4) for text in ("patch", "looks like")],
    size=7.5,
    alt="Four patches, each beside the most similar patch of another patient.",
)

# %% tags=["nbval-check-output"]
agree = [float((patches.labels[n] == patches.labels).mean()) for n in (naive, proper)]
result(
    "own patient is the nearest, more often than by chance",
    float(own.mean() / by_chance),
    at_least=3,
)
result("label agrees, own patient excluded", agree[1], at_least=0.65)

# %% [markdown]
# ## In words (8 min)
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
missed = training.predict(other, prepared(plain)) < 0.3
shown = int(np.flatnonzero(missed)[0])  # a cluster that the other network misses without its letter
for title, image, network in (
    ("honest, no letter", plain[shown], honest),
    ("other, letter", marked[shown], other),
    ("other, no letter", plain[shown], other),
):
    print(f"{title:>17}: {report(image, network)}")

# %% [markdown]
# The last sentence of the second report gives it away: the upper left corner, where the letter stands. Look at the
# first sentence too. The blob filter counts the letter as a bright spot. A template is as honest as its
# measurements, and no better.
#
# What the text does not say, it has not measured: nothing about benign or malignant.

# %% [markdown]
# ## How sure is it? (5 min)
#
# The report ends in a score. She began by asking about one: *suspicious, 0.97*. May she read it as *97 of 100 such patches have a
# cluster*? A network whose scores may be read so is **calibrated**, and many are not, although they rank well [17]; unit 08 draws the curve that shows it. The usual cure is one
# number, the **temperature** $T$: divide every logit by it, and choose it on patients that are not tested.
#
# **Predict.** The network learnt from patches of which about half have a cluster. In our 400 patches it is two of three, and in screening
# it would be far fewer. What becomes of her 0.97?

# %%
from scipy.optimize import minimize_scalar

scores_before = training.predict(logit_of, ready)
share = patches.labels.mean()
shifted = 1 / (1 + np.exp(-scores_before) * (1 - share) / share)  # odds times new odds (Bayes)
bounds = [0, 0.1, 0.5, 0.9, 1.0]
for low, high in zip(bounds[:-1], bounds[1:], strict=True):
    inside = (said >= low) & (said <= high)
    ill = with_interval(patches.labels[inside].astype(float), patches.groups[inside])
    print(f"score {low:.1f} to {high:.1f}: {inside.sum():3} patches, mean score", end=" ")
    print(f"{said[inside].mean():.2f}, shifted {shifted[inside].mean():.2f}, with a cluster {ill}")

# %%
tuned = np.isin(patches.groups, np.unique(patches.groups)[::2])  # half of the patients
signs = 2.0 * patches.labels - 1


def loss_at(temperature, shift, who):
    """Return the mean log loss with every logit divided by the temperature, then shifted."""
    return np.logaddexp(0, -signs[who] * (scores_before[who] / temperature + shift)).mean()


best = minimize_scalar(loss_at, bounds=(0.2, 10), args=(0, tuned), method="bounded").x
to_share = np.log(share / (1 - share))
print(f"other half: log loss {loss_at(1, 0, ~tuned):.3f}, with T = {best:.2f}", end=" ")
print(f"{loss_at(best, 0, ~tuned):.3f}, shifted {loss_at(1, to_share, ~tuned):.3f}")
for there in (0.5, share, 0.006):
    odds = 0.97 / 0.03 * there / (1 - there)  # the 0.97 came from odds of one to one
    print(f"if {there:.1%} of the patches have a cluster, 0.97 becomes {odds / (1 + odds):.2f}")

# %% [markdown]
# The scores are too *low* here: of those between 0.5 and 0.9, with a mean of 0.71, nine in ten had a cluster. The temperature does not
# help, because the network is not too bold; it expects fewer clusters than there are. Shift the odds from one to one to two to one, and the
# scores come closer to what happened. (The share was taken from the tested patches themselves, so this is an illustration. Where all or
# none of a group had a cluster the bracket has no width, which says that the bootstrap cannot imagine what it has not seen.)
#
# So calibration holds for one prevalence. If six patches in a thousand had a cluster, the very same picture would deserve 0.16. A confidence is a statement about the patients whom the network has met, and she
# should ask which these were.

# %% [markdown]
# ## What to remember
#
# - On tables, try the transparent model first. It may be the best one, too.
# - Permutation importance: one column at a time, several orders, **unseen** patients. Correlated columns together.
# - Shapley shares add up to the output minus the mean. They explain the model, not the body.
# - Explain the **logit**. Saliency takes the size. Integrated gradients need $(x - x_0)$ and a thoughtful baseline.
# - Grad-CAM: average the gradient over positions, add up the channels, *then* the ReLU.
# - If the network ends in a mean, Grad-CAM is CAM. If it ends in a dense layer, averaging loses where a channel counted.
# - A map gets a score, and the score stands beside chance: random pixel and centre.
# - Destroy the network. What a map scores then, it owes to the image. An edge detector loses nothing.
# - An explanation raises a suspicion. Removal proves it.
# - A score is a probability only if it is calibrated, and only at the prevalence for which it was.

# %% [markdown]
# ## Quiz (3 min)
#
# **1.** Two features are copies of each other. Both have a permutation importance of 0. May you drop both?
#
# <details><summary>Answer</summary>
#
# No. Each is covered by the other. Shuffle them together; then drop one.
#
# </details>
#
# **2.** A paper reports that 70 % of the maxima of its maps lie in the breast. What do you ask?
#
# <details><summary>Answer</summary>
#
# How large the breast is in the image: if it fills 70 % of the pixels, that is chance.
#
# </details>
#
# **3.** Integrated gradients of your network do not add up to $f(x) - f(x_0)$. Name two likely reasons.
#
# <details><summary>Answer</summary>
#
# Too few steps, or the factor $(x - x_0)$ is missing. A third: gradients of the probability were
# compared with differences of the logit.
#
# </details>

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
#
# Now do the lab: `exercises/13_explainability.ipynb`.

# %% [markdown] tags=["instructor"]
# The two networks are shipped, so that everybody explains the same ones; `make_weights.py` beside the
# lecture makes them again. Let students write down which method will win the pointing game, and which will
# survive the sanity check, before you run the cells: the edge detector and integrated gradients
# surprise most. The letter is burnt into the simulated patches by `marker=True`; the *same* patients without it are
# `marker=False` with the same seed.
