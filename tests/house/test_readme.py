"""The README tells the truth about the commands there are."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_readme_names_only_targets_that_exist() -> None:
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    for page in ("README.md", "CONTRIBUTING.md", "studio/README.md"):
        text = (ROOT / page).read_text()
        named = set(
            re.findall(r"\bmake ([a-z]+)\b", "\n".join(re.findall(r"^ {4}.*|`[^`]+`", text, re.M)))
        )
        assert named <= targets, page


def test_ci_runs_the_linters_and_the_tests() -> None:
    script = (ROOT / ".ci" / "run").read_text()
    assert "make lint" in script
    assert "make test" in script


def test_relative_links_lead_somewhere() -> None:
    for page in ROOT.glob("**/*.md"):
        if {".venv", "node_modules", ".training"} & set(page.parts):
            continue
        for target in re.findall(r"\]\(([^)#:\s]+)\)", re.sub(r"`[^`\n]+`", "", page.read_text())):
            assert (page.parent / target).exists(), f"{page}: {target}"
