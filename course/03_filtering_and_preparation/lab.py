# %% [markdown]
# ## What happens to the noise? (7 min)
#
# You prepare the images of a trial, and most of what lands on your desk has already been through somebody's hands. In this lab you
# predict, mend what others wrote, find what is wrong in a methods section, and at the end choose a filter by which lesions are found or lost.
#
# **Predict first.** A flat region of an MR image has a signal of 500 and noise with σ = 20 in either channel. Five things may be done, one at a time. What
# happens to the *standard deviation of the grey values* in the region?
#
# - **A.** Every other pixel is kept, in both directions. The others are thrown away.
# - **B.** Each block of 2 × 2 pixels is replaced by its mean.
# - **C.** The image is enlarged twice, by linear interpolation.
# - **D.** There is no signal at all: the region lies in the air.
# - **E.** N4 divides by its field, which is 0.8 in this corner.
#
# Will it be `lower`, `higher`, or the `same` (within 5 %)? And why? Choose the letter of the reason that fits best:
#
# - `a` each pixel that is left is an old one
# - `b` a new pixel is the mean of four independent ones
# - `c` most new pixels are weighted means of old neighbours
# - `d` a length cannot be below zero, so it varies less than its two parts
# - `e` noise grows together with the signal
# - `f` fewer pixels, or less signal, are noisier
#
# Write both as one text, for each of the five: `{"A": "higher f", "B": …}`.

# %%
import mlmi_course
import numpy as np
from scipy import ndimage

from mlmi_course.questions import u03_filtering_and_preparation as q

# %%
### BEGIN SOLUTION
what_happens = {"A": "same a", "B": "lower b", "C": "lower c", "D": "lower d", "E": "higher e"}
### END SOLUTION

# %%
q.what_happens.check(what_happens)

# %% [markdown]
# Stuck? Delete the `#` in the next cell and run it. Run it again for the next hint.

# %%
# q.what_happens.hint()

# %% [markdown]
# What a simulation says. Draw it after you have answered.

# %%
q.what_happens.show(what_happens)

# %% [markdown]
# ## Several coils (10 min)
#
# The lecture's scanner had one receiving coil. This one has `coils` of them, each with two noisy channels, and writes the root of the sum of all squares:
# $M = \sqrt{\sum_k m_k^2}$ over the 2 × `coils` channels. In one coil, $E[M^2] = A^2 + 2\sigma^2$. What is it for several?
#
# Write `true_signal`. `pixels` are the grey values of a tissue, `air` those of a background region; both are arrays. Where the scanner did not measure, it
# wrote exact zeros into the air, which tell you nothing. Return a dictionary with
#
# - `"sigma"`: σ of one channel, found from the mean of $M^2$ in the air;
# - `"signal"`: the true $A$ of the tissue, found from the mean of $M^2$ over `pixels`; 0 where the noise alone would explain it.


# %%
def true_signal(pixels, air, coils):
    """Return σ of a channel, and the true signal of a tissue."""
    ### BEGIN SOLUTION
    sigma = np.sqrt(np.mean(air[air > 0] ** 2) / (2 * coils))
    square = np.mean(pixels**2) - 2 * coils * sigma**2
    return {"sigma": sigma, "signal": np.sqrt(max(square, 0))}
    ### END SOLUTION


# %%
q.true_signal.check(true_signal)

# %%
# q.true_signal.hint()

# %% [markdown]
# ## Mend a mask that moved (10 min)
#
# A colleague brings masks onto the grids of their images. Both are arrays of two dimensions, and the **outer edges** of their first pixels lie on each other: old
# pixel $i$ reaches from $i$ to $i + 1$ times the old spacing, and its centre is in the middle of that. Her masks look right at first glance, and
# yet they have moved.


# %%
def colleagues_to_grid(mask, spacing, new_spacing, new_shape):
    """Return the mask on a new grid, by nearest neighbour."""
    index = []
    for axis in (0, 1):
        place = np.arange(new_shape[axis]) * new_spacing[axis] / spacing[axis]
        index.append(np.clip(np.round(place).astype(int), 0, mask.shape[axis] - 1))
    return mask[np.ix_(*index)]


# %% [markdown]
# Two things are wrong in it. Write `to_grid` as it should be. `spacing` and `new_spacing` are pairs in mm (rows, columns), `new_shape` is the shape of the new grid.
# Each new pixel gets the label of the old pixel in which its *centre* lies, and 0 where its centre lies outside the old image. (No centre lies exactly on a border.)


# %%
# leak-ok: it stands beside the faulty function that is to be mended
def to_grid(mask, spacing, new_spacing, new_shape):
    """Return the mask on a new grid, by nearest neighbour."""
    ### BEGIN SOLUTION
    index, inside = [], []
    for axis in (0, 1):
        place = (np.arange(new_shape[axis]) + 0.5) * new_spacing[axis] / spacing[axis]
        old = np.floor(place).astype(int)
        inside.append(old < mask.shape[axis])
        index.append(np.minimum(old, mask.shape[axis] - 1))
    return np.where(np.outer(*inside), mask[np.ix_(*index)], 0)
    ### END SOLUTION


# %%
q.to_grid.check(to_grid)

# %%
# q.to_grid.hint()

# %% [markdown]
# A disc of 12 mm, in an image whose pixels are 5 mm wide. Your mask should lie on it.

# %%
q.to_grid.show(to_grid)

# %% [markdown]
# ## Mend "normalised over air" (9 min)
#
# Scans of several patients arrive as one array `images` (scan, row, column), with masks of their brains and of their lesions, of the same shape and of type bool. A colleague has read that one
# should z-score:


# %%
def colleagues_normalise(images, brains, lesions):
    """Return the scans, normalised."""
    inside = images * brains
    z = (inside - inside.mean()) / inside.std()
    return z * brains


# %% [markdown]
# Three things are wrong with her statistics. Write `normalise` as it should be: the mean and the standard deviation (NumPy's own) of *each* scan come from its own brain *without* its lesions. They are
# then applied to the whole brain, lesions too. Outside the brain the result is 0. Do not change the input.


# %%
# leak-ok: it stands beside the faulty function that is to be mended
def normalise(images, brains, lesions):
    """Return the scans, normalised."""
    ### BEGIN SOLUTION
    z = np.zeros(images.shape)
    for i in range(len(images)):
        healthy = images[i][brains[i] & ~lesions[i]]
        z[i][brains[i]] = (images[i][brains[i]] - healthy.mean()) / healthy.std()
    return z
    ### END SOLUTION


# %%
q.normalise.check(normalise)

# %%
# q.normalise.hint()

# %% [markdown]
# ## Which wave does a grid show? (6 min)
#
# In the lecture, stripes of 0.4 cycles per mm came back as 0.1 on a grid of 2 mm. Write `apparent` for *any* frequency: an array of frequencies (cycles per mm, 0 or
# more) and a spacing $d$ in mm go in, and the array of frequencies that one sees comes out. They lie between 0 and $1/(2d)$. Frequencies may be far beyond what the
# grid can hold, and even beyond $1/d$.


# %%
def apparent(frequencies, spacing):
    """Return the frequencies that one sees on a grid."""
    ### BEGIN SOLUTION
    rate = 1 / spacing
    return np.abs(frequencies - rate * np.round(frequencies / rate))
    ### END SOLUTION


# %%
q.apparent.check(apparent)

# %%
# q.apparent.hint()

# %%
q.apparent.show(apparent)

# %% [markdown]
# ## A methods section (8 min)
#
# You review a paper (which we made up) about small lesions of the brain:
#
# > **A.** The histogram of the air had the shape of Rayleigh's distribution, so we divided its mean by 1.25 to find σ.
# > **B.** Shading was removed with SimpleITK's N4, with its default settings, inside the brain mask (0 = air, 255 = brain).
# > **C.** For our filter we tried twenty strengths on ten tuning patients; the other filters ran with their libraries' defaults.
# > **D.** Our PSNR of 41 dB exceeds the 35 dB that were published for other patients and another scanner.
# > **E.** Each scan was z-scored with the mean and the standard deviation of its own brain, lesions left out.
# > **F.** Lesion masks were brought onto the grid of their image by nearest neighbour.
# > **G.** We report the volumes of the lesions, of 3 to 6 mm, as counted on the common grid of 2 mm.
# > **H.** To save memory, images of 1 mm were read at every other voxel by SimpleITK's `Resample`, and then smoothed.
# > **I.** Detectability is an AUC with an interval that draws patients; filters, strengths and noise were held fixed, and we say so.
#
# Which sentences would you not let pass? Put their letters into `faults`, in the order of the alphabet, such as `"AC"`.

# %%
### BEGIN SOLUTION
faults = "BCDGH"
### END SOLUTION

# %%
q.faults.check(faults)

# %%
# q.faults.hint()

# %% [markdown]
# ## Which filter keeps the lesions? (10 min)
#
# The readers of the trial want calmer images: **the PSNR must gain 3 dB or more.** The trial wants its lesions of 2 × 2 pixels. Choose a filter that gives both. `practice`
# holds 600 patches with their truth; σ of the noise is 27.5, and half of the patches have a lesion, whose first pixel lies at (`row`, `column`).

# %%
practice = q.practice()
for name, array in practice.items():
    print(name, array.shape)

# %% [markdown]
# The two numbers to judge it by, as in the lecture. The observer takes the brightest pixel of a window of 10 × 10, minus its median.


# %%
def psnr_gain(filtered):
    """Return the gain in dB over the noisy patches."""
    before = np.mean((practice["noisy"] - practice["clean"]) ** 2)
    return 10 * np.log10(before / np.mean((filtered - practice["clean"]) ** 2))


def observer_auc(filtered):
    """Return how well the observer tells patches with a lesion from those without."""
    from mlmi_course.metrics import auc

    scores = []
    for image, r, c in zip(filtered, practice["row"], practice["column"], strict=True):
        window = image[r - 4 : r + 6, c - 4 : c + 6]
        scores.append(window.max() - np.median(window))
    return auc(practice["lesion"], scores, resamples=1).value


# %% [markdown]
# Write `denoise`. It gets an array of noisy patches (patch, row, column) and returns an array of the same shape. It is judged on 1,000 fresh patches. The number that the check
# shows is how much of the detectability it keeps: 1 is a Gaussian of just the right width, 0 one of 1.2 pixels, and 0 also if the PSNR gains less than 3 dB. The Gaussian of highest PSNR keeps about 0.8 and earns nothing; all points
# need 0.9. Any filter is allowed, within ten seconds.


# %%
def denoise(patches):
    """Return the patches, filtered."""
    ### BEGIN SOLUTION
    widths = np.arange(0.3, 1.2, 0.1)
    tried = [ndimage.gaussian_filter(practice["noisy"], (0, s, s)) for s in widths]
    keeps = [observer_auc(t) if psnr_gain(t) >= 3 else 0 for t in tried]
    width = widths[int(np.argmax(keeps))]
    return ndimage.gaussian_filter(patches, (0, width, width))
    ### END SOLUTION


# %%
q.denoise.check(denoise)

# %%
# q.denoise.hint()

# %% [markdown]
# ## Streaks in a CT (13 min, deeper)
#
# A CT scanner measures **views**: for each angle, how strongly the rays to each detector were weakened. All views together are the **sinogram**, an array with one row per detector and one
# column per angle, and the slice is computed from it. Two metal implants let hardly a photon through, so their places in each view are wrong, and the slice is full of bright and dark streaks.
#
# Which filter of the *slice* would you take: a Gaussian, a median, non-local means? Guess before you go on; the picture below will tell. Streaks are not noise of single pixels. They are long, each is
# made by a few wrong places of a view, and in the raw data these places are known.
#
# So write `fill_trace`, which mends the **raw data**. `metal` has the shape of the sinogram and is True where the implants hide what is behind them. In each view (column), replace the hidden values by a
# straight line between the nearest values on both sides; where the gap meets the end of the detector, go on with the last good value. Return a new array, and leave views without metal as they are.


# %%
def fill_trace(sinogram, metal):
    """Return the sinogram with a straight line across each gap."""
    ### BEGIN SOLUTION
    filled, place = sinogram.astype(float), np.arange(len(sinogram))
    for view in range(sinogram.shape[1]):
        bad = metal[:, view]
        filled[bad, view] = np.interp(place[bad], place[~bad], sinogram[~bad, view])
    return filled
    ### END SOLUTION


# %%
q.fill_trace.check(fill_trace)

# %%
# q.fill_trace.hint()

# %% [markdown]
# Above each slice stands its root mean square error, outside the metal.

# %%
q.fill_trace.show(fill_trace)

# %% [markdown]
# ## Mend a bias correction (10 min, deeper)
#
# N4 describes the field by a grid of control points. A simpler way fits a polynomial. A colleague did, and called it done:


# %%
def colleagues_flatten(image, mask, lesion):
    """Return the image without its bias field."""
    rows, columns = np.indices(image.shape)
    y, x = 2 * rows / rows.max() - 1, 2 * columns / columns.max() - 1
    terms = np.stack([np.ones_like(x), x, y, x * x, x * y, y * y], axis=-1).reshape(-1, 6)
    used = (mask > 0).ravel()
    weights = np.linalg.lstsq(terms[used], image.ravel()[used])[0]
    field = (terms @ weights).reshape(image.shape)
    return np.where(mask > 0, image - field, 0)


# %% [markdown]
# Two things are wrong: whose pixels she fits, and what kind of thing a bias field is. Write `flatten` as it should be, with the same six terms:
#
# - `mask` and `lesion` count where they are above 0. Fit the **logarithm** of the image, by least squares, where the mask is on and the lesion is not.
# - The field is the exponential of the fit, divided by its mean over the fitted pixels. Divide by it, so that healthy tissue keeps its grey.
# - Outside the mask the result is 0. (Fitted pixels are above 0.)


# %%
# leak-ok: it stands beside the faulty function that is to be mended
def flatten(image, mask, lesion):
    """Return the image without its bias field."""
    ### BEGIN SOLUTION
    rows, columns = np.indices(image.shape)
    y, x = 2 * rows / rows.max() - 1, 2 * columns / columns.max() - 1
    terms = np.stack([np.ones_like(x), x, y, x * x, x * y, y * y], axis=-1).reshape(-1, 6)
    used = (mask > 0) & (lesion == 0)
    weights = np.linalg.lstsq(terms[used.ravel()], np.log(image[used]))[0]
    field = np.exp(terms @ weights).reshape(image.shape)
    return np.where(mask > 0, image / (field / field[used].mean()), 0)
    ### END SOLUTION


# %%
q.flatten.check(flatten)

# %%
# q.flatten.hint()

# %% [markdown]
# ## What does a kernel cost? (6 min, deeper)
#
# A kernel that is a column times a row costs rows + columns multiplications a pixel. Others are the *sum* of two or more such kernels: one applies each in its two passes, and adds the
# results. Write `multiplications`: the number of multiplications per pixel of the cheapest of these ways, sliding the kernel as it is among them. Count all of its entries, zeros too.


# %%
def multiplications(kernel):
    """Return the multiplications per pixel of the cheapest way."""
    ### BEGIN SOLUTION
    rows, columns = kernel.shape
    rank = np.linalg.matrix_rank(kernel)  # of how many separable kernels it is the sum
    return min(rank * (rows + columns), rows * columns)
    ### END SOLUTION


# %%
q.multiplications.check(multiplications)

# %%
# q.multiplications.hint()

# %% [markdown]
# ## Stretch: was the filter wrong, or its strength?
#
# A colleague defends non-local means: *you tuned it by PSNR. Tune it by the observer, and it is as good as the Gaussian.* Is it? Write `tuned_by_observer`: try non-local means on the first
# 200 patches of `practice` with several strengths `h` and patch sizes, and the Gaussian with several widths. Of each take the setting with the highest AUC among those that gain 3 dB, and
# compare the two on the *other* 400 patches. `judge` below takes filtered patches and the part that they are, such as `slice(0, 200)`. There is no check; the answer is in the solution. Guess first.


# %%
def judge(filtered, part):
    """Return the gain in dB and the AUC of filtered patches, which are `part` of `practice`."""
    from mlmi_course.metrics import auc

    clean = practice["clean"][part]
    errors = [np.mean((images - clean) ** 2) for images in (practice["noisy"][part], filtered)]
    places = zip(filtered, practice["row"][part], practice["column"][part], strict=True)
    windows = [image[r - 4 : r + 6, c - 4 : c + 6] for image, r, c in places]
    scores = [window.max() - np.median(window) for window in windows]
    area = auc(practice["lesion"][part], scores, resamples=1).value
    return float(10 * np.log10(errors[0] / errors[1])), area


# %%
def tuned_by_observer():
    """Return setting, gain and AUC of both filters, tuned on patches 0 to 199, judged on the rest."""
    from skimage.restoration import denoise_nl_means

    ### BEGIN SOLUTION
    noisy = practice["noisy"]

    def means(images, setting):
        size, h = setting
        options = {"patch_size": size, "patch_distance": 6, "h": h * 27.5, "sigma": 27.5}
        return np.array([denoise_nl_means(image, **options) for image in images])

    def gaussian(images, width):
        return ndimage.gaussian_filter(images, (0, width, width))

    first, rest, found = slice(0, 200), slice(200, 600), {}
    settings = [(size, h) for size in (3, 5) for h in (0.1, 0.2, 0.4, 0.6)]
    for name, by, tries in (
        ("non-local means", means, settings),
        ("Gaussian", gaussian, [0.4, 0.5, 0.6, 0.7, 0.8]),
    ):
        tried = [judge(by(noisy[first], setting), first) for setting in tries]
        best = tries[int(np.argmax([area if gain >= 3 else 0 for gain, area in tried]))]
        found[name] = (best, *judge(by(noisy[rest], best), rest))
    return found
    ### END SOLUTION


# %%
# tuned_by_observer()

# %% tags=["solution", "nbval-check-output"]
from mlmi_course.checks import result

tuned = tuned_by_observer()
for name, (setting, gain, area) in tuned.items():
    print(f"{name}, {setting}: gain {gain:.1f} dB, AUC {area:.2f}")
lead = tuned["Gaussian"][2] - tuned["non-local means"][2]
result("AUC, Gaussian − non-local means", lead, within=(-0.05, 0.1))

# %% [markdown] tags=["solution"]
# **Answer.** Mostly it was the strength. Tuned by the observer, non-local means takes the weakest setting and the smaller patch; then it keeps far more lesions than with the strength of
# the highest PSNR, and gains more decibels than the Gaussian. Its AUC is still two or three hundredths lower, but with 400 patches of one draw that is within what chance does, so we cannot say that the
# Gaussian is better. Two warnings belong to it. The best setting lies at the end of what was tried, so the search should go on; and these patches are alike, which is what non-local
# means needs. *Tune a filter by the question that you will ask of it*: that helped more than the choice of the filter.

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
