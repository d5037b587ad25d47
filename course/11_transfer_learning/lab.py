# %% [markdown]
# ## Part A: who is in the small set? (12 min)
#
# A hospital with few labelled images wants to use what a network has learnt elsewhere. In part A you choose
# patients, and a rival that needs no network. In part B you keep a frozen network frozen and give each block
# its own step size. In part C you build the transfer and judge it. Each part stands alone; make a break
# between them.

# %%
import mlmi_course
import numpy as np

from mlmi_course.questions import u11_transfer_learning as q

# %% [markdown]
# Write `first_patients`. It returns the rows of a small training set, drawn **by patient**.
#
# - `groups`: shape (n,), the patient of each image.
# - `order`: all patients in a random order.
# - `held`: the patients of the test set. Nobody of them may be learnt from. It may be empty.
# - `count`: how many *patients* to take: the first ones in `order` who are not in `held`. If there are
#   fewer, take them all.
#
# Return the row numbers of **all** their images, an array in ascending order.


# %%
def first_patients(groups, order, held, count):
    """Return the rows of the images of the first patients who are not held out."""
    ### BEGIN SOLUTION
    chosen = [patient for patient in order if patient not in held][:count]
    return np.flatnonzero(np.isin(groups, chosen))
    ### END SOLUTION


# %%
q.first_patients.check(first_patients)

# %% [markdown]
# Stuck? Delete the `#` in the next cell and run it. Run it again for the next hint.

# %%
# q.first_patients.hint()

# %% [markdown]
# ## The honest rival (15 min)
#
# The blob filter of the lecture has one choice: its size σ. Write `best_sigma`. It chooses the size on the
# patients that one may learn from, and says what it is worth on the others.
#
# - `scores`: shape (n, k), one row for each image, one column for each σ. Higher means more like a cluster.
# - `labels`: shape (n,), 0 or 1.
# - `learning`: shape (n,), True for the images of patients to learn from.
#
# Return two things: the number of the column with the highest AUC on the images to learn from (the first,
# if several are equal), and the AUC of this column on all *other* images. `roc_auc_score(labels, scores)`
# computes an AUC.

# %%
from sklearn.metrics import roc_auc_score


def best_sigma(scores, labels, learning):
    """Return the column chosen on the learning images, and its AUC on the others."""
    ### BEGIN SOLUTION
    from sklearn.metrics import roc_auc_score

    areas = [roc_auc_score(labels[learning], column[learning]) for column in scores.T]
    best = int(np.argmax(areas))
    return best, roc_auc_score(labels[~learning], scores[~learning, best])
    ### END SOLUTION


# %%
q.best_sigma.check(best_sigma)

# %%
# q.best_sigma.hint()

# %% [markdown]
# ## Part B: batch normalisation by hand (15 min)
#
# Write `normalise`, a layer of batch normalisation without scale and shift. It returns three things: the
# normalised batch, and the two averages afterwards.
#
# - `x`: shape (n, p), a batch of n rows with p channels.
# - `mean`, `variance`: shape (p,), the averages before.
# - `training`: True or False.
#
# In **training mode** the batch is normalised by its own mean and variance (divided by n), and each average
# becomes 0.9 of itself plus 0.1 of the batch's. In **inference mode** the averages are used, and stay. To
# normalise, subtract the mean and divide by $\sqrt{\text{variance} + 0.001}$.


# %%
def normalise(x, mean, variance, training):
    """Return the normalised batch, the new mean and the new variance."""
    ### BEGIN SOLUTION
    used = (x.mean(axis=0), x.var(axis=0)) if training else (mean, variance)
    out = (x - used[0]) / np.sqrt(used[1] + 0.001)
    if training:
        mean, variance = 0.9 * mean + 0.1 * used[0], 0.9 * variance + 0.1 * used[1]
    return out, mean, variance
    ### END SOLUTION


# %%
q.normalise.check(normalise)

# %%
# q.normalise.hint()

# %% [markdown]
# ## What still changes? (12 min)
#
# Write `what_changes`. For a network in a certain state, it says what one training step changes.
#
# - `layers`: a list of dictionaries, from the image to the answer. Each has a `"name"`, a `"kind"`
#   (`"convolution"`, `"pooling"`, `"normalisation"` or `"dense"`) and a `"block"` (`"1"`, `"2"`, …, `"head"`).
# - `learning`: a list of the blocks that may learn; in Keras, `trainable` is True for their layers and False
#   for all others.
# - `training`: True if the layers run in training mode.
#
# Return a dictionary with two lists of names, each in the order of `layers`:
#
# - `"weights"`: the layers whose weights change. A convolution, a normalisation (scale and shift) and a dense
#   layer have weights.
# - `"averages"`: the layers whose running averages move. Remember what Keras does with a layer of normalisation
#   that may not learn.


# %%
def what_changes(layers, learning, training):
    """Return which weights and which averages one training step changes."""
    ### BEGIN SOLUTION
    free = [layer for layer in layers if layer["block"] in learning]
    norms = [layer["name"] for layer in free if layer["kind"] == "normalisation"]
    return {
        "weights": [layer["name"] for layer in free if layer["kind"] != "pooling"],
        "averages": norms if training else [],
    }
    ### END SOLUTION


# %%
q.what_changes.check(what_changes)

# %%
# q.what_changes.hint()

# %% [markdown]
# ## Does the base learn? (8 min)
#
# Write `base_learns`. It reads what somebody did to a network, one word after the other: `"freeze"` and
# `"unfreeze"` set the base; `"compile"` and `"fit"` are what they are in Keras. At first the base is unfrozen.
# Each history has a `"compile"` before its first `"fit"`, and nobody freezes or unfreezes between a `"compile"`
# and the next `"fit"`.
#
# Return a list with one True or False for each `"fit"`: does the base learn in it?


# %%
def base_learns(actions):
    """Return for each fit whether the base learns in it."""
    ### BEGIN SOLUTION
    free, compiled, learns = True, True, []
    for action in actions:
        if action == "fit":
            learns.append(compiled)
        elif action == "compile":
            compiled = free
        else:
            free = action == "unfreeze"
    return learns
    ### END SOLUTION


# %%
q.base_learns.check(base_learns)

# %%
# q.base_learns.hint()

# %% [markdown]
# ## A step size for each block (20 min)
#
# Write `moved`: where the weights of each block end up under Adam, counted from where they began.
#
# - `gradients`: a dictionary from the name of a block to its gradients, shape (steps, p): one row for each
#   step, in order.
# - `rates`: a dictionary from the name of a block to its step size $\eta$. A block that is missing is frozen.
#
# Return a dictionary with every block of `gradients`, and for each an array of shape (p,): the sum of all its
# steps, zeros if it is frozen. The step $t = 1, 2, \dots$ of Adam is
#
# $$ m \leftarrow 0.9\, m + 0.1\, g, \qquad v \leftarrow 0.999\, v + 0.001\, g^2, \qquad
#    \text{step} = -\eta\, \frac{m / (1 - 0.9^t)}{\sqrt{v / (1 - 0.999^t)} + 10^{-7}} $$
#
# with $m = v = 0$ at the start. Each block has an $m$ and a $v$ of its own.


# %%
def moved(gradients, rates):
    """Return for each block how far Adam moves its weights, with a step size for each block."""
    ### BEGIN SOLUTION
    result = {}
    for block, steps in gradients.items():
        m = v = total = np.zeros(steps.shape[1])
        for t, g in enumerate(steps, start=1):
            m, v = 0.9 * m + 0.1 * g, 0.999 * v + 0.001 * g**2
            step = (m / (1 - 0.9**t)) / (np.sqrt(v / (1 - 0.999**t)) + 1e-7)
            total = total - rates.get(block, 0.0) * step
        result[block] = total
    return result
    ### END SOLUTION


# %%
q.moved.check(moved)

# %%
# q.moved.hint()

# %% [markdown] tags=["solution"]
# Why not scale the gradients? The same block twice, its gradients once divided by 1,000:

# %% tags=["solution", "nbval-check-output"]
from mlmi_course.checks import result

g = np.random.default_rng(0).normal(0.2, 1, (50, 3))
full = moved({"1": g}, {"1": 1e-3})["1"]
result(
    "gradients / 1000: share of the way",
    float((moved({"1": g / 1000}, {"1": 1e-3})["1"] / full)[0]),
)
result("step size / 1000: share of the way", float((moved({"1": g}, {"1": 1e-6})["1"] / full)[0]))

# %% [markdown]
# ## Part C: transfer in ten lines (25 min)
#
# Now the real task, on simulated patients: 120 hard patches of few women. Find clusters in the patches of
# other women.

# %%
from mlmi_course import plots, shipped, training

few, labels, groups = q.few_patches()
print(len(few), "patches of", len(np.unique(groups)), "women;", labels.sum(), "with a cluster")
plots.montage(
    [*few[labels == 1][:6], *few[labels == 0][:6]],
    columns=6,
    titles=["cluster"] * 6 + ["none"] * 6,
    alt="Twelve noisy patches: six with a cluster of grains, six without.",
)

# %% [markdown]
# Write `transferred`. It takes new patches, shape (n, 60, 60), `uint8`, and returns n numbers: the higher, the
# more likely a cluster. Do it with a **frozen base** and a head of your own:
#
# 1. Choose one of the shipped sources `"u11_film"`, `"u11_masses"` and `"u11_digits"`.
# 2. Cut its head off, as the lecture's `base_of` does: a `keras.Model` that ends at the layer `"mean"`, with 32
#    features.
# 3. Compute the features of the 120 patches and of the new ones with `training.predict(base, images)`.
# 4. Train a head on the features of the 120. A logistic regression on scaled features *is* a head; `C=0.1`
#    keeps its weights small.
#
# The check draws 1,000 patches of fresh patients. All points take an AUC of 0.82. What the untrained blob filter
# gets **on the very same patches**, some 0.73 to 0.77, earns none. It takes some seconds.


# %%
def transferred(images):
    """Return for each patch how likely a cluster is."""
    ### BEGIN SOLUTION
    import keras
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    from mlmi_course import shipped, training
    from mlmi_course.questions import u11_transfer_learning as q

    few, labels, groups = q.few_patches()
    whole = shipped.network("u11_film")
    base = keras.Model(whole.inputs, whole.get_layer("mean").output)
    head = make_pipeline(StandardScaler(), LogisticRegression(C=0.1, max_iter=5000))
    head.fit(training.predict(base, few), labels)
    return head.predict_proba(training.predict(base, images))[:, 1]
    ### END SOLUTION


# %%
q.transferred.check(transferred)

# %%
# q.transferred.hint()

# %% [markdown]
# ## How much is luck? (6 min)
#
# The table of the lecture has five runs *from scratch* with 40 patches. They differ in the patients drawn and
# in the first weights, in nothing else. How much better is the best of them than the worst, in AUC, to three decimals?

# %%
table = shipped.table("u11_simulated")
table.head(4)

# %%
### BEGIN SOLUTION
scratch = table[(table["strategy"] == "scratch") & (table["size"] == 40)]["auc"]
luck = scratch.max() - scratch.min()
### END SOLUTION

# %%
q.luck.check(luck)

# %%
# q.luck.hint()

# %% [markdown]
# ## What five repeats allow to say (15 min)
#
# Write `gain`. It takes the AUCs of two arms, one for each repeat, and returns the mean gain with a 95 %
# interval: three numbers, the mean of the differences, the low end and the high end.
#
# - `transferred`, `scratch`: shape (n,). In each repeat both arms learnt from the same patients.
# - The interval is the mean ± $t$ standard errors. $t$ is the 97.5 % quantile of Student's distribution with
#   n − 1 degrees of freedom, `scipy.stats.t.ppf(0.975, n - 1)`. The standard deviation of the differences
#   divides by n − 1.
# - A single repeat has no interval: return `np.nan` for both ends.


# %%
def gain(transferred, scratch):
    """Return the mean gain, and the low and high end of its 95 % interval."""
    ### BEGIN SOLUTION
    from scipy import stats

    differences = transferred - scratch
    n, mean = len(differences), differences.mean()
    if n == 1:
        return mean, np.nan, np.nan
    half = stats.t.ppf(0.975, df=n - 1) * differences.std(ddof=1) / np.sqrt(n)
    return mean, mean - half, mean + half
    ### END SOLUTION


# %%
q.gain.check(gain)

# %%
# q.gain.hint()

# %% [markdown] tags=["solution"]
# Fine-tuning everything from the masses, against scratch. Is it a gain at 40 patches?

# %% tags=["solution"]
arm = ["source", "strategy", "size"]
ordered = table.sort_values([*arm, "repeat"]).set_index(arm)["auc"]
for size in (40, 160, 640):
    arm, rival = (
        ordered.loc[(*who, size)].to_numpy() for who in (("masses", "all"), ("none", "scratch"))
    )
    mean, low, high = gain(arm, rival)
    print(f"{size:>3} patches: {mean:+.3f} [{low:+.3f}, {high:+.3f}]")

# %% [markdown]
# ## How many images does it save? (8 min)
#
# Write `saved`: with transfer, `at` images give a certain quality. How many *more* images does a network from
# scratch need for it?
#
# - `sizes`: shape (k,), the numbers of images that were tried, ascending.
# - `scratch`, `transferred`: shape (k,), the mean AUC at each size.
# - `at`: one of the sizes.
#
# Take the smallest of the sizes at which scratch is at least as good as `transferred` at `at`, and return the
# difference to `at`. (The mean of five runs may fall again at a larger size. That does not matter here.) If
# there is none, return `float("inf")`: here it stands for *more than were
# tried*. If scratch gets there with fewer images, the answer is below zero.


# %%
def saved(sizes, scratch, transferred, at):
    """Return how many more images scratch needs."""
    ### BEGIN SOLUTION
    target = transferred[list(sizes).index(at)]
    reached = [size for size, area in zip(sizes, scratch, strict=True) if area >= target]
    return min(reached) - at if reached else float("inf")
    ### END SOLUTION


# %%
q.saved.check(saved)

# %%
# q.saved.hint()

# %% [markdown] tags=["solution"]
# Now with the numbers of the lecture: the film base, frozen, against scratch, on simulated patients.

# %% tags=["solution"]
means = table.groupby(["source", "strategy", "size"])["auc"].mean()
sizes = np.array([20, 40, 160, 640])
arm, rival = (
    means["film", "frozen"].loc[sizes].to_numpy(),
    means["none", "scratch"].loc[sizes].to_numpy(),
)
for size in sizes:
    print(
        f"{size:>3} patches from film, frozen: scratch needs {saved(sizes, rival, arm, size)} more"
    )

# %% [markdown]
# ## Sixty images and a plan (10 min)
#
# A colleague has 60 mammogram patches of a rare finding, labelled by a radiologist. She writes: *"I will take
# a network trained on photographs, fine-tune all its layers on 48 of the images, and test on the other 12.
# If the accuracy is above 80 %, we have a paper."* What do you advise? Five or six sentences, with reasons from
# the lecture. Say also what our tables cannot tell her.

# %%
### BEGIN SOLUTION
advice = """
First: how many women are the sixty images? Split by patient, and repeat the split, because twelve images say
nearly nothing. Before any training ask what a simple filter scores on the same unseen women: in our table, with
so few patches, one untrained filter beat everything that had no source of the same task. With so few images do
not fine-tune all layers in large steps: freeze the base and train a head, use a source as it is, or search the step
size, on patients who are not in the test. In our table a source of the same task was worth more than the choice of a
strategy; if there is none, simulate the finding. Report AUC with an interval over patients and all
repeats, not one accuracy against a threshold. Our tables cannot tell her what photographs would do, because we
had digits only; and they are one task, one small network, and mostly simulated patients.
"""
### END SOLUTION

# %%
q.advice.check(advice)

# %%
# q.advice.hint()

# %% [markdown]
# ## Stretch: no target image at all
#
# The film network has a head for the very same question. What does it score on the 120 patches as it is,
# without your new head? Write `as_it_is`, and compare it with `transferred` on patches of *other* women, which
# `patches(1000, seed=5, difficulty=1.0)` from `mlmi_course.phantoms.mammography` gives. From how many labelled
# patches on is a new head worth its labels? There is no check.


# %%
def as_it_is(images):
    """Return what the film network says about patches."""
    ### BEGIN SOLUTION
    return training.predict(shipped.network("u11_film"), images)
    ### END SOLUTION


# %% tags=["solution"]
from mlmi_course.phantoms.mammography import patches

others = patches(1000, seed=5, difficulty=1.0)
for name, answer in {"as it is": as_it_is, "new head": transferred}.items():
    print(f"{name:>9}: {roc_auc_score(others['labels'], answer(others['images'])):.3f}")

# %% [markdown]
# ## Where you stand
#
# The table lists what you have solved and what is still open.

# %%
q.progress()

# %% tags=["solution", "nbval-check-output"]
table_of_points = q.progress()
result("points that the checks gave", table_of_points.points)
result("points that the checks can give", table_of_points.out_of)
