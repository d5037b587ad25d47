"""Similar cases, of other people: mend a search."""

import numpy as np

from mlmi_course.checks import Case, asks


def _found(features, patients, k, *, own="barred", repeats=False, far=False, counted="all"):
    """The most similar images of k patients, right or with something wrong."""
    apart = np.linalg.norm(features[:, None] - features[None], axis=-1)
    answer = []
    for i, (row, hers) in enumerate(zip(apart, patients, strict=True)):
        order = np.argsort(-row if far else row, kind="stable")
        barred = {"barred": patients == hers, "itself": np.arange(len(row)) == i}.get(
            own, np.zeros(len(row), bool)
        )
        seen, chosen = set(), []
        for image in order:
            if barred[image] or (not repeats and patients[image] in seen):
                continue
            seen.add(patients[image])
            chosen.append(image)
        chosen = chosen[:k]
        if counted == "the rest":
            chosen = [int((~barred)[:image].sum()) for image in chosen]
        answer.append(chosen)
    return np.array(answer)


@asks(
    points=2,
    see="Show me a similar case",
    hints=(
        "For each image go through the others, from the nearest on. Whom do you skip?",
        "Skip her own images, and every image of a patient whom you have chosen already. Stop when "
        "`k` are chosen.",
    ),
)
def prototypes(features, patients, k):
    """Similar cases, of other people"""
    return _found(features, patients, k)


@prototypes.inputs
def cases(rng):
    for n, k, about in (
        (12, 2, "patients with three images each"),
        (15, 3, "five patients, and three of them asked for"),
    ):
        patients = rng.permutation(np.arange(n) // 3 * 7 + 2)
        own = rng.normal(size=(40, 3))[patients // 7]
        features = (own + 0.3 * rng.normal(size=(n, 3))).round(3)
        yield Case((features, patients.astype(np.int64), k), about)


prototypes.variants(
    _found,
    unmended=(
        {"own": "itself", "repeats": True},
        "That is the company's search as it was: her own images are allowed, and one patient may "
        "be shown several times.",
    ),
    own_patient=(
        {"own": "itself"},
        "Another image of the *same patient* was allowed. It may be the same lesion, and shows "
        "nothing. Skip all images of the patient.",
    ),
    itself=(
        {"own": "nobody"},
        "Every image is its own nearest neighbour, at distance 0. Skip all images of the patient, "
        "the image itself among them.",
    ),
    one_patient_twice=(
        {"repeats": True},
        "A patient may be shown several times in yours. Each case is to be another person: of "
        "each take the most similar image only.",
    ),
    farthest=(
        {"far": True},
        "Those are the least similar cases: look for the smallest distance.",
    ),
    shifted=(
        {"counted": "the rest"},
        "The numbers count among the images that are left after the patient's own are taken out. "
        "They must count in the whole set.",
    ),
)
