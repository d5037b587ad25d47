#!/usr/bin/env bash
# The last repetition of a scan was aborted: dcm2niix may deal the slices out anew, and exits with 0.
#
# One would guess: a series of 2 volumes of 6 slices and 3 slices of a third is refused, or the third
#   volume is dropped or padded.
# What happens: the converter counts how often the first position occurs (3 times), finds that 15 files
#   are divisible by 3, and writes 3 volumes of 5 slices.  Volume 1 has lost its last slice, volume 2 begins
#   with that slice, volume 3 holds slices of two repetitions, and the affine fits none but the first.
#   The exit code is 0, and the only hint is "Instance Number (0020,0013) order is not spatial".
#   TemporalPositionIdentifier and AcquisitionNumber tell the repetitions apart and are not asked.
#   With 14 or 16 files the same series is refused, as one would guess: "not divisible".
# Why it matters: a restless patient ends a dynamic contrast or diffusion scan early.  Such a series has
#   few repetitions and many slices, so about one abort in (repetitions) is divisible by chance, and then a
#   curve of contrast over time mixes anatomy from different heights.
# Seen with: dcm2niix 1.0.20260724, 2026-11-29; the same for Siemens, GE and Philips as manufacturer.
# Source: https://github.com/rordenlab/dcm2niix/issues/357 (scans stopped early: the message for counts that
#   are not divisible, and that somebody has to step in; the divisible case is not named there).
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/env"
"$folder/env/bin/python" -m pip install --quiet --disable-pip-version-check \
    dcm2niix==1.0.20260724 pydicom==3.0.2 nibabel==5.4.2 numpy==2.3.5
cd "$folder"
env/bin/python - <<'PYTHON'
import subprocess
from pathlib import Path

import nibabel
import numpy as np
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import ExplicitVRLittleEndian, MRImageStorage, generate_uid

SLICES = 6


def scan(folder, manufacturer, files):
    """Slices 4 mm apart; a pixel says 100 times the repetition plus 10 times the slice."""
    folder.mkdir(parents=True)
    study, series, frame = generate_uid(), generate_uid(), generate_uid()
    for number in range(files):
        repetition, place = divmod(number, SLICES)
        ds = Dataset()
        ds.file_meta = FileMetaDataset()
        ds.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
        ds.SOPClassUID, ds.SOPInstanceUID = MRImageStorage, generate_uid()
        ds.StudyInstanceUID, ds.SeriesInstanceUID, ds.FrameOfReferenceUID = study, series, frame
        ds.Modality, ds.Manufacturer, ds.ProtocolName = "MR", manufacturer, "dynamic"
        ds.PatientID = ds.PatientName = "nobody"
        ds.PatientPosition, ds.SeriesNumber, ds.InstanceNumber = "HFS", 1, number + 1
        ds.AcquisitionNumber = ds.TemporalPositionIdentifier = repetition + 1
        ds.NumberOfTemporalPositions = 3
        ds.StudyDate, ds.AcquisitionTime = "20200101", f"1200{2 * repetition:02d}.000000"
        ds.ImagePositionPatient = [-16, -16, 4 * place]
        ds.ImageOrientationPatient = [1, 0, 0, 0, 1, 0]
        ds.PixelSpacing, ds.SliceThickness, ds.SpacingBetweenSlices = [2, 2], 4, 4
        ds.RepetitionTime, ds.EchoTime, ds.FlipAngle, ds.MRAcquisitionType = 2000, 30, 90, "2D"
        ds.ScanningSequence, ds.SequenceVariant, ds.ScanOptions = "EP", "SK", ""
        ds.ImageType = ["ORIGINAL", "PRIMARY", "M"]
        ds.Rows = ds.Columns = 16
        ds.SamplesPerPixel, ds.PhotometricInterpretation = 1, "MONOCHROME2"
        ds.BitsAllocated, ds.BitsStored, ds.HighBit, ds.PixelRepresentation = 16, 12, 11, 0
        ds.PixelData = np.full((16, 16), 100 * repetition + 10 * place, np.uint16).tobytes()
        ds.save_as(folder / f"{number:03d}.dcm", enforce_file_format=True)


def converted(manufacturer, files):
    work = Path(f"{manufacturer[:2]}{files}")
    scan(work / "in", manufacturer, files)
    (work / "out").mkdir()
    command = ["env/bin/dcm2niix", "-f", "x", "-o", str(work / "out"), str(work / "in")]
    run = subprocess.run(command, capture_output=True, text=True)
    return run, sorted((work / "out").glob("*.nii"))


print(subprocess.run(["env/bin/dcm2niix", "--version"], capture_output=True, text=True).stdout)
for manufacturer in ("SIEMENS", "GE MEDICAL SYSTEMS", "Philips Medical Systems"):
    run, (file,) = converted(manufacturer, 18)
    whole = nibabel.load(file).get_fdata()[8, 8]
    assert run.returncode == 0 and whole.shape == (6, 3) and (whole[:, 1] >= 100).all()

    run, (file,) = converted(manufacturer, 15)
    aborted = nibabel.load(file).get_fdata()[8, 8].astype(int)
    print(manufacturer, "15 files, exit", run.returncode, "volumes (one a row):", sep="\n")
    print(aborted.T)
    print(*(line for line in run.stdout.splitlines() if "not spatial" in line), sep="\n")
    assert run.returncode == 0
    assert aborted.T.tolist() == [
        [0, 10, 20, 30, 40], [50, 100, 110, 120, 130], [140, 150, 200, 210, 220]
    ], "it does otherwise now"
    assert "missing" not in run.stdout and "divisible" not in run.stdout

    for files in (14, 16):
        run, found = converted(manufacturer, files)
        assert run.returncode != 0 and not found, f"{files} files are accepted now"
        assert "not divisible" in run.stdout
    print("14 and 16 files: refused\n")
print("as described")
PYTHON
