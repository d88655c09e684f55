"""From a picture to the w+ whose face is most like it, by gradients. GPU thread; torch inside functions.

The distance needs no weights from elsewhere. It looks at the picture in several sizes and at its edges, and
through what comes with the model: the autoencoder's encoder, whose latents the generator makes, or the
discriminator's layers.

Source: Karras et al. 2020, "Analyzing and Improving the Image Quality of StyleGAN", section 5 and appendix D
(optimisation in W with decaying noise); Abdal et al. 2019, "Image2StyleGAN" (one w per layer); Zhang et al.
2018, "The Unreasonable Effectiveness of Deep Features" (features of unit length).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from .faces import Floats, random_of
from .loading import FaceModel

if TYPE_CHECKING:
    from torch import Tensor

    from .net import Discriminator

_CANDIDATES = 48
_W_SAMPLES = 2000
_RATE, _WARM_UP, _COOL_DOWN = 0.1, 0.05, 0.3
_NOISE, _NOISE_UNTIL = 0.3, 0.6
_GAIN_THAT_COUNTS = 0.998
_WHITE = 0.99


@dataclass(frozen=True, eq=False)
class Progress:
    """After each step: how far it is, and the best so far."""

    step: int
    distance: float
    w: Floats


class Distance:
    """How unlike a picture what the generator makes is; 0 for the same."""

    def __init__(self, model: FaceModel, critic: Discriminator | None, target: Floats) -> None:
        """
        Args:
            critic: Its layers are used if the model has no encoder; may be None.
            target: (size, size, 3), -1..1, of the model's own size.
        """
        import torch

        self.model, self.critic = model, critic
        picture = torch.tensor(target, device=model.device).permute(2, 0, 1)[None]
        self.picture = picture
        self.sizes = _pyramid(picture)
        self.latent = None
        if model.vae is not None and model.vae.encoder is not None:
            with torch.no_grad():
                mean = model.vae.encode(picture).latent_dist.mean
                self.latent = (mean - model.mean) / model.deviation
        self.features = None
        if (
            critic is not None
            and self.latent is None
            and picture.shape[1] == model.config.img_channels
        ):
            with torch.no_grad():
                self.features = [_unit(layer) for layer in critic.features(picture)]

    def __call__(self, made: Tensor, *, quick: bool = False) -> Tensor:
        """Of what the generator made, (1, C, R, R). `quick` leaves the decoder out, where it can."""
        total: Tensor = made.new_zeros(())
        if self.latent is not None:
            total = total + (made - self.latent).square().mean()
            if quick:
                return total
        picture = self.model.decode(made)
        colours = picture.expand(-1, 3, -1, -1) if picture.shape[1] == 1 else picture[:, :3]
        # White is white, however far beyond white the generator goes.
        colours = colours.where(self.picture < _WHITE, colours.clamp(max=1))
        colours = colours.where(self.picture > -_WHITE, colours.clamp(min=-1))
        for ours, theirs in zip(_pyramid(colours), self.sizes, strict=True):
            total = total + (ours - theirs).abs().mean() + _edges(ours - theirs)
        if self.features is not None and self.critic is not None:
            for ours, theirs in zip(self.critic.features(colours), self.features, strict=True):
                total = total + (_unit(ours) - theirs).square().sum(1).mean()
        return total


def project(
    model: FaceModel,
    distance: Distance,
    seed: int,
    steps: int,
    patience: int,
    after_step: Callable[[Progress], bool],
) -> Progress:
    """The best w+ found.

    Args:
        patience: Stop after so many steps without gain.
        after_step: Told after each step; False stops, keeping the best. May raise, to cancel.
    """
    import torch

    with torch.inference_mode(False), torch.enable_grad():
        start, spread = _start(model, distance, seed)
        mean = torch.tensor(model.mean_w, device=model.device)
        w = torch.tensor(start, device=model.device)[None].requires_grad_()
        optimiser = torch.optim.Adam([w], lr=_RATE, betas=(0.9, 0.99))
        random = torch.Generator("cpu").manual_seed(seed)
        best = Progress(0, math.inf, start)
        last_gain = 0
        for step in range(steps):
            for group in optimiser.param_groups:
                group["lr"] = _RATE * spread * _ramp(step / steps)
            amount = _NOISE * spread * max(0.0, 1 - step / steps / _NOISE_UNTIL) ** 2
            noise = torch.randn(w.shape, generator=random).to(w.device) * amount
            made = model.generator.synthesis(w + noise, "const", None)
            near = distance(made)
            # Far off the mean nothing looks like a face, and can't be edited like one.
            loss = near + 0.002 * ((w - mean) / spread).square().mean()
            optimiser.zero_grad()
            torch.autograd.backward(loss)
            value = float(near.detach())
            if value < best.distance:
                last_gain = step if value < best.distance * _GAIN_THAT_COUNTS else last_gain
                best = Progress(step + 1, value, _rows(w + noise))
            if not after_step(Progress(step + 1, best.distance, best.w)):
                break
            if step - last_gain >= patience and step / steps > _NOISE_UNTIL:
                break
            optimiser.step()
        return best


def _start(model: FaceModel, distance: Distance, seed: int) -> tuple[Floats, float]:
    """The most alike of some faces, (num_ws, w_dim), and the usual deviation of w."""
    import torch

    random = random_of(seed)
    z = random.randn(_W_SAMPLES, model.config.z_dim).astype(np.float32)
    rows = [model.conditions.draw(random, {}) for _ in range(_W_SAMPLES)]
    drawn = [row for row in rows if row is not None]
    w = model.map(z, np.stack(drawn) if drawn else None)
    spread = float(w.std(0).mean()) or 1.0
    half_way = model.mean_w + np.float32(0.6) * (w[:_CANDIDATES] - model.mean_w)
    tried = [model.mean_w, *half_way]
    nearest, least = tried[0], math.inf
    with torch.no_grad():
        for candidate in tried:
            row = torch.tensor(candidate, device=model.device)
            ws = row.expand(1, model.config.num_ws, -1)
            value = float(distance(model.generator.synthesis(ws, "const", None), quick=True))
            if value < least:
                nearest, least = candidate, value
    return np.repeat(nearest[None], model.config.num_ws, 0).astype(np.float32), spread


def _ramp(fraction: float) -> float:
    """Up at the beginning, down along a cosine at the end (appendix D)."""
    up = min(1.0, (fraction + 1e-3) / _WARM_UP)
    down = min(1.0, (1 - fraction) / _COOL_DOWN)
    return up * (0.5 - 0.5 * math.cos(down * math.pi))


def _pyramid(picture: Tensor) -> list[Tensor]:
    """The picture, its half, and so on down to 8 pixels."""
    import torch.nn.functional as F

    sizes = [picture]
    while sizes[-1].shape[-1] >= 16:
        sizes.append(F.avg_pool2d(sizes[-1], 2))
    return sizes


def _edges(difference: Tensor) -> Tensor:
    across = (difference[..., :, 1:] - difference[..., :, :-1]).abs().mean()
    down = (difference[..., 1:, :] - difference[..., :-1, :]).abs().mean()
    return across + down


def _unit(features: Tensor) -> Tensor:
    return features * (features.square().sum(1, keepdim=True) + 1e-8).rsqrt()


def _rows(w: Tensor) -> Floats:
    array: Floats = w.detach()[0].float().cpu().numpy().copy()
    return array
