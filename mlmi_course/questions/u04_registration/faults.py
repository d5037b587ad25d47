"""Which sentences of a methods section would you not let pass?"""

from mlmi_course.checks import asks_value


@asks_value(
    points=3,
    see="Deformable registration",
    hints=(
        "Five of the nine sentences are faulty. For each ask: could this number be large "
        "although the "
        "points are in the wrong place? And would a second run give the same?",
        "A number that was optimised is no judge. A judge took no part.",
        "Read B for what drove the registration, D for what happens to labels, F for the "
        "clock, G for what the metric "
        "of two contrasts means, I for what the Jacobian tells.",
    ),
)
def faults():
    """Which sentences are faulty?"""
    return "BDFGI"


for _letter, _name, _says in (
    ("B", "judge_took_part", "One fault is missing. The labels that are the judge also drove the "
     "registration."),
    ("D", "linear_labels", "One fault is missing. How were the labels carried over, and which "
     "labels can come out of it?"),
    ("F", "clock", "One fault is missing. Would a second run draw the same voxels?"),
    ("G", "ssd_of_two_contrasts", "One fault is missing. The SSD of a T1 and a T2 scan is not "
     "smallest where they lie on each other."),
    ("I", "mean_jacobian", "One fault is missing. A mean Jacobian of 1 says that what grows here "
     "shrinks there. What would folding do to the mean?"),
):  # fmt: skip
    faults.knows(f"missed_{_name}", faults.right().replace(_letter, ""), _says)

for _letter, _name, _says in (
    ("A", "same_grid", "One sentence too many. A pyramid of three levels and a start from the "
     "centres is what one should do."),
    ("C", "direction", "One sentence too many. To resample the moving image, the transform "
    "from fixed to "
     "moving points is used as it is."),
    ("E", "same_patients", "One sentence too many. Both methods were measured on the same "
    "patients, "
     "and the differences were paired."),
    ("H", "landmarks", "One sentence too many. Landmarks that took no part are what you should ask "
     "for, and the sentence gives a high quantile."),
):  # fmt: skip
    faults.knows(f"accused_{_name}", "".join(sorted(faults.right() + _letter)), _says)

faults.knows_forms_of_letters()
faults.knows(
    "space_at_the_end",
    faults.right() + " ",
    "Those are the ones, but for a space at the end.",
)
