"""The layers StyleGAN2 is made of: equalised weights, blurred resampling, modulated convolution. Torch.

Source: Karras et al. 2020, "Analyzing and Improving the Image Quality of StyleGAN", sections 2 to 4 and
appendix B; equalised learning rate after Karras et al. 2018, "Progressive Growing of GANs", section 4.1.
Written from the papers; parameter names and shapes are those of published checkpoints. Every operation can
be differentiated twice, as R1 needs.
"""

from __future__ import annotations

import math
from typing import Literal

import torch
import torch.nn.functional as F
from torch import Tensor, nn

Noise = Literal["const", "random", "none"]
SLOPE = 0.2


def normalise_second_moment(x: Tensor) -> Tensor:
    """(N, C) with a mean square of one in each row."""
    return x * (x.square().mean(1, keepdim=True) + 1e-8).rsqrt()


def activate(x: Tensor, gain: float = math.sqrt(2), clamp: float | None = None) -> Tensor:
    """Leaky ReLU that keeps the variance; `clamp` bounds what comes out."""
    x = F.leaky_relu(x, SLOPE) * gain
    return x if clamp is None else x.clamp(-clamp, clamp)


def blur_filter() -> Tensor:
    """(4, 4): the outer product of 1, 3, 3, 1, summing to one."""
    line = torch.tensor([1.0, 3.0, 3.0, 1.0])
    return torch.outer(line, line) / line.sum() ** 2


def _depthwise(taps: Tensor, channels: int) -> Tensor:
    return taps.expand(channels, 1, *taps.shape)


def blur(x: Tensor, taps: Tensor, pad: int, stride: int = 1) -> Tensor:
    """(N, C, H, W) filtered by `taps` (4, 4), zeros around it."""
    weight = _depthwise(taps.to(x.dtype), x.shape[1])
    return F.conv2d(x, weight, stride=stride, padding=pad, groups=x.shape[1])


def upsample(x: Tensor, taps: Tensor) -> Tensor:
    """(N, C, H, W) to (N, C, 2H, 2W): zeros between the pixels, filtered; brightness kept."""
    weight = _depthwise(4 * taps.to(x.dtype), x.shape[1])
    return F.conv_transpose2d(x, weight, stride=2, padding=1, groups=x.shape[1])


class Dense(nn.Module):
    """A fully connected layer with an equalised learning rate: weights of unit variance, scaled in use."""

    def __init__(
        self, inputs: int, outputs: int, *, learning_rate: float = 1.0, bias_start: float = 0.0
    ) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.randn(outputs, inputs) / learning_rate)
        self.bias = nn.Parameter(torch.full((outputs,), bias_start / learning_rate))
        self.weight_gain = learning_rate / math.sqrt(inputs)
        self.bias_gain = learning_rate

    def forward(self, x: Tensor) -> Tensor:
        return F.linear(x, self.weight * self.weight_gain, self.bias * self.bias_gain)


class Mapping(nn.Module):
    """z (and a condition c) to w, (N, w_dim); `w_avg` follows the mean w.

    With `z_dim` 0 it embeds the condition alone, as the discriminator needs.
    """

    w_avg: Tensor

    def __init__(
        self,
        z_dim: int,
        c_dim: int,
        w_dim: int,
        layers: int,
        *,
        learning_rate: float = 0.01,
        tracks: bool = True,
    ) -> None:
        super().__init__()
        self.z_dim, self.c_dim, self.layers = z_dim, c_dim, layers
        if c_dim:
            self.embed = Dense(c_dim, w_dim)
        width = z_dim + (w_dim if c_dim else 0)
        for index in range(layers):
            setattr(self, f"fc{index}", Dense(width, w_dim, learning_rate=learning_rate))
            width = w_dim
        if tracks:
            self.register_buffer("w_avg", torch.zeros(w_dim))

    def forward(self, z: Tensor | None, c: Tensor | None = None) -> Tensor:
        """
        Args:
            z: (N, z_dim), normally distributed; None if `z_dim` is 0.
            c: (N, c_dim), one-hot for classes; None if `c_dim` is 0.
        """
        parts = []
        if self.z_dim:
            assert z is not None
            parts.append(normalise_second_moment(z))
        if self.c_dim:
            assert c is not None
            parts.append(normalise_second_moment(self.embed(c)))
        x = torch.cat(parts, 1)
        for index in range(self.layers):
            x = activate(getattr(self, f"fc{index}")(x))
        return x

    @torch.no_grad()
    def follow(self, w: Tensor, decay: float = 0.998) -> None:
        """Move `w_avg` towards the mean of a batch of w, (N, w_dim)."""
        self.w_avg.lerp_(w.detach().float().mean(0), 1 - decay)


def modulated_convolution(
    x: Tensor, weight: Tensor, styles: Tensor, *, demodulate: bool, up: bool, taps: Tensor
) -> Tensor:
    """Convolve each picture with weights scaled by its own style, (N, O, H', W').

    The input is scaled instead of the weights, and the output instead of normalising them (paper,
    section 2.2: equal, for the scales don't depend on place): one convolution serves the whole batch.

    Args:
        x: (N, I, H, W).
        weight: (O, I, k, k).
        styles: (N, I).
        demodulate: Bring each output's expected deviation to one.
        up: Double the height and width, blurred.
        taps: The blur's (4, 4) filter.
    """
    x = x * styles[:, :, None, None].to(x.dtype)
    if up:
        x = F.conv_transpose2d(x, weight.transpose(0, 1).to(x.dtype), stride=2)
        x = blur(x, 4 * taps, pad=1)
    else:
        x = F.conv2d(x, weight.to(x.dtype), padding=weight.shape[2] // 2)
    if demodulate:
        energy = styles.float().square() @ weight.float().square().sum((2, 3)).t()
        x = x * (energy + 1e-8).rsqrt()[:, :, None, None].to(x.dtype)
    return x


class StyledConvolution(nn.Module):
    """A modulated 3 × 3 convolution with noise, bias and leaky ReLU; `up` doubles the size."""

    noise_const: Tensor
    resample_filter: Tensor

    def __init__(
        self, inputs: int, outputs: int, w_dim: int, size: int, *, up: bool, clamp: float | None
    ) -> None:
        super().__init__()
        self.up, self.size, self.clamp = up, size, clamp
        self.affine = Dense(w_dim, inputs, bias_start=1.0)
        self.weight = nn.Parameter(torch.randn(outputs, inputs, 3, 3))
        self.noise_strength = nn.Parameter(torch.zeros([]))
        self.bias = nn.Parameter(torch.zeros(outputs))
        self.register_buffer("noise_const", torch.randn(size, size))
        self.register_buffer("resample_filter", blur_filter())

    def forward(
        self, x: Tensor, w: Tensor, noise: Noise, generator: torch.Generator | None
    ) -> Tensor:
        x = modulated_convolution(
            x, self.weight, self.affine(w), demodulate=True, up=self.up, taps=self.resample_filter
        )
        if noise == "const":
            x = x + (self.noise_const * self.noise_strength).to(x.dtype)
        elif noise == "random":
            # On the CPU, whatever the device: the same seed gives the same picture everywhere.
            grain = torch.randn(len(x), 1, self.size, self.size, generator=generator)
            x = x + (grain.to(x.device) * self.noise_strength).to(x.dtype)
        return activate(x + self.bias[:, None, None].to(x.dtype), clamp=self.clamp)


class ToPicture(nn.Module):
    """A modulated 1 × 1 convolution to the picture's channels, without demodulation."""

    def __init__(self, inputs: int, channels: int, w_dim: int, *, clamp: float | None) -> None:
        super().__init__()
        self.clamp = clamp
        self.affine = Dense(w_dim, inputs, bias_start=1.0)
        self.weight = nn.Parameter(torch.randn(channels, inputs, 1, 1))
        self.bias = nn.Parameter(torch.zeros(channels))
        self.gain = 1 / math.sqrt(inputs)

    def forward(self, x: Tensor, w: Tensor) -> Tensor:
        styles = self.affine(w) * self.gain
        x = modulated_convolution(
            x, self.weight, styles, demodulate=False, up=False, taps=self.weight
        )
        x = x + self.bias[:, None, None].to(x.dtype)
        return x if self.clamp is None else x.clamp(-self.clamp, self.clamp)
