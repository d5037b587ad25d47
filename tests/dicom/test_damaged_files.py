"""Damaged files: a scan of the right shape or one clear error, never anything else.

Each case damages one file in one way drawn from a seeded generator.  200 are tried in every
run; ``MLMI_FUZZ=2000`` tries more.
"""

from __future__ import annotations

import os
import shutil
import signal
import sys
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pydicom
import pytest
from pydicom import examples
from pydicom.data import get_testdata_file

from mlmi_course.dicom import DicomError, Volume, read_volume, write_series
from mlmi_course.phantoms.ct import chest_phantom
from tests.dicom.test_reading import as_lossless_jpeg, enhanced

CASES = int(os.environ.get("MLMI_FUZZ", "200"))
SECONDS_PER_FILE = 10  # a healthy one takes hundredths

Damage = Callable[[bytes, np.random.Generator], bytes]


class TooSlow(BaseException):
    """Not an Exception: the reader must not be able to take it for a damaged file."""


# -- kinds of damage ---------------------------------------------------------------------------


def flip_bits(data: bytes, rng: np.random.Generator) -> bytes:
    # Most flips go to the header; among the pixels they would hardly ever matter.
    changed = np.frombuffer(data, np.uint8).copy()
    end = len(changed) if rng.random() < 0.3 else min(len(changed), 2500)
    for place in rng.integers(0, end, size=rng.integers(1, 20)):
        changed[place] ^= 1 << rng.integers(8)
    return changed.tobytes()


def cut_off(data: bytes, rng: np.random.Generator) -> bytes:
    return data[: rng.integers(0, len(data))]


def cut_out(data: bytes, rng: np.random.Generator) -> bytes:
    start = rng.integers(0, len(data))
    return data[:start] + data[start + rng.integers(1, 200) :]


def write_over(data: bytes, rng: np.random.Generator) -> bytes:
    start = rng.integers(min(len(data), 2500))
    filling = rng.choice([b"\0", b"\xff", b"9", b"-", b" "])
    return data[:start] + bytes(filling) * 12 + data[start + 12 :]


def break_length(data: bytes, rng: np.random.Generator) -> bytes:
    """Change the number after a two-letter VR: how long the file says that an element is."""
    starts = [i for i in range(min(len(data), 2500)) if data[i : i + 2].isalpha()]
    place = int(rng.choice(starts or [0])) + 2
    numbers = [b"\xff\xff\xff\xff", b"\0\0\0\0", b"\xff\xff", rng.bytes(2), rng.bytes(4)]
    number = numbers[rng.integers(len(numbers))]
    return data[:place] + number + data[place + len(number) :]


def edit_element(data: bytes, rng: np.random.Generator) -> bytes:
    """Give one element a value that is well written and absurd, or take it away."""
    from io import BytesIO

    try:
        dataset = pydicom.dcmread(BytesIO(data))
        keywords = [e.keyword for e in dataset if e.keyword not in ("", "PixelData")]
        keyword = str(rng.choice(keywords))
        if rng.random() < 0.3:
            del dataset[keyword]
        else:
            kind = dataset[keyword].VR
            absurd = {
                "US": [0, 1, 7, 65535],
                "IS": ["0", "-1", "2147483647"],
                "DS": ["0", "-1", "1e308", "nan", "1e-308", ""],
                "FD": [0.0, np.inf, np.nan],
                "SQ": [[]],
                "UI": ["", "1.2.840.10008.1.2.4.70", "1"],
                "CS": ["", "RGB", "MONOCHROME1", "CT"],
            }.get(kind, ["", "Ω", "x" * 70])
            dataset[keyword].value = absurd[rng.integers(len(absurd))]
        out = BytesIO()
        dataset.save_as(out)
    except Exception:  # pydicom will not write all of this: damage the bytes instead
        return flip_bits(data, rng)
    return out.getvalue()


KINDS: list[Damage] = [flip_bits, cut_off, cut_out, write_over, break_length, edit_element]


# -- what is damaged ---------------------------------------------------------------------------


@pytest.fixture(scope="module")
def whole(tmp_path_factory) -> list[tuple[Path, Path]]:
    """(what is read, the file in it that gets damaged)"""
    folder = tmp_path_factory.mktemp("whole")
    small = chest_phantom((4, 32, 32), (60, 12, 12), round_field=True)
    found = []
    for name, syntax in [
        ("plain", None),
        ("implicit", "1.2.840.10008.1.2"),
        ("deflated", "1.2.840.10008.1.2.1.99"),
        ("rle", "1.2.840.10008.1.2.5"),
        ("jpeg-ls", "1.2.840.10008.1.2.4.80"),
        ("jpeg 2000", "1.2.840.10008.1.2.4.90"),
    ]:
        files = write_series(small, folder / name, transfer_syntax=syntax)
        found += [(folder / name, files[1]), (files[0], files[0])]
    found += [(folder / "plain", files[-1]) for files in [sorted((folder / "plain").iterdir())]]
    for name, syntax in [("enhanced", None), ("enhanced rle", "1.2.840.10008.1.2.5")]:
        path = enhanced(folder / name, syntax=syntax)
        found.append((path, path))
    lossless = enhanced(folder / "jpeg lossless")
    if as_lossless_jpeg(lossless):
        found.append((lossless, lossless))
    for name in ("MR_small_jpeg_ls_lossless.dcm", "rtdose.dcm", "MR_small_bigendian.dcm"):
        path = Path(shutil.copy(get_testdata_file(name, download=False), folder / name))
        found.append((path, path))
    import nibabel

    for name in ("a.nii", "a.nii.gz"):
        image = nibabel.Nifti1Image(np.ones((8, 7, 6), "int16"), np.diag([2.0, 3, 4, 1]))
        nibabel.save(image, folder / name)
        found.append((folder / name, folder / name))
    medium = folder / "medium"
    medium.mkdir()
    shutil.copy(examples.get_path("dicomdir"), medium)
    found.append((medium / "DICOMDIR", medium / "DICOMDIR"))
    return found


def within_time(work: Callable[[], Volume]) -> Volume:
    """Run, and raise TooSlow where it takes too long (only where signals can do that)."""
    if sys.platform == "win32" or threading.current_thread() is not threading.main_thread():
        return work()

    def stop(*_: object) -> None:
        raise TooSlow(f"more than {SECONDS_PER_FILE} s of computing")

    before = signal.signal(signal.SIGPROF, stop)
    signal.setitimer(signal.ITIMER_PROF, SECONDS_PER_FILE)
    try:
        return work()
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)


def agrees_with_header(scan: Volume, path: Path) -> bool:
    """Whether no slice, row or column is missing or too many."""
    groups = len(scan.info.get("groups", ["the only one"]))
    if path.name.endswith((".nii", ".nii.gz")):
        import nibabel

        x, y, z, *times = nibabel.load(path).header.get_data_shape()
        return (scan.shape, [groups]) == ((z, y, x), times or [1])
    files = list(path.iterdir()) if path.is_dir() else [path]
    header = pydicom.dcmread(files[0], stop_before_pixels=True)
    frames = len(files) if path.is_dir() else int(header.get("NumberOfFrames") or 1)
    return (groups * scan.shape[0], *scan.shape[1:]) == (frames, header.Rows, header.Columns)


@pytest.mark.parametrize("axis", [0, 1, 2])
def test_a_lost_slice_row_or_column_would_be_noticed(axis, whole):
    for path, _ in whole:
        if path.name == "DICOMDIR":
            continue  # the files that it lists are not there
        scan = read_volume(path)
        assert agrees_with_header(scan, path)
        if scan.shape[axis] > 1:  # an empty Volume cannot be
            fewer = scan.array.take(range(scan.shape[axis] - 1), axis)
            assert not agrees_with_header(replace(scan, array=fewer), path)


def try_one(number: int, whole: list[tuple[Path, Path]], folder: Path) -> str:
    rng = np.random.default_rng(number)
    read, damaged = whole[number % len(whole)]
    folder.mkdir()
    target = folder / read.name
    if read.is_dir():
        shutil.copytree(read, target)
        file = target / damaged.name
    else:
        file = Path(shutil.copy(read, target))
    kind = KINDS[rng.integers(len(KINDS))]
    file.write_bytes(kind(damaged.read_bytes(), rng))
    try:
        scan = within_time(lambda: read_volume(target))
    except DicomError as error:
        problem = None if str(folder) in str(error) and error.advice else f"no file in: {error}"
        outcome = "refused"
    else:
        alike = agrees_with_header(scan, target)
        problem = None if alike else f"{scan} is not what the header says"
        outcome = "read"
    assert problem is None, f"case {number}, {kind.__name__}: {problem}"
    return outcome


@pytest.mark.filterwarnings("ignore")  # pydicom's, while the files are being damaged
@pytest.mark.parametrize("batch", range(-(-CASES // 100)))
def test_damaged_files_give_a_scan_or_one_clear_error(batch, whole, tmp_path, capfd):
    outcomes = [
        try_one(number, whole, tmp_path / str(number))
        for number in range(100 * batch, min(100 * (batch + 1), CASES))
    ]
    if len(outcomes) >= 50:  # neither all harmless nor all fatal: the damage is worth trying
        assert {"read", "refused"} == set(outcomes)
    assert capfd.readouterr().err == ""
