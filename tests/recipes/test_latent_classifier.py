"""The loss that tells the denoiser which named attribute its prediction doesn't show."""

from __future__ import annotations

from collections.abc import Callable
from types import ModuleType

import pytest
import torch

Recipe = Callable[[str], ModuleType]


@pytest.fixture
def latent_classifier(recipe: Recipe) -> ModuleType:
    return recipe("latent_classifier")


def test_attribute_loss_counts_only_what_the_captions_name(
    latent_classifier: ModuleType, recipe: Recipe
) -> None:
    caption = recipe("captions").Caption
    captions = [caption("laughing", frozenset({"mouth"})), caption("a face", frozenset())]
    logits = {"mouth": torch.zeros(2, 4), "extra": torch.zeros(2, 4)}
    targets = {"mouth": torch.tensor([1, 2]), "extra": torch.tensor([3, 0])}
    loss = latent_classifier.attribute_loss(
        logits, targets, captions, {"mouth": 0.5, "extra": 0.25}
    )
    # Nothing known of four values costs ln 4; one of the two captions names the mouth, none an extra.
    assert loss.item() == pytest.approx(0.5 * torch.tensor(4.0).log().item() / 2)


def test_attribute_loss_falls_as_the_named_value_is_seen(
    latent_classifier: ModuleType, recipe: Recipe
) -> None:
    captions = [recipe("captions").Caption("laughing", frozenset({"mouth"}))]
    targets = {"mouth": torch.tensor([1])}

    def loss(seen: int) -> float:
        logits = {"mouth": torch.nn.functional.one_hot(torch.tensor([seen]), 4) * 5.0}
        return float(latent_classifier.attribute_loss(logits, targets, captions, {"mouth": 1.0}))

    assert loss(1) < 0.1 < 4 < loss(0)


def test_latent_classifier_reads_every_attribute_and_hands_gradients_on(
    latent_classifier: ModuleType, recipe: Recipe
) -> None:
    classifier = latent_classifier.LatentClassifier().eval().requires_grad_(False)
    latents = torch.randn(2, 8, 16, 16, requires_grad=True)
    logits = classifier(latents)
    attributes = recipe("classifier").ATTRIBUTES
    assert {name: made.shape for name, made in logits.items()} == {
        name: (2, len(values)) for name, values in attributes.items()
    }
    logits["mouth"][0, 0].backward()
    assert latents.grad is not None
    assert latents.grad[0].abs().sum() > 0
    assert latents.grad[1].abs().sum() == 0
