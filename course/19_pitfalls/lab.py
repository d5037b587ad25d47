# %% [markdown]
# ## Five numbers (7 min)
#
# You sit on the committee that decides about programs in a hospital. In this lab you predict, mend what others wrote, attack, carry numbers to another
# clinic, read an abstract that was written for you alone, and make a plan with a price.
#
# **Predict first.** Five things happen, one at a time. Does the number go `up` or `down`, or does it stay the `same` (within a hundredth)?
#
# - **A.** A test has a sensitivity of 0.6 and a specificity of 0.9. The prevalence falls from 20 % to 2 %. The number is the *negative* predictive value: the share of the healthy among those
#   who are **not** called.
# - **B.** A study leaves out the doubtful: the ill whose scores are low and the healthy whose scores are high. The number is the AUC.
# - **C.** A triage program calls *everybody*. The number is the mean wait of the urgent, compared with no program.
# - **D.** A new detector adds noise to the images and so to the scores; the cut stays where it was. The number is the specificity.
# - **E.** A trial with no true effect tests twenty independent outcomes in place of ten, each at 5 %. The number is the chance of at least one false finding.
#
# And why? Choose the letter of the reason that fits best:
#
# - `a` the order in which patients are taken is as before
# - `b` fewer of those who are left in this group are ill
# - `c` there are more chances for an error
# - `d` the pairs that are hard to tell apart are gone
# - `e` there are fewer patients
# - `f` more of the healthy cross a line that has not moved
# - `g` fewer of the ill are found
# - `h` each part of it keeps its own error
# - `i` the mixture of ill and healthy is another
#
# Write both as one text, for each of the five: `{"A": "up e", "B": …}`.

# %%
import mlmi_course
import numpy as np

from mlmi_course.questions import u19_pitfalls as q

# %%
### BEGIN SOLUTION
what_happens = {"A": "up b", "B": "up d", "C": "same a", "D": "down f", "E": "up c"}
### END SOLUTION

# %%
q.what_happens.check(what_happens)

# %% [markdown]
# Stuck? Delete the `#` in the next cell and run it. Run it again for the next hint.

# %%
# q.what_happens.hint()

# %% [markdown]
# What a simulation says. Draw it after you have answered.

# %%
q.what_happens.show(what_happens)

# %% [markdown]
# ## Mend a matching (7 min)
#
# A program for brain atrophy follows the age, and the ill are older. A colleague wants an AUC that age can hardly help, so he cuts the ages into boxes and counts the pairs within each box:


# %%
def colleagues_matched(labels, scores, ages, years):
    """Return an AUC of pairs of the same age."""
    won = pairs = 0
    for box in np.unique(ages // years):
        here = ages // years == box
        for ill in scores[here & (labels == 1)]:
            for healthy in scores[here & (labels == 0)]:
                won += ill > healthy
                pairs += 1
    return won / pairs


# %% [markdown]
# With boxes of ten years, people of 49 and 50 are no pair, while people of 50 and 59 are. And there is more to mend. Write `matched_auc`:
#
# - A pair is one ill (label 1) and one healthy person (label 0) whose ages differ by `years` or less.
# - It is won if the ill one has the higher score. Equal scores are a draw and count a half.
# - Return the share of the pairs that are won; each pair counts the same. Where there is no pair, return `nan`.


# %%
# leak-ok: it stands beside the faulty function that is to be mended
def matched_auc(labels, scores, ages, years):
    """Return an AUC of pairs whose ages differ by `years` or less."""
    ### BEGIN SOLUTION
    ill, healthy = labels == 1, labels == 0
    alike = np.abs(ages[ill][:, None] - ages[healthy]) <= years
    higher = scores[ill][:, None] > scores[healthy]
    equal = scores[ill][:, None] == scores[healthy]
    if not alike.any():
        return np.nan
    return (higher + 0.5 * equal)[alike].mean()
    ### END SOLUTION


# %%
q.matched_auc.check(matched_auc)

# %%
# q.matched_auc.hint()

# %% [markdown]
# ## Attack a texture (9 min)
#
# A program scores a lesion by the texture of its region: $f = w \log v$, where $v$ is the variance of the grey values *inside the region* (the mean squared distance from the region's mean). The weight $w$ may be above or below zero.
# An attacker changes pixels of the region by at most `epsilon`, wants the score of an ill patient low and that of a healthy one high, and uses the fast gradient sign method. So he needs the
# sign of $\partial f / \partial x_i$ in each pixel. It takes one line of calculus.
#
# Write `attacked`. `image` holds grey values from 0 to 1, `mask` is True in the region, `ill` is True or False, and `signs` has the shape (patterns, rows, columns) and holds −1 and 1. Return a dictionary:
#
# - `"image"`: the attacked image. Pixels outside the region stay, and all values are clipped to 0 … 1.
# - `"attack"`: by how much the score has changed, after minus before.
# - `"control"`: the mean change of the score over the patterns, each of which moves the pixels of the region by `epsilon` times its signs, clipped in the same way.


# %%
def attacked(image, mask, weight, ill, epsilon, signs):
    """Return the attacked image, the change of its score, and that of the control."""

    ### BEGIN SOLUTION
    def score(one):
        return weight * np.log(one[mask].var())

    def moved(pattern):
        return np.clip(image + epsilon * np.where(mask, pattern, 0), 0, 1)

    uphill = np.sign(weight * (image - image[mask].mean()))  # the sign of the gradient
    changed = moved(-uphill if ill else uphill)
    control = np.mean([score(moved(one)) - score(image) for one in signs])
    return {"image": changed, "attack": score(changed) - score(image), "control": control}
    ### END SOLUTION


# %%
q.attacked.check(attacked)

# %%
# q.attacked.hint()

# %% [markdown]
# ## Three classes, another clinic (8 min)
#
# A program tells *normal*, *benign* and *malignant*, as three probabilities a patient. Its training set had shares `trained`, your clinic has shares `here`, and the normal, benign and malignant patients look as they did there. Write
# `carried_over`:
#
# - Correct the probabilities. The lecture's formula is for two classes; go back to Bayes: a probability is proportional to likelihood times prevalence, and the three of a patient sum to 1.
# - Then compute the Brier score of the corrected ones *as Brier defined it*: for each patient the sum over all **three** classes of (probability − truth)², with a truth of 1 for the class that it was and 0 for the others. (For two classes many packages give
#   [half of it](../docs/conventions.md#brier-score-of-two-classes-one-sum-or-two).)
# - The patients in `labels` (0, 1 or 2) come in any mixture. Weigh each, so that the classes have the shares of `here`: a patient of class $k$ by `here[k]` over the share of class $k$ in `labels`. The score is the weighted mean.
#
# Return `{"probabilities": …, "brier": …}`, with an array of shape (n, 3).


# %%
def carried_over(probabilities, trained, here, labels):
    """Return probabilities at another prevalence, and their Brier score there."""
    ### BEGIN SOLUTION
    p = probabilities * here / trained
    p = p / p.sum(axis=1, keepdims=True)
    each = ((p - np.eye(3)[labels]) ** 2).sum(axis=1)
    share = np.bincount(labels, minlength=3) / len(labels)
    return {"probabilities": p, "brier": np.average(each, weights=here[labels] / share[labels])}
    ### END SOLUTION


# %%
q.carried_over.check(carried_over)

# %%
# q.carried_over.hint()

# %% [markdown]
# ## Mend a worklist (9 min)
#
# At noon several readers share one list, and a program gives each patient a level: 0 goes before 1, and 1 before 2. A colleague computes how long each waits:


# %%
def colleagues_waits(arrive, minutes, level, readers):
    """Return the wait of each patient in minutes."""
    free = np.zeros(readers)
    wait = np.empty(len(arrive))
    for one in np.lexsort([arrive, level]):  # by level, then by arrival
        reader = free.argmin()
        begin = max(free[reader], arrive[one])
        wait[one] = begin - arrive[one]
        free[reader] = begin + minutes[one]
    return wait


# %% [markdown]
# Her program is a success: the patients of level 0 hardly wait. But she has readers sit idle for patients who will come tomorrow. Write `two_readers` as it should be:
#
# - The next scan is begun by the reader who is free first. She takes one of the patients who *have arrived* by the time she is free. If nobody is there, she waits for the next arrival.
# - Of those who are there she takes the smallest level, and within a level who came first. A scan that was begun is finished.
# - Return the minutes from arrival until the scan is begun, for each patient, in the order of `arrive` (which ascends; no two come at once). All readers are free at time 0.


# %%
# leak-ok: it stands beside the faulty function that is to be mended
def two_readers(arrive, minutes, level, readers):
    """Return the wait of each patient in minutes, with one list for several readers."""
    ### BEGIN SOLUTION
    free = np.zeros(readers)
    wait = np.empty(len(arrive))
    left = list(range(len(arrive)))
    while left:
        reader = free.argmin()
        now = max(free[reader], arrive[left[0]])
        there = [i for i in left if arrive[i] <= now]
        one = min(there, key=lambda i: (level[i], arrive[i]))
        wait[one] = now - arrive[one]
        free[reader] = now + minutes[one]
        left.remove(one)
    return wait
    ### END SOLUTION


# %%
q.two_readers.check(two_readers)

# %%
# q.two_readers.hint()

# %% [markdown]
# ## An abstract of your own (9 min)
#
# Ten sentences of an abstract (which we made up), five of them faulty. There are ten thousand such abstracts, so take a number from 0 to 9999 that is yours: the last four digits of your student number, say (42 for 0042). Put it in place of 1234, which nobody may hand in.

# %%
number = 1234  # put yours here
print(q.abstract(number))

# %% tags=["solution"]
print(q.abstract(4242))  # an abstract for the answer below

# %% [markdown]
# A sentence is faulty if it claims more than was measured, or if what it describes spoils the measurement. A choice that is stated, and a result that is disappointing but told, are no faults. Put your number and the five letters into `faults`, as
# `{"number": …, "letters": "…"}`.

# %%
### BEGIN SOLUTION
faults = {"number": 4242, "letters": "ACHIJ"}
### END SOLUTION

# %%
q.faults.check(faults)

# %%
# q.faults.hint()

# %% [markdown]
# And what **one** thing would you demand before this program comes to *your* hospital, with which number would you refuse, and whom does it protect? Two or three sentences. (A person marks them: one point for a check that can be done with you, and a number.)

# %%
### BEGIN SOLUTION
one_demand = """
Run it silently for a month on all chest radiographs of our emergency room, about 600 patients, and count the right alerts.
If fewer than one alert in ten is right, with the lower end of the 95 % interval below one in twenty, we refuse: nobody would look at the
eleventh. It protects the patient whose alert comes after ten false ones.
"""
### END SOLUTION

# %%
q.one_demand.check(one_demand)

# %%
# q.one_demand.hint()

# %% [markdown]
# ## A monitoring plan with a price (11 min)
#
# You watch one number a patient, and the program reads 10,000 patients a year. Each false alarm brings an engineer, which costs as much as reading `visit` patients by hand. There are `drifts` drifts a year, up or down, each of the size `drift` (in the
# units of the number; its sign says which way it goes here), and after each the patients up to the alarm must be read by hand. Which alarm level is cheapest?
#
# Write `plan`. It listens on **both** sides. All sums are of $z$, the number minus the mean of the reference, divided by its standard deviation (`np.std`), and $k$ is half of the drift's size in these units:
#
# $$ U_t = \max(0, U_{t-1} + z_t - k), \qquad D_t = \max(0, D_{t-1} - z_t - k). $$
#
# Both begin at 0, and the bell rings at the first patient at whom either is *above* the level $h$.
#
# - `picks` has the shape (runs, patients): each row is one run without a drift, as places in `reference`. So `z[picks]` are the runs.
# - The **rate of false alarms** of a level is the number of runs that rang, divided by the number of patients who were watched: in a run that rang those up to and with the alarm, in one that did not, all.
# - The **delay** is measured on the same runs, with the drift added to every patient: the mean over the runs of the patient number at which it rings, or all patients of the run if it does not.
# - A level costs 10,000 × rate × `visit` + `drifts` × delay, in patients a year.
#
# Return `{"level": …, "cost": …}` of the cheapest of `levels`.


# %%
def plan(reference, drift, picks, levels, visit, drifts):
    """Return the cheapest level of an alarm, and its cost a year."""
    ### BEGIN SOLUTION
    z = (reference - reference.mean()) / reference.std()
    shift = drift / reference.std()

    def bell(runs, h):
        up, down = np.zeros(len(runs)), np.zeros(len(runs))
        rang = np.zeros(len(runs), bool)
        when = np.full(len(runs), runs.shape[1])
        for t, one in enumerate(runs.T):
            up = np.maximum(0, up + one - abs(shift) / 2)
            down = np.maximum(0, down - one - abs(shift) / 2)
            new = ~rang & ((up > h) | (down > h))
            when[new] = t + 1
            rang |= new
        return when, rang

    costs = []
    for h in levels:
        when, rang = bell(z[picks], h)
        delay = bell(z[picks] + shift, h)[0].mean()
        costs.append(10_000 * rang.sum() / when.sum() * visit + drifts * delay)
    best = int(np.argmin(costs))
    return {"level": levels[best], "cost": costs[best]}
    ### END SOLUTION


# %%
q.plan.check(plan)

# %%
# q.plan.hint()

# %% tags=["solution", "nbval-check-output"]
from mlmi_course.checks import result

rng = np.random.default_rng(0)
fine_grain = rng.normal(-4, 0.17, 200)
runs, levels = rng.integers(0, 200, (200, 1000)), np.arange(3, 21)
for visit in (3, 300):
    cheapest = plan(fine_grain, -0.105, runs, levels, visit, 4)
    result(f"a visit costs {visit} patients: level", int(cheapest["level"]))
    result("patients a year", cheapest["cost"], within=(0, 4000))

# %% [markdown] tags=["solution"]
# Where an engineer costs much, the cheapest bell is a slow one. "One false alarm in 1,000" is no law; it is the answer to a question about money.

# %% [markdown]
# ## Mend the sum (10 min, deeper)
#
# A program came from another hospital. On `told`, the probabilities of your own patients, it is too hopeful or too pessimistic: their mean is not the share of those who turned out ill (`outcome`, 0 or 1). A colleague multiplies all probabilities by one factor, and now some are above 1.
#
# Write `recalibrated`. Add one number $d$ to the log odds of every patient, such that the mean of the moved probabilities of your patients *is* the mean of `outcome`. Return the `probabilities` of new patients, moved by the same $d$. All are above 0 and below 1.
# (The calibration slope stays as it is; this is the number that needs the fewest patients.)


# %%
def recalibrated(told, outcome, probabilities):
    """Return the new patients' probabilities, moved so that the local sum is right."""
    from scipy.optimize import brentq
    from scipy.special import expit, logit

    ### BEGIN SOLUTION
    def excess(d):
        return expit(logit(told) + d).mean() - outcome.mean()

    return expit(logit(probabilities) + brentq(excess, -30, 30))
    ### END SOLUTION


# %%
q.recalibrated.check(recalibrated)

# %%
# q.recalibrated.hint()

# %% [markdown]
# ## Stretch: planted errors
#
# You plant wrong advice among a reader's cases, to measure how often he is right where the box is wrong. In truth it is 60 of 100. How many planted errors give a 95 % interval (Wilson's) of ± 0.10 or better? And if you may plant only one in fifty cases, how many cases must he read?
#
# Guess first. There is no check; the answer is in the solution.

# %%
from statsmodels.stats.proportion import proportion_confint


def half_width(planted, right=0.6):
    """Return half of the length of Wilson's interval."""
    ### BEGIN SOLUTION
    low, high = proportion_confint(round(right * planted), planted, method="wilson")
    return (high - low) / 2
    ### END SOLUTION


# %%
# print({planted: round(half_width(planted), 3) for planted in (10, 50, 100, 200)})

# %% tags=["solution", "nbval-check-output"]
needed = next(n for n in range(5, 1000) if half_width(n) <= 0.1)
result("planted errors for ± 0.10", needed)
result("cases, with one in fifty planted", 50 * needed)

# %% [markdown] tags=["solution"]
# **Answer.** Some ninety planted errors, and so more than four thousand cases: months of reading for one person. That is why automation bias is measured over many readers at once, and why the twelve patches of the lecture could show it to you, and could not measure it.

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
