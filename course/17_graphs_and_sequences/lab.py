# %% [markdown]
# ## What changes a score? (8 min)
#
# You work for a group that maps airways for bronchoscopists and looks for genes for geneticists. In this lab you predict, mend what others wrote, find what is
# wrong in a paper, and at the end decide whom to listen to when visits are noisy and old.
#
# **Predict first.** A trained graph network with two rounds of messages gives each point of a tree a score. It works as in the lecture: to the weights of the edges an edge
# of weight 1 from each point to itself is added, and then $\hat{\mathbf{A}} = \mathbf{D}^{-1/2} (\mathbf{A} + \mathbf{I}) \mathbf{D}^{-1/2}$. Look at one point, which has three neighbours. Five things may happen, one at a time:
#
# - **A.** A point that is five edges away gets other features.
# - **B.** The weights of all edges are multiplied by 10.
# - **C.** Two neighbours of the point, which were not joined, are joined to each other.
# - **D.** All points are renumbered, with their features and edges.
# - **E.** A second tree, which no edge joins to the first, is put into the same matrix.
#
# Will you write `same` or `changes` for the score of our point? And why? Choose the letter of the reason that fits best:
#
# - `a` the degree of a neighbour is part of the weight of its message
# - `b` a sum does not know the order of its terms
# - `c` two rounds make all points alike
# - `d` a message goes one edge in a round
# - `e` no edge leads there
# - `f` the point's own features weigh less
# - `g` all entries of the matrix are scaled alike, so the degrees take it out
#
# Write both as one text, for each of the five: `{"A": "changes c", "B": …}`, with one space between the word and the letter. The trained network uses a ReLU that lets a hundredth of negative values through,
# so that nothing is lost by chance.

# %%
import mlmi_course
import numpy as np

from mlmi_course import metrics, plots
from mlmi_course.questions import u17_graphs_and_sequences as q

# %%
### BEGIN SOLUTION
what_changes = {"A": "same d", "B": "changes f", "C": "changes a", "D": "same b", "E": "same e"}
### END SOLUTION

# %%
q.what_changes.check(what_changes)

# %% [markdown]
# Stuck? Delete the `#` in the next cell and run it. Run it again for the next hint.

# %%
# q.what_changes.hint()

# %% [markdown]
# ## Mend a round of messages (8 min)
#
# A colleague joins regions of the brain whose signals rise and fall together. His table `similarity` holds correlations: entry $(i, j)$ was measured for $i$ against $j$, some were measured in one
# direction only (the other entry is 0), some are negative, and on the diagonal stands how well a region repeats itself. Then he passes messages:


# %%
def colleagues_round(similarity, features):
    """Return the features after one round of messages."""
    weights = similarity / similarity.sum(axis=1, keepdims=True)
    return weights @ features


# %% [markdown]
# On his data some results are nan, some regions outshout all others, and a region without neighbours is lost. Write `one_round` as it should be, and return the new features, an array of the shape of `features`. Four things decide what is right:
#
# - The weights of messages are those of the lecture, $\hat{\mathbf{A}}$, with all that belongs to it.
# - Only regions that rise and fall *together* send messages to each other.
# - How well a region repeats itself is no message.
# - A pair that was measured in one direction only counts as much as if it had been measured in both; where both were measured, the larger one holds.


# %%
# leak-ok: it stands beside the faulty function that is to be mended
def one_round(similarity, features):
    """Return the features after one round of messages."""
    ### BEGIN SOLUTION
    weights = np.maximum(similarity, 0.0)
    weights = np.maximum(weights, weights.T)
    np.fill_diagonal(weights, 1.0)
    degree = weights.sum(axis=1)
    return weights / np.sqrt(np.outer(degree, degree)) @ features
    ### END SOLUTION


# %%
q.one_round.check(one_round)

# %%
# q.one_round.hint()

# %% [markdown]
# ## The most probable way (9 min)
#
# A program gives each pair of points a chance that an airway leads from one to the other: `chance` is a symmetric table, with 0 where none can, and 1 where somebody has drawn the
# connection by hand, so that it is certain. A way is as probable as all of its edges together: the *product* of their chances.
#
# Write `likeliest`. It returns the most probable way from `start` to `end` as `{"path": [start, …, end], "probability": …}`, with the numbers of the nodes. If start and end are the same node, the
# path is that node alone and the probability 1.0. If no way leads to the end, the path is `[]` and the probability 0.0.
#
# You may write the search yourself, or use a library, `scipy.sparse.csgraph` or networkx. The two do not mean the same by a graph; [the page on conventions](../docs/conventions.md#weight-of-an-edge-near-or-strong) tells. The diagonal is 0, and no two ways are equally probable.


# %%
def likeliest(chance, start, end):
    """Return the most probable path and its probability."""
    ### BEGIN SOLUTION
    from scipy.sparse.csgraph import csgraph_from_dense, dijkstra

    if start == end:
        return {"path": [start], "probability": 1.0}
    with np.errstate(divide="ignore"):
        length = np.where(chance > 0, -np.log(chance), np.inf)
    np.fill_diagonal(length, np.inf)
    graph = csgraph_from_dense(length, null_value=np.inf)  # keeps a length of 0 as an edge
    total, before = dijkstra(graph, indices=start, return_predecessors=True)
    if not np.isfinite(total[end]):
        return {"path": [], "probability": 0.0}
    path = [end]
    while path[-1] != start:
        path.append(int(before[path[-1]]))
    return {"path": path[::-1], "probability": float(np.exp(-total[end]))}
    ### END SOLUTION


# %%
q.likeliest.check(likeliest)

# %%
# q.likeliest.hint()

# %% [markdown]
# ## Two numbers for a tree (9 min)
#
# Write `tree_score`. The scanner's voxels are not cubes, so everything is given in voxels (slice, row, column), with the `spacing` in mm in the same order.
#
# - `true`, shape (n, 3): points on the true centrelines; `parent`, shape (n,): the number of the point before, −1 for the first. Each point stands for the piece between it and its parent.
# - `found`, shape (m, 2, 3): m straight edges, each with its two ends.
# - A true point is *found* if a piece of a found edge lies within `tolerance` mm. For this, cut each found edge into 20 equal pieces and take the middle of each.
# - A piece of an edge is *false* if its middle is farther than `tolerance` mm from every true point.
#
# Return `{"found": …, "false": …}`: the length of the true pieces that are found as a share of the whole true length, and the false length in mm. If `found` is empty, of shape (0, 2, 3), both are 0.


# %%
def tree_score(true, parent, found, spacing, tolerance):
    """Return the share of the true length that was found, and the false length in mm."""
    ### BEGIN SOLUTION
    points, ends = np.asarray(true) * spacing, np.asarray(found) * spacing
    steps = np.linalg.norm(points - points[np.maximum(parent, 0)], axis=1)
    if not len(ends):
        return {"found": 0.0, "false": 0.0}
    t = (np.arange(20) + 0.5)[:, None, None] / 20
    pieces = (ends[:, 0] + t * (ends[:, 1] - ends[:, 0])).reshape(-1, 3)
    size = np.tile(np.linalg.norm(ends[:, 1] - ends[:, 0], axis=1) / 20, 20)
    apart = np.linalg.norm(points[:, None] - pieces, axis=2)
    near, false = apart.min(axis=1) <= tolerance, apart.min(axis=0) > tolerance
    return {"found": steps[near].sum() / steps.sum(), "false": size[false].sum()}
    ### END SOLUTION


# %%
q.tree_score.check(tree_score)

# %%
# q.tree_score.hint()

# %% [markdown]
# ## Mend a table of visits (9 min)
#
# Patients come to a memory clinic at odd times. There is one row for each visit: the `patient` (0, 1, 2 …), the `day`, and the `score` of a test, in which 0 is a possible result. A colleague makes a table for a
# network that is to predict, *today*, how each patient will be:


# %%
def colleagues_table(patient, day, score, today, longest):
    """Return scores, ages and a mask, one row for each patient."""
    scores, ages = np.zeros((2, len(today), longest))
    for k in range(len(today)):
        rows = np.flatnonzero(patient == k)
        rows = rows[np.argsort(day[rows])][:longest]
        scores[k, : len(rows)] = score[rows]
        ages[k, : len(rows)] = (day[rows] - day[rows].min()) / 365.25
    return {"scores": scores, "ages": ages, "mask": (scores != 0) * 1.0}


# %% [markdown]
# Write `until_today` as it should be. `today` holds a day for each patient.
#
# - A prediction of today may use the visits up to today, and the one of today itself, but nothing later.
# - The newest visit stands in the first place, then the one before. If there are more than `longest`, the oldest are left out.
# - `ages` are years of 365.25 days, counted back from today.
# - `mask` is 1 where a visit is, and 0 where a place is empty; there scores and ages are 0, too. A patient who has not come yet has empty places only.
#
# Return the three arrays, each of shape (patients, longest), as the colleague does. No patient has two visits on one day.


# %%
# leak-ok: it stands beside the faulty function that is to be mended
def until_today(patient, day, score, today, longest):
    """Return scores, ages and a mask, one row for each patient."""
    ### BEGIN SOLUTION
    scores, ages, mask = np.zeros((3, len(today), longest))
    for k, now in enumerate(today):
        rows = np.flatnonzero((patient == k) & (day <= now))
        rows = rows[np.argsort(-day[rows])][:longest]
        scores[k, : len(rows)] = score[rows]
        ages[k, : len(rows)] = (now - day[rows]) / 365.25
        mask[k, : len(rows)] = 1
    return {"scores": scores, "ages": ages, "mask": mask}
    ### END SOLUTION


# %%
q.until_today.check(until_today)

# %%
# q.until_today.hint()

# %% [markdown]
# ## More branches found (7 min)
#
# From the methods of a paper (which we made up) on the airways of 40 patients, each scanned twice, and on their genes:
#
# > **A.** All points of both scans of a patient were either in the training set or in the test set.
# > **B.** Features were z-scored with the means and standard deviations of the training trees.
# > **C.** We lowered the cut until 90 % of the tree length was found. The best published program finds 74 % at the cut that its
# > authors chose, so our method finds more branches.
# > **D.** We tried 1 to 8 rounds of messages, and report the F1 on the test trees of the best, four rounds: 0.86.
# > **E.** Three scans with motion were left out before anything was computed, as the protocol says.
# > **F.** All points up to 6 mm apart were joined, in training and test trees alike, whatever their labels.
# > **G.** A logistic regression on the features of each point had an F1 of 0.66, and our network of four rounds with 64 units each 0.86. The
# > messages of the neighbours are therefore worth 0.20.
# > **H.** The reference trees were drawn by a radiologist who corrected the output of our network, and all programs were compared with them.
# > **I.** Genes were ranked by propagation: AUC 0.78, and 0.74 in networks with the same degrees. We claim the difference,
# > 0.04 (95 % interval over diseases 0.02 to 0.06).
#
# Which sentences would you not let pass? Put their letters into `faults`, in the order of the alphabet,
# such as `"AB"`.

# %%
### BEGIN SOLUTION
faults = "CDGH"
### END SOLUTION

# %%
q.faults.check(faults)

# %%
# q.faults.hint()

# %% [markdown]
# And what **one** analysis would you ask the authors for, and why that one? Two or three sentences. (A
# person marks them: one point for an analysis that could come out differently if there were no gain.)

# %%
### BEGIN SOLUTION
one_analysis = """
Give the length found at the same false length, say 30 mm a patient, for both programs on the same patients, with the
interval of the difference, and a reference drawn by somebody who has seen no output. If our method only had a lower cut, the difference would be gone.
"""
### END SOLUTION

# %%
q.one_analysis.check(one_analysis)

# %%
# q.one_analysis.hint()

# %% [markdown]
# ## Whom to listen to (10 min)
#
# Two tests are used in the clinic. One takes an hour and has a noise of 0.8; the other takes five minutes and has a noise of 2.5, while patients differ from each other by a standard deviation of 1 and on average have 0. A neurologist wants to
# know how each patient will be in a quarter of a year. Everybody has come three times at least. Every visit tells something, but an old one and a noisy one tell less.

# %%
visits, future = q.clinic(400)
print("patients, places, columns:", visits.shape)
print("score, age, noise, mask of the first patient:")
print(visits[0])

# %% [markdown]
# Write `forecast`. It gets an array of shape (n, 8, 4): for each place the score, the age of the visit in years, the noise of its test, and 1 where there is a visit; the newest
# comes first, and all four are 0 in an empty place. It returns n numbers, one for each patient: what you expect of her.
#
# You may use the 400 patients above to choose. It is judged on 3,000 other patients, by its correlation with the truth, as a share of what is possible: the best possible forecast, which knows how these
# patients were simulated, has 1. A share of 0.95 and less earns nothing; all points need 0.985. (A correlation does not see scale and level, so these are free.)


# %%
def forecast(visits):
    """Return what is expected of each patient."""
    ### BEGIN SOLUTION
    score, age, noise, there = np.moveaxis(visits, 2, 0)
    weight = there * np.exp(-age / 1.2) / (0.1 + noise**2)
    return (weight * score).sum(axis=1) / (weight.sum(axis=1) + 0.5)  # few good visits: towards 0
    ### END SOLUTION


# %%
q.forecast.check(forecast)

# %%
# q.forecast.hint()

# %% tags=["solution", "nbval-check-output"]
from mlmi_course.checks import result

agreement = float(np.corrcoef(forecast(visits), future)[0, 1])
result("correlation on the 400 patients", agreement, within=(0.5, 0.72))

# %% [markdown]
# ## Mend a split (6 min, deeper)
#
# A colleague splits points into folds, so that each model is tried on points that it has not seen:


# %%
def colleagues_folds(patient, scan, folds):
    """Return the fold of each point."""
    return [int(k % folds) for k in range(len(patient))]


# %% [markdown]
# Every point has a `patient` and a `scan`; some patients were scanned twice. Write `fold_of` as it should be: nothing that knows a test point may be in its training set. To make the folds about
# equal, go through the patients from the one with the most points to the one with the fewest (of equal ones the smaller number first), and put each into the fold that has the fewest points so far (of equal ones the first).
# Return a list with the fold of each point.


# %%
# leak-ok: it stands beside the faulty function that is to be mended
def fold_of(patient, scan, folds):
    """Return the fold of each point."""
    ### BEGIN SOLUTION
    names, counts = np.unique(patient, return_counts=True)
    load, fold = [0] * folds, {}
    for k in np.argsort(-counts, kind="stable"):
        emptiest = int(np.argmin(load))
        fold[names[k]] = emptiest
        load[emptiest] += counts[k]
    return [fold[name] for name in patient]
    ### END SOLUTION


# %%
q.fold_of.check(fold_of)

# %%
# q.fold_of.hint()

# %% [markdown]
# ## The same degrees (8 min, deeper)
#
# Write `swapped`, a null that a colleague can repeat, because it draws nothing. `edges` has a row of two nodes for each edge, and `tries` a row of two numbers, of edges in that list, for each swap to be tried, in order. In every row of `edges` the
# smaller node comes first. For the edges $(a, b)$ and $(c, d)$, in the order in which they stand in the list *now*, the swap makes $(a, d)$ of the first and $(c, b)$ of the second; they stay in their places of the list, again with the smaller
# node first. A try is refused if
#
# - a new edge would join a node to itself,
# - a new edge exists already, or
# - both new edges would be the same.
#
# Return the edges at the end as a sorted list of pairs.


# %%
def swapped(edges, tries):
    """Return the edges after the swaps."""
    ### BEGIN SOLUTION
    edge = [(int(a), int(b)) for a, b in edges]
    for one, two in np.asarray(tries).tolist():
        (a, b), (c, d) = edge[one], edge[two]
        if a == d or c == b:
            continue
        new = (min(a, d), max(a, d)), (min(c, b), max(c, b))
        if new[0] == new[1] or new[0] in edge or new[1] in edge:
            continue
        edge[one], edge[two] = new
    return sorted(edge)
    ### END SOLUTION


# %%
q.swapped.check(swapped)

# %%
# q.swapped.hint()

# %% [markdown]
# ## Attention with the other mask (8 min, deeper)
#
# In the lecture one query looked at each patient's visits. Write `attend` for many queries at once, as in a transformer: `queries` (n, d), `keys` (m, d), `values` (m, e). The match of query and key is their product *divided by the root of d*; so
# long vectors do not make the weights all or nothing.
#
# The mask comes from NumPy's masked arrays: `ignore`, shape (n, m), is **True where a query must not look**. (Keras' mask says where it *may* look: [the same word, the other way round](../docs/conventions.md#true-in-a-mask-take-part-or-leave-out).) The weights of a query add up to 1 over
# the keys that it may see. A query that may see nothing answers 0. Products can be as large as several thousands, and the result must stay finite.


# %%
def attend(queries, keys, values, ignore):
    """Return the answers, shape (n, e)."""
    ### BEGIN SOLUTION
    match = np.where(ignore, -np.inf, queries @ keys.T / np.sqrt(queries.shape[1]))
    top = match.max(axis=1, keepdims=True)
    weight = np.exp(match - np.where(np.isfinite(top), top, 0.0))
    sums = np.maximum(weight.sum(axis=1), 1e-300)
    return (weight @ values) / sums[:, None]
    ### END SOLUTION


# %%
q.attend.check(attend)

# %%
# q.attend.hint()

# %% [markdown]
# ## Stretch: where does it end?
#
# Each round of messages makes neighbours more alike. After very many rounds, with nothing in between, what is left of the features of a connected graph? Is every node the same?
#
# Write `left_after`. It makes the $\hat{\mathbf{A}}$ of a table of edges (0 or 1, symmetric), multiplies a column of features by it `rounds` times, and scales the result to length 1. There is no check; the answer is in the solution. Guess
# first what the numbers will follow: the first features, the number of the node, its degree, or nothing?


# %%
def left_after(edges, features, rounds):
    """Return the features after many rounds, scaled to length 1."""
    ### BEGIN SOLUTION
    a = edges + np.eye(len(edges))
    degree = a.sum(axis=1)
    a = a / np.sqrt(np.outer(degree, degree))
    state = np.asarray(features, float)
    for _ in range(rounds):
        state = a @ state
    return state / np.linalg.norm(state)
    ### END SOLUTION


# %% tags=["solution", "nbval-check-output"]
def likeness(rounds):
    """Return the cosine between what is left and the root of the degree."""
    ring = np.roll(np.eye(12), 1, axis=1) + np.roll(np.eye(12), -1, axis=1)
    ring[0, [3, 5, 6, 8]] = ring[[3, 5, 6, 8], 0] = 1
    root = np.sqrt(ring.sum(axis=1) + 1)
    features = np.random.default_rng(0).normal(size=12)
    return float(abs(left_after(ring, features, rounds) @ root) / np.linalg.norm(root))


result("2 rounds: likeness to the root of the degree", likeness(2))
result("10 rounds", likeness(10))
result("200 rounds", likeness(200))

# %% [markdown] tags=["solution"]
# **Answer.** They follow the root of the degree, whatever the features were. The largest eigenvalue of $\hat{\mathbf{A}}$ is 1, and its eigenvector is $\sqrt{d_i}$, with the edge to itself counted. All other eigenvalues are smaller than 1 in size, so
# after many rounds everything else has died out. What is left of the patient is how many neighbours each point has.

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
