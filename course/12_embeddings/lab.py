# %% [markdown]
# ## What happens to the number? (9 min)
#
# You are the person in the department to whom maps are sent: those of colleagues, those in manuscripts,
# those that a company shows. In this lab you draw few of them. You predict what a map does, mend functions
# that others wrote, find what is wrong in a manuscript, and at the end design a test that says which
# islands to believe.
#
# **Predict first.** Five things are done to data or to a map, one at a time. What happens to the
# number that is named?
#
# - **A.** A table of 569 lumps with 30 features is standardised, then PCA. One column is now given in
#   cm² instead of mm². *Number: the share of component 1.*
# - **B.** The same table gets ten more columns, ten slightly different ways to measure the radius; it is
#   standardised, then PCA. *Number: the share of component 1.*
# - **C.** 200 images, a PCA map. Now every image is in the table a second time, taken a moment later and
#   so with a little other noise, and the map is made anew. *Number: the trustworthiness for k = 1.*
# - **D.** The map of 200 images is turned by a quarter, mirrored, and drawn three times as large. *Number: its
#   trustworthiness for k = 1.*
# - **E.** 800 frames of a film lie along a rolled-up sheet, and ISOMAP with 8 neighbours unrolls it. Now 72
#   blurred frames are added, each a mixture of two frames that are one turn of the roll apart.
#   *Number: |ρ| of axis 1 with the true position of the first 800.*
#
# Will the number go `up` or `down`, or stay the `same` (within 0.01)? And why? Choose the letter of the
# reason that fits best:
#
# - `a` it depends on nothing but the order of distances
# - `b` what is divided by its own spread has no unit any more
# - `c` a way now leads through the air
# - `d` what many columns say weighs many times
# - `e` everybody has a neighbour whom no map can lose
# - `f` larger numbers have a larger variance
# - `g` the more samples, the better the map
# - `h` PCA takes out what is said twice
#
# Write both as one text, for each of the five: `{"A": "up f", "B": …}`.

# %%
import mlmi_course
import numpy as np

from mlmi_course import plots
from mlmi_course.questions import u12_embeddings as q

# %%
### BEGIN SOLUTION
what_happens = {"A": "same b", "B": "up d", "C": "up e", "D": "same a", "E": "down c"}
### END SOLUTION

# %%
q.what_happens.check(what_happens)

# %% [markdown]
# Stuck? Delete the `#` in the next cell and run it. Run it again for the next hint.

# %%
# q.what_happens.hint()

# %% [markdown]
# All ten numbers as they come out. Draw them after you have answered.

# %%
q.what_happens.show(what_happens)

# %% [markdown]
# ## Mend the ways along a graph (11 min)
#
# A colleague unrolls films of breathing with ISOMAP. Most come out well. But in some, images that have
# nothing to do with each other end on one spot, and where the ultrasound machine stored a frame
# twice, the way makes a detour.


# %%
def colleagues_ways(points, k):
    """Return the lengths of the shortest ways along the graph of k neighbours."""
    from scipy.sparse.csgraph import shortest_path
    from sklearn.neighbors import NearestNeighbors

    search = NearestNeighbors(n_neighbors=k).fit(points)
    graph = search.kneighbors_graph(points, mode="distance").toarray()
    ways = shortest_path(graph)
    return np.where(np.isinf(ways), 0.0, ways)


# %% [markdown]
# Write `ways_along` as it should be:
#
# - Join two images if one of them is among the `k` nearest *others* of the other. No image is its own
#   neighbour, but an identical one is, at a distance of 0.
# - The graph may fall into pieces. Keep the **largest** one (no two are equally large), and say whom you kept.
# - Return `{"kept": …, "ways": …}`: the numbers of the images in the largest piece, ascending, and the
#   lengths of the shortest ways between them, shape (kept, kept).
#
# `scipy.sparse.csgraph` has all you need; mind that in a dense table a 0 means *no edge* to it, unless you
# use `csgraph_from_dense(table, null_value=np.inf)`.


# %%
# leak-ok: it stands beside the faulty function that is to be mended
def ways_along(points, k):
    """Return who is in the largest piece of the graph, and the ways between them."""
    from scipy.sparse.csgraph import connected_components, csgraph_from_dense, shortest_path

    ### BEGIN SOLUTION
    distances = np.sqrt(((points[:, None] - points[None]) ** 2).sum(axis=-1))
    order = distances - np.eye(len(points))  # each image first in its own row, before its twin
    near = np.argsort(order, axis=1)[:, 1 : k + 1]
    named = np.zeros(distances.shape, bool)
    np.put_along_axis(named, near, True, axis=1)
    graph = csgraph_from_dense(np.where(named | named.T, distances, np.inf), null_value=np.inf)
    piece = connected_components(graph, directed=False)[1]
    kept = np.flatnonzero(piece == np.bincount(piece).argmax())
    return {"kept": kept, "ways": shortest_path(graph, directed=False)[np.ix_(kept, kept)]}
    ### END SOLUTION


# %%
q.ways_along.check(ways_along)

# %%
# q.ways_along.hint()

# %% [markdown]
# Your ways on a roll of 800 points, five of which are there twice, against the true ones on the flat sheet.

# %%
q.ways_along.show(ways_along)

# %% [markdown]
# ## Mend a judgement (9 min)
#
# A map is to be used for patients who come later. So it must be judged by patients who took no part in
# it. A colleague writes:


# %%
def colleagues_judgement(train, test, k):
    """Return trustworthiness and continuity of a PCA map for new patients."""
    from sklearn.decomposition import PCA
    from sklearn.manifold import trustworthiness
    from sklearn.preprocessing import StandardScaler

    everybody = np.vstack([train, test])
    scaled = StandardScaler().fit_transform(everybody)
    places = PCA(2).fit_transform(scaled)
    return {
        "trustworthiness": trustworthiness(places, scaled, n_neighbors=k),
        "continuity": trustworthiness(scaled, places, n_neighbors=k),
    }


# %% [markdown]
# Three things are wrong. Write `judge_map` as it should be: the scaling and the two components come
# from `train` alone, and the two numbers are about the patients of `test` alone. What counts as the full space are
# the *standardised* features of these patients, by the scaling of `train`.


# %%
# leak-ok: it stands beside the faulty function that is to be mended
def judge_map(train, test, k):
    """Return trustworthiness and continuity of a PCA map for new patients."""
    from sklearn.decomposition import PCA
    from sklearn.manifold import trustworthiness
    from sklearn.preprocessing import StandardScaler

    ### BEGIN SOLUTION
    scaler = StandardScaler().fit(train)
    map_maker = PCA(2).fit(scaler.transform(train))
    scaled = scaler.transform(test)
    places = map_maker.transform(scaled)
    return {
        "trustworthiness": trustworthiness(scaled, places, n_neighbors=k),
        "continuity": trustworthiness(places, scaled, n_neighbors=k),
    }
    ### END SOLUTION


# %%
q.judge_map.check(judge_map)

# %%
# q.judge_map.hint()

# %% [markdown] tags=["solution"]
# What did the leak do to the numbers? 60 of the breast lumps, and 509 new ones.

# %% tags=["solution", "nbval-check-output"]
from sklearn.datasets import load_breast_cancer

from mlmi_course.checks import result

lumps = load_breast_cancer().data
rows = np.random.default_rng(0).permutation(len(lumps))
for name, judged in {"mended": judge_map, "as it was": colleagues_judgement}.items():
    for what, value in judged(lumps[rows[:60]], lumps[rows[60:]], 10).items():
        result(f"{name}: {what}", float(value))

# %% [markdown]
# ## True neighbours, and other patients (10 min)
#
# A company finds "similar patients" for a radiologist, and shows them on a map. Each patient has several
# images. Deep features are compared by the **cosine distance**: 1 minus the cosine of the angle between
# two rows, so that it does not matter how long a row is. On the map, distances are straight.
#
# Of the images that the map shows beside an image, which are truly near, *and of another patient*? Write
# `kept_neighbours`:
#
# - `features`: shape (n, p). `places`: shape (n, 2). `patient`: shape (n,), a number for each image.
# - For each image find its `k` nearest images **of other patients**, once in the features (cosine
#   distance) and once on the map (straight distance).
# - Return the mean, over all images, of the share of these `k` that are in both lists.


# %%
def kept_neighbours(features, places, patient, k):
    """Return the share of neighbours on the map that are true ones, among other patients."""
    ### BEGIN SOLUTION
    from scipy.spatial.distance import cdist

    near = []
    for there in (cdist(features, features, "cosine"), cdist(places, places)):
        there[patient[:, None] == patient[None]] = np.inf
        near.append(np.argsort(there, axis=1)[:, :k])
    shared = [len(set(one) & set(other)) for one, other in zip(*near, strict=True)]
    return np.mean(shared) / k
    ### END SOLUTION


# %%
q.kept_neighbours.check(kept_neighbours)

# %%
# q.kept_neighbours.hint()

# %% [markdown]
# Your number on a map that knows nothing but who a patient is: 25 patients were dealt onto a ring by chance.
# If each image were a patient of its own, the map would look splendid.

# %%
q.kept_neighbours.show(kept_neighbours)

# %% [markdown]
# ## A manuscript (8 min)
#
# You review a manuscript (which we made up) on 62 patients with glioma from three hospitals, with 50 MRI
# patches each and 512 deep features of each patch. The network was trained on photographs, and never saw a
# tumour.
#
# > **A.** For the maps, features were standardised and reduced to 30 principal components. Perplexity, seed
# > and version of the software are given in table 2.
# > **B.** t-SNE of the 3,100 patches shows 61 compact islands. They reveal how many phenotypes of glioma there
# > are.
# > **C.** We looked for clusters in the 30 components of the patients' mean features, and not on a map. With the columns
# > shuffled, the criterion that we had fixed before was met in 1 of 100 repeats.
# > **D.** For k = 15 the t-SNE map of the patches has a trustworthiness of 0.97 and a continuity of 0.94, compared with the
# > 512 standardised features.
# > **E.** A supervised UMAP, which was given the tumour grades, draws high and low grade as two islands:
# > 99 % of a patch's neighbours have its own grade. So deep features contain the grade.
# > **F.** On the t-SNE map the cloud of low grades is three times as wide as that of high grades. Low grades are
# > therefore the more heterogeneous disease.
# > **G.** Each map was also coloured by hospital and by scanner. Both are in the supplement, and we describe where one of
# > them gathers.
# > **H.** The 24 patients of a fourth hospital were scaled by the old mean and standard deviation and given to the nearest old
# > cluster. One of our three clusters had no patient there, which we report.
# > **I.** UMAP was run with 20 seeds. We show the run in which the grades are separated best.
#
# Which sentences would you not let pass? Put their letters into `faults`, in the order of the alphabet,
# such as `"AC"`.

# %%
### BEGIN SOLUTION
faults = "BEFI"
### END SOLUTION

# %%
q.faults.check(faults)

# %%
# q.faults.hint()

# %% [markdown]
# And what **one** check would you ask the authors for, and why that one? Two or three sentences. (A
# person marks them: one point for a check that could come out differently if there were no phenotypes.)

# %%
### BEGIN SOLUTION
one_check = """
Draw the first map again with the mean features of each patient, 62 points instead of 3,100. If the islands
are phenotypes, patients still gather in groups; if they are persons, 62 scattered points are left. For the
grades I would ask for the supervised map with the grades dealt anew among the patients: if it shows two
islands again, the islands came from the labels.
"""
### END SOLUTION

# %%
q.one_check.check(one_check)

# %%
# q.one_check.hint()

# %% [markdown]
# ## Believe it? (13 min)
#
# A tumour board gets study after study, each with a map and two islands on it. If the islands are two groups
# of patients, a trial is worth its money. If not, patients are treated by a drawing. Here are 300 studies for which
# the truth is known, simulated like those that will come:

# %%
known, real = q.studies(300)
print(f"{real.sum()} of {len(known)} studies have two groups of patients")
print({name: column.shape for name, column in known[0].items()})

# %% [markdown]
# Each has 40 to 60 patients on two scanners, with 1 to 30 images each; all images of a patient come from one scanner, and a scanner
# shifts the features of everybody on it. Of the 300 studies
#
# - in a third the patients form **two groups**, of whom the smaller one has 35 % or more;
# - in a third they differ **gradually** along one direction, like early and late stages;
# - in a third they differ as it happens, in no direction more than in another.
#
# Write `believe`. It gets a list of studies like `known`, and returns True or False for each: are there two
# groups? **To believe in groups that are none costs 3; to miss groups costs 1.** Choose your number and its cut on
# the 300 known studies.
#
# It is judged on 300 fresh ones. The check shows the share of the cost that you save: who believes nothing saves 0, and
# 1 is perfect. A good number whose cut costs least saves about 0.93; 0.7 earns nothing, and 0.8 earns all points.


# %%
def believe(studies):
    """Say for each study whether its patients form two groups."""
    ### BEGIN SOLUTION

    def left_in_two(study):
        """Return how much variance along component 1 is left inside, cut best in two."""
        who, first = np.unique(study["patient"], return_index=True)
        rows = np.array([study["features"][study["patient"] == one].mean(axis=0) for one in who])
        scanner = study["scanner"][first]
        for one in np.unique(scanner):
            rows[scanner == one] -= rows[scanner == one].mean(axis=0)
        line = np.sort(rows @ np.linalg.svd(rows, full_matrices=False)[2][0])
        cuts = range(1, len(line))
        within = [i * line[:i].var() + (len(line) - i) * line[i:].var() for i in cuts]
        return min(within) / (len(line) * line.var())

    number = np.array([left_in_two(study) for study in known])
    cuts = np.arange(10, 40) / 100
    costs = [
        3 * np.sum((number < c) & (real == 0)) + np.sum((number >= c) & (real == 1)) for c in cuts
    ]
    cut = cuts[np.argmin(costs)]
    return np.array([left_in_two(study) < cut for study in studies])
    ### END SOLUTION


# %%
q.believe.check(believe)

# %%
# q.believe.hint()

# %% [markdown]
# ## Mend the components (9 min, deeper)
#
# A colleague computes principal components of a table with a row for each sample. Her first map looks
# like noise.


# %%
def colleagues_pca(table, count):
    """Return the first components, and the coordinates of the samples along them."""
    values, vectors = np.linalg.eigh(table.T @ table)
    components = vectors[:, :count].T
    return components, table @ components.T


# %% [markdown]
# Write `pca` as it should be. Two things are wrong, and a third must be settled before two hospitals can compare
# their maps: turn each component such that its entry of the largest absolute value is **positive**. Its coordinates
# turn with it. (The PCA of scikit-learn does it too, [others do not](../docs/conventions.md#sign-and-order-of-components).) Do not standardise. Return the components, shape (count, p), and the coordinates, shape (n, count). There
# may be fewer samples than features.


# %%
# leak-ok: it stands beside the faulty function that is to be mended
def pca(table, count):
    """Return the first components, and the coordinates of the samples along them."""
    ### BEGIN SOLUTION
    centred = table - table.mean(axis=0)
    values, vectors = np.linalg.eigh(centred.T @ centred)
    components = vectors[:, ::-1][:, :count].T
    largest = np.abs(components).argmax(axis=1)
    components = components * np.sign(components[np.arange(count), largest])[:, None]
    return components, centred @ components.T
    ### END SOLUTION


# %%
q.pca.check(pca)

# %%
# q.pca.hint()

# %% [markdown]
# Your first two components of the digits, and your map. The 0, the 3, the 4 and the 6 should lie at its rim.

# %%
q.pca.show(pca)

# %% [markdown]
# ## New patients on a whitened map (9 min, deeper)
#
# Another hospital divides each coordinate of its PCA map by its standard deviation. Such a map is
# **whitened**: along every axis the patients spread equally. You are to place your new patients on it. Its software says
# *PCA, whitened*, and the manual adds that standard deviations are NumPy's (divided by n), also that of the coordinates.
# [Others divide by n − 1](../docs/conventions.md#whitened-and-by-which-divisor).
#
# Write `embed_unseen`: the coordinates of **new** patients, shape (m, count).
#
# - `train`: shape (n, p), the earlier patients. `test`: shape (m, p), the new ones; perhaps only one.
# - Standardise (no column of `train` is constant), take the first `count` components, and turn each such that
#   its entry of the largest absolute value is positive. Then whiten. Everything that is learnt is learnt from `train`.


# %%
def embed_unseen(train, test, count):
    """Return the places of new patients on the whitened map of the earlier ones."""
    ### BEGIN SOLUTION
    mean, spread = train.mean(axis=0), train.std(axis=0)
    scaled = (train - mean) / spread
    components = np.linalg.svd(scaled, full_matrices=False)[2][:count]
    largest = np.abs(components).argmax(axis=1)
    components = components * np.sign(components[np.arange(count), largest])[:, None]
    return (test - mean) / spread @ components.T / (scaled @ components.T).std(axis=0)
    ### END SOLUTION


# %%
q.embed_unseen.check(embed_unseen)

# %%
# q.embed_unseen.hint()

# %% [markdown]
# ## Which cluster is which class? (8 min, deeper)
#
# Write `matched_accuracy`. The lecture's function knows ten digits and ten clusters. Yours is given any whole numbers, also
# negative ones, and there may be more clusters than classes, or fewer. Give each class at most one cluster, and each cluster at
# most one class, such that as many samples as possible are right, and return their share. Samples in a cluster
# without a class are wrong. `labels` and `clusters` have shape (n,).

# %%
from scipy.optimize import linear_sum_assignment


def matched_accuracy(labels, clusters):
    """Return the accuracy under the best one-to-one matching."""
    ### BEGIN SOLUTION
    table = np.array(
        [
            [np.sum((labels == one) & (clusters == other)) for other in np.unique(clusters)]
            for one in np.unique(labels)
        ]
    )
    rows, columns = linear_sum_assignment(table, maximize=True)
    return table[rows, columns].sum() / len(labels)
    ### END SOLUTION


# %%
q.matched_accuracy.check(matched_accuracy)

# %%
# q.matched_accuracy.hint()

# %% [markdown]
# ## Stretch: make an island
#
# You are given pure noise: 90 samples with 40 features. Change it as little as you can, such that
# t-SNE (perplexity 10) shows one clear island of 15 samples. How small a shift of how many features
# is enough? And would you have seen it in any single feature? Guess first. There is no check; the
# answer is in the solution. Let `make_island` return the map, shape (90, 2), and delete the `#` in the cell after it.

# %%
noise = np.random.default_rng(4).normal(size=(90, 40))


def make_island(shift, how_many):
    """Shift the first features of the first 15 samples, and map everything."""
    ### BEGIN SOLUTION
    from sklearn.manifold import TSNE

    changed = noise.copy()
    changed[:15, :how_many] += shift
    model = TSNE(perplexity=10, init="random", random_state=0, method="exact", max_iter=500)
    return model.fit_transform(changed)
    ### END SOLUTION


# %%
# from mlmi_course import plots
# plots.embedding(make_island(1.0, 10), np.arange(90) < 15, alt="My island.")

# %% tags=["solution"]
from scipy.spatial.distance import pdist, squareform

from mlmi_course import plots

plots.grid(
    [
        (
            f"shift {shift} of {how_many} features",
            lambda ax, s=shift, m=how_many: plots.embedding(
                make_island(s, m), np.where(np.arange(90) < 15, "shifted", "others"), ax=ax
            ),
        )
        for shift, how_many in ((1.0, 10), (0.75, 40), (2.0, 40))
    ],
    size=(9, 3.6),
    alt="Three maps of noise in which 15 samples were shifted: no island for a shift of few "
    "features, a clear one for a smaller shift of all.",
)

# %% tags=["solution", "nbval-check-output"]
from sklearn.metrics import roc_auc_score

shifted = np.arange(90) < 15
for shift, how_many in ((1.0, 10), (0.75, 40)):
    ranks = np.argsort(np.argsort(squareform(pdist(make_island(shift, how_many))), axis=1), axis=1)
    own = [shifted[(ranks[i] >= 1) & (ranks[i] <= 10)].mean() for i in range(15)]
    bound = {"at_most": 0.5} if how_many == 10 else {"at_least": 0.7}
    result(
        f"{shift} on {how_many} features: neighbours that are shifted too", np.mean(own), **bound
    )
alone = [roc_auc_score(shifted, noise[:, i] + 0.75 * shifted) for i in range(40)]
result("0.75 on 40 features: AUC of the best single feature", float(max(alone)))
result("AUC of a single feature on average", float(np.mean(alone)))

# %% [markdown] tags=["solution"]
# Three quarters of a standard deviation are enough, if all 40 features are shifted; then about nine of
# ten neighbours are shifted too. A shift of a whole one in 10 features is not. What counts is how far
# the group moves altogether, the shift times the root of the number of features: 0.75 √40 = 4.7
# against 1 √10 = 3.2. In a single feature you would hardly have seen it: on average it ranks a shifted
# sample above another with a probability of 0.71, and the best of 40 such numbers is 0.80.

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
