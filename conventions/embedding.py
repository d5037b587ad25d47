"""Neighbours, components and graphs."""

from __future__ import annotations

import numpy as np

from conventions import refused, row


@row(
    "Is a point its own neighbour",
    libraries=("scikit-learn",),
    units=("08", "12"),
    ours="no: k neighbours are k *others*.",
)
def own_neighbour():
    """*The 2 nearest neighbours* of the points that were fitted. `kneighbors(X)` finds each point
    itself first, `kneighbors()` without an argument leaves it out. The function `kneighbors_graph`
    follows the second, the method of that name, given X, the first."""
    from sklearn.neighbors import NearestNeighbors, kneighbors_graph

    points = np.array([[0.0], [1], [3], [6]])
    search = NearestNeighbors(n_neighbors=2).fit(points)
    return {
        "kneighbors(X), of the first point": search.kneighbors(points)[1][0],
        "kneighbors(), of the first point": search.kneighbors()[1][0],
        "kneighbors_graph(X, 2), entries of a row": int(kneighbors_graph(points, 2)[0].sum()),
        "kneighbors_graph(X, 2, include_self=True) without itself": int(
            kneighbors_graph(points, 2, include_self=True)[0, 1:].sum()
        ),
        "search.kneighbors_graph(X), entry of the first to itself": int(
            search.kneighbors_graph(points)[0, 0]
        ),
    }


@row(
    "Components with or without centring",
    libraries=("scikit-learn", "numpy"),
    units=("12",),
    ours="centred, which makes it a principal component.",
)
def centring():
    """PCA subtracts the mean; `TruncatedSVD` and `numpy.linalg.svd` do not, and their first
    component points at the mean. Grey levels lie far from 0, so it has nearly all of Σ s².
    `TruncatedSVD` reports shares of the *variance*, and its first component has less of that than
    a principal component."""
    from sklearn.decomposition import PCA, TruncatedSVD

    x = np.random.default_rng(0).normal(size=(100, 5)) * [3, 1, 1, 1, 1] + 100
    s = np.linalg.svd(x)[1]
    return {
        "PCA, share of the first component": PCA(2).fit(x).explained_variance_ratio_[0],
        "TruncatedSVD, the same": TruncatedSVD(2, random_state=0)
        .fit(x)
        .explained_variance_ratio_[0],
        "numpy.linalg.svd, s₁² / Σ s²": s[0] ** 2 / (s**2).sum(),
    }


@row(
    "Sign and order of components",
    libraries=("scikit-learn", "numpy"),
    units=("12",),
    ours="the largest loading is made positive before two fits are compared, and the largest "
    "variance is first.",
)
def sign_of_component():
    """A component and its opposite explain the same. scikit-learn makes the largest *loading*
    positive, so the negative of an image gets the same component and mirrored coordinates: two
    maps may be mirror images of each other. `numpy.linalg.eigh` begins with the *smallest*
    eigenvalue."""
    from sklearn.decomposition import PCA

    x = np.random.default_rng(1).normal(size=(50, 3)) * [5, 2, 1]
    first, negative = PCA(3).fit(x), PCA(3).fit(-x)
    return {
        "PCA of x and of −x, largest loading": [
            first.components_[0, 0],
            negative.components_[0, 0],
        ],
        "the same, coordinate of the first patient": [
            first.transform(x)[0, 0],
            negative.transform(-x)[0, 0],
        ],
        "PCA, explained_variance_": first.explained_variance_,
        "numpy.linalg.eigh, eigenvalues": np.linalg.eigh(np.cov(x, rowvar=False))[0],
    }


@row(
    "Whitened, and by which divisor",
    libraries=("scikit-learn", "scipy"),
    units=("12",),
    ours="`StandardScaler` before distances are measured, and nothing whitened after.",
)
def whitened():
    """Standard deviation 1 after whitening? PCA divides by n − 1, `StandardScaler` by n; SciPy's
    `whiten` divides each feature by its spread and does not subtract the mean, nor remove a
    correlation."""
    from scipy.cluster.vq import whiten
    from sklearn.decomposition import PCA
    from sklearn.preprocessing import StandardScaler

    x = np.random.default_rng(0).normal(5, [2, 3], (10, 2))
    x[:, 1] += x[:, 0]

    def seen(y):
        return [y.mean(), y[:, 0].std(), np.corrcoef(y.T)[0, 1]]

    return {
        "PCA(whiten=True): mean, SD (n), correlation": np.round(
            seen(PCA(whiten=True).fit_transform(x)), 6
        ),
        "StandardScaler": np.round(seen(StandardScaler().fit_transform(x)), 6),
        "scipy.cluster.vq.whiten": np.round(seen(whiten(x)), 6),
    }


@row(
    "Similarity, distance and squared distance",
    libraries=("scipy", "scikit-learn"),
    units=("12",),
    ours="distances, and the square is written out.",
)
def distances():
    """*Cosine* is a distance in SciPy (0 for the same direction) and a similarity in
    scikit-learn's `cosine_similarity`; *euclidean* has a squared sister, and k-means reports sums
    of squares."""
    from scipy.spatial.distance import cosine, euclidean, sqeuclidean
    from sklearn.cluster import KMeans
    from sklearn.metrics.pairwise import cosine_distances, cosine_similarity

    a, b = np.array([[3.0, 0]]), np.array([[3.0, 4]])
    return {
        "scipy cosine": cosine(a[0], b[0]),
        "sklearn cosine_similarity": cosine_similarity(a, b)[0, 0],
        "sklearn cosine_distances": cosine_distances(a, b)[0, 0],
        "scipy euclidean, sqeuclidean": [euclidean(a[0], b[0]), sqeuclidean(a[0], b[0])],
        "KMeans(1).inertia_ of the two points": KMeans(1, n_init=1, random_state=0)
        .fit(np.vstack([a, b]))
        .inertia_,
    }


@row(
    "Weight of an edge: near or strong",
    libraries=("networkx",),
    units=("12", "17"),
    ours="paths get lengths (1 − r, or 1 / r), degrees get strengths, and the conversion is "
    "written out.",
)
def edge_weight():
    """A strong connection is a *near* one to a reader, and a *long* one to an algorithm. In
    networkx a weight is a length for shortest paths and betweenness, a strength for PageRank,
    which also looks at it unasked."""
    import networkx as nx

    graph = nx.Graph()
    graph.add_weighted_edges_from([("a", "b", 0.9), ("b", "c", 0.9), ("a", "c", 0.1)])
    for _, _, edge in graph.edges(data=True):
        edge["length"] = 1 / edge["weight"]
    return {
        "shortest_path(a, c, weight='weight')": " ".join(
            nx.shortest_path(graph, "a", "c", weight="weight")
        ),
        "shortest_path(a, c, weight='length')": " ".join(
            nx.shortest_path(graph, "a", "c", weight="length")
        ),
        "betweenness of b: none, weight, length": [
            nx.betweenness_centrality(graph, weight=w)["b"] for w in (None, "weight", "length")
        ],
        "pagerank of b: default, weight=None": [
            nx.pagerank(graph)["b"],
            nx.pagerank(graph, weight=None)["b"],
        ],
    }


@row(
    "A correlation matrix as a graph",
    libraries=("networkx", "scipy"),
    units=("12",),
    ours="the diagonal is set to 0 before, and an edge that is absent is written as such.",
)
def matrix_as_graph():
    """The diagonal of a correlation matrix is 1. networkx makes a self-loop of it, which counts
    *twice* in the degree; SciPy's graphs ignore it. A correlation of exactly 0 is no edge to both,
    and nan is an edge to networkx."""
    import networkx as nx
    from scipy.sparse.csgraph import connected_components

    matrix = np.array([[1, 0.5, 0], [0.5, 1, np.nan], [0, np.nan, 1]])
    known = np.nan_to_num(matrix)
    return {
        "networkx, degree of the first": nx.from_numpy_array(known).degree(0),
        "networkx, without the diagonal": nx.from_numpy_array(known - np.eye(3)).degree(0),
        "networkx, edges: known, with nan": [
            nx.from_numpy_array(m - np.eye(3)).number_of_edges() for m in (known, matrix)
        ],
        "scipy, number of components": int(connected_components(known)[0]),
    }


@row(
    "An edge in one direction alone",
    libraries=("scipy", "networkx"),
    units=("12",),
    ours="the matrix is made symmetric first, by `numpy.maximum(d, d.T)`.",
)
def one_direction():
    """A matrix of nearest neighbours is not symmetric: a's nearest is b, but b's is c.
    `shortest_path(…, directed=False)` of SciPy walks such edges both ways; by default it does not.
    networkx's undirected graph takes the entry that it meets last where two disagree."""
    import networkx as nx
    from scipy.sparse.csgraph import shortest_path

    one_way = np.array([[0, 1.0, 0], [0, 0, 1.0], [0, 0, 0]])
    two_values = np.array([[0, 1.0], [3.0, 0]])
    return {
        "scipy shortest_path, from the last to the first": shortest_path(one_way)[2, 0],
        "the same, directed=False": shortest_path(one_way, directed=False)[2, 0],
        "scipy, entries 1 and 3, directed=False": shortest_path(two_values, directed=False)[0, 1],
        "networkx from_numpy_array, entries 1 and 3": nx.from_numpy_array(two_values)[0][1][
            "weight"
        ],
    }


@row(
    "A distance of zero in a graph",
    libraries=("scipy",),
    units=("12", "17"),
    ours="advice: look for duplicates first, and let dense matrices go through "
    "`csgraph_from_dense(…, null_value=np.inf)`.",
)
def zero_distance():
    """Two images of one patient are identical, so their distance is 0. To SciPy a 0 in a dense
    matrix is *no edge*, and the shortest way goes round. A sparse matrix may store the 0, and then
    it is an edge, [but not in a spanning
    tree](#scipys-spanning-tree-parts-two-copies-of-one-image)."""
    from scipy.sparse import csr_array
    from scipy.sparse.csgraph import csgraph_from_dense, shortest_path

    dense = np.array([[0, 0, 5.0], [0, 0, 2.0], [5.0, 2.0, 0]])
    rows, columns = np.nonzero(~np.eye(3, dtype=bool))
    stored = csr_array((dense[rows, columns], (rows, columns)), shape=(3, 3))
    kept = csgraph_from_dense(np.where(np.eye(3), np.inf, dense), null_value=np.inf)
    return {
        "shortest_path(dense), first to second": shortest_path(dense)[0, 1],
        "the same, zeros stored in a sparse matrix": shortest_path(stored)[0, 1],
        "csgraph_from_dense(…, null_value=inf)": shortest_path(kept)[0, 1],
    }


@row(
    "Paths in a graph that falls apart",
    libraries=("networkx", "scipy"),
    units=("12", "17"),
    ours="the number of components stands beside every path length.",
)
def falls_apart():
    """Two islands. SciPy gives infinite distances, networkx refuses an average path, but gives an
    efficiency (absent ways count 0) and a closeness that it corrects for the size of the island."""
    import networkx as nx
    from scipy.sparse.csgraph import shortest_path

    graph = nx.Graph([(0, 1), (2, 3)])
    return {
        "networkx average_shortest_path_length": refused(
            lambda: nx.average_shortest_path_length(graph)
        ),
        "networkx global_efficiency": nx.global_efficiency(graph),
        "networkx closeness of a node, wf_improved=False": [
            nx.closeness_centrality(graph)[0],
            nx.closeness_centrality(graph, wf_improved=False)[0],
        ],
        "scipy, first to last": shortest_path(nx.to_numpy_array(graph))[0, 3],
    }
