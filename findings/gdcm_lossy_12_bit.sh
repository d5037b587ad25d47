#!/usr/bin/env bash
# GDCM compresses a 12-bit image to "JPEG Extended" frames of 16 bits, which two other decoders refuse.
#
# One would guess: JPEG Extended (1.2.840.10008.1.2.4.51) is DICOM's lossy JPEG for 12 bits, so a CT of 12 bits
#   that GDCM turned into it can be read wherever 12-bit JPEG can be read.
# What happens: the frame's header (SOF1) says a precision of 16 bits.  Lossy JPEG knows 8 and 12
#   (ITU-T T.81, table B.2).  GDCM reads its own file to within one grey level; pylibjpeg (libjpeg) and imagecodecs (libjpeg-turbo) refuse it.  Nothing is said while it is written.
#   GDCM chooses the codec by BitsAllocated (16), not by BitsStored (12).
# Why it matters: an archive that was compressed to save space cannot be opened with these decoders, and a test
#   that reads the file back with the program that wrote it shows nothing.
# Seen with: python-gdcm 3.2.6, pydicom 3.0.2, pylibjpeg-libjpeg 2.5.0, imagecodecs 2026.3.6, 2026-11-29.
# Source: https://github.com/tfmoraes/python-gdcm/issues/35 (the choice by BitsAllocated, met while decoding).
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/env"
"$folder/env/bin/python" -m pip install --quiet --disable-pip-version-check python-gdcm==3.2.6 \
    pydicom==3.0.2 pylibjpeg==2.1.0 pylibjpeg-libjpeg==2.5.0 imagecodecs==2026.3.6 numpy==2.3.5
cd "$folder"
env/bin/python - <<'PYTHON'
import gdcm
import imagecodecs
import numpy as np
import pydicom
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.encaps import generate_frames
from pydicom.uid import CTImageStorage, ExplicitVRLittleEndian, generate_uid

print("gdcm", gdcm.Version.GetVersion(), "pydicom", pydicom.__version__)
print("imagecodecs", imagecodecs.__version__)

rows, columns = np.mgrid[:64, :64]
image = (2000 + 1500 * np.sin(rows / 9) * np.cos(columns / 11)).astype(np.uint16)
ds = Dataset()
ds.file_meta = FileMetaDataset()
ds.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
ds.SOPClassUID, ds.SOPInstanceUID = CTImageStorage, generate_uid()
ds.StudyInstanceUID, ds.SeriesInstanceUID = generate_uid(), generate_uid()
ds.Modality, ds.PatientID, ds.PatientName = "CT", "nobody", "nobody"
ds.Rows = ds.Columns = 64
ds.SamplesPerPixel, ds.PhotometricInterpretation, ds.PixelRepresentation = 1, "MONOCHROME2", 0
ds.BitsAllocated, ds.BitsStored, ds.HighBit = 16, 12, 11
ds.RescaleSlope, ds.RescaleIntercept = 1, -1024
ds.PixelData = image.tobytes()
ds.save_as("plain.dcm", enforce_file_format=True)

reader = gdcm.ImageReader()
reader.SetFileName("plain.dcm")
assert reader.Read() and reader.GetImage().GetPixelFormat().GetBitsStored() == 12
change = gdcm.ImageChangeTransferSyntax()
change.SetTransferSyntax(gdcm.TransferSyntax(gdcm.TransferSyntax.JPEGExtendedProcess2_4))
change.SetInput(reader.GetImage())
assert change.Change()
writer = gdcm.ImageWriter()
writer.SetFile(reader.GetFile())
writer.SetImage(change.GetOutput())
writer.SetFileName("lossy.dcm")
assert writer.Write()

lossy = pydicom.dcmread("lossy.dcm")
frame = next(generate_frames(lossy.PixelData, number_of_frames=1))
precision = frame[frame.index(b"\xff\xc1") + 4]
print(lossy.file_meta.TransferSyntaxUID.name, "BitsStored", lossy.BitsStored, "SOF1 precision", precision)
assert lossy.BitsStored == 12
assert precision == 16, "the precision is another one now"

again = gdcm.ImageReader()
again.SetFileName("lossy.dcm")
assert again.Read()
buffer = again.GetImage().GetBuffer().encode("utf-8", "surrogateescape")
error = np.abs(np.frombuffer(buffer, np.uint16).reshape(64, 64).astype(int) - image).max()
print("GDCM reads it, largest error:", error)
assert error <= 4

try:
    lossy.pixel_array_options(decoding_plugin="pylibjpeg")
    lossy.pixel_array
except RuntimeError as refused:
    print("pylibjpeg:", str(refused).splitlines()[-1].strip())
    assert "8 or 12" in str(refused)
else:
    raise SystemExit("pylibjpeg reads it now")
try:
    imagecodecs.jpeg8_decode(frame)
except imagecodecs.Jpeg8Error as refused:
    print("imagecodecs:", refused)
    assert "16" in str(refused)
else:
    raise SystemExit("imagecodecs reads it now")
print("as described")
PYTHON
