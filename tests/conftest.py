"""Fixtures for all tests: no display, no network, everything in a temporary home."""

from __future__ import annotations

import os

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
os.environ["HF_HUB_OFFLINE"] = "1"
os.environ["TRANSFORMERS_OFFLINE"] = "1"
os.environ["DIFFUSERS_OFFLINE"] = "1"
os.environ["TOKENIZERS_PARALLELISM"] = "false"

# Every Python process that a test starts gets the same guard, through its site start-up.
_GUARDED_SITE = os.path.join(os.path.dirname(__file__), "support", "guarded_site")
os.environ["PYTHONPATH"] = os.pathsep.join(
    part for part in (_GUARDED_SITE, os.environ.get("PYTHONPATH", "")) if part
)
os.environ["FOLIO_TEST_NETWORK_GUARD"] = "1"

from pathlib import Path

import hypothesis
import pytest

from tests.support.network import forbid_network

# No test is timed: on a busy machine an example's time says nothing about the code.
hypothesis.settings.register_profile("folio", deadline=None)
hypothesis.settings.load_profile("folio")


@pytest.fixture(autouse=True)
def folio_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Each test has a home of its own, so nothing touches the person's files."""
    home = tmp_path / "folio-home"
    monkeypatch.setenv("FOLIO_HOME", str(home))
    return home


@pytest.fixture(scope="session", autouse=True)
def _no_network() -> None:
    forbid_network()
