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
}


def make_scheduler(name: str, config: Any, prediction: str) -> Any:
    """A fresh scheduler: state of one run must not leak into the next."""
    import diffusers

    overrides: dict[str, Any] = {} if prediction == "auto" else {"prediction_type": prediction}
    if name == "model":
        own = getattr(diffusers, str(config["_class_name"]))
        return own.from_config(config, **overrides)
    class_name, extra = _CLASSES[name]
    return getattr(diffusers, class_name).from_config(config, **extra, **overrides)
