"""Downloads of public data sets.  Imports nothing of ``mlmi_course``.

``registry.toml`` says what there is: size, checksum, licence, citation, and where it comes from.
:mod:`data_fetch.registry` reads it, :mod:`data_fetch.downloading` downloads one file over a
connection that may fail, :mod:`data_fetch.tcia` a collection of The Cancer Imaging Archive, and
:mod:`data_fetch.locking` keeps two processes apart.  What is inside a file is not judged here.
"""

from data_fetch.downloading import Report, RetryPolicy, download
from data_fetch.errors import FetchError, OfflineError, WrongHashError
from data_fetch.locking import locked
from data_fetch.registry import Entry, RemoteFile, entries, entry

__all__ = [
    "Entry",
    "FetchError",
    "OfflineError",
    "RemoteFile",
    "Report",
    "RetryPolicy",
    "WrongHashError",
    "download",
    "entries",
    "entry",
    "locked",
]
