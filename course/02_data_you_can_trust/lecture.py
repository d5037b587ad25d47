# %% [markdown]
# ## You need (3 min)
#
# **The first half: a decision that hangs on 5 mm.** A woman of 58 gets chemotherapy before the
# surgery of a tumour in her breast. Eight weeks ago its diameter was 24 mm; today the report says
# 29. In a trial that follows RECIST 1.1 [1], growth by 20 % and by 5 mm over the smallest size so
#     far counts as *progression*, and the drug would be stopped. If she has really progressed, each
#     further week costs her; if she has not, you take away a drug that works. The first report came
#     from one hospital, the second from another. What do you want to know before you decide?
#
# This unit makes you an auditor. Before anybody trains a model, you ask of the data: is this set
# what it says? In the first half you audit a table and the people who filled it; in the second, the
# split.
#
# | term | meaning |
# |---|---|
# | **reader** | a person, or a program, that looks at an image and writes down what is there |
# | **bias** | the part of an error that is the same every time; it does not average out |
# | **prevalence** | the share of patients who have the disease |
# | **sensitivity** | of those who have it, the share that is found |
# | **specificity** | of those who do not, the share that is left in peace |
# | **AUC** | the chance that a random patient with the disease scores higher than one without; 0.5 is guessing |

# %%
import hashlib

import mlmi_course
import numpy as np
import pandas as pd
from scipy import ndimage
from sklearn.datasets import load_breast_cancer

from mlmi_course import data, metrics, plots, widgets
from mlmi_course.checks import Predictions, result

ask = Predictions("02_data_you_can_trust")

# %% [markdown] tags=["notes"]
# One runnable line for each idea: 5 % of 200 patients are ill, and a reader is right about nine of
# ten of each kind. How many of those whom she calls ill are ill?

# %%
found, false_alarms = 0.9 * 0.05 * 200, 0.1 * 0.95 * 200
print(f"{found:.0f} true and {false_alarms:.0f} false alarms")

# %% [markdown] tags=["notes"]
# Before many results you are asked for a prediction. Answer with the buttons, or in code
# (`first_rule.guess("…", sure=True)`). Nothing stops if you do not, but a reader who has guessed
# remembers the answer.

# %% [markdown]
# ## A table from three hospitals (11 min)
#
# Here is what a study coordinator sends you: 240 patients from three hospitals, one row each. The
# table is simulated, so that every error in it is known. Some of its errors leap to the eye, and
# others do not.

# %%
rng = np.random.default_rng(2)
cohort = pd.DataFrame({
    "patient": np.arange(240),
    "hospital": np.repeat(["A", "B", "C"], [110, 90, 40]),
    "age": rng.normal(59, 11, 240).round().clip(25, 90).astype(int),
    "diameter_cm": np.exp(rng.normal(np.log(2.4), 0.35, 240)).round(1),
    "malignant": rng.random(240) < 0.45,
})  # fmt: skip
in_mm = (cohort["hospital"] == "C") & (
    cohort["patient"] >= 204
)  # a new assistant types millimetres
cohort.loc[in_mm, "diameter_cm"] *= 10
cohort.loc[rng.choice(240, 9, replace=False), "age"] = 999  # "unknown", says nobody
missed = (rng.random(240) < 0.25) & ~cohort["malignant"]  # who looks harmless has no biopsy
cohort["biopsy"] = np.where(missed, None, np.where(cohort["malignant"], "cancer", "benign"))
cohort = pd.concat([cohort, cohort.iloc[[17, 80, 131]]], ignore_index=True)  # sent twice
cohort.sample(4, random_state=0)

# %% [markdown] tags=["notes"]
# **Quality control** is a list of questions that you can ask of any table, in this order. Are the
# rows what you think they are? Is each value possible? Is what is missing marked as missing? Which
# values are unlike the others?

# %% tags=["nbval-check-output"]
result("rows", len(cohort))
result("patients", cohort["patient"].nunique())
result("rows that are an exact copy of another", int(cohort.duplicated().sum()))
result("mean age, as it stands", float(cohort["age"].mean()))
result("ages that nobody has (over 110)", int((cohort["age"] > 110).sum()))
result("largest diameter (cm)", float(cohort["diameter_cm"].max()))
table = cohort.drop_duplicates().assign(age=lambda t: t["age"].where(t["age"] <= 110))
result("mean age, with 999 as missing", float(table["age"].mean()))

# %% [markdown] tags=["notes"]
# Three rows came twice, and nine people are 999 years old: a **sentinel**, a number that stands for
# *not known*. pandas does not know that, and neither does a network. Nine such rows were enough to
# make the study 35 years older.
#
# Now the diameters. The usual rule calls a value an outlier if it lies more than three standard
# deviations from the mean: its **z-score** is above 3. In hospital C, 36 of 40 diameters are ten
# times too large, because somebody typed millimetres.

# %%
first_rule = ask(
    "Of these 36 diameters, how many does the rule |z| > 3 find?",
    "all 36",
    "more than half",
    "less than half",
    "none",
)
first_rule

# %%
value = table["diameter_cm"].to_numpy()
wrong = in_mm.reindex(table.index).to_numpy()
z = (value - value.mean()) / value.std()


def robust_z(x):
    """Return how far each value lies from the median, in robust standard deviations."""
    middle = np.median(x)
    return (x - middle) / (1.4826 * np.median(np.abs(x - middle)))


flags = {
    "z-score": np.abs(z) > 3,
    "median and MAD": np.abs(robust_z(value)) > 3.5,
    "the same on the logarithm": np.abs(robust_z(np.log(value))) > 3.5,
}

# %% tags=["nbval-check-output"]
for name, flag in flags.items():
    result(f"{name}: unit errors found, of 36", int((flag & wrong).sum()))
    result(f"{name}: right values flagged, of 204", int((flag & ~wrong).sum()))
result("z of 15 % identical outliers, however far away", float(np.sqrt(0.85 / 0.15)))

# %%
share = (flags["z-score"] & wrong).sum() / 36
first_rule.reveal("all 36" if share == 1 else "more than half" if share > 0.5
              else "less than half" if share > 0 else "none")  # fmt: skip

# %% [markdown]
# Outliers hide one another. They pull the mean towards themselves and inflate the standard
# deviation, and the more there are, the better they hide: if a share $p$ of all values lies at one
# far point, its z is $\sqrt{(1-p)/p}$, *however far that point is*. This is called **masking**.
#
# The cure is a centre and a spread that few bad values cannot move. The **median** cannot be
# dragged arbitrarily far until half of the values are wrong, and neither can the **MAD**, the
# median distance from the median. The factor 1.4826 makes it a standard deviation where values are
# normal, and 3.5 is the limit that Iglewicz and Hoaglin recommend [2]. Sizes are skewed, so the
# rule is fairer on their logarithm: there it flags none of the right values, and misses two small
# tumours in millimetres that pass for large ones in centimetres.
#
# What do you do with the 36? You do not delete them, and you do not *impute* them, that is, fill in
# something plausible: they are not missing. You divide by ten, **after** hospital C has confirmed
# it, and you write down that you did.
#
# The same on real numbers: 569 breast lumps that were sampled with a fine needle, with 30
# measurements of the cell nuclei [3]. (Each is taken for one woman.) The table comes with
# scikit-learn, and it is a clean one.

# %%
breast = load_breast_cancer(as_frame=True)
spread = breast.data["area error"].to_numpy()
cancer = (breast.target == 0).to_numpy()  # 0 is malignant here: read the coding

# %%
flagged_ill = ask(
    "The rule of median and MAD flags about 80 women by the column 'area error'. How many have cancer?",
    "nearly none",
    "about four in ten, as in the whole table",
    "nearly all",
)
flagged_ill

# %% tags=["nbval-check-output"]
flagged = np.abs(robust_z(spread)) > 3.5
result("women", len(spread))
result("women with cancer", int(cancer.sum()))
result("values marked as missing", int(breast.data.isna().sum().sum()))
result("flagged by median and MAD", int(flagged.sum()))
result("of them with cancer", int((flagged & cancer).sum()))
result("flagged on the logarithm", int((np.abs(robust_z(np.log(spread))) > 3.5).sum()))
flat = (breast.data["mean concavity"] == 0).to_numpy()
result("women whose concavity is exactly 0", int(flat.sum()))
zeros = (breast.data[flat] == 0).all().sum()
result("columns that are 0 for all of them", int(zeros))
result("of these women with cancer", int((flat & cancer).sum()))

# %%
rate = (flagged & cancer).sum() / flagged.sum()
flagged_ill.reveal("nearly all" if rate > 0.8 else "nearly none" if rate < 0.1
              else "about four in ten, as in the whole table")  # fmt: skip

# %% [markdown]
# **An outlier is a question, not an error.** The column is skewed, as most sizes are, and a rule
# made for symmetric columns takes the long tail for dirt. Here the tail is nearly all disease:
# anyone who had cleaned this table in that way would have thrown out 80 of 212 cancers, and the
# paper would have said "81 outliers were removed". On the logarithm, where the column is much less
# skewed, five are left to be looked at.
#
# Zeros deserve a look, too. Thirteen women have a concavity of exactly 0, and with it a 0 in five
# other columns. Is that a sentinel? Probably not, because the columns tell the same story: a
# nucleus without a dent has no dent to count. But only those who measured can say, and all thirteen
# are benign, so a rule that drops these rows would be another one that knows the answer.

# %% [markdown] tags=["notes"]
# Not even the middle and the spread of a column are one number everywhere, because libraries differ in [the
# median](../docs/conventions.md#the-median-of-four-numbers-is-the-second-of-them-in-pytorch) of an even number of values, in [a
# quartile](../docs/conventions.md#a-quartile-of-few-values) of few values, and in [the divisor of a standard
# deviation](../docs/conventions.md#standard-deviation-which-divisor).

# %% [markdown]
# ## What is missing knows something (6 min, deeper)
#
# In the cohort no biopsy is recorded for some patients. Two things are often done without a
# thought: drop the rows with a gap, or fill the gap and forget that it was there.

# %%
gaps = ask(
    "If you drop all patients without a biopsy, what happens to the prevalence of cancer?",
    "it falls",
    "it stays",
    "it rises",
)
gaps

# %% tags=["nbval-check-output"]
complete = table.dropna(subset=["biopsy"])
result("patients without a biopsy", len(table) - len(complete))
result("of them with cancer", int(table["malignant"][table["biopsy"].isna()].sum()))
result("prevalence, all", float(table["malignant"].mean()))
result("prevalence, complete rows", float(complete["malignant"].mean()))
filled = table["age"].fillna(table["age"].mean())
result("standard deviation of age, known", float(table["age"].std()))
result("the same, gaps filled with the mean", float(filled.std()))

# %%
change = complete["malignant"].mean() - table["malignant"].mean()
gaps.reveal("it rises" if change > 0.01 else "it falls" if change < -0.01 else "it stays")

# %% [markdown]
# The gaps are not random: some of the healthy were not sampled, and none of the ill, so the
# complete rows are the sicker ones. Statisticians distinguish three kinds. Values are **missing
# completely at random** if a test tube broke; **missing at random** if the gap depends on what else
# you know, such as the hospital; and **missing not at random** if it depends on the value itself,
# as here, if we did not have the column `malignant` [8]. Only the first may always be dropped
# without bias, and the table alone cannot tell the last two apart.
#
# There is a trap for models, too. "No biopsy" predicts *benign* perfectly in this table. A model
# that is given this column, or a filled value that nobody else has, learns the doctor's suspicion
# and not the disease, and it will be useless where that suspicion is not yet known.

# %% [markdown] tags=["notes"]
# What a gap does depends on the library, too: NumPy's mean becomes nan, while pandas [leaves the patient
# out](../docs/conventions.md#values-that-are-missing) without a word.

# %% [markdown]
# ## Five readers, one outline (12 min)
#
# The table is clean, but who wrote its numbers? A diameter comes from an outline, and an outline
# from a reader. So let five readers outline the same masses. The masses are simulated, which is why
# the true outline is known; the readers are simulated as well, and their parameters are chosen, not
# measured.
#
# A reader has a bias, in mm that she draws outside (+) or inside (−) the true edge, and a wobble:
# smooth noise along the edge. The *signed distance* of a pixel from the edge, positive inside,
# makes that two lines.

# %%
masses = data.load_masses(n=200, seed=2, size=96)
big = np.flatnonzero(masses.extra["lesion"].sum((1, 2)) > 180)  # at least 15 mm across
first = big[np.unique(masses.groups[big], return_index=True)[1]]  # one image a patient
truths = masses.extra["lesion"][first].astype(bool)


def read(truth, bias, wobble, rng):
    """Return the mask that a reader draws; bias and wobble are in pixels of 1 mm."""
    inside, outside = (ndimage.distance_transform_edt(mask) for mask in (truth, ~truth))
    noise = ndimage.gaussian_filter(rng.normal(size=truth.shape), 6)
    return inside - outside + bias + wobble * noise / noise.std() > 0


def panel(readers, seed=0):
    """Return all masks, shape (patients, readers, rows, columns)."""
    rng = np.random.default_rng(seed)
    return np.array([[read(truth, *who, rng) for who in readers] for truth in truths])


equal = panel([(0, 1.5)] * 5)


# %% tags=["fold"]
def votes(ax):
    """Show one mass, with the number of readers who counted each pixel."""
    plots.image(equal[0].sum(0), spacing=masses.spacing, colour_bar=True, unit="readers", ax=ax)
    ax.contour(truths[0], [0.5], colors=plots.COLOURS["truth"], linewidths=2)


plots.grid(
    [
        ("a mass", lambda ax: plots.image(masses.images[first[0]], spacing=masses.spacing, ax=ax)),
        ("five readers; the true edge in blue", votes),
    ],
    size=(9, 3.8),
    alt="A simulated breast mass, and beside it how many of five readers counted each pixel: all "
    "five in its middle, one to four in a ring around the true edge.",
)

# %% [markdown]
# Readers agree about the middle and differ about the rim. What shall be the **gold standard**, the
# truth that everybody else is measured against? Four ways are common:
#
# - **one expert**: cheap, and her bias becomes the truth;
# - a **panel** that sits together until it agrees: the loudest voice weighs most, and that cannot
#   be simulated here;
# - the **majority** of independent readers, pixel by pixel;
# - **STAPLE** [4], which weighs each reader by how good she seems to be.
#
# STAPLE is an *expectation–maximisation*: it goes back and forth between two questions, each of
# which is easy if the other is answered. If we knew how good each reader is, we could say how
# probable it is that a pixel belongs to the mass; and if we knew that, we could say how good each
# reader is. With $p_j$ the sensitivity of reader $j$, $q_j$ her specificity and $f$ the share of
# pixels that are mass,
#
# $$ w = \frac{f \prod_j P(\text{vote}_j \mid \text{mass})}{f \prod_j P(\text{vote}_j \mid \text{mass}) +
# (1 - f) \prod_j P(\text{vote}_j \mid \text{none})} $$
#
# where a vote for the mass has the probability $p_j$ inside it and $1 - q_j$ outside.


# %%
def staple(masks, steps=60):
    """Return the probability of each pixel, and each reader's sensitivity and specificity."""
    votes = masks.reshape(len(masks), -1)
    p, q = np.full((2, len(masks), 1), 0.99999)
    share = votes.mean()
    for _ in range(steps):
        mass = share * np.where(votes, p, 1 - p).prod(0)  # how good are they? then where is it?
        none = (1 - share) * np.where(votes, 1 - q, q).prod(0)
        w = mass / (mass + none)
        p = (votes * w).sum(1, keepdims=True) / w.sum()  # where is it? then how good are they?
        q = (~votes * (1 - w)).sum(1, keepdims=True) / (1 - w).sum()
    return w.reshape(masks.shape[1:]), p.ravel(), q.ravel()


# %% [markdown] tags=["notes"]
# SimpleITK has it too. Two things to know: its masks must hold the value that you name as
# foreground, which is 1.0 by default, and the second argument of the short call,
# `sitk.STAPLE(masks, …)`, is a weight and not that value. Where nothing is foreground, nobody warns
# you: the last line below is a mask of 0 and 255.

# %%
import SimpleITK as sitk

theirs = sitk.STAPLEImageFilter()
theirs.SetForegroundValue(1.0)
image = theirs.Execute([sitk.GetImageFromArray(mask.astype(np.uint8)) for mask in equal[0]])
ours, p, q = staple(equal[0])
bright = sitk.STAPLE([sitk.GetImageFromArray(mask * np.uint8(255)) for mask in equal[0]])

# %% tags=["nbval-check-output"]
of_pixels = float(np.abs(sitk.GetArrayFromImage(image) - ours).max())
of_readers = float(np.abs(p - theirs.GetSensitivity()).max())
result("largest difference of a pixel from SimpleITK's", of_pixels, at_most=1e-4)
result("largest difference of a reader's sensitivity", of_readers, at_most=1e-4)
for reader, (found, spared) in enumerate(zip(p, q, strict=True), 1):
    print(f"reader {reader}: sensitivity {found:.2f}, specificity {spared:.3f}")
lost = float(np.isnan(sitk.GetArrayFromImage(bright)).mean())
result("masks of 0 and 255: share of pixels that are not a number", lost)

# %% [markdown]
# Now three panels of five. The same expert sits in each, without bias and with a wobble of 1.5 mm.
# In the first panel the other four are as she is. In the second, one is steadier than she, and
# three learned from a teacher who draws 3 mm too wide; in the third, from one who draws 3 mm too
# tight. We compare by **Dice**: twice the common pixels of two masks over the sum of both areas, so
# that 1 is perfect.

# %%
panels = {
    "five equal readers": [(0, 1.5)] * 5,
    "three draw too wide": [(0, 1.5), (0, 1.0), (3, 1.0), (3, 1.0), (3, 1.0)],
    "three draw too tight": [(0, 1.5), (0, 1.0), (-3, 1.0), (-3, 1.0), (-3, 1.0)],
}
consensus = ask(
    "Which gold standard comes nearest to the truth?",
    "one expert, in all three panels",
    "the majority, in all three",
    "STAPLE, in all three",
    "another one in each panel",
)
consensus


# %%
def scores(masks):
    """Dice of each gold standard with the truth, one row a patient."""
    rows = []
    for drawn, truth in zip(masks, truths, strict=True):
        weighed = staple(drawn)[0] > 0.5
        standards = drawn[0], drawn.sum(0) >= 3, weighed
        rows.append([metrics.dice(truth, standard) for standard in standards])
    return np.array(rows)


ways = ["one expert", "majority", "STAPLE"]
dice = {name: scores(equal if name.startswith("five") else panel(who))
        for name, who in panels.items()}  # fmt: skip

# %% tags=["nbval-check-output"]
result("patients", len(truths))
best = {name: ways[rows.mean(0).argmax()] for name, rows in dice.items()}
for name, rows in dice.items():
    print(name, "·", ", ".join(f"{way} {d:.2f}" for way, d in zip(ways, rows.mean(0), strict=True)))
    order = rows.mean(0).argsort()[::-1]
    for one, next_one in ((order[0], order[1]), (order[1], order[2])):
        lead = metrics.paired_difference(np.mean, rows[:, one], rows[:, next_one])
        print(
            f"   {ways[one]} minus {ways[next_one]}: {lead:.3f} [{lead.low:.3f}, {lead.high:.3f}]"
        )

# %%
winners = set(best.values())
answers = {"one expert": "one expert, in all three panels", "majority": "the majority, in all three",
           "STAPLE": "STAPLE, in all three"}  # fmt: skip
consensus.reveal("another one in each panel" if len(winners) > 1 else answers[winners.pop()])

# %% [markdown]
# **A consensus cancels what readers do not share, and keeps what they do.** Five independent
# wobbles average out, so the majority beats the expert who sits in it. But three readers of one
# school outvote the truth, whichever way they err. STAPLE finds the tight school out and sides with
# the two who drew more. The reason, probably, is that nearly all pixels are empty, so that
# everybody has a specificity near 1, and a vote *for* the mass weighs much more than a vote against
# it. Yet then it believes the wide school even more than the majority does. So ask of any gold
# standard: were the readers *independent*? Who taught them, and did they see each other's outlines,
# or a program's?
#
# The intervals draw patients again and again, each time as many as there are, with replacement (a *bootstrap*); the
# readers' parameters are held as they are, and they are ours.

# %% [markdown] tags=["notes"]
# [STAPLE of masks that hold 255](../docs/conventions.md#staple-of-masks-that-hold-255) is one surprise of several: libraries also differ in
# the Dice [where both masks are empty](../docs/conventions.md#dice-when-both-masks-are-empty), and in what [a distance
# map](../docs/conventions.md#distance-maps) measures and in which unit.

# %% [markdown]
# ## STAPLE and the empty border (6 min, deeper)
#
# The specificity in STAPLE counts all pixels outside, also those far away about which nobody was
# ever in doubt. Cut the image down to the mass, and the same votes give another answer.

# %%
border = ask(
    "The three who draw wide, in an image cut to the disputed region: will STAPLE come nearer to the truth?",
    "nearer",
    "the same",
    "further away",
)
border


# %%
def around(masks, margin):
    """Return the rows and columns around everything that anybody drew."""
    anybody = ndimage.binary_dilation(masks.any(0), iterations=margin)
    return (slice(None), *ndimage.find_objects(anybody.astype(int))[0])


wide = panel(panels["three draw too wide"])
full, cut = [], []
for drawn, truth in zip(wide, truths, strict=True):
    where = around(drawn, 1)
    full.append(metrics.dice(truth, staple(drawn)[0] > 0.5))
    cut.append(metrics.dice(truth[where[1:]], staple(drawn[where])[0] > 0.5))
expert = [[staple(d)[2][0], staple(d[around(d, 1)])[2][0]] for d in equal]
full_q, cut_q = np.mean(expert, axis=0)

# %% tags=["nbval-check-output"]
result("Dice of STAPLE, whole image", float(np.mean(full)), within=(0.6, 0.8))
result("Dice of STAPLE, image cut to the mass", float(np.mean(cut)), within=(0.7, 0.88))
gain = metrics.paired_difference(np.mean, cut, full)
result("patients", len(truths))
result("gain by cutting", float(gain), at_least=0.01)
result("95 % interval of the gain, from", gain.low, at_least=0.005)
result("to", gain.high, at_most=0.2)
result("five equal readers: the first one's specificity, whole image", float(full_q), at_least=0.99)
result("the same, image cut", float(cut_q), at_most=0.99)

# %%
border.reveal("nearer" if gain > 0.005 else "further away" if gain < -0.005 else "the same")

# %% [markdown]
# Cut down, the image is no longer nearly empty, and a vote against the mass weighs more. So a paper
# that used STAPLE must say on which region it ran, and two papers that used different regions may
# have measured against different truths. (This is one margin and one set of 24 patients; the
# interval is printed.)

# %% [markdown]
# ## Yes or no: κ (8 min)
#
# Many readings are not outlines but words: suspicious, or not. Two readers look at the same 200
# patients. They agree on most, but how much of that is chance? If both say *no* to nearly
# everybody, they agree nearly always, even if they never look. **Cohen's κ** asks how much of the
# agreement that chance leaves over is reached:
#
# $$ \kappa = \frac{p_o - p_e}{1 - p_e} $$
#
# with $p_o$ the share on which they agree, and $p_e$ the share that two people with these habits
# would agree on blindly.


# %%
def kappa(a, b):
    """Return the agreement of two readers beyond chance; yes is 1, no is 0."""
    agree = np.mean(a == b)
    chance = a.mean() * b.mean() + (1 - a.mean()) * (1 - b.mean())
    return (agree - chance) / (1 - chance)


# %% tags=["nbval-check-output"]
from sklearn.metrics import cohen_kappa_score

rng = np.random.default_rng(4)
ill = rng.random(200) < 0.3
two = [np.where(rng.random(200) < 0.9, ill, ~ill).astype(int) for _ in range(2)]  # both 90 % right
result("patients", 200)
result("share on which they agree", float(np.mean(two[0] == two[1])))
result("kappa by hand", float(kappa(*two)))
result("difference from scikit-learn", float(abs(kappa(*two) - cohen_kappa_score(*two))), at_most=1e-9)  # fmt: skip
interval = metrics.bootstrap(np.mean, (two[0] == two[1]).astype(float))
result("agreement: 95 % interval, from", interval.low, digits=2)
result("to", interval.high, digits=2)

# %% [markdown]
# Both readers have a sensitivity and a specificity of 0.9, and they err independently. Now they
# move to screening, where, say, 0.5 % of the women have cancer. They read as well as before.

# %%
screening = ask(
    "Their κ was about 0.6. What is it in screening?", "about 0.6", "about 0.3", "below 0.1"
)
screening


# %%
def at_prevalence(share, quality=0.9):
    """Expected κ of two readers, and the predictive value of one, at a prevalence."""
    yes = share * quality + (1 - share) * (1 - quality)  # how often a reader says yes
    agree = quality**2 + (1 - quality) ** 2
    chance = yes**2 + (1 - yes) ** 2
    return (agree - chance) / (1 - chance), share * quality / yes


# %% tags=["fold"]
PREVALENCES = np.geomspace(0.002, 0.5, 60)


def curves(ax, quality, share):
    """Draw κ and PPV against the prevalence for one quality of reader."""
    kappas, values = at_prevalence(PREVALENCES, quality / 100)
    plots.lines({"κ of two readers": kappas, "PPV of one": values}, x=100 * PREVALENCES,
                xlabel="prevalence (%)", ylabel="κ, PPV", ax=ax)  # fmt: skip
    ax.axvline(share, color="black", linewidth=0.8, linestyle=":")
    ax.set(xscale="log", ylim=(0, 1))
    ax.set_xticks([0.2, 0.5, 1, 5, 10, 50], ["0.2", "0.5", "1", "5", "10", "50"])


def in_words(quality, share):
    """Say both numbers."""
    k, value = at_prevalence(share / 100, quality / 100)
    return f"Readers {quality} % right, {share} % ill: κ {k:.2f}, PPV {100 * value:.1f} %."


# %% tags=["fold"]
widgets.explore(
    curves,
    {"quality": widgets.Slider("Right", 70, 99, 90, step=1, unit="%"),
     "share": widgets.Slider("Ill", 0.5, 50, 30, step=0.5, unit="%")},
    alt=lambda quality, share: "Two curves that rise with the prevalence. " + in_words(quality, share),
    say=in_words,
    settings=[{"share": 30}, {"share": 5}, {"share": 0.5}],
    size=(5.4, 3.6),
)  # fmt: skip

# %% tags=["nbval-check-output"]
for share in (0.3, 0.05, 0.005):
    k, value = at_prevalence(share)
    result(f"{100 * share:g} % ill: kappa", float(k))
    result(f"{100 * share:g} % ill: positive predictive value", float(value))

# %%
now = at_prevalence(0.005)[0]
screening.reveal("below 0.1" if now < 0.1 else "about 0.3" if now < 0.45 else "about 0.6")

# %% [markdown]
# This is the **κ paradox**, described by Feinstein and Cicchetti [5]: the same readers, and κ falls
# from 0.6 to almost nothing, because there is hardly anything left to agree *about*. So a κ cannot
# be judged without its prevalence, and two studies with different case mixes cannot be compared by
# it.
#
# The second curve is what a patient asks about. The **positive predictive value**, PPV, is the
# share of alarms that are true, and it falls too: at 0.5 % it is 4.3 %, so 22 of 23 women who are
# called back are healthy. The readers did not get worse; the patients changed.

# %% [markdown] tags=["notes"]
# Where both readers say the same of everybody, κ is 0/0, and where grades are ordered it has weights, so one word stands for [several
# numbers](../docs/conventions.md#kappa-of-two-raters-who-say-the-same). Krippendorff's alpha is for more than two readers, but one package
# takes [names for numbers](../docs/conventions.md#krippendorffs-alpha-takes-the-labels-of-tumours-for-a-ruler) unless it is told.

# %% [markdown]
# ## How many millimetres? (9 min)
#
# Back to 24 mm and 29 mm. Hospital 1 and hospital 2 measure with different programs, and both have
# measured the same 120 patients once, to compare. The study is simulated; the second program reads
# 15 % more, and each measurement has a noise of 2.2 % of its size.

# %%
rng = np.random.default_rng(3)
true_mm = np.exp(rng.normal(np.log(32), 0.17, 120))  # tumours of a trial: mostly 22 to 45 mm


def measure(true_mm, factor=1.0, noise=0.022):
    """One measurement of each patient."""
    return factor * true_mm * np.exp(rng.normal(0, noise, len(true_mm)))


one, other = measure(true_mm), measure(true_mm, 1.15)
again = measure(true_mm)  # hospital 1 measures all of them a second time

# %% [markdown]
# The **intraclass correlation**, ICC, asks which share of all variance lies *between patients*. The
# kind ICC(A,1), for **absolute agreement** of one measurement, counts a program that always reads
# more as disagreement; ICC(C,1), **consistency**, forgives it. A correlation forgives even a factor
# of ten.

# %%
correlated = ask("Their correlation r is 0.98. What is the ICC of absolute agreement?",
                 "about 0.98", "about 0.9", "about 0.7", "about 0.15")  # fmt: skip
correlated

# %% tags=["nbval-check-output"]
result("patients", 120)
result("correlation r of the two programs", float(np.corrcoef(one, other)[0, 1]), at_least=0.95)
absolute = metrics.icc(np.column_stack([one, other]))
result("ICC(A,1), absolute agreement", float(absolute), at_most=0.80)
result("its 95 % interval, from", absolute.low)
result("to", absolute.high)
result("ICC(C,1), consistency", float(metrics.icc(np.column_stack([one, other]), "ICC(C,1)")), at_least=0.95)  # fmt: skip
result("ICC(A,1) of one program with itself", float(metrics.icc(np.column_stack([one, again]))), at_least=0.95)  # fmt: skip

# %%
options = {0.98: "about 0.98", 0.9: "about 0.9", 0.7: "about 0.7", 0.15: "about 0.15"}
correlated.reveal(options[min(options, key=lambda x: abs(x - absolute))])

# %% [markdown]
# **Two programs can correlate at 0.98 and differ by 5 mm.** The interval is wide, since it takes
# the two programs for a sample of all programs, and two are few. The last line is the
# *intra-observer* agreement, of one reader with herself; the lines above it are *inter-method*, and
# with two people they would be *inter-observer*. Ask which one a paper means: here it is 0.98
# beside 0.76.
#
# An ICC has no unit, and a doctor needs one. **Bland and Altman** [6] draw the difference of each
# pair against its mean. The middle line is the bias, the mean difference. The outer ones are the
# **limits of agreement**, 1.96 standard deviations of the differences above and below it, and
# between them lie 95 % of the differences if these are about normal.

# %%
agreement = metrics.bland_altman(other, one)


# %% tags=["fold"]
def bland(ax):
    """Draw differences against means, with bias and limits."""
    ax.scatter((one + other) / 2, other - one, s=12, color=plots.COLOURS["neutral"])
    for line, style in ((agreement.bias, "-"), (agreement.lower, "--"), (agreement.upper, "--")):
        ax.axhline(line, color=plots.COLOURS["prediction"], linestyle=style)
    ax.axhline(0, color="black", linewidth=0.8, linestyle=":")
    ax.set(xlabel="mean of both (mm)", ylabel="hospital 2 − hospital 1 (mm)")


def scatter(ax):
    """Draw one against the other, with the line of equality."""
    ax.scatter(one, other, s=12, color=plots.COLOURS["neutral"])
    ax.plot([20, 50], [20, 50], color="black", linewidth=0.8, linestyle=":")
    ax.set(xlabel="hospital 1 (mm)", ylabel="hospital 2 (mm)")


plots.grid(
    [("one against the other", scatter), ("Bland and Altman", bland)],
    size=(9, 3.6),
    alt="Left: points close to a line that lies above the line of equality. Right: differences of "
    "2 to 10 mm that all lie above 0 and grow with the size.",
)

# %% tags=["nbval-check-output"]
result("bias (mm)", float(agreement.bias))
result("limits of agreement (mm), lower", float(agreement.lower))
result("upper", float(agreement.upper))
rng = np.random.default_rng(5)
wide = np.exp(rng.normal(np.log(32), 0.45, 120))  # the same two programs, all comers: 13 to 77 mm
result("ICC(A,1) in patients of every size", float(metrics.icc(np.column_stack([measure(wide), measure(wide, 1.15)]))), at_least=0.88)  # fmt: skip

# %% [markdown]
# The points on the right rise: the difference grows with the tumour, because the bias is a factor
# and not a length. So one pair of limits does not fit all sizes, and the lab is about that. The
# last line is a warning. The very same programs get 0.95 in place of 0.76 if the patients differ
# more, since then their error is a smaller part of all variance, as the definition says. **An ICC
# belongs to its patients**, as a κ does.
#
# Now the decision. Take 100,000 tumours of 24 mm that have **not changed**, and measure each twice.
# A measurement has an error of 8 % if two readers share the work, and of 5 % if one reader does
# both. (Both are larger than in the comparison above; choose your own and run the cell again.)

# %%
stable = ask("Of 100 unchanged tumours, how many 'progress' if the second hospital reads 15 % more?",
             "1", "3", "10", "30")  # fmt: skip
stable


# %%
def false_progress(noise, factor=1.0, size=24):
    """Share of unchanged tumours that grow by 20 % and 5 mm, by RECIST's rule."""
    rng = np.random.default_rng(6)
    first, second = size * np.exp(rng.normal(0, noise, (2, 100_000)))
    second = factor * second
    return float(np.mean((second >= 1.2 * first) & (second - first >= 5)))


rates = [false_progress(0.05), false_progress(0.08), false_progress(0.08, 1.15)]

# %% tags=["nbval-check-output"]
result("called progression, the same reader (%)", 100 * rates[0], at_most=1.5)
result("two readers (%)", 100 * rates[1], within=(2.5, 4.5))
result("two hospitals, 15 % bias (%)", 100 * rates[2], within=(28, 35))
result("29 mm of hospital 2, as hospital 1 would read it", 29 / 1.15)

# %%
stable.reveal(min(("1", "3", "10", "30"), key=lambda n: abs(int(n) - 100 * rates[2])))

# %% [markdown]
# So for the woman with 24 and 29 mm there is one thing to ask: *were both measured by the same
# program?* They were not, and the first program would have read about 25 mm, which is no
# progression. Measure the old images again with the new program, and then decide. Without asking,
# three in ten women like her, with 24 mm that have not changed and a second hospital, would lose a
# drug that works. (The errors, their bell shape and the 15 % are chosen; the rest is arithmetic.)
#
# A good comparison looks like one from Rotterdam, of calcifications in the carotid artery inside
# the skull, on CT [7]: 2,319 scans, an ICC of 0.98 between program and reader; an ICC of 0.91
# between two readers, on 47 of the scans; and an expert who compared both outlines without knowing
# which was which, and preferred the program's more often. Those are three questions: does the
# number agree, how well do people agree, and is the *outline* right?

# %% [markdown] tags=["notes"]
# The six kinds of ICC have [different names](../docs/conventions.md#names-of-the-intraclass-correlation) in each package, and if the second
# reading is exactly one unit more, one of the packages gives [no
# interval](../docs/conventions.md#a-second-device-reads-exactly-one-unit-more-than-the-first-pingouin-gives-icca1-no-interval).

# %% [markdown]
# ## Break: what you can do now (2 min)
#
# - Find outliers that hide one another, and not throw patients away for being ill.
# - Say what a consensus of readers can cancel, and what it keeps.
# - Ask of each κ and ICC: in which patients?
#
# **1.** No z-score of a column is above 3. Can 15 % of its values still be in the wrong unit?
#
# <details><summary>Answer</summary>
#
# Yes. If they lie together at one far point, their z is $\sqrt{(1-p)/p}$, which is 2.4. If they
# scatter, a few of them may pass the limit, and most stay hidden. Use the median and the MAD.
#
# </details>
#
# **2.** Five residents outline tumours, after a course with the same professor. Is their majority
# the truth?
#
# <details><summary>Answer</summary>
#
# It is the professor, with less noise. What they share does not average out. Add readers from
# elsewhere, or something that is no reader: pathology, follow-up, a phantom.
#
# </details>
#
# **3.** "Both programs agree excellently (r = 0.99)." What do you ask for?
#
# <details><summary>Answer</summary>
#
# The bias and the limits of agreement in millimetres, and an ICC of absolute agreement with the
# range of the patients. A correlation does not see a factor.
#
# </details>

# %% [markdown]
# ## A salesman's AUC (6 min)
#
# **The second half: a purchase.** A screening centre reads the mammograms of 20,000 women a year. A
# salesman shows a program that marks microcalcifications. "AUC 0.97 on 800 images", says his slide.
# If the program is as good as that, it finds cancers earlier and saves a reader; if it is not,
# women are called back for nothing, and worse, cancers are missed by readers who trust it. You may
# ask him three questions.
#
# First, what is the number? A **ROC curve** slides a threshold over the scores and draws
# sensitivity against the share of false alarms; its area is the AUC. One need not draw it: sort all
# scores, number them from 1, and add the ranks of the ill. That sum, $R$, counts for each of $m$
# ill patients the $n$ healthy ones below her, and the ill ones too, which we take off:
#
# $$ \mathrm{AUC} = \frac{R - m (m + 1) / 2}{m \, n} $$

# %%
rng = np.random.default_rng(7)
ill = np.repeat([1, 0], [40, 160])
score = rng.normal(size=200) + 1.5 * ill


def auc_by_ranks(labels, scores):
    """AUC from the ranks of the ill; no two scores may be equal here."""
    rank = np.empty(len(scores))
    rank[np.argsort(scores)] = np.arange(1, len(scores) + 1)
    m, n = labels.sum(), (1 - labels).sum()
    return (rank[labels == 1].sum() - m * (m + 1) / 2) / (m * n)


# %%
transformed = ask("All scores are bent by a curve that keeps their order. What does the AUC do?",
                  "it stays exactly", "it changes a little", "it changes a lot")  # fmt: skip
transformed

# %% tags=["nbval-check-output"]
ranks_area, bent = auc_by_ranks(ill, score), auc_by_ranks(ill, np.exp(3 * score))
pairs = float(np.mean(score[ill == 1][:, None] > score[ill == 0]))
result("AUC by ranks", float(ranks_area))
result("AUC by comparing all 6,400 pairs", pairs)
result("AUC of exp(3 × score)", float(bent))
cancers, healthy_women = 0.005 * 20_000, 0.995 * 20_000
result("a year of 20,000 women: cancers found", 0.9 * cancers)
result("alarms", 0.9 * cancers + 0.1 * healthy_women, digits=4)

# %%
moved = abs(ranks_area - bent)
transformed.reveal("it stays exactly" if moved < 1e-12 else "it changes a little"
                   if moved < 0.02 else "it changes a lot")  # fmt: skip

# %% [markdown] tags=["notes"]
# Only the order counts. That is a strength, and a blindness: the AUC knows neither whether a score
# of 0.8 *means* 80 %, nor how many of the women are ill. Where scores tie, each tied pair counts
# one half, and the lab is about that. So the first question to the salesman is **at which
# threshold, and at which prevalence?** At a sensitivity and specificity of 0.9, and 5 cancers in
# 1,000 women, the share of true alarms is the 4.3 % that you have met: 2,080 alarms a year for 90
# cancers found.
#
# Of his 800 images about half show calcifications. That is fine for an AUC, and says nothing about
# a day at work. The second question is **how many patients are 800 images?** And the third, how
# were they split?

# %% [markdown] tags=["notes"]
# The same count of pairs is a test's [U of Mann and Whitney](../docs/conventions.md#u-of-mann-and-whitney-and-the-auc). But a library that
# compares with fixed thresholds overlooks the order of scores that [crowd
# together](../docs/conventions.md#auc-of-scores-that-crowd-together), and the AUC of another depends on [the size of your
# batches](../docs/conventions.md#torchmetrics-the-auc-of-a-network-depends-on-the-size-of-its-batches).

# %% [markdown]
# ## The same patient twice (11 min)
#
# He leaves you the set: 800 patches, simulated here, with a number for each patient. The simulator
# can put some patients in a second time, under another number, as happens when two hospitals pool
# their archives. As hospitals do, one of them re-exported some of its images: another contrast, a
# little noise, rounded again.

# %%
archive = data.load_microcalcifications(n=800, seed=2, duplicate_patients=0.3)
source = archive.table["duplicate_of"].to_numpy()  # only the simulator knows: −1 is an original
number = archive.groups
images = archive.images.copy()
exported = (source >= 0) & (number % 2 == 1)
noise = np.random.default_rng(0).normal(0, 1.5, images[exported].shape)
images[exported] = (0.75 * images[exported] + 40 + noise).clip(0, 255).round().astype(np.uint8)
person = np.where(source >= 0, source, number)

# %% tags=["fold"]
twins = np.flatnonzero(exported)[[0, 40]]
partner = [int(np.flatnonzero((number == source[t]) & (archive.table["view"] == archive.table["view"][t])
               & (archive.table["part"] == archive.table["part"][t])
               & (archive.table["tile"] == archive.table["tile"][t]))[0]) for t in twins]  # fmt: skip
plots.montage(
    [images[k] for pair in zip(partner, twins, strict=True) for k in pair],
    columns=4,
    titles=["original", "re-exported", "original", "re-exported"],
    spacing=archive.spacing,
    vmin=0,
    vmax=255,
    alt="Two pairs of patches; in each pair the second shows the same grains, a little brighter "
    "and flatter.",
)

# %% [markdown]
# Three ways to find such pairs, from strict to generous:
#
# - A **hash** turns the bytes of a file into a short fingerprint. Equal images have equal
#   fingerprints, and one grey value more changes it altogether.
# - A **perceptual hash** forgets what does not matter. The *difference hash* shrinks the image to 8
#   rows of 9 pixels and keeps, for each pixel and its right-hand neighbour, which of the two is
#   brighter: 64 bits. Two images are compared by the number of bits that differ.
# - The **correlation** of the pixels of two images does not change with brightness and contrast.

# %%
hunt = ask("A correlation above 0.8 finds all true pairs. How many false ones does it accuse as well?",
           "none", "fewer than 5", "about 25", "more than 100")  # fmt: skip
hunt


# %%
def difference_hash(image):
    """Shrink to 8 × 9 pixels, and say which neighbours grow brighter to the right: 64 bits."""
    rows = np.array_split(image.astype(float), 8, axis=0)
    small = np.array([[part.mean() for part in np.array_split(row, 9, axis=1)] for row in rows])
    return (small[:, 1:] > small[:, :-1]).ravel()


exact = np.array([hashlib.sha256(image.tobytes()).hexdigest() for image in images])
bits = np.array([difference_hash(image) for image in images])
pixels = images.reshape(len(images), -1).astype(float)
pixels -= pixels.mean(axis=1, keepdims=True)
pixels /= np.linalg.norm(pixels, axis=1, keepdims=True)
alike = {
    "hash": exact[:, None] == exact,
    "perceptual hash, ≤ 4 of 64 bits differ": (bits[:, None] != bits).sum(-1) <= 4,
    "correlation > 0.9": pixels @ pixels.T > 0.9,
    "correlation > 0.8": pixels @ pixels.T > 0.8,
}


# %%
def people(match):
    """Return pairs of patient numbers that share an image."""
    i, j = np.nonzero(match & (number[:, None] < number))
    return set(zip(number[i].tolist(), number[j].tolist(), strict=True))


truly = people(person[:, None] == person)
caught = {name: people(match) for name, match in alike.items()}

# %% tags=["nbval-check-output"]
result("patient numbers", len(np.unique(number)))
result("persons", len(np.unique(person)))
result("pairs of numbers that are one person", len(truly))
for name, pairs in caught.items():
    result(f"{name}: true pairs", len(pairs & truly))
    result(f"{name}: false pairs", len(pairs - truly))

# %%
accused = len(caught["correlation > 0.8"] - truly)
hunt.reveal("none" if accused == 0 else "fewer than 5" if accused < 5
            else "about 25" if accused < 60 else "more than 100")  # fmt: skip

# %% [markdown]
# The exact hash is right about what it finds, and misses 48 of 76 pairs. The other two find them
# all. The limit matters: at 0.8 the correlation accuses 24 pairs of numbers that are two people.
# Look at the pairs near your limit, as pictures, before you call anyone a copy. (What of a mirrored
# copy? That is for the lab.)
#
# Does it matter? The simplest learner shows it best. **One nearest neighbour** gives each patch the
# label of the training patch that looks most like it. We divide the patches into five **folds**,
# train on four and test on the fifth, in turn: **cross-validation**. There are three ways to
# divide.

# %%
neighbour = ask("1-NN gets 0.70 if patches are split at random. What if they are split by patient number?",
                "about 0.70", "about 0.60", "about 0.50")  # fmt: skip
neighbour


# %%
def cross_validated(fold, seed=0):
    """Score each patch by the label of its nearest neighbour among the other folds."""
    size = (images.reshape(len(images), -1).astype(np.float32) ** 2).sum(1)
    flat = images.reshape(len(images), -1).astype(np.float32)
    distance = size[:, None] + size - 2 * flat @ flat.T
    distance[fold[:, None] == fold] = np.inf
    return archive.labels[distance.argmin(axis=1)].astype(float)


def folds_by(group, seed=0):
    """Give each group one of five folds, at random."""
    code = np.unique(group, return_inverse=True)[1]
    return (np.random.default_rng(seed).permutation(code.max() + 1) % 5)[code]


ways_to_split = {"patch": np.arange(len(images)), "patient number": number, "person": person}
guesses = {name: cross_validated(folds_by(group)) for name, group in ways_to_split.items()}
areas = {name: metrics.auc(archive.labels, guess, person) for name, guess in guesses.items()}

# %% tags=["nbval-check-output"]
for name, area in areas.items():
    result(
        f"AUC, split by {name}", float(area), within={"person": (0.4, 0.6)}.get(name, (0.63, 0.8))
    )
    result("   95 % interval, from", area.low, digits=2, within=(0.3, 0.8))
    result("   to", area.high, digits=2, within=(0.5, 0.9))
optimism = metrics.paired_difference(metrics.auc, guesses["patch"], guesses["person"], person,
                                     labels=archive.labels)  # fmt: skip
result("random split minus split by person", float(optimism), at_least=0.10)
result("95 % interval, from", optimism.low, at_least=0.05)

# %%
by_number = areas["patient number"]
neighbour.reveal(
    min(("about 0.70", "about 0.60", "about 0.50"), key=lambda t: abs(float(t[6:]) - by_number))
)

# %% [markdown]
# **A split by patient number is only as good as the numbers.** The salesman could say, and mean it,
# that no patient was in both halves; yet this learner, which gets 0.52 on new people, with an
# interval that holds 0.5, scores 0.70 again. It finds the copies. The intervals draw persons, and
# keep the folds as they are.
#
# One leak is left. Some patches are quarters of a tile, and some are its centre, which overlaps all
# four: as in a real set of such patches [9]. A quarter of the centre is, to the pixel, the corner
# of a quarter. So hash the *quarters* of all patches:

# %%
owners = {}
for k, patch in enumerate(archive.images):
    for row in (0, 30):
        for column in (0, 30):
            corner = patch[row : row + 30, column : column + 30].tobytes()
            owners.setdefault(hashlib.sha256(corner).hexdigest(), set()).add(k)
of_one = {tuple(sorted(who)) for who in owners.values() if len(set(number[list(who)])) == 1}

# %% tags=["nbval-check-output"]
sharing = [who for who in of_one if len(who) > 1]
result("sets of patches of one patient that share pixels", len(sharing))
result("patches in them, of 800", len({k for who in sharing for k in who}))

# %% [markdown]
# A split by person is safe from these too, because they all belong to one tile of one person. A
# split by patch is not, and no hash of whole images would have told you.

# %% [markdown]
# ## Cousins in the test set (7 min)
#
# Even without copies, images of one person resemble one another: same breast, same machine, same
# day. Here is a set in which you can turn that up. There are 60 persons with six images each, and
# half of the persons are ill. An image has ten features; a part of each belongs to the person and
# the rest to the image, and the disease adds a little. Learner: 1-NN again. With the slider at 0,
# only the disease makes images alike.

# %%
cousins = ask("By how much is the random split too good, at a correlation of 0.6 within a person?",
              "nothing", "about 0.05", "about 0.1", "about 0.2")  # fmt: skip
cousins


# %%
def study(rho, seed, persons=60, each=6, effect=0.35):
    """Return features, labels and persons; rho is the correlation of a person's images."""
    rng = np.random.default_rng(seed)
    who = np.repeat(np.arange(persons), each)
    ill = (np.arange(persons) % 2)[who]
    own, noise = rng.normal(size=(persons, 10))[who], rng.normal(size=(len(who), 10))
    return np.sqrt(rho) * own + np.sqrt(1 - rho) * noise + effect * ill[:, None], ill, who


def area_of_words(truth, said):
    """AUC where the score is a yes or a no: the mean of sensitivity and specificity."""
    return (said[truth == 1].mean() + 1 - said[truth == 0].mean()) / 2


def nearest(x, ill, apart):
    """AUC of 1-NN; an image may not look at those with the same `apart`."""
    distance = ((x[:, None] - x) ** 2).sum(-1)
    distance[apart[:, None] == apart] = np.inf
    return area_of_words(ill, ill[distance.argmin(1)])


# %%
def both(rho, repeats=4):
    """Mean AUC by image and by person, over a few studies."""
    drawn = [study(rho, seed) for seed in range(repeats)]
    return [float(np.mean([nearest(x, ill, apart) for x, ill, apart in rows]))
            for rows in ([(x, i, np.arange(len(i))) for x, i, _ in drawn], drawn)]  # fmt: skip


# %% tags=["fold"]
RHOS = np.arange(0, 0.91, 0.15)
ahead = np.array([both(rho) for rho in RHOS]).T


def optimism_curve(ax, rho):
    """Draw the AUC of both splits against the correlation."""
    plots.lines({"split by image": ahead[0], "split by person": ahead[1]}, x=RHOS,
                xlabel="correlation within a person", ylabel="AUC of 1-NN", ax=ax)  # fmt: skip
    by_image, by_person = both(rho)
    ax.scatter([rho, rho], [by_image, by_person], color="black", zorder=3)
    ax.set(ylim=(0.4, 1.02))


def optimism_words(rho):
    """Say both numbers."""
    by_image, by_person = both(rho)
    return f"Split by image {by_image:.2f}, by person {by_person:.2f}: too good by {by_image - by_person:.2f}."


# %% tags=["fold"]
widgets.explore(
    optimism_curve,
    {"rho": widgets.Slider("Correlation", 0, 0.9, 0.3, step=0.15)},
    alt=lambda rho: f"Two curves that part as the correlation grows. {optimism_words(rho)}",
    say=optimism_words,
    settings=[{"rho": 0.0}, {"rho": 0.3}, {"rho": 0.6}, {"rho": 0.9}],
    size=(5.4, 3.6),
)

# %% tags=["nbval-check-output"]
none, strong = both(0.0, 10), both(0.6, 10)
result("correlation 0: by image minus by person", none[0] - none[1], within=(-0.05, 0.05))
result("correlation 0.6: AUC split by image", strong[0], within=(0.7, 0.84))
result("correlation 0.6: AUC split by person", strong[1], within=(0.5, 0.7))

# %%
gap = strong[0] - strong[1]
sizes = {"nothing": 0, "about 0.05": 0.05, "about 0.1": 0.1, "about 0.2": 0.2}
cousins.reveal(min(sizes, key=lambda words: abs(sizes[words] - gap)))

# %% [markdown]
# At 0.6 the split by image gives 0.77 and the split by person 0.57, over ten studies of 60 persons.
# The same resemblance touches the *intervals*. Here are 200 studies with a fixed score, whose true
# AUC is known. We draw either images or persons, again and again. How often does a 95 % interval
# hold the true AUC?

# %%
held = ask("How often does a 95 % interval hold the truth if it draws images instead of persons?",
           "about 95 %", "about 85 %", "less than 75 %")  # fmt: skip
held

# %%
from scipy.stats import norm

true_area = norm.cdf(0.8 / np.sqrt(2))  # of two normal scores 0.8 standard deviations apart
hits = {"images": [], "persons": []}
for seed in range(200):
    x, sick, who = study(0.6, seed, effect=0.8)
    for draws, groups in (("images", None), ("persons", who)):
        area = metrics.auc(sick, x[:, 0], groups, resamples=200)
        hits[draws].append(area.low <= true_area <= area.high)

# %% tags=["nbval-check-output"]
result("true AUC", float(true_area))
for draws, inside in hits.items():
    bounds = {"images": {"at_most": 0.8}, "persons": {"at_least": 0.86}}[draws]
    result(f"intervals that hold the truth, drawing {draws}", float(np.mean(inside)), **bounds)

# %%
kept = np.mean(hits["images"])
held.reveal("less than 75 %" if kept < 0.75 else "about 85 %" if kept < 0.9 else "about 95 %")

# %% [markdown]
# **Draw patients, never images.** Six images of one person are not six pieces of evidence, so a
# bootstrap that draws images believes that it knows more than it does. Its 95 % interval held the
# truth in little more than half of the studies. Drawing persons held it in 92.5 %, which 200
# studies cannot tell from 95 %. The person is the unit of the split, of the bootstrap and of the
# count that you print beside a rate.

# %% [markdown] tags=["notes"]
# What is made of such draws differs as well, because there is more than one [interval of a
# bootstrap](../docs/conventions.md#interval-of-a-bootstrap).
# So do the tests that stand beside an interval: *a t test* of two groups [assumes equal variances or does
# not](../docs/conventions.md#two-groups-equal-variances-or-not), and the χ² test of [a table of two by two](../docs/conventions.md#a-table-of-two-by-two) is
# corrected or is not.

# %% [markdown]
# ## Chosen before the split (6 min)
#
# The third question is what had *seen* the test patients before they were tested. Take features
# that are pure noise: 100 patients, 2,000 features, a coin for each diagnosis. Keep the 20 features
# that differ most between the diagnoses, and cross-validate a logistic regression on these 20 (a
# weighted sum of them, bent into a probability; unit 05). Nothing can be found here, so an honest AUC is 0.5.

# %%
selected = ask("Features are chosen on all patients, the model is cross-validated. What AUC do you get?",
               "about 0.5", "about 0.6", "about 0.75", "above 0.9")  # fmt: skip
selected

# %%
from sklearn.feature_selection import SelectKBest, f_classif
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold, cross_val_predict
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

five = StratifiedKFold(5, shuffle=True, random_state=0)
best_20, model = SelectKBest(f_classif, k=20), LogisticRegression()


def area(estimator, x, y):
    """Cross-validated AUC of an estimator."""
    return float(metrics.auc(y, cross_val_predict(estimator, x, y, cv=five, method="decision_function"), resamples=1))  # fmt: skip


before, inside_folds, scaled = [], [], []
for seed in range(10):
    x, y = np.random.default_rng(seed).normal(size=(100, 2000)), np.arange(100) % 2
    before.append(area(model, best_20.fit_transform(x, y), y))
    inside_folds.append(area(make_pipeline(best_20, model), x, y))
    everybody = StandardScaler().fit_transform(x)
    scaled.append(area(make_pipeline(best_20, model), everybody, y)
                  - area(make_pipeline(StandardScaler(), best_20, model), x, y))  # fmt: skip

# %% tags=["nbval-check-output"]
result("noise, selected before the folds: mean AUC of 10", float(np.mean(before)), at_least=0.88)
result("noise, selected inside each fold", float(np.mean(inside_folds)), within=(0.42, 0.58))
result("scaler fitted to all minus fitted inside", float(np.mean(scaled)), within=(-0.02, 0.02))

# %%
reached = float(np.mean(before))
selected.reveal("above 0.9" if reached > 0.9 else min(("about 0.5", "about 0.6", "about 0.75"),
                key=lambda t: abs(float(t[6:]) - reached)))  # fmt: skip

# %% [markdown] tags=["notes"]
# Of 2,000 noise features some separate these 100 patients by luck, the test patients included, and
# the selection picks exactly those. Ambroise and McLachlan [10] showed it for gene expression in
# 2002. **Whatever looks at labels belongs inside the fold**; a pipeline puts it there, because
#       `fit` then sees the training patients alone.
#
# The last line is about another leak. A scaler never sees a label, and fitting it on all patients
# moved the AUC by 0.001 here, the mean of ten sets of noise, where there is nothing to find and
# little to spoil. It is still a leak, and it costs nothing to mend. But when you audit, look for
# the selection first.
#
# A quieter relative is *tuning*. Whoever tries 20 settings on the test folds and reports the best
# reports luck too. The cure is **nested cross-validation**: inside each training part, an inner
# cross-validation chooses the setting, and the outer fold is used once. You will write it in the
# lab.

# %% [markdown]
# ## Balanced over everything (5 min)
#
# A multi-centre set must be split by person *and* evenly: if one fold got all the 3 T scans, you
# would test scanners. Here are 240 persons, simulated, from six hospitals. A hospital has one
# vendor, prefers one of two field strengths (1.5 or 3 tesla, T) and one of two MRI sequences (FLAIR
# or T2), and some see more cancer than others.

# %%
rng = np.random.default_rng(8)
hospital = rng.choice(6, 240, p=[0.35, 0.25, 0.15, 0.12, 0.08, 0.05])
persons = pd.DataFrame({
    "person": np.arange(240),
    "site": np.array(list("ABCDEF"))[hospital],
    "vendor": np.array(["Siemens", "GE", "Siemens", "Philips", "GE", "Philips"])[hospital],
    "field": np.where(rng.random(240) < np.array([0.9, 0.2, 0.5, 0.5, 0.8, 0.1])[hospital], "3 T", "1.5 T"),
    "sequence": np.where(rng.random(240) < np.array([0.1, 0.8, 0.5, 0.4, 0.2, 0.9])[hospital], "FLAIR", "T2"),
    "cancer": rng.random(240) < np.array([0.2, 0.5, 0.3, 0.4, 0.6, 0.3])[hospital],
})  # fmt: skip
scans = persons.loc[np.repeat(persons.index, rng.integers(1, 5, 240))].reset_index(drop=True)

# %%
from sklearn.model_selection import StratifiedGroupKFold

columns = ["site", "vendor", "field", "sequence", "cancer"]


def worst_gap(fold):
    """Largest distance of a share in one fold from its share in the whole set."""
    gaps = []
    for column in columns:
        value = pd.get_dummies(scans[column]).astype(float)
        gaps.append((value.groupby(fold).mean() - value.mean()).abs().to_numpy().max())
    return max(gaps)


def stratified(strata, seed):
    """Give each person one of five folds, so that each fold holds its share of every stratum."""
    fold = np.empty(len(scans), int)
    splitter = StratifiedGroupKFold(5, shuffle=True, random_state=seed)
    for k, (_, test) in enumerate(splitter.split(scans, strata, scans["person"])):
        fold[test] = k
    return fold


# %%
joined = scans[columns].astype(str).agg(" ".join, axis=1)
joined = joined.where(joined.map(joined.value_counts()) >= 5, "rare")  # too few for five folds
made = {"random": lambda seed: folds_by(scans["person"], seed),
        "cancer": lambda seed: stratified(scans["cancer"], seed),
        "all": lambda seed: stratified(joined, seed)}  # fmt: skip
gaps = {
    name: float(np.mean([worst_gap(way(seed)) for seed in range(10)])) for name, way in made.items()
}

# %% tags=["nbval-check-output"]
result("persons", 240)
result("scans", len(scans))
result("strata that occur", int(scans[columns].drop_duplicates().shape[0]))
result("worst gap, grouped at random (mean of 10)", gaps["random"], within=(0.1, 0.25))
result("grouped, stratified by cancer", gaps["cancer"], within=(0.08, 0.22))
result("grouped, stratified by all five columns", gaps["all"], within=(0.02, 0.13))

# %% [markdown] tags=["notes"]
# Stratifying by the diagnosis alone leaves sites and scanners to chance. Joining the columns into
# one stratum more than halves the worst gap. It is not gone, because a stratum with three scans
# cannot be cut into five.
#
# A balanced split answers one question only: *how good is it in more patients of these hospitals?*
# For the screening centre, which is none of them, hold out one hospital at a time. And if a
# hospital's scanner and its prevalence go together, as here, a model may learn the hospital; no
# split by chance can see that.

# %% [markdown]
# ## What a set must say of itself (7 min)
#
# What you have found out by force, a set should say by itself. A **datasheet** [11] answers the
# same questions for every set: why it was made; who is in it, and who is not; how it was collected
# and by whom labelled; what was done to it; what it may be used for, and what not; who maintains
# it. Our simulated sets have one each, in `docs/datasheets/`.
#
# Test yourself on the 569 women. What does the table *not* say? The copy in scikit-learn holds no
# number of a patient, so you cannot split by person or find one who came twice, and that there are
# 569 women is an assumption. It holds no year, no microscope and no reader. All of that was
# knowable once.
#
# A **challenge** goes one step further than a datasheet: everybody gets the same set, the labels of
# the test cases stay hidden, and one rule ranks the answers. That made results comparable, and it
# also decides what is built, because people build what the rule rewards. So audit the rule as well.
# Here is what ten challenges asked for and ranked by. (*Quadratic weighted κ* counts a miss by two
# grades four times as much as by one; *IoU* is the common pixels over all pixels of both masks; a
# *Hausdorff distance* is how far two outlines are apart where they differ most.)
#
# | challenge | asks for | ranks by | a weakness of that ranking |
# |---|---|---|---|
# | CAMELYON17 [12] | stage of the lymph nodes, per patient | quadratic weighted κ | "patients" are five slides mixed from several people; all teams missed most isolated tumour cells |
# | RETOUCH [13] | three fluids in retinal OCT, three devices | sum of ranks over fluid, device and measure | a rank depends on who else took part, and the smallest lead counts like the largest |
# | BraTS [14] | glioma in MRI: whole tumour, tumour core, enhancing tumour | Dice and 95 % Hausdorff of the three regions | scores of whole scans favour large lesions, as its organisers said in 2023, and changed it |
# | EndoVis 2017 [15] | instruments in the video of a surgical robot | overlap (IoU) | half of the test frames follow directly upon training frames of the same procedure |
# | CATARACTS [16] | which of 21 tools is in use | how a confidence orders the frames, tool by tool | neighbouring frames of 50 operations are no independent cases, and an order ignores how rare a tool is |
# | TADPOLE [17] | diagnosis, a memory score (ADAS-Cog 13) and the volume of the ventricles, years ahead | sum of three ranks | no team forecast the memory score significantly better than chance, yet its rank counts a third |
# | LCTSC [18] | organs at risk in thoracic CT | Dice and distances, relative to readers' variability | 12 scans decide, and easy lungs average with the hard oesophagus |
# | PROSTATEx-2 [19] | grade group of 70 lesions | quadratic weighted κ | best 0.27; only two of 43 methods were shown to beat guessing, so much of the order may be luck (our reading) |
# | iSeg-2017 [20] | tissue in brains of six months | Dice and two surface distances | a single site; the next edition was made because of it |
# | coronary arteries [21] | centre lines in 32 CT angiographies | overlap with, and distance to, a consensus of observers | only chosen vessels count, and methods are told which |
#
# Maier-Hein and colleagues [22] went through such rankings and found that they are seldom robust:
# the order changes with the test cases, with mean or median, and with the reader who made the
# truth.
#
# And the salesman? On his 800 images a learner that knows nothing about the disease scored 0.70,
# because 43 of the 136 patient numbers are second numbers; by person it was 0.52. So his 0.97 says
# little yet. Do not buy, and do not refuse: ask him to run the program on a year of *your* women,
# 20,000 with about 100 cancers among them, each woman once, and to tell you the PPV with an
# interval that draws women.

# %% [markdown] tags=["notes"]
# Even a rule that is written down leaves choices, such as [which 95th
# percentile](../docs/conventions.md#the-95th-percentile-of-the-hausdorff-distance) a Hausdorff distance means, or whether [patients are
# pooled](../docs/conventions.md#monai-pools-patients-a-sensitivity-of-099-and-the-only-lesion-was-missed); and the PPV of few alarms has
# [several intervals](../docs/conventions.md#interval-of-a-proportion).

# %% [markdown]
# ## Where else to look (4 min, deeper)
#
# Unit 01 named two collections beside the images, for whoever wants to join them with genes or
# drugs, and here is what they hold: **GDSC** (Genomics of Drug Sensitivity in Cancer), the response of
# cancer cell lines to drugs [23]; and the **Human Protein Atlas**, images of tissue and cells that are
# stained for one protein at a time (proteinatlas.org). A third is the **NHGRI-EBI** catalogue of genetic
# associations (ebi.ac.uk/gwas). Each has a unit of its own that is easy to mistake for a patient: a
# cell line, an antibody, a study.
#
# No hospital has enough patients alone, so sets are made by **consortia**, which agree on
# protocols, on a datasheet and on a place to compute. One of physicists is INFN's *Artificial
# Intelligence in Medicine* (AIM); with the Italian medical physicists it proposed a common
# computing infrastructure with protected storage for medical images [24]. What a consortium gives
# is what this unit looked for: several readers, several scanners, and a hospital that can be left
# out.

# %% [markdown]
# ## The inner and the outer loop (10 min, deeper)
#
# How large is the luck of tuning? Noise again: 60 patients, 200 features. We try 30 random subsets
# of five features with one nearest neighbour, which is what a search for "the best configuration"
# amounts to.

# %%
tuned = ask("On pure noise, what is the cross-validated AUC of the best of 30 settings?",
            "about 0.5", "about 0.65", "about 0.8")  # fmt: skip
tuned


# %%
def tuning(seed, patients=60, settings=30, folds=5):
    """Return the best AUC of a search, and the AUC of the search by nested cross-validation."""
    rng = np.random.default_rng(seed)
    x, y = rng.normal(size=(patients, 200)), np.arange(patients) % 2
    subsets = [rng.choice(200, 5, replace=False) for _ in range(settings)]
    fold = rng.permutation(patients) % folds

    def said(columns, train, test, apart):
        """Labels of the nearest training patients."""
        distance = ((x[test][:, None, columns] - x[train][None][:, :, columns]) ** 2).sum(-1)
        distance[apart[test][:, None] == apart[train]] = np.inf
        return y[train][distance.argmin(1)]

    everyone = np.arange(patients)
    flat = max(area_of_words(y, said(c, everyone, everyone, fold)) for c in subsets)
    nested = np.empty(patients)
    for k in range(folds):  # the outer fold k is used once
        train, test = np.flatnonzero(fold != k), np.flatnonzero(fold == k)
        inner = [area_of_words(y[train], said(c, train, train, fold)) for c in subsets]
        nested[test] = said(subsets[int(np.argmax(inner))], train, test, fold)
    return flat, area_of_words(y, nested)


flat, nested = np.mean([tuning(seed) for seed in range(20)], axis=0)

# %% tags=["nbval-check-output"]
result("best of 30 settings on noise (mean of 20 searches)", float(flat), within=(0.6, 0.72))
result("the same searches, nested", float(nested), within=(0.43, 0.57))

# %%
options = ("about 0.5", "about 0.65", "about 0.8")
tuned.reveal(min(options, key=lambda words: abs(float(words[6:]) - flat)))

# %% [markdown]
# There was nothing to find, and the search reports more than 0.6. The nested loop runs the *whole
# search* again inside each training part, and gives what the chosen setting does for patients it
# was not chosen on. It judges the way of searching; which setting you then ship is another
# question, answered by one more search on all patients.

# %% [markdown]
# ## What to remember (1 min)
#
# - Outliers hide one another: median and MAD, on a scale that fits. And an outlier is a question.
# - A consensus cancels what readers do not share, and keeps what they do.
# - κ, ICC and PPV belong to their patients: say the prevalence and the range.
# - Correlation is not agreement. Give bias and limits with a unit, and look whether they grow with
#   the size.
# - Patient numbers are not persons: hash, then look for what is nearly alike.
# - The person is the unit of split, bootstrap and count.
# - Whatever looks at labels belongs inside the fold.
# - A ranking is a measurement too; ask what it is blind to.

# %% [markdown]
# ## Quiz (2 min)
#
# **1.** A hospital's set was split by patient number. 1-NN gets an AUC of 0.85. Good news?
#
# <details><summary>Answer</summary>
#
# Suspicious news. One nearest neighbour is good at finding copies. Look for people with two numbers
# before you believe in the disease.
#
# </details>
#
# **2.** "We removed 14 outliers." Which two questions do you ask?
#
# <details><summary>Answer</summary>
#
# By which rule, on which scale; and how many of the 14 were ill? Then: what did the hospital say
# about them?
#
# </details>
#
# **3.** The program keeps its sensitivity and specificity of 0.9 at a prevalence of 0.5 %. A
# colleague says "nine of ten alarms are true". What is right?
#
# <details><summary>Answer</summary>
#
# One in 23: 4.3 %. Nine of ten *ill* women get an alarm, which is another sentence.
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
# 1. E. A. Eisenhauer et al., *New response evaluation criteria in solid tumours: revised RECIST
#    guideline (version 1.1)*, Eur. J. Cancer 45 (2009),
#    [doi:10.1016/j.ejca.2008.10.026](https://doi.org/10.1016/j.ejca.2008.10.026).
# 2. B. Iglewicz, D. C. Hoaglin, *How to detect and handle outliers*, ASQC Quality Press, 1993.
# 3. W. N. Street, W. H. Wolberg, O. L. Mangasarian, *Nuclear feature extraction for breast tumor
#    diagnosis*, Proc. SPIE 1905 (1993), [doi:10.1117/12.148698](https://doi.org/10.1117/12.148698).
# 4. S. K. Warfield, K. H. Zou, W. M. Wells, *Simultaneous truth and performance level estimation
#    (STAPLE)*, IEEE Trans. Med. Imaging 23 (2004),
#    [doi:10.1109/TMI.2004.828354](https://doi.org/10.1109/TMI.2004.828354).
# 5. A. R. Feinstein, D. V. Cicchetti, *High agreement but low kappa: I. The problems of two
#    paradoxes*, J. Clin. Epidemiol. 43 (1990),
#    [doi:10.1016/0895-4356(90)90158-L](https://doi.org/10.1016/0895-4356(90)90158-L).
# 6. J. M. Bland, D. G. Altman, *Statistical methods for assessing agreement between two methods of
#    clinical measurement*, Lancet 327 (1986),
#    [doi:10.1016/S0140-6736(86)90837-8](https://doi.org/10.1016/S0140-6736(86)90837-8).
# 7. G. Bortsova et al., *Automated segmentation and volume measurement of intracranial carotid
#    artery calcification on non-contrast CT*, [arXiv:2107.09442](https://arxiv.org/abs/2107.09442)
#    (2021), abstract.
# 8. D. B. Rubin, *Inference and missing data*, Biometrika 63 (1976),
#    [doi:10.1093/biomet/63.3.581](https://doi.org/10.1093/biomet/63.3.581).
# 9. A. Retico, *Computing methods for experimental physics and data analysis*, lecture 8, INFN
#    Pisa: the set of microcalcification patches that `mlmi data get cmepda-microcalcifications`
#    downloads.
# 10. C. Ambroise, G. J. McLachlan, *Selection bias in gene extraction on the basis of microarray
#     gene-expression data*, PNAS 99 (2002),
#     [doi:10.1073/pnas.102102699](https://doi.org/10.1073/pnas.102102699).
# 11. T. Gebru et al., *Datasheets for datasets*, Commun. ACM 64 (2021),
#     [doi:10.1145/3458723](https://doi.org/10.1145/3458723).
# 12. P. Bándi et al., *From detection of individual metastases to classification of lymph node
#     status at the patient level: the CAMELYON17 challenge*, IEEE Trans. Med. Imaging 38 (2019),
#     [doi:10.1109/TMI.2018.2867350](https://doi.org/10.1109/TMI.2018.2867350), abstract, and the
#     page
#     [camelyon17.grand-challenge.org/Evaluation](https://camelyon17.grand-challenge.org/Evaluation/).
# 13. H. Bogunović et al., *RETOUCH*, IEEE Trans. Med. Imaging 38 (2019),
#     [doi:10.1109/TMI.2019.2901398](https://doi.org/10.1109/TMI.2019.2901398); ranking:
#     [retouch.grand-challenge.org/Workshop](https://retouch.grand-challenge.org/Workshop).
# 14. B. H. Menze et al., *The multimodal brain tumor image segmentation benchmark (BRATS)*, IEEE
#     Trans. Med. Imaging 34 (2015),
#     [doi:10.1109/TMI.2014.2377694](https://doi.org/10.1109/TMI.2014.2377694); measures:
#     [med.upenn.edu/cbica/brats2019/evaluation.html](https://www.med.upenn.edu/cbica/brats2019/evaluation.html);
#     2023: [synapse.org, thread
#     10357](https://synapse.org/Synapse:syn51156910/discussion/threadId=10357).
# 15. M. Allan et al., *2017 robotic instrument segmentation challenge*,
#     [arXiv:1902.06426](https://arxiv.org/abs/1902.06426); data:
#     [endovissub2017-roboticinstrumentsegmentation.grand-challenge.org/Data](https://endovissub2017-roboticinstrumentsegmentation.grand-challenge.org/Data/).
# 16. H. Al Hajj et al., *CATARACTS: challenge on automatic tool annotation for cataRACT surgery*,
#     Med. Image Anal. 52 (2019),
#     [doi:10.1016/j.media.2018.11.008](https://doi.org/10.1016/j.media.2018.11.008).
# 17. TADPOLE, [results of July 2019](https://tadpole.grand-challenge.org/Results) and
#     [leaderboard](https://tadpole.grand-challenge.org/D4_Leaderboard/).
# 18. J. Yang et al., *Autosegmentation for thoracic radiation treatment planning: a grand challenge
#     at AAPM 2017*, Med. Phys. 45 (2018), [doi:10.1002/mp.13141](https://doi.org/10.1002/mp.13141),
#     abstract.
# 19. S. G. Armato III et al., *PROSTATEx challenges*, J. Med. Imaging 5 (2018),
#     [doi:10.1117/1.JMI.5.4.044501](https://doi.org/10.1117/1.JMI.5.4.044501), abstract.
# 20. L. Wang et al., *Benchmark on automatic six-month-old infant brain segmentation algorithms:
#     the iSeg-2017 challenge*, IEEE Trans. Med. Imaging 38 (2019),
#     [doi:10.1109/TMI.2019.2901712](https://doi.org/10.1109/TMI.2019.2901712); iSeg-2019:
#     [arXiv:2007.02096](https://arxiv.org/abs/2007.02096).
# 21. M. Schaap et al., *Standardized evaluation methodology and reference database for evaluating
#     coronary artery centerline extraction algorithms*, Med. Image Anal. 13 (2009),
#     [doi:10.1016/j.media.2009.06.003](https://doi.org/10.1016/j.media.2009.06.003).
# 22. L. Maier-Hein et al., *Why rankings of biomedical image analysis competitions should be
#     interpreted with care*, Nat. Commun. 9 (2018),
#     [doi:10.1038/s41467-018-07619-7](https://doi.org/10.1038/s41467-018-07619-7), Fig. 2.
# 23. W. Yang et al., *Genomics of Drug Sensitivity in Cancer (GDSC)*, Nucleic Acids Res. 41 (2013),
#     [doi:10.1093/nar/gks1111](https://doi.org/10.1093/nar/gks1111).
# 24. A. Retico et al., *Enhancing the impact of artificial intelligence in medicine: a joint
#     AIFM–INFN Italian initiative for a dedicated cloud-based computing infrastructure*, Phys. Med.
#     91 (2021), [doi:10.1016/j.ejmp.2021.10.005](https://doi.org/10.1016/j.ejmp.2021.10.005).
#
# Now do the lab: `exercises/02_data_you_can_trust.ipynb`.

# %% [markdown] tags=["instructor"]
# **24 and 29 mm.** Let the class decide by show of hands before anything is computed, and again
# after *How many millimetres?* The question to hear is: same program, same reader?
#
# **The 80 cancers.** Ask who would have removed the outliers. Most do it by habit in their own
# work.
#
# **The three bars of 1-NN.** Ask what the salesman has done wrong *before* the last line is shown.
# He split by patient, as every textbook says.
#
# **Selection on noise.** Change the seed; it never fails. Then ask who has selected features before
# splitting.
