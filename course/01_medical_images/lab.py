# %% [markdown]
# ## Read a real file (5 min)
#
# You are new in a hospital's imaging group. A CT slice lies in front of you. By the end of this
# lab you will have turned its numbers into a picture that a radiologist would accept, and you
# will have counted the patients of a small archive without counting anybody twice.

# %%
import mlmi_course
import numpy as np
import pydicom
from pydicom import examples

from mlmi_course.questions import u01_medical_images as q

# %%
ct = pydicom.dcmread(examples.get_path("ct"))
stored = ct.pixel_array
print("stored numbers:", stored.dtype, stored.shape, "from", stored.min(), "to", stored.max())
print("slope", ct.RescaleSlope, "· intercept", ct.RescaleIntercept)
print("padding value", ct.PixelPaddingValue, "· pixel spacing", ct.PixelSpacing)

# %% [markdown]
# ## From stored numbers to Hounsfield units (12 min)
#
# Write `to_hu`. It takes the stored numbers and three facts from the header, and returns
# Hounsfield units as floating-point numbers.
#
# - HU = slope × stored + intercept.
# - Where `stored` equals `padding`, nothing was measured: put `np.nan` there.
# - `padding` may be `None`. Then there is nothing to exclude.
#
# The stored numbers may be `int16` or `uint16`.


# %%
def to_hu(stored, slope, intercept, padding):
    """Return Hounsfield units; padding becomes nan."""
    ### BEGIN SOLUTION
    hu = stored.astype(float) * slope + intercept
    if padding is not None:
        hu[stored == padding] = np.nan
    return hu
    ### END SOLUTION


# %%
q.to_hu.check(to_hu)

# %% [markdown]
# Stuck? Delete the `#` in the next cell and run it. Run it again for the next hint.

# %%
# q.to_hu.hint()

# %% [markdown]
# What does your function make of the real slice? The lungs should peak near −850 HU.

# %%
q.to_hu.show(to_hu)

# %% tags=["solution"]
hu = to_hu(stored, ct.RescaleSlope, ct.RescaleIntercept, ct.get("PixelPaddingValue"))
print(f"from {np.nanmin(hu):.0f} to {np.nanmax(hu):.0f} HU")

# %% [markdown] tags=["solution"]
# Why compare `stored`, and not `hu`, with the padding value? Because the padding value is
# written in stored numbers: −2000 there is −3024 HU here.

# %% [markdown]
# ## The window (15 min)
#
# Write `window`, the function LINEAR of the DICOM standard. It returns greys from 0 to 1.
#
# $$
# y = \begin{cases}
# 0 & x \le c - \tfrac12 - \tfrac{w-1}{2} \\
# 1 & x > c - \tfrac12 + \tfrac{w-1}{2} \\
# \dfrac{x - (c - \tfrac12)}{w - 1} + \tfrac12 & \text{otherwise}
# \end{cases}
# $$
#
# The width is at least 1. At exactly 1 the window is a step: 1 where $x > c - \tfrac12$.


# %%
def window(hu, center, width):
    """Return greys from 0 (black) to 1 (white)."""
    ### BEGIN SOLUTION
    if width == 1:
        return (hu > center - 0.5).astype(float)
    line = (hu - (center - 0.5)) / (width - 1) + 0.5
    return np.clip(line, 0, 1)
    ### END SOLUTION


# %%
q.window.check(window)

# %%
# q.window.hint()

# %% [markdown]
# The slice through your window, at three settings. In the first the lung has structure, in the
# second the muscle, in the third the bone.

# %%
q.window.show(window)

# %% [markdown]
# ## A pixel in three planes (10 min)
#
# Write `plane_aspect`: the height of a pixel over its width, as a plane is drawn.
#
# - `pixel_spacing` is the header's PixelSpacing of the axial slices: millimetres between rows,
#   then between columns.
# - `slice_step` is the distance between two slices in millimetres.
# - `plane` is `"axial"`, `"coronal"` or `"sagittal"`. Coronal and sagittal pictures have one row
#   per slice.


# %%
def plane_aspect(pixel_spacing, slice_step, plane):
    """Return the height of a pixel divided by its width."""
    ### BEGIN SOLUTION
    between_rows, between_columns = pixel_spacing
    if plane == "axial":
        return between_rows / between_columns
    if plane == "coronal":
        return slice_step / between_columns
    return slice_step / between_rows
    ### END SOLUTION


# %%
q.plane_aspect.check(plane_aspect)

# %%
# q.plane_aspect.hint()

# %% [markdown]
# A brain in slices 6 mm apart, drawn with your aspects. Does it have the right shape?

# %%
q.plane_aspect.show(plane_aspect)

# %% [markdown]
# ## How wide is the slice? (5 min)
#
# From one side to the other, how many millimetres does the CT slice `ct` cover? Take what you
# need from the header, and beware: not all of it is true.

# %%
### BEGIN SOLUTION
field_of_view = ct.Columns * ct.PixelSpacing[1]
### END SOLUTION

# %%
q.field_of_view.check(field_of_view)

# %%
# q.field_of_view.hint()

# %% [markdown] tags=["solution"]
# The header's `ReconstructionDiameter` says 338.7 mm. That was the original image with 512
# columns; this one has 128.

# %% [markdown]
# ## Count the patients (10 min)
#
# `headers` is a list with one dictionary per file, such as
# `{"PatientID": "P1", "Modality": "CT", "StudyInstanceUID": "1.2.5"}`.
#
# Write `survey`. It returns one dictionary: under `"patients"` the number of different patients,
# and under each modality that occurs the number of different patients who have it. For two CT
# files and one MR file, all of one patient, that is `{"patients": 1, "CT": 1, "MR": 1}`.


# %%
def survey(headers):
    """Return the number of patients, in all and by modality."""
    ### BEGIN SOLUTION
    counts = {"patients": len({header["PatientID"] for header in headers})}
    for modality in {header["Modality"] for header in headers}:
        counts[modality] = len({h["PatientID"] for h in headers if h["Modality"] == modality})
    return counts
    ### END SOLUTION


# %%
q.survey.check(survey)

# %%
# q.survey.hint()

# %% [markdown]
# Your count on the seven example files that come with pydicom. Two of them are ultrasound
# pictures of one patient.

# %%
q.survey.show(survey)

# %% [markdown]
# ## A colleague sends a PNG (8 min)
#
# A colleague e-mails you a CT slice as an 8-bit PNG. It was saved in a lung window, centre −600
# and width 1500. She asks: *how dense is the rib, and how wide is it in millimetres?* What do
# you answer, and why? Three or four sentences.

# %%
### BEGIN SOLUTION
shared_picture = """
I cannot tell either. The lung window ends at 150 HU, so every denser pixel was saved as the same
white: the density of the rib was clipped, and no processing brings it back. The PNG carries no
PixelSpacing, so I can count the rib's pixels but not its millimetres. It also has no
orientation and no word on which patient or scan it came from. Please send the DICOM file,
de-identified.
"""
### END SOLUTION

# %%
q.shared_picture.check(shared_picture)

# %%
# q.shared_picture.hint()

# %% [markdown]
# ## Stretch: three windows in one picture
#
# A colour picture has three channels. Put the lung window into red, soft tissue into green and
# bone into blue (`np.dstack` stacks three images). Which tissue becomes yellow? Write a function
# so that nothing happens before you call it. There is no check: show it to somebody.


# %%
def three_windows(hu):
    """Return an image of shape (rows, columns, 3) with values from 0 to 1."""
    ### BEGIN SOLUTION
    return np.dstack([window(hu, -600, 1500), window(hu, 40, 400), window(hu, 400, 1800)])
    ### END SOLUTION


# %% tags=["solution"]
from mlmi_course import plots


def draw_in_colour(ax):
    """Draw the slice with one window per colour channel."""
    ax.imshow(three_windows(hu))
    ax.set_axis_off()


plots.grid(
    [("lung red, soft tissue green, bone blue", draw_in_colour)],
    columns=1,
    alt="The CT slice in colour: lung dark red, muscle yellow, bone and contrast agent near white.",
)

# %% [markdown]
# ## Where you stand
#
# The table lists what you have solved and what is still open.

# %%
q.progress()

# %% tags=["solution", "nbval-check-output"]
from mlmi_course.checks import result

table = q.progress()
result("points that the checks gave", table.points)
result("points that the checks can give", table.out_of)

# %% tags=["solution", "nbval-check-output"]
result("mean of the slice (HU)", float(np.nanmean(hu)))
result("width of the slice (mm)", float(field_of_view))
