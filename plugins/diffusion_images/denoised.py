"""What a picture would be if its noise went away at once: seen between steps. GPU thread."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import torch


class DenoisedEstimate:
    """Watches one scheduler's steps; adds nothing to them but a reference to what they were given."""

    def __init__(self, scheduler: Any) -> None:
        self._scheduler = scheduler
        self._seen: tuple[Any, Any, Any, Any] | None = None
        own_step = scheduler.step

        @functools.wraps(own_step)  # pipelines read its signature
        def step(
            model_output: Any,
            timestep: Any,
            sample: Any,
            *args: Any,
            return_dict: bool = True,
            **options: Any,
        ) -> Any:
            result = own_step(model_output, timestep, sample, *args, return_dict=True, **options)
            self._seen = (result, model_output, timestep, sample)
            return result if return_dict else (result.prev_sample,)

        scheduler.step = step

    def latents(self) -> torch.Tensor | None:
        """The clean latents as the last step saw them; None if this scheduler can't tell."""
        if self._seen is None:
            return None
        result, model_output, timestep, sample = self._seen
        for name in ("pred_original_sample", "denoised"):
            told: torch.Tensor | None = getattr(result, name, None)
            if told is not None:
                return told
        # Multistep solvers keep what they made of the model's output: the clean latents, or noise.
        config = self._scheduler.config
        kept = getattr(self._scheduler, "model_outputs", None)
        if kept and (
            config.get("predict_x0")
            or str(config.get("algorithm_type", "")).endswith("dpmsolver++")
        ):
            solved: torch.Tensor | None = kept[-1]
            return solved
        if getattr(self._scheduler, "sigmas", None) is None:
            return self._from_alphas(model_output, timestep, sample)
        return None

    def _from_alphas(self, model_output: Any, timestep: Any, sample: Any) -> torch.Tensor | None:
        """For a variance-preserving scheduler that doesn't say, such as PNDM.

        Source: DDIM, equation 12 (arXiv:2010.02502); v-prediction, appendix D of arXiv:2202.00512.
        """
        alphas = getattr(self._scheduler, "alphas_cumprod", None)
        if alphas is None:
            return None
        alpha = float(alphas[int(timestep)])
        signal, noise = alpha**0.5, (1 - alpha) ** 0.5
        if self._scheduler.config.get("prediction_type") == "v_prediction":
            by_velocity: torch.Tensor = signal * sample - noise * model_output
            return by_velocity
        by_noise: torch.Tensor = (sample - noise * model_output) / signal
        return by_noise
