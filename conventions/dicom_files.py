"""Reading DICOM."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import numpy as np

from conventions import refused, row

CT = "1.2.840.10008.5.1.4.1.1.2"
DIGITAL_XRAY = "1.2.840.10008.5.1.4.1.1.1.1"
MR = "1.2.840.10008.5.1.4.1.1.4"
PET = "1.2.840.10008.5.1.4.1.1.128"
RT_DOSE = "1.2.840.10008.5.1.4.1.1.481.2"


def write(pixels: np.ndarray, sop_class: str, modality: str, file: Path, **elements: Any) -> str:
    """Write a file of 16-bit pixels, of 2 mm each unless said otherwise; its path."""
    from pydicom.dataset import Dataset, FileMetaDataset
    from pydicom.uid import ExplicitVRLittleEndian, generate_uid

    ds = Dataset()
    ds.file_meta = FileMetaDataset()
    ds.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    ds.SOPClassUID, ds.SOPInstanceUID = sop_class, generate_uid()
    ds.StudyInstanceUID, ds.SeriesInstanceUID, ds.FrameOfReferenceUID = "1.2.4", "1.2.3", "1.2.5"
    ds.Modality, ds.PatientID = modality, "nobody"
    ds.Rows, ds.Columns = pixels.shape[-2:]
    ds.SamplesPerPixel, ds.PhotometricInterpretation = 1, "MONOCHROME2"
    ds.BitsAllocated, ds.BitsStored, ds.HighBit, ds.PixelRepresentation = 16, 16, 15, 0
    ds.ImagePositionPatient, ds.ImageOrientationPatient = [0, 0, 0], [1, 0, 0, 0, 1, 0]
    ds.PixelSpacing, ds.SliceThickness = [2, 2], 5
    if modality in ("CT", "PT"):
        ds.RescaleSlope, ds.RescaleIntercept = 1, 0
    for keyword, value in elements.items():
        setattr(ds, keyword, value)
    ds.PixelData = pixels.astype("<u2").tobytes()
    file.parent.mkdir(parents=True, exist_ok=True)
    ds.save_as(file, enforce_file_format=True)
    return str(file)


def folder() -> Path:
    """A new one."""
    return Path(tempfile.mkdtemp(prefix="conventions-"))


def series(steps: list[tuple[float, float, float]], sop_class: str = CT, **elements: Any) -> str:
    """Write slices at these positions; the folder."""
    here = folder()
    for number, position in enumerate(steps):
        own = {name: value[number] for name, value in elements.items()}
        own = {"ImagePositionPatient": list(position), "InstanceNumber": number + 1, **own}
        pixels = np.full((4, 4), 100)
        write(
            pixels, sop_class, "PT" if sop_class == PET else "CT", here / f"{number:02}.dcm", **own
        )
    return str(here)


def by_itk(path: str, orthogonal: bool = True):
    """A series, as SimpleITK's reader puts it together."""
    import SimpleITK

    reader = SimpleITK.ImageSeriesReader()
    reader.SetForceOrthogonalDirection(orthogonal)
    reader.SetFileNames(reader.GetGDCMSeriesFileNames(path))
    return reader.Execute()


@row(
    "Stored values or Hounsfield units",
    libraries=("pydicom", "simpleitk", "mlmi-course"),
    units=("01",),
    ours="`read_volume` applies slope and intercept.",
)
def stored_or_hu():
    """A CT of water: stored 1024, slope 1, intercept −1024. pydicom's `pixel_array` gives what is
    stored, SimpleITK and `read_volume` what it means. Who takes the one for the other is wrong by
    1024 HU, or applies the slope twice."""
    import pydicom
    import SimpleITK

    from mlmi_course.dicom import read_volume

    file = write(np.full((4, 4), 1024), CT, "CT", folder() / "ct.dcm", RescaleIntercept=-1024)
    ds = pydicom.dcmread(file)
    return {
        "pydicom, pixel_array": int(ds.pixel_array[0, 0]),
        "pydicom.pixels.apply_rescale": pydicom.pixels.apply_rescale(ds.pixel_array, ds)[0, 0],
        "SimpleITK.ReadImage": float(SimpleITK.ReadImage(file)[0, 0, 0]),
        "read_volume": read_volume(file).array[0, 0, 0],
    }


@row(
    "MONOCHROME1: already turned or not",
    libraries=("pydicom", "simpleitk"),
    units=("01",),
    ours="as stored; `apply_voi` turns it round, and says so.",
)
def monochrome1():
    """In a MONOCHROME1 image small numbers are *bright*, as on a film. SimpleITK turns the image
    round when it reads it, pydicom does not. The header still says MONOCHROME1 in both, so a line
    that turns it round if it is MONOCHROME1 is right for the one and wrong for the other."""
    import pydicom
    import SimpleITK

    file = write(
        np.full((4, 4), 100),
        DIGITAL_XRAY,
        "DX",
        folder() / "dx.dcm",
        PhotometricInterpretation="MONOCHROME1",
        BitsStored=12,
        HighBit=11,
    )
    return {
        "pydicom, pixel_array": int(pydicom.dcmread(file).pixel_array[0, 0]),
        "SimpleITK.ReadImage": int(SimpleITK.ReadImage(file)[0, 0, 0]),
    }


@row(
    "Dose in Gray or in steps",
    libraries=("pydicom", "simpleitk", "mlmi-course"),
    ours="Gy, by DoseGridScaling.",
)
def rt_dose():
    """A dose of 4 Gy is stored as 400 with a DoseGridScaling of 0.01. That is not a rescale slope,
    and neither `apply_rescale` nor SimpleITK knows it."""
    import pydicom
    import SimpleITK

    from mlmi_course.dicom import read_volume

    file = write(
        np.full((3, 4, 4), 400),
        RT_DOSE,
        "RTDOSE",
        folder() / "dose.dcm",
        NumberOfFrames=3,
        DoseGridScaling=0.01,
        DoseUnits="GY",
        DoseType="PHYSICAL",
        DoseSummationType="PLAN",
        GridFrameOffsetVector=[0, 2, 4],
        FrameIncrementPointer=0x3004000C,
    )
    ds = pydicom.dcmread(file)
    return {
        "pydicom, apply_rescale": int(pydicom.pixels.apply_rescale(ds.pixel_array, ds)[0, 0, 0]),
        "SimpleITK.ReadImage": float(SimpleITK.ReadImage(file)[0, 0, 0]),
        "read_volume": read_volume(file).array[0, 0, 0],
    }


@row(
    "A series with a missing slice",
    libraries=("simpleitk", "mlmi-course"),
    units=("01",),
    ours="an error that says where the gap is.",
)
def missing_slice():
    """Ten slices, 5 mm apart, of which the sixth is lost. SimpleITK spreads the nine over the same
    length, so every slice is 0.625 mm too thick, and an organ across the gap lies at the wrong
    height. It says so on standard error alone."""
    from mlmi_course.dicom import read_volume

    path = series([(0, 0, 5.0 * i) for i in range(10) if i != 5])
    image = by_itk(path)
    return {
        "SimpleITK: slices, distance (mm)": [image.GetSize()[2], image.GetSpacing()[2]],
        "read_volume": refused(lambda: read_volume(path)),
    }


@row(
    "A CT with a tilted gantry",
    libraries=("simpleitk", "mlmi-course"),
    ours="the shear is kept in the affine, and `volume.info` has the angle.",
)
def gantry_tilt():
    """Each slice is 2 mm further to the back than the one below. By default SimpleITK's series
    reader makes right angles, so it stacks the slices along their common distance; the last one is
    then almost two centimetres from where the patient was. `ForceOrthogonalDirectionOff()` keeps
    the shear."""
    from mlmi_course.dicom import read_volume

    path = series([(0, 2.0 * i, 5.0 * i) for i in range(10)])
    image, volume = by_itk(path), read_volume(path)
    sheared = by_itk(path, orthogonal=False)
    return {
        "last slice by its header (mm)": [0.0, 18.0, 45.0],
        "SimpleITK, last slice": image.TransformIndexToPhysicalPoint((0, 0, 9)),
        "SimpleITK, ForceOrthogonalDirectionOff()": sheared.TransformIndexToPhysicalPoint(
            (0, 0, 9)
        ),
        "read_volume, last slice": (volume.affine @ [9, 0, 0, 1])[:3],
    }


@row(
    "Slopes that differ between slices",
    libraries=("simpleitk", "mlmi-course"),
    ours="each slice with its own slope, as float32.",
)
def slopes_of_slices():
    """PET slices have a slope each. SimpleITK chooses the type of the whole volume by the *first*
    slice: with a slope of 1 that is int16, and a later slice of 40000 becomes negative. Asked for
    floats, it is right."""
    import SimpleITK

    from mlmi_course.dicom import read_volume

    path = series(
        [(0, 0, 4.0 * i) for i in range(3)],
        PET,
        RescaleSlope=[1, 400, 3],
        PixelRepresentation=[1, 1, 1],
    )
    reader = SimpleITK.ImageSeriesReader()
    names = reader.GetGDCMSeriesFileNames(path)
    floats = SimpleITK.ReadImage(names, SimpleITK.sitkFloat32)
    return {
        "SimpleITK": [float(by_itk(path)[0, 0, i]) for i in range(3)],
        "SimpleITK.ReadImage(names, sitkFloat32)": [floats[0, 0, i] for i in range(3)],
        "read_volume": read_volume(path).array[:, 0, 0],
    }


@row(
    "Two echoes in one series",
    libraries=("simpleitk", "mlmi-course"),
    units=("01",),
    ours="two groups, named by their echo time.",
)
def two_echoes():
    """Four slices, each scanned at two echo times, stored as one series. SimpleITK puts eight
    slices on top of each other, at less than half the distance; `read_volume` says that there are
    two volumes."""
    from mlmi_course.dicom import read_volume

    steps = [(0, 0, 5.0 * i) for i in range(4)] * 2
    path = series(steps, MR, EchoTime=[4.6] * 4 + [9.2] * 4, Modality=["MR"] * 8)
    image, volume = by_itk(path), read_volume(path, group=0)
    return {
        "SimpleITK: slices, distance (mm)": [image.GetSize()[2], image.GetSpacing()[2]],
        "read_volume: slices, distance (mm)": [volume.array.shape[0], volume.spacing[0]],
        "read_volume, groups": volume.info["groups"],
    }


@row(
    "Pixel size of a projection",
    libraries=("pydicom", "simpleitk"),
    units=("09",),
    ours="what a length in a mammogram was measured in is written down: at the detector, or in "
    "the patient.",
)
def projection_spacing():
    """A radiograph has the pixel size *at the detector* (ImagerPixelSpacing), and may have one
    that was calibrated for the patient (PixelSpacing), which is smaller, because the beam widens.
    Of a radiograph SimpleITK takes the detector's if both are there, and if PixelSpacing is alone
    it says 1, without a word."""
    import pydicom
    import SimpleITK

    pixels, patient = np.full((4, 4), 100), {"PixelSpacing": [0.10, 0.12]}
    alone = write(pixels, DIGITAL_XRAY, "DX", folder() / "alone.dcm", **patient)
    detector = {"ImagerPixelSpacing": [0.14, 0.16]}
    file = write(pixels, DIGITAL_XRAY, "DX", folder() / "dx.dcm", **detector, **patient)
    return {
        "pydicom, PixelSpacing (rows, columns)": [
            float(v) for v in pydicom.dcmread(file).PixelSpacing
        ],
        "SimpleITK, GetSpacing() (columns, rows)": SimpleITK.ReadImage(file).GetSpacing()[:2],
        "SimpleITK, PixelSpacing alone": SimpleITK.ReadImage(alone).GetSpacing()[:2],
    }


@row(
    "Three formulae for a window",
    libraries=("pydicom", "simpleitk", "mlmi-course"),
    units=("01",),
    ours="DICOM's LINEAR, the default of the standard; `function=` chooses another.",
)
def windows():
    """*Centre 40, width 80* to grey levels 0 to 255. DICOM's LINEAR ends at c − 0.5 ± (w − 1)/2,
    its LINEAR_EXACT at c ± w/2, and SIGMOID never ends. What one writes by hand, and what
    SimpleITK and matplotlib offer, is the exact one. In a narrow window the half step is seen."""
    import SimpleITK
    from pydicom.dataset import Dataset
    from pydicom.pixels import apply_windowing

    from mlmi_course.dicom import window

    ds = Dataset()
    ds.WindowCenter, ds.WindowWidth, ds.BitsStored, ds.PixelRepresentation = 40, 80, 8, 0
    ds.PhotometricInterpretation = "MONOCHROME2"
    hu, said = np.array([[1.0, 40, 79]]), {}
    for function in ("LINEAR", "LINEAR_EXACT", "SIGMOID"):
        ds.VOILUTFunction = function
        said[f"pydicom, {function}: 1, 40, 79 HU"] = apply_windowing(hu, ds)[0]
    image = SimpleITK.IntensityWindowing(SimpleITK.GetImageFromArray(hu), 0.0, 80.0, 0.0, 255.0)
    return said | {
        "SimpleITK.IntensityWindowing(image, 0, 80, 0, 255)": SimpleITK.GetArrayFromImage(image)[0],
        "mlmi_course.dicom.window × 255": 255 * window(hu, 40, 80)[0],
    }


@row(
    "Padding of a CT",
    libraries=("simpleitk", "mlmi-course"),
    units=("01",),
    ours="nan outside the round field, where the file names a padding value below −1000 HU.",
)
def padding():
    """Outside the round field of a CT nothing was measured, and the file has a number for that,
    −2000. It is not excepted from the rescale, so SimpleITK gives −3024 HU, and a mean or a
    histogram takes it along."""
    import SimpleITK

    from mlmi_course.dicom import read_volume

    pixels = np.full((4, 4), 1024)
    pixels[0, 0] = 65536 - 2000  # −2000 in 16 bits
    file = write(
        pixels,
        CT,
        "CT",
        folder() / "ct.dcm",
        RescaleIntercept=-1024,
        PixelRepresentation=1,
        PixelPaddingValue=-2000,
    )
    return {
        "SimpleITK, outside the field": float(SimpleITK.ReadImage(file)[0, 0, 0]),
        "read_volume, outside the field": read_volume(file).array[0, 0, 0],
    }
