# %% [markdown]
# ## You need (3 min)
#
# **The first half: a signature.** Dr Sanna runs the radiology of a small hospital. A vendor offers her two programs: one reads COPD (narrowed airways and destroyed
# lung tissue, mostly from smoking) from CT, the other finds microcalcifications in mammograms. Each comes with an AUC above 0.9. If she signs, 40 women and 30 smokers a day
# will be judged by them. If the number is wrong she will not see it: no program looks broken from outside. What must she ask before she signs?
#
# | term | meaning |
# |---|---|
# | **AUC** | the chance that a patient with the disease has a higher score than one without |
# | **sensitivity** | the share of the ill that are called |
# | **specificity** | the share of the healthy that are not called |
# | **prevalence** | the share of the ill among those who come |
# | **positive predictive value (PPV)** | the share of the ill among those who are called |
# | **Brier score** | mean squared distance of the told probability from what came out, 0 or 1 |
#
# Most sections have the same three steps: you *meet* a pitfall, you *detect* it, you *cure* it. Each pitfall writes a number before and a number after into one table, `zoo`.

# %%
import hashlib
import heapq

import mlmi_course
import numpy as np
import pandas as pd
from scipy import ndimage
from scipy.special import expit, logit
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import brier_score_loss, roc_auc_score
from sklearn.model_selection import StratifiedKFold, cross_val_predict
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from threadpoolctl import threadpool_limits

from mlmi_course import data, metrics, plots, widgets
from mlmi_course.checks import Predictions, result

# %%
threads = threadpool_limits(1)  # small tables: several threads only wait for each other
ask = Predictions("19_pitfalls")
zoo = []


def logistic(**settings):
    """Return a logistic regression of features in standard deviations."""
    return make_pipeline(StandardScaler(), LogisticRegression(max_iter=2000, **settings))


# %% [markdown]
# The lecture asks you to predict before it shows. Answer with the buttons, or in code (`copd.guess("…", sure=True)`). Nothing stops if you do not.

# %% [markdown]
# ## A detector of COPD (9 min)
#
# *Meet it.* The vendor collected CT patches of people with COPD in a veterans' hospital, and of people without it in a screening of nurses. So 95 of 100 with COPD are men, and 95 of
# 100 without it are women. Women's bronchi are narrower: in 2,047 smokers the lumen of segmental bronchi had 18.4 mm² in women and 22.5 mm² in men [1]. M. de Bruijne warns
# of this very pair, COPD and sex [2].
#
# Our patches of lung are simulated, each with a bronchus near its middle. Whoever has a wide bronchus is a man more often (a larger difference than the real one: chosen), and whoever
# has lost more tissue has COPD more often. The two have nothing to do with each other, unless somebody recruits them so.

# %%
lungs = data.load_lung_patches(n=1100, seed=4, size=40, airway=True, prevalence=0.7)
lost, lumen = lungs.table["fraction"].to_numpy(), lungs.table["lumen_mm"].to_numpy()
edges = [-1100, -1000, -975, -950, -925, -900, -875, -850, -800, -700, -500, -200, 500]


def grey_values(images):
    """Return the shares of twelve ranges of HU."""
    bins = zip(edges[:-1], edges[1:], strict=True)
    return np.stack([((images >= a) & (images < b)).mean(axis=(1, 2)) for a, b in bins], axis=1)


lung_features = np.hstack([grey_values(lungs.images), grey_values(lungs.images[:, 10:30, 10:30])])

# %% tags=["fold"]
wide = np.argsort(lumen)[[60, 300, -300, -60]]
plots.montage(
    lungs.images[wide],
    columns=4,
    vmin=-1024,
    vmax=-500,
    titles=[f"lumen {lumen[i]:.1f} mm" for i in wide],
    alt="Four patches of lung; the dark hole of the bronchus in the middle grows from left to right.",
)

# %% [markdown]
# A logistic regression of 24 numbers (which share of the patch, and of its middle, lies in which range of HU) learns from 300 patients, and is tested on 160 others who were recruited in the
# same way. Then on 160 among whom sex is balanced: 40 of each kind.

# %%
copd = ask(
    "On patients of the vendor's kind the AUC is above 0.85. Where men and women are as frequent among the ill as among the healthy?",
    "above 0.85",
    "0.65 to 0.85",
    "below 0.65",
)
copd


# %%
def recruit(rng):
    """Draw sex and COPD; return them, and rows of four studies."""
    man = rng.random(len(lumen)) < expit((lumen - 4.25) / 0.2)
    ill = rng.random(len(lost)) < expit(5 * (lost - np.median(lost)))
    kinds = [np.flatnonzero((ill == i) & (man == m)) for i, m in ((1, 1), (1, 0), (0, 1), (0, 0))]
    kinds = [rng.permutation(kind) for kind in kinds]

    def study(begin, sizes):
        return np.concatenate([k[b : b + n] for k, b, n in zip(kinds, begin, sizes, strict=True)])

    teach = [142, 75, 75, 142]  # rows of each kind that only training may use
    return man, ill, {
        "biased training": study([0] * 4, [142, 8, 8, 142]),
        "balanced training": study([0] * 4, [75] * 4),
        "biased test": study(teach, [76, 4, 4, 76]),
        "balanced test": study(teach, [40] * 4),
    }  # fmt: skip


def copd_scores(ill, rows):
    """Train on these rows; return a score for everybody."""
    return logistic(C=0.1).fit(lung_features[rows], ill[rows]).decision_function(lung_features)


# %%
man, ill, rows = recruit(np.random.default_rng(0))
vendor = copd_scores(ill, rows["biased training"])
told, true = (metrics.auc(ill[rows[k]], vendor[rows[k]]) for k in ("biased test", "balanced test"))

# %% tags=["nbval-check-output"]
result("AUC on 160 patients recruited as the vendor did", float(told), at_least=0.85)
result("AUC on 160 with sex balanced", float(true), at_most=0.68)
result("its 95 % interval, from", true.low, within=(0.3, 0.6))

# %%
copd.reveal("above 0.85" if true > 0.85 else "below 0.65" if true < 0.65 else "0.65 to 0.85")

# %% [markdown]
# Most of it is gone. The suspicion is that it had learnt the width of a bronchus, which tells the sex. A property of the *patients* that goes with the disease in these data (here because somebody recruited them so) and shows in the images by a way of its own
# is a **confounder**.
#
# *Detect it*. Ask the score for the confounder: how well does it tell men from women among people who are *all* ill, or *all* healthy? And compute the AUC only from pairs of the same
# sex: the **stratified AUC** counts, in each sex, the pairs of one ill and one healthy person, and divides the pairs in the right order by all of these pairs. The first works on the vendor's own test patients. The second needs people who break the pattern, and the vendor has only eight of them, so we take the 160 balanced ones.


# %%
def stratified_auc(labels, scores, strata):
    """Return the AUC from pairs within the same stratum."""
    right = pairs = 0.0
    for one in np.unique(strata):
        here = strata == one
        n = labels[here].sum() * (1 - labels[here]).sum()
        if n:
            right += n * roc_auc_score(labels[here], scores[here])
            pairs += n
    return right / pairs


own = rows["biased test"]

# %% tags=["nbval-check-output"]
for state in (False, True):
    one = own[ill[own] == state]
    name, men = ("ill" if state else "healthy"), int(man[one].sum())
    found = roc_auc_score(man[one], vendor[one])
    result(
        f"AUC for men among {men} men and {len(one) - men} women, all {name}", found, at_least=0.7
    )
balanced = rows["balanced test"]
within = stratified_auc(ill[balanced].astype(int), vendor[balanced], man[balanced])
result("stratified AUC, 160 patients with sex balanced", within, within=(0.45, 0.75))

# %% [markdown]
# *Cure it* where it began: recruit as many men as women on both sides, and train again. One recruitment is a matter of luck, so we repeat it twenty times on the same lungs (their spread is smaller than
# that of twenty hospitals, since the lungs stay the same).

# %%
repeats = []
for seed in range(20):
    man, ill, rows = recruit(np.random.default_rng(seed))
    biased, mended = (copd_scores(ill, rows[k]) for k in ("biased training", "balanced training"))
    tests = [("biased test", biased), ("balanced test", biased), ("balanced test", mended)]
    best = "balanced test", lost  # what decides about COPD here, but for luck
    repeats.append([roc_auc_score(ill[rows[k]], s[rows[k]]) for k, s in [*tests, best]])
repeats = np.array(repeats)

# %% tags=["nbval-check-output"]
means = repeats.mean(axis=0)
result("20 recruitments: mean AUC as told", means[0], at_least=0.85)
result("mean AUC with sex balanced", means[1], at_most=0.6)
result("mean AUC after balanced training", means[2], within=(0.58, 0.75))
result("mean AUC of the true loss of tissue: nobody can do better", means[3], within=(0.62, 0.8))
result(
    "balanced training is better in … of 20",
    int((repeats[:, 2] > repeats[:, 1]).sum()),
    at_least=15,
)

# %%
zoo += [("confounder", "AUC, sex balanced", means[1], means[2])]

# %% [markdown]
# The mended model is modest because COPD hangs only loosely on the tissue that was lost: the last line is the most that any model could reach here. The 0.9 belonged to the recruitment, and not to the disease.

# %% [markdown]
# ## Microcalcifications at home and away (6 min)
#
# *Meet it.* The second program gets four numbers of a mammographic patch: its mean grey, its spread, and the strongest and the typical answer of a filter for spots (a Laplacian of Gaussian).
# The vendor's patches with clusters were cut from dense breasts, which are brighter. The same happened in a public set of real patches, which the simulator imitates. At the other hospital, *away*, nobody chose them so.

# %%
home = data.load_microcalcifications(n=900, seed=0, brightness_shortcut=True, difficulty=0.3)
away = data.load_microcalcifications(n=500, seed=50, difficulty=0.3)
inner = np.s_[8:-8, 8:-8]
ring = np.ones((60, 60), bool)
ring[inner] = False


# %%
def spots(images, sigma):
    """Return the answer of a Laplacian of Gaussian: positive at bright spots."""
    axes = [(0, 2, 0), (0, 0, 2)]
    return -(sigma**2) * sum(
        ndimage.gaussian_filter(images, (0, sigma, sigma), order=o) for o in axes
    )


def four_numbers(images):
    """Return mean, log spread, and log of the strongest and the typical spot."""
    x = images / 255.0
    answer = spots(x, 2.0)
    both = [answer.max(axis=(1, 2)), answer.std(axis=(1, 2))]
    return np.stack([x.mean(axis=(1, 2)), *np.log([x.std(axis=(1, 2)), *both])], axis=1)


# %%
def of_the_ring(images):
    """Return mean and log spread of the outermost eight pixels alone."""
    outside = images[:, ring] / 255.0
    return np.stack([outside.mean(axis=1), np.log(outside.std(axis=1))], axis=1)


def flat_numbers(images):
    """Return how much the spots stand out of the patch's own spread."""
    _, spread, strongest, typical = four_numbers(images).T
    return np.stack([strongest - spread, typical - spread], axis=1)


# %%
ring_knows = ask(
    "A model that sees only mean and spread of the outermost eight pixels, the middle hidden: AUC at home?",
    "about 0.5",
    "about 0.65",
    "above 0.75",
)
ring_knows

# %%
learn = home.groups < np.quantile(home.groups, 0.6)  # whole patients
at_home, elsewhere, told_away = {}, {}, {}
for name, features in (
    ("four numbers", four_numbers),
    ("ring", of_the_ring),
    ("flat", flat_numbers),
):
    model = logistic().fit(features(home.images[learn]), home.labels[learn])
    for answers, where, keep in ((at_home, home, ~learn), (elsewhere, away, slice(None))):
        told = model.decision_function(features(where.images[keep]))
        answers[name] = metrics.auc(where.labels[keep], told, where.groups[keep])
    told_away[name] = told  # the last of the two

# %% tags=["nbval-check-output"]
result("patients tested at home", len(np.unique(home.groups[~learn])))
result("patients away", len(np.unique(away.groups)))
result("four numbers: AUC at home", float(at_home["four numbers"]), at_least=0.85)
result("four numbers: AUC away", float(elsewhere["four numbers"]), at_most=0.8)
result("its 95 % interval, to", elsewhere["four numbers"].high, at_most=0.85)
result("the ring alone: AUC at home", float(at_home["ring"]), at_least=0.72)
result("the ring alone: AUC away", float(elsewhere["ring"]), within=(0.35, 0.7))

# %%
ring_auc = float(at_home["ring"])
ring_knows.reveal(
    "above 0.75" if ring_auc > 0.75 else "about 0.65" if ring_auc > 0.58 else "about 0.5"
)

# %% [markdown]
# *Detect it.* Hide what matters, and train on the rest. Most clusters lie further in, so mean and spread of the ring should tell little; *away* you see how little. What it knows at home beyond that is a **shortcut** (units 09 and 13 met others): something in how the *data were made* that goes with the label, and is no sign of
# the disease. The test costs five lines, and a suspicion needs no second hospital. It has one limit. It finds only a shortcut that is in the part which you kept.
#
# *Cure it* by features that cannot see it. We divide the spots by the patch's own spread, so brightness and contrast cancel.

# %% tags=["nbval-check-output"]
result("flat features: AUC at home", float(at_home["flat"]), within=(0.7, 0.93))
result("flat features: AUC away", float(elsewhere["flat"]), at_least=0.76)
gain = metrics.paired_difference(
    metrics.auc, told_away["flat"], told_away["four numbers"], away.groups, labels=away.labels
)
result("flat minus four numbers, away, same patches", float(gain), within=(0.03, 0.25))
result("its 95 % interval, over patients, from", gain.low, within=(-0.02, 0.2))

# %%
zoo += [("shortcut", "AUC away", float(elsewhere["four numbers"]), float(elsewhere["flat"]))]

# %% [markdown]
# At home the cure looks like a loss, and away it is a gain. (For these features home is the harder place, because the vendor's clusters lie in dense, strongly textured breasts.) A team that compares models on its own patients alone would choose the shortcut here.

# %% [markdown]
# ## Forty ill among four hundred (3 min)
#
# *Meet it.* Of 400 patients forty will relapse. A forest that says "none" to everybody would be right in nine of ten, so the team *balances*: it draws copies of the forty until both classes are of the same size. Then it
# cross-validates. Our features are those of a simulated cohort in which no feature matters.

# %%
useless = ask(
    "Which AUC does the team report, from features that know nothing?",
    "about 0.5",
    "about 0.75",
    "above 0.9",
)
useless

# %%
cohort = data.load_cohort(n=400, seed=0, effect=0.0)
table = cohort.table[cohort.features].to_numpy()
rng = np.random.default_rng(1)
relapse = rng.permutation(np.arange(400) < 40).astype(int)


def with_copies(rows, rng):
    """Return the rows, and copies of those with a relapse until both classes are as large."""
    few = rows[relapse[rows] == 1]
    return np.concatenate([rows, rng.choice(few, len(rows) - 2 * len(few))])


folds = StratifiedKFold(5, shuffle=True, random_state=0)
forest = RandomForestClassifier(30, min_samples_leaf=2, random_state=0)
copied = with_copies(np.arange(400), rng)
before_split = cross_val_predict(
    forest, table[copied], relapse[copied], cv=folds, method="predict_proba"
)[:, 1]
inside = np.empty(400)
for train, test in folds.split(table, relapse):
    grown = with_copies(train, rng)
    inside[test] = forest.fit(table[grown], relapse[grown]).predict_proba(table[test])[:, 1]

# %% tags=["nbval-check-output"]
leaky = roc_auc_score(relapse[copied], before_split)
honest = roc_auc_score(relapse, inside)
result("AUC, copies made before the split", leaky, at_least=0.98)
result("AUC, copies made inside each training part", honest, within=(0.3, 0.7))

# %%
zoo += [("leak", "AUC of useless features", leaky, honest)]
useless.reveal("above 0.9" if leaky > 0.9 else "about 0.75" if leaky > 0.6 else "about 0.5")

# %% [markdown]
# A copy of a test patient sits in the training part, so the forest looks her up. This is a **leak** (unit 02): something of the test patients reached the training. *Detect it* with the pipeline itself, run on labels or features that
# know nothing: it has to say about 0.5 (with 40 ill, ± 0.1). *Cure it* by doing everything that looks at patients inside the training part. Copies, and new patients made up between two old ones (SMOTE), are among it.

# %% [markdown]
# ## Who was in the study? (4 min)
#
# *Meet it.* Dr Sanna's scanner prints the mean density of the lung, because a lung that has lost tissue is darker. To test this measure, a study took people whose lungs are badly destroyed (more than 30 % lost) and healthy volunteers. To her clinic
# come all stages. The patches are those of the first section.

# %%
all_stages = ask(
    "Badly ill against healthy the AUC is above 0.9. Against the same healthy people, those who lost less than a tenth?",
    "above 0.9",
    "0.75 to 0.9",
    "below 0.75",
)
all_stages

# %%
darkness = -lungs.images.mean(axis=(1, 2))
stages = {
    "less than 10 %": (0, 0.1),
    "10 to 30 %": (0.1, 0.3),
    "more than 30 %": (0.3, 1),
    "any": (0, 1),
}
by_stage = {}
for name, (low, high) in stages.items():
    chosen = (lost == 0) | ((lost > low) & (lost <= high))
    by_stage[name] = metrics.auc((lost > 0)[chosen], darkness[chosen], lungs.groups[chosen])

# %% tags=["nbval-check-output"]
for name, auc in by_stage.items():
    number = int(((lost > stages[name][0]) & (lost <= stages[name][1])).sum())
    low = {"less than 10 %": 0.5, "10 to 30 %": 0.62, "more than 30 %": 0.85, "any": 0.65}[name]
    result(f"lost {name}, {number} patients: AUC", float(auc), within=(low, min(1.0, low + 0.2)))

# %%
zoo += [("spectrum", "AUC as reported", float(by_stage["more than 30 %"]), float(by_stage["any"]))]
mild = float(by_stage["less than 10 %"])
all_stages.reveal("above 0.9" if mild > 0.9 else "0.75 to 0.9" if mild >= 0.75 else "below 0.75")

# %% [markdown]
# The method did not change, but the mixture did. That an accuracy depends on how ill the ill are, and how healthy the healthy, is called the **spectrum** effect. In 218 evaluations of diagnostic tests, studies that took patients and controls from two separate groups
# gave diagnostic odds ratios (the odds of a call among the ill, divided by those among the healthy) three times as high (95 % interval 2.0 to 4.5) as those with a clinical population [3]. *Detect it*: ask where both groups came from. *Cure it*: take all who come, one after the other, and report by stage.

# %% [markdown]
# ## From the trial to the screening (9 min)
#
# *Meet it.* We train the program that the rest of this lecture uses. It has two numbers, $s_k = \frac{1}{6} \log \operatorname{mean}(\max(r_k, 0)^6)$, where $r_k$ is the answer for spots of size $\sigma_k$: a soft kind of "strongest spot". A logistic regression
# weighs them. Half of the patients train it, the others test it.

# %%
breasts = data.load_microcalcifications(n=1600, seed=1)
grey = breasts.images / 255.0
sizes, power = (1.5, 3.0), 6


def strongest(images):
    """Return the soft maximum of the spots of both sizes, as logarithms."""
    answers = [np.maximum(spots(images, size), 0) for size in sizes]
    return np.stack([np.log((a**power).mean(axis=(1, 2))) / power for a in answers], axis=1)


teach = breasts.groups < np.median(breasts.groups)
held = np.flatnonzero(~teach)
strengths = strongest(grey)
program = logistic().fit(strengths[teach], breasts.labels[teach])
scores = program.decision_function(strengths)
clusters, women = breasts.labels[held], breasts.groups[held]
in_trial = breasts.labels[teach].mean()

# %% tags=["nbval-check-output"]
auc_program = metrics.auc(clusters, scores[held], women)
result("AUC of the program on held-out patients", float(auc_program), at_least=0.9)
result("patients", len(np.unique(women)))
cut = np.quantile(scores[teach & (breasts.labels == 0)], 0.9)  # chosen on training patients
found_ill, wrong_call = ((scores[held] > cut)[clusters == k].mean() for k in (1, 0))
result("sensitivity at this cut, held-out patients", float(found_ill), within=(0.7, 0.95))
result("specificity", 1 - float(wrong_call), within=(0.82, 0.97))
result("prevalence among the training patches", in_trial, within=(0.5, 0.68))

# %% [markdown]
# A woman is called. How likely is it that she has a cluster? In the trial six of ten patches had one. Say that among women who were called back after a first look it is five of a hundred, and in a screening one. (We count as if each woman had one patch; with hundreds of patches each, nearly all would be called.)

# %%
called = ask(
    "PPV at a prevalence of 1 %, with this sensitivity and specificity?",
    "above 60 %",
    "20 to 60 %",
    "below 20 %",
)
called


# %%
def ppv(prevalence, sensitivity, specificity):
    """Return the share of the ill among those who are called."""
    right = prevalence * sensitivity
    return right / (right + (1 - prevalence) * (1 - specificity))


# %% tags=["nbval-check-output"]
for prevalence in (0.6, 0.05, 0.01):
    low = {0.6: 0.83, 0.05: 0.22, 0.01: 0.04}[prevalence]
    result(
        f"PPV at {prevalence:.0%}",
        ppv(prevalence, found_ill, 1 - wrong_call),
        within=(low, low + 0.15),
    )

# %%
rare = ppv(0.01, found_ill, 1 - wrong_call)
called.reveal("above 60 %" if rare > 0.6 else "20 to 60 %" if rare > 0.2 else "below 20 %")

# %% [markdown]
# AUC, sensitivity and specificity stay where they are, while at 1 % fourteen of fifteen alerts are false. Move the prevalence, and, for the line below the picture, the number of women a day.


# %% tags=["fold"]
def everybody(ax, percent, women_a_day):
    """Draw 1,000 women as squares."""
    ill = round(10 * percent)
    hit, false = round(ill * found_ill), round(wrong_call * (1000 - ill))
    kinds = np.repeat([2, 3, 1, 0], [hit, ill - hit, false, 1000 - ill - false])
    colours = [plots.COLOURS[name] for name in ("neutral", "error", "truth", "highlight")]
    names = ["healthy, not called", "false alert", "found", "missed"]
    rows, columns = np.divmod(np.arange(1000), 50)
    for kind, (colour, name, marker) in enumerate(zip(colours, names, "sx^o", strict=True)):
        here = kinds == kind
        size, alpha = (6, 0.35) if kind == 0 else (16, 1)
        ax.scatter(
            columns[here], rows[here], color=colour, s=size, marker=marker, label=name, alpha=alpha
        )
    ax.set_axis_off()
    ax.legend(loc="upper center", bbox_to_anchor=(0.5, 0), ncols=2, frameon=False)


# %% tags=["fold"]
def alerts(percent, women_a_day):
    """Say what a day looks like."""
    p = percent / 100
    right, wrong = women_a_day * p * found_ill, women_a_day * (1 - p) * wrong_call
    return (f"Of {women_a_day} women a day {right + wrong:.1f} are called, {wrong:.1f} of them wrongly: "
            f"PPV {100 * ppv(p, found_ill, 1 - wrong_call):.0f} %.")  # fmt: skip


widgets.explore(
    everybody,
    {
        "percent": widgets.Choice("Prevalence (%)", (0.5, 1, 2, 5, 10, 20, 40), 1),
        "women_a_day": widgets.Slider("Women a day", 20, 200, 40, step=20),
    },
    alt=lambda percent, women_a_day: f"A thousand women as squares. {alerts(percent, women_a_day)}",
    say=alerts,
    settings=[{"percent": 40}, {"percent": 5}, {"percent": 1}],
    size=(6.4, 3.6),
)

# %% [markdown]
# *Detect it* by adding up. The probabilities that a program tells on a day should sum to about the number of women who turn out ill.
#
# *Cure it* by Bayes, as units 05 and 08 did: the odds of a told probability $p$ are multiplied by how the odds of the disease have changed,
#
# $$ \frac{p'}{1-p'} = \frac{p}{1-p} \cdot \frac{\pi' / (1-\pi')}{\pi / (1-\pi)}, $$
#
# with the prevalence $\pi$ in training and $\pi'$ here. This **prior correction** changes no order, so no AUC; and it is right only if the ill look like the ill of the trial, and the healthy like the healthy (no other spectrum).


# %%
def prior_corrected(probability, trained, here):
    """Return the probability at another prevalence."""
    return expit(logit(probability) + logit(here) - logit(trained))


probability = expit(scores[held])


def at(prevalence):
    """Return Brier score and expected number of ill in 1,000, as told and corrected."""
    share = clusters.mean()
    weights = np.where(clusters == 1, prevalence / share, (1 - prevalence) / (1 - share))
    both = probability, prior_corrected(probability, in_trial, prevalence)
    brier = [brier_score_loss(clusters, p, sample_weight=weights) for p in both]
    return brier, [1000 * np.average(p, weights=weights) for p in both]


# %% tags=["nbval-check-output"]
for prevalence in (0.05, 0.01):
    brier, ill_of_1000 = at(prevalence)
    result(
        f"prevalence {prevalence:.0%}: of 1,000 women ill, as told", ill_of_1000[0], at_least=150
    )
    result("the same, corrected", ill_of_1000[1], within=(500 * prevalence, 2500 * prevalence))
    result("Brier score as told", brier[0], at_least=0.07)
    result("Brier score corrected", brier[1], at_most={0.05: 0.043, 0.01: 0.02}[prevalence])
    result(f"Brier score of who always says {prevalence:.0%}", prevalence * (1 - prevalence))

# %%
zoo += [("prevalence", "Brier score at 5 %", *at(0.05)[0])]

# %% [markdown]
# (We change the mixture by weights: each healthy patch counts for many.) At 5 % the correction restores a Brier score that beats who says 5 % to everybody. At 1 % it does not: the sum is a half too high, probably because a few healthy patches
# look very ill, and now they count for many. So where a disease is rare, look at that last line before you praise a Brier score. (And beware of the factor of two between
# [two Brier scores](../docs/conventions.md#brier-score-of-two-classes-one-sum-or-two).) Published programs are no exception: the first autonomous diagnostic program, for diabetic eye disease, had a sensitivity of 87.4 % and a specificity of 89.5 % in 900 patients [4]. Where one of twenty has
# the disease, three of ten of its referrals would be right.

# %% tags=["nbval-check-output"]
result("PPV of 87.4 % and 89.5 % at a prevalence of 5 %", ppv(0.05, 0.874, 0.895))

# %% [markdown]
# ## Sure of itself (4 min, deeper)
#
# *Meet it.* A prior correction mends one number, the prevalence. A model that was fitted to few patients without a penalty is mostly wrong in another way: it is too sure. Here the 24 numbers of a lung patch are fitted to 80 patients without a
# penalty, to tell who has lost a fifth of the tissue or more.

# %%
large = (lost > 0.2).astype(int)
order = np.random.default_rng(1).permutation(len(large))
few, local, rest = order[:80], order[80:280], order[280:]
sure = make_pipeline(StandardScaler(), LogisticRegression(C=1e4, max_iter=5000))
margin = sure.fit(lung_features[few], large[few]).decision_function(lung_features)


def slope(log_odds, outcome):
    """Return a refit of the outcome on the log odds: its slope is 1 if these are right."""
    return LogisticRegression(C=1e6, max_iter=2000).fit(log_odds[:, None], outcome)


refit = slope(margin[local], large[local])
raw, mended = expit(margin[rest]), refit.predict_proba(margin[rest][:, None])[:, 1]

# %% tags=["nbval-check-output"]
result("AUC on others", roc_auc_score(large[rest], raw), at_least=0.7)
result(
    "calibration slope on others", float(slope(margin[rest], large[rest]).coef_[0, 0]), at_most=0.6
)
after = slope(np.clip(logit(mended), -30, 30), large[rest])
result(
    "calibration slope after a refit on 200 local patients",
    float(after.coef_[0, 0]),
    within=(0.6, 1.6),
)
both = [brier_score_loss(large[rest], p) for p in (raw, mended)]
result("Brier score before", both[0])
result("Brier score after", both[1])

# %%
zoo += [("calibration", "Brier score", *both)]

# %% [markdown]
# *Detect it.* Fit a logistic regression of the outcome on the told log odds alone. Its slope is the **calibration slope**: 1 if the log odds are right (the intercept is then 0, too), below 1 if the model is too sure. *Cure it* by using this refit, two numbers from 200 local patients. The order
# of the patients is the same before and after, so no AUC sees either the fault or the cure.

# %% [markdown]
# ## One cut for everybody (6 min)
#
# *Meet it.* One of ten women is examined with an old unit that gives a quarter of the exposure, so her image is noisier. The program's cut was chosen for a specificity of 0.9, on women of the new unit, as nearly all are.

# %%
group_gap = ask(
    "Specificity among the women of the old unit, with that cut?",
    "about 0.9",
    "about 0.65",
    "below 0.5",
)
group_gap

# %%
old_unit = data.load_microcalcifications(n=700, seed=5, exposure=0.25)
old_scores = program.decision_function(strongest(old_unit.images / 255.0))
tune = old_unit.groups < np.median(old_unit.groups)  # half of its patients, for a cut of their own
own_cut = np.quantile(old_scores[tune & (old_unit.labels == 0)], 0.9)
old = old_scores[~tune], old_unit.labels[~tune]


def rates(score, labels, cut):
    """Return sensitivity and specificity."""
    return float((score[labels == 1] > cut).mean()), float((score[labels == 0] <= cut).mean())


# %% tags=["nbval-check-output"]
groups = {
    "new unit": (scores[held], clusters, cut),
    "old unit": (*old, cut),
    "old unit, its own cut": (*old, own_cut),
}
found = {name: rates(*three) for name, three in groups.items()}
result(
    "patients of the old unit, without those for the cut", len(np.unique(old_unit.groups[~tune]))
)
for name, (sensitivity, specificity) in found.items():
    low = {"new unit": 0.82, "old unit": 0.25, "old unit, its own cut": 0.8}[name]
    result(f"{name}: specificity", specificity, within=(low, min(1.0, low + 0.4)))
    result("sensitivity", sensitivity, within=(0.5, 1.0))
over_all = 0.9 * found["new unit"][1] + 0.1 * found["old unit"][1]
result("specificity over all women", over_all, at_least=0.8)
gap = float(metrics.auc(old_unit.labels, old_scores, old_unit.groups))
result("AUC, new unit", float(auc_program), at_least=0.9)
result("AUC, old unit", gap, within=(0.7, 0.95))
old_specificity = found["old unit"][1]

# %%
zoo += [
    (
        "subgroup",
        "specificity, old unit",
        old_specificity,
        found["old unit, its own cut"][1],
    )
]
group_gap.reveal(
    "about 0.9"
    if old_specificity > 0.78
    else "about 0.65"
    if old_specificity > 0.5
    else "below 0.5"
)

# %% [markdown]
# Over all women the specificity falls a little, to 0.83, which hides a 0.37: one woman of ten lives in another world. *Detect it* by reporting every rate for every group that you can name, with its number of patients. *Cure it* as far as you can: a cut of its own gives the old unit its specificity back, but
# its sensitivity falls with it, below that of the new unit, because in noise the same specks stand out less. Two groups can be equal in one rate and not in the others. Which one should be equal is a clinical decision, and no program can make it.
#
# Medicine is no special case. Five speech recognisers had a mean word error rate of 0.35 for black speakers, and 0.19 for white ones [5]. Programs that tell the sex from a photograph of a face erred for up to 34.7 % of darker-skinned women, and 0.8 % of lighter-skinned men [6].
# A program that rates the risk to offend again gave a high one to 45 % of the black defendants who did not, and to 23 % of such white ones, and whether this is the rate that should have been equal has been argued over ever since [7].

# %% [markdown]
# ## Twenty subgroups (3 min)
#
# *Meet it.* A trial of the program finds no benefit over all. So its authors look at twenty subgroups that do not overlap, and report what has p < 0.05. In truth the program does nothing for anybody.

# %%
luck = ask(
    "In how many of 100 such trials is there at least one p < 0.05?",
    "about 5",
    "about 35",
    "about 65",
)
luck

# %%
from scipy.stats import norm

rng = np.random.default_rng(0)
gain = rng.normal(0, 1, (4000, 20))  # difference in standard errors, in 4,000 trials
p_values = 2 * norm.sf(np.abs(gain))
alone = float((p_values.min(axis=1) < 0.05).mean())
holm = float((p_values.min(axis=1) < 0.05 / 20).mean())  # Holm's first step is the smallest p

# %% tags=["nbval-check-output"]
result("at least one p < 0.05 in 20 subgroups, share of 4,000 trials", alone, within=(0.6, 0.68))
result("with Holm's correction", holm, within=(0.03, 0.07))

# %%
zoo += [("multiplicity", "false findings", alone, holm)]
luck.reveal("about 65" if alone > 0.5 else "about 35" if alone > 0.2 else "about 5")

# %% [markdown]
# *Detect it* by counting: how many outcomes, subgroups, cuts and models were looked at? *Cure it* by writing down one question before, and by a correction for the rest. Holm's (unit 11) asks of the smallest p that it is below 0.05/20. (Packages mean
# [four things by *corrected*](../docs/conventions.md#correction-for-many-tests).) A gap between groups, by contrast, must be looked for in all of them: there the error to fear is the one that is missed.

# %% [markdown]
# ## Break: what you can do now (2 min)
#
# - Ask a model for its confounder, hide the disease and train on the rest, and run a pipeline on noise: each test finds a high number that means nothing.
# - Carry a probability to another prevalence, and say what an alert is worth there.
# - Report by stage and by group, and count what was looked at.
#
# Dr Sanna does not sign. She asks for a page: where the ill and the healthy came from, the PPV at *her* prevalence, the rates by scanner and by sex, the share of wrong calls among 200 women of her own, and the calls on all cancers that her hospital found in the last years. With one cluster in a hundred, and 40 women a day, her program would call five a day, and
# be right about one every three days.
#
# **1.** A model for tuberculosis was trained on portable X-rays of the ill and wall-mounted ones of the healthy. Which test of this half finds out, on the data that are there?
#
# <details><summary>Answer</summary>
#
# Hide the lungs and train on the rest (collimation, arms, table). Or ask the score for the machine, among the healthy alone.
#
# </details>
#
# **2.** The prevalence falls from 10 to 1 %. Which of these change: AUC, sensitivity, PPV, Brier score?
#
# <details><summary>Answer</summary>
#
# PPV and Brier score. AUC and sensitivity stay, as long as the ill and the healthy look as before.
#
# </details>
#
# **3.** After "balancing", the AUC rose from 0.62 to 0.97. What do you ask first?
#
# <details><summary>Answer</summary>
#
# Whether copies were made before the split. If so, shuffle the labels first, make the copies then, and run all of it again: it will still be high.
#
# </details>

# %% [markdown]
# ## You and an adviser (7 min)
#
# **The second half: an evening.** Tomás is in the second year of his training. He reads mammograms in the evening, alone, with sixty left. Beside every image a box says what the program thinks, and the worklist is sorted by it. At the forty-third the box says *no cluster*, and he sees something. He has a minute, and the
# program has been right all week.
#
# *Meet it*, on yourself. Here are twelve patches, six with a cluster. For four of them there is no advice, and for the others there is: mostly right, sometimes wrong. You do not know when. What you answer stays in this notebook's memory, and nothing leaves the computer.

# %%
hard = data.load_microcalcifications(n=120, seed=21, exposure=0.35, single_grains=0.6)
chooser = np.random.default_rng(3)
rows_of = {k: chooser.permutation(np.unique(hard.groups[hard.labels == k])) for k in (0, 1)}
shown = [
    int(np.flatnonzero((hard.groups == g) & (hard.labels == k))[0])
    for k in (1, 0)
    for g in rows_of[k][:6]
]
kinds = np.tile(["none", "right", "right", "wrong", "none", "right"], 2)
mixed = chooser.permutation(12)
shown, kinds = np.array(shown)[mixed], kinds[mixed]
truths = hard.labels[shown] == 1
advice = [
    None if k == "none" else bool(t == (k == "right")) for k, t in zip(kinds, truths, strict=True)
]

widgets.advised(
    hard.images[shown],
    truths,
    advice,
    answers=("no cluster", "cluster"),
    alt="Twelve mammographic patches; beside most of them an adviser says cluster or no cluster.",
)

# %% [markdown]
# Were you right less often where the advice was wrong than where there was none? Then you may have met **automation bias**: we lean on a program also where we would have known better. Twelve patches are far too few to measure one person. Ten
# readers of the British screening programme read 60 mammograms with and without a program: for the cancers that it missed, their median sensitivity fell from 71 % to 39 % [8].
#
# *Detect it* by planting wrong advice. We do so for a simulated reader, who adds up what he sees and what the box says, both as log odds. The box is right in 85 of 100 cases, so a perfect reader gives it a weight of $\log(0.85/0.15)$. Ours gives it twice as much.

# %%
bias = ask(
    "Where the box is wrong, how often is he right? (Without any box: 80 of 100.)",
    "above 60 of 100",
    "30 to 60",
    "below 30",
)
bias

# %%
rng = np.random.default_rng(0)
cases = 20_000
cluster = rng.random(cases) < 0.5
sees = rng.normal(np.where(cluster, 1, -1) * 0.84, 1)  # alone he is right in 80 of 100
log_odds = 2 * 0.84 * sees
box_right = rng.random(cases) < 0.85
box = np.where(cluster == box_right, 1, -1)


def accuracy(weight):
    """Return how often he is right: over all, and where the box is wrong."""
    right = (log_odds + weight * np.log(0.85 / 0.15) * box > 0) == cluster
    return float(right.mean()), float(right[~box_right].mean())


# %% tags=["nbval-check-output"]
for weight, name in (
    (0, "no box"),
    (2, "twice the trust that it deserves"),
    (1, "as much as it deserves"),
):
    over_all, where_wrong = accuracy(weight)
    low = {0: 0.78, 2: 0.84, 1: 0.87}[weight]
    result(f"{name}: right in all cases", over_all, within=(low, low + 0.04))
    low = {0: 0.76, 2: 0.06, 1: 0.38}[weight]
    result("right where the box is wrong", where_wrong, within=(low, low + 0.08))

# %%
zoo += [("automation bias", "right where the box is wrong", accuracy(2)[1], accuracy(1)[1])]
led = accuracy(2)[1]
bias.reveal("above 60 of 100" if led > 0.6 else "30 to 60" if led >= 0.3 else "below 30")

# %% [markdown]
# With too much trust he does what the box does. Over all cases he is still better than alone, so nobody notices. Even with the right weight he errs more often where the box is wrong than he would alone, because that is the price of being right more often elsewhere.
#
# *Cure it*, partly, and without a number of ours: let the reader decide first and then see the box, tell him how often the box is right *and where not*, and measure with planted errors.

# %% [markdown]
# ## Two per cent (11 min)
#
# *Meet it.* Somebody has an interest: an insurer, a fraudster, a student with a bet. He may change each pixel of a patch by at most 2 % of the grey range, which is hard to see. He knows the program. So he asks calculus which way each pixel should go: the **gradient** of the score
# $f(\mathbf{x}) = b + \sum_k w_k s_k(\mathbf{x})$. By the chain rule, with $r_k$ the filtered image and $G_k$ the filter,
#
# $$ \nabla f = \sum_k w_k \, G_k\!\left[ \frac{\max(r_k, 0)^5}{\sum \max(r_k, 0)^6} \right], $$
#
# because a symmetric linear filter is its own transpose, so it is applied once more. The **fast gradient sign method (FGSM)** [9] takes a step of the same size in every pixel, $\mathbf{x}' = \mathbf{x} \pm \varepsilon \operatorname{sign} \nabla f$: down for patches with a cluster, up for those without.

# %%
per_deviation = (
    program[-1].coef_[0] / program[0].scale_
)  # the weights of s, not of standard deviations


def gradient(images, weights=per_deviation):
    """Return how the score changes with each pixel."""
    total = np.zeros(images.shape)
    for weight, size in zip(weights, sizes, strict=True):
        answer = np.maximum(spots(images, size), 0)
        inside = answer ** (power - 1) / (answer**power).sum(axis=(1, 2), keepdims=True)
        total += weight * spots(inside, size)
    return total


def score_of(images):
    """Return the program's score of images between 0 and 1."""
    return program.decision_function(strongest(images))


attacked = held[:400]
clean, with_cluster = grey[attacked], breasts.labels[attacked]
direction = np.where(with_cluster == 1, -1, 1)[:, None, None]
slopes = gradient(clean)

# %% tags=["nbval-check-output"]
tiny = np.zeros((60, 60))
tiny[30, 31] = 1e-5
numeric = (score_of(clean[:1] + tiny) - score_of(clean[:1] - tiny))[0] / 2e-5
result(
    "gradient by hand over gradient by differences, one pixel",
    slopes[0, 30, 31] / numeric,
    within=(0.99, 1.01),
)

# %% [markdown]
# Any change of 2 % may hurt, so there is a **control**: the same 2 % in every pixel, with random signs.

# %%
attack = ask(
    "AUC after the attack? (Before it is about 0.95.)", "above 0.9", "0.5 to 0.9", "below 0.5"
)
attack

# %%
epsilon = 0.02
rng = np.random.default_rng(0)
fooled = np.clip(clean + epsilon * direction * np.sign(slopes), 0, 1)
random = np.clip(clean + epsilon * rng.choice([-1, 1], clean.shape), 0, 1)
auc_of = {
    name: roc_auc_score(with_cluster, score_of(images))
    for name, images in (("clean", clean), ("attack", fooled), ("random signs", random))
}

# %% tags=["fold"]
example = int(np.flatnonzero(with_cluster == 1)[np.argmax(score_of(clean)[with_cluster == 1])])
plots.montage(
    [clean[example], fooled[example], random[example], fooled[example] - clean[example]],
    titles=["clean", "attack", "random signs", "what was added"],
    columns=4,
    same_scale=False,
    alt="A patch with a cluster, the same after the attack and after random noise, which look alike, and the pattern that was added.",
)

# %% tags=["nbval-check-output"]
result("AUC before, 400 of the held-out patches", auc_of["clean"], at_least=0.92)
result("AUC after the attack with 2 %", auc_of["attack"], at_most=0.5)
result("AUC after random signs", auc_of["random signs"], at_least=0.9)
result("what random signs cost", auc_of["clean"] - auc_of["random signs"], at_most=0.02)

# %%
attack.reveal(
    "above 0.9"
    if auc_of["attack"] > 0.9
    else "below 0.5"
    if auc_of["attack"] < 0.5
    else "0.5 to 0.9"
)

# %% [markdown]
# The attack adds thousands of tiny steps that all push the same way, while random ones cancel. This needs no deep network, only many pixels and a gradient. In three real tasks (eyes, chest and pathology) attacks worked also without access to the model, by way of a model of the attacker's own [10].
#
# A colleague offers a **defence**: the program rounds each image to 16 grey levels first. Then the gradient of what was installed is zero almost everywhere, and the attack has nothing to follow.


# %%
def rounded(images):
    """Round to 16 grey levels."""
    return np.round(images * 15) / 15


probes = rng.integers(0, 60, (50, 2))
steps = []
for row, column in probes:
    tiny = np.zeros((60, 60))
    tiny[row, column] = 1e-6
    steps.append(float((score_of(rounded(clean[:1] + tiny)) - score_of(rounded(clean[:1])))[0]))
blind = np.clip(clean + epsilon * direction * np.sign(0.0), 0, 1)  # the sign of a gradient of zero

# %% tags=["nbval-check-output"]
result("of 50 pixels, those with a gradient that is not 0", int(np.count_nonzero(steps)))
result(
    "AUC of the defended program, attacked by its own gradient, so not at all",
    roc_auc_score(with_cluster, score_of(rounded(blind))),
    at_least=0.88,
)

# %%
defended = ask(
    "The attacker now takes the gradient *before* the rounding. AUC of the defended program?",
    "above 0.9",
    "0.5 to 0.9",
    "below 0.5",
)
defended

# %% tags=["nbval-check-output"]
broken = roc_auc_score(with_cluster, score_of(rounded(fooled)))
result("AUC of the defended program, attacked by the gradient before rounding", broken, at_most=0.5)

# %%
defended.reveal("above 0.9" if broken > 0.9 else "below 0.5" if broken < 0.5 else "0.5 to 0.9")

# %% [markdown]
# The defence hid the gradient, and the weakness stayed. Published defences that rest on this have fallen in the same way [11]. *Detect it* with an attack that knows the defence.
#
# *Cure it* outside the model. An attacker needs access to the images, so sign them at the scanner: a **checksum** that travels by another way tells whether a single pixel was touched. (It does not tell whether the image was honest when it was signed, and it also breaks when the file is compressed anew by somebody harmless.)

# %% tags=["nbval-check-output"]
signed = [hashlib.sha256(image.tobytes()).hexdigest() for image in clean]
arrived = [hashlib.sha256(image.tobytes()).hexdigest() for image in fooled]
caught = float(np.mean([a != b for a, b in zip(signed, arrived, strict=True)]))
result("share of attacked images that the checksum catches", caught)
refused = roc_auc_score(with_cluster, score_of(clean))

# %%
zoo += [
    (
        "attack",
        "AUC under attack; images that were touched are fetched again",
        auc_of["attack"],
        refused,
    )
]

# %% [markdown]
# ## An attack without the model (3 min, deeper)
#
# The attacker does not have the program, but he has patients of his own. He trains a model like it and attacks that one.

# %%
own = data.load_microcalcifications(n=500, seed=77)
own_spots = strongest(own.images / 255.0)
substitute = logistic().fit(own_spots, own.labels)
his = gradient(clean, substitute[-1].coef_[0] / substitute[0].scale_)
borrowed = np.clip(clean + epsilon * direction * np.sign(his), 0, 1)

# %% tags=["nbval-check-output"]
result(
    "AUC under an attack that never saw the program",
    roc_auc_score(with_cluster, score_of(borrowed)),
    at_most=0.6,
)

# %% [markdown]
# It works about as well, perhaps because the two models are of one kind and look for the same thing. How much of it is left with another architecture, or with other training data, is what the study of three real tasks measured [10].

# %% [markdown]
# ## Who waits? (7 min)
#
# In February 2018 the FDA let a program onto the market that reads CT of the head beside the usual reading, and texts a specialist when it suspects a blocked vessel [12]. Others move scans to the top of a worklist. This is **triage**: nobody is diagnosed, the list is sorted. What does
# it do to those whom it does not see?
#
# One reader, patients arriving at random, ten an hour; a scan takes 5.4 minutes on average, so the reader is busy 90 % of the time. One of ten patients is urgent. The program finds 90 % of the urgent, and calls 10 % of the others too. Whoever is called goes first; a scan that was begun is finished.

# %%
who = ask(
    "Without the program everybody waits about half an hour. With it, how long do the urgent ones wait whom it *missed*?",
    "shorter than before",
    "about as before",
    "longer than before",
)
who

# %%
mean_wait = ask("And the mean over *all* patients?", "shorter", "the same", "longer")
mean_wait


# %%
def waiting(arrive, minutes, first):
    """Return how long each patient waits for one reader; `first` go before the others."""
    begin, queue, clock, coming = np.empty(len(arrive)), [], 0.0, 0
    for _ in arrive:
        if not queue:
            clock = max(clock, arrive[coming])
        while coming < len(arrive) and arrive[coming] <= clock:
            heapq.heappush(queue, (not first[coming], coming))
            coming += 1
        patient = heapq.heappop(queue)[1]
        begin[patient] = clock
        clock += minutes[patient]
    return begin - arrive


rng = np.random.default_rng(0)
patients = 40_000
arrive, minutes = np.cumsum(rng.exponential(6, patients)), rng.gamma(4, 5.4 / 4, patients)
urgent = rng.random(patients) < 0.1
flagged = np.where(urgent, rng.random(patients) < 0.9, rng.random(patients) < 0.1)
in_turn = waiting(arrive, minutes, np.zeros(patients, bool))
sorted_list = waiting(arrive, minutes, flagged)

# %% tags=["nbval-check-output"]
kinds_of = {
    "all": np.ones(patients, bool),
    "urgent": urgent,
    "urgent and missed": urgent & ~flagged,
    "not urgent": ~urgent,
}
for name, kind in kinds_of.items():
    result(f"{name} ({kind.sum()}): minutes in turn", float(in_turn[kind].mean()), within=(20, 36))
    low = {"all": 24, "urgent": 5, "urgent and missed": 27, "not urgent": 25}[name]
    result("minutes with the program", float(sorted_list[kind].mean()), within=(low, low + 16))
lost_time = sorted_list[urgent & ~flagged].mean() - in_turn[urgent & ~flagged].mean()
result("the missed wait longer by (minutes)", float(lost_time), at_least=1)

# %%
zoo += [
    ("triage", "minutes that the urgent wait", in_turn[urgent].mean(), sorted_list[urgent].mean())
]
who.reveal(
    "longer than before"
    if lost_time > 1
    else "shorter than before"
    if lost_time < -1
    else "about as before"
)

# %%
change = sorted_list.mean() / in_turn.mean() - 1
mean_wait.reveal("the same" if abs(change) < 0.05 else "longer" if change > 0 else "shorter")

# %% [markdown]
# The urgent gain, and the others pay, the missed ones among them. The mean over all stays the same, because the reader works as long as before, and a list that is only *sorted* makes no minutes. (This is exact in the long run if the program's flag tells nothing of how long a scan takes.) So a sheet that says "waits fall" must say whose.
#
# How much the missed lose depends on how many are called. A program that calls half of the others, too, puts more than half of all patients in front of those whom it missed.

# %% tags=["nbval-check-output"]
eager = np.where(urgent, flagged, rng.random(patients) < 0.5)
by_eager = waiting(arrive, minutes, eager)
result(
    "calls half of the others, too: the urgent wait (minutes)",
    float(by_eager[urgent].mean()),
    within=(8, 18),
)
result("and the urgent whom it missed", float(by_eager[urgent & ~eager].mean()), at_least=38)

# %% [markdown]
# *Detect it*: log the waits of those who were missed, apart, as soon as it is known who they were. *Cure it* by calling few: with more calls the urgent gain less (11 minutes in place of 7), and the missed
# lose far more. (Both programs here find 90 % of the urgent; a real cut that calls fewer misses more, and the two must be weighed.)

# %% [markdown] tags=["notes"]
# ## An alarm bell (9 min)
#
# *Meet it.* In spring the mammography unit gets an update, and its new processing lowers the contrast by 10 %. Nobody tells the program. **Drift** is such a change of the images, the patients or the disease after the program was installed. We watch one number a patient, the logarithm of the fine grain of the image: the mean distance of a pixel from its smoothed
# surroundings.

# %%
first_of = np.unique(breasts.groups, return_index=True)[1]


def fine_grain(images):
    """Return the log of the mean distance from a smoothed copy."""
    return np.log(np.abs(images - ndimage.gaussian_filter(images, (0, 1, 1))).mean(axis=(1, 2)))


one_each = grey[first_of]
middle = one_each.mean(axis=(1, 2), keepdims=True)
before, after = fine_grain(one_each), fine_grain(middle + 0.9 * (one_each - middle))
usual, spread = before.mean(), before.std()
z = (before - usual) / spread
shift = (before - after).mean() / spread  # in standard deviations

# %% tags=["nbval-check-output"]
result("reference patients", len(z))
result("a tenth of contrast, in standard deviations between patients", shift, within=(0.4, 0.9))

# %% [markdown]
# One patient says little, as patients differ by more than the update does. A **CUSUM** [13] adds up small signs: $S_t = \max(0,\; S_{t-1} - z_t - k)$, with half of the shift that matters as $k$ (so each term is below 0 on average before the drift, and above 0 after it). While all is well the sum keeps falling back to 0. After a drop it climbs, and at a level $h$ the bell rings.
#
# How high should $h$ be? Textbooks have formulae for normal numbers and a mean and standard deviation that are *known*. We promise at most one false alarm in 1,000 patients, and **simulate** it: patients are drawn from the reference again and again.


# %%
def rings_after(drawn, k, h):
    """Return after how many patients each row rings; the row's length if never."""
    total, rang = np.zeros(len(drawn)), np.full(len(drawn), drawn.shape[1])
    for t in range(drawn.shape[1]):
        total = np.maximum(0, total - drawn[:, t] - k)
        rang = np.where((total > h) & (rang == drawn.shape[1]), t + 1, rang)
        if (rang < drawn.shape[1]).all():
            break
    return rang


rng = np.random.default_rng(0)
quiet = rng.choice(z, (400, 6000))
k = shift / 2
levels = np.arange(3, 10, 0.5)
lengths = np.array([rings_after(quiet, k, h).mean() for h in levels])
h = float(levels[np.argmax(lengths >= 1000)])
to_alarm = rings_after(rng.choice(z, (2000, 400)) - shift, k, h)

# %%
delay = ask(
    "After the contrast fell by 10 %: how many patients until the bell, on average?",
    "about 5",
    "about 20",
    "about 100",
)
delay

# %% tags=["nbval-check-output"]
result("level h", h)
result(
    "patients between two false alarms, simulated", float(lengths[levels == h][0]), at_least=1000
)
result("mean number of patients until the alarm", float(to_alarm.mean()), at_most=60)
result("in 95 of 100 cases not more than", float(np.quantile(to_alarm, 0.95)), at_most=100)
one_by_one = 1 / norm.cdf(norm.ppf(0.001) + shift)  # normal numbers, an alarm at z below −3.1
result("one patient at a time, if z were normal, one false alarm in 1,000", one_by_one, at_least=80)

# %%
zoo += [("drift", "patients until it is noticed", one_by_one, to_alarm.mean())]
delay.reveal(
    min(
        ("about 5", "about 20", "about 100"),
        key=lambda t: abs(np.log(float(t[6:]) / to_alarm.mean())),
    )
)

# %% [markdown]
# Now be a hospital that has no 300 reference patients but 40, and takes their mean and standard deviation for the truth. It uses the same $h$. How often will its bell ring for nothing?

# %%
found = []
for _ in range(40):
    forty = rng.choice(z, 40)
    mistaken = (rng.choice(z, (20, 3000)) - forty.mean()) / forty.std()
    found.append(rings_after(mistaken, k, h).mean())
quarter = float(np.quantile(found, 0.25))

# %% tags=["nbval-check-output"]
result(
    "40 hospitals with 40 reference patients: patients between false alarms, best (3,000 at most are watched)",
    float(max(found)),
    at_least=1000,
)
result("in one of four less than", quarter, at_most=800)

# %% [markdown]
# A mean of forty is off by a sixth of a standard deviation, and a CUSUM adds this up at every patient. So the rate must be simulated with the reference that you really have, the uncertainty of its mean included. Try how the size of a drift and the level change the wait ($k$ stays at half of the 10 %).


# %% tags=["fold"]
rows_shown = np.random.default_rng(8).choice(z, (300, 600))
quiet_row = rows_shown[np.argmax(rings_after(rows_shown, k, h) > 500)]  # one without a false alarm


def bell(ax, percent, level):
    """Draw one path of the CUSUM; the contrast falls at patient 150."""
    moved = quiet_row.copy()
    moved[150:] += np.log(1 - percent / 100) / spread
    total, path = 0.0, []
    for one in moved:
        total = max(0.0, total - one - k)
        path.append(total)
    plots.lines(
        {"CUSUM": np.array(path[:400])}, x=np.arange(400), xlabel="patient", ylabel="S", ax=ax
    )
    ax.axhline(level, color=plots.COLOURS["error"], linestyle="--")
    ax.axvline(150, color=plots.COLOURS["neutral"], linestyle=":")
    ax.set_ylim(0, 20)


# %% tags=["fold"]
def days(percent, level):
    """Say how long it takes, at 40 patients a day."""
    late = rings_after(rows_shown[:, :400] + np.log(1 - percent / 100) / spread, k, level)
    never = rings_after(rows_shown, k, level) < 600
    return (f"Contrast −{percent} %: alarm after {late.mean():.0f} patients ({late.mean() / 40:.1f} days of 40). "
            f"False alarm within 600 patients: in {100 * never.mean():.0f} of 100 hospitals.")  # fmt: skip


widgets.explore(
    bell,
    {
        "percent": widgets.Slider("Contrast lost", 2, 20, 10, step=2, unit="%"),
        "level": widgets.Slider("Level h", 2, 10, int(h)),
    },
    alt=lambda percent, level: f"A sum that climbs after patient 150. {days(percent, level)}",
    say=days,
    settings=[{"percent": 4}, {"percent": 10}, {"percent": 20}],
    size=(6.2, 3.6),
)

# %% [markdown]
# *Cure it*: stop, find the update, and then calibrate again. *Detect it* is the bell itself. One that watches *images* rings after a day or so, before any outcome is known. It does not ring when the disease changes and the images do not, so a plan watches outcomes as well, as far as they come back.

# %% [markdown]
# ## Models that go on learning (3 min, deeper)
#
# Why not let the program learn from every new patient? Then each one is another program, and nobody has tested today's. Suppose it sets its cut again and again so that it calls a tenth of those who turned out healthy. And suppose the unit loses 40 % of its contrast in two years.

# %%
centre = clean.mean(axis=(1, 2), keepdims=True)
fixed, moving = [], []
for contrast in (1.0, 0.6):  # at the beginning, and after two years
    now = score_of(centre + contrast * (clean - centre))
    fixed.append(rates(now, with_cluster, cut))
    moving.append(rates(now, with_cluster, np.quantile(now[with_cluster == 0], 0.9)))

# %% tags=["nbval-check-output"]
result("sensitivity at the beginning", fixed[0][0], at_least=0.7)
result("after two years, the cut fixed", fixed[-1][0], at_most=0.76)
result("the cut moved: at the beginning", moving[0][0], at_least=0.7)
result("the cut moved: after two years", moving[-1][0], at_least=0.7)

# %% [markdown]
# Here learning on restores what it had, because the whole image only scales. But it also hides the drift from everybody who counts alerts, as their number stays the same. The FDA's answer is a **predetermined change control plan** [14]: the maker says beforehand what may change, how each change is tested, and what it may do; within this plan no new application is needed. Lifetime monitoring is then the same three
# questions every month: are the images as they were, are the rates as promised in each group, which version said what?

# %% [markdown]
# ## A product sheet (7 min)
#
# A real photograph: the retina of unit 06, as it comes with scikit-image. It is what the first autonomous diagnostic program looks at.

# %% tags=["fold"]
from skimage.data import retina

plots.image(
    retina()[::4, ::4],
    alt="A photograph of a retina: an orange disc with vessels and a bright spot.",
    title="A real retina",
    size=3.2,
)

# %% [markdown] tags=["notes"]
# In April 2018 the FDA permitted the marketing of IDx-DR by its **De Novo** way, which is for devices without a predecessor [4]. It was the first that gives a screening decision without a clinician who interprets the image. Note how narrow it is. It takes photographs of one camera, of adults with diabetes who have no other eye disease and no earlier laser treatment, and answers one question with two sentences. Most medical
# programs are **narrow** in this sense; a *general* one would have to notice whatever else is there. In 2016 G. Hinton said that people should stop training radiologists, as within five years, perhaps ten, deep learning would be better [15]. It was a statement about one task, reading, made about a job that consists of many; and the programs that came are read by radiologists.

# %% [markdown]
# What should a sheet say? The FUTURE-AI guideline, agreed by 117 experts from 50 countries [16], has six principles:
#
# | principle | ask |
# |---|---|
# | **F**airness | rates by group, with numbers of patients? |
# | **U**niversality | tried in other hospitals, with other devices? |
# | **T**raceability | which version, which data, logged and monitored after installation? |
# | **U**sability | tried by the people who will use it, in their work? |
# | **R**obustness | what happens with noise, other settings, bad input? |
# | **E**xplainability | can the reader see why? |
#
# And here is a sheet, which we made up:
#
# > **LungScore 2** finds emphysema in chest CT. *Tested* in 1,240 consecutive patients of five hospitals in three countries, on scanners of four vendors: AUC 0.91 (95 % interval 0.89 to 0.93). *Results by sex, age and scanner* are in the appendix; the lowest AUC of a group was 0.88 (women above 75, 96 patients). *With
# > noise, with contrast agent and with missing slices*: appendix; scans that are out of range are refused with a message. *A map* shows which voxels count. *A survey*: 14 radiologists, to whom it was shown at a congress, found it attractive. The program is updated automatically overnight, so you always have the newest one. It makes a second look at the scan unnecessary.

# %%
missing = ask(
    "Two principles are not met. Which?",
    "Fairness and Robustness",
    "Universality and Usability",
    "Traceability and Usability",
    "Traceability and Fairness",
    "Universality and Explainability",
)
missing

# %%
sheet = {
    "Fairness": "results by sex, age and scanner, with numbers",
    "Universality": "five hospitals in three countries, four vendors",
    "Traceability": None,  # another program every night: no version, no log, no monitoring
    "Usability": None,  # nobody has used it in his work
    "Robustness": "noise, contrast agent and missing slices; bad input is refused",
    "Explainability": "a map shows which voxels count",
}
missing.reveal(" and ".join(name for name, evidence in sheet.items() if evidence is None))

# %% [markdown]
# A program that is another one every night has no version to which the AUC belongs. The sheet names no log and nothing that watches it. And nobody has *used* it: liking a picture at a congress is no reader study, so nobody knows how it leads its readers. The last sentence takes a narrow program for a general one, because a scan that
# is read for emphysema alone may hold a nodule. Two more gaps are those of the first half: what is the PPV at *your* prevalence, and were the 1,240 as ill as your patients?
#
# And Tomás? He had covered the box with a card, and wrote *cluster* before he looked. It said no. He knew that on noisy images it misses one cluster in four, so he kept his answer and marked the case as a disagreement. In a month somebody will count how often he was right in such cases, and how often the box.

# %% [markdown]
# ## What to remember (1 min)
#
# Here is the zoo: eleven pitfalls, and triage. Each line was computed above, so a section that you skipped is missing. *After* is what the cure gave, or the honest number where there was nothing to be gained.

# %%
pd.DataFrame(zoo, columns=["pitfall", "number", "before", "after"]).set_index("pitfall").round(3)

# %% [markdown]
# - Ask the score for the confounder; hide the disease and train on the rest; run the pipeline on noise.
# - Spectrum and prevalence belong to the clinic, so no AUC of a trial tells you a PPV.
# - Report every rate by group, and say how many groups you looked at.
# - A defence that hides the gradient is none; a control with random signs belongs to every attack.
# - A sorted list takes from some what it gives to others: measure the missed apart.
# - Simulate the false alarms of a bell, with the reference that you have.
# - Decide first, then look at the box.

# %% [markdown]
# ## Quiz (2 min)
#
# **1.** An attack lowers an AUC from 0.9 to 0.6, and so does noise of the same size. What have you learnt about the attack?
#
# <details><summary>Answer</summary>
#
# Nothing: the model is weak against any change of that size. Only what goes beyond the control is due to the direction.
#
# </details>
#
# **2.** A triage program finds every urgent case, and the mean wait over all patients stays the same. Who paid?
#
# <details><summary>Answer</summary>
#
# Those who are not urgent. With a fixed amount of work, minutes are moved and not made.
#
# </details>
#
# **3.** A vendor promises one false alarm in 1,000 patients "by the standard formula". What do you ask?
#
# <details><summary>Answer</summary>
#
# From how many reference patients mean and standard deviation come, and what a simulation with them gives.
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
# 1. Y. I. Kim et al., *Gender differences of airway dimensions in anatomically matched sites on CT in smokers*, COPD (2011); the figures are in its abstract.
# 2. M. de Bruijne, *Machine learning in medical imaging*, lecture, Copenhagen, 12 March 2021.
# 3. J. G. Lijmer et al., *Empirical evidence of design-related bias in studies of diagnostic tests*, JAMA 282 (1999); its abstract.
# 4. FDA, *FDA permits marketing of artificial intelligence-based device to detect certain diabetes-related eye problems*, press release, 11 April 2018.
# 5. A. Koenecke et al., *Racial disparities in automated speech recognition*, PNAS 117 (2020),
#    [doi:10.1073/pnas.1915768117](https://doi.org/10.1073/pnas.1915768117); mean word error rates, in its abstract.
# 6. J. Buolamwini, T. Gebru, *Gender shades: intersectional accuracy disparities in commercial gender classification*, Proc. Mach. Learn. Res. 81 (2018).
# 7. J. Larson et al., *How we analyzed the COMPAS recidivism algorithm*, ProPublica, 23 May 2016.
# 8. A. Taib et al., *Automation bias in action: how AI influences human decision making and reading behaviour during mammography interpretation*, meeting abstract;
#    median experience 14 years, 14 of the 60 cases were missed by the program.
# 9. I. J. Goodfellow, J. Shlens, C. Szegedy, *Explaining and harnessing adversarial examples*, [arXiv:1412.6572](https://arxiv.org/abs/1412.6572).
# 10. G. Bortsova et al., *Adversarial attack vulnerability of medical image analysis systems: unexplored factors*, [arXiv:2006.06356](https://arxiv.org/abs/2006.06356).
# 11. A. Athalye, N. Carlini, D. Wagner, *Obfuscated gradients give a false sense of security*, [arXiv:1802.00420](https://arxiv.org/abs/1802.00420).
# 12. FDA, *FDA permits marketing of clinical decision support software for alerting providers of a potential stroke in patients*, press release, 13 February 2018.
# 13. E. S. Page, *Continuous inspection schemes*, Biometrika 41 (1954).
# 14. FDA, *Marketing submission recommendations for a predetermined change control plan for artificial intelligence-enabled device software functions*, guidance, final version of August 2025.
# 15. G. Hinton at the seminar *Machine learning and the market for intelligence*, Toronto, 2016.
# 16. K. Lekadir et al., *FUTURE-AI: international consensus guideline for trustworthy and deployable artificial intelligence in healthcare*, BMJ 388 (2025),
#     [doi:10.1136/bmj-2024-081554](https://doi.org/10.1136/bmj-2024-081554).
# 17. M. Saerens, P. Latinne, C. Decaestecker, *Adjusting the outputs of a classifier to new a priori probabilities*, Neural Comput. 14 (2002),
#     [doi:10.1162/089976602753284446](https://doi.org/10.1162/089976602753284446): the prior correction where the new prevalence is unknown.
#
# Now do the lab: `exercises/19_pitfalls.ipynb`.

# %% [markdown] tags=["instructor"]
# **The ring.** Ask what a ring of eight pixels can know before anybody trains on it; write the three answers on the board.
#
# **Who waits?** Play it with eight students in a row, a clock and a chair. Let one of the called be missed, and ask her.
#
# **The bell.** Let each row draw forty reference patients and compute its own mean: the rows will ring at different rates.
