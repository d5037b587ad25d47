#!/usr/bin/env bash
# SciPy's spanning tree parts two copies of one image.
#
# One would guess: a tree over four patients has three edges and holds them all together, and single
#   linkage, which cuts its long edges, leaves patients at distance 0 in one cluster.
# What happens: in a dense table 0 means "no edge", which the documentation says, and two copies reach
#   each other by a detour of 10. It advises a sparse array with the 0 stored; connected_components
#   then counts one piece, as it should, but minimum_spanning_tree takes the edge of length 0 for the
#   tree and does not store it: two edges for four patients, and two pieces. Cutting at 2 leaves three
#   clusters instead of two.
# Why it matters: duplicates (a patient who was uploaded twice, a scan in two series) are what one
#   looks for with distances, and they are the ones that are told apart.
#   scipy.cluster.hierarchy.linkage finds the two clusters.
# Seen with: SciPy 1.17.1 (numpy 2.3.5), 2026-11-29.
# Source: https://github.com/scipy/scipy/issues/18892 (opened, of 2023; open: on dense input); the
#   docstring of scipy.sparse.csgraph of that release, opened, which says that sparse arrays allow
#   edges of weight 0.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/env"
"$folder/env/bin/python" -m pip install --quiet --no-compile --disable-pip-version-check \
    scipy==1.17.1 numpy==2.3.5
cd "$folder"
env/bin/python -W ignore - <<'PYTHON'
import numpy as np
import scipy
from scipy.cluster.hierarchy import fcluster, linkage
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components, minimum_spanning_tree, shortest_path
from scipy.spatial.distance import squareform

print("scipy", scipy.__version__)
place = np.array([0.0, 0, 5, 7])  # the first two are one image
distance = abs(place[:, None] - place)
print("the way from the first to its copy, dense:", shortest_path(distance)[0, 1])
row, column = np.nonzero(~np.eye(4, dtype=bool))
stored = csr_array((distance[row, column], (row, column)), shape=(4, 4))
assert stored.nnz == 12
assert shortest_path(stored)[0, 1] == 0
assert connected_components(stored, directed=False)[0] == 1
tree = minimum_spanning_tree(stored)
pieces, label = connected_components(tree, directed=False)
print(f"zeros stored: a tree of {tree.nnz} edges, {tree.data.tolist()}, {pieces} pieces", label.tolist())
assert tree.nnz == 2 and pieces == 2 and label[0] != label[1], "the tree keeps edges of 0 now"
tree.data[tree.data > 2] = 0
tree.eliminate_zeros()
clusters, label = connected_components(tree, directed=False)
by_linkage = fcluster(linkage(squareform(distance), "single"), 2, "distance")
print(clusters, "clusters", label.tolist(), "by linkage", by_linkage.tolist())
assert clusters == 3 and len(set(by_linkage.tolist())) == 2
print("as described")
PYTHON
