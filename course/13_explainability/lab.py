# %% [markdown]
# ## Part A: which feature matters? (20 min)
#
# A hospital wants to use a model, and asks you to explain it. In part A the data are tables, in part B
# images. In both you write the explanations yourself, so that you know what they can say. The parts
# stand alone; make a break between them.

# %%
import mlmi_course
import numpy as np

from mlmi_course.questions import u13_explainability as q

# %% [markdown]
# Write `importance`, the permutation importance of every feature of a logistic regression, **on
# patients that the model has not learnt from**. The score of a patient is
# `features @ weights + bias`, and the loss is the mean logistic loss:
#
# $$ \mathcal{L} = \text{mean of } \log(1 + e^{-y z}), \qquad y = \pm 1, \; z \text{ the score} $$
#
# - `train_features`, `test_features`: shape (n, p). `train_labels`, `test_labels`: shape (n,), **0 or 1**.
# - `weights`: shape (p,). `bias`: one number.
# - `orders`: shape (repeats, p, n), whole numbers. In repeat r, column j is shuffled to
#   `column[orders[r, j]]`. (Given, so that your result can be compared.)
#
# Return two arrays of shape (p,). The first is the loss after shuffling, averaged over the repeats, minus the
# usual loss. The second is the same loss divided by the usual loss. `np.logaddexp(0, x)` is
# $\log(1 + e^x)$ without overflow.


# %%
def importance(train_features, train_labels, test_features, test_labels, weights, bias, orders):
    """Return difference and quotient of the losses for every feature."""
    ### BEGIN SOLUTION
    signs = 2 * test_labels - 1

    def loss(features):
        return np.logaddexp(0, -signs * (features @ weights + bias)).mean()

    usual = loss(test_features)
    repeats, p, _ = orders.shape
    shuffled = np.zeros((repeats, p))
    for r in range(repeats):
        for j in range(p):
            copy = test_features.copy()
            copy[:, j] = test_features[orders[r, j], j]
            shuffled[r, j] = loss(copy)
    mean = shuffled.mean(axis=0)
    return mean - usual, mean / usual
    ### END SOLUTION


# %%
q.importance.check(importance)

# %% [markdown]
# Stuck? Delete the `#` in the next cell and run it. Run it again for the next hint.

# %%
# q.importance.hint()

# %% [markdown]
# Your function on 200 unseen patients of a simulated cohort. The coloured bars belong to features that
# act; the grey ones do nothing.

# %%
q.importance.show(importance)

# %% [markdown]
# ## Shuffle copies together (12 min)
#
# Write `group_importance`: the difference only, for *groups* of columns. All columns of a group are shuffled **in
# one order**, in one table.
#
# - `features`: shape (n, p), of unseen patients. `labels`: shape (n,), 0 or 1.
# - `weights`, `bias`: as before.
# - `groups`: a list of lists of column numbers, such as `[[0, 1, 2], [3, 4]]`.
# - `orders`: shape (groups, n); group k is moved to `orders[k]`.
#
# Return an array with one number for each group.


# %%
def group_importance(features, labels, weights, bias, groups, orders):
    """Return the loss with a group shuffled minus the usual loss, for every group."""

    ### BEGIN SOLUTION
    def loss(table):
        return np.logaddexp(0, -(2 * labels - 1) * (table @ weights + bias)).mean()

    usual, found = loss(features), []
    for group, order in zip(groups, orders, strict=True):
        copy = features.copy()
        copy[:, group] = features[order][:, group]
        found.append(loss(copy) - usual)
    return np.array(found)
    ### END SOLUTION


# %%
q.group_importance.check(group_importance)

# %%
# q.group_importance.hint()

# %% [markdown]
# ## Share out a prediction (15 min)
#
# Three features A, B and C work together on one patient. `values` holds the model's mean output for
# every set of features that has her values: `values[""]` for none of them, `values["A"]`, `values["B"]`,
# `values["C"]`, `values["AB"]`, `values["AC"]`, `values["BC"]`, and `values["ABC"]` for all.
#
# Write `shapley`. Return an array of the three shares, of A, B and C: the mean gain over all six
# orders.


# %%
def shapley(values):
    """Return the shares of A, B and C."""
    ### BEGIN SOLUTION
    from itertools import permutations

    shares = np.zeros(3)
    for order in permutations("ABC"):
        for place, player in enumerate(order):
            after = "".join(sorted(order[: place + 1]))
            before = "".join(sorted(order[:place]))
            shares["ABC".index(player)] += (values[after] - values[before]) / 6
    return shares
    ### END SOLUTION


# %%
q.shapley.check(shapley)

# %%
# q.shapley.hint()

# %% [markdown]
# ## Part B: the gradient of the score (15 min)
#
# A small network looks at an image: hidden units with ReLU, and one logit.
#
# $$ z_u = \sum_{r,c} w_{urc}\, x_{rc} + b_u, \qquad
#    \text{logit} = \sum_u v_u \max(0, z_u) $$
#
# Write `saliency`: the size of the gradient of the logit with respect to every pixel.
#
# - `image`: shape (rows, columns). `weights`: shape (units, rows, columns).
# - `biases`, `output_weights`: shape (units,).
# - `label`: 0 or 1, what the radiologist says. It is given; do you need it?
#
# Return an array of shape (rows, columns).


# %%
def saliency(image, weights, biases, output_weights, label):
    """Return the saliency map of the image."""
    ### BEGIN SOLUTION
    on = (weights * image).sum(axis=(1, 2)) + biases > 0
    gradient = np.tensordot(output_weights * on, weights, axes=1)
    return np.abs(gradient)
    ### END SOLUTION


# %%
q.saliency.check(saliency)

# %%
# q.saliency.hint()

# %% [markdown]
# ## From nothing to the image (15 min)
#
# The same network. Write `integrated_gradients`: the shares of the pixels in the difference between the image's
# logit and the baseline's.
#
# - `baseline`: shape (rows, columns). `steps`: the number $m$ of points on the path.
# - Point $k = 1 \dots m$ lies at $(k - 1/2)/m$ of the way from the baseline to the image.
#
# Return an array of shape (rows, columns), with signs. With many steps its sum is the difference of the two
# logits.


# %%
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
# ## Grad-CAM (12 min)
#
# Write `grad_cam`. For one image you get the channels of the last map, and the gradient of the logit
# with respect to each of their numbers.
#
# - `channels`, `gradients`: shape (rows, columns, channels).
#
# Return an array of shape (rows, columns).


# %%
def grad_cam(channels, gradients):
    """Return the Grad-CAM map."""
    ### BEGIN SOLUTION
    alpha = gradients.mean(axis=(0, 1))
    return np.maximum((channels * alpha).sum(axis=-1), 0)
    ### END SOLUTION


# %%
q.grad_cam.check(grad_cam)

# %%
# q.grad_cam.hint()

# %% [markdown]
# Your function inside a real network, the honest one of the lecture, on three patches that it has not
# seen. True specks are outlined. Most bright spots of your maps should lie on them.

# %%
q.grad_cam.show(grad_cam)

# %% [markdown]
# ## Hit or miss, and chance (15 min)
#
# Write `hit`. It returns two numbers for one map: 1 if its maximum is a hit and else 0; and the chance
# that a pixel drawn at random is a hit.
#
# - `map_`: shape (rows, columns), the explanation. Its maximum is its largest value; values may be below 0.
# - `mask`: the same shape, 1 inside the lesion, 0 outside. A lesion may consist of several parts.
# - `spacing`: two numbers, mm from row to row and from column to column. They may differ.
# - `tolerance`: mm. A pixel counts as a hit if it lies at most so far from the nearest pixel of the lesion.
#   Pixels of the lesion have the distance 0.
#
# `scipy.ndimage.distance_transform_edt(outside, sampling=spacing)` gives for each pixel where `outside`
# is true the distance to the nearest pixel where it is false.

# %%
from scipy import ndimage


def hit(map_, mask, spacing, tolerance):
    """Return 1 or 0, and the hit rate of a random pixel."""
    ### BEGIN SOLUTION
    distance = ndimage.distance_transform_edt(mask == 0, sampling=spacing)
    near = distance <= tolerance
    place = np.unravel_index(np.argmax(map_), map_.shape)
    return float(near[place]), float(near.mean())
    ### END SOLUTION


# %%
q.hit.check(hit)

# %%
# q.hit.hint()

# %% [markdown] tags=["solution"]
# The pointing game of the lecture, for *all* patches with a cluster, not only those that the network
# called rightly. Where the network has missed the cluster, its map has little reason to find it.

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
hits = np.array([hit(m, k, ill.spacing, 0.3) for m, k in zip(maps, ill.masks, strict=True)])
for name, which in (("called", called), ("missed", ~called), ("all", called | True)):
    print(
        f"{name:>6}: {which.sum():>3} patches, hits {hits[which, 0].mean():.2f}, chance {hits[which, 1].mean():.2f}"
    )

# %% tags=["solution", "nbval-check-output"]
from mlmi_course.checks import result

result("hits where the network called the cluster", float(hits[called, 0].mean()), at_least=0.85)
gap = float(hits[called, 0].mean() - hits[~called, 0].mean())
result("fewer hits where it missed it, by", gap, at_least=0.05)
result("chance on all", float(hits[:, 1].mean()), at_most=0.35)

# %% [markdown]
# ## Destroy the network (10 min)
#
# Write `destroy`, the cascading randomisation of the sanity check, for a network of dense layers.
#
# - `kernels`, `biases`: lists with one array for each layer, **from the input to the output**. The trained ones.
# - `new_kernels`, `new_biases`: lists of the same shapes. The random ones.
# - `depth`: how many layers are replaced, counted from the **output**. May be 0, or all of them.
#
# Return two lists, the kernels and the biases. Leave the lists that you were given as they are.


# %%
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
# ## A similar case of somebody else (10 min)
#
# Write `prototypes`. For every image it returns the index of the most similar image **of another patient**: the
# one with the smallest Euclidean distance between their features.
#
# - `features`: shape (n, p), already scaled. `patients`: shape (n,), whole numbers.
#
# Return n whole numbers. They count in the whole set, from 0.


# %%
def prototypes(features, patients):
    """Return the index of the most similar image of another patient, for every image."""
    ### BEGIN SOLUTION
    apart = np.linalg.norm(features[:, None] - features[None], axis=-1)
    same = patients[:, None] == patients[None]
    return np.where(same, np.inf, apart).argmin(axis=1)
    ### END SOLUTION


# %%
q.prototypes.check(prototypes)

# %%
# q.prototypes.hint()

# %% [markdown]
# ## Do not read the letter (15 min)
#
# A third archive. Here a lead letter stands on every **normal** patch, and on none with a cluster. It lies in rows 3
# to 10 and columns 3 to 7, all of them included. Nobody may use that, of course: in the next archive it stands on the
# others.

# %%
from mlmi_course import plots

images, labels = q.misleading(12, seed=2)
plots.montage(
    images,
    columns=6,
    titles=["cluster" if label else "normal" for label in labels],
    alt="Twelve patches; the normal ones carry a bright letter L in the upper left corner.",
)

# %% [markdown]
# This function asks one of the two networks of the lecture, `"u13_honest"` or `"u13_cheating"`. It is
# complete.


# %%
def ask(name, images):
    """Return what a shipped network says about images of uint8: numbers between 0 and 1."""
    from mlmi_course import shipped, training

    grey = images.astype(np.float32) / 255
    ready = 10 * (grey - np.median(grey, axis=(1, 2), keepdims=True))  # median 0, as in training
    return training.predict(shipped.network(name), ready)


# %% [markdown]
# Write `without_letter`. It takes images, uint8 of shape (n, 60, 60), and returns n scores, higher for a
# cluster. You may change a copy of the images before you ask. The check draws 240 fresh patches and shows them twice, 480
# images in all: with the letter on the normal ones, and with the letter on those with a cluster. The *lower* of the two AUCs
# counts. All points take that of our own answer on the same patches, minus 0.02. It takes a few seconds.


# %%
def without_letter(images):
    """Return a score for every image that the letter cannot lead astray."""
    ### BEGIN SOLUTION
    clean = images.copy()
    medians = np.median(images, axis=(1, 2)).astype(np.uint8)
    clean[:, 3:11, 3:8] = medians[:, None, None]
    return ask("u13_honest", clean)
    ### END SOLUTION


# %%
q.without_letter.check(without_letter)

# %%
# q.without_letter.hint()

# %% [markdown] tags=["solution"]
# Three answers on 600 patches. The network that reads letters is far below chance: it says the
# opposite. The honest one, asked without a thought, takes the bright stroke for calcium.

# %% tags=["solution", "nbval-check-output"]
from mlmi_course import metrics

images, labels = q.misleading(600, seed=9)
result(
    "AUC, cheating network", float(metrics.auc(labels, ask("u13_cheating", images))), at_most=0.4
)
direct = float(metrics.auc(labels, ask("u13_honest", images)))
covered = float(metrics.auc(labels, without_letter(images)))
result("AUC, honest network", direct, at_most=0.8)
result("AUC, honest network, letter covered", covered, at_least=0.85)

# %% [markdown]
# ## Ten beautiful maps (10 min)
#
# A company sells a network for mammograms. Its brochure shows ten heat maps that lie exactly on the
# cancers, under the title *"Our AI looks where your radiologists look."* Your hospital asks whether
# this is evidence, and what you would want to see before buying. Four or five sentences.

# %%
### BEGIN SOLUTION
evidence = """
Ten maps that the company chose are no evidence. I want a count over all cases: how often does the
maximum lie on the lesion, beside what chance and the centre of the image score. Even then the map may
only show the image: an edge detector points at bright lesions too. So I want a sanity check: with random
weights the maps must fall apart. And I want the suspected shortcuts, such as letters and scanners, removed
from the same patients, and the performance at a hospital that gave no training data.
"""
### END SOLUTION

# %%
q.evidence.check(evidence)

# %%
# q.evidence.hint()

# %% [markdown]
# ## Stretch: find another shortcut
#
# Train a network of your own on patches with `brightness_shortcut=True`, where patches with clusters are
# brighter. Which explanation finds *this* shortcut? And how do you prove it by removal? There is no
# check. A start: `data.load_microcalcifications(n=1500, brightness_shortcut=True)`, then
# `networks.small_cnn` and `training.fit`, about ten seconds for three epochs.


# %%
def shortcut():
    """Return the AUC on bright, on equal, and on equal patches brightened at random."""
    ### BEGIN SOLUTION
    from mlmi_course import data, metrics, networks, training

    bright = data.load_microcalcifications(n=1500, seed=2, brightness_shortcut=True)
    learn, watch = bright.split((0.8, 0.2))
    model = networks.small_cnn(filters=(8, 16))
    training.fit(
        model, (learn.images, learn.labels), (watch.images, watch.labels), epochs=3, patience=3
    )
    equal = data.load_microcalcifications(n=400, seed=3)
    rng = np.random.default_rng(0)
    moved = np.clip(equal.images + rng.integers(-40, 41, (400, 1, 1)), 0, 255).astype(np.uint8)
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
# A heat map shows *where*, and brightness is everywhere: no place in the map would look suspicious. What finds it is a question about *what*: change the brightness of the whole patch, and see whether
# the score follows. Maps are blind to shortcuts without a place.

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
# Wrong answers to expect: the quotient upside down, the permutation of whole rows, the gradient of the
# probability, and the ReLU before the sum in Grad-CAM; each has a message of its own. In *Do not read the letter*
# some will paint over the corner only where a letter is seen, by a threshold: fine, and slightly
# better or worse. Others use the cheating network upside down, or the letter itself; that is a good discussion, for it
# stops working at the next hospital, which is why the check looks at two archives. The stretch task has an answer worth telling: maps cannot show a shortcut
# that has no place.
