#!/usr/bin/env bash
# One half becomes more than one half in a fractional DICOM segmentation.
#
# One would guess: the share of readers who saw a lesion, 0.5 where two disagree, written to a
#   FRACTIONAL segmentation and read again, is the same share.
# What happens: by default highdicom stores 255 steps, and one half is none of them: 127.5 becomes
#   128, and comes back as 0.502. A quarter comes back as 0.251 and three quarters as 0.749. "More
#   than half" is false before the file and true after it; "at least three of four readers" the other
#   way round. max_fractional_value=12 stores halves, thirds and quarters exactly.
# Why it matters: soft labels of two or four readers consist of these shares, and the thresholds of a
#   consensus lie exactly on them. A mask made from the array and one made from the file differ in
#   each pixel where the readers were divided, which is the whole rim of a lesion.
# Seen with: highdicom 0.28.2 (pydicom 3.0.2), 2026-11-29.
# Source: highdicom/seg/sop.py of that release, opened (max_fractional_value: int = 255;
#   numpy.around). The package: https://github.com/ImagingDataCommons/highdicom.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/env"
"$folder/env/bin/python" -m pip install --quiet --no-compile --disable-pip-version-check \
    highdicom==0.28.2 pydicom==3.0.2 numpy==2.3.5
cd "$folder"
env/bin/python -W ignore - <<'PYTHON'
import highdicom
import numpy as np
import pydicom
from highdicom import seg
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.sr.codedict import codes
from pydicom.uid import CTImageStorage, ExplicitVRLittleEndian, generate_uid

print("highdicom", highdicom.__version__, "pydicom", pydicom.__version__)
ct = Dataset()
ct.file_meta = FileMetaDataset()
ct.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
for name in ("SOPInstanceUID", "StudyInstanceUID", "SeriesInstanceUID", "FrameOfReferenceUID"):
    setattr(ct, name, generate_uid())
for name, value in {
    "SOPClassUID": CTImageStorage,
    "Modality": "CT",
    "PatientID": "1",
    "PatientName": "Doe^Jo",
    "PatientBirthDate": "",
    "PatientSex": "O",
    "StudyDate": "20260101",
    "StudyTime": "000000",
    "StudyID": "1",
    "AccessionNumber": "1",
    "ReferringPhysicianName": "",
    "SeriesNumber": 1,
    "InstanceNumber": 1,
    "Manufacturer": "none",
    "PositionReferenceIndicator": "",
    "ImagePositionPatient": [0, 0, 0],
    "ImageOrientationPatient": [1, 0, 0, 0, 1, 0],
    "PixelSpacing": [1, 1],
    "SliceThickness": 1,
    "Rows": 1,
    "Columns": 6,
    "BitsAllocated": 16,
    "BitsStored": 16,
    "HighBit": 15,
    "PixelRepresentation": 0,
    "SamplesPerPixel": 1,
    "PhotometricInterpretation": "MONOCHROME2",
    "PixelData": bytes(12),
}.items():
    setattr(ct, name, value)
shares = np.array([[0, 1 / 4, 1 / 3, 1 / 2, 3 / 4, 1]], np.float32)
lesion = seg.SegmentDescription(
    1,
    "lesion",
    codes.SCT.MorphologicallyAbnormalStructure,
    codes.SCT.Neoplasm,
    seg.SegmentAlgorithmTypeValues.MANUAL,
)


def read_again(**settings):
    made = seg.Segmentation(
        [ct],
        shares,
        seg.SegmentationTypeValues.FRACTIONAL,
        [lesion],
        series_instance_uid=generate_uid(),
        series_number=2,
        sop_instance_uid=generate_uid(),
        instance_number=1,
        manufacturer="none",
        manufacturer_model_name="none",
        software_versions="1",
        device_serial_number="1",
        fractional_type=seg.SegmentationFractionalTypeValues.PROBABILITY,
        **settings,
    )
    made.save_as("shares.dcm")
    stored = pydicom.dcmread("shares.dcm").pixel_array.ravel().tolist()
    read = seg.segread("shares.dcm").get_pixels_by_source_instance([ct.SOPInstanceUID])
    return stored, read.ravel()


stored, read = read_again()
print("stored", stored, "read", read.astype(float).round(4).tolist())
assert stored == [0, 64, 85, 128, 191, 255], "it is stored otherwise now"
before = shares.ravel()
print("more than half:", (before > 0.5).tolist(), (read > 0.5).tolist())
assert before[3] == 0.5 < read[3]
assert read[4] < before[4] == 0.75
stored, read = read_again(max_fractional_value=12)
print("of 12 steps", stored, read.astype(float).round(4).tolist())
assert np.array_equal(read, before)
print("as described")
PYTHON
