import os
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def real_data(pytestconfig: pytest.Config) -> Path:
    """Folder of the real series, which are not part of the project."""
    folder = Path(os.environ.get("CROWDQUAKE_DATA", pytestconfig.rootpath.parent / "shared" / "data"))
    if not folder.is_dir():
        pytest.skip("the real series are not here: set CROWDQUAKE_DATA to their folder")
    return folder
