# %% [markdown]
# ## Part A: maps from straight lines (20 min)
#
# A study group sends you a table and asks for a map. In part A you build one from straight lines,
# and one that follows a bent sheet. In part B you write the heart of t-SNE. In part C you judge
# maps: may they be trusted, do their islands mean anything, and what of the patient who comes
# tomorrow? Each part stands alone; make a break between them.
#
# Write `pca`. It returns two things: the first `count` components, shape (count, p), and the
# coordinates of the samples along them, shape (n, count).
#
# - `table`: shape (n, p), a row for each sample. There may be fewer samples than features.
# - Centre the columns. Do **not** divide by their standard deviation.
# - A component and its opposite are equally right. So that we can compare: turn each component such
#   that its entry of the largest absolute value is **positive**. Its coordinates turn with it.

# %%
import mlmi_course
import numpy as np

from mlmi_course.questions import u12_embeddings as q


# %%
def pca(table, count):
    """Return the first components and the coordinates of the samples."""
    ### BEGIN SOLUTION
    centred = table - table.mean(axis=0)
    u, s, vt = np.linalg.svd(centred, full_matrices=False)
    components = vt[:count]
    largest = np.abs(components).argmax(axis=1)
    sign = np.sign(components[np.arange(count), largest])
    components = components * sign[:, None]
    return components, centred @ components.T
    ### END SOLUTION


# %%
q.pca.check(pca)

# %% [markdown]
# Stuck? Delete the `#` in the next cell and run it. Run it again for the next hint.

# %%
# q.pca.hint()

# %% [markdown]
# Your first two components of the 1,797 digits of the lecture, and your map. The 0, the 3, the
# 4 and the 6 should lie at its rim.

# %%
q.pca.show(pca)

# %% [markdown]
# ## How many components? (8 min)
#
# The 569 breast lumps of the lecture have 30 features each. **Standardise** the columns (mean 0,
# standard deviation 1). What is the smallest number of components that together hold **at least 90
# %** of the variance?

# %%
from sklearn.datasets import load_breast_cancer

lumps = load_breast_cancer().data
### BEGIN SOLUTION
scaled = (lumps - lumps.mean(axis=0)) / lumps.std(axis=0)
s = np.linalg.svd(scaled, compute_uv=False)
share = np.cumsum(s**2) / np.sum(s**2)
components_needed = int(np.argmax(share >= 0.9)) + 1
### END SOLUTION

# %%
q.components_needed.check(components_needed)

# %%
# q.components_needed.hint()

# %% [markdown]
# ## The way along the sheet (20 min)
#
# Write `geodesics`, the first two steps of ISOMAP. It returns the distances along the graph of
# neighbours, shape (n, n).
#
# - `points`: shape (n, p). No two points coincide.
# - Join $i$ and $j$ if $j$ is among the `k` nearest neighbours of $i$, **or** $i$ among those of
#   $j$. No point is its own neighbour. An edge is as long as the straight distance of its ends.
# - The distance of two points is the length of the shortest path between them. **Where there is no
#   path it is `np.inf`.**
#
# You may use `scipy.sparse.csgraph.shortest_path(graph, directed=False)`. In `graph`, 0 means *no
# edge*, and it returns inf where there is no path.

# %%
from scipy.sparse.csgraph import shortest_path


def geodesics(points, k):
    """Return the length of the shortest path between any two points."""
    ### BEGIN SOLUTION
    pairs = points[:, None] - points[None]
    distances = np.sqrt((pairs**2).sum(axis=-1))
    near = np.argsort(distances, axis=1)[:, 1 : k + 1]
    graph = np.zeros_like(distances)
    np.put_along_axis(graph, near, np.take_along_axis(distances, near, axis=1), axis=1)
    return shortest_path(np.maximum(graph, graph.T), directed=False)
    ### END SOLUTION


# %%
q.geodesics.check(geodesics)

# %%
# q.geodesics.hint()

# %% [markdown]
# Your distances on a Swiss roll of 800 points, all measured from its inner end, against the true
# ones on the flat sheet. Right paths lie just above the line: a path zigzags a little. (Give it a
# few seconds.)

# %%
q.geodesics.show(geodesics)

# %% [markdown]
# ## A map from distances (15 min)
#
# Write `classical_mds`, the last step of ISOMAP. It returns a map, shape (n, count), whose straight
# distances are close to those that are given.
#
# - `distances`: shape (n, n), symmetric, zeros on the diagonal.
# - Square them, centre rows and columns, times −½, eigenvectors, each times the root of its
#   eigenvalue. The axis with the largest eigenvalue comes first. The first `count` eigenvalues are
#   above 0.
# - In each column, the entry of the largest absolute value is **positive**.


# %%
def classical_mds(distances, count):
    """Return a map made from distances."""
    ### BEGIN SOLUTION
    squares = distances**2
    rows = squares.mean(axis=1, keepdims=True)
    products = -0.5 * (squares - rows - rows.T + squares.mean())
    values, vectors = np.linalg.eigh(products)
    places = vectors[:, ::-1][:, :count] * np.sqrt(values[::-1][:count])
    largest = np.abs(places).argmax(axis=0)
    return places * np.sign(places[largest, np.arange(count)])
    ### END SOLUTION


# %%
q.classical_mds.check(classical_mds)

# %%
# q.classical_mds.hint()

# %% [markdown]
# The same roll, mapped by your function. The distances along the graph are ours, so that this works
# even if yours do not yet. The colour should change steadily along the sheet.

# %%
q.classical_mds.show(classical_mds)

# %% [markdown] tags=["solution"]
# Both together are ISOMAP. How does it depend on the number of neighbours?

# %% tags=["solution", "nbval-check-output"]
from mlmi_course.checks import result

points, along = q.roll(800)
for k in (8, 40):
    places = classical_mds(geodesics(points, k), 2)
    agree = float(abs(np.corrcoef(places[:, 0], along)[0, 1]))
    bound = {"at_least": 0.99} if k == 8 else {"at_most": 0.5}
    result(f"k = {k}: correlation of axis 1 with the sheet", agree, **bound)

# %% [markdown]
# ## Part B: how many neighbours does it feel? (15 min)
#
# Write `perplexity`: how many neighbours a sample feels if its ruler has the width `sigma`.
#
# $$ p_j = \frac{\exp(-d_j^2 / 2\sigma^2)}{\sum_{l \ne i} \exp(-d_l^2 / 2\sigma^2)}, \qquad
#    H = -\sum_j p_j \log_2 p_j, \qquad \text{perplexity} = 2^H $$
#
# - `squared`: shape (n,), the **squared** distances $d_j^2$ of all samples from sample number
#   `own`. The sample itself is among them, with a 0. It is not its own neighbour.
#   Others may be at distance 0 too: these are neighbours.
# - `sigma`: a distance, not a variance.
# - All others may be so far away that every `exp` becomes 0. The result must be right then too.
#   (What happens to the probabilities if you take the same number off all $d_j^2$?) A $p_j$ of 0
#   adds nothing to $H$.


# %%
def perplexity(squared, own, sigma):
    """Return 2 to the entropy, in bits, of the neighbours' probabilities."""
    ### BEGIN SOLUTION
    others = np.delete(squared, own)
    weights = np.exp(-(others - others.min()) / (2 * sigma**2))
    p = weights / weights.sum()
    p = p[p > 0]  # 0 log 0 counts as 0
    return 2 ** -(p * np.log2(p)).sum()
    ### END SOLUTION


# %%
q.perplexity.check(perplexity)

# %%
# q.perplexity.hint()

# %% [markdown]
# Your perplexity of three digits among 400, for rulers of all widths. The grey line is at 30. Where
# does each curve cross it?

# %%
q.perplexity.show(perplexity)

# %% [markdown]
# ## The forces of t-SNE (20 min)
#
# Write `tsne_gradient`: the derivative of the divergence with respect to each point of the map,
# shape (n, 2).
#
# $$ \frac{\partial \mathcal{L}}{\partial \mathbf{z}_i} = 4 \sum_j
#    \frac{(p_{ij} - q_{ij})\,(\mathbf{z}_i - \mathbf{z}_j)}{1 + \lVert \mathbf{z}_i - \mathbf{z}_j \rVert^2}, \qquad
#    q_{ij} = \frac{(1 + \lVert \mathbf{z}_i - \mathbf{z}_j \rVert^2)^{-1}}
#    {\sum_{k \ne l} (1 + \lVert \mathbf{z}_k - \mathbf{z}_l \rVert^2)^{-1}}, \qquad q_{ii} = 0 $$
#
# - `P`: shape (n, n), symmetric, zeros on the diagonal, sum 1 over all pairs.
# - `places`: shape (n, 2), the points $\mathbf{z}$ of the map.


# %%
def tsne_gradient(P, places):
    """Return the gradient of the Kullback–Leibler divergence."""
    ### BEGIN SOLUTION
    apart = places[:, None] - places[None]
    near = 1 / (1 + (apart**2).sum(axis=-1))
    off = near * (1 - np.eye(len(places)))
    Q = off / off.sum()
    force = (P - Q) * near
    return 4 * (force[:, :, None] * apart).sum(axis=1)
    ### END SOLUTION


# %%
q.tsne_gradient.check(tsne_gradient)

# %%
# q.tsne_gradient.hint()

# %% [markdown]
# 120 digits from 0 to 3, thrown on a page at random, and moved by your gradient in 300 steps. Four
# groups should form. One of them may be in two parts: that is a place where the descent got stuck,
# and not a finding.

# %%
q.tsne_gradient.show(tsne_gradient)

# %% [markdown]
# ## Part C: trustworthiness (15 min)
#
# Write `trustworthiness`, without the function of scikit-learn:
#
# $$ T(k) = 1 - \frac{2}{n k (2n - 3k - 1)} \sum_i \; \sum_{j \text{ near } i \text{ in the map}}
#    \max\bigl(0,\; r(i, j) - k\bigr) $$
#
# - `original`: shape (n, p). `embedded`: shape (n, 2), the map of the same samples in the same
#   order.
# - *Near*: $j$ is one of the `k` nearest neighbours of $i$ **in the map**. No sample is its own
#   neighbour. `k` is below n / 2. Two samples may lie on the same place of the map: then each is the
#   nearest neighbour of the other, and still not its own.
# - $r(i, j)$ is the rank of $j$ among the neighbours of $i$ **in the original space**; the nearest
#   one has rank **1**.


# %%
def trustworthiness(original, embedded, k):
    """Return how far the neighbours in the map can be trusted, 0 to 1."""

    ### BEGIN SOLUTION
    def ranks(points):
        pairs = points[:, None] - points[None]
        distances = (pairs**2).sum(axis=-1)
        np.fill_diagonal(distances, -1)  # a twin at distance 0 comes after the sample itself
        return np.argsort(np.argsort(distances, axis=1), axis=1)  # 0 is the sample itself

    n = len(original)
    near = ranks(embedded)
    shown = (near >= 1) & (near <= k)
    excess = np.maximum(ranks(original) - k, 0)[shown].sum()
    return 1 - 2 / (n * k * (2 * n - 3 * k - 1)) * excess
    ### END SOLUTION


# %%
q.trustworthiness.check(trustworthiness)

# %%
# q.trustworthiness.hint()

# %% [markdown]
# Your function on the PCA of 300 digits, for neighbourhoods of several sizes, both ways round.

# %%
q.trustworthiness.show(trustworthiness)

# %% [markdown]
# ## Which cluster is which class? (10 min)
#
# Write `matched_accuracy`. k-means has numbered its clusters as it likes. Give each class at most
# one cluster, and each cluster at most one class, such that as many samples as possible are right.
# Return their share.
#
# - `labels`, `clusters`: shape (n,), any whole numbers, also negative ones. There may be more
#   clusters than classes, or fewer.
# - Samples in a cluster without a class are wrong.
#
# You may use `scipy.optimize.linear_sum_assignment`.

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

# %% [markdown] tags=["solution"]
# On the digits: what the number of the cluster says, and what the cluster says.

# %% tags=["solution", "nbval-check-output"]
from sklearn.cluster import KMeans
from sklearn.datasets import load_digits

images, digits = load_digits(return_X_y=True)
clusters = KMeans(10, n_init=10, random_state=0).fit_predict(images)
result("k-means on 64 numbers, matched", matched_accuracy(digits, clusters), within=(0.75, 0.83))

# %% [markdown]
# ## Patients who come later (12 min)
#
# Write `embed_unseen`: the coordinates of **new** patients on the map of earlier ones, shape (m,
# count).
#
# - `train`: shape (n, p), the earlier patients. `test`: shape (m, p), the new ones; perhaps only
#   one.
# - Standardise (`std` of NumPy as it is; no column of `train` is constant), then the first `count`
#   principal components, turned as in part A. Everything that is learnt is learnt from `train`.


# %%
def embed_unseen(train, test, count):
    """Return the places of new patients on the map of the earlier ones."""
    ### BEGIN SOLUTION
    mean, spread = train.mean(axis=0), train.std(axis=0)
    vt = np.linalg.svd((train - mean) / spread, full_matrices=False)[2]
    components = vt[:count]
    largest = np.abs(components).argmax(axis=1)
    components = components * np.sign(components[np.arange(count), largest])[:, None]
    return (test - mean) / spread @ components.T
    ### END SOLUTION


# %%
q.embed_unseen.check(embed_unseen)

# %%
# q.embed_unseen.hint()

# %% [markdown]
# ## Five islands (10 min)
#
# A manuscript comes to you for review. *"We extracted 512 deep features from 3,100 MRI patches of
# 62 patients with glioma, from three hospitals. UMAP (15 neighbours) revealed five clearly
# separated clusters. These are five radiological subtypes. Their survival differs (p = 0.03)."*
# Each patient was put into the cluster that holds most of her patches.
#
# What do you write to the editor? Say why the map is no evidence, and name what would convince you:
# checks that *could fail*. Six or seven sentences. (The manuscript is invented.)

# %%
### BEGIN SOLUTION
islands = """
The map is no evidence of subtypes: UMAP shows islands in noise too, and their number depends on the
seed and on the number of neighbours. The patches are not independent: 50 come from each patient, so
islands may be patients or hospitals. Please colour the map by patient, hospital and scanner. Find the
clusters in the 512 features and not on the page, and report how often they return when *patients* are
drawn anew, and on columns that were shuffled one by one. Then fix the rule, and assign patients of a
fourth hospital without refitting: do the five groups exist there? The survival test comes after many
choices (neighbours, number of clusters) on the same 62 patients; it must be repeated on the new ones,
beside age and grade.
"""
### END SOLUTION

# %%
q.islands.check(islands)

# %%
# q.islands.hint()

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
