"""Loaders of real sets that have no simulated counterpart."""

from __future__ import annotations

from typing import Literal

from mlmi_course.data.arrays import image_set
from mlmi_course.data.imageset import ImageSet
from mlmi_course.data.real.here import load_real
from mlmi_course.data.real.sets import real_set
from mlmi_course.data.volumeset import VolumeSet

__all__ = ["load_hippocampus", "load_ixi", "load_medmnist", "load_tcia"]

_MEDMNIST = ("breastmnist", "pneumoniamnist")


def load_medmnist(name: Literal["breastmnist", "pneumoniamnist"] = "breastmnist") -> ImageSet:
    """Images of MedMNIST v2: 28 × 28 pixels, cut and shrunk by the publisher.

    Parameters
    ----------
    name : {"breastmnist", "pneumoniamnist"}
        780 images of breast ultrasound, **labelled 0 malignant and 1 normal or benign**, or 5,856
        chest X-rays of children, labelled 0 normal and 1 pneumonia.

    Returns
    -------
    ImageSet
        The table's ``subset`` is the publisher's split (train, val, test).  The publisher gives no
        patients: in ``groups`` each image stands for itself, but for identical ones.  Its pixels
        have no size in millimetres any more, so ``spacing`` is None.

    Raises
    ------
    ValueError
        For another name.
    mlmi_course.data.NotImported
        If the set is not on this computer: ``mlmi data get breastmnist`` brings it.

    References
    ----------
    J. Yang et al., MedMNIST v2, Scientific Data 10 (2023) 41,
    https://doi.org/10.1038/s41597-022-01721-8

    Examples
    --------
    >>> load_medmnist("breastmnist")  # doctest: +SKIP
    ImageSet: breastmnist, 780 images of 28×28 pixels, 780 patients
    """
    if name not in _MEDMNIST:
        known = " or ".join(f'"{one}"' for one in _MEDMNIST)
        raise ValueError(f"load_medmnist knows {known}, not {name!r}")
    found = load_real(name)
    return image_set(found.arrays, **found.facts)


def load_hippocampus() -> VolumeSet:
    """Cropped T1 volumes with the hippocampus outlined: anterior (1) and posterior (2).

    Returns
    -------
    VolumeSet
        390 volumes of about 35 × 50 × 35 voxels of 1 mm.  The 260 of the table's ``subset``
        train have masks; the outlines of the 130 others are not published.  Grey values have no
        unit: ``brightest`` in the table runs over orders of magnitude, so scale each volume by
        itself, as ``slices()`` does.  The publisher gives no patients: each volume is a group.

    Raises
    ------
    mlmi_course.data.NotImported
        If the set is not on this computer: ``mlmi data get msd-hippocampus`` brings it.

    References
    ----------
    M. Antonelli et al., The Medical Segmentation Decathlon, Nature Communications 13 (2022) 4128,
    https://doi.org/10.1038/s41467-022-30695-9

    Examples
    --------
    >>> data = load_hippocampus()  # doctest: +SKIP
    >>> outlined = data[data.table["subset"] == "train"]  # doctest: +SKIP
    >>> images = outlined.slices("coronal", size=(48, 48))  # doctest: +SKIP
    """
    return _volume_set("msd-hippocampus")


def load_ixi() -> VolumeSet:
    """T1-weighted brains of some 580 healthy adults, from three hospitals in London.

    Returns
    -------
    VolumeSet
        The table has ``site``: Guys (Philips, 1.5 T), HH (Philips, 3 T) or IOP (GE, 1.5 T).
        Volumes have some ten million voxels each and are read when they are asked for.

    Raises
    ------
    mlmi_course.data.NotImported
        If the set is not on this computer: ``mlmi data get ixi-t1`` brings it.

    References
    ----------
    IXI – Information eXtraction from Images, Imperial College London,
    https://brain-development.org/ixi-dataset/

    Examples
    --------
    >>> data = load_ixi()  # doctest: +SKIP
    >>> data.table["site"].value_counts()  # doctest: +SKIP
    """
    return _volume_set("ixi-t1")


def load_tcia(collection: str) -> VolumeSet:
    """A collection of The Cancer Imaging Archive, or what was downloaded of it.

    Parameters
    ----------
    collection : str
        Its name in the Imaging Data Commons, such as ``"prostate_3t"``.

    Returns
    -------
    VolumeSet
        One volume a series, read from DICOM when it is asked for.  The table has ``modality``,
        ``series`` (its description), ``manufacturer`` and ``files``; ``groups`` are PatientIDs.
        A series that is no volume raises a ``DicomError`` when it is read.

    Raises
    ------
    ValueError
        If that is no name of a collection.
    mlmi_course.data.NotImported
        If nothing of it is on this computer: ``mlmi data get tcia-prostate_3t`` brings it.

    References
    ----------
    K. Clark et al., The Cancer Imaging Archive, J. Digit. Imaging 26 (2013) 1045,
    https://doi.org/10.1007/s10278-013-9622-7

    Examples
    --------
    >>> data = load_tcia("prostate_3t")  # doctest: +SKIP
    >>> data[0].volume  # doctest: +SKIP
    """
    return _volume_set(f"tcia-{collection}")


def _volume_set(name: str) -> VolumeSet:
    import pandas as pd

    found = load_real(name)
    arrays, folder = found.arrays, found.folder
    masks = [folder / file if file else None for file in arrays["mask"].tolist()]
    columns = {k: v.copy() for k, v in arrays.items() if k not in ("volume", "mask", "groups")}
    return VolumeSet(
        volumes=[folder / file for file in arrays["volume"].tolist()],
        masks=masks if any(masks) else None,
        groups=arrays["groups"],
        modality=real_set(name).modality,
        table=pd.DataFrame(columns, index=range(len(masks))),
        **found.facts,
    )
