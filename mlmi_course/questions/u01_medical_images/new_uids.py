"""New identifiers that still belong together."""

import hashlib
import hmac
import uuid

from mlmi_course.checks import Case, asks


def uid_of(digest):
    return f"2.25.{int.from_bytes(digest[:16], 'big')}"


@asks(
    points=2,
    see="Taking the patient out",
    hints=(
        "The same UID must always become the same new one, so nothing random: a keyed hash.",
        "`hmac.new(salt.encode(), uid.encode(), 'sha256').digest()` gives 32 bytes.",
        "`int.from_bytes(digest[:16], 'big')` is the whole number to write after `2.25.`",
    ),
)
def new_uids(uids, salt):
    """New identifiers that still belong together"""
    return [uid_of(hmac.digest(salt.encode(), uid.encode(), "sha256")) for uid in uids]


@new_uids.inputs
def cases(rng):
    study = f"1.2.840.{rng.integers(1000, 9999)}"
    uids = [study, f"{study}.1", study, f"{study}.2"]
    yield Case((uids, "a long secret"), "two files of one study")
    yield Case((uids, "another secret"), "the same files, another salt")


def _one_to_many(expected, got):
    """Whether equal UIDs became different ones."""
    return isinstance(got, list) and len(set(map(str, got))) > len(set(expected))


@new_uids.mistake(matches=_one_to_many)
def fresh_uid_per_file(uids, salt):
    """The same UID became two different ones. Now no slice belongs to any series, and the study
    has fallen apart. Nothing may be random here.
    """
    return [f"2.25.{uuid.uuid4().int}" for _ in uids]


@new_uids.mistake
def salt_ignored(uids, salt):
    """The salt is not used. Then anybody who holds the original UIDs can compute the new ones and
    look the patient up.
    """
    return [uid_of(hashlib.sha256(uid.encode()).digest()) for uid in uids]


@new_uids.mistake
def key_and_message_swapped(uids, salt):
    """Key and message are exchanged: the salt is the key, the UID the message."""
    return [new_uids.right([salt], uid)[0] for uid in uids]


@new_uids.mistake
def counted(uids, salt):
    """You number the UIDs in the order in which they come. In the next call, or on the next disk,
    the same study gets other numbers.
    """
    known = list(dict.fromkeys(uids))
    return [f"2.25.{known.index(uid) + 1}" for uid in uids]


@new_uids.mistake
def unchanged(uids, salt):
    """These are the old UIDs. The hospital's archive finds the patient by them in a second."""
    return list(uids)
