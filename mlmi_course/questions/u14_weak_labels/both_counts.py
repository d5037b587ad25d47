"""One mask, two libraries, two counts."""

import numpy as np
from scipy import ndimage

from mlmi_course.checks import Case, asks


def _counts(
    mask, smallest, *, corners="full", faces=1, size="each", least="≥", swapped=False, values=False
):
    mask = np.asarray(mask)
    reach = {"full": mask.ndim, "edges": 2}
    wide = ndimage.generate_binary_structure(mask.ndim, reach.get(corners, 1))
    narrow = ndimage.generate_binary_structure(mask.ndim, reach.get(faces, 1))

    def count(structure):
        labelled, n = ndimage.label(mask > 0, structure)
        sizes = np.bincount(labelled.ravel())[1:]
        if size == "none":
            return n
        return int((sizes >= smallest).sum() if least == "≥" else (sizes > smallest).sum())

    found = {"scipy": count(narrow), "scikit-image": count(wide)}
    if swapped:
        found = {"scipy": found["scikit-image"], "scikit-image": found["scipy"]}
    return found


@asks(
    points=2,
    see="Where is it counted?",
    hints=(
        "Which pixels are neighbours is the `structure` of "
        "`scipy.ndimage.label`, and the `connectivity` of "
        "`skimage.measure.label`. The row of *Same name, different number* says "
        "what each takes by default.",
        "By default SciPy joins faces alone, scikit-image corners too, also in three dimensions.",
        "`np.bincount(labelled.ravel())[1:]` has the size of each piece; keep "
        "those of `smallest` pixels or more.",
    ),
)
def both_counts(mask, smallest):
    """One mask, two counts"""
    return _counts(mask, smallest)


@both_counts.inputs
def cases(rng):
    def dots(shape, share):
        return (rng.random(shape) < share).astype(np.uint8)

    yield Case((dots((24, 24), 0.22), 2), "a slice")
    yield Case((dots((10, 10, 10), 0.1), 2), "a volume: z, y, x")
    yield Case((dots((24, 24), 0.12), 1), "pieces of one pixel count too")
    yield Case((np.zeros((5, 5), np.uint8), 2), "an empty mask")


both_counts.variants(
    _counts,
    swapped=(
        {"swapped": True},
        "The two are exchanged. SciPy joins pixels that share a face; "
        "scikit-image also those that touch at a corner.",
    ),
    faces_alone=(
        {"corners": "edges"},
        "In a volume two voxels may also touch at an edge or at a corner: "
        "scikit-image joins all 26 neighbours by default.",
    ),
    the_same_faces=(
        {"corners": 1},
        "Both of your counts join faces alone. scikit-image also joins pixels "
        "that touch at a corner.",
    ),
    the_same_corners=(
        {"faces": "full"},
        "Both of your counts join corners, too. SciPy by default joins faces alone.",
    ),
    all_sizes=({"size": "none"}, "You count pieces that are smaller than `smallest`, too."),
    larger_only=({"least": ">"}, "A piece of exactly `smallest` pixels counts."),
)
