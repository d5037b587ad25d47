# %% [markdown]
# ## You need (5 min)
#
# Four ideas carry this lecture. Each has one line that you can run and change.
#
# | term | meaning |
# |---|---|
# | **array** | numbers in rows and columns; an image is one |
# | **data type** | how a number is stored; `int16` and `uint16` use 16 bits, the second without a sign |
# | **broadcasting** | NumPy applies `a * 2 + 1` to every number of the array at once |
# | **voxel** | a pixel with a third dimension: a small box of tissue |

# %%
import mlmi_course
import numpy as np
import pydicom
from pydicom import examples

from mlmi_course import data, dicom, plots, widgets
from mlmi_course.checks import result

# %%
np.array([[24, 1024], [1064, 2024]]) * 1.0 - 1024  # broadcasting: every number at once

# %% [markdown]
# The same subtraction in *unsigned* 16-bit numbers goes wrong without a word of warning.
# There is no −1000 in `uint16`, so it counts backwards from 65535. (Written otherwise, NumPy may also
# stop with an `OverflowError`. Both mean the same: convert to `float` first.)

# %%
np.array([24, 1024], dtype="uint16") - np.uint16(1024)

# %% [markdown]
# ## From a shadow to a slice (7 min)
#
# In December 1895 Wilhelm Röntgen made an X-ray picture of a hand. Two months later the rays had
# patients: in February 1896 Michael Pupin in New York took two pictures of a hand full of shot [10],
# and Robert Jones in Liverpool had a boy's wrist X-rayed, because the wound had been opened and the
# pellet not found. It lay between two bones [11]. (The picture that most books print as Pupin's is a
# forgery of about 1930 [10]. Ask of every image where it comes from.)
#
# Such a picture is a shadow. What does a shadow add up? Each millimetre of tissue lets through the same
# *share* of what reaches it, so the shares **multiply**. Their logarithms add, and the logarithm is the
# **attenuation** $\mu$, how strongly a tissue weakens X-rays per centimetre, times the length $d$ of the
# way through it. This is the **law of Beer and Lambert**:
#
# $$ \frac{I}{I_0} = e^{-\mu_1 d_1} \cdot e^{-\mu_2 d_2} \cdots = e^{-(\mu_1 d_1 + \mu_2 d_2 + \dots)} $$
#
# **Predict.** A hand lets 65 % of the beam through. How much gets through two such hands, one
# behind the other?

# %%
hand = 2 * 0.217  # 2 cm of soft tissue; 0.217 per cm at 60 keV [12]
bone = 1 * 0.604  # 1 cm of cortical bone; 0.604 per cm [12]
for name, way in {"a hand": hand, "two hands": 2 * hand, "a hand and bone": hand + bone}.items():
    print(f"{name:>16}: attenuation {way:.2f}, lets through {np.exp(-way):.0%}")

# %% [markdown]
# 42 %, which is 65 % of 65 %, and not 30 %. Transmission multiplies and attenuation adds, so radiologists
# look at the logarithm. Here is a chest, seen both ways. It is **simulated**: no real CT volume travels
# with this course, so this one is built of ellipsoids and tubes with the HU of real tissue (HU are
# explained below).

# %%
from mlmi_course.phantoms.ct import chest_phantom

body = chest_phantom((80, 120, 120), (3.5, 2.8, 2.8)).canonical()
along = (0.206 * (1 + body.array / 1000)).sum(axis=1)[::-1] * 0.28  # water 0.206 per cm [12]
shadows = {"share that got through": np.exp(-along), "attenuation, added up": along}
plots.grid(
    [
        (name, lambda ax, shadow=shadow: plots.image(shadow, spacing=(3.5, 2.8), ax=ax))
        for name, shadow in shadows.items()
    ],
    columns=2,
    alt="A simulated chest X-ray twice. As transmitted light only the lungs are bright and all else is "
    "black; as attenuation, heart, spine, liver and ribs can be told apart.",
)

# %% [markdown]
# The sum hides where along the ray a thing lies, and this is what **computed tomography** (CT) undoes: from
# such sums in many directions it computes each small box of tissue [3]. In 1968 the first CT of a
# specimen had 80 × 80 pixels; in 1971 the first patient was scanned, 80 × 80 pixels and nine slices [1].
# Magnetic resonance imaging (MRI) of a human body followed in 1977 [13].
#
# Each machine, or **modality**, measures something else:
#
# | modality | code | what a pixel measures |
# |---|---|---|
# | X-ray, mammography | CR, DX, MG | how much of the beam got through; its logarithm is the attenuation, added up |
# | computed tomography | CT | how strongly a small box of tissue weakens X-rays |
# | magnetic resonance | MR | signal of hydrogen nuclei; no absolute scale |
# | ultrasound | US | echoes at borders between tissues |
# | positron emission tomography | PT | where a radioactive tracer went |

# %% [markdown]
# ## How many scans, and who looks at them? (4 min)
#
# In 2017 Denmark made 991,683 CT and 498,708 MRI examinations [1]. It had 5.75 million
# inhabitants (Statistics Denmark, January 2017).
#
# **Predict.** How many years pass, on average, until a Dane has a CT?

# %%
inhabitants, ct_exams, mri_exams = 5_748_769, 991_683, 498_708
print(f"one CT  every {inhabitants / ct_exams:4.1f} years")
print(f"one MRI every {inhabitants / mri_exams:4.1f} years")

# %% [markdown]
# Fewer than six. Across the OECD countries it is one CT every 6.5 years and one MRI every 15 [1]. And one
# CT is not one picture: a scanner makes up to 2,000 images in 25 seconds, a PET/CT examination holds up
# to 6,000, an ultrasound of the breast 5,000 [1].
#
# They pass through a radiologist's day in a fixed order [14], and a machine can help, or harm, at each step:
#
# | step | who | where learning may help |
# |---|---|---|
# | **request**: which question, which patient | the treating physician | is this the right examination? |
# | **protocol** and **acquisition** | radiologist, technologist | less dose or time; is the scan good enough? |
# | **worklist**: what is read first | the archive (PACS) | triage: move the urgent case up |
# | **reading**, beside earlier scans | radiologist | find, outline, measure, compare |
# | **report** | radiologist | draft it; warn where it contradicts the image |
# | **decision** | physician, patient, often a board | what is likely to happen next? |
#
# The reading is one step of six, and all six use the same files. So before a machine can learn from an
# image, you must know what its numbers mean. That is this unit.

# %% [markdown]
# ## What your own eye measures (12 min)
#
# Why measure at all, if an expert can look? Because eyes compare; they do not measure. Find out
# about yours.
#
# Below, two discs lie on different grounds, like a nodule (a small round spot) in dark lung and one
# beside bright heart. Move the slider until **the right disc looks exactly as bright as the left one**. Press
# the button. Do it five times. Your guesses stay in this page and are gone when you close it.
#
# **Predict.** By how many per cent will you be off?


# %%
def discs(ax, value):
    """Draw two discs: the left one is 0.5 on a dark ground, the right one is yours on a light."""
    rows, columns = np.mgrid[:60, :120]
    picture = np.where(columns < 60, 0.15, 0.85)
    picture[np.hypot(rows - 30, columns - 30) < 11] = 0.5
    picture[np.hypot(rows - 30, columns - 90) < 11] = value
    plots.image(picture, vmin=0, vmax=1, ax=ax)


widgets.match(
    discs,
    widgets.Slider("Right disc", 0.3, 0.7, step=0.01),
    truth=0.5,
    alt="A grey disc on a dark ground beside a grey disc on a light ground.",
)

# %% [markdown]
# Most people make the right disc too bright, because on a light ground a grey looks darker [15]. Your
# own five guesses say whether you are one of them. The next one is about size. Make **the right inner
# circle as large as the left one**.
#
# **Predict.** Will you make it too large or too small?


# %%
def circles(ax, value):
    """Draw an inner circle of radius 1 among large ones, and one of your radius among small."""
    for centre, inner, outer, away, count in ((-4, 1, 1.6, 3.1, 6), (4, value, 0.45, 1.9, 8)):
        angles = 2 * np.pi * np.arange(count) / count
        around = [(centre + away * np.cos(a), away * np.sin(a), outer) for a in angles]
        for x, y, radius in [(centre, 0, inner), *around]:
            colour = plots.COLOURS["truth"] if radius == inner else plots.COLOURS["neutral"]
            t = np.linspace(0, 2 * np.pi, 60)
            ax.fill(x + radius * np.cos(t), y + radius * np.sin(t), color=colour)
    ax.set(xlim=(-9, 9), ylim=(-5, 5), aspect="equal")
    ax.set_axis_off()


widgets.match(
    circles,
    widgets.Slider("Right circle", 0.7, 1.3, step=0.01),
    truth=1.0,
    alt="A circle among six large circles beside a circle among eight small ones.",
)

# %% [markdown]
# Among small neighbours a circle looks larger [16], so most people make it too small. The diameter of
# a nodule decides whether a patient is called back, so it is measured with a tool and not by eye.
#
# Colour is judged no better. Stained tissue, blood flow in ultrasound and PET laid over CT all come in
# colour. Both discs below are drawn in the *same* orange when the slider is right. Make **the right disc
# the colour of the left one**.


# %%
def coloured(ax, value):
    """Draw the left disc orange on red, and the right one, redder or yellower, on yellow."""
    rows, columns = np.mgrid[:60, :120]
    picture = np.where((columns < 60)[..., None], (0.75, 0.15, 0.1), (0.95, 0.85, 0.2))
    picture[np.hypot(rows - 30, columns - 30) < 11] = 0.9, 0.5, 0.15
    picture[np.hypot(rows - 30, columns - 90) < 11] = 0.9, value, 0.15
    ax.imshow(picture)
    ax.set_axis_off()


widgets.match(
    coloured,
    widgets.Slider("Right disc, from red to yellow", 0.3, 0.7, step=0.01),
    truth=0.5,
    alt="An orange disc on a red ground beside an orange disc on a yellow ground.",
)

# %% [markdown]
# Two surfaces of one colour look different on different grounds: *simultaneous contrast* [17]. A scale of
# colours brings a second trap. The rainbow, which many viewers offer, has no order that the eye knows, and
# its lightness goes up and down, so that it draws edges where the data have none [18]. For one quantity,
# use grey, or a scale that gets steadily lighter.
#
# And attention is narrower than sight. In one study 24 radiologists searched CT scans of the lung
# for nodules. Somebody had drawn a gorilla into the last case, 48 times as large as a nodule.
# **20 of the 24 did not report it**, and the eye tracker showed that 12 of these 20 had looked straight
# at it [7]. Twenty-four readers are few, so put an interval beside such a rate:

# %% tags=["nbval-check-output"]
from scipy.stats import binomtest

missed = binomtest(20, 24).proportion_ci()
result("share who missed it", 20 / 24)
result("95 % interval, low end", float(missed.low))
result("95 % interval, high end", float(missed.high))

# %% [markdown]
# Somewhere between two thirds and nearly all, for readers and a task like these. They were not careless:
# they did what they had been asked to do. A network is narrower still. It has an answer only for the
# question that it was trained on, and nobody told it about gorillas.

# %% [markdown]
# ## What a file holds (8 min)
#
# A radiologist asks you: *is there contrast agent in this vessel?* (Contrast agent is a liquid with
# iodine. Injected into a vein, it makes blood bright in CT.) You get one file. It is a
# **DICOM** file, the format of hospitals all over the world: an image, and a **header** that says
# how it was made.
#
# The file comes with the library pydicom and is a real CT slice.
#
# **Predict.** The picture has 128 × 128 pixels of two bytes. The file has 39,206 bytes. How much of
# it is the picture?

# %%
path = examples.get_path("ct")
ct = pydicom.dcmread(path)
share = len(ct.PixelData) / path.stat().st_size
print(f"{len(ct)} header elements, {path.stat().st_size} bytes, {100 * share:.0f} % are pixels")

# %% [markdown]
# Five sixths. The rest is a list of **elements**. Each has a tag (two numbers), a keyword, a type (VR, for
# *value representation*) and a value. Here are ten of them.

# %%
dicom.header_table(
    ct,
    "PatientName PatientID Modality Manufacturer Rows Columns PixelSpacing "
    "RescaleSlope RescaleIntercept ContrastBolusAgent".split(),
)

# %% [markdown]
# Two things to notice.
#
# - The patient's name and number sit in the same file as the picture. Here they are made up.
#   In your hospital they are not: **a DICOM file is a medical record**.
# - `ContrastBolusAgent` answers the radiologist's question. Often the header knows what you were
#   about to train a network for. It also knows things a network should *not* use, such as the
#   scanner's maker. (It names an agent. Whether the agent has reached this vessel, the HU
#   will tell.)
#
# And what goes wrong? Headers are typed by people and copied by software. This one says that
# the image was reconstructed (computed from the X-ray views) on a circle of 338.7 mm:

# %%
wide = ct.Columns * ct.PixelSpacing[1]
print(f"the header claims  {ct.ReconstructionDiameter:.1f} mm")
print(f"the pixels measure {wide:.1f} mm")
print(f"the claim fits {ct.ReconstructionDiameter / ct.PixelSpacing[1]:.0f} pixels in a row")

# %% [markdown]
# 338.7 mm is 512 of these pixels. So this is a 128 × 128 piece of a 512 × 512 image, and whoever cut
# it out did not update that element. Trust what you can compute from the pixels, and check the rest
# against it.

# %% [markdown]
# ## From stored numbers to Hounsfield units (8 min)
#
# Is a stored number of 1064 bone, fat or air?

# %%
stored = ct.pixel_array
print(stored.dtype, stored.shape, "from", stored.min(), "to", stored.max())

# %% [markdown]
# You cannot tell. A CT measures the attenuation $\mu$ of each small box of tissue.
# **Hounsfield units** (HU) put it on a scale that every scanner shares:
#
# $$ \mathrm{HU} = 1000 \, \frac{\mu - \mu_\text{water}}{\mu_\text{water}} $$
#
# Water is 0. Air weakens next to nothing, so it is −1000. The file stores whole numbers and says in its
# header how to come back to HU: multiply by the slope, then add the intercept.
#
# $$ \mathrm{HU} = \text{slope} \times \text{stored} + \text{intercept} $$
#
# **Predict.** The slope is 1 and the intercept −1024. What is 1064 now?

# %%
hu = dicom.to_hounsfield(
    stored, ct.RescaleSlope, ct.RescaleIntercept, padding=ct.get("PixelPaddingValue")
)
print(f"stored 1064 is {1064 * float(ct.RescaleSlope) + float(ct.RescaleIntercept):.0f} HU")

# %% [markdown]
# 40 HU: soft tissue. Now the whole slice, as a histogram.
#
# **Predict.** Three hills will stand out. One is soft tissue. What are the other two?

# %%
plots.histogram(
    hu,
    label="HU",
    marks={"air": -1000, "water": 0},
    title="Hounsfield units of one CT slice",
    alt="Histogram of Hounsfield units with three hills, near -820, near -100 and, the tallest, "
    "near 30, and a long tail up to 1167.",
)

# %% tags=["nbval-check-output"]
result("median of the left lung (HU)", float(np.median(hu[20:40, 110:125])))
result("share of the slice denser than 300 HU", float((hu > 300).mean()))

# %% [markdown]
# The hill on the left is lung: mostly air, so not far from −1000. The narrow one near −100 is
# fat, which is lighter than water. Soft tissue peaks near 30, and bone fills the long tail. Keep
# the fourth, small hill near 170 in mind: it will answer the radiologist.
#
# Three things go wrong here, again and again:
#
# 1. **The slope is forgotten.** It is 1 here, as it often is in CT, so nobody notices, until a file
#    comes where it is not.
# 2. **Unsigned numbers wrap around**, as at the start of this notebook. Convert to `float`
#    first.
# 3. **Padding is counted.** A round field of view leaves corners that were never measured. They
#    hold a *stored* value named in `PixelPaddingValue` (−2000 here, though this cut-out has no
#    such pixel left). Make them `nan`, or they will drag every mean down.
#
# And one warning: HU is for CT. An MR pixel of 1064 means nothing outside its own image.

# %% [markdown]
# Which of the two numbers a program gives, and what it gives where nothing was measured, differs from one library to the next: [stored values
# or Hounsfield units](../docs/conventions.md#stored-values-or-hounsfield-units), [padding](../docs/conventions.md#padding-of-a-ct).

# %% [markdown]
# ## The window (12 min)
#
# The slice spans about 2,000 HU, and an ordinary screen shows 256 greys, so one grey stands for 8 HU. Blood
# with and without contrast agent, 40 and 164 HU here, then lie 16 greys of 256 apart.
#
# So a viewer shows a part of the scale, the **window**. Its **centre** $c$ becomes middle grey.
# Its **width** $w$ is the range from black to white. Whatever lies outside is black or white.
#
# The DICOM standard [2] writes its default, called LINEAR, like this:
#
# $$
# y = \begin{cases}
# 0 & x \le c - \tfrac12 - \tfrac{w-1}{2} \\
# 1 & x > c - \tfrac12 + \tfrac{w-1}{2} \\
# \dfrac{x - (c - \tfrac12)}{w - 1} + \tfrac12 & \text{otherwise}
# \end{cases}
# $$
#
# Why the halves and the $w - 1$? Stored values are whole numbers. A window of width 4 around
# $c = 2$ should hold exactly the four values 0, 1, 2, 3: the first black, the last white.

# %%
dicom.window([-1, 0, 1, 2, 3, 4], center=2, width=4)

# %% [markdown]
# With $w = 1$ nothing is left between black and white: the window becomes a step.
#
# **Predict.** Below are three windows on the same slice: one for bone, one for lung, one for soft
# tissue, in some order. Which is which?


# %%
def slice_in(name):
    """Draw the slice in one of the usual windows."""
    return lambda ax: plots.image(hu, window=dicom.WINDOWS[name], ax=ax)


plots.grid(
    [("A", slice_in("bone")), ("B", slice_in("lung")), ("C", slice_in("soft tissue"))],
    columns=3,
    alt="The same CT slice in three windows. A shows the inside of the vertebra, B vessels in the "
    "lung, C muscle.",
)

# %% [markdown]
# A is the bone window (centre 400, width 1800): only there you look *into* the vertebra. B is the
# lung window (−600, 1500), with fine vessels. C is soft tissue (40, 400). One slice, three different
# pictures. The round bright disc beside the vertebra is the aorta.
# It is brighter than muscle. Is that the contrast agent?
#
# Now move the window yourself. Then use the probe: put its cross on the aorta, on muscle, on
# lung, and read their HU.
#
# **Predict.** Keep the centre at 40 and make the window narrower. At which width does the aorta
# turn as white as bone?

# %%
widgets.window_level(
    hu,
    spacing=tuple(ct.PixelSpacing),
    alt="A CT slice of the chest with a vertebra in the middle and the aorta beside it.",
)

# %% [markdown]
# The numbers behind what you saw: the mean inside a piece of the aorta, and inside back muscle.

# %% tags=["nbval-check-output"]
aorta, muscle = hu[4:18, 80:100], hu[75:95, 20:45]
result("mean of the aorta (HU)", float(aorta.mean()))
result("mean of back muscle (HU)", float(muscle.mean()))

# %% [markdown]
# White begins half a width above the centre. So the aorta is white when half the width is less
# than 164 − 40: below a width of about 250. Blood without contrast agent has about 40 HU, like
# muscle. This aorta has four times as much: yes, there is contrast agent in it.
#
# What goes wrong: software that stretches each image's *own* minimum and maximum to black and
# white. Then the same tissue has another grey in every patient, and a network learns the grey
# of the metal implant that set the maximum. Choose the window; do not let the image choose.

# %% [markdown]
# One window is three formulae, and most libraries do not say which is theirs: [the numbers side by
# side](../docs/conventions.md#three-formulae-for-a-window). A MONOCHROME1 image may already [have been turned
# round](../docs/conventions.md#monochrome1-already-turned-or-not) when you get it.

# %% [markdown]
# ## From the file to the screen (6 min)
#
# LINEAR is the default. A file may ask for another curve by name. **LINEAR_EXACT** has no halves:
# $y = (x - c)/w + \tfrac12$, cut off at 0 and 1. **SIGMOID** has no hard ends:
# $y = 1 / (1 + e^{-4 (x - c)/w})$.
#
# **Predict.** How do the three differ for a window of width 4? And for one of width 400?


# %%
def curves(width):
    """Draw the three functions around centre 0."""
    x = np.linspace(-width, width, 400)
    names = ("LINEAR", "LINEAR_EXACT", "SIGMOID")
    series = {name: dicom.window(x, 0, width, name) for name in names}
    return lambda ax: plots.lines(series, x=x, xlabel="HU − centre", ylabel="grey", ax=ax)


plots.grid(
    [(f"width {width}", curves(width)) for width in (4, 400)],
    columns=2,
    size=(9, 3.6),
    alt="Three window curves. At width 4 they differ clearly, LINEAR being steeper and further "
    "left; at width 400 LINEAR and LINEAR_EXACT coincide and SIGMOID is rounder.",
)

# %% [markdown]
# At width 4 the half and the $w - 1$ can be seen; at 400 LINEAR and LINEAR_EXACT are one curve. SIGMOID
# differs at every width, because it has no corners. So the half matters for narrow windows and for images
# with few grey levels; a pipeline that must give the same numbers everywhere needs the rule for all.
#
# A viewer works in three steps, always in this order:
#
# 1. **modality**: stored numbers become HU (slope and intercept, or a table);
# 2. **values of interest** (VOI): the window, or a table;
# 3. **presentation**: is a high value white? In X-ray films a high value is often *black*. The
#    header then says `MONOCHROME1`, and the picture is turned round *now*, at the very end. The
#    values themselves stay as they are: do not flip them before you
#    measure.
#
# Our file brings no window. `apply_voi` can then only stretch the image's own range, which you
# have just learned not to trust. Beside it is a copy with a window that also claims to be a
# negative.

# %%
film = pydicom.dcmread(path)
film.WindowCenter, film.WindowWidth = 40, 400
film.PhotometricInterpretation = "MONOCHROME1"
one, two = dicom.apply_voi(ct, stored), dicom.apply_voi(film)
plots.grid(
    [
        ("no window in the file", lambda ax: plots.image(one, vmin=0, vmax=1, ax=ax)),
        ("a window and MONOCHROME1", lambda ax: plots.image(two, vmin=0, vmax=1, ax=ax)),
    ],
    columns=2,
    alt="The same slice twice: dull grey where the file gives no window, and turned into a "
    "negative where it gives a window and MONOCHROME1.",
)

# %% [markdown]
# ## Pixels have a size (7 min)
#
# How large is a lesion of 10 × 10 pixels? It depends on `PixelSpacing`: the millimetres
# **between rows first, then between columns**. Not $x$ before $y$.
#
# Slices add a third step, and it is often larger. A picture that ignores this shows a patient
# squeezed like an accordion. The cure is one number, the **aspect**: the height of a pixel over
# its width.
#
# The data: MNI152, the average of 152 MR images of brains, aligned with one another [4]. It
# comes with the library nilearn. To see what happens with thick slices, keep every third one.

# %%
from nilearn.datasets import load_mni152_template

brain = dicom.volume_from_nifti(load_mni152_template(resolution=2)).canonical()
thick = brain.plane("sagittal")[::3]
brain

# %% [markdown]
# **Predict.** `thick` has a third of the rows. What will the brain look like if a pixel is drawn
# as a square?

# %%
plots.grid(
    [
        ("drawn as squares", lambda ax: plots.image(thick, ax=ax)),
        ("drawn in millimetres", lambda ax: plots.image(thick, spacing=(6, 2), ax=ax)),
    ],
    columns=2,
    alt="A brain from the side, squeezed to a third of its height with square pixels, and in its "
    "right shape when rows are 6 mm and columns 2 mm apart.",
)

# %% tags=["nbval-check-output"]
result("aspect of the thick slices", dicom.aspect((6, 2)))
result("width of the CT slice (mm)", float(wide))

# %% [markdown]
# Squeezed to a third: that is the 3 above, since rows are 6 mm apart and columns 2 mm. It matters beyond
# the picture, because a volume is counted in voxels and reported in millilitres. A wrong step makes a
# tumour grow between two visits because the scanner changed, not the tumour.

# %% [markdown]
# If you bring a scan to another voxel size, two good tools may place the new voxels [half a voxel
# apart](../docs/conventions.md#resampling-to-another-voxel-size).

# %% [markdown]
# ## Three planes, and which side is left (7 min)
#
# A volume can be cut in three ways. **Axial** planes lie across the body, **coronal** planes
# face you, **sagittal** planes show the side. In coronal and sagittal pictures each row is a slice.
# The columns of a coronal picture are the columns of the axial slices; the columns of a sagittal one
# are their *rows*, from front to back.
#
# Letters at the edge say which way you look: right and left, anterior (front) and posterior (back),
# superior (up) and inferior (down).
#
# **Predict.** On which side of the picture is the patient's *right* hand?

# %%
plots.planes(
    body,
    index=(35, 55, 60),
    window=(40, 700),
    alt="Axial, coronal and sagittal planes through a simulated chest, with letters for the directions; the "
    "heart reaches towards the patient's left, which is on the right of the picture.",
)

# %% [markdown]
# The patient's right is on *your* left, as if you stood at the foot of the bed. Every
# radiologist reads axial and coronal images this way. Look at the real CT again: the aorta is at the right
# of the picture. It runs on the left of the spine, except in the rare people whose organs are mirrored, so
# that slice is not flipped.
#
# File formats do not agree on the axes. DICOM counts towards the patient's **L**eft,
# **P**osterior and **S**uperior: *LPS*. NIfTI, the format of brain research, counts towards
# **R**ight, **A**nterior and **S**uperior: *RAS*. Convert without flipping two axes, and a
# tumour changes sides.

# %%
right_ear = np.array([80.0, -20.0, -30.0])  # RAS, millimetres: 80 mm to the right
as_lps = right_ear * [-1, -1, 1]
print(f"RAS {right_ear} is LPS {as_lps}")

# %% [markdown]
# Would you notice? Here are two volumes, each beside its own mirror image.
#
# **Predict.** In each pair, which of the two has been flipped?

# %%
heart, head = body.array[::-1, 55], brain.array[::-1, 58]
pairs = {"chest 1": heart[:, ::-1], "chest 2": heart, "brain 1": head, "brain 2": head[:, ::-1]}


def half(name):
    """Draw one picture of a pair, without letters at its edges."""
    looks = {"window": (40, 700), "spacing": (3.5, 2.8)} if "chest" in name else {"spacing": (2, 2)}
    return lambda ax: plots.image(pairs[name], ax=ax, **looks)


plots.grid(
    [(name, half(name)) for name in pairs],
    columns=4,
    size=(10, 2.9),
    alt="Two coronal pictures of a chest, the heart to the left in the first and to the right in the second, and "
    "two coronal pictures of a brain that cannot be told apart.",
)

# %% tags=["nbval-check-output"]
for name, volume in (("chest", body), ("brain template", brain)):
    away = float(np.abs(volume.array - volume.array[:, :, ::-1]).max() / np.ptp(volume.array))
    result(f"{name}: largest difference from its mirror image, share of its range", round(away, 12))

# %% [markdown]
# Chest 1: its heart points to the patient's right. About the brain nobody can tell, because **this
# template was made exactly symmetric** (its file name says `sym`). So no picture of it, and no test on
# it, can show that left and right were exchanged. Test your pipeline on something lopsided.
#
# Walk through the chest. The cross in each plane shows where the other two cut.
#
# **Predict.** A nodule, a round spot of soft tissue, lies high up in one lung. In which one?

# %%
widgets.planes(body, alt="The simulated chest.")

# %% [markdown]
# In the right one, so on the left of the axial and the coronal picture.
#
# A last warning about the brain: it is the *average* of 152 people. Everybody's folds differ, so
# here they blur, and the noise is gone. What works on a template may fail on a patient.

# %% [markdown]
# Libraries disagree about all of this, so the same voxel has two positions: [left and
# right](../docs/conventions.md#left-and-right-lps-or-ras), [the order of the axes](../docs/conventions.md#order-of-the-axes-of-a-volume), and
# what a NIfTI file means that has [two transforms](../docs/conventions.md#a-nifti-file-with-two-transforms) or
# [none](../docs/conventions.md#a-nifti-file-with-no-transform).

# %% [markdown]
# ## A series and its order (15 min)
#
# *A good place for a break: the second half is about many files, not one.*
#
# An examination, or **study**, holds one or more **series**. A CT series is one stack of slices, one
# file per slice. Which slice comes first?
#
# Here is the simulated chest again, written as a DICOM series as a badly kept archive may hand it
# over: the numbers in the file names mean nothing, and `InstanceNumber` lies.

# %%
import tempfile
from pathlib import Path

chest = chest_phantom((40, 96, 96), (7.0, 3.5, 3.5), noise=15)
folder = Path(tempfile.mkdtemp())
files = dicom.write_series(chest, folder / "scan", shuffled_names=True, lying_instance_numbers=True)
headers = [pydicom.dcmread(file, stop_before_pixels=True) for file in sorted(files)]
for file, header in list(zip(sorted(files), headers, strict=True))[:4]:
    z = float(header.ImagePositionPatient[2])
    print(f"{file.name}  InstanceNumber {header.InstanceNumber:>2}  z = {z:7.1f} mm")

# %% [markdown]
# Three candidates: the name, `InstanceNumber`, the position in space. Here you know which to trust,
# because you know how the files were made.
#
# **Predict.** What does a chest look like that is stacked in a wrong order?

# %%
slices = [pydicom.dcmread(file) for file in sorted(files)]
pixels = np.stack(
    [dicom.to_hounsfield(s.pixel_array, s.RescaleSlope, s.RescaleIntercept) for s in slices]
)
positions = [float(header.ImagePositionPatient[2]) for header in headers]
orders = {
    "file name": list(range(len(files))),
    "InstanceNumber": np.argsort([int(header.InstanceNumber) for header in headers]),
    "position": np.argsort(positions),
}


# %%
def coronal(ax, order, row):
    """Stack the slices in one of the orders and show a plane that cuts all of them."""
    plane = pixels[orders[order]][::-1, row]
    plots.image(plane, window=(40, 700), spacing=(7.0, 3.5), ax=ax)


widgets.explore(
    coronal,
    {
        "order": widgets.Choice("Sorted by", list(orders)),
        "row": widgets.Slider("Row", 30, 70, 48),
    },
    alt="A coronal plane of a chest, stacked from axial slices.",
    settings=[{"order": order} for order in orders],
)

# %% [markdown]
# By name or by number the chest falls into stripes. Only the position tells. `InstanceNumber` may agree
# with it, and that makes it dangerous: the standard calls it a number that identifies the image, and does
# not promise that it counts along the body. A pipeline that trusts it works until the first scanner that
# counts otherwise.
#
# Is it enough to sort by $z$? For axial slices, yes. In a coronal series all slices have the same
# $z$, and in a tilted one $z$ is not the direction of travel. The rule that works for every stack of
# parallel slices:
#
# - `ImageOrientationPatient` holds the direction of a row and of a column, three numbers each;
# - their cross product is the **normal** $\mathbf{n} = \text{row} \times \text{column}$, at right
#   angles to the slice;
# - sort by the projection $\mathbf{p} \cdot \mathbf{n}$ of `ImagePositionPatient`.
#
# The distance between neighbours in this order is the **slice step**. It is not
# `SliceThickness`: slices may overlap, or leave gaps between them.
#
# **Predict.** Below, the whole stack is turned by 20°, and SliceThickness is 2 mm less than the
# step of 7 mm. Will the differences of $z$ come out larger or smaller than 7 mm?

# %%
dicom.write_series(chest, folder / "tilted", oblique=20, gap=2, shuffled_names=True)
tilted = [pydicom.dcmread(f, stop_before_pixels=True) for f in (folder / "tilted").iterdir()]
where = np.array([header.ImagePositionPatient for header in tilted], dtype=float)
row, column = np.split(np.array(tilted[0].ImageOrientationPatient, dtype=float), 2)
along = np.sort(where @ np.cross(row, column))

# %% tags=["nbval-check-output"]
result("by SliceThickness (mm)", float(tilted[0].SliceThickness))
result("by z alone (mm)", float(np.median(np.diff(np.sort(where[:, 2])))))
result("along the normal (mm)", float(np.median(np.diff(along))))

# %% [markdown]
# Smaller: along $z$ you see only a part of the way, 7 mm × cos 20°. `dicom.read_volume` goes along
# the normal. What should a reader do when a slice is missing? Filling the
# hole by guessing would invent anatomy. So it refuses, and says where the hole is:

# %%
dicom.write_series(chest, folder / "gap", missing=[17])
try:
    dicom.read_volume(folder / "gap")
except dicom.DicomError as error:
    print(str(error).replace(str(folder), "…"))

# %% [markdown]
# Four more surprises, all legal:
#
# - **The same position twice.** An MR scanner may read the same slice at several times (echoes),
#   with several strengths of diffusion (b-values) or at several phases of the heartbeat. Then
#   several volumes share one series. Group them; do not throw one away.
# - **A tilted gantry.** The gantry is the ring that the patient lies in. Tilt it, and every slice
#   is tilted, but the table still moves straight: each slice is shifted sideways against the last,
#   and the volume is *sheared*. (In the stack above the steps followed the normal; here they do
#   not.) The shift must enter the **affine**, the matrix from voxel index to millimetres, or the
#   scan must be refused.
# - **A slice missing at the end** leaves no gap. Nobody can notice.
# - **Two series in one folder.** Ask which; never mix.

# %%
dicom.write_series(chest, folder / "gantry", tilt=15)
sheared = dicom.read_volume(folder / "gantry")
sheared

# %% tags=["nbval-check-output"]
result("angle between slice step and normal (degrees)", sheared.info["gantry tilt (degrees)"])
result("voxels read back", sheared.array.size)

# %% [markdown]
# What other readers make of such a folder, mostly without an error: [a missing slice](../docs/conventions.md#a-series-with-a-missing-slice),
# [two echoes in one series](../docs/conventions.md#two-echoes-in-one-series).

# %% [markdown]
# ## The brightest along a ray (5 min)
#
# Vessels wind through many slices. How do you see one as a whole? Look through the volume and keep
# the **brightest value along each ray**: the *maximum-intensity projection* (MIP).
#
# **Predict.** What will win along most rays: vessels, or something else?

# %%
fine = chest_phantom((92, 120, 120), (3.0, 2.8, 2.8))
front = fine.array.max(axis=1)[::-1]  # look from the front: along y, the second axis
slab = fine.array[:, 37:65].max(axis=1)[::-1]  # only through the middle of the body
views = {"all of the body": front, "a slab": slab}


def view(name):
    """Draw one of the projections, both in the same window."""
    return lambda ax: plots.image(views[name], window=(200, 700), spacing=(3.0, 2.8), ax=ax)


plots.grid(
    [(name, view(name)) for name in views],
    columns=2,
    alt="Two maximum-intensity projections of a chest: through the whole body ribs and spine hide "
    "the vessels; through a slab the vessels of the lung branch like a tree.",
)

# %% [markdown]
# Bone wins. A slab, or removing the bone first, brings the vessels out. Three mistakes:
#
# - **Window before projecting**: all that is brighter than the window becomes one white, and no
#   later window brings it back. Project HU, then choose the window.
# - **The wrong axis**: arrays here are (z, y, x). Looking from the front is axis 1.
# - **Padding**: one `nan` along the ray makes the result `nan`. `np.nanmax` ignores it.

# %% [markdown]
# ## Formats, motion and compression (8 min)
#
# | format | where | keeps |
# |---|---|---|
# | DICOM | hospitals | pixels, geometry, patient, scan; one file per slice, or many frames in one |
# | NIfTI | brain research | voxels and an affine; no patient |
# | PNG, JPEG | slides, papers | 8-bit greys; no HU, no millimetres |
#
# An ultrasound film is one file with many **frames**. Pixels may be **compressed**: the *transfer
# syntax* in the header says how.
#
# **Predict.** This film has 30 frames of 240 × 320 in three colours. How large is the file?

# %%
film_path = examples.get_path("ybr_color")
film = pydicom.dcmread(film_path)
frames = film.pixel_array
print(film.file_meta.TransferSyntaxUID.name)
print(f"{frames.shape}: {frames.nbytes / 1e6:.1f} MB in memory")
print(f"{film_path.stat().st_size / 1e6:.1f} MB on disk")

# %%
plots.montage(
    list(frames[::6].mean(axis=3)),
    columns=5,
    alt="Five frames of an ultrasound film of the heart, in grey.",
)

# %% [markdown]
# 6.9 MB in memory are 0.2 MB on disk. And what you see is a beating heart. The letters are part of the
# *picture*, so no cleaning of a header removes them; keep that in mind for the next section.
#
# Patients move. Between contraction and rest, parts of the heart were found 3–8 mm apart (averages over 17
# patients [19]), and in one patient under treatment a bronchus moved 17.5 mm with the breath [20]. A scan
# that takes longer than the motion adds up all positions.
#
# **Predict.** Below are one frame and the mean of all thirty, which is what a camera with an open shutter
# of one second would see. What will the mean do to the walls of the heart?

# %%
grey = frames.mean(axis=3)
seconds = len(frames) * film.FrameTime / 1000  # FrameTime is in milliseconds


def against_time(ax):
    """Draw one column of the picture, as it changes from frame to frame."""
    ax.imshow(grey[:, :, 160].T, cmap="gray", aspect="auto", extent=(0, seconds, 240, 0))
    ax.set(xlabel="seconds", ylabel="row")


plots.grid(
    [
        ("one frame", lambda ax: plots.image(grey[0], ax=ax)),
        ("mean of 30 frames", lambda ax: plots.image(grey.mean(axis=0), ax=ax)),
        ("one column, against time", against_time),
    ],
    columns=3,
    alt="One frame of the film with sharp walls, the mean of thirty with blurred ones, and one column "
    "against time, in which the walls draw waves.",
)

# %% [markdown]
# It smears them: each wall is drawn at every place it visited. In the third picture the same walls draw waves, and
# a cardiologist reads speed and thickness from them. Scanners answer motion in three ways: be faster than
# it, ask the patient to hold the breath, or **gate**, that is, sort the data by the phase of heartbeat or
# breath. Then time is a fourth axis, and a series holds several volumes.
#
# JPEG as used here is **lossy**: the decoded numbers are not the measured ones, and what it throws away
# are the finest details. That matters for things like microcalcifications, the specks of calcium that
# betray some cancers of the breast. Lossless kinds exist (JPEG-LS, JPEG 2000, RLE). Before you train on
# an archive, look at its transfer syntaxes: if the hospitals compress differently, a network can
# learn the hospital in place of the disease.

# %% [markdown]
# Three traps with files of other kinds: what you change in nibabel’s array may be [lost when you save
# it](../docs/conventions.md#what-you-change-in-get_fdata-is-not-in-the-file-that-nibabel-saves), and a 16-bit PNG of a radiograph has 16 grey
# levels [in OpenCV](../docs/conventions.md#opencv-reads-a-12-bit-image-from-a-16-bit-png-as-sixteen-grey-levels) and is white [in
# Pillow](../docs/conventions.md#pillow-makes-a-16-bit-radiograph-white-when-it-is-converted-to-grey-or-to-colours).

# %% [markdown]
# ## Taking the patient out (16 min)
#
# You may not share what identifies a patient. Deleting `PatientName` is not enough. Where else can
# a name hide?
#
# **Predict.** Which three places come to your mind?

# %%
source = folder / "hospital"
dicom.write_series(
    chest_phantom((4, 48, 48), (60.0, 7.0, 7.0)),
    source,
    patient={
        "PatientName": "Rossi^Anna",
        "PatientID": "4711",
        "StudyDate": "20240310",
        "StudyDescription": "THORAX, ROSSI, control",
    },
)
audit = dicom.deidentify(source, folder / "shared", salt="a long secret that nobody knows")
for what, told in audit.iloc[0].items():
    print(f"{what:>8}: {told}")

# %% [markdown]
# The answer is: everywhere.
#
# - in **descriptions** that people typed, as above;
# - in **sequences**: elements that hold whole lists of further elements;
# - in **private elements**, which every maker fills as it likes;
# - in the **file-meta** elements, a short header before the header, and in **file names**;
# - in **overlays**, drawings stored beside the image, and in the **pixels** themselves, like the
#   letters in the ultrasound above;
# - in the **face**: from the MRI of their heads, software picked the right one among 84 people for 70
#   of them [8].
#
# Does the name survive in the new files? Do not trust a list of deleted elements. Search the
# bytes:

# %% tags=["nbval-check-output"]
old = b"".join(file.read_bytes() for file in source.rglob("*") if file.is_file())
new = b"".join(file.read_bytes() for file in (folder / "shared").rglob("*") if file.is_file())
for secret in ("Rossi", "ROSSI", "4711"):
    result(
        f"{secret!r} before and after",
        f"{old.count(secret.encode())}, {new.count(secret.encode())}",
    )

# %% [markdown]
# What must *stay* is just as important. Slices belong to a series, a series to a study: by their
# **UIDs**, unique identifiers. Give each file a fresh one, and the study falls apart. Keep the old
# ones, and the archive finds the patient. So each UID is replaced by a **keyed hash**: the same
# input gives the same output, and nobody without the key (the **salt**) can compute it. The salt
# is a secret like the names themselves.

# %% tags=["nbval-check-output"]
shared = [pydicom.dcmread(f) for f in sorted((folder / "shared").rglob("*")) if f.is_file()]
before = {pydicom.dcmread(file).SeriesInstanceUID for file in source.iterdir()}
result("slices still in one series", len({ds.SeriesInstanceUID for ds in shared}) == 1)
result("under its old UID", shared[0].SeriesInstanceUID in before)

# %% [markdown]
# Dates are special. A study of growth needs the days *between* two scans. The standard's **Basic
# Profile** [9] removes dates. Shifting all dates of a patient by the same secret number of days is an
# *option* on top of it, and the file must say so. What a file says about its own treatment:

# %%
dicom.header_table(
    shared[0],
    "PatientName PatientID StudyDate PatientIdentityRemoved DeidentificationMethod "
    "LongitudinalTemporalInformationModified".split(),
)

# %%
for item in shared[0].DeidentificationMethodCodeSequence:
    print(item.CodeValue, item.CodeMeaning)

# %% [markdown]
# **Is the patient anonymous now?** Suppose that somebody holds the hospital's archive and finds one of
# the shared files.
#
# **Predict.** Name, number, dates and UIDs are gone. Can she still tell whose scan it is?

# %% tags=["nbval-check-output"]
archived = [pydicom.dcmread(file) for file in source.iterdir()]
by_pixels = {ds.PixelData: str(ds.PatientName) for ds in archived}
result("the patient of the first shared file", by_pixels[shared[0].PixelData])

# %% [markdown]
# The pixels are the key: they equal only Anna Rossi's. With the salt one could also compute each pseudonym anew. As long as
# there is an archive or a key that leads back, the files are **pseudonymised**. In European law they
# remain personal data [21]; only what nobody can reasonably trace to a person is **anonymous**. So
# de-identified scans are shared under an agreement, and not put on the web because "the names are gone".

# %% [markdown]
# ## Counting patients in an archive (8 min)
#
# A machine learns from many patients. Where do they come from? The Cancer Genome Atlas (TCGA)
# collected tissue and genes of 33 kinds of cancer; The Cancer Imaging Archive (TCIA) [5] holds
# images of some of the same patients. This is the table of a lecture from 2019 [6].

# %%
archive = data.load_tcia_tcga()
archive.head(4)

# %% [markdown]
# **Predict.** How many of these patients have an MR? Can the table tell?

# %%
by_modality = archive.explode("modalities").groupby("modalities")["patients"].sum()
by_modality = by_modality.sort_values(ascending=False)
plots.bars(
    list(by_modality.index),
    list(by_modality),
    decimals=0,
    title="Adding up patients by modality",
    alt="Bar chart of patients by modality code; CT and MR lead with more than a thousand each.",
)

# %% tags=["nbval-check-output"]
result("patients in the table", int(archive["patients"].sum()))
result("patients when modalities are added up", int(by_modality.sum()))

# %% [markdown]
# The sum over modalities is three times the number of patients. The table lists the
# modalities of a *collection*, and does not say which patient had which. "CT, MR: 15" may be
# fifteen patients with both, or fourteen with CT only and one with MR only. So no: **the table cannot tell**. The headers
# could; you will count them in the lab. (NM is
# nuclear medicine. RTSTRUCT, RTPLAN and RTDOSE are no pictures of the patient: they describe
# radiotherapy.)
#
# Counting images or examinations as if they were patients makes a study look larger than it
# is. Think of it whenever you read "we used 10,000 images".
#
# One row of the original table also says "Bladder *Endothelial* Carcinoma". The cancer of the
# bladder's lining is *urothelial*. The loader corrects it, and the file keeps both:

# %%
original = data.load_tcia_tcga(corrected=False)
original.loc[original["correction"] != "", ["collection", "cancer_type", "correction"]]

# %% [markdown]
# Other archives you will meet: **ADNI** (ageing and Alzheimer's disease; apply for access),
# **ABIDE** (autism), **IXI** (about 600 healthy brains), and beside the images **GDSC** (drugs and
# cancer cells) and the **Human Protein Atlas**. TCGA itself holds more than 11,000 patients of 33
# cancers; only 1,821 of them, the table says, have images in TCIA. Whoever combines genes and
# images works with that small part.

# %% [markdown]
# ## A first segmentation, by one number (4 min)
#
# If numbers mean something, one number can already find an organ. Everything denser than a
# threshold is bone... or is it?
#
# **Predict.** At 150 HU, what else will be marked?

# %%
widgets.threshold(
    hu,
    start=150,
    unit="HU",
    spacing=tuple(ct.PixelSpacing),
    alt="A CT slice of the chest; the pixels above the threshold are coloured.",
)

# %% [markdown]
# The aorta lights up: with contrast agent it is as dense as soft bone. Raise the threshold until
# it is gone. How much of the vertebra's inside is gone with it?

# %% tags=["nbval-check-output"]
vertebra = hu[12:36, 50:70]
above_aorta = np.percentile(aorta, 95)
result("threshold that removes 95 % of the aorta (HU)", float(above_aorta))
result("share of the vertebra that it removes too", float((vertebra < above_aorta).mean()))

# %% [markdown]
# A quarter of the vertebra's inside. So on this slice **no threshold separates the two**. You need shape, place or texture.
# Finding those is what the rest of this course is about.

# %% [markdown]
# ## What to remember
#
# - A DICOM file is an image *and* a medical record.
# - HU = slope × stored + intercept, in floating point, padding excluded, for CT only.
# - A window is a choice. State centre and width with every CT picture.
# - PixelSpacing lists the distance between rows first. The slice step is its own number.
# - The patient's right is on your left. DICOM is LPS, NIfTI is RAS.
# - Sort slices by position along the normal. Names and numbers lie.
# - Project first, window last.
# - De-identify everywhere, keep what belongs together, and prove it on the bytes. What is left is
#   pseudonymised, not anonymous.
# - Attenuation adds along a ray; transmission multiplies.
# - Eyes compare and do not measure. Test for a flip on something lopsided.
# - Count patients, not files.

# %% [markdown]
# ## Quiz (3 min)
#
# **1.** A file stores `uint16` with intercept −1024. The darkest pixel comes out as 64,512 HU.
# What happened?
#
# <details><summary>Answer</summary>
#
# The subtraction was done in unsigned numbers and wrapped around: 0 − 1024 became 64,512.
# Convert to float first.
#
# </details>
#
# **2.** You want to see a small bleeding in the brain: blood at 60 HU beside grey matter at
# 37 HU. Window (40, 80) or (400, 1800)?
#
# <details><summary>Answer</summary>
#
# (40, 80). The two differ by 23 HU: more than a quarter of the narrow window, and about one
# hundredth of the wide one.
#
# </details>
#
# **3.** PixelSpacing is [0.5, 1.0]. Is a pixel taller than wide?
#
# <details><summary>Answer</summary>
#
# No, it is wider than tall: rows are 0.5 mm apart, columns 1.0 mm. Its aspect is 0.5.
#
# </details>

# %% [markdown]
# ## Go further
#
# 1. M. de Bruijne, *Machine Learning in Medical Imaging*, lecture, Copenhagen, 12 March 2021.
# 2. DICOM Standard PS3.3, section C.11.2 (window) and C.7.6.2 (image plane); free to read at
#    [dicomstandard.org](https://www.dicomstandard.org/current).
# 3. G. N. Hounsfield, *Computerized transverse axial scanning (tomography)*, Br. J. Radiol. 46
#    (1973), [doi:10.1259/0007-1285-46-552-1016](https://doi.org/10.1259/0007-1285-46-552-1016).
# 4. V. Fonov et al., *Unbiased average age-appropriate atlases for pediatric studies*,
#    NeuroImage 54 (2011),
#    [doi:10.1016/j.neuroimage.2010.07.033](https://doi.org/10.1016/j.neuroimage.2010.07.033).
# 5. K. Clark et al., *The Cancer Imaging Archive*, J. Digit. Imaging 26 (2013),
#    [doi:10.1007/s10278-013-9622-7](https://doi.org/10.1007/s10278-013-9622-7).
# 6. D. Remondini, *Machine learning for medical imaging*, lecture, Milan, March 2019.
# 7. T. Drew, M. L.-H. Võ, J. M. Wolfe, *The invisible gorilla strikes again*, Psychol. Sci. 24
#    (2013), [doi:10.1177/0956797613479386](https://doi.org/10.1177/0956797613479386).
# 8. C. G. Schwarz et al., *Identification of anonymous MRI research participants with
#    face-recognition software*, N. Engl. J. Med. 381 (2019),
#    [doi:10.1056/NEJMc1908881](https://doi.org/10.1056/NEJMc1908881).
# 9. DICOM Standard PS3.15, Annex E: the Basic Profile and its options, at
#    [dicomstandard.org](https://www.dicomstandard.org/current).
# 10. J.-F. Monville, R. F. Dondelinger, *Rectification: the well-known "hand with gunshot" radiograph
#     signed by M. I. Pupin … is a forgery*, RöFo (2025),
#     [doi:10.1055/a-2742-1763](https://doi.org/10.1055/a-2742-1763).
# 11. N. Carter, N. E. Hill, *The discovery of a bullet lost in the wrist by means of roentgen rays: Robert
#     Jones*, Grand Rounds 14 (2014),
#     [doi:10.1102/1470-5206.2014.L002](https://doi.org/10.1102/1470-5206.2014.L002).
# 12. J. H. Hubbell, S. M. Seltzer, *X-ray mass attenuation coefficients*, NIST, tables 2 and 4: at 60 keV
#     soft tissue 0.2048 cm²/g × 1.06 g/cm³, cortical bone 0.3148 × 1.92, water 0.2059 × 1,
#     [physics.nist.gov](https://physics.nist.gov/PhysRefData/XrayMassCoef/tab4.html).
# 13. *The "Indomitable" MRI*, Smithsonian Magazine, on R. Damadian's scan of 3 July 1977.
# 14. *Scheduled Workflow*, IHE Radiology Technical Framework, volume 1, at [ihe.net](https://www.ihe.net).
# 15. T. Agostini et al., *Contrasting a misinterpretation of the reverse contrast*, Vision 4 (2020), says it
#     in its first sentence, [doi:10.3390/vision4040047](https://doi.org/10.3390/vision4040047).
# 16. The circles are those of H. Ebbinghaus and E. B. Titchener.
# 17. A. Soranzo, *Simultaneous color contrast*, Encyclopedia of Color Science and Technology,
#     [doi:10.1007/978-3-642-27851-8_268-2](https://doi.org/10.1007/978-3-642-27851-8_268-2).
# 18. D. Borland, R. M. Taylor, *Rainbow color map (still) considered harmful*, IEEE Comput. Graph. Appl.
#     27 (2007), [doi:10.1109/MCG.2007.323435](https://doi.org/10.1109/MCG.2007.323435).
# 19. *Estimation of the displacement of cardiac substructures and the motion of the coronary arteries using
#     electrocardiographic gating*, OncoTargets Ther. 6 (2013),
#     [doi:10.2147/OTT.S52101](https://doi.org/10.2147/OTT.S52101).
# 20. *Verifying 4D gated radiotherapy using time-integrated electronic portal imaging*, Radiat. Oncol. 2:32
#     (2007), table 1, [doi:10.1186/1748-717X-2-32](https://doi.org/10.1186/1748-717X-2-32).
# 21. Regulation (EU) 2016/679 (GDPR), article 4 (5) and recital 26.
#
# Now do the lab: `exercises/01_medical_images.ipynb`.
