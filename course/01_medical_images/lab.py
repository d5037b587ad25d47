# %% [markdown]
# ## Read a real file (5 min)
#
# You are new in a hospital's imaging group. In part A a CT slice lies in front of you: turn its
# numbers into a picture that a radiologist would accept. In part B it is a whole series, badly
# named. In part C it is an archive: count its patients, and take them out. Each part stands alone;
# make a break between them.

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
# ## Part A: from stored numbers to Hounsfield units (12 min)
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
# What does your function make of the real slice? The lungs should peak near −820 HU.

# %%
q.to_hu.show(to_hu)

# %% tags=["solution"]
hu = to_hu(stored, ct.RescaleSlope, ct.RescaleIntercept, ct.get("PixelPaddingValue"))
print(f"from {np.nanmin(hu):.0f} to {np.nanmax(hu):.0f} HU")

# %% [markdown] tags=["solution"]
# Why compare `stored`, and not `hu`, with the padding value? Because the padding value is
# written in stored numbers: −2000 there is −3024 HU here.

# %% [markdown]
# ## The window (20 min)
#
# Write `window`, the function LINEAR of the DICOM standard. `hu` is an array of any shape, of whole
# numbers or floats, without padding. The result is an array of greys from 0 to 1.
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
# ## How much does the slice show? (5 min)
#
# How many square centimetres does the CT slice `ct` cover, to one decimal? Take what you need from
# the header, and beware: not all of it is true.

# %%
### BEGIN SOLUTION
height = ct.Rows * ct.PixelSpacing[0]
width = ct.Columns * ct.PixelSpacing[1]
slice_area = height * width / 100
### END SOLUTION

# %%
q.slice_area.check(slice_area)

# %%
# q.slice_area.hint()

# %% [markdown] tags=["solution"]
# The header's `ReconstructionDiameter` says 338.7 mm. That was the original image with 512
# columns; this one has 128.

# %% [markdown]
# ## Part B: the true order of the slices (20 min)
#
# `headers` is a list with one dictionary per file:
#
# ```python
# {
#     "FileName": "IM0000",
#     "InstanceNumber": 3,
#     "ImagePositionPatient": [-12.0, 40.5, 17.5],
#     "ImageOrientationPatient": [1.0, 0.0, 0.0, 0.0, 1.0, 0.0],
#     "SliceThickness": 3.75,
# }
# ```
#
# Write `slice_order`. It returns a list of indices: first the file that lies lowest along the slice
# normal, then the next, and so on. The normal is row × column: the cross product of the first
# three and the last three numbers of ImageOrientationPatient. All files have the same orientation.


# %%
def slice_order(headers):
    """Return the indices of the files in the order of their slices."""
    ### BEGIN SOLUTION
    orientation = headers[0]["ImageOrientationPatient"]
    normal = np.cross(orientation[:3], orientation[3:])
    positions = np.array([header["ImagePositionPatient"] for header in headers])
    return list(np.argsort(positions @ normal))
    ### END SOLUTION


# %%
q.slice_order.check(slice_order)

# %%
# q.slice_order.hint()

# %% [markdown]
# A simulated chest, in your order. It should look like a chest, with its head end up.

# %%
q.slice_order.show(slice_order)

# %% [markdown]
# ## The distance between slices (10 min)
#
# Write `slice_step`. It takes the same `headers` and returns the usual distance from one slice to
# the next in millimetres, measured along the normal. *Usual* means the median (`np.median`): one missing slice
# must not change it.


# %%
def slice_step(headers):
    """Return the median distance between neighbouring slices in mm."""
    ### BEGIN SOLUTION
    orientation = headers[0]["ImageOrientationPatient"]
    normal = np.cross(orientation[:3], orientation[3:])
    positions = np.array([header["ImagePositionPatient"] for header in headers])
    return float(np.median(np.diff(np.sort(positions @ normal))))
    ### END SOLUTION


# %%
q.slice_step.check(slice_step)

# %%
# q.slice_step.hint()

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
# ## Through the whole volume (8 min)
#
# Write `mip`, the maximum-intensity projection. `hu` is a volume ordered (z, y, x), and `plane` is
# `"axial"`, `"coronal"` or `"sagittal"`: the kind of picture that you want to see. An axial
# picture looks along z, a coronal one along y, a sagittal one along x. Padding is `nan` and must
# not win; on every ray something was measured. Return Hounsfield units as they come, and do not flip
# anything.


# %%
def mip(hu, plane):
    """Return the maximum along the line of sight."""
    ### BEGIN SOLUTION
    axis = {"axial": 0, "coronal": 1, "sagittal": 2}[plane]
    return np.nanmax(hu, axis=axis)
    ### END SOLUTION


# %%
q.mip.check(mip)

# %%
# q.mip.hint()

# %% [markdown]
# The whole simulated chest, seen from above, from the front and from the side. Ribs and spine win
# over the vessels.

# %%
q.mip.show(mip)

# %% [markdown]
# ## Part C: count the patients (10 min)
#
# `headers` is a list with one dictionary per file, such as
# `{"PatientID": "P1", "Modality": "CT", "StudyInstanceUID": "1.2.5"}`.
#
# Write `survey`. It returns one dictionary: under `"patients"` the number of different patients,
# and under each modality that occurs the number of different patients who have it.
#
# An example: P1 has two CT files and one MR file, P2 has one MR file. That gives
# `{"patients": 2, "CT": 1, "MR": 2}`. In an empty archive there are no patients and no modalities:
# `{"patients": 0}`.


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
# ## Is the patient still in there? (25 min)
#
# A colleague says that these headers are anonymous. You check. A header is a dictionary. Most values
# are texts or numbers; a **sequence** is a list of headers, which may hold sequences again. Private
# elements have a number for a name:
#
# ```python
# {
#     "PatientName": "ANONYMOUS",
#     "Rows": 128,
#     "RequestAttributesSequence": [{"RequestedProcedureID": "77", "0011,1001": "for Rossi"}],
# }
# ```
#
# Write `find_leaks`. `secrets` is a list of texts, such as `["Rossi", "4711"]`. Return the sorted
# list of all places whose value contains a secret, as a part of it and in upper or lower case. The
# place in the example is `"RequestAttributesSequence/0/0011,1001"`: the sequence, the number of
# the item, the element. Only values count, and each place is listed once.
#
# Sequences within sequences call for a function that calls itself. This one counts the numbers in
# lists of lists of lists:
#
# ```python
# def count(things):
#     total = 0
#     for thing in things:
#         total += count(thing) if isinstance(thing, list) else 1
#     return total
# ```


# %%
def find_leaks(header, secrets):
    """Return the places where a secret stands."""
    ### BEGIN SOLUTION
    places = []
    for key, value in header.items():
        if isinstance(value, list):
            for number, item in enumerate(value):
                places += [f"{key}/{number}/{place}" for place in find_leaks(item, secrets)]
        elif any(secret.lower() in str(value).lower() for secret in secrets):
            places.append(key)
    return sorted(places)
    ### END SOLUTION


# %%
q.find_leaks.check(find_leaks)

# %%
# q.find_leaks.hint()

# %% [markdown]
# ## New identifiers that still belong together (8 min)
#
# Files belong together by their UIDs. Write `new_uids`: for a list of UIDs it returns the list of
# new ones. The recipe:
#
# - take the keyed hash HMAC-SHA256 of the UID, with the salt as the key
#   (`hmac.new(key, message, "sha256").digest()`; both are bytes: `text.encode()`);
# - read the first 16 bytes as a whole number, the most significant byte first
#   (`int.from_bytes(digest[:16], "big")`);
# - write it after `2.25.`, the root that the standard gives to such numbers.

# %%
import hmac


def new_uids(uids, salt):
    """Return a new UID for each old one; equal ones stay equal."""
    ### BEGIN SOLUTION
    digests = [hmac.new(salt.encode(), uid.encode(), "sha256").digest() for uid in uids]
    return [f"2.25.{int.from_bytes(digest[:16], 'big')}" for digest in digests]
    ### END SOLUTION


# %%
q.new_uids.check(new_uids)

# %%
# q.new_uids.hint()

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
# bone into blue (`np.dstack` stacks three images). Which tissue becomes yellow? There is no check:
# delete the `#` in the cell after it, look, and show it to somebody.


# %%
def three_windows(hu):
    """Return an image of shape (rows, columns, 3) with values from 0 to 1."""
    ### BEGIN SOLUTION
    return np.dstack([window(hu, -600, 1500), window(hu, 40, 400), window(hu, 400, 1800)])
    ### END SOLUTION


# %%
from mlmi_course import plots


def in_colour(ax):
    """Draw the CT slice with one window per colour channel."""
    hu = to_hu(stored, ct.RescaleSlope, ct.RescaleIntercept, ct.PixelPaddingValue)
    ax.imshow(three_windows(hu))
    ax.set_axis_off()


# plots.grid([("three windows", in_colour)], alt="My picture of a CT slice in colour.")

# %% tags=["solution"]
plots.grid(
    [("lung red, soft tissue green, bone blue", in_colour)],
    columns=1,
    alt="The CT slice in colour: lung dark red, fat crimson, muscle orange, the inside of bone yellow.",
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
result("area of the slice (cm²)", float(slice_area))
