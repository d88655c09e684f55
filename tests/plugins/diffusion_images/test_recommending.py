"""What a model's card or its scheduler says of how it wants to be used."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from studio_plugins.diffusion_images.recommending import recommended

CARD = """---
license: mit
inference:
  parameters:
    num_inference_steps: 2
    guidance_scale: 0
    width: 96
    height: 64
    strength: 0.5
---

# A model
"""


def _folder(path: Path, *, card: str = "", scheduler: str = "", unet: dict[str, Any]) -> Path:
    for part, config in (
        ("scheduler/scheduler_config", {"_class_name": scheduler}),
        ("unet/config", unet),
    ):
        file = path / f"{part}.json"
        file.parent.mkdir(parents=True)
        file.write_text(json.dumps(config), encoding="utf-8")
    (path / "README.md").write_text(card, encoding="utf-8")
    return path


def test_the_cards_front_matter_is_believed(tmp_path: Path) -> None:
    for number, card in enumerate((CARD, CARD.replace("\n", "\r\n"))):
        folder = _folder(tmp_path / str(number), card=card, unet={})
        assert recommended(folder) == {
            "steps": 2, "guidance_scale": 1.0, "width": 96, "height": 64, "strength": 0.5,
        }  # fmt: skip


@pytest.mark.parametrize("scheduler", ["LCMScheduler", "TCDScheduler"])
def test_a_scheduler_for_few_steps_means_a_distilled_model(scheduler: str, tmp_path: Path) -> None:
    plain = _folder(tmp_path / "plain", scheduler=scheduler, unet={})
    assert recommended(plain) == {"steps": 4, "guidance_scale": 1.0}
    embedded = _folder(tmp_path / "lcm", scheduler=scheduler, unet={"time_cond_proj_dim": 256})
    assert recommended(embedded) == {"steps": 4, "guidance_scale": 8.0}
    told = _folder(tmp_path / "told", scheduler=scheduler, unet={}, card=CARD)
    assert recommended(told)["steps"] == 2


def test_trailing_steps_of_euler_mean_a_distilled_model_only_where_noise_is_predicted(
    tmp_path: Path,
) -> None:
    folder = _folder(tmp_path / "m", scheduler="", unet={})
    file = folder / "scheduler" / "scheduler_config.json"
    for kind, spacing, predicted, few in (
        ("EulerAncestralDiscreteScheduler", "trailing", "epsilon", True),
        ("EulerDiscreteScheduler", "trailing", "epsilon", True),
        ("EulerDiscreteScheduler", "leading", "epsilon", False),
        ("EulerDiscreteScheduler", "trailing", "v_prediction", False),
        ("DDIMScheduler", "trailing", "epsilon", False),
    ):
        config = {"_class_name": kind, "timestep_spacing": spacing, "prediction_type": predicted}
        file.write_text(json.dumps(config))
        assert recommended(folder) == ({"steps": 4, "guidance_scale": 1.0} if few else {})


def test_other_schedulers_recommend_nothing(tmp_path: Path) -> None:
    assert recommended(_folder(tmp_path / "a", scheduler="DDIMScheduler", unet={})) == {}
    assert recommended(tmp_path) == {}


@pytest.mark.parametrize(
    "head",
    [
        "inference: false",
        "inference:\n  parameters: [1, 2]",
        "inference:\n  parameters:\n    num_inference_steps: many",
        "inference:\n  parameters:\n    num_inference_steps: 100000\n    width: 33\n    guidance_scale: true",
        "- a list",
        "a: [unclosed",
        "a: &x [*x]",
        "a: !!python/object/apply:os.getcwd []",
        "[" * 5000,
    ],
)
def test_a_card_that_says_it_wrongly_says_nothing(head: str, tmp_path: Path) -> None:
    folder = _folder(tmp_path / "m", card=f"---\n{head}\n---\n", unet={})
    assert recommended(folder) == {}
