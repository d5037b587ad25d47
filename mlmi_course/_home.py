"""The one place where the course keeps something on a reader's computer."""

from __future__ import annotations

import os
from pathlib import Path


def home() -> Path:
    """Return the folder of progress, data and cache: ``$MLMI_HOME``, or the user's data folder."""
    chosen = os.environ.get("MLMI_HOME")
    if chosen:
        return Path(chosen)
    from platformdirs import user_data_path

    return user_data_path("mlmi_course", appauthor=False)
