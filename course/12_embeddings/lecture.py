# %% [markdown]
# ## You need (3 min)
#
# **The first half: a woman with a lump.** Mrs Adler, 54, has felt a lump in her breast. A needle took cells from it, and a program
# measured thirty numbers of their nuclei. Somebody has to decide today: is she operated on, or is she sent home and seen again in
# a year? A missed cancer may cost her life. An operation for nothing costs a scar, a week, and fear. On the cytologist's screen
# she is one point on a map of 569 earlier lumps, and the points around hers are red. May one decide by that?

# %% [markdown] tags=["notes"]
# | term | meaning |
# |---|---|
# | **table** | $\mathbf{X}$: a row per sample, a column per feature; $n$ rows, $p$ columns |
# | **distance** | here the Euclidean one: the root of the sum of squared differences |
# | **neighbours** | the $k$ *other* samples at the smallest distance |
# | **variance** | the mean squared distance from the mean |
# | **eigenvector** | a direction that a matrix only stretches; the stretch is its **eigenvalue** |
# | **entropy** | $H = -\sum_j p_j \log_2 p_j$, in **bits**: how many yes/no questions a draw is worth |
#
# With `a` of shape (n, p), `a[:, None] - a[None]` has shape (n, n, p): all pairs at once. This is
# **broadcasting**.

# %%
from functools import cache

import mlmi_course
import numpy as np
from scipy.stats import binomtest, spearmanr
from sklearn.datasets import load_breast_cancer, load_digits, make_swiss_roll
from sklearn.manifold import TSNE, Isomap
from sklearn.neighbors import KNeighborsClassifier, NearestNeighbors
from threadpoolctl import threadpool_limits

from mlmi_course import metrics, plots, widgets
from mlmi_course.checks import Predictions, result

threads = threadpool_limits(1)  # small tables: several threads only wait for each other
ask = Predictions("12_embeddings")

# %% [markdown] tags=["notes"]
# The lecture asks you to predict before it shows. Answer with the buttons, or in code
# (`luck.guess("…", sure=True)`). Nothing stops if you do not.

# %% [markdown] tags=["notes"]
# ## Sixty-four numbers on a page (4 min)
#
# Nobody can look at a table with thirty columns. So people draw a **map**: every patient becomes a point on a page, and similar
# patients should lie close together. Such a map is called an **embedding**.
#
# To learn what a map can do, we need data on which you can judge it with your own eyes: 1,797 handwritten
# digits of 8 × 8 pixels [1]. Every image is a row of 64 numbers from 0 to 16. **No mapping method
# is shown the labels** until we say so. We only colour by them afterwards.

# %% tags=["fold"]
images, digits = load_digits(return_X_y=True)
plots.montage(
    [image.reshape(8, 8) for image in images[:10]],
    columns=10,
    titles=[str(digit) for digit in digits[:10]],
    alt="Ten handwritten digits of eight by eight pixels, each with its label above.",
)

# %% [markdown] tags=["notes"]
# The simplest map comes first: keep two of the 64 pixels, those that vary most, and forget the
# rest. To judge it, take the ten nearest neighbours of each digit on the map. If the map knew nothing, one of ten would have the
# same label.

# %%
luck = ask(
    "A map of the two pixels that vary most: what share of ten neighbours has the same label?",
    "one tenth, as by luck",
    "a quarter or so",
    "two thirds or so",
)
luck


# %%
def same_label(places, labels=digits, k=10):
    """Return, for each sample, the share of its k neighbours on a map that have its label."""
    near = NearestNeighbors(n_neighbors=k).fit(places).kneighbors(return_distance=False)
    return (labels[near] == labels[:, None]).mean(axis=1)


varying_most = np.argsort(images.var(axis=0))[-2:]
rng = np.random.default_rng(0)
two_pixels = images[:, varying_most] + rng.uniform(-0.4, 0.4, (len(images), 2))  # or many coincide

# %% tags=["nbval-check-output"]
of_two = float(same_label(two_pixels).mean())
result("two pixels: share of ten neighbours with the same label", of_two, within=(0.22, 0.34))

# %%
shares = {"one tenth, as by luck": 0.1, "a quarter or so": 0.25, "two thirds or so": 0.67}
luck.reveal(min(shares, key=lambda text: abs(shares[text] - of_two)))

# %% [markdown]
# Two pixels know a little, but not enough to see ten groups. Perhaps two *weighted sums* of all pixels do better.

# %% [markdown]
# ## Turn the table: principal components (8 min)
#
# Think of the images as a cloud of points in 64 dimensions. **Principal component analysis** (PCA)
# finds the direction in which the cloud is longest [2]: the first **component**. The second is the
# longest one at a right angle to the first, and so on. A map of two components is a shadow of the
# cloud, with the lamp placed so that the shadow is as large as it can be.
#
# 1. **Centre**: take the mean of each column away.
# 2. Decompose what is left: $\mathbf{X} = \mathbf{U}\,\mathbf{S}\,\mathbf{V}^\top$, the **singular
#    value decomposition** (SVD). $\mathbf{S}$ is diagonal; its entries $s_1 \ge s_2 \ge \dots$ are
#    the **singular values**. The rows of $\mathbf{V}^\top$ are the eigenvectors of
#    $\mathbf{X}^\top \mathbf{X}$.
# 3. The components are the **rows of $\mathbf{V}^\top$**, with a number for each *feature*. The
#    **coordinates** of the samples are $\mathbf{X}\mathbf{V} = \mathbf{U}\mathbf{S}$, with a row
#    for each *sample*.
#
# The variance along component $i$ is $s_i^2 / n$.


# %%
def pca(table, count):
    """Return the first components, and the coordinates of the samples along them."""
    centred = table - table.mean(axis=0)
    u, s, vt = np.linalg.svd(centred, full_matrices=False)
    return vt[:count], centred @ vt[:count].T


components, by_pca = pca(images, 2)


# %% tags=["fold"]
def tile(row):
    """Return a function that draws 64 numbers as an image, grey for 0."""
    limit = np.abs(row).max()
    return lambda ax: plots.image(row.reshape(8, 8), vmin=-limit, vmax=limit, ax=ax)


plots.grid(
    [
        ("the mean image", tile(images.mean(axis=0))),
        ("component 1", tile(components[0])),
        ("component 2", tile(components[1])),
    ],
    size=(7, 2.7),
    alt="The mean of all digits, a soft blob; and the first two components, each with bright and "
    "dark patches.",
)

# %% [markdown] tags=["notes"]
# A component has 64 numbers, so it is an image too: a pattern of *more here, less there*. Which of the two is bright is
# chance, because a component and its opposite span the same line.

# %%
alone = ask("Which of these digits will be most by itself on the map?", "0", "1", "5", "8")
alone

# %% tags=["fold"]
plots.embedding(
    by_pca,
    digits,
    legend="on",
    xlabel="component 1",
    ylabel="component 2",
    alt="The first two principal components of the digits: 0, 3, 4 and 6 lie at the rim, most others "
    "in one heap in the middle.",
)

# %% tags=["nbval-check-output"]
u, s, vt = np.linalg.svd(images - images.mean(axis=0), full_matrices=False)
share = s**2 / (s**2).sum()
result("share of the variance, components 1 and 2", float(share[:2].sum()))
result("components for 90 % of the variance", int(np.searchsorted(share.cumsum(), 0.9) + 1))
own = same_label(by_pca)
by_digit = {str(one): float(own[digits == one].mean()) for one in (0, 1, 5, 8)}
for one, value in by_digit.items():
    result(f"neighbours of a {one} that are {one}s too", value)

# %%
alone.reveal(max(by_digit, key=by_digit.get))

# %% [markdown]
# Only the 0 comes near to an island. The 3, the 4 and the 6 lie at the rim too, but they run into
# their neighbours, and the others share the heap. Two components hold only 29 % of the variance: where the page shows
# a heap, the cloud may well be spread out, in the 62 dimensions that the page does not have.
#
# What if somebody forgets to centre?

# %%
uncentred = ask(
    "Without centring, what will component 1 of the digits look like?",
    "as before, only brighter",
    "the mean image",
    "noise",
)
uncentred

# %% tags=["nbval-check-output"]
first, mean = np.linalg.svd(images, full_matrices=False)[2][0], images.mean(axis=0)
to_mean = float(abs(first @ mean) / np.linalg.norm(mean))
result("not centred: likeness (cosine) of component 1 to the mean image", to_mean, at_least=0.99)
to_first = float(abs(first @ components[0]))
result("and to the centred component 1", to_first, at_most=0.2)

# %%
likeness = {"the mean image": to_mean, "as before, only brighter": to_first, "noise": 0.5}
uncentred.reveal(max(likeness, key=likeness.get))

# %% [markdown]
# Without centring, component 1 points from zero to the middle of the cloud: it *is* the mean image, and one axis of the map is lost. Another
# mistake worth knowing: to take rows of $\mathbf{U}$ for the components. They have a number for each *sample*, and with as many
# samples as features no error message will tell you.

# %% [markdown] tags=["notes"]
# Libraries differ in [centring](../docs/conventions.md#components-with-or-without-centring), in [the sign and the
# order](../docs/conventions.md#sign-and-order-of-components) of components, and in [the
# covariance](../docs/conventions.md#covariance-rows-or-columns-n-or-less) itself.

# %% [markdown]
# ## How much of a digit is in a few components? (5 min, deeper)
#
# Below, an image is put together again from its mean and a few components. How many does a simple machine need to read a
# digit? It gives a digit the label that most of its five nearest neighbours have, and sees nothing but the first
# components.

# %%
enough = ask(
    "How many components does it need to name nine of ten digits rightly?", "2", "10", "30"
)
enough


# %% tags=["fold"]
def from_few(number, count):
    """Return image `number`, built from the mean and the first components."""
    row = images[number] - mean
    return mean + vt[:count].T @ (vt[:count] @ row)


def rebuild(axes, number, count):
    """Draw an image beside what a few components make of it."""
    greys = {"vmin": 0, "vmax": 16}
    plots.image(images[number].reshape(8, 8), title="the image", **greys, ax=axes[0])
    built = from_few(number, count).reshape(8, 8)
    plots.image(built, title=f"from {count} components", **greys, ax=axes[1])


# %% tags=["fold"]
widgets.explore(
    rebuild,
    {
        "number": widgets.Slider("Image", 0, 60, 5),
        "count": widgets.Slider("Components", 0, 64, 2),
    },
    panels=2,
    size=(5.6, 2.9),
    say=lambda number, count: (
        f"{count} of 64 components hold {share[:count].sum():.0%} of the "
        f"variance. The label is {digits[number]}."
    ),
    settings=[{"count": 2}, {"count": 10}, {"count": 30}],
    alt="A digit, and what the mean and a few components make of it.",
)

# %% tags=["nbval-check-output"]
from sklearn.model_selection import cross_val_score

places = pca(images, 64)[1]
named = {}
for few in (2, 10, 30):
    rates = cross_val_score(KNeighborsClassifier(5), places[:, :few], digits, cv=5)
    named[few] = float(rates.mean())
    bound = {"at_most": 0.75} if few == 2 else {"at_least": 0.9}
    result(f"digits named rightly from {few} components", named[few], **bound)

# %%
enough.reveal(str(min(few for few, rate in named.items() if rate >= 0.9)))

# %% [markdown]
# Two are too few, but ten are nearly as good as thirty. (The components came from all digits, those
# to be named among them. What is wrong with that, and when it matters, comes in the second half.)

# %% [markdown] tags=["notes"]
# ## Thirty numbers of a cell: scale first (5 min)
#
# Pixels all have the same unit. Features of patients have not. Here are the 569 lumps of Mrs Adler's map, the real table of units 02, 05 and 08, with 30
# numbers for each lump [3]. The radius is about 14, the area about 650, the smoothness about 0.1.

# %%
heaviest = ask(
    "Which kind of number weighs most in component 1, as measured?",
    "radius",
    "area",
    "smoothness",
    "all about the same",
)
heaviest

# %%
cells = load_breast_cancer()
lumps, malignant = cells.data, 1 - cells.target  # in this file 1 means benign
names = list(cells.feature_names)
diagnosis = np.array(["benign", "malignant"])[malignant]
scaled = (lumps - lumps.mean(axis=0)) / lumps.std(axis=0)
as_measured, standardised = pca(lumps, 2), pca(scaled, 2)
weights = {}
for name, (found, _) in {"as measured": as_measured, "standardised": standardised}.items():
    order = np.argsort(-np.abs(found[0]))[:3]
    weights[name] = ", ".join(f"{names[i]} {abs(found[0][i]):.2f}" for i in order)

# %% tags=["nbval-check-output"]
for name, rows in {"as measured": lumps, "standardised": scaled}.items():
    spread = np.linalg.svd(rows - rows.mean(axis=0), compute_uv=False) ** 2
    result(f"{name}: share of component 1", float(spread[0] / spread.sum()))
    result(f"{name}: largest weights", weights[name])

# %%
kind = names[np.abs(as_measured[0][0]).argmax()].split()[1]
heaviest.reveal(kind)

# %% [markdown]
# As measured, component 1 is the area, and holds 98 % of the variance. That is no discovery, because
# the area has the largest numbers. In a larger unit they would be small, and so would its weight. **Where units
# differ, standardise first**: divide each column by its standard deviation. Where they are the
# same, as for pixels, do not: a corner pixel that is hardly ever inked would count as much as the
# middle.

# %% tags=["fold"]
plots.grid(
    [
        ("as measured", lambda ax: plots.embedding(as_measured[1], diagnosis, ax=ax)),
        ("standardised", lambda ax: plots.embedding(standardised[1], diagnosis, ax=ax)),
    ],
    size=(8.4, 4),
    alt="Two maps of 569 lumps. As measured: one long streak. Standardised: a cloud with benign "
    "lumps at one end, malignant ones at the other, and no gap between them.",
)

# %% [markdown] tags=["notes"]
# *Scaled* is not one thing either: [which divisor](../docs/conventions.md#standard-deviation-which-divisor),
# [whitened](../docs/conventions.md#whitened-and-by-which-divisor).

# %% [markdown] tags=["notes"]
# ## Along the sheet: ISOMAP (10 min)
#
# A shadow keeps straight lines straight, but some clouds are bent. Film a liver with ultrasound
# while the patient breathes. Each frame has thousands of pixels, yet mainly one thing changes, the
# phase of the breath, so the frames lie near a bent *curve*. Maps that
# follow such a curve have been used to find the breathing phase from the images alone [4].
#
# The best-known example is the **Swiss roll**: a sheet of paper, rolled up in space. We know how
# far along the sheet each point lies, so we can test a map: $\rho$ is **Spearman's rank correlation**, 1 if axis 1 has the points in the
# true order, 0 if it knows nothing of it. (The sign does not matter, since a map and its mirror image say the same.)

# %%
unrolled = ask(
    "PCA may turn the roll, and press it flat. How well does its axis 1 follow the sheet?",
    "|ρ| above 0.8",
    "|ρ| of 0.4 to 0.8",
    "|ρ| below 0.4",
)
unrolled

# %%
roll, along = make_swiss_roll(1000, random_state=0)


def agreement(places):
    """Return how well axis 1 of a map orders the points along the sheet: |ρ|, 0 to 1."""
    return float(abs(spearmanr(places[:, 0], along)[0]))


flat = pca(roll, 2)[1]

# %% tags=["fold"]
plots.grid(
    [
        (
            "the roll from its side",
            lambda ax: plots.embedding(roll[:, [0, 2]], values=along, ax=ax),
        ),
        ("by PCA", lambda ax: plots.embedding(flat, values=along, ax=ax)),
    ],
    size=(8.6, 3.8),
    alt="A rolled-up sheet seen from its side, a spiral; and its PCA map, in which parts of the "
    "sheet that are far apart lie on top of each other.",
)

# %% tags=["nbval-check-output"]
result("agreement of PCA with the sheet, |ρ|", agreement(flat), at_most=0.4)

# %%
how_well = agreement(flat)
unrolled.reveal(unrolled.choices[0 if how_well > 0.8 else 1 if how_well >= 0.4 else 2])

# %% [markdown]
# PCA fails because it trusts *straight* distances. Two turns of the roll lie close in space, but an ant
# on the paper has a long way to go. That way along the sheet is the **geodesic distance**, and ISOMAP [5] measures it:
#
# 1. **Graph.** Join each point to its $k$ nearest neighbours. Only short distances are trusted.
# 2. **Ways.** The distance of two points is the length of the shortest path along the graph.
# 3. **Map.** Find points on a page whose straight distances are as close as possible to these. This is
#    **classical scaling** (MDS): take the squares $d_{ij}^2$, subtract the mean of each row and column, add the mean of all, and multiply by $-\frac12$. The first
#    eigenvectors, each times the root of its eigenvalue, are the coordinates.
#
# In step 1 a point is not its own neighbour, and an edge has no direction: if $i$ names $j$, they are joined. The
# graph may still fall into **pieces**, between which there is no way at all.

# %%
from scipy.linalg import eigh
from scipy.sparse.csgraph import connected_components, shortest_path


def neighbour_graph(points, k):
    """Return the lengths of the edges between neighbours, and 0 where there is no edge."""
    pairs = points[:, None] - points[None]
    distances = np.sqrt((pairs**2).sum(axis=-1))
    near = np.argsort(distances, axis=1)[:, 1 : k + 1]  # the nearest of all is the point itself
    graph = np.zeros_like(distances)
    np.put_along_axis(graph, near, np.take_along_axis(distances, near, axis=1), axis=1)
    return np.maximum(graph, graph.T)  # an edge in one direction is an edge in both


# %%
def scaling(distances, count=2):
    """Return a map whose straight distances are close to those given."""
    squares = distances**2
    rows = squares.mean(axis=1, keepdims=True)
    products = -0.5 * (squares - rows - rows.T + squares.mean())
    n = len(products)
    values, vectors = eigh(products, subset_by_index=(n - count, n - 1))  # the largest, upwards
    return vectors[:, ::-1] * np.sqrt(values[::-1])


@cache
def unroll(k):
    """Return the ISOMAP of the largest piece of the roll, which points it has, and all pieces."""
    graph = neighbour_graph(roll, k)
    pieces, piece = connected_components(graph, directed=False)
    largest = piece == np.bincount(piece).argmax()
    ways = shortest_path(graph[np.ix_(largest, largest)], directed=False)
    return scaling(ways), largest, pieces


# %% tags=["nbval-check-output"]
places, _, _ = unroll(8)
theirs = Isomap(n_neighbors=8).fit_transform(roll)
same = abs(np.corrcoef(places[:, 0], theirs[:, 0])[0, 1])
result("k = 8: agreement with the sheet, |ρ|", agreement(places), at_least=0.995)
result("our axis 1 and that of scikit-learn, correlation", float(same), at_least=0.9999)

# %% [markdown] tags=["notes"]
# The sheet lies flat. But who says that $k$ should be 8? With more neighbours, an edge may jump from one turn of the roll to the
# next. With 16 neighbours the graph has some nine thousand edges.

# %%
jumps_needed = ask(
    "k grows from 8. How many edges must jump before |ρ| falls below 0.95?",
    "1",
    "about 10",
    "about 100",
)
jumps_needed


# %% tags=["fold"]
def with_neighbours(axes, k):
    """Draw the graph on the roll, and the map that it gives."""
    graph = neighbour_graph(roll, k)
    first, second = np.nonzero(np.triu(graph))
    ends = np.stack([roll[first], roll[second], np.full_like(roll[first], np.nan)], axis=1)
    # `along` is an angle, and a turn has 2π = 6.3. More than 5 apart: a jump to another turn.
    jumps = np.abs(along[first] - along[second]) > 5
    for drawn, colour in ((~jumps, "neutral"), (jumps, "error")):
        line = ends[drawn].reshape(-1, 3)  # nan lifts the pen between two edges
        axes[0].plot(line[:, 0], line[:, 2], color=plots.COLOURS[colour], linewidth=0.5)
    axes[0].set(aspect="equal", xticks=[], yticks=[])
    places, largest, _ = unroll(k)
    plots.embedding(places, values=along[largest], ax=axes[1])


# %% tags=["fold"]
def jumping(k):
    """Return how many edges jump from one turn of the roll to another."""
    first, second = np.nonzero(np.triu(neighbour_graph(roll, k)))
    return int((np.abs(along[first] - along[second]) > 5).sum())


def words(k):
    """Say how well the map agrees with the sheet, and whether the graph holds together."""
    places, largest, pieces = unroll(k)
    rho = abs(spearmanr(places[:, 0], along[largest])[0])
    held = "" if pieces == 1 else f" The graph is in {pieces} pieces; the largest is shown."
    wrong = f"{jumping(k)} edges jump to another turn."
    return f"k = {k}: axis 1 agrees with the sheet to |ρ| = {rho:.2f}. {wrong}{held}"


# %% tags=["fold"]
widgets.explore(
    with_neighbours,
    {"k": widgets.Slider("Neighbours", 2, 40, 8)},
    panels=2,
    size=(8.6, 3.9),
    say=words,
    settings=[{"k": 3}, {"k": 8}, {"k": 20}],
    alt=lambda k: f"The graph of neighbours on the roll, and the map it gives. {words(k)}",
)

# %% tags=["nbval-check-output"]
for k in (2, 3):
    _, largest, pieces = unroll(k)
    result(f"k = {k}, pieces", pieces)
    result(f"k = {k}, points in the largest piece", int(largest.sum()))
result("k = 16, edges", int(np.count_nonzero(neighbour_graph(roll, 16)) / 2))
for k in (15, 16, 20):
    result(f"k = {k}, edges that jump to another turn", jumping(k))
result("k = 16, agreement |ρ|", agreement(unroll(16)[0]), at_most=0.95)
result("k = 20, agreement |ρ|", agreement(unroll(20)[0]), within=(0.7, 0.9))
result("k = 40, agreement |ρ|", agreement(unroll(40)[0]), at_most=0.35)

# %%
harmful = next(k for k in (10, 15, 16, 20) if agreement(unroll(k)[0]) < 0.95)
counts = {"1": 1, "about 10": 10, "about 100": 100}
jumps_needed.reveal(min(counts, key=lambda text: abs(counts[text] - jumping(harmful))))

# %% [markdown]
# At 16 a single edge jumps to the next turn, and **one such edge is enough**: it is a
# short cut, and the shortest paths between far ends will use it. At 20 there are nine, and at 40
# hardly anything is left of the order. Too few neighbours harm too: with 2 the graph falls into 70 pieces, and the largest has 81
# of the 1,000 points; with 3, fourteen points are still cut off.

# %% [markdown] tags=["notes"]
# What a library takes for a graph needs a second look: [is a point its own neighbour](../docs/conventions.md#is-a-point-its-own-neighbour),
# [an edge in one direction alone](../docs/conventions.md#an-edge-in-one-direction-alone), [a distance of
# zero](../docs/conventions.md#a-distance-of-zero-in-a-graph), [a graph that falls
# apart](../docs/conventions.md#paths-in-a-graph-that-falls-apart), [near or strong](../docs/conventions.md#weight-of-an-edge-near-or-strong),
# [a correlation matrix as a graph](../docs/conventions.md#a-correlation-matrix-as-a-graph).

# %% [markdown]
# ## Faces: two causes behind a thousand pixels (6 min, deeper)
#
# The authors of ISOMAP showed it on photographs of a face, which differ in pose and light [5]. We
# draw our own: an egg with eyes, a nose and a mouth, turned left or right and lit from one side.
# Each of 400 images has 32 × 32 pixels, and only these **two numbers** made it.

# %%
across, down = np.meshgrid(np.linspace(-1.25, 1.25, 32), np.linspace(-1, 1, 32))
depth = np.sqrt(np.maximum(1 - across**2 - down**2, 0))
ball = np.stack([across, down, depth], axis=-1)  # the points of the head that we see
PARTS = [(-0.4, -0.25, 0.7), (0.4, -0.25, 0.7), (0, 0.1, -0.3),  # eyes, nose: a bright spot
         (-0.2, 0.45, 0.7), (0, 0.5, 0.7), (0.2, 0.45, 0.7)]  # mouth  # fmt: skip


def face(turned, lit):
    """Draw a face: turned to a side, lit from a side, both as angles in radians."""
    grey = np.maximum(ball @ [np.sin(lit), 0, np.cos(lit)], 0.1) * (depth > 0)
    for side, height, dark in PARTS:
        angle = turned + side
        there = np.array([np.sin(angle), np.tan(height), np.cos(angle)]) * np.cos(height)
        grey = grey * (1 - dark * np.exp(-((ball - there) ** 2).sum(axis=-1) / 0.03))
    return grey


rng = np.random.default_rng(5)
turned, lit = rng.uniform(-0.8, 0.8, 400), rng.uniform(-1, 1, 400)
faces = np.stack([face(*angles).ravel() for angles in zip(turned, lit, strict=True)])
plots.montage(
    [row.reshape(32, 32) for row in faces[:10]],
    columns=10,
    alt="Ten of 400 drawn faces, turned to the left or right and lit from the left or right.",
)

# %%
causes = ask(
    "What will PCA's map of two components know?", "the light", "the turn", "both", "neither"
)
causes

# %% tags=["fold"]
by_cause = {"PCA": pca(faces, 2)[1], "ISOMAP": Isomap(n_neighbors=6).fit_transform(faces)}
plots.grid(
    [
        (f"{name}: {cause}", lambda ax, z=z, v=v: plots.embedding(z, values=v, ax=ax))
        for name, z in by_cause.items()
        for cause, v in {"light": lit, "turn": turned}.items()
    ],
    columns=4,
    size=(11, 3),
    alt="Maps of the faces by PCA and by ISOMAP. The colour of the light changes steadily across "
    "both maps; the colour of the turn does so on ISOMAP's map only.",
)


# %% tags=["nbval-check-output"]
def known(places, cause):
    """Return how well the best direction of a map orders the faces by a cause: |ρ|, 0 to 1."""
    centred = places - places.mean(axis=0)
    direction = np.linalg.lstsq(centred, cause - cause.mean())[0]
    return float(abs(spearmanr(centred @ direction, cause)[0]))


result("PCA knows the light, |ρ|", known(by_cause["PCA"], lit), at_least=0.95)
result("PCA knows the turn, |ρ|", known(by_cause["PCA"], turned), at_most=0.4)
result("ISOMAP knows the light, |ρ|", known(by_cause["ISOMAP"], lit), at_least=0.95)
result("ISOMAP knows the turn, |ρ|", known(by_cause["ISOMAP"], turned), at_least=0.95)
sees = known(by_cause["PCA"], lit) > 0.7, known(by_cause["PCA"], turned) > 0.7

# %%
causes.reveal({(1, 0): "the light", (0, 1): "the turn", (1, 1): "both"}.get(sees, "neither"))

# %% [markdown]
# Both maps know the light, since it makes many pixels brighter or darker together. The turn moves two
# small eyes and a mouth *across* pixels, which bends the cloud, so no direction on PCA's map follows it.
# On ISOMAP's map each cause has a direction of its own. But we knew that there are two causes, and
# drew the faces such that a page is enough. Photographs of patients come without that promise.

# %% [markdown]
# ## How far may you trust a map? (6 min)
#
# On the roll you can see a mistake, because you know the truth. With patients you do not. So we need a way to judge a map without it.
#
# A map can lie in two ways. It can show **false neighbours**: two samples side by side that are far
# apart in truth. And it can tear true neighbours apart. There is a number for each [6].
# **Trustworthiness** looks at the false neighbours. Take the $k$ nearest neighbours of each sample
# *in the map*. Let $r(i, j)$ be the true rank of $j$: 1 if it is the nearest neighbour of $i$ in
# the full space, 2 if it is the second, and so on. A rank above $k$ is a lie, and costs the more
# the larger it is:
#
# $$ T(k) = 1 - \frac{2}{n k (2n - 3k - 1)} \sum_i \; \sum_{j \text{ near } i \text{ in the map}}
#    \max\bigl(0,\; r(i, j) - k\bigr) $$
#
# The factor makes the worst possible map 0, as long as $k < n/2$. **Continuity** is the same with
# the two spaces exchanged: it looks at the true neighbours, and asks where the map has put them.

# %%
lower = ask(
    "PCA throws a shadow of the digits. Which number will be the lower one?",
    "trustworthiness",
    "continuity",
    "both the same",
)
lower


# %%
def ranks(points):
    """Return how near j is to i: 0 for i itself, 1 for its nearest neighbour, and so on."""
    squares = (points**2).sum(axis=1)
    distances = squares[:, None] + squares - 2 * points @ points.T
    np.fill_diagonal(distances, -1)  # rounding must not put a twin before the sample itself
    return np.argsort(np.argsort(distances, axis=1), axis=1)


def trust(original, embedded, k=10):
    """Return the trustworthiness of a map."""
    n = len(original)
    near = ranks(embedded)
    shown = (near >= 1) & (near <= k)
    excess = np.maximum(ranks(original) - k, 0)[shown].sum()
    return float(1 - 2 / (n * k * (2 * n - 3 * k - 1)) * excess)


# %% tags=["nbval-check-output"]
from sklearn.manifold import trustworthiness

by_library = trustworthiness(images, by_pca, n_neighbors=10)
result("ours and scikit-learn's, difference", abs(trust(images, by_pca) - by_library), at_most=1e-3)
by_isomap = Isomap(n_neighbors=10).fit_transform(images)
judged = {"trustworthiness": trust(images, by_pca), "continuity": trust(by_pca, images)}
result("PCA, trustworthiness", judged["trustworthiness"], within=(0.82, 0.84))
result("PCA, continuity", judged["continuity"], within=(0.94, 0.96))
result("ISOMAP, trustworthiness", trust(images, by_isomap), within=(0.82, 0.86))
result("ISOMAP, continuity", trust(by_isomap, images), within=(0.955, 0.98))

# %%
lower.reveal(min(judged, key=judged.get))

# %% [markdown]
# A shadow can only bring points closer together: it keeps true neighbours (0.95), and throws strangers between them (0.83). **The
# order of the arguments decides which of the two you compute**: `trustworthiness(X, Z)` is the
# trustworthiness of the map $\mathbf{Z}$, `trustworthiness(Z, X)` is its continuity. Report both, and $k$.
#
# ISOMAP is hardly better on the digits (0.84), because they are no sheet of paper.

# %% [markdown] tags=["notes"]
# ## Does the map say more than a score? (6 min)
#
# Back to Mrs Adler. Of the 569 lumps 212 were malignant. The clinic demands that a rule **finds 95 % of the cancers**, 202 of them, and asks how many
# of the 357 women with a benign lump are operated on for nothing then. The share of cancers among those who are operated on
# is the **positive predictive value**.
#
# Four rules, the simplest first: one feature, component 1, the map of two components, and logistic regression on all 30
# numbers. The maps' rules are logistic regressions on the coordinates. Everything is fitted inside ten-fold cross-validation, the
# scaler and the components too. (The file has no patient numbers: we must believe that no woman is in it twice. The cut itself
# is set on these 569, for all rules alike.)

# %%
for_nothing = ask(
    "Logistic regression on 30 numbers operates 3 women for nothing. The map of 2 components?",
    "about as many",
    "some 15",
    "more than 40",
)
for_nothing

# %%
from sklearn.decomposition import PCA
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GroupKFold, StratifiedKFold, cross_val_predict
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

folds = StratifiedKFold(10, shuffle=True, random_state=0)
models = {
    "component 1": make_pipeline(StandardScaler(), PCA(1), LogisticRegression()),
    "map of 2 components": make_pipeline(StandardScaler(), PCA(2), LogisticRegression()),
    "logistic, 30 numbers": make_pipeline(StandardScaler(), LogisticRegression()),
}
says = {"largest perimeter": lumps[:, names.index("worst perimeter")]}
for name, model in models.items():
    out_of_fold = cross_val_predict(model, lumps, malignant, cv=folds, method="predict_proba")
    says[name] = out_of_fold[:, 1]


def operated(score, found=202):
    """Return who is operated on if the cut is set such that this many cancers are found."""
    return score >= np.sort(score[malignant == 1])[-found]


# %% tags=["nbval-check-output"]
nothing = {name: operated(score) & (malignant == 0) for name, score in says.items()}
for name, who in nothing.items():
    result(f"{name}: operated for nothing, of 357", int(who.sum()))
    result(f"{name}: positive predictive value", float(202 / (202 + who.sum())))
the_map, the_score = nothing["map of 2 components"], nothing["logistic, 30 numbers"]
result("only by the map", int((the_map & ~the_score).sum()))
result("only by logistic regression", int((the_score & ~the_map).sum()))
against = int((the_map & ~the_score).sum()), int((the_map ^ the_score).sum())
result("exact test of these women, p", float(binomtest(*against).pvalue), at_most=0.01, digits=2)

# %%
rates = {"about as many": 3, "some 15": 15, "more than 40": 50}
for_nothing.reveal(min(rates, key=lambda text: abs(rates[text] - the_map.sum())))

# %% tags=["fold"]
plots.bars(
    list(nothing),
    [100 * who.sum() / 357 for who in nothing.values()],
    xlabel="operated on for nothing (% of 357 women)",
    decimals=1,
    size=(6, 2),
    alt="Of 357 women with a benign lump, about 12 % are operated on for nothing by the largest "
    "perimeter, 15 % by component 1, 5 % by the map, 1 % by logistic regression.",
)

# %% [markdown]
# At the price of the same ten missed cancers, the map sends 17 women to the operating theatre for nothing, and the score 3. They
# differ in 16 women, 15 of them by the map alone, which is more than luck. So for Mrs Adler the honest sentence is: *decide by
# the score, and look at the map to see whether she lies where few others lie*. The predictive value of 0.985 is that of a table with
# 37 % cancers. Where one lump in ten is malignant, it falls. (The intervals draw the 357 women, and hold fits, folds and cut fixed.)

# %% tags=["nbval-check-output"]
for name in ("map of 2 components", "logistic, 30 numbers"):
    false = nothing[name].sum() / 357
    ppv = float(0.1 * 202 / 212 / (0.1 * 202 / 212 + 0.9 * false))
    interval = binomtest(int(nothing[name].sum()), 357).proportion_ci(method="wilson")
    low, high = 100 * interval.low, 100 * interval.high
    result(f"{name}: for nothing, 95 % interval in %", f"{low:.1f} to {high:.1f}")
    result(f"{name}: predictive value where 10 % are malignant", ppv)

# %% [markdown]
# Those who made the data reported 97.5 % right on these lumps, in repeated ten-fold cross-validation, with one plane through three
# features that they had searched for [7]. They needed no map either. **A map tells you what to look at next. It does
# not tell a patient what she has.**

# %% [markdown]
# ## Break: what you can do now (3 min)
#
# - Compute a PCA map, and say when to standardise.
# - Unroll a sheet, and find the edge that ruins it.
# - Say with two numbers how far a map can be trusted.
#
# **1.** A colleague computes `trustworthiness(Z, X)` for her map `Z` of the data `X` and gets 0.97.
# What may she say?
#
# <details><summary>Answer</summary>
#
# That the continuity is 0.97: true neighbours are still close in the map. Whether the neighbours
# that she *sees* are true ones, she does not know yet.
#
# </details>
#
# **2.** On a PCA map of clinical features, axis 1 orders the patients by their platelet count (150,000 to 400,000). A discovery?
#
# <details><summary>Answer</summary>
#
# No: the count has the largest numbers, so it has the largest variance. Standardise, and look again.
#
# </details>
#
# **3.** ISOMAP of a film of breathing works with 6 and 8 neighbours, and at 12 the order is gone. What happened?
#
# <details><summary>Answer</summary>
#
# Probably an edge jumps between frames that look alike and are far apart in the cycle. Look for the edge, and do not
# take the $k$ that gives the prettiest picture.
#
# </details>

# %% [markdown]
# ## Neighbours as probabilities (9 min)
#
# **The second half: a subtype.** Mr Bauer, 47, has a glioma. A company maps the deep features of his MRI, shows him in the third of three islands, and
# calls it *subtype three*, for which a harsher therapy is offered. If the subtype is real, he may gain months. If it is
# not, he is ill from a drawing. The tumour board asks you what the island means.
#
# Maps with islands come from methods that give up long distances altogether. *Who is my neighbour?* ISOMAP says: these $k$, and nobody else.
# **Stochastic neighbour embedding** (SNE) is softer [8]: sample $i$ chooses $j$ with a probability that falls with the distance like a
# Gaussian,
#
# $$ p_{j|i} = \frac{\exp(-d_{ij}^2 / 2\sigma_i^2)}{\sum_{l \ne i} \exp(-d_{il}^2 / 2\sigma_i^2)}, \qquad
#    p_{i|i} = 0 . $$

# %% [markdown] tags=["notes"]
# We do not fix $\sigma_i$, but *how many neighbours a sample feels*: the **perplexity** $2^{H}$, where $H$ is
# the entropy of its choice in bits. Someone who chooses among eight with equal chance has 3 bits
# and a perplexity of 8. For each sample we search the $\sigma_i$ that gives the perplexity we want,
# by halving an interval.

# %%
rulers = ask(
    "Perplexity 30 for 300 digits. The widest σ is how many times as wide as the narrowest?",
    "less than 1.2 times",
    "1.2 to 3 times",
    "more than 3 times",
)
rulers


# %%
def squared_distances(points):
    """Return all squared distances, shape (n, n)."""
    squares = (points**2).sum(axis=1)
    return np.maximum(squares[:, None] + squares - 2 * points @ points.T, 0)


def choices(squared, sigma):
    """Return who chooses whom: a row of probabilities for each sample."""
    others = np.where(np.eye(len(squared), dtype=bool), np.inf, squared)  # nobody chooses himself
    nearest = others.min(axis=1, keepdims=True)  # taken off: exp of −800 would be 0 for all
    weights = np.exp(-(others - nearest) / (2 * sigma**2))
    return weights / weights.sum(axis=1, keepdims=True)


# %%
def perplexities(p):
    """Return 2 to the entropy in bits, for each row."""
    logs = np.log2(p, out=np.zeros_like(p), where=p > 0)
    return 2 ** -(p * logs).sum(axis=1, keepdims=True)


def widths(squared, perplexity):
    """Return the σ of each sample, by halving an interval 40 times."""
    low, high = np.full((len(squared), 1), 1e-3), np.full((len(squared), 1), 1e3)
    for _ in range(40):
        middle = np.sqrt(low * high)
        wide = perplexities(choices(squared, middle)) > perplexity
        low, high = np.where(wide, low, middle), np.where(wide, middle, high)
    return middle


# %%
few = np.random.default_rng(0).permutation(len(images))[:300]
squared = squared_distances(images[few])
sigma = widths(squared, 30)

# %% tags=["nbval-check-output"]
wider = float(sigma.max() / sigma.min())
result("widest σ over narrowest", wider)
p = choices(squared, sigma)
result("perplexity, 2 to the bits", float(perplexities(p).mean()))
result("neighbours felt by who asks 30, but takes nats for bits", float(np.exp(np.log2(30))))

# %%
rulers.reveal(rulers.choices[0 if wider < 1.2 else 1 if wider <= 3 else 2])

# %% [markdown]
# The widest is nearly twice the narrowest. Every sample feels thirty neighbours, because
# it stretches its ruler until it does. **Keep this in mind**: it is why the size of an island in such
# a map will mean little. (The last line is what happens if the entropy is computed with `np.log`, in nats, and 2 is raised to it: [bits or
# nats](../docs/conventions.md#entropy-bits-or-nats).)

# %% [markdown] tags=["notes"]
# In the map the samples choose in the same way, all with the same width, and points are moved until the
# choices on the page, $q$, resemble those in the full space, $p$. The **Kullback–Leibler divergence**
#
# $$ \mathcal{L} = \sum_{i \ne j} p_{ij} \log \frac{p_{ij}}{q_{ij}} $$
#
# punishes true neighbours that lie apart ($p$ large, $q$ small), and hardly minds strangers that
# lie together.
#
# SNE's maps are crowded in the middle. In 64 dimensions up to 65 points can all be equally far from each other, but
# on a page only three can, so there is no room for those who should be *moderately* far. This is the **crowding problem** [9]. The cure changes
# one line: on the page, and only there, nearness falls like $1 / (1 + d^2)$ instead of $e^{-d^2}$.
# This is Student's *t* distribution with one degree of freedom, hence **t-SNE**. Its tail is heavy: at $d = 4$ the Gaussian has fallen to $10^{-7}$,
# this one to 0.06. What is moderately far in truth can now be *very* far on the page, and gaps open.

# %%
by_tsne = TSNE(perplexity=30, random_state=0).fit_transform(images)

# %% tags=["fold"]
plots.embedding(
    by_tsne,
    digits,
    legend="on",
    size=(5.6, 5.2),
    alt="t-SNE of 1,797 digits: ten islands with wide gaps, a few of them in two parts.",
)

# %% tags=["nbval-check-output"]
result("t-SNE, trustworthiness", trust(images, by_tsne), at_least=0.98)
result("t-SNE, continuity", trust(by_tsne, images), at_least=0.97)
own = same_label(by_tsne)
result("share of the ten neighbours with the same label", float(own.mean()), at_least=0.93)

# %% [markdown]
# The map is far more trustworthy than those before (0.99 instead of 0.83), and nothing but the
# pixels made it. The islands are real here: of ten neighbours nearly all are the same digit. A map like this is good for *asking the data
# questions*, such as who lies among strangers: with patients these would be wrong labels, other protocols, two images of one person.

# %% [markdown] tags=["notes"]
# Here distances are squared; elsewhere [they may not be](../docs/conventions.md#similarity-distance-and-squared-distance).

# %% [markdown]
# ## The descent by hand (13 min, deeper)
#
# We use one probability for each *pair*, $p_{ij} = (p_{j|i} + p_{i|j}) / 2n$, as
# t-SNE does; SNE as first published has one loss for each sample. The gradient says where each point is pulled: towards those that should be
# closer ($p > q$), away from those that should be farther. For the heavy tail the force gets a factor $1 / (1 + d^2)$ of its own, from the slope of the tail:
#
# $$ \frac{\partial \mathcal{L}}{\partial \mathbf{z}_i} = 4 \sum_j
#    \frac{(p_{ij} - q_{ij})\,(\mathbf{z}_i - \mathbf{z}_j)}{1 + \lVert \mathbf{z}_i - \mathbf{z}_j \rVert^2} $$
#
# A library's optimiser does the rest.

# %%
from scipy.optimize import minimize


def gaussian(squared):
    """SNE: how near, and what the slope adds to the force."""
    return np.exp(-squared), 1.0


def loss_and_gradient(flat, P, kernel):
    """Return the divergence of a map, in nats, and its gradient."""
    places = flat.reshape(len(P), 2)
    near, slope = kernel(squared_distances(places))
    near = near * (1 - np.eye(len(P)))  # nobody is his own neighbour in the map either
    Q = np.maximum(near / near.sum(), 1e-12)
    force = (P - Q) * slope
    # The sum over j of force × (zᵢ − zⱼ), for all i at once:
    gradient = 4 * (force.sum(axis=1)[:, None] * places - force @ places)
    return float((P * np.log(np.maximum(P, 1e-12) / Q)).sum()), gradient.ravel()


# %%
def best_map(P, kernel, start, steps=400):
    """Return the map at which the descent ends, and its divergence."""
    found = minimize(
        loss_and_gradient, start.ravel(), (P, kernel), "L-BFGS-B", jac=True,
        options={"maxiter": steps},
    )  # fmt: skip
    return found.x.reshape(start.shape), float(found.fun)


# %%
def student(squared):
    """t-SNE: how near, and what the slope adds to the force."""
    near = 1 / (1 + squared)
    return near, near


# %% [markdown]
# First a check that the formula is right: move one coordinate a little, and look at the loss.

# %% tags=["nbval-check-output"]
P = (p + p.T) / (2 * len(p))
rng = np.random.default_rng(1)
anywhere = rng.normal(size=2 * len(P))
gradient = loss_and_gradient(anywhere, P, student)[1]
step = 1e-5 * np.eye(2 * len(P))[17]
up, down = (loss_and_gradient(anywhere + s, P, student)[0] for s in (step, -step))
result(
    "gradient, formula and trial differ by", abs((up - down) / 2e-5 - gradient[17]), at_most=1e-8
)

# %%
tail = ask(
    "The same 300 digits, the same start: what does the tail do to the divergence of the best map?",
    "more than halves it",
    "lowers it by a few percent",
    "raises it",
)
tail

# %%
start = pca(images[few], 2)[1] / 1000  # small, and from PCA: the same map on every run
by_sne, divergence = best_map(P, gaussian, start)
by_hand, with_tail = best_map(P, student, start)

# %% tags=["fold"]
plots.grid(
    [
        (
            f"{name}: {nats:.2f} nats from the truth",
            lambda ax, z=z: plots.embedding(z, digits[few], legend="on", ax=ax),
        )
        for name, z, nats in (("SNE", by_sne, divergence), ("t-SNE", by_hand, with_tail))
    ],
    size=(9.6, 4.8),
    alt="SNE of 300 digits: groups along a ring, and a crowd in the middle. t-SNE: separate groups "
    "with gaps between them, nearly one for each digit.",
)

# %% tags=["nbval-check-output"]
ratio = with_tail / divergence
result("divergence of t-SNE over that of SNE", ratio, at_most=0.5)
result("SNE (300 digits), trustworthiness", trust(images[few], by_sne), within=(0.9, 0.96))
result("t-SNE (300 digits), trustworthiness", trust(images[few], by_hand), at_least=0.95)

# %%
tail.reveal(tail.choices[0 if ratio < 0.5 else 1 if ratio < 1 else 2])

# %% [markdown]
# Gaps open, and the divergence is less than half. The library's function does not
# compute all pairs, so it manages more of them, and it starts in another way: its *early
# exaggeration* multiplies all $p$ by 12 in the first steps, so that groups can find together before
# they push each other away.
#
# Who are the strangers on the large map, whose neighbours nearly all have another label? Wrong labels, or odd writing?

# %% tags=["fold"]
strangers = np.argsort(own, kind="stable")[:10]
near = NearestNeighbors(n_neighbors=10).fit(by_tsne).kneighbors(return_distance=False)
plots.montage(
    [images[i].reshape(8, 8) for i in strangers],
    columns=10,
    titles=[f"{digits[i]} among {np.bincount(digits[near[i]]).argmax()}s" for i in strangers],
    size=9,
    alt="Ten digits that lie in the island of another digit, such as a 5 among 9s; most are "
    "written oddly.",
)

# %% [markdown]
# To our eyes it is odd writing, mostly.

# %% [markdown]
# ## UMAP, once (6 min, deeper)
#
# **UMAP** [10] is another map that you will meet. It is a relative of t-SNE: neighbours as weights, a
# heavy tail in the map, attraction and repulsion. The differences, as far as a reader of maps needs
# them:
#
# - its dial is `n_neighbors` instead of the perplexity, and `min_dist` says how tightly points may
#   be packed;
# - it starts from eigenvectors of the graph, and not from random places;
# - it draws only a sample of the pairs that repel each other, which saves time on large tables;
# - it can place *new* samples with `transform`, which the t-SNE of scikit-learn cannot.
#
# **Be patient with the next cell.** `import umap` loads TensorFlow and compiles code, which takes
# many seconds the first time. That is why the import stands here and not at the top.
# %%
import umap

by_umap = umap.UMAP(n_neighbors=15, random_state=0, n_jobs=1).fit_transform(images)

# %% tags=["fold"]
plots.embedding(
    by_umap,
    digits,
    legend="on",
    size=(5.6, 5.2),
    alt="UMAP of 1,797 digits: about ten tight islands, the gaps wider than in t-SNE.",
)

# %% tags=["nbval-check-output"]
result("UMAP, trustworthiness", trust(images, by_umap), at_least=0.97)
result("UMAP, continuity", trust(by_umap, images), at_least=0.97)

# %% [markdown]
# The islands look tighter and the gaps wider, but the two numbers are about those of t-SNE. How tight
# an island looks depends on `min_dist`, which is a matter of taste and no property of the data.

# %% [markdown] tags=["notes"]
# ## Do the islands mean anything? (6 min)
#
# Let **k-means** (unit 06) look for ten clusters, in the 64 numbers and in each map: it puts ten centres among
# the samples, gives each sample to the nearest centre, moves each centre to the mean of its samples,
# and so on until nothing changes. Compare with the labels.
#
# Two traps. k-means numbers its clusters as it likes: its cluster 0 need not be the digit 0. To
# compute an accuracy you must first **match** clusters and classes, one to one, in the best way.
# And a score needs a chance level. The **adjusted Rand index** (ARI) has one [11]: it looks at
# pairs of samples, needs no matching, and is 0 on average for random clusters, 1 for perfect ones.

# %%
easiest = ask(
    "Where does k-means find the ten digits best?", "64 numbers", "PCA", "ISOMAP", "t-SNE"
)
easiest

# %%
from scipy.optimize import linear_sum_assignment
from sklearn.cluster import KMeans
from sklearn.metrics import adjusted_rand_score


def matched_accuracy(labels, clusters):
    """Return the accuracy when each cluster stands for the class that suits the whole best."""
    table = np.array([np.bincount(clusters[labels == one], minlength=10) for one in range(10)])
    rows, columns = linear_sum_assignment(table, maximize=True)
    return table[rows, columns].sum() / len(labels)


maps = {"64 numbers": images, "PCA": by_pca, "ISOMAP": by_isomap, "t-SNE": by_tsne}
found = {}
print(f"{'':>10}   ARI  unmatched  matched")
for name, places in maps.items():
    clusters = KMeans(10, n_init=10, random_state=0).fit_predict(places)
    found[name] = adjusted_rand_score(digits, clusters)
    accuracies = (digits == clusters).mean(), matched_accuracy(digits, clusters)
    print(f"{name:>10}  {found[name]:.2f}     {accuracies[0]:.2f}      {accuracies[1]:.2f}")

# %% tags=["nbval-check-output"]
result("ARI, PCA", found["PCA"], within=(0.34, 0.44))
result("ARI, ISOMAP", found["ISOMAP"], within=(0.43, 0.55))
result("ARI, 64 numbers", found["64 numbers"], within=(0.6, 0.72))
result("ARI, t-SNE", found["t-SNE"], at_least=0.8)

# %%
easiest.reveal(max(found, key=found.get))

# %% [markdown]
# PCA and ISOMAP lose what k-means needs, but t-SNE makes it *easier* than the 64 numbers do, because
# it tears groups apart. Look also at the column *unmatched*: it is arithmetic without sense.

# %% [markdown] tags=["notes"]
# So should you cluster maps? Here it went well **because the groups exist**, because we knew that
# there are ten, and because we had labels to test with. Does a method that tears groups apart also
# tear where there are none?

# %% [markdown]
# ## What a map does not say (15 min)
#
# Four sets of data, for which we know the truth because we made them. All have 150 samples with 50
# features:
#
# | set | what is true |
# |---|---|
# | noise | one Gaussian cloud. There are **no** groups. |
# | two sizes | two clouds; the spread of A is **ten times** that of B |
# | three gaps | three equal clouds; C is **four times** as far from B as B is from A |
# | patients | 25 patients with 6 images each; 12 are ill, and **nothing in the data shows who** |
#
# Unlike before, t-SNE starts at random places here, so that the seed matters.

# %%
rng = np.random.default_rng(12)
half = np.where(np.arange(150) < 75, "A", "B")
third = np.repeat(["A", "B", "C"], 50)
patient = np.repeat(np.arange(25), 6)
ill = rng.permutation(np.arange(25) % 2)[patient]
aside = np.eye(50)[0]
looks = rng.normal(size=(25, 50))  # what a patient looks like, in all of her images
worlds = {
    "noise": rng.normal(size=(150, 50)),
    "two sizes": rng.normal(size=(150, 50)) * np.where(half == "A", 10, 1)[:, None]
    + np.where(half == "B", 150, 0)[:, None] * aside,
    "three gaps": rng.normal(size=(150, 50))
    + np.select([third == "B", third == "C"], [10, 50])[:, None] * aside,
    "patients": looks[patient] + 0.5 * rng.normal(size=(150, 50)),
}
classes = {
    "noise": None,
    "two sizes": half,
    "three gaps": third,
    "patients": np.array(["healthy", "ill"])[ill],
}


# %%
@cache
def map_of(world, perplexity, seed):
    """Return the t-SNE map of one of the four sets."""
    model = TSNE(
        perplexity=perplexity, random_state=seed, init="random", method="exact", max_iter=500
    )
    return model.fit_transform(worlds[world])


# %% [markdown] tags=["notes"]
# How clumped is a map? We compare the mean distance to the nearest neighbour with that of points thrown onto the same
# area at random: 1 for random points, smaller for clumps [12].

# %%
clumps = ask(
    "t-SNE of one Gaussian cloud of noise, at a perplexity of 2. What will you see?",
    "one even cloud",
    "clumps and strings",
)
clumps


# %% tags=["fold"]
def show_map(ax, world, perplexity, seed):
    """Draw one of the maps."""
    plots.embedding(map_of(world, perplexity, seed), classes[world], ax=ax)


widgets.explore(
    show_map,
    {
        "world": widgets.Choice("Data", list(worlds)),
        "perplexity": widgets.Choice("Perplexity", [2, 5, 15, 30, 49]),
        "seed": widgets.Slider("Seed", 0, 4, 0),
    },
    settings=[
        {"world": "noise", "perplexity": 2},
        {"world": "noise", "perplexity": 30},
        {"world": "two sizes", "perplexity": 30},
        {"world": "three gaps", "perplexity": 15},
        {"world": "three gaps", "perplexity": 49, "seed": 2},
        {"world": "patients", "perplexity": 5},
    ],
    live=False,
    alt="A t-SNE map of data whose truth is known.",
)

# %%
from scipy.spatial import ConvexHull, cKDTree


def clumping(places):
    """Return the mean distance to the nearest point, relative to points thrown at random."""
    nearest = cKDTree(places).query(places, k=2)[0][:, 1]  # the first is the point itself
    area = ConvexHull(places).volume  # in two dimensions `volume` is the area
    return float(nearest.mean() / (0.5 * np.sqrt(area / len(places))))


def gap(places, a, b):
    """Return the distance between the middles of two of the three clouds."""
    middle = {name: places[third == name].mean(axis=0) for name in "ABC"}
    return float(np.linalg.norm(middle[a] - middle[b]))


# %% tags=["nbval-check-output"]
of_noise = clumping(map_of("noise", 2, 0))
result("noise, perplexity 2: clumping", of_noise, at_most=0.85)
result("noise, perplexity 30: clumping", clumping(map_of("noise", 30, 0)), at_least=0.95)
sizes = map_of("two sizes", 30, 0)
a, b = (float(sizes[half == one].std(axis=0).mean()) for one in "AB")
result("two sizes: spread of A over B, in truth 10", a / b, within=(0.6, 1.7))
for perplexity, within in ((15, (0.6, 1.7)), (49, (2, 5))):
    gaps = map_of("three gaps", perplexity, 0)
    ratio = gap(gaps, "B", "C") / gap(gaps, "A", "B")
    result(f"three gaps, perplexity {perplexity}: BC over AB, in truth 4", ratio, within=within)
persons = map_of("patients", 5, 0)
by_person = float(same_label(persons, patient, k=5).mean())
result("patients: five nearest images that show the same patient", by_person, at_least=0.95)

# %%
clumps.reveal("clumps and strings" if of_noise < 0.85 else "one even cloud")

# %% [markdown]
# - **Noise looks clustered** when the perplexity is small, because each sample looks for two
#   neighbours and always finds them.
# - **Sizes mean little.** Every sample stretches its ruler until it feels the same number of
#   neighbours, and a cloud ten times as wide gets an island of the same size.
# - **Gaps mean little.** The loss hardly cares whether strangers are far, or very far: a gap four
#   times as wide is drawn as wide as the other. At a perplexity of 49, nearly the size of a group, it
#   is more than three times as wide. But who knows the right perplexity for *your* data?
# - The seed moves, turns and mirrors everything. **Left, right and the axes mean nothing.**
#
# And the patients? The map shows 25 neat islands, and each is a *person*. Let the three nearest neighbours on the map vote: ill or
# healthy? Nothing in the data shows who is ill.

# %%
voted = ask(
    "Images held back at random: what share of the votes is right?",
    "one half",
    "three quarters",
    "nearly all",
)
voted

# %%
vote = KNeighborsClassifier(3)
at_random = StratifiedKFold(5, shuffle=True, random_state=0)
by_image = cross_val_predict(vote, persons, ill, cv=at_random) == ill
by_patient = cross_val_predict(vote, persons, ill, cv=GroupKFold(5), groups=patient) == ill
honest = metrics.bootstrap(np.mean, by_patient * 1.0, groups=patient)

# %% tags=["nbval-check-output"]
result("images held back at random: right", float(by_image.mean()), at_least=0.95)
result("whole patients held back (25): right", float(honest), within=(0.2, 0.6))
result("the same, low end of the interval", honest.low, at_most=0.5)

# %%
halves = {"one half": 0.5, "three quarters": 0.75, "nearly all": 1.0}
voted.reveal(min(halves, key=lambda text: abs(halves[text] - by_image.mean())))

# %% [markdown]
# From *perfect* to no better than a coin, as soon as whole patients are held back. (The interval draws the 25 patients anew, but not the map. That it
# lies low is partly luck, and partly a tilt: whoever is held back is missing from the other side, so the
# others are more often of the other kind.)

# %% [markdown] tags=["notes"]
# **Colour every map by patient, scanner and site before you colour it by diagnosis.** Maps are good
# at showing such batches: on slides of kidney biopsies, a UMAP of quality measures grouped the
# laboratories that had made them [13].
#
# How far maps can be believed is disputed. One paper on single cells called two-dimensional maps
# *specious*, since going from many dimensions to two must distort them [14]. Another answered that
# they keep neighbours and classes, though not distances [15]. We take from both: **a map is a
# question, and not evidence.**

# %% [markdown]
# Evidence for groups would be:
#
# 1. The groups are found in the full data, not on the page, with a row for each patient, and return when patients are drawn
#    anew.
# 2. They do not return when each column is shuffled by itself. (What belongs together is torn apart then. Groups that come back
#    all the same come from the method, or from one feature alone. But a long cloud without a gap is lost by shuffling too: look for the *gap*.)
# 3. They are not patients, scanners or sites.
# 4. They are found again in patients of another centre, placed by a fixed rule.
# 5. They say something about these patients that was not used to find them.

# %% [markdown] tags=["notes"]
# ## The patient who comes tomorrow (8 min)
#
# Point 4 needs a rule that places a *new* patient. PCA has one: her features, minus the old mean,
# along the old components. ISOMAP and UMAP have `transform`. The t-SNE of scikit-learn has none: it
# makes every map from scratch, with all samples. Other implementations, such as openTSNE, put new
# samples among the old ones, which stay where they are [16]. **Without such a rule, a map cannot be
# part of a diagnostic model.**
#
# A map is fitted, like any model, and what it learns it must learn from training patients only. Below,
# 40 digits are for training, and all others are new. Ten components, then logistic regression,
# repeated for 10 draws of the forty.

# %%
leak = ask(
    "Components fitted on *all* digits, the tested ones among them: what does accuracy gain?",
    "less than 0.03",
    "0.03 to 0.1",
    "more than 0.1",
)
leak

# %%
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import train_test_split

scores = {"from training": [], "from everything": [], "each from its own": []}
for seed in range(10):
    train, test = train_test_split(
        np.arange(len(images)), train_size=40, stratify=digits, random_state=seed
    )
    parts = {
        "from training": (train, train),
        "from everything": (slice(None), slice(None)),
        "each from its own": (train, test),
    }
    for name, fits in parts.items():
        axes = [pca(images[fit], 10)[0] for fit in fits]
        middles = [images[fit].mean(axis=0) for fit in fits]
        model = LogisticRegression(max_iter=2000)
        model.fit((images[train] - middles[0]) @ axes[0].T, digits[train])
        seen = (images[test] - middles[1]) @ axes[1].T
        scores[name].append(model.score(seen, digits[test]))


means = {name: float(np.mean(one)) for name, one in scores.items()}

# %% tags=["nbval-check-output"]
result("components from training", means["from training"], within=(0.77, 0.87))
gain = means["from everything"] - means["from training"]
result("gain from components of everything", gain, within=(-0.03, 0.03))
result("components of its own for the test set", means["each from its own"], at_most=0.5)

# %%
leak.reveal(leak.choices[0 if gain < 0.03 else 1 if gain <= 0.1 else 2])

# %% [markdown] tags=["notes"]
# Components **of its own** for the test set are a disaster, because axis 1 of the one map is not axis
# 1 of the other. Components **from everything** gain 0.01 here, which nobody would see. They are
# wrong all the same, because tomorrow's patient cannot take part in the fit.
#
# It does great harm as soon as the mapping method sees *labels*, as linear discriminant analysis
# does (LDA, unit 08), or supervised UMAP. The company's map of Mr Bauer was made that way: it was given which of three therapies each earlier patient had
# answered to. Here is such a map, of pure noise: 120 invented patients, 90 features, and the three labels thrown by dice.
# LDA finds the two directions in which the labels lie farthest apart. A *new* patient who falls into island three gets the harsher therapy.

# %%
island = ask(
    "Of the new patients placed in island three, what share truly has label three?",
    "nearly all",
    "about two thirds",
    "about a third",
)
island

# %%
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis

rng = np.random.default_rng(7)
features, dice = rng.normal(size=(240, 90)), rng.permutation(np.arange(240) % 3)
kind = np.array(["one", "two", "three"])[dice]
old, new = slice(0, 120), slice(120, 240)
lda = LinearDiscriminantAnalysis().fit(features[old], dice[old])
shadow = lda.transform(features)

# %% tags=["fold"]
plots.grid(
    [
        (
            "the patients it was fitted on",
            lambda ax: plots.embedding(shadow[old], kind[old], ax=ax),
        ),
        ("120 new patients", lambda ax: plots.embedding(shadow[new], kind[new], ax=ax)),
    ],
    size=(8.4, 4),
    alt="Two maps of pure noise by LDA. On the patients it was fitted on: three clean islands. On "
    "new patients: one mixed cloud.",
)

# %% tags=["nbval-check-output"]
treated = lda.predict(features[new]) == 2
by_luck = float((dice[new] == 2).mean())
value = float((dice[new][treated] == 2).mean())
fit = float(lda.score(features[old], dice[old]))
result("right on the patients it was fitted on", fit, at_least=0.9)
result("new patients in island three, of 120", int(treated.sum()))
result("positive predictive value of island three", value, at_most=0.5)
found = int((dice[new][treated] == 2).sum())
interval = binomtest(found, int(treated.sum())).proportion_ci(method="wilson")
result("its 95 % interval", f"{interval.low:.2f} to {interval.high:.2f}")
result("prevalence of label three among the new patients", by_luck)

# %%
values = {"nearly all": 1.0, "about two thirds": 0.67, "about a third": 0.33}
island.reveal(min(values, key=lambda text: abs(values[text] - value)))

# %% [markdown]
# Three clean islands on the patients of the fit, and among the new ones the predictive value of the island hardly differs from
# the prevalence: 0.38 against 0.35, and its interval holds both. Whoever treats island three harshly might as well throw the dice
# again. So the board's answer to Mr Bauer is: *this map has not shown that your subtype exists. We treat you as we would without it,
# and ask the company for the right-hand picture.* If a figure's legend has the same names as the labels of the fit, ask for it too.

# %% [markdown]
# ## What does a network see? (11 min, deeper)
#
# An image can become a row of numbers in several ways:
#
# - its **pixels**, here 60 × 60 of them;
# - **grey-level features**: mean, spread, skewness and the like. They forget where a pixel lies;
# - **region features**: find spots, and measure how many, how large, how bright;
# - **deep features**: what a network holds before its last step. That of unit 09 makes 32 of each
#   patch, and its answer is one weighted sum of them. Larger networks make more. VGG16 has two layers
#   of 4,096 before the last [17], and a radiomics study that takes both has 8,192 columns. With 400
#   samples, at most 399 directions of such a table hold any variance: standardise, then PCA.
#
# The 400 patches below are simulated, and from 85 patients that the network has never seen. We map
# each table in the same way. The two widths of the blur and the threshold of the spots are our first
# choice, and were not searched.
#
# Where will a map tell patches with calcifications from the others? We judge it by a vote of 15 neighbours, on whole
# patients held back, and score the vote by its **AUC**: the chance that a calcified patch gets a higher score than a normal one.

# %%
best_view = ask(
    "Which table makes the worst map for telling calcified patches?",
    "3,600 pixels",
    "4 grey-level features",
    "4 region features",
    "32 deep features",
)
best_view

# %%
import keras
from mlmi_course import shipped
from mlmi_course.data import load_microcalcifications
from mlmi_course.training import predict

network = shipped.network("u09_cnn")
patches = load_microcalcifications(400, seed=1212)
calcified = np.array(["normal", "calcified"])[patches.labels]
before_last = keras.Model(network.input, network.get_layer("mean").output)
deep = predict(before_last, patches.images)


# %%
from scipy import ndimage
from scipy.stats import kurtosis, skew

pixels = patches.images.reshape(len(patches), -1) / 255
grey = np.column_stack(
    [pixels.mean(axis=1), pixels.std(axis=1), skew(pixels, axis=1), kurtosis(pixels, axis=1)]
)


def spots(image):
    """Return how many bright spots there are, the largest and the whole area, and the peak."""
    image = image / 255
    fine = ndimage.gaussian_filter(image, 1) - ndimage.gaussian_filter(image, 4)
    noise = np.median(np.abs(fine - np.median(fine)))
    numbers, count = ndimage.label(fine > 4.5 * noise)
    sizes = np.bincount(numbers.ravel(), minlength=2)[1:]  # 0 is the background
    return count, sizes.max(), sizes.sum(), fine.max() / noise


# %%
views = {
    "3,600 pixels": pixels,
    "4 grey-level features": grey,
    "4 region features": np.array([spots(image) for image in patches.images]),
    "32 deep features": deep,
}
map_maker = make_pipeline(StandardScaler(), PCA(2))
map_maker = make_pipeline(StandardScaler(), PCA(2))
flat_maps = {name: map_maker.fit_transform(rows) for name, rows in views.items()}

# %% tags=["fold"]
plots.grid(
    [
        (name, lambda ax, places=places: plots.embedding(places, calcified, ax=ax))
        for name, places in flat_maps.items()
    ],
    columns=2,
    size=(8.4, 7.6),
    alt="Four maps of 400 patches. By pixels, calcified and normal ones are mixed; by grey levels "
    "nearly so; by regions and by deep features the normal ones lie close together, and the "
    "calcified ones fan out from them.",
)

# %% [markdown]
# By regions and by deep features, the normal patches lie together and the calcified ones fan out
# from them, without a gap. But is the last map more than the network's *answer* in another dress?
# Compare scores on whole patients held back: a vote of neighbours on each map, and the network's own
# probability.


# %%
def by_patients(rows):
    """Return what 15 neighbours on a PCA map say, on patients held back."""
    model = make_pipeline(StandardScaler(), PCA(2), KNeighborsClassifier(15))
    split = GroupKFold(5)
    return cross_val_predict(
        model, rows, patches.labels, cv=split, groups=patches.groups, method="predict_proba"
    )[:, 1]


looks = {f"map of {name}": by_patients(rows) for name, rows in views.items()}
looks["the network itself"] = predict(network, patches.images).ravel()
print(f"{len(patches)} patches of {len(np.unique(patches.groups))} patients")
for name, score in looks.items():
    print(f"{name:>28}: AUC {metrics.auc(patches.labels, score, groups=patches.groups)}")


# %%
def lead(one, other):
    """Return how much larger the AUC of one score is, patients drawn anew, two contrasts."""
    scores = looks[one], looks[other], patches.groups
    return metrics.paired_difference(metrics.auc, *scores, labels=patches.labels, level=0.975)


of_network = lead("map of 32 deep features", "the network itself")
of_regions = lead("map of 32 deep features", "map of 4 region features")
print(f"{'map − network':>28}: {of_network}")
print(f"{'map − map of regions':>28}: {of_regions}")
# %% tags=["nbval-check-output"]
seen = {name: float(metrics.auc(patches.labels, score)) for name, score in looks.items()}
result("map of the pixels, AUC", seen["map of 3,600 pixels"], at_most=0.65)
result("map of the region features, AUC", seen["map of 4 region features"], at_least=0.8)
result("map of the deep features, AUC", seen["map of 32 deep features"], at_least=0.82)
result("map of the deep features − the network, AUC", float(of_network), at_most=0)

# %%
best_view.reveal(min(views, key=lambda name: seen[f"map of {name}"]))

# %% [markdown]
# In this simulator, four measured regions make as good a map as 32 deep features: the interval of
# their difference holds 0. They were made by somebody who knows what calcifications look like, the
# deep ones by 9,000 labelled patches from the same simulator. On real mammograms both would have a
# harder time.
#
# The deep features are *made* to be separable, because the network was trained with the labels. So
# two sides in their map are no discovery about calcifications: the map says again what the network's
# answer says, less exactly. What it is good for are the patches on the wrong side. Look at *them*.

# %% [markdown]
# ## What to remember (1 min)
#
# - PCA: centre, decompose, components are rows of $\mathbf{V}^\top$. Standardise where units
#   differ.
# - ISOMAP: an undirected, connected graph; one short cut ruins it.
# - Trustworthiness counts false neighbours, continuity lost ones. Mind the order of the arguments.
# - t-SNE keeps *neighbours*. Sizes, gaps, axes and places mean little or nothing.
# - Match clusters to classes before you speak of accuracy.
# - Noise makes islands. So do patients, scanners and labels that took part in the fit.
# - A new patient needs a fixed rule, fitted without her.
# - A map is a question. The evidence is a test on new patients.

# %% [markdown]
# ## Quiz (2 min)
#
# **1.** In a t-SNE map, group A is three times as wide as group B, and far from it. What do you
# know about A and B?
#
# <details><summary>Answer</summary>
#
# That they *may* be two groups. It is worth a look whether they stay for other perplexities and
# seeds, and in the full data. Nothing about how varied A is, or how different from B.
#
# </details>
#
# **2.** A map shows 40 tight islands. The study has 40 patients with 20 slices each. The authors
# speak of 40 phenotypes. And you?
#
# <details><summary>Answer</summary>
#
# Colour by patient. The islands are probably persons, and slices of one person resemble each other.
# Take one slice, or the mean, of each patient, and look again.
#
# </details>
#
# **3.** k-means on a map agrees with the diagnosis in 12 % of the cases. "Worse than luck," says a colleague. Is it?
#
# <details><summary>Answer</summary>
#
# Nobody knows yet: k-means numbers its clusters as it likes. Match clusters and classes first, or take the adjusted Rand
# index.
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
# 1. E. Alpaydin, C. Kaynak, *Optical Recognition of Handwritten Digits*, UCI Machine Learning
#    Repository (1998), [doi:10.24432/C50P49](https://doi.org/10.24432/C50P49); its test part, as
#    shipped with scikit-learn.
# 2. K. Pearson, *On lines and planes of closest fit to systems of points in space*, Phil. Mag. 2
#    (1901), [doi:10.1080/14786440109462720](https://doi.org/10.1080/14786440109462720).
# 3. W. N. Street, W. H. Wolberg, O. L. Mangasarian, *Nuclear feature extraction for breast tumor
#    diagnosis*, Proc. SPIE 1905 (1993), [doi:10.1117/12.148698](https://doi.org/10.1117/12.148698).
# 4. C. Wachinger, M. Yigitsoy, E.-J. Rijkhorst, N. Navab, *Manifold learning for image-based
#    breathing gating in ultrasound and MRI*, Med. Image Anal. 16 (2012) 806–818. Its method,
#    Laplacian eigenmaps, is a cousin of ISOMAP.
# 5. J. B. Tenenbaum, V. de Silva, J. C. Langford, *A global geometric framework for nonlinear
#    dimensionality reduction*, Science 290 (2000),
#    [doi:10.1126/science.290.5500.2319](https://doi.org/10.1126/science.290.5500.2319).
# 6. J. Venna, S. Kaski, *Neighborhood preservation in nonlinear projection methods: an experimental
#    study*, ICANN 2001, [doi:10.1007/3-540-44668-0_68](https://doi.org/10.1007/3-540-44668-0_68).
# 7. W. Wolberg, O. Mangasarian, N. Street, *Breast Cancer Wisconsin (Diagnostic)*, UCI Machine
#    Learning Repository (1995), [doi:10.24432/C5DW2B](https://doi.org/10.24432/C5DW2B); the figure
#    is in its file `wdbc.names`.
# 8. G. Hinton, S. Roweis, *Stochastic neighbor embedding*, NIPS 15 (2002).
# 9. L. van der Maaten, G. Hinton, *Visualizing data using t-SNE*, J. Mach. Learn. Res. 9 (2008)
#    2579–2605.
# 10. L. McInnes, J. Healy, J. Melville, *UMAP: uniform manifold approximation and projection for
#     dimension reduction*, [arXiv:1802.03426](https://arxiv.org/abs/1802.03426).
# 11. L. Hubert, P. Arabie, *Comparing partitions*, J. Classif. 2 (1985),
#     [doi:10.1007/BF01908075](https://doi.org/10.1007/BF01908075).
# 12. P. J. Clark, F. C. Evans, *Distance to nearest neighbor as a measure of spatial relationships
#     in populations*, Ecology 35 (1954), [doi:10.2307/1931034](https://doi.org/10.2307/1931034).
# 13. Y. Chen and others, *Assessment of a computerized quantitative quality control tool for whole
#     slide images of kidney biopsies*, J. Pathol. 253 (2021),
#     [doi:10.1002/path.5590](https://doi.org/10.1002/path.5590).
# 14. T. Chari, L. Pachter, *The specious art of single-cell genomics*, PLoS Comput. Biol. 19
#     (2023), [doi:10.1371/journal.pcbi.1011288](https://doi.org/10.1371/journal.pcbi.1011288).
# 15. J. Lause, P. Berens, D. Kobak, *The art of seeing the elephant in the room: 2D embeddings of
#     single-cell data do make sense*, PLoS Comput. Biol. 20 (2024),
#     [doi:10.1371/journal.pcbi.1012403](https://doi.org/10.1371/journal.pcbi.1012403).
# 16. P. G. Poličar, M. Stražar, B. Zupan, *Embedding to reference t-SNE space addresses batch effects
#     in single-cell classification*, Mach. Learn. (2021),
#     [doi:10.1007/s10994-021-06043-1](https://doi.org/10.1007/s10994-021-06043-1): the way in which
#     openTSNE adds samples.
# 17. K. Simonyan, A. Zisserman, *Very deep convolutional networks for large-scale image
#     recognition*, ICLR 2015, [arXiv:1409.1556](https://arxiv.org/abs/1409.1556), table 1; the layers
#     `fc1` and `fc2` of Keras' VGG16.
#
# To play with maps, and to see more ways to misread them: M. Wattenberg, F. Viégas, I. Johnson,
# *How to use t-SNE effectively*, Distill (2016),
# [doi:10.23915/distill.00002](https://doi.org/10.23915/distill.00002). For better maps: D. Kobak,
# P. Berens, *The art of using t-SNE for single-cell transcriptomics*, Nat. Commun. 10 (2019),
# [doi:10.1038/s41467-019-13056-x](https://doi.org/10.1038/s41467-019-13056-x).
#
# Now do the lab: `exercises/12_embeddings.ipynb`.

# %% [markdown] tags=["instructor"]
# Show the noise at a perplexity of 2 first, without saying what it is, and let students count the
# groups and name them. Then say that it is noise. The second surprise is the LDA map of dice: ask who of
# the class would treat island three. `import umap` takes ten seconds or more and loads TensorFlow: start that
# cell before you speak about UMAP. The digits stand in for patients because every student can read them; the lumps bring
# the argument back to the clinic.
