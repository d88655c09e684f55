"""StyleGAN2's residual discriminator, also conditional. Torch.

Source: Karras et al. 2020, "Analyzing and Improving the Image Quality of StyleGAN", figure 7 and appendix B;
minibatch deviation after Karras et al. 2018, section 3; the condition by projection after Miyato and Koyama
2018, as "Training Generative Adversarial Networks with Limited Data" has it. Written from the papers.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from .net_layers import Dense, Mapping, activate, blur, blur_filter

if TYPE_CHECKING:
    from .config import GanConfig

_HALF = math.sqrt(0.5)


class Convolution(nn.Module):
    """A convolution with an equalised learning rate; `down` blurs and halves the size."""

    resample_filter: Tensor

    def __init__(
        self,
        inputs: int,
        outputs: int,
        kernel: int,
        *,
        down: bool = False,
        plain: bool = False,
        clamp: float | None = None,
    ) -> None:
        """`plain` leaves bias and leaky ReLU out."""
        super().__init__()
        self.down, self.clamp = down, clamp
        self.weight = nn.Parameter(torch.randn(outputs, inputs, kernel, kernel))
        self.bias = None if plain else nn.Parameter(torch.zeros(outputs))
        self.register_buffer("resample_filter", blur_filter())
        self.gain = 1 / math.sqrt(inputs * kernel**2)

    def forward(self, x: Tensor, gain: float = 1.0) -> Tensor:
        weight = (self.weight * self.gain).to(x.dtype)
        kernel = weight.shape[2]
        if self.down and kernel == 1:
            x = F.conv2d(blur(x, self.resample_filter, pad=1, stride=2), weight)
        elif self.down:
            x = F.conv2d(blur(x, self.resample_filter, pad=kernel // 2 + 1), weight, stride=2)
        else:
            x = F.conv2d(x, weight, padding=kernel // 2)
        if self.bias is None:
            return x * gain
        clamp = None if self.clamp is None else self.clamp * gain
        return activate(x + self.bias[:, None, None].to(x.dtype), math.sqrt(2) * gain, clamp)


class DiscriminatorBlock(nn.Module):
    """One resolution: (N, C, H, W) to (N, C', H/2, W/2); the first one takes the picture."""

    def __init__(self, config: GanConfig, resolution: int) -> None:
        super().__init__()
        inputs, outputs = config.channels_at(resolution), config.channels_at(resolution // 2)
        clamp = config.conv_clamp
        if resolution == config.resolution:
            self.fromrgb = Convolution(config.img_channels, inputs, 1, clamp=clamp)
        self.conv0 = Convolution(inputs, inputs, 3, clamp=clamp)
        self.conv1 = Convolution(inputs, outputs, 3, down=True, clamp=clamp)
        self.skip = Convolution(inputs, outputs, 1, down=True, plain=True)

    def forward(self, x: Tensor) -> Tensor:
        if hasattr(self, "fromrgb"):
            x = self.fromrgb(x)
        skip: Tensor = self.skip(x, gain=_HALF)
        through: Tensor = self.conv1(self.conv0(x), gain=_HALF)
        return skip + through


def minibatch_deviation(x: Tensor, group_size: int, channels: int) -> Tensor:
    """(N, C + channels, H, W): how much the pictures of a group differ, as further channels.

    Groups are of pictures N / group_size apart; a smaller batch is one group.
    """
    count, depth, height, width = x.shape
    group = min(group_size, count)
    if count % group:
        raise ValueError(f"a batch of {count} can't be cut into groups of {group}")
    y = x.float().view(group, -1, channels, depth // channels, height, width)
    y = (y.var(0, unbiased=False) + 1e-8).sqrt().mean((2, 3, 4))
    y = y[:, :, None, None].repeat(group, 1, height, width)
    return torch.cat([x, y.to(x.dtype)], 1)


class Epilogue(nn.Module):
    """4 × 4: (N, C, 4, 4) to (N, outputs)."""

    def __init__(self, config: GanConfig, outputs: int) -> None:
        super().__init__()
        width = config.channels_at(4)
        self.group_size, self.channels = config.mbstd_group_size, config.mbstd_channels
        self.conv = Convolution(width + self.channels, width, 3, clamp=config.conv_clamp)
        self.fc = Dense(width * 16, width)
        self.out = Dense(width, outputs)

    def forward(self, x: Tensor) -> Tensor:
        if self.channels:
            x = minibatch_deviation(x, self.group_size, self.channels)
        x = activate(self.fc(self.conv(x).flatten(1)))
        y: Tensor = self.out(x)
        return y


class Discriminator(nn.Module):
    """How real pictures look, as logits."""

    def __init__(self, config: GanConfig) -> None:
        super().__init__()
        self.config = config
        for resolution in reversed(config.resolutions[1:]):
            setattr(self, f"b{resolution}", DiscriminatorBlock(config, resolution))
        width = config.channels_at(4)
        self.b4 = Epilogue(config, width if config.c_dim else 1)
        if config.c_dim:
            self.mapping = Mapping(
                0,
                config.c_dim,
                width,
                config.d_mapping_layers,
                learning_rate=config.mapping_learning_rate,
                tracks=False,
            )

    def features(self, picture: Tensor) -> list[Tensor]:
        """What each resolution sees, finest first: (N, C, R/2, R/2), … (N, C, 4, 4)."""
        seen, x = [], picture
        for resolution in reversed(self.config.resolutions[1:]):
            x = getattr(self, f"b{resolution}")(x)
            seen.append(x)
        return seen

    def forward(self, picture: Tensor, c: Tensor | None = None) -> Tensor:
        """(N, img_channels, R, R) and (N, c_dim) to (N, 1). N: a multiple of the group size, or below."""
        x: Tensor = self.b4(self.features(picture)[-1])
        if self.config.c_dim:
            condition = self.mapping(None, c)
            x = (x * condition).sum(1, keepdim=True) / math.sqrt(condition.shape[1])
        return x
