"""On the path of every Python process the tests start: the same network guard as in the tests."""

import os
import runpy
from pathlib import Path

if os.environ.get("FOLIO_TEST_NETWORK_GUARD") == "1":
    runpy.run_path(str(Path(__file__).parents[1] / "network.py"))["forbid_network"]()
