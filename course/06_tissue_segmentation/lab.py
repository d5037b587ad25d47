# %% [markdown]
# ## What spoils a threshold? (8 min)
#
# You are the physicist of an imaging group. In this lab you predict, mend what colleagues wrote, audit a published table, and decide whom to label.
#
# **Predict first.** The brain of a T1 slice, without fluid: 10,000 pixels of grey matter around 220 and 10,000 of white matter around 300, with noise of 18. Otsu's threshold
# calls what lies above it white. Five things may happen, one at a time:
#
# - **A.** The gain of the scanner rises: all values are multiplied by 2.5.
# - **B.** White matter is rare: 2 % of the pixels instead of half.
# - **C.** As many pixels of air, with values near 0, are in the image too.
# - **D.** The pixels are shuffled: same values and labels, random places.
# - **E.** A field over the image multiplies by 0.8 on one side, up to 1.2 on the other.
#
# Will the Dice of white matter go `up` or `down`, or stay the `same` (within 0.03)? And why? Choose the letter of the reason that fits best:
#
# - `a` the same tissue has different values in different places
# - `b` only the histogram counts
# - `c` the threshold moves along with the values
# - `d` there are more groups than classes
# - `e` a large group draws the threshold into itself
# - `f` fewer pixels are less certain
#
# Write both as one text, for each of the five: `{"A": "up d", "B": …}`.

# %%
import mlmi_course
import numpy as np

from mlmi_course import plots
from mlmi_course.questions import u06_tissue_segmentation as q

# %%
### BEGIN SOLUTION
what_moves = {"A": "same c", "B": "down e", "C": "down d", "D": "same b", "E": "down a"}
### END SOLUTION

# %%
q.what_moves.check(what_moves)

# %% [markdown]
# Stuck? Delete the `#` in the next cell and run it. Run it again for the next hint.

# %%
# q.what_moves.hint()

# %% [markdown]
# The five Dices, drawn after you have answered.

# %%
q.what_moves.show(what_moves)

# %% [markdown]
# ## EM with a map (10 min)
#
# In the lecture EM had one number a pixel, and the same shares $\pi_k$ everywhere. Clinical programs have several sequences, and an atlas that says how likely each tissue is *at this place*. So each pixel $i$ has a row of priors $\pi_{ik}$ of its own, and each class a mean vector $\mu_k$ and a covariance matrix $\Sigma_k$.
#
# Write `em_turn`: one E step, then one M step. The priors come from the atlas and stay as they are.
#
# $$ r_{ik} = \frac{\pi_{ik}\, \mathcal N(x_i; \mu_k, \Sigma_k)}{\sum_j \pi_{ij}\, \mathcal N(x_i; \mu_j, \Sigma_j)}, \qquad
# \mu_k' = \frac{\sum_i r_{ik}\, x_i}{\sum_i r_{ik}}, \qquad
# \Sigma_k' = \frac{\sum_i r_{ik}\, (x_i - \mu_k')(x_i - \mu_k')^T}{\sum_i r_{ik}} $$
#
# - `values` has shape (n, d), `prior` (n, K), `means` (K, d), `covariances` (K, d, d). Each row of `prior` adds up to 1; some entries may be 0.
# - Return a dictionary with `"means"`, `"covariances"` (the new ones) and `"log_likelihood"`, the mean of $\ln \sum_k \pi_{ik} \mathcal N(x_i; \mu_k, \Sigma_k)$ with the *old* parameters.
# - A pixel may lie so far from all classes that every density is 0 in floating point. Its responsibilities are defined all the same, so compute with logarithms.


# %%
def em_turn(values, prior, means, covariances):
    """Return new means, new covariances and the log-likelihood after one turn of EM."""
    from scipy.special import logsumexp
    from scipy.stats import multivariate_normal

    ### BEGIN SOLUTION
    bells = zip(means, covariances, strict=True)
    likely = [multivariate_normal.logpdf(values, m, c) for m, c in bells]
    with np.errstate(divide="ignore"):  # the logarithm of a prior of 0
        joint = np.log(prior) + np.stack(likely, axis=1)
    total = logsumexp(joint, axis=1)
    r = np.exp(joint - total[:, np.newaxis])
    n = r.sum(axis=0)
    new = r.T @ values / n[:, np.newaxis]
    spread = []
    for k in range(len(n)):
        away = values - new[k]
        spread.append((r[:, k, np.newaxis] * away).T @ away / n[k])
    return {"means": new, "covariances": np.array(spread), "log_likelihood": total.mean()}
    ### END SOLUTION


# %%
q.em_turn.check(em_turn)

# %%
# q.em_turn.hint()

# %% tags=["solution"]
from warnings import catch_warnings, simplefilter

from sklearn.mixture import GaussianMixture

from mlmi_course.checks import result

rng = np.random.default_rng(0)
centres = ((90, 240, 200), (200, 120, 180), (280, 90, 150))
three = np.concatenate([rng.normal(m, 10, (200, 3)) for m in centres])
start, wide = three[[0, 200, 400]], np.tile(400.0 * np.eye(3), (3, 1, 1))
mixture = GaussianMixture(
    3, weights_init=[1 / 3] * 3, means_init=start, precisions_init=np.linalg.inv(wide),
    reg_covar=0, max_iter=1,
)  # fmt: skip
with catch_warnings():
    simplefilter("ignore")  # one turn is not convergence
    mixture.fit(three)

# %% tags=["solution", "nbval-check-output"]
ours = em_turn(three, np.full((600, 3), 1 / 3), start, wide)
result(
    "equal priors, one turn: largest difference from scikit-learn's means",
    float(np.abs(ours["means"] - mixture.means_).max()),
    at_most=1e-8,
)

# %% [markdown]
# ## Mend a Markov prior (10 min)
#
# A colleague smooths the classes of a whole *volume*. It flickers and never settles, the top slice of the head grows spots of neck, and in a scan with thick slices whole slices vanish.


# %%
def colleagues_settle(cost, beta, spacing):
    """Return the class of each voxel after three rounds."""
    labels = cost.argmin(axis=-1)
    for _ in range(3):
        votes = np.zeros(cost.shape)
        for axis in range(3):
            for step in (-1, 1):
                other = np.roll(labels, step, axis)
                votes += other[..., np.newaxis] == np.arange(cost.shape[-1])
        labels = (cost - beta * votes).argmin(axis=-1)
    return labels


# %% [markdown]
# Three things are wrong. Write `settle` as it should be:
#
# - `cost` has shape (z, y, x, K): $-\ln p$ of each class; `spacing` is that of the axes, in mm. Start with the cheapest class of each voxel, as the colleague does.
# - A voxel has up to six neighbours, and fewer at the border of the volume.
# - A pair of neighbours with different classes costs `beta` times a weight: the smallest of the three spacings, divided by the spacing along the pair's axis. So the nearest neighbours weigh 1, and those that are twice as far away 0.5.
# - Make three rounds. In each, first the voxels whose three indices have an *even* sum take the class that is cheapest while their neighbours stay, then those with an odd sum, which see what the even ones have become.


# %%
# leak-ok: it stands beside the faulty function that is to be mended
def settle(cost, beta, spacing):
    """Return the class of each voxel after three rounds."""
    ### BEGIN SOLUTION
    spacing = np.asarray(spacing, float)
    labels = cost.argmin(axis=-1)
    odd = np.indices(labels.shape).sum(axis=0) % 2
    for half in (0, 1) * 3:
        votes = np.zeros(cost.shape)
        for axis in range(3):
            pad = [(1, 1) if a == axis else (0, 0) for a in range(3)]
            padded = np.pad(labels, pad, constant_values=-1)
            for first in (0, 2):
                place = np.arange(first, first + labels.shape[axis])
                other = np.take(padded, place, axis)
                same = other[..., np.newaxis] == np.arange(cost.shape[-1])
                votes += spacing.min() / spacing[axis] * same
        labels = np.where(odd == half, (cost - beta * votes).argmin(axis=-1), labels)
    return labels
    ### END SOLUTION


# %%
q.settle.check(settle)

# %%
# q.settle.hint()

# %% [markdown]
# ## Mend an evaluation (9 min)
#
# The features of pixels from a few subjects, `features` (n, 3), their `labels` (0 or 1), and the number of the subject of each pixel, `subjects`. A colleague reports how good a nearest-neighbour classifier is:


# %%
def colleagues_score(features, labels, subjects):
    """Return how good the classifier is."""
    from sklearn.model_selection import KFold, cross_val_predict
    from sklearn.neighbors import KNeighborsClassifier

    scaled = (features - features.mean(axis=0)) / features.std(axis=0)
    folds = KFold(5, shuffle=True, random_state=0)
    found = cross_val_predict(KNeighborsClassifier(5), scaled, labels, cv=folds)
    return (found == labels).mean()


# %% [markdown]
# What would it do on the *next* subject, and how sure are we? Write `held_back`, with the same classifier (`KNeighborsClassifier(5)`):
#
# - Each subject is tested once, by a classifier that was trained on all the others.
# - Features are scaled to mean 0 and standard deviation 1, with numbers that the tested subject has no part in.
# - Return a dictionary: `"dice"`, a list with the Dice of class 1 for each subject, in ascending order of the subjects' numbers; `"mean"`, their mean; `"low"` and `"high"`, the 95 % interval of that mean by Student's t: $\text{mean} \pm t_{0.975,\, n-1}\, s / \sqrt n$, where $s$ is the standard deviation with $n - 1$. (With few subjects it may reach beyond 1; leave it as it is.)


# %%
# leak-ok: it stands beside the faulty function that is to be mended
def held_back(features, labels, subjects):
    """Return Dice by subject, their mean, and its 95 % interval."""
    from scipy import stats
    from sklearn.model_selection import LeaveOneGroupOut, cross_val_predict
    from sklearn.neighbors import KNeighborsClassifier
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    ### BEGIN SOLUTION
    model = make_pipeline(StandardScaler(), KNeighborsClassifier(5))
    found = cross_val_predict(model, features, labels, groups=subjects, cv=LeaveOneGroupOut())
    dice = []
    for one in np.unique(subjects):
        a, b = labels[subjects == one] == 1, found[subjects == one] == 1
        dice.append(float(2 * (a & b).sum() / (a.sum() + b.sum())))
    n, mean = len(dice), float(np.mean(dice))
    half = float(stats.t.ppf(0.975, n - 1) * np.std(dice, ddof=1) / np.sqrt(n))
    return {"dice": dice, "mean": mean, "low": mean - half, "high": mean + half}
    ### END SOLUTION


# %%
q.held_back.check(held_back)

# %%
# q.held_back.hint()

# %% [markdown]
# ## Four columns of one table (11 min)
#
# Two ways to outline the hippocampus were compared, with features by hand and with features that were learnt (independent subspace analysis, ISA). This is the table as a lecture on deep learning for medical images printed it (M. Rezaei, Potsdam, 2017); we have not seen the paper behind it, so what you find is about the table.
#
# | | P | R | RO | SI |
# |---|---|---|---|---|
# | features by hand | 0.843 | 0.847 | 0.772 | 0.865 |
# | learnt features | 0.883 | 0.881 | 0.819 | 0.894 |
#
# With the common voxels $c$ of truth $A$ and result $B$: P (precision) is $c / \lvert B \rvert$, R (recall) is $c / \lvert A \rvert$, RO (**relative overlap**, the IoU of unit 02) is $c$ over the voxels of either, and SI (**similarity index**) is another name of Dice. *For one case* two of these numbers decide the others:
#
# $$ SI = \frac{2 P R}{P + R}, \qquad RO = \frac{SI}{2 - SI}. $$
#
# *For means* of several cases equality is lost, but a direction is left. Find it, by theory or by making up cases, and write `contradictions`. It gets the four printed means and returns a text with the letters of the rules that are broken, in order (`""` if none, `"AC"` if two):
#
# - `A`: the mean SI cannot stand with the means of P and R. (Find the sharpest rule that uses only $2PR / (P + R)$ of the two means.)
# - `B`: the mean RO is impossible with the mean SI, because it is on the wrong side of $SI / (2 - SI)$ of the mean.
# - `C`: the mean RO is larger than the mean SI, although no case allows that.
#
# The means are rounded to three digits, so each lies within 0.0005 of what is printed. A rule is broken only if it is broken *whatever* the digits that were cut off.


# %%
def contradictions(p, r, ro, si):
    """Return the letters of the rules that four means break."""
    ### BEGIN SOLUTION
    half, letters = 0.0005, ""
    if si - half > 2 * (p + half) * (r + half) / (p + r + 2 * half):
        letters += "A"
    if ro + half < (si - half) / (2 - (si - half)):
        letters += "B"
    if ro - half > si + half:
        letters += "C"
    return letters
    ### END SOLUTION


# %%
q.contradictions.check(contradictions)

# %%
# q.contradictions.hint()

# %% [markdown]
# Now the two rows. Which of these statements *hold*, by what you can compute or construct?
#
# > **A.** In both rows, P, R and SI cannot all be means over the same cases.
# > **B.** In at least one row, RO and SI cannot both be means over the same cases.
# > **C.** So SI is the column that is wrong.
# > **D.** If RO and SI are means over the same cases, these cases did not all have the same SI.
# > **E.** P and R computed from the voxels of all cases together, beside an SI averaged over cases, could give such rows.
# > **F.** So the gain of the learnt features is not real.
# > **G.** In one of the rows SI is the harmonic mean of P and R.
# > **H.** Without the SI column, the upper row could be means over the same cases.
#
# Put the letters of those that hold into `what_holds`, in the order of the alphabet, such as `"BCG"`.

# %%
### BEGIN SOLUTION
what_holds = "ADEH"
### END SOLUTION

# %%
q.what_holds.check(what_holds)

# %%
# q.what_holds.hint()

# %% [markdown]
# And what would you ask the authors for, and why would it settle the matter? One or two sentences. (A person marks them.)

# %%
### BEGIN SOLUTION
to_the_authors = """
The counts TP, FP and FN of each case, or P, R and SI of each case, as a supplement. The
identities hold case by case, so one could average oneself, and would see at once whether
some column was computed from all voxels together or over other cases.
"""
### END SOLUTION

# %%
q.to_the_authors.check(to_the_authors)

# %%
# q.to_the_authors.hint()

# %% [markdown]
# ## Two libraries, one lesion (4 min)
#
# A scan of 30 × 40 × 20 voxels of 2 × 1 × 1 mm holds a bright lesion of exactly 10 × 12 × 10 voxels (value 400, all else 100). One program marks it by `image > threshold_otsu(image)` of scikit-image. Another takes the mask that `SimpleITK.OtsuThreshold(image)` returns, and multiplies the sum of that mask with the size of a voxel.
#
# What do they report? The page [Same name, different number](../docs/conventions.md#otsu-which-side-is-inside) has a row about it. Write `{"A": …, "B": …, "C": …}`:
# `A` the volume from scikit-image in ml, `B` the volume from SimpleITK in ml, `C` the Dice of the two masks.

# %%
### BEGIN SOLUTION
two_libraries = {"A": 2.4, "B": 45.6, "C": 0.0}
### END SOLUTION

# %%
q.two_libraries.check(two_libraries)

# %%
# q.two_libraries.hint()

# %% [markdown]
# ## Whom to label? (8 min)
#
# A memory clinic wants to outline the hippocampus of its next 120 patients. It can let an expert label 3, 6 or 12 subjects (3 hours each) to train a forest; and it can take a forest with a second look, whose setting up takes 6 hours. That makes six options:
#
# | option | 0 | 1 | 2 | 3 | 4 | 5 |
# |---|---|---|---|---|---|---|
# | labelled subjects | 3 | 6 | 12 | 3 | 6 | 12 |
# | second look | no | no | no | yes | yes | yes |
#
# A patient whose Dice is below 0.70 must be mended by hand, which takes the expert 0.75 hours. (Somebody looks at every outline anyway, so failures are found.) Each clinic has run a pilot: ten subjects with known outlines, on whom all six options were tried. Scanners and patients differ, so what is best in one clinic need not be in the next.

# %%
dice, hours = q.pilots(200)
print("Dice of ten pilot subjects in the first clinic, option 4:", dice[0, 4])
print("hours that the six options will really cost it:", hours[0].round(1))

# %% [markdown]
# Write `whom_to_label`. It gets the pilots of n clinics, an array of shape (n, 6, 10), and returns n numbers from 0 to 5: the option that each clinic should take, so that its expert loses as little time as possible. You may use the 200 clinics above to try it. It is judged on 3,000 others, by the share of the hours that can be saved against option 4 for everybody:
# 1 would need a crystal ball, 0.65 and less earns nothing, all points need 0.785.


# %%
def whom_to_label(dice):
    """Return the number of the option that each clinic should take."""
    from scipy import stats

    ### BEGIN SOLUTION
    labelled, second = np.array([3, 6, 12, 3, 6, 12]), np.array([0, 0, 0, 1, 1, 1])
    spread = dice.std(axis=2, ddof=1).clip(0.01)
    failing = stats.norm.cdf((0.70 - dice.mean(axis=2)) / spread)
    return (3 * labelled + 6 * second + 120 * 0.75 * failing).argmin(axis=1)
    ### END SOLUTION


# %%
q.whom_to_label.check(whom_to_label)

# %%
# q.whom_to_label.hint()

# %% [markdown]
# ## Three classes by Otsu (8 min, deeper)
#
# Two thresholds instead of one: Otsu's method for three classes takes the pair of cuts that makes $\sum_c n_c\, (\mu_c - \mu)^2$ largest, with $n_c$ pixels of mean $\mu_c$ in class $c$, and $\mu$ the mean of all.
#
# Write `two_cuts`. It gets a histogram: `counts` and the `centres` of its bins (30 to 40 of them). Return a list of two numbers, ascending: for each cut the centre of the *last* bin below it, as scikit-image does. No class may be empty. Where several pairs are equally good, which happens beside an empty bin, take the lowest cuts.


# %%
def two_cuts(counts, centres):
    """Return the centres of the last bins of the lower and of the middle class."""
    import itertools

    ### BEGIN SOLUTION
    centres = np.asarray(centres, float)
    n, s = (np.concatenate([[0], np.cumsum(v)]) for v in (counts, counts * centres))
    mean, best, cuts = s[-1] / n[-1], -1.0, []
    for i, j in itertools.combinations(range(1, len(centres)), 2):
        ends = [0, i, j, len(centres)]
        sizes, sums = np.diff(n[ends]), np.diff(s[ends])
        if sizes.min() > 0:
            apart = (sizes * (sums / sizes - mean) ** 2).sum()
            if apart > best:
                best, cuts = apart, [float(centres[i - 1]), float(centres[j - 1])]
    return cuts
    ### END SOLUTION


# %%
q.two_cuts.check(two_cuts)

# %%
# q.two_cuts.hint()

# %% [markdown]
# ## Really closed (9 min, deeper)
#
# The lecture walks three times round and takes the middle round, which is *nearly* always a closed contour. Write `closed_contour`, which is exact. `cost` has a row for each ray and a column for each radius. A contour takes one column on each ray, and changes by one column at most from each ray to the next, *and from the last ray to the first*. Return the smallest possible sum of costs.


# %%
def closed_contour(cost):
    """Return the cost of the cheapest closed contour."""
    ### BEGIN SOLUTION
    best = np.inf
    for start in range(cost.shape[1]):
        total = np.full(cost.shape[1], np.inf)
        total[start] = cost[0, start]
        for row in cost[1:]:
            padded = np.pad(total, 1, constant_values=np.inf)
            total = np.minimum(np.minimum(padded[:-2], padded[1:-1]), padded[2:]) + row
        best = min(best, total[max(0, start - 1) : start + 2].min())
    return float(best)
    ### END SOLUTION


# %%
q.closed_contour.check(closed_contour)

# %%
# q.closed_contour.hint()

# %% [markdown]
# ## Stretch: how much did the cases differ?
#
# Take the upper row's RO and SI at their word: 0.772 and 0.865. If the SI of the cases scatters symmetrically around its mean, how large is its standard deviation? Write `scatter`, which returns it. There is no check; the answer is in the solution. Guess first, then delete the `#` and run the cell after it.


# %%
def scatter(ro, si):
    """Return the standard deviation of SI over cases that these two means imply."""
    ### BEGIN SOLUTION
    rng = np.random.default_rng(0)
    z = rng.standard_normal(20_000)
    z = np.concatenate([z, -z]) / z.std()
    z = np.clip(z, -3, 3)
    for sd in np.arange(0, 0.2, 0.001):
        cases = np.clip(si + sd * z, 0, 1)
        cases += si - cases.mean()  # clipping at 1 would move the mean
        if (cases / (2 - cases)).mean() >= ro:
            return float(sd)
    return float("nan")
    ### END SOLUTION


# %%
# print(scatter(0.772, 0.865), scatter(0.819, 0.894))

# %% tags=["solution", "nbval-check-output"]
result("upper row: standard deviation of SI", scatter(0.772, 0.865), within=(0.075, 0.1))
result("lower row", scatter(0.819, 0.894), within=(0.075, 0.12))

# %% [markdown] tags=["solution"]
# **Answer.** About 0.09 in both rows: $s / (2 - s)$ is curved, and the mean of RO exceeds the curve at the mean by about half its second derivative, $2 / (2 - s)^3$, times the variance. For hippocampi of one study that is a lot, but it is possible: so RO and SI can be means of the same cases if these differed about that much.

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
