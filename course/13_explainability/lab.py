# %% [markdown]
# ## What happens to the number? (9 min)
#
# Your hospital wants to use models, and you are the person to whom their explanations are sent. In this lab you predict what an
# explanation does, mend functions that others wrote, find what is wrong in a report, and at the end design a
# rule for a hospital whose images nobody has seen.
#
# **Predict first.** Five things are changed, one at a time. What happens to the number that is named? (Importance is the growth of the mean log
# loss when a column is shuffled, on unseen patients unless stated otherwise.)
#
# - **A.** A weighted sum of twelve columns, one of them the tumour's volume. Now two columns are added that repeat the volume with a
#   little noise, and the model is fitted anew. *Number: the importance of the volume, shuffled alone.*
# - **B.** A random forest, and a column that does nothing in this world. Its importance was measured on unseen patients; now it is
#   measured on the forest's own. *Number: that importance.*
# - **C.** All logits of a network are divided by 3, to make it less bold, and its saliency maps of the logit are made anew.
#   *Number: the share of maps whose maximum lies on the lesion.*
# - **D.** The pointing game for the maps of a good blob filter. The tolerance grows from 0.3 mm to 1.2 mm. *Number: the hit rate of
#   the maps minus that of a random pixel.*
# - **E.** The importance of the strongest column was the mean over 30 orders; now over 300. *Number: that importance.*
#
# Will the number go `up` or `down`, or stay the `same` (within 0.01)? And why? Choose the letter of the
# reason that fits best:
#
# - `a` luck gains more by it than the map does
# - `b` a more generous rule finds more
# - `c` what was learnt by heart counts, too
# - `d` a less bold network knows less
# - `e` a factor moves no maximum
# - `f` more columns hold more information
# - `g` others can say the same
# - `h` the more draws, the less luck in their mean
#
# Write both as one text, for each of the five: `{"A": "up f", "B": …}`.

# %%
import mlmi_course
import numpy as np
from scipy import ndimage

from mlmi_course import plots
from mlmi_course.questions import u13_explainability as q

# %%
### BEGIN SOLUTION
what_moves = {"A": "down g", "B": "up c", "C": "same e", "D": "down a", "E": "same h"}
### END SOLUTION

# %%
q.what_moves.check(what_moves)

# %% [markdown]
# Stuck? Delete the `#` in the next cell and run it. Run it again for the next hint.

# %%
# q.what_moves.hint()

# %% [markdown]
# All ten numbers as they come out. Draw them after you have answered.

# %%
q.what_moves.show(what_moves)

# %% [markdown]
# ## Mend an importance (10 min)
#
# A colleague measures which *groups* of columns a logistic regression needs. All columns of a group are moved in one order, so that a
# patient gets the whole group of another one. His numbers look plausible.


# %%
def colleagues_importance(
    train_features, train_labels, test_features, test_labels, weights, bias, groups, orders
):
    """Return by how much the loss grows when a group is shuffled, for every group."""
    signs = 2 * train_labels - 1

    def loss(features):
        return np.logaddexp(0, -signs * (features @ weights + bias)).mean()

    table, usual, found = train_features.copy(), loss(train_features), []
    for group, order in zip(groups, orders, strict=True):
        table[:, group] = train_features[order][:, group]
        found.append(abs(loss(table) - usual))
    return np.array(found)


# %% [markdown]
# Three things are wrong. Write `group_importance` as it should be:
#
# - `train_features`, `test_features`: shape (n, p), the patients who taught the model, and others, equally many. `train_labels`, `test_labels`:
#   shape (n,), **0 or 1**.
# - `weights`: shape (p,). `bias`: one number. The loss is the mean of $\log(1 + e^{-y z})$ with $y = \pm 1$ and the score $z$, as above:
#   `np.logaddexp(0, x)` is $\log(1 + e^x)$.
# - `groups`: a list of lists of column numbers, such as `[[0, 1, 2], [3, 4]]`.
# - `orders`: shape (groups, n); in group k the patient in row i gets the values of the patient in row `orders[k][i]`.
#
# Return an array with one number for each group: the loss after shuffling minus the usual loss. Leave what you are given as it is.


# %%
# leak-ok: it stands beside the faulty function that is to be mended
def group_importance(
    train_features, train_labels, test_features, test_labels, weights, bias, groups, orders
):
    """Return the loss with a group shuffled minus the usual loss, for every group."""
    ### BEGIN SOLUTION
    signs = 2 * test_labels - 1

    def loss(features):
        return np.logaddexp(0, -signs * (features @ weights + bias)).mean()

    found = []
    for group, order in zip(groups, orders, strict=True):
        table = test_features.copy()
        table[:, group] = test_features[order][:, group]
        found.append(loss(table) - loss(test_features))
    return np.array(found)
    ### END SOLUTION


# %%
q.group_importance.check(group_importance)

# %%
# q.group_importance.hint()

# %% [markdown]
# Your function on 200 unseen patients of a simulated cohort: six columns that measure size, one by one and together.

# %%
q.group_importance.show(group_importance)

# %% [markdown]
# ## Five reports of one importance (7 min)
#
# Five groups have shuffled the columns of the same model, which predicts how many months a patient will be free of disease. They used
# other libraries, and [one name means five numbers](../docs/conventions.md#importance-by-permutation-of-a-score-or-a-loss). You want all of them as
# **growth of the mean squared error**: error after shuffling minus error before, in months².
#
# With the error $E$ (the mean squared error), `kind` says what a report holds:
#
# | `kind` | what the library was told | what it reports |
# |---|---|---|
# | `"neg_mean_squared_error"` | to use $-E$ as the score | score before minus score after |
# | `"error as a score"` | to use $E$ itself as the score | score before minus score after |
# | `"r2"` | to use $R^2 = 1 - E / \text{variance}$ | score before minus score after |
# | `"quotient"` | | $E$ after divided by $E$ before |
# | `"root"` | | $\sqrt{E}$ after minus $\sqrt{E}$ before |
#
# Write `error_growth`: `values` is an array, one number for each column; `usual` is $E$ before; `variance` is that of the true months. Return an array.
# A column may mislead the model, and then its number is below 0.


# %%
def error_growth(values, kind, usual, variance):
    """Return the growth of the mean squared error for every column."""
    ### BEGIN SOLUTION
    if kind == "neg_mean_squared_error":
        return values
    if kind == "error as a score":
        return -values
    if kind == "r2":
        return values * variance
    if kind == "quotient":
        return (values - 1) * usual
    return (np.sqrt(usual) + values) ** 2 - usual
    ### END SOLUTION


# %%
q.error_growth.check(error_growth)

# %%
# q.error_growth.hint()

# %% [markdown]
# ## Malignant rather than benign (8 min)
#
# A network looks at a cube of CT around a nodule in the lung, and has **three logits**: benign, malignant, no nodule. Grad-CAM of *malignant* alone
# lights up wherever there is a nodule at all, since both logits rise there. The radiologist asks another question: what speaks for malignant
# **rather than** benign?
#
# Write `rather_than`: the Grad-CAM map of the score *malignant minus benign*.
#
# - `channels`: shape (z, y, x, channels), the last map of one patient.
# - `malignant`, `benign`: the same shape, the gradients of these two logits with respect to each number of `channels`.
#
# Return an array of shape (z, y, x), 0 where nothing speaks for malignant rather than benign.


# %%
def rather_than(channels, malignant, benign):
    """Return the Grad-CAM map of malignant rather than benign."""
    ### BEGIN SOLUTION
    weights = (malignant - benign).mean(axis=(0, 1, 2))
    return np.maximum((channels * weights).sum(axis=-1), 0)
    ### END SOLUTION


# %%
q.rather_than.check(rather_than)

# %%
# q.rather_than.hint()

# %% [markdown]
# ## A pointing game that flatters (10 min)
#
# A company scores its maps like this, and writes that they hit "twenty times as often as luck".


# %%
def companys_score(maps, masks, patients, spacing, tolerance):
    """Return the hit rate of maps, and that of luck."""
    hits, chances = [], []
    for map_, mask in zip(maps, masks, strict=True):
        distance = ndimage.distance_transform_edt(mask == 0)
        row, column = np.unravel_index(np.abs(map_).argmax(), map_.shape)
        hits.append(distance[row, column] <= tolerance)
        chances.append(mask.mean())
    return {"rate": np.mean(hits), "chance": np.mean(chances)}


# %% [markdown]
# Four things are wrong. Write `pointing` as it should be:
#
# - `maps`: shape (n, rows, columns); values may be below 0, which speaks *against* the finding. The maximum of a map is its largest value.
# - `masks`: the same shape, 1 inside the lesion, 0 outside; none is empty.
# - `patients`: shape (n,), whose map it is. **Each patient counts once**: the mean over her maps first, then the mean over
#   patients. That holds for both numbers.
# - `spacing`: two numbers, mm from row to row and from column to column. `tolerance`: mm. A pixel is a hit if its distance from the nearest
#   pixel of the lesion is at most the tolerance.
# - The chance of a map is the hit rate of a pixel drawn at random in its image.
#
# Return `{"rate": …, "chance": …}`. `ndimage.distance_transform_edt(outside, sampling=spacing)` gives for each pixel where `outside`
# is true the distance to the nearest pixel where it is false.


# %%
# leak-ok: it stands beside the faulty function that is to be mended
def pointing(maps, masks, patients, spacing, tolerance):
    """Return the hit rate of maps, and that of luck, each patient counted once."""
    from scipy import ndimage

    ### BEGIN SOLUTION
    hits, chances = [], []
    for map_, mask in zip(maps, masks, strict=True):
        near = ndimage.distance_transform_edt(mask == 0, sampling=spacing) <= tolerance
        hits.append(near[np.unravel_index(map_.argmax(), map_.shape)])
        chances.append(near.mean())
    hits, chances = np.array(hits, float), np.array(chances)
    each = [patients == one for one in np.unique(patients)]
    return {
        "rate": np.mean([hits[hers].mean() for hers in each]),
        "chance": np.mean([chances[hers].mean() for hers in each]),
    }
    ### END SOLUTION


# %%
q.pointing.check(pointing)

# %%
# q.pointing.hint()

# %% [markdown] tags=["solution"]
# What does the flattery do? The maps of the honest network on *all* patches with a cluster, called or missed, by both functions. The company's rate is the lower one,
# since its tolerance is 0.3 *pixels* here. But its luck has no tolerance at all, so the quotient is several times what it should be. (These maps have no signs, so one of
# the four faults cannot show.)

# %% tags=["solution"]
from mlmi_course import data, explain, shipped, training


def prepared(images):
    """Return images as the networks want them: the median of each is 0, 0.1 of full scale is 1."""
    grey = images.astype(np.float32) / 255
    return 10 * (grey - np.median(grey, axis=(1, 2), keepdims=True))


network = shipped.network("u13_honest")
patches = data.load_microcalcifications(n=400, seed=1, difficulty=0.5)
ill = patches[np.flatnonzero(patches.labels == 1)]
called = training.predict(network, prepared(ill.images)) > 0.5
maps = explain.grad_cam(network, prepared(ill.images))
rates = {}
for name, which in (("called", called), ("missed", ~called)):
    given = maps[which], (ill.masks[which] > 0).astype(int), ill.groups[which], ill.spacing, 0.3
    rates[name] = pointing(*given)
    for whose, found in (("mended", rates[name]), ("company", companys_score(*given))):
        times = found["rate"] / found["chance"]
        print(f"{name} ({which.sum()} patches), {whose}: hits {found['rate']:.2f}", end=", ")
        print(f"luck {found['chance']:.3f}, {times:.0f} times as often")

# %% tags=["solution", "nbval-check-output"]
from mlmi_course.checks import result

result("hits where the network called the cluster", float(rates["called"]["rate"]), at_least=0.85)
gap = float(rates["called"]["rate"] - rates["missed"]["rate"])
result("fewer hits where it missed it, by", gap, at_least=0.05)
result("chance where it called it", float(rates["called"]["chance"]), at_most=0.35)

# %% [markdown]
# ## A report (7 min)
#
# A company sends a report (which we made up) on two models for patients with liver tumours: a table model with forty columns, and a network for CT.
#
# > **A.** The importance of the 40 columns was measured by shuffling on 210 patients who took no part in the training, in 20 orders each;
# > intervals draw patients.
# > **B.** The eight columns of tumour size correlate with each other by more than 0.9. Shuffled one by one, none of them has an importance above
# > 0.002. So the model makes no use of size.
# > **C.** Grad-CAM was computed for the logit, from the last map. The network ends in the mean over positions.
# > **D.** Figure 3 shows the ten maps that two radiologists selected for their agreement with the lesion. It shows that the network looks where
# > radiologists look.
# > **E.** The maximum of the map lay in the lesion in 64 % of 150 unseen patients (56 to 71 %). A random pixel hits 6 %, the centre of the image 21 %, and
# > Grad-CAM of five networks with random weights 24 %.
# > **F.** We suspected the rulers at the edge of some images. On the same 150 patients, with all rulers painted over, the network's AUC was lower by
# > 0.01 (−0.01 to 0.02).
# > **G.** With all weights replaced by random ones, the maps of guided backpropagation looked the same as before. The explanation is therefore robust.
# > **H.** By its SHAP values, the texture of the healthy liver contributes most. A drug that makes the liver more homogeneous would therefore help.
# > **I.** For each patient the SHAP values add up to the model's output minus the baseline. They are log-odds, and the baseline is the mean over 100
# > patients of the training set.
#
# Which sentences would you not let pass? Put their letters into `faults`, in the order of the alphabet,
# such as `"AC"`.

# %%
### BEGIN SOLUTION
faults = "BDGH"
### END SOLUTION

# %%
q.faults.check(faults)

# %%
# q.faults.hint()

# %% [markdown]
# And what **one** check of the *network*, which is not in the report yet, would you ask the company for, and why that one? Two or three sentences. (A
# person marks them: one point for a check that could come out badly.)

# %%
### BEGIN SOLUTION
evidence = """
Show us the maps of a network that was trained for another finding on the same images, beside these. If they point
at the lesions too, the maps owe their hits to the images and say nothing about your network. An edge detector would be a
second such control.
"""
### END SOLUTION

# %%
q.evidence.check(evidence)

# %%
# q.evidence.hint()

# %% [markdown]
# ## Whom to recall? (9 min)
#
# Two new hospitals will use one of the two networks of the lecture, and one rule that says who is recalled for a needle. Nobody has seen their images. Technicians
# put lead letters in any of the four corners, and each hospital has its own habit. What you have is an archive with known truth; one patch of three has a
# cluster there, as in the new hospitals:

# %%
known, truth = q.archive(500)
plots.montage(
    known[:12],
    columns=6,
    titles=["cluster" if label else "normal" for label in truth[:12]],
    alt="Twelve patches; a bright letter L stands in a corner of some of them.",
)

# %% [markdown]
# In this archive nine of ten patches with a cluster carry a letter, and one of ten without. One of the new hospitals does the same, and in the other it is **the other way
# round**. Nobody tells your rule which of the two a patch comes from. This function asks one of the networks, `"u13_honest"` or `"u13_other"`. It is complete.


# %%
def ask(name, images):
    """Return the logits of a shipped network for images of uint8."""
    from mlmi_course import shipped, training

    grey = images.astype(np.float32) / 255
    ready = 10 * (grey - np.median(grey, axis=(1, 2), keepdims=True))  # median 0, as in training
    p = np.clip(training.predict(shipped.network(name), ready).astype(float), 1e-9, 1 - 1e-9)
    return np.log(p / (1 - p))


# %% [markdown]
# Write `recall`. It takes patches, uint8 of shape (n, 60, 60), and returns True or False for each. You may change a copy of the patches before you ask. **An overlooked
# cluster costs 10, a needle for nothing costs 1.** Letters are strokes of grey value 235.
#
# It is judged on 600 fresh patches, 300 of each hospital. The check works out, for each hospital, which share of the cost you save, compared with recalling everybody, and
# **the lower of the two counts**: 0 earns nothing, and all points takes what our own rule saves on the same patches, minus 0.1. Ours saves about a third on average, and half of that on some draws. It takes a few
# seconds.


# %%
def recall(patches):
    """Return True for each patch that is recalled."""
    from scipy import ndimage

    ### BEGIN SOLUTION
    hot = ndimage.binary_dilation(patches >= 225, np.ones((1, 3, 3)))  # the letter and its rim
    medians = np.median(patches, axis=(1, 2)).astype(np.uint8)
    return ask("u13_honest", np.where(hot, medians[:, None, None], patches)) > -1.4
    ### END SOLUTION


# %%
q.recall.check(recall)

# %%
# q.recall.hint()

# %% [markdown] tags=["solution"]
# Where does −1.4 come from? From the known archive, with the letters covered: between −1.6 and −1.2 the costs hardly differ. The same search without
# covering looks much better there, and chooses the network that reads letters. With the letters covered the two networks look alike there, so the archive cannot
# choose between them: take the one that has never learnt letters, because a flat cover of their shape may still be one to the other.
#
# Nor does it have to be a network. A blob filter on the covered patches, with the best of six cuts, saved about as much as our rule over five draws of the check (0.36 and 0.33):
# where a miss costs ten needles, what counts is how few clusters lie among the lowest scores, and there the filter is as good. What earns nothing is to read the letter, or to
# cut at a probability of 0.5.

# %% tags=["solution"]
hot = ndimage.binary_dilation(known >= 225, np.ones((1, 3, 3)))
medians = np.median(known, axis=(1, 2)).astype(np.uint8)
clean = np.where(hot, medians[:, None, None], known)
cheapest = {}
for name in ("u13_honest", "u13_other"):
    for shown, images in (("letters covered", clean), ("as it is", known)):
        scores = ask(name, images)
        costs = {
            cut: (10 * (truth[scores <= cut] == 1).sum() + (truth[scores > cut] == 0).sum())
            for cut in np.arange(-40, 41) / 10
        }
        cut = min(costs, key=costs.get)
        cheapest[name, shown] = 1 - costs[cut] / (truth == 0).sum()
        print(
            f"{name:>12}, {shown:>15}: cut {cut:+.1f} saves {cheapest[name, shown]:.2f} in the known archive"
        )

# %% tags=["solution", "nbval-check-output"]
flattered = cheapest["u13_other", "as it is"] - cheapest["u13_honest", "letters covered"]
result("known archive: what reading letters seems to save beyond our rule", flattered, at_least=0.1)

# %% [markdown]
# ## Mend a gradient (10 min, deeper)
#
# A small network looks at an image: hidden units with ReLU, and one logit.
#
# $$ z_u = \sum_{r,c} w_{urc}\, x_{rc} + b_u, \qquad
#    \text{logit} = \sum_u v_u \max(0, z_u) $$
#
# A colleague wants its saliency map, and writes:


# %%
def colleagues_saliency(image, weights, biases, output_weights, label):
    """Return a map of what matters."""
    sums = (weights * image).sum(axis=(1, 2)) + biases
    probability = 1 / (1 + np.exp(-output_weights @ np.maximum(sums, 0)))
    return (probability - label) * np.tensordot(output_weights * (sums > 0), weights, axes=1)


# %% [markdown]
# That is a gradient, but not the one that a saliency map shows. Write `saliency`: the size of the gradient of the **logit** with respect to every pixel.
#
# - `image`: shape (rows, columns). `weights`: shape (units, rows, columns). `biases`, `output_weights`: shape (units,).
# - `label`: 0 or 1, what the radiologist says. It is given; do you need it?
#
# Return an array of shape (rows, columns).


# %%
# leak-ok: it stands beside the faulty function that is to be mended
def saliency(image, weights, biases, output_weights, label):
    """Return the saliency map of the image."""
    ### BEGIN SOLUTION
    on = (weights * image).sum(axis=(1, 2)) + biases > 0
    return np.abs(np.tensordot(output_weights * on, weights, axes=1))
    ### END SOLUTION


# %%
q.saliency.check(saliency)

# %%
# q.saliency.hint()

# %% [markdown]
# ## Mend a sum that does not add up (10 min, deeper)
#
# The same network, and integrated gradients (*From nothing to the image* in the lecture). The colleague's shares do not add up to the difference of the two logits,
# however many steps he takes.


# %%
def colleagues_shares(image, baseline, weights, biases, output_weights, steps):
    """Return the share of every pixel."""
    total = np.zeros_like(image)
    for k in range(1, steps + 1):
        x = baseline + k / steps * (image - baseline)
        on = (weights * x).sum(axis=(1, 2)) + biases > 0
        total += np.tensordot(output_weights * on, weights, axes=1)
    return image * total / steps


# %% [markdown]
# One fault spoils the sum for good. Another makes it less exact than it could be with as few points: ask in the **middle** of each step, at $(k - 1/2)/m$ of the way
# for $k = 1 \dots m$. Write `integrated_gradients` as it should be.
#
# - `image`, `baseline`: shape (rows, columns). `weights`, `biases`, `output_weights`: as before. `steps`: the number $m$ of points on the path.
#
# Return an array of shape (rows, columns), with signs.


# %%
# leak-ok: it stands beside the faulty function that is to be mended
def integrated_gradients(image, baseline, weights, biases, output_weights, steps):
    """Return the share of every pixel."""
    ### BEGIN SOLUTION
    total = np.zeros_like(image)
    for k in range(1, steps + 1):
        x = baseline + (k - 0.5) / steps * (image - baseline)
        on = (weights * x).sum(axis=(1, 2)) + biases > 0
        total += np.tensordot(output_weights * on, weights, axes=1)
    return (image - baseline) * total / steps
    ### END SOLUTION


# %%
q.integrated_gradients.check(integrated_gradients)

# %%
# q.integrated_gradients.hint()

# %% [markdown]
# ## Mend a sanity check (8 min, deeper)
#
# The cascading randomisation, for a network of dense layers. A colleague's maps change at depth 0, when nothing should, and not enough later.


# %%
def colleagues_cascade(kernels, biases, new_kernels, new_biases, depth):
    """Return kernels and biases with the top layers random."""
    return kernels[:-depth] + new_kernels[-depth:], biases


# %% [markdown]
# Write `destroy` as it should be:
#
# - `kernels`, `biases`: lists with one array for each layer, **from the input to the output**. The trained ones.
# - `new_kernels`, `new_biases`: lists of the same shapes. The random ones.
# - `depth`: how many layers are replaced, counted from the **output**. May be 0, or all of them.
#
# Return two lists, the kernels and the biases. Leave the lists that you were given as they are.


# %%
# leak-ok: it stands beside the faulty function that is to be mended
def destroy(kernels, biases, new_kernels, new_biases, depth):
    """Return kernels and biases with the top layers random."""
    ### BEGIN SOLUTION
    keep = len(kernels) - depth
    return kernels[:keep] + new_kernels[keep:], biases[:keep] + new_biases[keep:]
    ### END SOLUTION


# %%
q.destroy.check(destroy)

# %%
# q.destroy.hint()

# %% [markdown]
# ## Similar cases, of other people (8 min, deeper)
#
# A search for the most similar images (*Show me a similar case* in the lecture) is splendid in the company's demonstration, and of no use in the clinic: the three
# cases that it shows are often one patient, and not rarely the patient herself.


# %%
def companys_search(features, patients, k):
    """Return the indices of the k most similar images, for every image."""
    apart = np.linalg.norm(features[:, None] - features[None], axis=-1)
    np.fill_diagonal(apart, np.inf)
    return np.argsort(apart, axis=1)[:, :k]


# %% [markdown]
# Write `prototypes` as it should be: for every image the `k` most similar **patients**, without her own, and of each of them the most similar image (smallest Euclidean
# distance).
#
# - `features`: shape (n, p), already scaled. `patients`: shape (n,), whole numbers; there are more than `k` of them.
#
# Return whole numbers of shape (n, k), the indices of these images in the whole set, from 0, the most similar first.


# %%
# leak-ok: it stands beside the faulty function that is to be mended
def prototypes(features, patients, k):
    """Return the indices of the most similar images of k other patients, for every image."""
    ### BEGIN SOLUTION
    apart = np.linalg.norm(features[:, None] - features[None], axis=-1)
    found = []
    for row, own in zip(apart, patients, strict=True):
        seen, chosen = {own}, []
        for image in np.argsort(row):
            if patients[image] not in seen and len(chosen) < k:
                seen.add(patients[image])
                chosen.append(image)
        found.append(chosen)
    return np.array(found)
    ### END SOLUTION


# %%
q.prototypes.check(prototypes)

# %%
# q.prototypes.hint()

# %% [markdown]
# ## Stretch: find another shortcut
#
# Train a network of your own on patches with `brightness_shortcut=True`, where patches with clusters are
# brighter. Which explanation finds *this* shortcut? And how do you prove it by removal? There is no
# check. A start: `data.load_microcalcifications(n=600, brightness_shortcut=True)`, then
# `networks.small_cnn` and `training.fit`, a few seconds for three epochs.


# %%
def shortcut():
    """Return the AUC on bright, on equal, and on equal patches brightened at random."""
    ### BEGIN SOLUTION
    from mlmi_course import data, metrics, networks, training

    bright = data.load_microcalcifications(n=600, seed=2, brightness_shortcut=True)
    learn, watch = bright.split((0.8, 0.2))
    model = networks.small_cnn(filters=(8, 16))
    training.fit(
        model, (learn.images, learn.labels), (watch.images, watch.labels), epochs=3, patience=3
    )
    equal = data.load_microcalcifications(n=300, seed=3)
    rng = np.random.default_rng(0)
    moved = np.clip(equal.images + rng.integers(-40, 41, (300, 1, 1)), 0, 255).astype(np.uint8)
    shown = {"bright": (watch.images, watch.labels)}
    shown |= {"equal": (equal.images, equal.labels), "moved": (moved, equal.labels)}
    return {
        name: round(float(metrics.auc(truth, training.predict(model, images))), 2)
        for name, (images, truth) in shown.items()
    }
    ### END SOLUTION


# %%
# shortcut()

# %% tags=["solution"]
shortcut()

# %% [markdown] tags=["solution"]
# A heat map shows *where*, and brightness is everywhere: no place in the map would look suspicious. What finds it is a question about *what*: change the
# brightness of the whole patch, and see whether the score follows. Maps are blind to shortcuts without a place.

# %% [markdown]
# ## Where you stand
#
# The table lists what you have solved and what is still open.

# %%
q.progress()

# %% tags=["solution", "nbval-check-output"]
table = q.progress()
result("points that the checks gave", table.points)
result("points that the checks can give", table.out_of)

# %% [markdown] tags=["instructor"]
# *Whom to recall?* is the question to discuss. Its known archive is the trap: whoever tunes there without covering the letters finds a rule that looks better than ours, and it
# costs more than recalling everybody in the new hospital. Some will cover only the letters that they detect, others all four corners; both are fine. Moving the threshold matters as
# much as the letters do. The stretch task has an answer worth telling: maps cannot show a shortcut that has no place.
