# %% [markdown]
# ## Mean inside a mask (8 min)
#
# Write `mean_inside`. It takes an image and a mask of the same shape and returns the mean of the
# pixels where the mask is `True`. If there is no such pixel, it returns `np.nan`.

# %%
import mlmi_course
import numpy as np

from mlmi_course.questions import u21_virtual_biopsy as q


# %%
def mean_inside(image, mask):
    """Return the mean of the image where the mask is True."""
    ### BEGIN SOLUTION
    if not mask.any():
        return np.nan
    return image[mask].mean()
    ### END SOLUTION


# %%
q.mean_inside.check(mean_inside)

# %% [markdown]
# Stuck? Delete the `#` in the next cell and run it. Run it again for the next hint.

# %%
# q.mean_inside.hint()

# %% [markdown]
# What does your function make of a disc of brightness 1 in noise?

# %%
q.mean_inside.show(mean_inside)

# %% tags=["solution", "nbval-check-output"]
from mlmi_course.checks import result

image = np.array([[1.0, 2.0], [3.0, 6.0]])
result("mean of the upper row", float(mean_inside(image, image < 3)))
result("mean of nothing", float(mean_inside(image, image > 9)))

# %% [markdown]
# ## One patient or many (5 min)
#
# A study measured 10,000 pixels of one patient. Is its mean as good as that of 10,000 patients?
# Two or three sentences.

# %%
### BEGIN SOLUTION
pixels_or_patients = """
No. The pixels of one patient share that patient's anatomy and scanner, so they are not
independent. They say a lot about this patient and nothing about how patients differ.
"""
### END SOLUTION

# %%
q.pixels_or_patients.check(pixels_or_patients)

# %% [markdown]
# ## Stretch: the border
#
# Pixels at the border of a mask are half inside. Write a function that leaves them out, and
# compare the two means. `scipy.ndimage.binary_erosion` helps.

# %% [markdown]
# ## Where you stand
#
# The table lists what you have solved and what is still open.

# %%
q.progress()

# %% tags=["solution", "nbval-check-output"]
result("points that the checks gave", q.progress().points)
