"""Schedulers by the names people know, on the model's own configuration. GPU thread."""

from __future__ import annotations

import copy
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


class Schedulers:
    """Those of one model. Each is built once: reading a configuration takes longer than a small step."""

    def __init__(self, config: Any) -> None:
        self.config = config
        self._built: dict[tuple[str, str, int], Any] = {}

    def fresh(self, name: str, prediction: str, steps: int) -> Any:
        """One that never ran, as its steps are asked for: state of one run must not leak into the next."""
        own: tuple[str, dict[str, Any]] = (str(self.config["_class_name"]), {})
        class_name, extra = own if name == "model" else _CLASSES[name]
        most = 0
        if class_name in _DISTILLED:
            # They take every n-th of the steps they were distilled from, and refuse to take more.
            least = int(self.config.get("original_inference_steps") or _DISTILLED_FROM_STEPS)
            most = max(least, steps)
            extra = {**extra, "original_inference_steps": most}
        key = (name, prediction, most)
        if key not in self._built:
            import diffusers

            told = {} if prediction == "auto" else {"prediction_type": prediction}
            kind = getattr(diffusers, class_name)
            self._built[key] = kind.from_config(self.config, **extra, **told)
        return copy.deepcopy(self._built[key])
