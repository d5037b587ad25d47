"""Who is one person, if pairs of numbers share an image?"""

from itertools import pairwise

import numpy as np

from mlmi_course.checks import Case, asks


@asks(
    points=2,
    see="The same patient twice",
    hints=(
        "If 3 is 7, and 7 is 12, then 3 is 12 as well, although no image says so.",
        "Begin with each number as its own person. For each pair, give *everybody* who has one of "
        "the two labels the smaller one.",
        "`label[label == larger] = smaller`, where `smaller` and `larger` are the labels that the "
        "two numbers have *now*.",
    ),
)
def persons(numbers, pairs):
    """One person for all her numbers"""
    owner = {number: number for number in np.asarray(numbers).tolist()}
    for a, b in pairs:
        low, high = sorted((owner[int(a)], owner[int(b)]))
        owner = {number: low if who == high else who for number, who in owner.items()}
    return np.array([owner[number] for number in np.asarray(numbers).tolist()])


@persons.inputs
def cases(rng):
    ids = rng.permutation(np.arange(1, 60))[:15]
    rows = rng.permutation(np.concatenate([ids, rng.choice(ids, 10)]))
    chain = ids[:8]  # one person with eight numbers, told in a chain
    pairs = [[int(a), int(b)] for a, b in pairwise(chain)]
    pairs.append([int(ids[9]), int(ids[8])])
    pairs = [pair if rng.random() < 0.5 else pair[::-1] for pair in pairs]
    order = rng.permutation(len(pairs))
    yield Case((rows, [pairs[k] for k in order]), "a person with eight numbers, and one with two")
    a, b, c, d = (int(k) for k in np.sort(ids[:4]))
    yield Case(
        (np.array([d, b, a, c, b]), [[d, c], [b, a], [c, a]]), "two pairs, joined by a third"
    )
    yield Case((np.array([5, 3, 5]), []), "no pairs")


def _parent(numbers, pairs):
    owner = {int(n): int(n) for n in numbers}
    for a, b in pairs:
        owner[max(a, b)] = min(a, b)
    return np.array([owner[int(n)] for n in numbers])


@persons.mistake
def one_step(numbers, pairs):
    """You go one step only: if 12 is 7 and 7 is 3, then 12 is 3. Follow the chain to its end."""
    return _parent(numbers, pairs)


@persons.mistake
def pair_alone_changes(numbers, pairs):
    """You change the label of one number, and forget those who had been joined to it before.
    Everybody with the larger label gets the smaller one.
    """
    owner = {int(n): int(n) for n in numbers}
    for a, b in pairs:
        low = min(owner[a], owner[b])
        owner[a] = owner[b] = low
    return np.array([owner[int(n)] for n in numbers])


@persons.mistake
def largest(numbers, pairs):
    """The groups are right, but a person is called by her *smallest* number."""
    right = persons.right(numbers, pairs)
    return np.array([max(n for n, r in zip(numbers, right, strict=True) if r == k) for k in right])


@persons.mistake
def first_met(numbers, pairs):
    """The groups are right, but numbered from 0. A person is called by her smallest number."""
    return np.unique(persons.right(numbers, pairs), return_inverse=True)[1]


@persons.mistake
def nobody_joined(numbers, pairs):
    """Nobody was joined: that is the list of numbers as it was."""
    return np.asarray(numbers)


@persons.mistake
def each_person_once(numbers, pairs):
    """You return each person once. The answer has one entry for each entry of `numbers`, in its
    order.
    """
    return np.unique(persons.right(numbers, pairs))


def _passes(numbers, pairs, times):
    owner = {int(n): int(n) for n in numbers}
    for _ in range(times):
        for a, b in pairs:
            owner[a] = owner[b] = min(owner[a], owner[b])
    return np.array([owner[int(n)] for n in numbers])


@persons.mistake
def two_passes(numbers, pairs):
    """You go through the pairs twice. A long chain needs more: go on until nothing changes."""
    return _passes(numbers, pairs, 2)


@persons.mistake
def two_sorted_passes(numbers, pairs):
    """You sort the pairs and go through them twice. A long chain needs more: go on until nothing
    changes.
    """
    return _passes(numbers, sorted(sorted(pair) for pair in pairs), 2)


@persons.mistake
def roots_not_joined(numbers, pairs):
    """You follow each number to the end of its chain, but a number that is joined to two others
    forgets the first of them. Join the *ends* of both chains.
    """
    owner = {int(n): int(n) for n in numbers}
    for a, b in pairs:
        owner[max(a, b)] = min(a, b)

    def end(n):
        return n if owner[n] == n else end(owner[n])

    return np.array([end(int(n)) for n in numbers])


@persons.mistake
def any_number(numbers, pairs):
    """The groups are right, but a person is called by her *smallest* number, and not by the one
    that happened to come first in a pair.
    """
    label = np.array(numbers)
    for a, b in pairs:
        first, second = label[numbers == a][0], label[numbers == b][0]
        label[label == second] = first
    return label
