"""StyleGAN2's generator, with what describes it; the discriminator stands beside. Torch.

    config = GanConfig(resolution=16, img_channels=8, z_dim=128, w_dim=128, channel_max=256)
    generator, discriminator = Generator(config), Discriminator(config)
    w = generator.mapping(z, c)                      # (N, w_dim); generator.mapping.follow(w) while training
    pictures = generator.synthesis(generator.styles(w), noise="random", generator=seeded)
    scores = discriminator(pictures, c)              # (N, 1), logits

Source: Karras et al. 2020, "Analyzing and Improving the Image Quality of StyleGAN" (skip generator, residual
discriminator, figure 7), and Karras et al. 2020, "Training Generative Adversarial Networks with Limited Data"
(the conditional ones). Written from the papers; parameters are named as in the published checkpoints of
StyleGAN2-ADA, so that their weights load one to one.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from .config import GanConfig
from .net_discriminator import Discriminator
from .net_layers import Mapping, Noise, StyledConvolution, ToPicture, blur_filter, upsample

__all__ = ["Discriminator", "GanConfig", "Generator", "Noise"]


class SynthesisBlock(nn.Module):
    """The layers of one resolution: (N, C, H/2, W/2) to (N, C', H, W), and the picture so far."""

    resample_filter: Tensor

    def __init__(self, config: GanConfig, resolution: int) -> None:
        super().__init__()
        self.first = resolution == 4
        outputs, clamp = config.channels_at(resolution), config.conv_clamp
        self.register_buffer("resample_filter", blur_filter())
        if self.first:
            self.const = nn.Parameter(torch.randn(outputs, 4, 4))
        else:
            inputs = config.channels_at(resolution // 2)
            self.conv0 = StyledConvolution(
                inputs, outputs, config.w_dim, resolution, up=True, clamp=clamp
            )
        self.conv1 = StyledConvolution(
            outputs, outputs, config.w_dim, resolution, up=False, clamp=clamp
        )
        self.torgb = ToPicture(outputs, config.img_channels, config.w_dim, clamp=clamp)

    def forward(
        self,
        x: Tensor | None,
        picture: Tensor | None,
        ws: Tensor,
        noise: Noise,
        generator: torch.Generator | None,
    ) -> tuple[Tensor, Tensor]:
        if x is None or picture is None:
            x = self.conv1(self.const.expand(len(ws), -1, -1, -1), ws[:, 0], noise, generator)
            first: Tensor = self.torgb(x, ws[:, 1])
            return x, first
        x = self.conv0(x, ws[:, 0], noise, generator)
        x = self.conv1(x, ws[:, 1], noise, generator)
        picture = upsample(picture, self.resample_filter) + self.torgb(x, ws[:, 2])
        return x, picture


class Synthesis(nn.Module):
    """One w per layer to a picture."""

    def __init__(self, config: GanConfig) -> None:
        super().__init__()
        self.resolutions = config.resolutions
        self.num_ws = config.num_ws
        for resolution in self.resolutions:
            setattr(self, f"b{resolution}", SynthesisBlock(config, resolution))

    def forward(
        self, ws: Tensor, noise: Noise = "const", generator: torch.Generator | None = None
    ) -> Tensor:
        """(N, num_ws, w_dim) to (N, img_channels, resolution, resolution), about -1..1.

        Args:
            noise: The grain that was trained ("const"), a new one drawn from `generator` ("random"), or none.
        """
        x: Tensor | None = None
        picture: Tensor | None = None
        at = 0
        for resolution in self.resolutions:
            block: SynthesisBlock = getattr(self, f"b{resolution}")
            x, picture = block(x, picture, ws[:, at : at + 3], noise, generator)
            at += 1 if block.first else 2
        assert picture is not None
        return picture


class Generator(nn.Module):
    """z, and a condition c if there is one, to a picture."""

    def __init__(self, config: GanConfig) -> None:
        super().__init__()
        self.config = config
        self.mapping = Mapping(
            config.z_dim,
            config.c_dim,
            config.w_dim,
            config.mapping_layers,
            learning_rate=config.mapping_learning_rate,
        )
        self.synthesis = Synthesis(config)

    def styles(self, w: Tensor, psi: float = 1.0, cutoff: int | None = None) -> Tensor:
        """One w for each layer, (N, num_ws, w_dim), from w (N, w_dim) or from one per layer already.

        Args:
            psi: Truncation: 1 leaves w, 0 makes it the mean w; below 0 mirrors it.
            cutoff: Truncate only so many layers, from the coarsest; None all.
        """
        if w.ndim == 2:
            w = w[:, None].expand(-1, self.config.num_ws, -1)
        if psi == 1:
            return w
        layers = self.config.num_ws if cutoff is None else cutoff
        truncated = self.mapping.w_avg.lerp(w[:, :layers], psi)
        return torch.cat([truncated, w[:, layers:]], 1)

    def forward(
        self,
        z: Tensor,
        c: Tensor | None = None,
        psi: float = 1.0,
        cutoff: int | None = None,
        noise: Noise = "const",
        generator: torch.Generator | None = None,
    ) -> Tensor:
        """(N, z_dim) and (N, c_dim) to (N, img_channels, resolution, resolution)."""
        styles = self.styles(self.mapping(z, c), psi, cutoff)
        picture: Tensor = self.synthesis(styles, noise, generator)
        return picture


def mix(first: Tensor, second: Tensor, layers: Sequence[int]) -> Tensor:
    """Style mixing: `first` (N, num_ws, w_dim) with the given layers taken from `second`.

    Source: Karras et al. 2019, "A Style-Based Generator Architecture", section 3.1.
    """
    mixed = first.clone()
    mixed[:, list(layers)] = second[:, list(layers)]
    return mixed
