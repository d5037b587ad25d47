"""Grey values that mean the same in every scan."""

import numpy as np

from mlmi_course.checks import Case, asks


def _scaled(images, brains, lesions, *, over="healthy", each=True, outside="zero", ddof=0,
            lesions_out=False):  # fmt: skip
    """Z-score scans over healthy brain; the parameters make the usual slips."""
    images = np.asarray(images, dtype=float)
    brains, lesions = np.asarray(brains).astype(bool), np.asarray(lesions).astype(bool)
    used = {"healthy": brains & ~lesions, "brain": brains, "all": np.ones_like(brains),
            "no lesion": ~lesions}[over]  # fmt: skip
    z = np.empty_like(images)
    for i, image in enumerate(images):
        values = image[used[i]] if each else images[used]
        z[i] = (image - values.mean()) / values.std(ddof=ddof)
    keep = brains & ~lesions if lesions_out else brains
    return np.where(keep, z, 0) if outside == "zero" else z


@asks(
    points=3,
    see="The same grey for the same tissue",
    hints=(
        "Three questions for each line: whose pixels go into the mean, which scan do they belong "
        "to, and what becomes of the others?",
        "Each scan gets a mean and a standard deviation of its own, from its healthy brain: "
        "`brain & ~lesion`. They are then used for the whole scan.",
        "Loop over the scans. `z = (image - image[used].mean()) / image[used].std()`, and then "
        "`np.where(brain, z, 0)`.",
    ),
)
def normalise(images, brains, lesions):
    """Grey values that mean the same in every scan"""
    return _scaled(images, brains, lesions)


@normalise.inputs
def cases(rng):
    rows, columns = np.indices((12, 12))
    gains = rng.uniform(0.5, 3, 3)
    brains = np.array([np.hypot(rows - 6, columns - 6) < r for r in rng.permutation([4, 4.6, 5.2])])
    lesions = np.zeros_like(brains)
    lesions[0, 5:7, 5:8] = True
    lesions[2, 6:9, 4:6] = True
    tissue = 100 + 30 * (columns % 3)
    images = np.where(brains, tissue, 3) + 80 * lesions
    images = gains[:, None, None] * (images + rng.normal(0, 4, images.shape))
    images = images.round(1)
    yield Case((images, brains, lesions), "three scans of different gain, two with a lesion")
    yield Case((images[1:2], brains[1:2], lesions[1:2]), "one scan without a lesion")
    stored = np.round(images).astype(np.int16)
    yield Case((stored, brains, lesions), "the scans as whole numbers")


normalise.variants(
    _scaled,
    whole_image=(
        {"over": "all"},
        "Your statistics are those of the whole image, air and all. They change with the size of "
        "the head in the picture. Use the healthy brain.",
    ),
    air_without_lesion=(
        {"over": "no lesion"},
        "The lesion is out of the statistics, but the air is in. Use `brain & ~lesion`.",
    ),
    lesion_included=(
        {"over": "brain"},
        "The lesions go into the statistics, so a patient with a large bright one gets darker "
        "white matter. They are to be left out there (and scaled like the rest).",
    ),
    all_scans_at_once=(
        {"each": False},
        "One mean for all scans leaves their gains as they were. Each scan needs its own.",
    ),
    brain_all_scans=(
        {"each": False, "over": "brain"},
        "Two things: one mean for all scans leaves their gains as they were, and the lesions go "
        "into it.",
    ),
    whole_image_all_scans=(
        {"each": False, "over": "all"},
        "One mean of all scans, with their air. Each scan needs its own, from its healthy brain.",
    ),
    air_not_zero=(
        {"outside": "z"},
        "The numbers inside are right, but outside the brain there should be 0.",
    ),
    air_not_zero_lesion_included=(
        {"outside": "z", "over": "brain"},
        "Lesions go into the statistics, and outside the brain there should be 0.",
    ),
    n_minus_one=(
        {"ddof": 1},
        "You divided by n − 1. NumPy's own `std()`, without `ddof`, is asked for.",
    ),
    lesion_set_to_zero=(
        {"lesions_out": True},
        "The lesions have become 0. They are left out of the *statistics*, but scaled like the "
        "rest: they are what the scan was made for.",
    ),
)


@normalise.mistake
def unmended(images, brains, lesions):
    """That is the colleague's function as it was. `inside` is 0 in the air, and these zeros are in
    her mean.
    """
    inside = np.asarray(images) * brains
    z = (inside - inside.mean()) / inside.std()
    return z * brains
