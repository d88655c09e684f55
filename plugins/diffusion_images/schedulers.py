"""Schedulers by the names people know, on the model's own configuration. GPU thread."""

from __future__ import annotations

from typing import Any

_CLASSES: dict[str, tuple[str, dict[str, Any]]] = {
    "ddim": ("DDIMScheduler", {}),
    "euler": ("EulerDiscreteScheduler", {}),
    "euler ancestral": ("EulerAncestralDiscreteScheduler", {}),
    "dpm++ 2m": ("DPMSolverMultistepScheduler", {"use_karras_sigmas": False}),
    "dpm++ 2m karras": ("DPMSolverMultistepScheduler", {"use_karras_sigmas": True}),
    "unipc": ("UniPCMultistepScheduler", {}),
    "heun": ("HeunDiscreteScheduler", {}),
    "lcm": ("LCMScheduler", {}),
    "tcd": ("TCDScheduler", {}),
}
_DISTILLED = ("LCMScheduler", "TCDScheduler")
_DISTILLED_FROM_STEPS = 50


def make_scheduler(name: str, config: Any, prediction: str, steps: int) -> Any:
    """A fresh scheduler, set to its steps: state of one run must not leak into the next."""
    import diffusers

    overrides: dict[str, Any] = {} if prediction == "auto" else {"prediction_type": prediction}
    class_name, extra = (str(config["_class_name"]), {}) if name == "model" else _CLASSES[name]
    if class_name in _DISTILLED:
        # They take every n-th of the steps they were distilled from, and refuse to take more.
        most = int(config.get("original_inference_steps") or _DISTILLED_FROM_STEPS)
        extra = {**extra, "original_inference_steps": max(most, steps)}
    return getattr(diffusers, class_name).from_config(config, **extra, **overrides)
