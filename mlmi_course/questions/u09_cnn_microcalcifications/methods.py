"""Audit the methods section of a study."""

from mlmi_course.checks import asks_value

_FAULTY = [1, 5, 7, 9]


@asks_value(
    points=2,
    see="Train it, and be strict",
    hints=(
        "Four of the ten make a number better than it is, or draw a conclusion that does not "
        "follow. The other six are sound, even where one could do it otherwise.",
        "Ask of each: does one patient stand on both sides? Who chose? On what was it chosen? "
        "What is counted, and divided by what?",
        "Look again at what is shuffled, at what picks the epoch, at what two intervals can say "
        "about a difference, and at how often one cluster can be found.",
    ),
)
def methods():
    """What is wrong with this study?"""
    return _FAULTY


_WHY_FAULTY = {
    1: "Look at sentence 1 again: what is shuffled, and where may the other patches of the same "
    "woman be?",
    5: "Look at sentence 5 again: which patients chose the epoch, and which are reported?",
    7: "Look at sentence 7 again: both numbers come from the same patients, so which interval "
    "would tell?",
    9: "Look at sentence 9 again: how often can one cluster be found?",
}
_WHY_SOUND = {
    2: "Sentence 2 is sound: each patch is centred by itself, so nothing leaks.",
    3: "Sentence 3 is sound: it is `small_cnn`. A network is not worse for being small.",
    4: "Sentence 4 is sound: a cluster may be turned, and only training patches were.",
    6: "Sentence 6 is sound: both sides got the same effort, on patients that are not reported.",
    8: "Sentence 8 is sound: patches of one woman are alike, so it is women who are drawn.",
    10: "Sentence 10 is sound: it states its convention, and the lecture uses the same.",
}
for _number, _why in _WHY_FAULTY.items():
    _left = [number for number in _FAULTY if number != _number]
    methods.knows(f"misses_{_number}", _left, f"Three are found, and one is missing. {_why}")
for _number, _why in _WHY_SOUND.items():
    _more = sorted([*_FAULTY, _number])
    methods.knows(f"blames_{_number}", _more, f"All four are found, and one more. {_why}")
methods.knows(
    "blames_all",
    list(range(1, 11)),
    "Not all of it is wrong: six of the ten sentences are sound.",
)
