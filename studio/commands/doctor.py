"""`studio doctor`: what this machine offers, each part with a verdict and a remedy."""

from __future__ import annotations

import importlib.metadata
import json
import platform
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Literal

import psutil

from studio.api.errors import StudioError
from studio.commands.window import has_display
from studio.host.plugins import PluginHost
from studio.io.paths import Paths, user_paths
from studio.io.settings_file import SettingsFile
from studio.jobs import device as devices
from studio.library.models import ModelStore
from studio.library.starters import starter_models

Verdict = Literal["good", "note", "bad"]
_SIGNS = {"good": "✓", "note": "•", "bad": "✗"}
GIB = devices.GIB


@dataclass(frozen=True)
class Finding:
    part: str
    verdict: Verdict
    text: str
    remedy: str = ""


def doctor(json_lines: bool) -> int:
    """Print the findings; 1 if something essential is missing."""
    findings = examine()
    for finding in findings:
        if json_lines:
            print(json.dumps(asdict(finding), ensure_ascii=False))
        else:
            print(f"{_SIGNS[finding.verdict]} {finding.part:<10} {finding.text}")
            if finding.remedy:
                print(f"  {'':<10} → {finding.remedy}")
    return 1 if any(finding.verdict == "bad" for finding in findings) else 0


def examine() -> list[Finding]:
    paths = user_paths()
    checks: list[Callable[[], list[Finding]]] = [
        _python,
        _qt,
        _torch,
        _memory,
        lambda: _folders(paths),
        lambda: _plugins_and_models(paths),
    ]
    return [finding for check in checks for finding in check()]


def _python() -> list[Finding]:
    version = platform.python_version()
    good = sys.version_info >= (3, 11)
    return [
        Finding(
            "Python",
            "good" if good else "bad",
            version,
            "" if good else "Install Python 3.11 or newer.",
        )
    ]


def _qt() -> list[Finding]:
    try:
        version = importlib.metadata.version("PySide6-Essentials")
    except importlib.metadata.PackageNotFoundError:
        return [
            Finding(
                "Qt", "bad", "PySide6-Essentials is missing", "pip install folio-studio once more."
            )
        ]
    # In a process of its own: a missing system library ends the import hard on some systems.
    code = "import PySide6.QtWidgets, PySide6.QtSvg"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        last = (done.stderr.strip().splitlines() or ["it ended without a word"])[-1]
        remedy = (
            "Install the system library it names (on Debian: libegl1 libxkbcommon0 libxcb-cursor0)."
        )
        return [Finding("Qt", "bad", f"PySide6 {version} can't be imported: {last}", remedy)]
    findings = [Finding("Qt", "good", f"PySide6 {version}")]
    if has_display():
        findings.append(Finding("display", "good", "there is one"))
    else:
        findings.append(
            Finding("display", "note", "none here", "Use the command line, or xvfb-run studio.")
        )
    return findings


def _torch() -> list[Finding]:
    try:
        devices.prepare_torch(devices.limit_threads(devices.physical_cores()))
        facts = devices.facts_from_torch()
        choice = devices.choose_device(facts)
    except (ImportError, OSError) as error:
        return [Finding("torch", "bad", f"can't be imported: {error}", "pip install torch")]
    version = importlib.metadata.version("torch")
    text = f"torch {version}; device {choice.device} ({choice.title}), {choice.dtype}"
    findings = [Finding("torch", "good", text)]
    if choice.device == "cpu":
        remedy = "Small models are quick enough; large picture models want a graphics card."
        findings.append(
            Finding("device", "note", "no GPU was found; everything runs on the CPU", remedy)
        )
    for name in ("diffusers", "transformers"):
        findings.append(Finding(name, "good", importlib.metadata.version(name)))
    try:
        findings.append(
            Finding("llama.cpp", "good", f"xllamacpp {importlib.metadata.version('xllamacpp')}")
        )
    except importlib.metadata.PackageNotFoundError:
        remedy = "pip install xllamacpp, where it has a wheel for this system."
        findings.append(
            Finding(
                "llama.cpp", "note", "not here: GGUF files are converted, which is slow", remedy
            )
        )
    return findings


def _memory() -> list[Finding]:
    memory = psutil.virtual_memory()
    text = f"{memory.available / GIB:.1f} GB free of {memory.total / GIB:.1f} GB"
    low = memory.available < 2 * GIB
    return [
        Finding("memory", "note" if low else "good", text, "Close other programs." if low else "")
    ]


def _folders(paths: Paths) -> list[Finding]:
    try:
        paths.make()
    except StudioError as error:
        return [Finding("folders", "bad", error.what, f"{error.where}: {error.remedy}")]
    free = shutil.disk_usage(paths.data).free
    low = free < 2 * GIB
    text = f"{paths.data}, {free / GIB:.1f} GB free"
    return [Finding("disk", "note" if low else "good", text, "Free some space." if low else "")]


def _plugins_and_models(paths: Paths) -> list[Finding]:
    settings, problems = SettingsFile(paths.settings_file).load()
    findings = [Finding("settings", "note", problem) for problem in problems]
    host = PluginHost(folder=paths.plugins, disabled=settings.disabled_plugins)
    host.load()
    for status in host.plugins:
        verdict: Verdict = "good" if status.state == "ready" else "note"
        text = f"{status.name}: {status.state}. {status.reason}".strip()
        findings.append(Finding("plugin", verdict, text))
    try:
        store = ModelStore(paths.models, recognise=host.recognise_model, starters=starter_models())
        models = store.all()
    except StudioError as error:
        return [*findings, Finding("models", "bad", error.what, error.remedy)]
    for family in ("language", "diffusion"):
        names = [info.id for info in models if info.facts.family == family]
        if names:
            findings.append(Finding("models", "good", f"{family}: {', '.join(names)}"))
        else:
            findings.append(
                Finding("models", "note", f"{family}: none yet", "studio models add PATH")
            )
    return findings
