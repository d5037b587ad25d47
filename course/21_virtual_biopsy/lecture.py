# %% [markdown]
# ## You need (2 min)
#
# A **mask** says which pixels of an image belong to something: `True` inside, `False` outside.
# NumPy takes the pixels under a mask with square brackets.

# %%
import mlmi_course
import numpy as np

from mlmi_course import plots, widgets
from mlmi_course.checks import result

# %%
np.array([3, 7, 5])[np.array([True, False, True])]  # the pixels under the mask

# %% [markdown]
# ## A disc in noise (5 min)
#
# The image below was made by a few lines of code, so we know what is true: the disc is brighter
# than its surroundings by 1, and every pixel has noise of standard deviation 1.
#
# **Predict.** Will you see the disc?

# %%
rng = np.random.default_rng(0)
row, column = np.indices((64, 64))
mask = (row - 32) ** 2 + (column - 32) ** 2 < 12**2
image = mask + rng.normal(size=mask.shape)

plots.image(image, alt="A noisy square with a faint brighter disc in its middle.")

# %% [markdown]
# You do, though no single pixel shows it: your eye averages. Can one number find the disc?
#
# **Predict.** At a threshold of 0.5, how much of the background will be marked too?

# %%
widgets.threshold(image, truth=mask, start=0.5, alt="The noisy square with the faint disc.")

# %% [markdown]
# Almost a third of it. No threshold separates two groups of pixels that overlap.
#
# Move the window: it changes what you see, and not what is there.

# %%
widgets.window_level(image, unit="", alt="The noisy square with the faint disc.")

# %% [markdown]
# ## Averaging (5 min)
#
# The mean of many pixels is steadier than each of them.
#
# **Predict.** How far from 1 will the mean inside the disc be, if it has 437 pixels?

# %% tags=["nbval-check-output"]
result("pixels in the disc", int(mask.sum()))
result("mean inside the disc", float(image[mask].mean()), within=(0.8, 1.2))

# %%
plots.histogram(
    image[mask],
    label="grey value",
    marks={"mean": float(image[mask].mean())},
    alt="Histogram of the grey values inside the disc, centred near 1 and about 2 wide.",
)

# %% tags=["nbval-check-output"]
standard_error = image[mask].std() / np.sqrt(mask.sum())
result("standard error of that mean", float(standard_error), at_most=0.06)

# %% [markdown]
# ## What to remember
#
# - A mask takes pixels out of an image.
# - The error of a mean falls with the square root of the number of pixels.

# %% [markdown]
# ## Quiz (2 min)
#
# **1.** A disc has four times as many pixels. How does the error of its mean change?
#
# <details><summary>Answer</summary>
#
# It halves: the square root of four is two.
#
# </details>
#
# **2.** Two groups of pixels overlap. Which threshold separates them?
#
# <details><summary>Answer</summary>
#
# None. Every threshold misses some and marks others by mistake.
#
# </details>
#
# **3.** You change the window of an image. What happens to the mean under the mask?
#
# <details><summary>Answer</summary>
#
# Nothing: a window changes the picture, not the numbers.
#
# </details>

# %% [markdown]
# ## Go further
#
# A. Rose, *The sensitivity performance of the human eye on an absolute scale*, J. Opt. Soc. Am. 38
# (1948), [doi:10.1364/JOSA.38.000196](https://doi.org/10.1364/JOSA.38.000196).

# %% [markdown] tags=["instructor"]
# Ask for the prediction aloud before you run a cell. A note like this one is in no notebook; it
# goes to `instructors/21_virtual_biopsy.md`.
