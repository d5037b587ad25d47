# %% [markdown]
# ## You need (3 min)
#
# **The first half: a picture in a quarter of the time.** A man of 78 with a tremor is to have his head scanned. Seven minutes are too
# long for him, so the radiographer would like to measure a quarter of the data, in two minutes. A vendor sells a network
# that "restores full resolution", and shows a table of quality scores. The radiographer has to decide on Monday: shorten the
# protocol for everybody who cannot lie still, or repeat blurred scans as before? A repeat costs a slot and, for some patients, a
# sedation. A picture that looks sharp and is wrong costs more.
#
# | term | meaning |
# |---|---|
# | **super-resolution** | computing an image with smaller pixels than were measured |
# | **image synthesis** | computing an image that was not measured at all, of another kind or of nobody |
# | **k-space** | the Fourier transform of an image, which is what an MR scanner measures |
# | **reference** | the image with which a computed one is compared |
# | **paired gain** | the difference of two methods on the same patient |
# | **baseline** | the simplest method that one would have to beat |
#
# Fourier transforms come from `np.fft.fft2`; `fftshift` only moves the lowest frequency into the middle.

# %%
import mlmi_course
import numpy as np
import pandas as pd
from scipy import ndimage
from skimage import metrics as quality
from threadpoolctl import threadpool_limits

from mlmi_course import data, metrics, networks, plots, shipped, widgets
from mlmi_course.checks import Predictions, result
from mlmi_course.phantoms import kspace

import keras  # isort: skip

ask = Predictions("15_super_resolution_and_synthesis")

# %% [markdown]
# The lecture asks you to predict before it shows. Answer with the buttons, or in code
# (`air.guess("…", sure=True)`). Nothing stops if you do not.
#
# All heads are simulated, because here the truth is known: T1 images of 1.8 mm pixels, a CT of the same head, and in some heads
# lesions of multiple sclerosis. Twenty healthy people are there to learn from, thirty others to judge.

# %%
wanted = {"contrasts": ("t1",), "levels": (0, 45), "noise": 0.0, "ct": True}
learn = data.load_brain_slices(n=60, seed=151, **wanted)
test = data.load_brain_slices(n=90, seed=152, lesions=15, **wanted)
full = test.images.astype(float)  # the reference: a long scan, practically without noise
patient = test.groups
RANGE = 500.0  # grey levels from air to the brightest fat: one range for all images

# %% [markdown]
# ## Two scores, by hand (7 min)
#
# The vendor's table has two columns. The first is the **peak signal-to-noise ratio (PSNR)** of unit 03, which compares the mean squared
# error (MSE) with a range $R$ of grey levels, on a logarithmic scale:
#
# $$ \text{PSNR} = 10 \log_{10} \frac{R^2}{\text{MSE}} \text{ dB} $$
#
# Ten decibels more are a tenth of the squared error. $R$ is *chosen*: what the scanner or the window defines, the same for all
# images that are compared. Half of the range is 6 dB less, with the same image.


# %%
def psnr(image, reference, data_range):
    """Return the PSNR in dB, over the last two axes."""
    mse = ((np.asarray(image, float) - reference) ** 2).mean(axis=(-2, -1))
    return 10 * np.log10(data_range**2 / mse)


# %% [markdown]
# The second is the **structural similarity (SSIM)** [1]. In a small window around each pixel it compares means $\mu$,
# variances $\sigma^2$ and the covariance $\sigma_{xy}$ of both images, and is 1 where they agree:
#
# $$ \text{SSIM} = \frac{(2\mu_x\mu_y + C_1)\,(2\sigma_{xy} + C_2)}{(\mu_x^2 + \mu_y^2 + C_1)\,(\sigma_x^2 + \sigma_y^2 + C_2)},
# \qquad C_1 = (0.01 R)^2, \quad C_2 = (0.03 R)^2 $$
#
# The mean over all pixels is reported. $C_1$ and $C_2$ keep the fraction quiet where nothing is; they contain the range $R$,
# so SSIM needs it too.


# %%
def ssim(x, y, data_range, width=7):
    """Return the mean SSIM over windows of width × width equal weights that fit into the image."""
    x, y = np.asarray(x, float), np.asarray(y, float)

    def mean(values):
        return ndimage.uniform_filter(values, width)

    one_less = width**2 / (width**2 - 1)  # variances with n − 1
    mx, my = mean(x), mean(y)
    vx, vy = one_less * (mean(x * x) - mx * mx), one_less * (mean(y * y) - my * my)
    both = one_less * (mean(x * y) - mx * my)
    c1, c2 = (0.01 * data_range) ** 2, (0.03 * data_range) ** 2
    s = (2 * mx * my + c1) * (2 * both + c2) / ((mx**2 + my**2 + c1) * (vx + vy + c2))
    edge = width // 2
    return float(s[edge:-edge, edge:-edge].mean())


# %% tags=["nbval-check-output"]
rng = np.random.default_rng(0)
truth = full[1]
noisy = truth + rng.normal(0, 25, truth.shape)
theirs = quality.peak_signal_noise_ratio(truth, noisy, data_range=RANGE)
result("PSNR by hand, R = 500", float(psnr(noisy, truth, RANGE)))
result("by scikit-image", float(theirs))
result("SSIM by hand", ssim(truth, noisy, RANGE))
result("by scikit-image", float(quality.structural_similarity(truth, noisy, data_range=RANGE)))
whole = noisy.round().astype(np.int16), truth.round().astype(np.int16)
result(
    "the same image as int16, no range given", float(quality.peak_signal_noise_ratio(*whole[::-1]))
)

# %% [markdown]
# Both agree with scikit-image. The last line is the trap of unit 03 once more. It is the same picture, but stored as whole numbers of 16 bits, and nobody said a range: so
# the library took that of the *type*, 32,767, and the picture became 36 dB "better". Never leave the range out.
#
# Now the scanner's field of view. Many images are mostly air.

# %%
air = ask(
    "We add a wide frame of air, which both images show perfectly. What does the PSNR of the whole picture do?",
    "falls",
    "stays",
    "rises",
)
air

# %% tags=["nbval-check-output"]
framed = [np.pad(image, 64) for image in (noisy, truth)]
result("PSNR, 128 × 128", float(psnr(noisy, truth, RANGE)))
result("PSNR, with a frame of perfect air", float(psnr(*framed, RANGE)))
result("SSIM, 128 × 128", ssim(truth, noisy, RANGE))
result("SSIM, with the frame", ssim(framed[1], framed[0], RANGE))

# %%
change = psnr(*framed, RANGE) - psnr(noisy, truth, RANGE)
air.reveal("rises" if change > 0.1 else "falls" if change < -0.1 else "stays")

# %% [markdown]
# The error is averaged over four times as many pixels, most of them trivially right, so it falls to a quarter and the PSNR rises by $10 \log_{10} 4 = 6$ dB. SSIM rises as well, since it is 1 wherever both images are air. A score
# is comparable only over the same region. We use a box around the head from here on, and always $R = 500$.

# %%
BOX = np.s_[..., 8:120, 16:112]


def gain(method, base):
    """Return the paired gain in dB, patients drawn, over the box around the head."""
    a, b = (psnr(image[BOX], full[BOX], RANGE) for image in (method, base))
    return metrics.paired_difference(np.mean, a, b, patient)


# %% [markdown] tags=["notes"]
# What libraries assume when nobody says a range is [a row of its own](../docs/conventions.md#psnr-of-integers-without-a-range), and so
# is [which window SSIM takes](../docs/conventions.md#ssim-which-window). Two identical images have an [infinite
# PSNR](../docs/conventions.md#quality-of-two-identical-images), which makes any mean infinite.

# %% [markdown]
# ## What a faster scan loses (6 min)
#
# A scanner measures k-space step by step. In a three-dimensional scan both directions of our pictures are stepped through, so a quarter of the samples takes about a quarter of the time. The middle of k-space holds the
# coarse shapes, the rim the fine detail, and the fast scan leaves the rim out. Filling the missing rim with zeros and
# transforming back is called **zero-filling**, and it gives an image of the old size that is blurred.
#
# There is a second loss. Our reference is a scan that was repeated until its noise was gone; the fast one is run once. We take noise of 40 grey levels if *all* of k-space were
# measured once, about a seventh of white matter. Cropping k-space halves it, because it throws away three quarters of the noise, too.

# %%
rng = np.random.default_rng(1)
KEEP, NOISE = 64, 40.0
measured = kspace.measure(full, keep=KEEP, noise=NOISE, rng=rng)
zero_filled = np.abs(kspace.reconstruct(measured, 128))
clean = kspace.acquire(full, keep=KEEP)  # the same without noise, to separate the two losses

# %% [markdown]
# Some papers make their "low-resolution" images in another way: they average blocks of 2 × 2 pixels. That is no scanner, but
# does it matter? A step from 0 to 100 tells.

# %%
beyond = ask(
    "A sharp edge from 0 to 100, and only the middle of k-space is kept. What is the largest value of the image?",
    "below 100",
    "exactly 100",
    "above 100",
)
beyond

# %% tags=["fold"]
step = np.zeros((128, 128))
step[:, 33:97] = 100.0
cropped = kspace.acquire(step, keep=64)[64]
blocks = step.reshape(64, 2, 64, 2).mean(axis=(1, 3))
averaged = np.repeat(np.repeat(blocks, 2, axis=0), 2, axis=1)[64]
plots.lines(
    {
        "truth": step[64, 24:44],
        "k-space cropped": cropped[24:44],
        "blocks averaged": averaged[24:44],
    },
    x=np.arange(24, 44) * 1.8,
    xlabel="mm",
    ylabel="grey level",
    title="One edge, two ways to lose resolution",
    alt="Across an edge the cropped image overshoots and ripples; block averages make one step of half height.",
)

# %% tags=["nbval-check-output"]
result("largest value after cropping k-space", float(cropped.max()), at_least=105)
result("largest value after averaging blocks", float(averaged.max()), within=(99.9, 100.1))
result("PSNR of the fast scan, without noise", float(psnr(clean[BOX], full[BOX], RANGE).mean()),
       within=(24, 28))  # fmt: skip
result("with noise", float(psnr(zero_filled[BOX], full[BOX], RANGE).mean()), within=(22, 24))

# %%
highest = cropped.max()
beyond.reveal("above 100" if highest > 101 else "below 100" if highest < 99 else "exactly 100")

# %% [markdown]
# Cropping overshoots: the image rings beside each edge, which is **Gibbs ringing** (or truncation artefact). Block averaging does not
# ring; it smears instead. So a method that was trained on one meets another enemy in the other, as you will see below.
#
# There is a quieter trap. The small image of cropped k-space has its pixel 0 where the large one has its pixel 0; a block average
# has it half a large pixel further, in the middle of the block. Whoever resizes with the wrong grid shifts the image by half a pixel, and the next section prints what that costs.

# %% [markdown] tags=["notes"]
# The two grids have [a row](../docs/conventions.md#zooming-an-array-corners-or-extent), and so has [shrinking with and without
# smoothing](../docs/conventions.md#shrinking-with-and-without-smoothing).

# %% [markdown]
# ## Interpolation, and a dictionary (10 min)
#
# First the baselines. **Bicubic** interpolation puts a smooth cubic curve through the pixels of the small image. Zero-filling is
# interpolation as well, with waves instead of cubic curves. Because there is noise, we add a third baseline, which a fair
# comparison needs: a slight Gaussian blur of the zero-filled image, whose width is chosen on the *learning* patients.

# %%
rng = np.random.default_rng(2)
learn_full = learn.images.astype(float)
learn_measured = kspace.measure(learn_full, keep=KEEP, noise=NOISE, rng=rng)
learn_fast = np.abs(kspace.reconstruct(learn_measured, 128))


def bicubic(k, offset=0.0):
    """Enlarge the small image of a measured k-space twofold; offset in large pixels."""
    small = np.abs(kspace.reconstruct(k, KEEP)) / 4  # 64 × 64 samples where there were 128 × 128
    at = (np.mgrid[:128, :128] + offset) / 2
    return np.array([ndimage.map_coordinates(one, at, order=3, mode="grid-wrap") for one in small])


widths = (0.3, 0.5, 0.7, 0.9)
by_width = {
    w: psnr(ndimage.gaussian_filter(learn_fast, (0, w, w))[BOX], learn_full[BOX], RANGE).mean()
    for w in widths
}
best_width = max(by_width, key=by_width.get)
blurred = ndimage.gaussian_filter(zero_filled, (0, best_width, best_width))
shown = {"zero-filled": zero_filled, "bicubic": bicubic(measured), "blurred": blurred}
print("width chosen on the learning patients:", best_width, "pixels")

# %% [markdown]
# Before networks, one learnt a **dictionary**: a hundred or so typical small patches, called atoms, of which every patch of an image
# is a sum of *few*. That is **sparse coding**. Which few? **Orthogonal matching pursuit (OMP)** picks the atom that
# resembles the rest most, fits all picked atoms anew by least squares, and repeats.


# %%
def omp(patches, atoms, picks):
    """Return the codes of patches, with at most `picks` numbers that are not zero; atoms in rows."""
    chosen, rest = np.empty((len(patches), 0), int), patches
    for _ in range(picks):
        chosen = np.column_stack([chosen, np.abs(rest @ atoms.T).argmax(axis=1)])
        own = atoms[chosen]  # of each patch its own few atoms
        gram = own @ own.transpose(0, 2, 1) + 1e-9 * np.eye(chosen.shape[1])
        weights = np.linalg.solve(gram, own @ patches[..., None])[..., 0]
        rest = patches - (weights[:, None] @ own)[:, 0]
    codes = np.zeros((len(patches), len(atoms)))
    np.put_along_axis(codes, chosen, weights, axis=1)
    return codes


# %% [markdown]
# Where do the atoms come from? Begin with patches picked at random. Code all patches, then fit the atoms anew so that the codes give the patches back as well as possible, which is one
# least-squares problem; repeat. (`MiniBatchDictionaryLearning` of scikit-learn does this for large sets.)
#
# For super-resolution there are two dictionaries with the same numbers [2]: an atom of the fast scan, and what is to be drawn for it in the full one.
# The code is found with the first, and the second is used to draw. We do it in patches of 7 × 7 pixels, each minus its mean, and learn from the twenty healthy people.

# %%
from numpy.lib.stride_tricks import sliding_window_view
from sklearn.decomposition import sparse_encode

SIDE, ATOMS, PICKS = 7, 96, 2


def cut(images, step):
    """Return square patches at this step from the box around the head, and their means."""
    windows = sliding_window_view(images, (SIDE, SIDE), axis=(-2, -1))
    flat = windows[..., 6:116:step, 14:108:step, :, :].reshape(-1, SIDE**2)
    return flat, flat.mean(axis=1, keepdims=True)


def best_atoms(codes, patches):
    """Return the atoms, or drawings, from which these codes give the patches back best."""
    return np.linalg.solve(codes.T @ codes + 1e-3 * np.eye(ATOMS), codes.T @ patches)


# %%
given, mean = cut(learn_fast[::3], 4)
drawn = cut(learn_full[::3], 4)[0]
textured = given.std(axis=1) > 25
x, y = (given - mean)[textured], (drawn - mean)[textured]
rng = np.random.default_rng(0)
atoms = x[rng.choice(len(x), ATOMS, replace=False)]
with threadpool_limits(1):  # small matrices: threads only wait for each other
    for _ in range(8):
        atoms = atoms / np.linalg.norm(atoms, axis=1, keepdims=True)
        codes = omp(x, atoms, PICKS)
        fitted = best_atoms(codes, x)
        used = np.linalg.norm(fitted, axis=1, keepdims=True) > 1e-6
        atoms = np.where(used, fitted, atoms)
    atoms = atoms / np.linalg.norm(atoms, axis=1, keepdims=True)
    codes = omp(x, atoms, PICKS)
    drawings = best_atoms(codes, y)
    theirs = sparse_encode(x[:50], atoms, algorithm="omp", n_nonzero_coefs=PICKS)


# %%
def sparse(image):
    """Draw each patch of an image anew; patches overlap and are averaged."""
    given, mean = cut(image, 2)
    new = (mean + omp(given - mean, atoms, PICKS) @ drawings).reshape(55, 47, SIDE, SIDE)
    total, count = np.zeros(image.shape), np.zeros(image.shape)
    for row, column in np.ndindex(SIDE, SIDE):
        place = np.s_[6 + row : 116 + row : 2, 14 + column : 108 + column : 2]
        total[place] += new[..., row, column]
        count[place] += 1
    return np.where(count, total / np.maximum(count, 1), image)


with threadpool_limits(1):
    shown["sparse coding"] = np.array([sparse(image) for image in zero_filled])

# %% tags=["nbval-check-output"]
result("learning patches", len(x))
moved = gain(bicubic(measured, offset=-0.5), shown["bicubic"])
result(
    "bicubic on the grid of block averages: dB over bicubic on the right one",
    float(moved),
    at_most=-0.5,
)
apart = np.abs(codes[:50] - theirs).max() / np.abs(theirs).max()
result("largest difference of our OMP from scikit-learn's", float(apart), at_most=1e-6)
for name in ("bicubic", "blurred", "sparse coding"):
    value = gain(shown[name], zero_filled)
    limits = {"bicubic": (-0.4, -0.1), "blurred": (0.0, 0.15), "sparse coding": (0.45, 0.85)}[name]
    result(f"{name}: dB over zero-filling, 30 unseen patients", float(value), within=limits)

# %% [markdown]
# The dictionary knows something that no interpolation can: what patches of heads look like. It was learnt from one slice each of twenty other people, and with two atoms a patch it also removes noise.

# %% [markdown]
# ## A network that adds what is missing (9 min)
#
# The **SRCNN** [3] does the same in three convolutions: the first takes patches apart, the second maps them, the third draws.
# Ours is **residual**: it computes what has to be *added* to the zero-filled image, so that doing nothing is an easy
# answer, and only detail has to be learnt [4]. It has 4,497 numbers. It learns while you wait, from squares of 48 pixels.

# %%
better = ask(
    "The small network after a few seconds of training, dB over sparse coding?",
    "worse",
    "0 to 1 dB better",
    "more than 1 dB better",
)
better

# %%
rng = np.random.default_rng(3)
corners = [(i, *rng.integers((8, 16), (72, 64))) for i in range(60) for _ in range(6)]
squares = [
    np.array([images[i, r : r + 48, c : c + 48] for i, r, c in corners], np.float32)[..., None]
    for images in (learn_fast / RANGE, learn_full / RANGE)
]
small = networks.to_image(filters=(24, 16), kernels=(5, 3, 5), seed=0)
falling = keras.optimizers.schedules.CosineDecay(4e-3, 8 * -(-len(corners) // 16))
small.compile(keras.optimizers.Adam(falling), "mse")
keras.utils.set_random_seed(0)
history = small.fit(*squares, batch_size=16, epochs=8, verbose=0)
print(
    "loss of each epoch:", [round(1000 * value, 2) for value in history.history["loss"]], "/ 1000"
)


# %%
def applied(network, images, scale=RANGE):
    """Return the network's images, in grey levels."""
    images = np.asarray(images, np.float32)[..., None] / scale
    parts = [np.asarray(network(images[i : i + 15])) for i in range(0, len(images), 15)]
    return np.concatenate(parts)[..., 0].astype(float) * scale


shown["small network"] = applied(small, zero_filled)
restore = shipped.network("u15_healthy")
shown["shipped network"] = applied(restore, zero_filled)

# %% [markdown]
# Beside it stands a larger one of the same kind, with 9,705 numbers, that was trained beforehand for some minutes on 60 people without lesions
# (`make_weights.py` beside this lecture). So it had three times the people and far more time, and the last row of the table is no comparison of sizes alone.

# %% tags=["fold"]
table = []
for name, image in shown.items():
    value = gain(image, zero_filled)
    similar = np.mean([ssim(a, b, RANGE) for a, b in zip(image[BOX], full[BOX], strict=True)])
    table.append((name, psnr(image[BOX], full[BOX], RANGE).mean(), similar, float(value)))
ladder = pd.DataFrame(table, columns=["method", "PSNR, dB", "SSIM", "gain, dB"]).set_index("method")
ladder.round(3)

# %% tags=["nbval-check-output"]
live, large = (gain(shown[name], zero_filled) for name in ("small network", "shipped network"))
over = gain(shown["small network"], shown["sparse coding"])
result("parameters of the small network", small.count_params())
result("patients, drawn with another seed than all that was learnt from", len(np.unique(patient)))
result("small network: paired gain over zero-filling, dB", float(live), at_least=0.8)
result("its 95 % interval, from", live.low, at_least=0.6)
result("small network: dB over sparse coding", float(over), within=(0, 1.6))
result("shipped network, 9,705 parameters: paired gain, dB", float(large), at_least=2)
result("its 95 % interval, from", large.low, at_least=1.8)
similar = ladder["SSIM"]
result("gain in SSIM", float(similar["shipped network"] - similar["zero-filled"]), at_least=0.12)

# %%
better.reveal("worse" if over < 0 else "0 to 1 dB better" if over <= 1 else "more than 1 dB better")

# %% [markdown]
# The order is the published one. On one photograph enlarged threefold the SRCNN's authors give 24.04 dB for bicubic, 25.58 for
# sparse coding and 27.95 for the SRCNN ([3], figure 1). On a public set of photographs, DIV2K, a lecture in which this unit has its roots lists 23.93 dB and an SSIM of 0.729 for bicubic, and 25.31 and 0.788 for WDSR, 25.37 and 0.791 for
# EDSR, two deeper networks [5]. Those are other images and other tasks, so no figure can be set beside ours.
#
# How much of our gain is detail, and how much is removed noise? Try the network on two inputs that it was not made for: the same heads shrunk by averaging blocks, and the fast scan without any noise.

# %% tags=["nbval-check-output"]
boxes = full.reshape(-1, 64, 2, 64, 2).mean(axis=(2, 4))
at = np.clip((np.mgrid[:128, :128] - 0.5) / 2, 0, 63)
rng = np.random.default_rng(4)
noise = np.abs(kspace.reconstruct(measured, 128)) - clean
smeared = np.array([ndimage.map_coordinates(one, at, order=3, mode="nearest") for one in boxes])
strange = smeared + noise
value = gain(applied(restore, strange), strange)
result("input made by averaging blocks, same noise: gain, dB", float(value), within=(1.2, 2))
result("share of the gain that is left", float(value / large), within=(0.5, 0.75))
no_noise = gain(applied(restore, clean), clean)
result("input without noise: gain, dB", float(no_noise), at_most=-0.2)

# %% [markdown]
# A network does best on the damage that it was shown. On block averages of the same heads more than a third of the gain is gone, and a scan *without*
# noise is made worse, although it is the better picture to begin with. So most of what this network has learnt is how to remove noise without blurring edges, and hardly any detail is added. Train on the degradation that your scanner really has, and test on
# scans that really were fast.

# %% tags=["fold"]
places = {"whole head": np.s_[8:120, 16:112], "cortex": np.s_[14:62, 40:88], "ventricles": np.s_[40:88, 40:88],
          "skull": np.s_[70:118, 40:88]}  # fmt: skip


def loupe(axes, method, place):
    """Draw the reference, a method and the error at one place."""
    where = places[place]
    picture = shown[method][1]
    plots.image(full[1][where], vmin=0, vmax=450, ax=axes[0], title="reference")
    plots.image(picture[where], vmin=0, vmax=450, ax=axes[1], title=method)
    plots.image((picture - full[1])[where], vmin=-120, vmax=120, ax=axes[2], title="error, ± 120")


def said(method, place):
    """Say the score of what is seen."""
    where = places[place]
    return f"PSNR here {psnr(shown[method][1][where], full[1][where], RANGE):.1f} dB"


# %% tags=["fold"]
widgets.explore(
    loupe,
    {
        "method": widgets.Choice("Method", tuple(shown)),
        "place": widgets.Choice("Place", tuple(places)),
    },
    alt=lambda method, place: f"The {place} in the reference, after {method}, and the error.",
    say=said,
    panels=3,
    settings=[
        {"method": name, "place": "ventricles"} for name in ("zero-filled", "shipped network")
    ],
    size=(8.5, 3.2),
)

# %% [markdown] tags=["notes"]
# Use the loupe. In white matter the network's error is much calmer than the scan's, but every edge is left in it, and most of all the skull's: what the fast scan did not measure can only be guessed.

# %% [markdown]
# ## An image of another kind (7 min)
#
# The same kind of network can also draw an image that nobody measured. A patient with a brain tumour gets an MR for planning, and a CT for the dose of the radiotherapy, because the dose depends on HU. Can the CT be computed from
# the MR and one scan be saved? First the baseline: for each grey level of T1, the mean HU of that grey level in the learning patients. But for the width of the bins, no function of the intensity alone has a smaller squared error there.
# (The median, which suits the absolute error, is printed too.)

# %%
from_one = ask(
    "The skull has about 700 HU in this simulator. What is the mean absolute error there, by intensity alone?",
    "below 100 HU",
    "100 to 300 HU",
    "above 300 HU",
)
from_one

# %%
rng = np.random.default_rng(6)
learn_t1, test_t1 = (kspace.acquire(i, keep=128, noise=8, rng=rng) for i in (learn_full, full))
edges = np.arange(0, 600, 10)
levels = np.digitize(learn_t1, edges)
total = np.bincount(levels.ravel(), learn.extra["ct"].ravel(), len(edges) + 1)
per_level = total / np.maximum(np.bincount(levels.ravel(), minlength=len(edges) + 1), 1)
by_intensity = per_level[np.digitize(test_t1, edges)]
half_way = [
    np.median(learn.extra["ct"][levels == k]) if (levels == k).any() else 0 for k in range(61)
]
by_median = np.array(half_way)[np.digitize(test_t1, edges)]
synthesise = shipped.network("u15_ct")
by_network = applied(synthesise, test_t1) / RANGE * 1000  # it answers in 1000 HU
ct = test.extra["ct"].astype(float)

# %% [markdown]
# The network is again a stack of convolutions, not residual this time, since T1 and CT are no relatives. Its weights lie ever further apart (a **dilated** convolution), so that it
# sees some 30 pixels around: enough to know whether a dark pixel has scalp outside and brain inside.

# %%
tissues = {"air": 0, "CSF": 1, "grey": 2, "white": 3, "skull": 4, "scalp": 5}


def by_tissue(image):
    """Return the mean absolute error in HU: a row per patient, a column per tissue."""
    error = np.abs(image - ct)
    return pd.DataFrame([
        {name: error[patient == p][test.masks[patient == p] == number].mean() for name, number in tissues.items()}
        for p in np.unique(patient)
    ])  # fmt: skip


one, other = by_tissue(by_intensity), by_tissue(by_network)
saved = metrics.paired_difference(np.mean, one["skull"], other["skull"])
rows = {"mean of the level": one, "median": by_tissue(by_median), "network": other}
pd.DataFrame({name: table.mean() for name, table in rows.items()}).round(0).astype(int)

# %% tags=["nbval-check-output"]
result("bone, intensity alone: mean absolute error, HU", float(one["skull"].mean()), at_least=400)
skull = test.masks == tissues["skull"]
result("its answer in bone, on average, HU", float(by_intensity[skull].mean()), within=(60, 160))
result("bone, median of the level", float(rows["median"]["skull"].mean()), within=(540, 620))
result("bone, network", float(other["skull"].mean()), at_most=310)
result("reduction", 1 - float(other["skull"].mean() / one["skull"].mean()), at_least=0.4)
result("paired difference over 30 patients, HU, from", saved.low, at_least=200)
result(
    "brain, network: mean absolute error, HU",
    float(other[["grey", "white"]].mean().mean()),
    at_most=30,
)
whole = [float(np.abs(image - ct).mean()) for image in (by_intensity, by_network)]
result("all pixels, intensity alone: HU", whole[0], within=(55, 68))
result("all pixels, network", whole[1], within=(36, 50))

# %%
bone = one["skull"].mean()
from_one.reveal(
    "below 100 HU" if bone < 100 else "100 to 300 HU" if bone <= 300 else "above 300 HU"
)

# %% tags=["fold"]
plots.montage(
    [test_t1[1] * 4 - 1000, ct[1], by_intensity[1], by_network[1]],
    titles=["T1", "CT", "intensity alone", "network"],
    columns=4,
    vmin=-1000,
    vmax=1000,
    size=8.5,
    alt="T1, its CT, a synthetic CT from intensity with a grey background and no skull, and one from the network with a white skull.",
)

# %% [markdown]
# Compact bone and air are both dark on T1, since neither gives signal, and the marrow between the plates of the skull is as bright as brain. So every grey level of bone is shared with another tissue, and intensity alone answers with the mean of all that has this level: some
# 100 HU, which is neither. The network sees where a pixel lies, and halves the error; 282 HU out of some 700 are still no skull to measure on. Over *all* pixels both errors look harmless, because air and brain hide the bone, and so tables of synthetic CT list the error **by tissue**. In papers
# such networks are often U-Nets, or are trained against a second network that judges whether the CT looks real [6, 7]. This makes bone sharp where a mean would be soft, but it rewards what *looks*
# right: trained on images with another share of ill people than the test, such networks can add findings or remove them [8], which is called a **hallucination**.
#
# A skull with a hole from an operation was never shown to our network, so we would not trust it there. An error that a radiotherapist may be able to accept, a surgeon cannot: the same image may do for one question and not for another.
#
# **Back to Monday.** The radiographer's answer is: not on the strength of the brochure. On our own fast scans the gain is real, but it is a gain in calm, and less than it seems in detail. Which patients it may serve, the second half tells.

# %% [markdown]
# ## Break: what you can do now (2 min)
#
# - Compute PSNR and SSIM, say their range and their region, and spot a score without either.
# - Degrade an image as a scanner does, and tell cropping from averaging.
# - Compare a network with the baselines that it must beat, on unseen patients and by tissue, paired.
#
# **1.** A paper reports a PSNR of 56 dB for MR images stored as int16. What do you ask?
#
# <details><summary>Answer</summary>
#
# Which range was used. With that of the type, 32,767, an error of 50 grey levels is 56 dB.
#
# </details>
#
# **2.** A synthetic CT has a mean absolute error of 43 HU over all pixels. Is the skull right?
#
# <details><summary>Answer</summary>
#
# That number does not say: with the same 43 HU, ours errs by 282 in bone, which is one pixel in twenty. Ask for the error by tissue.
#
# </details>
#
# **3.** The radiographer's vendor trained on block averages. Does the table in his brochure hold for your scanner?
#
# <details><summary>Answer</summary>
#
# No: the scanner crops k-space. Ask for scores on scans that were really measured fast, with the noise of your scanner.
#
# </details>

# %% [markdown]
# ## Which picture would you show? (13 min)
#
# **The second half: what a score does not show.** A woman of 44 has multiple sclerosis and comes for her yearly scan. New lesions mean that her drug
# fails and a stronger one, with more dangerous side effects, is due. (In the clinic they are counted on T2-weighted and FLAIR images. We use T1, where some lesions are **black holes**, a
# little darker than white matter, in their place.) Her scan was fast, and the restoring network gained more than 2 dB on people like her. May the
# radiologist count lesions on its picture?
#
# The thirty test patients have such lesions, and we know where. For each lesion we measure its **contrast**: the mean in a ring of white matter
# around it minus its own mean.


# %% tags=["fold"]
def rings(mask):
    """Yield each lesion of at least three pixels, and a ring of white matter around it."""
    every = mask == 6
    labelled, n = ndimage.label(every)
    beside = ndimage.binary_dilation(every)
    for number in range(1, n + 1):
        lesion = labelled == number
        ring = ndimage.binary_dilation(lesion, iterations=4) & ~beside & (mask == 3)
        if lesion.sum() >= 3 and ring.sum() >= 10:
            yield lesion, ring


# %%
def contrast(image, lesion, ring):
    """Return how much darker than its ring a lesion is, in grey levels."""
    return image[ring].mean() - image[lesion].mean()


lesions = [(i, lesion, ring) for i in range(90) for lesion, ring in rings(test.masks[i])]
size = np.array([lesion.sum() for _, lesion, _ in lesions])
owner = np.array([patient[i] for i, _, _ in lesions])
little = size < 12  # up to 39 mm², 7 mm across


def contrasts(images):
    """Return the contrast of every lesion."""
    return np.array([contrast(images[i], lesion, ring) for i, lesion, ring in lesions])


# %%
fate = ask(
    "The network gained more than 2 dB. What did it do to the contrast of small lesions, against the zero-filled image?",
    "raised it",
    "kept it within a tenth",
    "took away 10 to 30 %",
    "took away more than 30 %",
)
fate


# %%
def kept(image, where):
    """Return the share of the zero-filled contrast that is left, patients drawn."""
    pairs = np.column_stack([contrasts(image)[where], contrasts(zero_filled)[where]])
    share = lambda rows: rows[:, 0].mean() / rows[:, 1].mean()  # noqa: E731
    return metrics.bootstrap(share, pairs, groups=owner[where])


# %% tags=["nbval-check-output"]
result("small lesions (below 40 mm²)", int(little.sum()))
result("patients who have some", len(np.unique(owner[little])))
result("contrast in the reference, grey levels", float(contrasts(full)[little].mean()),
       within=(38, 52))  # fmt: skip
result("zero-filled", float(contrasts(zero_filled)[little].mean()), within=(33, 45))
result("after the network", float(contrasts(shown["shipped network"])[little].mean()), at_most=26)
left = kept(shown["shipped network"], little)
result("share of the zero-filled contrast that is left", float(left), at_most=0.65)
result("its 95 % interval, to", left.high, at_most=0.7)
result("larger lesions: share left", float(kept(shown["shipped network"], ~little)),
       within=(0.65, 0.9))  # fmt: skip

# %%
lost = 1 - float(left)
fate.reveal(
    "took away more than 30 %" if lost > 0.3 else "took away 10 to 30 %" if lost > 0.1
    else "kept it within a tenth" if lost > -0.1 else "raised it"
)  # fmt: skip

# %% tags=["fold"]
difference = contrasts(zero_filled) - contrasts(shown["shipped network"])
deep = little & (np.array([ring.sum() for _, _, ring in lesions]) > 45)  # far from the cortex
i, lesion, ring = lesions[int(np.argmax(np.where(deep, difference, -1)))]
r, c = (int(v) for v in ndimage.center_of_mass(lesion))
near = np.s_[max(r - 16, 0) : r + 16, max(c - 16, 0) : c + 16]
trio = {
    "reference": full,
    "fast, zero-filled": zero_filled,
    "fast, network": shown["shipped network"],
}


def marked(image):
    """Return a function that draws the surroundings of the lesion with an arrow."""

    def draw(ax):
        plots.image(image[i][near], vmin=150, vmax=340, ax=ax)
        at = r - near[0].start, c - near[1].start
        tip, tail = (at[1] + 2.5, at[0] - 2.5), (at[1] + 9, at[0] - 9)
        arrow = {"arrowstyle": "->", "color": plots.COLOURS["highlight"], "lw": 2}
        ax.annotate("", tip, tail, arrowprops=arrow)

    return draw


# %% tags=["fold"]
plots.grid(
    [(name, marked(image)) for name, image in trio.items()],
    columns=3,
    size=(8.0, 3.0),
    alt="A dark spot in white matter, at the arrow: clear in the reference, visible in noise when zero-filled, nearly gone after the network.",
)

# %% tags=["nbval-check-output"]
for name in ("zero-filled", "shipped network"):
    result(
        f"this lesion, {name}: contrast",
        float(contrast(shown[name][i], lesion, ring)),
        within=(25, 100),
    )
    value = float(psnr(shown[name][i][BOX], full[i][BOX], RANGE))
    result(f"this slice, {name}: PSNR, dB", value, within=(20, 30))
    result(
        f"this slice, {name}: SSIM",
        ssim(shown[name][i][BOX], full[i][BOX], RANGE),
        within=(0.3, 0.95),
    )

# %% [markdown]
# This is the picture to keep in mind. In the middle there is noise, and in the noise a dark spot. On the right everything is calm, and where the arrow points a shade is left, with half of the contrast that it had in the scan. (Of the small lesions deep in white matter it is the one that lost most, and we looked for it.) The network was not broken: on this very slice it raised both scores, as the lines below the picture say. In unit 03 a filter did the same: non-local means had the best PSNR, and hid the lesions.
#
# Why? Its 60 teachers had no lesions, so it never saw one. Would it have helped? Here is the same network, trained
# as long on 60 others *with* lesions, made by the same simulator.

# %%
cure = ask(
    "Trained on people with lesions, what share of the zero-filled contrast will be left?",
    "about the same as before (± 0.1)",
    "clearly more, but below 0.8",
    "0.8 or more",
)
cure

# %%
seen = shipped.network("u15_lesions")
with_lesions = applied(seen, zero_filled)
also = kept(with_lesions, little)
both = contrasts(with_lesions)[little] - contrasts(shown["shipped network"])[little]
change = metrics.bootstrap(np.mean, both, groups=owner[little])

# %% tags=["nbval-check-output"]
result("PSNR gain of the network that saw lesions, dB", float(gain(with_lesions, zero_filled)),
       at_least=2)  # fmt: skip
result("share of contrast that is left", float(also), within=(0.42, 0.65))
result("difference in grey levels of contrast", float(change), within=(-3, 4))
result("its 95 % interval, from", change.low, within=(-4, 3))
result("to", change.high, within=(-3, 5))
result("pixels in 10,000 that are lesion", 1e4 * float((test.masks == 6).mean()), within=(7, 12))

# %%
more = float(also) - float(left)
cure.reveal(
    "0.8 or more"
    if also >= 0.8
    else "clearly more, but below 0.8"
    if more > 0.1
    else "about the same as before (± 0.1)"
)

# %% [markdown]
# Having seen lesions hardly helps here. (One training each, and the interval draws patients alone.) An explanation that fits is worth more than the usual one: a network that is trained on the mean squared error tends towards
# the **mean of all images that fit the data**. A faint dark spot is sometimes a lesion and mostly noise, because lesions are rare; so the mean lies somewhere on the way to healthy, here about half-way. That answer has the *smallest error*, averaged over all pixels, of which few
# are lesion. Larger lesions stand out of the noise, and keep more. (A larger network might do better; we have not tried.)
#
# There is a remedy that uses what was measured. **Data consistency**: transform the network's picture back into k-space, put the measured samples where they were
# measured, and let the network fill the rim alone. This is also how learnt **image reconstruction** is built: a network and the measured data take turns.

# %%
inner = np.s_[:, 32:96, 32:96]


def consistent(images, k):
    """Return the images with the measured middle of k-space put back."""
    own = np.fft.fftshift(np.fft.fft2(images), axes=(-2, -1))
    own[inner] = k
    return np.abs(np.fft.ifft2(np.fft.ifftshift(own, axes=(-2, -1))))


honest = consistent(shown["shipped network"], measured)

# %% tags=["nbval-check-output"]
result("contrast that is left with data consistency", float(kept(honest, little)), at_least=0.9)
result("its PSNR gain, dB", float(gain(honest, zero_filled)), within=(0.5, 1))
result("PSNR gain without it, dB", float(gain(shown["shipped network"], zero_filled)), at_least=2)

# %% [markdown]
# The lesions are back, and so is the noise that was measured with them: most of the gain was bought by overruling the measurement.
#
# Yet a spot may be fainter and still easy to see, if the noise around it has gone as well. So let an observer look: a number for each spot, its contrast. We give it the small lesions, and for each
# one a **decoy**: the same outline laid on healthy white matter of the same slice. It calls what has at least half of the contrast that lesions have in the reference. And because seven minutes are the alternative, two pictures more: all of k-space measured
# once, and the *fast* scan measured four times and averaged.

# %%
longer = ask(
    "Seven minutes for small lesions: all of k-space once, or the fast scan four times?",
    "all of k-space once",
    "the fast scan four times",
    "no difference",
)
longer

# %% tags=["fold"]
rng = np.random.default_rng(5)
decoys = []
for i, lesion, ring in (one for one, is_little in zip(lesions, little, strict=True) if is_little):
    white = test.masks[i] == 3
    for _ in range(400):
        shift = rng.integers(-40, 41, 2)
        moved = [np.roll(m, shift, axis=(0, 1)) for m in (lesion, ring)]
        if white[moved[0]].all() and white[moved[1]].mean() > 0.8:
            decoys.append((i, moved[0], moved[1] & white))
            break


def observed(images):
    """Return the contrast of small lesions and of decoys, and whose they are."""
    spots = [one for one, is_little in zip(lesions, little, strict=True) if is_little] + decoys
    values = np.array([contrast(images[i], spot, ring) for i, spot, ring in spots])
    return values, np.array([patient[i] for i, _, _ in spots])


# %%
rng = np.random.default_rng(13)
four_times = kspace.measure(full, keep=KEEP, noise=NOISE / 2, rng=rng)  # of four scans, averaged
pictures = {
    "reference": full,
    "fast": zero_filled,
    "fast, network": shown["shipped network"],
    "fast, network, consistent": honest,
    "all of k-space, once": kspace.acquire(full, keep=128, noise=NOISE, rng=rng).astype(float),
    "fast, four times": np.abs(kspace.reconstruct(four_times, 128)),
}
labels = np.repeat([1, 0], [int(little.sum()), len(decoys)])
values = {name: observed(image)[0] for name, image in pictures.items()}
whose = observed(full)[1]
half = contrasts(full)[little].mean() / 2
sees = {name: (v[labels == 1] > half).mean() for name, v in values.items()}
called = {name: int((v[labels == 0] > half).sum()) for name, v in values.items()}

# %% tags=["nbval-check-output"]
limits = {"reference": 1, "fast": 0.75, "fast, network": 0.25, "fast, network, consistent": 0.75,
          "all of k-space, once": 0.7, "fast, four times": 0.75}  # fmt: skip
for name, v in values.items():
    bound = {"at_most": 0.55} if name == "fast, network" else {"at_least": limits[name]}
    result(f"{name}: small lesions that are called", float(sees[name]), **bound)
    result(f"{name}: of {len(decoys)} decoys, called", called[name], at_most=12)
    result(f"{name}: AUC", float(metrics.auc(labels, v, whose)), at_least=0.85)

# %% tags=["nbval-check-output"]
for name, other in (("fast, network", "fast"), ("fast, four times", "all of k-space, once")):
    change = metrics.paired_difference(
        metrics.auc, values[name], values[other], whose, labels=labels
    )
    result(f"AUC of '{name}' minus '{other}'", float(change), within=(-0.08, 0.12))
    result("its 95 % interval, from", change.low, within=(-0.12, 0.1))
    result("to", change.high, within=(-0.08, 0.18))

# %%
longer.reveal(
    "no difference"
    if change.low <= 0 <= change.high
    else "the fast scan four times"
    if change > 0
    else "all of k-space once"
)

# %% [markdown]
# Three things are true at once. At the old threshold the network's picture shows about half as many lesions, and none of the decoys is called (none of 63, with which up to 5 % are compatible). With a threshold of its own it would do nearly as well as the scan that it was made from: the AUC is a few
# hundredths lower, and not higher, because no network adds knowledge about *this* patient. It changes what a picture looks like, and readers' habits were made on other pictures. And the best picture of all is no network's: seven minutes that are spent on four fast scans
# beat the same minutes spent on all of k-space, for spots that are larger than the fast scan's pixels.
#
# In numbers of the clinic: say that of 50 suspicious places in a patient 5 are small lesions. Then the radiologist finds the following.

# %% tags=["nbval-check-output"]
for name in ("fast", "fast, network", "fast, four times"):
    found, false = 5 * sees[name], 45 * called[name] / len(decoys)
    worst = 45 * max(called[name], 3) / len(decoys)  # none of n: up to 3 / n are compatible
    result(f"{name}: found, of 5", float(found), within=(1.2, 4.9))
    result(f"{name}: healthy places called, of 45", float(false), within=(0, 9))
    result(
        f"{name}: share of calls that are right (0 of 63 counted as 3)",
        float(found / (found + worst)),
        within=(0.3, 0.75),
    )

# %% [markdown]
# **What would you tell the radiologist?** For the woman a missed lesion means another year on a drug that fails, and a false one a stronger drug that she did not need; the fast scan has too much of both, and the network's picture trades the second for the first. So: give her the seven minutes, as four fast scans, and
# count on the measured pictures. For the man with the tremor, if the question is something large, the loss is smaller (lesions above 40 mm² kept about three quarters of their contrast); the network's picture may hang *beside* the measured one, and we have not tested bleedings or tumours. And show the radiologist the three pictures with the arrow,
# because no score says it. [Unit 13](13_explainability.ipynb) asked the same about a network that had read a letter on the film: there, too, the score was excellent, and a picture raised the suspicion.

# %% [markdown]
# ## A forger and a judge (9 min)
#
# So far each network was told, pixel by pixel, what the right image would have been. A network that makes images of *nobody* needs another teacher. In a **generative adversarial network (GAN)** [9] a generator $G$ turns random numbers $z$ into images, and a discriminator $D$ says how probable it
# is that an image is real. $D$ learns to tell real from made; $G$ learns to be taken for real. Nothing compares a made image with a true one, so $G$ is free to invent.
#
# We write both in NumPy, on *one* number: the T1 signal of a pixel, for which a head has five common values (fluid, muscle, grey matter, white matter, fat). The layers and their gradients are as in [unit 05](05_perceptrons.ipynb), the steps are those of Adam, as in [unit 11](11_transfer_learning.ipynb), and all of it stands folded here.


# %% tags=["fold"]
def dense(rng, *sizes):
    """Return the layers of a network: weights and biases."""
    pairs = zip(sizes[:-1], sizes[1:], strict=True)
    return [[rng.normal(0, np.sqrt(2 / a), (a, b)), np.zeros(b)] for a, b in pairs]


def forward(layers, x):
    """Return the input and what each layer makes of it; negative values shrink to a fifth."""
    outputs = [x]
    for place, (w, b) in enumerate(layers, 1):
        z = outputs[-1] @ w + b
        outputs.append(z if place == len(layers) else np.where(z > 0, z, 0.2 * z))
    return outputs


def backward(layers, outputs, slope):
    """Return the gradients of all weights, and of the input; slope is that of the output."""
    gradients = []
    for place in reversed(range(len(layers))):
        gradients.append([outputs[place].T @ slope, slope.sum(axis=0)])
        slope = slope @ layers[place][0].T
        if place:
            slope = slope * np.where(outputs[place] > 0, 1, 0.2)
    return gradients[::-1], slope


# %% tags=["fold"]
class Adam:
    """Steps that are scaled by the size of recent gradients; as Keras does it."""

    def __init__(self, layers, rate=2e-3):
        self.rate, self.count = rate, 0
        self.mean = [[0 * p for p in layer] for layer in layers]
        self.square = [[0 * p for p in layer] for layer in layers]

    def step(self, layers, gradients):
        self.count += 1
        for layer, mean, square, found in zip(
            layers, self.mean, self.square, gradients, strict=True
        ):
            for k in (0, 1):
                mean[k] = 0.5 * mean[k] + 0.5 * found[k]
                square[k] = 0.99 * square[k] + 0.01 * found[k] ** 2
                m, s = mean[k] / (1 - 0.5**self.count), square[k] / (1 - 0.99**self.count)
                layer[k] = layer[k] - self.rate * m / (np.sqrt(s) + 1e-8)


def logistic(z):
    """Return probabilities."""
    return 1 / (1 + np.exp(-np.clip(z, -30, 30)))


# %%
def gan(real, *, inputs, hidden, steps, seed, forger_steps=1, rate=2e-3, batch=64):
    """Train a generator against a judge, and return a function that makes n samples."""
    rng = np.random.default_rng(seed)
    forger = dense(rng, inputs, hidden, hidden, real.shape[1])
    judge = dense(rng, real.shape[1], hidden, hidden, 1)
    of_forger, of_judge = Adam(forger, rate), Adam(judge, rate)
    is_real = np.repeat([[1.0], [0.0]], batch, axis=0)
    for _ in range(steps):
        made = forward(forger, rng.standard_normal((batch, inputs)))[-1]
        seen = forward(judge, np.vstack([real[rng.integers(0, len(real), batch)], made]))
        slope = (logistic(seen[-1]) - is_real) / len(is_real)  # of the cross-entropy
        of_judge.step(judge, backward(judge, seen, slope)[0])
        for _ in range(forger_steps):
            made = forward(forger, rng.standard_normal((batch, inputs)))
            seen = forward(judge, made[-1])
            slope = (logistic(seen[-1]) - 1) / batch  # it wants to be called real
            through = backward(judge, seen, slope)[1]
            of_forger.step(forger, backward(forger, made, through)[0])
    return lambda n, seed=0: forward(
        forger, np.random.default_rng(seed).standard_normal((n, inputs))
    )[-1]


# %%
many = ask(
    "The forger may take one step for each step of the judge, or five. Which covers more of the five values?",
    "one step",
    "five steps",
    "no difference",
)
many

# %%
rng = np.random.default_rng(0)
modes = np.array([-1.6, -0.9, -0.1, 0.6, 1.6])  # fluid, muscle, grey, white, fat; scaled
signal = (modes[rng.integers(0, 5, 4000)] + 0.08 * rng.standard_normal(4000))[:, None]


def shares(samples):
    """Return the share of samples within three standard deviations of each mode."""
    return np.array([(np.abs(samples[:, 0] - mode) < 0.24).mean() for mode in modes])


with threadpool_limits(1):
    one_d = {
        (forger_steps, seed): shares(
            gan(signal, inputs=2, hidden=24, steps=900, seed=seed, forger_steps=forger_steps)(2000)
        )
        for forger_steps in (1, 5)
        for seed in (0, 1, 2)
    }

# %% tags=["nbval-check-output"]
covered = {
    steps: float(np.mean([(one_d[steps, seed] > 1 / 20).sum() for seed in (0, 1, 2)]))
    for steps in (1, 5)
}
result("one step: values covered of five, mean of three trainings", covered[1], at_least=2.5)
result("five steps", covered[5], at_most=4.5)
near = {steps: float(np.mean([one_d[steps, seed].sum() for seed in (0, 1, 2)])) for steps in (1, 5)}
result("one step: share of samples at any of the five values", near[1], within=(0.3, 1))
result("five steps", near[5], within=(0.2, 1))

# %%
many.reveal(
    "one step"
    if covered[1] > covered[5]
    else "five steps"
    if covered[5] > covered[1]
    else "no difference"
)

# %% tags=["fold"]
pd.DataFrame(
    {
        f"{steps} step{'s' * (steps > 1)}, training {seed + 1}": values.round(2)
        for (steps, seed), values in one_d.items()
    },
    index=["fluid", "muscle", "grey", "white", "fat"],
).T

# %% [markdown]
# A value counts as covered if it gets at least a quarter of its true share. When the forger runs ahead, it puts everything where the judge of the moment is weakest, and the judge can only chase it:
# **mode collapse**. (Look at each training: not every one collapses, and the judge took as many steps in both.) Many made numbers by themselves look real, though about two in five lie where no tissue has its signal; it is the *set* of them that is poor, so collapse
# must be measured on the set.
#
# The same on patches of 8 × 8 pixels of the learning heads. There are no five modes any more, so we cut the real patches into twelve groups by k-means, and count how many get at least a quarter of
# their true share. So that the small networks can cope, patches are given as 16 **principal components**, the directions in which patches differ most.

# %%
from sklearn.cluster import KMeans
from sklearn.decomposition import PCA

rng = np.random.default_rng(7)
corners = [(i, *rng.integers(20, 96, 2)) for i in range(60) for _ in range(60)]
inside = [
    (i, r, c) for i, r, c in corners if (learn.masks[i, r : r + 8, c : c + 8] > 0).mean() > 0.7
]
patches = np.array([learn_full[i, r : r + 8, c : c + 8].ravel() for i, r, c in inside])
components = PCA(16, random_state=0).fit(patches)
codes = components.transform(patches)
codes, scale = codes / codes.std(), codes.std()
groups = KMeans(12, n_init=2, random_state=0).fit(codes)
true_share = np.bincount(groups.labels_, minlength=12) / len(codes)


def coverage(samples):
    """Return how many groups get at least a quarter of their true share."""
    made = np.bincount(groups.predict(samples), minlength=12) / len(samples)
    return int((made > true_share / 4).sum())


# %%
with threadpool_limits(1):
    settings = {"inputs": 8, "hidden": 64, "seed": 0, "rate": 1e-3}
    forgers = {
        1: gan(codes, steps=1200, **settings),
        5: gan(codes, steps=1200, forger_steps=5, **settings),
    }
    half = rng.permutation(len(codes))[: len(codes) // 2]
    reached = {steps: coverage(forger(2000)) for steps, forger in forgers.items()}

# %% tags=["nbval-check-output"]
result("half of the real patches: groups covered of 12", coverage(codes[half]), at_least=12)
result("GAN, one step: groups covered", reached[1], at_least=5)
result("GAN, five steps: groups covered", reached[5], at_most=8)

# %% tags=["fold"]
drawn = [components.inverse_transform(forgers[s](8) * scale).reshape(-1, 8, 8) for s in (1, 5)]
plots.montage(
    [*patches[rng.integers(0, len(patches), 8)].reshape(-1, 8, 8), *drawn[0], *drawn[1]],
    columns=8,
    vmin=0,
    vmax=420,
    title="Real patches; one step; five steps",
    alt="Three rows of patches: real ones vary, the second row is similar, the third repeats itself.",
)

# %% [markdown] tags=["notes"]
# The rows of the picture tell the same story: patches that one might take for real ones, and patches that repeat a few themes. Even the better forger leaves some groups out. For images, coverage is measured just so, on groups or on features of a network.

# %% [markdown]
# ## May one train on what is made up? (7 min)
#
# GANs are sold as a cure for small sets: make a thousand lesions from fifty. The test is **train on fake, test on true**: fit a classifier on made patches, judge it on real ones of unseen
# patients, and put beside it the same classifier fitted on the real patches. Half of the test patients serve as the small set here, the other half is unseen; the scan is the T1 with little noise from which the CT was computed. The classes: a patch with a lesion in its
# middle, and one of healthy white matter (the decoys).

# %%
from sklearn.linear_model import LogisticRegression
from sklearn.neighbors import NearestNeighbors

noisy_t1 = test_t1.astype(float)


def centred(i, spot):
    """Return the 8 × 8 patch around a spot, minus its mean."""
    r, c = (int(v) - 4 for v in ndimage.center_of_mass(spot))
    patch = noisy_t1[i, r : r + 8, c : c + 8]
    return (patch - patch.mean()).ravel()


# %% tags=["fold"]
spots = [(1, i, spot) for i, spot, _ in lesions] + [(0, i, spot) for i, spot, _ in decoys]
spot_codes = components.components_[:16] @ np.array([centred(i, spot) for _, i, spot in spots]).T
spot_codes = spot_codes.T / 30
has_lesion = np.array([label for label, _, _ in spots])
whose = np.array([patient[i] for _, i, _ in spots])
known = whose < 15
with threadpool_limits(1):
    painters = {
        label: gan(
            spot_codes[known & (has_lesion == label)],
            inputs=8,
            hidden=48,
            steps=1200,
            seed=1,
            rate=1e-3,
        )
        for label in (0, 1)
    }
made = np.vstack([painters[label](400) for label in (0, 1)])
made_label = np.repeat([0, 1], 400)


# %%
def scored(x, y):
    """Return scores of the real patches of unseen patients, after learning from x and y."""
    model = LogisticRegression(C=0.1, max_iter=2000).fit(x, y)
    return model.decision_function(spot_codes[~known])


def unseen_auc(x, y):
    """Return the AUC on them."""
    return metrics.auc(has_lesion[~known], scored(x, y), whose[~known])


def nearest(samples, among):
    """Return the distance of each sample to the nearest of others."""
    return NearestNeighbors(n_neighbors=1).fit(among).kneighbors(samples)[0][:, 0]


rng = np.random.default_rng(8)
picks = rng.integers(0, known.sum(), 800)
copies, copy_label = (
    spot_codes[known][picks] + 0.05 * rng.standard_normal((800, 16)),
    has_lesion[known][picks],
)
yardstick = np.median(nearest(spot_codes[~known], spot_codes[known]))

# %%
wins = ask(
    "Which made set will give the best classifier on real patches of unseen patients?",
    "the GAN's 800 patches",
    "800 noisy copies of the real ones",
    "about the same (no clear difference)",
)
wins

# %% tags=["nbval-check-output"]
aucs = {
    "real": unseen_auc(spot_codes[known], has_lesion[known]),
    "GAN": unseen_auc(made, made_label),
    "copies": unseen_auc(copies, copy_label),
}
result("real patches to learn from, of 15 patients", int(known.sum()))
result("trained on true: AUC", float(aucs["real"]), at_least=0.7)
result("its 95 % interval, from", aucs["real"].low, at_least=0.55)
result("trained on the GAN's 800: AUC", float(aucs["GAN"]), at_least=0.7)
result("trained on 800 slightly noisy copies: AUC", float(aucs["copies"]), at_least=0.7)
result("real patches to judge with, of 15 other patients", int((~known).sum()))
for name, samples in (("GAN", made), ("copies", copies)):
    ratio = np.median(nearest(samples, spot_codes[known])) / yardstick
    limits = {"GAN": (0.3, 2.0), "copies": (0.0, 0.25)}[name]
    result(
        f"{name}: distance to the nearest real patch, over that of unseen patients",
        float(ratio),
        within=limits,
    )

# %% tags=["nbval-check-output"]
spread = float(
    made[made_label == 1].std(axis=0).mean()
    / spot_codes[known & (has_lesion == 1)].std(axis=0).mean()
)
result("GAN's lesions: spread over that of the real ones", spread, within=(0.15, 1.2))

# %%
gap = metrics.paired_difference(
    metrics.auc, *(scored(*one) for one in ((made, made_label), (copies, copy_label))),
    whose[~known], labels=has_lesion[~known],
)  # fmt: skip
clear = not gap.low <= 0 <= gap.high
wins.reveal(
    "about the same (no clear difference)"
    if not clear
    else "the GAN's 800 patches"
    if gap > 0
    else "800 noisy copies of the real ones"
)
print(f"GAN − copies: {gap:+.3f}, 95 % interval over patients {gap.low:+.3f} to {gap.high:+.3f}")

# %% [markdown]
# With so few patients the three sets cannot be told apart (the interval is printed). So useful is what all of them are. But are they new?
# Copies pass the first test, and they *are* the patients' patches: whoever publishes them publishes the patients. So a second number belongs beside it, the **memorisation test**: how near are
# made samples to the nearest training sample, compared with how near patches of *unseen* patients are? A ratio near 1 is what new patients would give, and near 0 the set is a copy. The GAN lies between, which may be memory or may be collapse, since samples that vary too little lie nearer
# as well; so the spread of a made set is printed beside it. A generator that has learnt from a few dozen lesions knows a few dozen lesions.

# %% [markdown]
# ## One step of denoising (7 min)
#
# **Diffusion models** [10] avoid the quarrel with a judge. Take a real sample, and add a little noise, many times, until nothing is left but noise. Then train a network to say *which noise was added*. To make a new
# sample, begin with noise and walk back: in each step subtract a little of the noise that the network sees, and add a smaller new one. With $\beta_t$ the variance that is added at step $t$, $\alpha_t = 1 - \beta_t$
# and $\bar\alpha_t = \alpha_1 \cdots \alpha_t$, one step back from $x_t$ is
#
# $$ x_{t-1} = \frac{1}{\sqrt{\alpha_t}} \left( x_t - \frac{\beta_t}{\sqrt{1 - \bar\alpha_t}} \, \hat\varepsilon(x_t, t) \right) + \sqrt{\beta_t}\, z $$
#
# where $\hat\varepsilon$ is the guess of the noise, and $z$ fresh noise (none in the last step). For our five values of T1 signal the best guess can be computed without a network: it is a mean over the five
# modes, weighed by how probable each is given $x_t$.

# %%
BETA = np.linspace(1e-3, 0.25, 40)
ALPHA = 1 - BETA
REST = np.cumprod(ALPHA)  # ᾱ: the share of variance that is still signal


def best_guess(x, t):
    """Return the expected noise in x at step t, for five modes of width 0.08."""
    variance = REST[t] * 0.08**2 + 1 - REST[t]
    off = x[:, None] - np.sqrt(REST[t]) * modes
    weight = np.exp(-(off**2) / (2 * variance))
    weight = weight / weight.sum(axis=1, keepdims=True)
    return np.sqrt(1 - REST[t]) * (weight * off).sum(axis=1) / variance


def step_back(x, t, guess, rng):
    """Return x one step less noisy."""
    x = (x - BETA[t] / np.sqrt(1 - REST[t]) * guess) / np.sqrt(ALPHA[t])
    return x + (np.sqrt(BETA[t]) * rng.standard_normal(x.shape) if t else 0)


# %%
rng = np.random.default_rng(9)
walk = [rng.standard_normal(3000)]
for t in reversed(range(40)):
    walk.append(step_back(walk[-1], t, best_guess(walk[-1], t), rng))
plots.grid(
    [(f"after {n} of 40 steps", lambda ax, n=n: ax.hist(walk[n], 60, range=(-3, 3), color=plots.COLOURS["prediction"])) for n in (0, 25, 35, 40)],
    columns=4,
    size=(8.5, 2.2),
    alt="Four histograms: one broad hill of noise turns into five narrow peaks.",
)  # fmt: skip

# %% tags=["nbval-check-output"]
for name, share in zip(
    ("fluid", "muscle", "grey", "white", "fat"), shares(walk[-1][:, None]), strict=True
):
    result(f"diffusion: share of samples at {name}", float(share), within=(0.1, 0.3))

# %% [markdown]
# All five values come out, in their right shares, which is no wonder: here the guess of the noise is exact, and a learnt one may miss. There is no opponent, though, who could run ahead. But mark where the picture comes from. At the start there
# is nothing but noise, and everything that is seen at the end was decided by what is *usual*. That is harmless for a made-up patient. When a diffusion model "restores" a real scan, the same happens
# wherever the measurement is silent.
#
# Our restoring network from the first half draws no samples, but it, too, fills in what is usual. How much depends on the noise. Move it, and watch one head that is measured ever more badly.

# %% tags=["fold"]
base = np.random.default_rng(10).normal(size=(2, 64, 64)) * 128
one_k = kspace.measure(full[1], keep=KEEP)


def worse(noise):
    """Return the fast scan of one head at this noise, and what the network makes of it."""
    image = np.abs(kspace.reconstruct(one_k + noise * (base[0] + 1j * base[1]), 128))
    return image, applied(restore, image[None])[0]


def drawn_worse(axes, noise):
    """Draw scan, network and error."""
    image, guess = worse(noise)
    plots.image(image[8:120, 16:112], vmin=0, vmax=450, ax=axes[0], title="fast scan")
    plots.image(guess[8:120, 16:112], vmin=0, vmax=450, ax=axes[1], title="network")
    plots.image(
        (guess - full[1])[8:120, 16:112], vmin=-120, vmax=120, ax=axes[2], title="error, ± 120"
    )


def said_worse(noise):
    """Say both scores."""
    values = [psnr(image[BOX], full[1][BOX], RANGE) for image in worse(noise)]
    return f"PSNR of the scan {values[0]:.1f} dB, of the network's picture {values[1]:.1f} dB"


# %% tags=["fold"]
widgets.explore(
    drawn_worse,
    {"noise": widgets.Slider("Noise", 0, 240, 40, step=40, unit="grey levels")},
    alt=lambda noise: f"A head at noise {noise}: the scan, the network's picture and its error.",
    say=said_worse,
    panels=3,
    settings=[{"noise": 40}, {"noise": 160}],
    size=(8.5, 3.2),
)

# %% [markdown]
# It was trained at noise 40. At four times as much it takes noise for structure: the air is cleared, and the spots in the brain stay and look like anatomy that nobody has. A picture never says of itself where it is sure.

# %% [markdown]
# ## Profiles from nothing (8 min, deeper)
#
# The best guess of the noise is known for five modes and for hardly anything else; in general a network learns it, from pairs that cost nothing: take a sample, add known noise, ask for the noise. A tiny one for **profiles**:
# T1 signal along 16 pixels from the air through scalp and skull into the brain.

# %%
from sklearn.neural_network import MLPRegressor

rng = np.random.default_rng(11)
first = np.maximum((learn.masks > 0).argmax(axis=1), 2)  # the first row of the head, by column
profiles = np.array([
    learn_full[i, first[i, c] - 2 : first[i, c] + 14, c] for i in range(60) for c in range(44, 84)
])  # fmt: skip
profiles = (profiles - profiles.mean()) / profiles.std()

# %%
steps = rng.integers(0, 40, 24_000)
clean_profiles = profiles[rng.integers(0, len(profiles), 24_000)]
added = rng.standard_normal(clean_profiles.shape)
kept_part = REST[steps][:, None]
mixed = np.sqrt(kept_part) * clean_profiles + np.sqrt(1 - kept_part) * added
with threadpool_limits(1):
    guesser = MLPRegressor(
        hidden_layer_sizes=(96, 96), max_iter=12, learning_rate_init=2e-3, random_state=0, tol=0
    )
    import warnings

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it says that twelve rounds are few: they are
        guesser.fit(np.column_stack([mixed, steps / 40]), added)
    from_noise = rng.standard_normal((400, 16))
    for t in reversed(range(40)):
        guess = guesser.predict(np.column_stack([from_noise, np.full(400, t / 40)]))
        from_noise = step_back(from_noise, t, guess, rng)

# %% tags=["fold"]
plots.grid(
    [(name, lambda ax, rows=rows: ax.plot(np.arange(16) * 1.8, rows[:12].T, lw=0.8)) for name, rows in (("real", profiles[::200]), ("made", from_noise))],
    columns=2,
    size=(7.0, 2.6),
    alt="Real profiles rise at the scalp, dip at the skull and rise again; made ones do the same, a little rougher.",
)  # fmt: skip

# %% tags=["nbval-check-output"]
apart = np.abs(from_noise.mean(axis=0) - profiles.mean(axis=0)).mean()
result(
    "made profiles: mean distance of the mean profile, in standard deviations",
    float(apart),
    at_most=0.4,
)
result(
    "spread of made over spread of real profiles",
    float(from_noise.std(axis=0).mean() / profiles.std(axis=0).mean()),
    within=(0.6, 1.5),
)
by_copy = np.median(nearest(from_noise, profiles)) / np.median(
    nearest(profiles[1::2], profiles[::2])
)
result(
    "distance to the nearest real profile, over that of real to real", float(by_copy), at_least=0.8
)

# %% [markdown]
# Some seconds of training, and noise turns into profiles. The made profiles are further from real ones than real ones from each other: rough, but no copies. (Neighbouring columns of one head are near each other, which makes the yardstick strict.)

# %% [markdown]
# ## Lines that are left out (7 min, deeper)
#
# A fast scan may also measure the *whole* of k-space, but only every second line. This is how most scanners save time, with several coils. What does one coil show?

# %%
fold = ask(
    "Every second line of k-space is missing (zero). What does the image look like?",
    "blurred",
    "laid over itself, shifted by half of the field of view",
    "noisier, otherwise as before",
)
fold

# %%
whole_k = np.fft.fftshift(np.fft.fft2(full[1]))
half_k = whole_k.copy()
half_k[1::2] = 0
folded = np.abs(np.fft.ifft2(np.fft.ifftshift(half_k)))
ghost = (full[1] + np.roll(full[1], 64, axis=0)) / 2
random_lines = np.random.default_rng(0).permutation(128)[:48]
some_k = np.zeros_like(whole_k)
lines = np.union1d(random_lines, np.arange(56, 72))
some_k[lines] = whole_k[lines]
spread = np.abs(np.fft.ifft2(np.fft.ifftshift(some_k)))

# %% tags=["fold"]
plots.montage(
    [full[1], folded, spread],
    titles=["all lines", "every second line", "the middle and random lines"],
    columns=3,
    vmin=0,
    vmax=420,
    size=7.5,
    alt="A head; the same laid over itself, shifted by half; and the same with noise-like streaks.",
)

# %% tags=["nbval-check-output"]
result(
    "largest difference from half of the image plus itself, shifted",
    float(np.abs(folded - ghost).max()),
    at_most=1e-6,
)
result("lines measured in the last picture, of 128", len(lines))

# %%
is_ghost = np.abs(folded - ghost).max() < 1
fold.reveal("laid over itself, shifted by half of the field of view" if is_ghost else "blurred")

# %% [markdown]
# Regular gaps fold the image exactly; random ones spread the fold into something like noise, and noise is what denoisers remove. **Image reconstruction** by learning therefore alternates: denoise, put the measured lines back, denoise
# again. The last picture is where **denoising** and super-resolution meet; where they are trained on the squared error, all of them tend to the mean of what fits the data, with the same blind spot for what is rare.

# %% [markdown]
# ## Style, and sets that grow (5 min, deeper)
#
# **Style transfer** changes how an image looks and keeps what it shows, for instance so that images of one scanner look like those of another. The simplest kind moves two numbers: subtract an image's mean, divide by its standard
# deviation, and put those of the wanted style in their place. Deeper ones do this with the features of a network. We shall need it in a moment for a real head.
#
# **GAN augmentation** adds made images to the real ones. Published gains exist, such as for liver lesions in CT: with 182 real ones, sensitivity was 78.6 % with plain augmentation and 85.7 % with made lesions added [11]. You would ask for the interval of that
# difference, and for patients of another scanner.

# %% [markdown]
# ## A real head (6 min)
#
# Everything above was learnt and judged on one simulator, which is an advantage that no real scanner grants. Here is a real image, as far as an average can be one: the MNI152, the mean T1 of 152 people, which comes with nilearn. (Our simulator draws its heads from this atlas, so they are cousins.) We resample it to our
# pixels, crop its k-space, add noise and let the network work.

# %%
real = ask(
    "The network's gain over zero-filling on the MNI152, beside that on simulated heads?",
    "more",
    "about the same (within 0.5 dB)",
    "less",
)
real

# %% tags=["fold"]
from nilearn.datasets import load_mni152_template

volume = load_mni152_template(resolution=2).get_fdata()
planes = []
for z in (36, 42, 48, 54):  # axial, 2 mm; turned so that the nose is up
    plane = np.pad(ndimage.zoom(np.rot90(volume[:, :, z]), 2 / 1.8, order=1), 32).clip(0)
    top, left = ((n - 128) // 2 for n in plane.shape)
    planes.append(plane[top : top + 128, left : left + 128])
planes = np.array(planes)
brain_now, brain_then = (
    planes[planes > 0.2 * planes.max()],
    full[(test.masks > 1) & (test.masks < 4)],
)
styled = (planes - brain_now.mean()) / brain_now.std() * brain_then.std() + brain_then.mean()
styled = np.where(planes > 0.2 * planes.max(), styled, 0).clip(0)  # two numbers of style
rng = np.random.default_rng(12)
real_fast = kspace.acquire(styled, keep=KEEP, noise=NOISE, rng=rng)
real_network = applied(restore, real_fast)

# %% tags=["nbval-check-output"]
real_gain = psnr(real_network[BOX], styled[BOX], RANGE) - psnr(real_fast[BOX], styled[BOX], RANGE)
result("slices of the MNI152", len(styled))
result(
    "zero-filled: PSNR, dB", float(psnr(real_fast[BOX], styled[BOX], RANGE).mean()), within=(20, 35)
)
result("gain of the network, dB", float(real_gain.mean()), within=(3.5, 6))
real_clean = kspace.acquire(styled, keep=KEEP)
result(
    "zero-filled, without noise: PSNR, dB",
    float(psnr(real_clean[BOX], styled[BOX], RANGE).mean()),
    at_least=27,
)
doubled = np.clip(2 * styled, 0, 1000)
double_fast = kspace.acquire(doubled, keep=KEEP, noise=2 * NOISE, rng=rng)
double_gain = psnr(applied(restore, double_fast)[BOX], doubled[BOX], 2 * RANGE) - psnr(
    double_fast[BOX], doubled[BOX], 2 * RANGE
)
result("the same, all grey levels doubled: gain, dB", float(double_gain.mean()), within=(1.5, 4))


# %% tags=["nbval-check-output"]
def steepness(images, inside):
    """Return how much neighbours differ on average, down and across, where both lie inside."""
    down = np.abs(np.diff(images, axis=1))[inside[:, 1:] & inside[:, :-1]]
    across = np.abs(np.diff(images, axis=2))[inside[:, :, 1:] & inside[:, :, :-1]]
    return float(np.concatenate([down, across]).mean())


within = planes > 0.2 * planes.max()
head = (test.masks > 0) & (test.masks < 4)
invented = steepness(real_network, within) / steepness(styled, within)
as_learnt = steepness(shown["shipped network"], head) / steepness(full, head)
result("steps between neighbours, network over truth: MNI152", invented, within=(0.98, 1.25))
result("the same on simulated heads", as_learnt, within=(0.8, 0.97))

# %%
of_real = float(real_gain.mean())
real.reveal(
    "more"
    if of_real > float(large) + 0.5
    else "less"
    if of_real < float(large) - 0.5
    else "about the same (within 0.5 dB)"
)

# %% tags=["fold"]
plots.montage(
    [styled[1], real_fast[1], real_network[1], real_network[1] - styled[1] + 225],
    titles=["MNI152", "fast", "network", "error"],
    columns=4,
    vmin=0,
    vmax=450,
    size=8.5,
    alt="A slice of the average brain, its fast scan, the network's picture with patchy grey matter, and the error.",
)

# %% [markdown]
# The gain is larger here, but not because the network knew real brains. Without noise the fast scan of this smooth, average, skull-less head is far nearer to the truth than that of a simulated one, so more of its error is noise, and noise is what this network removes. The other numbers are less kind.
# The network's picture has more steps between neighbours than the truth, where on the heads that it knows it has fewer; which is compatible with borders drawn into soft cortex and with noise that is left, and in four slices we cannot tell these apart.
# And when all grey levels are doubled, noise included, the picture on the screen is the same to the eye, but almost two decibels of the gain are gone, because these are levels that it was never trained on. Another gain of the receiver does just that.
#
# And on your own scanner? That is the radiographer's question for Monday, and no brochure answers it: scan some volunteers and some patients twice, fast and full.

# %% [markdown]
# ## What to remember (1 min)
#
# | idea | in a sentence |
# |---|---|
# | scores | PSNR and SSIM mean nothing without their range and their region |
# | degradation | a network undoes the damage that it was shown |
# | mean | the smallest squared error is the mean of what is possible, and rare, faint findings are fainter in it |
# | consistency | put the measured data back, and see what the network had overruled |
# | tissue | errors are listed where they matter: bone, lesion |
# | made up | coverage, train on fake and test on true, and a nearest neighbour, all three |

# %% [markdown]
# ## Quiz (1 min)
#
# **1.** A network raises PSNR by 2 dB. Why may a lesion be fainter than before?
#
# <details><summary>Answer</summary>
#
# PSNR is a mean over all pixels; a lesion is a few in ten thousand. And the answer with the smallest mean error is the mean of all that fits the data, which lies on the way to healthy.
#
# </details>
#
# **2.** Why can no function of T1 intensity alone give a CT?
#
# <details><summary>Answer</summary>
#
# One grey level belongs to several tissues: compact bone is as dark as air, and marrow as bright as brain. It takes the neighbourhood.
#
# </details>
#
# **3.** A made set trains classifiers as well as the real one. What else must you know before it is published?
#
# <details><summary>Answer</summary>
#
# Whether it is a copy: the distance to the nearest training sample, beside that of unseen patients.
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
# 1. Z. Wang, A. C. Bovik, H. R. Sheikh, E. P. Simoncelli, *Image quality assessment: from error visibility to structural similarity*, IEEE Trans. Image Process. 13
#    (2004) 600.
# 2. J. Yang, J. Wright, T. S. Huang, Y. Ma, *Image super-resolution via sparse representation*, IEEE Trans. Image Process. 19 (2010) 2861.
# 3. C. Dong, C. C. Loy, K. He, X. Tang, *Image super-resolution using deep convolutional networks*, IEEE Trans. Pattern Anal. Mach. Intell. 38 (2016) 295,
#    [doi:10.1109/TPAMI.2015.2439281](https://doi.org/10.1109/TPAMI.2015.2439281), [arXiv:1501.00092](https://arxiv.org/abs/1501.00092).
# 4. J. Kim, J. K. Lee, K. M. Lee, *Accurate image super-resolution using very deep convolutional networks*, [arXiv:1511.04587](https://arxiv.org/abs/1511.04587).
# 5. L. Cerdá Alberich, *Deep learning NMR and outcomes prediction*, lecture, La Fe, Valencia, 16 June 2022. The networks: B. Lim et al., *Enhanced deep residual networks* (EDSR),
#    [arXiv:1707.02921](https://arxiv.org/abs/1707.02921), and J. Yu et al., *Wide activation* (WDSR), [arXiv:1808.08718](https://arxiv.org/abs/1808.08718).
# 6. M. F. Spadea, M. Maspero, P. Zaffino, J. Seco, *Deep learning-based synthetic-CT generation in radiotherapy and PET: a review*,
#    [arXiv:2102.02734](https://arxiv.org/abs/2102.02734).
# 7. J. M. Wolterink et al., *Deep MR to CT synthesis using unpaired data*, SASHIMI 2017, [arXiv:1708.01155](https://arxiv.org/abs/1708.01155).
# 8. J. P. Cohen, M. Luck, S. Honari, *Distribution matching losses can hallucinate features in medical image translation*, MICCAI 2018,
#    [arXiv:1805.08841](https://arxiv.org/abs/1805.08841).
# 9. I. Goodfellow et al., *Generative adversarial nets*, [arXiv:1406.2661](https://arxiv.org/abs/1406.2661).
# 10. J. Ho, A. Jain, P. Abbeel, *Denoising diffusion probabilistic models*, [arXiv:2006.11239](https://arxiv.org/abs/2006.11239).
# 11. M. Frid-Adar et al., *GAN-based synthetic medical image augmentation for increased CNN performance in liver lesion classification*, Neurocomputing 321 (2018) 321,
#     [arXiv:1803.01229](https://arxiv.org/abs/1803.01229); the figures are in its abstract.
#
# Now do the lab: `exercises/15_super_resolution_and_synthesis.ipynb`.

# %% [markdown] tags=["instructor"]
# **The vanished lesion.** Show the three pictures without the arrow, and let the class find the lesion, first on the right, then on the left. Then show
# the table of scores again.
#
# **With lesions.** Nearly everybody predicts that training on lesions helps. Let them argue *why* it does not before you do.
