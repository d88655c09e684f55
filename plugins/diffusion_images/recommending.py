"""How a model wants to be used: what its card says, else what its scheduler lets one see. No torch.

A card is the README.md of a model's folder, with YAML between two lines of "---" at its head. Of that the
Hugging Face Hub's `inference: parameters:` is read, which its own widget obeys too:

    ---
    license: mit
    inference:
      parameters:
        num_inference_steps: 4
        guidance_scale: 0
    ---

Source: the Hub's documentation, "Model Cards" and "Widgets"; the names are diffusers' arguments.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

Recommended = dict[str, str | int | float | bool]

_MOST_CHARACTERS = 20_000
_FEW_STEPS = ("LCMScheduler", "TCDScheduler")
_TURBO = ("EulerDiscreteScheduler", "EulerAncestralDiscreteScheduler")
"""With trailing steps and noise predicted, so are SD-Turbo and SDXL-Turbo published; plain models are not."""
_STEPS = 4
_EMBEDDED_GUIDANCE = 8.0
"""What latent consistency models with the guidance as an input were shown with (arXiv:2310.04378)."""


def recommended(path: Path) -> Recommended:
    """By the names of this plugin's parameters; only what is within their ranges."""
    return _by_scheduler(path) | _by_card(_card(path))


def _by_scheduler(path: Path) -> Recommended:
    """A model that was distilled to few steps comes with a scheduler for few steps."""
    scheduler = _config(path, "scheduler/scheduler_config.json")
    kind = scheduler.get("_class_name")
    turbo = (
        kind in _TURBO
        and scheduler.get("timestep_spacing") == "trailing"
        and scheduler.get("prediction_type", "epsilon") == "epsilon"
    )
    if kind not in _FEW_STEPS and not turbo:
        return {}
    embedded = _config(path, "unet/config.json").get("time_cond_proj_dim") is not None
    return {"steps": _STEPS, "guidance_scale": _EMBEDDED_GUIDANCE if embedded else 1.0}


def _by_card(card: str) -> Recommended:
    head = _front_matter(card)
    inference = head.get("inference")
    said = inference.get("parameters") if isinstance(inference, dict) else None
    if not isinstance(said, dict):
        return {}
    found: Recommended = {}
    steps = _number(said.get("num_inference_steps"), 1, 150)
    if steps is not None:
        found["steps"] = int(steps)
    guidance = _number(said.get("guidance_scale"), 0, 30)
    if guidance is not None:
        # Cards say 0 for "off" where the pipelines, and we, turn it off from 1 down.
        found["guidance_scale"] = max(1.0, guidance)
    strength = _number(said.get("strength"), 0.05, 1)
    if strength is not None:
        found["strength"] = strength
    for side in ("width", "height"):
        length = _number(said.get(side), 8, 4096)
        if length is not None and length % 8 == 0:
            found[side] = int(length)
    return found


def _number(said: object, least: float, most: float) -> float | None:
    if isinstance(said, bool) or not isinstance(said, int | float) or not least <= said <= most:
        return None
    return float(said)


def _front_matter(card: str) -> dict[str, Any]:
    import yaml

    opening, *rest = card.split("---\n", 2)
    if opening.strip() or len(rest) < 2:
        return {}
    try:
        head = yaml.safe_load(rest[0])
    except (yaml.YAMLError, RecursionError, ValueError):
        return {}  # its licence line and its limits are read all the same
    return head if isinstance(head, dict) else {}


def _card(path: Path) -> str:
    try:
        with (path / "README.md").open(encoding="utf-8", errors="replace") as file:
            return file.read(_MOST_CHARACTERS)
    except OSError:
        return ""


def _config(path: Path, name: str) -> dict[str, Any]:
    try:
        read = json.loads((path / name).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return read if isinstance(read, dict) else {}
