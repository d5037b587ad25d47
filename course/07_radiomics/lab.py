# %% [markdown]
# ## What changes a contrast? (8 min)
#
# You are the engineer of an imaging group, and a table of radiomic features is to decide which tumours
# are biopsied. In this lab you predict, mend what others wrote, find what is wrong in a paper, and at
# the end build a texture measure that must work on scanners which you have never seen.
#
# Everywhere a **level** is a grey level after binning: 1, 2, 3 … inside the region, and 0 outside it.
#
# **Predict first.** A region in CT, 16 voxels on a side, has a smooth texture. Its levels are bins of
# 25 HU that begin at −1000 HU. You compute the contrast of its GLCM, as the lecture does: the mean of
# thirteen directions. Five things may happen, one at a time:
#
# - **A.** All voxels become 50 HU brighter.
# - **B.** The voxels of the region are shuffled: same values, random places.
# - **C.** The bins are 50 HU wide.
# - **D.** Half of the region is cut off; the tissue is the same.
# - **E.** The dose is lower, so that noise of 40 HU is added.
#
# Will the contrast go `up` or `down`, or stay the `same` (within a tenth)? And why? Choose the letter of the
# reason that fits best:
#
# - `a` both neighbours move by the same number of levels
# - `b` the same difference in HU is fewer levels
# - `c` neighbours become less alike
# - `d` brighter voxels differ more
# - `e` counts are divided by the number of pairs
# - `f` there are fewer pairs to count
#
# Write both as one text, for each of the five: `{"A": "up d", "B": …}`.

# %%
import mlmi_course
import numpy as np

from mlmi_course import metrics, plots
from mlmi_course.questions import u07_radiomics as q

# %%
### BEGIN SOLUTION
what_changes = {"A": "same a", "B": "up c", "C": "down b", "D": "same e", "E": "up c"}
### END SOLUTION

# %%
q.what_changes.check(what_changes)

# %% [markdown]
# Stuck? Delete the `#` in the next cell and run it. Run it again for the next hint.

# %%
# q.what_changes.hint()

# %% [markdown]
# The contrasts of a simulated region. Draw them after you have answered.

# %%
q.what_changes.show(what_changes)

# %% [markdown]
# ## One matrix for all directions (10 min)
#
# The lecture computes features in each direction and averages *them*. Another package that you must
# reproduce adds up the *counts* of all directions first, and computes features once: this is the **merged**
# matrix. It also looks further than one voxel, and gives entropies in **nats** (natural logarithm).
#
# Write `merged`. `levels` is an image or a volume of whole numbers, 0 outside the region. At distance $d$, each
# of the lecture's 4 (or 13) steps is $d$ times as long: (0, 1) becomes (0, 2) for $d = 2$, and (1, −1) becomes (2, −2). Each pair counts
# in both orders, and only if both of its voxels lie in the region. With $p_{ij}$, the share of pairs of levels $i$ and $j$, return
#
# $$ \text{contrast} = \sum_{ij} (i - j)^2 \, p_{ij}, \qquad \text{entropy} = - \sum_{ij} p_{ij} \ln p_{ij} $$
#
# as `{"contrast": …, "entropy": …}`, with `nan` for both if there is no pair. Where a step
# is longer than the array, there is no pair in that direction. The lecture's `directions` and `beside` are of use, if you like to copy them; there are shorter ways.


# %%
def merged(levels, distance):
    """Return contrast and entropy of the matrix of all directions at this distance."""
    import itertools

    ### BEGIN SOLUTION
    counts = np.zeros((levels.max() + 1, levels.max() + 1))
    padded = np.pad(levels, distance)
    for step in itertools.product((-1, 0, 1), repeat=levels.ndim):
        if any(step):  # all 8 or 26 steps: each pair is met in both orders
            begin = [distance * (1 + s) for s in step]
            place = tuple(slice(b, b + n) for b, n in zip(begin, levels.shape, strict=True))
            both = (levels > 0) & (padded[place] > 0)
            np.add.at(counts, (levels[both], padded[place][both]), 1)
    if not counts.sum():
        return {"contrast": np.nan, "entropy": np.nan}
    p = counts / counts.sum()
    i, j = np.indices(p.shape)
    some = p[p > 0]
    return {"contrast": ((i - j) ** 2 * p).sum(), "entropy": -(some * np.log(some)).sum()}
    ### END SOLUTION


# %%
q.merged.check(merged)

# %%
# q.merged.hint()

# %% tags=["solution", "nbval-check-output"]
from mlmi_course.checks import result
from mlmi_course.phantoms.ibsi import digital_phantom

of_phantom = merged(digital_phantom(), 1)
result("contrast of the phantom, merged (published: 5.12)", float(of_phantom["contrast"]))
result("its entropy in bits (published: 2.57)", float(of_phantom["entropy"] / np.log(2)))

# %% [markdown]
# ## Mend the bins (8 min)
#
# A colleague turns Hounsfield units into levels. On her own computer two scans of one patient agree, but
# in the other hospital, where images are cut out with more air around the patient, all levels move. And where a metal clip lies in a
# tumour, everything goes wrong.


# %%
def colleagues_discretise(image, mask, width):
    """Return levels of bins of this width."""
    levels = np.rint((image - image.min()) / width)
    return levels.astype(int)


# %% [markdown]
# Write `discretise` as it should be. The first bin begins at `low`, which is the same for all patients, and only values of
# tissue count, from `low` up to `high` (the IBSI calls this **re-segmentation**):
#
# - Level 1 is from `low` up to `low + width`, its upper end not included; level 2 the next, and so on.
# - Voxels outside the mask get level 0.
# - Voxels inside it whose value is below `low`, or `high` or more, leave the region too: level 0.
# - Return whole numbers.


# %%
# leak-ok: it stands beside the faulty function that is to be mended
def discretise(image, mask, width, low, high):
    """Return levels of bins of this width that begin at `low`; 0 outside the region."""
    ### BEGIN SOLUTION
    levels = 1 + np.floor((image - low) / width)
    return np.where(mask & (image >= low) & (image < high), levels, 0).astype(int)
    ### END SOLUTION


# %%
q.discretise.check(discretise)

# %%
# q.discretise.hint()

# %%
q.discretise.show(discretise)

# %% [markdown]
# ## Mend a filter for repeatable features (8 min)
#
# Patients were scanned twice on one morning, and a second reader outlined the first scan again. So there are three
# tables with one row per patient and one column per feature: `first`, `second` (the other scan) and
# `outlined` (the other outline). A colleague keeps what "correlates":


# %%
def colleagues_steady(first, second, outlined):
    """Return the numbers of the features that can be measured again."""
    r = [np.corrcoef(first[:, j], second[:, j])[0, 1] for j in range(first.shape[1])]
    return [j for j, value in enumerate(r) if value >= 0.75]


# %% [markdown]
# Write `steady`, which returns the numbers of the columns that stay, ascending, as a list. With few patients
# an ICC may be high by luck, so be strict: the **lower end of the 95 % interval** of the ICC(A,1) must be 0.75 or more between the two scans, **and**
# between the two outlines of the first scan. `metrics.icc` takes an array with a column for each measurement; what it returns has
# `.low`. A column that is the same number everywhere says nothing, so it goes (and `metrics.icc` would refuse it).


# %%
# leak-ok: it stands beside the faulty function that is to be mended
def steady(first, second, outlined):
    """Return the numbers of the features that can be measured again."""
    from mlmi_course import metrics

    ### BEGIN SOLUTION
    stay = []
    for j in range(first.shape[1]):
        if np.ptp(first[:, j]) == 0:
            continue
        scans = metrics.icc(np.column_stack([first[:, j], second[:, j]]))
        outlines = metrics.icc(np.column_stack([first[:, j], outlined[:, j]]))
        if scans.low >= 0.75 and outlines.low >= 0.75:
            stay.append(j)
    return stay
    ### END SOLUTION


# %%
q.steady.check(steady)

# %%
# q.steady.hint()

# %% [markdown]
# ## Take volume and scanner out (9 min)
#
# A feature predicts how a tumour will grow. But the hospital has two scanners, one of which gives higher values, and the
# sicker patients were sent to it. Does the feature know more than the tumour's size *and* the scanner? Write `left_over`, a **partial rank correlation**:
#
# 1. Replace feature, volume and outcome by their ranks (`scipy.stats.rankdata`; equal values share a mean
#    rank). `scanner` is 0 or 1 for each patient and stays as it is.
# 2. Fit the feature's ranks by least squares from three columns together: a 1, the volume's ranks, the
#    scanner. Keep the residuals. Do the same with the outcome's ranks.
# 3. Return the correlation of the two residuals.
#
# If the residuals of either are all zero but for rounding (below 1e-6), nothing is left: return 0.0.


# %%
def left_over(feature, volume, scanner, outcome):
    """Return the rank correlation of feature and outcome that volume and scanner do not explain."""
    from scipy.stats import rankdata

    ### BEGIN SOLUTION
    x, v, y = rankdata(feature), rankdata(volume), rankdata(outcome)
    known = np.column_stack([np.ones(len(v)), v, scanner])
    rest = [z - known @ np.linalg.lstsq(known, z, rcond=None)[0] for z in (x, y)]
    if min(np.abs(one).max() for one in rest) < 1e-6:
        return 0.0
    return np.corrcoef(*rest)[0, 1]
    ### END SOLUTION


# %%
q.left_over.check(left_over)

# %%
# q.left_over.hint()

# %%
q.left_over.show(left_over)

# %% [markdown]
# ## A paper (7 min)
#
# From the methods of a paper (which we made up) on 60 patients with lung tumours and 1,200 features:
#
# > **A.** We name the software and its version; bins of 25 HU from −1000 HU, distance 1, features
# > averaged over 13 directions, kurtosis without the 3 of a normal distribution.
# > **B.** In each fold, the features with the smallest p-values among the training patients went into a logistic regression. We
# > tried 5, 10, … 50 features, and report the cross-validated AUC of the best number, 20: it was 0.91.
# > **C.** 140 features that differed between three scanners on a rubber phantom were dropped beforehand.
# > **D.** Fourteen patients had two tumours. Each tumour was a case, and the cases were assigned to folds at random.
# > **E.** For repeatability, a second radiologist looked at each outline of the first and corrected it where she saw
# > need. All ICCs were above 0.9, so no feature was dropped.
# > **F.** Features were z-scored with the mean and standard deviation of the training patients of each fold.
# > **G.** Images were resampled to 1 mm by splines, and masks by nearest neighbour.
# > **H.** The signature has a rank correlation of 0.93 with the tumour's volume. Its AUC was 0.91 and that of the
# > volume 0.90, so texture adds to size.
# > **I.** None of the 48 features that we tested against gene expression was left after correction for 48
# > tests; we give all p-values in the supplement.
#
# Which sentences would you not let pass? Put their letters into `faults`, in the order of the alphabet,
# such as `"AC"`.

# %%
### BEGIN SOLUTION
faults = "BDEH"
### END SOLUTION

# %%
q.faults.check(faults)

# %%
# q.faults.hint()

# %% [markdown]
# And what **one** analysis would you ask the authors for, and why that one? Two or three sentences. (A
# person marks them: one point for an analysis that could come out differently if the finding were luck or volume.)

# %%
### BEGIN SOLUTION
one_analysis = """
Choose the number of features inside each training part, with all tumours of a patient on
one side, and give the difference from the volume alone on the same patients with its interval. If the
0.91 came from the search, it falls; if it came from the size, the difference is zero. Shuffling the voxels
inside each tumour and running the same pipeline would also tell: what still works without texture is no texture.
"""
### END SOLUTION

# %%
q.one_analysis.check(one_analysis)

# %%
# q.one_analysis.hint()

# %% [markdown]
# ## Fine or coarse, on any scanner (10 min)
#
# In some muscle diseases fat spreads in fine streaks, in others in coarse ones, and a neurologist would
# like to know before a biopsy. On MR images the signal has no unit: every scanner multiplies it by a **gain** of
# its own, and the **coil** makes one side of the image brighter than the other. Both kinds of muscle hold the same mixture
# of fat, so neither the mean nor the histogram tells.

# %%
images, coarse = q.muscles(200)
plots.montage(
    [*images[coarse == 0][:4], *images[coarse == 1][:4]],
    columns=4,
    same_scale=False,
    title="Four muscles with fine streaks, and four with coarse ones",
    alt="Eight patches of noise-like texture; each is brighter on one side.",
)

# %% [markdown]
# Write `streaks`. It gets an array of images, of shape (n, 32, 32), and returns n numbers: the higher, the
# coarser. You may use the 200 muscles above to choose. It is judged by its AUC on 200 muscles from other scanners;
# 0.5 is chance, 0.9 and less earns nothing, and all points need 0.97. One good normalisation and one simple texture number are enough.


# %%
def streaks(images):
    """Return a number for each image: the higher, the coarser its streaks."""
    from scipy import ndimage

    ### BEGIN SOLUTION
    flat = images / ndimage.gaussian_filter(images, (0, 4, 4))
    down, right = np.diff(flat, axis=1), np.diff(flat, axis=2)
    return -(down**2).mean(axis=(1, 2)) - (right**2).mean(axis=(1, 2))
    ### END SOLUTION


# %%
q.streaks.check(streaks)

# %%
# q.streaks.hint()

# %% tags=["solution", "nbval-check-output"]
result("AUC on the 200 muscles", float(metrics.auc(coarse, streaks(images))), at_least=0.97)

# %% [markdown]
# ## How rough is a border? (10 min, deeper)
#
# A spiculated mass has a rough border, and a **fractal dimension** puts a number on it: 1 for a smooth line, more for a
# line that is rough at every scale. Count the boxes of a grid that the border touches, for boxes of several
# sizes. If their number grows like $s^{-D}$ as the side $s$ shrinks, the dimension is $D$.
#
# Write `border_dimension`. `mask` is square, and its side is a power of two, 128 or more. The border is the outermost
# layer of the mask: pixels with one of their four neighbours outside (a pixel at the edge of the image has one). Boxes have sides of 4, 8, 16 … up to an
# eighth of the image's side, and a box counts if it holds at least one pixel of the border. (Smaller boxes
# would measure the raster.) Fit a straight line to $\log$ count against $\log$ side by `np.polyfit`.


# %%
def border_dimension(mask):
    """Return the box-counting dimension of a mask's border."""
    from scipy import ndimage

    ### BEGIN SOLUTION
    border = mask & ~ndimage.binary_erosion(mask)
    n = len(mask)
    sides = [side for side in 2 ** np.arange(2, 20) if side <= n // 8]
    counts = [border.reshape(n // s, s, n // s, s).any(axis=(1, 3)).sum() for s in sides]
    return -np.polyfit(np.log(sides), np.log(counts), 1)[0]
    ### END SOLUTION


# %%
q.border_dimension.check(border_dimension)

# %%
# q.border_dimension.hint()

# %% [markdown]
# The border of Koch's snowflake has dimension $\log 4 / \log 3 = 1.26$ if one could look at ever
# smaller scales. On 512 pixels you will find a little less.

# %%
q.border_dimension.show(border_dimension)

# %% [markdown]
# ## Mend a shape model (8 min, deeper)
#
# `bodies` has shape (n, points, 3): corresponding points on n hippocampi, in mm, all turned the same
# way already, each lying where its head lay in the scanner. How much of the variance is in each mode?


# %%
def colleagues_modes(bodies):
    """Return the share of the variance in each mode."""
    s = np.linalg.svd(bodies.reshape(len(bodies), -1), compute_uv=False)
    return s / s.sum()


# %% [markdown]
# Three things are wrong. Write `modes` as it should be. Where a body lies is no shape, so move its own
# centroid to 0; its size stays in. Return the shares as an array, the largest first: one for
# each body (the last is 0, because n bodies differ in n − 1 ways at most).


# %%
# leak-ok: it stands beside the faulty function that is to be mended
def modes(bodies):
    """Return the share of the variance in each mode."""
    ### BEGIN SOLUTION
    x = bodies - bodies.mean(axis=1, keepdims=True)
    x = x.reshape(len(x), -1)
    s = np.linalg.svd(x - x.mean(axis=0), compute_uv=False)
    return s**2 / (s**2).sum()
    ### END SOLUTION


# %%
q.modes.check(modes)

# %%
# q.modes.hint()

# %% [markdown]
# ## Stretch: how many patients for 1,200 features?
#
# The features of a study know nothing. The best of 1,200 still correlates with the outcome. With how many
# patients is the strongest of 1,200 useless rank correlations below 0.3 in most studies?
#
# Write `best_of`. It draws `studies` studies with `patients` patients and 1,200 features of pure noise, and
# returns the median over the studies of the largest $|\rho|$ with the outcome. There is no check; the answer is in the
# solution. Guess first, then delete the `#` and run the cell after it.


# %%
def best_of(patients, studies=50):
    """Return the median of the largest |rank correlation| of 1,200 features of noise."""
    ### BEGIN SOLUTION
    rng = np.random.default_rng(0)
    largest = []
    for _ in range(studies):
        ranks = rng.random((1201, patients)).argsort(axis=1) - (patients - 1) / 2
        ranks = ranks / np.sqrt((ranks**2).sum(axis=1, keepdims=True))
        largest.append(np.abs(ranks[1:] @ ranks[0]).max())
    return float(np.median(largest))
    ### END SOLUTION


# %%
# print({patients: round(best_of(patients), 2) for patients in (60, 120, 240)})

# %% tags=["solution", "nbval-check-output"]
result("60 patients: the best of 1,200 useless features", best_of(60), within=(0.40, 0.47))
result("120 patients", best_of(120), within=(0.29, 0.345))
result("240 patients", best_of(240), within=(0.21, 0.24))

# %% [markdown] tags=["solution"]
# **Answer.** With some 130. Among 60 patients the best of 1,200 useless features reaches about 0.43, which a single
# test would call p < 0.001; among 120 about 0.31, among 240 about 0.22. It shrinks with the root
# of the number of patients, so four times as many patients halve it.

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
