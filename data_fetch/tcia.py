"""Collections of The Cancer Imaging Archive (TCIA).

They come through ``idc-index``, the client of the NCI Imaging Data Commons, which holds TCIA's
public collections.  Why this one and not ``tcia_utils``: it carries its index with it, so size,
licence and series of a collection are known before anything is downloaded and without a network;
its files lie in public buckets that need no account and can be resumed; and it is maintained by
those who keep the archive.  TCIA's own service answers slowly and hands out one .zip a series,
without a checksum.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from data_fetch.errors import FetchError, OfflineError
from data_fetch.registry import TCIA, size_text

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Selection", "choose", "client", "download"]

MODALITIES: Final = ("CT", "MR", "PT")
"""What :func:`mlmi_course.dicom.read_volume` reads as volumes."""

_SERVER: Final = "https://s3.amazonaws.com"  # where the client takes its files from
_CONNECT_S, _SILENCE_S = 10.0, 30.0
_LAYOUT: Final = "%PatientID/%SeriesInstanceUID"
_NEARLY: Final = 0.999  # the index gives sizes in MB, rounded


@dataclass(frozen=True, kw_only=True)
class Selection:
    """Series of a collection that are to be downloaded.

    Attributes
    ----------
    collection : str
    series : pandas.DataFrame
        The rows of the index: ``PatientID``, ``SeriesInstanceUID``, ``Modality``,
        ``instanceCount``, ``series_size_MB`` and more.
    patients, of_patients : int
        How many patients are chosen, and how many there are.
    """

    collection: str
    series: pd.DataFrame
    patients: int
    of_patients: int

    @property
    def bytes(self) -> int:
        """Their size."""
        return round(float(self.series["series_size_MB"].sum()) * 1e6)

    @property
    def licence(self) -> str:
        """Of all of them."""
        return ", ".join(sorted(set(self.series["license_short_name"].astype(str))))

    @property
    def citation(self) -> str:
        """What to cite."""
        dois = sorted(set(self.series["source_DOI"].astype(str)))
        return "; ".join(f"https://doi.org/{doi}" for doi in dois)

    def folder(self, row: Any) -> str:
        """Where a series lies."""
        return f"{row.PatientID}/{row.SeriesInstanceUID}"


def client() -> Any:
    """The client of the Imaging Data Commons.

    Raises
    ------
    FetchError
        If ``idc-index`` is not installed.
    """
    try:
        from idc_index import IDCClient
    except ModuleNotFoundError as error:
        if (error.name or "").split(".")[0] not in ("idc_index", "idc_index_data"):
            raise
        raise FetchError(
            "collections of The Cancer Imaging Archive need idc-index: "
            "pip install mlmi-course[tcia]"
        ) from error
    # It tells its failures to a log and not to its caller; they are found out below.
    logging.getLogger("idc_index").setLevel(logging.CRITICAL)
    return IDCClient.client()


def choose(name: str, patients: int | None = None, *, idc: Any = None) -> Selection:
    """Look up what a collection holds; needs no network.

    Parameters
    ----------
    name : str
        ``"tcia-"`` and the collection's name in the index, such as ``"tcia-prostate_3t"``.
    patients : int, optional
        The first so many of its patients, in the order of their names; all by default.
    idc : object, optional
        From :func:`client`.

    Raises
    ------
    FetchError
        If there is no such collection, or it has no volumes.
    """
    if patients is not None and patients < 1:
        raise FetchError(f"the number of patients must be at least 1, got {patients}")
    idc = idc or client()
    collection = name.removeprefix(TCIA)
    index = idc.index
    found = index[index["collection_id"] == collection]
    if found.empty:
        near = sorted({one for one in index["collection_id"].unique() if collection[:5] in one})
        hint = f"; there is {', '.join(near[:5])}" if near else ""
        raise FetchError(
            f"The Cancer Imaging Archive has no public collection {collection!r}{hint}; they are "
            "listed at https://portal.imaging.datacommons.cancer.gov/collections/"
        )
    derived = found["analysis_result_id"].notna() & (found["analysis_result_id"] != "")
    images = found[found["Modality"].isin(MODALITIES) & ~derived]
    if images.empty:
        has = ", ".join(sorted(found["Modality"].unique()))
        raise FetchError(f"{collection} has no {', '.join(MODALITIES)} volumes; it has {has}")
    everybody = sorted(images["PatientID"].unique())
    chosen = everybody[:patients]
    series = images[images["PatientID"].isin(chosen)]
    return Selection(
        collection=collection,
        series=series.sort_values(["PatientID", "SeriesInstanceUID"]).reset_index(drop=True),
        patients=len(chosen),
        of_patients=len(everybody),
    )


def download(selection: Selection, folder: Path, *, idc: Any = None, bar: bool = False) -> Path:
    """Download the series, and make sure that each is whole.

    Parameters
    ----------
    selection : Selection
    folder : Path
        Files that are there already, from an attempt that broke off, are not fetched again.
    idc : object, optional
        From :func:`client`.
    bar : bool
        Whether the client shows its progress bar.

    Returns
    -------
    Path
        The folder, with ``<PatientID>/<SeriesInstanceUID>/*.dcm``.

    Raises
    ------
    OfflineError
        If nothing came at all.
    FetchError
        If something is missing.  What has come is kept for the next call.
    """
    idc = idc or client()
    folder.mkdir(parents=True, exist_ok=True)
    before = _missing(selection, folder)
    if before:
        require_way(_SERVER)
        idc.download_from_selection(
            downloadDir=str(folder),
            seriesInstanceUID=[series.SeriesInstanceUID for series in before],
            dirTemplate=_LAYOUT,
            use_s5cmd_sync=True,
            quiet=True,
            show_progress_bar=bar,
        )
    missing = _missing(selection, folder)
    if missing:
        if not any(folder.rglob("*.dcm")):
            raise OfflineError(
                f"nothing came from the Imaging Data Commons ({_SERVER}): are you connected?"
            )
        raise FetchError(
            f"{len(missing)} of {len(selection.series)} series of {selection.collection} did not "
            f"come whole ({size_text(selection.bytes)} in all); what has come is kept, and the "
            "same command goes on from there"
        )
    return folder


def require_way(url: str, connect_s: float = _CONNECT_S) -> None:
    """Make sure that a server answers anything at all: the client would try for minutes.

    Raises
    ------
    OfflineError
        If it does not.
    """
    import requests

    try:
        requests.head(url, timeout=(connect_s, _SILENCE_S), allow_redirects=False)
    except requests.exceptions.RequestException as error:
        raise OfflineError(
            f"no way to the Imaging Data Commons ({url}): are you connected?"
        ) from error


def _missing(selection: Selection, folder: Path) -> list[Any]:
    """Series that are not there with all their files and bytes."""
    lacking = []
    for row in selection.series.itertuples():
        files = list((folder / selection.folder(row)).glob("*.dcm"))
        size = sum(file.stat().st_size for file in files) / 1e6
        whole = len(files) == row.instanceCount
        if not whole or size < _NEARLY * row.series_size_MB:
            lacking.append(row)
    return lacking
