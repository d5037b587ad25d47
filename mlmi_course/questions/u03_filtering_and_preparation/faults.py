"""Which sentences of a methods section would you not let pass?"""

from mlmi_course.checks import asks_value


@asks_value(
    points=3,
    see="What to remember",
    hints=(
        "Five of the nine sentences are faulty. For each ask: what did the tool do with what it "
        "was given, and could the number have come out otherwise for a reason that is none?",
        "Read B for what N4 does with a mask, C for equal effort, D for what a PSNR depends on.",
        "Read G for what nearest neighbour does to small volumes, and H for what a grid can hold.",
    ),
)
def faults():
    """Which sentences are faulty?"""
    return "BCDGH"


for _letter, _name, _says in (
    (
        "B",
        "mask_of_255",
        "One fault is missing. Which pixels does N4 use, if the mask says 255 where the brain is?",
    ),
    (
        "C",
        "unequal_effort",
        "One fault is missing. Twenty strengths were tried for one side, and none for the other.",
    ),
    (
        "D",
        "psnr_of_other_images",
        "One fault is missing. A PSNR depends on the images and on the range that was put in, so "
        "one from elsewhere is no rival.",
    ),
    (
        "G",
        "volumes_on_the_coarse_grid",
        "One fault is missing. What may 125 mm³ become on a grid of 2 mm?",
    ),
    (
        "H",
        "no_smoothing",
        "One fault is missing. What is too fine for the coarser grid does not go away by itself.",
    ),
):
    faults.knows(f"missed_{_name}", faults.right().replace(_letter, ""), _says)

for _letter, _name, _says in (
    (
        "A",
        "rayleigh",
        "One sentence too many. The mean of Rayleigh's air *is* 1.25 σ, and they looked at its "
        "histogram.",
    ),
    (
        "E",
        "own_brain",
        "One sentence too many. Each scan by its own healthy brain is how a z-score should be "
        "taken.",
    ),
    (
        "F",
        "nearest",
        "One sentence too many. Nearest neighbour keeps labels, and they used their image's grid.",
    ),
    (
        "I",
        "interval",
        "One sentence too many. The authors say what their interval draws, and what it does not.",
    ),
):
    faults.knows(f"accused_{_name}", "".join(sorted(faults.right() + _letter)), _says)

faults.knows_forms_of_letters()
