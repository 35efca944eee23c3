"""Where VModel keeps files: VMODEL_HOME, else the user's data folder."""

import os
from pathlib import Path


def default_home() -> Path:
    """Return the folder for services' files; it is not made before something is kept there."""
    configured = os.environ.get("VMODEL_HOME")
    if configured:
        return Path(configured).expanduser()
    from platformdirs import user_data_path

    return user_data_path("vmodel", appauthor=False)
