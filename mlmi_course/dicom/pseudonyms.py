"""New identifiers, dates and names, made from the old ones and a secret."""

from __future__ import annotations

import hashlib
import hmac
import uuid
from datetime import timedelta
from typing import Any, Final

__all__ = ["as_key", "days_back", "digest", "new_uid", "patient_of"]


_SALT_BYTES: Final = 16
_LONGEST_SHIFT_DAYS: Final = 3650


def as_key(salt: str | bytes) -> bytes:
    key = salt.encode() if isinstance(salt, str) else salt
    if not isinstance(key, bytes) or len(key) < _SALT_BYTES or len(set(key)) < 6:
        raise ValueError(
            f"the salt must be a secret of at least {_SALT_BYTES} bytes that nobody can guess: "
            "secrets.token_hex(16) makes one; keep it with the original data"
        )
    return key


def digest(key: bytes, purpose: str, text: str) -> bytes:
    # The purpose keeps apart what is made of equal texts: a UID says nothing about a shift.
    return hmac.new(key, f"{purpose}\0{text}".encode(), hashlib.sha256).digest()


def new_uid(key: bytes, uid: str) -> str:
    """A UID made from a UUID (DICOM PS3.5, B.2)."""
    return f"2.25.{uuid.UUID(bytes=digest(key, 'uid', uid)[:16], version=5).int}"


def patient_of(dataset: Any) -> str:
    """What makes two files be of one patient."""
    for keywords in (
        ("PatientID", "IssuerOfPatientID"),
        ("PatientName", "PatientBirthDate"),
        ("StudyInstanceUID",),
    ):
        parts = [str(dataset.get(keyword) or "").strip() for keyword in keywords]
        if parts[0]:
            return "\0".join((keywords[0], *parts))
    return str(dataset.get("SOPInstanceUID", ""))


def days_back(key: bytes, patient: str) -> timedelta:
    number = int.from_bytes(digest(key, "days", patient)[:8], "big")
    return timedelta(days=1 + number % _LONGEST_SHIFT_DAYS)
