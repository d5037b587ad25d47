# %% [markdown]
# ## Six changes (8 min)
#
# A company offers your hospital a network that counts small vessels' damage from weak labels, and you are asked whether to buy it. In this lab you predict, mend what others wrote, judge five such networks, and at the end spend a budget on labels.
#
# **Predict first.** Write down for each change whether the number goes `up` or `down`, or stays the `same` (within 5 %), and why.
#
# - **A.** A bag has 20 parts: one with probability 0.9, the others 0.04. Twenty more parts with 0.04 are added, because the image is larger. The bag's probability by *mean* pooling?
# - **B.** The same, by *max* pooling.
# - **C.** All 20 parts have 0.04; twenty more such parts are added. The bag's probability by *noisy-or*?
# - **D.** A network's map is moved by 10 pixels to the left; what leaves the image there comes in again on the right. The count?
# - **E.** A model stays as it is; 30 % of the labels of the 10,000 *test* patients are flipped at random. Its AUC was 0.87 on the right labels; against these?
# - **F.** 30 % of the labels of 10,000 *training* patients are flipped at random, and a classifier with three inputs is trained on them. Its AUC on clean patients?
#
# The letter of the reason that fits best (two of the eight fit nowhere):
#
# - `a` it does not matter where a number stands
# - `b` only the largest part is heard
# - `c` the truth that the order is held against is wrong
# - `d` what is ill is a smaller share
# - `e` both classes are pulled towards the middle alike
# - `g` the parts' probabilities are multiplied
# - `h` a third less is left to learn from
# - `f` each part more is another chance
#
# Write both as one text, for each of the six: `{"A": "up d", "B": …}`.

# %%
import mlmi_course
import numpy as np

from mlmi_course import metrics, plots
from mlmi_course.questions import u14_weak_labels as q

# %%
### BEGIN SOLUTION
what_changes = {
    "A": "down d", "B": "same b", "C": "up f", "D": "same a", "E": "down c", "F": "same e"
}  # fmt: skip
### END SOLUTION

# %%
q.what_changes.check(what_changes)

# %% [markdown]
# Stuck? Delete the `#` in the next cell and run it. Run it again for the next hint.

# %%
# q.what_changes.hint()

# %% [markdown]
# Draw the measured changes after you have answered.

# %%
q.what_changes.show(what_changes)

# %% [markdown]
# ## From parts to bags (9 min)
#
# The lecture pooled bags of 16 parts each. In a real archive scans differ in their number of parts, and all of them stand in one long table. Write `bag_probability`. It gets, for each of m parts,
#
# - `logits`: what a model says before the sigmoid, from −800 to 800;
# - `bags`: the number of its bag, 0, 1, 2 …, in any order;
# - `heard`: its attention score, before the softmax, from −900 to 900.
#
# `how` is `"mean"`, `"max"`, `"noisy-or"` or `"attention"`, as in the lecture's table. Return an array with one probability for each bag from 0 to the largest number; a bag without parts gets 0.
#
# Two things to watch. The softmax of attention belongs to one bag. And nothing may break down for very large logits, where $e^z$ is no number any more; for noisy-or one may add logarithms, since $\log(1 - p) = -\log(1 + e^{z})$, which is `-np.logaddexp(0, z)`.


# %%
def bag_probability(logits, bags, heard, how):
    """Return the probability of each bag."""
    ### BEGIN SOLUTION
    from scipy.special import expit, softmax

    found = []
    for number in range(bags.max() + 1):
        z = logits[bags == number]
        if not len(z):
            found.append(0.0)
        elif how == "mean":
            found.append(expit(z).mean())
        elif how == "max":
            found.append(expit(z).max())
        elif how == "noisy-or":
            found.append(-np.expm1(-np.logaddexp(0, z).sum()))
        else:
            found.append(expit((softmax(heard[bags == number]) * z).sum()))
    return np.array(found)
    ### END SOLUTION


# %%
q.bag_probability.check(bag_probability)

# %%
# q.bag_probability.hint()

# %% [markdown]
# ## Mend a test against noisy labels (10 min)
#
# Your test labels come from reports. On a few hundred patients a panel has looked again, so you know the reports' **noise matrix**: `noise[t, l]` is the chance that a patient of true class t has the label l in the report; each row
# adds up to 1. For a new model you count a table `observed`: rows are the model's answers, columns the labels. If report and model err independently, then for every answer a
#
# $$ \text{observed}_{a l} = \sum_t \text{table}_{a t} \; \text{noise}_{t l} $$
#
# where `table` has the *true* classes as its columns, which is what you want. A colleague "takes the noise into account":


# %%
def colleagues_corrected(observed, noise):
    """Return the table with true classes, accuracy, and sensitivity of each class."""
    table = observed @ noise
    return {
        "table": table,
        "accuracy": np.trace(table) / table.sum(),
        "sensitivity": np.diag(table) / table.sum(axis=1),
    }


# %% [markdown]
# With her function every model looks worse than before. Write `corrected` as it should be, for two or more classes. In the table, entries that come out below 0 by chance become 0; accuracy and the sensitivity of each class are
# computed after that (each class has some patients). The **sensitivity** of a class is the share of those who truly have it that the model finds.


# %%
# leak-ok: it stands beside the faulty function that is to be mended
def corrected(observed, noise):
    """Return the table with true classes, accuracy, and sensitivity of each class."""
    ### BEGIN SOLUTION
    table = np.maximum(observed @ np.linalg.inv(noise), 0)
    return {
        "table": table,
        "accuracy": np.trace(table) / table.sum(),
        "sensitivity": np.diag(table) / table.sum(axis=0),
    }
    ### END SOLUTION


# %%
q.corrected.check(corrected)

# %%
# q.corrected.hint()

# %% tags=["solution", "nbval-check-output"]
from mlmi_course.checks import result

seen = np.array([[520.0, 130.0], [60.0, 110.0]])
reports = np.array([[0.95, 0.05], [0.35, 0.65]])
result("sensitivity against the reports", float(seen[1, 1] / seen[:, 1].sum()))
result("against the truth", float(corrected(seen, reports)["sensitivity"][1]))

# %% [markdown]
# ## Five counters (9 min)
#
# Five companies have counted the same 60 patients. `five_counters` gives each one's maps and the true masks, in which a space is one pixel.

# %%
maps, masks = q.five_counters()
plots.montage(
    [masks[3], *(maps[name][3] for name in "ABCDE")],
    titles=["truth", *"ABCDE"],
    columns=6,
    same_scale=False,
    alt="The mask of one patient and the maps of five networks.",
)

# %% [markdown]
# For each network say two words. The first: is its **count** (the sum of its map) `right`, which here means an ICC(A,1) with the true count of 0.75 or more, or `wrong`? The second: is its **place** `right`, which means that the AUC of the map's pixels against
# the mask, *taken for each patient and averaged over the 60*, is 0.7 or more? Measure it; your eye will not do.
#
# Write `{"A": "right wrong", "B": …}`.

# %%
### BEGIN SOLUTION
from sklearn.metrics import roc_auc_score

verdicts = {}
for name, own in maps.items():
    pair = np.column_stack([own.sum(axis=(1, 2)), masks.sum(axis=(1, 2))])
    place = np.mean([roc_auc_score(m.ravel(), o.ravel()) for m, o in zip(masks, own, strict=True)])
    right = {"count": metrics.icc(pair) >= 0.75, "place": place >= 0.7}
    verdicts[name] = " ".join("right" if yes else "wrong" for yes in right.values())
### END SOLUTION

# %%
q.verdicts.check(verdicts)

# %%
# q.verdicts.hint()

# %% [markdown]
# ## Two libraries, one mask (6 min)
#
# To count spaces in a map, one cuts it at a threshold and counts the pieces of the mask. Two papers did so, one by `scipy.ndimage.label`, the other by `skimage.measure.label`, both with the defaults. [Which pixels are neighbours](../docs/conventions.md#neighbours-of-a-pixel) is not the
# same there.
#
# Write `both_counts`. `mask` is an image or a volume of 0 and 1. Mind the defaults in three dimensions. Return `{"scipy": …, "scikit-image": …}`: the number of pieces by each one's default, where only pieces of at least `smallest` pixels (voxels) count.


# %%
def both_counts(mask, smallest):
    """Return the number of pieces as each library counts them."""
    ### BEGIN SOLUTION
    from scipy import ndimage
    from skimage import measure

    labelled = {"scipy": ndimage.label(mask)[0], "scikit-image": measure.label(mask)}
    return {
        name: int((np.bincount(pieces.ravel())[1:] >= smallest).sum())
        for name, pieces in labelled.items()
    }
    ### END SOLUTION


# %%
q.both_counts.check(both_counts)

# %%
# q.both_counts.hint()

# %% [markdown]
# ## A paper (8 min)
#
# From the methods of a paper (which we made up) on a network that counts perivascular spaces in 900 scans of 700 people:
#
# > **A.** Only counts of whole scans were used for training; nobody marked a place.
# > **B.** All scans of a person were put into the same part, training, validation or test.
# > **C.** The network's counts differ from the reader's by 0.1 spaces on average (p = 0.8), which shows that they can replace each other.
# > **D.** For localisation the map was cut at the threshold that gave the best F1 on the 100 test people, on whom we report it: 0.71.
# > **E.** Where the report gives a range, such as 10 to 20, the loss is zero for any answer within it.
# > **F.** To judge the maps, a reader was shown the network's marks, moved or deleted wrong ones, and added what was missing. The network found 96 % of the resulting spaces.
# > **G.** A mark within 3 mm of a space counts as a hit; we fixed this before, because the readers' own clicks differ by up to 2 mm.
# > **H.** As others have found of readers' counts, the network's are higher in people with high blood pressure (by 3 spaces, p < 0.001). So it is the spaces that it counts.
# > **I.** On 100 people two readers agreed with an ICC(A,1) of 0.78 [0.69, 0.85], and the network with each of them with 0.76 [0.66, 0.83] and 0.75 [0.65, 0.83].
# > **J.** For *many spaces, yes or no* we compared two networks against the reports, which are wrong in about a fifth of the people, mostly where scans are noisy. The second was better (accuracy 0.79 against 0.76), so we chose it.
#
# Which sentences would you not let pass? Put their letters into `faults`, in the order of the alphabet, such as `"AC"`.

# %%
### BEGIN SOLUTION
faults = "CDFHJ"
### END SOLUTION

# %%
q.faults.check(faults)

# %%
# q.faults.hint()

# %% [markdown]
# The vendor of such a network offers you one of two things for your own check: counts of another 2,000 scans by its reader, or 40 of your scans in which two of your radiologists, who have not seen the network's map, marked every space. Which do you take, and why? Two or three sentences. (A person marks them.)

# %%
### BEGIN SOLUTION
one_question = """
The forty. More counts by the same reader cannot tell a network that counts spaces from one that measures what
goes along with them, and they share her habits. Marks by others who had not seen the map test the places, and two
readers show how well anybody can do. Forty scans make the interval of the count wide, but the question is not the count.
"""
### END SOLUTION

# %%
q.one_question.check(one_question)

# %%
# q.one_question.hint()

# %% [markdown]
# ## Fifty strong or five hundred weak (10 min)
#
# You have some money for labels. An outline of the emphysema in one scan costs 20 euros; a grade costs 2, but the readers who grade must first be trained, once, for 200. Two small **pilots** have been made, one with each kind: a network was trained on a few sizes
# n of training set, and its error (root mean square, on people with careful measurements) was noted. For either kind the error is expected to go as
#
# $$ \text{error}^2 = a + \frac{b}{n}. $$
#
# Here $b$ is what more patients take away, and $a$ is what they do not, such as a habit of whoever made the labels. Fit both by one straight line of error² against 1/n (`np.polyfit`, unweighted). If the fitted $a$ is below 0, take 0 and leave $b$ as it is; $b$ is always above 0 here.
#
# Write `buy`. `prices` is `{"strong": (set-up, price of a label), "weak": (…)}`, `pilots` is `{"strong": array (m, 2) with the columns n and error, "weak": …}`. The set-up is paid first and the rest goes into labels of **one** kind; there are no parts of labels. Return the better plan as
# `{"kind": …, "patients": …, "error": …}`, with the number of labels and the error to be expected. If no label of a kind can be paid, its error is infinite; at least one kind can always be paid, and there are no ties.


# %%
def buy(budget, prices, pilots):
    """Return which labels to buy, how many, and the error to be expected."""
    ### BEGIN SOLUTION
    plans = []
    for kind, (start, price) in prices.items():
        n = max(int((budget - start) // price), 0)
        sizes, errors = pilots[kind].T
        b, a = np.polyfit(1 / sizes, errors**2, 1)
        error = np.sqrt(max(a, 0) + b / n) if n else np.inf
        plans.append({"kind": kind, "patients": n, "error": error})
    return min(plans, key=lambda plan: plan["error"])
    ### END SOLUTION


# %%
q.buy.check(buy)

# %%
# q.buy.hint()

# %% [markdown]
# What your function buys, for two kinds of reader: one whose grades are only vague, and one who has a habit.

# %%
q.buy.show(buy)

# %% [markdown]
# ## A loss for ranges of counts (8 min, deeper)
#
# Reports say *none*, *1 to 10*, *11 to 20*, *more than 20*. Write `interval_loss` for answers of a network and the ends of each report's range, three arrays of length n; `high` is `np.inf` where there is no upper end.
#
# The loss of a scan is the **square** of the distance from the answer to the nearest value of the range, 0 inside. Return `{"loss": the mean over the n scans, "slope": its derivative by each answer, an array}`.


# %%
def interval_loss(answers, low, high):
    """Return the loss and its derivative by each answer."""
    ### BEGIN SOLUTION
    off = answers - np.clip(answers, low, high)
    return {"loss": (off**2).mean(), "slope": 2 * off / len(off)}
    ### END SOLUTION


# %%
q.interval_loss.check(interval_loss)

# %%
# q.interval_loss.hint()

# %% [markdown]
# ## Which pseudo-labels to believe (9 min, deeper)
#
# A colleague believes her model in everything:


# %%
def colleagues_keep(p_held, y_held, p_new, purity):
    """Return a pseudo-label for every new patient."""
    return (p_new >= 0.5).astype(int)


# %% [markdown]
# Write `keep_sure`. `p_held` are the model's probabilities for *held-out* patients and `y_held` their true labels, 0 or 1; `p_new` those for unlabelled patients. How **sure** the model is of a patient is the larger of p and 1 − p, and it says 1 where p is 0.5 or more.
#
# Try the values of sureness that occur among the held-out patients as thresholds. A threshold passes if at least **five** held-out patients are at least as sure, and the share of them that the model has right is `purity` or more. Take the lowest that passes. Return an array: the pseudo-label of
# each new patient who is at least that sure, and −1 for the others. If no threshold passes, all are −1.


# %%
# leak-ok: it stands beside the faulty function that is to be mended
def keep_sure(p_held, y_held, p_new, purity):
    """Return pseudo-labels, and -1 for patients who are left out."""
    ### BEGIN SOLUTION
    sure_held, sure_new = np.maximum(p_held, 1 - p_held), np.maximum(p_new, 1 - p_new)
    right = (p_held >= 0.5) == y_held
    for threshold in np.unique(sure_held):
        among = sure_held >= threshold
        if among.sum() >= 5 and right[among].mean() >= purity:
            return np.where(sure_new >= threshold, p_new >= 0.5, -1)
    return np.full(len(p_new), -1)
    ### END SOLUTION


# %%
q.keep_sure.check(keep_sure)

# %%
# q.keep_sure.hint()

# %% [markdown]
# ## Stretch: how many flips make up for one label?
#
# Labels that are flipped at random cost patients. How many patients with 30 % flips are worth 100 clean ones? Write `auc_of`, which draws `patients` training patients with five features (unit variance; their means differ by 0.5 between the two classes, half of the patients each), flips a share of the labels at random, takes the *difference of the two class
# means* for a direction, and returns the AUC on 4,000 clean patients, averaged over `repeats`. There is no check; the answer is in the solution. Guess first.


# %%
def auc_of(patients, share, repeats=60):
    """Return the mean AUC on clean patients, trained on labels of which a share is flipped."""
    ### BEGIN SOLUTION
    rng = np.random.default_rng(0)
    found = []
    for _ in range(repeats):
        y = np.arange(patients) % 2
        x = rng.normal(size=(patients, 5)) + 0.5 * y[:, None]
        label = np.where(rng.random(patients) < share, 1 - y, y)
        direction = x[label == 1].mean(axis=0) - x[label == 0].mean(axis=0)
        new_y = np.arange(4000) % 2
        score = (rng.normal(size=(4000, 5)) + 0.5 * new_y[:, None]) @ direction
        ranks = score.argsort().argsort() + 1
        found.append((ranks[new_y == 1].sum() - 2000 * 2001 / 2) / 2000**2)
    return float(np.mean(found))
    ### END SOLUTION


# %%
# print({n: round(auc_of(n, 0.3), 3) for n in (100, 200, 400, 600, 800)}, auc_of(100, 0.0))

# %% tags=["solution", "nbval-check-output"]
result("100 clean patients: AUC", auc_of(100, 0.0))
for patients in (100, 300, 600, 900):
    result(f"{patients} patients, 30 % flipped: AUC", auc_of(patients, 0.3))

# %% [markdown] tags=["solution"]
# **Answer.** About six times as many. Flips shrink the difference of the class means to 1 − 2ε = 0.4 of its size while the scatter stays, so the signal in each patient is 0.16 of what it was, and 1/0.16 is about six. At 40 % it would be 25 times as many. A habit of the reader can be made up for by no number.

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
