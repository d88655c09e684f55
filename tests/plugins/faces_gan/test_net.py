"""StyleGAN2's networks at tiny sizes."""

from __future__ import annotations

import math

import pytest
import torch

from studio_plugins.faces_gan.net import Discriminator, GanConfig, Generator, mix
from studio_plugins.faces_gan.net_discriminator import minibatch_deviation
from studio_plugins.faces_gan.net_layers import (
    Dense,
    Mapping,
    blur_filter,
    modulated_convolution,
    upsample,
)

TINY = GanConfig(
    z_dim=12, w_dim=16, resolution=16, channel_base=128, channel_max=16, mapping_layers=3
)
CONDITIONAL = GanConfig(
    z_dim=12, w_dim=16, c_dim=5, resolution=16, img_channels=8, channel_base=128, channel_max=16
)


def seeded(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def noisy(config: GanConfig) -> Generator:
    """A generator whose noise shows, as after training."""
    torch.manual_seed(1)
    net = Generator(config).eval()
    with torch.no_grad():
        for name, parameter in net.named_parameters():
            if name.endswith("noise_strength"):
                parameter.fill_(0.5)
    return net


@pytest.mark.parametrize("config", [TINY, CONDITIONAL], ids=["plain", "conditional"])
def test_generator_makes_pictures_of_the_configured_shape(config: GanConfig) -> None:
    c = torch.eye(5)[:3] if config.c_dim else None
    net = Generator(config)
    picture = net(torch.randn(3, 12, generator=seeded()), c)
    assert picture.shape == (3, config.img_channels, 16, 16)
    assert Discriminator(config)(picture, c).shape == (3, 1)


def test_parameters_are_named_and_shaped_as_in_published_checkpoints() -> None:
    shapes = {
        name: tuple(value.shape) for name, value in Generator(CONDITIONAL).state_dict().items()
    }
    assert len(shapes) == 2 * 8 + 2 + 1 + (1 + 1 + 7 + 4) + 2 * (1 + 7 + 7 + 4)
    expected = {
        "mapping.embed.weight": (16, 5),
        "mapping.fc0.weight": (16, 28),
        "mapping.fc7.bias": (16,),
        "mapping.w_avg": (16,),
        "synthesis.b4.const": (16, 4, 4),
        "synthesis.b4.conv1.affine.weight": (16, 16),
        "synthesis.b8.conv0.noise_strength": (),
        "synthesis.b16.conv0.noise_const": (16, 16),
        "synthesis.b16.conv0.weight": (8, 16, 3, 3),
        "synthesis.b16.torgb.weight": (8, 8, 1, 1),
        "synthesis.b8.resample_filter": (4, 4),
        "synthesis.b8.conv1.resample_filter": (4, 4),
    }
    assert {name: shapes.get(name) for name in expected} == expected
    critic = Discriminator(CONDITIONAL).state_dict()
    assert {
        "b16.fromrgb.weight",
        "b16.conv0.bias",
        "b8.skip.weight",
        "b4.conv.weight",
        "b4.out.bias",
        "mapping.fc7.weight",
    } <= set(critic)
    assert "b16.skip.bias" not in critic
    assert "b8.fromrgb.weight" not in critic
    assert "mapping.w_avg" not in critic


def test_channels_follow_the_rule_or_the_list() -> None:
    assert GanConfig(resolution=1024).channels_at(1024) == 32
    assert GanConfig(resolution=1024).channels_at(64) == 512
    assert GanConfig(resolution=1024).num_ws == 18
    listed = GanConfig(resolution=16, channels=(9, 7, 5))
    assert [listed.channels_at(r) for r in listed.resolutions] == [9, 7, 5]


@pytest.mark.parametrize("wrong", [{"resolution": 24}, {"resolution": 16, "channels": (1, 2)}])
def test_config_that_can_not_be_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="must"):
        GanConfig(**wrong)


def test_equalised_learning_rate_keeps_variance_and_scales_the_step() -> None:
    torch.manual_seed(2)
    fast, slow = Dense(256, 256), Dense(256, 256, learning_rate=0.01)
    x = torch.randn(512, 256)
    for layer in (fast, slow):
        assert layer(x).std().item() == pytest.approx(1, abs=0.05)
    assert slow.weight.std().item() == pytest.approx(100, rel=0.05)
    for layer in (fast, slow):
        layer(x).sum().backward()
    assert fast.weight.grad is not None
    assert slow.weight.grad is not None
    ratio = slow.weight.grad.norm() / fast.weight.grad.norm()
    assert ratio.item() == pytest.approx(0.01, rel=1e-3)


@pytest.mark.parametrize("up", [False, True])
def test_modulated_convolution_equals_scaling_the_weights_themselves(up: bool) -> None:
    """Against the paper's equations 1 and 3, picture by picture."""
    torch.manual_seed(3)
    x, weight, styles = torch.randn(2, 5, 6, 6), torch.randn(4, 5, 3, 3), torch.rand(2, 5) + 0.5
    got = modulated_convolution(x, weight, styles, demodulate=True, up=up, taps=blur_filter())
    for index in range(2):
        scaled = weight * styles[index][None, :, None, None]
        scaled = scaled / (scaled.square().sum((1, 2, 3), keepdim=True) + 1e-8).sqrt()
        if up:
            full = torch.nn.functional.conv_transpose2d(
                x[index : index + 1], scaled.transpose(0, 1), stride=2
            )
            taps = (4 * blur_filter()).expand(4, 1, 4, 4)
            expected = torch.nn.functional.conv2d(full, taps, padding=1, groups=4)
        else:
            expected = torch.nn.functional.conv2d(x[index : index + 1], scaled, padding=1)
        torch.testing.assert_close(got[index : index + 1], expected, rtol=1e-4, atol=1e-5)


def test_demodulation_brings_deviation_to_one_whatever_the_style() -> None:
    torch.manual_seed(4)
    x = torch.randn(4, 64, 32, 32)
    styles = torch.rand(4, 64) * 30
    y = modulated_convolution(
        x, torch.randn(32, 64, 3, 3), styles, demodulate=True, up=False, taps=blur_filter()
    )
    inner = y[:, :, 2:-2, 2:-2]
    assert inner.std().item() == pytest.approx(1, abs=0.05)


def test_upsampling_keeps_brightness_and_symmetry() -> None:
    flat = upsample(torch.ones(1, 2, 8, 8), blur_filter())
    torch.testing.assert_close(flat[:, :, 2:-2, 2:-2], torch.ones(1, 2, 12, 12))
    x = torch.randn(1, 1, 6, 6, generator=seeded())
    torch.testing.assert_close(
        upsample(x.flip(3), blur_filter()), upsample(x, blur_filter()).flip(3)
    )


def test_upsampling_convolution_is_not_shifted_against_the_skip() -> None:
    """A point in the middle stays in the middle, or layers and pictures would drift apart."""
    x = torch.zeros(1, 1, 8, 8)
    x[0, 0, 3:5, 3:5] = 1
    weight = torch.zeros(1, 1, 3, 3)
    weight[0, 0, 1, 1] = 1
    y = modulated_convolution(
        x, weight, torch.ones(1, 1), demodulate=False, up=True, taps=blur_filter()
    )
    torch.testing.assert_close(y, y.flip(2).flip(3))
    torch.testing.assert_close(y, upsample(x, blur_filter()))


@torch.no_grad()
def test_noise_modes_repeat_by_seed_and_differ() -> None:
    net = noisy(TINY)
    ws = net.styles(net.mapping(torch.randn(2, 12, generator=seeded())))
    const, none = net.synthesis(ws, "const"), net.synthesis(ws, "none")
    first = net.synthesis(ws, "random", seeded(7))
    torch.manual_seed(99)
    assert torch.equal(first, net.synthesis(ws, "random", seeded(7)))
    assert torch.equal(const, net.synthesis(ws, "const"))
    assert not torch.equal(first, net.synthesis(ws, "random", seeded(8)))
    assert not torch.equal(const, none)
    assert not torch.equal(first, const)


@torch.no_grad()
def test_truncation_reaches_w_avg_at_zero_and_leaves_w_at_one() -> None:
    net = Generator(TINY)
    w = net.mapping(torch.randn(2, 12, generator=seeded()))
    net.mapping.w_avg.copy_(torch.linspace(-1, 1, 16))
    mean = net.mapping.w_avg.expand(2, net.config.num_ws, 16)
    torch.testing.assert_close(net.styles(w, 0), mean)
    torch.testing.assert_close(net.styles(w, 1), w[:, None].expand(-1, net.config.num_ws, -1))
    torch.testing.assert_close(net.styles(w, 0.5)[:, 0], (w + net.mapping.w_avg) / 2)
    cut = net.styles(w, 0, cutoff=2)
    torch.testing.assert_close(cut[:, :2], mean[:, :2])
    torch.testing.assert_close(cut[:, 2], w)


@torch.no_grad()
def test_w_avg_follows_the_mean_w() -> None:
    mapping = Mapping(12, 0, 16, 2)
    w = torch.randn(64, 16, generator=seeded()) + 3
    for _ in range(200):
        mapping.follow(w, decay=0.9)
    torch.testing.assert_close(mapping.w_avg, w.mean(0), rtol=1e-4, atol=1e-4)


@torch.no_grad()
def test_mapping_does_not_see_the_length_of_z() -> None:
    mapping = Mapping(12, 0, 16, 2)
    z = torch.randn(3, 12, generator=seeded())
    torch.testing.assert_close(mapping(z), mapping(z * 10), rtol=1e-4, atol=1e-5)


@torch.no_grad()
def test_mixing_takes_coarse_and_fine_layers_from_two_faces() -> None:
    net = Generator(TINY)
    a, b = net.styles(net.mapping(torch.randn(2, 12, generator=seeded()))).unsqueeze(1)
    mixed = mix(a, b, range(3, net.config.num_ws))
    assert torch.equal(mixed[:, :3], a[:, :3])
    assert torch.equal(mixed[:, 3:], b[:, 3:])
    picture = net.synthesis(mixed)
    assert not torch.equal(picture, net.synthesis(a))
    assert not torch.equal(picture, net.synthesis(b))
    assert torch.equal(net.synthesis(mix(a, b, [])), net.synthesis(a))


@torch.no_grad()
def test_condition_changes_the_picture_and_the_judgement() -> None:
    net, critic = Generator(CONDITIONAL), Discriminator(CONDITIONAL)
    z = torch.randn(1, 12, generator=seeded()).expand(2, -1)
    pictures = net(z, torch.eye(5)[:2])
    assert not torch.allclose(pictures[0], pictures[1])
    same = pictures[:1].expand(2, -1, -1, -1)
    scores = critic(same, torch.eye(5)[:2])
    assert not torch.allclose(scores[0], scores[1])


def test_gradients_reach_every_parameter() -> None:
    torch.manual_seed(5)
    net, critic = noisy(CONDITIONAL), Discriminator(CONDITIONAL)
    c = torch.eye(5)[:4]
    picture = net(torch.randn(4, 12), c, noise="random", generator=seeded())
    critic(picture, c).sum().backward()
    for module in (net, critic):
        for name, parameter in module.named_parameters():
            assert parameter.grad is not None, name
            assert parameter.grad.abs().sum() > 0, name


def test_discriminator_can_be_differentiated_twice_for_r1() -> None:
    critic = Discriminator(TINY)
    real = torch.randn(4, 3, 16, 16, generator=seeded()).requires_grad_()
    (slope,) = torch.autograd.grad(critic(real).sum(), real, create_graph=True)
    torch.autograd.backward(slope.square().sum())
    weight = critic.get_parameter("b16.conv0.weight")
    assert weight.grad is not None
    assert weight.grad.abs().sum() > 0


def test_minibatch_deviation_is_zero_for_equal_pictures_and_tells_groups_apart() -> None:
    x = torch.randn(2, 3, 4, 4, generator=seeded())
    equal = minibatch_deviation(x[:1].expand(4, -1, -1, -1), 4, 1)
    assert equal[:, 3].abs().max().item() == pytest.approx(math.sqrt(1e-8), rel=1e-3)
    varied = minibatch_deviation(torch.cat([x, x * 5]), 2, 1)
    assert varied.shape == (4, 4, 4, 4)
    assert torch.equal(varied[0, 3], varied[2, 3])
    assert not torch.equal(varied[0, 3], varied[1, 3])
    with pytest.raises(ValueError, match="groups"):
        minibatch_deviation(torch.zeros(6, 3, 4, 4), 4, 1)


def test_clamp_bounds_every_layer() -> None:
    config = GanConfig(
        z_dim=4, w_dim=8, resolution=8, channel_base=64, channel_max=8, conv_clamp=0.1
    )
    net = Generator(config)
    picture = net(torch.randn(2, 4, generator=seeded()) * 9)
    assert picture.abs().max().item() <= 0.2 + 1e-6
    unbound = Generator(GanConfig(z_dim=4, w_dim=8, resolution=8, channel_base=64, channel_max=8))
    unbound.load_state_dict(net.state_dict())
    assert unbound(torch.randn(2, 4, generator=seeded()) * 9).abs().max().item() > 0.2


def test_wider_pictures_than_rgb_and_every_published_resolution_can_be_built() -> None:
    for resolution in (64, 128, 256, 512, 1024):
        with torch.device("meta"):
            net = Generator(GanConfig(resolution=resolution))
            assert net.synthesis(torch.empty(1, net.config.num_ws, 512, device="meta")).shape == (
                1,
                3,
                resolution,
                resolution,
            )
