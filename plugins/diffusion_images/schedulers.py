"""Schedulers by the names people know, on the model's own configuration. GPU thread."""

from __future__ import annotations

import copy
import functools
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
KEPT = 8
"""For a distilled one each number of steps above those is another configuration."""


class Schedulers:
    """Those of one model. The last few stay built: reading a configuration takes longer than a small step."""

    def __init__(self, config: Any) -> None:
        self.config = config
        self._build = functools.lru_cache(KEPT)(functools.partial(_built, config))

    @property
    def built(self) -> int:
        """How many are kept."""
        return self._build.cache_info().currsize

    def fresh(self, name: str, prediction: str, steps: int) -> Any:
        """One that never ran, as its steps are asked for: state of one run must not leak into the next."""
        class_name = str(self.config["_class_name"]) if name == "model" else _CLASSES[name][0]
        most = 0
        if class_name in _DISTILLED:
            # They take every n-th of the steps they were distilled from, and refuse to take more.
            least = int(self.config.get("original_inference_steps") or _DISTILLED_FROM_STEPS)
            most = max(least, steps)
        return copy.deepcopy(self._build(name, class_name, prediction, most))


def _built(config: Any, name: str, class_name: str, prediction: str, most: int) -> Any:
    import diffusers

    told: dict[str, Any] = {} if name == "model" else dict(_CLASSES[name][1])
    if most:
        told["original_inference_steps"] = most
    if prediction != "auto":
        told["prediction_type"] = prediction
    return getattr(diffusers, class_name).from_config(config, **told)
