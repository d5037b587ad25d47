"""Which sentences of a poster would you not let pass?"""

from mlmi_course.checks import asks_value


@asks_value(
    points=3,
    see="Looking into the future",
    hints=(
        "Five of the nine sentences are faulty. For each ask: does it look at the outcome, and if "
        "so, is that look part of the test? What must a patient have done to be in the table? "
        "What happened to those who are still alive?",
        "Steps that never see the outcome cannot make a p too small. And a C-index may be turned "
        "round, as long as one says so.",
        "Read B for immortal time, D and H for the search, E for censoring, G for what a hazard "
        "ratio is a ratio of.",
    ),
)
def faults():
    """Which sentences are faulty?"""
    return "BDEGH"


for _letter, _name, _says in (
    (
        "B",
        "immortal_time",
        "One fault is missing. Whoever has a *change* between two scans has lived until the "
        "second, so the clock may not start at the first.",
    ),
    (
        "D",
        "search",
        "One fault is missing. A cut that was chosen because its p is small does not have that p.",
    ),
    (
        "E",
        "mean_of_times",
        "One fault is missing. A mean of follow-up times takes those who are still alive for dead.",
    ),
    (
        "G",
        "ratio_of_lives",
        "One fault is missing. A hazard ratio is a ratio of rates among those still alive, and "
        "not of how long people live.",
    ),
    (
        "H",
        "shuffle_without_search",
        "One fault is missing. A shuffle must repeat the *whole* search, and this one keeps what "
        "the true outcomes chose.",
    ),
):
    faults.knows(f"missed_{_name}", faults.right().replace(_letter, ""), _says)

for _letter, _name, _says in (
    (
        "A",
        "censored",
        "One sentence too many. Who was alive at the last contact *is* censored on that day.",
    ),
    (
        "C",
        "blind_scaling",
        "One sentence too many. Scaling never saw survival, so it cannot make a p too small here.",
    ),
    (
        "F",
        "at_risk",
        "One sentence too many. Numbers at risk below the axis are what you should ask for.",
    ),
    (
        "I",
        "turned_c_index",
        "One sentence too many. A C-index below one half is a sign that was turned round, and "
        "here the authors say what they did.",
    ),
):
    faults.knows(f"accused_{_name}", "".join(sorted(faults.right() + _letter)), _says)

faults.knows(
    "small_letters",
    faults.right().lower(),
    "Those are the ones. Write their letters in capitals, without spaces, as the poster has them.",
)
faults.knows(
    "with_commas",
    ", ".join(faults.right()),
    "Those are the ones. Write their letters as one word, without commas and spaces.",
)
