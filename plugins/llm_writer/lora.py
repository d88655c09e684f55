"""LoRA adapters: PEFT folders put on a transformers model and taken off again. GPU thread.

An adapter is added beside its layers as they run, so switching costs nothing and the model's own weights,
quantised or not, stay as they are. Source: Hu et al. 2021, "LoRA", section 4.1; the files as PEFT saves them.
"""

from __future__ import annotations

import json
import math
import re
from pathlib import Path
from typing import Any

from studio.api import ModelError, ModelFacts
from studio.api.weights import read_safetensors_header

CONFIG, WEIGHTS = "adapter_config.json", "adapter_model.safetensors"
FAMILY = "language_adapter"
_ROOT = "base_model.model."
_OTHER_KINDS = ("use_dora", "modules_to_save", "layer_replication", "megatron_config")


def recognise_adapter(path: Path) -> ModelFacts | None:
    """Facts about a PEFT folder; None if it is none. Reads headers only.

    Raises:
        ModelError: it is one, but of a kind that can't be used, or damaged.
    """
    if not (path / CONFIG).is_file():
        return None
    config = read_config(path)
    file = path / WEIGHTS
    if not file.is_file():
        raise ModelError(
            "This adapter has no safetensors weights.",
            where=str(path),
            remedy=f"Get it with the file {WEIGHTS}.",
        )
    base = str(config.get("base_model_name_or_path") or "")
    return ModelFacts(
        family=FAMILY,
        format="peft",
        architecture="LoRA",
        title=path.name,
        parameters=read_safetensors_header(file).parameters,
        notes=(f"Made for {base}.",) if base else (),
    )


def read_config(path: Path) -> dict[str, Any]:
    """Raises ModelError for anything but a plain LoRA."""
    try:
        config = json.loads((path / CONFIG).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ModelError(
            f"Its {CONFIG} can't be read: {error}.",
            where=str(path),
            remedy="Download the file once more.",
        ) from None
    kind = config.get("peft_type") if isinstance(config, dict) else None
    other = [name for name in _OTHER_KINDS if kind == "LORA" and config.get(name)]
    if kind != "LORA" or other or config.get("bias", "none") != "none":
        what = other[0] if other else kind if kind != "LORA" else "bias"
        raise ModelError(
            f"Only plain LoRA adapters can be used; this one has {what}.",
            where=str(path),
            remedy="Choose another adapter, or a model it is merged into.",
        )
    return dict(config)


class Adapters:
    """What is put on one model. At most one at a time."""

    def __init__(self, model: Any) -> None:
        self._model = model
        self._hooks: list[Any] = []
        self._on: tuple[Path, float] | None = None

    def put_on(self, path: Path | None, strength: float) -> bool:
        """Put this one on and take others off; says whether anything changed.

        Raises:
            ModelError: it is for another model, damaged, or of an unknown kind.
        """
        wanted = (path, strength) if path is not None and strength else None
        if wanted == self._on:
            return False
        self._take_off()
        if wanted is not None:
            try:
                self._put(wanted[0], strength)
            except BaseException:  # whatever it is, a cancel too: no half adapter stays on
                self._take_off()
                raise
            self._on = wanted
        return True

    def _take_off(self) -> None:
        for hook in self._hooks:
            hook.remove()
        self._hooks.clear()
        self._on = None

    def _put(self, path: Path, strength: float) -> None:
        import safetensors
        import safetensors.torch

        config = read_config(path)
        try:
            weights = safetensors.torch.load_file(path / WEIGHTS)
        except (OSError, safetensors.SafetensorError) as error:
            raise ModelError(
                f"The adapter can't be read: {error}.",
                where=str(path),
                remedy="Download it once more.",
            ) from None
        names = sorted({name.rpartition(".lora_")[0] for name in weights})
        for name in names:
            down, up = (weights.get(f"{name}.lora_{part}.weight") for part in "AB")
            layer = _layer(self._model, name.removeprefix(_ROOT))
            if layer is None or down is None or up is None or not _fits(layer, down, up):
                raise ModelError(
                    f"This adapter is for another model: {name.removeprefix(_ROOT) or 'a layer'} "
                    "has no counterpart here.",
                    where=str(path),
                    remedy="Choose the model it was made for.",
                )
            scale = strength * scale_of(config, name.removeprefix(_ROOT), int(down.shape[0]))
            self._hooks.append(layer.register_forward_hook(_beside(down, up, scale)))


def scale_of(config: dict[str, Any], layer: str, rank: int) -> float:
    """alpha / r; or alpha / √r where the adapter is rank-stabilised."""
    patterns = config.get("alpha_pattern") or {}
    found = [value for part, value in patterns.items() if re.fullmatch(rf"(.*\.)?({part})", layer)]
    alpha = float(found[0] if found else config.get("lora_alpha", rank))
    return alpha / (math.sqrt(rank) if config.get("use_rslora") else rank)


def _layer(model: Any, name: str) -> Any:
    try:
        return model.get_submodule(name) if name else None
    except AttributeError:
        return None


def _fits(layer: Any, down: Any, up: Any) -> bool:
    weight = getattr(layer, "weight", None)
    if callable(weight):  # of a quantised layer
        weight = weight()
    shape = sorted(weight.shape) if weight is not None else []
    return bool(down.shape[0] == up.shape[1] and sorted((down.shape[1], up.shape[0])) == shape)


def _beside(down: Any, up: Any, scale: float) -> Any:
    import torch

    def hook(module: Any, args: tuple[Any, ...], output: Any) -> Any:
        nonlocal down, up
        given = args[0]
        if down.device != given.device or down.dtype != given.dtype:
            down, up = down.to(given), up.to(given)
        added = torch.nn.functional.linear(torch.nn.functional.linear(given, down), up)
        return output + added.to(output.dtype) * scale

    return hook
