"""The models' cards: only measured figures, and what the program reads of them."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import torch
from safetensors.torch import save_file

from studio_plugins.diffusion_images.recommending import recommended

Recipe = Callable[[str], ModuleType]
MODELS = Path(__file__).parents[2] / "resources" / "models"

DISTANCES = {
    "pictures": [500, 2000],
    "kid": {"mean": 0.0123, "deviation": 0.0045},
    "kid_of_training_renders": {"mean": 0.0001, "deviation": 0.0002},
    "fid": 7.891,
    "fid_of_training_renders": 1.234,
}
FIGURES: dict[str, Any] = {
    "measured_on": {"processor": "Abacus", "cores": 2, "instructions": "AVX2", "threads": 1},
    "trained": {"minutes": 31.7, "steps": 4321},
    "recipe": {
        "commit": "abc1234",
        "portraits": {"train": 20000, "test": 2000},
        "judge": {"accuracy": {"hair": 0.991, "mouth": 0.987}},
    },
    "test_portraits": 2000,
    "psnr_db": {"mean": 33.333, "least": 28.1, "5_percent": 30.123},
    "edges": {"renders": 10.0, "reconstructions": 9.0},
    "accuracy_of_renders": {"mouth": {"asked": 2000, "read_back": 0.987}},
    "accuracy_of_reconstructions": {"mouth": {"asked": 2000, "read_back": 0.951}},
    "legible": {"mouth": 0.9632},
    "distances": DISTANCES,
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "portrait-vae"
    made.mkdir()
    save_file({"a": torch.zeros(40, 25), "b": torch.zeros(500)}, made / "x.safetensors")
    (made / "config.json").write_text('{"_class_name": "AutoencoderKL", "latent_channels": 8}')
    return made


def test_card_says_the_measured_figures(recipe: Recipe, folder: Path) -> None:
    text = recipe("cards").card(folder, FIGURES)
    for said in ("33.33 dB", "96.3 %", "0.0123 ± 0.0045", "abc1234", "31.7 minutes", "Abacus"):
        assert said in text
    assert "0.00 million parameters" in text
    assert "latent channels 8" in text


def test_card_names_as_a_limit_what_pictures_often_miss(recipe: Recipe, folder: Path) -> None:
    accuracy = {"hair": {"asked": 9, "read_back": 0.21}, "skin": {"asked": 9, "read_back": 0.93}}
    weak = {**FIGURES, "runs": {"en": {"accuracy": accuracy}}}
    assert "it often misses what is asked. Right of the pictures: hair (21%)." in recipe(
        "cards"
    ).card(folder, weak)
    assert "often misses" not in recipe("cards").card(folder, FIGURES)


def test_card_shows_mouths_and_extras_by_what_is_asked(recipe: Recipe) -> None:
    accuracy = {
        "mouth": {"asked": 5, "read_back": 0.6, "by_value": {"sad": 0.25, "laughing": 1.0}},
        "hair": {"asked": 9, "read_back": 0.5, "by_value": {"short": 0.5}},
    }
    said = recipe("card_figures").paragraphs(
        "portrait-draft",
        {**FIGURES, "runs": {"en, 4 steps": {"pictures": 9, "accuracy": accuracy}}},
    )
    text = "\n".join(said)
    assert "| run | laughing | sad |" in text
    assert "| en, 4 steps | 100.0 % | 25.0 % |" in text
    assert "short" not in text


def test_draft_s_card_says_what_it_learned_from_and_how_the_whole_model_does(
    recipe: Recipe,
) -> None:
    beside = {
        "run": "whole, 20 steps",
        "pictures": 400,
        "kid": {"mean": 0.0987, "deviation": 0.001},
    }
    run = {"pictures": 400, "accuracy": {}, "beside": beside}
    told = recipe("card_figures").paragraphs(
        "portrait-draft", {**FIGURES, "runs": {"4 steps": run}}
    )
    assert "whole, 20 steps, 400 pictures: KID 0.0987 ± 0.0010." in "\n".join(told)
    figures = {**FIGURES, "trained": {"ways": 2528}}
    assert "2,528 of portrait-diffusion's own ways" in recipe("cards")._origin(figures)


def test_card_has_what_the_program_reads(recipe: Recipe, folder: Path) -> None:
    lines = recipe("cards").card(folder, FIGURES).splitlines()
    assert "license: mit" in lines
    assert any(line.startswith("Limits:") for line in lines)
    assert any("Lisa Wischofsky" in line for line in lines)


def test_cards_of_picture_models_recommend_what_the_program_takes(
    recipe: Recipe, tmp_path: Path
) -> None:
    cards = recipe("cards")
    for name, steps in (("portrait-diffusion", 20), ("portrait-draft", 4)):
        (tmp_path / name).mkdir()
        (tmp_path / name / "README.md").write_text(
            f"---\nlicense: mit\n{cards._recommended(name)}---\n", encoding="utf-8"
        )
        assert recommended(tmp_path / name)["steps"] == steps
    assert cards._recommended("portrait-vae") == ""


def test_card_shows_only_sheets_that_are_there(recipe: Recipe, folder: Path) -> None:
    cards = recipe("cards")
    assert "![" not in cards.card(folder, FIGURES)
    (folder / "portrait-vae.png").write_bytes(b"")
    assert "](portrait-vae.png)" in cards.card(folder, FIGURES)


def test_card_of_diffusion_lists_each_run(recipe: Recipe) -> None:
    run = {
        "pictures": 400,
        "accuracy": {"hair": {"asked": 300, "read_back": 0.9812}},
        "distances": DISTANCES,
    }
    figures = {**FIGURES, "runs": {"en, 20 steps": run, "zh, 20 steps": {**run, "pictures": 200}}}
    text = "\n".join(recipe("card_figures").paragraphs("portrait-diffusion", figures))
    assert "| en, 20 steps | 400 | 98.1 % |" in text
    assert "| zh, 20 steps | 200 | 98.1 % |" in text


def test_card_of_faces_says_differences_and_duplicates(recipe: Recipe) -> None:
    figures = {
        **FIGURES,
        "pictures": 1000,
        "psi": 1.0,
        "greatest_difference_in_points": {"hair": 8.25},
        "duplicates": {
            "seeds": 100, "threshold": 1.5, "threshold_is": "chance", "pairs": 3, "closest": 1.25,
        },
        "neighbours": {"pictures": 1000, "as_near_as_a_copy": {"made": 0.012, "test_renders": 0.009}},
    }  # fmt: skip
    text = "\n".join(recipe("card_figures").paragraphs("portrait-gan", figures))
    for said in ("| hair | 8.2 |", "Of 100 seeds 3 pairs", "1.25 apart", "1.2 % of 1,000", "0.9 %"):
        assert said in text


@pytest.mark.parametrize("name", sorted(path.parent.name for path in MODELS.glob("*/figures.json")))
def test_shipped_card_is_what_its_figures_say(recipe: Recipe, name: str) -> None:
    figures = json.loads((MODELS / name / "figures.json").read_text(encoding="utf-8"))
    text = (MODELS / name / "README.md").read_text(encoding="utf-8")
    assert text == recipe("cards").card(MODELS / name, figures)
