# %% [markdown]
# ## Part A: what a layer computes (25 min)
#
# In part A you write the operation of which convolutional networks are made, count parameters, and find
# out how far a unit sees. In part B you build the baseline, the measure, and an honest test; then you train. In
# part C you turn heat into marks and marks into a point of the FROC curve. Each part stands alone; make a
# break between them.

# %%
import mlmi_course
import numpy as np
from scipy import ndimage

from mlmi_course.questions import u09_cnn_microcalcifications as q

# %% [markdown]
# Write `convolve`, the **convolution** as mathematics defines it: flip the kernel in both directions, slide it,
# multiply and add.
#
# - `image`: shape (rows, columns). `kernel`: two odd numbers of pixels, which may differ, such as 3 × 5. It is
#   never larger than the image.
# - `stride`: 1, 2, …; the same in both directions. The first window starts at the first row and column.
# - `padding`: `"valid"` pads nothing. `"same"` puts zeros around: half a kernel, rounded down, on each side.
#
# Return the feature map. A call of SciPy's convolution does not count.


# %%
def convolve(image, kernel, stride, padding):
    """Return the feature map of a flipped kernel."""
    ### BEGIN SOLUTION
    high, wide = kernel.shape
    flipped = kernel[::-1, ::-1]
    if padding == "same":
        image = np.pad(image, ((high // 2, high // 2), (wide // 2, wide // 2)))
    rows = (image.shape[0] - high) // stride + 1
    columns = (image.shape[1] - wide) // stride + 1
    answer = np.empty((rows, columns))
    for row in range(rows):
        for column in range(columns):
            top, left = row * stride, column * stride
            answer[row, column] = (image[top : top + high, left : left + wide] * flipped).sum()
    return answer
    ### END SOLUTION


# %%
q.convolve.check(convolve)

# %% [markdown]
# Stuck? Delete the `#` in the next cell and run it. Run it again for the next hint.

# %%
# q.convolve.hint()

# %% [markdown]
# Your function on a patch, with three kernels. With *edge*, look at the frame of the picture: that is what zeros do.

# %%
q.convolve.show(convolve)

# %% [markdown]
# ## How many parameters? (15 min)
#
# Write `count_parameters`. It returns the number of weights and biases of a whole network.
#
# - `layers`: a list of tuples, from the image upwards:
#   `("conv", kernel, filters)` is a convolution of kernel × kernel pixels, *valid*, stride 1;
#   `("pool", size, 0)` keeps the largest of size × size pixels, and drops a last row or column that does not fit;
#   `("dense", units, 0)` reads all numbers that the layer below gives.
# - `side`: rows (and columns) of the image. `channels`: 1 for grey, 3 for colours.
#
# LeNet on 28 × 28 pixels must come out as 431,080.


# %%
def count_parameters(layers, side, channels):
    """Return how many numbers training has to find."""
    ### BEGIN SOLUTION
    total, numbers = 0, None
    for kind, first, second in layers:
        if kind == "conv":
            total += (first * first * channels + 1) * second
            side, channels = side - first + 1, second
        elif kind == "pool":
            side //= first
        else:
            if numbers is None:  # the first dense layer
                numbers = side * side * channels
            total += (numbers + 1) * first
            numbers = first
    return total
    ### END SOLUTION


# %%
q.count_parameters.check(count_parameters)

# %%
# q.count_parameters.hint()

# %% [markdown]
# ## How far does it see? (10 min)
#
# Write `receptive_field`: how many pixels of the image, along one direction, can change one unit on top.
#
# - `layers`: a list of tuples (kernel, stride), from the image upwards. An empty list sees one pixel.


# %%
def receptive_field(layers):
    """Return the width of the receptive field in pixels."""
    ### BEGIN SOLUTION
    field, jump = 1, 1
    for kernel, stride in layers:
        field += (kernel - 1) * jump
        jump *= stride
    return field
    ### END SOLUTION


# %%
q.receptive_field.check(receptive_field)

# %%
# q.receptive_field.hint()

# %% [markdown]
# ## Part B: one line without training (12 min)
#
# Write `blob_score`: the strongest answer of the Laplacian of Gaussian in each patch, **high on bright blobs**.
#
# - `images`: shape (n, rows, columns), uint8 or floats. Use the grey values as they are: the lecture's
#   `blob_map` divides by 255, here do not.
# - `sigma`: the blur in pixels, along rows and columns. Patches must not mix.
#
# Return one score for each patch, shape (n,). SciPy's `ndimage` is welcome.


# %%
def blob_score(images, sigma):
    """Return the height of the strongest bright blob of each patch."""
    ### BEGIN SOLUTION
    from scipy import ndimage

    grey = images.astype(float)
    down = ndimage.gaussian_filter(grey, (0, sigma, sigma), order=(0, 2, 0))
    along = ndimage.gaussian_filter(grey, (0, sigma, sigma), order=(0, 0, 2))
    return (-(down + along)).max(axis=(1, 2))
    ### END SOLUTION


# %%
q.blob_score.check(blob_score)

# %%
# q.blob_score.hint()

# %% [markdown]
# ## The AUC, by pairs (10 min)
#
# Write `area_under_curve`: the share of pairs, one patch with a cluster and one without, in which the patch
# **with** the cluster has the higher score. A pair with equal scores counts one half.
#
# - `labels`: shape (n,), 0 or 1; both occur. `scores`: shape (n,).


# %%
def area_under_curve(labels, scores):
    """Return the AUC, from 0 to 1."""
    ### BEGIN SOLUTION
    higher = scores[labels == 1][:, None] - scores[labels == 0][None, :]
    return ((higher > 0) + 0.5 * (higher == 0)).mean()
    ### END SOLUTION


# %%
q.area_under_curve.check(area_under_curve)

# %%
# q.area_under_curve.hint()

# %% [markdown] tags=["solution"]
# Both together, on the hard patches of this lab:

# %% tags=["solution", "nbval-check-output"]
from mlmi_course.checks import result

images, labels, patients = q.hard_patches(1000, seed=31)
baseline = area_under_curve(labels, blob_score(images, 2.0))
result("AUC of the LoG on hard patches", float(baseline), within=(0.68, 0.84))

# %% [markdown]
# ## Who is who? (12 min)
#
# In the real set some patches occur twice, pixel by pixel, under different patient numbers. Who splits by these
# numbers tests on what was learnt.
#
# Write `true_patients`. It returns a number for each patch, shape (n,), such that two patches have the same number
# exactly if they belong together.
#
# - `images`: shape (n, rows, columns). `patients`: shape (n,), the numbers as they are given.
# - Patients who share a patch, equal in every pixel, are one. So are patients who are joined in a chain: if 7 shares
#   a patch with 4, and 4 another one with 2, all three are one.
# - Everybody gets the **smallest** number of those who were joined.


# %%
def true_patients(images, patients):
    """Return the true patient of each patch."""
    ### BEGIN SOLUTION
    joined = patients.copy()
    for i in range(len(images)):
        for j in range(i):
            if (images[i] == images[j]).all():
                low, high = sorted((joined[i], joined[j]))
                joined[joined == high] = low
    return joined
    ### END SOLUTION


# %%
q.true_patients.check(true_patients)

# %%
# q.true_patients.hint()

# %% [markdown]
# ## Which epoch do you report? (6 min)
#
# A training gave a validation loss and, out of curiosity, an AUC on the test patients after each epoch. Write
# `chosen_epoch`. It returns two things: the number of the epoch that you keep, counted from 1, and the AUC that you
# report. Where two epochs are equally good, keep the earlier.
#
# - `validation_loss`, `test_auc`: shape (epochs,).


# %%
def chosen_epoch(validation_loss, test_auc):
    """Return the epoch, counted from 1, and the AUC to report."""
    ### BEGIN SOLUTION
    best = int(np.argmin(validation_loss))
    return best + 1, test_auc[best]
    ### END SOLUTION


# %%
q.chosen_epoch.check(chosen_epoch)

# %%
# q.chosen_epoch.hint()

# %% [markdown]
# ## A network that is worth its price (20 min)
#
# Now train. `q.hard_patches(n, seed)` draws patches on which the strongest spot is often harmless, with their labels
# and patients. The first n patches are the same for every n.
#
# `images`, `labels` and `patients` are plain arrays, one entry for each patch; `.split` of the lecture's data sets is not
# there. Draw patients, and then ask for each patch whether hers is among them:
#
# ```python
# some = rng.permutation(np.unique(patients))[:100]  # a hundred patients; rng = np.random.default_rng(0)
# theirs = np.isin(patients, some)  # True for each patch of theirs; ~theirs are all others
# ```
#
# Write `train_detector`. It draws its patches, splits them by patient into training and validation, compiles and trains
# `small_cnn` as the lecture's `taught` does, and returns the network. Stay below a minute: 3,000 patches and 8 epochs are a
# start.
#
# Then write `detector`. It takes images of shape (n, 60, 60), uint8, and returns n scores, high for a cluster. Call
# `the_network()` in it: this trains at the first call and remembers the result. What you do to the images in
# training you must do to them here.
#
# The check draws 1,000 fresh patches and measures the AUC. All points take what our own network, trained on
# 9,000 patches, reaches on this draw, minus 0.08 for your smaller training. That differs from draw
# to draw, mostly between 0.82 and 0.86; the check says the number. Fewer points take less, down to 0.5 for none. The check
# may take some minutes, because it trains if you have not yet. (The network that ships with the course is not yours, and a blob
# filter is no network, however well it counts: hand in neither.)

# %%
import keras
from functools import cache

from mlmi_course.networks import small_cnn
from mlmi_course.training import fit, predict


def centred(images):
    """Return each patch minus its mean; 20 grey values become 1."""
    grey = images.astype(np.float32)
    return (grey - grey.mean(axis=(1, 2), keepdims=True)) / 20


# %%
def train_detector():
    """Return a network, trained on hard patches."""
    ### BEGIN SOLUTION
    images, labels, patients = q.hard_patches(3000)
    order = np.random.default_rng(0).permutation(np.unique(patients))
    held = np.isin(patients, order[: len(order) // 8])
    model, epochs = small_cnn(seed=0), 9
    steps = epochs * (int((~held).sum()) // 32)
    rate = keras.optimizers.schedules.CosineDecay(4e-3, steps)
    model.compile(keras.optimizers.Adam(rate), "binary_crossentropy")
    fit(
        model,
        (centred(images[~held]), labels[~held]),
        (centred(images[held]), labels[held]),
        epochs=epochs,
        patience=epochs,  # the last epochs, with the smallest steps, are the best
        augment=True,
    )
    return model
    ### END SOLUTION


# %%
@cache
def the_network():
    """Train at the first call. To train anew, run this cell again."""
    return train_detector()


# %%
def detector(images):
    """Return one score for each patch."""
    ### BEGIN SOLUTION
    return predict(the_network(), centred(images))
    ### END SOLUTION


# %%
q.detector.check(detector)

# %%
# q.detector.hint()

# %% [markdown] tags=["solution"]
# Against the LoG, on the same fresh patients: the difference and its interval.

# %% tags=["solution", "nbval-check-output"]
from mlmi_course import metrics

images, labels, patients = q.hard_patches(1000, seed=31)
better = metrics.paired_difference(
    metrics.auc, detector(images), blob_score(images, 2.0), patients, labels=labels
)
result("network − LoG", better.value, at_least=0.05)
result("network − LoG, low end of the interval", better.low, at_least=0.0)

# %% [markdown]
# ## Part C: from heat to marks (18 min)
#
# Write `find_marks`: non-maximum suppression on a heat map.
#
# - `heat`: shape (rows, columns). Leave this array as it is.
# - `step`: mm between two places of the map. The first place lies at 0 mm.
# - `threshold`: only places with **at least** this value count.
# - `radius`: in mm. A mark wipes out all places **at most** this far from it.
#
# The hottest place becomes a mark, its surroundings are wiped out, then the hottest of what is left, and so on. Return a
# list of marks, the hottest first, each `[value, row in mm, column in mm]`; an empty list if there is none.


# %%
def find_marks(heat, step, threshold, radius):
    """Return the marks of a heat map, the hottest first."""
    ### BEGIN SOLUTION
    left = heat.astype(float)  # a copy
    rows, columns = np.indices(heat.shape)
    marks = []
    while left.max() >= threshold:
        row, column = np.unravel_index(left.argmax(), left.shape)
        marks.append([left[row, column], row * step, column * step])
        left[np.hypot(rows - row, columns - column) * step <= radius] = -np.inf
    return marks
    ### END SOLUTION


# %%
q.find_marks.check(find_marks)

# %%
# q.find_marks.hint()

# %% [markdown]
# ## One point of the FROC curve (15 min)
#
# Write `froc_point`. It returns two numbers: false marks **per image**, and the share of lesions that were found.
#
# - `marks`: for each image a list of positions `[row, column]` in mm, those above the threshold. There are no scores, and they
#   are lists, not arrays. The list may be empty: `[]`. As an array that has the shape (0,) and must become (0, 2) before it
#   is compared with others; a loop over it needs no care.
# - `lesions`: for each image, in the same order, a list of positions in mm; it may be empty, too. At least one image has a
#   lesion. No two lesions are closer than twice the radius.
# - A mark at most `radius` mm from a lesion hits it. A lesion is found once. Further marks on it are neither right nor
#   false. All images count.


# %%
def froc_point(marks, lesions, radius):
    """Return false marks per image, and the share of lesions found."""
    ### BEGIN SOLUTION
    found, false = 0, 0
    for some, places in zip(marks, lesions, strict=True):

        def near(mark, lesion):
            return np.hypot(mark[0] - lesion[0], mark[1] - lesion[1]) <= radius

        found += sum(any(near(mark, lesion) for mark in some) for lesion in places)
        false += sum(not any(near(mark, lesion) for lesion in places) for mark in some)
    return false / len(marks), found / sum(len(places) for places in lesions)
    ### END SOLUTION


# %%
q.froc_point.check(froc_point)

# %%
# q.froc_point.hint()

# %% [markdown]
# ## Would you buy it? (7 min)
#
# A company offers your hospital a network that marks clusters of microcalcifications. Its brochure says: *"AUC 0.97 on 400
# patches, half of them with a cluster. Deep learning with 4 million parameters, trained for 50 epochs."* What do you ask
# before you buy? Four or five sentences.

# %%
### BEGIN SOLUTION
purchase = """
What does one line without training reach on the same patches? On 556 patches of a public set of this kind a Laplacian of
Gaussian has 0.976, so I want the paired difference, with an interval that draws patients. Were the patients of the test
in no other part, and who chose the epoch and the threshold? An AUC on patches of which half hold a cluster is not my task:
my readers have whole mammograms, and few of them hold anything. I want an FROC curve on unselected examinations from my own
machines, with the radius, the images counted and the false marks per image stated, and then a study of what its marks do
to the readers.
"""
### END SOLUTION

# %%
q.purchase.check(purchase)

# %%
# q.purchase.hint()

# %% [markdown]
# ## Stretch: your own FROC
#
# Put your functions together on whole sections: blob maps as heat, `find_marks`, `froc_point`. Which threshold gives one
# false mark per section? Then improve the heat: what would a map look like that counts spots? There is no check. Delete the
# `#` below and go on from there.
#
# `load_mammograms(n, seed=8)` from `mlmi_course.data` draws the sections, with places 0.085 mm apart. Each row of its
# `findings` is a cluster: `image`, `row_mm`, `column_mm`. The heat is the whole map of minus LoG, and not only its
# strongest answer.


# %%
def section_point(threshold, n=12):
    """Return false marks per section and the share of clusters found, for the LoG."""
    ### BEGIN SOLUTION
    from mlmi_course.data import load_mammograms

    sections = load_mammograms(n, seed=8)
    table = sections.findings
    marks, lesions = [], []
    for i, image in enumerate(sections.images):
        heat = -ndimage.gaussian_laplace(image.astype(float), 2.0)
        found = find_marks(heat, 0.085, threshold, 5.0)
        marks.append([mark[1:] for mark in found])
        lesions.append(table.loc[table["image"] == i, ["row_mm", "column_mm"]].to_numpy())
    return froc_point(marks, lesions, 5.0)
    ### END SOLUTION


# %%
# section_point(threshold=8.0)

# %% tags=["solution"]
for threshold in (6.0, 8.0, 10.0):
    false, found = section_point(threshold)
    print(f"threshold {threshold:>4}: {false:.2f} false marks per section, {found:.2f} found")

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
