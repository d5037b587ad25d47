# %% [markdown]
# ## Gate 1: the protocol (7 min)
#
# A study has come to your desk. Four hospitals have sent 960 patients with a brain tumour. 640 of them
# are yours to develop on; 320 are locked, and 200 of these are all the patients of a hospital, D, that
# nobody has worked with. The question is whether the MRI tells about survival what the clinic does not know.
# You will pass six gates, in their order: protocol, quality control, segmentation, model,
# explanation, report. What opens at gate 4 stays open.
#
# **A colleague's seal.** Before the locked data open, the protocol gets a **seal**: a number of 64
# hexadecimal digits that anybody can compute from it, and that changes if one word of the protocol does. He
# publishes the seal, and keeps the protocol in a drawer. Here is how he makes it:

# %%
import hashlib
import json

import mlmi_course
import numpy as np
import pandas as pd

from mlmi_course import plots
from mlmi_course.biopsy.study import Study
from mlmi_course.questions import u21_virtual_biopsy as q


def colleagues_fingerprint(protocol):
    """Return the seal of a protocol."""
    text = json.dumps(sorted(protocol))
    return hashlib.sha256(text.encode()).hexdigest()[:8]


# %% [markdown]
# Two things are wrong in it. Write `fingerprint` as it should be, so that everybody computes the
# same seal: the SHA-256 of the protocol's JSON text in UTF-8, as 64 hexadecimal digits. In this text
# the keys are sorted in every dictionary, also in an inner one; there is no space after `,` and `:`; and letters such as
# é stand as they are (`json.dumps` has the arguments `sort_keys`, `separators` and `ensure_ascii`).


# %%
# leak-ok: it stands beside the faulty function that is to be mended
def fingerprint(protocol):
    """Return the seal of a protocol."""
    import hashlib
    import json

    ### BEGIN SOLUTION
    text = json.dumps(protocol, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode("utf-8")).hexdigest()
    ### END SOLUTION


# %%
q.fingerprint.check(fingerprint)

# %% [markdown]
# Stuck? Delete the `#` in the next cell and run it. Run it again for the next hint.

# %%
# q.fingerprint.hint()

# %% [markdown]
# **Your protocol.** Below is the draft of the one that you will be held to. Read every line, and change what you
# would do otherwise: `blocks` may hold, besides `"clinical"`, any of `"radiomic"`, `"deep"`, `"pathology"`, `"expression"` and
# `"methylation"`; `fusion` is `"early"` (one model of all columns) or `"late"` (a model for each block, then one of
# their scores). One line is missing. The hospital offers a place in an early trial to those who would die within a
# year. To miss one of them costs 3; to send somebody there for nothing costs 2. From which **probability of death** on
# should the place be offered? Put it into the draft in the place of `None`. It follows from the costs, and `seal` looks whether it does.

# %%
protocol = {
    "population": "adults with a newly found brain tumour and an MRI before surgery",
    "outcome": "death within 365 days of the diagnosis",
    "blocks": ["clinical", "radiomic"],
    "fusion": "early",
    "metric": "gain in C over the clinical model, all locked patients, 95 % interval over patients",
    "costs": {"missed": 3, "needless": 2},
    "threshold": None,
}

# %% tags=["solution"]
protocol["threshold"] = 0.4  # acting costs 2 (1 − p), not acting 3 p: equal where p = 2 / 5

# %%
study = Study(protocol)
print(study.seal())

# %% [markdown]
# ## What breaks it? (5 min)
#
# What happened in another group's study, after the protocol was sealed:
#
# > **A.** Before the opening, a coordinator finds that one hospital sent ages in months. It is mended, written
# > down, and the protocol is sealed anew.
# > **B.** After the opening, the threshold is moved to where the locked patients gain most. The new benefit is
# > the main result.
# > **C.** After the opening, the C-index is also computed for women and men. It is reported as not planned.
# > **D.** After the opening, a program turns out to have read days as weeks in one hospital. The paper reports the
# > registered run first, then the mended one and the reason.
# > **E.** Ten patients whose prediction failed are looked at again. Three have a scan that "looks
# > atypical", and are left out.
# > **F.** The registered gain is 0.002 (−0.011 to 0.014). The paper says so in its first sentence.
# > **G.** The methylation block did not help in the locked patients. The main model is reported without it.
# > **H.** As the scanner of the new hospital is another one, the features of all are scaled anew by mean and standard
# > deviation of the locked patients, after their first result.
# > **I.** The registered result stands first. Then a model that was recalibrated on half of the new hospital's patients
# > is shown on the other half.
#
# Which of these break the protocol? Put their letters into `broken`, such as `"AC"`.

# %%
### BEGIN SOLUTION
broken = "BEGH"
### END SOLUTION

# %%
q.broken.check(broken)

# %%
# q.broken.hint()

# %% [markdown]
# ## Gate 2: quality control (16 min)
#
# Before anything is measured, look at what was delivered. Here is the table of one delivery of 24 patients; their scans and masks
# come with it.

# %%
delivery = q.delivery()
pd.DataFrame({name: delivery[name] for name in ("age", "kps", "time")}).T

# %% tags=["fold"]
plots.montage(
    delivery["images"][:12, 0],
    columns=6,
    title="T1 after contrast agent, rows 0 to 11",
    alt="Twelve scans of brain tumours; most have a bright rim.",
)

# %% [markdown]
# Some rows have to go back to the hospital that sent them. Write `suspects`, which returns the **numbers of these
# rows**, ascending, as a list. A row goes back if
#
# - its `age` (years) is below 18 or above 100;
# - its `kps` (Karnofsky points) is none of 10, 20, … 100;
# - its `time` (days) is not above 0;
# - its scan, both channels, is the scan of another row too (then *both* rows go back);
# - its mask does not lie on its tumour, because somebody mirrored it left to right;
# - its two channels were exchanged.
#
# `images` has shape (n, 2, 64, 64): T1 after a contrast agent, then FLAIR. `masks` has shape (n, 64, 64): 0 brain, 1
# necrosis, 2 enhancing rim, 3 oedema. For the last two faults you need one fact: on the first channel, and only there, the rim is brighter
# than the necrosis inside it and the oedema around it, by at least a third of what brain has; where mask or channel is wrong, by little or not at all. Scanners have no
# common unit, so compare within a scan: the median of a channel is brain. Two scans may share *one* channel by a slip of the archive; they stay. The check uses other deliveries than
# this one, and in some of them all masks are right.


# %%
def suspects(age, kps, time, images, masks):
    """Return the numbers of the rows that go back."""
    ### BEGIN SOLUTION
    wrong = (age < 18) | (age > 100) | ~np.isin(kps, np.arange(10, 101, 10)) | (time <= 0)
    for i in range(len(age)):
        others = [j for j in range(len(age)) if j != i]
        wrong[i] |= any(np.array_equal(images[i], images[j]) for j in others)
        scan, mask = images[i, 0], masks[i]
        rim, around = scan[mask == 2].mean(), scan[(mask == 1) | (mask == 3)].mean()
        wrong[i] |= (rim - around) / np.median(scan) < 0.3
    return [int(i) for i in np.flatnonzero(wrong)]
    ### END SOLUTION


# %%
q.suspects.check(suspects)

# %%
# q.suspects.hint()

# %% [markdown]
# ## Gate 3: segmentation, and how sure it is (8 min)
#
# The network that comes with the course has segmented everybody. Where a border is doubtful, a diameter is too, and so is the risk
# that is made from it. `probability` says for each pixel of one image how likely it is tumour. A colleague draws masks from it, and
# takes the spread of their diameters (of circles with the mask's area):


# %%
def colleagues_propagate(probability, fields, spacing):
    """Return the mean diameter (mm) and how far it may be off."""
    rng = np.random.default_rng(0)
    masks = rng.random(fields.shape) < probability
    diameters = 2 * np.sqrt(masks.sum(axis=(1, 2)) * spacing**2 / np.pi)
    return [float(diameters.mean()), float(diameters.std(ddof=1) / np.sqrt(len(masks)))]


# %% [markdown]
# He says that diameters are known to a hundredth of a millimetre. Two things are wrong. Write `propagate` as it
# should be. `fields` has shape (draws, rows, columns). Each is a field of *standard normal* numbers in which neighbours
# agree, as the errors along a border do. `scipy.stats.norm.cdf` turns it into a field of chances between 0 and 1, and a
# pixel belongs to the mask of a draw where its chance lies below its probability. Return mean and spread as a
# list.


# %%
# leak-ok: it stands beside the faulty function that is to be mended
def propagate(probability, fields, spacing):
    """Return the mean diameter (mm) and how far it may be off."""
    ### BEGIN SOLUTION
    from scipy.stats import norm

    masks = norm.cdf(fields) < probability
    diameters = 2 * np.sqrt(masks.sum(axis=(1, 2)) * spacing**2 / np.pi)
    return [float(diameters.mean()), float(diameters.std(ddof=1))]
    ### END SOLUTION


# %%
q.propagate.check(propagate)

# %%
# q.propagate.hint()

# %% [markdown]
# ## Gate 4: the locked data open (7 min)
#
# If your protocol is sealed, the next cell opens the locked data. It fits what you registered to the 640
# patients, and judges it on the 320. `gain` is your model's C-index minus that of the clinical model on the same
# patients; `C, true risk` is what one would reach who knew the simulation's own hazard.

# %%
study.results()

# %% [markdown]
# What if you now went back and chose? Forty other models are tried, each with six more columns, drawn at random. One half of the locked patients
# says which model is best, and the other half had no part in that.

# %%
study.broken()

# %% [markdown]
# In the upper row, which a paper would print, the chosen model leads yours. Compare that lead with the one in the lower row: what is missing there was luck. You could see that only because half of the patients were kept out of the choice.
#
# **Read a table.** Another group (which we made up) prints this, for 320 locked patients of which 200 are of a new
# hospital, E; 95 % intervals are over patients:
#
# | | |
# |---|---|
# | C, clinic | 0.62 |
# | C, clinic + image | 0.71; gain 0.09 (0.06 to 0.12), paired |
# | gain of omics beyond clinic + image | 0.004 (−0.010 to 0.018), paired |
# | C of the true hazard (they simulated) | 0.75 |
# | hospital E: slope of clinic + image | 0.78 (0.62 to 0.94) |
# | hospital E: died within a year | predicted 41 %, by Kaplan and Meier 53 % (46 to 60 %) |
#
# and writes:
#
# > **A.** On these patients the image adds to the clinic.
# > **B.** In hospital E the predicted log hazards lie too far apart.
# > **C.** Omics know nothing about the survival of these patients.
# > **D.** A C-index of 0.71 means that 71 % of the patients are classified correctly.
# > **E.** In hospital E the model expects too few deaths.
# > **F.** As clinic + image ranks patients better, to act on it is better at every threshold.
# > **G.** A constant that is added to every log hazard in hospital E changes its predictions and not its C-index.
# > **H.** The interval of the gain may be narrower than those of the two C-indices, because both models saw the same patients.
# > **I.** If the network were trained anew, the gain would fall into 0.06 to 0.12 in 95 of 100 cases.
#
# Which sentences are wrong, or say more than the table can? Put their letters into `claims`.

# %%
### BEGIN SOLUTION
claims = "CDFI"
### END SOLUTION

# %%
q.claims.check(claims)

# %%
# q.claims.hint()

# %% [markdown]
# ## Gate 5: why this patient? (8 min)
#
# A doctor asks why one patient's risk is high. In a Cox model each column adds to the log hazard, so
# the answer is a sum. It only needs to say *compared with whom*: here with the patients of her own hospital. A
# colleague wrote:


# %%
def colleagues_contributions(weights, scale, x, reference, block):
    """Return what each block adds to the log hazard."""
    values = weights * np.nan_to_num(x)
    return np.array([values[block == number].sum() for number in range(block.max() + 1)])


# %% [markdown]
# Mend it. `weights` are log hazard ratios for one standard deviation of the development set; `scale` holds these deviations.
# `x` is the patient, `reference` an array with one row for each patient of her hospital, both in the columns' own units. `block` holds the number of
# each column's block: 0, 1, 2 … Return one number a block: what it adds to the log hazard, compared with the
# mean of the reference patients. What is NaN adds nothing, and counts in no mean.


# %%
# leak-ok: it stands beside the faulty function that is to be mended
def contributions(weights, scale, x, reference, block):
    """Return what each block adds to the log hazard."""
    ### BEGIN SOLUTION
    values = np.nan_to_num(weights * (x - np.nanmean(reference, axis=0)) / scale)
    return np.array([values[block == number].sum() for number in range(block.max() + 1)])
    ### END SOLUTION


# %%
q.contributions.check(contributions)

# %%
# q.contributions.hint()

# %% [markdown]
# One patient of hospital D in your own study. Here the comparison is with an average patient of the *development* set, for whom the model's log hazard is 0:

# %%
study.patient("P0004")

# %% [markdown]
# ## Gate 6: report and model card (9 min)
#
# Write the report of your study into `card`: ten sentences or so, with **your** numbers from `study.results()`. Say
#
# - what was registered and what came out, with interval and number of patients, also for hospital D alone. If the gain is nothing, say so as plainly;
# - for whom the model is meant, and for whom it must not be used;
# - what this study cannot show;
# - how a hospital should watch it: what is counted, how often, which number raises an alarm, and who does what then;
# - who would gain from a good result (the conflicts of interest).
#
# A person marks it. The check shows you the rubric.

# %%
### BEGIN SOLUTION
card = """
Registered: the gain in C of clinic + eight radiomic features over the clinic, one Cox model, 320 locked
patients. The gain was 0.077 (95 % interval over patients 0.047 to 0.109): C 0.696 after 0.619, where the true
hazard has 0.750. In hospital D alone, which nobody had worked with (200 patients), it was 0.086 (0.044 to
0.127). In D the slope was 0.99 but the level was not right: 63 % were predicted to die within a year and
54 % did. Intended for adults with a new brain tumour and both contrasts of MRI, to help a board that
offers trial places at a probability of 40 %; not for children, not after surgery, not where the segmentation check
fails, and not in a new hospital before its level was recalibrated. Not shown: the patients are
simulated, by the same simulator that trained the segmentation network, so real scans will do worse;
omics blocks were missing by hospital and were not registered. Monitoring: each quarter the data manager
compares predicted and observed deaths among all whose year is over, and the share of segmentations that the check
refuses (9 % in D). Observed minus predicted deaths beyond two standard errors, or more than 15 %
refused, stops the offer of new places until the board has met. Conflicts of interest: the authors wrote
both simulator and model; nobody sells either.
"""
### END SOLUTION

# %%
q.card.check(card)

# %%
# q.card.hint()

# %% tags=["solution", "nbval-check-output"]
from mlmi_course.checks import result

table = study.results()
result("locked patients", int(table.loc["patients", "all locked"]))
result("C, clinic", float(table.loc["C, clinic", "all locked"]), within=(0.58, 0.66))
result("C, clinic and image", float(table.loc["C, yours", "all locked"]), within=(0.67, 0.73))
result("gain", float(table.loc["gain", "all locked"]), within=(0.04, 0.12))
result("gain in hospital D", float(table.loc["gain", "D"]), within=(0.03, 0.14))
result("C, true risk", float(table.loc["C, true risk", "all locked"]))
again = study.broken()
seen, left = (again.iloc[row, 1] - again.iloc[row, 0] for row in (0, 1))
result("lead of the best of 41, on the half that chose", float(seen), within=(0.0, 0.04))
result("lead on the other half, minus that", float(left - seen), at_most=0.0)

# %% [markdown]
# ## Late fusion with holes (8 min, deeper)
#
# In late fusion each block has a model of its own, whose **score** is a log hazard. Their weighted sum is the risk. Not everybody
# has every block. A colleague wrote:


# %%
def colleagues_late_fusion(scores, development, weights):
    """Return one risk for each patient."""
    filled = np.nan_to_num(scores)
    z = (filled - filled.mean(axis=0)) / filled.std(axis=0)
    return z @ weights


# %% [markdown]
# `scores` has shape (n, k), NaN where a patient lacks a block; `development` has the same columns for the
# development set, with holes of its own. Write `late_fusion` so that a patient's risk does not depend on who else is in
# `scores`, and so that a block that is missing says nothing. Scores are standardised (mean 0, standard deviation 1 as
# `np.nanstd` gives it), then weighted and added.


# %%
# leak-ok: it stands beside the faulty function that is to be mended
def late_fusion(scores, development, weights):
    """Return one risk for each patient."""
    ### BEGIN SOLUTION
    z = (scores - np.nanmean(development, axis=0)) / np.nanstd(development, axis=0)
    return np.nan_to_num(z) @ weights
    ### END SOLUTION


# %%
q.late_fusion.check(late_fusion)

# %%
# q.late_fusion.hint()

# %% [markdown]
# ## Probabilities for another hospital (13 min, deeper)
#
# The model goes to a hospital E. There it ranks patients well, but an **audit** of 2,000 of them shows
# that its probabilities are off. The model gives `score`, the log hazard relative to an average patient of the
# development set; at home, the probability of death within a year was $1 - \exp(-0.6\, e^{\text{score}})$.

# %%
audit = q.audit()
print("new patients:", audit["new"])
pd.DataFrame({key: column for key, column in audit.items() if key != "new"}).head(4)

# %% [markdown]
# Write `recalibrated`. It gets such a dictionary: `score`, `time` and `event` of the audited, and the scores `new` of patients who have just come. It returns *their*
# probabilities of dying within 365 days, in their order. The check has **another hospital**, with its own audit and 8,000 new patients. The number that it shows is the share of the damage that
# you undo: 0 are the probabilities from home, and 1 the true ones. Below 0.85 it earns nothing, and all points need 0.93.


# %%
def recalibrated(hospital):
    """Return probabilities of death within a year, for the new patients of a hospital."""
    ### BEGIN SOLUTION
    from lifelines import CoxPHFitter

    audited = pd.DataFrame({name: hospital[name] for name in ("score", "time", "event")})
    fitted = CoxPHFitter().fit(audited, "time", "event")
    new = pd.DataFrame({"score": hospital["new"]})
    return 1 - fitted.predict_survival_function(new, times=[365]).to_numpy()[0]
    ### END SOLUTION


# %%
q.recalibrated.check(recalibrated)

# %%
# q.recalibrated.hint()

# %% [markdown]
# ## The same cut in another program (7 min, deeper)
#
# A protocol says: *offer the place where lifelines' `predict_partial_hazard` is above 1.5*. The model has two columns: age, with a log hazard
# ratio of 0.030 a year, and Karnofsky points, with −0.025 a point. In the development set their means were 62.3 years and
# 81.0 points. The hospital's own program has the same two weights and computes $\exp(\beta \cdot x)$ from the values as they are. Which cut
# must it use, so that the same patients get the place? Put it into `cut_elsewhere`, to three digits or more. (The row
# *Hazard relative to whom* of `docs/conventions.md` says what lifelines does.)

# %%
### BEGIN SOLUTION
cut_elsewhere = 1.5 * np.exp(0.030 * 62.3 - 0.025 * 81.0)
### END SOLUTION

# %%
q.cut_elsewhere.check(cut_elsewhere)

# %%
# q.cut_elsewhere.hint()

# %% [markdown]
# ## When will the plan see it? (9 min, deeper)
#
# A model card promises to watch the patients to whom no place was offered: a share `p` of them is expected to die within a year. If it is `q`
# or more, something is wrong. To see that with a probability of 80 %, in one one-sided test at 5 %, takes
#
# $$ n = \left( \frac{1.6449 \sqrt{p (1 - p)} + 0.8416 \sqrt{q (1 - q)}}{q - p} \right)^2 $$
#
# patients *whose outcome is known*. `per_quarter` such patients come each quarter, a share `lost` of them is lost before the
# year is over, and the others' outcome is known a year, four quarters, after they came. Write `quarters`: how many whole quarters
# after the start has the plan the outcomes that it needs? Round once, at the end, up to whole quarters. (Patients of a quarter all come at its end.)


# %%
def quarters(p, q, per_quarter, lost):
    """Return the number of quarters until the harm would be seen."""
    ### BEGIN SOLUTION
    import math

    spread = 1.6449 * math.sqrt(p * (1 - p)) + 0.8416 * math.sqrt(q * (1 - q))
    n = (spread / (q - p)) ** 2
    return math.ceil(n / (1 - lost) / per_quarter) + 4
    ### END SOLUTION


# %%
q.quarters.check(quarters)

# %%
# q.quarters.hint()

# %% [markdown]
# ## Stretch: a world in which the image is useless
#
# `mlmi_course.data.load_tumour_cohort(image_effect=0)` simulates the same 960 patients in a world in which the
# image says nothing about survival. What gain would a careful study find there? And a careless one, which tries all
# eight features and reports the best single one on the locked patients? Guess first. There is no check; the answer is in the
# solution.

# %% tags=["solution", "nbval-check-output"]
from mlmi_course.data import load_tumour_cohort
from mlmi_course.biopsy.measured import measure
from mlmi_course.biopsy.modelling import c_index, fit_cox

# Half of the patients, to be quick. Their images are the same, and so are the features.
useless = load_tumour_cohort(n=480, image_effect=0)
eight = measure(load_tumour_cohort().images).features[: len(useless)]
x, locked = np.column_stack([useless.clinical, eight]), useless.locked
lives = useless.time, useless.event


def c_of(columns):
    """Return the C-index on the locked patients of a model of these columns."""
    chosen = x[:, columns]
    model = fit_cox(chosen[~locked], *(column[~locked] for column in lives))
    return c_index(*(column[locked] for column in lives), model.risk(chosen[locked]))


clinic = [0, 1, 2, 3]
honest = c_of([*range(12)]) - c_of(clinic)
best = max(c_of([*clinic, one]) - c_of(clinic) for one in range(4, 12))
result("gain of all eight features", float(honest), within=(-0.05, 0.03))
result("gain of the best one, minus that", float(best - honest), at_least=0.0)

# %% [markdown] tags=["solution"]
# **Answer.** The careful study finds nothing, or a little less than nothing, because eight useless weights
# only add noise. The careless one finds a small gain: of eight features, one happens to help on these 160 locked patients. Both looked
# at the same data; the difference is how often.

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
