"""What public image archives hold."""

from __future__ import annotations

from importlib import resources
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd


def load_tcia_tcga(corrected: bool = True) -> pd.DataFrame:
    """Load the table of The Cancer Imaging Archive's collections that match TCGA's cancers.

    The Cancer Genome Atlas (TCGA) collected tissue and genes; The Cancer Imaging Archive
    (TCIA) collected images of some of the same patients.

    Parameters
    ----------
    corrected : bool, default True
        Whether to apply the corrections.  The file keeps the table as it was presented, and
        says in its column ``correction`` what is wrong with a row.

    Returns
    -------
    pandas.DataFrame
        One row per collection: ``collection``, ``cancer_type``, ``modalities`` (a list of
        DICOM modality codes), ``patients`` (number of patients with images) and, unless
        corrected, ``correction``.

    Notes
    -----
    A row lists the modalities of a whole collection.  It does not say which patient has
    which, so patients cannot be counted by modality from this table.

    References
    ----------
    D. Remondini, *Machine learning for medical imaging*, lecture, Milan, March 2019.
    K. Clark et al., The Cancer Imaging Archive, J. Digit. Imaging 26 (2013),
    https://doi.org/10.1007/s10278-013-9622-7

    Examples
    --------
    >>> table = load_tcia_tcga()
    >>> len(table), int(table["patients"].sum())
    (21, 1821)
    >>> table.loc[0, "cancer_type"]
    'Bladder Urothelial Carcinoma'
    """
    import pandas as pd

    file = resources.files("mlmi_course.data") / "tables" / "tcia_tcga.csv"
    with resources.as_file(file) as path:
        table = pd.read_csv(path, keep_default_na=False)
    table["modalities"] = table["modalities"].str.split(", ")
    if not corrected:
        return table
    for row, correction in table["correction"].items():
        if correction:
            column, _, value = correction.partition(": ")
            table.loc[row, column] = value
    return table.drop(columns="correction")
