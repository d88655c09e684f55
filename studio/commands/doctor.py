"""`studio doctor`: what this machine offers, each part with a verdict and a remedy."""

from __future__ import annotations

import importlib.metadata
import json
import os
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
from studio.io.video_encoders import can_write_mp4
from studio.jobs import device as devices
from studio.library.models import ModelStore
from studio.library.starters import starter_models

_QT_TRIAL = """
import PySide6.QtSvg, PySide6.QtWidgets
from PySide6.QtGui import QFontDatabase, QGuiApplication
application = QGuiApplication([])
print(len(QFontDatabase.families()))
"""
Verdict = Literal["good", "note", "bad"]
_REINSTALL = "Install folio-studio once more; with --debug this shows more."
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
            print(f"{_SIGNS[finding.verdict]} {finding.part:<12} {finding.text}")
            if finding.remedy:
                print(f"  {'':<12} → {finding.remedy}")
    return 1 if any(finding.verdict == "bad" for finding in findings) else 0


def examine() -> list[Finding]:
    """Every check in its own guard: a doctor must not fall ill."""
    paths = user_paths()
    checks: dict[str, Callable[[], list[Finding]]] = {
        "Python": _python,
        "Qt": _qt,
        "torch": lambda: _torch(paths),
        "films": _films,
        "memory": _memory,
        "disk": lambda: _folders(paths),
        "plugins": lambda: _plugins_and_models(paths),
    }
    findings: list[Finding] = []
    for part, check in checks.items():
        try:
            findings += check()
        except Exception as error:  # noqa: BLE001 - border: libraries in an unknown state
            findings.append(Finding(part, "bad", f"{type(error).__name__}: {error}", _REINSTALL))
    return findings


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
    # In a process of its own: a missing system library ends the process hard.
    environment = dict(os.environ)
    if not has_display():
        environment["QT_QPA_PLATFORM"] = "offscreen"
    done = subprocess.run(
        [sys.executable, "-c", _QT_TRIAL],
        capture_output=True,
        text=True,
        check=False,
        env=environment,
    )
    if done.returncode != 0:
        lines = done.stderr.strip().splitlines() or ["it ended without a word"]
        # A traceback says it at its end, Qt itself at its beginning.
        said = lines[-1] if "Error" in lines[-1] else lines[0]
        remedy = (
            "Mend the display it names, or use the command line."
            if "display" in said
            else "Install the library it names (on Debian: libegl1 libxkbcommon0 libxcb-cursor0)."
        )
        return [Finding("Qt", "bad", f"PySide6 {version} does not start: {said}", remedy)]
    findings = [Finding("Qt", "good", f"PySide6 {version}")]
    if sys.platform.startswith("linux") and done.stdout.strip() == "0":
        remedy = "Install a font, such as fonts-dejavu-core on Debian."
        findings.append(Finding("fonts", "note", "none found: no words would show", remedy))
    if has_display():
        findings.append(Finding("display", "good", "there is one"))
    else:
        findings.append(
            Finding("display", "note", "none here", "Use the command line, or xvfb-run studio.")
        )
    return findings


def _torch(paths: Paths) -> list[Finding]:
    settings, _ = SettingsFile(paths.settings_file).load()
    try:
        devices.prepare_torch(devices.limit_threads(devices.physical_cores()))
        facts = devices.facts_from_torch()
        choice = devices.choose_device(facts, settings.device, settings.dtype)
    except (ImportError, OSError) as error:
        return [Finding("torch", "bad", f"can't be imported: {error}", "pip install torch")]
    except StudioError as error:
        return [Finding("device", "bad", error.what, error.remedy)]
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


def _films() -> list[Finding]:
    try:
        import av
    except (ImportError, OSError) as error:
        return [Finding("films", "bad", f"PyAV can't be imported: {error}", "pip install av")]
    if not can_write_mp4():
        text = f"PyAV {av.__version__} lacks H.264: no MP4, only GIF, WebP and PNG"
        return [Finding("films", "note", text, "Install PyAV from PyPI: pip install av")]
    return [Finding("films", "good", f"PyAV {av.__version__} with H.264")]


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
