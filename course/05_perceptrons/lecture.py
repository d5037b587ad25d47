# %% [markdown]
# ## You need (3 min)
#
# **The first half: a lump.** Mrs Cremer, 47, has found a lump in her breast. On the ultrasound image a radiologist measures its diameter, 1.8 cm, and how
# rough its outline is, 2.0 on a scale from 0 to 5. Should a needle take cells from it? A wrong *no* costs time that she may not have.
# A wrong *yes* costs pain and a week of fear. Somebody has to decide by two numbers, and a machine could learn how. Which machine, and what would it tell her?

# %% [markdown] tags=["notes"]
# Five ideas carry this lecture. The second cell below shows them in numbers; change them.
#
# | term | meaning |
# |---|---|
# | **feature** | one number that describes a patient, an image or a cell; $p$ of them make a vector $\mathbf{x}$ |
# | **weighted sum** | $\mathbf{w}\cdot\mathbf{x} = w_1 x_1 + w_2 x_2 + \dots$, in NumPy `w @ x` |
# | **length** | $\lVert\mathbf{w}\rVert = \sqrt{w_1^2 + w_2^2 + \dots}$ |
# | **derivative** | how much the result changes, per unit, when one number changes a little and all others stay |
# | **gradient** | all derivatives of one result, one for each weight; it points uphill |
#
# Derivatives of nested functions multiply. This is the **chain rule**: the derivative of $f(g(w))$ is
# $f'(g(w)) \cdot g'(w)$.

# %%
from functools import cache

import mlmi_course
import numpy as np
from threadpoolctl import threadpool_limits

from mlmi_course import metrics, plots, widgets
from mlmi_course.checks import Predictions, result
from mlmi_course.questions.u05_perceptrons import lumps, overlapping

threads = threadpool_limits(1)  # small tables: several threads only wait for each other
ask = Predictions("05_perceptrons")

# %%
x = np.array([2.0, 1.0])  # two features
w = np.array([3.0, -4.0])  # and a weight for each
print("weighted sum", w @ x)
print("length of w ", np.linalg.norm(w))
print("derivative of w² at 3, by a small step:", round((3.001**2 - 2.999**2) / 0.002, 6))
print("gradient of w₁² + w₁·w₂ at (3, −4):", [2 * 3 - 4, 3])
print("chain rule for (2w + 1)² at 3:", 2 * (2 * 3 + 1) * 2)

# %% [markdown] tags=["notes"]
# The lecture asks you to predict before it shows. Answer with the buttons, or in code
# (`by_one.guess("…", sure=True)`). Nothing stops if you do not.

# %% [markdown]
# ## Two numbers of a lump (4 min)
#
# Here are forty earlier lumps, with what the needle found. **They are invented**: drawn at random, and labelled by a straight line that we keep
# to ourselves. So we know that a line exists, and can ask who finds it.

# %% tags=["fold"]
rows, labels = lumps(40, seed=44, gap=0.4)
features, signs = rows[:, :2], 2 * labels - 1  # signs: −1 benign, +1 malignant
names = {"names": ("benign", "malignant"), "xlabel": "diameter (cm)", "ylabel": "roughness (0–5)"}
plots.decision(
    features,
    labels,
    **names,
    alt="Forty lumps by diameter and roughness: benign at the lower left, malignant at the upper "
    "right, with an oblique gap between them.",
)

# %% [markdown]
# Large lumps are often malignant. Perhaps the diameter alone is enough, with the best possible threshold.

# %%
by_one = ask(
    "Of these forty: how many are wrong by the diameter alone, at best?",
    "none",
    "about 5",
    "about 15",
)
by_one


# %%
def fewest_wrong(one_feature):
    """Return the errors of the best threshold on one feature."""
    return min(int(((one_feature > t) != labels).sum()) for t in one_feature)


# %% tags=["nbval-check-output"]
by_diameter = fewest_wrong(features[:, 0])
result("wrong by diameter alone, at best", by_diameter)
result("wrong by roughness alone, at best", fewest_wrong(features[:, 1]))

# %%
counts = {"none": 0, "about 5": 5, "about 15": 15}
by_one.reveal(min(counts, key=lambda text: abs(counts[text] - by_diameter)))

# %% [markdown]
# Neither number is enough: at best five lumps are wrong by the diameter and six by the roughness. A weighted
# sum of both is enough, because an oblique line separates the two classes. They are **linearly separable**.

# %% [markdown]
# ## Programming, or learning (2 min, deeper)
#
# You could *program* the answer: a person who knows the rule writes it down, "malignant above 2.2 cm".
# In **learning** a person writes only the *form* of the rule, with some numbers left open, and a procedure
# chooses these numbers from examples, as `fewest_wrong` chose a threshold. So a learnt
# rule is as good as its examples, and it can be wrong in ways that no line of code shows. What the examples are makes the kinds of learning:
#
# | kind | what the procedure is given | for example |
# |---|---|---|
# | **supervised** | inputs, each with its answer | lumps and their biopsies: all of this unit |
# | **unsupervised** | inputs alone | which tumours resemble one another? |
# | **semi-supervised** | many inputs, a few answers | 10,000 scans, 100 of them outlined |
# | **weakly supervised** | coarse answers | "emphysema somewhere in this scan" |
# | **self-supervised** | inputs with a part hidden, which is the answer | guess the missing patch of an MRI |
# | **reinforcement** | a reward, long after the choice | the dose at each visit of a treatment |
#
# A hospital has 5,000 scans with reports that name the disease but not the place, and wants the place outlined:
# that is weakly supervised, because the answer that the procedure is given is coarser than the one that it must give.

# %% [markdown] tags=["notes"]
# ## What a cell of the visual cortex adds up (6 min)
#
# Who finds such a line? One of the first machines that learnt weights from answers was a model of a nerve cell, so look at a nerve cell first.
#
# Seeing begins in the **retina**. Its cells have a round **receptive field**, the part of the image that a cell sees [13]. In 1959 David Hubel and Torsten Wiesel
# listened to single nerve cells in the visual cortex of cats [1]. Even light did little there, but a bar at the right angle, in the right place, made a cell fire, and each cell had its own angle. They later called these **simple cells** [2]. The receptive field of
# such a cell has stripes: light on some of them excites the cell, light on the others silences it, and what falls on several stripes adds up. That is a weighted sum, with weights above and below
# zero. Other cells, the **complex cells**, respond to the angle, but do not care where exactly the bar lies [2].
#
# The signal goes on along the **ventral pathway**, the *what* stream of the brain: from the primary
# visual cortex (V1) through V2 and V4 to the inferior temporal cortex. On the way receptive
# fields grow, and what a cell responds to becomes more complex: an edge, a corner, a part, a
# face [3]. The networks of part III of this course are built in layers, too.
#
# Below, a simple cell is modelled by 21 × 21 weights, and its image is a bar. From left to right you see the bar, the weights (bright where they are above zero), and the response at all angles, with a line at yours. At 0 degrees the bar is upright. The sum is
# highest for a bright upright bar.

# %%
dark = ask(
    "What will a dark bar at the same place and angle do to the cell?",
    "excite it as much",
    "excite it half as much",
    "silence it",
)
dark

# %%
row, column = np.mgrid[-10:11, -10:11]
receptive_field = np.exp(-(row**2 + column**2) / 32) * np.cos(2 * np.pi * column / 9)
receptive_field -= receptive_field.mean()  # an even light must not excite the cell


def bar(angle, light):
    """Return an image of a bar, bright (1) or dark (−1), turned by an angle in degrees."""
    away = column * np.cos(np.deg2rad(angle)) + row * np.sin(np.deg2rad(angle))
    return light * np.exp(-(away**2) / 6)


# %% tags=["fold"]
angles = np.arange(-90, 91, 5)


def cell(axes, angle, light):
    """Draw the bar, the weights, and the response at every angle."""
    sign = {"bright": 1, "dark": -1}[light]
    plots.image(bar(angle, sign), vmin=-1, vmax=1, ax=axes[0])
    plots.image(receptive_field, vmin=-1, vmax=1, title="weights of the cell", ax=axes[1])
    sums = [float((receptive_field * bar(a, sign)).sum()) for a in angles]
    series = {"weighted sum": sums, "the cell": np.maximum(sums, 0)}
    plots.lines(series, x=angles, xlabel="angle (degrees)", ylabel="response", ax=axes[2])
    axes[2].axvline(angle, color=plots.COLOURS["highlight"])
    axes[2].set_ylim(-40, 40)


# %% tags=["fold"]
widgets.explore(
    cell,
    {
        "angle": widgets.Slider("Angle (degrees)", -90, 90, 30, step=5),
        "light": widgets.Choice("Bar", ["bright", "dark"]),
    },
    panels=3,
    size=(9, 3.1),
    settings=[{"angle": 0}, {"angle": 60}, {"angle": 0, "light": "dark"}],
    alt="A bar, the striped weights of a simple cell, and its response to bars of every angle: for "
    "bright bars a peak at 0 degrees, for dark bars none.",
)

# %% tags=["nbval-check-output"]
bright_sum, dark_sum = (float((receptive_field * bar(0, light)).sum()) for light in (1, -1))
result("weighted sum at the best angle", bright_sum)
result("at 60 degrees", float((receptive_field * bar(60, 1)).sum()))
result("at a right angle to it", float((receptive_field * bar(90, 1)).sum()))
result("for a dark bar at the best angle", dark_sum)

# %%
fires = max(dark_sum, 0) / bright_sum
said = {"excite it as much": 1, "excite it half as much": 0.5, "silence it": 0}
dark.reveal(min(said, key=lambda text: abs(said[text] - fires)))

# %% [markdown]
# The dark bar silences it. Its sum is below zero, and a cell cannot fire less than not at all. So the model cell is a weighted sum and a **bend**: a
# curve that is not straight, here with a corner at 0. Such a cell is a **matched filter**: it looks for what looks like its own weights. And it is
# blind to the dark bar: to see both, *one* weighted sum is not enough. We come back to this.

# %% [markdown]
# ## A row of round fields (2 min, deeper)
#
# Between retina and cortex lies the **lateral geniculate nucleus** (LGN), whose cells have the same round fields: light in the centre excites a cell, light in the
# ring around it silences it, or the other way round [13]. So even light is nearly lost on the way, and borders remain. Hubel and Wiesel proposed that a simple
# cell adds up LGN cells whose fields lie in a row [2]. None of these knows an angle.

# %%
in_row = ask("Will their sum prefer a bar along the row to one across it?", "yes", "no")
in_row


# %%
def round_field(up):
    """Return the weights of an LGN cell: a bright centre, a dark ring, nothing for even light."""
    away = (row - up) ** 2 + column**2
    centre, ring = (np.exp(-away / (2 * size**2)) for size in (1.5, 2.5))
    return centre / centre.sum() - ring / ring.sum()


in_a_row = sum(round_field(up) for up in range(-8, 9, 2))

# %% tags=["nbval-check-output"]
along, across = (float((in_a_row * bar(angle, 1)).sum()) for angle in (0, 90))
result("a round field, even light", abs(round(float(round_field(0).sum()), 9)))
result("nine round fields in a row, bar along the row", along)
result("the same, bar across the row", across)

# %%
in_row.reveal("yes" if along > 2 * abs(across) else "no")

# %% [markdown]
# It does. The angle is not in the parts but in how they are arranged: nine fields in a row respond to a bar along the row, and hardly to one across it.

# %% [markdown]
# ## Rosenblatt's perceptron (4 min)
#
# In 1957, two years before the paper of Hubel and Wiesel [1], the psychologist Frank Rosenblatt had described
# a machine of model nerve cells that *learns* its weights [4]. His **perceptron** computes a
# **score** $z$ and decides by its sign:
#
# $$ z = \mathbf{w} \cdot \mathbf{x} + b, \qquad
#    \hat y = \begin{cases} \text{malignant} & z > 0 \\ \text{benign} & z < 0 \end{cases} $$
#
# The **weights** $\mathbf{w}$ say how much each feature counts. The **bias** $b$ moves the border.
# Without it, the border would always go through the point where all features are 0. With two
# features the border $z = 0$ is a straight line.
#
# Find the weights by hand. Triangles are malignant, and the shaded side is where the perceptron says
# *malignant*. A lump on the wrong side gets a ring. And once you have found a line without errors: what happens to it if you double all three numbers?


# %% tags=["fold"]
def errors(weights):
    """Return how many lumps are on the wrong side, for (weight, weight, bias)."""
    return int((signs * (rows @ weights) <= 0).sum())


def by_hand(ax, diameter, roughness, bias):
    """Draw the border for three numbers."""
    score = lambda points: points @ [diameter, roughness] + bias
    box = (0, 4.3, -0.3, 5.3)
    plots.decision(features, labels, score, **names, limits=box, legend=False, ax=ax)


widgets.explore(
    by_hand,
    {
        "diameter": widgets.Slider("Diameter weight", -2.0, 2.0, 1.0, step=0.1),
        "roughness": widgets.Slider("Roughness weight", -2.0, 2.0, 0.0, step=0.1),
        "bias": widgets.Slider("Bias", -8.0, 8.0, -2.2, step=0.1),
    },
    say=lambda **v: f"{errors(list(v.values()))} of 40 lumps are on the wrong side.",
    settings=[{"roughness": 0.0}, {"roughness": 0.4}, {"roughness": 0.8, "bias": -4.0}],
    alt="Forty lumps and the border of a perceptron; lumps on its wrong side have a ring.",
)

# %% tags=["nbval-check-output"]
good = np.array([1.0, 0.8, -4.0])
result("wrong with weights 1, 0.8 and bias −4", errors(good))
result("wrong when all three are doubled", errors(2 * good))
slopes = [-w[0] / w[1] for w in (good, 2 * good)]  # the border in the plane is a straight line
starts = [-w[2] / w[1] for w in (good, 2 * good)]  # and this is where it meets the left edge
result("slope of the border, before and after", f"{slopes[0]:.2f}, {slopes[1]:.2f}")
result("roughness at diameter 0, before and after", f"{starts[0]:.2f}, {starts[1]:.2f}")
result("wrong with the same weights and no bias", errors(good * [1, 1, 0]))

# %% [markdown]
# Nothing happens to it: the border is where the score is 0, and twice 0 is 0. Only the
# *direction* of the three numbers matters. Without the bias, on the other hand, every lump comes out malignant, so the 14
# benign ones are wrong.

# %% [markdown]
# ## One mistake, one update (6 min)
#
# Who finds the weights? Rosenblatt's rule goes through the samples, one after the other:
#
# - **Right side? Do nothing.**
# - **Wrong side? Add the sample to the weights** if it is malignant ($y = +1$), subtract it if it is
#   benign ($y = -1$).
#
# $$ \text{if } y \,(\mathbf{w} \cdot \mathbf{x}) \le 0: \qquad
#    \mathbf{w} \leftarrow \mathbf{w} + \eta \, y \, \mathbf{x} $$
#
# $\eta$ is the **learning rate**, the size of a step; take 1 for now. The bias is one more weight
# whose input is always 1. A score of exactly 0 decides nothing, so it counts as a mistake. We start from weights of zero: all scores are 0, so all forty count as wrong.

# %%
hurt = ask(
    "By how much can a single update raise the number of wrong lumps?",
    "not at all",
    "by 1 to 5",
    "by more than 10",
)
hurt


# %%
def learn(weights, rows, signs, rate=1.0, most_passes=100):
    """Run the perceptron; return all weights it had, and which sample changed them."""
    history, samples = [np.array(weights, dtype=float)], [None]
    for _ in range(most_passes):
        before = len(samples)
        for number, (x, y) in enumerate(zip(rows, signs, strict=True)):
            if y * (history[-1] @ x) <= 0:
                history.append(history[-1] + rate * y * x)
                samples.append(number)
        if len(samples) == before:  # a pass without a mistake: done
            break
    return history, samples


history, samples = learn(np.zeros(3), rows, signs)
wrong = [errors(weights) for weights in history]

# %% tags=["nbval-check-output"]
result("wrong after each update", " ".join(map(str, wrong)))
result("updates until nothing is wrong", len(history) - 1)
largest_rise = int(max(np.diff(wrong)))
result("largest rise by one update", largest_rise)

# %%
rises = {"not at all": 0, "by 1 to 5": 3, "by more than 10": 20}
hurt.reveal(min(rises, key=lambda text: abs(rises[text] - largest_rise)))

# %% [markdown]
# By more than 10: once a single lump was wrong, and the update for it made 26 wrong. An update looks at *one* sample. (The first update leads from 40 to 26, but that
# is little gain, because before it all lumps were undecided, and after it all are called benign.) That the whole thing ends is a small miracle; the next section says how soon.
#
# Step through it. The ring in another colour marks the lump that the last update was made for. Is it always on the right side afterwards?


# %% tags=["fold"]
def step_to(ax, update):
    """Draw the border after so many updates."""
    weights = history[update]
    sample = () if samples[update] is None else samples[update]
    score = lambda points: points @ weights[:2] + weights[2]
    box = (0, 4.3, -0.3, 5.3)
    looks = {"highlight": sample, "limits": box, "legend": False}
    plots.decision(features, labels, score, **names, **looks, ax=ax)


widgets.explore(
    step_to,
    {"update": widgets.Slider("Update", 0, len(history) - 1, 1)},
    say=lambda update: f"After update {update}: {wrong[update]} of 40 lumps are wrong.",
    settings=[{"update": number} for number in (1, 3, 4, 18, 19, 24)],
    alt="The border of the perceptron, which swings to and fro and at last separates the classes.",
)

# %% tags=["nbval-check-output"]
after_own = [signs[s] * (rows[s] @ w) > 0 for s, w in zip(samples[1:], history[1:], strict=True)]
result("updates after which their own lump is right", int(sum(after_own)))
result("updates after which it is still wrong", len(after_own) - int(sum(after_own)))
hers = np.array([1.8, 2.0, 1.0])
result("Mrs Cremer's score at the end", float(history[-1] @ hers))

# %% [markdown]
# Not always, because a step moves the border towards that lump, but maybe not far enough. At the end Mrs Cremer's score is below zero, so the machine says
# *benign*, and it cannot say how sure it is.

# %% [markdown] tags=["notes"]
# Three ways to get the rule wrong:
#
# - **Updating on correct samples too.** Then the weights never come to rest.
# - **Labels of 0 and 1** in a rule for −1 and +1. For a benign lump $y\,\mathbf{x}$ is zero: it always
#   counts as a mistake, and changes nothing.
# - **`<` instead of `<=`.** From weights of zero the learning never starts.

# %% [markdown] tags=["notes"]
# ## How many mistakes? (4 min)
#
# If a line exists, the perceptron finds it, and there is a limit to how many **updates** it makes
# [6]. To state it, give every sample its 1 for the bias. Then
#
# - $R$ is the length of the longest sample, the 1 included;
# - $\gamma$ is the **margin** of a separator $\mathbf{u}$ of length 1: the smallest $y\,(\mathbf{u}
#   \cdot \mathbf{x})$. It says how far the closest sample stays from the border, measured with the 1 as a third coordinate, so not quite as in the picture.

# %% [markdown]
# **The perceptron that starts from zero makes $k \le R^2/\gamma^2$ updates**, whatever the learning rate and the order of the samples. The limit counts updates and not passes
# over the data: a pass, also called an **epoch**, can hold many of them.
#
# Take two samples with one feature each, at +0.1 (malignant) and −0.1 (benign). A colleague forgets the 1 in $R$: he has $R = 0.1$, the separator $(1, 0)$ has $\gamma = 0.1$, and so he
# promises at most one update.

# %%
forgotten = ask("How many updates will be made?", "0", "1", "2", "101")
forgotten

# %% tags=["nbval-check-output"]
two, y = np.array([[0.1, 1.0], [-0.1, 1.0]]), np.array([1, -1])
made = len(learn(np.zeros(2), two, y)[0]) - 1
lengths = np.linalg.norm(two, axis=1)
result("updates made", made)
result("limit, the 1 left out of R", float((np.abs(two[:, 0]).max() / 0.1) ** 2))
result("limit, the 1 in R", float((lengths.max() / 0.1) ** 2))

# %%
forgotten.reveal(str(made))

# %% [markdown]
# Two samples break his promise. The true limit, 101, is far too careful here: it is a promise, and no forecast. How careful is it for lumps? Below, the
# gap between the classes shrinks.

# %% tags=["fold"]
gaps = (0.8, 0.4, 0.2, 0.1, 0.05)
line = np.array([0.8, 0.6, -0.8 * 2.2 - 0.6 * 2.4])  # the line that we kept to ourselves
made_at, limit_at = [], []
for gap in gaps:
    given, sides = lumps(40, seed=44, gap=gap)
    sides = 2 * sides - 1
    margin = (sides * (given @ line)).min() / np.linalg.norm(line)
    made_at.append(len(learn(np.zeros(3), given, sides, most_passes=10**4)[0]) - 1)
    limit_at.append(float((np.linalg.norm(given, axis=1).max() / margin) ** 2))
plots.lines(
    {"updates made": np.log10(made_at), "limit": np.log10(limit_at)},
    x=np.log10(gaps),
    xlabel="log₁₀ of the gap between the classes",
    ylabel="log₁₀ of the number of updates",
    alt="Updates made and their limit against the gap: as the gap closes the limit climbs, and the updates "
    "made hardly do.",
)

# %% tags=["nbval-check-output"]
for gap, number, limit in zip(gaps, made_at, limit_at, strict=True):
    result(f"gap {gap}: updates made, and the limit", f"{number}, {limit:.0f}")

# %% [markdown]
# Here the limit climbs from 640 to more than 100,000, while the perceptron needs between 24 and 45 updates. A limit speaks of the worst order and the worst samples, which
# these lumps are not. But where classes overlap there is no line, no $\gamma$ and no limit, and the perceptron never rests. With two numbers of each lump that is the usual case. So the next unit
# does not ask *which side?* but *how probable?*

# %% [markdown]
# ## The bound for any start (8 min, deeper)
#
# *Why does $R^2/\gamma^2$ hold?* Each update adds $\eta\, y\, \mathbf{u}\cdot\mathbf{x}$ to $\mathbf{u}\cdot\mathbf{w}$, and that
# is at least $\eta\gamma$. After $k$ updates, $\mathbf{u}\cdot\mathbf{w} \ge \eta k \gamma$. Now the squared
# length of the weights:
#
# $$ \lVert \mathbf{w} + \eta y \mathbf{x} \rVert^2 = \lVert \mathbf{w} \rVert^2
#    + 2 \eta\, y\, \mathbf{w}\cdot\mathbf{x} + \eta^2 \lVert \mathbf{x} \rVert^2 $$
#
# The middle term is at most 0, because the sample was a mistake. So the squared length grows by at most
# $\eta^2 R^2$ each time, and after $k$ updates $\lVert\mathbf{w}\rVert \le \eta \sqrt{k}\, R$. Since
# $\mathbf{u}$ has length 1, $\mathbf{u}\cdot\mathbf{w} \le \lVert\mathbf{w}\rVert$. Together:
# $\eta k \gamma \le \eta \sqrt{k}\, R$. Square it and divide by $\eta^2 k \gamma^2$.
#
# Start elsewhere, at $\mathbf{w}_0$, and there is a wrong opinion to unlearn first. Then
# $\mathbf{u}\cdot\mathbf{w} \ge \eta k \gamma - \lVert\mathbf{w}_0\rVert$, and
# $\lVert\mathbf{w}\rVert^2 \le \lVert\mathbf{w}_0\rVert^2 + k\, \eta^2 R^2$. The same argument (if $\eta k \gamma > \lVert\mathbf{w}_0\rVert$; otherwise it holds anyway) gives
#
# $$ k \le \frac{R^2}{\gamma^2} + \frac{2 \lVert \mathbf{w}_0 \rVert}{\eta \, \gamma} . $$
#
# Now 300 random problems, a random start in each, and steps of $\eta = 0.01$.

# %%
classic_broken = ask(
    "From these starts, in how many of 300 problems is the limit R²/γ² broken?",
    "in none",
    "in dozens",
    "in nearly all",
)
classic_broken


# %%
def problem(seed):
    """Return samples with their 1, signs, a separator of length 1, and a start."""
    rng = np.random.default_rng(seed)
    u = rng.normal(size=3)
    u /= np.linalg.norm(u)
    x = np.column_stack([rng.normal(size=(20, 2)), np.ones(20)])
    x = x[np.abs(x @ u) > 0.1]
    return x, np.sign(x @ u), u, rng.normal(size=3)


broken = {"classic, from zero": 0, "classic, from elsewhere": 0, "any start": 0}
for seed in range(300):
    x, y, u, start = problem(seed)
    margin, radius = (y * (x @ u)).min(), np.linalg.norm(x, axis=1).max()
    classic = (radius / margin) ** 2
    from_zero = len(learn(np.zeros(3), x, y, 1.0, 10**5)[0]) - 1
    from_start = len(learn(start, x, y, 0.01, 10**5)[0]) - 1
    broken["classic, from zero"] += from_zero > classic
    broken["classic, from elsewhere"] += from_start > classic
    broken["any start"] += from_start > classic + 2 * np.linalg.norm(start) / (0.01 * margin)

# %% tags=["nbval-check-output"]
result("of 300, limit for a start from zero: broken", int(broken["classic, from zero"]))
from_elsewhere = int(broken["classic, from elsewhere"])
result("the same limit, started elsewhere: broken", from_elsewhere, at_least=24)
result("limit for any start: broken", int(broken["any start"]))

# %%
classic_broken.reveal(
    "in none" if not from_elsewhere else "in dozens" if from_elsewhere < 200 else "in nearly all"
)

# %% [markdown]
# From another start the classic limit is broken again and again, the other one never. *How often* depends on how the
# problems are drawn. *Never* does not: that is what a proof is for.

# %% [markdown] tags=["notes"]
# ## From a step to a probability (10 min)
#
# Lumps that overlap need another unit. Replace the decision by the **sigmoid**, also called the logistic function,
#
# $$ \sigma(z) = \frac{1}{1 + e^{-z}} , $$
#
# which turns any score into a number between 0 and 1, and one half at $z = 0$. Then $p = \sigma(z)$ can be meant as the probability of
# malignant, and the unit is a **logistic regression**. Its **loss**, the price of one prediction, is high where
# it was sure and wrong. The same loss is written in two ways, with the natural logarithm. (They agree because $1 - \sigma(z) = \sigma(-z)$.)

# %% [markdown]
# | labels | loss |
# |---|---|
# | $y \in \{0, 1\}$ | $-\,y \log p - (1 - y) \log (1 - p)$ |
# | $y = \pm 1$ | $\log(1 + e^{-y z})$ |
#
# They want different labels, and mixing them up gives no error message.

# %%
mixed_up = ask(
    "You feed labels of 0 and 1 to the second form. What does a benign lump cost, at −3 (right) and at +3 (wrong)?",
    "more at +3",
    "more at −3",
    "the same at both",
)
mixed_up


# %%
def sigmoid(z):
    """Return 1 / (1 + exp(−z))."""
    return 1 / (1 + np.exp(-z))


z = np.array([-3.0, 3.0, -3.0, 3.0])
y01 = np.array([0, 0, 1, 1])
p = sigmoid(z)
first = -y01 * np.log(p) - (1 - y01) * np.log(1 - p)
second = np.log(1 + np.exp(-(2 * y01 - 1) * z))
mixed = np.log(1 + np.exp(-y01 * z))

# %% tags=["nbval-check-output"]
show = lambda losses: ", ".join(f"{one:.3f}" for one in losses)
result("benign at −3 and +3, malignant at −3 and +3: first form", show(first))
result("second form, labels −1 and +1", show(second))
result("second form, labels 0 and 1", show(mixed))
with np.errstate(over="ignore"):
    as_written = np.log(1 + np.exp(900.0))
result(
    "log(1 + exp(900)), as written and by np.logaddexp", f"{as_written}, {np.logaddexp(0, 900.0)}"
)

# %%
at_right, at_wrong = mixed[:2]
if np.isclose(at_right, at_wrong):
    truth = "the same at both"
else:
    truth = "more at +3" if at_wrong > at_right else "more at −3"
mixed_up.reveal(truth)

# %% [markdown]
# It costs $\log 2 = 0.693$ either way: the benign lumps have dropped out of the training, and nothing keeps the model from calling everything malignant. A second trap is **overflow**: $e^{900}$ does not fit into a float, so for a wrong score of 900 the second form gives infinity, where 900 would be right. Libraries compute the loss from the *score* for this reason (NumPy's `logaddexp` does it). In deep learning the score before the sigmoid is called the **logit**, and Keras's option is called `from_logits=True`. Given logits where it expects probabilities, Keras says nothing and computes [another
# number](../docs/conventions.md#cross-entropy-of-what); and what [a sure mistake](../docs/conventions.md#cross-entropy-of-a-sure-mistake)
# costs depends on where it clips.
#
# To learn, walk against the gradient. The derivative of the loss with respect to
# the score is simple: $p - y$, with $y \in \{0, 1\}$. (For $y = 1$ the loss is $\log(1 + e^{-z})$, with the
# derivative $-e^{-z} / (1 + e^{-z}) = p - 1$; for $y = 0$ it is $\log(1 + e^{z})$, with the derivative
# $p$.) Here are 80 invented lumps that overlap: near the line chance decides, as a coin would.

# %%
beat = ask(
    "On these 80: will logistic regression be wrong more often than the very line behind the labels?",
    "less often",
    "as often",
    "more often",
)
beat

# %%
mixed_lumps, malignant, by_line = overlapping(80, seed=3)
mean, deviation = mixed_lumps.mean(axis=0), mixed_lumps.std(axis=0)
scaled = (mixed_lumps - mean) / deviation
weights, bias = np.zeros(2), 0.0
for _ in range(500):
    error = (sigmoid(scaled @ weights + bias) - malignant) / len(malignant)
    weights, bias = weights - 1.0 * error @ scaled, bias - 1.0 * error.sum()


def probability(points):
    """Return what logistic regression says about lumps: the probability of malignant."""
    return sigmoid((points - mean) / deviation @ weights + bias)


# %% tags=["nbval-check-output"]
fresh, truth, fresh_by_line = overlapping(10_000, seed=4)
wrong_by_us = int(((probability(mixed_lumps) > 0.5) != malignant).sum())
wrong_by_line = int((by_line != malignant).sum())
fresh_p = probability(fresh)
result("of 80, wrong by logistic regression", wrong_by_us)
result("of 80, wrong by the line", wrong_by_line)
result("10,000 fresh lumps, wrong by logistic regression", float(((fresh_p > 0.5) != truth).mean()))
result("10,000 fresh lumps, wrong by the line", float((fresh_by_line != truth).mean()))

# %%
difference = np.sign(wrong_by_us - wrong_by_line)
beat.reveal({-1: "less often", 0: "as often", 1: "more often"}[int(difference)])

# %% [markdown]
# On the 80 it beats the truth itself, 11 errors against 14, because it has learnt some of their chance by heart. This
# is **overfitting**. On 10,000 fresh lumps the line is better, 13.9 % against 16.6 %. So never judge a method on the cases that it
# learnt from.
#
# Back to Mrs Cremer: this unit has an opinion about her, and one can ask what to do with it. Say that a missed cancer is as bad as 50 needles for nothing. (The
# number is for a clinic and its patients to choose; this one we made up.)

# %%
when = ask("From which probability on should a needle be used?", "50/51", "1/2", "1/10", "1/51")
when


# %%
def price(cut):
    """Return missed cancers, needles for nothing, and their cost among the fresh lumps."""
    missed = int(((fresh_p <= cut) & (truth == 1)).sum())
    for_nothing = int(((fresh_p > cut) & (truth == 0)).sum())
    return missed, for_nothing, 50 * missed + for_nothing


# %% tags=["nbval-check-output"]
cuts = {"50/51": 50 / 51, "1/2": 1 / 2, "1/10": 1 / 10, "1/51": 1 / 51}
for name, cut in cuts.items():
    missed, for_nothing, cost = price(cut)
    result(f"cut {name}: missed, needles for nothing, cost", f"{missed}, {for_nothing}, {cost}")
her_p = float(probability(hers[:2]))
result("malignant, of the fresh lumps", float(truth.mean()))
result("Mrs Cremer's probability", her_p)


def elsewhere(p, prevalence):
    """Return probabilities for a clinic where another share of the lumps is malignant."""
    odds = p / (1 - p) * (prevalence / (1 - prevalence)) / (truth.mean() / (1 - truth.mean()))
    return odds / (1 + odds)


needle = elsewhere(fresh_p, 0.1) > 1 / 51
found, alarmed = needle[truth == 1].mean(), needle[truth == 0].mean()
result("her probability where 1 of 10 lumps is malignant", float(elsewhere(her_p, 0.1)))
result("there, at 1/51: share of cancers found", float(found))
ppv = 0.1 * found / (0.1 * found + 0.9 * alarmed)
result("there, at 1/51: share of needles that find a cancer", float(ppv))

# %%
when.reveal(min(cuts, key=lambda name: price(cuts[name])[2]))

# %% [markdown]
# With a probability $p$, a needle costs $(1 - p) \cdot 1$ on average and no needle costs $p \cdot 50$, so the needle is cheaper from $p = 1/51$ on. The perceptron called her lump benign, and so does a cut of one half. Yet with 0.195 she
# is about ten times above *this* cut, and should have her needle.
#
# That holds where her lump comes from the same crowd as these, of which half are malignant. In a clinic where one lump in ten is malignant, everybody's odds $p/(1-p)$ are smaller
# by the same factor, about ten here. The cut stays, because the price does, but her probability falls to 0.024, which is hardly above it. There the answer is a conversation and no formula, and about one needle in five finds a cancer. A probability needs to know where it is used.

# %% [markdown]
# ## The widest street (5 min)
#
# Logistic regression is one answer to overlap. Where many lines separate the classes, which would you trust with the next lump? The one that keeps the largest distance from both: the **support vector machine** (SVM) [9]. And where no line does, it pays for each sample that is in the way. It asks for more than
# the right side. A sample should have $y z \ge 1$ with $y = \pm 1$, outside a *street* around the border. Its loss is
# the **hinge**, $\max(0,\, 1 - y z)$. And it keeps the weights small, because the
# street is $2 / \lVert\mathbf{w}\rVert$ wide:
#
# $$ \mathcal{L} = \frac{\lambda}{2} \lVert \mathbf{w} \rVert^2
#    + \frac1n \sum_i \max(0,\, 1 - y_i z_i) $$
#
# with $n$ samples and a number $\lambda$ that you choose. The first part is a **penalty**, or regulariser. Where $1 - yz > 0$, the derivative of the hinge with respect to $\mathbf{w}$ is $-y\,\mathbf{x}$;
# beyond, it is 0. Forget the 1, $\max(0, -yz)$, and there is no street: that is the loss behind the perceptron. Which of
# the three losses below does not care at all about a sample that is right by a hair?

# %% tags=["fold"]
LOSSES = {
    "the perceptron's": lambda yz: np.maximum(0, -yz),
    "the hinge": lambda yz: np.maximum(0, 1 - yz),
    "the logistic": lambda yz: np.logaddexp(0, -yz),
}
yz = np.linspace(-2, 3, 301)
plots.lines(
    {name: loss(yz) for name, loss in LOSSES.items()},
    x=yz,
    xlabel="y z: below 0 is wrong",
    ylabel="loss",
    alt="Three losses that fall with yz. The perceptron's is zero from 0 on, the hinge from 1 on, the "
    "logistic loss never.",
)

# %% tags=["nbval-check-output"]
by_a_hair = {name: float(loss(0.01)) for name, loss in LOSSES.items()}
result("losses at y z = 0.01", "; ".join(f"{name} {loss:.2f}" for name, loss in by_a_hair.items()))

# %% [markdown]
# The perceptron's loss is 0 there, so it does not care at all. The hinge stops caring at 1, the logistic loss never.

# %% [markdown] tags=["notes"]
# **Where does the dial stand?** Here $\lambda$ multiplies the penalty. Others multiply the *loss*,
# as the lecture [5] does with its $\lambda$ and scikit-learn with its $C$: ½‖w‖² + C Σ hinge.
# Divide our $\mathcal{L}$ by $\lambda$ and you find $C = 1/(n\lambda)$, so a large $C$ is a *small*
# penalty. Even libraries that multiply the penalty [do not all mean the same](../docs/conventions.md#strength-of-a-penalty) by its number ([half or whole, sum or
# mean](../docs/conventions.md#weight-decay-or-l2)). Read the formula before you copy a number. Which λ gives the wider street, 1 or 0.01?

# %% tags=["fold"]
from sklearn.svm import SVC


def street(penalty):
    """Fit an SVM; return its weights, its bias and the width of its street."""
    model = SVC(kernel="linear", C=1 / (80 * penalty), tol=1e-8).fit(mixed_lumps, malignant)
    return model.coef_[0], model.intercept_[0], 2 / np.linalg.norm(model.coef_)


def draw_street(penalty):
    """Return a function that draws the border and both sides of the street."""
    w, b, _ = street(penalty)

    def draw(ax):
        plots.decision(mixed_lumps, malignant, lambda x: x @ w + b, **names, legend=False, ax=ax)
        across = np.array(ax.get_xlim())
        for edge in (-1, 1):
            ax.plot(across, (edge - b - w[0] * across) / w[1], "--", color=plots.COLOURS["neutral"])

    return draw


# %% tags=["fold"]
widths = {name: float(street(float(name))[2]) for name in ("1", "0.01")}
plots.grid(
    [(f"λ = {name}", draw_street(float(name))) for name in widths],
    columns=2,
    size=(9, 3.9),
    alt="The same lumps with a wide street for the larger penalty and a narrow one for the smaller.",
)

# %% tags=["nbval-check-output"]
for name, width in widths.items():
    w, b, _ = street(float(name))
    close = (2 * malignant - 1) * (mixed_lumps @ w + b) < 1.001
    result(f"λ = {name}: width of the street", width)
    result(f"λ = {name}: lumps in it, at its edge, or on the wrong side", int(close.sum()))

# %% [markdown]
# The larger penalty keeps the weights smaller, and so the street wider. 70 of the 80 lumps lie in it, at its edge or on the wrong side, against 31, and each of them has a say in where the border goes.

# %% [markdown]
# ## Two SVMs, one name (4 min, deeper)
#
# Is the border from scikit-learn, with $C = 1/(n\lambda)$, really at the bottom
# of *our* $\mathcal{L}$? Shake its weights 2,000 times and see whether one shake makes it lower. And then the library has a second linear SVM,
# `LinearSVC`. The zero of both scales is moved: 10 is added to each diameter and each roughness, and nothing about the lumps has changed.

# %%
same = ask(
    "Which of the two is as good after the move as before?", "both", "only SVC", "only LinearSVC"
)
same

# %%
from sklearn.svm import LinearSVC


def hinge_objective(w, b, penalty):
    """Return the loss of the lecture's formula."""
    hinge = np.maximum(0, 1 - (2 * malignant - 1) * (mixed_lumps @ w + b))
    return penalty / 2 * w @ w + hinge.mean()


w, b, _ = street(0.1)
rng = np.random.default_rng(0)
shaken = [
    hinge_objective(w + rng.normal(0, 0.02, 2), b + rng.normal(0, 0.02), 0.1) for _ in range(2000)
]
both = {}
for shift in (0, 10):
    # C = 1 / (nλ) = 1 / (80 · 0.1)
    for kind in (SVC(kernel="linear", C=0.125), LinearSVC(C=0.125, max_iter=100_000)):
        model = kind.fit(mixed_lumps + shift, malignant)
        both[type(kind).__name__, shift] = float(model.score(mixed_lumps + shift, malignant))

# %% tags=["nbval-check-output"]
lower = sum(one < hinge_objective(w, b, 0.1) for one in shaken)
result("shakes of 2,000 that lower the loss", int(lower))
for kind in ("SVC", "LinearSVC"):
    result(
        f"{kind}: share right of the same 80, before and after",
        f"{both[kind, 0]:.3f}, {both[kind, 10]:.3f}",
    )

# %%
stays = [kind for kind in ("SVC", "LinearSVC") if abs(both[kind, 0] - both[kind, 10]) < 0.03]
same.reveal("both" if len(stays) == 2 else f"only {stays[0]}")

# %% [markdown]
# No shake makes the loss lower. Since this loss has a single valley (it is convex), the border of `SVC` is at its bottom, as far as 2,000 shakes can tell. `LinearSVC` is another model: it *squares* the hinge, and it
# **penalises the bias** as well, so its border moves when the zero of a scale does. To compare with a textbook SVM, use `SVC(kernel="linear")`.

# %% [markdown]
# ## Break: what you can do now (2 min)
#
# - Train a perceptron by hand, and say how many updates it can need.
# - Write the losses of logistic regression and of the SVM with the labels that they want.
# - Turn the cost of two errors into a cut, and say what the cut costs.
#
# **1.** A malignant lump has a score of −0.1, another one of −3. The perceptron's update treats both alike. How does logistic regression treat them?
#
# <details><summary>Answer</summary>
#
# By $p - y$: the first has $p = 0.48$ and pulls with 0.52, the second has $p = 0.05$ and pulls with 0.95. Who is surer and wrong pulls harder, though never harder than 1.
#
# </details>
#
# **2.** A paper says "SVM with λ = 100, strongly regularised". In its formula λ stands before the sum of
# losses. What do you think?
#
# <details><summary>Answer</summary>
#
# It is weakly regularised. Before the losses, λ is scikit-learn's C: large means that errors are dear
# and the penalty hardly counts.
#
# </details>
#
# **3.** A network calls every lump malignant, although 40 of 100 in its training set are benign, and its loss is log(1 + exp(−y z)). Where do you look first?
#
# <details><summary>Answer</summary>
#
# At the labels. With 0 in place of −1 the benign lumps cost 0.693 whatever their score, so they teach nothing.
#
# </details>

# %% [markdown]
# ## A forward pass (7 min)
#
# **The second half: a prognosis.** Ms Duarte is 34 and has a cancer of stage IV. The tumour board discusses whether to offer her one more chemotherapy. It may give her
# months, and it will cost her weeks of nausea. Somebody has brought a slide with a small neural network, which gives one number for her survival. May the board use it?
#
# The slide is from a lecture on medical image analysis [5]. Age, sex and stage enter as 0.6, 0.1 and 0.7, by a scaling that it does not explain. They go into **hidden units**: units between input and output. The slide gives the
# weights of hidden unit 1 as 0.2, 0.3 and 0.2. Its other numbers are lost, and to have something to compute **we choose them**: a second hidden unit, all biases, the output, and what it means: alive
# after five years. Nothing here was learnt from patients.
#
# Each unit adds up, adds its bias, and applies the sigmoid. From the inputs to the output this is a
# **forward pass**. Unit 1 has a bias of 0.1: compute its sum on paper first. Will its sigmoid be above or below one half?

# %%
woman = np.array([0.6, 0.1, 0.7])  # age, sex, stage, as scaled in that lecture
hidden_weights = np.array([[0.2, 0.3, 0.2], [0.5, -0.4, 0.9]])  # a row per unit; second row ours
hidden_biases = np.array([0.1, -0.3])  # ours
output_weights, output_bias = np.array([0.7, -1.1]), 0.9  # ours

sums = hidden_weights @ woman + hidden_biases
hidden = sigmoid(sums)
score = output_weights @ hidden + output_bias

# %% tags=["nbval-check-output"]
result("sum of unit 1: 0.2·0.6 + 0.3·0.1 + 0.2·0.7 + 0.1", float(sums[0]))
result("activations of units 1 and 2", f"{hidden[0]:.3f}, {hidden[1]:.3f}")
result("score of the output", float(score))
result("output of the network", float(sigmoid(score)))
result("without the biases", float(sigmoid(output_weights @ sigmoid(hidden_weights @ woman))))
result("with the sigmoid taken twice", float(sigmoid(sigmoid(score))))

# %% [markdown]
# Any sum above 0 gives more than one half. The last two lines are common mistakes, and both look like probabilities. The second is
# treacherous, 0.657 instead of 0.648, but a sigmoid of a sigmoid can only lie between 0.50 and 0.73, so
# it would tell every patient nearly the same.
#
# And the right answer, 0.648? The numbers that were lost could have been others. So we draw them 1,000 times, each from a bell with mean 0 and standard deviation 1, and
# keep those that the slide gives.

# %%
lost = ask(
    "Between which values do the middle 90 of 100 such answers lie?",
    "0.6 and 0.7",
    "0.4 and 0.8",
    "0.1 and 0.9",
)
lost

# %%
rng = np.random.default_rng(0)
drawn = []
for _ in range(1000):
    other = np.vstack([hidden_weights[0], rng.normal(size=3)]) @ woman + rng.normal(size=2)
    drawn.append(sigmoid(rng.normal(size=2) @ sigmoid(other) + rng.normal()))
low, high = np.percentile(drawn, [5, 95])

# %% tags=["fold"]
plots.histogram(
    np.array(drawn),
    bins=30,
    span=(0, 1),
    label="what the network says of her",
    alt="A broad histogram over nearly all of 0 to 1.",
)

# %% tags=["nbval-check-output"]
result("middle 90 of 100 answers", f"{low:.2f} to {high:.2f}")

# %%
ranges = {"0.6 and 0.7": (0.6, 0.7), "0.4 and 0.8": (0.4, 0.8), "0.1 and 0.9": (0.1, 0.9)}
lost.reveal(min(ranges, key=lambda text: abs(ranges[text][0] - low) + abs(ranges[text][1] - high)))

# %% [markdown]
# With these bells, nearly anything could have come out. Her 0.648 is arithmetic and not medicine: **a number between 0 and 1 is not a probability because a sigmoid made
# it.** Weights must be learnt from patients, through the hidden layer, and then be tested. The rest of this half does that.

# %% [markdown] tags=["notes"]
# ## Four activations (3 min)
#
# What a unit makes of its score is its **activation**. Rosenblatt's was a **step**, whose slope is
# zero everywhere except at 0, where it has none. So it cannot say in which direction to improve. Later units have a slope. At a score of 10, whose slope is still far from 0?

# %% [markdown] tags=["notes"]
# | activation | formula | range |
# |---|---|---|
# | step | 1 where $z > 0$, else 0 | 0 or 1 |
# | sigmoid | $\sigma(z) = 1 / (1 + e^{-z})$ | 0 to 1 |
# | **tanh** | $(e^z - e^{-z}) / (e^z + e^{-z})$ | −1 to 1 |
# | **ReLU** (rectified linear unit) | $\max(0, z)$ | 0 to ∞ |

# %% tags=["fold"]
ACTIVATIONS = {  # each with its slope, as a function of the score z
    "sigmoid": (sigmoid, lambda z: sigmoid(z) * (1 - sigmoid(z))),
    "tanh": (np.tanh, lambda z: 1 - np.tanh(z) ** 2),
    "ReLU": (lambda z: np.maximum(0, z), lambda z: (z > 0) * 1.0),
    "none": (lambda z: z, np.ones_like),  # no bend, to see what is lost without
}
z = np.linspace(-5, 5, 401)
curves = {name: ACTIVATIONS[name][0](z) for name in ("sigmoid", "tanh", "ReLU")}
picture = plots.lines(
    {"step": z > 0, **curves},
    x=z,
    xlabel="score z",
    ylabel="activation",
    alt="Four activations: a step from 0 to 1, an S from 0 to 1, a steeper S from −1 to 1, and a "
    "line that is 0 below zero and rises with slope 1 above.",
)
picture.axes.set_ylim(-1.1, 2)
picture

# %% tags=["nbval-check-output"]
at_ten = {name: float(slope(10.0)) for name, (_, slope) in ACTIVATIONS.items()}
for name in ("sigmoid", "tanh", "ReLU"):
    result(f"slope of {name} at 10", f"{at_ten[name]:.1e}")

# %% [markdown]
# Only ReLU keeps its slope of 1. The two S-curves go flat, so a hidden unit whose score is far from 0 learns very slowly. The price of ReLU is a unit whose score is below zero for every patient: its slope is 0, and it
# learns nothing unless what enters it changes. (The two S are one: $\tanh z = 2\sigma(2z) - 1$.)

# %% [markdown]
# ## Exactly one of two (6 min)
#
# Why hidden units at all? A mammogram shows both breasts. If the tissue is dense on both sides, the woman has dense breasts.
# If it is dense on neither, she has not. But dense on **exactly one** side is an asymmetry, a finding that
# has its own place in the radiologist's report [14]. Below are 160 invented women, with the density of each breast relative to the usual. (One number a side is a simplification of ours.) Where would you draw the line?

# %% tags=["fold"]
rng = np.random.default_rng(0)
corners = np.tile([[-1, -1], [-1, 1], [1, -1], [1, 1]], (40, 1))
density = corners + rng.normal(0, 0.25, corners.shape)
asymmetric = (corners[:, 0] != corners[:, 1]).astype(int)
breasts = {
    "names": ("symmetric", "asymmetric"),
    "xlabel": "density, left",
    "ylabel": "density, right",
}
plots.decision(
    density,
    asymmetric,
    **breasts,
    alt="Four clouds of women at the corners of a square; asymmetric ones at two opposite corners.",
)

# %% [markdown] tags=["notes"]
# No line does it. The problem is called **XOR** (*exclusive or*: one or the other, not both). It is the dark and the bright bar again: along *left − right*, the response must be high at both ends and low between. What will the perceptron do in 30 passes?

# %%
women = np.column_stack([density, np.ones(len(density))])
sides = 2 * asymmetric - 1
path, _ = learn(np.zeros(3), women, sides, most_passes=30)
misses = [int((sides * (women @ weights) <= 0).sum()) for weights in path]

# %% tags=["nbval-check-output"]
result("updates in 30 passes", len(misses) - 1)
result("fewest wrong at any time", min(misses))
result("most wrong after the first 100 updates", max(misses[100:]))

# %% [markdown]
# It never rests, and it is never good: even at its best moment a quarter of the women are wrong. In 1969 Marvin Minsky and Seymour Papert wrote a book on what
# perceptrons cannot do [7], and most of the field turned to other methods for years [15].

# %% [markdown] tags=["notes"]
# The way out is a hidden layer. Two hidden units with steps are enough, and you can set them by
# hand:
#
# - unit A: *at least one* breast is dense: left + right + 1 > 0;
# - unit B: *both* are dense: left + right − 1 > 0;
# - the output: A and not B: A − B − ½ > 0.
#
# What shape will the region *asymmetric* have?

# %% tags=["fold"]
step = lambda z: (z > 0).astype(float)


def two_units(points):
    """Return the score of a network that was set by hand."""
    total = points.sum(axis=1)
    return step(total + 1) - step(total - 1) - 0.5


plots.decision(
    density,
    asymmetric,
    two_units,
    **breasts,
    alt="An oblique band from the upper left to the lower right holds the asymmetric women.",
)

# %% tags=["nbval-check-output"]
result("right with two hidden units", float(((two_units(density) > 0) == asymmetric).mean()))
far = np.array([[-9.0, 9.0], [9.0, -9.0], [9.0, 9.0], [-9.0, -9.0]])
endless = two_units(far) > 0
result(
    "asymmetric far out at upper left, lower right, upper right, lower left", str(endless.tolist())
)

# %% [markdown]
# Two parallel lines, and the endless band between them. More can be said: one hidden layer of sigmoid units, if it has
# enough of them, can come as close as you like to any function that is continuous on a closed and bounded
# set [8]. (*Closed* is needed: on $0 < x \le 1$, which leaves out its end, $1/x$ is continuous and has
# no bound, while a sum of sigmoids always has one.) That it *can* says nothing about who finds the weights. Rosenblatt's rule needs to know what a unit should have answered, and nobody can say that of a *hidden* one. A slope will help, because blame can be passed
# back along it.

# %% [markdown]
# ## Who is to blame? Backpropagation (13 min)
#
# The weights of a hidden layer act on the loss through other units. How much is each to blame? The
# chain rule answers, from the output back to the input. This is **backpropagation** [10].
#
# One hidden layer, activation $f$, scores $\mathbf{z}$ of the hidden units, $\mathbf{h} =
# f(\mathbf{z})$; the output has the score $s = \mathbf{v}\cdot\mathbf{h} + c$ and $p = \sigma(s)$.
# For one patient:
#
# | step back | derivative of the loss with respect to | is |
# |---|---|---|
# | 1 | the output's score $s$ | $p - y$ |
# | 2 | the output weight $v_j$ | $(p - y)\, h_j$ |
# | 3 | the hidden activation $h_j$ | $(p - y)\, v_j$ |
# | 4 | the hidden score $z_j$ | $(p - y)\, v_j\, f'(z_j)$ |
# | 5 | the hidden weight $w_{ji}$ | $(p - y)\, v_j\, f'(z_j)\, x_i$ |

# %% [markdown] tags=["notes"]
# The input of a bias is 1, so its derivative is that of its score. Step 4 takes the slope **at the score $z$**, the *pre-activation*, and not at $h$. For the sigmoid
# $f'(z) = h\,(1 - h)$, because $h$ already is $\sigma(z)$. For many patients, take the **mean**.


# %%
def score_of(net, x, kind):
    """Return the output's score for every row of x."""
    return ACTIVATIONS[kind][0](x @ net["W"].T + net["b"]) @ net["v"] + net["c"]


def loss_of(net, x, y, kind):
    """Return the mean logistic loss; y is 0 or 1."""
    return np.logaddexp(0, -(2 * y - 1) * score_of(net, x, kind)).mean()


def gradient_of(net, x, y, kind):
    """Return the derivative of the mean loss with respect to each number of the network."""
    activation, slope = ACTIVATIONS[kind]
    z = x @ net["W"].T + net["b"]
    error = (sigmoid(activation(z) @ net["v"] + net["c"]) - y) / len(y)  # step 1
    back = error[:, None] * net["v"] * slope(z)  # steps 3 and 4
    return {"W": back.T @ x, "b": back.sum(0), "v": error @ activation(z), "c": error.sum()}


# %% [markdown]
# Is it right? Do not believe it, and do not believe a falling loss either: it may fall along a wrong gradient, too. Move each weight a little up and down, and measure. **Central differences**:
#
# $$ \frac{\partial \mathcal{L}}{\partial w} \approx
#    \frac{\mathcal{L}(w + h) - \mathcal{L}(w - h)}{2h} $$

# %%
small = ask("Which step h comes closest to the true gradient?", "0.1", "1e-5", "1e-13")
small


# %%
def start_network(inputs, units, seed=0):
    """Return a network with random weights; equal ones would stay equal for ever."""
    rng = np.random.default_rng(seed)
    W, v = rng.normal(size=(units, inputs)), rng.normal(size=units)
    return {"W": W, "b": rng.normal(0, 0.1, units), "v": v / np.sqrt(units), "c": 0.0}


def largest_error(net, x, y, kind, h, gradient=gradient_of):
    """Return the largest difference between a gradient and central differences."""
    worst = 0.0
    for name, by_rule in gradient(net, x, y, kind).items():
        for place in np.ndindex(np.shape(by_rule)):
            up, down = (np.array(net[name], dtype=float) for _ in range(2))
            up[place] += h
            down[place] -= h
            ends = [loss_of({**net, name: moved}, x, y, kind) for moved in (up, down)]
            measured = (ends[0] - ends[1]) / (2 * h)
            worst = max(worst, abs(measured - np.asarray(by_rule)[place]))
    return worst


# %% tags=["fold"]
net, steps = start_network(2, 5), 10.0 ** np.arange(-13, 0)
away = [largest_error(net, scaled, malignant, "sigmoid", h) for h in steps]
plots.lines(
    {"": (np.log10(steps), np.log10(away))},
    xlabel="log₁₀ of the step h",
    ylabel="log₁₀ of the largest error",
    alt="The error of central differences against the step: a V, lowest near ten to the minus five.",
)

# %% tags=["nbval-check-output"]
at = dict(zip(np.log10(steps).round(), away, strict=True))
for name, bound in (
    ("0.1", {"at_least": 1e-5}),
    ("1e-5", {"at_most": 1e-8}),
    ("1e-13", {"at_least": 1e-5}),
):
    result(f"largest error at h = {name}", at[round(np.log10(float(name)))], **bound)

# %%
small.reveal(min(("0.1", "1e-5", "1e-13"), key=lambda h: at[round(np.log10(float(h)))]))


# %% [markdown]
# A V. With a large $h$ the curve bends between the two points. With a tiny one the two losses agree in
# nearly all their digits, and rounding is most of what is left.
#
# Now make the classic mistake, the slope at the activation instead of the pre-activation. And let right code meet a ReLU whose score is exactly 0, where the curve has a kink. On which of the two will the check sound the alarm?


# %%
def slope_at_activation(net, x, y, kind):
    """Return a gradient with the classic mistake."""
    activation, slope = ACTIVATIONS[kind]
    h = activation(x @ net["W"].T + net["b"])
    error = (sigmoid(h @ net["v"] + net["c"]) - y) / len(y)
    back = error[:, None] * net["v"] * slope(h)  # h, where z belongs
    return {"W": back.T @ x, "b": back.sum(0), "v": error @ h, "c": error.sum()}


faulty = largest_error(net, scaled, malignant, "sigmoid", 1e-5, slope_at_activation)
at_kink = {"W": np.array([[1.0, -1.0]]), "b": np.zeros(1), "v": np.ones(1), "c": 0.0}
zero = np.array([[0.5, 0.5]])  # the hidden score is exactly 0
kink = largest_error(at_kink, zero, np.array([1]), "ReLU", 1e-5)

# %% tags=["nbval-check-output"]
result("slope at the activation: largest error", float(faulty), at_least=0.01)
result("right code, ReLU at its kink: largest error", float(kink), at_least=0.01)
away_from_kinks = largest_error(start_network(2, 5), scaled, malignant, "ReLU", 1e-5)
result("right code, ReLU at random weights", float(away_from_kinks), at_most=1e-8)

# %% [markdown]
# Both. It finds the mistake, and it cries wolf at the kink: there the slope is 0 on one side and 1 on the
# other, and central differences see ½, which makes an error of ½ · |p − y| = 0.25. The code is right, but the *place* was badly chosen. With random inputs a
# score of exactly 0 hardly ever happens.
#
# Now train by **gradient descent**: compute the gradient on all samples, step against it, repeat. Below is
# the asymmetry problem again. Set by hand, two units with steps solved it. Now we start ten times from random weights, with tanh.

# %%
by_two = ask(
    "From how many of ten random starts does descent find the solution with two units?",
    "from none",
    "from some",
    "from all ten",
)
by_two


# %%
def descend(net, x, y, kind, rate, steps):
    """Return the network after so many steps against the gradient."""
    for _ in range(steps):
        gradient = gradient_of(net, x, y, kind)
        net = {name: net[name] - rate * gradient[name] for name in net}
    return net


def reached(kind, units, seed):
    """Return the network and the accuracy that descent reaches from one random start."""
    net = start_network(2, units, seed)
    net = descend(net, density, asymmetric, kind, rate=0.5, steps=1000)
    return net, float(((score_of(net, density, kind) > 0) == asymmetric).mean())


tried = {"2 units, tanh": ("tanh", 2), "4 units, tanh": ("tanh", 4), "8 units, none": ("none", 8)}
found = {name: [reached(*how, seed) for seed in range(10)] for name, how in tried.items()}

# %% tags=["nbval-check-output"]
solved = {name: sum(share >= 0.98 for _, share in runs) for name, runs in found.items()}
result("2 units, tanh: of ten starts, reach 0.98", solved["2 units, tanh"], within=(3, 9))
result("4 units, tanh: of ten starts, reach 0.98", solved["4 units, tanh"], at_least=10)
best_line = max(share for _, share in found["8 units, none"])
result("8 units without activation: the best of ten starts", best_line, at_most=0.8)

# %%
number = solved["2 units, tanh"]
by_two.reveal("from none" if number == 0 else "from all ten" if number == 10 else "from some")

# %% [markdown] tags=["notes"]
# Here is what a network learns from the first of these starts. Choose the activation and the number of hidden units.

# %% tags=["fold"]
learnt = cache(lambda kind, units: reached(kind, units, 0))


def surface(ax, kind, units):
    """Draw what the trained network says about every point."""
    score = lambda points: score_of(learnt(kind, units)[0], points, kind)
    plots.decision(density, asymmetric, score, **breasts, legend=False, ax=ax)


widgets.explore(
    surface,
    {
        "kind": widgets.Choice("Activation", list(ACTIVATIONS), "tanh"),
        "units": widgets.Slider("Hidden units", 1, 8, 4),
    },
    say=lambda kind, units: f"{learnt(kind, units)[1]:.0%} of the 160 women are on the right side.",
    settings=[
        {"kind": "none", "units": 8},
        {"kind": "tanh", "units": 2},
        {"kind": "tanh", "units": 4},
    ],
    alt="The border that a small network found between symmetric and asymmetric women.",
)

# %% [markdown]
# Only from some. Training follows the slope downhill, and where it arrives depends on where it began: after 1,000 steps some starts are stuck, in a hollow
# or on a plain (we did not look which). In this problem spare units help, because with four all ten starts arrive. And without an activation even eight units are one line, since a sum of sums is a sum.

# %% [markdown]
# ## The same in Keras (5 min, deeper)
#
# Nobody writes this by hand twice. **Keras** is the library that this course uses from now on. Does
# it compute what you have just written? Both start from the same weights and take 100 steps. Four things must match:
#
# - the **number type**: float64 in both; Keras uses float32 unless told otherwise;
# - the loss from **logits**, not from a probability that is cut off near 0 and 1;
# - the **full batch**: all samples in each step, not a few at a time;
# - the **mean** over the samples, not the sum.

# %%
digit = ask(
    "With all four: how large is the largest difference of two weights?",
    "above 0.001",
    "near 0.0000001",
    "below 0.0000000001",
)
digit

# %%
import keras


def by_keras(net, x, y, dtype, batch, rate=0.5, steps=100):
    """Return the network after training it in Keras."""
    keras.config.set_floatx(dtype)
    model = keras.Sequential(
        [keras.Input((2,)), keras.layers.Dense(5, activation="tanh"), keras.layers.Dense(1)]
    )
    model.set_weights([net["W"].T, net["b"], net["v"][:, None], np.array([net["c"]])])
    loss = keras.losses.BinaryCrossentropy(from_logits=True)  # the mean is its default
    model.compile(keras.optimizers.SGD(rate), loss)
    for step in range(steps):
        first = step * batch % len(y)
        part = slice(first, first + batch)
        model.train_on_batch(x[part], y[part, None].astype(dtype))
    keras.config.set_floatx("float32")  # leave it as it was
    arrays = (np.squeeze(one.T) for one in model.get_weights())
    return dict(zip("Wbvc", arrays, strict=True))


def apart(one, other):
    """Return the largest difference between two networks, over all weights."""
    return max(float(np.abs(one[name] - other[name]).max()) for name in "Wbvc")


# %%
net = start_network(2, 5, seed=1)
ours = descend(net, scaled, malignant, "tanh", rate=0.5, steps=100)
differences = {
    "float64, full batch": apart(ours, by_keras(net, scaled, malignant, "float64", 80)),
    "float32, full batch": apart(ours, by_keras(net, scaled, malignant, "float32", 80)),
    "float64, batches of 20": apart(ours, by_keras(net, scaled, malignant, "float64", 20)),
}

# %% tags=["nbval-check-output"]
bounds = ({"at_most": 1e-10}, {"within": (1e-9, 1e-4)}, {"at_least": 1e-2})
for (name, difference), bound in zip(differences.items(), bounds, strict=True):
    result(f"{name}: largest difference", difference, **bound)

# %%
sizes = {"above 0.001": -2, "near 0.0000001": -7, "below 0.0000000001": -13}
power = np.log10(differences["float64, full batch"] + 1e-17)
digit.reveal(min(sizes, key=lambda text: abs(sizes[text] - power)))

# %% [markdown]
# In float64 they agree to nearly all digits that the type holds. In float32, which keeps about seven, the
# rounding shows. With small batches it is another path altogether. That is no
# fault, but it is no check either.

# %% [markdown]
# ## From one layer to many (6 min, deeper)
#
# Every layer does what yours did: a weighted sum, a bias, a bend. So layers can be stacked. With
# $\mathbf{a}_0 = \mathbf{x}$, layer $l$ makes $\mathbf{a}_l = f_l(\mathbf{W}_l\, \mathbf{a}_{l-1} +
# \mathbf{b}_l)$, and the last one, number $L$, gives the answer. Written as one function it is
#
# $$ \hat{y} = a_L(\mathbf{x}; \Theta) = f_L\big(\mathbf{W}_L\, f_{L-1}( \cdots
#    f_1(\mathbf{W}_1 \mathbf{x} + \mathbf{b}_1) \cdots ) + \mathbf{b}_L\big), $$
#
# where $\Theta$ stands for all weights and biases together. To learn is to choose $\Theta$; the inputs and
# the form are given. Backpropagation goes through the brackets from the outside to the inside.

# %%
many = ask(
    "30 inputs, two hidden layers of 8 units, one output: how many numbers are in Θ?", within=0.02
)
many

# %%
from itertools import pairwise


def a_L(x, theta, bends):
    """Return the answer of a network of any depth: sum, bias and bend, layer by layer."""
    for (weights, biases), bend in zip(theta, bends, strict=True):
        x = bend(weights @ x + biases)
    return x


theta = [(hidden_weights, hidden_biases), (output_weights[None], output_bias)]

# %% tags=["nbval-check-output"]
result("Ms Duarte, as a_L(x; Θ)", float(a_L(woman, theta, (sigmoid, sigmoid))[0]))
per_layer = [(before + 1) * after for before, after in pairwise((30, 8, 8, 1))]
result("numbers in Θ, layer by layer", " + ".join(map(str, per_layer)))
result("numbers in Θ", sum(per_layer))

# %%
many.reveal(sum(per_layer))

# %% [markdown]
# 329: each unit has one weight for each unit before it, and a bias.
#
# What else can be built from layers? Which weights exist, which are shared and what a layer is given can
# all be varied, and so a whole **zoo** of networks has grown; a well-known poster draws more than two dozen [16].
# Its main families:
#
# | family | what is special | made for |
# |---|---|---|
# | **multilayer perceptron** | every unit sees all units before it | tables: this unit |
# | **convolutional** (CNN) | the same few weights slide over the image | what may lie anywhere: unit 09 |
# | **autoencoder** | must repeat its input through a narrow middle | learning without answers: unit 10 |
# | **encoder–decoder** (U-Net) | narrows, widens, answers with an image | outlines: unit 10 |
# | **recurrent** (RNN, LSTM) | what came out goes in again at the next step | visits, heartbeats: unit 17 |
# | **adversarial** (GAN) | one network makes images, another tells them from real ones | synthetic images: unit 15 |
# | **transformer** | every part weighs all other parts (*attention*) | reports, long sequences, images |
#
# **Why now?** The perceptron is of 1957, and backpropagation became widely known in 1986 [10]. Three things were missing.
#
# - *Training many layers.* In 2006 Geoffrey Hinton and colleagues trained deep networks one layer after
#   the other [17]. ReLU and better random starts have since made that detour unnecessary in most cases.
# - *Data.* By 2012 there were 1.2 million labelled pictures in one contest, ImageNet [18].
# - *Hardware.* A graphics card does thousands of these weighted sums at once. A network
#   of 650,000 units and 60 million weights led the way: a variant of it won the contest with 15.3 % errors (the right
#   name not among five guesses), where the second had 26.2 % [18].
#
# A lecturer recalls four units on a computer with a 386 processor in 1996, where $10^5$ to $10^6$ are common
# today [19]. The first generation of libraries came from research groups: Theano (Montreal), Torch, Caffe (Berkeley). Today PyTorch, TensorFlow and JAX are in wide use, and Keras runs on top of any of these three
# [20]. All of them compute $a_L(\mathbf{x}; \Theta)$ on whatever processor there
# is, and find its gradient, so that you need not write `gradient_of` again.

# %% [markdown] tags=["notes"]
# ## Is a network needed? (10 min)
#
# Ms Duarte's network had learnt nothing. Here is one that learns from real patients, and it begins where Mrs Cremer's story went on, after the needle. In the 1990s at the University of Wisconsin, a fine needle took cells from 569
# breast lumps. A program outlined the nuclei of the cells under the microscope and measured ten
# properties, such as radius, texture and smoothness, each as mean, standard error and *worst* (the mean of the three largest) [11].
# That makes 30 features. 212 lumps were malignant. scikit-learn's copy has one row per lump and no patient numbers:
# we must believe that no woman is in it twice.

# %% [markdown]
# First comes the simplest thing, one feature with one threshold, both chosen on the training cases. A network
# has to beat the best simple rule, not a coin. All methods are tested by **cross-validation**: ten parts, or **folds**, each predicted by a model that
# learnt from the other nine. What learns must learn from those nine *only*, and that includes the
# **scaler**, which brings each feature to mean 0 and standard deviation 1 ([divided by n, or by
# n − 1](../docs/conventions.md#standard-deviation-which-divisor)). A **pipeline** ties scaler and
# model together, so that both are fitted on the same cases.
#
# Three names in the code: `StratifiedKFold` makes folds with the same share of malignant lumps,
# `DecisionTreeClassifier(max_depth=1)` is one threshold on one feature, and `kernel="linear"` asks the SVM for
# a straight border. Accuracy counts both errors alike, which is enough to compare methods before anybody has set a price. Nobody's settings were searched: the network has eight hidden units and 300 steps, the others are as the library has them.

# %%
differ = ask(
    "Our network and logistic regression: on how many of 569 unseen lumps is one right and the other wrong?",
    "fewer than 10",
    "10 to 50",
    "more than 50",
)
differ

# %% tags=["fold"]
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.datasets import load_breast_cancer
from sklearn.linear_model import LogisticRegression, Perceptron
from sklearn.model_selection import StratifiedKFold, cross_val_predict
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.tree import DecisionTreeClassifier

cells, benign = load_breast_cancer(return_X_y=True)
cancer = 1 - benign  # in this file 1 means benign


# %% tags=["fold"]
class OurNetwork(ClassifierMixin, BaseEstimator):
    """The network of this lecture, with the methods that scikit-learn asks for."""

    def fit(self, x, y):
        self.classes_ = np.unique(y)
        start = start_network(x.shape[1], 8)
        start["W"] = start["W"] / np.sqrt(x.shape[1])
        self.net_ = descend(start, x, y, "tanh", rate=0.5, steps=300)
        return self

    def predict(self, x):
        return (score_of(self.net_, x, "tanh") > 0).astype(int)


# %%
methods = {
    "one feature": DecisionTreeClassifier(max_depth=1),
    "perceptron": make_pipeline(StandardScaler(), Perceptron()),
    "linear SVM": make_pipeline(StandardScaler(), SVC(kernel="linear")),
    "logistic regression": make_pipeline(StandardScaler(), LogisticRegression()),
    "our network": make_pipeline(StandardScaler(), OurNetwork()),
}
folds = StratifiedKFold(10, shuffle=True, random_state=0)
says = {name: cross_val_predict(model, cells, cancer, cv=folds) for name, model in methods.items()}
right = {name: (answer == cancer) * 1.0 for name, answer in says.items()}

# %% tags=["fold"]
plots.bars(
    list(right),
    [one.mean() for one in right.values()],
    decimals=3,
    xlabel="accuracy on unseen cases",
    alt="Accuracy on unseen cases: about 0.89 for one feature and 0.96 to 0.98 for all others.",
)

# %% tags=["nbval-check-output"]
for name, one in right.items():
    result(f"{name}: accuracy on unseen lumps", float(one.mean()))

# %% [markdown]
# Which differences are real? Compare two methods on the *same* lumps. **Look at the lumps that tell the two apart**: those that one method gets right and the other wrong. If
# neither were better, each of them would fall on one side or the other like a coin. How improbable is a split at least as uneven as ours? That is the exact form of **McNemar's test** [21]. And draw the lumps again and again, and look at the difference of the accuracies each time (the bootstrap). The brackets
# below hold 95 % of these differences. They draw lumps, but no new trainings and no new folds: the
# predictions are held fixed.

# %%
from scipy.stats import binomtest


def compare(a, b):
    """Return lumps that only a, and only b, gets right, the exact p, and the bootstrap's difference."""
    only_a, only_b = int((right[a] > right[b]).sum()), int((right[a] < right[b]).sum())
    exact = binomtest(only_a, only_a + only_b).pvalue
    return only_a, only_b, exact, metrics.paired_difference(np.mean, right[a], right[b])


pairs = {
    "logistic − one feature": compare("logistic regression", "one feature"),
    "network − logistic": compare("our network", "logistic regression"),
}

# %% tags=["nbval-check-output"]
result("lumps, malignant ones", f"{len(cancer)}, {cancer.sum()}")
for name, (only_a, only_b, exact, difference) in pairs.items():
    result(f"{name}: right only here, only there", f"{only_a}, {only_b}")
    result(f"{name}: exact p", f"{exact:.3g}")
    result(f"{name}: accuracy", str(difference))

# %%
few = sum(pairs["network − logistic"][:2])
differ.reveal("fewer than 10" if few < 10 else "10 to 50" if few <= 50 else "more than 50")

# %% [markdown] tags=["notes"]
# A weighted sum of 30 features beats one feature on these lumps. Eight hidden units are no gain here: only four
# lumps tell the network from logistic regression, and all four speak for logistic regression.
#
# Is the network *worse*, then? The brackets leave out 0, and yet they prove nothing. They are drawn from the
# lumps that we have, and with four against none no draw can ever favour the network. The exact test knows
# better: four coins fall on the same side with a probability of $2 \cdot (½)^4 = 0.125$. Where only a few cases differ, count them and use the exact test. So nothing here shows a gain from hidden units, and then **take the simpler method.** The hidden layer earns its place when features must be *found*, in
# images: part III. (Those who made the data reported 97.5 % on the same lumps, in repeated ten-fold
# cross-validation, with one plane through three features [12]. It is a weighted sum too, and the best of many: they had
# searched all combinations of up to four features.)
#
# What do these numbers mean at a clinic? Say that one lump in ten is malignant there, and leave the cut at one half, which is the one for the mixture in this table.

# %% tags=["nbval-check-output"]
for name in ("one feature", "logistic regression", "our network"):
    found_rate = float((says[name] == 1)[cancer == 1].mean())
    alarm_rate = float((says[name] == 1)[cancer == 0].mean())
    result(
        f"{name}: missed of 212, alarms among 357",
        f"{((1 - found_rate) * 212):.0f}, {alarm_rate * 357:.0f}",
    )
    value = 0.1 * found_rate / (0.1 * found_rate + 0.9 * alarm_rate)
    result(f"{name}: if 1 of 10 is malignant, share of alarms that are right", float(value))

# %% [markdown]
# Logistic regression misses 9 cancers where the one feature misses 46, and where one lump in ten is malignant its alarms are right nine times of ten instead of six. (From the network it differs in two
# cancers and two false alarms, which is too few to tell.)
#
# And Ms Duarte? Nobody can compute such a table for her network, because it has seen no patient with an outcome. So the board may not use it. A number for her would need weights that were
# learnt from patients like her, a test on patients who took no part, and a check that of 100 who are told 0.65 about 65 are alive at a stated time. Unit 20 begins there.

# %% [markdown]
# ## What to remember (1 min)
#
# - A unit is a weighted sum, a bias and a bend. Without the bend, layers collapse into one.
# - The perceptron learns from mistakes only, and ends if a line exists. $R^2/\gamma^2$ limits its *updates*, from zero, with the 1 inside $R$.
# - Ask of every loss: labels 0/1 or ±1? And of every $\lambda$: does it multiply penalty or loss?
# - Errors that cost 50 to 1 put the cut at 1/51.
# - Backpropagation is the chain rule. Check it by central differences, $h \approx 10^{-5}$.
# - A sigmoid does not make a number a probability, and a probability changes with the crowd.
# - First the one-line baseline, then the network, compared on the same unseen cases. Where few cases differ,
#   count them and use the exact test.

# %% [markdown]
# ## Quiz (2 min)
#
# **1.** All hidden units start with the same weights, those to the output included. What will they have learnt after 1,000 steps?
#
# <details><summary>Answer</summary>
#
# All the same. Equal units get equal gradients, so they stay equal: eight units work as one. Start from
# random weights.
#
# </details>
#
# **2.** Your gradient and central differences differ by 0.02 in the weights and the bias of one hidden ReLU unit, and by less than 1e-9 in all others. Is your code wrong?
#
# <details><summary>Answer</summary>
#
# Perhaps not: a unit's score may be at its kink for one of the patients. Move all weights a little at random, and measure again. If the
# difference stays, the code is wrong.
#
# </details>
#
# **3.** A network gets 6 lumps right that a threshold misses, and misses none that it gets right. Is it better?
#
# <details><summary>Answer</summary>
#
# Six coins fall on the same side with a probability of 2 · (½)⁶ = 0.03, so that would be some evidence on these lumps, if nothing about the
# network was chosen by looking at them.
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
# 1. D. H. Hubel, T. N. Wiesel, *Receptive fields of single neurones in the cat's striate cortex*,
#    J. Physiol. 148 (1959), [doi:10.1113/jphysiol.1959.sp006308](https://doi.org/10.1113/jphysiol.1959.sp006308).
# 2. D. H. Hubel, T. N. Wiesel, *Receptive fields, binocular interaction and functional architecture in
#    the cat's visual cortex*, J. Physiol. 160 (1962),
#    [doi:10.1113/jphysiol.1962.sp006837](https://doi.org/10.1113/jphysiol.1962.sp006837).
# 3. J. J. DiCarlo, D. Zoccolan, N. C. Rust, *How does the brain solve visual object recognition?*,
#    Neuron 73 (2012), [doi:10.1016/j.neuron.2012.01.010](https://doi.org/10.1016/j.neuron.2012.01.010).
# 4. F. Rosenblatt, *The perceptron: a probabilistic model for information storage and organization in
#    the brain*, Psychol. Rev. 65 (1958), [doi:10.1037/h0042519](https://doi.org/10.1037/h0042519); first
#    a report of the Cornell Aeronautical Laboratory, 1957.
# 5. M. Rezaei, *Medical Image Analysis by Deep Learning*, lecture, Potsdam, summer 2017.
# 6. A. B. J. Novikoff, *On convergence proofs on perceptrons*, Symposium on the Mathematical Theory of
#    Automata, Brooklyn 1962.
# 7. M. Minsky, S. Papert, *Perceptrons*, MIT Press 1969.
# 8. G. Cybenko, *Approximation by superpositions of a sigmoidal function*, Math. Control Signals Syst. 2
#    (1989), [doi:10.1007/BF02551274](https://doi.org/10.1007/BF02551274).
# 9. C. Cortes, V. Vapnik, *Support-vector networks*, Mach. Learn. 20 (1995),
#    [doi:10.1007/BF00994018](https://doi.org/10.1007/BF00994018).
# 10. D. E. Rumelhart, G. E. Hinton, R. J. Williams, *Learning representations by back-propagating
#     errors*, Nature 323 (1986), [doi:10.1038/323533a0](https://doi.org/10.1038/323533a0).
# 11. W. N. Street, W. H. Wolberg, O. L. Mangasarian, *Nuclear feature extraction for breast tumor
#     diagnosis*, Proc. SPIE 1905 (1993), [doi:10.1117/12.148698](https://doi.org/10.1117/12.148698).
# 12. W. Wolberg, O. Mangasarian, N. Street, *Breast Cancer Wisconsin (Diagnostic)*, UCI Machine Learning
#     Repository (1995), [doi:10.24432/C5DW2B](https://doi.org/10.24432/C5DW2B); the figure is in its file
#     `wdbc.names`.
# 13. A. M. Jeffries, N. J. Killian, J. S. Pezaris, *Mapping the primate lateral geniculate nucleus: a review
#     of experiments and methods*, J. Physiol. Paris 108 (2014),
#     [PMC5446894](https://pmc.ncbi.nlm.nih.gov/articles/PMC5446894).
# 14. American College of Radiology, *BI-RADS Atlas*, 5th edition 2013, mammography: asymmetries.
# 15. M. Olazaran, *A sociological study of the official history of the perceptrons controversy*, Soc. Stud.
#     Sci. 26 (1996), [doi:10.1177/030631296026003005](https://doi.org/10.1177/030631296026003005). It tells
#     why the book alone does not explain it.
# 16. F. van Veen, *The neural network zoo*, Asimov Institute, 2016,
#     [asimovinstitute.org](https://www.asimovinstitute.org/neural-network-zoo/).
# 17. G. E. Hinton, S. Osindero, Y.-W. Teh, *A fast learning algorithm for deep belief nets*, Neural Comput.
#     18 (2006), [doi:10.1162/neco.2006.18.7.1527](https://doi.org/10.1162/neco.2006.18.7.1527).
# 18. A. Krizhevsky, I. Sutskever, G. E. Hinton, *ImageNet classification with deep convolutional neural
#     networks*, NIPS 2012, abstract; [doi:10.1145/3065386](https://doi.org/10.1145/3065386).
# 19. D. Remondini, *Machine learning for medical imaging*, lecture, Milan, March 2019.
# 20. *Introducing Keras 3.0*, [keras.io/keras_3](https://keras.io/keras_3/); for the first generation *A brief
#     history of deep learning frameworks*, Synced, 14 December 2020.
# 21. Q. McNemar, *Note on the sampling error of the difference between correlated proportions or
#     percentages*, Psychometrika 12 (1947), [doi:10.1007/BF02295996](https://doi.org/10.1007/BF02295996).
#
# Now do the lab: `exercises/05_perceptrons.ipynb`.

# %% [markdown] tags=["instructor"]
# The invented lumps, women and bars are there so that the truth is known; say so early. Let students
# write down their guess before *One mistake, one update* and before the 1,000 draws of the lost weights: these two surprise
# most. The slide behind the survival example is only partly preserved: inputs 0.6, 0.1, 0.7 and the first hidden unit's weights
# are its numbers, all others are ours. The price of 50 needles is made up; let the class choose its own, and find the cut. *The same
# in Keras* loads TensorFlow, which takes some seconds.
