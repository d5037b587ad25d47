"""What the course has computed beforehand: trained networks and tables of results.

Some lessons need more training than a reader can wait for: a network that was shown thousands of
patches, a grid of many sizes with many repeats.  Those are made once, by a script that stands
beside the unit's text (``course/NN_*/make_*.py``), and travel with the package:

* a **network** as the numbers in its weights, half precision, with the builder of
  :mod:`mlmi_course.networks` that makes the rest of it.  No version of Keras can fail to read it;
* a **table** as CSV, whose first lines say which command made it.

>>> list(names())
['networks', 'tables']
"""

from __future__ import annotations

import io
import json
import re
from collections.abc import Mapping
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    import keras
    import pandas as pd

__all__ = ["about", "names", "network", "save_network", "save_table", "table", "weights"]

_NAME: Final = re.compile(r"u\d\d_[a-z0-9_]+")
_FACTS: Final = "facts"  # the one entry of a network's file that is no weight


def names() -> dict[str, list[str]]:
    """Return what is shipped, by kind.

    Examples
    --------
    >>> sorted(names())
    ['networks', 'tables']
    """
    files = [Path(entry.name) for entry in resources.files(__name__).iterdir()]
    return {
        kind: sorted(file.stem for file in files if file.suffix == ending)
        for kind, ending in (("networks", ".npz"), ("tables", ".csv"))
    }


def network(name: str) -> keras.Model:
    """Return a trained network.

    Parameters
    ----------
    name : str
        One of ``names()["networks"]``.

    Returns
    -------
    keras.Model
        Uncompiled, as its builder in :mod:`mlmi_course.networks` made it, with trained weights.

    Raises
    ------
    KeyError
        For a name that is not shipped.
    ValueError
        If the weights do not fit what the builder now builds: make them again with the script
        that :func:`about` names.
    """
    from mlmi_course import networks

    facts, weights = _read_network(name)
    model = getattr(networks, facts["builder"])(**facts["arguments"])
    wanted = [tuple(weight.shape) for weight in model.get_weights()]
    if wanted != [weight.shape for weight in weights]:
        raise ValueError(
            f"the weights of {name} do not fit networks.{facts['builder']} any more: "
            f"make them again with {facts['made_by']}"
        )
    model.set_weights(weights)
    return model


def weights(name: str) -> list[NDArray[np.float32]]:
    """Return a trained network's weights alone, in the order of ``Model.get_weights()``.

    Parameters
    ----------
    name : str
        One of ``names()["networks"]``.

    Returns
    -------
    list of ndarray
        Without Keras: for whoever runs a network in NumPy.

    Raises
    ------
    KeyError
        For a name that is not shipped.

    Examples
    --------
    >>> weights("u21_unet")[0].shape
    (3, 3, 2, 8)
    """
    return _read_network(name)[1]


def table(name: str) -> pd.DataFrame:
    """Return a table of results.

    Parameters
    ----------
    name : str
        One of ``names()["tables"]``.

    Returns
    -------
    pandas.DataFrame

    Raises
    ------
    KeyError
        For a name that is not shipped.
    """
    import pandas as pd

    return pd.read_csv(io.BytesIO(_read(name, ".csv")), comment="#")


def about(name: str) -> dict[str, Any]:
    """Return how a network or a table was made.

    Returns
    -------
    dict
        ``made_by``, the command, and what its author noted (``note``); for a network also
        ``builder`` and ``arguments``.

    Raises
    ------
    KeyError
        For a name that is not shipped.
    """
    if name in names()["networks"]:
        return _read_network(name)[0]
    comments = [
        line.removeprefix("#").strip()
        for line in _read(name, ".csv").decode().splitlines()
        if line.startswith("#")
    ]
    return {"made_by": comments[0].removeprefix("Made by ").rstrip("."), "note": comments[1]}


def save_network(
    model: keras.Model,
    name: str,
    *,
    builder: str,
    arguments: Mapping[str, Any],
    made_by: str,
    note: str,
    folder: Path | None = None,
) -> Path:
    """Write a trained network; for the script that makes it.

    Parameters
    ----------
    model : keras.Model
    name : str
        The unit and a word, such as ``"u09_cnn"``.
    builder : str
        The function of :mod:`mlmi_course.networks` that built it.
    arguments : mapping
        What it was called with: numbers, texts and lists of them.
    made_by : str
        The command, such as ``"python course/09_cnn_microcalcifications/make_weights.py"``.
    note : str
        What it was trained on, in a sentence.
    folder : Path, optional
        Where to write; the package's own folder if left out.

    Returns
    -------
    Path
        The file, 2 bytes a weight.

    Raises
    ------
    ValueError
        For a name or a builder that does not fit, or weights too large for half precision.
    """
    from mlmi_course import networks

    if builder not in networks.__all__:
        raise ValueError(f"networks has no builder {builder!r}; there are {networks.__all__}")
    weights = [np.asarray(weight, np.float16) for weight in model.get_weights()]
    if not all(np.isfinite(weight).all() for weight in weights):
        raise ValueError("the weights hold numbers that half precision cannot")
    facts = {
        "builder": builder,
        "arguments": dict(arguments),
        "made_by": made_by,
        "note": note,
    }
    arrays = {f"w{place:03d}": weight for place, weight in enumerate(weights)}
    path = _target(name, ".npz", folder)
    with path.open("wb") as file:
        np.savez_compressed(file, **{_FACTS: np.array(json.dumps(facts))}, **arrays)
    return path


def save_table(
    results: pd.DataFrame, name: str, *, made_by: str, note: str, folder: Path | None = None
) -> Path:
    """Write a table of results; for the script that makes it.

    Parameters
    ----------
    results : pandas.DataFrame
        Its index is not written.
    name : str
        The unit and a word, such as ``"u11_sizes"``.
    made_by, note : str
        The command, and one line on what stands in the table and its units.
    folder : Path, optional
        Where to write; the package's own folder if left out.

    Returns
    -------
    Path
    """
    if "\n" in made_by + note:
        raise ValueError("made_by and note are one line each")
    path = _target(name, ".csv", folder)
    text = results.to_csv(index=False, lineterminator="\n")
    path.write_text(f"# Made by {made_by}.\n# {note}\n{text}", encoding="utf-8", newline="\n")
    return path


def _target(name: str, ending: str, folder: Path | None) -> Path:
    if not _NAME.fullmatch(name):
        raise ValueError(f"a name is the unit and a word, such as 'u09_cnn', got {name!r}")
    return (folder or Path(__file__).parent) / f"{name}{ending}"


def _read(name: str, ending: str) -> bytes:
    kind = {".npz": "networks", ".csv": "tables"}[ending]
    if name not in names()[kind]:
        raise KeyError(f"no {kind[:-1]} {name!r} is shipped; there are {names()[kind]}")
    return (resources.files(__name__) / f"{name}{ending}").read_bytes()


def _read_network(name: str) -> tuple[dict[str, Any], list[Any]]:
    with np.load(io.BytesIO(_read(name, ".npz")), allow_pickle=False) as file:
        facts = json.loads(str(file[_FACTS]))
        weights = [file[key].astype(np.float32) for key in sorted(set(file.files) - {_FACTS})]
    return facts, weights
