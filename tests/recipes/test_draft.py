"""The few-step variant's ways and loss, against diffusers' own DDIM."""

from __future__ import annotations

from collections.abc import Callable
from types import ModuleType, SimpleNamespace

import pytest
import torch
from torch import Tensor

Recipe = Callable[[str], ModuleType]


class Leaning(torch.nn.Module):
    """A denoiser whose answer depends on the noise, the time and the words, and on nothing else."""

    def forward(self, x: Tensor, times: Tensor, words: Tensor) -> SimpleNamespace:
        share = (times.float() / 1000)[:, None, None, None]
        return SimpleNamespace(sample=x * share + words.mean((1, 2))[:, None, None, None])


@pytest.fixture
def drawn() -> dict[str, Tensor]:
    seeded = torch.Generator().manual_seed(4)
    return {
        "noise": torch.randn(3, 8, 4, 4, generator=seeded),
        "words": torch.randn(3, 5, 6, generator=seeded),
        "no_words": torch.randn(3, 5, 6, generator=seeded),
    }


def test_a_way_is_what_the_scheduler_walks(recipe: Recipe, drawn: dict[str, Tensor]) -> None:
    paths, networks = recipe("draft_paths"), recipe("networks")
    unet, x = Leaning(), drawn["noise"]
    ways = paths.walk(unet, drawn["words"], drawn["no_words"], x)
    assert ways.shape == (3, paths.STRETCHES + 1, 8, 4, 4)
    scheduler = networks.make_scheduler()
    # 20 steps have whole distances; the ways' 16 are rounded. So compare one stretch's single steps.
    scheduler.set_timesteps(20)
    alphas = paths.all_alphas()
    for at, time in enumerate(scheduler.timesteps.tolist()):
        times = torch.full((3,), time)
        v = unet(x, times, drawn["words"]).sample
        ours = paths.step_down(alphas, x, v, times, (times - 50).clamp(min=-1))
        x = scheduler.step(v, time, x).prev_sample
        torch.testing.assert_close(ours, x, msg=f"step {at}")


def test_a_way_is_guided(recipe: Recipe, drawn: dict[str, Tensor]) -> None:
    paths = recipe("draft_paths")
    same = paths.walk(Leaning(), drawn["words"], drawn["words"], drawn["noise"])
    guided = paths.walk(Leaning(), drawn["words"], drawn["no_words"], drawn["noise"])
    assert torch.equal(same[:, 0], guided[:, 0])
    assert not torch.allclose(same[:, -1], guided[:, -1], atol=0.1)


def test_a_student_that_lands_where_the_way_goes_has_no_loss(
    recipe: Recipe, drawn: dict[str, Tensor]
) -> None:
    draft, paths = recipe("distil_draft"), recipe("draft_paths")
    alphas, unet = paths.all_alphas(), Leaning()
    x = drawn["noise"].repeat(1, 1, 4, 4)
    stretch = torch.tensor([0, 2, 3])
    begin = 999 - paths.STRETCH * stretch
    v = unet(x, begin, drawn["words"]).sample
    landed = paths.step_down(alphas, x, v, begin, (begin - paths.STRETCH).clamp(min=-1))
    ways = torch.zeros(3, paths.STRETCHES + 1, *x.shape[1:])
    ways[torch.arange(3), stretch] = x
    ways[torch.arange(3), stretch + 1] = landed

    def loss(away: float) -> float:
        def student(x: Tensor, times: Tensor, words: Tensor) -> SimpleNamespace:
            return SimpleNamespace(sample=unet(x, times, words).sample + away)

        return float(draft.crossing_loss(alphas, student, ways, stretch, drawn["words"]))

    assert loss(0.0) < 1e-10
    assert loss(0.5) == pytest.approx(0.25, rel=1e-3)
